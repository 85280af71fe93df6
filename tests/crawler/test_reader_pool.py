from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archive.records import Event, FrontierKind, Outcome
from crawler.prepare import prepare
from crawler.reader_pool import ReaderPool
from crawler.readjob import ReadJob
from crawler.runner import run
from crawler.sample.server import LoopbackServer
from tests.crawler.measured import SITE
from tests.crawler.test_attachments import OnlyAttached


class Trap(bytes):
    """Bytes that do something when the child unpickles them: a stand-in for a page that breaks the reader."""

    action: tuple[Callable[..., object], tuple[object, ...]]

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:  # type: ignore[override]
        return self.action


def job(body: bytes) -> ReadJob:
    return ReadJob(
        kind=FrontierKind.PAGE,
        url="http://www.x.gov.cn/a.html",
        final_url="http://www.x.gov.cn/a.html",
        status=200,
        body=body,
        content_type="text/html",
        site=SITE,
        title="某镇2023年法治政府建设情况报告",
    )


GOOD = job(
    (
        "<html><head><title>某镇2023年法治政府建设情况报告</title></head><body><div class='TRS_Editor'>"
        + "<p>2023年，某镇深入推进法治政府建设，现将情况报告如下。</p>" * 20
        + "</div></body></html>"
    ).encode()
)


def trap(function: Callable[..., object], *args: object) -> ReadJob:
    body = Trap(b"x")
    body.action = (function, args)
    return replace(GOOD, body=body)


@pytest.fixture
def pool():
    pool = ReaderPool(workers=1, timeout=20)
    yield pool
    pool.close()


async def test_a_crash_is_the_result_of_that_page_only(pool: ReaderPool) -> None:
    crashed = await pool.read(trap(os._exit, 11))
    assert crashed.outcome is Outcome.OK
    assert crashed.extraction is not None
    assert crashed.extraction.error == "the reader crashed on this page"
    good = await pool.read(GOOD)
    assert good.extraction is not None
    assert good.extraction.error is None
    assert "现将情况报告如下" in good.extraction.text


async def test_a_hanging_reader_is_stopped() -> None:
    pool = ReaderPool(workers=1, timeout=1.5)
    try:
        began = time.monotonic()
        hung = await pool.read(trap(time.sleep, 60))
        assert time.monotonic() - began < 15
        assert hung.extraction is not None
        assert "took more than" in (hung.extraction.error or "")
    finally:
        pool.close()


async def test_a_list_page_that_breaks_the_reader_is_no_empty_list(pool: ReaderPool) -> None:
    result = await pool.read(replace(trap(os._exit, 11), kind=FrontierKind.COLUMN))
    assert result.outcome is Outcome.ERROR_BODY
    assert result.listing is None


async def test_reading_here_and_in_a_child_agree(pool: ReaderPool) -> None:
    here = ReaderPool(workers=0)
    assert await here.read(GOOD) == await pool.read(GOOD)


def hoard() -> bytes:
    return bytes(8 * 1024**3)


def hoard_slowly() -> bytes:
    """Memory in use, not only asked for."""
    held = bytearray()
    while True:
        held += b"x" * (8 << 20)


def write(path: str) -> int:
    return Path(path).write_text("x" * 10)


async def test_a_child_has_so_much_memory_and_writes_no_file(pool: ReaderPool, tmp_path: Path) -> None:
    for function in (hoard, hoard_slowly):
        bomb = await pool.read(trap(function))
        assert bomb.extraction is not None
        assert bomb.extraction.error == "reading needed more than 448 MB of memory"
    writing = await pool.read(trap(write, str(tmp_path / "written")))
    assert writing.extraction is not None
    assert writing.extraction.error
    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0
    good = await pool.read(GOOD)
    assert good.extraction is not None
    assert good.extraction.error is None


async def test_a_crash_names_its_signal(pool: ReaderPool) -> None:
    crashed = await pool.read(trap(os.abort))
    assert crashed.extraction is not None
    assert crashed.extraction.error == "the reader crashed on this page (SIGABRT)"


async def test_who_is_read_beside_a_crash_or_a_hang_does_not_notice() -> None:
    pool = ReaderPool(workers=2, timeout=3)
    try:
        jobs = [trap(os._exit, 11), GOOD, trap(os.abort), GOOD, trap(time.sleep, 60), *[GOOD] * 10]
        results = await asyncio.gather(*map(pool.read, jobs))
        for job, result in zip(jobs, results, strict=True):
            assert result.extraction is not None
            assert (result.extraction.error is None) == (job is GOOD)
    finally:
        pool.close()


async def test_waiting_for_a_child_is_not_counted_as_reading() -> None:
    pool = ReaderPool(workers=1, timeout=60)
    try:
        await pool.read(trap(slow_bytes))  # the child's imports
        pool.timeout = 2.5
        slept = await asyncio.gather(*(pool.read(trap(slow_bytes)) for _ in range(5)))
        assert [result.extraction.error for result in slept if result.extraction] == [None] * 5
    finally:
        pool.close()


def slow_bytes() -> bytes:
    time.sleep(0.6)
    return GOOD.body


async def test_after_a_page_was_given_up_the_next_is_read_at_once() -> None:
    pool = ReaderPool(workers=1, timeout=2)
    try:
        await pool.read(trap(slow_bytes))
        for action in ((time.sleep, 60), (hoard,), (os._exit, 11)):
            await pool.read(trap(*action))
            began = time.monotonic()
            good = await pool.read(GOOD)
            assert time.monotonic() - began < 5
            assert good.extraction is not None
            assert good.extraction.error is None
    finally:
        pool.close()


async def test_closing_ends_what_is_under_way() -> None:
    pool = ReaderPool(workers=1, timeout=60)
    await pool.read(GOOD)
    reading = asyncio.create_task(pool.read(trap(time.sleep, 60)))
    await asyncio.sleep(0.3)
    began = time.monotonic()
    pool.close()
    assert (await reading).extraction is not None
    assert time.monotonic() - began < 5


async def test_a_child_that_the_system_ended_while_it_waited_costs_no_page(pool: ReaderPool) -> None:
    await pool.read(GOOD)
    (child,) = pool._children
    child.kill()
    await asyncio.sleep(0.5)
    good = await pool.read(GOOD)
    assert good.extraction is not None
    assert good.extraction.error is None


def stored_errors(db: Path) -> list[tuple[str, int]]:
    """The error of every reading, and the size of the capture it is of."""
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(
            "select e.error, p.size from extraction e join capture c on c.id = e.capture_id"
            " join payload p on p.sha256 = c.payload_sha256 where e.error is not null"
        ).fetchall()


def test_a_page_given_up_keeps_its_capture_and_the_crawl_goes_on(tmp_path: Path) -> None:
    body = "<b></b>" * 150_000
    db = tmp_path / "archive.db"
    with LoopbackServer(OnlyAttached(body)) as server:
        summary = run(prepare("demo", db=str(db), proxy=server.proxy_url), workers=1)
    assert summary.count(Event.UNREAD) == 1
    ((error, size),) = stored_errors(db)
    assert error.endswith("tags in one page, more than 250000")
    assert size > len(body)
