"""开普 UCAP: lists as ``list.shtml``, ``list_2.shtml``, or in JSON by ``/common/search/<channel>``.

The interface (met at 甘肃, 邮政局, 证监会, 克拉玛依: ``/common/search/``, ``/search/``, ``/searchList/`` and 32
hexadecimal digits) answers JSON with ``_isJson=true``: ``data.total``, ``data.rows`` per page, ``data.results[]`` with
``title``, ``url`` (``//host/…`` or http that redirects) and ``publishedTimeStr``. The page's number is ``page``;
servers were seen to ignore ``pageNo`` and sizes under other names. Static pages draw their pager by
``createPageHTML('page_div', 22, 1, 'common_list', 'shtml', 325)``.
"""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

from crawler.platforms import jsontext, turning
from crawler.platforms.base import Listing, Page, shell_page
from crawler.platforms.jsonlist import NO_JSON, read_json
from crawler.platforms.links import base_of, join
from crawler.platforms.lists import read_list
from crawler.platforms.pager_script import scripts_of

_CHANNEL = r"[0-9a-f]{32}"
_FOLDERS = r"(?:common/search|searchList|search)"
_CALL = re.compile(rf"[\"'](?P<url>[^\"'\s<>]{{0,120}}/{_FOLDERS}/{_CHANNEL}(?:\?[^\"'\s<>]*)?)[\"']")
_OPEN_CALL = re.compile(rf"[\"'](?P<url>(?:https?:)?/?/?[\w./:-]{{0,120}}/{_FOLDERS}/)[\"']\s*\+")
_ANSWER = re.compile(rf"/{_FOLDERS}/{_CHANNEL}(?:[?#]|$)")
_ARTICLE = re.compile(
    rf"/c\d{{4,9}}/\d{{6}}/{_CHANNEL}\.s?html|/c\d{{4,9}}/c\d+/content\.s?html"
    rf"|/\d{{4}}/\d{{1,2}}/\d{{1,2}}/{_CHANNEL}\.s?html"
)
_LIST = re.compile(r"/c\d{4,9}/[a-z_]*list[a-z_]*(?:_\d+)?\.shtml(?:[?#]|$)")
_FEWEST = 3
"""Links of the platform's shape that make a list its own; one may stand in a box on anybody's page."""
_MARKS = re.compile(r"ucap-content|ucapcontent|ucap[-_](?:core|search|static)|/ucap/")
_ASKED = (("_isAgg", "true"), ("_isJson", "true"), ("_pageSize", "20"), ("_template", "index"), ("page", "1"))


class Ucap:
    """The UCAP reader."""

    name = "ucap"
    containers: tuple[str, ...] = (
        "#UCAP-CONTENT",
        ".ucapcontent",
        "ucapcontent",
        "div.trs_editor_view",
        "#zoomcon",
        "#zoom",
        "#Zoom",
        ".zoom",
        ".pages_content",
        ".article-content",
        ".detail-content",
        ".content-box",
    )

    def recognises(self, page: Page) -> bool:
        """True for answers of the interface, for pages that call it, and by body container or address."""
        if jsontext.load(page.text) is not None:
            return bool(_ANSWER.search(page.url))
        if (
            _asked(page.url)
            or ("ucap" in page.lower and _MARKS.search(page.lower))
            or _ARTICLE.search(page.url)
            or _LIST.search(page.url)
        ):
            return True
        return len(_ARTICLE.findall(page.text)) >= _FEWEST or _call(page) is not None

    def listing(self, page: Page) -> Listing:
        """Reads an answer or a static list; a page without rows that calls the interface is a shell."""
        if jsontext.load(page.text) is not None:
            return read_json(page, turn="page")
        if _asked(page.url):
            return Listing(entries=(), failure=NO_JSON)
        static = read_list(page)
        call = _call(page)
        drawn = static.pages or static.page_count is not None
        if call is None or (drawn and any(entry.date for entry in static.entries)):
            return static
        return shell_page((call,))

    def article(self, page: Page) -> Page:
        """Articles are static pages."""
        return page


def _asked(url: str) -> bool:
    """True for an address of the interface: whatever it answers, it is asked for JSON."""
    return "_isJson=true" in url and bool(_ANSWER.search(url))


def _call(page: Page) -> str | None:
    """The first request of the list that a page asks the interface for."""
    if "/search" not in page.text:
        return None
    code = scripts_of(page)
    match = _CALL.search(code)
    address = html.unescape(match["url"]) if match else None
    if address is None and (opened := _OPEN_CALL.search(code)):
        channel = _channel(page)
        address = f"{opened['url']}{channel}" if channel else None
    url = join(base_of(page), address) if address else None
    if url is None:
        return None
    present = {name for name, _ in turning.parameters(url)}
    for name, value in _ASKED:
        if name not in present or name in {"_isJson", "page"}:
            url = turning.turned(url, name, value)
    return url


def _channel(page: Page) -> str | None:
    """The channel of the page's list: from its address, else from a variable or an attribute."""
    for name, values in parse_qs(urlsplit(page.url).query).items():
        if name.lower() == "channelid" and re.fullmatch(_CHANNEL, values[0]):
            return values[0]
    told = re.search(rf"channel_?id['\"]?\s*[:=]\s*['\"]({_CHANNEL})['\"]", page.text, re.IGNORECASE)
    return told[1] if told else None
