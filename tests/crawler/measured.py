"""Reads jobs in the real pool and measures what they cost: wall time and the child's peak of resident memory."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from archive.records import ExtractionRecord, FrontierKind, Outcome
from crawler.reader_pool import ReaderPool
from crawler.readjob import ReadJob, ReadResult
from crawler.site import Site

MOST_SECONDS = 10.0
MOST_MEGABYTES = 512
SITE = Site(
    key="x",
    name="示例市某区",
    short_name="某区",
    level="county",
    division_code=None,
    home_url="http://www.x.gov.cn/",
    hosts=("www.x.gov.cn",),
)
TITLE = "某镇2023年法治政府建设情况报告"
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_REST = 0.02


@dataclass(frozen=True)
class Measured:
    """A reading and what it cost."""

    result: ReadResult
    seconds: float
    megabytes: float

    @property
    def extraction(self) -> ExtractionRecord:
        assert self.result.extraction is not None, self.result
        return self.result.extraction

    def within_limits(self) -> Measured:
        """No hang over 10 s, no memory over 512 MB, a typed outcome."""
        assert self.seconds <= MOST_SECONDS
        assert self.megabytes <= MOST_MEGABYTES
        assert isinstance(self.result.outcome, Outcome)
        found = self.result.extraction
        if self.result.outcome is not Outcome.OK:
            assert self.result.detail
        elif found is not None:
            assert found.error or found.text.strip()
        return self


class Meter:
    """A pool of one child, as the crawl has them."""

    def __init__(self, pool: ReaderPool | None = None) -> None:
        self.pool = pool or ReaderPool(workers=1)

    def read(self, job: ReadJob) -> Measured:
        """Reads a job; starting the child is not counted."""
        asyncio.run(self.pool.read(page(b"<html><body>x</body></html>")))
        (child,) = self.pool._children
        status = Path(f"/proc/{child.pid}/status")
        _forget_peak(child.pid)
        with _sampled(status) as seen:
            began = time.perf_counter()
            result = asyncio.run(self.pool.read(job))
            seconds = time.perf_counter() - began
        said = result.extraction.error if result.extraction else result.detail
        print(f"{seconds:6.2f} s {max(seen):5.0f} MB  {result.outcome}: {said or 'read'}")
        return Measured(result, seconds, max(seen))


@contextmanager
def meter() -> Iterator[Meter]:
    made = Meter()
    yield made
    made.pool.close()


def page(body: bytes | str, **more: object) -> ReadJob:
    """A job for an article's page."""
    job = ReadJob(
        kind=FrontierKind.PAGE,
        url="http://www.x.gov.cn/a.html",
        final_url="http://www.x.gov.cn/a.html",
        status=200,
        body=body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body,
        content_type="text/html",
        site=SITE,
        title=TITLE,
    )
    return replace(job, **more)  # type: ignore[arg-type]


def column(body: bytes | str) -> ReadJob:
    """A job for a list page."""
    return page(body, kind=FrontierKind.COLUMN)


def file(body: bytes, name: str = "P020240301.doc", content_type: str | None = None) -> ReadJob:
    """A job for an attachment."""
    url = f"http://www.x.gov.cn/{name}"
    return page(body, kind=FrontierKind.ATTACHMENT, url=url, final_url=url, content_type=content_type)


def peak_of(status: Path) -> float:
    """Megabytes a process had resident at most, from its file ``status``."""
    try:
        found = _PEAK.search(status.read_text())
    except OSError:  # the child has ended
        found = None
    return int(found.group(1)) / 1024 if found else 0.0


def _forget_peak(pid: int | None) -> None:
    """Sets the peak back to what is resident now; else it would be that of all jobs so far, which is no less strict."""
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        return


@contextmanager
def _sampled(status: Path) -> Iterator[list[float]]:
    """The peak while the block runs, looked at again and again: a child that is killed leaves nothing behind."""
    seen = [peak_of(status)]
    over = threading.Event()

    def look() -> None:
        while not over.wait(_REST):
            seen.append(peak_of(status))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        seen.append(peak_of(status))
        over.set()
        thread.join()
