"""Facts about the archive itself: who it is, which history its changes belong to, what it promises.

An archive restored from an older backup gives its next changes numbers that were given before. It
therefore begins a new *epoch*, and remembers after which change: whoever followed the lost ones
learns from his cursor how far he shares the history (``archive.feed``).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema
from archive.errors import DatabaseUnusable

ARCHIVE_ID, CREATED, EPOCH, EPOCHS, CONTRACT = "archive_id", "created", "epoch", "epochs", "contract"
"""Keys of the table ``meta`` that the view ``facts`` shows; other keys are free for ``put``."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """A stretch of the change sequence in which no number was given twice."""

    epoch: str
    """Its name, a UUID."""
    after: int
    """The last change that was there when it began: all up to here is of earlier epochs."""
    at: datetime
    reason: str
    """``created``, ``restored …``: one line for a person."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the archive says of itself."""

    archive_id: str
    """A UUID, given when it was made (or upgraded to keep one); copies and restored backups keep it."""
    created: datetime
    """When it got that."""
    epoch: str
    """The epoch under way."""
    contract: int
    """Version of the published views, see docs/archive.md."""
    epochs: tuple[Epoch, ...]
    """All epochs that its changes belong to, oldest first."""


def facts(connection: Connection) -> Facts:
    """What the archive says of itself.

    Raises:
        DatabaseUnusable: it says nothing, or not all: somebody emptied the table.
    """
    rows = connection.execute(sa.select(schema.meta.c.key, schema.meta.c.value)).all()
    known = {row.key: row.value for row in rows}
    lost = {ARCHIVE_ID, CREATED, EPOCH, EPOCHS, CONTRACT} - known.keys()
    if lost:
        raise DatabaseUnusable(f"the table meta lacks {', '.join(sorted(lost))}; restore a backup")
    return Facts(
        archive_id=known[ARCHIVE_ID],
        created=datetime.fromisoformat(known[CREATED]),
        epoch=known[EPOCH],
        contract=int(known[CONTRACT]),
        epochs=tuple(
            Epoch(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in json.loads(known[EPOCHS])
        ),
    )


def get(connection: Connection, key: str) -> str | None:
    """One fact; None if nobody ever put it."""
    query = sa.select(schema.meta.c.value).where(schema.meta.c.key == key)
    return connection.execute(query).scalar()


def put(connection: Connection, key: str, value: str) -> None:
    """Keeps one fact, in the caller's write transaction."""
    table = schema.meta
    done = connection.execute(table.update().where(table.c.key == key).values(value=value))
    if not done.rowcount:
        connection.execute(table.insert().values(key=key, value=value))


def new_epoch(connection: Connection, reason: str, *, now: datetime | None = None) -> str:
    """Begins a new epoch after the last change there is, in the caller's write transaction.

    To be called wherever the change sequence may go on with numbers that another course of the same
    archive has given, or will give: after a restore, in a copy. It costs a follower nothing who has
    not read past the last change.

    Args:
        connection: a write transaction.
        reason: one line for a person.
        now: the time, for tests.

    Returns:
        The name of the new epoch.
    """
    last = connection.execute(sa.select(sa.func.max(schema.change.c.seq))).scalar() or 0
    begun = Epoch(epoch=str(uuid4()), after=last, at=now or datetime.now(UTC), reason=reason)
    rows = [{**asdict(epoch), "at": epoch.at.isoformat()} for epoch in (*facts(connection).epochs, begun)]
    put(connection, EPOCHS, json.dumps(rows, ensure_ascii=False))
    put(connection, EPOCH, begun.epoch)
    return begun.epoch
