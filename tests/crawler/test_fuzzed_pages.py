"""Thousands of real-shaped pages changed by chance, read in the real pool: no crash, no hang, a typed outcome each."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archive.records import FrontierKind, Outcome
from crawler.reader_child import CRASHED
from crawler.reader_pool import ReaderPool
from crawler.readjob import ReadJob, ReadResult
from tests.crawler.measured import MOST_MEGABYTES, MOST_SECONDS, page
from tests.crawler.mutation import corpus, jobs

BROKEN = (CRASHED, "reading needed", "the reader failed")
GIVEN_UP = "reading took"
"""Typed, and no hang; on an idle machine there is none (the heaviest of the 10,000 takes 4 s)."""
WORKERS = 2
SETTLED = 6
"""Looks at a child, 250 pages apart, until what its libraries load and keep is there."""
FLAT = 32
"""Megabytes that a child may grow after that."""
_RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass
class Totals:
    """What became of the pages."""

    pages: int = 0
    said: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[str, str]] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    slowest: float = 0.0
    resident: list[dict[int, float]] = field(default_factory=list)
    """Megabytes of each child, every 500 pages."""
    peak: float = 0.0
    seconds: float = 0.0

    def add(self, job: ReadJob, result: ReadResult, seconds: float) -> None:
        self.pages += 1
        self.slowest = max(self.slowest, seconds)
        assert isinstance(result.outcome, Outcome)
        found = result.extraction
        said = found.error if found else result.detail
        if said and said.startswith(GIVEN_UP):
            self.given_up.append(job.url)
        elif said and said.startswith(BROKEN):
            self.broken.append((job.url, said))
        elif result.outcome is not Outcome.OK:
            assert said
        elif job.kind in (FrontierKind.PAGE, FrontierKind.ATTACHMENT):
            assert found is not None
            assert found.error or found.text.strip()
            assert "\0" not in found.text
        else:
            assert result.listing is not None or job.kind is FrontierKind.HUB
        self.said[f"{job.kind}: {result.outcome}{' with an error' if found and found.error else ''}"] += 1

    def look(self, pool: ReaderPool) -> None:
        now = {}
        for child in pool._children:
            status = Path(f"/proc/{child.pid}/status").read_text()
            resident, peak = _RESIDENT.search(status), _PEAK.search(status)
            assert resident
            assert peak
            now[child.pid or 0] = int(resident.group(1)) / 1024
            self.peak = max(self.peak, int(peak.group(1)) / 1024)
        self.resident.append(now)

    def __str__(self) -> str:
        memory = "\n".join(
            " ".join(f"{megabytes:.0f}" for megabytes in now.values()) for now in self.resident
        )
        said = "\n".join(f"  {count:6} {what}" for what, count in self.said.most_common())
        return (
            f"{self.pages} pages of {len(corpus())} shapes in {self.seconds:.0f} s, slowest {self.slowest:.2f} s, "
            f"peak {self.peak:.0f} MB, {len(self.broken)} broken, {len(self.given_up)} given up\n{said}\nMB resident every 500 pages:\n{memory}"
        )


async def run(count: int, *, seed: int, workers: int) -> Totals:
    totals = Totals()
    pool = ReaderPool(workers=workers)
    turns = asyncio.Semaphore(workers)

    async def one(job: ReadJob) -> None:
        async with turns:
            began = time.perf_counter()
            result = await pool.read(job)
            totals.add(job, result, time.perf_counter() - began)

    await asyncio.gather(
        *(pool.read(page("<p>法治政府建设</p>")) for _ in range(workers))
    )  # the children's imports
    began = time.perf_counter()
    batch: list[ReadJob] = []
    try:
        for job in jobs(count, seed):
            batch.append(job)
            if len(batch) == 500 or job.url.endswith(f"/{count - 1}.html"):
                await asyncio.gather(*map(one, batch))
                totals.look(pool)
                batch = []
    finally:
        pool.close()
    totals.seconds = time.perf_counter() - began
    print(totals)
    return totals


async def test_fuzzed_pages() -> None:
    totals = await run(60, seed=1, workers=1)
    assert totals.pages == 60
    assert totals.broken == []
    assert len(totals.given_up) <= totals.pages // 200
    assert totals.slowest <= MOST_SECONDS
    assert totals.peak <= MOST_MEGABYTES


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_10_000_fuzzed_pages_and_flat_memory() -> None:
    totals = await run(10_000, seed=2, workers=WORKERS)
    assert totals.pages == 10_000
    assert totals.broken == []
    assert len(totals.given_up) <= totals.pages // 200
    assert totals.slowest <= MOST_SECONDS
    assert totals.peak <= MOST_MEGABYTES
    assert grown(totals) <= FLAT


def grown(totals: Totals) -> float:
    """Megabytes by which a child grew after it had settled, over at least 3,000 pages; who was given up begins anew."""
    lives: dict[int, list[float]] = {}
    for now in totals.resident:
        for child, megabytes in now.items():
            lives.setdefault(child, []).append(megabytes)
    assert max(map(len, lives.values())) * 500 // WORKERS >= 3_000
    return max(max(life[SETTLED:]) - max(life[:SETTLED]) for life in lives.values() if len(life) > SETTLED)
