"""List pages that only a browser builds (the extra ``browser``, switched on by ``browser = true`` in a site file).

The page is fetched as every other one, under the same rules, and judged by its status: a challenge is a result and
never shown to a browser. What was received is then given to Chromium as the document. Chromium itself asks nobody: the
scripts and data that the page wants are fetched by the crawler's own engine, so that robots.txt, declared hosts, public
addresses, limits and the User-Agent hold for them, too. A second document (what challenges load once they are solved)
is refused. Read and kept is what the page has become, with the digest of what was received among its headers.

scrapy-playwright was measured and left: it refuses to start without Twisted's reactor, which this crawl does without.
Playwright is therefore driven directly.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
from asyncio import Lock, ensure_future
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.exceptions import DownloadFailedError, IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from archive.text import bytes_digest
from crawler.errors import BrowserUnavailable
from crawler.guards import RENDER
from crawler.hosts import host_problem
from crawler.refusals import by_status
from crawler.turns import SESSION

if TYPE_CHECKING:
    from typing import Self

    from playwright.async_api import Browser, BrowserContext, Page, Playwright, Route
    from playwright.async_api import Request as PageRequest
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.session import Session

log = logging.getLogger(__name__)

HEADER = "X-Archive-Rendered"
"""Added to the headers of a rendered page: the browser, what it asked for, the digest of the page as received."""
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
MOST_ASKED = 60
"""Scripts and data that one page may ask for; the heaviest list page of the examples (facts/platforms.md) has 31."""
MOST_SECONDS = 300.0
"""How long a page may take: all of those, with the portal's pause between them. Then it is taken as it is."""
_SENT = frozenset({"accept", "content-type", "referer", "x-requested-with"})
_NEEDED = frozenset({"script", "xhr", "fetch"})
_CHARACTERS = 20 * 1024 * 1024


def check() -> str:
    """The browser's program.

    Raises:
        BrowserUnavailable: The extra or the program is missing.
    """
    if importlib.util.find_spec("playwright") is None:
        raise BrowserUnavailable(
            "this site's lists need a browser: pip install 'fazhi-archive[browser]', and a Chromium of the system"
        )
    named = os.environ.get("FAZHI_CHROMIUM")
    found = next(filter(None, map(shutil.which, (named,) if named else PROGRAMS)), None)
    if found is None:
        raise BrowserUnavailable(
            f"no browser at {named}"
            if named
            else "this site's lists need a browser: install Chromium (apt install chromium), or set FAZHI_CHROMIUM"
        )
    return found


@dataclass
class _Visit:
    """One page in the making."""

    session: Session
    given: Response
    shown: bool = False
    asked: int = 0


class Renderer:
    """Shows pages to one Chromium, started when the first page needs it.

    Args:
        program: The browser's program.
        user_agent: What the crawl says everywhere else.
        fetch: Makes one request by the rules of the crawl.
    """

    def __init__(
        self, program: str, user_agent: str, fetch: Callable[[Request], Awaitable[Response]]
    ) -> None:
        self._program = program
        self._user_agent = user_agent
        self._fetch = fetch
        self._driver: Playwright | None = None
        self._browser: Browser | None = None
        self._starting = Lock()
        self._scripts: WeakKeyDictionary[Session, dict[str, Response]] = WeakKeyDictionary()

    async def render(self, request: Request, response: Response) -> Response:
        """What a page has become in a browser; the response as it is where it is a refusal or no page.

        Args:
            request: What was asked for; its meta names the run.
            response: What was received.

        Raises:
            DownloadFailedError: The browser could not be started, or did not show the page.
        """
        headers = {k.decode().lower(): v[0].decode("latin-1") for k, v in response.headers.items() if v}
        if response.status != 200 or by_status(response.status, headers, response.body) is not None:
            return response
        if "html" not in headers.get("content-type", "html"):
            return response
        from playwright.async_api import Error

        session: Session = request.meta[SESSION]
        visit = _Visit(session, response)
        try:
            browser = await self._started()
            context = await self._context(browser)
            try:
                content = await self._shown(context, visit)
            finally:
                await context.close()
        except Error as error:
            raise DownloadFailedError(f"the browser failed: {str(error).splitlines()[0]}") from error
        received = bytes_digest(response.body)
        said = f"Chromium {browser.version}; asked {visit.asked}; received sha256={received}"
        made = response.headers.copy()
        made["Content-Type"] = "text/html; charset=utf-8"
        made[HEADER] = said
        for name in ("ETag", "Last-Modified", "Content-Length", "Content-Encoding"):
            made.pop(name, None)  # they are of what was received
        return response.replace(body=content.encode("utf-8", "replace"), headers=made)

    async def close(self) -> None:
        """Ends the browser."""
        if self._browser is not None:
            await self._browser.close()
        if self._driver is not None:
            await self._driver.stop()

    async def _started(self) -> Browser:
        async with self._starting:
            if self._browser is None or not self._browser.is_connected():
                from playwright.async_api import async_playwright

                self._driver = self._driver or await async_playwright().start()
                self._browser = await self._driver.chromium.launch(
                    executable_path=self._program,
                    # Its own sandbox cannot be set up by root.
                    chromium_sandbox=os.geteuid() != 0,
                    args=["--disable-background-networking", "--disable-component-update", "--disable-sync"],
                )
            return self._browser

    async def _context(self, browser: Browser) -> BrowserContext:
        return await browser.new_context(
            user_agent=self._user_agent,
            locale="zh-CN",
            accept_downloads=False,
            service_workers="block",
        )

    async def _shown(self, context: BrowserContext, visit: _Visit) -> str:
        from playwright.async_api import TimeoutError as TooSlow

        page = await context.new_page()
        await context.route_web_socket("**/*", lambda socket: socket.close())
        await context.route("**/*", lambda route: self._answer(route, page, visit))
        page.on("dialog", lambda dialog: ensure_future(dialog.dismiss()))
        await page.goto(visit.given.url, wait_until="domcontentloaded", timeout=MOST_SECONDS * 1000)
        with suppress(TooSlow):  # a page that asks for ever is taken as it is by then
            await page.wait_for_load_state("networkidle", timeout=MOST_SECONDS * 1000)
        content: str = await page.content()
        if len(content) > _CHARACTERS:
            raise DownloadFailedError(f"the page grew to {len(content)} characters in the browser")
        return content

    async def _answer(self, route: Route, page: Page, visit: _Visit) -> None:
        """Lets one request of a page through, or not."""
        from playwright.async_api import Error

        asked = route.request
        if asked.is_navigation_request() and asked.frame == page.main_frame:
            if visit.shown:
                await route.abort()
                return
            visit.shown = True
            kind = visit.given.headers.get("Content-Type", b"text/html") or b"text/html"
            await route.fulfill(status=200, body=visit.given.body, content_type=kind.decode("latin-1"))
            return
        wanted = asked.resource_type in _NEEDED and visit.asked < MOST_ASKED
        if not wanted or host_problem(asked.url, visit.session.site.hosts) is not None:
            await route.abort()
            return
        visit.asked += 1
        with suppress(Error):  # the page is closed meanwhile
            try:
                answer = await self._part(visit.session, asked)
            except (IgnoreRequest, DownloadFailedError, OSError) as error:
                log.info("%s: %s does without %s: %s", visit.session.site.key, page.url, asked.url, error)
                await route.abort()
            else:
                kind = answer.headers.get("Content-Type", b"") or b""
                await route.fulfill(
                    status=answer.status, body=answer.body, content_type=kind.decode("latin-1")
                )

    async def _part(self, session: Session, asked: PageRequest) -> Response:
        """What a page wants; its scripts once in a run, for they are those of the next page, too."""
        kept = self._scripts.setdefault(session, {})
        if asked.url in kept:
            return kept[asked.url]
        answer = await self._fetch(_request(session, asked))
        if asked.resource_type == "script" and answer.status == 200:
            kept[asked.url] = answer
        return answer


def _request(session: Session, asked: PageRequest) -> Request:
    """What a page wants, as a request of the crawl: in the portal's turn, with its pause."""
    meta = {SESSION: session, "download_slot": session.slot}
    if session.proxy:
        meta["proxy"] = session.proxy
    kept = {name: value for name, value in asked.headers.items() if name in _SENT}
    return Request(
        asked.url,
        method=asked.method,
        headers=kept,
        body=asked.post_data_buffer or b"",
        meta=meta,
        callback=NO_CALLBACK,
        dont_filter=True,
    )


class Rendering:
    """Downloader middleware that gives the lists of such sites to the browser, unpacked and after all redirects."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._renderer: Renderer | None = None
        crawler.signals.connect(self._close, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of building components."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """The page as it has become, if the frontier said that a browser builds it."""
        if not request.meta.get(RENDER):
            return response
        if self._renderer is None:
            if self._crawler.engine is None:
                raise RuntimeError("pages are fetched by an engine")
            agent = str(self._crawler.settings["USER_AGENT"])
            self._renderer = Renderer(check(), agent, self._crawler.engine.download_async)
        return await self._renderer.render(request, response)

    async def _close(self) -> None:
        if self._renderer is not None:
            await self._renderer.close()
