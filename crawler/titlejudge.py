"""One title judged by its words: which are before the topic, which after it, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from archive.records import Verdict
from crawler import titlewords as words
from crawler.titletail import Tail, TailReading, read_tail
from crawler.titletext import MAX_LENGTH, Cleaned, clean

_QUOTED = re.compile(r"《([^《》]*)》")
_DOTS = re.compile(r"(?:\.{2,}|…|⋯).*")
_SEPARATORS = re.compile(r"[_|]+|(?<!\d)-+(?!\d)|(?<=\d)-{2,}(?!\d)|(?<!\d)-{2,}|>+")
_NOT_SUBJECT = re.compile(
    r"20\d\d年?年?度?|上一?年度|本年度|年度|关于|全面|深入|扎实|持续|加快|大力|切实|认真|有关"
    r"|推进|推荐|加强|开展|落实|贯彻|做好|深化|履行|报告|〓|(?:查看)?更多|[,、()的]"
)
_NAMED_TOPIC = re.compile(r"《([^《》]*(?:情况|建设))》(?=的?(?:工作)?(?:报告|总结)$)")
_YEAR_ALONE = re.compile(r"20\d\d年?度?$")
_LAST_YEAR = re.compile(r"上一?年度")
_SENT_UP = re.compile(r"关于(?:报送|上报|呈报|呈送)")
_MADE_PUBLIC = re.compile(r"公布|公示|公开|发布")
_ENDS_IN_HEAD = re.compile(rf"(?:{words.HEAD_NOUN.pattern})$")
_DRAFT = re.compile(r"(?<!定)稿|试行|草案|摘要|节选|送审|讨论")
_GROWS = re.compile(r"(?:关于)?(?:20\d\d?年?度?)?(?:推进|加强)?(?:法[治制]?政?|依法?行?)?$")
_SUMMARY = re.compile(r"(?:总结|小结)$|(?<!情况)总结[和与暨及、,].*(?<!报告)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class TitleVerdict:
    """What a title says of the paper below it."""

    verdict: Verdict
    year: int | None
    """The year reported on, if the title names one."""
    kind: str | None
    """``annual`` or ``summary``; None where the title is not of a report."""
    reason: str
    """One short line for the person who reads the list of refusals."""
    open: bool = False
    """NO only for want of words (a bare column name, no topic): a body may still prove the report."""
    settled_by_theme: bool = False
    """UNSURE only for want of a head noun: issuer and year are said, so a text about 法治 is enough."""


@dataclass(frozen=True)
class _Topical:
    """A title that names the topic, taken apart round it."""

    prefix: str
    topic: str
    tail: str
    cleaned: Cleaned
    weak: bool
    """The topic is wider than government by law (全面依法治区)."""

    @cached_property
    def reading(self) -> TailReading:
        return read_tail(self.tail)

    @cached_property
    def subject(self) -> str:
        """The issuer, as far as the words before the topic are not filler."""
        return _NOT_SUBJECT.sub("", self.prefix)

    @cached_property
    def year(self) -> int | None:
        """The year nearest to the topic; a second part's year is next year's plan."""
        if before := words.YEAR.findall(self.prefix):
            return int(before[-1])
        if after := words.YEAR.findall(self.reading.first_part):
            return int(after[0])
        around = (p for p in (*self.cleaned.notes, *self.cleaned.tags) if "月" not in p and "号" not in p)
        return next((year for piece in around if (year := _year_in(piece))), None)

    @cached_property
    def text(self) -> str:
        return self.prefix + self.topic + self.tail


def judge_title(title: str, *, column: str | None = None) -> TitleVerdict:
    """Judge one title.

    Args:
        title: As printed, in full where the page has it (``title=`` rather than the cut link text).
        column: Name of the column that lists it. Inside a report column a title without the topic
            (``2023年度报告``) is UNSURE instead of NO.

    Returns:
        A verdict; never raises, whatever the title.
    """
    return _judged(title[: 4 * MAX_LENGTH], column)


@lru_cache(maxsize=4096)
def _judged(title: str, column: str | None) -> TitleVerdict:
    """Kept: the menus of a portal are the same on all its pages, and an article's title is asked about six times."""
    cleaned = clean(title)
    column_text = _column_text(column) if column else ""
    in_column = words.REPORT_COLUMN.search(column_text) is not None
    if cleaned.cut:
        return _judge_cut(cleaned, in_column)
    parts = [part for part in _SEPARATORS.split(cleaned.text) if part]
    if len(parts) > 1:
        return _judge_parts(parts, cleaned, in_column)
    verdict = _judge_plain(cleaned.text, cleaned, in_column)
    if in_column and verdict.reason == _BARE.reason and column_text != cleaned.text:
        # Inside a report column a bare name is an article's title, unless it is the column's link to itself.
        return _unsure("neither year nor subject, but listed in the report column")
    return verdict


def title_kind(text: str) -> str:
    """``summary`` for a title that calls the paper a 总结 and nothing else, ``annual`` for all others."""
    return "summary" if _SUMMARY.search(text) else "annual"


@lru_cache(maxsize=256)
def _column_text(column: str) -> str:
    return clean(column).text


def _no(reason: str, *, year: int | None = None, open_: bool = False) -> TitleVerdict:
    return TitleVerdict(verdict=Verdict.NO, year=year, kind=None, reason=f"refused: {reason}", open=open_)


def _unsure(reason: str, *, year: int | None = None, kind: str | None = "annual") -> TitleVerdict:
    return TitleVerdict(verdict=Verdict.UNSURE, year=year, kind=kind, reason=f"unsure: {reason}")


# A menu of a portal carries these words on every page, an article hardly ever: fetching every menu link of
# every page would cost more than the rare title gained. In a report column it is UNSURE instead.
_BARE = _no("bare column name, neither year nor subject", open_=True)


def _judge_cut(cleaned: Cleaned, in_column: bool) -> TitleVerdict:
    """A shortened title: refuse what its visible part refuses, else leave it open."""
    visible = _DOTS.sub("", cleaned.text)
    whole = _judge_plain(visible, cleaned, in_column)
    if whole.verdict is Verdict.NO and not whole.open:
        return whole
    topic = words.STRONG_TOPIC.search(visible) or words.WEAK_TOPIC.search(visible)
    if topic or in_column or _may_grow_into_report(visible):
        return _unsure("title cut short by the portal", year=whole.year)
    return whole


def _may_grow_into_report(visible: str) -> bool:
    """The cut fell before the topic: only an issuer, 关于 and a year so far."""
    if words.EVENT.search(visible) or words.CARRIER.search(visible):
        return False
    grown = _GROWS.search(visible)
    if grown is None or not grown.group():
        return False
    return words.BODY_ENDING.search(visible, 0, grown.start()) is not None


def _judge_parts(parts: list[str], cleaned: Cleaned, in_column: bool) -> TitleVerdict:
    """A page title with column and site name round it, or a headline with a subtitle."""
    verdicts = [_judge_plain(part, cleaned, in_column) for part in parts]
    order = {Verdict.REPORT: 0, Verdict.UNSURE: 1, Verdict.NO: 2}
    best = min(range(len(parts)), key=lambda i: (order[verdicts[i].verdict], verdicts[i].open, i))
    chosen = verdicts[best]
    if chosen.reason == _BARE.reason and any(map(_YEAR_ALONE.match, parts)):
        return _judge_plain("".join(sorted(parts, key=lambda part: part == parts[best])), cleaned, in_column)
    if chosen.verdict is Verdict.NO:
        return chosen
    for i, part in enumerate(parts):
        if i == best:
            continue
        if aid := words.READER_AID.search(part):
            # Before the title it names the paper; after it, it may be only the column.
            return (
                verdicts[i]
                if i < best
                else _unsure(f"beside the title stands {aid.group()}", year=chosen.year)
            )
        if i < best and (other := words.NOT_THIS_REPORT.search(part)):
            return _unsure(f"listed under {other.group()}", year=chosen.year)
    return chosen


def _judge_plain(text: str, cleaned: Cleaned, in_column: bool) -> TitleVerdict:
    if not text:
        return _no("empty title", open_=True)
    if early := _refuse_early(text, cleaned):
        return early
    plain = words.DUTY.sub("〓", words.BODY_NAME_WITH_TOPIC.sub("委", text))
    plain = _NAMED_TOPIC.sub(r"\1", plain)
    if "《" in plain:
        quoted = _QUOTED.search(plain)
        outside = _QUOTED.sub("", plain)
        if quoted and not words.STRONG_TOPIC.search(outside):
            return _judge_quoting(quoted.group(1), outside, cleaned, in_column)
        plain = outside.replace("《", "").replace("》", "")
    topic = words.STRONG_TOPIC.search(plain) or words.WEAK_TOPIC.search(plain)
    if topic is None:
        return _judge_without_topic(plain, cleaned, in_column)
    title = _Topical(
        prefix=plain[: topic.start()],
        topic=topic.group(),
        tail=plain[topic.end() :],
        cleaned=cleaned,
        weak=topic.re is words.WEAK_TOPIC,
    )
    return _judge_topical(title)


def _refuse_early(text: str, cleaned: Cleaned) -> TitleVerdict | None:
    """What no other word in the title can outweigh."""
    if match := words.NOT_THIS_REPORT.search(text):
        return _no(f"another yearly paper, {match.group()}")
    for piece in (text, *cleaned.tags, *cleaned.notes):
        if match := words.READER_AID.search(piece):
            return _no(f"explains a report, {match.group()}")
    if match := words.MASKED.search(text):
        return _no(f"masked or a template, {match.group()}")
    return None


def _judge_quoting(inner: str, outside: str, cleaned: Cleaned, in_column: bool) -> TitleVerdict:
    """The topic stands in 《》 only: the title speaks about a paper, or carries it."""
    if not (words.STRONG_TOPIC.search(inner) or words.WEAK_TOPIC.search(inner)):
        return _judge_without_topic(outside, cleaned, in_column)
    if about := (words.EVENT.search(outside) or words.REFUSED_TAIL.search(outside)):
        return _no(f"speaks about a paper, {about.group()}")
    carried = _judge_plain(inner, cleaned, in_column)
    if carried.verdict is Verdict.NO and not carried.open and not words.HEAD_NOUN.search(outside):
        return _no(f"names a paper that is no report, 《{inner[:24]}》")
    if carried.verdict is Verdict.NO and not carried.open:
        return _unsure("report on carrying out a named paper", year=_year_in(outside))
    wrapped = words.WRAPPER_VERB.search(outside) or words.WRAPPER_NOUN.search(outside)
    if wrapped or words.CARRIER.search(outside) or words.HEAD_NOUN.search(outside):
        reason = "a notice that may carry the report" if wrapped else "names the report between 《》"
        return _unsure(reason, year=carried.year, kind=carried.kind)
    return _no("speaks about a report", year=carried.year)


def _judge_without_topic(text: str, cleaned: Cleaned, in_column: bool) -> TitleVerdict:
    year = _year_in(text)
    head = words.HEAD_NOUN.search(text)
    if "〓" in text or (words.PERSONAL.search(text) and head):
        return _no("personal duty report (述法), not the government's")
    if (year or head) and any(words.STRONG_TOPIC.search(piece) for piece in (*cleaned.tags, *cleaned.notes)):
        return _unsure("the topic stands in brackets only", year=year)
    if other := words.OTHER_RULE_OF_LAW.search(text):
        return _no(f"another subject, {other.group()}", open_=in_column)
    foreign = words.REFUSED_TAIL.search(text) or words.EVENT.search(text) or words.SECOND_REPORT.search(text)
    if in_column and (year or head) and not foreign:
        return _unsure("no topic in the title, but listed in the report column", year=year)
    return _no("does not speak of 法治政府建设 or 依法行政", open_=True)


def _judge_topical(title: _Topical) -> TitleVerdict:
    if refusal := _refuse_period(title):
        return refusal
    if words.OFFICE_HOLDER.search(title.subject):
        return _no(f"personal duty report, of the {title.subject[-4:]}", year=title.year)
    if event := words.EVENT.search(title.prefix):
        return _no(f"news or duty report, {event.group()}", year=title.year)
    if title.reading.shape in {Tail.OTHER, Tail.NOTHING, Tail.PLAN}:
        return _judge_odd_tail(title)
    if title.year is None and (column := _as_column(title)):
        return column
    if title.tail.endswith("通知") and (asked := words.ASKED_FOR.search(title.prefix)):
        return _no(f"asks for reports, {asked.group()}", year=title.year)
    kind = title_kind(title.text)
    if doubt := next(_doubts(title), None):
        theme = (
            title.reading.shape in {Tail.STATE, Tail.ORAL} and title.year is not None and bool(title.subject)
        )
        return replace(_unsure(doubt, year=title.year, kind=kind), settled_by_theme=theme)
    when = f"year {title.year}" if title.year else "no year in the title"
    return TitleVerdict(
        verdict=Verdict.REPORT,
        year=title.year,
        kind=kind,
        reason=f"annual report by head noun {title.reading.head.lstrip('的')}, {when}",
    )


def _as_column(title: _Topical) -> TitleVerdict | None:
    """Names of columns and menu entries: no year, and nobody who issues it."""
    if words.COLLECTIVE.match(title.subject):
        return _no(f"column name, {title.subject} is no issuer", open_=True)
    return _BARE if not title.subject and "关于" not in title.prefix else None


def _refuse_period(title: _Topical) -> TitleVerdict | None:
    """Reports of more or of less than one year."""
    for piece in (title.text, *title.cleaned.notes):
        if span := words.YEAR_SPAN.search(piece):
            first, last = int(span.group(1)), int(span.group(2))
            if last == first + 1:
                return _unsure(f"covers two years, {span.group()}", year=last)
            if last > first:
                return _no(f"covers several years, {span.group()}")
        if many := words.MANY_YEARS.search(piece):
            return _no(f"covers several years, {many.group()}", year=title.year)
    if joined := words.YEARS_JOINED.search(title.text):
        return _unsure(f"names two years, {joined.group()}", year=title.year)
    part = words.PART_OF_YEAR.search(title.text)
    if part and words.ELEVEN_MONTHS.search(title.text):
        return _unsure("covers most of a year", year=title.year)
    return _no(f"not a yearly report, {part.group()}", year=title.year) if part else None


def _judge_odd_tail(title: _Topical) -> TitleVerdict:
    """The words after the topic are not those of a report title."""
    tail, year = title.tail, title.year
    if title.reading.shape is Tail.PLAN:
        return _no(f"a plan, {tail[:24]}", year=year)
    if title.reading.shape is Tail.NOTHING:
        around = (title.prefix, *title.cleaned.notes)
        if year or any(words.HEAD_NOUN.search(piece) for piece in around):
            return _unsure("the topic without a head noun after it", year=year)
        return _no("names the topic only", open_=True)
    if refused := words.REFUSED_TAIL.search(tail):
        return _no(f"another kind of paper, {refused.group()}", year=year)
    wrapped = words.WRAPPER_NOUN.search(tail) and words.HEAD_NOUN.search(tail)
    if _ENDS_IN_HEAD.search(tail) or (wrapped and words.WRAPPER_VERB.search(title.prefix)):
        return _unsure(f"unknown words round the head noun, {tail[:24]}", year=year)
    return _no(f"speaks about the subject, {tail[:24]}", year=year)


def _doubts(title: _Topical) -> Iterator[str]:
    """What a real title seldom has, in a title of a report's form."""
    shape = title.reading.shape
    if shape is Tail.CARRIED:
        yield f"a notice that may carry the report, {title.reading.head}"
    if shape is Tail.STATE:
        yield "情况 without a head noun"
    if shape is Tail.ORAL:
        yield "汇报 may be a briefing"
    if title.weak:
        yield f"{title.topic} is wider than 法治政府建设"
    if carrier := words.CARRIER.search(_without_delivery(title)):
        yield f"{carrier.group()} before the topic"
    if "〓" in title.prefix:
        yield "begins with the duty of the head of the body"
    for note in title.cleaned.notes:
        if _DRAFT.search(note) and not _MADE_PUBLIC.search(note):
            yield f"marked {note}"
    yield from _doubts_of_issuer(title)


def _without_delivery(title: _Topical) -> str:
    """The words before the topic but for how the report is handed on, where the last word says the same."""
    if title.reading.shape is Tail.PUBLISHED:
        return _MADE_PUBLIC.sub("", title.prefix)
    return _SENT_UP.sub("", title.prefix) if title.tail.endswith("报告") else title.prefix


def _doubts_of_issuer(title: _Topical) -> Iterator[str]:
    subject = title.subject
    if words.NON_GOVERNMENT.search(subject):
        yield f"the issuer is no government body, {subject[-12:]}"
    if words.COLLECTIVE.match(subject):
        yield f"{subject} is no single issuer"
    if title.year is not None:
        return
    if not subject and not _LAST_YEAR.search(title.prefix):
        yield "neither year nor subject"
    if "关于" not in title.prefix and words.REGION_ONLY.match(subject):
        yield "a place name and no year: article or menu entry"


def _year_in(text: str) -> int | None:
    match = words.YEAR.search(text)
    return int(match.group(1)) if match else None
