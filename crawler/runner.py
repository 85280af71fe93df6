"""Runs a session: Scrapy on the asyncio loop, readers beside it, a summary at the end."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

from crawler.prepare import quiet_libraries

if TYPE_CHECKING:
    from crawler.session import Session
    from crawler.summary import Summary


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
    session: Session, *, workers: int | None = None, overrides: dict[str, Any] | None = None
) -> Summary:
    """Runs a session on the running asyncio loop; several may run in one process, one after another.

    Args:
        session: From :func:`prepare`.
        workers: Child processes that read; None for the default.
        overrides: Scrapy settings for this run only.

    Raises:
        archive.errors.ArchiveError: The archive could not be written; what was committed stays.
    """
    from scrapy.crawler import AsyncCrawlerRunner

    from crawler.reader_pool import ReaderPool
    from crawler.spiders.portal import PortalSpider

    quiet_libraries()
    readers = ReaderPool(workers)
    session.open()
    try:
        runner = AsyncCrawlerRunner(settings_for(session, overrides))
        await runner.crawl(runner.create_crawler(PortalSpider), session=session, readers=readers)
    finally:
        readers.close()
    if session.failure is not None:
        raise session.failure
    return session.close()


def run(session: Session, *, workers: int | None = None, overrides: dict[str, Any] | None = None) -> Summary:
    """Runs a session to its end from ordinary code.

    SIGINT and SIGTERM let what is in flight finish and make the run partial; a second one ends the process.
    """

    async def main() -> Summary:
        loop = asyncio.get_running_loop()

        def interrupt() -> None:
            session.stopping = "interrupted"
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupt)
        return await crawl(session, workers=workers, overrides=overrides)

    return asyncio.run(main())
