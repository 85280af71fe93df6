"""The rows of an export, a hundred reports at a time, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import redaction, schema, views
from archive.citation import Citation
from archive.exporting.hidden import Hidden
from archive.exporting.selection import Selection
from archive.exporting.tables import CAPTURES, CHANGES, DOCUMENTS, FIGURES, REPORTS, SECTIONS, VERSIONS, Table
from archive.records import FrontierKind

PAGE = 100
"""Reports read at once: with their texts, sections and figures some megabytes."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some reports, with the rows of every wanted table that belong to them."""

    reports: Sequence[Row]
    rows: Mapping[str, Sequence[tuple[int, Row]]]
    """By name of the table: the report a row belongs to, and the row."""


def pages(
    connection: Connection,
    selection: Selection,
    hidden: Hidden,
    tables: Sequence[Table],
    *,
    size: int = PAGE,
) -> Iterator[Page]:
    """Everything selected, sorted by report and within it by the key of the table.

    Raises:
        UsageError: the selection names what is not there.
    """
    report = schema.report.c
    query = (
        selection.reports(connection).where(report.id > sa.bindparam("after")).order_by(report.id).limit(size)
    )
    reader = _Reader(connection, selection, hidden)
    after = 0
    while ids := list(connection.execute(query, {"after": after}).scalars()):
        after = ids[-1]
        if page := reader.page(ids, tables):
            yield page


class _Reader:
    def __init__(self, connection: Connection, selection: Selection, hidden: Hidden) -> None:
        self._connection = connection
        self._state = selection.state
        self._first_change = selection.first_change(connection)
        self._hidden = hidden
        self._others: dict[str, Callable[[list[int], Mapping[int, int]], list[tuple[int, Row]]]] = {
            DOCUMENTS.name: self._documents,
            VERSIONS.name: self._versions,
            SECTIONS.name: self._sections,
            FIGURES.name: self._figures,
            CAPTURES.name: self._captures,
            CHANGES.name: self._changes,
        }

    def page(self, ids: list[int], tables: Sequence[Table]) -> Page | None:
        view = views.reports
        query = sa.select(view).where(view.c.report_id.in_(ids)).order_by(view.c.report_id)
        if self._state is not None:
            query = query.where(view.c.state == self._state)
        reports = self._rows(query)
        if not reports:
            return None
        ids = [row["report_id"] for row in reports]
        owners = self._owners(ids)
        wanted = [table for table in tables if table is not REPORTS]
        return Page(
            self._described(reports, ids),
            {table.name: self._others[table.name](ids, owners) for table in wanted},
        )

    def _described(self, reports: list[Row], ids: list[int]) -> list[Row]:
        """With the origin of the standing text, and how to cite it."""
        version = views.report_versions.c
        query = sa.select(
            version.document_id, version.version, version.fetched_at, version.payload_sha256
        ).where(version.report_id.in_(ids))
        origins = {
            (row.document_id, row.version): (row.fetched_at, row.payload_sha256)
            for row in self._connection.execute(query)
        }
        described: list[Row] = []
        for row in reports:
            fetched_at, payload = origins[row["document_id"], row["version"]]
            citation = Citation(
                publishers=row["publishers"],
                title=row["title"],
                published=row["published"],
                url=row["url"],
                archived_at=fetched_at,
                text_sha256=row["text_sha256"],
            )
            described.append(
                {**row, "archived_at": fetched_at, "payload_sha256": payload, "citation": citation.line}
            )
        return described

    def _owners(self, ids: list[int]) -> dict[int, int]:
        """The documents of the reports and the files beside them, each with its report."""
        document = schema.document.c
        own = {
            row.id: row.report_id
            for row in self._connection.execute(
                sa.select(document.id, document.report_id).where(document.report_id.in_(ids))
            )
        }
        beside = self._connection.execute(
            sa.select(document.id, document.parent_id).where(
                document.parent_id.in_(own), document.role == FrontierKind.ANNEX
            )
        )
        return own | {row.id: own[row.parent_id] for row in beside if row.id not in own}

    def _documents(self, _ids: list[int], owners: Mapping[int, int]) -> list[tuple[int, Row]]:
        view = views.documents
        query = sa.select(view).where(view.c.document_id.in_(owners))
        rows = [{**row, "report_id": owners[row["document_id"]]} for row in self._rows(query)]
        return _sorted(rows, DOCUMENTS.key)

    def _versions(self, ids: list[int], _owners: Mapping[int, int]) -> list[tuple[int, Row]]:
        view = views.report_versions
        rows = self._rows(sa.select(view).where(view.c.report_id.in_(ids)))
        shown = [{**row, "text": None} if row["text_sha256"] in self._hidden.texts else row for row in rows]
        return _sorted(shown, VERSIONS.key)

    def _sections(self, ids: list[int], _owners: Mapping[int, int]) -> list[tuple[int, Row]]:
        view = views.report_sections
        return _sorted(self._shown(view, ids), SECTIONS.key)

    def _figures(self, ids: list[int], _owners: Mapping[int, int]) -> list[tuple[int, Row]]:
        view = views.report_figures
        return _sorted(self._shown(view, ids), FIGURES.key)

    def _shown(self, view: sa.TableClause, ids: list[int]) -> list[Row]:
        """Parts of the texts that are not withdrawn."""
        if self._hidden.texts:
            report = views.reports.c
            open_ids = sa.select(report.report_id).where(
                report.report_id.in_(ids),
                ~redaction.is_hidden(redaction.Kind.TEXT, report.text_sha256),
            )
            ids = list(self._connection.execute(open_ids).scalars())
        return self._rows(sa.select(view).where(view.c.report_id.in_(ids)))

    def _captures(self, _ids: list[int], owners: Mapping[int, int]) -> list[tuple[int, Row]]:
        capture = schema.capture.c
        query = (
            sa.select(
                schema.document.c.id.label("document_id"),
                capture.id.label("capture_id"),
                capture.part_of_id.label("part_of"),
                capture.part,
                capture.run_id,
                capture.url,
                capture.final_url,
                capture.redirects,
                capture.fetched_at,
                capture.status,
                capture.outcome,
                capture.detail,
                capture.headers,
                capture.media_type,
                capture.payload_sha256,
                schema.payload.c.size.label("payload_bytes"),
            )
            .join(schema.document, schema.document.c.frontier_id == capture.frontier_id)
            .outerjoin(schema.payload, schema.payload.c.sha256 == capture.payload_sha256)
            .where(schema.document.c.id.in_(owners))
        )
        rows = [{"report_id": owners[row["document_id"]], **row} for row in self._rows(query)]
        return _sorted(rows, CAPTURES.key)

    def _changes(self, ids: list[int], owners: Mapping[int, int]) -> list[tuple[int, Row]]:
        view = views.changes
        query = sa.select(view)
        if self._first_change is not None:
            query = query.where(view.c.seq >= self._first_change)
        of_documents = self._rows(query.where(view.c.document_id.in_(owners)))
        # Asked for in one query, SQLite would read the changes of no document once a page.
        of_reports = self._rows(query.where(view.c.report_id.in_(ids)))
        rows = [(owners[row["document_id"]], row) for row in of_documents]
        rows += [(row["report_id"], row) for row in of_reports if row["document_id"] is None]
        return sorted(rows, key=lambda found: (found[0], found[1]["seq"]))

    def _rows(self, query: sa.Select[Any]) -> list[Row]:
        return [dict(row) for row in self._connection.execute(query).mappings()]


def _sorted(rows: Sequence[Row], key: Sequence[str]) -> list[tuple[int, Row]]:
    """In the order of the key; sorted here, for databases differ in where they put nulls."""
    ordered = sorted(rows, key=lambda row: [(row[name] is not None, row[name] or 0) for name in key])
    return [(row["report_id"], row) for row in ordered]
