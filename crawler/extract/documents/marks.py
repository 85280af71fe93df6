"""What stands on a page of fixed layout, whatever format it came in: characters, rules, pictures."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Glyph:
    """One character where it is printed. All measures in points from the top left corner of the page as seen."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Half its height."""
        return (self.top + self.bottom) / 2


@dataclass(slots=True, frozen=True)
class Rule:
    """A straight line, level or upright."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(slots=True)
class PageMarks:
    """One page."""

    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)


@dataclass(slots=True)
class Line:
    """Characters side by side, or a row of a table."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    """Of its characters; for a row the size of its first."""
    token: float = 0.0
    """Width of its first piece that cannot be broken: a line is full when that did not fit on it."""
    row: bool = False
    """A row of a table: never joined with anything."""

    @property
    def middle(self) -> float:
        """Half its height."""
        return (self.top + self.bottom) / 2
