"""Reading beside the crawl: child processes turn bytes into text while the next page is fetched.

Reading dominates (about 28 ms for a real page with trafilatura against 4 ms for fetching one), so it must not
stand in the crawl's way; and a page that crashes or hangs the reader must not take the crawl with it.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import resource
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection

from crawler.readjob import ReadJob, ReadResult

log = logging.getLogger(__name__)

READ_TIMEOUT = 60.0
"""Seconds for one page. The slowest real page of the evaluation takes well under one."""

MEMORY = 2 * 1024**3
"""Bytes of address space of one child; reading real pages and documents stays below 400 MB."""


class ReaderPool:
    """Reads pages in child processes; a crash or time-out is a result for that page only.

    Args:
        workers: Child processes; 0 reads in this process (for tests that look inside).
        timeout: Seconds for one page.
    """

    def __init__(self, workers: int | None = None, timeout: float = READ_TIMEOUT) -> None:
        self.workers = default_workers() if workers is None else workers
        self.timeout = timeout
        self._pool: ProcessPoolExecutor | None = None

    async def read(self, job: ReadJob) -> ReadResult:
        """Reads one page. Never raises for what the page contains."""
        if self.workers == 0:
            return _read(job)
        for attempt in (1, 2):
            pool = self._ensure()
            future = asyncio.get_running_loop().run_in_executor(pool, _read, job)
            try:
                return await asyncio.wait_for(future, self.timeout)
            except TimeoutError:
                log.warning("reading took more than %s s and was stopped: %s", self.timeout, job.url)
                self._kill(pool)
                return _failed(job, f"reading took more than {self.timeout:.0f} s")
            except BrokenProcessPool:
                # Another page's crash breaks the pool for all that wait: each gets a second try in a fresh one.
                self._kill(pool)
                if attempt == 2:
                    log.warning("the reader crashed on %s", job.url)
                    return _failed(job, "the reader crashed on this page")
            except Exception as error:
                log.warning("the reader failed on %s: %r", job.url, error)
                return _failed(job, f"the reader failed: {type(error).__name__}: {error}"[:200])
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Ends the child processes."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _ensure(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # forkserver: children do not inherit the crawl's sockets and database handles.
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["crawler.reading"])
            self._pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=_confine)
        return self._pool

    def _kill(self, pool: ProcessPoolExecutor) -> None:
        if self._pool is pool:
            self._pool = None
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def _read(job: ReadJob) -> ReadResult:
    # Imported where it runs, so that a run whose pages are all unchanged starts half a second sooner.
    from crawler.reading import read

    return read(job)


def _failed(job: ReadJob, why: str) -> ReadResult:
    from crawler.reading import failed

    return failed(job, why)


def _confine() -> None:
    """Limits a child: it ends with its parent, has so much memory and writes no file.

    Without the first a child of a crawl killed hard would wait for work for ever; the others are for documents and
    pages made to harm: a bomb ends in MemoryError, which is the result of that page only.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def default_workers() -> int:
    """One child per core, at most four: reading is what the crawl waits for."""
    return max(1, min(4, (os.cpu_count() or 2)))
