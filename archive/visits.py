"""What the service writes about its work: signs of life, visits to portals, leases of shared hosts.

A visit is one attempt to have a portal crawled: claimed before anything is started, closed with what became of it.
Claims compare what the claimant knew with what is there now, in one transaction, so that of any number of services one
gets a visit, whatever their clocks say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import schema
from archive.clock import Clock
from archive.database import reading, writing
from archive.leases import is_dead
from archive.records import RunState
from archive.transaction import AnyRow, insert

_v, _h, _s, _r, _p = (
    schema.visit.c,
    schema.host_lease.c,
    schema.service.c,
    schema.run.c,
    schema.portal.c,
)

NOT_CRAWLS = ("reextract", "import", "replay", "probe")
"""Triggers of runs that asked the portal nothing, or only looked at it: no visits."""


class VisitState(StrEnum):
    """What became of a visit. The states of its run, where it had one, and four of its own."""

    RUNNING = "running"
    COMPLETE = "complete"
    PARTIAL = "partial"
    BLOCKED = "blocked"
    NOTHING = "nothing"
    FAILED = "failed"  # the run failed, or none began (bad site file, archive away)
    OVERTIME = "overtime"  # ended at its time limit
    HANDED_BACK = "handed_back"  # the service stopped before it was done: still due
    LOST = "lost"  # the service died under it: still due


UNFINISHED = (VisitState.HANDED_BACK, VisitState.LOST)
"""States in which nothing was found out about the portal."""


class NotClaimed(Exception):  # a decision, not a failure: the claimant goes on to the next portal
    """The visit is somebody else's, or not due any more; ``str()`` says why in one line."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a service asks for before it launches a crawl."""

    portal_key: str
    host_group: str
    due: datetime
    """Since when the visit is due."""
    reason: str
    why: str
    """For a person."""
    seen_visit_id: int
    """The portal's newest visit when due-ness was computed; 0: none."""
    seen_run_id: int
    """The portal's newest crawl then; 0: none."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A visit as the table has it."""

    id: int
    portal_key: str
    host_group: str
    due: datetime
    reason: str
    why: str
    owner: str
    launched: datetime
    finished: datetime | None
    state: VisitState
    exit_code: int | None
    run_id: int | None
    detail: str | None


@dataclass(frozen=True, kw_only=True)
class ServiceSign:
    """A service that ran on this archive."""

    id: int
    owner: str
    code_version: str
    started: datetime
    heartbeat: datetime
    stopped: datetime | None


class VisitStore:
    """Writes and reads visits, each call one transaction.

    Args:
        engine: An open archive.
        owner: Name of this process (``archive.leases.this_process``).
        clock: Tells the time (UTC).
        lease_seconds: How long a host group stays taken without a sign of life.
        dead: Tells whether an owner is surely no more.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        owner: str,
        clock: Clock,
        lease_seconds: float = 120,
        dead: Callable[[str], bool] = is_dead,
    ) -> None:
        self._engine = engine
        self.owner = owner
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self._dead = dead
        self.patient = False
        """Leases that ran out do not count: their holders could not renew them, or the clock is not to be believed."""

    # -- signs of life --------------------------------------------------------------------------

    def begin_service(self, code_version: str) -> int:
        """A service starts; returns its number."""
        now = self._clock()
        with writing(self._engine) as connection:
            return insert(
                connection,
                schema.service,
                {"owner": self.owner, "code_version": code_version, "started": now, "heartbeat": now},
            )

    def beat(self, service_id: int) -> frozenset[int]:
        """Renews the sign of life and the leases of this service; returns the visits that still are its own."""
        now = self._clock()
        with writing(self._engine) as connection:
            connection.execute(schema.service.update().where(_s.id == service_id), {"heartbeat": now})
            mine = frozenset(
                connection.execute(
                    sa.select(_v.id).where(_v.owner == self.owner, _v.state == VisitState.RUNNING)
                ).scalars()
            )
            connection.execute(
                schema.host_lease.update().where(_h.owner == self.owner), {"expires": now + self._lease}
            )
            return mine

    def end_service(self, service_id: int) -> None:
        """The service stops in good order."""
        now = self._clock()
        with writing(self._engine) as connection:
            connection.execute(
                schema.service.update().where(_s.id == service_id), {"heartbeat": now, "stopped": now}
            )

    def services(self, limit: int = 10) -> list[ServiceSign]:
        """The services that ran last, newest first."""
        query = sa.select(*_s).order_by(_s.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            return [ServiceSign(**row._mapping) for row in connection.execute(query)]

    # -- visits ---------------------------------------------------------------------------------

    def claim(self, claim: Claim) -> int:
        """Takes a visit and the lease of its host group; returns the visit's number.

        Raises:
            NotClaimed: The portal or its group is being visited, or was visited since due-ness was computed.
        """
        now = self._clock()
        with writing(self._engine) as connection:
            self._check(connection, claim, now)
            visit_id = insert(
                connection,
                schema.visit,
                {
                    "portal_key": claim.portal_key,
                    "host_group": claim.host_group,
                    "due": claim.due,
                    "reason": claim.reason,
                    "why": claim.why,
                    "owner": self.owner,
                    "launched": now,
                    "state": VisitState.RUNNING,
                    "after_run_id": claim.seen_run_id,
                },
            )
            terms = {"visit_id": visit_id, "owner": self.owner, "acquired": now, "expires": now + self._lease}
            taken = connection.execute(
                schema.host_lease.update().where(_h.host_group == claim.host_group), terms
            )
            if not taken.rowcount:
                connection.execute(schema.host_lease.insert(), {"host_group": claim.host_group, **terms})
            return visit_id

    def finish(
        self,
        visit_id: int,
        *,
        exit_code: int | None,
        state: VisitState | None = None,
        detail: str | None = None,
    ) -> VisitState:
        """Closes a visit with the result of its run and gives the host group back; returns its state.

        Calling it again changes nothing: the state that stands is returned.

        Args:
            visit_id: From :meth:`claim`.
            exit_code: Of the crawl; None if it never ended by itself.
            state: Goes before the run's own state (a time limit, a hand-back) unless the run was complete.
            detail: One line for a person.
        """
        with writing(self._engine) as connection:
            row = connection.execute(sa.select(*_v).where(_v.id == visit_id)).one()
            if row.state != VisitState.RUNNING:
                return VisitState(row.state)
            return self._close(connection, row, exit_code=exit_code, state=state, detail=detail)

    def recover(self, mine: Collection[int] | None = None) -> list[Visit]:
        """Closes visits whose service is no more; returns those it closed.

        A crawl that outlived its service, or is only now stopping, keeps its portal's lease: its visit stays open and
        its host group taken until the crawl has ended.

        Args:
            mine: Visits that this service has under way; None: all that are its own. Another one was claimed while the
                database stopped, which kept it and could not say so: nobody crawls it.
        """
        now = self._clock()
        closed: list[int] = []
        with writing(self._engine) as connection:
            for row in connection.execute(sa.select(*_v).where(_v.state == VisitState.RUNNING)).all():
                if row.owner == self.owner:
                    if mine is None or row.id in mine:
                        continue
                elif not self._gone(connection, row, now):
                    continue
                if _crawler_alive(connection, row.portal_key, now):
                    continue
                why = "the service died" if row.owner != self.owner else "claimed while the archive stopped"
                self._close(connection, row, exit_code=None, state=VisitState.LOST, detail=why)
                closed.append(row.id)
            query = sa.select(*_v).where(_v.id.in_(closed)).order_by(_v.id)
            return [_visit(row) for row in connection.execute(query)]

    def running(self) -> list[Visit]:
        """Visits under way, oldest first."""
        return self._visits(sa.select(*_v).where(_v.state == VisitState.RUNNING).order_by(_v.id))

    def history(self, portal_key: str | None = None, *, limit: int = 50) -> list[Visit]:
        """The newest visits, of one portal or of all, newest first."""
        query = sa.select(*_v).order_by(_v.id.desc()).limit(limit)
        return self._visits(query if portal_key is None else query.where(_v.portal_key == portal_key))

    def _visits(self, query: sa.Select[Any]) -> list[Visit]:
        with reading(self._engine) as connection:
            return [_visit(row) for row in connection.execute(query)]

    # -- inside a transaction -------------------------------------------------------------------

    def _check(self, connection: Connection, claim: Claim, now: datetime) -> None:
        newest = connection.execute(
            sa.select(_v.id, _v.state, _v.owner)
            .where(_v.portal_key == claim.portal_key)
            .order_by(_v.id.desc())
            .limit(1)
        ).one_or_none()
        if newest is not None and newest.state == VisitState.RUNNING:
            raise NotClaimed(f"{claim.portal_key} is being visited by {newest.owner}")
        if (0 if newest is None else newest.id) != claim.seen_visit_id:
            raise NotClaimed(f"{claim.portal_key} was visited by another service meanwhile")
        if newest_run(connection, claim.portal_key) != claim.seen_run_id:
            raise NotClaimed(f"{claim.portal_key} was crawled by somebody else meanwhile")
        if _crawler_alive(connection, claim.portal_key, now):
            raise NotClaimed(f"{claim.portal_key} is being crawled by somebody else")
        for row in connection.execute(
            sa.select(_v.portal_key, _v.owner, _h.expires)
            .join_from(schema.visit, schema.host_lease, _h.visit_id == _v.id, isouter=True)
            .where(_v.host_group == claim.host_group, _v.state == VisitState.RUNNING)
        ):
            ended = self._dead(row.owner) or (row.expires is not None and self._ran_out(row.expires, now))
            if not ended or row.owner == self.owner or _crawler_alive(connection, row.portal_key, now):
                raise NotClaimed(f"host group {claim.host_group} is busy with {row.portal_key}")

    def _gone(self, connection: Connection, row: AnyRow, now: datetime) -> bool:
        """True if the service of a visit is dead, or its lease ran out."""
        if self._dead(row.owner):
            return True
        expires = connection.execute(sa.select(_h.expires).where(_h.visit_id == row.id)).scalar()
        return expires is None or self._ran_out(expires, now)

    def _ran_out(self, expires: datetime, now: datetime) -> bool:
        return not self.patient and expires <= now

    def _close(
        self,
        connection: Connection,
        row: AnyRow,
        *,
        exit_code: int | None,
        state: VisitState | None,
        detail: str | None,
    ) -> VisitState:
        run = connection.execute(
            sa.select(_r.id, _r.state, _r.summary)
            .join(schema.portal, _p.id == _r.portal_id)
            .where(_p.key == row.portal_key, _r.id > row.after_run_id, _r.trigger.not_in(NOT_CRAWLS))
            .order_by(_r.id.desc())
            .limit(1)
        ).one_or_none()
        said = None if run is None else _BY_RUN.get(run.state)
        became = said if said in _ENDED_WELL else state or said or VisitState.FAILED
        connection.execute(
            schema.visit.update().where(_v.id == row.id),
            {
                "state": became,
                "finished": self._clock(),
                "exit_code": exit_code,
                "run_id": None if run is None else run.id,
                "detail": detail or (None if run is None else run.summary),
            },
        )
        connection.execute(schema.host_lease.delete().where(_h.visit_id == row.id))
        return became


_BY_RUN = {
    RunState.COMPLETE: VisitState.COMPLETE,
    RunState.PARTIAL: VisitState.PARTIAL,
    RunState.BLOCKED: VisitState.BLOCKED,
    RunState.NOTHING: VisitState.NOTHING,
    RunState.FAILED: VisitState.FAILED,
}
"""A run left ``running`` or ``abandoned`` was killed: the visit failed unless its service says why."""
_ENDED_WELL = (VisitState.COMPLETE, VisitState.NOTHING)


def newest_run(connection: Connection, portal_key: str) -> int:
    """The number of the portal's newest crawl; 0 if there was none."""
    query = (
        sa.select(_r.id)
        .join(schema.portal, _p.id == _r.portal_id)
        .where(_p.key == portal_key, _r.trigger.not_in(NOT_CRAWLS))
        .order_by(_r.id.desc())
        .limit(1)
    )
    return int(connection.execute(query).scalar() or 0)


def _crawler_alive(connection: Connection, portal_key: str, now: datetime) -> bool:
    """True while a crawl holds the portal's own lease."""
    lease = schema.lease.c
    held: Sequence[AnyRow] = connection.execute(
        sa.select(lease.owner, lease.expires)
        .join(schema.portal, _p.id == lease.portal_id)
        .where(_p.key == portal_key)
    ).all()
    return any(row.expires > now and not is_dead(row.owner) for row in held)


def _visit(row: AnyRow) -> Visit:
    values = dict(row._mapping)
    del values["after_run_id"]
    return Visit(**{**values, "state": VisitState(values["state"])})
