"""Tables as lines: a row of data is one line, a table that only lays out a page is its paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extract.documents import lines

_FRAME_SHARE = 0.8
_FRAME_TEXT = 200
_FRAME_PARAGRAPHS = 3


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell."""

    paragraphs: tuple[str, ...]
    nested: bool = False
    """It holds a table of its own."""


def table_lines(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """The lines of a table.

    A row of data is one line, its cells joined by tabs, the paragraphs of one cell by spaces. A frame (one
    column of cells, or one cell with a whole document in it) gives its paragraphs as they are: reports laid out
    in a table cell must not come out as one line.
    """
    if _is_frame(rows):
        return [paragraph for row in rows for cell in row for paragraph in cell.paragraphs]
    return [line for row in rows if (line := lines.row([" ".join(cell.paragraphs) for cell in row]))]


def _is_frame(rows: Sequence[Sequence[Cell]]) -> bool:
    filled = [[cell for cell in row if cell.paragraphs] for row in rows]
    if max((len(row) for row in filled), default=0) < 2:
        return True
    cells = [cell for row in filled for cell in row]
    if any(cell.nested for cell in cells):
        return True
    sizes = [sum(map(len, cell.paragraphs)) for cell in cells]
    biggest = max(range(len(cells)), key=sizes.__getitem__)
    return (
        sizes[biggest] > _FRAME_TEXT
        and sizes[biggest] >= sum(sizes) * _FRAME_SHARE
        and len(cells[biggest].paragraphs) >= _FRAME_PARAGRAPHS
    )
