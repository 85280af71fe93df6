"""What runs, what is due, what failed and since when; and how fresh each portal is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.database import place
from archive.freshness import facts
from archive.incidents import IncidentStore
from archive.leases import is_dead
from archive.terminal import counted, one_line
from archive.visits import ServiceSign, VisitStore
from scheduler.due import DueItem, due, plan, roll_of
from scheduler.letters import NAMES
from scheduler.season import CHINA, Phase, day_in_china, phase_at, season_at

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from scheduler.portals import Portals
    from scheduler.settings import Settings

_SHOWN = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """One portal in the table of freshness."""

    key: str
    name: str
    group: str
    last_crawl: datetime | None
    state: str | None
    """Of the last crawl."""
    last_complete: datetime | None
    """When the last crawl began that read the portal completely."""
    failures: int
    """Crawls in a row since then."""
    failing_since: datetime | None
    reports: int
    """On the report year of the season."""
    expected: int | None
    """Bodies that must report; None: nobody knows."""
    reported: int | None
    next_visit: datetime
    reason: str
    why: str
    paused: bool
    busy: str | None
    """Who works on it now."""


def look(settings: Settings, engine: Engine, portals: Portals, *, now: datetime) -> dict[str, Any]:
    """Everything ``scheduler status`` shows, as plain values."""
    season = season_at(day_in_china(now))
    known = facts(engine, report_year=season.report_year, now=now)
    items = due(
        portals.by_key.values(), known, intervals=settings.intervals, retries=settings.retries, now=now
    )
    visits = VisitStore(engine, owner="", clock=lambda: now)
    incidents = IncidentStore(engine, lambda: now)
    lease = timedelta(seconds=settings.pool.lease_seconds)
    failing = sorted(
        (
            (crawls.failing_since or crawls.started, key, crawls)
            for key, crawls in known.crawls.items()
            if crawls.failures
        ),
        key=lambda row: row[:2],
    )
    return {
        "archive": place(engine),
        "at": now,
        "season": {
            "report_year": season.report_year,
            "phase": phase_at(day_in_china(now)).value,
            "deadline": season.deadline,
        },
        "portals": len(portals.by_key),
        "never_crawled": sum(1 for key in portals.by_key if key not in known.crawls),
        "services": [_service(sign, now, lease) for sign in visits.services(limit=5)],
        "running": [
            {
                "portal": visit.portal_key,
                "since": visit.launched,
                "due": visit.due,
                "why": visit.why,
                "owner": visit.owner,
            }
            for visit in visits.running()
        ],
        "due": [of_item(item) for item in items],
        "failing": [
            {
                "portal": key,
                "state": crawls.state.value,
                "since": since,
                "times": crawls.failures,
                "last": crawls.started,
                "summary": crawls.summary,
            }
            for since, key, crawls in failing
        ],
        "incidents": [
            {
                "kind": one.kind,
                "portal": one.portal_key,
                "since": one.since,
                "opened": one.opened,
                "count": one.count,
                "detail": one.detail,
            }
            for one in incidents.open_incidents()
        ],
        "messages_waiting": len(incidents.outbox()),
        "site_files_broken": dict(portals.broken),
    }


def of_item(item: DueItem) -> dict[str, Any]:
    """A due visit as plain values."""
    return {
        "portal": item.portal.key,
        "name": item.portal.name,
        "host_group": item.portal.group,
        "since": item.since,
        "reason": item.reason.value,
        "why": item.why,
        "waits": item.waits,
    }


def freshness(settings: Settings, engine: Engine, portals: Portals, *, now: datetime) -> list[Fresh]:
    """How fresh each portal is, the longest unread first."""
    known = facts(engine, report_year=season_at(day_in_china(now)).report_year, now=now)
    rows = []
    for portal in portals.by_key.values():
        crawls, visits = known.crawls.get(portal.key), known.visits.get(portal.key)
        roll = roll_of(portal, known.rolls, known.reported_codes)
        planned = plan(
            portal, crawls, visits, roll, intervals=settings.intervals, retries=settings.retries, now=now
        )
        rows.append(
            Fresh(
                key=portal.key,
                name=portal.name,
                group=portal.group,
                last_crawl=None if crawls is None else crawls.started,
                state=None if crawls is None else crawls.state.value,
                last_complete=None if crawls is None else crawls.well,
                failures=0 if crawls is None else crawls.failures,
                failing_since=None if crawls is None else crawls.failing_since,
                reports=known.reports.get(portal.key, 0),
                expected=None if roll is None else roll.expected,
                reported=None if roll is None else roll.reported,
                next_visit=planned.at,
                reason=planned.reason.value,
                why=planned.why,
                paused=portal.schedule.paused,
                busy=known.busy.get(portal.key),
            )
        )
    rows.sort(key=lambda row: (row.last_complete is not None, row.last_complete or now, row.key))
    return rows


def shown(found: dict[str, Any]) -> str:
    """The same for a person."""
    season = found["season"]
    now = found["at"]
    lines = [
        f"archive   {found['archive']}",
        f"season    reports on {season['report_year']}, due before {season['deadline']}; now {_phase(season['phase'])}",
        f"portals   {found['portals']}, {found['never_crawled']} of them never crawled",
    ]
    services = found["services"]
    if not services:
        lines.append("service   none was ever started: scheduler start")
    for sign in services[:3]:
        words = (
            "runs"
            if sign["alive"]
            else f"stopped {_ago(sign['stopped'], now)}"
            if sign["stopped"]
            else "died"
        )
        lines.append(
            f"service   {words}; last sign of life {_ago(sign['heartbeat'], now)} ({one_line(sign['owner'])})"
        )
    lines += _block(
        "running", [f"{r['portal']}  for {_span(now - r['since'])}: {r['why']}" for r in found["running"]]
    )
    lines += _block(
        "due",
        [
            f"{r['portal']}  since {_when(r['since'])}: {r['why']}"
            + (f" [waits: {r['waits']}]" if r["waits"] else "")
            for r in found["due"]
        ],
    )
    lines += _block(
        "failing",
        [
            f"{r['portal']}  {r['state']} {counted(r['times'], 'time')} since {_when(r['since'])}: {r['summary'] or ''}"
            for r in found["failing"]
        ],
    )
    lines += _block(
        "incidents",
        [
            f"{NAMES.get(r['kind'], r['kind'])} {r['portal']}  since {_when(r['since'])}: {r['detail']}"
            for r in found["incidents"]
        ],
    )
    if found["messages_waiting"]:
        lines.append(f"messages  {found['messages_waiting']} wait or could not be delivered")
    return "\n".join(lines) + "\n"


def _block(title: str, rows: Sequence[str]) -> list[str]:
    lines = [f"{title:<9} {len(rows) or 'none'}"]
    lines += [f"  {one_line(row)}" for row in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        lines.append(f"  … and {len(rows) - _SHOWN} more (--json shows all)")
    return lines


def _service(sign: ServiceSign, now: datetime, lease: timedelta) -> dict[str, Any]:
    alive = sign.stopped is None and not is_dead(sign.owner) and now - sign.heartbeat <= lease
    return {
        "owner": sign.owner,
        "started": sign.started,
        "heartbeat": sign.heartbeat,
        "stopped": sign.stopped,
        "version": sign.code_version,
        "alive": alive,
    }


def _phase(phase: str) -> str:
    return {
        Phase.EARLY: "the first appear",
        Phase.MAIN: "most appear",
        Phase.DEADLINE: "the deadline",
        Phase.LATE: "after the deadline",
        Phase.QUIET: "quiet",
    }[Phase(phase)]


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _ago(moment: datetime, now: datetime) -> str:
    return f"{_span(now - moment)} ago"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"
