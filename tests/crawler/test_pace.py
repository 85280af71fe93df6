"""Pauses, budgets and windows: the rules by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.many_budget import Budget
from crawler.pace import EASED_AFTER, MOST_DOUBLINGS, Pace
from crawler.window import CHINA, Window


def test_refusals_double_the_pause_and_good_answers_take_it_back() -> None:
    pace = Pace(2.0)
    pace.refused()
    pace.refused()
    assert pace.delay == 8.0
    for _ in range(EASED_AFTER):
        pace.answered()
    assert pace.delay == 4.0
    for _ in range(3 * EASED_AFTER):
        pace.answered()
    assert pace.delay == 2.0


@given(st.floats(0, 60), st.lists(st.sampled_from(["refused", "answered", "longer"])))
def test_a_pause_is_never_shorter_than_asked_nor_without_bound(asked: float, happens: list[str]) -> None:
    pace = Pace(asked)
    for what in happens:
        if what == "longer":
            pace.at_least(asked + 1)
        else:
            getattr(pace, what)()
        assert pace.asked <= pace.delay <= (asked + 1) * 2**MOST_DOUBLINGS


@given(
    st.integers(0, 60),
    st.lists(st.integers(0, 30), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_a_budget_is_spent_whole_and_nobody_gets_less_than_an_equal_share(
    requests: int, wanted: list[int], chance: object
) -> None:
    budget = Budget(requests, len(wanted))
    shares = [budget.share() for _ in wanted]
    got = [0] * len(wanted)
    hungry = [place for place, want in enumerate(wanted) if want]
    for place, want in enumerate(wanted):
        if not want:
            shares[place].give_back()
    while hungry:
        place = chance.choice(hungry)  # type: ignore[attr-defined]
        if not shares[place].take():
            hungry.remove(place)
            continue
        got[place] += 1
        if got[place] == wanted[place]:
            shares[place].give_back()
            hungry.remove(place)
    assert sum(got) == budget.spent <= requests
    for have, want in zip(got, wanted, strict=True):
        assert have >= min(want, requests // len(wanted))


def test_what_a_portal_does_not_need_is_free_for_others() -> None:
    budget = Budget(10, 3)
    big, small = budget.share(), budget.share()
    budget.forgo()  # the third never runs
    assert small.take()
    small.give_back()
    assert sum(big.take() for _ in range(20)) == 9


@pytest.mark.parametrize("text", ["", "22", "22-22", "25-6", "6-25", "22:00-6:00", "abend", "-1-6"])
def test_what_is_no_window(text: str) -> None:
    with pytest.raises(ValueError, match="crawl window"):
        Window.parse(text)


@pytest.mark.parametrize(
    ("text", "hour", "is_open"),
    [
        ("22-6", 21, False), ("22-6", 22, True), ("22-6", 0, True), ("22-6", 5, True), ("22-6", 6, False),
        ("0-6", 0, True), ("0-6", 6, False), ("1-5", 0, False), ("0-24", 13, True), ("18-24", 23, True),
        ("18-24", 0, False), ("24-6", 0, True), ("24-6", 23, False),
    ],
)  # fmt: skip
def test_windows_by_the_clock_of_china(text: str, hour: int, is_open: bool) -> None:
    moment = datetime(2026, 3, 1, hour, 59, tzinfo=CHINA)
    window = Window.parse(text)
    assert window.is_open(moment) is window.is_open(moment.astimezone(UTC)) is is_open


@given(st.integers(0, 24), st.integers(0, 24))
def test_a_window_is_open_as_long_as_it_says(begins: int, ends: int) -> None:
    if begins == ends:
        return
    window = Window.parse(f"{begins}-{ends}")
    day = datetime(2026, 3, 1, tzinfo=UTC)
    hours = sum(window.is_open(day + timedelta(hours=hour)) for hour in range(24))
    assert hours == ((ends - begins) % 24 or 24)
