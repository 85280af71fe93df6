"""From what is due to crawls under way: claims, a bounded number of them at a time, and what became of each."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import structlog

from archive.clock import Clock
from archive.errors import ArchiveError, DatabaseUnusable
from archive.freshness import Facts
from archive.visits import Claim, NotClaimed, VisitState, VisitStore
from crawler.errors import CrawlerError
from scheduler.due import DueItem, due
from scheduler.processes import Ended, Launcher
from scheduler.season import day_in_china, season_at

if TYPE_CHECKING:
    from scheduler.portals import Portals
    from scheduler.settings import Settings

log = structlog.get_logger(__name__)

T = TypeVar("T")
FIRST_WAIT, MOST_WAIT = 1.0, 30.0
"""Seconds between two tries to write a result into an archive that is away."""
INTERRUPTED = (3, 143)
"""Exit codes of a crawl that was told to stop: partial, or ended before it had begun. Negative: a signal ended it."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A crawl of this service."""

    visit_id: int
    item: DueItem
    began: datetime


class Dispatcher:
    """Claims what is due and has it crawled.

    Everything that touches the archive runs in ``thread``, one call at a time.

    Args:
        portals: Who can be visited.
        store: Visits and leases.
        read: Reads the facts for a report year at a moment.
        launcher: Starts crawls.
        settings: How many, how long, how often.
        clock: The time (UTC).
        thread: Where calls to the archive run.
        monotonic: A clock that nobody can set.
    """

    def __init__(
        self,
        portals: Portals,
        store: VisitStore,
        read: Callable[[int, datetime], Facts],
        launcher: Launcher,
        settings: Settings,
        *,
        clock: Clock,
        thread: Executor,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._portals = portals
        self._store = store
        self._read = read
        self._launcher = launcher
        self._settings = settings
        self._clock = clock
        self._thread = thread
        self._backlog: deque[DueItem] = deque()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._filling = asyncio.Lock()
        self._monotonic = monotonic
        self._unsure_since = monotonic()
        self._mine: set[int] = set()
        """Visits of this service from the claim on, which ``under_way`` hears of a moment later."""
        self.under_way: dict[int, UnderWay] = {}
        self.stopping = False
        self.holding: str | None = None
        """Why nothing is begun for the moment."""
        self.facts: Facts | None = None
        self.due_now = 0
        self.waiting_for_window = 0
        self.ended: dict[str, int] = {}
        """Visits of this service that ended, by state."""
        self.last_tick: datetime | None = None

    async def tick(self) -> None:
        """Reads site files and archive again and begins what is due, as far as places are free.

        An archive that is away, or seeds that are damaged, are told and asked again at the next tick.
        """
        try:
            await self._call(self._look)
        except (ArchiveError, CrawlerError) as error:
            log.warning("tick failed", error=str(error))
            self.unsure()
            return
        await self.fill()

    def _look(self) -> None:
        self._portals.reload()
        self._judge_leases()
        for visit in self._store.recover(frozenset(self._mine)):
            log.warning("visit lost", portal=visit.portal_key, visit=visit.id, owner=visit.owner)
        now = self._clock()
        self.facts = self._read(season_at(day_in_china(now)).report_year, now)
        items = due(
            self._portals.by_key.values(),
            self.facts,
            intervals=self._settings.intervals,
            retries=self._settings.retries,
            now=now,
        )
        self.due_now = len(items)
        ready = [item for item in items if item.waits is None]
        self.waiting_for_window = len(items) - len(ready)
        self._backlog = deque(ready)
        self.last_tick = now

    async def fill(self) -> None:
        """Begins crawls while places are free and something is due."""
        async with self._filling:
            while (
                not self.stopping
                and self.holding is None
                and len(self.under_way) < self._settings.pool.at_once
            ):
                item = self._next()
                if item is None:
                    return
                try:
                    visit_id = await self._call(self._claim, item)
                except NotClaimed as why:
                    log.info("not claimed", portal=item.portal.key, why=str(why))
                    continue
                except DatabaseUnusable as error:
                    log.warning("claim failed", portal=item.portal.key, error=str(error))
                    self.unsure()
                    return
                self._begin(visit_id, item)

    async def visit(self, item: DueItem) -> None:
        """Claims one visit and has it crawled, whatever else is due.

        Raises:
            NotClaimed: It is somebody else's, or not due any more.
            archive.errors.DatabaseUnusable: The archive is away.
        """
        visit_id = await self._call(self._claim, item)
        self._begin(visit_id, item)
        await self._tasks[visit_id]

    def _next(self) -> DueItem | None:
        """The first due portal whose host group rests."""
        groups = {one.item.portal.group for one in self.under_way.values()}
        for place, item in enumerate(self._backlog):
            if item.portal.group not in groups:
                del self._backlog[place]
                return item
        return None

    def _claim(self, item: DueItem) -> int:
        portal = item.portal
        self._judge_leases()
        visit_id = self._store.claim(
            Claim(
                portal_key=portal.key,
                host_group=portal.group,
                due=item.since,
                reason=item.reason.value,
                why=item.why,
                seen_visit_id=item.seen_visit_id,
                seen_run_id=item.seen_run_id,
            )
        )
        self._mine.add(visit_id)
        return visit_id

    def _begin(self, visit_id: int, item: DueItem) -> None:
        self.under_way[visit_id] = UnderWay(visit_id, item, self._clock())
        log.info(
            "visit begun", portal=item.portal.key, visit=visit_id, why=item.why, due=item.since.isoformat()
        )
        task = asyncio.create_task(self._visit(visit_id, item), name=f"visit {visit_id}")
        self._tasks[visit_id] = task

    async def _visit(self, visit_id: int, item: DueItem) -> None:
        portal = item.portal
        limit = 60 * (portal.schedule.limit_minutes or self._settings.pool.limit_minutes)
        try:
            if self.stopping:  # claimed while the service was told to stop
                ended = Ended(exit_code=None, overtime=False, detail=None)
            else:
                ended = await self._launcher.run(visit_id, portal.key, portal.site, limit=limit)
        except OSError as error:
            ended = Ended(exit_code=None, overtime=False, detail=f"could not be started: {error}")
            await self._finish(visit_id, item, ended, failed=True)
        else:
            await self._finish(visit_id, item, ended, failed=False)
        finally:
            self.under_way.pop(visit_id, None)
            self._tasks.pop(visit_id, None)
            self._mine.discard(visit_id)
        await self.fill()

    async def _finish(self, visit_id: int, item: DueItem, ended: Ended, *, failed: bool) -> None:
        """Writes what became of a visit, again and again while the archive is away."""
        code = ended.exit_code
        state: VisitState | None = None
        if ended.overtime:
            state = VisitState.OVERTIME
        elif not failed and self.stopping and (code is None or code < 0 or code in INTERRUPTED):
            state = VisitState.HANDED_BACK
        elif code is not None and code < 0:
            state = VisitState.FAILED
        detail = ended.detail
        if ended.overtime:
            detail = f"ended at its time limit; {detail or 'it said nothing'}"
        wait = FIRST_WAIT
        while True:
            try:
                became = await self._call(self._close, visit_id, code, state, detail)
            except DatabaseUnusable as error:
                log.warning("result not written", portal=item.portal.key, visit=visit_id, error=str(error))
                self.unsure()
                if self.stopping and wait >= MOST_WAIT:
                    return  # the next service finds the run itself in the archive
                await asyncio.sleep(wait)
                wait = min(MOST_WAIT, wait * 2)
            else:
                break
        self.ended[became.value] = self.ended.get(became.value, 0) + 1
        log.info(
            "visit ended",
            portal=item.portal.key,
            visit=visit_id,
            state=became.value,
            exit_code=ended.exit_code,
        )

    def _close(
        self, visit_id: int, exit_code: int | None, state: VisitState | None, detail: str | None
    ) -> VisitState:
        return self._store.finish(visit_id, exit_code=exit_code, state=state, detail=detail)

    def _judge_leases(self) -> None:
        """Others that live renew their leases four times in the time that is waited here."""
        waited = self._monotonic() - self._unsure_since >= self._settings.pool.lease_seconds
        self._store.patient = self.holding is not None or not waited

    # -- from outside ---------------------------------------------------------------------------

    def unsure(self) -> None:
        """The archive was away, or this service has only begun: leases that ran out may be those of the living."""
        self._unsure_since = self._monotonic()

    def lost(self, still_mine: frozenset[int]) -> None:
        """Ends crawls whose visit another service has taken over while this one could not show signs of life."""
        for visit_id, one in self.under_way.items():
            if visit_id not in still_mine:
                log.warning("lease lost", portal=one.item.portal.key, visit=visit_id)
                self._launcher.stop(visit_id)

    def kill(self, visit_id: int) -> None:
        """Ends a crawl at once."""
        self._launcher.kill(visit_id)

    async def stop(self) -> None:
        """Begins nothing more, lets crawls go on for the drain time, then has them end in good order, and waits."""
        self.stopping = True
        async with self._filling:  # what is just being claimed is handed back like the others
            pass
        await self._wait(self._settings.pool.drain_seconds)
        for visit_id in tuple(self.under_way):
            self._launcher.stop(visit_id)
        await self._wait(self._settings.pool.grace_seconds)
        for visit_id in tuple(self.under_way):
            self._launcher.kill(visit_id)
        await self._wait(None)

    async def _wait(self, seconds: float | None) -> None:
        if self._tasks and (seconds is None or seconds > 0):
            await asyncio.wait(tuple(self._tasks.values()), timeout=seconds)

    async def idle(self) -> None:
        """Waits until no crawl is under way."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks.values()))

    def _call(self, function: Callable[..., T], *arguments: object) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)
