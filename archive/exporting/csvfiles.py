"""CSV: one file a table, RFC 4180, UTF-8, safe to open in a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from archive.exporting.cells import CsvRows
from archive.exporting.source import Page
from archive.exporting.tables import REPORTS, Table
from archive.exporting.target import FileEntry, HashedFile
from archive.exporting.writers import Options

BOM = b"\xef\xbb\xbf"


class CsvWriter:
    """Writes ``TABLE.csv`` for each table."""

    def __init__(self, folder: Path, tables: Sequence[Table], options: Options) -> None:
        self.made_with: Mapping[str, str] = {}
        self._tables = tables
        self._files = {table.name: HashedFile(folder, f"{table.name}.csv") for table in tables}
        self._rows: Counter[str] = Counter()
        self._lines = {table.name: CsvRows(table.columns) for table in tables}
        for table in tables:
            head = self._lines[table.name].head().encode()
            self._files[table.name].write(BOM + head if options.bom else head)

    def add(self, page: Page) -> None:
        """Appends to every file."""
        for table in self._tables:
            rows = page.reports if table is REPORTS else [row for _, row in page.rows[table.name]]
            self._rows[table.name] += len(rows)
            line = self._lines[table.name].line
            self._files[table.name].write("".join([line(row) for row in rows]).encode())

    def finish(self) -> list[FileEntry]:
        """Closes the files."""
        return [self._files[table.name].entry(self._rows[table.name]) for table in self._tables]
