"""The crawl frontier as Scrapy's scheduler: a table of the archive database, not a queue in memory.

Scrapy's own JOBDIR, killed hard, silently drops what was queued; here a URL leaves the queue
only in the transaction that stores its answer, so starting again is the recovery.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

from archive.errors import ArchiveError
from archive.records import FrontierKind
from crawler.guards import RENDER
from crawler.platforms.post import split_post
from crawler.session import Session
from crawler.turns import SESSION, Turns

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from archive.records import FrontierEntry
    from crawler.spiders.portal import PortalSpider

log = logging.getLogger(__name__)

BATCH = 50
"""Rows taken from the table at once. A lead found meanwhile waits for at most that many."""


@dataclass
class _Lane:
    """What waits of one run."""

    continued: deque[Request] = field(default_factory=deque)
    batch: deque[FrontierEntry] = field(default_factory=deque)
    generation: int = -1
    answers: int = -1
    whole: bool = False
    """The batch was all there is."""


class FrontierScheduler(BaseScheduler):
    """Hands out frontier entries, best first, one per free place of a host group; portals in turn.

    Handing out no more than the downloader can start keeps the order meaningful: a better lead
    found on the page just read goes before the pages listed earlier. And a portal that does not
    answer keeps no other one waiting.
    """

    def __init__(self) -> None:
        self._lanes: dict[Session, _Lane] = {}
        self._turns = Turns()
        self._spider: PortalSpider | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of building components."""
        return cls()

    def open(self, spider: PortalSpider) -> None:  # type: ignore[override]  # the one spider there is
        """Takes the runs from the spider."""
        self._spider = spider
        self._turns = spider.turns
        self._turns.when_left.append(lambda session: self._lanes.pop(session, None))

    def has_pending_requests(self) -> bool:
        """True while a run goes on, or another one may begin. Scrapy asks only when nothing is under way."""
        for session in tuple(self._turns.open):
            if not session.idle and not self._lane(session).continued:
                session.broke(RuntimeError("nothing is under way, but answers are still waited for"))
                session.forget()
        return self._turns.going_on

    def enqueue_request(self, request: Request) -> bool:
        """Takes back a request in flight: a redirect or a retry. New URLs come only through the archive."""
        self._lane(request.meta[SESSION]).continued.append(request)
        return True

    def next_request(self) -> Request | None:
        """The best entry of the portal whose turn it is; None while all host groups are busy or nothing is queued."""
        waiting = self._turns.open
        for _ in range(len(waiting)):
            if not waiting:
                break
            session = waiting[0]
            waiting.rotate(-1)
            request = self.next_of(session)
            if request is not None:
                return request
        return None

    def next_of(self, session: Session) -> Request | None:
        """The next request of one run; a run that has nothing left to do leaves."""
        lane = self._lane(session)
        try:
            if session.stopping is None:
                request = self._next(session, lane)
                if request is not None:
                    return request
        except ArchiveError as error:
            self._turns.failed(session, error)
        except Exception as error:  # ours: this run goes no further and says so, the others do
            log.exception("%s: the frontier failed", session.site.key)
            session.broke(error)
        if session.stopping is not None:
            # A redirect or retry under way is dropped, too: its entry is still queued for the next run.
            while lane.continued:
                session.lost(lane.continued.popleft().meta["entry"])
        if session.idle:
            self._turns.left(session)
        return None

    def _next(self, session: Session, lane: _Lane) -> Request | None:
        if lane.continued:
            request = lane.continued.popleft()
            session.follows(request.meta["entry"])
            return request
        if session.busy or not self._fill(session, lane):
            return None
        entry = lane.batch.popleft()
        request = request_for(entry, session)
        session.started(entry)
        request.callback = self._spider.parse  # type: ignore[union-attr]
        request.errback = self._spider.failed  # type: ignore[union-attr]
        return request

    def _lane(self, session: Session) -> _Lane:
        lane = self._lanes.get(session)
        if lane is None:
            lane = self._lanes[session] = _Lane()
        return lane

    def _fill(self, session: Session, lane: _Lane) -> bool:
        """Makes sure the batch holds the current best rows.

        The table is asked again when new leads may have come, and before a run is taken for done. Not after every
        answer: that was a quarter of the crawl's own time.
        """
        ended = not lane.batch and (lane.answers != session.tally.requests or not lane.whole)
        if lane.generation != session.queue_generation or ended:
            entries = session.next_entries(BATCH)
            lane.batch = deque(entries)
            lane.whole = len(entries) < BATCH
            lane.generation = session.queue_generation
            lane.answers = session.tally.requests
        return bool(lane.batch)


def request_for(entry: FrontierEntry, session: Session) -> Request:
    """Builds the request of an entry, conditional where an earlier answer gave validators.

    An address of a POST (:mod:`crawler.platforms.post`) becomes that POST, never conditional: ``If-None-Match`` makes
    sense for a GET only.

    Args:
        entry: What to fetch.
        session: The run it belongs to; names the download slot and the proxy of the sample portal, goes with the
            request.
    """
    headers: dict[str, str] = {}
    post = split_post(entry.fetch_url)
    rendered = session.site.browser and entry.kind in (FrontierKind.COLUMN, FrontierKind.HUB) and post is None
    # A page that scripts fill stays the same itself while its list changes.
    if entry.payload_sha256 and post is None and not rendered:
        if entry.etag:
            headers["If-None-Match"] = entry.etag
        if entry.last_modified:
            headers["If-Modified-Since"] = entry.last_modified
    meta: dict[str, object] = {"entry": entry, SESSION: session, "download_slot": session.slot}
    if rendered:
        meta[RENDER] = True
    if session.proxy:
        meta["proxy"] = session.proxy
    if post is not None:
        headers["Content-Type"] = post.content_type
        return Request(post.url, method="POST", body=post.body, headers=headers, meta=meta, dont_filter=True)
    return Request(entry.fetch_url, headers=headers, meta=meta, dont_filter=True)
