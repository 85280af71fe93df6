"""JSONL: one report a line, with everything that belongs to it inside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archive.exporting.cells import json_text, plain
from archive.exporting.source import Page, Row
from archive.exporting.tables import REPORTS, Table
from archive.exporting.target import FileEntry, HashedFile
from archive.exporting.writers import Options


class JsonlWriter:
    """Writes ``reports.jsonl``."""

    def __init__(self, folder: Path, tables: Sequence[Table], options: Options) -> None:
        self.made_with: Mapping[str, str] = {}
        del options  # JSON has none
        self._nested = [table for table in tables if table is not REPORTS]
        self._file = HashedFile(folder, "reports.jsonl")
        self._rows = 0

    def add(self, page: Page) -> None:
        """Writes a line for each report."""
        inside: dict[int, dict[str, list[dict[str, Any]]]] = defaultdict(dict)
        for row in page.reports:
            inside[row["report_id"]] = {table.nested: [] for table in self._nested}
        for table in self._nested:
            for report_id, row in page.rows[table.name]:
                inside[report_id][table.nested].append(_object(row, table))
        for row in page.reports:
            report = _object(row, REPORTS) | inside[row["report_id"]]
            self._file.write(json_text(report).encode() + b"\n")
        self._rows += len(page.reports)

    def finish(self) -> list[FileEntry]:
        """Closes the file."""
        return [self._file.entry(self._rows)]


def _object(row: Row, table: Table) -> dict[str, Any]:
    return {column.name: plain(row[column.name], column.kind) for column in table.columns}
