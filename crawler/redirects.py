"""Redirects that keep what was asked."""

from __future__ import annotations

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response


class KeepMethod(RedirectMiddleware):
    """Follows redirects; a POST stays a POST with its body.

    Portals answer http with 301 to https and mean the same request; a browser's way of turning it into a GET would
    bring the interface's complaint about missing parameters. 303 says GET: then a GET is made.
    """

    def _redirect_request_using_get(self, request: Request, response: Response, redirect_url: str) -> Request:
        if request.method != "POST" or response.status == 303:
            return super()._redirect_request_using_get(request, response, redirect_url)
        return self._build_redirect_request(request, response, url=redirect_url)
