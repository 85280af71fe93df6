"""A SQLite file without bytes and frontier: plain tables with types and indexes, for Datasette and any SQL tool."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archive.exporting.cells import plain
from archive.exporting.metadata import datasette_metadata
from archive.exporting.source import Page
from archive.exporting.tables import DOCUMENTS, REPORTS, VERSIONS, Kind, Table
from archive.exporting.target import FileEntry, HashedFile, measured
from archive.exporting.writers import Options

FILE = "reports.db"
METADATA = "metadata.json"

_TYPES = {
    Kind.INTEGER: "INTEGER",
    Kind.BOOLEAN: "INTEGER",
    Kind.NUMBER: "NUMERIC",
}
_KEYS = {REPORTS.name: "report_id", DOCUMENTS.name: "document_id"}
_INDEXES = {
    "reports": ("year, kind", "portal_key, year", "division_code", "state"),
    "documents": ("report_id", "url"),
    "report_versions": ("report_id", "document_id, version", "text_sha256"),
    "report_sections": ("report_id, position", "part"),
    "report_figures": ("report_id, position", "measure"),
    "captures": ("report_id", "url", "payload_sha256"),
    "changes": ("report_id", "document_id"),
}


class SlimWriter:
    """Writes ``reports.db`` and Datasette's ``metadata.json``."""

    def __init__(self, folder: Path, tables: Sequence[Table], options: Options) -> None:
        self.made_with: Mapping[str, str] = {"sqlite": sqlite3.sqlite_version}
        self._search = options.search and VERSIONS in tables
        self._folder = folder
        self._tables = tables
        self._rows: Counter[str] = Counter()
        self._database = sqlite3.connect(folder / FILE, isolation_level=None)
        # Nobody reads it before it is renamed: without a journal a full disk costs the file, which goes anyway.
        for pragma in ("page_size=4096", "journal_mode=OFF", "synchronous=OFF", "encoding='UTF-8'"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("BEGIN")
        for table in tables:
            self._database.execute(_create(table, tables))

    def add(self, page: Page) -> None:
        """Inserts the rows."""
        for table in self._tables:
            rows = page.reports if table is REPORTS else [row for _, row in page.rows[table.name]]
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            marks = ", ".join("?" * len(table.columns))
            self._database.executemany(
                f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})',
                ([_value(row[c.name], c.kind) for c in table.columns] for row in rows),
            )
            self._rows[table.name] += len(rows)

    def finish(self) -> list[FileEntry]:
        """Builds the indexes, the one for search last."""
        for table in self._tables:
            for number, columns in enumerate(_INDEXES[table.name]):
                self._database.execute(f'CREATE INDEX "{table.name}_{number}" ON "{table.name}" ({columns})')
        if self._search:
            for statement in _SEARCH:
                self._database.execute(statement)
        self._database.execute("COMMIT")
        self._database.close()
        described = HashedFile(self._folder, METADATA)
        described.write(json.dumps(datasette_metadata(self._tables), ensure_ascii=False, indent=1).encode())
        return [measured(self._folder, FILE, sum(self._rows.values())), described.entry()]


_SEARCH = (
    """CREATE VIRTUAL TABLE "report_versions_fts" USING FTS5
    (title, text, content="report_versions", tokenize="trigram")""",
    'INSERT INTO "report_versions_fts" ("report_versions_fts") VALUES (\'rebuild\')',
)


def _create(table: Table, tables: Sequence[Table]) -> str:
    columns = []
    for column in table.columns:
        line = f'"{column.name}" {_TYPES.get(column.kind, "TEXT")}'
        if _KEYS.get(table.name) == column.name:
            line += " PRIMARY KEY"
        elif column.name == "report_id" and REPORTS in tables and table.name != "changes":
            line += ' REFERENCES "reports" ("report_id")'
        columns.append(line)
    return f'CREATE TABLE "{table.name}" (' + ", ".join(columns) + ")"


def _value(value: Any, kind: Kind) -> Any:  # noqa: ANN401
    found = plain(value, kind, nested=False)
    return int(found) if isinstance(found, bool) else found
