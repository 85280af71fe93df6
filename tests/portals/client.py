"""A plain client of the replica server, and what its answers say."""

from __future__ import annotations

import json
import re
import ssl
import unicodedata
from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from lxml import html as lxml_html

from crawler.sample.server import Request as Asked
from tests.portals.fixtures import Running
from tests.portals.proxy import ReplicaServer
from tests.portals.weidu import Weidu


def opener(server: ReplicaServer) -> OpenerDirector:
    """A client that knows nothing but the proxy and the authority."""
    context = ssl.create_default_context(cafile=str(server.ca_file))
    proxies = {"http": server.proxy_url, "https": server.proxy_url}
    return build_opener(ProxyHandler(proxies), HTTPSHandler(context=context))


def get(server: ReplicaServer, url: str, **headers: str) -> HTTPResponse:
    """Asks through the proxy."""
    response = opener(server).open(
        Request(url, headers={"User-Agent": "replica-test", **headers}), timeout=10
    )
    assert isinstance(response, HTTPResponse)
    return response


def status(server: ReplicaServer, url: str, **headers: str) -> int:
    """The status of an answer, errors too."""
    try:
        return get(server, url, **headers).status
    except HTTPError as error:
        return error.code


def folded(text: str) -> str:
    """NFKC, without white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def nodes(page: str, xpath: str) -> list[Any]:
    """What an XPath finds in a page."""
    found = lxml_html.document_fromstring(page).xpath(xpath)
    assert isinstance(found, list)
    return found


def visible(page: str) -> str:
    """The text a reader sees."""
    return "".join(map(str, nodes(page, "//body//text()[not(ancestor::script or ancestor::style)]")))


def shown_article(running: Running) -> str:
    """The seed's article as a reader gets it."""
    portal = running.portal
    if not isinstance(portal, Weidu):
        return visible(get(running.server, portal.seed().url).read().decode())
    answer = get(running.server, portal.url(portal.detail_path(portal.seed_path))).read().decode("ascii")
    return visible(json.loads(json.loads(answer)["custom"])["openDetail"][0]["infocontent"])


def asked(url: str) -> Asked:
    """A request as a portal gets it, without a server between."""
    parts = urlsplit(url)
    return Asked(url=url, host=parts.netloc, path=parts.path, query=parts.query, headers={})
