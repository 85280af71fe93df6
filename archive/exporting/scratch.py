"""What an export must remember and sort, on the disk: memory stays flat for a million captures."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self


class Scratch:
    """A database beside the file that is written, removed with the folder it stands in."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "scratch"
        self._database = sqlite3.connect(self._path, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode=OFF",
            "PRAGMA synchronous=OFF",
            "CREATE TABLE seen (digest BLOB PRIMARY KEY, record TEXT, uri TEXT, date TEXT) WITHOUT ROWID",
            "CREATE TABLE line (kind, key, number, line, PRIMARY KEY (kind, key, number)) WITHOUT ROWID",
            "BEGIN",
        ):
            self._database.execute(statement)
        self._number = 0

    def first(self, digest: str, record_id: str, uri: str, date: str) -> tuple[str, str, str] | None:
        """As of ``archive.warc.Seen``."""
        key = bytes.fromhex(digest)
        known = self._database.execute(
            "SELECT record, uri, date FROM seen WHERE digest = ?", (key,)
        ).fetchone()
        if known is not None:
            return str(known[0]), str(known[1]), str(known[2])
        self._database.execute("INSERT INTO seen VALUES (?, ?, ?, ?)", (key, record_id, uri, date))
        return None

    def keep(self, kind: str, key: str, line: str) -> None:
        """Keeps a line to be read in the order of its key."""
        self._number += 1
        self._database.execute("INSERT INTO line VALUES (?, ?, ?, ?)", (kind, key, self._number, line))

    def lines(self, kind: str) -> Iterator[str]:
        """The lines of a kind, in the order of the bytes of their keys."""
        rows = self._database.execute("SELECT line FROM line WHERE kind = ? ORDER BY key, number", (kind,))
        return (str(row[0]) for row in rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._path.unlink()
