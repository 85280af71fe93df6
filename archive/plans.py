"""What a publisher planned, beside what it reported a year later: a comparison of words, not a judgement.

The sentences of one year's part 4 (下一年度主要安排) are set against those of the next year's parts 1
and 3 (举措和成效, 第一责任人职责). That the words are found again does not say that the plan was carried
out, and that they are not found does not say that it was not: a publisher may word it otherwise,
or report it elsewhere.

The measure is Tversky's index of the content words, rare ones weighing more::

    shared / (shared + only in the plan + 0.1 * only in the passage)

so it matters how much of the plan stands in the passage, and little how much more the passage says.
Words are content words of two characters and more as the segmenter cuts them, each with the words it is
made of (行政执法监督: 行政执法 and 执法监督 too), without those that every plan has; names of laws 《…》 and
numbers with their units count as words of double weight.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from archive.findings import Section
from archive.segment import OWN_WORDS, fold, segment

PLANS, WORK = 4, (1, 3)
"""Standard parts: what is planned, and where what was done is told."""

FOUND = 0.40
"""A score from which on a plan's words count as found again."""

FAINT = 0.25
"""A score from which on they count as found faintly: a person should look."""

SHOWN_MATCHES = 3
MOST_SENTENCES = 2_000
"""Sentences of a side that are compared; reports have a tenth of it, hostile pages more."""

_EXCESS = 0.1
_LEAST_CHARACTERS = 8
_LEAST_WORDS = 3

_TERM_WEIGHT = 2.0
_SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;]?")
_LAW = re.compile("《[^《》]{2,60}》")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:%|[\u4e00-\u9fd5])")
_YEAR = re.compile(r"(?:19|20)\d\d年")
_HEADING = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．][^。！？；!?;]*")
_LEAD = re.compile(
    r"(?:[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]|[一二三四五六七八九十]是)[^，。；]{2,14}。"
)
_HAN = re.compile("[\u4e00-\u9fd5]{2,}")
_EVERYWHERE = re.compile(
    "工作|推进|推动|加强|加大|加快|开展|进一步|持续|继续|深入|全面|扎实|不断|落实|贯彻|完善|健全|强化|提升|提高|建设|"
    "切实|积极|坚持|严格|做好|做实|抓好|着力|努力|大力|充分|有效|有力|以及|通过|结合|围绕|同时|一是|二是|三是|四是|"
    "五是|六是|我们|我区|我街|我镇|我市|我县|本年|明年|今年|全年|年度|下一步|各项|相关|有关|进行|实施|组织|情况|水平|"
    "能力|力度|作用|方面|机制|体系|制度|重点|确保|促进|深化|优化|发挥"
)


class Outcome(StrEnum):
    """What became of a plan's words."""

    FOUND = "found again"
    FAINT = "found faintly"
    NOT_FOUND = "not found again"
    GENERAL = "too general"  # it has too few words of its own to be looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence, or what stands between semicolons."""

    text: str
    start: int
    """In characters of the version's text."""
    end: int
    part: int
    """Standard part it stands under."""
    shared_heading: bool
    """Its heading announces several parts: it may belong to another of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A passage of the next year in which words of a plan stand."""

    passage: Sentence
    score: float
    """0 to 1: see the head of ``archive.plans``."""
    words: tuple[str, ...]
    """Shared words, the weightiest first; a longer word stands for those inside it."""
    terms: tuple[str, ...]
    """Shared names of laws and numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A planned sentence and what the next year says."""

    sentence: Sentence
    outcome: Outcome
    score: float
    """Of the best match."""
    matches: tuple[Match, ...]
    """Best first, those of a faint score and better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The plans of one report and the work of the next."""

    plans: tuple[Plan, ...]
    """In the order of the text."""
    new: tuple[Sentence, ...]
    """Sentences of the next year's part 1 in which no plan's words are found, not even faintly; without
    those that have too few words of their own."""
    cut: bool
    """A side had more than ``MOST_SENTENCES``; the rest was left out."""


@dataclass(frozen=True, slots=True)
class _Read:
    sentence: Sentence
    words: frozenset[str]
    """Content words and those they are made of."""
    terms: frozenset[str]
    said: int
    """Content words beside each other, and terms."""


def compare(planned: Sequence[Sentence], done: Sequence[Sentence]) -> Comparison:
    """Sets planned sentences against those of the next year."""
    cut = max(len(planned), len(done)) > MOST_SENTENCES
    plans, passages = (_read(side[:MOST_SENTENCES]) for side in (planned, done))
    weights = _weights([*plans, *passages])
    totals = [_weight(passage, weights) for passage in passages]
    reached = [0.0] * len(passages)
    answers: list[Plan] = []
    for plan in plans:
        total = _weight(plan, weights)
        scores = [
            _score(plan, total, passage, weight, weights)
            for passage, weight in zip(passages, totals, strict=True)
        ]
        reached = [max(before, score) for before, score in zip(reached, scores, strict=True)]
        best = sorted(range(len(passages)), key=lambda place: (-scores[place], place))[:SHOWN_MATCHES]
        matches = [
            _match(plan, passages[place], scores[place], weights) for place in best if scores[place] >= FAINT
        ]
        score = scores[best[0]] if best else 0.0
        outcome = _outcome(plan, score)
        if outcome is Outcome.GENERAL:
            matches, score = [], 0.0
        answers.append(Plan(sentence=plan.sentence, outcome=outcome, score=score, matches=tuple(matches)))
    new = [
        passage.sentence
        for passage, score in zip(passages, reached, strict=True)
        if score < FAINT and passage.said >= _LEAST_WORDS and passage.sentence.part == WORK[0]
    ]
    return Comparison(plans=tuple(answers), new=tuple(new), cut=cut)


def _outcome(plan: _Read, score: float) -> Outcome:
    if plan.said < _LEAST_WORDS:
        return Outcome.GENERAL
    if score >= FAINT:
        return Outcome.FOUND if score >= FOUND else Outcome.FAINT
    return Outcome.NOT_FOUND


def sentences(text: str, sections: Sequence[Section], parts: Iterable[int]) -> list[Sentence]:
    """The sentences under some standard parts, in the order of the text, headings left out.

    The outermost heading decides: what is planned under 履行第一责任人职责 inside the plans is a plan.
    """
    wanted = set(parts)
    heads = {place for section in sections for place in range(section.start_offset, section.text_offset)}
    found: list[Sentence] = []
    for start, end, outer, inner in _stretches(sections, len(text)):
        if not wanted & set(outer.parts):
            continue
        part = next(part for section in (inner, outer) for part in section.parts if part in wanted)
        for begin, stop in _pieces(text, start, end, heads):
            words = text[begin:stop]
            if len(fold(words)) >= _LEAST_CHARACTERS:
                found.append(
                    Sentence(
                        text=words, start=begin, end=stop, part=part, shared_heading=len(outer.parts) > 1
                    )
                )
    return found


def _pieces(text: str, start: int, end: int, heads: Collection[int]) -> Iterator[tuple[int, int]]:
    """Where the sentences stand; one that only leads to the next (一是持续深化政务公开。) with it."""
    lead: tuple[int, int] | None = None
    for piece in _SENTENCE.finditer(text, start, end):
        begin, stop = piece.span()
        # A heading without a stop runs into the sentence behind it.
        while begin < stop and (begin in heads or text[begin].isspace()):
            begin += 1
        stop = begin + len(text[begin:stop].rstrip())
        if begin == stop or _HEADING.fullmatch(text, begin, stop):
            continue
        if lead is not None and "\n" not in text[lead[0] : begin]:
            begin = lead[0]
        elif lead is not None:
            yield lead
        leads = _LEAD.fullmatch(text, begin, stop) or _said(text[begin:stop]) < _LEAST_WORDS
        lead = (begin, stop) if leads else None
        if lead is None:
            yield begin, stop
    if lead is not None:
        yield lead


def _stretches(sections: Sequence[Section], length: int) -> Iterator[tuple[int, int, Section, Section]]:
    """Stretches of the text with the outermost and the innermost section that announce parts there."""
    announcing = [section for section in sections if section.parts]
    ends = {min(section.end_offset, length) for section in announcing}
    edges = sorted(ends | {section.start_offset for section in announcing})
    for start, end in pairwise(edges):
        around = [
            section for section in announcing if section.start_offset <= start and section.end_offset >= end
        ]
        if around:
            yield start, end, around[0], around[-1]  # an outer section comes before those inside it


def _read(side: Sequence[Sentence]) -> list[_Read]:
    return [_words_of(sentence) for sentence in side]


def _words_of(sentence: Sentence) -> _Read:
    folded = fold(sentence.text)
    terms = frozenset([*_LAW.findall(folded), *_NUMBER.findall(_YEAR.sub("", folded))])
    said = _content(folded)
    named = {word for word in segment(folded) if _HAN.fullmatch(word)}
    words = {part for word in said for part in _within(word, named)}
    kept = frozenset(word for word in words if not _EVERYWHERE.fullmatch(word))
    return _Read(sentence, kept, terms, len(said) + len(terms))


def _said(text: str) -> int:
    """How many content words and terms a sentence has."""
    folded = fold(text)
    terms = {*_LAW.findall(folded), *_NUMBER.findall(_YEAR.sub("", folded))}
    return len(_content(folded)) + len(terms)


def _content(folded: str) -> set[str]:
    """The content words of a folded sentence, cut one after the other.

    The segmenter's full mode alone would not do: 深入学习 holds 入学 and 法治学习 holds 治学.
    """
    return {word for word in _cut(folded) if _HAN.fullmatch(word) and not _EVERYWHERE.fullmatch(word)}


def _within(word: str, named: Collection[str]) -> set[str]:
    """A word and those it is made of: at its ends, and at the ends of these."""
    ends = {part for part in named if part != word and (word.startswith(part) or word.endswith(part))}
    return {word}.union(*(_within(part, named) for part in ends))


@lru_cache(maxsize=4_000)  # sentences are cut once to be told apart and once to be compared
def _cut(folded: str) -> tuple[str, ...]:
    return tuple(_cutter().cut(folded, False))


@lru_cache(maxsize=1)
def _cutter():  # type: ignore[no-untyped-def]  # noqa: ANN202  # the module has no types
    import rjieba

    cutter = rjieba.Jieba()
    for word in OWN_WORDS:
        cutter.add_word(word, 100, "n")
    return cutter


def _weights(side: Sequence[_Read]) -> dict[str, float]:
    """What a word counts: the more, the fewer of all these sentences have it."""
    having = Counter(word for read in side for word in (*read.words, *read.terms))
    terms = {term for read in side for term in read.terms}
    return {
        word: math.log(1 + len(side) / count) * (_TERM_WEIGHT if word in terms else 1.0)
        for word, count in having.items()
    }


def _weight(read: _Read, weights: dict[str, float]) -> float:
    return math.fsum(weights[word] for word in (*read.words, *read.terms))


def _score(plan: _Read, total: float, passage: _Read, weight: float, weights: dict[str, float]) -> float:
    shared = math.fsum(
        weights[word] for word in (*(plan.words & passage.words), *(plan.terms & passage.terms))
    )
    return shared / (total + _EXCESS * (weight - shared)) if shared else 0.0


def _match(plan: _Read, passage: _Read, score: float, weights: dict[str, float]) -> Match:
    shared = plan.words & passage.words
    longest = [word for word in shared if not any(word != other and word in other for other in shared)]
    return Match(
        passage=passage.sentence,
        score=score,
        words=tuple(sorted(longest, key=lambda word: (-weights[word], word))),
        terms=tuple(sorted(plan.terms & passage.terms)),
    )
