"""An archive against a backup of it: what is never changed must still be there, byte for byte.

A flipped bit in a title or an address leaves no mark in the archive: there is no digest over it. A
backup is the witness.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection

from archive import canonical, meta, schema
from archive.backup import read_manifest, sqlite_file
from archive.canonical import CanonicalRow, quoted
from archive.dbtypes import UtcTime
from archive.verify_content import redacted
from archive.verify_findings import Problem, Sort
from archive.verify_rows import identity, problem

_NEVER_CHANGED: dict[str, tuple[str, ...]] = {
    "payload": (),
    "text": (),
    "capture": (),
    "extraction": (),
    "section": (),
    "figure": (),
    "change": (),
    "redaction": (),
    "meta": (),
    "portal": ("id", "key"),
    "publisher": ("id", "portal_id"),
    "run": ("id", "portal_id", "trigger", "owner", "code_version", "options", "vantage", "started"),
    "frontier": ("id", "portal_id", "url"),
    "document": ("id", "portal_id", "frontier_id", "url", "first_seen"),
    "version": ("id", "document_id", "number", "first_seen"),
    "report": ("id", "portal_id"),
    "quarantine": ("id", "portal_id", "frontier_id", "opened"),
}
"""Columns that are written once; none named: all."""

_WITHDRAWN = """SELECT e.id FROM extraction e JOIN capture c ON c.id = e.capture_id WHERE
    e.text_sha256 IN (SELECT digest FROM redaction WHERE kind = 'text')
    OR c.payload_sha256 IN (SELECT digest FROM redaction WHERE kind = 'payload')"""
"""Readings that a withdrawal has emptied."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One table to be compared with a backup."""

    backup: Path
    table: str
    whole: bool
    """All columns: nothing was written since the backup."""


def comparisons(connection: Connection, backup: Path) -> list[Comparison]:
    """What can be compared with a backup; of an archive nobody wrote to since, every column a crawl writes.

    Raises:
        DatabaseUnusable: it is no backup.
    """
    tables = read_manifest(backup).tables
    whole = _untouched(connection, backup)
    names = {*_NEVER_CHANGED, *(("report_publisher", "lease") if whole else ())}
    return [Comparison(backup, name, whole) for name in tables if name in names]


def _untouched(connection: Connection, backup: Path) -> bool:
    """Every run leaves its heartbeat, every request its time, every decision its row."""
    with sqlite_file(backup, backup, mode="ro") as file:
        there = [file.execute(query).fetchone() for query in _SIGNS]
    here = [connection.exec_driver_sql(query).one() for query in _SIGNS]
    return all(
        tuple(map(_moment, one)) == tuple(map(_moment, other)) for one, other in zip(there, here, strict=True)
    )


_SIGNS = (
    "SELECT count(*), max(heartbeat) FROM run",
    "SELECT count(*), max(last_checked) FROM frontier",
    "SELECT count(*), max(seq) FROM change",
    "SELECT count(*), max(at) FROM redaction",
    "SELECT count(*), max(value) FROM meta WHERE key = 'epoch'",  # restored or copied since
)


def _moment(value: object) -> object:
    """A time as PostgreSQL gives it equals its text on SQLite."""
    return value if not isinstance(value, datetime) else UtcTime().process_bind_param(value, _SQLITE)


_SQLITE = sqlite.dialect()


def compare(connection: Connection, wanted: Comparison) -> Iterator[Problem]:
    """Rows of the backup that are missing in the archive, or are other ones; what was withdrawn may differ.

    Both are read in the order of the key, side by side, so memory stays flat.
    """
    backup, name = wanted.backup, wanted.table
    table = schema.metadata.tables[name]
    there = read_manifest(backup).tables[name].columns
    withdrawn = _withdrawn(connection, name)
    chosen = there if wanted.whole else _NEVER_CHANGED[name] or there
    columns = [
        column
        for column in canonical.columns(table)
        if column.name in chosen
        and column.name in there
        and not (name == "change" and _rewritten(column, withdrawn))
    ]
    keys = [column.name for column in table.primary_key.columns]
    places = [next(at for at, column in enumerate(columns) if column.name == key) for key in keys]
    order = ", ".join(map(quoted, keys))
    with (
        closing(_ours(connection, table, columns, order)) as ours,
        sqlite_file(backup, backup, mode="ro") as file,
    ):
        current = next(ours, None)
        names = ", ".join(quoted(column.name) for column in columns)
        for row in file.execute(f"SELECT {names} FROM {quoted(name)} ORDER BY {order}"):
            key = tuple(row[place] for place in places)
            while current is not None and tuple(current[place] for place in places) < key:
                current = next(ours, None)
            if current == row or (key[0] in withdrawn and name != "change"):
                continue
            if name == "meta" and key[0] not in _FACTS[wanted.whole]:
                continue
            if current is None or tuple(current[place] for place in places) != key:
                yield _about(table, columns, row, "is in the backup, but not here")
            else:
                differing = [
                    column.name for column, a, b in zip(columns, current, row, strict=True) if a != b
                ]
                yield _about(table, columns, row, f"{', '.join(differing)} differ from the backup")


_FACTS = {
    False: frozenset({meta.ARCHIVE_ID, meta.CREATED}),
    True: frozenset({meta.ARCHIVE_ID, meta.CREATED, meta.EPOCH, meta.EPOCHS}),
}


def _ours(
    connection: Connection, table: sa.Table, columns: Sequence[sa.Column[Any]], order: str
) -> Generator[CanonicalRow]:
    dialect = connection.dialect.name
    convert = canonical.finish(columns, dialect)
    for rows in canonical.raw_batches(connection, canonical.select(table, dialect, columns, order=order)):
        yield from map(convert, rows)


def _withdrawn(connection: Connection, name: str) -> frozenset[object]:
    """Keys (the first column of them) of rows that a withdrawal may have changed."""
    if name in {"payload", "text"}:
        return frozenset(redacted(connection, name))
    if name in {"extraction", "section", "figure", "change"}:
        return frozenset(connection.exec_driver_sql(_WITHDRAWN).scalars())
    return frozenset()


def _rewritten(column: sa.Column[Any], withdrawn: frozenset[object]) -> bool:
    return bool(withdrawn) and column.name == "detail"


def _about(table: sa.Table, columns: Sequence[sa.Column[Any]], row: Sequence[Any], what: str) -> Problem:
    values = dict(zip((column.name for column in columns), row, strict=True))
    return problem(table, tuple(values.get(name) for name in identity(table)), Sort.DIFFERENT, what)
