"""The door for readers: typed answers from an archive, never a write.

with Archive.open("archive.db") as archive:
    for report in archive.reports(year=2024):
        print(report.publishers, archive.text(report.report_id))
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from archive import counting
from archive.database import default_url, open_archive, place, snapshot
from archive.findings import Stats
from archive.reader_bulk import BulkReadings
from archive.reader_coverage import CoverageReadings
from archive.reader_crawl import CrawlReadings
from archive.reader_identity import IdentityReadings
from archive.reader_reports import ReportReadings
from archive.reader_search import SearchReadings
from archive.reader_similar import SimilarReadings


class Archive(
    ReportReadings,
    CrawlReadings,
    BulkReadings,
    SimilarReadings,
    CoverageReadings,
    SearchReadings,
    IdentityReadings,
):
    """An open archive, to be read. Each answer is one consistent snapshot, several are in ``moment``.

    Every method raises ``DatabaseUnusable`` when the database fails.
    """

    @classmethod
    def open(cls, url_or_path: str | None = None) -> Archive:
        """Opens an archive for reading; by default ``ARCHIVE_URL`` or ``archive.db``.

        Raises:
            DatabaseUnusable: there is none, or it cannot be read.
            NewerSchema: a newer version of this program wrote it.
        """
        return cls(open_archive(url_or_path or default_url(), create=False, read_only=True))

    @property
    def place(self) -> str:
        """The archive's address, without password."""
        return place(self._engine)

    @contextmanager
    def moment(self) -> Iterator[Archive]:
        """The archive as it stands now, for several answers that have to agree: all of one snapshot.

        To be used by one thread, and not for long: PostgreSQL keeps what a snapshot may still show.
        """
        if self._moment is not None:
            yield self
            return
        with snapshot(self._engine) as connection:
            yield Archive(self._engine, connection)

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stats(self) -> Stats:
        """The archive in numbers, all of one moment."""
        with self._reading() as connection:
            return counting.stats(connection)
