"""What is an incident and what is not yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.freshness import Roll
from archive.records import RunState
from archive.visits import ServiceSign, VisitState
from scheduler.troubles import GIB, Disk, Kind, troubles
from tests.scheduler.making import DAY, NOW, PLAIN, crawls, facts, portal, portals, visits

HAVE = portals(portal("dongli"))


def found(*, now=NOW, them=HAVE, disks=(), services=(), **known):
    return [
        (trouble.kind, trouble.portal_key, trouble.count)
        for trouble in troubles(them, facts(**known), PLAIN.alarms, now=now, disks=disks, services=services)
    ]


@pytest.mark.parametrize(
    ("state", "given", "expected"),
    [
        (RunState.BLOCKED, {"failures": 2}, []),
        (RunState.BLOCKED, {"failures": 3, "outcomes": {"timeout": 9}}, [("unreadable", "dongli", 3)]),
        (RunState.BLOCKED, {"failures": 3, "outcomes": {"challenge": 1}}, [("blocked", "dongli", 3)]),
        (RunState.BLOCKED, {"failures": 4, "partial": 2}, []),  # twice a part was read in between
        (RunState.FAILED, {"failures": 3}, [("unreadable", "dongli", 3)]),
        (RunState.PARTIAL, {"failures": 1, "partial": 1}, []),
        (RunState.PARTIAL, {"failures": 2, "partial": 2}, [("partial", "dongli", 2)]),
        (RunState.COMPLETE, {}, []),
        (RunState.NOTHING, {"failures": 0}, []),
    ],
)
def test_crawls_that_fail_in_a_row(state, given, expected) -> None:
    assert found(crawls={"dongli": crawls(state, **given)}) == expected


def test_visits_of_which_no_crawl_came() -> None:
    bad = visits(VisitState.FAILED, runless=3, detail="donghe.toml:2: delay: must be a number")
    assert found(visits={"dongli": bad}) == [(Kind.UNREADABLE, "dongli", 3)]
    assert found(visits={"dongli": visits(VisitState.FAILED, runless=2)}) == []


def test_lost_columns_and_a_growing_quarantine() -> None:
    assert found(lost_columns={"dongli": 1}) == [(Kind.COLUMN, "dongli", 1)]
    assert found(emptied_columns={"dongli": 2}, lost_columns={"dongli": 1}) == [(Kind.COLUMN, "dongli", 3)]
    assert found(waiting={"dongli": 4}) == []
    assert found(waiting={"dongli": 5}) == [(Kind.QUARANTINE, "dongli", 5)]


@pytest.mark.parametrize(
    ("state", "given", "beside"),
    [
        (RunState.PARTIAL, {"failures": 5, "partial": 5}, []),
        (RunState.BLOCKED, {"failures": 5, "outcomes": {"gone": 7}}, []),
        (
            RunState.BLOCKED,
            {"failures": 5, "outcomes": {"gone": 1, "challenge": 1}},
            [("blocked", "dongli", 5)],
        ),
        (RunState.BLOCKED, {"failures": 5, "outcomes": {"unreachable": 5}}, [("unreadable", "dongli", 5)]),
        (RunState.FAILED, {"failures": 5}, [("unreadable", "dongli", 5)]),
    ],
)
def test_a_lost_column_is_one_incident_unless_something_else_is_wrong(state, given, beside) -> None:
    known = {"crawls": {"dongli": crawls(state, **given)}, "lost_columns": {"dongli": 1}}
    assert found(**known) == [*beside, (Kind.COLUMN, "dongli", 1)]


def test_reports_are_overdue_a_week_after_the_first_of_april_until_the_season_closes() -> None:
    known = {"crawls": {"dongli": crawls()}, "rolls": {"dongli": Roll(expected=9, reported=7)}}
    days = {
        (3, 31): [],
        (4, 7): [],
        (4, 8): [(Kind.OVERDUE, "dongli", 2)],
        (6, 30): [(Kind.OVERDUE, "dongli", 2)],
        (7, 1): [],
    }
    for (month, day), expected in days.items():
        assert found(now=datetime(2027, month, day, 4, tzinfo=UTC), **known) == expected
    spring = datetime(2027, 5, 1, tzinfo=UTC)
    assert found(now=spring, rolls=known["rolls"]) == []  # never crawled: nobody knows
    assert found(now=spring, crawls=known["crawls"], rolls={"dongli": Roll(expected=9, reported=9)}) == []


def test_disks_and_site_files() -> None:
    roomy, full = (
        Disk(path="/a", free=50 * GIB, total=100 * GIB),
        Disk(path="/b", free=4 * GIB, total=100 * GIB),
    )
    small = Disk(path="/c", free=GIB // 2, total=2 * GIB)
    assert found(disks=[roomy]) == []
    assert found(disks=[roomy, full, small]) == [(Kind.DISK, "", 2)]
    broken = portals(portal("dongli"))
    broken.broken = {"dongli": "dongli.toml:3: delay"}
    assert found(them=broken) == [(Kind.SITE_FILE, "dongli", 1)]


def test_a_service_that_is_silent_for_a_day_is_missed_and_one_never_started_is_not() -> None:
    def sign(ago: timedelta) -> ServiceSign:
        return ServiceSign(
            id=1, owner="o", code_version="1", started=NOW - 9 * DAY, heartbeat=NOW - ago, stopped=None
        )

    assert found(services=[]) == []
    assert found(services=[sign(2 * DAY), sign(DAY / 2)]) == []
    assert found(services=[sign(2 * DAY)]) == [(Kind.SILENT, "", 1)]
