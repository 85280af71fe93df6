"""Numbers with a unit as reports print them: 27100元, 10万余人次, 两万余份, 97%以上, 百分之98.

Only quantities are read: a number that stands before one of the known units. Dates (3·15, 12.4), names with a
number in them (12345热线, 132机制, 三项制度), ordinals, ranges (3至5次) and sums (24+6次) are no quantities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from crawler.extract.fold import fold, fold_whole

Qualifier = Literal["exact", "at_least", "about", "at_most"]

_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_SPELLED = "零〇一二两三四五六七八九十百千万亿"
_ONE = "[一二两三四五六七八九]"
_BELOW_TEN_THOUSAND = re.compile(
    rf"[零〇]?(?:{_ONE}千[零〇]?)?(?:{_ONE}百[零〇]?)?(?:{_ONE}?十[零〇]?)?{_ONE}?"
)
_DIGITS = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?([十百千万亿]{0,2})", re.ASCII)
_GROUPS = re.compile(r"(?:(?P<e8>[^万亿]+)亿)?(?:(?P<e4>[^万亿]+)万)?(?P<e0>[^万亿]*)")

_COUNTERS = "件次 处次 家次 户次 人次 场次 批次 车次 件 起 宗 例 次 场 人 名 位 份 册 张 本 条 篇 个 期 批 家 户 处 轮"
UNITS = (*_COUNTERS.split(), "元", "项", "部", "卷", "堂", "%")
"""The units read. 万 and 亿 belong to the number: 22.77万元 is 227700 元."""
# 一次性, 3人民警察, 2个人, 场所, 起草 …: the character belongs to the next word.
_NO_UNIT = {
    "人": "民大员工均口事力才",
    "次": "性日月要序",
    "起": "草来点到",
    "场": "所地馆景",
    "个": "人体性别月",
    "本": "级年市区县街镇乡人身地",
    "家": "庭属长具园",
    "条": "例款",
    "部": "门分",
    "名": "单称",
    "件": "套",
    "处": "罚理置长级",
    "项": "目",
    "户": "籍口",
    "期": "间",
    "位": "于置",
    "份": "额",
}
_UNIT = "|".join(
    re.escape(unit) + (f"(?![{_NO_UNIT[unit]}])" if unit in _NO_UNIT else "")
    for unit in sorted(UNITS, key=len)[::-1]
)
_QUANTITY = re.compile(
    rf"(?:(?<![\d.])(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d{{1,6}})?(?![\d,.])|\d{{1,12}}(?:\.\d{{1,6}})?)|(?<![{_SPELLED}])(?P<spelled>[{_SPELLED}]{{1,14}}))"
    rf"[ ]?(?P<more>[余多])?(?P<scale>[十百千万亿]{{1,2}})?(?P<more2>[余多])?[ ]?(?P<unit>人\(次\)|{_UNIT})"
    r"(?P<behind>以上|之多|左右|上下|以内|以下)?"
)
_NUMERAL = re.compile(rf"[\d{_SPELLED}]")
_PERCENT = re.compile(
    rf"百分之(?:(?P<digits>\d{{1,3}}(?:\.\d{{1,4}})?)|(?P<spelled>[{_SPELLED}点]{{1,10}}))(?P<behind>以上|左右|以内|以下)?"
)
_BEFORE: tuple[tuple[re.Pattern[str], Qualifier], ...] = (
    (re.compile(r"(?:不超过|不多于|最多|低于|少于|不足|不到)\Z"), "at_most"),
    (re.compile(r"(?:不低于|不少于|至少|超过|(?<![反])超|突破|高达|多达|逾|大于)\Z"), "at_least"),
    (re.compile(r"(?:大约|(?<![签节预履违合公契制特])约|接近|将近|(?<![附最临邻靠就])近)\Z"), "about"),
)
_NOT_LESS = re.compile(r"(?:不低于|不少于)\Z")
# What stands right before a number that is not a count of its own.
_PART_OF_MORE = re.compile(
    r"(?:[第数几·•・.\-—–~/+×*:〔\[A-Za-z_%]|[零〇一二两三四五六七八九十百千万亿\d][,]?|\d ?[至到、和或]|[年月日]至)\Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number with its unit."""

    value: Decimal
    unit: str
    qualifier: Qualifier
    start: int
    """Where it begins in the text, with the word that qualifies it (约, 超过)."""
    end: int
    spelled: bool
    """Written in Chinese numerals."""


@lru_cache(maxsize=4096)
def parse(numeral: str) -> Decimal | None:
    """The value of a numeral in digits or Chinese characters, with 万 and 亿; None if it is not well formed.

    八五 (a plan), 三八 (a day) and bare 万 are no numbers.
    """
    folded = fold(numeral).strip()
    digits = _DIGITS.fullmatch(folded)
    if digits:
        value = Decimal(digits[1].replace(",", "") + (digits[2] or ""))
        return value * _scale(digits[3])
    groups = _GROUPS.fullmatch(folded) if folded and folded[0] not in "零〇百千" else None
    if groups is None:
        return None
    high, middle, low = (_small(groups[name] or "") for name in ("e8", "e4", "e0"))
    if min(high, middle, low) < 0:
        return None
    return Decimal(high * 10**8 + middle * 10**4 + low)


def _small(chars: str) -> int:
    """The value of a numeral below ten thousand, -1 if it is none."""
    if not _BELOW_TEN_THOUSAND.fullmatch(chars):
        return -1
    total = digit = 0
    for char in chars:
        if char in _SMALL:
            total += (digit or 1) * _SMALL[char]
            digit = 0
        else:
            digit = _DIGIT[char]
    return total + digit


def _scale(chars: str) -> int:
    value = 1
    for char in chars:
        value *= _SMALL.get(char) or _LARGE[char]
    return value


def quantities(text: str) -> Iterator[Quantity]:
    """The quantities of a text in order; never raises."""
    folded = fold_whole(text)
    found = [*_counted(folded), *(_PERCENT.finditer(folded))]
    last = 0
    for match in sorted(found, key=lambda m: (m.start(), -m.end())):
        if match.start() < last:
            continue
        quantity = _quantity(folded, match)
        if quantity:
            last = match.end()
            yield quantity


def _counted(folded: str) -> Iterator[re.Match[str]]:
    """All matches of `_QUANTITY`, tried only where a number stands: twice as fast as trying it everywhere."""
    last = 0
    for first in _NUMERAL.finditer(folded):
        at = first.start()
        if at >= last and (match := _QUANTITY.match(folded, at)):
            last = match.end()
            yield match


def _quantity(folded: str, match: re.Match[str]) -> Quantity | None:
    groups = match.groupdict()
    start = match.start()
    before = folded[max(0, start - 6) : start]
    percent = "unit" not in groups
    if (not percent or before.endswith("第")) and _PART_OF_MORE.search(before.rstrip(" ")):
        return None
    value = _value(groups, percent)
    if value is None:
        return None
    value = Decimal(int(value)) if value == value.to_integral_value() else value.normalize()
    qualifier, length = _before(before)
    behind = groups["behind"]
    if groups.get("more") or groups.get("more2") or behind in ("以上", "之多"):
        qualifier = "at_least" if qualifier == "exact" else qualifier
    elif behind in ("左右", "上下"):
        qualifier = "about"
    elif behind:
        qualifier = "at_most"
    unit = "%" if percent else groups["unit"].replace("人(次)", "人次")
    return Quantity(
        value=value,
        unit=unit,
        qualifier=qualifier,
        start=start - length,
        end=match.end(),
        spelled=groups["spelled"] is not None,
    )


def _value(groups: dict[str, str | None], percent: bool) -> Decimal | None:
    spelled = groups["spelled"]
    if percent and spelled:
        whole, point, fraction = spelled.partition("点")
        value = Decimal(100) if whole == "百" else parse(whole)
        if value is None or not point:
            return value
        if not fraction or any(char not in _DIGIT for char in fraction):
            return None
        return value + Decimal("0." + "".join(str(_DIGIT[char]) for char in fraction))
    value = parse(spelled or groups["digits"] or "")
    # 一件, 一起, 一次 count nothing more often than they count one.
    if value is None or (spelled and value <= 1):
        return None
    return value * _scale(groups.get("scale") or "")


def _before(before: str) -> tuple[Qualifier, int]:
    """How the words before a number qualify it, and how many characters they have."""
    for pattern, qualifier in _BEFORE:
        match = pattern.search(before)
        if match and not (qualifier == "at_most" and _NOT_LESS.search(before)):
            return qualifier, len(match.group())
    return "exact", 0
