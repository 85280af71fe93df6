"""What is wrong now, computed from the archive: each trouble with its beginning and a line for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from archive.freshness import Crawls, Facts, Visits
from archive.incidents import Trouble
from archive.records import Outcome, RunState
from archive.visits import ServiceSign
from scheduler.due import roll_of
from scheduler.season import CHINA, day_in_china, season_at

if TYPE_CHECKING:
    from scheduler.portals import Portal, Portals
    from scheduler.settings import Alarms

GIB = 1024**3


class Kind(StrEnum):
    """Kinds of incidents."""

    UNREADABLE = "unreadable"  # no answer, or the crawl fails before it begins
    BLOCKED = "blocked"  # the portal refuses us
    COLUMN = "column_lost"  # a column that listed reports stands there no more, or stands there empty
    PARTIAL = "partial"  # twice in a row only a part was read
    QUARANTINE = "quarantine"  # readings that wait for a person pile up
    OVERDUE = "overdue"  # the deadline is over and reports are missing
    SITE_FILE = "site_file"  # the site file cannot be used; the last good one is
    DISK = "disk"  # nearly full
    SILENT = "service_silent"  # no service ran for a long time


_REFUSED = {Outcome.CHALLENGE, Outcome.FORBIDDEN, Outcome.RATE_LIMITED, Outcome.ROBOTS}
_NOT_THERE = {Outcome.GONE.value, Outcome.SOFT_404.value, Outcome.MOVED.value}
PARTIAL_TIMES = 2


@dataclass(frozen=True, kw_only=True)
class Disk:
    """A disk that the archive or the service writes to."""

    path: str
    free: int
    total: int


def troubles(
    portals: Portals,
    facts: Facts,
    alarms: Alarms,
    *,
    now: datetime,
    disks: Iterable[Disk] = (),
    services: Sequence[ServiceSign] = (),
) -> list[Trouble]:
    """Everything that is wrong, in a fixed order.

    Args:
        portals: Who is watched.
        facts: What the archive says of them.
        alarms: Thresholds.
        now: The moment.
        disks: Where there must be space.
        services: Services that ran last, newest first; none: no service was ever started, nobody misses it.
    """
    found: list[Trouble] = []
    for portal in portals.by_key.values():
        found += _of_portal(portal, facts, alarms, now)
    found += (
        Trouble(kind=Kind.SITE_FILE, portal_key=key, since=now, count=1, detail=why)
        for key, why in sorted(portals.broken.items())
    )
    found += _of_disks(disks, alarms, now)
    found += _of_services(services, alarms, now)
    return found


def _of_portal(portal: Portal, facts: Facts, alarms: Alarms, now: datetime) -> Iterator[Trouble]:
    key = portal.key
    crawls, visits = facts.crawls.get(key), facts.visits.get(key)
    lost = _lost_columns(key, crawls, facts, now)
    if visits is not None and visits.runless >= alarms.failures:
        yield _runless(key, visits)
    elif crawls is not None and not (lost is not None and _explained(crawls)):
        yield from _unread(key, crawls, alarms)
    if lost is not None:
        yield lost
    if (waiting := facts.waiting.get(key, 0)) >= alarms.quarantine:
        yield Trouble(
            kind=Kind.QUARANTINE,
            portal_key=key,
            since=now,
            count=waiting,
            detail=f"{waiting} readings wait in quarantine: archive quarantine list --site {key}",
        )
    yield from _overdue(portal, facts, alarms, now)


def _lost_columns(key: str, crawls: Crawls | None, facts: Facts, now: datetime) -> Trouble | None:
    """Columns that gave reports and give none any more."""
    gone, empty = facts.lost_columns.get(key, 0), facts.emptied_columns.get(key, 0)
    said = []
    if gone:
        one, many = "a column that listed reports stands", f"{gone} columns that listed reports stand"
        said.append(f"{one if gone == 1 else many} there no more, and nothing like it was found elsewhere")
    if empty:
        one, many = "a column that listed reports lists", f"{empty} columns that listed reports list"
        said.append(f"{one if empty == 1 else many} nothing any more")
    if not said:
        return None
    return Trouble(
        kind=Kind.COLUMN,
        portal_key=key,
        since=now if crawls is None else crawls.started,
        count=gone + empty,
        detail="; ".join(said),
    )


def _explained(crawls: Crawls) -> bool:
    """True if a lost column is why the portal was not read completely: one incident says it."""
    return crawls.state is RunState.PARTIAL or (
        crawls.state is RunState.BLOCKED and bool(crawls.outcomes) and set(crawls.outcomes) <= _NOT_THERE
    )


def _runless(key: str, visits: Visits) -> Trouble:
    return Trouble(
        kind=Kind.UNREADABLE,
        portal_key=key,
        since=visits.runless_since or visits.launched,
        count=visits.runless,
        detail=f"no crawl came about, {visits.runless} times in a row: {visits.detail or 'no reason given'}",
    )


def _unread(key: str, crawls: Crawls, alarms: Alarms) -> Iterator[Trouble]:
    since = crawls.failing_since or crawls.started
    said = crawls.summary or crawls.state.value
    bad = crawls.state in {RunState.BLOCKED, RunState.FAILED, RunState.ABANDONED}
    if bad and crawls.failures - crawls.partial >= alarms.failures:
        refused = sorted(set(crawls.outcomes) & {outcome.value for outcome in _REFUSED})
        yield Trouble(
            kind=Kind.BLOCKED if refused else Kind.UNREADABLE,
            portal_key=key,
            since=since,
            count=crawls.failures,
            detail=f"{crawls.failures} crawls in a row: {said}"
            + (f" ({', '.join(refused)})" if refused else ""),
        )
    if crawls.state is RunState.PARTIAL and crawls.partial >= PARTIAL_TIMES:
        yield Trouble(
            kind=Kind.PARTIAL,
            portal_key=key,
            since=since,
            count=crawls.partial,
            detail=f"read only in part {crawls.partial} times in a row: {said}",
        )


def _overdue(portal: Portal, facts: Facts, alarms: Alarms, now: datetime) -> Iterator[Trouble]:
    today = day_in_china(now)
    season = season_at(today)
    if not season.deadline + timedelta(days=alarms.overdue_days) <= today <= season.closes:
        return
    roll = roll_of(portal, facts.rolls, facts.reported_codes)
    if roll is None or roll.complete or portal.key not in facts.crawls:
        return
    missing = roll.expected - roll.reported
    yield Trouble(
        kind=Kind.OVERDUE,
        portal_key=portal.key,
        since=datetime.combine(season.deadline, time(), CHINA),
        count=missing,
        detail=(
            f"{missing} of {roll.expected} bodies have no report on {season.report_year}, "
            f"due before {season.deadline}"
        ),
    )


def _of_disks(disks: Iterable[Disk], alarms: Alarms, now: datetime) -> Iterator[Trouble]:
    full = [
        disk
        for disk in disks
        if disk.free < alarms.disk_gib * GIB or disk.free * 100 < alarms.disk_percent * disk.total
    ]
    if full:
        words = "; ".join(
            f"{disk.free / GIB:.1f} GiB of {disk.total / GIB:.1f} free at {disk.path}" for disk in full
        )
        yield Trouble(kind=Kind.DISK, portal_key="", since=now, count=len(full), detail=words)


def _of_services(services: Sequence[ServiceSign], alarms: Alarms, now: datetime) -> Iterator[Trouble]:
    if not services:
        return
    last = max(service.heartbeat for service in services)
    if now - last > timedelta(hours=alarms.silence_hours):
        yield Trouble(
            kind=Kind.SILENT,
            portal_key="",
            since=last,
            count=1,
            detail=f"no service has shown a sign of life since {last:%Y-%m-%d %H:%M} UTC",
        )
