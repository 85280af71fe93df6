"""A year on a fake clock: the same for the same seed, every portal in every season, memory that does not grow."""

from __future__ import annotations

import tracemalloc
import xml.etree.ElementTree as ET
from datetime import date

from scheduler.picture import svg, table
from scheduler.simulate import simulate, visits
from tests.scheduler.making import PLAIN, portal

SOME = [portal(f"p{n}", units=n % 3) for n in range(12)]
YEAR = {"begins": date(2026, 12, 1), "ends": date(2027, 12, 1)}


def play(them=SOME, **given):
    return simulate(them, **{**YEAR, "intervals": PLAIN.intervals, "retries": PLAIN.retries, **given})


def test_every_visit_of_a_year_is_counted_three_ways() -> None:
    played = play()
    assert played.visits == sum(played.by_portal.values()) == sum(played.by_reason.values())
    assert played.by_reason["never"] == 12
    assert all(60 < played.by_portal[one.key] < 100 for one in SOME if not one.units)
    assert all(
        played.by_portal[one.key] < 79 for one in SOME if one.units
    )  # a complete roster slows them down
    months = {row["month"]: row for row in played.months()}
    assert len(months) == 12
    assert months["2027-01"]["visits"] > 4 * months["2027-07"]["visits"]
    dense = {row["month"]: row["visits"] for row in play([portal(f"p{n}") for n in range(12)]).months()}
    assert dense["2027-03"] > 1.2 * dense["2027-02"]


def test_the_same_seed_plays_the_same_and_another_one_does_not() -> None:
    assert play(failures=0.3, seed=4).as_json() == play(failures=0.3, seed=4).as_json()
    assert play(failures=0.3, seed=4).as_json() != play(failures=0.3, seed=5).as_json()
    assert play(failures=0.3).by_reason["retry"] > 50


def test_paused_portals_are_not_played() -> None:
    assert play([portal(schedule={"paused": True})]).visits == 0


def test_the_order_is_that_of_the_clock() -> None:
    stretch = {**YEAR, "intervals": PLAIN.intervals, "retries": PLAIN.retries, "failures": 0.2}
    moments = [visit.at for visit in visits(SOME, **stretch)]
    assert moments == sorted(moments)
    assert len(moments) > 500


def test_ten_years_take_no_more_memory_than_one() -> None:
    def most(years: int) -> int:
        tracemalloc.start()
        stretch = {"begins": date(2024, 1, 1), "ends": date(2024 + years, 1, 1)}
        for _ in visits(SOME[:3], **stretch, intervals=PLAIN.intervals, retries=PLAIN.retries):
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    most(1)
    assert most(10) < most(1) + 64_000


def test_table_and_picture_show_the_numbers() -> None:
    played = play()
    shown = table(played)
    assert f"12 portals, {played.visits} visits from 2026-12-01 to 2027-12-01" in shown
    assert shown.count("\n2027-") == 22  # a line a month, twice
    drawing = ET.fromstring(svg(played))
    titles = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == len(played.by_day)
    day, number = next(iter(sorted(played.by_day.items())))
    assert f"{day}: {number}" in titles
