"""Much at once: streams of typed rows and frames, each of one snapshot, in memory that stays flat."""

# mypy: disable-error-code=import-untyped
# (pandas brings no types)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import sqlalchemy as sa

from archive import feed, meta, references, views
from archive.feed import Cursor, Page
from archive.findings import Document, Report
from archive.meta import Facts
from archive.reader_base import Readings
from archive.states import Change

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from archive.atom import Written
    from archive.frames import Library

_T = TypeVar("_T")

_ROWS, _TEXTS = 1000, 50
"""Rows fetched at a time: short ones, and ones with their texts (10 to 100 kB each)."""


@dataclass(frozen=True, kw_only=True)
class ReportVersion:
    """A text that stood at a document of a report: a row of the view ``report_versions``."""

    report_id: int
    document_id: int
    version: int
    url: str
    document_state: str
    title: str | None
    published: date | None
    report_year: int | None
    report_kind: str | None
    text_sha256: str
    characters: int
    text: str | None
    """None only where texts were not asked for."""
    extractor: str
    extractor_version: str
    fetched_at: datetime
    payload_sha256: str | None
    first_seen: datetime
    last_seen: datetime
    redacted: datetime | None
    """When the text was withdrawn; None: it was not."""


class BulkReadings(Readings):
    """Streams, frames and the change feed: a part of ``archive.reader``.

    A stream is one read transaction from its first row to its end: use it up, or ``close()`` it.
    """

    def facts(self) -> Facts:
        """What the archive says of itself: its id, its epochs, the version of its contract."""
        with self._reading() as connection:
            return meta.facts(connection)

    def iter_reports(
        self,
        *,
        portal: str | None = None,
        year: int | None = None,
        place: str | None = None,
        publisher: str | None = None,
        title: str | None = None,
    ) -> Iterator[Report]:
        """All reports by number, as a stream; arguments as of ``reports``."""
        ids = references.reports(portal=portal, year=year, place=place, publisher=publisher, title=title)
        view = views.reports.c
        query = sa.select(views.reports).where(view.report_id.in_(ids)).order_by(view.report_id)
        return self._stream(query, Report, _ROWS)

    def iter_documents(self, *, portal: str | None = None) -> Iterator[Document]:
        """All documents by number, doubtful ones and annexes included, as a stream."""
        view = views.documents.c
        query = sa.select(views.documents).order_by(view.document_id)
        if portal is not None:
            query = query.where(view.portal_key == portal)
        return self._stream(query, Document, _ROWS)

    def iter_versions(
        self, *, portal: str | None = None, year: int | None = None, texts: bool = True
    ) -> Iterator[ReportVersion]:
        """All versions of all reports, by document and number, as a stream.

        Args:
            portal: key of the portal.
            year: the year reported on.
            texts: False leaves the texts out.
        """
        view = views.report_versions.c
        wanted = [
            sa.null().label("text") if column.name == "text" and not texts else column for column in view
        ]
        query = sa.select(*wanted).order_by(view.document_id, view.version)
        if portal is not None or year is not None:
            ids = references.reports(portal=portal, year=year)
            query = query.where(view.report_id.in_(ids))
        return self._stream(query, ReportVersion, _TEXTS if texts else _ROWS)

    def iter_changes(
        self, since: int = 0, *, portal: str | None = None, kind: str | None = None
    ) -> Iterator[Change]:
        """All changes after number ``since``, in the order of commits, as a stream.

        Who follows them for long should ask ``feed``, which notices a restore.
        """
        with self._reading() as connection:
            for entry in feed.follow(connection, meta.facts(connection), since, portal=portal, kind=kind):
                yield entry.change

    def feed(
        self,
        since: str | Cursor = "0",
        *,
        limit: int | None = None,
        portal: str | None = None,
        kind: str | None = None,
    ) -> Page:
        """What happened behind a cursor, in the order of commits.

        Handle the entries, keep ``page.cursor`` in the same transaction, ask again with it: nothing is
        missed and nothing seen twice. A page with ``reset`` has no entries: forget first what you
        learned from changes after ``reset.common``.

        Args:
            since: a cursor, as kept from the last page; ``"0"`` for all.
            limit: at most so many entries; ``page.more`` tells that there are further ones.
            portal: only of this portal (its key).
            kind: only of this kind, see ``archive.states.ChangeKind``.

        Raises:
            UsageError: not a cursor.
        """
        cursor = feed.parse(since) if isinstance(since, str) else since
        with self._reading() as connection:
            return feed.page(connection, cursor, limit=limit, portal=portal, kind=kind)

    def write_atom(
        self, path: Path, *, base_url: str | None = None, portal: str | None = None, kind: str | None = None
    ) -> Written:
        """Writes the changes as an Atom feed with archive pages; see ``archive.atom.write``."""
        from archive import atom

        with self._reading() as connection:
            return atom.write(connection, path, base_url=base_url, portal=portal, kind=kind)

    @overload
    def frame(
        self,
        view: str,
        library: Literal["pandas"] = "pandas",
        *,
        columns: Sequence[str] | None = None,
        **filters: object,
    ) -> pd.DataFrame: ...

    @overload
    def frame(
        self,
        view: str,
        library: Literal["polars"],
        *,
        columns: Sequence[str] | None = None,
        **filters: object,
    ) -> pl.DataFrame: ...

    def frame(
        self,
        view: str,
        library: Library = "pandas",
        *,
        columns: Sequence[str] | None = None,
        **filters: object,
    ) -> pd.DataFrame | pl.DataFrame:
        """A published view as a data frame: ``archive.frame("reports", "polars", year=[2023, 2024])``.

        Args:
            view: name of the view, see docs/archive.md.
            library: ``pandas`` or ``polars``.
            columns: only these; without, all.
            **filters: per column the value it must have; None for null, several values in a list.

        Raises:
            UsageError: no such view, column or library, or the library is not installed.
        """
        from archive import frames

        with self._reading() as connection:
            return frames.frame(connection, view, library, columns=columns, filters=filters)

    def _stream(self, query: sa.Select[Any], kind: type[_T], at_once: int) -> Iterator[_T]:
        with self._reading() as connection:
            rows = connection.execute(query, execution_options={"yield_per": at_once})
            for row in rows.mappings():
                yield kind(**row)
