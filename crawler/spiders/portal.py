"""PortalSpider, the one spider: columns → entries → reports. A site is data; nothing here knows any portal."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import scrapy
from scrapy import signals

from archive.records import FetchRecord, FrontierEntry, Outcome
from crawler import refusals
from crawler.guards import describe, outcome_of
from crawler.pipeline import Fetched
from crawler.reader_pool import ReaderPool
from crawler.readjob import ReadJob
from crawler.session import Session
from crawler.site import Site

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

CUT_ATTEMPTS = 2
"""Fetches of a page that seems cut before it is taken as it is."""


class PortalSpider(scrapy.Spider):
    """Crawls one portal as its site declares it.

    Args:
        site: What ``--site`` takes; only for ``scrapy crawl portal -a site=dongli``.
        db: Where the archive is; default as everywhere.
        session: The run, when the caller has prepared it (``crawler run`` does).
        readers: The pool that reads pages.
    """

    name = "portal"

    def __init__(
        self,
        site: str | None = None,
        db: str | None = None,
        session: Session | None = None,
        readers: ReaderPool | None = None,
        **kwargs: str | None,
    ) -> None:
        super().__init__(**kwargs)
        if session is None:
            from crawler.prepare import prepare, quiet_libraries

            quiet_libraries()
            session = prepare(site or "", db=db)
            session.open()
            self._owns_session = True
        else:
            self._owns_session = False
        self.session = session
        self.site: Site = session.site
        self.readers = readers or ReaderPool()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: object, **kwargs: object) -> Self:
        """Applies the site's delay to its download slot and connects the signals."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        session = spider.session
        # A setting, not a slot made by hand: Scrapy forgets slots that were idle for a minute.
        slot = {"concurrency": session.concurrency, "delay": session.delay, "jitter": 0.0}
        crawler.settings.set("DOWNLOAD_SLOTS", {session.slot: slot}, priority="spider")
        crawler.signals.connect(spider._left_downloader, signals.request_left_downloader)
        crawler.signals.connect(spider._closed, signals.spider_closed)
        crawler.signals.connect(spider._broke, signals.spider_error)
        crawler.signals.connect(spider._broke, signals.item_error)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Requests come from the frontier; nothing starts here."""
        empty: tuple[scrapy.Request, ...] = ()
        for request in empty:
            yield request

    def _left_downloader(self, request: scrapy.Request) -> None:
        entry = request.meta.get("entry")
        if entry is not None:
            self.session.downloaded(entry)
        slot = self.crawler.engine.downloader.slots.get(self.session.slot) if self.crawler.engine else None
        if slot is not None:
            # The pause runs from the end of an answer, not from the start of its request: connecting takes time,
            # and the portal would see a shorter gap than we promise (72 ms for 80 ms were measured).
            slot.lastseen = time.monotonic()

    def _closed(self, reason: str) -> None:
        self.readers.close()
        self.session.close_reason = reason
        if self._owns_session:
            self.session.close()

    def _broke(self, failure: Failure) -> None:
        """An error of ours: the run goes no further and says so (design rule 12)."""
        self.session.broke(failure.value or RuntimeError("unknown"))

    # -- answers ------------------------------------------------------------------------------

    async def parse(self, response: Response) -> AsyncIterator[Any]:
        """Types an answer, has it read, yields it for the archive."""
        request = _request_of(response)
        entry: FrontierEntry = request.meta["entry"]
        self.session.downloaded(entry)
        fetch = await self._fetched(entry, response)
        if fetch is None:
            attempt = request.meta.get("cut_attempt", 1) + 1
            yield request.replace(
                meta={**request.meta, "cut_attempt": attempt},
                headers={k: v for k, v in request.headers.items() if not k.lower().startswith(b"if-")},
                dont_filter=True,
            )
            return
        self.session.answered(fetch)
        yield Fetched(entry, fetch)

    async def failed(self, failure: Failure) -> AsyncIterator[Any]:
        """Types a request that got no answer."""
        request = failure.request  # type: ignore[attr-defined]
        entry: FrontierEntry = request.meta["entry"]
        error = failure.value or RuntimeError("unknown")
        self.session.downloaded(entry)
        fetch = FetchRecord(
            frontier_id=entry.id,
            requested_url=entry.fetch_url,
            fetched_at=self.session.clock(),
            outcome=outcome_of(error),
            final_url=request.url,
            redirects=tuple(request.meta.get("redirect_urls", ())),
            detail=describe(error),
        )
        self.session.answered(fetch)
        yield Fetched(entry, fetch)

    async def _fetched(self, entry: FrontierEntry, response: Response) -> FetchRecord | None:
        """The record of an answer; None asks for one more fetch of a page that seems cut."""
        request = _request_of(response)
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        base: dict[str, Any] = {
            "frontier_id": entry.id,
            "requested_url": entry.fetch_url,
            "fetched_at": self.session.clock(),
            "final_url": response.url,
            "redirects": tuple(request.meta.get("redirect_urls", ())),
            "status": response.status,
            "headers": headers,
            "media_type": (headers.get("content-type") or "").partition(";")[0].strip().lower() or None,
        }
        first = request.meta.get("cut_attempt", 1) < CUT_ATTEMPTS
        if "dataloss" in response.flags:
            if first:
                return None
            detail = f"the connection ended after {len(response.body)} bytes"
            return FetchRecord(**base, outcome=Outcome.CUT_SHORT, body=response.body, detail=detail)
        refusal = refusals.by_status(response.status, headers, response.body)
        if refusal is not None:
            return FetchRecord(
                **base, outcome=refusal.outcome, detail=refusal.detail, body=response.body or None
            )
        base["etag"] = headers.get("etag")
        base["last_modified"] = headers.get("last-modified")
        if response.status == 304:
            return FetchRecord(**base, outcome=Outcome.NOT_MODIFIED)
        if _digest(response.body) == entry.payload_sha256:
            # The very bytes we hold need no second reading; the store answers for them from memory.
            return FetchRecord(**base, outcome=Outcome.OK, body=response.body)
        result = await self.readers.read(
            ReadJob(
                kind=entry.kind,
                url=entry.url,
                final_url=response.url,
                status=response.status,
                body=response.body,
                content_type=headers.get("content-type"),
                disposition=headers.get("content-disposition"),
                site=self.site,
                title=entry.title,
                listed_date=entry.listed_date,
                column=entry.column,
            )
        )
        read_so_far = _digest((result.extraction.text if result.extraction else repr(result.links)).encode())
        if not result.ends and request.meta.get("cut_read") != read_so_far:
            # Some portals never close their tags: what reads the same twice is how the page is.
            if first:
                request.meta["cut_read"] = read_so_far
                return None
            detail = f"the page ends in the middle, after {len(response.body)} bytes"
            return FetchRecord(**base, outcome=Outcome.CUT_SHORT, body=response.body, detail=detail)
        return FetchRecord(
            **base,
            outcome=result.outcome,
            detail=result.detail,
            body=response.body,
            extraction=result.extraction,
            listing=result.listing,
            links=result.links,
        )


def _request_of(response: Response) -> scrapy.Request:
    if response.request is None:
        raise TypeError("Scrapy gives every response of a crawl its request")
    return response.request


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
