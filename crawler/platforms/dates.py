"""Dates as list pages print them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

_SEP = r"\s*[-‐-―./年－．／]\s*"
_SEP_SAME = r"[-./]"
_SEP_MONTH = r"\s*[-‐-―./月－．／]\s*"
FULL = re.compile(
    rf"(?<!\d)((?:19|20)\d{{2}}){_SEP}(0?[1-9]|1[0-2]){_SEP_MONTH}(0?[1-9]|[12]\d|3[01])(?!\d)\s*日?"
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH_DAY = re.compile(rf"(?<![\d.])(0?[1-9]|1[0-2]){_SEP_MONTH}(0?[1-9]|[12]\d|3[01])(?![\d.])\s*日?")
_SHORT_YEAR = re.compile(rf"(?<!\d)(\d{{2}})({_SEP_SAME})(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_MILLISECONDS = re.compile(r"(?:/Date\()?(1\d{12}|9\d{11})(?:[+-]\d{4})?(?:\)/)?")
_CHINA = timezone(timedelta(hours=8))
_YEAR_MONTH = rf"((?:19|20)\d{{2}}){_SEP}(0?[1-9]|1[0-2])(?:\s*月)?"
_DAY = r"(0?[1-9]|[12]\d|3[01])(?:\s*日)?"
_DAY_FIRST = re.compile(rf"^\W*{_DAY}[\s/|]+{_YEAR_MONTH}\W*$")
_DAY_LAST = re.compile(rf"^\W*{_YEAR_MONTH}[\s/|]+{_DAY}\W*$")
_YEAR_FIRST = re.compile(
    rf"^\W*((?:19|20)\d{{2}})\s*年?\s+(0?[1-9]|1[0-2]){_SEP_MONTH}(0?[1-9]|[12]\d|3[01])\s*日?\W*$"
)
_THREE = re.compile(r"^\W*((?:19|20)\d{2})\s*年?\s+(0?[1-9]|1[0-2])\s*月?\s+(0?[1-9]|[12]\d|3[01])\s*日?\W*$")
_THREE_BACK = re.compile(
    r"^\W*(1[3-9]|2\d|3[01])\s*日?\s+(0?[1-9]|1[0-2])\s*月?\s+((?:19|20)\d{2})\s*年?\W*$"
)
"""Only a day above 12 tells the day from the month."""
_YEAR_APART = re.compile(
    rf"^\W*(0?[1-9]|1[0-2]){_SEP_MONTH}(0?[1-9]|[12]\d|3[01])\s*日?\s+((?:19|20)\d{{2}})\s*年?\W*$"
)
_APART = (
    (_DAY_FIRST, (2, 3, 1)),
    (_DAY_LAST, (1, 2, 3)),
    (_YEAR_APART, (3, 1, 2)),
    (_YEAR_FIRST, (1, 2, 3)),
    (_THREE, (1, 2, 3)),
    (_THREE_BACK, (3, 2, 1)),
)
"""Dates whose parts stand in elements of their own, with the groups of year, month and day."""
_LABEL = r"(?:(?:发布|公开|生成|成文|更新|印发|发文|公布)?(?:日期|时间))"
_CLOCK = r"(?:[\sT]*\d{1,2}[:：]\d{2}(?:[:：]\d{2}(?:\.\d+)?)?)?"
_ONLY = re.compile(
    rf"^[\s\[\](){{}}【】（）〔〕|:：·]*(?:{_LABEL}[\s:：]*)?(.+?){_CLOCK}[\s\[\](){{}}【】（）〔〕|]*$"
)
_URL_DAY = re.compile(r"/t((?:19|20)\d{2})(\d{2})(\d{2})_")
_URL_YEAR = re.compile(r"(?<=[/_\-])((?:19|20)\d{2})(?:(?:0[1-9]|1[0-2])(?:[0-3]\d)?)?(?=[/_\-.])")


def _make(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:  # 30 February and the like: a misprint is no date
        return None


def epoch_date(moment: int) -> date | None:
    """The day in China of a time in seconds or milliseconds since 1970; None outside 1990 to 2100.

    Interfaces and templates of portals print both (``1709251200000``).
    """
    seconds = moment / 1000 if moment > 10**11 else moment
    if not 631_152_000 <= seconds < 4_102_444_800:
        return None
    return datetime.fromtimestamp(seconds, UTC).astimezone(_CHINA).date()


def year_of_url(url: str) -> int | None:
    """The year a URL carries: ``tYYYYMMDD_``, ``/YYYYMM/``, ``/YYYY/``.

    TRS, Hanweb, UCAP and Epoint all put the creation date of the page there (facts: 20 URL shapes).
    """
    match = _URL_DAY.search(url) or _URL_YEAR.search(url)
    return int(match[1]) if match else None


def find_date(text: str, *, url: str = "") -> date | None:
    """The first date in a text.

    Takes 2023-03-03, 2023/3/3, 2023.03.03, 2023年3月3日, 20230303, a day set apart from its month
    (``15 2023-03``), and month and day alone when the row's URL gives the year.

    Args:
        text: What stands in the row outside the title.
        url: Address of the row's article, the source of a missing year.
    """
    text = unicodedata.normalize("NFKC", text)
    for pattern in (FULL, _COMPACT):
        for match in pattern.finditer(text):
            found = _make(*match.groups())
            if found:
                return found
    text = text.strip()
    if (found := parted_date(text)) is not None:
        return found
    known = year_of_url(url)
    if known is not None and (short := _MONTH_DAY.search(text)):
        return _make(str(known), short[1], short[2])
    return None


def parted_date(text: str) -> date | None:
    """The date whose parts stand in elements of their own: ``15 2023-03``, ``03-15 2023``, ``2023 03 15``."""
    for pattern, (year, month, day) in _APART:
        if apart := pattern.match(text):
            return _make(apart[year], apart[month], apart[day])
    return None


def is_yearless(text: str) -> bool:
    """True for a text that is a month and a day, brackets and a label aside: ``[03-15]``, ``3月15日``."""
    match = _ONLY.match(unicodedata.normalize("NFKC", text).strip()) if len(text) <= 24 else None
    return match is not None and bool(_MONTH_DAY.fullmatch(match[1].strip()))


_MARGIN = (
    r"[\s\[\](){}【】（）〔〕|:：·]*(?:(?:星期|周)[一二三四五六日天])?"
    r"(?:(?:阅读|浏览|点击|访问|来源|作者|信息来源|发布机构|发布者|字号)(?:次数|数|量)?\s*[:：]?\s*\S{0,20}\s*)*"
)
_IN_MARGIN = re.compile(rf"^{_MARGIN}(?:{_LABEL}[\s:：]*)?({FULL.pattern}){_CLOCK}{_MARGIN}$")
_EDGE = re.compile(
    r"^\s*[\[(（【]?\s*((?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2})(?:\s+\d{1,2}:\d\d(?::\d\d)?)?\s*(?:[\])）】]\s*|\s+)(?=.{4})"
    r"|(?<=\S{4})(?:\s+|\s*[\[(（【]\s*)((?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2})(?:\s+\d{1,2}:\d\d(?::\d\d)?)?\s*[\])）】]?\s*$"
)


def margin_date(text: str) -> date | None:
    """The date of a line under a title that says little else (``2023-03-15 阅读：128``)."""
    if len(text) > 60:
        return None
    text = unicodedata.normalize("NFKC", text).strip()
    match = _IN_MARGIN.match(text)
    return find_date(match[1]) if match else None


def edge_date(text: str) -> tuple[str, date] | None:
    """A title and the date written before or behind it in one text; None unless digits part it clearly.

    ``2023-03-15 title``, ``title [2023-03-15]``. A day in words may belong to the title and stays in it.
    """
    match = _EDGE.search(text)
    found = find_date(match[1] or match[2]) if match else None
    if match is None or found is None:
        return None
    return (text[: match.start()] + text[match.end() :]).strip(), found


def only_date(text: str, *, url: str = "") -> date | None:
    """The date a text consists of, brackets, a label and a clock time aside; None if it says more."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not text or len(text) > 40:
        return None
    match = _ONLY.match(text)
    if match is None:
        return None
    core = match[1].strip()
    if FULL.fullmatch(core) or _COMPACT.fullmatch(core):
        return find_date(core)
    if _MONTH_DAY.fullmatch(core):
        return find_date(core, url=url)
    if (short := _SHORT_YEAR.fullmatch(core)) and _plausible(int(short[1]), url):
        return _make(f"20{short[1]}", short[3], short[4])
    if moment := _MILLISECONDS.fullmatch(text):
        return epoch_date(int(moment[1]))
    return None


def _plausible(year: int, url: str) -> bool:
    """True if two digits may be a year: the address.s own, else one from 2000 to 2040."""
    known = year_of_url(url)
    return known == 2000 + year if known is not None else year <= 40
