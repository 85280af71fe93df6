"""Runs one portal: from its name to a summary."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.session import Recheck, Session
from crawler.site import Site, load_site
from crawler.summary import Summary

if TYPE_CHECKING:
    from archive.records import ExtractionRecord, StoredCapture
    from crawler.progress import Display

Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """The time now, UTC with zone."""
    return datetime.now(UTC)


def code_version() -> str:
    """Version of this program, kept with every run."""
    try:
        return version("fazhi-archive")
    except PackageNotFoundError:  # run from a bare checkout
        return "0+checkout"


def prepare(
    site: str | Site,
    *,
    db: str | None = None,
    recheck: Recheck = "due",
    trigger: str = "manual",
    clock: Clock = utcnow,
    proxy: str | None = None,
    concurrency: int = 1,
    delay: float | None = None,
    display: Display | None = None,
    options: dict[str, Any] | None = None,
    seeds: Path | None = None,
) -> Session:
    """Loads the site, opens the archive and makes the session of a run (not yet begun).

    Raises:
        crawler.errors.CrawlerError: Unknown site, bad site file.
        archive.errors.ArchiveError: Unusable database.
    """
    from archive.database import default_url, open_archive
    from archive.leases import this_process
    from archive.planning import Planning
    from archive.store import Store

    loaded = load_site(site, seeds=seeds) if isinstance(site, str) else site
    engine = open_archive(db or default_url())
    return Session(
        loaded,
        Store(engine, clock, reread=partial(_reread, loaded)),
        Planning(engine),
        clock=clock,
        recheck=recheck,
        trigger=trigger,
        proxy=proxy,
        concurrency=concurrency,
        delay=delay,
        display=display,
        options=options,
        owner=this_process(),
        code_version=code_version(),
    )


def _reread(site: Site, stored: StoredCapture) -> ExtractionRecord:
    from crawler.reading import reread

    return reread(site, stored)


def settings_for(session: Session, overrides: dict[str, Any] | None = None) -> Any:  # noqa: ANN401  # scrapy.Settings
    """The Scrapy settings of a run."""
    from scrapy.settings import Settings

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    contact = os.environ.get("FAZHI_CONTACT")
    if contact:
        settings.set("USER_AGENT", user_agent(contact), priority="cmdline")
    settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", session.concurrency, priority="cmdline")
    for name, value in (overrides or {}).items():
        settings.set(name, value, priority="cmdline")
    return settings


def quiet_libraries() -> None:
    """Sends warnings and errors to stderr, without those that say nothing new.

    Scrapy calls the asyncio handlers experimental (docs/crawler.md says why we use one), remarks on the absence of
    the Referer middleware, which is switched off on purpose, and prints a traceback where robots.txt cannot be
    fetched, which is a typed outcome of the request that needed it.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for name in (
        "scrapy.core.downloader.handlers._base_streaming",
        "scrapy.downloadermiddlewares.redirect",
        "scrapy.downloadermiddlewares.robotstxt",
    ):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def user_agent(contact: str) -> str:
    """The honest name we give: program, version, purpose, and who to write to."""
    return f"fazhi-archive/{code_version()} (archive of public rule-of-law government reports; contact: {contact})"


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
