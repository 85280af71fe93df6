"""``scheduler start``: APScheduler as an alarm clock that asks the archive what is due, until somebody says stop.

The jobs live in memory: the archive is the truth, and a missed alarm is answered by the next one. What no alarm clock
of a wall clock can see is that the clock itself was moved: a watch on the monotonic clock does.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from archive.clock import Clock, utcnow
from archive.database import open_archive, place
from archive.errors import ArchiveError, DatabaseUnusable
from archive.freshness import Facts, facts
from archive.leases import this_process
from archive.visits import VisitStore
from crawler.identity import code_version
from scheduler.dispatch import Dispatcher
from scheduler.portals import Portals
from scheduler.processes import Launcher, Processes
from scheduler.season import CHINA

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler
    from sqlalchemy.engine import Engine

    from scheduler.settings import Settings
    from scheduler.watching import Watch

log = structlog.get_logger(__name__)

JUMP = 30.0
"""Seconds by which wall clock and monotonic clock may drift apart between two looks before it counts as a jump."""
LOOK = 5.0
"""Seconds between two looks at the clocks."""


COMMAND = (sys.executable, "-m", "crawler.cli", "run", "--plain", "--trigger", "schedule")


class Service:
    """One service on one archive.

    Args:
        settings: What was set.
        engine: The open archive.
        portals: Who can be visited.
        launcher: Starts crawls; default: processes ``crawler run``.
        clock: The time (UTC).
        monotonic: A clock that nobody can set.
        alone: After one tick, wait for its crawls and end.
        dispatch: Makes what has due portals visited.
    """

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        portals: Portals,
        *,
        launcher: Launcher | None = None,
        clock: Clock = utcnow,
        monotonic: Callable[[], float] = time.monotonic,
        alone: bool = False,
        dispatch: Callable[..., Dispatcher] = Dispatcher,
    ) -> None:
        self.settings = settings
        self.engine = engine
        self.portals = portals
        self.clock = clock
        self._monotonic = monotonic
        self._alone = alone
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self.store = VisitStore(
            engine, owner=this_process(), clock=clock, lease_seconds=settings.pool.lease_seconds
        )
        self.dispatcher = dispatch(
            portals,
            self.store,
            self._read,
            launcher or processes(settings, COMMAND, logs=settings.state / "logs"),
            settings,
            clock=clock,
            thread=self._thread,
        )
        self.service_id = 0
        self.health_port: int | None = None
        self.started: datetime | None = None
        self._stop = asyncio.Event()
        self._looking = asyncio.Lock()
        """Held by what must not be cut off in the middle when the alarms are shut down."""
        self._held_until = 0.0
        self._alarms: AsyncIOScheduler | None = None
        self._watch: Watch | None = None

    def _read(self, report_year: int, now: datetime) -> Facts:
        return facts(self.engine, report_year=report_year, now=now)

    async def run(self) -> None:
        """Runs until SIGTERM or SIGINT; a second one ends the crawls at once.

        Raises:
            archive.errors.ArchiveError: The archive cannot be written at the start.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        watch = self._make_watch()
        server = self._serve()
        last = await loop.run_in_executor(self._thread, watch.before_start)
        self.service_id = await loop.run_in_executor(self._thread, self.store.begin_service, code_version())
        self.started = self.clock()
        log.info(
            "service started",
            archive=place(self.engine),
            portals=len(self.portals.by_key),
            at_once=self.settings.pool.at_once,
            last_sign_of_life=None if last is None else last.isoformat(),
        )
        clocks = asyncio.create_task(self._watch_clocks())
        try:
            self._alarms = self._start_alarms()
            await self.dispatcher.tick()
            await self._sweep()
            if self._alone:
                await self.dispatcher.idle()
            else:
                await self._stop.wait()
        finally:
            await self._end(clocks)
            if server is not None:
                server()

    def stop(self) -> None:
        """Ends the service in good order; called twice, at once."""
        if self._stop.is_set():
            for visit_id in tuple(self.dispatcher.under_way):
                self.dispatcher.kill(visit_id)
        log.info("service stopping", under_way=len(self.dispatcher.under_way))
        self.dispatcher.stopping = True
        self._stop.set()

    async def _end(self, clocks: asyncio.Task[None]) -> None:
        try:
            await self.dispatcher.stop()  # the alarms go on: leases last while crawls come to their end
        finally:
            clocks.cancel()
            if self._alarms is not None:
                self._alarms.pause()
                await asyncio.sleep(0)  # an alarm that was just given begins
                async with self._looking:
                    self._alarms.shutdown(wait=False)
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._thread, self.store.end_service, self.service_id
            )
        except DatabaseUnusable as error:
            log.warning("end not written", error=str(error))
        self._thread.shutdown()
        log.info("service stopped", ended=self.dispatcher.ended)

    # -- alarms ---------------------------------------------------------------------------------

    def _start_alarms(self) -> AsyncIOScheduler:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        # Whatever was missed is answered by one alarm, however late: the archive knows what is due.
        alarms = AsyncIOScheduler(
            timezone=CHINA, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        pool, told = self.settings.pool, self.settings.alarms
        alarms.add_job(self._tick, "interval", seconds=pool.tick_seconds, id="tick")
        alarms.add_job(self._beat, "interval", seconds=pool.lease_seconds / 4, id="beat")
        alarms.add_job(self._sweep, "interval", minutes=told.sweep_minutes, id="sweep")
        alarms.add_job(self.cover, "interval", hours=1, id="cover")
        alarms.start()
        return alarms

    async def _tick(self) -> None:
        async with self._looking:
            if not self.dispatcher.stopping:
                await self.dispatcher.tick()

    async def _beat(self) -> None:
        async with self._looking:
            await self._show_life()

    async def _show_life(self) -> None:
        try:
            mine = await asyncio.get_running_loop().run_in_executor(
                self._thread, self.store.beat, self.service_id
            )
        except DatabaseUnusable as error:
            log.warning("sign of life not written", error=str(error))
            self.dispatcher.unsure()
            return
        self.dispatcher.lost(mine)

    async def _sweep(self) -> None:
        """Looks for trouble and tells people; what cannot be delivered waits in the archive."""
        if self._watch is None:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._thread, self._watch.sweep, self.dispatcher.facts
            )
            # Delivery may take minutes where an endpoint hangs: not in the thread of the archive.
            await asyncio.to_thread(self._watch.deliver)
        except ArchiveError as error:
            log.warning("sweep failed", error=str(error))

    async def cover(self) -> None:
        """Covers new texts for ``archive similar``, an hour's worth: to stop the service never waits long for it."""
        from archive.similar_index import fill

        limit = self.settings.upkeep.similar_texts
        if not limit or self.dispatcher.stopping:
            return
        try:
            done = await asyncio.to_thread(fill, self.engine, limit=limit)
        except ArchiveError as error:
            log.warning("texts not covered", error=str(error))
            return
        if done.signed or done.uncovered:
            log.info("texts covered for comparison", signed=done.signed, to_come=done.uncovered)

    def _make_watch(self) -> Watch:
        from scheduler.watching import Watch

        self._watch = Watch(self.settings, self.engine, self.portals, clock=self.clock)
        return self._watch

    def _serve(self) -> Callable[[], None] | None:
        if self.settings.health.port is None:
            return None
        from scheduler.health import serve

        return serve(self, self.settings.health.port)

    # -- clocks ---------------------------------------------------------------------------------

    async def _watch_clocks(self) -> None:
        wall, steady = self.clock(), self._monotonic()
        while True:
            await asyncio.sleep(LOOK)
            now, passed = self.clock(), self._monotonic()
            jump = (now - wall).total_seconds() - (passed - steady)
            wall, steady = now, passed
            if abs(jump) > JUMP:
                await self.clock_jumped(jump)
            elif self.dispatcher.holding is not None and passed >= self._held_until:
                self.dispatcher.holding = None
                await self._tick()

    async def clock_jumped(self, seconds: float) -> None:
        """The clock was set, or the machine slept: nothing is begun until every lease was renewed by the new time."""
        log.warning("clock jumped", seconds=round(seconds, 1))
        self.dispatcher.holding = f"the clock jumped by {seconds:.0f} s"
        self._held_until = self._monotonic() + self.settings.pool.lease_seconds / 2
        await self._beat()
        if self._alarms is not None:  # its alarms were set by the old time
            soon = datetime.now(CHINA) + timedelta(seconds=1)
            for job in self._alarms.get_jobs():
                job.modify(next_run_time=soon)

    @property
    def healthy(self) -> tuple[bool, str]:
        """Whether the service does what it is for, and what is wrong."""
        last = self.dispatcher.last_tick
        if self.dispatcher.stopping:
            return False, "stopping"
        if last is None:
            return False, "the archive was not read yet"
        late = self.clock() - last
        if late > 5 * timedelta(seconds=self.settings.pool.tick_seconds) + timedelta(seconds=60):
            return False, f"the archive was read last at {last:%Y-%m-%d %H:%M:%S} UTC"
        return True, "ok"


def start(settings: Settings, *, once: bool = False) -> None:
    """Opens the archive, reads the seeds and runs the service until it is told to stop.

    Raises:
        archive.errors.ArchiveError: The archive cannot be used.
        crawler.errors.CrawlerError: The seeds cannot be used.
    """
    portals = Portals.load(seeds=settings.seeds, state=settings.state, only=settings.only)
    engine = open_archive(settings.database)
    try:

        async def serve() -> None:
            await Service(settings, engine, portals, alone=once).run()

        asyncio.run(serve())
    finally:
        engine.dispose()


def processes(settings: Settings, command: Sequence[str], *, logs: Path) -> Processes:
    """What runs a command of the crawler for portals, on the service's archive and seeds.

    Args:
        settings: What was set.
        command: What ``--site`` is added to.
        logs: Folder for what it says.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCHEDULER_")}
    environment["ARCHIVE_URL"] = _absolute(settings.database)
    seeds = [] if settings.seeds is None else ["--seeds", str(settings.seeds.resolve())]
    return Processes(
        (*command, *seeds),
        environment=environment,
        logs=logs,
        grace=settings.pool.grace_seconds,
    )


def _absolute(database: str) -> str:
    return database if "://" in database else str(Path(database).resolve())
