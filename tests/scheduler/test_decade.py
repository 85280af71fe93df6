"""Ten years with failures, down-times and a clock that jumps, in five zones: no season left out, no slot visited twice."""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from archive.freshness import Crawls
from archive.records import RunState
from scheduler.due import Reason, plan
from scheduler.season import Phase, day_in_china, phase_at, season_at
from tests.scheduler.making import DAY, HOUR, PLAIN, portal

TICK = 8 * HOUR
BEGINS, ENDS = datetime(2023, 12, 1, tzinfo=UTC), datetime(2034, 7, 1, tzinfo=UTC)
STATES = (RunState.COMPLETE,) * 9 + (RunState.PARTIAL, RunState.BLOCKED, RunState.FAILED)
ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia")
ZONE_PARAMETERS = [ZONES[0], *(pytest.param(zone, marks=pytest.mark.slow) for zone in ZONES[1:])]


class Decade:
    """Portals, a true time, and a clock that is mostly right."""

    def __init__(self, seed: int, portals: int = 5) -> None:
        self.chance = random.Random(seed)
        self.portals = [portal(f"p{n}") for n in range(portals)]
        self.known: dict[str, Crawls] = {}
        self.true, self.error = BEGINS, timedelta()
        self.wrong_until = BEGINS
        self.visits: dict[str, list[tuple[datetime, datetime, Reason, bool]]] = defaultdict(list)
        """Key → true time, slot, reason, whether the clock was far off."""
        self.events: Counter[str] = Counter()

    def play(self) -> None:
        while self.true < ENDS:
            for one in self.portals:
                self.look(one)
            self.fate()
            self.true += TICK

    def fate(self) -> None:
        if self.error and self.true >= self.wrong_until:
            self.error = timedelta()
        if self.chance.random() < 0.004:
            self.events["down"] += 1
            self.true += self.chance.choice([2, 10, 25]) * DAY
        elif self.chance.random() < 0.004:
            self.error = self.chance.choice([-HOUR, HOUR, 365 * DAY, -20 * DAY])
            self.events[f"clock {self.error}"] += 1
            self.wrong_until = self.true + self.chance.choice([TICK, 5 * DAY])

    def look(self, one) -> None:
        now = self.true + self.error
        before = self.known.get(one.key)
        found = plan(one, before, None, None, intervals=PLAIN.intervals, retries=PLAIN.retries, now=now)
        if found.at > now:
            return
        self.visits[one.key].append((self.true, found.at, found.reason, abs(self.error) > 2 * HOUR))
        state = self.chance.choice(STATES)
        bad = state is not RunState.COMPLETE
        self.known[one.key] = Crawls(
            run_id=1 if before is None else before.run_id + 1,
            state=state,
            started=now,
            finished=now,
            summary=None,
            outcomes={},
            well=None,
            failures=(before.failures if before is not None else 0) + 1 if bad else 0,
            partial=0,
            failing_since=now if bad else None,
        )


@pytest.mark.parametrize("zone", ZONE_PARAMETERS)
def test_no_season_is_left_out_and_no_slot_visited_twice(zone: str, monkeypatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        decade = Decade(ZONES.index(zone))
        decade.play()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert decade.events["down"] > 10
    assert decade.events["clock 365 days, 0:00:00"] > 2
    for key, made in decade.visits.items():
        seasons: dict[int, Counter[Phase]] = defaultdict(Counter)
        for true, _, _, _ in made:
            day = day_in_china(true)
            seasons[season_at(day).report_year][phase_at(day)] += 1
        assert set(seasons) >= set(range(2023, 2034)), key
        for year in range(2023, 2033):
            assert seasons[year][Phase.MAIN] >= 15, (key, year, seasons[year])
            assert seasons[year][Phase.LATE] >= 3, (key, year, seasons[year])
        # A visit dated by a clock that was far off is followed by one more, whose slot may have been answered before.
        sound = [one for before, one in pairwise(made) if not (before[3] or one[3])]
        slots = Counter(slot for _, slot, reason, _ in sound if reason in {Reason.SEASON, Reason.RECHECK})
        assert slots.most_common(1)[0][1] == 1, (key, slots.most_common(2))
        assert sum(one[3] for one in made) <= 3 * decade.events.total(), (
            "a wrong clock led to visit after visit"
        )
        gaps = [(after[0] - one[0], one[0]) for one, after in pairwise(made)]
        assert max(gaps)[0] < 75 * DAY, (key, max(gaps))
