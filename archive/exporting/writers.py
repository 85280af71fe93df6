"""What every format is to the export: something that takes pages of rows and gives files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from archive.exporting.source import Page
from archive.exporting.tables import Table
from archive.exporting.target import FileEntry


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a format may be told."""

    bom: bool = False
    """CSV and the index of texts begin with a byte order mark: Excel takes them for UTF-8 only then."""
    search: bool = True
    """The slim database has an index for searching, which is larger than its texts and takes most of the time."""


class Writer(Protocol):
    """One export in one format, while it is written."""

    made_with: Mapping[str, str]
    """Versions of the libraries that decide about the bytes."""

    def __init__(self, folder: Path, tables: Sequence[Table], options: Options) -> None: ...

    def add(self, page: Page) -> None:
        """Writes some reports with everything that belongs to them."""

    def finish(self) -> list[FileEntry]:
        """Closes the files, all of them on the disk, and says what they are."""
