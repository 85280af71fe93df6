"""Automatic numbering: the 一、 and （一） that a Word file does not write into its paragraphs but counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.extract.documents.numerals import spell

LEVELS = 9


@dataclass(frozen=True, kw_only=True)
class Level:
    """How one level of a list is printed."""

    number_format: str = "decimal"
    text: str = ""
    """With ``%1`` to ``%9`` for the numbers of the levels."""
    start: int = 1
    restart: int | None = None
    """The level (counted from 1) whose paragraphs set this one back; 0 for never, None for any higher."""
    legal: bool = False
    """All numbers in decimal, whatever their levels say."""
    space: str = ""
    """What stands between number and text; a tab only sets off the text, so it counts for nothing."""


class Counters:
    """The state of all lists of one document while its paragraphs are passed in order."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int | None]] = {}
        self._started: set[tuple[str, int]] = set()

    def label(
        self,
        *,
        family: str,
        instance: str,
        level: int,
        levels: Sequence[Level],
        starts: Mapping[int, int] | None = None,
    ) -> str:
        """Counts one paragraph and gives the label before it.

        Args:
            family: The abstract list: all lists made from it count on together.
            instance: The list itself.
            level: Its level, from 0.
            levels: How the levels are printed.
            starts: Where this instance begins anew, by level.
        """
        if not 0 <= level < len(levels):
            return ""
        counts = self._counts.setdefault(family, [None] * LEVELS)
        for anew, start in (starts or {}).items():
            if (instance, anew) not in self._started and 0 <= anew < LEVELS and anew <= level:
                counts[anew] = start - 1
                self._started.add((instance, anew))
        for upper in range(level):
            if counts[upper] is None:
                counts[upper] = levels[upper].start
        now = counts[level]
        counts[level] = levels[level].start if now is None else now + 1
        for lower in range(level + 1, LEVELS):
            restart = levels[lower].restart if lower < len(levels) else None
            if restart is None or (restart and level < restart):
                counts[lower] = None
        return _printed(levels, level, counts)


def _printed(levels: Sequence[Level], level: int, counts: Sequence[int | None]) -> str:
    own = levels[level]
    if own.number_format == "bullet":
        return ""
    text = own.text
    for place in range(min(level + 1, len(levels))):
        mark = f"%{place + 1}"
        if mark in text:
            number_format = "decimal" if own.legal else levels[place].number_format
            count = counts[place]
            text = text.replace(mark, spell(levels[place].start if count is None else count, number_format))
    return text + own.space if text else ""
