"""The door for readers: typed answers from an archive, never a write.

with Archive.open("archive.db") as archive:
    for report in archive.reports(year=2024):
        print(report.publishers, archive.text(report.report_id))
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import captures, counting, parts, quarantine, references, schema, views
from archive.database import default_url, open_archive, place, reading
from archive.errors import UsageError
from archive.findings import (
    Document,
    Figure,
    Quarantined,
    Refusal,
    Report,
    ReportFigure,
    Run,
    Section,
    Stats,
    Target,
    Version,
)
from archive.records import FrontierKind, FrontierState, StoredCapture, Verdict
from archive.states import Change, ChangeKind

_T = TypeVar("_T")


class Archive:
    """An open archive, to be read. Each answer is one consistent snapshot.

    Every method raises ``DatabaseUnusable`` when the database fails.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

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

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def reports(
        self,
        *,
        portal: str | None = None,
        year: int | None = None,
        place: str | None = None,
        publisher: str | None = None,
        title: str | None = None,
        state: str | None = None,
        limit: int | None = None,
    ) -> list[Report]:
        """Reports, newest year first.

        Args:
            portal: key of the portal.
            year: the year reported on.
            place: part of the portal's name, or the beginning of its division code.
            publisher: part of a publisher's name, or its code.
            title: words that all stand in the title.
            state: see ``archive.states.DocumentState``.
            limit: at most so many.
        """
        ids = references.reports(portal=portal, year=year, place=place, publisher=publisher, title=title)
        view = views.reports.c
        query = sa.select(views.reports).order_by(view.year.desc().nulls_last(), view.report_id)
        if state is not None:
            return self._all(query.where(view.report_id.in_(ids), view.state == state).limit(limit), Report)
        # Limited by number first: the view works out its columns only for what is shown.
        some = ids.order_by(schema.report.c.year.desc().nulls_last(), schema.report.c.id).limit(limit)
        return self._all(query.where(view.report_id.in_(some)), Report)

    def count_reports(
        self,
        *,
        portal: str | None = None,
        year: int | None = None,
        place: str | None = None,
        publisher: str | None = None,
        title: str | None = None,
    ) -> int:
        """How many reports there are of the kind; arguments as of ``reports``."""
        ids = references.reports(portal=portal, year=year, place=place, publisher=publisher, title=title)
        with reading(self._engine) as connection:
            return int(
                connection.execute(sa.select(sa.func.count()).select_from(ids.subquery())).scalar_one()
            )

    def report(self, ref: str | int) -> Report:
        """The report that a reference names; see ``resolve``.

        Raises:
            UsageError: the reference is unknown or ambiguous, or names a document without a report.
        """
        report_id = ref if isinstance(ref, int) else self.resolve(ref).report_id
        found = self._all(
            sa.select(views.reports).where(views.reports.c.report_id == (report_id or 0)), Report
        )
        if not found:
            raise UsageError(
                f"{ref} names no report; `archive list` shows them, --unsure the doubtful documents"
            )
        return found[0]

    def documents(self, report_id: int) -> list[Document]:
        """The documents of a report, in the order they were found."""
        view = views.documents.c
        query = sa.select(views.documents).where(view.report_id == report_id).order_by(view.document_id)
        return self._all(query, Document)

    def annexes(self, document_ids: Iterable[int]) -> list[Document]:
        """The files beside these documents that are no reports of their own, in the order they were found."""
        view = views.documents.c
        query = sa.select(views.documents).where(
            view.parent_id.in_(set(document_ids)), view.role == FrontierKind.ANNEX
        )
        return self._all(query.order_by(view.document_id), Document)

    def document(self, document_id: int) -> Document:
        """One document.

        Raises:
            UsageError: there is none of that number.
        """
        found = self._all(
            sa.select(views.documents).where(views.documents.c.document_id == document_id), Document
        )
        if not found:
            raise UsageError(f"there is no document {document_id}")
        return found[0]

    def versions(self, report_id: int) -> list[Version]:
        """All versions of all documents of a report, oldest first within each document."""
        return self._versions(schema.document.c.report_id == report_id)

    def versions_of(self, document_id: int) -> list[Version]:
        """The versions of one document, oldest first."""
        return self._versions(schema.document.c.id == document_id)

    def text(self, report_id: int) -> str:
        """The text of a report as it stands today (or stood last).

        Raises:
            UsageError: there is no such report.
        """
        return self.text_of(self.report(report_id).text_sha256)

    def text_of(self, text_sha256: str) -> str:
        """The text behind a digest, as it was first read.

        Raises:
            UsageError: the archive holds no such text.
        """
        query = sa.select(schema.text_.c.content).where(schema.text_.c.sha256 == text_sha256)
        with reading(self._engine) as connection:
            content = connection.execute(query).scalar()
        if content is None:
            raise UsageError(f"the archive holds no text {text_sha256}")
        return str(content)

    def version(self, document_id: int, number: int | None = None) -> Version:
        """One version of a document; the newest if no number is given.

        Raises:
            UsageError: the document has no version of that number.
        """
        versions = self.versions_of(document_id)
        wanted = [version for version in versions if number in {None, version.number}]
        if not wanted:
            numbers = ", ".join(str(version.number) for version in versions) or "none"
            raise UsageError(f"there is no version {number} of document {document_id}; versions: {numbers}")
        return wanted[-1]

    def sections(self, report_id: int) -> list[Section]:
        """The sections of a report as it stands today, in the order of its text.

        Raises:
            UsageError: there is no such report.
        """
        report = self.report(report_id)
        return self.sections_of(report.document_id, report.version)

    def sections_of(self, document_id: int, number: int | None = None) -> list[Section]:
        """The sections of one version of a document; of the newest if no number is given."""
        with reading(self._engine) as connection:
            return parts.sections(connection, parts.version_id(document_id, number))

    def figures(self, report_id: int) -> list[Figure]:
        """The counted facts of a report as it stands today, in the order of its text.

        Raises:
            UsageError: there is no such report.
        """
        report = self.report(report_id)
        return self.figures_of(report.document_id, report.version)

    def figures_of(self, document_id: int, number: int | None = None) -> list[Figure]:
        """The counted facts of one version of a document; of the newest if no number is given."""
        with reading(self._engine) as connection:
            return parts.figures(connection, parts.version_id(document_id, number))

    def all_figures(
        self, *, year: int | None = None, measure: str | None = None, portal: str | None = None
    ) -> list[ReportFigure]:
        """The counted facts of all reports as they stand today, newest year first.

        Args:
            year: the year reported on.
            measure: what was counted, e.g. ``penalties``.
            portal: key of the portal.
        """
        with reading(self._engine) as connection:
            return parts.report_figures(connection, year=year, measure=measure, portal=portal)

    def capture(self, payload_sha256: str) -> StoredCapture:
        """The first capture of these bytes, with the bytes as received.

        Raises:
            UsageError: the archive holds no such bytes.
            DatabaseUnusable: they are damaged.
        """
        query = sa.select(sa.func.min(schema.capture.c.id)).where(
            schema.capture.c.payload_sha256 == payload_sha256
        )
        with reading(self._engine) as connection:
            capture_id = connection.execute(query).scalar()
            if capture_id is None:
                raise UsageError(f"the archive holds no bytes {payload_sha256}")
            return captures.load(connection, capture_id)

    def unsure(self, portal: str | None = None, *, limit: int | None = None) -> list[Document]:
        """Documents that a person has to look at, newest first."""
        view = views.documents.c
        query = sa.select(views.documents).where(view.verdict == Verdict.UNSURE)
        if portal is not None:
            query = query.where(view.portal_key == portal)
        return self._all(query.order_by(view.document_id.desc()).limit(limit), Document)

    def refused(self, portal: str | None = None, *, limit: int | None = None) -> list[Refusal]:
        """URLs that were not wanted, with their reasons, newest first."""
        row = schema.frontier.c
        query = (
            sa.select(
                schema.portal.c.key.label("portal_key"),
                row.url,
                row.title,
                row.reason,
                row.listed_date,
                row.column,
                row.last_checked.is_not(None).label("read"),
            )
            .join(schema.portal, schema.portal.c.id == row.portal_id)
            .where(row.state == FrontierState.REFUSED)
            .order_by(row.id.desc())
            .limit(limit)
        )
        return self._all(query if portal is None else query.where(schema.portal.c.key == portal), Refusal)

    def quarantine(
        self,
        portal: str | None = None,
        *,
        reason: str | None = None,
        state: str | None = None,
        limit: int | None = None,
    ) -> list[Quarantined]:
        """Readings that are not trusted, newest first.

        Args:
            portal: key of the portal.
            reason: see ``archive.records.DoubtKind``.
            state: see ``archive.states.QuarantineState``; without it, what is not decided.
            limit: at most so many.
        """
        with reading(self._engine) as connection:
            return quarantine.listed(connection, portal=portal, reason=reason, state=state, limit=limit)

    def quarantined(self, quarantine_id: int) -> Quarantined:
        """One reading that was not trusted, whatever became of it.

        Raises:
            UsageError: there is none of that number.
        """
        with reading(self._engine) as connection:
            return quarantine.entry(connection, quarantine_id)

    def runs(self, portal: str | None = None, *, limit: int | None = None) -> list[Run]:
        """Crawls, newest first."""
        row = schema.run.c
        query = (
            sa.select(
                row.id.label("run_id"),
                schema.portal.c.key.label("portal_key"),
                row.trigger,
                row.owner,
                row.code_version,
                row.started,
                row.heartbeat,
                row.finished,
                row.state,
                row.counters,
                row.summary,
            )
            .join(schema.portal, schema.portal.c.id == row.portal_id)
            .order_by(row.id.desc())
            .limit(limit)
        )
        return self._all(query if portal is None else query.where(schema.portal.c.key == portal), Run)

    def changes(self, since: int = 0, *, limit: int | None = None) -> list[Change]:
        """What happened after change number ``since``, in the order of commits.

        Whoever asks again with the last ``seq`` received misses nothing and sees nothing twice.
        """
        view = views.changes.c
        query = sa.select(views.changes).where(view.seq > since).order_by(view.seq).limit(limit)
        return self._changes(query)

    def changes_of(self, document_ids: Iterable[int]) -> list[Change]:
        """The changes of some documents, oldest first."""
        wanted = set(document_ids)
        view = views.changes.c
        query = sa.select(views.changes).where(view.document_id.in_(wanted)).order_by(view.seq)
        return self._changes(query)

    def stats(self) -> Stats:
        """The archive in numbers, all of one moment."""
        with reading(self._engine) as connection:
            return counting.stats(connection)

    def resolve(self, ref: str) -> Target:
        """What a person's reference names.

        Args:
            ref: a report number, the URL of a document, or words that together stand in the
                title, publishers, portal name or year of exactly one report (东丽 2024); failing
                that, in the title of exactly one doubtful document.

        Raises:
            UsageError: unknown, or ambiguous; the message names the matches.
        """
        with reading(self._engine) as connection:
            return references.resolve(connection, ref)

    def _versions(self, condition: sa.ColumnElement[bool]) -> list[Version]:
        version, extraction, capture = schema.version.c, schema.extraction.c, schema.capture.c
        query = (
            sa.select(
                version.document_id,
                version.number,
                schema.document.c.url,
                extraction.title,
                extraction.published,
                extraction.report_year,
                extraction.year_confidence,
                extraction.source,
                extraction.column,
                extraction.site_id_code,
                version.text_sha256,
                schema.text_.c.characters,
                extraction.extractor,
                extraction.version.label("extractor_version"),
                extraction.metadata,
                extraction.warnings,
                capture.fetched_at,
                capture.final_url,
                capture.status,
                capture.payload_sha256,
                version.first_seen,
                version.last_seen,
                extraction.missing_parts,
            )
            .join(schema.document, schema.document.c.id == version.document_id)
            .join(schema.extraction, extraction.id == version.extraction_id)
            .join(schema.capture, capture.id == extraction.capture_id)
            .join(schema.text_, schema.text_.c.sha256 == version.text_sha256)
            .where(condition)
            .order_by(version.document_id, version.number)
        )
        with reading(self._engine) as connection:
            return [
                Version(**{**row, "warnings": tuple(row["warnings"])})
                for row in connection.execute(query).mappings()
            ]

    def _changes(self, query: sa.Select[Any]) -> list[Change]:
        with reading(self._engine) as connection:
            return [
                Change(
                    kind=ChangeKind(row["kind"]),
                    portal=row["portal_key"],
                    **{name: value for name, value in row.items() if name not in {"kind", "portal_key"}},
                )
                for row in connection.execute(query).mappings()
            ]

    def _all(self, query: sa.Select[Any], kind: type[_T]) -> list[_T]:
        with reading(self._engine) as connection:
            return [kind(**row) for row in connection.execute(query).mappings()]
