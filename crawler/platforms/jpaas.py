"""大汉 jpaas: lists that a "unit" interface builds as HTML inside JSON (浙江, 江苏, 山东, 工信部, 商务部, 住建部).

The column page holds ``<script src="…/unitbuild.js" url="/api-gateway/jpaas-publish-server/front/page/build/unit"
queryData="{'parseType':'bulidstatic','webId':'…','tplSetId':'…','pageType':'column','tagId':'…','editType':'null',
'pageId':'…'}">`` and no rows. The interface answers ``{"success":true,"data":{"html":"<ul>…"}}`` to exactly these
parameters; page *n* is asked for by ``paramJson={"pageNo":n,"pageSize":15}``. The pager inside the answer states rows
per page and rows in all: ``<div class="pagination" rows="15" count="124">``.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from crawler.emptiness import NONE
from crawler.platforms import jsontext, turning
from crawler.platforms.base import Listing, Page, shell_page
from crawler.platforms.jsobjects import fields_of, objects_with
from crawler.platforms.jsonerror import error_of
from crawler.platforms.links import base_of, join
from crawler.platforms.lists import read_list
from crawler.platforms.pager import MAX_PAGES
from crawler.platforms.pager_script import scripts_of

UNIT = "/front/page/build/unit"
_DEFAULT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_LISTED = re.compile(r"列表|list|分页|当前栏目|信息|新闻|内容|公告|文章", re.IGNORECASE)
_BESIDE = re.compile(
    r"导航|菜单|面包屑|位置|标题|栏目名|友情|链接|轮播|图片|banner|nav|menu|头|底|尾|左侧|右侧", re.IGNORECASE
)
_SIZE = re.compile(r"\b(?:rows|pageSize|data-rows)=[\"'\\]{1,2}(\d{1,4})", re.IGNORECASE)
_TOTAL = re.compile(r"\b(?:count|total|data-count|totalCount)=[\"'\\]{1,2}(\d{1,7})", re.IGNORECASE)
_MOST_UNITS = 3
NO_ROWS = "the interface brought no rows and does not say that there are none"


def is_answer(page: Page) -> bool:
    """True for an answer of the unit interface."""
    return UNIT in page.url and jsontext.load(page.text) is not None


def has_units(page: Page) -> bool:
    """True for a page whose lists the unit interface builds."""
    return next(_units(page), None) is not None


def read_shell(page: Page) -> Listing:
    """Reads a column page: which units of it are lists, and where they come from."""
    units = list(_units(page))
    scores = [_score(query) for _, query in units]
    best = max(scores, default=0)
    chosen = [unit for unit, score in zip(units, scores, strict=True) if score == best][:_MOST_UNITS]
    pages = (f"{url}?{urlencode(list(query.items()))}" for url, query in chosen)
    return shell_page(dict.fromkeys(pages))


def read_answer(page: Page) -> Listing:
    """Reads one page of a list as the unit interface brings it."""
    value = jsontext.load(page.text)
    if why := error_of(value):
        return Listing(entries=(), failure=f"the interface failed: {why}")
    markup = _html_of(value)
    shown = Page(
        page.url.partition("#")[0],
        f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{markup}</body></html>'.encode(),
        "text/html; charset=utf-8",
    )
    listing = read_list(shown)
    total, size = _first(_TOTAL, markup), _first(_SIZE, markup)
    asked = dict(turning.parameters(page.url)).get("paramJson", "")
    number, size_asked = _numbers(asked)
    size = size_asked or size
    if total is None or not size:
        empty = None if listing.entries or total == 0 or NONE.search(markup) else NO_ROWS
        return Listing(entries=listing.entries, total=total, page_number=number, failure=empty)
    count = max(1, -(-total // size))
    pages = tuple(_turned(page.url, n, size) for n in range(1, min(count, MAX_PAGES)) if n != number)
    return Listing(
        entries=listing.entries,
        pages=pages,
        total=total,
        page_count=count,
        page_number=number,
        failure=None if listing.entries or total == 0 else NO_ROWS,
    )


def _turned(url: str, number: int, size: int) -> str:
    """The address of page ``number``, 0-based, not the first: that one is asked for without a number."""
    asked = json.dumps({"pageNo": number + 1, "pageSize": size}, separators=(",", ":"))
    return turning.turned(url, "paramJson", asked)


def _numbers(asked: str) -> tuple[int, int | None]:
    """0-based number and rows per page of a request."""
    try:
        value = json.loads(asked) if asked else {}
    except ValueError:  # an address of another make: counted as the first page
        value = {}
    number = value.get("pageNo", 1) if isinstance(value, dict) else 1
    size = value.get("pageSize") if isinstance(value, dict) else None
    return (max(number - 1, 0) if isinstance(number, int) else 0), size if isinstance(size, int) else None


def _units(page: Page) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Address and parameters of every unit that a page has built for it."""
    base = base_of(page)
    found = False
    for script in page.tree.iter("script"):
        told = script.get("querydata")
        if not told or "webId" not in told:
            continue
        query = fields_of("{" + html.unescape(told).strip().strip("{}") + "}")
        url = join(base, script.get("url") or _DEFAULT)
        if url is not None and UNIT in url and {"webId", "pageId"} <= set(query):
            found = True
            yield url, query
    if found or UNIT not in page.text:
        return
    for _, fields in objects_with(scripts_of(page), "webId", "pageId", "tplSetId"):
        url = join(base, _DEFAULT)
        if url is not None:
            yield url, {name: value for name, value in fields.items() if name != "paramJson"}


def _score(query: Mapping[str, str]) -> int:
    tag = query.get("tagId", "")
    return 2 * bool(_LISTED.search(tag)) - bool(_BESIDE.search(tag))


def _html_of(value: object) -> str:
    """The markup inside an answer: ``data.html``, at older sites ``data`` itself."""
    data = value.get("data") if isinstance(value, dict) else None
    markup = data.get("html") if isinstance(data, dict) else data
    return markup if isinstance(markup, str) else ""


def _first(pattern: re.Pattern[str], text: str) -> int | None:
    match = pattern.search(text)
    return int(match[1]) if match else None
