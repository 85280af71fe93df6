from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from typer.testing import CliRunner

from scheduler.cli import app
from scheduler.season import (
    CHINA,
    Phase,
    Season,
    next_opening,
    phase_at,
    revisit_interval,
    season_at,
    spans_from,
)

DAYS = st.dates(date(2015, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("today", "year", "phase"),
    [
        (date(2026, 11, 30), 2025, Phase.QUIET),
        (date(2026, 12, 1), 2026, Phase.EARLY),
        (date(2027, 1, 1), 2026, Phase.MAIN),
        (date(2027, 3, 24), 2026, Phase.MAIN),
        (date(2027, 3, 25), 2026, Phase.DEADLINE),
        (date(2027, 4, 1), 2026, Phase.DEADLINE),
        (date(2027, 4, 8), 2026, Phase.LATE),
        (date(2027, 6, 30), 2026, Phase.LATE),
        (date(2027, 7, 1), 2026, Phase.QUIET),
        (date(2028, 2, 29), 2027, Phase.MAIN),
    ],
)
def test_the_season_of_a_day(today: date, year: int, phase: Phase) -> None:
    assert season_at(today).report_year == year
    assert phase_at(today) is phase


def test_the_deadline_is_before_the_first_of_april() -> None:
    season = Season(2025)
    assert season.timeliness(date(2026, 3, 31)) == "on time"
    assert season.timeliness(date(2026, 4, 1)) == "late"
    assert season.days_left(date(2026, 3, 31)) == 1
    assert season.days_left(date(2026, 4, 2)) == -1


@given(DAYS)
def test_every_day_belongs_to_one_season(today: date) -> None:
    season = season_at(today)
    assert season.opens <= today <= season.closes or phase_at(today) is Phase.QUIET
    assert season_at(season.opens) == season_at(season.closes) == season
    assert 0 <= (next_opening(today) - today).days <= 366
    assert revisit_interval(phase_at(today)) <= timedelta(days=30)


@trials(max_examples=50)
@given(DAYS.map(lambda day: datetime(day.year, day.month, day.day, 15, 59, tzinfo=UTC)))
def test_spans_join_without_a_gap_and_agree_with_the_days(moment: datetime) -> None:
    spans = list(itertools.islice(spans_from(moment), 7))
    assert spans[0].begins <= moment < spans[0].ends
    for one, following in itertools.pairwise(spans):
        assert one.ends == following.begins
        assert phase_at(one.begins.date()) is one.phase
        assert phase_at((one.ends - timedelta(seconds=1)).astimezone(CHINA).date()) is one.phase
    assert {span.phase for span in spans} == set(Phase)


def test_the_command_answers_for_a_day_and_refuses_nonsense() -> None:
    good = CliRunner().invoke(app, ["season", "--at", "2027-03-31"])
    assert good.exit_code == 0
    assert "reports on 2026" in good.output
    assert "1 days left" in good.output
    bad = CliRunner().invoke(app, ["season", "--at", "31.3.2027"])
    assert bad.exit_code == 2
    assert "2027-03-31" in bad.output
