"""Downloader middlewares that keep the crawl polite and on the declared hosts."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest

from archive.records import Outcome
from crawler.hosts import host_problem

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

log = logging.getLogger(__name__)

MAX_CRAWL_DELAY = 60.0
"""Seconds. A longer Crawl-delay in robots.txt (1e9 has been seen elsewhere) is met with this one."""
MAX_RETRY_AFTER = 120.0
"""Seconds we wait inside a run; a longer Retry-After ends the run, the next one continues."""
ROBOTS_MAXSIZE = 512 * 1024
"""Bytes. RFC 9309 asks for at least 500 KiB."""


_OBJECT = re.compile(r"ssl:<[^>]*>|ssl:default")
"""How aiohttp prints its TLS settings into every connection error."""


class Refused(IgnoreRequest):
    """A request that must not be made; carries its typed outcome to the errback."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail


class HostGuard:
    """Refuses every request, also redirected ones, that leaves the declared hosts (design rule 10)."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of building components."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises Refused for a host that is not declared."""
        spider = self._crawler.spider
        problem = host_problem(request.url, spider.site.hosts)  # type: ignore[union-attr]
        if problem is None:
            return
        trail = request.meta.get("redirect_urls")
        if trail:
            raise Refused(Outcome.MOVED, f"redirected to {request.url}: {problem}")
        raise Refused(Outcome.HOST_REFUSED, problem)


class Robots(RobotsTxtMiddleware):
    """robots.txt by RFC 9309: 4xx means none, 5xx and no answer mean that nothing may be fetched for now."""

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Raises Refused where robots.txt forbids the request or could not be read."""
        if request.meta.get("dont_obey_robotstxt"):
            request.meta.setdefault("download_maxsize", ROBOTS_MAXSIZE)
            self._inherit(request)
            return
        parser = await self.robot_parser(request)
        agent = self._robotstxt_useragent or self._default_useragent
        if isinstance(parser, _Unreadable):
            raise Refused(parser.outcome, f"robots.txt could not be read: {parser.detail}")
        if parser is not None and not parser.allowed(request.url, agent):
            raise Refused(Outcome.ROBOTS, "robots.txt forbids it")

    def _inherit(self, request: Request) -> None:
        """The robots request goes the way of the site's other requests: same slot, same proxy."""
        session = self.crawler.spider.session  # type: ignore[union-attr]
        request.meta["download_slot"] = session.slot
        if session.proxy:
            request.meta["proxy"] = session.proxy

    async def _parse_robots(self, resp: Response, netloc: str, request: Request) -> None:
        if resp.status >= 500 or resp.status == 429:
            self._unreadable(netloc, Outcome.HTTP_ERROR, f"HTTP {resp.status}")
            return
        if resp.status >= 400:
            resp = resp.replace(body=b"")
        await super()._parse_robots(resp, netloc, request)
        self._apply_delay(await self.robot_parser(request))

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if isinstance(exc, Refused) and exc.outcome is Outcome.MOVED:
            # Off to another site: this host has no robots.txt of its own.
            super()._robots_error(exc, netloc)
            return
        self._unreadable(netloc, outcome_of(exc), describe(exc))

    def _unreadable(self, netloc: str, outcome: Outcome, detail: str) -> None:
        waiting = self._parsers[netloc]
        self._parsers[netloc] = verdict = _Unreadable(outcome, detail)  # type: ignore[assignment]
        waiting.callback(verdict)  # type: ignore[union-attr,arg-type]

    def _apply_delay(self, parser: RobotParser | None) -> None:
        rules = getattr(parser, "rp", None)
        asked = rules.crawl_delay(self._default_useragent) if rules is not None else None
        if asked is None:
            return
        session = self.crawler.spider.session  # type: ignore[union-attr]
        slot = self.crawler.engine.downloader.slots.get(session.slot)
        if slot is not None and asked > slot.delay:
            slot.delay = min(float(asked), MAX_CRAWL_DELAY)
            log.info("robots.txt asks for %s s between requests, keeping %s s", asked, slot.delay)


class _Unreadable:
    """Stands in the parser table for a host whose robots.txt could not be read."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        self.outcome = outcome
        self.detail = detail

    def allowed(self, url: str, user_agent: str) -> bool:
        """Nothing is allowed while the rules are unknown."""
        return False


class RetryAfter:
    """Honours Retry-After on 429 and 503: the slot sleeps, then the request is tried again by RetryMiddleware."""

    async def process_response(self, request: Request, response: Response) -> Response:
        """Waits as asked, up to MAX_RETRY_AFTER seconds; longer waits are left to the next run."""
        if response.status not in (429, 503):
            return response
        asked = retry_after((response.headers.get("Retry-After") or b"").decode("latin-1"))
        if asked is None:
            return response
        if asked > MAX_RETRY_AFTER:
            request.meta["dont_retry"] = True
            return response
        await asyncio.sleep(asked)
        return response


def retry_after(value: str, now: datetime | None = None) -> float | None:
    """Seconds asked for by a Retry-After header (delta or date form), None if there is none to be read."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(min(int(value), 10**7))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.fromtimestamp(time.time(), UTC))).total_seconds())


def outcome_of(error: BaseException) -> Outcome:
    """Types a failure of the downloader."""
    from scrapy.exceptions import (
        CannotResolveHostError,
        DownloadCancelledError,
        DownloadConnectionRefusedError,
        DownloadTimeoutError,
        ResponseDataLossError,
        UnsupportedURLSchemeError,
    )

    if isinstance(error, Refused):
        return error.outcome
    table: tuple[tuple[tuple[type[BaseException], ...], Outcome], ...] = (
        ((DownloadTimeoutError, TimeoutError), Outcome.TIMEOUT),
        ((DownloadCancelledError,), Outcome.TOO_LARGE),
        ((ResponseDataLossError,), Outcome.CUT_SHORT),
        ((UnsupportedURLSchemeError,), Outcome.HOST_REFUSED),
        ((CannotResolveHostError, DownloadConnectionRefusedError), Outcome.UNREACHABLE),
        ((IgnoreRequest,), Outcome.TOO_LARGE),  # decompression over the limit arrives so
    )
    for kinds, outcome in table:
        if isinstance(error, kinds):
            return outcome
    return Outcome.UNREACHABLE


def describe(error: BaseException) -> str:
    """One line about a failure, without the library's tail of tracebacks."""
    text = " ".join(_OBJECT.sub("", str(error)).split()) or type(error).__name__
    return text[:200]
