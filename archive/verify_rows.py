"""Which row a problem is about, and values that the archive never writes."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection

from archive import canonical, schema
from archive.canonical import Kind, quoted
from archive.dbtypes import Parts
from archive.records import DoubtKind, FrontierKind, FrontierState, How, Outcome, RunState, Verdict
from archive.states import ChangeKind, DocumentState, QuarantineState
from archive.verify_findings import Problem, Sort

_OF_ITSELF = {
    "frontier": ("frontier", "id"),
    "capture": ("capture", "id"),
    "extraction": ("extraction", "id"),
    "document": ("document", "id"),
    "report": ("report", "id"),
    "payload": ("payload", "sha256"),
    "text": ("text", "sha256"),
}
_BY_COLUMN = (
    ("extraction", "extraction_id"),
    ("capture", "capture_id"),
    ("document", "document_id"),
    ("frontier", "frontier_id"),
    ("report", "report_id"),
    ("text", "text_sha256"),
)
"""What tells the address of a row, the nearest first."""


def owner(table: sa.Table) -> tuple[str, str] | None:
    """The field of ``Problem`` that leads to the address of a table's row, and the column that holds it."""
    if table.name in _OF_ITSELF:
        return _OF_ITSELF[table.name]
    return next(((field, name) for field, name in _BY_COLUMN if name in table.columns), None)


def identity(table: sa.Table) -> list[str]:
    """The columns to be selected for ``problem``: the primary key, then the owner's."""
    owned = owner(table)
    return [*(column.name for column in table.primary_key.columns), *([owned[1]] if owned else [])]


def problem(table: sa.Table, values: tuple[Any, ...], sort: Sort, what: str) -> Problem:
    """A problem with the row of which ``identity`` was selected."""
    keys = len(table.primary_key.columns)
    key = "/".join(_printed(value) for value in values[:keys])
    owned = owner(table)
    who: dict[str, Any] = {}
    if owned is not None and values[keys] is not None:
        who[owned[0]] = values[keys]
    return Problem(sort=sort, what=f"{table.name} {key}: {what}", table=table.name, key=key, **who)


def _printed(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


_WORDS: dict[tuple[str, str], type[StrEnum]] = {
    ("run", "state"): RunState,
    ("frontier", "kind"): FrontierKind,
    ("frontier", "how"): How,
    ("frontier", "state"): FrontierState,
    ("frontier", "verdict"): Verdict,
    ("frontier", "last_outcome"): Outcome,
    ("capture", "outcome"): Outcome,
    ("extraction", "verdict"): Verdict,
    ("document", "role"): FrontierKind,
    ("document", "state"): DocumentState,
    ("document", "verdict"): Verdict,
    ("quarantine", "reason"): DoubtKind,
    ("quarantine", "state"): QuarantineState,
    ("change", "kind"): ChangeKind,
}
"""Columns that hold one of our own words."""

_BIG = {("payload", "data"), ("text", "content")}
"""Looked at by ``verify_content``."""


def values(connection: Connection, table: sa.Table) -> Iterator[Problem]:
    """Rows of a table with a value that the archive never writes.

    PostgreSQL keeps types by itself; there only our own words are looked at. SQLite keeps anything
    anywhere, so that a flipped bit may leave a text where a number was.
    """
    sqlite = connection.dialect.name == "sqlite"
    wrong = {}
    for column in canonical.columns(table):
        if (table.name, column.name) not in _BIG and (tests := list(_tests(table, column, sqlite))):
            test = " OR ".join(tests)
            wrong[column.name] = f"({quoted(column.name)} IS NOT NULL AND ({test}))"
            if sqlite and not column.nullable:
                wrong[column.name] = f"({quoted(column.name)} IS NULL OR {test})"
    if not wrong:
        return
    which = " ".join(f"WHEN {test} THEN '{name}'" for name, test in wrong.items())
    names = ", ".join(map(quoted, identity(table)))
    query = f"SELECT {names}, CASE {which} END FROM {quoted(table.name)} WHERE {' OR '.join(wrong.values())}"
    for batch in canonical.raw_batches(connection, query):
        for row in batch:
            yield problem(
                table, tuple(row[:-1]), Sort.VALUE, f"{row[-1]} holds what the archive never writes"
            )


def _tests(table: sa.Table, column: sa.Column[Any], sqlite: bool) -> Iterator[str]:
    name, how = quoted(column.name), canonical.kind(column)
    words = _WORDS.get((table.name, column.name))
    if words is not None:
        yield f"{name} NOT IN ({', '.join(repr(word.value) for word in words)})"  # nor any other type
    if isinstance(column.type, Parts):
        yield f"{name} GLOB '*[^0-9+]*'" if sqlite else f"{name} !~ '^[0-9+]*$'"
    if not sqlite:
        return
    if how is Kind.NUMBER:
        yield f"typeof({name}) NOT IN ('integer', 'real')"
    elif how is Kind.BOOLEAN:
        yield f"{name} NOT IN (0, 1)"
    elif words is None:
        yield f"typeof({name}) <> '{'blob' if how is Kind.BYTES else _storage(column)}'"
    if how is Kind.TIME:
        yield _no_time(name)
    elif how is Kind.DATE:
        yield f"date({name}, '+0 days') IS NOT {name}"  # alone it would take 31 February
    elif how is Kind.JSON:
        yield f"NOT json_valid({name})"
    elif isinstance(column.type, sa.String) and column.type.length == 64 and not column.foreign_keys:
        # One that refers to a row is as good as that row's.
        yield f"{name} NOT GLOB '{'[0-9a-f]' * 64}'"  # a third of the time that '*[^0-9a-f]*' takes


def _no_time(name: str) -> str:
    """``julianday`` takes 31 February and 24:00; what ``datetime`` makes of them tells, at three times the cost."""
    two = "[0-9]" * 2
    form = f"{two * 2}-{two}-{two} {two}:{two}:{two}.{two * 3}+00:00"
    late = f"substr({name}, 9, 2) > '28' OR substr({name}, 12, 2) > '23'"
    same = f"datetime(substr({name}, 1, 19), '+0 days') IS substr({name}, 1, 19)"
    return f"{name} NOT GLOB '{form}' OR julianday({name}) IS NULL OR (({late}) AND NOT ({same}))"


def _storage(column: sa.Column[Any]) -> str:
    if isinstance(column.type, sa.Integer):
        return "integer"
    return "real" if isinstance(column.type, sa.Float) else "text"


def readable(connection: Connection, table: sa.Table) -> Iterator[Problem]:
    """Reads every row of a table to its end, so that what cannot be given or decoded is told."""
    try:
        with canonical.driver_errors(connection.engine):
            if connection.dialect.name == "sqlite":
                # Numbers can always be given; ``values`` looks at their types.
                wanted = [one for one in canonical.columns(table) if _storage(one) == "text"] or None
                rows = canonical.driver(connection).execute(canonical.select(table, "sqlite", wanted))
                deque(rows, maxlen=0)
            else:
                _copied_out(canonical.driver(connection), table)
    except exc.DBAPIError as error:
        yield from _unreadable(connection, table, str(error.orig))


def _copied_out(raw: Any, table: sa.Table) -> None:  # noqa: ANN401 - the driver's connection
    """Decodes a table as one text: a value of its own made of each costs five times as much."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    names = ", ".join(quoted(column.name) for column in canonical.columns(table))
    statement = f"COPY (SELECT {names} FROM {quoted(table.name)}) TO STDOUT (ENCODING 'UTF8')"
    with raw.cursor() as cursor, cursor.copy(statement) as rows:
        while some := list(islice(rows, canonical.BATCH_ROWS)):
            decoder.decode(b"".join(some))
    decoder.decode(b"", final=True)


def _unreadable(connection: Connection, table: sa.Table, said: str) -> Iterator[Problem]:
    """The rows of a table that cannot be read, by their rowids."""
    raw, name = canonical.driver(connection), canonical.quoted(table.name)
    found = 0
    if connection.dialect.name == "sqlite":
        names = ", ".join(canonical.quoted(column.name) for column in canonical.columns(table))
        last = -(2**63)
        while True:
            try:
                rows = raw.execute(
                    f"SELECT rowid FROM {name} WHERE rowid > ? ORDER BY rowid LIMIT 500", (last,)
                ).fetchall()
            except raw.DatabaseError:
                break
            if not rows:
                break
            for (rowid,) in rows:
                last = rowid
                try:
                    raw.execute(f"SELECT {names} FROM {name} WHERE rowid = ?", (rowid,)).fetchone()
                except raw.DatabaseError as error:
                    found += 1
                    yield _unread(table, rowid, str(error))
    if not found:
        yield Problem(
            sort=Sort.UNREADABLE, what=f"table {table.name} cannot be read ({said})", table=table.name
        )


def _unread(table: sa.Table, rowid: int, said: str) -> Problem:
    """Only its number is known; in most tables that is its key, too."""
    who: dict[str, Any] = {}
    if _OF_ITSELF.get(table.name, ("", ""))[1] == "id":
        who[_OF_ITSELF[table.name][0]] = rowid
    what = f"row {rowid} of {table.name} cannot be read ({said})"
    return Problem(sort=Sort.UNREADABLE, what=what, table=table.name, key=str(rowid), **who)


def references(connection: Connection) -> Iterator[Problem]:
    """Rows that refer to rows that are not there."""
    if connection.dialect.name == "sqlite":
        yield from _sqlite_references(connection)
        return
    for table in canonical.tables():
        for key in table.foreign_key_constraints:
            yield from _missing(connection, table, key)


def _missing(connection: Connection, table: sa.Table, key: sa.ForeignKeyConstraint) -> Iterator[Problem]:
    (element,) = key.elements  # all our references have one column
    child, parent = quoted(element.parent.name), element.column
    names = ", ".join(f"c.{quoted(name)}" for name in identity(table))
    query = (
        f"SELECT {names}, c.{child} FROM {quoted(table.name)} c LEFT JOIN {quoted(parent.table.name)} p "
        f"ON p.{quoted(parent.name)} = c.{child} WHERE c.{child} IS NOT NULL AND p.{quoted(parent.name)} IS NULL"
    )
    for row in connection.exec_driver_sql(query):
        what = f"{element.parent.name} {_printed(row[-1])} is not in {parent.table.name}"
        yield problem(table, tuple(row[:-1]), Sort.REFERENCE, what)


def _sqlite_references(connection: Connection) -> Iterator[Problem]:
    for name, rowid, parent, _number in connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        table = schema.metadata.tables.get(name)
        if table is None or rowid is None:
            yield Problem(
                sort=Sort.REFERENCE, what=f"a row of {name} refers to no row of {parent}", table=name
            )
            continue
        names = ", ".join(map(quoted, identity(table)))
        row = connection.exec_driver_sql(
            f"SELECT {names} FROM {quoted(name)} WHERE rowid = ?", (rowid,)
        ).first()
        if row is not None:
            yield problem(table, tuple(row), Sort.REFERENCE, f"refers to a row of {parent} that is not there")
