"""Fetches the further pages of an article, one after another, until a reader has all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import scrapy

from archive.records import FetchRecord, FrontierEntry, Outcome, PartRecord
from crawler import refusals
from crawler.guards import Stopped, describe, outcome_of
from crawler.platforms.base import Page
from crawler.turns import SESSION

if TYPE_CHECKING:
    from scrapy.http import Response

    from crawler.readjob import ReadJob, ReadResult
    from crawler.session import Session
    from crawler.spiders.portal import PortalSpider

ROUNDS = 6
"""Readings of one article: each may learn of further pages from those fetched before it."""
ATTEMPTS = 2
"""Fetches of a page whose connection breaks."""


@dataclass(frozen=True)
class Whole:
    """An article of which every page is there."""

    job: ReadJob
    result: ReadResult


@dataclass(frozen=True)
class Cut:
    """An article of which a page could not be had."""

    detail: str
    parts: tuple[PartRecord, ...]
    """What was fetched before it, and its own answer if that had a body."""


async def follow(
    spider: PortalSpider, session: Session, entry: FrontierEntry, job: ReadJob, result: ReadResult
) -> Whole | Cut | None:
    """Fetches what a reading asks for, and has the article read again with it.

    The requests go the way of all others: same download slot and pause, robots.txt, host guard, retries.

    Args:
        spider: The crawl.
        session: The run.
        entry: The article.
        job: What the reader was given.
        result: What it answered.

    Returns:
        The article as it was read whole, or what it lacks; None if the run stops: then nothing was decided.
    """
    for _ in range(ROUNDS):
        if not result.more:
            return Whole(job, result)
        for url in result.more:
            got = await _fetch(spider, session, entry, url, number=len(job.parts) + 2)
            if got is None:
                return None
            if isinstance(got, Cut):
                return replace(got, parts=(*job.parts, *got.parts))
            job = replace(job, parts=(*job.parts, got))
        result = await spider.readers.read(job)
    if not result.more:
        return Whole(job, result)
    return Cut(f"the article's pages lead on and on: {result.more[0]}", job.parts)


async def _fetch(
    spider: PortalSpider, session: Session, entry: FrontierEntry, url: str, *, number: int
) -> PartRecord | Cut | None:
    engine = spider.crawler.engine
    if engine is None:
        raise RuntimeError("a spider reads answers only while its engine runs")
    meta: dict[str, object] = {"entry": entry, SESSION: session, "download_slot": session.slot}
    if session.proxy:
        meta["proxy"] = session.proxy
    said = ""
    for attempt in range(1, ATTEMPTS + 1):
        if session.stopping:
            return None
        session.follows(entry)
        request = scrapy.Request(url, meta=dict(meta), dont_filter=True)
        try:
            response = await engine.download_async(request)
        except Stopped:
            session.downloaded(entry)
            return None
        except Exception as error:  # whatever the errback of a first page would get
            outcome, said, part = outcome_of(error), describe(error), None
        else:
            part = _part(response, url, session.clock())
            outcome, said = _judge(response, part)
        session.downloaded(entry)
        session.followed(
            FetchRecord(
                frontier_id=entry.id,
                requested_url=url,
                fetched_at=session.clock(),
                outcome=outcome,
                detail=said,
            )
        )
        if outcome is Outcome.OK and part is not None:
            return part
        if outcome is not Outcome.CUT_SHORT or attempt == ATTEMPTS:
            break
    kept = (part,) if part is not None and part.body else ()
    return Cut(f"page {number} of the article, {url}: {said}", kept)


def _part(response: Response, url: str, now: datetime) -> PartRecord:
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    return PartRecord(
        requested_url=url,
        final_url=response.url,
        fetched_at=now,
        status=response.status,
        headers=headers,
        body=response.body,
        media_type=(headers.get("content-type") or "").partition(";")[0].strip().lower() or None,
    )


def _judge(response: Response, part: PartRecord) -> tuple[Outcome, str]:
    if "dataloss" in response.flags:
        return Outcome.CUT_SHORT, f"the connection ended after {len(part.body)} bytes"
    refusal = refusals.by_status(part.status, part.headers, part.body)
    if refusal is None:
        refusal = refusals.by_text(Page(part.final_url, part.body, part.headers.get("content-type")).text)
    if refusal is not None:
        return refusal.outcome, refusal.detail
    return Outcome.OK, ""
