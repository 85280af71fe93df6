"""Looking at the pages of one scan, one after another, within limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from crawler.extract.documents.marks import PageMarks
from crawler.extract.documents.model import Budget, Fault, Limits, Unreadable
from crawler.extract.documents.ocr_layout import marks_of, told
from crawler.extract.documents.ocr_model import Engine, OcrLimits, Picture


@dataclass(frozen=True, slots=True)
class _Read:
    dpi: int
    characters: int
    certain: float


class Looker:
    """Has an engine read pages and keeps how sure it was of each.

    Args:
        engine: Reads the pictures.
        limits: How far to go.
        inner: Limits of reading what holds the pictures; its time is that of the OCR.
        on_page: Called before each page: a sign of life.
    """

    def __init__(
        self, engine: Engine, limits: OcrLimits, inner: Limits, on_page: Callable[[], object]
    ) -> None:
        self.limits = limits
        self.budget = Budget(replace(inner, seconds=limits.seconds))
        self._engine = engine
        self._on_page = on_page
        self._deadline = time.monotonic() + limits.seconds
        self._read: dict[str, _Read] = {}

    def look(self, label: str, picture: Picture) -> PageMarks:
        """Reads one page.

        Args:
            label: The page's number, before it the name of its file if that is one of several.
            picture: The page.

        Raises:
            Unreadable: too many pages, or the time is up.
        """
        if time.monotonic() > self._deadline:
            raise Unreadable(Fault.TOO_LARGE, f"OCR not finished within {self.limits.seconds:g} s")
        if len(self._read) >= self.limits.pages:
            raise Unreadable(Fault.TOO_LARGE, f"more than {self.limits.pages} scanned pages")
        self._on_page()
        sight = self._engine.look(picture)
        sizes = [(len("".join(told(line.text).split())), line.confidence) for line in sight.lines]
        certain = sum(size * confidence for size, confidence in sizes)
        self._read[label] = _Read(round(picture.dpi), sum(size for size, _ in sizes), certain)
        return marks_of(sight, picture.dpi)

    @property
    def pages(self) -> Mapping[str, float | None]:
        """Mean confidence of the characters of each page; None for a page without writing."""
        return {
            label: round(read.certain / read.characters, 4) if read.characters else None
            for label, read in self._read.items()
        }

    @property
    def confidence(self) -> float:
        """Mean confidence of all characters; 0 if there are none."""
        characters = sum(read.characters for read in self._read.values())
        return round(sum(read.certain for read in self._read.values()) / characters, 4) if characters else 0.0

    @property
    def dpi(self) -> int:
        """The lowest resolution at which a page was looked at."""
        return min((read.dpi for read in self._read.values()), default=0)
