"""For which year a run says who is missing: the season's, by the clock of China."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from crawler.guide import Guide
from crawler.site import Unit
from scheduler.season import day_in_china, season_at
from tests.crawler.many_portals import SmallPortal


def season(now: datetime, told: int | None = None) -> tuple[int, list[int]]:
    asked: list[int] = []

    def reported(codes: list[str], year: int) -> frozenset[str]:
        asked.append(year)
        return frozenset()

    planning = SimpleNamespace(
        reported=reported,
        list_pages=lambda _: [],
        learned_columns=lambda _: [],
        searched_since=lambda *_: False,
    )
    site = replace(SmallPortal("one").site(), roster=(Unit(code="990001001", name="桥西街道", kind="街道"),))
    guide = Guide(site, planning)  # type: ignore[arg-type]
    guide.season = told
    guide.begin(1, now)
    return guide.guidance().season, asked


@pytest.mark.parametrize(
    ("now", "year"),
    [
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), 2025),
        (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), 2026),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), 2026),
        (datetime(2027, 6, 1, tzinfo=UTC), 2026),
    ],
)
def test_the_season_is_that_of_the_calendar_of_all_programs(now: datetime, year: int) -> None:
    assert season(now) == (year, [year])
    assert season_at(day_in_china(now)).report_year == year


def test_time_may_stand_still() -> None:
    assert season(datetime(2026, 12, 5, tzinfo=UTC), told=2024) == (2024, [2024])
