"""Portals, facts and settings in few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.freshness import Crawls, Facts, Visits
from archive.records import RunState
from archive.visits import VisitState
from crawler.site_file import ScheduleDeclaration
from scheduler.due import DueItem, due
from scheduler.portals import Portal, Portals
from scheduler.settings import Settings, load

NOW = datetime(2027, 1, 20, 4, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def settings(**given: Any) -> Settings:
    return load(flags=given, environment={})


PLAIN = settings()


def portal(key: str = "dongli", **given: Any) -> Portal:
    schedule = ScheduleDeclaration(**given.pop("schedule", {}))
    values: dict[str, Any] = {"key": key, "name": f"{key}区", "group": key, "schedule": schedule, "site": key}
    return Portal(**{**values, **given})


def portals(*them: Portal) -> Portals:
    """A list that is not read from a disk."""

    class Fixed(Portals):
        def reload(self) -> bool:
            return False

    return Fixed(by_key={one.key: one for one in them})


def crawls(state: RunState = RunState.COMPLETE, *, ago: timedelta = DAY, **given: Any) -> Crawls:
    started = NOW - ago
    values: dict[str, Any] = {
        "run_id": 7,
        "state": state,
        "started": started,
        "finished": started,
        "summary": None,
        "outcomes": {},
        "well": started if state is RunState.COMPLETE else None,
        "failures": 0 if state is RunState.COMPLETE else 1,
        "partial": 0,
        "failing_since": None if state is RunState.COMPLETE else started,
    }
    return Crawls(**{**values, **given})


def visits(state: VisitState = VisitState.COMPLETE, *, ago: timedelta = DAY, **given: Any) -> Visits:
    values: dict[str, Any] = {
        "visit_id": 3,
        "state": state,
        "due": NOW - ago - HOUR,
        "launched": NOW - ago,
        "after_run_id": 6,
        "run_id": 7,
        "runless": 0,
        "runless_since": None,
        "returned": 0,
        "detail": None,
    }
    return Visits(**{**values, **given})


def facts(**given: Any) -> Facts:
    return Facts(**{"report_year": 2026, **given})


def due_of(
    them: list[Portal], known: Facts, *, now: datetime = NOW, using: Settings = PLAIN
) -> list[DueItem]:
    return due(them, known, intervals=using.intervals, retries=using.retries, now=now)


class Clock:
    """Tells a moment that only tests move."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
