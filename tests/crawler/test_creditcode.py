"""Credit codes inside index numbers; the codes are real ones that portals print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import creditcode

REAL = "11500230008689762A"
"""丰都县."""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("11500230008689762A/2026-00004", REAL),
        ("11411023071371351L/202601-00012", "11411023071371351L"),
        ("索引号：11411002005750994L/202302-00001", "11411002005750994L"),
        ("370481/2026-00251", None),
        ("003068596/202008-00068", None),
        ("11500230008689762B/2026-00004", None),
        ("1150023000868976 2A", None),
        ("", None),
    ],
)
def test_found_in_index_numbers(text: str, code: str | None) -> None:
    assert creditcode.find(text) == code


def test_division_stands_in_the_code() -> None:
    assert creditcode.division(REAL) == "500230"


@given(st.integers(0, 16), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_is_noticed(at: int, char: str) -> None:
    changed = REAL[:at] + char + REAL[at + 1 :]
    assert creditcode.is_valid(changed) == (changed == REAL)


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    code = creditcode.find(text)
    assert code is None or creditcode.is_valid(code)
