"""What passes between the pictures of a scan, the engine that reads them and the reader that makes a text of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One page as pixels: three bytes each, blue, green, red, row by row from the top."""

    width: int
    height: int
    stride: int
    """Bytes from one row to the next."""
    data: bytes
    dpi: float
    """Pixels per inch of paper."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One stretch of writing, at most a line."""

    text: str
    corners: tuple[Point, Point, Point, Point]
    """In pixels: where it begins above, ends above, ends below, begins below."""
    confidence: float
    """Of the engine, 0 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What the engine saw on a picture."""

    width: int
    height: int
    """Of the picture as its writing stands upright."""
    lines: tuple[Seen, ...] = ()
    rules: tuple[tuple[Point, Point], ...] = ()
    """Straight lines drawn on the page, level or upright."""


class Engine(Protocol):
    """Reads pictures. Same picture, same answer."""

    name: str
    version: str

    def look(self, picture: Picture) -> Sight:
        """Finds and reads the writing on a picture."""


class EngineUnusable(Exception):
    """The engine is not installed, or not whole; ``str()`` says which and what to do."""


@dataclass(frozen=True, kw_only=True)
class OcrLimits:
    """How far OCR goes for one file. A page takes 3 to 10 s of one core, a report has 3 to 40 pages."""

    pages: int = 100
    """Scanned pages of one file; a file with more is refused as a whole."""
    seconds: float = 1_750.0
    """For one file; looked at between pages. No text is kept of a file that takes longer: how much it would be
    would depend on the machine."""
    pixels: int = 100_000_000
    """Of one picture before it is scaled; A3 at 600 dpi has 70 million."""
