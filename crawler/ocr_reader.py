"""Scans beside the crawl: one child process reads them, one at a time, while pages are fetched and read.

The models take about 1 GB and seconds a page, so the child is started for the first scan, kept for the next ones and
ended when none comes. What OCR cannot do in its limits leaves the reading as it was without it, with the reason.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.records import ExtractionRecord, Outcome
from crawler.errors import OcrUnavailable
from crawler.extract.documents.model import Unreadable
from crawler.extract.documents.ocr_model import EngineUnusable
from crawler.reader_child import Child, Lost
from crawler.readjob import ReadJob, ReadResult

if TYPE_CHECKING:
    from crawler.extract.documents.ocr_model import Engine

log = logging.getLogger(__name__)

MEMORY = 2 * 1024**3
"""Bytes of memory of the child's own. A4 pages take 0.8 GB, the largest that are looked at (A3) 1.5 GB."""
PAGE_SECONDS = 120.0
"""For one page. A dense one takes 5 s of one core, 15 s on one that others use too, three times that if it lies on
its side."""
DOCUMENT_SECONDS = 1_800.0
"""For one file, the loading of the models included; `OcrLimits.pages` at 18 s each."""
IDLE_SECONDS = 60.0
"""How long the child is kept without work: the models are loaded in 3 s, their memory is missed elsewhere."""
BEAT_SECONDS = 20.0
"""How often whoever waits is asked whether to go on: a run's lease lasts two minutes without a sign of life."""
_TOO_SLOW = signal.SIGALRM.name
"""Ends the child whose page takes too long; the words for its end name it."""
_NETWORK = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"})

Work = Callable[[ReadJob], ExtractionRecord]
GoOn = Callable[[], bool]


def check() -> str:
    """The version under which texts by OCR are kept.

    Raises:
        OcrUnavailable: The extra is not installed.
    """
    from crawler.extract.documents import ocr, ocr_rapid

    found = ocr_rapid.installed()
    if found is None:
        raise OcrUnavailable(f"--ocr needs the extra ocr: {ocr_rapid.INSTALL}")
    return ocr.version_of(ocr_rapid.NAME, found)


def look(job: ReadJob) -> ExtractionRecord:
    """Reads a file with its scanned pages; runs in the child, where the models stay loaded."""
    from crawler.articles import read_document
    from crawler.extract.documents import ocr

    engine = _engine()
    try:
        return read_document(job, functools.partial(ocr.read, engine=engine, on_page=_begin_page))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _begin_page() -> None:
    # No handler: the system ends the process even in the middle of the models' code.
    signal.setitimer(signal.ITIMER_REAL, PAGE_SECONDS)


@functools.cache
def _engine() -> Engine:
    from crawler.extract.documents.ocr_rapid import RapidEngine

    sys.addaudithook(_no_network)
    return RapidEngine()


def _no_network(event: str, _: tuple[object, ...]) -> None:
    """The models come with the engine: whatever it wants to fetch, it is not what this version was tested with."""
    if event in _NETWORK:
        raise EngineUnusable("the engine asked for the network, which is not given to it")


class OcrReader:
    """Reads scans in a child process of its own, one after another.

    Args:
        work: What the child does with a job; `look` but in tests.
        seconds: For one file.
        memory: Bytes of memory for the child.
        idle: Seconds without work after which the child is ended.
        beat: Seconds between two questions whether to go on.
        go_on: Asked while a scan is read; False gives the scan up, as it was read without OCR.
    """

    def __init__(
        self,
        *,
        work: Work = look,
        seconds: float = DOCUMENT_SECONDS,
        memory: int = MEMORY,
        idle: float = IDLE_SECONDS,
        beat: float = BEAT_SECONDS,
        go_on: GoOn = lambda: True,
    ) -> None:
        self.go_on = go_on
        self._work = work
        self._seconds = seconds
        self._memory = memory
        self._idle = idle
        self._beat = beat
        # One thread is one child at a time, and the queue of those that wait.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ocr")
        self._child: Child | None = None
        self._under_way: threading.Event | None = None
        """Of the job the child has."""
        self._lock = threading.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def read(self, job: ReadJob, plain: ReadResult) -> ReadResult:
        """Reads a scan.

        Args:
            job: The file.
            plain: What was read of it without OCR.

        Returns:
            The reading by OCR; `plain` if it was given up; `plain` with the reason if OCR could not read it.
        """
        if self._closed:
            return plain
        if self._timer is not None:
            self._timer.cancel()
        given_up = threading.Event()
        loop = asyncio.get_running_loop()
        asked = loop.run_in_executor(self._thread, self._ask, job, given_up)
        try:
            while not (await asyncio.wait({asked}, timeout=self._beat))[0]:
                if not self.go_on():
                    self._give_up(given_up)
        except BaseException:
            asked.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            self._give_up(given_up)
            raise
        finally:
            self._timer = loop.call_later(self._idle, self._rest)
        try:
            record = await asked
        except Lost as lost:
            if given_up.is_set() or self._closed:
                return plain
            why = _words(lost)
            log.warning("%s: %s", why, job.url)
            return _unread(plain, why)
        return plain if record is None else ReadResult(outcome=Outcome.OK, extraction=record)

    def close(self) -> None:
        """Ends the child; what it was reading is given up."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._child is not None:
                self._child.kill()
        if self._timer is not None:
            self._timer.cancel()
        self._thread.submit(self._end)
        self._thread.shutdown(wait=False)

    def _rest(self) -> None:
        if not self._closed:
            self._thread.submit(self._end)

    def _give_up(self, given_up: threading.Event) -> None:
        """Ends the child in the middle of this job, and no other."""
        with self._lock:
            given_up.set()
            if self._child is not None and self._under_way is given_up:
                self._child.kill()

    # -- in the thread ------------------------------------------------------------------------

    def _ask(self, job: ReadJob, given_up: threading.Event) -> ExtractionRecord | None:
        with self._lock:
            if given_up.is_set() or self._closed:
                return None
            self._under_way = given_up
        try:
            child = self._ready()
            if given_up.is_set():
                return None
            record: ExtractionRecord = child.ask(job, self._seconds)
            return record
        finally:
            with self._lock:
                self._under_way = None
                if self._child is not None and self._child.ended:
                    self._child.end()
                    self._child = None

    def _ready(self) -> Child:
        if self._child is not None and not self._child.ended:
            return self._child
        child = Child(self._work, memory=self._memory)
        with self._lock:
            self._child = child
            if self._closed:
                child.kill()
        return child

    def _end(self) -> None:
        with self._lock:
            if self._child is not None:
                self._child.end()
                self._child = None


def _words(lost: Lost) -> str:
    """What befell OCR, in words that do not take it for the reader of pages."""
    text = str(lost).replace(f"{Unreadable.__name__}: ", "").replace(f"{EngineUnusable.__name__}: ", "")
    if _TOO_SLOW in text:
        return f"OCR took more than {PAGE_SECONDS:g} s for one page"
    for reading, by_ocr in (
        ("reading ", "OCR "),
        ("the reader crashed on this page", "OCR crashed"),
        ("the reader failed: ", "OCR failed: "),
    ):
        if text.startswith(reading):
            return by_ocr + text.removeprefix(reading)
    return f"OCR failed: {text}"


def _unread(plain: ReadResult, why: str) -> ReadResult:
    """The reading without OCR, with the reason: a scan's error, another text's warning."""
    record = plain.extraction
    if record is None:
        return plain
    from crawler.articles import SCAN

    error = f"{SCAN}; {why}" if record.error is not None else None
    return replace(plain, extraction=replace(record, error=error, warnings=(*record.warnings, why)))
