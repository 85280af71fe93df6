"""Plays a stretch of time on a fake clock: which portals would be visited on which day.

The same functions decide as in the service (:mod:`scheduler.due`); only portals and archive are made up. When bodies
publish follows the months observed on 43 dated reports (:mod:`scheduler.season`).
"""

from __future__ import annotations

import heapq
import random
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from archive.freshness import Crawls, Roll
from archive.records import RunState
from scheduler.due import Reason, plan
from scheduler.season import CHINA, day_in_china, season_at

if TYPE_CHECKING:
    from scheduler.portals import Portal
    from scheduler.settings import Intervals, Retries

_MONTHS = {12: 1, 1: 13, 2: 12, 3: 12, 4: 1, 5: 2, 6: 2}
_NEVER = 0.03
"""Share of bodies that publish nothing in a season. An assumption: nobody has counted them yet."""
_BAD = (RunState.PARTIAL, RunState.PARTIAL, RunState.BLOCKED, RunState.FAILED)
_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SimulatedVisit:
    """One visit that would have been made."""

    key: str
    at: datetime
    reason: Reason
    state: RunState


@dataclass(kw_only=True)
class Simulation:
    """What a stretch of time would bring, counted."""

    begins: date
    ends: date
    """First day that is no longer part of it."""
    portals: int
    by_day: Counter[date] = field(default_factory=Counter)
    by_portal: Counter[str] = field(default_factory=Counter)
    by_month: dict[str, Counter[str]] = field(default_factory=dict)
    by_reason: Counter[str] = field(default_factory=Counter)

    @property
    def visits(self) -> int:
        """All of them."""
        return self.by_day.total()

    def months(self) -> list[dict[str, Any]]:
        """Per month: visits, portals, visits of a portal (least, median, most), the busiest day."""
        rows = []
        for month, counted in sorted(self.by_month.items()):
            each = sorted(counted.values())
            days = {day: n for day, n in self.by_day.items() if f"{day:%Y-%m}" == month}
            busiest = max(days, key=lambda day: (days[day], day))
            rows.append(
                {
                    "month": month,
                    "visits": sum(each),
                    "portals": len(each),
                    "least": each[0] if len(each) == self.portals else 0,
                    "median": statistics.median_low(each),
                    "most": each[-1],
                    "busiest_day": busiest.isoformat(),
                    "busiest": days[busiest],
                }
            )
        return rows

    def as_json(self) -> dict[str, Any]:
        """Everything for programs."""
        return {
            "from": self.begins.isoformat(),
            "to": self.ends.isoformat(),
            "portals": self.portals,
            "visits": self.visits,
            "reasons": dict(sorted(self.by_reason.items())),
            "months": self.months(),
            "days": {day.isoformat(): n for day, n in sorted(self.by_day.items())},
            "visits_of": dict(sorted(self.by_portal.items())),
        }


def simulate(
    portals: Sequence[Portal],
    *,
    begins: date,
    ends: date,
    intervals: Intervals,
    retries: Retries,
    failures: float = 0.0,
    seed: int = 0,
) -> Simulation:
    """Plays from one day to another and counts; its memory does not grow with the length of the stretch.

    Args:
        portals: Who is visited.
        begins: First day.
        ends: First day that is no longer played.
        intervals: How often.
        retries: How soon after failures.
        failures: Share of visits that do not read their portal completely.
        seed: Of what is left to chance; the same seed plays the same.
    """
    result = Simulation(begins=begins, ends=ends, portals=len(portals))
    for visit in visits(
        portals,
        begins=begins,
        ends=ends,
        intervals=intervals,
        retries=retries,
        failures=failures,
        seed=seed,
    ):
        day = day_in_china(visit.at)
        result.by_day[day] += 1
        result.by_portal[visit.key] += 1
        result.by_month.setdefault(f"{day:%Y-%m}", Counter())[visit.key] += 1
        result.by_reason[visit.reason.value] += 1
    return result


def visits(
    portals: Iterable[Portal],
    *,
    begins: date,
    ends: date,
    intervals: Intervals,
    retries: Retries,
    failures: float = 0.0,
    seed: int = 0,
) -> Iterator[SimulatedVisit]:
    """The visits of a stretch of time in their order."""
    chance = random.Random(seed)  # noqa: S311  # a game, no secret
    start, stop = _midnight(begins), _midnight(ends)
    known: dict[str, Crawls] = {}
    by_key = {portal.key: portal for portal in portals}
    completions: dict[str, tuple[int, datetime | None]] = {}

    def planned(portal: Portal, now: datetime) -> tuple[datetime, Reason]:
        roll = _roll(portal, now, completions, seed)
        crawls = known.get(portal.key)
        found = plan(portal, crawls, None, roll, intervals=intervals, retries=retries, now=now)
        return found.at, found.reason

    queue: list[tuple[datetime, str, Reason]] = []
    for portal in by_key.values():
        if not portal.schedule.paused:
            at, reason = planned(portal, start)
            queue.append((max(at, start), portal.key, reason))
    heapq.heapify(queue)
    while queue and queue[0][0] < stop:
        at, key, reason = queue[0]
        state = chance.choice(_BAD) if failures and chance.random() < failures else RunState.COMPLETE
        known[key] = _after(known.get(key), state, at)
        yield SimulatedVisit(key, at, reason, state)
        following, why = planned(by_key[key], at)
        heapq.heapreplace(queue, (following, key, why))


def _after(before: Crawls | None, state: RunState, at: datetime) -> Crawls:
    bad = state is not RunState.COMPLETE
    earlier = before.failures if before is not None else 0
    since = before.failing_since if before is not None else None
    return Crawls(
        run_id=1 if before is None else before.run_id + 1,
        state=state,
        started=at,
        finished=at + _LASTS,
        summary=None,
        outcomes={},
        well=None,
        failures=earlier + 1 if bad else 0,
        partial=0,
        failing_since=(since or at) if bad else None,
    )


def _roll(
    portal: Portal, now: datetime, completions: dict[str, tuple[int, datetime | None]], seed: int
) -> Roll | None:
    """The roster as it would stand: complete once the last of its bodies would have published."""
    if not portal.units:
        return None
    year = season_at(day_in_china(now)).report_year
    if portal.key not in completions or completions[portal.key][0] != year:
        completions[portal.key] = year, _completion(portal, year, seed)
    done = completions[portal.key][1]
    reported = portal.units if done is not None and now >= done else 0
    return Roll(expected=portal.units, reported=reported)


def _completion(portal: Portal, year: int, seed: int) -> datetime | None:
    chance = random.Random(f"{seed}/{portal.key}/{year}")  # noqa: S311
    months = chance.choices(list(_MONTHS), list(_MONTHS.values()), k=portal.units)
    if any(chance.random() < _NEVER for _ in months):
        return None
    last = max(date(year if month == 12 else year + 1, month, chance.randint(1, 28)) for month in months)
    return _midnight(last)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA).astimezone(UTC)
