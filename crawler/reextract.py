"""Reads stored captures again with today's extractor: offline, in parallel, resumable.

Captures are read beside each other and recorded one after another in order of their ids, each in a transaction of
its own: two runs over the same archive write the same rows, and a killed one goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from archive.clock import Clock, utcnow
from archive.database import default_url, open_archive
from archive.errors import PortalBusy
from archive.leases import this_process
from archive.planning import REREADING, HeldPortal, Planning, Readers, Rereadable
from archive.records import ExtractionRecord, FrontierKind, Link, Recorded, RunState, StoredCapture
from archive.store import Store
from crawler import extract
from crawler.articles import DOCUMENT_EXTRACTOR, OCR_EXTRACTOR, unread
from crawler.errors import CrawlerError
from crawler.extract import documents
from crawler.identity import code_version
from crawler.ocr_reader import OcrReader
from crawler.ocr_reader import check as check_ocr
from crawler.prepare import quiet_libraries
from crawler.reader_pool import ReaderPool
from crawler.readjob import ReadJob, job_of
from crawler.reextract_result import Lines, PortalResult, Result, Turn, judge
from crawler.scans import Scans
from crawler.session import HEARTBEAT_SECONDS
from crawler.site import Site, load_site

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

AHEAD = 4
"""Captures per worker that are loaded and read before the oldest is recorded: one slow page stops no worker."""
CRASHED = "the reader crashed"
"""How the reader pool's words for a crash begin; whoever was read beside the page that crashed gets them too."""
_BATCH = 200
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which captures are read again."""

    failed: bool = False
    """Those whose last reading has an error, instead of those that today's extractor has not read."""
    since: datetime | None = None
    """Only captures fetched then or later."""
    ocr: bool = False
    """Also those whose last reading left out pages that are pictures; and these pages are read."""


@dataclass(frozen=True)
class Reading:
    """What bytes kept earlier say today."""

    extraction: ExtractionRecord
    links: tuple[Link, ...] = ()
    """Files the page offers; to be fetched by the next crawl."""


def todays_readers(by_ocr: Iterable[str] = ()) -> Readers:
    """Today's extractors with their versions: what one of them has read needs no second reading.

    Args:
        by_ocr: Versions of readings by OCR that count as today's.
    """
    pages, files = (extract.EXTRACTOR, extract.VERSION), (DOCUMENT_EXTRACTOR, documents.VERSION)
    scans = tuple((OCR_EXTRACTOR, version) for version in by_ocr)
    attached = (files, *scans)
    return {
        FrontierKind.PAGE: (pages, files),
        FrontierKind.ATTACHMENT: attached,
        FrontierKind.ANNEX: attached,
    }


def reextract(
    site: str | None = None,
    *,
    selection: Selection | None = None,
    db: str | None = None,
    workers: int | None = None,
    lines: Lines | None = None,
    clock: Clock = utcnow,
    seeds: Path | None = None,
    ocr: OcrReader | None = None,
) -> Result:
    """Reads stored captures again, of one portal or of all that the archive holds.

    SIGINT and SIGTERM end it after the capture that is being recorded; a second one ends the process.

    Args:
        site: As of ``crawler run``; None for all. A portal whose site file is gone or damaged, or that another run
            works on, is then left out and named.
        selection: Which captures; by default those that today's extractor has not read.
        db: The archive; it must exist.
        workers: Child processes that read; 0 reads in this process, None is one per core.
        lines: Where progress goes.
        clock: Gives the time of changes and runs (UTC).
        seeds: Folder of the seeds, if not the usual one.
        ocr: Reads the scans where the selection asks for it, if not the usual one.

    Raises:
        crawler.errors.CrawlerError: ``site`` is unknown or its file cannot be used, or the extra for OCR is missing.
        archive.errors.PortalBusy: Another run works on ``site``, or took the portal away.
        archive.errors.ArchiveError: The archive cannot be used; what was committed stays.
    """
    by_ocr = check_ocr() if selection is not None and selection.ocr else None
    named = None if site is None else load_site(site, seeds=seeds)
    quiet_libraries()
    engine = open_archive(db or default_url(), create=False)
    try:
        run = _Rereading(
            engine,
            selection=selection or Selection(),
            workers=workers,
            lines=lines or Lines(),
            clock=clock,
            by_ocr=by_ocr,
            ocr=None if by_ocr is None else ocr or OcrReader(),
        )
        return asyncio.run(run.all(named, lambda key: load_site(key, seeds=seeds)))
    finally:
        engine.dispose()


class _Rereading:
    def __init__(
        self,
        engine: Engine,
        *,
        selection: Selection,
        workers: int | None,
        lines: Lines,
        clock: Clock,
        by_ocr: str | None,
        ocr: OcrReader | None,
    ) -> None:
        self._engine = engine
        self._selection = selection
        self._lines = lines
        self._clock = clock
        self._planning = Planning(engine)
        self._scans = Scans(engine)
        self._ocr = ocr
        # Without OCR a scan once read would be lost: whatever version read it, it is left alone.
        self._today = todays_readers(self._scans.versions() if by_ocr is None else (by_ocr,))
        self._readers = ReaderPool(workers, ocr=ocr)
        # A crash breaks the pool for all pages in it. Whoever is said to have crashed is read once more by itself.
        self._alone = ReaderPool(min(1, self._readers.workers), ocr=ocr)
        self._turns = asyncio.Semaphore(max(1, self._readers.workers))
        self._archive = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._stopped: str | None = None
        self._beat = clock()
        self._alive: Callable[[], None] = lambda: None
        self._pulse: Future[None] | None = None
        if ocr is not None:
            ocr.go_on = self._go_on

    async def all(self, named: Site | None, load: Callable[[str], Site]) -> Result:
        """Reads the portal that was named, or every one the archive holds, by key."""
        began = time.monotonic()
        result = Result()
        held = await self._do(self._planning.portals_held)
        chosen = [portal for portal in held if named is None or portal.key == named.key]
        result.held = len(chosen)
        try:
            with self._interruptible():
                for portal in chosen:
                    if self._stopped is not None:
                        break
                    try:
                        site = named or load(portal.key)
                        done = await self._portal(site, portal)
                    except (CrawlerError, PortalBusy) as error:
                        if named is not None:
                            raise
                        result.skipped.append((portal.key, str(error)))
                        self._lines.skipped(portal.key, str(error))
                    else:
                        result.portals += [] if done is None else [done]
        finally:
            self._readers.close()
            self._alone.close()
            if self._ocr is not None:
                self._ocr.close()
            self._archive.shutdown(wait=False)
        result.stopped = self._stopped
        result.seconds = time.monotonic() - began
        self._lines.ended(result)
        return result

    async def _portal(self, site: Site, portal: HeldPortal) -> PortalResult | None:
        chosen = self._selection
        planned = await self._do(lambda: self._count(portal.portal_id))
        if not planned:
            return None
        store = Store(self._engine, self._clock, reread=self._reader_for(site))
        run_id = await self._do(
            lambda: store.begin_run(
                portal.portal_id,
                trigger=REREADING,
                code_version=code_version(),
                options={
                    "failed": chosen.failed,
                    "since": None if chosen.since is None else chosen.since.isoformat(),
                    "ocr": chosen.ocr,
                },
                owner=this_process(),
                lease_seconds=HEARTBEAT_SECONDS * 4,
            )
        )
        self._beat = self._clock()
        self._alive = partial(store.heartbeat, run_id)
        withdrawn = await self._do(lambda: self._planning.count_withdrawn(portal.portal_id))
        one = PortalResult(portal=portal, run_id=run_id, planned=planned, withdrawn=withdrawn)
        self._lines.started(one)
        await self._captures(site, store, one)
        whole = self._stopped is None and not one.turns[Turn.LOST]
        state = RunState.COMPLETE if whole else RunState.PARTIAL
        await self._do(lambda: store.finish_run(run_id, state, one.counters(), one.words()))
        self._lines.finished(one)
        return one

    async def _captures(self, site: Site, store: Store, one: PortalResult) -> None:
        waiting: deque[tuple[Rereadable, asyncio.Task[tuple[StoredCapture, Reading]]]] = deque()
        most = AHEAD * max(1, self._readers.workers)
        after, more = 0, True
        ready: deque[Rereadable] = deque()
        try:
            while self._stopped is None:
                if not ready and more:
                    ready.extend(await self._batch(one, after))
                    more = bool(ready)
                while ready and len(waiting) < most:
                    capture = ready.popleft()
                    after = capture.capture_id
                    waiting.append((capture, asyncio.create_task(self._load_and_read(site, after))))
                if not waiting:
                    return
                capture, task = waiting.popleft()
                stored, now = await task
                if (now.extraction.error or "").startswith(CRASHED):
                    now = await self._read(self._alone, job_of(site, stored))
                await self._record(store, one, capture, stored, now)
        finally:
            for _, task in waiting:
                task.cancel()
            await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)

    def _count(self, portal_id: int) -> int:
        chosen = self._selection
        count = self._planning.count_rereadable(
            portal_id, readers=self._today, failed=chosen.failed, since=chosen.since
        )
        if chosen.ocr:
            count += self._scans.count(portal_id, failed=chosen.failed, since=chosen.since)
        return count

    async def _batch(self, one: PortalResult, after: int) -> list[Rereadable]:
        chosen, portal_id = self._selection, one.portal.portal_id

        def ask() -> list[Rereadable]:
            found = self._planning.rereadable(
                portal_id,
                readers=self._today,
                failed=chosen.failed,
                since=chosen.since,
                after=after,
                limit=_BATCH,
            )
            if chosen.ocr:
                found += self._scans.rereadable(
                    portal_id, failed=chosen.failed, since=chosen.since, after=after, limit=_BATCH
                )
            return sorted(found, key=lambda capture: capture.capture_id)[:_BATCH]

        return await self._do(ask)

    def _go_on(self) -> bool:
        """A sign of life for the run while a scan is read; False once the run is interrupted.

        Raises:
            PortalBusy: Another run took the portal.
        """
        if self._pulse is None or self._pulse.done():
            if self._pulse is not None:
                self._pulse.result()
            # Not waited for: the archive's thread may itself wait for this very scan.
            self._pulse = self._archive.submit(self._alive)
        return self._stopped is None

    async def _load_and_read(self, site: Site, capture_id: int) -> tuple[StoredCapture, Reading]:
        stored = await self._do(lambda: self._planning.stored(capture_id))
        # As many at once as there are workers: who waits in the pool's own queue would time out with the one before.
        async with self._turns:
            return stored, await self._read(self._readers, job_of(site, stored))

    async def _read(self, readers: ReaderPool, job: ReadJob) -> Reading:
        result = await readers.read(job)
        if result.extraction is not None:
            return Reading(result.extraction, result.links)
        return Reading(
            unread(job, f"the stored bytes are no article: {result.detail or result.outcome.value}")
        )

    async def _record(
        self, store: Store, one: PortalResult, capture: Rereadable, stored: StoredCapture, now: Reading
    ) -> None:
        def write() -> Recorded:
            if (self._clock() - self._beat).total_seconds() >= HEARTBEAT_SECONDS:
                store.heartbeat(one.run_id)
                self._beat = self._clock()
            if now.links:
                # Before the reading: killed between the two, the capture is read again and nothing is queued twice.
                one.queued += store.enqueue(one.run_id, now.links, stored.frontier_id)
            return store.record_rereading(one.run_id, stored, now.extraction)

        recorded = await self._do(write)
        turn = judge(capture.before, now.extraction, recorded.event)
        one.add(turn, stored, now.extraction, document=recorded.document_id is not None)
        self._lines.read(one, turn, stored, now.extraction)

    def _reader_for(self, site: Site) -> Callable[[StoredCapture], ExtractionRecord]:
        """For the store, which asks from its own thread: also what it compares with is read by a child process."""
        loop = asyncio.get_running_loop()

        def reread(stored: StoredCapture) -> ExtractionRecord:
            reading = self._read(self._alone, job_of(site, stored))
            return asyncio.run_coroutine_threadsafe(reading, loop).result().extraction

        return reread

    async def _do(self, work: Callable[[], T]) -> T:
        """Works on the archive in the one thread that does, so that reading goes on meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._archive, work)

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGINT, signal.SIGTERM)

        def interrupt() -> None:
            self._stopped = "interrupted"
            for number in numbers:
                loop.remove_signal_handler(number)

        for number in numbers:
            loop.add_signal_handler(number, interrupt)
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)
