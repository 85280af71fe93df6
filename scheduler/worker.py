"""``scheduler worker``: one of any number of machines that share the work of an archive through its queue.

Every worker is a whole service: it looks what is due, keeps its leases alive, watches for trouble. Only, what it finds
due goes into the queue, and what it crawls comes from there, so that the next free machine takes it.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import structlog

from archive.clock import Clock, utcnow
from archive.database import open_archive
from archive.errors import DatabaseUnusable
from archive.visits import NotClaimed
from scheduler.dispatch import Dispatcher
from scheduler.due import DueItem, Reason
from scheduler.portals import Portals
from scheduler.queue import READING, VISITS, Failed, JobQueue
from scheduler.service import Service, processes

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from scheduler.processes import Launcher
    from scheduler.settings import Settings

log = structlog.get_logger(__name__)

READ_AGAIN = (sys.executable, "-m", "crawler.cli", "reextract", "--json")
READ_SCANS = (*READ_AGAIN, "--failed", "--ocr")
NOTHING_THERE = 5
"""Exit code of a re-extraction that finds nothing to read."""
AGAIN_SECONDS = 5.0
"""Wait before the queue is asked again after its server was away."""


class Queued(Dispatcher):
    """Puts what is due into the queue instead of beginning it."""

    def __init__(self, *arguments: Any, queue: JobQueue, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **named)
        self._queue = queue

    async def fill(self) -> None:
        """Hands the backlog to the queue."""
        if self.stopping or self.holding is not None or not self._backlog:
            return
        items, self._backlog = tuple(self._backlog), deque()
        try:
            new = await self._queue.put_visits(items)
        except _errors() as error:
            log.warning("queue away", error=str(error))
            return
        if new:
            log.info("visits queued", new=new, due=len(items))


class Hands:
    """What a worker does with jobs.

    Args:
        dispatcher: Claims visits and has them crawled.
        portals: Who can be visited.
        readers: What reads again, by whether scans are read.
        limit: Seconds that a re-extraction may take.
        clock: The time (UTC).
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        portals: Portals,
        readers: dict[bool, Launcher],
        *,
        limit: float,
        clock: Clock,
    ) -> None:
        self._dispatcher = dispatcher
        self._portals = portals
        self._readers = readers
        self._limit = limit
        self._clock = clock
        self._numbers = count(1)
        self._reading: dict[int, Launcher] = {}

    async def visit(self, what: dict[str, Any]) -> None:
        """Visits a portal; a job that is stale by now ends without a trace: what is due is queued again."""
        portal = self._portals.by_key.get(what["key"])
        if portal is None or self._dispatcher.stopping or self._dispatcher.holding is not None:
            log.info("visit left", portal=what["key"], known=portal is not None)
            return
        item = DueItem(
            portal=portal,
            since=datetime.fromisoformat(what["since"]),
            reason=Reason(what["reason"]),
            why=what["why"],
            waits=None,
            seen_visit_id=what["seen_visit_id"],
            seen_run_id=what["seen_run_id"],
        )
        if portal.window is not None and not portal.window.is_open(self._clock()):
            return
        try:
            await self._dispatcher.visit(item)
        except NotClaimed as why:
            log.info("not claimed", portal=portal.key, why=str(why))
        except DatabaseUnusable as error:  # still due: it is queued again when the archive is back
            log.warning("claim failed", portal=portal.key, error=str(error))

    async def read(self, key: str, ocr: bool) -> None:
        """Reads a portal's captures again.

        Raises:
            Failed: It did not end well, or the worker stops; it is tried again.
        """
        if self._dispatcher.stopping:
            raise Failed("the worker stops")
        portal = self._portals.by_key.get(key)
        number, launcher = next(self._numbers), self._readers[ocr]
        self._reading[number] = launcher
        try:
            ended = await launcher.run(number, key, key if portal is None else portal.site, limit=self._limit)
        finally:
            del self._reading[number]
        log.info("read again", portal=key, ocr=ocr, exit_code=ended.exit_code)
        if ended.exit_code not in (0, NOTHING_THERE):
            raise Failed(f"{key}: exit code {ended.exit_code}: {ended.detail}")

    def stop(self) -> None:
        """Asks re-extractions to end in good order."""
        for number, launcher in self._reading.items():
            launcher.stop(number)


class Worker:
    """A service whose work comes from a queue.

    Args:
        settings: What was set; ``pool.at_once`` jobs are done at a time.
        engine: The open archive.
        portals: Who can be visited.
        queue: The open queue.
        take: Which queues jobs are taken from.
        launcher: Starts crawls; default: processes.
        readers: What reads again, by whether scans are read; default: processes.
        clock: The time (UTC).
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        portals: Portals,
        queue: JobQueue,
        take: Sequence[str] = (VISITS, READING),
        *,
        launcher: Launcher | None = None,
        readers: dict[bool, Launcher] | None = None,
        clock: Clock = utcnow,
    ) -> None:
        self.service = Service(
            settings, engine, portals, launcher=launcher, clock=clock, dispatch=partial(Queued, queue=queue)
        )
        self._queue = queue
        self._take = tuple(take)
        self._at_once = settings.pool.at_once
        if readers is None:
            apart = {False: "reading", True: "ocr"}
            readers = {
                ocr: processes(
                    settings, READ_SCANS if ocr else READ_AGAIN, logs=settings.state / "logs" / name
                )
                for ocr, name in apart.items()
            }
        self._hands = Hands(
            self.service.dispatcher, portals, readers, limit=60 * settings.pool.limit_minutes, clock=clock
        )
        queue.serve(self._hands.visit, self._hands.read)

    async def run(self) -> None:
        """Works until SIGTERM or SIGINT.

        Raises:
            archive.errors.ArchiveError: The archive cannot be written at the start.
        """
        beside = [asyncio.create_task(self._work()), asyncio.create_task(self._sweep())]
        try:
            await self.service.run()
        finally:
            self._hands.stop()
            for task in beside:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*beside)

    def stop(self) -> None:
        """Ends in good order."""
        self.service.stop()

    async def _work(self) -> None:
        while not self.service.dispatcher.stopping:
            try:
                await self._queue.work(self._take, at_once=self._at_once)
            except _errors() as error:
                log.warning("queue away", error=str(error))
                await asyncio.sleep(AGAIN_SECONDS)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._queue.stalled / 2)
            if not self._queue.steady:
                continue
            try:
                await self._queue.sweep()
            except _errors() as error:
                log.warning("queue away", error=str(error))


def _errors() -> tuple[type[Exception], ...]:
    import psycopg
    from procrastinate.exceptions import ConnectorException

    return (ConnectorException, psycopg.Error, OSError)


def start(settings: Settings, url: str, take: Sequence[str]) -> None:
    """Opens archive and queue, reads the seeds and works until told to stop.

    Raises:
        archive.errors.ArchiveError: Archive or queue cannot be used.
        crawler.errors.CrawlerError: The seeds cannot be used.
    """
    portals = Portals.load(seeds=settings.seeds, state=settings.state, only=settings.only)
    queue = JobQueue(url)
    engine = open_archive(settings.database)
    try:

        async def serve() -> None:
            async with queue:
                await Worker(settings, engine, portals, queue, take).run()

        asyncio.run(serve())
    finally:
        engine.dispose()
