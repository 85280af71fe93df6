"""From what a user names to a session that can run: site, archive, clock, options."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.clock import Clock, utcnow
from crawler import rosters
from crawler.identity import code_version
from crawler.session import Recheck, Session
from crawler.site import Site, load_site
from crawler.window import Window

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy.engine import Engine

    from archive.records import ExtractionRecord, StoredCapture
    from crawler.narrowing import Narrowing
    from crawler.progress import Display
    from crawler.recordings import Recording


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
    recording: Recording | None = None,
    everything: bool = False,
    window: Window | None = None,
    engine: Engine | None = None,
    writer: ThreadPoolExecutor | None = None,
    narrowing: Narrowing | None = None,
    kind: Callable[..., Session] = Session,
    roster: bool = False,
) -> Session:
    """Loads the site, opens the archive and makes the session of a run (not yet begun).

    With a ``recording`` the run asks nobody: it is answered from there; ``everything`` reads also those of its pages
    to which no other leads. Where several runs share one archive, they share its ``engine`` and the ``writer`` thread.
    ``window`` goes before the site's own. ``narrowing`` says which part of what is listed is fetched. ``kind`` makes
    the session of a run that is no ordinary one (a probe). ``roster`` brings the archive's copy of who must report up
    to date first, if the seeds have changed.

    Raises:
        crawler.errors.CrawlerError: Unknown site, bad site file.
        archive.errors.ArchiveError: Unusable database.
    """
    from archive.database import default_url, open_archive
    from archive.leases import this_process
    from archive.planning import Planning
    from archive.store import Store

    loaded = load_site(site, seeds=seeds) if isinstance(site, str) else site
    if window is None and loaded.window is not None:
        window = Window.parse(loaded.window)
    if loaded.browser and recording is None:
        from crawler import browser

        browser.check()
    if engine is None:
        engine = open_archive(db or default_url())
    store, planning = Store(engine, clock, reread=partial(_reread, loaded)), Planning(engine)
    if roster:
        rosters.at_start(store, seeds)
    named: dict[str, Any] = {
        "clock": clock,
        "recheck": recheck,
        "trigger": trigger,
        "proxy": proxy,
        "concurrency": concurrency,
        "delay": delay,
        "display": display,
        "options": options,
        "owner": this_process(),
        "code_version": code_version(),
        "window": window,
        "writer": writer,
        "narrowing": narrowing,
    }
    if recording is None:
        return kind(loaded, store, planning, **named)
    from crawler.replay import ReplaySession, provenance

    named |= {"recheck": "none", "delay": 0.0, "options": {**(options or {}), **provenance(recording)}}
    return ReplaySession(loaded, store, planning, recording=recording, everything=everything, **named)


def _reread(site: Site, stored: StoredCapture) -> ExtractionRecord:
    from crawler.reading import reread

    return reread(site, stored)


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
