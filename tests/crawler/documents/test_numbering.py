"""Automatic numbers: how they are spelled and how they are counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.documents.lists import Counters, Level
from crawler.extract.documents.numerals import BINARY, spell

LEVELS = (
    Level(number_format="chineseCounting", text="%1、"),
    Level(text="%1.%2", legal=True),
    Level(text="（%3）"),
)


@pytest.mark.parametrize(
    ("number_format", "number", "printed"),
    [
        ("chineseCounting", 10, "十"),
        ("chineseCounting", 12, "十二"),
        ("chineseCountingThousand", 20, "二十"),
        ("japaneseCounting", 105, "一百零五"),
        ("chineseCounting", 1_010, "一千零一十"),
        ("ideographDigital", 20, "二〇"),
        ("chineseLegalSimplified", 11, "壹拾壹"),
        ("ideographTraditional", 3, "丙"),
        ("ideographZodiac", 12, "亥"),
        ("decimalEnclosedCircle", 4, "④"),
        ("decimalEnclosedCircle", 21, "㉑"),
        ("decimalEnclosedParen", 2, "⑵"),
        ("decimalFullWidth", 12, "１２"),
        ("decimalZero", 3, "03"),
        ("upperRoman", 14, "XIV"),
        ("lowerLetter", 28, "bb"),
        ("none", 3, ""),
        ("somethingNew", 3, "3"),
    ],
)
def test_spelling(number_format: str, number: int, printed: str) -> None:
    assert spell(number, number_format) == printed


@given(st.sampled_from(sorted(set(BINARY.values()))), st.integers(-5, 20_000))
def test_no_number_is_too_strange(number_format: str, number: int) -> None:
    assert isinstance(spell(number, number_format), str)


def _labels(*levels: int, starts: dict[int, int] | None = None) -> list[str]:
    counters = Counters()
    return [counters.label(family="f", instance="i", level=at, levels=LEVELS, starts=starts) for at in levels]


def test_levels_count_and_restart() -> None:
    assert _labels(0, 1, 1, 2, 0, 1, 2) == ["一、", "1.1", "1.2", "（1）", "二、", "2.1", "（1）"]


def test_a_list_that_begins_below_its_first_level() -> None:
    assert _labels(1, 1, 0) == ["1.1", "1.2", "二、"]


def test_an_instance_may_start_elsewhere() -> None:
    assert _labels(0, 0, starts={0: 5}) == ["五、", "六、"]


def test_two_instances_of_one_family_count_on() -> None:
    counters = Counters()
    first = counters.label(family="f", instance="1", level=0, levels=LEVELS)
    second = counters.label(family="f", instance="2", level=0, levels=LEVELS)
    anew = counters.label(family="f", instance="3", level=0, levels=LEVELS, starts={0: 1})
    assert (first, second, anew) == ("一、", "二、", "一、")


def test_a_level_that_never_restarts() -> None:
    levels = (LEVELS[0], Level(text="%2.", restart=0))
    counters = Counters()
    labels = [counters.label(family="f", instance="i", level=at, levels=levels) for at in (0, 1, 0, 1)]
    assert labels == ["一、", "1.", "二、", "2."]


def test_bullets_and_unknown_levels_print_nothing() -> None:
    counters = Counters()
    assert (
        counters.label(family="f", instance="i", level=0, levels=(Level(number_format="bullet", text="●"),))
        == ""
    )
    assert counters.label(family="f", instance="i", level=7, levels=LEVELS) == ""
