"""Runs sessions: Scrapy on the asyncio loop, readers beside it, a summary at the end."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

from archive.errors import ArchiveError
from crawler.errors import OutsideWindow
from crawler.prepare import quiet_libraries

if TYPE_CHECKING:
    from crawler.ocr_reader import OcrReader
    from crawler.session import Session
    from crawler.summary import Summary
    from crawler.turns import Turns

INTERRUPTED = "interrupted"
BEAT_SECONDS = 10
"""How often leases are looked after; they are renewed every 30 s and last for two minutes."""
WAITING_SCANS = 256 * 1024 * 1024
"""Bytes of answers that may wait for their reading before Scrapy fetches no more. Its default of 5 MB is less than one
scan, which waits for minutes; the crawl must not."""


def settings_for(overrides: dict[str, Any] | None = None) -> Any:  # noqa: ANN401  # scrapy.Settings
    """The Scrapy settings of a crawl."""
    from scrapy.settings import Settings

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    for name, value in (overrides or {}).items():
        settings.set(name, value, priority="cmdline")
    return settings


async def fetch(
    turns: Turns,
    *,
    workers: int | None = None,
    overrides: dict[str, Any] | None = None,
    ocr: OcrReader | None = None,
) -> None:
    """Crawls until no run goes on: one spider, one pool of readers, any number of portals.

    Args:
        turns: The runs.
        workers: Child processes that read; None for the default.
        overrides: Scrapy settings for this crawl only.
        ocr: Reads the scans among the documents; closed at the end.
    """
    from scrapy.crawler import AsyncCrawlerRunner

    from crawler.reader_pool import ReaderPool
    from crawler.spiders.portal import PortalSpider

    quiet_libraries()
    readers = ReaderPool(workers, ocr=ocr)
    if ocr is not None:
        overrides = {"SCRAPER_SLOT_MAX_ACTIVE_SIZE": WAITING_SCANS, **(overrides or {})}
    beating = asyncio.ensure_future(_keep_leases(turns))
    try:
        runner = AsyncCrawlerRunner(settings_for(overrides))
        await runner.crawl(runner.create_crawler(PortalSpider), turns=turns, readers=readers)
    finally:
        beating.cancel()
        readers.close()
        if ocr is not None:
            ocr.close()


async def crawl(
    session: Session,
    *,
    turns: Turns | None = None,
    workers: int | None = None,
    overrides: dict[str, Any] | None = None,
    ocr: OcrReader | None = None,
) -> Summary:
    """Runs a session on the running asyncio loop; several may run in one process, one after another.

    Args:
        session: From :func:`prepare`.
        turns: Through which the caller may stop the run.
        workers: Child processes that read; None for the default.
        overrides: Scrapy settings for this run only.
        ocr: Reads the scans among the documents.

    Raises:
        archive.errors.ArchiveError: The archive could not be written; what was committed stays.
        crawler.errors.OutsideWindow: The portal may not be asked at this hour.
        OSError: The display could not be written to; the run was ended in good order.
    """
    from crawler.turns import Turns

    if session.window is not None and not session.window.is_open(now := session.clock()):
        raise OutsideWindow(f"{session.site.key}: {session.window.why(now)}; --window 0-24 asks all the same")
    if turns is None:
        turns = Turns()
    session.open()
    turns.join(session)
    if ocr is not None:
        ocr.go_on = lambda: session.stopping != INTERRUPTED
    await fetch(
        turns,
        workers=workers,
        overrides={"CONCURRENT_REQUESTS_PER_DOMAIN": session.concurrency, **(overrides or {})},
        ocr=ocr,
    )
    if session.failure is not None:
        raise session.failure
    summary = session.close()
    if session.unheard is not None:
        raise session.unheard
    return summary


async def _keep_leases(turns: Turns) -> None:
    """A sign of life for every run also while its portal hangs or a scan is read."""
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        for session in tuple(turns.open):
            if session not in turns.open:
                continue
            try:
                await session.heartbeat()
            except ArchiveError as error:
                turns.failed(session, error)


def interruptible(turns: Turns) -> None:
    """Lets SIGINT and SIGTERM stop what goes on: what is in flight finishes. A second one ends the process.

    Call it on the running loop.
    """
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        turns.stop(INTERRUPTED)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt)


def scan_reader(wanted: bool) -> OcrReader | None:
    """The reader of scans, if it is wanted."""
    if not wanted:
        return None
    from crawler.ocr_reader import OcrReader

    return OcrReader()


def run(
    session: Session,
    *,
    workers: int | None = None,
    overrides: dict[str, Any] | None = None,
    ocr: bool = False,
) -> Summary:
    """Runs a session to its end from ordinary code; the arguments are those of :func:`crawl`.

    SIGINT and SIGTERM let what is in flight finish and make the run partial; a second one ends the process.
    """
    from crawler.turns import Turns

    async def main() -> Summary:
        turns = Turns()
        interruptible(turns)
        return await crawl(session, turns=turns, workers=workers, overrides=overrides, ocr=scan_reader(ocr))

    return asyncio.run(main())
