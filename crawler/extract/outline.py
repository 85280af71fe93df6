"""The numbered outline of a text: 一、 (一) 1. (1) 一是, half or full width, also broken as 一)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crawler.extract.fold import fold_whole
from crawler.extract.numbers import parse
from crawler.extract.parts import classify, standard_line

LONGEST = 80
"""Characters a heading may have; what is longer and has no full stop is a paragraph with a number."""
_N = "[一二三四五六七八九十]{1,3}"
_MARK = re.compile(
    rf"\s*(?:(?P<chapter>第 ?{_N} ?(?:部分|章))[、.:,]?"
    rf"|(?P<bracket>[(\[〔【] ?{_N} ?[)\]〕】]|[(] ?{_N}(?=、)|{_N} ?[)]|[㈠-㈩])[、.:]?"
    rf"|(?P<top>{_N} ?[、.,:])(?! ?[一二三四五六七八九十][、级期类季线批产])"
    r"|(?P<digit>\d{1,2} ?(?:、(?! ?\d)|\.(?! ?\d(?!\d{3}年)))|[⒈-⒛])"
    r"|(?P<small>[(] ?\d{1,2} ?[)]|\d{1,2}[)]|[①-⑳⑴-⒇])"
    rf"|(?P<item>{_N}是|第{_N}[,、]|其{_N}[,、是]))\s*"
)
_RANK = {"chapter": 0, "top": 1, "bracket": 2, "digit": 3, "small": 4, "item": 5}
_RUN_IN = re.compile(r"(?<=[。;:!?,]) *(?P<item>[一二三四五六七八九十]{1,2}是)")
_END = re.compile(r"[。;:!?]")
_NUMERAL = re.compile(rf"{_N}|\d{{1,2}}")
_TAIL = re.compile(r"[^。;:!?,\d]{2,16}(?:情况|成效|措施|举措|原因|安排|职责|问题|打算|计划|不足|思路)")
_OPEN = re.compile(r"(?:[和与及的、]|以及)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading as it stands in the text."""

    level: int
    """1 for the outermost; depth in the outline, not the kind of number."""
    number: str
    """As printed (一、 （一） 1. 一是), empty for a standard heading without one."""
    ordinal: int | None
    title: str
    """Without number and closing stop, a line break inside removed."""
    start: int
    """Of the number, or of the title if there is none."""
    end: int
    """Behind the title."""
    rank: int
    """Kind of number: 0 第一部分, 1 一、 or none, 2 (一), 3 1., 4 (1), 5 一是."""


def outline(text: str) -> tuple[Heading, ...]:
    """All headings of a text in order; never raises.

    A heading ends at the first full stop, semicolon or colon or at the line's end. Points inside a paragraph
    (一是…二是…) are taken if they count up from one. A heading broken over two lines is joined.
    """
    folded = fold_whole(text)
    return tuple(_levelled(_headings(text, folded)))


def _levelled(headings: Iterator[Heading]) -> Iterator[Heading]:
    open_ranks: list[int] = []
    for heading in headings:
        while open_ranks and open_ranks[-1] >= heading.rank:
            open_ranks.pop()
        open_ranks.append(heading.rank)
        # Not by `replace`, which takes five times as long: a report has a hundred headings.
        yield Heading(
            level=len(open_ranks),
            number=heading.number,
            ordinal=heading.ordinal,
            title=heading.title,
            start=heading.start,
            end=heading.end,
            rank=heading.rank,
        )


def _headings(text: str, folded: str) -> Iterator[Heading]:
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n\r]+", folded) if m.group().strip()]
    at = 0
    while at < len(lines):
        start, end = lines[at]
        following = lines[at + 1] if at + 1 < len(lines) else None
        mark = _MARK.match(folded, start, end)
        at += 1
        if mark is None:
            if end - start <= 3 * LONGEST and standard_line(text[start:end]):
                left, right = _trimmed(folded, start, end)
                right = left + len(folded[left:right].rstrip(": "))
                yield _heading(text, "", None, left, left, right, 1)
        else:
            heading = _marked(text, folded, mark, end)
            if following and heading.end == heading.start + len(heading.number):
                if following[1] - following[0] <= LONGEST and not _MARK.match(folded, *following):
                    joined = _joined(text, folded, heading, following)
                    yield joined
                    at += 1
            else:
                if following and heading.rank <= 2 and _goes_on(text, folded, heading, end, following):
                    heading = _joined(text, folded, heading, following)
                    at += 1
                    end = following[1]
                yield heading
        yield from _run_in(text, folded, start, end)


def _marked(text: str, folded: str, mark: re.Match[str], end: int) -> Heading:
    kind = str(mark.lastgroup)
    number_start, title_start = mark.start(kind), mark.end()
    numeral = _NUMERAL.search(mark.group(kind))
    number = text[number_start:title_start].rstrip()
    title_end = _title_end(folded, title_start, end)
    return _heading(
        text, number, numeral.group() if numeral else None, number_start, title_start, title_end, _RANK[kind]
    )


def _heading(
    text: str, number: str, numeral: str | None, start: int, title_start: int, end: int, rank: int
) -> Heading:
    value = parse(numeral) if numeral else None
    return Heading(
        level=1,
        number=number,
        ordinal=int(value) if value is not None else None,
        title=text[title_start:end],
        start=start,
        end=max(end, start + len(number)),
        rank=rank,
    )


def _title_end(folded: str, start: int, end: int) -> int:
    stop = _END.search(folded, start, min(end, start + LONGEST))
    if stop and stop.start() > start:
        return stop.start()
    if end - start > LONGEST:
        comma = folded.find(",", start + 2, start + LONGEST)
        end = comma if comma > 0 else start + LONGEST
    return max(start, start + len(folded[start:end].rstrip()))


def _trimmed(folded: str, start: int, end: int) -> tuple[int, int]:
    line = folded[start:end]
    return start + len(line) - len(line.lstrip()), start + len(line.rstrip())


def _goes_on(text: str, folded: str, heading: Heading, end: int, following: tuple[int, int]) -> bool:
    """Whether the next line is the rest of the heading: it fills the line, and what follows ends like one."""
    if folded[heading.end : end].strip():
        return False
    line = folded[following[0] : following[1]].strip()
    if not _TAIL.fullmatch(line) or _MARK.match(line) or standard_line(line):
        return False
    if _OPEN.search(folded[heading.start : heading.end]):
        return True
    own, whole = classify(heading.title).parts, classify(heading.title + line).parts
    return heading.rank <= 1 and bool(whole) and whole == own and classify(line).parts in ((), own)


def _joined(text: str, folded: str, heading: Heading, following: tuple[int, int]) -> Heading:
    start, end = _trimmed(folded, *following)
    end = _title_end(folded, start, end)
    return replace(heading, title=heading.title + text[start:end], end=end)


def _run_in(text: str, folded: str, start: int, end: int) -> Iterator[Heading]:
    """Points inside a paragraph, as long as they count up."""
    first = _MARK.match(folded, start, end)
    expected = 1
    if first and first.lastgroup == "item":
        numeral = _NUMERAL.search(first.group())
        value = parse(numeral.group()) if numeral else None
        expected = int(value) + 1 if value is not None else 1
    for match in _RUN_IN.finditer(folded, start + 1, end):
        numeral_text = match.group("item")[:-1]
        value = parse(numeral_text)
        if value is None or int(value) not in (1, expected):
            continue
        expected = int(value) + 1
        begin = match.start("item")
        title_end = _title_end(folded, match.end(), end)
        yield _heading(
            text, text[begin : match.end()], numeral_text, begin, match.end(), title_end, _RANK["item"]
        )
