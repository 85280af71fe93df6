"""Cells and file names made of hostile words."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.exporting.cells import CsvRows, guard, json_text, plain, signs, unguard
from archive.exporting.names import LONGEST, safe, text_path
from archive.exporting.tables import Column, Kind

WORDS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=40)
LIKE_FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u3000＝1",
    "＋1",
    "－1",
    "＠x",
    "\u200b=1",
    "\ufeff-2",
    "'=1",
    "'",
]


@pytest.mark.parametrize("text", LIKE_FORMULAS)
def test_what_looks_like_a_formula_is_led_by_an_apostrophe(text: str) -> None:
    assert guard(text) == f"'{text}" and unguard(guard(text)) == text


@pytest.mark.parametrize("text", ["", "法治", "1=1", "a@b", "（一）", "2025-03-01", "《关于-》", "a\n=1"])
def test_other_words_stay_as_they_are(text: str) -> None:
    assert guard(text) == text == unguard(text)


@settings(max_examples=40)
@given(WORDS)
def test_every_guard_can_be_undone(text: str) -> None:
    assert unguard(guard(text)) == text
    assert (
        not guard(text)
        .lstrip("\u200b\ufeff")
        .startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    )


COLUMNS = (
    Column("words", Kind.TEXT),
    Column("more", Kind.TEXT),
    Column("day", Kind.DATE),
    Column("value", Kind.NUMBER),
)


@settings(max_examples=40)
@given(WORDS, st.none() | WORDS)
def test_a_line_is_read_back_as_it_was(words: str, more: str | None) -> None:
    line = CsvRows(COLUMNS).line(
        {"words": words, "more": more, "day": date(2025, 3, 1), "value": Decimal(-3)}
    )
    ((one, two, day, value),) = list(csv.reader(io.StringIO(line, newline="")))
    assert (unguard(one), unguard(two)) == (signs(words), signs(more or ""))
    assert (day, value) == ("2025-03-01", "-3"), "numbers and dates are never guarded"


def test_null_and_the_empty_text_differ() -> None:
    assert CsvRows(COLUMNS).line({"words": "", "more": None, "day": None, "value": None}) == '"",,,\r\n'


def test_values_in_plain_words() -> None:
    assert plain(datetime(2026, 3, 1, 8, tzinfo=UTC), Kind.TIME) == "2026-03-01T08:00:00.000000Z"
    assert plain(Decimal("227700.0"), Kind.NUMBER) == 227700
    assert plain(Decimal("1.50"), Kind.NUMBER) == 1.5
    assert plain((2, 4), Kind.TEXT) == "2+4" and plain((), Kind.TEXT) == ""
    assert plain(["a"], Kind.JSON, nested=False) == '["a"]'
    assert plain(1, Kind.BOOLEAN) is True


@settings(max_examples=40)
@given(WORDS)
def test_json_shows_no_sign_that_steers(text: str) -> None:
    said = json_text({"text": text})
    assert json.loads(said) == {"text": text} and "\n" not in said
    assert not {unicodedata.category(char) for char in said} & {"Cc"}


HOSTILE_NAMES = [
    "../../etc/passwd",
    "a/b\\c",
    "CON",
    "nul.txt",
    "com1",
    "\x1b[31mred",
    "a\x00b",
    "…",
    "",
    ".",
    "..",
    " . ",
    "-rf",
    "长" * 500_000,
    "a:b*c?d",
    "\u202etxt.exe",
    "e\u0301",
    "aux .",
    "$HOME`id`",
]


@pytest.mark.parametrize("words", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_names_cannot_leave_or_break_a_folder(words: str) -> None:
    _check(safe(words, "otherwise"))


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_words_make_an_unfit_name(words: str) -> None:
    _check(safe(words, "otherwise"))


def _check(name: str) -> None:
    assert name and len(name.encode()) <= LONGEST + 1
    assert not set(name) & set('/\\<>:"|?*\x00\x1b\r\n\u202e$`') and ".." not in name
    assert name == unicodedata.normalize("NFC", name)
    assert name[0] not in ".- " and name[-1] not in ". "
    assert name.partition(".")[0].lower() not in {"con", "nul", "aux", "prn", "com1"}


def test_paths_are_unique_by_number_and_stay_clear_of_our_own_files() -> None:
    assert (
        text_path("天津市东丽区", 2023, 7, "华新街道", "华新街道2023年报告")
        == "天津市东丽区/2023/华新街道2023年报告_7.txt"
    )
    assert text_path("x", None, 8, "华新街道", "2023年报告") == "x/unknown-year/华新街道_2023年报告_8.txt"
    assert text_path("Manifest.json", 1, 1, "", "") == "_Manifest.json/1/report_1.txt"
    assert text_path("ABC", 1, 1, "A", "") != text_path("abc", 1, 2, "a", "")
