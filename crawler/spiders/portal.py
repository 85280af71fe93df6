"""PortalSpider, the one spider: columns → entries → reports. A site is data; nothing here knows any portal.

One spider crawls any number of portals at once: every request carries the run it belongs to.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import scrapy
from scrapy import signals

from archive.records import FetchRecord, FrontierEntry, Outcome
from archive.text import bytes_digest
from crawler import refusals
from crawler.following import Cut, follow
from crawler.guards import Stopped, describe, outcome_of
from crawler.pipeline import Fetched
from crawler.platforms.post import same_page
from crawler.reader_pool import ReaderPool
from crawler.readjob import ReadJob
from crawler.turns import SESSION, Turns

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from crawler.session import Session

CUT_ATTEMPTS = 2
"""Fetches of a page that seems cut before it is taken as it is."""


class PortalSpider(scrapy.Spider):
    """Crawls portals as their sites declare them.

    Args:
        site: What ``--site`` takes; only for ``scrapy crawl portal -a site=dongli``.
        db: Where the archive is; default as everywhere.
        turns: The runs, when the caller has begun them (``crawler run`` does).
        readers: The pool that reads pages.
    """

    name = "portal"

    def __init__(
        self,
        site: str | None = None,
        db: str | None = None,
        turns: Turns | None = None,
        readers: ReaderPool | None = None,
        **kwargs: str | None,
    ) -> None:
        super().__init__(**kwargs)
        self._own: Session | None = None
        if turns is None:
            from crawler.prepare import prepare, quiet_libraries

            quiet_libraries()
            self._own = prepare(site or "", db=db)
            self._own.open()
            turns = Turns(self._own)
        self.turns = turns
        self.readers = readers or ReaderPool()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: object, **kwargs: object) -> Self:
        """Connects the signals."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._opened, signals.spider_opened)
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

    def _opened(self) -> None:
        if self.crawler.engine is None:
            raise RuntimeError("a spider is opened by an engine")
        self.turns.begin(self.crawler.engine)

    def _left_downloader(self, request: scrapy.Request) -> None:
        session: Session = request.meta[SESSION]
        entry = request.meta.get("entry")
        if entry is not None:
            session.downloaded(entry)
        self.turns.paces.rest(session.slot)

    def _closed(self, reason: str) -> None:
        self.readers.close()
        for session in self.turns.open:
            session.close_reason = reason
        if self._own is not None:
            self._own.close()

    def _broke(
        self,
        failure: Failure,
        response: Response | Failure | None = None,
        item: Fetched | None = None,
    ) -> None:
        """An error of ours: the run goes no further and says so (design rule 12)."""
        error = failure.value or RuntimeError("unknown")
        if item is not None:
            session, entry = item.session, item.entry
        else:
            request = getattr(response, "request", None)
            if request is None:
                raise error
            session, entry = request.meta[SESSION], request.meta["entry"]
        session.broke(error)
        session.lost(entry)

    # -- answers ------------------------------------------------------------------------------

    async def parse(self, response: Response) -> AsyncIterator[Any]:
        """Types an answer, has it read, yields it for the archive."""
        request = _request_of(response)
        session: Session = request.meta[SESSION]
        entry: FrontierEntry = request.meta["entry"]
        session.downloaded(entry)
        fetch = await self._fetched(session, entry, response)
        if fetch is None:
            attempt = request.meta.get("cut_attempt", 1) + 1
            yield request.replace(
                meta={**request.meta, "cut_attempt": attempt},
                headers={k: v for k, v in request.headers.items() if not k.lower().startswith(b"if-")},
                dont_filter=True,
            )
            return
        session.answered(fetch)
        yield Fetched(session, entry, fetch)

    async def failed(self, failure: Failure) -> AsyncIterator[Any]:
        """Types a request that got no answer."""
        request = failure.request  # type: ignore[attr-defined]
        session: Session = request.meta[SESSION]
        entry: FrontierEntry = request.meta["entry"]
        error = failure.value or RuntimeError("unknown")
        if isinstance(error, Stopped):  # nobody was asked
            session.lost(entry)
            return
        session.downloaded(entry)
        fetch = FetchRecord(
            frontier_id=entry.id,
            requested_url=entry.fetch_url,
            fetched_at=session.clock(),
            outcome=outcome_of(error),
            final_url=request.url,
            redirects=tuple(request.meta.get("redirect_urls", ())),
            detail=describe(error),
        )
        session.answered(fetch)
        yield Fetched(session, entry, fetch)

    async def _fetched(
        self, session: Session, entry: FrontierEntry, response: Response
    ) -> FetchRecord | None:
        """The record of an answer; None asks for one more fetch of a page that seems cut."""
        request = _request_of(response)
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        final_url = same_page(entry.fetch_url, response.url)
        base: dict[str, Any] = {
            "frontier_id": entry.id,
            "requested_url": entry.fetch_url,
            "fetched_at": request.meta.get("recorded_at") or session.clock(),
            "final_url": final_url,
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
        if session.home.shows(final_url, response.body):
            detail = "the home page under another address"
            return FetchRecord(**base, outcome=Outcome.SOFT_404, detail=detail, body=response.body)
        if bytes_digest(response.body) == entry.payload_sha256:
            # The very bytes we hold need no second reading; the store answers for them from memory.
            return FetchRecord(**base, outcome=Outcome.OK, body=response.body)
        job = ReadJob(
            kind=entry.kind,
            url=entry.url,
            final_url=final_url,
            status=response.status,
            body=response.body,
            content_type=headers.get("content-type"),
            disposition=headers.get("content-disposition"),
            site=session.site,
            title=entry.title,
            listed_date=entry.listed_date,
            column=entry.column,
            fetched=base["fetched_at"].date(),
        )
        result = await self.readers.read(job)
        if result.more:
            followed = await follow(self, session, entry, job, result)
            if followed is None:
                return None  # the run stops, and with it the further fetch that is asked for here
            if isinstance(followed, Cut):
                return FetchRecord(
                    **base,
                    outcome=Outcome.CUT_SHORT,
                    body=response.body,
                    detail=followed.detail,
                    parts=followed.parts,
                )
            job, result = followed.job, followed.result
        read_so_far = bytes_digest(
            (result.extraction.text if result.extraction else repr(result.links)).encode()
        )
        if not result.ends and request.meta.get("cut_read") != read_so_far:
            # Some portals never close their tags: what reads the same twice is how the page is.
            if first:
                request.meta["cut_read"] = read_so_far
                return None
            detail = f"the page ends in the middle, after {len(response.body)} bytes"
            return FetchRecord(
                **base, outcome=Outcome.CUT_SHORT, body=response.body, detail=detail, parts=job.parts
            )
        return FetchRecord(
            **base,
            outcome=result.outcome,
            detail=result.detail,
            body=response.body,
            extraction=result.extraction,
            listing=result.listing,
            links=result.links,
            parts=job.parts,
        )


def _request_of(response: Response) -> scrapy.Request:
    if response.request is None:
        raise TypeError("Scrapy gives every response of a crawl its request")
    return response.request
