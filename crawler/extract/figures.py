"""The counted facts of a report: what was counted, how many, how exactly, and the sentence that says so.

Precision comes first. A number is a figure only if the words right at it name a measure of the closed vocabulary;
anything unsure is left out, so the absence of a figure never means zero. Numbers inside titles 《…》, in anecdotes
(如某…) and frequencies (每月1次) are no counts of the year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from crawler.extract.figure_rules import RULES_BY_UNIT, Rule
from crawler.extract.fold import READ, despaced, fold_whole
from crawler.extract.measures import MEASURES, Measure
from crawler.extract.numbers import Qualifier, Quantity, quantities
from crawler.extract.sections import Section, innermost

__all__ = ["MEASURES", "Figure", "Measure", "Qualifier", "Scope", "find"]

Scope = Literal["year", "cumulative", "goal"]

_NEAR = 60
"""Characters read right before a number."""
_REACH = 300
"""Characters of a sentence read before a number. Longer sentences are lists whose head says nothing about their end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One counted fact."""

    measure: str
    """A key of `MEASURES`."""
    value: Decimal
    """In single units: 22.77万元 is 227700. Negative for a decrease."""
    unit: str
    """As printed, without 万 and 亿."""
    qualifier: Qualifier
    """余, 多, 以上, 超过, 高达: at_least; 约, 近: about; 不足, 以内: at_most."""
    scope: Scope
    """year: during the year reported; cumulative: a sum or a state up to a date; goal: promised, not counted."""
    named_year: int | None
    """The year named last before the number in its sentence: last year's figure can stand beside this year's."""
    within: bool
    """A share of a figure already given (其中…, or in brackets behind it): not to be added up."""
    label: str
    """The words the measure was read from."""
    sentence: str
    sentence_start: int
    start: int
    """Of the number as printed, with the words that qualify it."""
    end: int
    parts: tuple[int, ...]
    """The standard parts of the innermost section it stands in; empty outside of all."""

    @property
    def sentence_end(self) -> int:
        """Behind the sentence: ``text[sentence_start:sentence_end]`` is the sentence."""
        return self.sentence_start + len(self.sentence)


_SENTENCE = re.compile(r"[^。!?\n\r]+[。!?]?[”\"]?")
_CLOSES = re.compile(r"[,。;:!?、()/]|以上|左右|和|及|与|并|的")
_ANECDOTE = re.compile(r"\s*(?:[一二三四五六七八九十]{1,2}是)?(?:例如|比如|譬如|如(?![期实下此何意约]))")
_FREQUENCY = re.compile(r"每(?![日周月]一法)|(?:人均|平均|户均)")
_FILLER = re.compile(
    r"(?:共计|总计|合计|累计|总共|一共|总数|总量|数量|人数|共有|稳定在|保持在|均在|均为|达到了?|总额|均|达|为|是|有|共|了|到|:|等(?:各类)?|各类|[”\"])+\Z"
)
_GOAL = re.compile(
    r"力争|争取|努力实现|坚决做到|预计|目标|(?<![按依照年原])计划(?:20\d\d年)?(?:新增|办理|完成|开展|建设|组织|培训|培育|举办|实现)|拟(?:于|在|新|开展|举办)|确保实现|将(?:开展|组织|举办|完成|新增|培育|建成)"
)
_UP_TO = re.compile(r"截至|截止|累计|现有|现已|迄今|至今|历年|近[两三四五六]年|以来")
_THIS_YEAR = re.compile(r"今年|本年|全年|一年来|20\d\d年(?!\d{1,2}月|底|末)")
_SINCE_YEAR = re.compile(r"(?<!今年)(?<!本年)(?<!一年)以来|近[两三四五六]年|历年|截[至止]")
_YEAR = re.compile(r"(?<!\d)(20\d\d)年")
_PRESENT = re.compile(r"现有|目前|截[至止]")
_DOWN = re.compile(r"(?:下降|减少|降低)\Z")
_ZERO: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "normative_documents",
        "件",
        re.compile(
            r"(?:无|未(?:制定|制发|出台|印发)|没有(?:制定|制发|出台|印发))(?:任何)?行政规范性文件(?=[,。;)]|\Z)"
        ),
    ),
    (
        "reconsideration",
        "件",
        re.compile(
            r"(?:未发生|没有发生|无)(?:一起)?(?:被)?行政复议(?:(?:和|及|、|与)行政诉讼)?案件?(?=[,。;)]|\Z)"
        ),
    ),
    (
        "litigation",
        "件",
        re.compile(r"(?:未发生|没有发生|无)(?:一起)?(?:行政复议(?:和|及|、|与))?行政诉讼案件?(?=[,。;)]|\Z)"),
    ),
    ("litigation", "件", re.compile(r"[“\"]?零(?:行政)?诉讼[”\"]?")),
    ("reconsideration", "件", re.compile(r"[“\"]?零(?:行政)?复议[”\"]?")),
)
_ZERO_WORDS = re.compile("诉讼|复议|规范性文件")
"""One of them is in every pattern of ``_ZERO``."""
_REACHED_ZERO = re.compile(r"实现了?|保持了?|达到了?")


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    text: str
    folded: str


def find(text: str, sections: Sequence[Section] = ()) -> tuple[Figure, ...]:
    """Reads the counted facts of a text in order; never raises.

    Args:
        text: The text of a report.
        sections: Its sections as `crawler.extract.sections.find` gives them; they name the part of each figure, and
            what stands in part 4 (next year's arrangements) is a goal.

    Only the first `READ` characters are read.
    """
    text = text[:READ]
    folded = fold_whole(text)
    found: list[Figure] = []
    numbers = list(quantities(text))
    at = 0
    for match in _SENTENCE.finditer(folded):
        start, stop = match.span()
        own: list[Quantity] = []
        while at < len(numbers) and numbers[at].start < stop:
            own.append(numbers[at])
            at += 1
        if not own and not _ZERO_WORDS.search(folded, start, stop):
            continue
        sentence = _Sentence(start, text[start:stop], match.group())
        if _ANECDOTE.match(sentence.folded):
            continue
        found += _counted(sentence, own, sections)
        found += _zeros(sentence, sections)
    return tuple(sorted(found, key=lambda figure: (figure.start, figure.measure)))


def _counted(sentence: _Sentence, own: Sequence[Quantity], sections: Sequence[Section]) -> Iterator[Figure]:
    previous = 0
    for quantity in own:
        begin, end = quantity.start - sentence.start, quantity.end - sentence.start
        before = sentence.folded[max(0, begin - _REACH) : begin]
        item_start = max(previous, begin - _REACH)
        previous = end
        if before.count("《") > before.count("》"):
            continue
        words = _words(before, sentence.folded[item_start:begin])
        behind = despaced(sentence.folded[end : end + 40])
        rule = _fitting(quantity, words, behind)
        if rule is None:
            continue
        shown = rule.behind.match(behind) if rule.behind else None
        negative = rule.measure == "dispute_change" and _DOWN.search(words.item) is not None
        yield _figure(
            rule.measure,
            -quantity.value if negative else quantity.value,
            quantity.unit,
            quantity.qualifier,
            words,
            (sentence, quantity.start, quantity.end),
            sections,
            shown.group() if shown else "",
        )


@dataclass(frozen=True, slots=True)
class _Words:
    """What stands before a number, without white space."""

    item: str
    """The item of a list, fillers next to the number dropped."""
    clause: str
    since: str
    """The clause since the number before."""
    sentence: str


def _words(before: str, since_last: str) -> _Words:
    since = _last_clause(since_last)
    item = since.rpartition("、")[2]
    return _Words(
        item=_FILLER.sub("", despaced(item[-_NEAR:]).strip("()")),
        clause=despaced(_last_clause(before)),
        since=despaced(since),
        sentence=despaced(before),
    )


def _last_clause(text: str) -> str:
    return text[max(map(text.rfind, ",;:")) + 1 :]


def _fitting(quantity: Quantity, words: _Words, behind: str) -> Rule | None:
    if _FREQUENCY.search(words.clause) or (quantity.spelled and not _closed(behind)):
        return None
    closed = bool(words.item) and _closed(behind)
    for rule in RULES_BY_UNIT.get(quantity.unit, ()):
        if rule.near is not None and not (closed and rule.near.search(words.item)):
            continue
        if rule.behind is not None and not rule.behind.match(behind):
            continue
        if rule.clause is not None and not rule.clause.search(words.clause):
            continue
        if rule.sentence is not None and not rule.sentence.search(words.sentence):
            continue
        if rule.unless is not None and rule.unless.search(words.since):
            continue
        return rule
    return None


def _closed(behind: str) -> bool:
    """Whether the item ends behind the unit: in 排查纠纷3件次要矛盾 the number belongs to other words."""
    return not behind or _CLOSES.match(behind) is not None


def _zeros(sentence: _Sentence, sections: Sequence[Section]) -> Iterator[Figure]:
    """Zero said in words."""
    if not _ZERO_WORDS.search(sentence.folded):
        return
    for measure, unit, pattern in _ZERO:
        for match in pattern.finditer(sentence.folded):
            before = sentence.folded[max(0, match.start() - _REACH) : match.start()]
            words = _words(before, before)
            wish = "零" in match.group()
            where = (sentence, sentence.start + match.start(), sentence.start + match.end())
            figure = _figure(measure, Decimal(0), unit, "exact", words, where, sections, match.group())
            stated = (
                _REACHED_ZERO.search(words.clause)
                if wish
                else _THIS_YEAR.search(words.sentence) or "其中" in words.clause
            )
            if figure.scope == "goal" if wish and not stated else stated:
                yield figure


def _figure(
    measure: str,
    value: Decimal,
    unit: str,
    qualifier: Qualifier,
    words: _Words,
    where: tuple[_Sentence, int, int],
    sections: Sequence[Section],
    label: str = "",
) -> Figure:
    sentence, start, end = where
    section = innermost(sections, start)
    parts = section.parts if section else ()
    years = _YEAR.findall(words.sentence)
    return Figure(
        measure=measure,
        value=value,
        unit=unit,
        qualifier=qualifier,
        scope=_scope(words, parts, MEASURES[measure]),
        named_year=int(years[-1]) if years else None,
        within="其中" in words.clause or _in_bracket(words.sentence),
        label=label or words.item[-24:],
        sentence=sentence.text.strip(),
        sentence_start=sentence.start + len(sentence.text) - len(sentence.text.lstrip()),
        start=start,
        end=end,
        parts=parts,
    )


def _in_bracket(before: str) -> bool:
    opened = before.rfind("(")
    return opened > before.rfind(")") and re.search(r"\d", before[max(0, opened - 8) : opened]) is not None


def _scope(words: _Words, parts: tuple[int, ...], measure: Measure) -> Scope:
    promised = parts == (4,) and not _PRESENT.search(words.clause)
    if promised or _GOAL.search(words.clause):
        return "goal"
    if measure.stock or _SINCE_YEAR.search(words.sentence):
        return "cumulative"
    if _UP_TO.search(words.sentence) and not _THIS_YEAR.search(words.sentence):
        return "cumulative"
    return "year"
