"""Where answers send a request: redirects, meta refreshes and scripts that only lead on; bounded and typed.

Some firewalls answer a first visit with a redirect to the same address that sets a cookie (司法部: ``CT6T``): the
cookie jar makes the second visit pass. So coming back to an address is a loop only if nothing was learned on the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy import Request
from scrapy.downloadermiddlewares.cookies import CookiesMiddleware
from scrapy.downloadermiddlewares.redirect import BaseRedirectMiddleware, MetaRefreshMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from tldextract import TLDExtract

from archive.records import Outcome
from crawler.guards import EndlessRedirect, Refused
from crawler.redirects import KeepMethod
from crawler.refusals import leads_to

if TYPE_CHECKING:
    from collections.abc import Iterable
    from http.cookiejar import Cookie

    from scrapy.http.cookies import CookieJar

_LEARNED = "redirect_cookies"
_VISITS = "redirect_visits"
_SUFFIXES = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
"""The public suffix list that comes with the library: by default it is fetched from the network at the first cookie."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
SHELL = 20_000
"""Bytes of a page that may be nothing but a script that leads on."""


class Redirects(KeepMethod):
    """HTTP redirects."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # its decorator hides the signature
        """Follows a redirect.

        Raises:
            Refused: It leads to something that is never fetched (``file:``, ``data:`` …).
            EndlessRedirect: It goes round, or on and on.
        """
        where = (response.headers.get("Location") or b"").decode("latin-1").strip()
        scheme = _SCHEME.match(where)
        if response.status in _REDIRECTS and scheme and scheme[1].lower() not in {"http", "https"}:
            why = f"scheme {scheme[1]} is never fetched"
            raise Refused(Outcome.HOST_REFUSED, f"redirected to {where[:120]}: {why}")
        result = _bounded(self, request, lambda: KeepMethod.process_response(self, request, response))
        if isinstance(result, Response):
            return result
        return _unless_round(result, request, response)


class Refreshes(MetaRefreshMiddleware):
    """``<meta http-equiv=refresh>``, and pages that are nothing but a script naming another address."""

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # its decorator hides the signature
        """Follows a refresh.

        Raises:
            EndlessRedirect: It goes on and on. One that leads to the page itself is the page's own clock: content.
        """
        result = _bounded(
            self, request, lambda: MetaRefreshMiddleware.process_response(self, request, response)
        )
        if result is response and isinstance(response, HtmlResponse) and len(response.body) <= SHELL:
            target = leads_to(response.text)
            url = urljoin(response.url, target) if target else ""
            if url.startswith(("http:", "https:")):
                found = self._redirect_request_using_get(request, response, url)
                result = _bounded(self, request, lambda: self._redirect(found, request, "script"))
        if isinstance(result, Response):
            return result
        if result.url == request.url and not _new_cookies(request, response):
            return response
        return _unless_round(result, request, response)


class Cookies(CookiesMiddleware):
    """One cookie jar per host, without asking the network what a public suffix is."""

    def _process_cookies(self, cookies: Iterable[Cookie], *, jar: CookieJar, request: Request) -> None:
        host = (
            request.url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
        ).lower()
        for cookie in cookies:
            domain = cookie.domain.removeprefix(".")
            if domain != host and not _SUFFIXES(domain).domain:
                continue
            jar.set_cookie_if_ok(cookie, request)


def _bounded(
    middleware: BaseRedirectMiddleware, request: Request, follow: Callable[[], Request | Response]
) -> Request | Response:
    try:
        return follow()
    except Refused:
        raise
    except IgnoreRequest as error:
        trail = [*request.meta.get("redirect_urls", ()), request.url]
        shown = " → ".join(url[:80] for url in trail[-3:])
        raise EndlessRedirect(
            Outcome.HTTP_ERROR, f"more than {middleware.max_redirect_times} redirects in a row: … {shown}"
        ) from error


def _unless_round(redirected: Request, request: Request, response: Response) -> Request:
    """The redirected request, with what was learned so far noted in it."""
    learned = {*request.meta.get(_LEARNED, ()), *_cookies(response)}
    visits = {**request.meta.get(_VISITS, {}), request.url: len(request.meta.get(_LEARNED, ()))}
    if redirected.method == request.method and visits.get(redirected.url) == len(learned):
        raise EndlessRedirect(
            Outcome.HTTP_ERROR, f"redirected round: {request.url[:120]} → {redirected.url[:120]}"
        )
    redirected.meta[_LEARNED] = tuple(learned)
    redirected.meta[_VISITS] = visits
    return redirected


def _new_cookies(request: Request, response: Response) -> set[bytes]:
    return set(_cookies(response)) - set(request.meta.get(_LEARNED, ()))


def _cookies(response: Response) -> list[bytes]:
    return [value.partition(b";")[0].strip() for value in response.headers.getlist("Set-Cookie")]
