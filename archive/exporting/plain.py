"""Plain text: one file a report, ``place/year/….txt``, and ``index.csv``, which says what each of them is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from archive.exporting.cells import CsvRows, signs
from archive.exporting.csvfiles import BOM
from archive.exporting.manifest import INDEX
from archive.exporting.names import text_path
from archive.exporting.source import Page
from archive.exporting.tables import REPORTS, Column, Kind, Table
from archive.exporting.target import FileEntry, HashedFile
from archive.exporting.writers import Options

COLUMNS = (
    Column("file", Kind.TEXT),
    Column("bytes", Kind.INTEGER),
    Column("sha256", Kind.TEXT),
    *REPORTS.columns,
)


class TextWriter:
    """Writes the text of each report as it stands; a withdrawn text has no file."""

    def __init__(self, folder: Path, tables: Sequence[Table], options: Options) -> None:
        self.made_with: Mapping[str, str] = {}
        del tables  # always the same two
        self._folder = folder
        self._index = HashedFile(folder, INDEX)
        self._lines = CsvRows(COLUMNS)
        head = self._lines.head().encode()
        self._index.write(BOM + head if options.bom else head)
        self._rows = 0

    def add(self, page: Page) -> None:
        """Writes a file for each report, and its line in the index."""
        texts = {(row["document_id"], row["version"]): row["text"] for _, row in page.rows["report_versions"]}
        lines = []
        for row in page.reports:
            text = texts[row["document_id"], row["version"]]
            if text is None:
                continue
            name = text_path(
                row["portal_name"], row["year"], row["report_id"], row["publishers"] or "", row["title"]
            )
            (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
            # Synced all at once in the end: a million of single calls would take hours.
            file = HashedFile(self._folder, name, sync=False)
            file.write(signs(text).rstrip("\n").encode() + b"\n")
            written = file.entry()
            entry = {"file": name, "bytes": written.bytes, "sha256": written.sha256}
            lines.append(self._lines.line({**row, **entry}))
        self._index.write("".join(lines).encode())
        self._rows += len(lines)

    def finish(self) -> list[FileEntry]:
        """Closes the index."""
        os.sync()
        return [self._index.entry(self._rows)]
