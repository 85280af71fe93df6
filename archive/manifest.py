"""What a copy of an archive must hold: rows and digest of every table, and the end of the change sequence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import canonical, schema
from archive.canonical import TableDigest
from archive.errors import DatabaseUnusable

FORMAT = 1

Progress = Callable[[str, int], None]
"""Told the name of what is worked on, and how many rows or bytes more are done."""


def silent(_what: str, _more: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table of a manifest."""

    columns: tuple[str, ...]
    rows: int
    digest: str
    """See ``archive.canonical.TableDigest``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """What was copied."""

    revision: str
    """The schema of the archive."""
    made: datetime
    source: str
    """Address of the archive, without password."""
    last_change: int
    """The last number of the change sequence; 0: there is none."""
    next_change: int
    """The number that the next change would have had at least; numbers are never used twice."""
    tables: dict[str, TableEntry]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(entry.rows for entry in self.tables.values())

    def to_json(self) -> str:
        """As it is kept in a backup."""
        return json.dumps(
            {"format": FORMAT, **asdict(self), "made": self.made.isoformat()}, ensure_ascii=False
        )

    @classmethod
    def from_json(cls, kept: str) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            DatabaseUnusable: it is no manifest, or one of a newer version of this program.
        """
        try:
            found: dict[str, Any] = json.loads(kept)
            if found.pop("format") != FORMAT:
                raise DatabaseUnusable(
                    "the backup's manifest is of a newer version of this program; install it"
                )
            tables = {
                name: TableEntry(columns=tuple(entry["columns"]), rows=entry["rows"], digest=entry["digest"])
                for name, entry in found.pop("tables").items()
            }
            return cls(**{**found, "made": datetime.fromisoformat(found["made"])}, tables=tables)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DatabaseUnusable("the backup's manifest is damaged; take another backup") from error


def differences(wanted: Manifest, found: Manifest) -> list[str]:
    """Where two manifests disagree about the rows, one line each."""
    lines = []
    for name, entry in wanted.tables.items():
        other = found.tables.get(name)
        if other is None:
            lines.append(f"table {name} is missing")
        elif other.rows != entry.rows:
            lines.append(f"table {name} has {other.rows} rows instead of {entry.rows}")
        elif other.digest != entry.digest:
            lines.append(f"table {name}: the digest of its {entry.rows} rows differs")
    if found.last_change != wanted.last_change:
        lines.append(f"the change sequence ends at {found.last_change} instead of {wanted.last_change}")
    return lines


def take(
    connection: Connection,
    *,
    source: str,
    made: datetime,
    tables: Iterable[sa.Table] | None = None,
    progress: Progress = silent,
) -> Manifest:
    """The manifest of an archive as one transaction sees it; reads every row."""
    digests = {}
    for table in canonical.tables() if tables is None else tables:
        digest = TableDigest()
        for rows in canonical.stream(connection, table):
            digest.add(rows)
            progress(table.name, len(rows))
        digests[table.name] = digest
    return put_together(connection, digests, source=source, made=made)


def put_together(
    connection: Connection, digests: dict[str, TableDigest], *, source: str, made: datetime
) -> Manifest:
    """A manifest from digests taken in the connection's transaction."""
    last = connection.execute(sa.select(sa.func.max(schema.change.c.seq))).scalar() or 0
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    known = schema.metadata.tables
    return Manifest(
        revision=str(revision),
        made=made,
        source=source,
        last_change=int(last),
        next_change=max(int(last), last_number(connection)) + 1,
        tables={
            name: TableEntry(
                columns=tuple(column.name for column in canonical.columns(known[name])),
                rows=digest.rows,
                digest=digest.digest,
            )
            for name, digest in digests.items()
        },
    )


def last_number(connection: Connection) -> int:
    """The last number that the database gave a change; rows rolled back used up theirs on PostgreSQL."""
    if connection.dialect.name == "sqlite":
        query = "SELECT seq FROM sqlite_sequence WHERE name = 'change'"
        return int(connection.exec_driver_sql(query).scalar() or 0)
    sequence = connection.exec_driver_sql("SELECT pg_get_serial_sequence('change', 'seq')").scalar_one()
    last, called = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()
    return int(last) if called else int(last) - 1
