"""The download handler: Scrapy's aiohttp one behind our rules on addresses, TLS and sizes.

One handler of Scrapy's is made for each way of connecting (TLS strict or as declared; public addresses only or any), so
that no connection made under one rule is used under another.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
from scrapy.core.downloader.handlers._aiohttp import AiohttpDownloadHandler, _ClientResponse
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError
from scrapy.utils._download_handlers import make_response

from archive.records import Outcome
from crawler import tls
from crawler.addresses import AddressRefused, PublicResolver, public_socket
from crawler.guards import AT_MOST, PRIVATE, TLS, Refused, Stopped
from crawler.turns import SESSION

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.session import Session


class GuardedDownloadHandler(BaseDownloadHandler):
    """Fetches over http and https by the rules that :class:`crawler.guards.HostGuard` put into the request."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._made: dict[tuple[str, bool], _Way] = {}
        self._needed: dict[str, str] = {}
        """Host → the TLS exception that its server needed; asked strictly again in the next run."""

    async def download_request(self, request: Request) -> Response:
        """Fetches one request.

        Raises:
            Refused: The address is not public, or no allowed way of TLS works.
            Stopped: The run stops; what waited for its turn is not sent any more.
        """
        session: Session = request.meta[SESSION]
        if not session.sends():
            raise Stopped(session.stopping)
        # Behind a proxy the name is resolved there, and the address connected to is the proxy's: the user's choice.
        guarded = not request.meta.get(PRIVATE) and not request.meta.get("proxy")
        if not request.url.startswith("https:"):
            return await self._fetch(request, self._way(tls.STRICT, guarded))
        host = urlsplit(request.url).hostname or ""
        declared = request.meta.get(TLS, tls.STRICT)
        ways = tuple(dict.fromkeys((self._needed.get(host, tls.STRICT), declared)))
        failed: BaseException | None = None
        for way in ways:
            try:
                response = await self._fetch(request, self._way(way, guarded))
            except (DownloadConnectionRefusedError, DownloadFailedError) as error:
                failed = tls.failure(error)
                if failed is None:
                    raise
                continue
            if way != tls.STRICT:
                self._needed[host] = way
            version = (response.headers.get(tls.HEADER) or b"").decode("ascii")
            response.headers[tls.HEADER] = f"{way} {version}".strip()
            return response
        if failed is None:
            raise AssertionError("no way was tried")
        raise Refused(Outcome.UNREACHABLE, tls.explain(failed, host, ways)) from failed

    async def _fetch(self, request: Request, way: _Way) -> Response:
        try:
            return await way.download_request(request)
        except (DownloadConnectionRefusedError, CannotResolveHostError) as error:
            refused = getattr(error.__cause__, "os_error", None)
            if isinstance(refused, AddressRefused):
                raise Refused(Outcome.HOST_REFUSED, str(refused)) from error
            raise

    def _way(self, name: str, guarded: bool) -> _Way:
        key = (name, guarded)
        if key not in self._made:
            self._made[key] = _Way(self.crawler, name, guarded=guarded)
        return self._made[key]

    async def close(self) -> None:
        """Closes every connection."""
        for way in self._made.values():
            await way.close()


class _Way(AiohttpDownloadHandler):
    """Scrapy's handler with one TLS context and one rule about addresses."""

    def __init__(self, crawler: Crawler, name: str, *, guarded: bool) -> None:
        # Past the parent's own constructor: it would open a session that goes anywhere.
        super(AiohttpDownloadHandler, self).__init__(crawler)
        self._ssl_context = tls.context(name)
        self._resolver = PublicResolver() if guarded else None
        connector = aiohttp.TCPConnector(
            local_addr=self._bind_address,
            limit=self._pool_size_total,
            limit_per_host=self._pool_size_per_host,
            resolver=self._resolver,
            socket_factory=public_socket if guarded else None,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            response_class=_ClientResponse,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )

    async def _read_response(self, response: _ClientResponse, request: Request) -> Response:
        most = request.meta.get(AT_MOST)
        made = await (
            self._beginning(response, request, most) if most else super()._read_response(response, request)
        )
        made.headers.pop(tls.HEADER, None)
        if response._ssl_object is not None:
            made.headers[tls.HEADER] = response._ssl_object.version() or "unknown"
        return made

    async def _beginning(self, response: _ClientResponse, request: Request, most: int) -> Response:
        """The first bytes of an answer whose rest does not count, however long it is."""
        body = BytesIO()
        async for chunk in self._iter_body_chunks(response):
            body.write(chunk)
            if body.tell() >= most:
                break
        headers = self._extract_headers(response)
        args = self._build_base_response_args(response, request, headers)
        return make_response(**args, body=body.getvalue()[:most])

    async def close(self) -> None:
        await super().close()
        if self._resolver is not None:
            await self._resolver.close()
