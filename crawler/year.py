"""The report year by vote.

No single place is to be trusted: titles carry the wrong year or none, texts speak of last and of next
year, and a report may be dated before the year it reports on is over. Every place that says something
casts a weighted ballot; the ballots are kept as evidence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from archive.records import Verdict
from crawler import titlewords
from crawler.extract.fold import compatible
from crawler.recognise import judge_title
from crawler.titletext import fold

FIRST_YEAR = 2004
"""Reports on 依法行政 begin with 全面推进依法行政实施纲要 of 2004."""

# The title is written with care and names the year in 58 of the 59 real titles collected; headings repeat
# last year's by mistake (北城街 2025); a publication date says only "not later than".
_TITLE = 4.0
_SECOND_TITLE = 2.0
_ANNOUNCED = 3.0
_OPENING = 1.5
_HEADING = 1.0
_HEADINGS_MOST = 3.0
_PLAN_HEADING = 0.75
_SIGNED = 1.5
_PUBLISHED = 1.0
_LATE = 0.4
"""Published later than June: further reports of older years are put up then, so the date says little."""
_URL = 0.5
_BODY = 0.75

_READ = 60_000
_SPAN = re.compile(
    r"20\d\d\s*年?\s*[-—–~至到]{1,2}\s*20\d\d\s*年?|〔20\d\d〕|\[20\d\d\]|《[^《》]{0,80}》|[(]20\d\d[)]"
)
_YEAR = re.compile(r"(?<![\d.])(20[0-4]\d)\s*(?:年|(?=法治|依法))")
_LAST = re.compile(r"上一?年度?|去年")
_PLAN = re.compile(
    r"下一?(?:年度?|步|阶段)|明年|来年|打算|安排|计划|思路|工作要点|努力方向|展望|将(?:继续|进一步)"
)
_HEADING_START = re.compile(r"^(?:[一二三四五六七八九十]{1,3}[、.]|[(][一二三四五六七八九十]{1,3}[)])")
_ANNOUNCING = re.compile(r"现?[将就把][^。]{0,80}?如下|(?:情况|工作)[^。]{0,12}如下")
_SIGNATURE_DATE = re.compile(
    r"(20\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日|(20\d\d)[-./](\d{1,2})[-./](\d{1,2})"
)
_URL_DATE = re.compile(
    r"(?<!\d)(20\d\d)(?:[-/]?)(0?[1-9]|1[0-2])(?:[-/]?)(0?[1-9]|[12]\d|3[01])(?!\d)|/(20\d\d)(0[1-9]|1[0-2])/"
)
_CHINESE_DATE = re.compile(
    r"二[〇○零]([〇○零一二三四五六七八九]{2})年([一二三四五六七八九十]{1,2})月[一二三四五六七八九十]{1,3}日"
)
_DIGITS = {
    "〇": 0,
    "○": 0,
    "零": 0,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}


@dataclass(frozen=True, slots=True)
class YearBallot:
    """What one place says about the report year."""

    year: int
    weight: float
    where: str
    """``title``, ``announcement``, ``opening``, ``heading``, ``signature``, ``published``, ``url`` …"""
    raw: str
    """The words, at most 80 characters."""


@dataclass(frozen=True, slots=True)
class YearVote:
    """The report year and how sure it is."""

    year: int | None
    confidence: float
    """Share of the weight that is for ``year``; 0 where nobody voted."""
    votes: tuple[YearBallot, ...]


def vote(
    *,
    titles: Sequence[str] = (),
    text: str = "",
    published: date | None = None,
    signed: date | None = None,
    url: str | None = None,
) -> YearVote:
    """Let titles, text and dates vote on the year reported on.

    Args:
        titles: The titles met (list row, page, in the body), the most trusted first.
        text: The body, one paragraph a line.
        published: The printed or listed publication date.
        signed: The date under the text, if it was read already; else it is looked for.
        url: The document's address; only a date in it counts.

    Returns:
        The winner with its share. A date in December counts for its own year, any other for the year
        before: the report is due in the spring after (规定 of 2019, Art. 24), but some are signed before
        the year is over.
    """
    folded = compatible(text[:_READ])
    lines = [line.strip() for line in folded.splitlines() if line.strip()]
    printed = [line for line in lines[:6] if len(line) < 60 and judge_title(line).verdict is Verdict.REPORT]
    ballots = list(_title_ballots([*titles, *printed]))
    ballots += _opening_ballots([line for line in lines[:14] if line not in printed], published)
    ballots += _heading_ballots(lines)
    ballots += _body_ballot(lines)
    ballots += _signature_ballot(lines, signed)
    if published is not None:
        weight = _PUBLISHED if published.month in {12, 1, 2, 3, 4, 5, 6} else _LATE
        ballots.append(
            YearBallot(_by_date(published.year, published.month), weight, "published", published.isoformat())
        )
    ballots += _url_ballot(url, published)
    return _count(ballots, published or signed)


def _count(ballots: Iterable[YearBallot], latest: date | None) -> YearVote:
    valid = [b for b in ballots if b.year >= FIRST_YEAR and (latest is None or b.year <= latest.year)]
    if not valid:
        return YearVote(None, 0.0, ())
    totals: dict[int, float] = defaultdict(float)
    for ballot in valid:
        totals[ballot.year] += ballot.weight
    # A tie goes to the year that was voted for first: titles come before texts, texts before dates.
    order = list(dict.fromkeys(b.year for b in valid))
    winner = max(order, key=lambda year: (totals[year], -order.index(year)))
    return YearVote(winner, round(totals[winner] / sum(totals.values()), 3), tuple(valid))


def _by_date(year: int, month: int) -> int:
    return year if month == 12 else year - 1


def _title_ballots(titles: Sequence[str]) -> Iterable[YearBallot]:
    seen: set[int] = set()
    for title in titles:
        year = judge_title(title).year
        if year is None:
            found = [int(y) for y in titlewords.YEAR.findall(_SPAN.sub("", fold(title[:400])))]
            year = found[0] if len(set(found)) == 1 else None
        if year is None or year in seen:
            continue
        yield YearBallot(year, _SECOND_TITLE if seen else _TITLE, "title", title.strip()[:80])
        seen.add(year)


def _opening_ballots(lines: Sequence[str], published: date | None) -> Iterable[YearBallot]:
    """The first paragraphs: the announcement outweighs a year mentioned in passing."""
    opening: list[str] = []
    for line in lines:
        if _HEADING_START.match(line):
            break
        opening.append(line)
    body = _SPAN.sub("", "\n".join(opening)[:2000])
    announced = _ANNOUNCING.search(body)
    if announced:
        years = _YEAR.findall(announced.group())
        if years:
            yield YearBallot(int(years[0]), _ANNOUNCED, "announcement", announced.group()[:80])
        elif _LAST.search(announced.group()) and published is not None:
            yield YearBallot(published.year - 1, _OPENING, "announcement", announced.group()[:80])
    for sentence in re.split(r"[。\n]", body):
        if (
            (announced and announced.group() in sentence and _YEAR.search(announced.group()))
            or _PLAN.search(sentence)
            or _SIGNATURE_DATE.search(sentence)
        ):
            continue
        if (match := _YEAR.search(sentence[:40])) is not None:
            yield YearBallot(int(match.group(1)), _OPENING, "opening", sentence[:80])
            return


def _heading_ballots(lines: Sequence[str]) -> Iterable[YearBallot]:
    past: list[tuple[int, str]] = []
    for line in lines:
        if not _HEADING_START.match(line):
            continue
        heading = re.split(r"[。;]", line, maxsplit=1)[0][:60]
        years = [int(y) for y in _YEAR.findall(_SPAN.sub("", heading))]
        if not years:
            continue
        if _PLAN.search(heading):
            # 「2024年工作安排」 stands in the report of 2023.
            yield YearBallot(max(years) - 1, _PLAN_HEADING, "heading of the plan", heading)
        else:
            past.append((years[0], heading))
    share = min(_HEADING, _HEADINGS_MOST / len(past)) if past else 0.0
    for year, heading in past:
        yield YearBallot(year, round(share, 3), "heading", heading)


def _body_ballot(lines: Sequence[str]) -> Iterable[YearBallot]:
    """The year the text speaks of most, before its plan for the next one."""
    counts: Counter[int] = Counter()
    for line in lines:
        if _HEADING_START.match(line) and _PLAN.search(line[:40]):
            break
        counts.update(int(y) for y in _YEAR.findall(_SPAN.sub("", line)))
    if not counts:
        return
    (year, times), *rest = counts.most_common(2)
    if times >= 2 and (not rest or times > rest[0][1]):
        yield YearBallot(year, _BODY, "body", f"{year}年 {times} times")


def _signature_ballot(lines: Sequence[str], signed: date | None) -> Iterable[YearBallot]:
    if signed is not None:
        yield YearBallot(_by_date(signed.year, signed.month), _SIGNED, "signature", signed.isoformat())
        return
    for line in reversed(lines[-6:]):
        if len(line) > 30:
            continue
        if match := _SIGNATURE_DATE.search(line):
            year, month = (
                int(g) for g in (match.group(1) or match.group(4), match.group(2) or match.group(5))
            )
            yield YearBallot(_by_date(year, month), _SIGNED, "signature", line[:80])
            return
        if match := _CHINESE_DATE.search(line):
            year = 2000 + 10 * _DIGITS[match.group(1)[0]] + _DIGITS[match.group(1)[1]]
            month = sum(_DIGITS[c] for c in match.group(2))
            yield YearBallot(_by_date(year, month), _SIGNED, "signature", line[:80])
            return


def _url_ballot(url: str | None, published: date | None) -> Iterable[YearBallot]:
    if not url:
        return
    match = _URL_DATE.search(url[:500])
    if match is None:
        return
    year, month = (int(g) for g in (match.group(1) or match.group(4), match.group(2) or match.group(5)))
    if published is not None and (published.year, published.month) == (year, month):
        return
    yield YearBallot(_by_date(year, month), _URL, "url", match.group()[:80])
