"""拓尔思 TRS IGS: lists and searches in JSON (天津, 陕西, 内蒙古, 海南, 广西, 南京, 湖北, bureaus of 重庆).

A column page calls ``/igs/front/search/publish/data/list.html?index=…&type=infomation&siteId=…&pageSize=20
&filter[CHANNELID]=…&orderProperty=DOCRELTIME&pageNumber=1`` (met at 南京), a search page ``/igs/front/search.jhtml
?code=<32 hex>&siteId=…&searchWord=…&pageSize=10&pageNumber=1`` (met at 天津; without ``code`` the server fails). Both
answer ``page.content[]`` with ``DOCPUBURL`` and a title under ``BT``, ``DOCTITLE`` or ``title``; ``page.total`` comes
as a string. Districts of 天津 are TRS WCM with a search box of IGS on every page: the box alone is no evidence.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urlencode

from crawler.platforms import jsontext, turning
from crawler.platforms.base import Listing, Page, shell_page
from crawler.platforms.jsobjects import objects_with
from crawler.platforms.jsonlist import NO_JSON, read_json
from crawler.platforms.links import base_of, is_trs_article, join
from crawler.platforms.lists import read_list
from crawler.platforms.pager_script import scripts_of
from crawler.platforms.trs import Trs

_LIST = "/igs/front/search/publish/data/list.html"
_CALL = re.compile(rf"[\"'](?P<url>[^\"'\s<>]{{0,200}}{re.escape(_LIST)}(?:\?[^\"'\s<>]*)?)[\"']")
_ANSWER = re.compile(r"/igs/front/search(?:/publish/data/list\.html|\.jhtml|/list\.html)", re.IGNORECASE)
_TURN = "pageNumber"


class Igs:
    """The IGS reader."""

    name = "igs"
    containers: tuple[str, ...] = Trs.containers

    def recognises(self, page: Page) -> bool:
        """True for an answer of the interface, and for a page whose scripts ask it for a list."""
        value = jsontext.load(page.text)
        if not isinstance(value, dict):
            return _LIST in page.url or (_LIST in page.text and bool(_CALL.search(page.text)))
        content = value.get("page")
        shaped = isinstance(content, dict) and isinstance(content.get("content"), list)
        return shaped and bool(
            _ANSWER.search(page.url) or {"queryFilter", "hasFilter", "__index"} & set(value)
        )

    def listing(self, page: Page) -> Listing:
        """Reads an answer; a page that asks for its list is a shell that leads to the first one."""
        if jsontext.load(page.text) is not None:
            return read_json(page, turn=_TURN)
        if _LIST in page.url:
            return Listing(entries=(), failure=NO_JSON)
        calls = tuple(dict.fromkeys(_calls(page)))
        plain = read_list(page, owned=is_trs_article)
        if not calls:
            return plain
        return shell_page(calls)

    def article(self, page: Page) -> Page:
        """Articles are static pages of TRS."""
        return page


def _calls(page: Page) -> Iterator[str]:
    """The first requests of the lists that a page asks for."""
    code = scripts_of(page)
    for match in _CALL.finditer(code):
        address = html.unescape(match["url"])
        if "?" in address and "=" in address.partition("?")[2]:
            complete = not address.endswith("=")
            if not complete:  # the page's number is added by the script
                address = address.rpartition("&")[0]
        else:
            fields = next((fields for at, fields in objects_with(code, "siteId") if at > match.start()), None)
            if fields is None:
                continue
            address = f"{address.partition('?')[0]}?{urlencode(fields)}"
        url = join(base_of(page), address)
        if url is not None:
            yield turning.turned(url, _TURN, 1)
