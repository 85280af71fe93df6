"""The databases while a large archive is filled: what slows many rows down is put off to the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import canonical, search_index
from archive.copying import numbered
from archive.database import writing

FEW, USUAL = {"hashsize": 128 << 20, "automerge": 0}, {"hashsize": 1 << 20, "automerge": 4}
"""FTS5 while the archive is filled: a segment for each transaction instead of forty, sixteen merged at once instead
of four. 60 % of the time of the process that writes."""

INDEX, MEMORY = "ix_search_index_tokens", "2GB"
"""PostgreSQL's index of tokens, and the memory in which it is made."""

SERVER = {"max_wal_size": "16GB", "autovacuum": "off"}
"""PostgreSQL meanwhile: fewer checkpoints; no vacuuming of what grows, which took a third of the time."""


@contextmanager
def filling(engine: Engine) -> Iterator[None]:
    """Many texts at a time meanwhile; at the end the archive stands as crawls would leave it."""
    if engine.dialect.name == "sqlite":
        _set(engine, FEW)
        yield
        _set(engine, USUAL)
        _merge(engine)
        return
    with writing(engine) as connection:
        index = connection.execute(
            sa.text("SELECT indexdef FROM pg_indexes WHERE indexname = :name"), {"name": INDEX}
        ).scalar_one()
        connection.exec_driver_sql(f"DROP INDEX {INDEX}")
    _alone(engine, *(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in SERVER.items()), _LOAD)
    yield
    with writing(engine) as connection:
        connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{MEMORY}'")
        # Most of an array stands outside its row, so the table looks too small for more than one process.
        connection.exec_driver_sql("ALTER TABLE search_index SET (parallel_workers = 2)")
        connection.exec_driver_sql(index)
        connection.exec_driver_sql("ALTER TABLE search_index RESET (parallel_workers)")
        _number_on(connection)
    _alone(engine, *(f"ALTER SYSTEM RESET {name}" for name in SERVER), _LOAD, "VACUUM ANALYZE")


def unwatched(connection: Connection) -> None:
    """PostgreSQL looks at no reference in this transaction; ``archive verify`` does when all is there."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")


def put_many(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """``search_index.put`` for thousands."""
    if connection.dialect.name == "sqlite":
        search_index.put(connection, rows)
        return
    with canonical.driver(connection).cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)


_LOAD = "SELECT pg_reload_conf()"
_COPY = "COPY search_index (id, plain, marked) FROM STDIN"


def _set(engine: Engine, options: Mapping[str, int]) -> None:
    with writing(engine) as connection:
        for option in options.items():
            connection.exec_driver_sql("INSERT INTO search_index (search_index, rank) VALUES (?, ?)", option)


def _merge(engine: Engine) -> None:
    """FTS5's segments as many transactions would have merged them."""
    changed = 2  # fewer: there was nothing to merge (sqlite.org/fts5.html)
    while changed >= 2:
        with writing(engine) as connection:
            raw = canonical.driver(connection)
            before = raw.total_changes
            connection.exec_driver_sql("INSERT INTO search_index (search_index, rank) VALUES ('merge', 5000)")
            changed = raw.total_changes - before


def _number_on(connection: Connection) -> None:
    """Rows to come are numbered after those that are there."""
    for table, column in numbered():
        last = connection.execute(sa.select(sa.func.max(column))).scalar()
        if last:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), {last})"
            )


def _alone(engine: Engine, *statements: str) -> None:
    """Statements that PostgreSQL takes outside transactions only."""
    with engine.connect() as connection, connection.execution_options(isolation_level="AUTOCOMMIT") as alone:
        for statement in statements:
            alone.exec_driver_sql(statement)
