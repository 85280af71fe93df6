"""Troubles a person should know of: opened once, reminded by schedule, closed with a message; and the outbox.

What is opened, reminded or closed and the message that tells of it are written in one transaction: nobody is told
twice, and nothing is forgotten when the program or the endpoint dies in between.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import schema
from archive.clock import Clock
from archive.database import reading, writing
from archive.transaction import AnyRow, insert

_i, _m = schema.incident.c, schema.message.c


class What(StrEnum):
    """What happened to an incident."""

    OPENED = "opened"
    REMINDED = "still open"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that is wrong now."""

    kind: str
    portal_key: str
    """Empty: of no portal."""
    since: datetime
    count: int
    detail: str
    """One line for a person."""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A trouble that somebody was told of."""

    id: int
    kind: str
    portal_key: str
    since: datetime
    opened: datetime
    reminded: datetime | None
    reminders: int
    last_seen: datetime
    closed: datetime | None
    count: int
    detail: str


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One thing to tell."""

    what: What
    incident: Incident


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message before it is addressed."""

    key: str
    """Never sent twice to one target."""
    title: str
    body: str
    html: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message to one target."""

    id: int
    key: str
    target: str
    title: str
    body: str
    html: str | None
    created: datetime
    next_try: datetime | None
    """None: delivered, or given up."""
    attempts: int
    delivered: datetime | None
    last_error: str | None


class IncidentStore:
    """Writes and reads incidents and messages, each call one transaction.

    Args:
        engine: An open archive.
        clock: Tells the time (UTC).
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def sync(
        self,
        troubles: Iterable[Trouble],
        *,
        kinds: Collection[str],
        remind: timedelta,
        compose: Callable[[Sequence[Happened]], Letter],
        targets: Collection[str],
        unsettled: Collection[str] = (),
    ) -> list[Happened]:
        """Makes the open incidents equal to what is wrong now, and puts what is to be told into the outbox.

        Args:
            troubles: What is wrong.
            kinds: Kinds that were looked for: only open incidents of these are closed when their trouble is gone.
            remind: After so long a person is reminded; each further time after twice as long.
            compose: Writes the message about what happened.
            targets: Who gets it.
            unsettled: Portals of which nobody can tell now, since a crawl is under way: nothing of theirs is opened or
                closed.
        """
        now = self._clock()
        wrong = {(trouble.kind, trouble.portal_key): trouble for trouble in troubles}
        happened: list[Happened] = []
        with writing(self._engine) as connection:
            for row in connection.execute(sa.select(*_i).where(_i.closed.is_(None)).order_by(_i.id)).all():
                trouble = wrong.pop((row.kind, row.portal_key), None)
                if trouble is not None:
                    happened += _still(connection, row, trouble, now, remind)
                elif row.kind in kinds and row.portal_key not in unsettled:
                    connection.execute(schema.incident.update().where(_i.id == row.id), {"closed": now})
                    happened.append(Happened(what=What.CLOSED, incident=_incident(row, closed=now)))
            fresh = [trouble for trouble in wrong.values() if trouble.portal_key not in unsettled]
            for trouble in sorted(fresh, key=lambda one: (one.kind, one.portal_key)):
                happened.append(Happened(what=What.OPENED, incident=_open(connection, trouble, now)))
            if happened:
                _post(connection, compose(happened), targets, now)
        return happened

    def open_incidents(self) -> list[Incident]:
        """What is wrong as far as somebody was told, oldest first."""
        return self._incidents(sa.select(*_i).where(_i.closed.is_(None)).order_by(_i.opened, _i.id))

    def incidents_since(self, moment: datetime) -> list[Incident]:
        """Incidents opened or closed since then, oldest first."""
        query = sa.select(*_i).where(sa.or_(_i.opened >= moment, _i.closed >= moment))
        return self._incidents(query.order_by(_i.opened, _i.id))

    def _incidents(self, query: sa.Select[tuple[object, ...]]) -> list[Incident]:
        with reading(self._engine) as connection:
            return [_incident(row) for row in connection.execute(query)]

    # -- the outbox -----------------------------------------------------------------------------

    def post(self, letter: Letter, targets: Collection[str]) -> int:
        """Puts a message into the outbox of each target that has not got it; returns to how many."""
        with writing(self._engine) as connection:
            return _post(connection, letter, targets, self._clock())

    def posted(self, key: str) -> bool:
        """True if a message of this key was ever put into the outbox."""
        with reading(self._engine) as connection:
            return connection.execute(sa.select(_m.id).where(_m.key == key).limit(1)).scalar() is not None

    def undelivered(self, *, limit: int = 100) -> list[Message]:
        """Messages whose next try has come, oldest first."""
        query = sa.select(*_m).where(_m.next_try <= self._clock()).order_by(_m.id).limit(limit)
        with reading(self._engine) as connection:
            return [Message(**row._mapping) for row in connection.execute(query)]

    def outbox(self) -> list[Message]:
        """Messages that still wait, whenever their next try is, and those given up."""
        query = sa.select(*_m).where(_m.delivered.is_(None)).order_by(_m.id)
        with reading(self._engine) as connection:
            return [Message(**row._mapping) for row in connection.execute(query)]

    def delivered(self, message_id: int) -> None:
        """The target took the message."""
        with writing(self._engine) as connection:
            connection.execute(
                schema.message.update().where(_m.id == message_id),
                {"delivered": self._clock(), "next_try": None, "last_error": None},
            )

    def failed(self, message_id: int, why: str, *, next_try: datetime | None) -> None:
        """The target did not take the message; ``next_try`` None gives it up."""
        with writing(self._engine) as connection:
            connection.execute(
                schema.message.update()
                .where(_m.id == message_id)
                .values(attempts=_m.attempts + 1, next_try=next_try, last_error=why)
            )


def _still(
    connection: Connection, row: AnyRow, trouble: Trouble, now: datetime, remind: timedelta
) -> list[Happened]:
    changed: dict[str, object] = {}
    known = row._mapping  # `count` of a row is the method of tuples
    if (known["count"], known["detail"]) != (trouble.count, trouble.detail):
        changed = {"count": trouble.count, "detail": trouble.detail, "last_seen": now}
    due = (row.reminded or row.opened) + remind * 2**row.reminders <= now
    if due:
        changed |= {"reminded": now, "reminders": row.reminders + 1, "last_seen": now}
    if changed:
        connection.execute(schema.incident.update().where(_i.id == row.id), changed)
    return [Happened(what=What.REMINDED, incident=_incident(row, **changed))] if due else []


def _open(connection: Connection, trouble: Trouble, now: datetime) -> Incident:
    values = {
        "kind": trouble.kind,
        "portal_key": trouble.portal_key,
        "since": trouble.since,
        "opened": now,
        "reminders": 0,
        "last_seen": now,
        "count": trouble.count,
        "detail": trouble.detail,
    }
    number = insert(connection, schema.incident, values)
    return _incident(connection.execute(sa.select(*_i).where(_i.id == number)).one())


def _post(connection: Connection, letter: Letter, targets: Collection[str], now: datetime) -> int:
    has = set(connection.execute(sa.select(_m.target).where(_m.key == letter.key)).scalars())
    missing = [target for target in sorted(targets) if target not in has]
    for target in missing:
        insert(
            connection,
            schema.message,
            {
                "key": letter.key,
                "target": target,
                "title": letter.title,
                "body": letter.body,
                "html": letter.html,
                "created": now,
                "next_try": now,
                "attempts": 0,
            },
        )
    return len(missing)


def _incident(row: AnyRow, **changed: object) -> Incident:
    values = {**row._mapping, **changed}
    return Incident(**values)
