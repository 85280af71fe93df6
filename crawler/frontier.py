"""The crawl frontier as Scrapy's scheduler: a table of the archive database, not a queue in memory.

Scrapy's own JOBDIR, killed hard, silently drops what was queued; here a URL leaves the queue
only in the transaction that stores its answer, so starting again is the recovery.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

from crawler.session import Session

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from archive.records import FrontierEntry
    from crawler.spiders.portal import PortalSpider

BATCH = 50
"""Rows taken from the table at once. A lead found meanwhile waits for at most that many."""


class FrontierScheduler(BaseScheduler):
    """Hands out frontier entries, best first, one per free place of the host group.

    Handing out no more than the downloader can start keeps the order meaningful: a better lead
    found on the page just read goes before the pages listed earlier.
    """

    def __init__(self) -> None:
        self._continued: deque[Request] = deque()
        self._batch: deque[FrontierEntry] = deque()
        self._batch_generation = -1
        self._session: Session | None = None
        self._spider: PortalSpider | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of building components."""
        return cls()

    def open(self, spider: PortalSpider) -> None:  # type: ignore[override]  # the one spider there is
        """Takes the run's session from the spider."""
        self._spider = spider
        self._session = spider.session

    def has_pending_requests(self) -> bool:
        """True while something is queued that this run has not fetched."""
        session = self._live()
        return session is not None and (bool(self._continued) or self._fill(session))

    def enqueue_request(self, request: Request) -> bool:
        """Takes back a request in flight: a redirect or a retry. New URLs come only through the archive."""
        self._continued.append(request)
        return True

    def next_request(self) -> Request | None:
        """The best entry, or None while the host group is busy or nothing is queued."""
        session = self._live()
        if session is None:
            return None  # a redirect or retry under way is dropped, too: its entry is still queued for the next run
        if self._continued:
            return self._continued.popleft()
        if session.busy or not self._fill(session):
            return None
        entry = self._batch.popleft()
        session.started(entry)
        request = request_for(entry, session)
        request.callback = self._spider.parse  # type: ignore[union-attr]
        request.errback = self._spider.failed  # type: ignore[union-attr]
        return request

    def _live(self) -> Session | None:
        if self._session is None or self._session.stopping:
            return None
        return self._session

    def _fill(self, session: Session) -> bool:
        """Makes sure the batch holds the current best rows; re-asks the table after every change to the queue."""
        if self._batch_generation != session.queue_generation:
            self._batch.clear()
        if not self._batch:
            self._batch.extend(session.next_entries(BATCH))
            self._batch_generation = session.queue_generation
        return bool(self._batch)


def request_for(entry: FrontierEntry, session: Session) -> Request:
    """Builds the request of an entry, conditional where an earlier answer gave validators.

    Args:
        entry: What to fetch.
        session: The run it belongs to; names the download slot and the proxy of the sample portal.
    """
    headers: dict[str, str] = {}
    if entry.payload_sha256:
        if entry.etag:
            headers["If-None-Match"] = entry.etag
        if entry.last_modified:
            headers["If-Modified-Since"] = entry.last_modified
    meta: dict[str, object] = {"entry": entry, "download_slot": session.slot}
    if session.proxy:
        meta["proxy"] = session.proxy
    return Request(entry.fetch_url, headers=headers, meta=meta, dont_filter=True)
