"""What is due now and why: pure functions of what the archive says, the calendar and the moment.

Each portal has slots in the calendar of China: its season's phases say how far they lie apart, its key where the first
one of a phase lies, so that the portals of the country are spread evenly. A portal is due when a slot has passed since
its last visit. However many passed, one visit answers them all: after a down-time nothing is caught up twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

from archive.freshness import Crawls, Facts, Roll, Visits
from archive.records import RunState
from archive.visits import UNFINISHED, VisitState
from scheduler.season import CHINA, Phase, Span, day_in_china, season_at, spans_from

if TYPE_CHECKING:
    from scheduler.portals import Portal
    from scheduler.settings import Intervals, Retries

FUTURE = timedelta(hours=36)
"""A last visit further ahead than this was dated by a wrong clock and does not count. Less is an hour's change of the
clock or a zone set wrong: counted, so that nothing is visited twice for it."""
MOST_REST = timedelta(days=10)
"""A slot that comes sooner than half an interval, or this, after a visit is left out: the visit was late, or somebody
else's. More than ten days could leave out the only slot that January to March have where intervals are 60 days."""
RETURNS = 3
"""Visits in a row that were handed back or lost before they count as failures: a portal that kills its crawl."""


class Reason(StrEnum):
    """Why a portal is due, in the order in which they are served."""

    NEVER = "never"  # nobody ever asked it
    RETURNED = "returned"  # its last visit was handed back or lost
    CLOCK = "clock"  # its last visit is dated in the future
    RETRY = "retry"  # its last visit did not read it completely
    SEASON = "season"  # reports are expected
    RECHECK = "recheck"  # known pages are looked at again


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """When a portal is to be visited next."""

    key: str
    at: datetime
    """The first moment at which it is due; in the past: since when."""
    reason: Reason
    why: str
    """For a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueItem:
    """A visit that is due."""

    portal: Portal
    since: datetime
    reason: Reason
    why: str
    waits: str | None
    """Why it cannot begin right now: its crawl window."""
    seen_visit_id: int
    seen_run_id: int


def due(
    portals: Iterable[Portal],
    facts: Facts,
    *,
    intervals: Intervals,
    retries: Retries,
    now: datetime,
) -> list[DueItem]:
    """What is due at a moment, never-tried portals first, then the longest due; the same for the same facts.

    Portals that are under way, or paused by their site file, are left out.

    Args:
        portals: Those that can be visited.
        facts: What the archive says of them.
        intervals: How often.
        retries: How soon after failures.
        now: The moment.
    """
    items = []
    for portal in portals:
        if portal.schedule.paused or portal.key in facts.busy:
            continue
        crawls, visits = facts.crawls.get(portal.key), facts.visits.get(portal.key)
        planned = plan(
            portal,
            crawls,
            visits,
            roll_of(portal, facts.rolls, facts.reported_codes),
            intervals=intervals,
            retries=retries,
            now=now,
        )
        if planned.at > now:
            continue
        window = portal.window
        items.append(
            DueItem(
                portal=portal,
                since=planned.at,
                reason=planned.reason,
                why=planned.why,
                waits=window.why(now) if window is not None and not window.is_open(now) else None,
                seen_visit_id=0 if visits is None else visits.visit_id,
                seen_run_id=0 if crawls is None else crawls.run_id,
            )
        )
    first = (Reason.NEVER, Reason.RETURNED)
    items.sort(
        key=lambda item: (
            first.index(item.reason) if item.reason in first else len(first),
            item.since,
            item.portal.key,
        )
    )
    return items


def roll_of(portal: Portal, rolls: Mapping[str, Roll], reported_codes: Mapping[str, int]) -> Roll | None:
    """Who must report on a portal and who did: by the archive's roster, else by the streets and towns of the seeds."""
    known = rolls.get(portal.key)
    if known is not None:
        return known
    if not portal.units:
        return None
    reported = reported_codes.get(portal.division_code or "", 0)
    return Roll(expected=portal.units, reported=min(reported, portal.units))


def plan(
    portal: Portal,
    crawls: Crawls | None,
    visits: Visits | None,
    roll: Roll | None,
    *,
    intervals: Intervals,
    retries: Retries,
    now: datetime,
) -> Planned:
    """When a portal is to be visited next, and why.

    Args:
        portal: The portal.
        crawls: Its crawls, whoever asked for them; None: there was none.
        visits: Its visits by the service; None: there was none.
        roll: Who must report on it and who did for the running season; None: nobody knows.
        intervals: How often.
        retries: How soon after failures.
        now: The moment; only a visit dated in the future is judged by it.
    """
    if visits is not None and (
        crawls is None or crawls.run_id <= max(visits.run_id or 0, visits.after_run_id)
    ):
        last = visits.launched
        ours = _by_visit(portal, visits, retries)
    elif crawls is not None:
        last = crawls.started
        ours = None
    else:
        opens = datetime.combine(season_at(day_in_china(now)).opens, time(), CHINA).astimezone(UTC)
        return Planned(key=portal.key, at=opens, reason=Reason.NEVER, why="never visited")
    if last > now + FUTURE:
        why = f"the last visit is dated {last:%Y-%m-%d}, which has not come: a wrong clock"
        return Planned(key=portal.key, at=now, reason=Reason.CLOCK, why=why)
    if ours is not None:
        return ours
    slot = _slot(portal, last, roll, intervals)
    if crawls is None or crawls.state in {RunState.COMPLETE, RunState.NOTHING}:
        return slot
    retry = _by_crawl(portal, crawls, retries, now)
    # A portal of which a part was read is never visited less often than one that was read whole.
    return min(retry, slot, key=lambda one: one.at) if crawls.state is RunState.PARTIAL else retry


def _by_visit(portal: Portal, visits: Visits, retries: Retries) -> Planned | None:
    """The next visit where the last one brought no run to judge by."""
    if visits.state in UNFINISHED:
        if visits.returned < RETURNS:
            words = (
                "was handed back unfinished"
                if visits.state is VisitState.HANDED_BACK
                else "was lost: its service died"
            )
            why = f"the visit of {_day(visits.launched)} {words}"
            return Planned(key=portal.key, at=visits.due, reason=Reason.RETURNED, why=why)
        wait = _backoff(visits.returned - RETURNS + 1, retries.first_hours, retries)
        why = f"{visits.returned} visits in a row did not come to an end; tried again after {_words(wait)}"
        return Planned(key=portal.key, at=visits.launched + wait, reason=Reason.RETRY, why=why)
    if visits.run_id is None and visits.state in {VisitState.FAILED, VisitState.OVERTIME}:
        wait = _backoff(max(1, visits.runless), retries.first_hours, retries)
        since = visits.runless_since or visits.launched
        why = (
            f"failed {_times(visits.runless)} before a crawl began, since {_day(since)}"
            f" ({visits.detail or 'no reason given'}); tried again after {_words(wait)}"
        )
        return Planned(key=portal.key, at=visits.launched + wait, reason=Reason.RETRY, why=why)
    return None


def _by_crawl(portal: Portal, crawls: Crawls, retries: Retries, now: datetime) -> Planned:
    blocked = crawls.state is RunState.BLOCKED
    failures = max(1, crawls.failures)
    wait = _backoff(failures, retries.blocked_hours if blocked else retries.first_hours, retries)
    since = crawls.failing_since or crawls.started
    words = "killed" if crawls.state in {RunState.RUNNING, RunState.ABANDONED} else crawls.state.value
    why = f"{words}, not read completely {_times(failures)} since {_day(since)}; tried again after {_words(wait)}"
    ended = crawls.finished or crawls.started
    if ended > now + FUTURE:  # the clock was set ahead while it crawled: its begin was dated by the right one
        ended = crawls.started
    return Planned(key=portal.key, at=ended + wait, reason=Reason.RETRY, why=why)


def _backoff(failures: int, first_hours: float, retries: Retries) -> timedelta:
    steps = min(failures - 1, 64)  # by then every cap has long been reached
    return timedelta(hours=min(first_hours * retries.factor**steps, retries.most_days * 24))


# -- slots --------------------------------------------------------------------------------------


def _slot(portal: Portal, last: datetime, roll: Roll | None, intervals: Intervals) -> Planned:
    complete = roll is not None and roll.complete
    at, phase, days = next_slot(portal, last, intervals, complete=complete)
    every = "every day" if days == 1 else f"every {days:g} days"
    if phase is Phase.QUIET:
        reason, why = Reason.RECHECK, f"known pages are looked at again all year, {every}"
    elif complete and roll is not None:
        reason, why = Reason.RECHECK, f"all {roll.expected} bodies have reported; looked at again {every}"
    else:
        year = season_at(day_in_china(at)).report_year
        found = "" if roll is None else f", {roll.reported} of {roll.expected} bodies have reported"
        reason, why = Reason.SEASON, f"reports on {year} are expected{found}; a visit {every}"
    return Planned(key=portal.key, at=at, reason=reason, why=why)


def next_slot(
    portal: Portal, after: datetime, intervals: Intervals, *, complete: bool
) -> tuple[datetime, Phase, float]:
    """The portal's first slot after a moment, the phase it lies in and the days between slots there.

    Args:
        portal: Its key and overrides count.
        after: The moment (UTC).
        intervals: The settings.
        complete: All bodies of its roster have reported for the season.
    """
    for span in _spans(day_in_china(after).year):
        if span.ends <= after:
            continue
        days = _days(portal, span.phase, intervals, complete=complete)
        interval = timedelta(days=days)
        first = span.begins + interval * _share(portal.key)
        earliest = after + min(interval / 2, MOST_REST)
        slot = first if earliest < first else first + interval * -((first - earliest) // interval)
        if slot < span.ends:
            return slot, span.phase, days
    raise AssertionError("every January to March has a slot: intervals are 60 days at most")


def _days(portal: Portal, phase: Phase, intervals: Intervals, *, complete: bool) -> float:
    said = portal.schedule.quiet_days if phase is Phase.QUIET else portal.schedule.every_days
    days = intervals.days(phase) if said is None else said
    return min(60.0, days * intervals.complete) if complete and phase is not Phase.QUIET else days


@lru_cache(maxsize=32)
def _spans(year: int) -> tuple[Span, ...]:
    """The spans of a year and the next, in UTC."""
    spans: list[Span] = []
    for span in spans_from(datetime(year, 1, 1, tzinfo=CHINA)):
        if span.begins.year > year + 1:
            return tuple(spans)
        spans.append(Span(span.phase, span.begins.astimezone(UTC), span.ends.astimezone(UTC)))
    raise AssertionError("spans never end")


@lru_cache(maxsize=8192)
def _share(key: str) -> float:
    """Where in the interval a portal's slots lie, from 0 to 1: the same on every machine."""
    return crc32(key.encode()) / 2**32


# -- words --------------------------------------------------------------------------------------


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d}"


def _times(number: int) -> str:
    return "once" if number <= 1 else f"{number} times in a row"


def _words(wait: timedelta) -> str:
    hours = wait / timedelta(hours=1)
    return f"{hours:g} hours" if hours < 48 else f"{hours / 24:g} days"
