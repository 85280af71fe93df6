"""Reading beside the crawl: child processes turn bytes into text while the next page is fetched.

Reading dominates (about 28 ms for a real page with trafilatura against 4 ms for fetching one), so it must not
stand in the crawl's way; and a page that crashes or hangs the reader must not take the crawl with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from crawler.reader_child import Child, Lost, seal
from crawler.readjob import ReadJob, ReadResult

if TYPE_CHECKING:
    from crawler.ocr_reader import OcrReader

log = logging.getLogger(__name__)

READ_TIMEOUT = 8.0
"""Seconds for one page or document, from the moment a child has it; documents end themselves after seven. The slowest
real page of the evaluation takes well under one."""

MEMORY = 448 * 1024**2
"""Bytes of memory of one child's own: with the libraries it stays below 512 MB. Reading real pages and documents stays
below 250 MB."""


class ReaderPool:
    """Reads pages in child processes; a crash, a time-out or a page that needs too much is its own result only.

    Args:
        workers: Child processes; 0 reads in this process (for tests that look inside).
        timeout: Seconds for one page.
        memory: Bytes of memory for one child.
        ocr: Reads the scans among the documents; the caller closes it.
    """

    def __init__(
        self,
        workers: int | None = None,
        timeout: float = READ_TIMEOUT,
        memory: int = MEMORY,
        ocr: OcrReader | None = None,
    ) -> None:
        self.workers = default_workers() if workers is None else workers
        self.timeout = timeout
        self.memory = memory
        self.ocr = ocr
        self._threads: ThreadPoolExecutor | None = None
        self._idle: queue.SimpleQueue[Child] = queue.SimpleQueue()
        self._children: set[Child] = set()
        self._lock = threading.Lock()
        self._closed = False

    async def read(self, job: ReadJob) -> ReadResult:
        """Reads one page. Never raises for what the page contains."""
        result = await self._plain(job)
        return await self.ocr.read(job, result) if self.ocr is not None and _is_scan(result) else result

    async def _plain(self, job: ReadJob) -> ReadResult:
        if self.workers == 0:
            return _read(job)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="reader")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, job)
        except Lost as lost:
            log.warning("%s: %s", lost, job.url)
            return _failed(job, str(lost))

    def close(self) -> None:
        """Ends the child processes."""
        with self._lock:
            self._closed = True
            children = list(self._children)
        for child in children:
            child.kill()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, job: ReadJob) -> ReadResult:
        child = self._child()
        try:
            result: ReadResult = child.ask(job, self.timeout)
            return result
        finally:
            if child.ended:
                self._forget(child)
            else:
                self._idle.put(child)

    def _forget(self, child: Child) -> None:
        child.end()
        with self._lock:
            self._children.discard(child)

    def _child(self) -> Child:
        with contextlib.suppress(queue.Empty):
            while True:
                child = self._idle.get_nowait()
                if not child.ended:
                    return child
                self._forget(child)  # the system ended it while it waited
        child = Child(_read_sealed, memory=self.memory)
        with self._lock:
            self._children.add(child)
            if self._closed:
                child.kill()
        return child


def _read(job: ReadJob) -> ReadResult:
    # Imported where it runs, so that a run whose pages are all unchanged starts half a second sooner.
    from crawler.reading import read

    return read(job)


def _read_sealed(job: ReadJob) -> ReadResult:
    _sealed()
    return _read(job)


@functools.cache
def _sealed() -> None:
    seal()


def _failed(job: ReadJob, why: str) -> ReadResult:
    from crawler.reading import failed

    return failed(job, why)


def _is_scan(result: ReadResult) -> bool:
    """Whether a document was read, and has pages that are pictures."""
    from crawler.articles import SCAN

    read = result.extraction
    if read is None or not read.quality.get("scanned_pages"):
        return False
    return read.error is None or read.error.startswith(SCAN)


def default_workers() -> int:
    """One child per core, at most four: reading is what the crawl waits for."""
    return max(1, min(4, (os.cpu_count() or 2)))
