"""One read transaction for a whole export, however long it takes, and what the archive says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import schema
from archive.database import translated


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection all of whose statements see the archive as it was at the first one.

    On PostgreSQL that takes REPEATABLE READ: by default every statement there sees its own moment. On
    SQLite the write-ahead log cannot shrink meanwhile.

    Raises:
        DatabaseUnusable: the database fails.
    """
    options: dict[str, Any] = {"archive_reads": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with translated(engine), engine.connect() as connection:
        yield connection.execution_options(**options)


def archive_facts(connection: Connection) -> dict[str, str]:
    """Identity, epoch and contract version of the archive, for manifests."""
    meta = schema.meta.c
    rows = connection.execute(sa.select(meta.key, meta.value).where(meta.key.in_(_FACTS)).order_by(meta.key))
    return {row.key: row.value for row in rows}


def last_change(connection: Connection) -> int:
    """Number of the last change: the state of the archive that an export shows."""
    return int(connection.execute(sa.select(sa.func.max(schema.change.c.seq))).scalar() or 0)


def program() -> str:
    """Name and version of this program."""
    try:
        return f"fazhi-archive {version('fazhi-archive')}"
    except PackageNotFoundError:  # run from a bare checkout
        return "fazhi-archive 0+checkout"


_FACTS = ("archive_id", "epoch", "contract")
