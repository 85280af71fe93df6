"""What is due, why and since when: a function of facts, calendar and moment, and of nothing else."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from archive.freshness import Roll
from archive.records import RunState
from archive.visits import VisitState
from crawler.window import Window
from scheduler.due import FUTURE, MOST_REST, Reason, next_slot, plan
from scheduler.season import CHINA, Phase, phase_at
from scheduler.settings import Intervals
from tests.scheduler.making import DAY, HOUR, NOW, PLAIN, crawls, due_of, facts, portal, visits

KEYS = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)
MOMENTS = st.integers(0, 11 * 366 * 86400).map(
    lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=n)
)


def planned(them, crawl=None, visit=None, roll=None, *, now=NOW, using=PLAIN):
    return plan(them, crawl, visit, roll, intervals=using.intervals, retries=using.retries, now=now)


# -- slots --------------------------------------------------------------------------------------


@given(KEYS, MOMENTS, st.booleans())
def test_a_slot_comes_after_the_last_visit_and_not_much_later_than_an_interval(key, after, complete):
    one = portal(key)
    slot, phase, days = next_slot(one, after, PLAIN.intervals, complete=complete)
    assert slot > after
    assert phase_at(slot.astimezone(CHINA).date()) is phase
    before = phase_at(after.astimezone(CHINA).date())
    longest = max(PLAIN.intervals.days(before) * (4 if complete and before is not Phase.QUIET else 1), days)
    assert slot - after <= timedelta(days=2 * longest) + MOST_REST


@trials(max_examples=40)
@given(
    KEYS, st.integers(2024, 2034), st.floats(0.25, 60), st.floats(0.25, 60), st.floats(1, 15), st.booleans()
)
def test_no_season_of_any_portal_is_without_a_visit(key, year, every, quiet, factor, complete):
    """However slow the settings allow: January to March brings a visit, leap year or not."""
    one = portal(key, schedule={"every_days": every, "quiet_days": quiet})
    intervals = Intervals(complete=factor)
    moment = datetime(year, 7, 1, tzinfo=UTC)
    while moment < datetime(year + 1, 1, 1, tzinfo=UTC):
        moment, _, _ = next_slot(one, moment, intervals, complete=complete)
    assert moment < datetime(year + 1, 4, 1, tzinfo=UTC)


@trials(max_examples=20)
@given(KEYS, st.integers(2024, 2034))
def test_a_year_s_visits_are_dense_from_january_to_march_and_densest_round_the_first_of_april(key, year):
    moment, found = datetime(year, 6, 30, 16, tzinfo=UTC), []
    while moment < datetime(year + 1, 6, 30, 16, tzinfo=UTC):
        moment, phase, _ = next_slot(portal(key), moment, PLAIN.intervals, complete=False)
        found.append(phase)
    days = 29 if year % 4 == 3 else 28
    assert 4 <= found.count(Phase.QUIET) <= 6
    assert 3 <= found.count(Phase.EARLY) <= 5
    assert abs(found.count(Phase.MAIN) - (31 + days + 24) / 2) <= 1
    assert 13 <= found.count(Phase.DEADLINE) <= 14
    assert 11 <= found.count(Phase.LATE) <= 13


def test_portals_are_spread_over_the_interval():
    hours = [next_slot(portal(f"p{n}"), NOW, PLAIN.intervals, complete=False)[0] - NOW for n in range(2000)]
    per_half_day = [sum(n * 12 <= hour / HOUR < (n + 1) * 12 for hour in hours) for n in range(6)]
    assert sum(per_half_day) == 2000
    assert max(per_half_day) < 800


# -- reasons ------------------------------------------------------------------------------------


def test_what_was_never_tried_is_due_since_its_season_opened_and_comes_first():
    old = {"old": crawls(ago=20 * DAY)}
    items = due_of([portal("old"), portal("new")], facts(crawls=old))
    assert [item.portal.key for item in items] == ["new", "old"]
    assert items[0].reason is Reason.NEVER
    assert items[0].since == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert items[1].reason is Reason.SEASON
    assert "reports on 2026 are expected" in items[1].why


def test_a_missed_time_is_answered_by_one_visit_however_many_slots_it_held():
    month = planned(portal(), crawls(ago=31 * DAY))
    assert month.at < NOW - 20 * DAY
    assert planned(portal(), crawls(ago=timedelta())).at > NOW


def test_a_complete_roster_slows_the_season_down_and_an_open_one_does_not():
    open_, done = Roll(expected=9, reported=8), Roll(expected=9, reported=9)
    slots = {}
    for roll in (open_, done):
        moment, slots[roll] = NOW, []
        for _ in range(4):
            found = planned(portal(), crawls(started=moment), None, roll, now=moment)
            slots[roll].append(found)
            moment = found.at
    assert slots[open_][3].at - slots[open_][0].at == 6 * DAY
    assert slots[done][3].at - slots[done][0].at == 24 * DAY
    assert "8 of 9 bodies have reported" in slots[open_][0].why
    assert slots[done][0].reason is Reason.RECHECK
    assert "all 9 bodies have reported" in slots[done][0].why


def test_without_a_roster_in_the_archive_the_streets_of_the_seeds_count():
    one = portal(division_code="120110", units=3)
    few = due_of([one], facts(crawls={"dongli": crawls(ago=30 * DAY)}, reported_codes={"120110": 2}))
    assert "2 of 3 bodies have reported" in few[0].why
    known = facts(crawls={"dongli": crawls(ago=30 * DAY)}, rolls={"dongli": Roll(expected=5, reported=5)})
    assert "all 5 bodies" in due_of([one], known)[0].why


def test_all_year_known_pages_are_looked_at_again():
    summer = datetime(2027, 9, 1, tzinfo=UTC)
    (item,) = due_of([portal()], facts(crawls={"dongli": crawls(started=summer - 60 * DAY)}), now=summer)
    assert item.reason is Reason.RECHECK
    assert "all year, every 30 days" in item.why


@pytest.mark.parametrize(
    ("state", "failures", "wait"),
    [
        (RunState.FAILED, 1, 6 * HOUR),
        (RunState.FAILED, 2, 12 * HOUR),
        (RunState.FAILED, 4, 2 * DAY),
        (RunState.FAILED, 6, 7 * DAY),
        (RunState.FAILED, 900, 7 * DAY),
        (RunState.ABANDONED, 1, 6 * HOUR),
        (RunState.RUNNING, 0, 6 * HOUR),
        (RunState.BLOCKED, 1, DAY),
        (RunState.BLOCKED, 3, 4 * DAY),
        (RunState.BLOCKED, 900, 7 * DAY),
        (RunState.PARTIAL, 1, 6 * HOUR),
    ],
)
def test_after_failures_the_wait_grows_up_to_a_week(state, failures, wait):
    found = planned(portal(), crawls(state, ago=timedelta(), failures=failures))
    assert found.at - NOW == wait
    assert found.reason is Reason.RETRY
    assert "since 2027-01-20" in found.why


@trials(max_examples=50)
@given(st.integers(1, 2000))
def test_a_portal_read_in_part_is_never_visited_less_often_than_one_read_whole(failures):
    whole = planned(portal(), crawls(ago=timedelta()))
    part = planned(portal(), crawls(RunState.PARTIAL, ago=timedelta(), failures=failures))
    assert NOW < part.at <= whole.at


def test_a_visit_handed_back_is_due_as_before_and_said_to_be():
    for state, words in ((VisitState.HANDED_BACK, "handed back"), (VisitState.LOST, "was lost")):
        visit = visits(state, ago=HOUR, run_id=None, after_run_id=7, returned=1)
        (item,) = due_of([portal()], facts(crawls={"dongli": crawls()}, visits={"dongli": visit}))
        assert (item.reason, item.since) == (Reason.RETURNED, visit.due)
        assert words in item.why
        assert (item.seen_visit_id, item.seen_run_id) == (3, 7)


def test_a_portal_that_kills_its_crawl_again_and_again_has_to_wait():
    visit = visits(VisitState.LOST, ago=HOUR, run_id=None, after_run_id=7, returned=4)
    found = planned(portal(), crawls(), visit)
    assert (found.reason, found.at) == (Reason.RETRY, visit.launched + 12 * HOUR)


def test_a_visit_without_a_run_is_a_failure_and_a_later_run_by_hand_forgives_it():
    visit = visits(
        VisitState.FAILED, ago=HOUR, run_id=None, after_run_id=7, runless=2, detail="bad site file"
    )
    found = planned(portal(), crawls(), visit)
    assert (found.reason, found.at) == (Reason.RETRY, visit.launched + 12 * HOUR)
    assert "bad site file" in found.why
    by_hand = planned(portal(), crawls(run_id=8, ago=timedelta()), visit)
    assert by_hand.reason is Reason.SEASON


def test_busy_and_paused_portals_are_left_alone_and_closed_windows_named():
    closed = portal("closed", window=Window.parse("22-6"))  # it is noon in China
    assert NOW.astimezone(CHINA).hour == 12
    items = due_of(
        [portal("busy"), portal("paused", schedule={"paused": True}), closed],
        facts(busy={"busy": "somebody"}),
    )
    assert [item.portal.key for item in items] == ["closed"]
    assert "outside its crawl window 22-6" in items[0].waits


def test_the_site_file_goes_before_the_settings():
    slow = portal(schedule={"every_days": 30})
    first = next_slot(slow, NOW, PLAIN.intervals, complete=False)
    assert first[2] == 30
    assert next_slot(slow, datetime(2027, 8, 1, tzinfo=UTC), PLAIN.intervals, complete=False)[2] == 30
    assert "every 30 days" in planned(slow, crawls()).why


# -- clocks -------------------------------------------------------------------------------------


def test_a_clock_set_back_an_hour_visits_nothing_twice():
    found = planned(portal(), crawls(ago=-HOUR))
    assert found.at > NOW


def test_a_visit_dated_next_year_by_a_wrong_clock_does_not_stop_the_season():
    for known in (
        facts(crawls={"dongli": crawls(ago=-365 * DAY)}),
        facts(visits={"dongli": visits(ago=-365 * DAY)}),
    ):
        (item,) = due_of([portal()], known)
        assert (item.reason, item.since) == (Reason.CLOCK, NOW)
        assert "2028-01-20" in item.why
    assert due_of([portal()], facts(crawls={"dongli": crawls(ago=-FUTURE)})) == []


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
def test_the_zone_of_the_machine_does_not_matter(zone, monkeypatch):
    import time

    before = [next_slot(portal(f"p{n}"), NOW, PLAIN.intervals, complete=False) for n in range(20)]
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert [next_slot(portal(f"p{n}"), NOW, PLAIN.intervals, complete=False) for n in range(20)] == before
    finally:
        monkeypatch.undo()
        time.tzset()


@trials(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_of_the_portals(chance: random.Random):
    them = [portal(f"p{n}") for n in range(30)]
    known = facts(crawls={f"p{n}": crawls(ago=n * DAY) for n in range(5, 30)})
    expected = due_of(them, known)
    mixed = list(them)
    chance.shuffle(mixed)
    assert due_of(mixed, known) == expected
    ranks = [item.reason is Reason.NEVER for item in expected]
    assert ranks == sorted(ranks, reverse=True)
    rest = [item.since for item in expected if item.reason is not Reason.NEVER]
    assert rest == sorted(rest)


def test_the_29th_of_february_is_a_day_like_another():
    for year in (2024, 2028, 2032):
        moment = datetime.combine(date(year, 2, 29), datetime.min.time(), CHINA).astimezone(UTC)
        slots = {next_slot(portal(f"p{n}"), moment, PLAIN.intervals, complete=False)[0] for n in range(50)}
        assert all(moment < slot <= moment + 3 * DAY for slot in slots)
        assert len(slots) == 50


def test_a_clock_set_ahead_while_a_portal_was_crawled_does_not_put_off_its_retry_for_a_year() -> None:
    bad = crawls(RunState.BLOCKED, ago=2 * DAY, finished=NOW + 365 * DAY)
    (item,) = due_of([portal()], facts(crawls={"dongli": bad}))
    assert (item.reason, item.since) == (Reason.RETRY, NOW - DAY)
