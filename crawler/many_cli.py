"""``crawler run --all | --province | --city | --platform``: the command's part for many portals."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.identity import warn_without_contact
from crawler.many_choice import choose
from crawler.many_display import LiveTable, ManyDisplay, ManyJson, ManyLines
from crawler.many_result import show
from crawler.many_run import run_many

if TYPE_CHECKING:
    from crawler.narrowing import Narrowing
    from crawler.session import Recheck
    from crawler.window import Window


def run(
    *,
    province: str | None,
    city: str | None,
    platform: str | None,
    budget: int | None,
    at_once: int,
    window: Window | None,
    db: str | None,
    recheck: Recheck,
    narrowing: Narrowing | None,
    seeds: Path | None,
    ocr: bool,
    trigger: str,
    as_json: bool,
    plain: bool,
) -> int:
    """Crawls many portals, shows how and what came of it; returns the exit code.

    Raises:
        crawler.errors.CrawlerError: Nothing fits; the seeds are missing or damaged.
        archive.errors.ArchiveError: The archive could not be written.
    """
    choice = choose(province=province, city=city, platform=platform, seeds=seeds)
    warn_without_contact()
    result = run_many(
        choice,
        db=db,
        recheck=recheck,
        at_once=at_once,
        budget=budget,
        window=window,
        narrowing=narrowing,
        display=_display(as_json=as_json, plain=plain),
        seeds=seeds,
        ocr=ocr,
        trigger=trigger,
        roster=True,
    )
    if not as_json:
        from archive.consoles import console

        show(result, console(in_pipe=160))
    return result.exit_code


def _display(*, as_json: bool, plain: bool) -> ManyDisplay:
    if as_json:
        return ManyJson()
    return ManyLines() if plain or not sys.stderr.isatty() else LiveTable()
