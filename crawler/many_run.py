"""Prepares and runs a round of many portals from ordinary code."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.clock import Clock, utcnow
from crawler import rosters
from crawler.many import AT_ONCE, UNDER_WAY, Round
from crawler.many_choice import Choice, Chosen
from crawler.many_display import ManyDisplay, QuietMany
from crawler.many_result import PortalResult, RoundResult, likely_among, named
from crawler.prepare import prepare
from crawler.runner import fetch, interruptible, scan_reader
from crawler.seeds import portal_rows
from crawler.site import Site, load_portal
from crawler.window import Window

if TYPE_CHECKING:
    from crawler.narrowing import Narrowing
    from crawler.session import Recheck, Session

WAITING = 64 * 1024 * 1024
"""Bytes of answers that may wait for their reading before Scrapy fetches no more. Its default of 5 MB would let a few
large files, or fifty articles of several pages, stop all portals."""
UNDER_WAY_WITH_SCANS = 64
"""Entries of one portal under way where scans are read: one takes minutes, and the others do not wait for it."""

SETTINGS: dict[str, Any] = {
    # Bounded by the portals under way, each with one request: a common limit would let hanging ones stop the others.
    "CONCURRENT_REQUESTS": 0,
    "SCRAPER_SLOT_MAX_ACTIVE_SIZE": WAITING,
}
"""Scrapy settings of a round, over those of every crawl."""


def run_many(
    choice: Choice,
    *,
    db: str | None = None,
    recheck: Recheck = "due",
    trigger: str = "manual",
    at_once: int = AT_ONCE,
    budget: int | None = None,
    window: Window | None = None,
    narrowing: Narrowing | None = None,
    display: ManyDisplay | None = None,
    seeds: Path | None = None,
    ocr: bool = False,
    workers: int | None = None,
    load: Callable[[str], Site] | None = None,
    proxy: str | None = None,
    delay: float | None = None,
    clock: Clock = utcnow,
    overrides: dict[str, Any] | None = None,
    roster: bool = False,
) -> RoundResult:
    """Crawls many portals in this process; SIGINT and SIGTERM let what is in flight finish, a second one ends it.

    Args:
        choice: From :func:`crawler.many_choice.choose`.
        db: Where the archive is; default as everywhere.
        recheck: As of ``crawler run``.
        trigger: Who asked for the runs.
        at_once: Portals under way at once.
        budget: Requests of the whole round; None for no bound.
        window: Hours in which portals may be asked; goes before those of the site files.
        narrowing: What part of what is listed the runs fetch.
        display: Where progress goes.
        seeds: Folder of the seeds.
        ocr: Read scans, too.
        workers: Child processes that read.
        load: Gives the site of a key; default: from the seeds.
        proxy: Where replicas listen, if not the network.
        delay: Seconds between two requests of a host group, if not the sites' own.
        clock: Gives the time (UTC).
        overrides: Scrapy settings for this round only.
        roster: Bring the archive's copy of who must report up to date first.

    Raises:
        archive.errors.ArchiveError: The archive could not be written; what was committed stays.
        crawler.errors.CrawlerError: The seeds are missing or damaged.
        OSError: The display could not be written to; every run was ended in good order.
    """
    from archive.database import default_url, open_archive
    from archive.store import Store

    shown = display or QuietMany()
    engine = open_archive(db or default_url())
    if roster:
        rosters.at_start(Store(engine, clock), seeds)
    with ThreadPoolExecutor(1, thread_name_prefix="archive") as writer:

        def start(chosen: Chosen) -> Session:
            site = load(chosen.key) if load is not None else load_portal(chosen.key, seeds=seeds)
            session = prepare(
                site,
                recheck=recheck,
                trigger=trigger,
                clock=clock,
                proxy=proxy,
                delay=delay,
                display=shown.portal(site.key),
                seeds=seeds,
                window=chosen.window if window is None else window,
                narrowing=narrowing,
                engine=engine,
                writer=writer,
            )
            session.most_under_way = UNDER_WAY_WITH_SCANS if ocr else UNDER_WAY
            session.open()
            return session

        try:
            return asyncio.run(
                _crawl(
                    choice,
                    start=start,
                    writer=writer,
                    shown=shown,
                    at_once=at_once,
                    budget=budget,
                    window=window,
                    ocr=ocr,
                    workers=workers,
                    clock=clock,
                    seeds=seeds,
                    overrides={**SETTINGS, **(overrides or {})},
                )
            )
        finally:
            engine.dispose()


async def _crawl(
    choice: Choice,
    *,
    start: Callable[[Chosen], Session],
    writer: ThreadPoolExecutor,
    shown: ManyDisplay,
    at_once: int,
    budget: int | None,
    window: Window | None,
    ocr: bool,
    workers: int | None,
    clock: Clock,
    seeds: Path | None,
    overrides: dict[str, Any],
) -> RoundResult:
    began = time.monotonic()
    portals = [_within(one, window) for one in choice.portals]
    turns = Round(
        portals,
        start=start,
        writer=writer,
        display=shown,
        clock=clock,
        at_once=at_once,
        budget=budget,
    )
    interruptible(turns)
    scans = scan_reader(ocr)
    if scans is not None:
        scans.go_on = lambda: turns.stopped is None
    result = None
    shown.begins(len(portals), at_once)
    try:
        for key, name, why in choice.unusable:
            turns.refuse(PortalResult(key=key, name=name, state=None, why=why))
        await fetch(turns, workers=workers, overrides=overrides, ocr=scans)
        if turns.failure is not None:
            raise turns.failure
        if turns.unheard is not None:
            raise turns.unheard
        result = RoundResult(
            portals=tuple(turns.results),
            without_url=named(choice.without_url),
            requests=turns.requests,
            seconds=time.monotonic() - began,
            likely=likely_among(turns.results, portal_rows(seeds)),
        )
    finally:
        shown.finished(result)
    return result


def _within(chosen: Chosen, window: Window | None) -> Chosen:
    if window is None:
        return chosen
    return Chosen(key=chosen.key, name=chosen.name, group=chosen.group, window=window)
