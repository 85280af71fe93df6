"""Characters of a page to lines."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import median

from crawler.extract.documents import lines
from crawler.extract.documents.marks import Glyph, Line

# In parts of the type size. Pitch is 1.2 and more, superscripts are raised by a third.
_SAME_LINE = 0.45
_WORD_GAP = 0.22
_COLUMN_GAP = 1.6
_DOUBLED = 0.3
_CLOSERS = "，。、；：！？”’）》】」』〉%％,.;:!?)"


def find(glyphs: Sequence[Glyph]) -> list[Line]:
    """Lines from top to bottom."""
    found: list[list[Glyph]] = []
    middle = size = 0.0
    for glyph in sorted((g for g in glyphs if g.text != " "), key=lambda g: g.middle):
        height = glyph.bottom - glyph.top
        if found and abs(glyph.middle - middle) <= _SAME_LINE * max(size, height):
            found[-1].append(glyph)
            count = len(found[-1])
            middle += (glyph.middle - middle) / count
            size = max(size, height)
        else:
            found.append([glyph])
            middle, size = glyph.middle, height
    spaces = sorted((g for g in glyphs if g.text == " "), key=lambda g: g.middle)
    _add_spaces(found, spaces)
    return [line for row in found if (line := _line(row)) is not None]


def _add_spaces(found: list[list[Glyph]], spaces: Sequence[Glyph]) -> None:
    """Spaces have no height worth trusting: each goes to the line its middle falls into."""
    at = 0
    boxes = [(min(g.top for g in row), max(g.bottom for g in row)) for row in found]
    for space in spaces:
        while at < len(boxes) and boxes[at][1] < space.middle:
            at += 1
        if at < len(boxes) and boxes[at][0] <= space.middle:
            found[at].append(space)


def _line(row: list[Glyph]) -> Line | None:
    row.sort(key=lambda g: (g.x0, g.x1))
    solid = [g for g in row if g.text != " "]
    if not solid:
        return None
    size = type_size(solid)
    parts: list[str] = []
    last: Glyph | None = None
    spaced = False
    for glyph in row:
        if glyph.text == " ":
            spaced = last is not None
            continue
        if last is not None:
            if glyph.text == last.text and glyph.x0 - last.x0 < _DOUBLED * max(last.x1 - last.x0, 1.0):
                continue  # bold made by printing twice
            if spaced or _gap(last, glyph, size):
                parts.append(" ")
        parts.append(glyph.text)
        last, spaced = glyph, False
    text = lines.paragraph("".join(parts))
    if not text:
        return None
    return Line(
        text=text,
        x0=solid[0].x0,
        x1=max(g.x1 for g in solid),
        top=min(g.top for g in solid),
        bottom=max(g.bottom for g in solid),
        size=size,
        token=_token(solid),
    )


def _gap(left: Glyph, right: Glyph, size: float) -> bool:
    gap = right.x0 - left.x1
    if gap > _COLUMN_GAP * size:
        return True
    wide = lines.WIDE.match(left.text) or lines.WIDE.match(right.text)
    return not wide and gap > _WORD_GAP * size


def type_size(glyphs: Sequence[Glyph]) -> float:
    """The type size: Chinese characters are as wide as their size, others are judged by the height of their box."""
    widths = [g.x1 - g.x0 for g in glyphs if lines.CJK.match(g.text)]
    return max(1.0, median(widths) if widths else 0.85 * median(g.bottom - g.top for g in glyphs))


def _token(solid: Sequence[Glyph]) -> float:
    first = solid[0]
    end = first.x1
    wide = bool(lines.WIDE.match(first.text))
    for before, glyph in itertools.pairwise(solid):
        if glyph.text in _CLOSERS:
            end = glyph.x1
            if wide:
                break
            continue
        if (
            wide
            or lines.WIDE.match(glyph.text)
            or glyph.x0 - before.x1 > _WORD_GAP * (first.bottom - first.top)
        ):
            break
        end = glyph.x1
    return end - first.x0
