"""Lines of pages to paragraphs, by how they are set: indent, full measure, distance, type size, ending."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from crawler.extract.documents import grid, lines, rows, running
from crawler.extract.documents.marks import Line, PageMarks

# All in parts of the type size.
_INDENT = 0.8
_HANGING = 6.0
_SAME_EDGE = 0.6
_FULL = 0.7
_OTHER_SIZE = 0.18
_WIDE_GAP = 1.6
"""Against the usual distance of lines."""
_EXACT = 0.35
_LONG, _LONGER = 0.75, 0.85
"""Of the measure: where an indent would show a new paragraph, and where nothing would."""
_LARGER = 0.1
_EVIDENCE = 3
_NARROW = 0.5
"""Of the page: lines shorter than that were ended by their author, not by the margin."""
_OWN_MARGINS = 8
"""Lines from which a page sets its own margins; fewer say nothing about them."""
_TERMINAL = tuple("。；：！？;:!?”）)")
_ENDING = tuple("。；：！？;!?")
_HEADING = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)]|第[一二三四五六七八九十百]+[章节条部]"
    r"|\d{1,2}(?:[．、]|\.(?!\d))|[①-⑳])"
)


@dataclass(frozen=True, slots=True)
class _Measure:
    left: float
    right: float
    pitch: float
    size: float


def text_of(pages: Sequence[PageMarks]) -> str:
    """The text of a document of pages: one paragraph a line, rows of tables tab-joined."""
    found = []
    for page in pages:
        tables = grid.take(page)
        found.append(sorted([*rows.find(page.glyphs), *tables], key=lambda line: line.middle))
    kept = running.without(found, [page.height for page in pages])
    return lines.joined(paragraphs(kept, [page.width for page in pages]))


def paragraphs(pages: Sequence[Sequence[Line]], widths: Sequence[float]) -> list[str]:
    """Lines joined to paragraphs, over the ends of pages too.

    Args:
        pages: The lines of each page from top to bottom.
        widths: How wide each page is.
    """
    whole = _measure([line for page in pages for line in page], max(widths, default=0.0))
    measures = [
        _measure(page, width) if len(page) >= _OWN_MARGINS else whole
        for page, width in zip(pages, widths, strict=True)
    ]
    indented = _indented(pages, measures)
    out: list[str] = []
    last: Line | None = None
    last_measure = whole
    for page, measure in zip(pages, measures, strict=True):
        turned = True
        for line in page:
            joins = last is not None and _joins(
                last, line, last_measure, measure, indented=indented, turned=turned
            )
            if joins:
                out[-1] = lines.glue(out[-1], line.text)
            else:
                out.append(line.text)
            last, last_measure, turned = line, measure, False
    return out


def _measure(page: Sequence[Line], width: float) -> _Measure:
    flowing = [line for line in page if not line.row]
    if not flowing:
        return _Measure(0.0, 0.0, 0.0, 0.0)
    size = median(line.size for line in flowing)
    support = max(2, len(flowing) // 12)
    left = _edge([line.x0 for line in flowing], _SAME_EDGE * size, support)
    right = -_edge([-line.x1 for line in flowing], size, support)
    if sum(line.x1 > right - size for line in flowing) < _EVIDENCE or right - left < _NARROW * width:
        right = max(right, width - left)  # short lines say nothing of the margin: as wide as the left one
    gaps = [b.middle - a.middle for a, b in itertools.pairwise(flowing) if b.middle > a.middle]
    return _Measure(left, right, median(gaps) if gaps else 0.0, size)


def _edge(values: list[float], near: float, support: int) -> float:
    """The outermost place where enough lines begin."""
    values.sort()
    for at, value in enumerate(values):
        if at + support <= len(values) and values[at + support - 1] - value <= near:
            return value
    return values[0]


def _indented(pages: Sequence[Sequence[Line]], measures: Sequence[_Measure]) -> bool:
    """Whether paragraphs begin with an indent: lines after a short line tell."""
    indented = flush = 0
    for page, measure in zip(pages, measures, strict=True):
        for before, line in itertools.pairwise(page):
            if before.row or line.row or _full(before, line, measure):
                continue
            if line.x0 > measure.left + _INDENT * line.size:
                indented += 1
            else:
                flush += 1
    return indented >= flush


def _full(before: Line, line: Line, measure: _Measure, slack: float = _FULL) -> bool:
    return measure.right - before.x1 < line.token + slack * before.size


def _long(line: Line, measure: _Measure, share: float) -> bool:
    """Most of the measure, as a line of figures or letters that could not be broken elsewhere."""
    return line.x1 - measure.left > share * (measure.right - measure.left)


def _joins(
    last: Line, line: Line, before: _Measure, measure: _Measure, *, indented: bool, turned: bool
) -> bool:
    if last.row or line.row:
        return False
    if abs(last.size - line.size) > _OTHER_SIZE * max(last.size, line.size):
        return False
    if not turned and line.middle - last.middle > _WIDE_GAP * max(measure.pitch, 1.0):
        return False
    if _title(last, line, before, measure):
        return True
    if line.x0 > measure.left + _INDENT * line.size:
        hanging = line.x0 < measure.left + _HANGING * line.size  # and not set to the right, as signatures are
        same_edge = (
            hanging and abs((line.x0 - measure.left) - (last.x0 - before.left)) <= _SAME_EDGE * line.size
        )
        return not indented and same_edge and _full(last, line, before) and not last.text.endswith(_TERMINAL)
    if last.text.endswith(_ENDING):
        return _full(last, line, before, _EXACT) and not _HEADING.match(line.text)
    if _HEADING.match(line.text) and last.text.endswith(_TERMINAL):
        return False
    if _full(last, line, before):
        return True
    if indented:
        return _long(last, before, _LONG)
    # A heading ends where it ends; text goes on until the margin.
    heading = _HEADING.match(last.text) and "。" not in last.text
    return not heading and _long(last, before, _LONGER)


def _title(last: Line, line: Line, before: _Measure, measure: _Measure) -> bool:
    """Two lines of one title: larger than the text, and both in the middle of it."""
    larger = min(last.size, line.size) > (1 + _LARGER) * measure.size
    middle = (measure.left + measure.right) / 2
    centred = all(abs((each.x0 + each.x1) / 2 - middle) < line.size for each in (last, line))
    return larger and centred and before == measure
