"""A service on a real archive whose crawls are played: each begins a run, takes its time, ends as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Engine

from archive.errors import PortalBusy
from archive.freshness import facts
from archive.records import PortalRecord, RunState
from archive.store import Store
from archive.visits import VisitStore
from crawler.summary import EXIT_CODES
from scheduler.dispatch import Dispatcher
from scheduler.portals import Portals
from scheduler.processes import Ended
from tests.scheduler.making import PLAIN, Clock

Ending = Callable[[str], RunState | int | None]
"""How the crawl of a portal ends: a run's state; an exit code without a run; None: not by itself."""


@dataclass
class Played:
    """Plays ``crawler run``."""

    engine: Engine
    clock: Clock
    ending: Ending = lambda _key: RunState.COMPLETE
    begun: list[tuple[str, str]] = field(default_factory=list)
    """Keys and what ``--site`` said, in their order."""
    at_once: int = 0
    most_at_once: int = 0
    groups: dict[str, str] = field(default_factory=dict)
    clashes: list[str] = field(default_factory=list)
    gates: dict[int, asyncio.Event] = field(default_factory=dict)
    stopped: list[int] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)

    async def run(self, visit_id: int, key: str, site: str, *, limit: float) -> Ended:
        self.begun.append((key, site))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        group = self.groups.get(key, key)
        running = [k for k in self.groups if k == f"running:{group}"]
        self.clashes += running
        self.groups[f"running:{group}"] = key
        try:
            return await self._play(visit_id, key)
        finally:
            self.at_once -= 1
            self.groups.pop(f"running:{group}", None)

    async def _play(self, visit_id: int, key: str) -> Ended:
        how = self.ending(key)
        if isinstance(how, int):
            await asyncio.sleep(0)
            return Ended(exit_code=how, overtime=False, detail="it said why")
        store = Store(self.engine, self.clock)
        portal = store.sync_portal(
            PortalRecord(
                key=key, name=key, level="county", division_code=None, home_url="http://x/", platform=None
            )
        )
        try:
            run = store.begin_run(
                portal, trigger="manual", code_version="0", options={}, owner=f"crawl {visit_id}"
            )
        except PortalBusy:
            self.clashes.append(key)
            raise
        gate = self.gates.setdefault(visit_id, asyncio.Event())
        if how is not None:
            gate.set()
        await gate.wait()
        if visit_id in self.killed:
            return Ended(exit_code=-9, overtime=False, detail=None)
        state = RunState.PARTIAL if how is None else how
        store.finish_run(run, state, {}, f"played: {state.value}")
        return Ended(exit_code=EXIT_CODES[state], overtime=False, detail=None)

    def stop(self, visit_id: int) -> None:
        self.stopped.append(visit_id)
        self.gates.setdefault(visit_id, asyncio.Event()).set()

    def kill(self, visit_id: int) -> None:
        self.killed.append(visit_id)
        self.gates.setdefault(visit_id, asyncio.Event()).set()


class World:
    """Services that share an archive and a clock."""

    def __init__(
        self, engine: Engine, portals: Portals, *, ending: Ending | None = None, using=PLAIN
    ) -> None:
        self.engine = engine
        self.portals = portals
        self.clock = Clock()
        self.dead: set[str] = set()
        self.played = Played(engine, self.clock)
        if ending is not None:
            self.played.ending = ending
        self.played.groups |= {key: one.group for key, one in portals.by_key.items()}
        self.using = using
        self.thread = ThreadPoolExecutor(1)

    def store(self, owner: str) -> VisitStore:
        return VisitStore(self.engine, owner=owner, clock=self.clock, dead=self.dead.__contains__)

    def service(self, owner: str = "one", store: VisitStore | None = None, **more: Any) -> Dispatcher:
        return Dispatcher(
            self.portals,
            store or self.store(owner),
            lambda year, now: facts(self.engine, report_year=year, now=now),
            self.played,
            self.using,
            clock=self.clock,
            thread=self.thread,
            **more,
        )

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.played.begun]
