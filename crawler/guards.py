"""Downloader middlewares that keep the crawl polite and on the declared hosts."""

from __future__ import annotations

import logging
import re
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request as ScrapyRequest
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from archive.records import Outcome
from crawler.addresses import address_problem
from crawler.hosts import host_problem, names_address
from crawler.turns import SESSION

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

    from crawler.pace import Paces
    from crawler.session import Session
    from crawler.site import Site

log = logging.getLogger(__name__)

MAX_CRAWL_DELAY = 60.0
"""Seconds. A longer Crawl-delay in robots.txt (1e9 has been seen elsewhere) is met with this one."""
MAX_RETRY_AFTER = 120.0
"""Seconds we wait inside a run; a longer Retry-After ends the run, the next one continues."""
ROBOTS_MAXSIZE = 512 * 1024
"""Bytes of robots.txt that are read; RFC 9309 asks for at least 500 KiB and lets the rest be ignored."""
TLS, PRIVATE, AT_MOST, RENDER = "tls", "private", "at_most", "render"
"""What a request's meta tells the download handler: the site's TLS exception; that its host may stand in a private
network; that only the first bytes of the answer count; that a browser has to build the page (crawler.browser)."""


_OBJECT = re.compile(r"ssl:<[^>]*>|ssl:default")
"""How aiohttp prints its TLS settings into every connection error."""


class Refused(IgnoreRequest):
    """A request that must not be made; carries its typed outcome to the errback."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail


class Stopped(IgnoreRequest):
    """A request that was not made because its run stops; nothing was decided, it stays queued."""


class EndlessRedirect(Refused):
    """A redirect that comes back to where it was, or a chain longer than we follow."""


class HostGuard:
    """Refuses every request, also redirected ones, that leaves the declared hosts (design rule 10)."""

    def process_request(self, request: Request) -> None:
        """Raises Refused for a host that is not declared."""
        site: Site = request.meta[SESSION].site
        problem = host_problem(request.url, site.hosts)
        if problem is None:
            request.meta[TLS] = site.tls
            request.meta[PRIVATE] = (urlsplit(request.url).hostname or "").lower() in site.private_hosts
            return
        if not request.meta.get("redirect_urls"):
            raise Refused(Outcome.HOST_REFUSED, problem)
        inward = address_problem(urlsplit(request.url).hostname or "") if names_address(request.url) else None
        if inward is not None:
            raise Refused(Outcome.HOST_REFUSED, f"redirected to {request.url[:200]}: {inward}")
        raise Refused(Outcome.MOVED, f"redirected to {request.url[:200]}: {problem}")


class Robots(RobotsTxtMiddleware):
    """robots.txt by RFC 9309: 4xx means none, 5xx and no answer mean that nothing may be fetched for now."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        crawler.spider.turns.when_left.append(self._forget)  # type: ignore[union-attr]

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Raises Refused where robots.txt forbids the request or could not be read, Stopped where the run stops."""
        if request.meta.get("dont_obey_robotstxt"):
            request.meta.setdefault(
                "download_maxsize", ROBOTS_MAXSIZE
            )  # of what comes out when it is unpacked
            request.meta[AT_MOST] = ROBOTS_MAXSIZE
            return
        parser = await self.robot_parser(request)
        session: Session = request.meta[SESSION]
        if session.stopping is not None:
            raise Stopped(session.stopping)
        agent = self._robotstxt_useragent or self._default_useragent
        if isinstance(parser, _Unreadable):
            raise Refused(parser.outcome, f"robots.txt could not be read: {parser.detail}")
        if parser is not None and not parser.allowed(request.url, agent):
            raise Refused(Outcome.ROBOTS, "robots.txt forbids it")

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host; asked for once, by the run that needs them first."""
        parts = urlsplit(request.url)
        netloc = parts.netloc
        if netloc not in self._parsers:
            self._parsers[netloc] = Deferred()
            session: Session = request.meta[SESSION]
            meta = {"dont_obey_robotstxt": True, SESSION: session, "download_slot": session.slot}
            if session.proxy:
                meta["proxy"] = session.proxy
            url = f"{parts.scheme}://{netloc}/robots.txt"
            asked = ScrapyRequest(url, priority=self.DOWNLOAD_PRIORITY, meta=meta, callback=NO_CALLBACK)
            try:
                response = await self.crawler.engine.download_async(asked)
                await self._parse_robots(response, netloc, request)
            except (
                Exception
            ) as error:  # whatever it is, it is the outcome of the requests that wait for the rules
                self._robots_error(error, netloc)
        parser = self._parsers[netloc]
        if isinstance(parser, Deferred):
            return await maybe_deferred_to_future(parser)
        return parser

    def _forget(self, session: Session) -> None:
        """A run is over: the next one asks again, and the rules of 3,000 hosts need not be kept."""
        for host in session.site.hosts:
            if not isinstance(self._parsers.get(host), Deferred):
                self._parsers.pop(host, None)

    async def _parse_robots(self, resp: Response, netloc: str, request: Request) -> None:
        if resp.status >= 500 or resp.status == 429:
            self._unreadable(netloc, Outcome.HTTP_ERROR, f"HTTP {resp.status}")
            return
        if resp.status >= 400:
            resp = resp.replace(body=b"")
        elif len(resp.body) >= ROBOTS_MAXSIZE:
            # Its last line may be half a rule, which would forbid more than it says.
            resp = resp.replace(body=resp.body.rpartition(b"\n")[0])
        await super()._parse_robots(resp, netloc, request)
        self._apply_delay(await self.robot_parser(request), request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if isinstance(exc, EndlessRedirect) or (isinstance(exc, Refused) and exc.outcome is Outcome.MOVED):
            # Off to another site, or round and round (RFC 9309, 2.3.1.2): this host has no robots.txt of its own.
            super()._robots_error(exc, netloc)
            return
        self._unreadable(netloc, outcome_of(exc), describe(exc))

    def _unreadable(self, netloc: str, outcome: Outcome, detail: str) -> None:
        waiting = self._parsers[netloc]
        self._parsers[netloc] = verdict = _Unreadable(outcome, detail)  # type: ignore[assignment]
        waiting.callback(verdict)  # type: ignore[union-attr,arg-type]

    def _apply_delay(self, parser: RobotParser | None, request: Request) -> None:
        rules = getattr(parser, "rp", None)
        asked = rules.crawl_delay(self._default_useragent) if rules is not None else None
        if asked is None:
            return
        session: Session = request.meta[SESSION]
        paces: Paces = self.crawler.spider.turns.paces  # type: ignore[union-attr]
        if asked > session.delay:
            paces.at_least(session.slot, min(float(asked), MAX_CRAWL_DELAY))
            log.info("robots.txt asks for %s s between requests", asked)


class _Unreadable:
    """Stands in the parser table for a host whose robots.txt could not be read."""

    def __init__(self, outcome: Outcome, detail: str) -> None:
        self.outcome = outcome
        self.detail = detail

    def allowed(self, url: str, user_agent: str) -> bool:
        """Nothing is allowed while the rules are unknown."""
        return False


class RetryAfter:
    """Slows a host group down that asks for it: Retry-After, 429 and 503, no answer in time.

    Stands nearer to the network than RetryMiddleware, so that a further attempt waits, too.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._paces: Paces = crawler.spider.turns.paces  # type: ignore[union-attr]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of building components."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Rests as asked, up to MAX_RETRY_AFTER seconds; longer waits are left to the next run."""
        group = request.meta[SESSION].slot
        refused = response.status in (429, 503)
        self._paces.judge(group, refused=refused)
        asked = (
            retry_after((response.headers.get("Retry-After") or b"").decode("latin-1")) if refused else None
        )
        if asked is None:
            return response
        if asked > MAX_RETRY_AFTER:
            request.meta["dont_retry"] = True
            return response
        self._paces.rest(group, asked)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """A request that was not answered in time."""
        if outcome_of(exception) is Outcome.TIMEOUT:
            self._paces.judge(request.meta[SESSION].slot, refused=True)


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
