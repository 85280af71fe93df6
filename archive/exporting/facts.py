"""What an archive says of itself, for manifests."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema


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
