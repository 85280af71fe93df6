"""Reports, their documents, versions, texts, sections and figures: a part of ``archive.reader``."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from archive import parts, references, schema, views
from archive.errors import UsageError
from archive.findings import Document, Figure, Report, ReportFigure, Section, Target, Version
from archive.reader_base import Readings
from archive.records import FrontierKind


class ReportReadings(Readings):
    """What was published, and what became of it."""

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
        with self._reading() as connection:
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
            raise UsageError(f"there is no document {document_id}; `archive show REF` names them")
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
        with self._reading() as connection:
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
        with self._reading() as connection:
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
        with self._reading() as connection:
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
        with self._reading() as connection:
            return parts.report_figures(connection, year=year, measure=measure, portal=portal)

    def measures(self) -> list[str]:
        """What was counted in any report, by name."""
        query = sa.select(schema.figure.c.measure).distinct().order_by(schema.figure.c.measure)
        with self._reading() as connection:
            return list(connection.execute(query).scalars())

    def resolve(self, ref: str) -> Target:
        """What a person's reference names.

        Args:
            ref: a report number, the URL of a document, or words that together stand in the
                title, publishers, portal name or year of exactly one report (东丽 2024); failing
                that, in the title of exactly one doubtful document.

        Raises:
            UsageError: unknown, or ambiguous; the message names the matches.
        """
        with self._reading() as connection:
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
        with self._reading() as connection:
            return [
                Version(**{**row, "warnings": tuple(row["warnings"])})
                for row in connection.execute(query).mappings()
            ]
