"""Crawl windows: the hours of a portal's own night in which it may be asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""One zone for the whole country, without summer time since 1991."""
_SHAPE = re.compile(r"(\d{1,2})\s*-\s*(\d{1,2})")


@dataclass(frozen=True)
class Window:
    """From one full hour to another, over midnight where the second is smaller. ``0-24`` is always open."""

    begins: int
    ends: int

    @classmethod
    def parse(cls, text: str) -> Window:
        """Reads ``22-6``.

        Raises:
            ValueError: It is none.
        """
        match = _SHAPE.fullmatch(text.strip())
        begins, ends = (int(match[1]), int(match[2])) if match else (99, 99)
        if begins > 24 or ends > 24 or begins == ends:
            raise ValueError(f"{text!r} is no crawl window; 22-6 means from 22 to 6 o'clock in China")
        return cls(begins % 24, ends)

    def __str__(self) -> str:
        return f"{self.begins}-{self.ends}"

    def is_open(self, now: datetime) -> bool:
        """True within the hours.

        Args:
            now: Any moment with its zone.
        """
        hour = now.astimezone(CHINA).hour
        if self.begins < self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends

    def why(self, now: datetime) -> str:
        """The words for a portal that may not be asked now."""
        return f"outside its crawl window {self} (it is {now.astimezone(CHINA):%H:%M} in China)"
