"""Runs a session: Scrapy on the asyncio loop, readers beside it, a summary at the end."""

from __future__ import annotations

import asyncio
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

from crawler.prepare import quiet_libraries

if TYPE_CHECKING:
    from crawler.ocr_reader import OcrReader
    from crawler.session import Session
    from crawler.summary import Summary

INTERRUPTED = "interrupted"
WAITING_SCANS = 256 * 1024 * 1024
"""Bytes of answers that may wait for their reading before Scrapy fetches no more. Its default of 5 MB is less than one
scan, which waits for minutes; the crawl must not."""


def settings_for(session: Session, overrides: dict[str, Any] | None = None) -> Any:  # noqa: ANN401  # scrapy.Settings
    """The Scrapy settings of a run."""
    from scrapy.settings import Settings

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", session.concurrency, priority="cmdline")
    for name, value in (overrides or {}).items():
        settings.set(name, value, priority="cmdline")
    return settings


async def crawl(
    session: Session,
    *,
    workers: int | None = None,
    overrides: dict[str, Any] | None = None,
    ocr: OcrReader | None = None,
) -> Summary:
    """Runs a session on the running asyncio loop; several may run in one process, one after another.

    Args:
        session: From :func:`prepare`.
        workers: Child processes that read; None for the default.
        overrides: Scrapy settings for this run only.
        ocr: Reads the scans among the documents.

    Raises:
        archive.errors.ArchiveError: The archive could not be written; what was committed stays.
    """
    from scrapy.crawler import AsyncCrawlerRunner

    from crawler.reader_pool import ReaderPool
    from crawler.spiders.portal import PortalSpider

    quiet_libraries()
    readers = ReaderPool(workers, ocr=ocr)
    if ocr is not None:
        overrides = {"SCRAPER_SLOT_MAX_ACTIVE_SIZE": WAITING_SCANS, **(overrides or {})}
        ocr.go_on = partial(_go_on, session)
    session.open()
    try:
        runner = AsyncCrawlerRunner(settings_for(session, overrides))
        await runner.crawl(runner.create_crawler(PortalSpider), session=session, readers=readers)
    finally:
        readers.close()
        if ocr is not None:
            ocr.close()
    if session.failure is not None:
        raise session.failure
    return session.close()


def _go_on(session: Session) -> bool:
    """A sign of life for the run while a scan is read; False once it is interrupted: the scan can be read later."""
    session.store.heartbeat(session.run_id)
    return session.stopping != INTERRUPTED


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

    async def main() -> Summary:
        loop = asyncio.get_running_loop()

        def interrupt() -> None:
            session.stopping = INTERRUPTED
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupt)
        scans = None
        if ocr:
            from crawler.ocr_reader import OcrReader

            scans = OcrReader()
        return await crawl(session, workers=workers, overrides=overrides, ocr=scans)

    return asyncio.run(main())
