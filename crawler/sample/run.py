"""Crawls the built-in sample portal: serves it on loopback for the length of the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crawler.prepare import prepare
from crawler.runner import run as run_session
from crawler.sample.server import LoopbackServer
from crawler.summary import Summary

if TYPE_CHECKING:
    from crawler.narrowing import Narrowing
    from crawler.progress import Display
    from crawler.session import Recheck

SAMPLE_KEY = "demo"
YEAR_OPTION = "sample_year"
"""Name under which a run remembers how many years its sample portal had advanced."""


def is_sample(query: str) -> bool:
    """True if ``--site`` names the sample portal."""
    return query.strip() == SAMPLE_KEY


def run_sample(
    *,
    db: str | None,
    advance: bool,
    recheck: Recheck,
    display: Display,
    seeds: Path | None = None,
    workers: int | None = None,
    ocr: bool = False,
    narrowing: Narrowing | None = None,
    roster: bool = False,
    trigger: str = "manual",
) -> Summary:
    """Runs the sample portal in the year it stands at, or one later.

    The year is remembered in the archive itself, with the run that saw it: another archive starts anew.

    Args:
        db: The archive.
        advance: Let a year pass first; every known page is then looked at again, as after a real year.
        recheck: As of ``crawler run``.
        display: Where progress goes.
        seeds: Seeds folder, if not the usual one.
        workers: Child processes that read.
        ocr: Read scans, too.
        narrowing: What the run is narrowed to, if it is.
        roster: Bring the archive's copy of who must report up to date first.
        trigger: Who asked for the run.
    """
    from crawler.sample.portal import SamplePortal
    from crawler.sample.programme import BASE_YEAR

    session = prepare(
        SAMPLE_KEY,
        db=db,
        recheck="all" if advance else recheck,
        trigger=trigger,
        display=display,
        seeds=seeds,
        narrowing=narrowing,
        roster=roster,
    )
    last = session.planning.last_run_options(SAMPLE_KEY).get(YEAR_OPTION, 0)
    year = int(last) + int(advance)
    session.options[YEAR_OPTION] = year
    # The portal publishes when it is advanced, not when a year of ours has passed.
    session.guide.season = BASE_YEAR + year
    with LoopbackServer(SamplePortal(year)) as server:
        session.proxy = server.proxy_url
        return run_session(session, workers=workers, ocr=ocr)
