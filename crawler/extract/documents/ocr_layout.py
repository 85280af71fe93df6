"""What an engine saw on a picture as marks on a page, so that lines are joined as those of a digital page are.

An engine gives boxes around lines: a little too large, askew with the paper, and without the places of characters.
The page is turned straight by the slant most of its lines share, characters are spread over their box, and the type
size comes from how wide that makes them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from crawler.extract.documents import lines
from crawler.extract.documents.marks import Glyph, PageMarks, Rule
from crawler.extract.documents.ocr_model import Point, Seen, Sight

_POINTS = 72.0
_MOST_SLANT = math.radians(10)
_TELLING = 4.0
"""Width against height from which a box tells the slant of the page."""
_HALF = 0.5
# How far the type size of a line may be from another's and still be measured wrong, by its length in characters.
_LONG, _SHORT = 8.0, 4.0
_OFF_LONG, _OFF_MIDDLE, _OFF_SHORT = 0.08, 0.16, 0.4
_LATIN = 0.6
"""Share of full-width characters below which widths say little of the size."""
_SAME_LINE = 0.45
_OVERLAP = 1.0
"""Characters over which two boxes of one line may lie over each other."""
_FLAT = 0.02
"""Slant against which a rule counts as straight: a pixel or two of its length."""
_PAIR = re.compile(r"[(（]([^()（）]*)[)）]")


@dataclass(slots=True)
class _Box:
    text: str
    x0: float
    x1: float
    middle: float
    height: float
    confidence: float
    units: float
    size: float


def marks_of(sight: Sight, dpi: float) -> PageMarks:
    """The page in points, straightened, every character at its place."""
    scale = _POINTS / dpi
    turn = _Straight(_slant(sight.lines), (sight.width / 2, sight.height / 2), scale)
    boxes = sorted(
        (box for seen in sight.lines if (box := _box(seen, turn, scale)) is not None),
        key=lambda box: (box.middle, box.x0),
    )
    _measure(boxes)
    _part(boxes)
    page = PageMarks(width=sight.width * scale, height=sight.height * scale)
    for box in boxes:
        page.glyphs += _spread(box)
    page.rules += [rule for ends in sight.rules if (rule := _rule(ends, turn)) is not None]
    return page


def told(text: str) -> str:
    """Writing as an engine gives it, with full-width brackets around Chinese.

    An engine takes them for their half-width twins now and then, mostly one of two.
    """
    return _PAIR.sub(_paired, lines.clean(text))


def _paired(found: re.Match[str]) -> str:
    whole, inside = found[0], found[1]
    if whole[0] == "(" and whole[-1] == ")" and not lines.CJK.search(inside):
        return whole
    return f"（{inside}）"


class _Straight:
    """From pixels of a page that lies askew to points of a straight one."""

    def __init__(self, slant: float, centre: Point, scale: float) -> None:
        self._cos, self._sin = math.cos(slant), math.sin(slant)
        self._centre = centre
        self._scale = scale

    def __call__(self, x: float, y: float) -> Point:
        x, y = x - self._centre[0], y - self._centre[1]
        return (
            (x * self._cos + y * self._sin + self._centre[0]) * self._scale,
            (y * self._cos - x * self._sin + self._centre[1]) * self._scale,
        )


def _slant(seen: Sequence[Seen]) -> float:
    """The slant most of the writing shares, by length; upright and slanted stamps do not count."""
    slants: list[tuple[float, float]] = []
    for line in seen:
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = line.corners
        width = math.hypot(bx - ax, by - ay)
        slant = math.atan2(by - ay + cy - dy, bx - ax + cx - dx)
        if width >= _TELLING * math.hypot(dx - ax, dy - ay) and abs(slant) <= _MOST_SLANT:
            slants.append((slant, width))
    slants.sort()
    half = sum(width for _, width in slants) / 2
    for slant, width in slants:
        half -= width
        if half <= 0:
            return slant
    return 0.0


def _box(seen: Seen, turn: _Straight, scale: float) -> _Box | None:
    text = told(seen.text)
    units = sum(_unit(character) for character in text)
    if not text.strip() or not units:
        return None
    a, b, c, d = seen.corners
    x0, y0 = turn((a[0] + d[0]) / 2, (a[1] + d[1]) / 2)
    x1, y1 = turn((b[0] + c[0]) / 2, (b[1] + c[1]) / 2)
    height = max(1.0, (math.dist(a, d) + math.dist(b, c)) / 2 * scale)
    width = max(x1 - x0, 1.0)
    size = width / units
    if units < _SHORT:
        size = min(size, height)
    return _Box(text, x0, x0 + width, (y0 + y1) / 2, height, seen.confidence, units, size)


def _unit(character: str) -> float:
    return 1.0 if lines.WIDE.match(character) else _HALF


def _measure(boxes: Sequence[_Box]) -> None:
    """Evens out the type sizes: what may be the size of the text, or of the line above, is."""
    if not boxes:
        return
    usual = median(size for box in boxes for size in [box.size] * max(1, int(box.units)))
    before = usual
    for box in boxes:
        off = _off(box)
        for known in (usual, before):
            if abs(box.size - known) <= off * known:
                box.size = known
                break
        before = box.size


def _off(box: _Box) -> float:
    wide = sum(1 for character in box.text if lines.WIDE.match(character))
    if box.units < _SHORT or wide < _LATIN * box.units:
        return _OFF_SHORT
    return _OFF_MIDDLE if box.units < _LONG else _OFF_LONG


def _part(boxes: Sequence[_Box]) -> None:
    """Parts boxes that lie over each other, as a seal's writing over a signature: characters must not mix."""
    for at, box in enumerate(boxes):
        for other in boxes[at + 1 :]:
            size = max(box.size, other.size)
            if other.middle - box.middle > size:
                break
            if other.middle - box.middle > _SAME_LINE * size:
                continue
            if min(box.x1, other.x1) - max(box.x0, other.x0) > _OVERLAP * size:
                lower = min(box, other, key=lambda one: (one.confidence, -one.x0))
                lower.middle += 2 * _SAME_LINE * size


def _spread(box: _Box) -> list[Glyph]:
    """The characters of a line side by side over its box."""
    step = (box.x1 - box.x0) / box.units
    glyphs = []
    at = box.x0
    for character in box.text:
        unit = _unit(character)
        shown = " " if character.isspace() else character
        half = box.size / 2
        glyphs.append(Glyph(shown, at, at + unit * box.size, box.middle - half, box.middle + half))
        at += unit * step
    return glyphs


def _rule(ends: tuple[Point, Point], turn: _Straight) -> Rule | None:
    (x0, y0), (x1, y1) = turn(*ends[0]), turn(*ends[1])
    width, height = abs(x1 - x0), abs(y1 - y0)
    if height <= max(2.0, _FLAT * width):
        y = (y0 + y1) / 2
        return Rule(min(x0, x1), y, max(x0, x1), y)
    if width <= max(2.0, _FLAT * height):
        x = (x0 + x1) / 2
        return Rule(x, min(y0, y1), x, max(y0, y1))
    return None
