"""Tables by their rules: where lines cross, cells are; what stands in a cell is read there."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from crawler.extract.documents import lines, rows
from crawler.extract.documents.marks import Glyph, Line, PageMarks, Rule

_NEAR = 3.0
"""Points within which two rules are one: borders are drawn as thin boxes or twice."""
_SHORT = 4.0
_MAX_RULES = 1_500
_MAX_GRID = 20_000
# A cell that holds most of the table and is long is a frame around a text.
_FRAME_SHARE = 0.8
_FRAME_LINES = 8


@dataclass(slots=True)
class _Box:
    level: list[Rule] = field(default_factory=list)
    upright: list[Rule] = field(default_factory=list)


def take(page: PageMarks) -> list[Line]:
    """Takes the tables off a page: their rows as lines; their characters leave ``page.glyphs``."""
    level = _merged([r for r in page.rules if r.x1 - r.x0 >= _SHORT and abs(r.y1 - r.y0) < _NEAR], level=True)
    upright = _merged(
        [r for r in page.rules if r.y1 - r.y0 >= _SHORT and abs(r.x1 - r.x0) < _NEAR], level=False
    )
    if not level or not upright or len(level) + len(upright) > _MAX_RULES:
        return []
    out: list[Line] = []
    for box in _boxes(level, upright):
        table = _Table(box)
        if table.is_table:
            out += table.take(page)
    return out


def _merged(rules: Sequence[Rule], *, level: bool) -> list[Rule]:
    """Pieces of one line put together."""
    spans: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
    for rule in rules:
        across = (rule.y0 + rule.y1) / 2 if level else (rule.x0 + rule.x1) / 2
        along = (rule.x0, rule.x1) if level else (rule.y0, rule.y1)
        spans[round(across)].append((across, *along))
    out: list[Rule] = []
    for group in spans.values():
        group.sort(key=lambda span: span[1])
        across, start, end = group[0]
        for _, begin, stop in group[1:]:
            if begin <= end + _NEAR:
                end = max(end, stop)
            else:
                out.append(_rule(across, start, end, level=level))
                start, end = begin, stop
        out.append(_rule(across, start, end, level=level))
    return out


def _rule(across: float, start: float, end: float, *, level: bool) -> Rule:
    return Rule(start, across, end, across) if level else Rule(across, start, across, end)


def _boxes(level: Sequence[Rule], upright: Sequence[Rule]) -> list[_Box]:
    """Rules that touch each other belong to one table."""
    parent = list(range(len(level) + len(upright)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for i, h in enumerate(level):
        for j, v in enumerate(upright):
            crosses = h.x0 - _NEAR <= v.x0 <= h.x1 + _NEAR and v.y0 - _NEAR <= h.y0 <= v.y1 + _NEAR
            if crosses:
                parent[root(i)] = root(len(level) + j)
    boxes: dict[int, _Box] = defaultdict(_Box)
    for i, h in enumerate(level):
        boxes[root(i)].level.append(h)
    for j, v in enumerate(upright):
        boxes[root(len(level) + j)].upright.append(v)
    return [box for box in boxes.values() if box.level and box.upright]


def _stops(values: Sequence[float]) -> list[float]:
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > _NEAR:
            out.append(value)
    return out


class _Table:
    def __init__(self, box: _Box) -> None:
        self.box = box
        self.xs = _stops([v.x0 for v in box.upright] + [x for h in box.level for x in (h.x0, h.x1)])
        self.ys = _stops([h.y0 for h in box.level] + [y for v in box.upright for y in (v.y0, v.y1)])
        self.columns, self.rows = len(self.xs) - 1, len(self.ys) - 1
        self.is_table = self.columns >= 2 and self.rows >= 1 and self.columns * self.rows <= _MAX_GRID
        if self.is_table:
            self.owner = self._merge()

    def _merge(self) -> list[list[tuple[int, int]]]:
        """For each field of the grid the first field of the cell it belongs to."""
        owner = [[(r, c) for c in range(self.columns)] for r in range(self.rows)]
        for r in range(self.rows):
            y = (self.ys[r] + self.ys[r + 1]) / 2
            for c in range(self.columns):
                x = (self.xs[c] + self.xs[c + 1]) / 2
                if c and not self._upright_at(self.xs[c], y):
                    owner[r][c] = owner[r][c - 1]
                elif r and not self._level_at(self.ys[r], x):
                    owner[r][c] = owner[r - 1][c]
        return owner

    def _upright_at(self, x: float, y: float) -> bool:
        return any(abs(v.x0 - x) <= _NEAR and v.y0 <= y <= v.y1 for v in self.box.upright)

    def _level_at(self, y: float, x: float) -> bool:
        return any(abs(h.y0 - y) <= _NEAR and h.x0 <= x <= h.x1 for h in self.box.level)

    def take(self, page: PageMarks) -> list[Line]:
        """The rows; nothing if it is a frame or empty."""
        cells: dict[tuple[int, int], list[Glyph]] = defaultdict(list)
        rest: list[Glyph] = []
        for glyph in page.glyphs:
            place = self._place(glyph)
            if place is None:
                rest.append(glyph)
            else:
                cells[place].append(glyph)
        texts = {place: rows.find(glyphs) for place, glyphs in cells.items()}
        sizes = {place: sum(len(line.text) for line in found) for place, found in texts.items()}
        if not any(sizes.values()) or self._is_frame(texts, sizes):
            return []
        page.glyphs = rest
        return [line for r in range(self.rows) if (line := self._row(r, texts)) is not None]

    def _is_frame(self, texts: dict[tuple[int, int], list[Line]], sizes: dict[tuple[int, int], int]) -> bool:
        biggest = max(sizes, key=sizes.__getitem__)
        if len([size for size in sizes.values() if size]) < 2:
            return len(texts[biggest]) > 1
        return sizes[biggest] >= _FRAME_SHARE * sum(sizes.values()) and len(texts[biggest]) >= _FRAME_LINES

    def _place(self, glyph: Glyph) -> tuple[int, int] | None:
        c = bisect_right(self.xs, (glyph.x0 + glyph.x1) / 2) - 1
        r = bisect_right(self.ys, glyph.middle) - 1
        return self.owner[r][c] if 0 <= c < self.columns and 0 <= r < self.rows else None

    def _row(self, r: int, texts: dict[tuple[int, int], list[Line]]) -> Line | None:
        places = list(dict.fromkeys(self.owner[r]))
        found = [texts.get(place, []) if place[0] == r else [] for place in places]
        text = lines.row([_joined(cell) for cell in found])
        if not text:
            return None
        first = next(line for cell in found for line in cell)
        return Line(text, self.xs[0], self.xs[-1], self.ys[r], self.ys[r + 1], first.size, row=True)


def _joined(cell: Sequence[Line]) -> str:
    text = ""
    for line in cell:
        text = lines.glue(text, line.text)
    return text
