from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archive.records import FrontierKind, Outcome
from crawler.reader_pool import ReaderPool
from crawler.readjob import ReadJob
from crawler.site import Site

SITE = Site(
    key="x",
    name="示例市某区",
    short_name="某区",
    level="county",
    division_code=None,
    home_url="http://www.x.gov.cn/",
    hosts=("www.x.gov.cn",),
)


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


def write(path: str) -> int:
    return Path(path).write_text("x" * 10)


async def test_a_child_has_so_much_memory_and_writes_no_file(pool: ReaderPool, tmp_path: Path) -> None:
    bomb = await pool.read(trap(hoard))
    assert bomb.extraction is not None
    assert bomb.extraction.error
    writing = await pool.read(trap(write, str(tmp_path / "written")))
    assert writing.extraction is not None
    assert writing.extraction.error
    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0
    good = await pool.read(GOOD)
    assert good.extraction is not None
    assert good.extraction.error is None
