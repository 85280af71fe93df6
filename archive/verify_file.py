"""The database itself: pages and indexes of a SQLite file, and whether all that was made is there."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import canonical, schema, views
from archive.backup import is_damage
from archive.database import open_archive, reading
from archive.verify_findings import Problem, Sort, of_digest

MOST = 500
"""What SQLite says of a file, at most; after that it is broken as a whole."""


def pages(connection: Connection, *, quick: bool) -> Iterator[Problem]:
    """What SQLite finds in its own pages, trees and indexes; ``quick`` leaves out what indexes hold."""
    if connection.dialect.name != "sqlite":
        return
    check = "quick_check" if quick else "integrity_check"
    damaged = False
    for (said,) in connection.exec_driver_sql(f"PRAGMA {check}({MOST})").all():
        for line in str(said).splitlines():
            if line != "ok" and not line.startswith("***"):
                damaged = True
                yield Problem(sort=Sort.FILE, what=f"SQLite: {line}")
    if damaged:
        yield from _lost(connection)


def _lost(connection: Connection) -> Iterator[Problem]:
    """Payloads and texts of which only the index knows: their page is not reached any more."""
    for name in ("payload", "text"):
        query = (
            f"SELECT sha256 FROM {name} INDEXED BY sqlite_autoindex_{name}_1 "
            f"EXCEPT SELECT sha256 FROM {name} NOT INDEXED"
        )
        for (sha256,) in connection.exec_driver_sql(query).all():
            yield of_digest(Sort.UNREADABLE, name, sha256, "is lost: only an index knows of it")


def made(connection: Connection) -> Iterator[Problem]:
    """Tables, columns, views and triggers that are missing, or others than a new archive has."""
    inspector = sa.inspect(connection)
    tables, seen = set(inspector.get_table_names()), set(inspector.get_view_names())
    for table in schema.metadata.tables.values():
        if table.name not in tables:
            yield Problem(sort=Sort.SCHEMA, what=f"table {table.name} is missing", table=table.name)
            continue
        there = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                what = f"table {table.name} has no column {column.name}"
                yield Problem(sort=Sort.SCHEMA, what=what, table=table.name)
    for view in views.PUBLISHED:
        if view.name not in seen:
            yield Problem(sort=Sort.SCHEMA, what=f"view {view.name} is missing")
    if connection.dialect.name == "sqlite":
        yield from _statements(connection)


def _statements(connection: Connection) -> Iterator[Problem]:
    """Compares with an archive made now; what others added (views, indexes) is theirs."""
    found = _master(connection)
    for key, statement in _wanted().items():
        if found.get(key) != statement:
            kind, name = key
            state = "is missing" if key not in found else "is made otherwise than in a new archive"
            yield Problem(sort=Sort.SCHEMA, what=f"{kind} {name} {state}")


@cache
def _wanted() -> dict[tuple[str, str], str | None]:
    with tempfile.TemporaryDirectory(prefix="fazhi-verify-") as folder:
        engine = open_archive(str(Path(folder) / "archive.db"))
        try:
            with reading(engine) as fresh:
                return _master(fresh)
        finally:
            engine.dispose()


def _master(connection: Connection) -> dict[tuple[str, str], str | None]:
    rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master")
    return {(row.type, row.name): row.sql and " ".join(row.sql.split()) for row in rows}


def refuses(error: BaseException) -> bool:
    """True if SQLite refused the file itself, so that it cannot even be opened as an archive."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, sqlite3.DatabaseError):
            return is_damage(cause) or "no such" in str(cause) or "malformed" in str(cause)
        cause = cause.__cause__
    return False


def tables() -> list[sa.Table]:
    """The tables whose rows are read to their end, besides payloads and texts."""
    return [table for table in canonical.tables() if table not in {schema.payload, schema.text_}]
