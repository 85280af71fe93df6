"""The calendar of a reporting year: when reports appear, when they are due, when they are late.

Sources: 《法治政府建设与责任落实督察工作规定》 art. 24 (public before 1 April of the following year); months of
publication observed on 43 dated reports: December 1, January 13, February 12, March 12, April 1, May 2, June 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal

from crawler.window import CHINA

__all__ = [
    "CHINA",
    "Phase",
    "Season",
    "Span",
    "day_in_china",
    "next_opening",
    "phase_at",
    "season_at",
    "spans_from",
]


class Phase(StrEnum):
    """How dense publication is."""

    EARLY = "early"  # December: first reports, some signed before the year has ended
    MAIN = "main"  # January to March: nearly all
    DEADLINE = (
        "deadline"  # the week before 1 April and the week after: what was put off, and what is antedated
    )
    LATE = "late"  # April to June: after the deadline
    QUIET = "quiet"  # July to November: only silent edits and withdrawals


@dataclass(frozen=True)
class Season:
    """The time in which the reports of one report year are published."""

    report_year: int
    """The year reported on."""

    @property
    def opens(self) -> date:
        """First day on which a report of the year is to be expected."""
        return date(self.report_year, 12, 1)

    @property
    def deadline(self) -> date:
        """Reports must be public before this day (art. 24: 每年4月1日之前)."""
        return date(self.report_year + 1, 4, 1)

    @property
    def closes(self) -> date:
        """Last day of the season."""
        return date(self.report_year + 1, 6, 30)

    def timeliness(self, published: date) -> Literal["on time", "late"]:
        """Judges a publication date against the deadline."""
        return "on time" if published < self.deadline else "late"

    def days_left(self, today: date) -> int:
        """Days on which a report can still be on time, today included; negative once it is late."""
        return (self.deadline - today).days


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the calendar with one phase, by the clock of China."""

    phase: Phase
    begins: datetime
    ends: datetime
    """Begin of the next one."""


def season_at(today: date) -> Season:
    """The season that is running, or, from July to November, the one that closed last.

    Args:
        today: A day in China (Asia/Shanghai).
    """
    return Season(today.year if today.month == 12 else today.year - 1)


def phase_at(today: date) -> Phase:
    """How dense publication is on a day."""
    if today.month == 12:
        return Phase.EARLY
    if (3, 25) <= (today.month, today.day) <= (4, 7):
        return Phase.DEADLINE
    if today.month <= 3:
        return Phase.MAIN
    return Phase.LATE if today.month <= 6 else Phase.QUIET


def day_in_china(moment: datetime) -> date:
    """The day it is in China."""
    return moment.astimezone(CHINA).date()


_PHASES = (
    (Phase.MAIN, 1, 1),
    (Phase.DEADLINE, 3, 25),
    (Phase.LATE, 4, 8),
    (Phase.QUIET, 7, 1),
    (Phase.EARLY, 12, 1),
)


def spans_from(moment: datetime) -> Iterator[Span]:
    """The span of a moment and those after it, without end."""
    year = day_in_china(moment).year
    while True:
        for n, (phase, month, day) in enumerate(_PHASES):
            begins = _midnight(date(year, month, day))
            following = _PHASES[n + 1][1:] if n + 1 < len(_PHASES) else None
            ends = _midnight(date(year, *following) if following else date(year + 1, 1, 1))
            if ends > moment:
                yield Span(phase, begins, ends)
        year += 1


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def next_opening(today: date) -> date:
    """The next first of December, today included."""
    this_year = date(today.year, 12, 1)
    return this_year if today <= this_year else date(today.year + 1, 12, 1)


def revisit_interval(phase: Phase) -> timedelta:
    """How long a portal may go unvisited by default: dense while reports appear, monthly while only edits do."""
    return {
        Phase.EARLY: timedelta(days=7),
        Phase.MAIN: timedelta(days=2),
        Phase.DEADLINE: timedelta(days=1),
        Phase.LATE: timedelta(days=7),
        Phase.QUIET: timedelta(days=30),
    }[phase]
