"""The calendar of a reporting year: when reports appear, when they are due, when they are late.

Sources: 《法治政府建设与责任落实督察工作规定》 art. 24 (public before 1 April of the following year); months of
publication observed on 43 dated reports: December 1, January 13, February 12, March 12, April 1, May 2, June 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal


class Phase(StrEnum):
    """How dense publication is."""

    EARLY = "early"  # December: first reports, some signed before the year has ended
    MAIN = "main"  # January to March: nearly all
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
    if today.month <= 3:
        return Phase.MAIN
    return Phase.LATE if today.month <= 6 else Phase.QUIET


def next_opening(today: date) -> date:
    """The next first of December, today included."""
    this_year = date(today.year, 12, 1)
    return this_year if today <= this_year else date(today.year + 1, 12, 1)


def revisit_interval(phase: Phase) -> timedelta:
    """How long a portal may go unvisited: dense while reports appear, monthly while only edits do."""
    return {
        Phase.EARLY: timedelta(days=7),
        Phase.MAIN: timedelta(days=2),
        Phase.LATE: timedelta(days=7),
        Phase.QUIET: timedelta(days=30),
    }[phase]
