"""The five standard parts of a report, found from its headings as printed.

Reports put them in any order, nest one in another, merge two under one heading, leave numbers out or dissolve the first
part into themes. A part without a heading is reported as missing, never guessed from the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from crawler.extract.fold import READ, fold_whole
from crawler.extract.outline import Heading, outline
from crawler.extract.parts import PART_NAMES, Verdict, classify

__all__ = ["PART_NAMES", "Heading", "Section", "SectionFinding", "find", "innermost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One heading of standard parts and the text under it."""

    parts: tuple[int, ...]
    """1 to 5; several where one heading announces them together."""
    heading: str
    """As printed, without number and closing stop."""
    number: str
    """As printed, empty if there is none."""
    level: int
    """Depth in the outline, 1 for the outermost."""
    start: int
    """Of number and heading."""
    end: int
    """Behind the last character that belongs to it; ``text[start:end]`` is the section with its heading."""
    text_start: int
    """Behind the heading."""
    parent: int | None = None
    """Index of the section it stands in."""
    thematic: bool = False
    """A theme (强化组织领导…) that is a piece of part 1, where part 1 has no heading of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionFinding:
    """What the headings of a text say about its parts."""

    sections: tuple[Section, ...]
    """In the order of the text, an outer one before those inside it."""
    missing: tuple[int, ...]
    """Standard parts that no heading announces."""
    outline: tuple[Heading, ...]
    warnings: tuple[str, ...]


_PARTS = frozenset(PART_NAMES)
_NO_TEXT = Verdict(parts=())
_CLOSING_LINES = 12
_WARNINGS = 20
_HEADINGS = 5_000
"""Headings read; the longest reports have under 300."""
_DATE = re.compile(
    r"(?:20\d\d|[二2][〇○零0OＯ]\S{2}) ?年 ?(?:\d{1,2}|[一二三四五六七八九十]{1,2}) ?月"
    r" ?(?:\d{1,2}|[一二三四五六七八九十]{1,3}) ?日"
)
_CLOSING = re.compile(r"[(]?(?:抄报|抄送|附件|联系人|联系电话|此件|主动公开|公开方式|信息公开选项|印发)")
_ISSUER = re.compile(
    r"[^。,;:!?、]{2,32}(?:政府|办事处|委员会|党委|党组|党工委|管委会|局|厅|委|办公室|中心|街道|镇|乡|大队|支队|[(]盖?章[)])"
)
_AHEAD = re.compile(
    r"(?:20\d\d年|明年|下一?(?:年度?|步|阶段)|今后)[^。]{0,30}(?:将|要|计划|打算|重点|继续|进一步)"
)
_SHORT_OF = re.compile(
    r"[^。]{0,60}(?:存在[^。]{0,20}(?:不足|问题|差距|短板|薄弱)|(?:差距|不足)[^。]{0,12}(?:主要|表现))"
)


def find(text: str) -> SectionFinding:
    """Finds the standard parts; never raises, depends on nothing but the text."""
    folded = fold_whole(text)
    headings, tops = _settled(outline(text[:READ])[:_HEADINGS])
    end = _closing(folded, headings[-1].end if headings else 0)
    verdicts = [_NO_TEXT if heading.rank == 5 else classify(heading.title) for heading in headings]
    chosen = _chosen(headings, tops, verdicts)
    sections = _placed(headings, chosen, text, end)
    said = {part for section in sections for part in section.parts}
    missing = tuple(sorted(_PARTS - said))
    warnings = [
        f"heading of no standard part: {heading.number}{heading.title}"
        for heading, top, verdict in zip(headings, tops, verdicts, strict=True)
        if top and not verdict.parts and heading.rank <= 2
    ]
    warnings += _unheaded(folded, headings, missing, end)
    if len(text) > READ or len(headings) == _HEADINGS:
        warnings.insert(0, f"too long for a report: read to character {READ} and heading {_HEADINGS} only")
    return SectionFinding(
        sections=tuple(sections),
        missing=missing,
        outline=tuple(headings),
        warnings=tuple(warnings[:_WARNINGS]),
    )


def innermost(sections: Sequence[Section], offset: int) -> Section | None:
    """The innermost section around an offset of the text.

    Args:
        sections: All sections of the text, in order, as `find` gives them.
        offset: A place in the text.
    """
    at: int | None = bisect_right(sections, offset, key=lambda section: section.start) - 1
    while at is not None and at >= 0:
        if offset < sections[at].end:
            return sections[at]
        at = sections[at].parent
    return None


def _settled(headings: Sequence[Heading]) -> tuple[list[Heading], list[bool]]:
    """The headings with their levels put right, and which of them head a part of the whole text.

    Under 一、举措和成效 some reports begin again with 一、 for what should be (一). Such a second run belongs to the
    heading above it as long as its numbers count up and no standard part begins.
    """
    done: list[Heading] = []
    tops: list[bool] = []
    host: Heading | None = None
    run = 0
    deeper = False
    for heading in headings:
        if heading.level == 1 and heading.rank < 5:
            verdict = classify(heading.title)
            begins = bool(verdict.parts) and not verdict.thematic
            again = host is not None and heading.rank == host.rank and heading.number and not begins
            restart = again and heading.ordinal == 1 and host is not None
            if restart or (again and run and heading.ordinal == run + 1):
                run, deeper = run + 1, True
            else:
                host, run, deeper = heading, 0, False
            tops.append(not deeper)
        else:
            tops.append(False)
        done.append(replace(heading, level=heading.level + 1) if deeper else heading)
    return done, tops


def _chosen(
    headings: Sequence[Heading], tops: Sequence[bool], verdicts: Sequence[Verdict]
) -> list[tuple[int, Verdict]]:
    """Which headings make sections: those of the first level, and those inside them that say what these do not."""
    chosen: list[tuple[int, Verdict]] = []
    outer = {part for top, verdict in zip(tops, verdicts, strict=True) if top for part in verdict.parts}
    plain = {
        part
        for top, verdict in zip(tops, verdicts, strict=True)
        if top and not verdict.thematic
        for part in verdict.parts
    }
    own = _NO_TEXT
    taken: list[tuple[int, frozenset[int]]] = []
    for index, (heading, top, verdict) in enumerate(zip(headings, tops, verdicts, strict=True)):
        if top:
            own = verdict
            taken = []
            if verdict.parts and not (verdict.thematic and 1 in plain and not _after_first(chosen)):
                chosen.append((index, verdict))
        elif heading.rank < 5 and not verdict.thematic:
            taken = [(level, parts) for level, parts in taken if level < heading.level]
            around = frozenset[int]().union(*(parts for _, parts in taken))
            parts = tuple(p for p in verdict.parts if p not in around and _inside(p, own, outer))
            if parts and len(heading.title) <= 60:
                chosen.append((index, replace(verdict, parts=parts)))
                taken.append((heading.level, frozenset(parts)))
    strong = {part for _, verdict in chosen for part in verdict.parts}
    return [
        (index, replace(v, parts=tuple(sorted({*v.parts, *(set(v.weak) - strong)})))) for index, v in chosen
    ]


def _after_first(chosen: Sequence[tuple[int, Verdict]]) -> bool:
    """Whether the last section is of part 1: themes behind it on its own level go on with it."""
    return bool(chosen) and chosen[-1][1].parts == (1,)


def _inside(part: int, own: Verdict, outer: set[int]) -> bool:
    """Whether a heading inside another may head a part: one of a merged pair, or one that stands nowhere else."""
    if len(own.parts) > 1 and part in own.parts:
        return True
    if part in outer or (part == 1 and own.parts):
        return False
    return own.parts in ((), (1,)) or (part in (2, 4, 5) and own.parts in ((2,), (4,)))


def _placed(
    headings: Sequence[Heading], chosen: Sequence[tuple[int, Verdict]], text: str, end: int
) -> list[Section]:
    sections: list[Section] = []
    open_sections: list[int] = []
    stops = _stops(headings, end)
    for index, verdict in chosen:
        heading = headings[index]
        following = stops[index]
        stop = heading.end + len(text[heading.end : max(heading.end, following)].rstrip())
        while open_sections and sections[open_sections[-1]].end <= heading.start:
            open_sections.pop()
        parent = open_sections[-1] if open_sections else None
        open_sections.append(len(sections))
        sections.append(
            Section(
                parts=verdict.parts,
                heading=heading.title,
                number=heading.number,
                level=heading.level,
                start=heading.start,
                end=stop,
                text_start=heading.end,
                parent=parent,
                thematic=verdict.thematic,
            )
        )
    return sections


def _stops(headings: Sequence[Heading], end: int) -> list[int]:
    """Where the text under each heading ends: at the next heading of its level or above."""
    stops = [end] * len(headings)
    waiting: list[int] = []
    for index, heading in enumerate(headings):
        while waiting and headings[waiting[-1]].level >= heading.level:
            stops[waiting.pop()] = heading.start
        waiting.append(index)
    return stops


def _lines(folded: str, start: int = 0) -> Iterator[tuple[int, str]]:
    for match in re.compile(r"[^\n\r]+").finditer(folded, start):
        if match.group().strip():
            yield match.start(), match.group().strip()


def _closing(folded: str, start: int) -> int:
    """Where signature, date and 抄报 begin: they belong to no part."""
    end = len(folded)
    for at, line in list(_lines(folded, start))[-_CLOSING_LINES:][::-1]:
        if not (_DATE.fullmatch(line) or _CLOSING.match(line) or _ISSUER.fullmatch(line)):
            break
        end = at
    return end


def _unheaded(folded: str, headings: Sequence[Heading], missing: Sequence[int], end: int) -> list[str]:
    """Where a missing part seems to stand in a paragraph without heading."""
    warnings = []
    opening = headings[0].start if headings else 0
    for part, pattern in ((2, _SHORT_OF), (4, _AHEAD)):
        if part not in missing:
            continue
        for at, line in _lines(folded[:end], opening):
            if pattern.match(line[:140]):
                warnings.append(f"part {part} has no heading, but a paragraph at {at} may be it: {line[:24]}")
                break
    return warnings
