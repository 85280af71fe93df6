"""Many portals in one process: opened as places become free, each with its own run, lease and result.

One spider serves all of them (``crawler.turns``): a download slot per host group, one pool of readers, one thread that
writes. What happens to one portal (a challenge, a hanging server, a bad site file, an error of ours) ends that portal's
run only; an archive that cannot be written ends all.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from archive.clock import Clock
from archive.errors import ArchiveError, PortalBusy
from archive.records import RunState
from crawler.errors import CrawlerError
from crawler.frontier import FrontierScheduler
from crawler.many_budget import Budget, Share
from crawler.many_choice import Chosen, longest_groups_first
from crawler.many_display import ManyDisplay
from crawler.many_result import PortalResult, of_summary
from crawler.progress import UNHEARD
from crawler.turns import Turns

if TYPE_CHECKING:
    from scrapy.core.engine import ExecutionEngine

    from crawler.session import Session
    from crawler.summary import Summary

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Portals under way at once. One core reads about 25 pages a second, and a portal gives one in two seconds at most."""
UNDER_WAY = 1
"""Entries of one portal that are asked for, read or stored at once. A page is read within the pause behind it, so that
more would gain nothing; and a portal whose pages are slow to read has one reader at most. With two, 200 portals that
were quicker than the readers took 55 MB more."""


class Round(Turns):
    """Runs over many portals, a bounded number of them at a time.

    Args:
        portals: What to crawl.
        start: Makes the run of a portal and begins it; called in the writing thread.
        writer: The thread that writes to the archive.
        display: Where progress goes.
        clock: Gives the time (UTC).
        at_once: Portals under way at once.
        budget: Requests of the whole round.
    """

    def __init__(
        self,
        portals: Iterable[Chosen],
        *,
        start: Callable[[Chosen], Session],
        writer: ThreadPoolExecutor,
        display: ManyDisplay,
        clock: Clock,
        at_once: int = AT_ONCE,
        budget: int | None = None,
    ) -> None:
        super().__init__()
        self._waiting = deque(longest_groups_first(portals))
        self._start = start
        self._writer = writer
        self._display = display
        self._clock = clock
        self._at_once = at_once
        self._budget = None if budget is None else Budget(budget, len(self._waiting))
        self._chosen: dict[Session, Chosen] = {}
        self._shares: dict[Session, Share] = {}
        self._under_way: dict[str, Chosen] = {}
        """Host group → the portal that is opened, crawled or closed."""
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._engine: ExecutionEngine | None = None
        self._over = False
        self.requests = 0
        self.results: list[PortalResult] = []
        self.stopped: str | None = None
        self.failure: BaseException | None = None
        """What ended the whole round: the archive cannot be written, or an error of ours outside any portal."""
        self.unheard: OSError | None = None
        """Why nobody can be told any more."""

    # -- what the crawl asks --------------------------------------------------------------------

    @property
    def going_on(self) -> bool:
        """False once every portal is done."""
        return not self._over

    def begin(self, engine: ExecutionEngine) -> None:
        """The crawl begins: the first portals are opened."""
        super().begin(engine)
        self._engine = engine
        self._spawn(self._keep_open())

    def left(self, session: Session) -> None:
        """A portal has nothing left to do: its run is closed, another one may begin."""
        super().left(session)
        self._spawn(self._finish(session))

    def failed(self, session: Session, error: ArchiveError) -> None:
        """A run that lost its lease ends alone; an archive that cannot be written ends the round."""
        session.fail(error)
        if not isinstance(error, PortalBusy):
            self._fail(error)

    def stop(self, why: str) -> None:
        """Stops every run and begins no further one."""
        self.stopped = self.stopped or why
        super().stop(why)
        self._changed.set()

    def refuse(self, result: PortalResult) -> None:
        """Names a portal that was asked for and cannot be crawled."""
        self._result(result, None)

    # -- opening --------------------------------------------------------------------------------

    async def _keep_open(self) -> None:
        engine = self._engine
        if engine is None:
            raise RuntimeError("a round is opened by an engine")
        try:
            while True:
                self._changed.clear()
                while (chosen := self._next()) is not None:
                    await self._open(chosen)
                if not self._under_way:
                    break
                await self._changed.wait()
        finally:
            for chosen in self._waiting:
                self._result(self._not_run(chosen, self._why_not(chosen)), None)
            self._waiting.clear()
            self._over = True
            self._spawn(engine.close_spider_async(reason="finished"))

    def _next(self) -> Chosen | None:
        """The first portal that may begin now: a place is free, its host group rests, its hours have come."""
        if self.stopped is not None or len(self._under_way) >= self._at_once or self._spent:
            return None
        now = self._clock()
        for place, chosen in enumerate(self._waiting):
            if chosen.group in self._under_way or (chosen.window and not chosen.window.is_open(now)):
                continue
            del self._waiting[place]
            return chosen
        return None

    @property
    def _spent(self) -> bool:
        return self._budget is not None and self._budget.spent >= self._budget.requests

    def _why_not(self, chosen: Chosen) -> str:
        now = self._clock()
        if self.stopped is not None:
            return self.stopped
        if chosen.window is not None and not chosen.window.is_open(now):
            return chosen.window.why(now)
        return "the budget is used"

    async def _open(self, chosen: Chosen) -> None:
        self._under_way[chosen.group] = chosen
        loop = asyncio.get_running_loop()
        why = None
        try:
            session = await loop.run_in_executor(self._writer, self._start, chosen)
        except (CrawlerError, PortalBusy) as error:
            why = str(error)
        except ArchiveError as error:
            why = str(error)
            self._fail(error)
        except Exception as error:  # ours: this portal is named, the others go on
            log.exception("%s could not be opened", chosen.key)
            why = f"internal error: {type(error).__name__}: {error}"
        if why is not None:
            del self._under_way[chosen.group]
            if self._budget is not None:
                self._budget.forgo()
            self._result(self._not_run(chosen, why), None)
            return
        if self._budget is not None:
            self._shares[session] = self._budget.share()
        self._chosen[session] = chosen
        session.may_ask = lambda: self._may_ask(session)
        session.stopping = session.stopping or self.stopped
        self._tell(lambda: self._display.opened(session))
        self.join(session)
        self._wake(session)

    def _wake(self, session: Session) -> None:
        """Gives the engine the run's first request; it then asks for the others by itself."""
        engine = self._engine
        scheduler = None if engine is None else engine.scheduler
        if engine is None or not isinstance(scheduler, FrontierScheduler):
            raise TypeError("a round is opened by an engine with our scheduler")
        request = scheduler.next_of(session)
        if request is not None:
            engine.crawl(request)

    def _may_ask(self, session: Session) -> bool:
        share = self._shares.get(session)
        if share is not None and not share.take():
            return False
        self.requests += 1
        return True

    # -- closing --------------------------------------------------------------------------------

    async def _finish(self, session: Session) -> None:
        chosen = self._chosen.pop(session)
        if session.unheard is not None:
            self._went_unheard(session.unheard)
        try:
            result, summary = await self._closed(session)
            self._result(result, summary)
        finally:
            share = self._shares.pop(session, None)
            if share is not None:
                share.give_back()
            del self._under_way[chosen.group]
            self._changed.set()

    async def _closed(self, session: Session) -> tuple[PortalResult, Summary | None]:
        loop = asyncio.get_running_loop()
        if session.failure is not None or self.failure is not None:
            return self._failed(session, str(session.failure or self.failure)), None
        try:
            summary = await loop.run_in_executor(self._writer, session.close)
        except PortalBusy as error:
            return self._failed(session, str(error)), None
        except ArchiveError as error:
            self._fail(error)
            return self._failed(session, str(error)), None
        except Exception as error:  # ours: the run is ended, so that its lease is given back
            log.exception("%s could not be closed", session.site.key)
            why = f"internal error: {type(error).__name__}: {error}"
            await loop.run_in_executor(self._writer, session.give_up, why)
            return self._failed(session, why), None
        return of_summary(summary), summary

    def _failed(self, session: Session, why: str) -> PortalResult:
        site = session.site
        return PortalResult(
            key=site.key,
            name=site.name,
            state=RunState.FAILED,
            why=why,
            run_id=session.run_id,
            requests=session.tally.requests,
            problems=len(session.tally.problems),
        )

    @staticmethod
    def _not_run(chosen: Chosen, why: str) -> PortalResult:
        return PortalResult(key=chosen.key, name=chosen.name, state=None, why=why)

    def _result(self, result: PortalResult, summary: Summary | None) -> None:
        self.results.append(result)
        self._tell(lambda: self._display.ended(result, summary))

    # -- failing --------------------------------------------------------------------------------

    def _tell(self, tell: Callable[[], None]) -> None:
        if self.unheard is not None:
            return
        try:
            tell()
        except OSError as error:
            self._went_unheard(error)

    def _went_unheard(self, error: OSError) -> None:
        """Ends the round in good order: what was told so far is all that anybody reads."""
        self.unheard = self.unheard or error
        self.stop(UNHEARD)

    def _fail(self, error: BaseException) -> None:
        self.failure = self.failure or error
        if isinstance(error, ArchiveError):
            for session in self.open:
                session.fail(error)
        self.stop(str(error))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)
