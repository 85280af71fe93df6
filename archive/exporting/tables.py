"""The tables of an export: the published views of what is selected, and where each text came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from archive import views
from archive.dbtypes import Number, UtcTime


class Kind(StrEnum):
    """What a column holds."""

    INTEGER = "integer"
    TEXT = "text"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an exported table."""

    name: str
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of an export."""

    name: str
    columns: tuple[Column, ...]
    nested: str
    """Its key inside a report in JSONL; ``reports`` itself is the line."""
    key: tuple[str, ...]
    """Columns that name a row."""


def _kind(column: sa.ColumnClause[object]) -> Kind:
    for given, kind in (
        (UtcTime, Kind.TIME),
        (Number, Kind.NUMBER),
        (sa.Boolean, Kind.BOOLEAN),
        (sa.Integer, Kind.INTEGER),
        (sa.Date, Kind.DATE),
    ):
        if isinstance(column.type, given):
            return kind
    return Kind.TEXT


def _of(view: sa.TableClause) -> tuple[Column, ...]:
    return tuple(Column(column.name, _kind(column)) for column in view.c)


_REPORT_ID = Column("report_id", Kind.INTEGER)

REPORTS = Table(
    name="reports",
    columns=(
        *_of(views.reports),
        Column("archived_at", Kind.TIME),
        Column("payload_sha256", Kind.TEXT),
        Column("citation", Kind.TEXT),
    ),
    nested="",
    key=("report_id",),
)
DOCUMENTS = Table(
    name="documents", columns=_of(views.documents), nested="urls", key=("report_id", "document_id")
)
VERSIONS = Table(
    name="report_versions",
    columns=_of(views.report_versions),
    nested="versions",
    key=("report_id", "document_id", "version"),
)
SECTIONS = Table(
    name="report_sections",
    columns=_of(views.report_sections),
    nested="sections",
    key=("report_id", "position", "part"),
)
FIGURES = Table(
    name="report_figures", columns=_of(views.report_figures), nested="figures", key=("report_id", "position")
)
CAPTURES = Table(
    name="captures",
    columns=(
        _REPORT_ID,
        Column("document_id", Kind.INTEGER),
        Column("capture_id", Kind.INTEGER),
        Column("part_of", Kind.INTEGER),
        Column("part", Kind.INTEGER),
        Column("run_id", Kind.INTEGER),
        Column("url", Kind.TEXT),
        Column("final_url", Kind.TEXT),
        Column("redirects", Kind.JSON),
        Column("fetched_at", Kind.TIME),
        Column("status", Kind.INTEGER),
        Column("outcome", Kind.TEXT),
        Column("detail", Kind.TEXT),
        Column("headers", Kind.JSON),
        Column("media_type", Kind.TEXT),
        Column("payload_sha256", Kind.TEXT),
        Column("payload_bytes", Kind.INTEGER),
    ),
    nested="captures",
    key=("report_id", "capture_id"),
)
CHANGES = Table(name="changes", columns=_of(views.changes), nested="changes", key=("report_id", "seq"))

TABLES = (REPORTS, DOCUMENTS, VERSIONS, SECTIONS, FIGURES, CAPTURES, CHANGES)
BY_NAME = {table.name: table for table in TABLES}
