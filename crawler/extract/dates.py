"""Dates as Chinese pages print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_HAN = "〇○0Ｏ零一二三四五六七八九十"
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0, "Ｏ": 0, "O": 0, "0": 0}
_WIDE = str.maketrans("０１２３４５６７８９．／－—–", "0123456789./---")

_NUMERIC = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*(?:年|[-/.])\s*(0?[1-9]|1[0-2])\s*(?:月|[-/.])\s*(3[01]|[12]\d|0?[1-9])(?!\d)"
    r"|(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"
)
# Month first, as software of American make prints it; day first where the month could be none.
_AMERICAN = re.compile(r"(?<![\d/])(0?[1-9]|[12]\d|3[01])/(0?[1-9]|[12]\d|3[01])/((?:19|20)\d\d)(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?i:({'|'.join(_MONTHS)})[a-z]{{0,6}}\.?)"
_ENGLISH = re.compile(
    rf"(?<![A-Za-z]){_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+((?:19|20)\d\d)(?!\d)"
    rf"|(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+((?:19|20)\d\d)(?!\d)"
)
_LETTERS = re.compile("[A-Za-z]{3}")
_CHINESE = re.compile(rf"([一二][{_HAN}O]{{3}})\s*年\s*([{_HAN}]{{1,3}})\s*月\s*([{_HAN}]{{1,4}})\s*日")
_URL = (
    re.compile(r"/t((?:19|20)\d\d)(\d\d)(\d\d)_\d+\."),
    re.compile(r"/((?:19|20)\d\d)[-/](\d{1,2})[-/](\d{1,2})/"),
    re.compile(r"/((?:19|20)\d\d)(\d\d)/(\d\d)/"),
    re.compile(r"/((?:19|20)\d\d)(\d\d)(\d\d)/"),
    re.compile(r"/((?:19|20)\d\d)(\d\d)(\d\d)\d{8,9}/index\."),
)
_SIGNATURE = re.compile(r"\s*[(（]?\s*(.{6,16}?)\s*(?:印发)?[)）]?\s*")


def first(text: str) -> date | None:
    """The first date in a piece of text, in Arabic or Chinese numerals; None if there is none that exists."""
    return next(every(text), None)


def every(text: str) -> Iterator[date]:
    """All dates of a piece of text in the order they stand there."""
    plain = text.translate(_WIDE)
    found = [(m.start(), _made(*(int(g) for g in m.groups() if g))) for m in _NUMERIC.finditer(plain)]
    found += [(m.start(), _chinese(m)) for m in _CHINESE.finditer(plain)]
    if "/" in plain:
        found += [(m.start(), _american(m)) for m in _AMERICAN.finditer(plain)]
    if _LETTERS.search(plain):
        found += [(m.start(), _english(m)) for m in _ENGLISH.finditer(plain)]
    for _, day in sorted(found, key=lambda pair: pair[0]):
        if day is not None:
            yield day


def whole(text: str) -> date | None:
    """The date of a line that holds nothing else (a signature); None for any other line."""
    match = _SIGNATURE.fullmatch(text)
    if match is None:
        return None
    inner = re.sub(r"\s+", "", match.group(1)).translate(_WIDE)
    numeric = _NUMERIC.match(inner)
    if numeric is not None and inner[numeric.end() :] in ("", "日", "号"):
        return first(inner)
    return first(inner) if _CHINESE.fullmatch(inner) else None


def in_url(url: str) -> date | None:
    """The date in an article's address: of the page's making, which is not always its publication.

    Shapes: TRS ``tYYYYMMDD_ID``, Hanweb ``/YYYY/M/D/``, UUID folders ``/YYYYMMDD/``.
    """
    for shape in _URL:
        match = shape.search(url)
        if match is not None:
            return _made(*(int(g) for g in match.groups()))
    return None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _american(match: re.Match[str]) -> date | None:
    one, other, year = (int(g) for g in match.groups())
    return _made(year, one, other) if one <= 12 else _made(year, other, one)


def _english(match: re.Match[str]) -> date | None:
    month, day, year = match.group(1, 2, 3) if match.group(1) else match.group(5, 4, 6)
    return _made(int(year), _MONTHS.index(month.lower()) + 1, int(day))


def _chinese(match: re.Match[str]) -> date | None:
    year = int("".join(str(_DIGITS[c]) for c in match.group(1)))
    month, day = _number(match.group(2)), _number(match.group(3))
    return _made(year, month, day) if month and day and 1900 < year < 2100 else None


def _number(text: str) -> int | None:
    """十二 → 12, 二十 → 20, 二〇 → 20, 三十一 → 31."""
    if "十" in text:
        tens, _, ones = text.partition("十")
        if len(tens) > 1 or len(ones) > 1:
            return None
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[c]) for c in text))
