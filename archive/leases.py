"""Who works on a portal: runs and their leases, taken and renewed in the database."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema
from archive.errors import ArchiveError, PortalBusy
from archive.records import PortalRecord, RunState
from archive.transaction import insert


def this_process() -> str:
    """A name for this process as owner of leases: ``host:pid:birth``.

    The birth mark tells a later process with the same pid from this one, so that the lease of
    a killed run can be taken over at once on the same machine instead of after it expired.
    """
    return f"{socket.gethostname()}:{os.getpid()}:{_birth(os.getpid())}"


def is_dead(owner: str) -> bool:
    """True if the owner was a process of this machine and is no more; False where nobody can tell."""
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    pid, birth = rest, owner.rpartition(":")[2]
    if host != socket.gethostname() or not pid.isdecimal() or not birth:
        return False
    ours = _birth(os.getpid())
    if not ours or ours.split("-")[0] != birth.split("-")[0]:  # another container, or a system without /proc
        return False
    return _birth(int(pid)) != birth


def _birth(pid: int) -> str:
    """Process-id namespace and start time of a process; empty if there is no such process to be seen."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        namespace = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:  # no such process, or no /proc: both are told by the empty answer
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else f"{namespace}-{fields[19]}"


def sync_portal(connection: Connection, record: PortalRecord) -> int:
    """Makes the portal's row equal to the seeds and returns its id."""
    table = schema.portal
    values = {
        "key": record.key,
        "name": record.name,
        "level": record.level,
        "division_code": record.division_code,
        "home_url": record.home_url,
        "platform": record.platform,
    }
    known = connection.execute(sa.select(table.c.id).where(table.c.key == record.key)).scalar()
    if known is None:
        return insert(connection, table, {**values, "state": "active"})
    connection.execute(table.update().where(table.c.id == known), values)
    return int(known)


def begin_run(
    connection: Connection,
    portal_id: int,
    *,
    trigger: str,
    code_version: str,
    options: dict[str, Any],
    owner: str,
    lease_seconds: float,
    now: datetime,
) -> int:
    """Takes the portal's lease and opens a run; earlier unfinished runs become ``abandoned``.

    Raises:
        PortalBusy: another live owner holds the lease.
    """
    run, lease = schema.run, schema.lease
    leased = is_leased(connection, portal_id, owner=owner, now=now)
    connection.execute(
        run.update().where(run.c.portal_id == portal_id, run.c.state == RunState.RUNNING),
        {"state": RunState.ABANDONED, "finished": now, "summary": "never finished; found by a later run"},
    )
    run_id = insert(
        connection,
        run,
        {
            "portal_id": portal_id,
            "trigger": trigger,
            "owner": owner,
            "code_version": code_version,
            "options": options,
            "started": now,
            "heartbeat": now,
            "state": RunState.RUNNING,
            "counters": {},
        },
    )
    terms = {
        "run_id": run_id,
        "owner": owner,
        "acquired": now,
        "expires": now + timedelta(seconds=lease_seconds),
        "seconds": lease_seconds,
    }
    if not leased:
        connection.execute(lease.insert(), {"portal_id": portal_id, **terms})
    else:
        connection.execute(lease.update().where(lease.c.portal_id == portal_id), terms)
    return run_id


def is_leased(connection: Connection, portal_id: int, *, owner: str, now: datetime) -> bool:
    """True if a lease on the portal exists that ``owner`` may take over: its own, an ended one, a dead owner's.

    Raises:
        PortalBusy: another live owner holds it; the message names it, since when, until when.
    """
    lease = schema.lease
    held = connection.execute(
        sa.select(lease.c.owner, lease.c.acquired, lease.c.expires, schema.portal.c.key)
        .join(schema.portal, schema.portal.c.id == lease.c.portal_id)
        .where(lease.c.portal_id == portal_id)
    ).one_or_none()
    if held is not None and held.owner != owner and held.expires > now and not is_dead(held.owner):
        raise PortalBusy(
            f"portal {held.key} is being crawled by {held.owner} since "
            f"{held.acquired:%Y-%m-%d %H:%M:%S} UTC; wait for it, or, if it died, "
            f"until its lease ends at {held.expires:%H:%M:%S} UTC"
        )
    return held is not None


def heartbeat(connection: Connection, run_id: int, now: datetime) -> None:
    """Renews the lease of a run.

    Raises:
        PortalBusy: the lease ended and another run took the portal.
    """
    portal_id = running(connection, run_id)
    lease = schema.lease
    seconds = connection.execute(
        sa.select(lease.c.seconds).where(lease.c.portal_id == portal_id, lease.c.run_id == run_id)
    ).scalar_one()
    connection.execute(
        lease.update().where(lease.c.portal_id == portal_id), {"expires": now + timedelta(seconds=seconds)}
    )
    connection.execute(schema.run.update().where(schema.run.c.id == run_id), {"heartbeat": now})


def finish_run(
    connection: Connection,
    run_id: int,
    *,
    state: RunState,
    counters: dict[str, Any],
    summary: str,
    now: datetime,
) -> None:
    """Closes a run and gives its lease back.

    Raises:
        PortalBusy: the lease ended and another run took the portal.
    """
    running(connection, run_id)
    connection.execute(
        schema.run.update().where(schema.run.c.id == run_id),
        {"state": state, "counters": counters, "summary": summary, "finished": now, "heartbeat": now},
    )
    connection.execute(schema.lease.delete().where(schema.lease.c.run_id == run_id))


def running(connection: Connection, run_id: int) -> int:
    """The portal of a run that may still write.

    Raises:
        PortalBusy: the run was taken over; it must stop.
        ArchiveError: there is no such run, or it is finished.
    """
    row = connection.execute(_RUN, {"run_id": run_id}).one_or_none()
    if row is None:
        raise ArchiveError(f"there is no run {run_id} in this archive")
    if row.state == RunState.ABANDONED:
        raise PortalBusy(f"run {run_id} lost its lease to a later run of the same portal; it stops here")
    if row.state != RunState.RUNNING:
        raise ArchiveError(f"run {run_id} is finished ({row.state}); begin another one")
    return int(row.portal_id)


_RUN = sa.select(schema.run.c.portal_id, schema.run.c.state).where(schema.run.c.id == sa.bindparam("run_id"))
