"""Rows in one form on both databases: what is copied, compared and digested.

A canonical row is what SQLite keeps: numbers, text, bytes, null; times and dates as their text of
fixed width, booleans as 0 and 1, JSON as the text that was written. PostgreSQL is asked for the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Engine

from archive.dbtypes import Json, Number, Parts, UtcTime, Words
from archive.schema import metadata

CanonicalRow = tuple[Any, ...]

BATCH_ROWS = 500
"""Rows asked for at once."""

BATCH_BYTES = 8 << 20
"""Rows with bytes or long texts are handed on in batches of about this size, so memory stays flat."""

_MODULUS = 1 << 256
_LARGEST_INTEGER = 2**63 - 1


class Kind(Enum):
    """How a column is brought into the canonical form."""

    PLAIN = auto()
    TIME = auto()
    DATE = auto()
    BOOLEAN = auto()
    JSON = auto()
    NUMBER = auto()
    BYTES = auto()


def kind(column: sa.Column[Any]) -> Kind:
    """The kind of a column of ours.

    Raises:
        TypeError: its type is none that both databases keep alike; teach it here.
    """
    for types, found in _KINDS:
        if isinstance(column.type, types):
            return found
    raise TypeError(f"{column.table.name}.{column.name}: no canonical form for {column.type!r}")


_KINDS: tuple[tuple[type[Any] | tuple[type[Any], ...], Kind], ...] = (
    (UtcTime, Kind.TIME),
    (Json, Kind.JSON),
    (Number, Kind.NUMBER),
    ((Words, Parts), Kind.PLAIN),
    (sa.Boolean, Kind.BOOLEAN),
    (sa.LargeBinary, Kind.BYTES),
    (sa.Date, Kind.DATE),
    ((sa.String, sa.Integer, sa.Float), Kind.PLAIN),
)


def tables() -> list[sa.Table]:
    """The tables that are copied and digested, referred-to ones first: all but those of the search index.

    The two databases keep their own (``archive.search_index``), made anew in a copy.
    """
    return [table for table in metadata.sorted_tables if table.name not in _SEARCH]


def condition(table: str) -> str:
    """Which rows of a table are copied and digested, as SQL; empty: all."""
    return _ONLY.get(table, "")


_SEARCH = frozenset({"search_entry", "search_stale"})
_ONLY = {"meta": "key <> 'search_segmenter'"}
"""What the search index was made with belongs to the index."""


def columns(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns of a table that hold something of their own."""
    return [column for column in table.columns if column.computed is None]


def quoted(name: str) -> str:
    """A name as both databases take it, reserved words included."""
    return '"' + name.replace('"', '""') + '"'


def select(
    table: sa.Table,
    dialect: str,
    wanted: Sequence[sa.Column[Any]] | None = None,
    *,
    where: str = "",
    order: str = "",
) -> str:
    """The statement that asks a database for canonical rows (numbers still to be passed through ``finish``)."""
    express = _EXPRESSION[dialect]
    asked = ", ".join(express(quoted(column.name), kind(column)) for column in wanted or columns(table))
    filtered = f"SELECT {asked} FROM {quoted(table.name)}" + (f" WHERE {where}" if where else "")
    return filtered + (f" ORDER BY {order}" if order else "")


def _postgresql(name: str, how: Kind) -> str:
    if how is Kind.TIME:
        return f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00:00'"
    if how is Kind.DATE:
        return f"to_char({name}, 'YYYY-MM-DD')"
    if how is Kind.BOOLEAN:
        return f"{name}::int"
    return f"{name}::text" if how in {Kind.JSON, Kind.NUMBER} else name


_EXPRESSION: dict[str, Callable[[str, Kind], str]] = {
    "sqlite": lambda name, _how: name,
    "postgresql": _postgresql,
}


def _number(printed: str | None) -> int | float | None:
    """A number as SQLite would keep it: whole ones as integers, if they fit."""
    if printed is None:
        return None
    value = float(printed)
    return int(value) if value.is_integer() and abs(value) < _LARGEST_INTEGER else value


def finish(wanted: Sequence[sa.Column[Any]], dialect: str) -> Callable[[Sequence[Any]], CanonicalRow]:
    """What is still to be done with a row of that statement."""
    numbers = [place for place, column in enumerate(wanted) if kind(column) is Kind.NUMBER]
    if dialect == "sqlite" or not numbers:
        return tuple

    def convert(row: Sequence[Any]) -> CanonicalRow:
        values = list(row)
        for place in numbers:
            values[place] = _number(values[place])
        return tuple(values)

    return convert


@contextmanager
def driver_errors(engine: Engine) -> Iterator[None]:
    """Lets errors of the driver itself look like SQLAlchemy's, so that ``database.translated`` knows them."""
    errors = engine.dialect.loaded_dbapi.Error
    try:
        yield
    except errors as error:
        raise exc.DBAPIError.instance(None, None, error, errors, dialect=engine.dialect) from error


def driver(connection: Connection) -> Any:  # noqa: ANN401 - two drivers without a common type
    """The driver's own connection: streaming a million rows through SQLAlchemy's rows costs three times as much."""
    return connection.connection.driver_connection


def stream(connection: Connection, table: sa.Table) -> Generator[list[CanonicalRow]]:
    """All rows of a table in one snapshot (the connection's transaction), in batches, memory flat."""
    dialect = connection.dialect.name
    convert = finish(columns(table), dialect)
    statement = select(table, dialect, where=condition(table.name))
    for rows in raw_batches(connection, statement):
        yield [convert(row) for row in rows]


def raw_batches(
    connection: Connection, statement: str, *, text_as_bytes: bool = False
) -> Generator[list[Sequence[Any]]]:
    """The rows of a statement as the driver gives them, in batches of bounded size.

    Args:
        connection: a read transaction.
        statement: SQL of the database.
        text_as_bytes: leave values of PostgreSQL's type ``text`` undecoded.
    """
    with driver_errors(connection.engine):
        if connection.dialect.name == "sqlite":
            cursor = driver(connection).execute(statement)
        else:
            cursor = driver(connection).cursor(name="fazhi_stream", binary=True)
            cursor.itersize = BATCH_ROWS
            if text_as_bytes:
                from psycopg.types.string import ByteaBinaryLoader

                cursor.adapters.register_loader("text", ByteaBinaryLoader)
            cursor.execute(statement)
        try:
            yield from _batches(cursor)
        finally:
            cursor.close()


def _batches(cursor: Any) -> Iterator[list[Sequence[Any]]]:  # noqa: ANN401 - cursors of two drivers
    batch: list[Sequence[Any]] = []
    size, asked = 0, 16
    while rows := cursor.fetchmany(asked):
        for row in rows:
            batch.append(row)
            size += sum(len(value) for value in row if isinstance(value, str | bytes))
        # The next request is of the size that the last rows suggest: payloads may have 50 MB each.
        asked = max(1, min(BATCH_ROWS, BATCH_BYTES * len(batch) // max(size, 1)))
        if size >= BATCH_BYTES or len(batch) >= BATCH_ROWS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@dataclass(slots=True)
class TableDigest:
    """Number and digest of rows, in whatever order they come.

    Each row is a JSON array of its columns in the order of the schema (UTF-8, no spaces, bytes as the
    SHA-256 of themselves in hexadecimal digits); the digest is the sum of the rows' SHA-256, as numbers,
    modulo 2^256. So two databases that walk a table in different orders agree without sorting it.
    """

    rows: int = 0
    total: int = field(default=0, repr=False)

    def add(self, rows: Sequence[CanonicalRow]) -> None:
        """Counts further rows in."""
        total = self.total
        for row in rows:
            total += int.from_bytes(row_digest(row), "big")
        self.total = total % _MODULUS
        self.rows += len(rows)

    @property
    def digest(self) -> str:
        """64 hexadecimal digits."""
        return f"{self.total:064x}"


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def row_digest(row: CanonicalRow) -> bytes:
    """The SHA-256 of one canonical row."""
    values = [hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value for value in row]
    return hashlib.sha256(_encode(values).encode()).digest()
