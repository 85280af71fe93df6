"""A real service in quick motion for ten minutes: two whole seasons with faults, down-times, a kill and a clock that jumps.

pytest -m slow -s tests/scheduler/test_live_motion.py
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from archive.visits import UNFINISHED, Visit, VisitState
from scheduler.due import Reason
from scheduler.season import Phase, day_in_china, phase_at, season_at
from tests.scheduler.live import Live, Portals, QuickClock
from tests.scheduler.live_portal import HANG, STREETS, County, Mood

BEGINS = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
ENDS = datetime(2028, 7, 20, tzinfo=UTC)
"""Two seasons are over then: reports on 2026 and on 2027."""
SEASONS = (2026, 2027)
MINUTES = 10
"""Real time that the trial lasts at least; time left over is played on."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CHANCE = 0.008
"""Of a portal that is well to fall ill, per leap of a day: one visit of eight or so meets a portal that is."""
MOODS = (Mood.ERRORS, Mood.REFUSES, Mood.HANGS)
"""What portals fall ill with first; later of the first two, by chance: one that hangs holds the trial for two minutes."""
SETTINGS = """\
[intervals]
early = 15
main = 20
deadline = 7
late = 30
quiet = 50
complete = 1
[retries]
first_hours = 24
blocked_hours = 48
[pool]
at_once = 3
limit_minutes = 2
tick_seconds = 0.2
lease_seconds = 10
grace_seconds = 10
[alarms]
file = "alarms.txt"
weekly = false
silence_hours = 168
sweep_minutes = 0.05
"""


class Motion:
    """The trial: what befalls the service at which date, and what befalls portals at random."""

    def __init__(self, live: Live, seed: int = 7) -> None:
        self.live = live
        self.chance = random.Random(seed)
        self.ill_until: dict[str, datetime] = {}
        self.moods: Counter[str] = Counter()
        self.down: list[tuple[datetime, datetime]] = []
        self.wrong: list[tuple[int, int]] = []
        """Visits between these numbers were dated by a clock that was a year ahead."""
        self.killed: list[Visit] = []
        self.plan: list[tuple[datetime, Callable[[], None]]] = [
            (datetime(2027, 1, 12, tzinfo=UTC), self.kill),
            (datetime(2027, 2, 10, tzinfo=UTC), self.an_hour_back),
            (datetime(2027, 4, 2, tzinfo=UTC), lambda: self.down_time(25, hard=False)),
            (datetime(2027, 9, 1, tzinfo=UTC), self.a_year_ahead),
            (datetime(2028, 1, 20, tzinfo=UTC), self.kill),
            (datetime(2028, 3, 20, tzinfo=UTC), lambda: self.down_time(18, hard=True)),
        ]

    def play(self) -> None:
        """Until both seasons are over and the minutes are, too."""
        began = time.monotonic()
        self.live.start()
        while self.live.clock.now() < ENDS or time.monotonic() - began < 60 * MINUTES:
            if self.plan and self.live.clock.now() >= self.plan[0][0]:
                self.plan.pop(0)[1]()
            self.fate()
            self.live.until_leapt(DAY)
        assert not self.plan
        for county in self.live.counties:
            county.mood = Mood.WELL
        over = self.live.clock.now() + 8 * DAY
        self.live.until(lambda: self.live.clock.now() > over and not self.live.running(), DAY)
        self.live.stop()

    def fate(self) -> None:
        """Portals fall ill and recover; one that hangs does so until a crawl was ended for it."""
        now = self.live.clock.now()
        for county in self.live.counties:
            if county.mood is not Mood.WELL:
                last = self.live.visits(county.key)[-1]
                if now >= self.ill_until[county.key] or (
                    county.mood is Mood.HANGS and last.state is VisitState.OVERTIME
                ):
                    county.mood = Mood.WELL
            elif self.chance.random() < CHANCE:
                fallen = self.moods.total()
                county.mood = MOODS[fallen] if fallen < len(MOODS) else self.chance.choice(MOODS[:2])
                hangs = county.mood is Mood.HANGS
                self.ill_until[county.key] = now + (60 if hangs else self.chance.randint(4, 25)) * DAY
                self.moods[county.mood.value] += 1

    def in_a_crawl(self) -> Visit:
        """Waits until a crawl is under way that has asked its portal something."""
        self.live.until(self.live.running, DAY)
        visit = self.live.running()[0]
        asked = len(self.live.server.log)
        self.live.wait(lambda: len(self.live.server.log) > asked or not self.live.running())
        return visit

    def kill(self) -> None:
        """kill -9 while a crawl is under way; started again at once."""
        self.killed.append(self.in_a_crawl())
        self.live.kill()
        self.live.start()

    def set_clock(self, off: timedelta) -> None:
        """Sets it, and waits until the service has looked at it: days may go by faster than its looks."""
        seen = len(self.live.events("clock jumped"))
        self.live.clock.set_wrong(off)
        self.live.wait(lambda: len(self.live.events("clock jumped")) > seen)

    def an_hour_back(self) -> None:
        """The clock is set back while a crawl is under way, and put right three days later."""
        self.in_a_crawl()
        self.set_clock(-HOUR)
        over = self.live.clock.now() + 3 * DAY
        self.live.until(lambda: self.live.clock.now() > over, DAY)
        self.set_clock(timedelta())

    def a_year_ahead(self) -> None:
        """The clock is set a year ahead while a crawl is under way, and put right five days later."""
        self.in_a_crawl()
        first = self.live.visits()[-1].id
        self.set_clock(365 * DAY)
        over = self.live.clock.now() + 5 * DAY
        self.live.until(lambda: self.live.clock.now() > over and not self.live.running(), DAY)
        self.set_clock(timedelta())
        self.wrong.append((first, self.live.visits()[-1].id))

    def down_time(self, days: int, *, hard: bool) -> None:
        """The service is stopped, or killed, and started again weeks later."""
        begins = self.live.clock.now()
        if hard:
            self.live.kill()
            self.live.settle()
        else:
            self.live.stop()
        self.live.clock.leap(days * DAY)
        self.down.append((begins, self.live.clock.now()))
        self.live.start()


@pytest.fixture
def motion(tmp_path: Path) -> Iterator[Motion]:
    clock = QuickClock(tmp_path / "clock", BEGINS)
    names = {"linhe": "临河县", "shanyin": "山阴县", "hubin": "湖滨县", "huxi": "湖西县"}
    counties = [County(key, name, clock.now, since=2025) for key, name in names.items()]
    grouped = {key: {"host_group": '"lake"'} for key in ("hubin", "huxi")}
    with Portals(*counties) as server:
        live = Live(tmp_path, server, clock, counties, SETTINGS, grouped, patience=6 * DAY)
        try:
            yield Motion(live)
        finally:
            live.close()


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_two_seasons_in_ten_minutes_leave_no_season_out_and_visit_no_slot_twice(motion: Motion) -> None:
    began = time.monotonic()
    motion.play()
    live, lasted = motion.live, time.monotonic() - began
    visits = live.visits()
    seasons: dict[str, Counter[tuple[int, Phase]]] = {county.key: Counter() for county in live.counties}
    for visit in visits:
        if not is_wrong(motion, visit) and visit.state is VisitState.COMPLETE:
            day = day_in_china(visit.launched)
            seasons[visit.portal_key][season_at(day).report_year, phase_at(day)] += 1
    tell(motion, visits, seasons, lasted)

    # Every season of every portal was visited, and what appeared in it is in the archive.
    for key, counted in seasons.items():
        for year in SEASONS:
            assert counted[year, Phase.MAIN] >= 2, (key, year, counted)
            assert counted[year, Phase.DEADLINE] + counted[year, Phase.LATE] >= 1, (key, year, counted)
            assert sum(n for (season, _), n in counted.items() if season == year) >= 6, (key, year, counted)
    held = {
        (key, year): n
        for key, year, n in live.rows(
            "SELECT d.portal_key, r.year, count(*) FROM documents d JOIN reports r ON r.report_id = d.report_id "
            "GROUP BY d.portal_key, r.year"
        )
    }
    assert all(held.get((key, year)) == len(STREETS) for key in seasons for year in SEASONS), held

    # No slot was visited twice, no run stands beside the visits, no portal or group was asked by two at once.
    sound = [visit for visit in visits if not is_wrong(motion, visit)]
    slots = Counter(
        (visit.portal_key, visit.due)
        for visit in sound
        if visit.reason in {Reason.SEASON, Reason.RECHECK, Reason.NEVER}
    )
    assert slots.most_common(1)[0][1] == 1, slots.most_common(3)
    runs = [number for (number,) in live.rows("SELECT id FROM run ORDER BY id")]
    assert sorted(visit.run_id for visit in visits if visit.run_id is not None) == runs
    assert {trigger for (trigger,) in live.rows("SELECT DISTINCT trigger FROM run")} == {"schedule"}
    assert [
        before.url for before, _ in live.server.overlaps() if before.ended - before.began < HANG / 2
    ] == []
    assert overlapping_in_a_group(live) == 0

    # All that was to befall it did.
    assert set(motion.moods) == {mood.value for mood in MOODS}
    assert {visit.state for visit in visits} >= {VisitState.BLOCKED, VisitState.OVERTIME, VisitState.COMPLETE}
    assert len(live.events("clock jumped")) >= 4

    # What was missed was caught up once, and every visit says why it was made.
    assert all(visit.why for visit in visits)
    for begins, ends in motion.down:
        for key in seasons:
            late = [v for v in sound if v.portal_key == key and begins < v.due < ends <= v.launched]
            answered = [v for v in late if v.reason in {Reason.SEASON, Reason.RECHECK}]
            assert len(answered) <= 1, (key, answered)
            back = next(v for v in sound if v.portal_key == key and v.launched >= ends)
            assert back.launched - ends < 20 * DAY, (key, back)
    for first, last in motion.wrong:
        for key in seasons:
            own = [visit for visit in visits if visit.portal_key == key]
            assert sum(first < visit.id <= last for visit in own) <= 3, (
                key,
                "the wrong clock led to visit after visit",
            )
            again = [visit for visit in own if visit.reason == Reason.CLOCK]
            assert len(again) == (1 if any(first < visit.id <= last for visit in own) else 0), (key, again)
    for visit in motion.killed:
        now = next(one for one in visits if one.id == visit.id)
        assert now.state in {*UNFINISHED, VisitState.COMPLETE, VisitState.PARTIAL}, now
    verified = live.run("archive", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def is_wrong(motion: Motion, visit: Visit) -> bool:
    """True for a visit dated by the clock that was a year ahead."""
    return any(first < visit.id <= last for first, last in motion.wrong)


def overlapping_in_a_group(live: Live) -> int:
    """Requests to one portal of the group that began while one to the other was being answered."""
    hosts = {county.host for county in live.counties if county.key in {"hubin", "huxi"}}
    lines = sorted(
        (line for host in hosts for line in live.server.requests(host)), key=lambda line: line.began
    )
    return sum(
        after.began < before.ended - 0.05
        for before, after in pairwise(lines)
        if before.url.split("/")[2] != after.url.split("/")[2]
        and before.ended - before.began
        < HANG / 2  # the server hears late that a hanging request was given up
    )


def tell(
    motion: Motion, visits: list[Visit], seasons: dict[str, Counter[tuple[int, Phase]]], lasted: float
) -> None:
    """Prints the figures."""
    live = motion.live
    days = (live.clock.now() - BEGINS).days
    print(f"\n{days} days in {lasted:.0f} s; {len(visits)} visits, {len(live.server.log)} requests")
    print("whole visits   " + "  ".join(f"{year} {phase.value:<8}" for year in SEASONS for phase in Phase))
    for key, counted in seasons.items():
        print(f"{key:<14} " + "  ".join(f"{counted[year, phase]:>13}" for year in SEASONS for phase in Phase))
    print("reasons        ", dict(Counter(visit.reason for visit in visits).most_common()))
    print("states         ", dict(Counter(visit.state.value for visit in visits).most_common()))
    print("portals fell ill", dict(motion.moods), "; clock jumps seen", len(live.events("clock jumped")))
    for begins, ends in motion.down:
        late = [v for v in visits if begins < v.due < ends <= v.launched and not is_wrong(motion, v)]
        print(f"no service {begins:%Y-%m-%d} to {ends:%Y-%m-%d}: {len(late)} visits caught up")
        for visit in late[:2]:
            print(
                f"  {visit.portal_key}, due {visit.due:%Y-%m-%d}, made {visit.launched:%Y-%m-%d}: {visit.why}"
            )
    print(
        "killed         ",
        [f"visit {v.id}: {next(o for o in visits if o.id == v.id).state.value}" for v in motion.killed],
    )
    print("after the year ahead:", next((v.why for v in visits if v.reason == Reason.CLOCK), "no visit"))
    messages = (
        (live.folder / "alarms.txt").read_text(encoding="utf-8")
        if (live.folder / "alarms.txt").exists()
        else ""
    )
    print("messages       ", sum(line.startswith("== ") for line in messages.splitlines()))
