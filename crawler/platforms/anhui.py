"""安徽 (龙讯站群): disclosure lists whose pages come from one label interface, as fragments of HTML.

A list is ``/public/column/<organ>?type=4&catId=…&action=list``, sub-portals with a folder before it; its script asks
``/site/label/8888?IsAjax=1&dataType=html`` with ``labelName=publicInfoList``, ``siteId``, ``organId``, ``catId``,
``pageSize``, ``pageIndex`` and the template's ``file`` (met at 滁州, 祁门, 霍山, 淮北 and bureaus of the province, by
GET and by POST alike). The first page may be in the HTML, later ones never are; ``pageCount`` and ``total`` stand in
the script that draws the pager. Articles: ``/public/<organ>/<id>.html``, ``/openness/detail/content/<24 hex>.html``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler.emptiness import NONE
from crawler.platforms import jsontext, turning
from crawler.platforms.base import Listing, Page, shell_page
from crawler.platforms.jpaas import NO_ROWS
from crawler.platforms.jsobjects import objects_with
from crawler.platforms.jsonlist import read_json
from crawler.platforms.links import base_of, join
from crawler.platforms.lists import read_list
from crawler.platforms.pager import MAX_PAGES
from crawler.platforms.pager_script import scripts_of
from crawler.platforms.post import post_address

_LABEL = re.compile(r"/site/label/\d+")
_CALL = re.compile(r"[\"'](?P<url>[^\"'\s<>]{0,200}/site/label/\d+(?:\?[^\"'<>]*)?)[\"']")
_OWN = re.compile(r"/public/(?:column/\w+|\d+/\d+\.html)|/openness/detail/content/|/site/(?:label|tpl)/\d+")
_LISTS = frozenset({"publicInfoList", "pageColumnNewsList", "columnNewsList", "maYaService", "newsList"})
_TURN = "pageIndex"
_RANDOM = frozenset({"_", "t", "_t", "timestamp", "random"})
"""Parameters that only defeat caches: they would make every address a new one."""
_COUNT = re.compile(
    r"\bpage_?[cC]ount['\"]?\s*[:=]\s*['\"]?(\d{1,5})|\btotalPages?['\"]?\s*[:=]\s*['\"]?(\d{1,5})"
)
_TOTAL = re.compile(r"\btotal(?:Count|Num|Rows)?['\"]?\s*[:=]\s*['\"]?(\d{1,7})(?!\d)")


class Anhui:
    """The reader of 安徽 lists."""

    name = "anhui"
    containers: tuple[str, ...] = (
        "#zoom",
        ".j-fontContent",
        "div.newscontnet",
        "div.wzcon",
        "div.gzk-article",
        "div.xxgk-content",
        "#J_content",
        ".article-content",
        ".detail-content",
        ".contentbox",
    )

    def recognises(self, page: Page) -> bool:
        """True for answers of the label interface, its columns and articles, and pages that ask it for a list."""
        if jsontext.load(page.text) is not None:
            return bool(_LABEL.search(page.url))
        return bool(_OWN.search(page.url)) or ("/site/label/" in page.text and "labelName" in page.text)

    def listing(self, page: Page) -> Listing:
        """Reads a list page or an answer; a page without rows is a shell that leads to the interface's first page."""
        if jsontext.load(page.text) is not None:
            return read_json(page, turn=_TURN)
        if _LABEL.search(urlsplit(page.url).path):
            return self._answer(page)
        shown = read_list(page)
        first = next(_calls(page), None)
        total, count = _stated(scripts_of(page))
        if first is None:
            known_total = shown.total if shown.total is not None else total
            known_count = shown.page_count if shown.page_count is not None else count
            return replace(shown, total=known_total, page_count=known_count)
        dated = tuple(entry for entry in shown.entries if entry.date is not None)
        if not dated:
            return shell_page((first,), total=total, page_count=count)
        pages = tuple(turning.turned(first, _TURN, n) for n in range(2, min(count or 1, MAX_PAGES) + 1))
        return Listing(entries=dated, pages=pages, total=total, page_count=count, page_number=0)

    def article(self, page: Page) -> Page:
        """Articles are static pages."""
        return page

    def _answer(self, page: Page) -> Listing:
        shown = read_list(page)
        total, count = _stated(scripts_of(page) or page.text)
        parameter = turning.page_parameter(page.url)
        number = parameter[1] - 1 if parameter else 0
        if not shown.entries and total is None and number == 0 and NONE.search(page.text):
            return Listing(entries=(), total=0, page_count=1, page_number=0)
        numbers = range(2, min(count or 1, MAX_PAGES) + 1)
        pages = tuple(turning.turned(page.url, _TURN, n) for n in numbers if n != number + 1)
        return Listing(
            entries=shown.entries,
            pages=pages,
            total=total,
            page_count=count,
            page_number=number,
            failure=None if shown.entries or total == 0 else NO_ROWS,
        )


def _stated(code: str) -> tuple[int | None, int | None]:
    """Rows and pages of the list as the script that draws the pager has them."""
    total, count = _TOTAL.search(code), _COUNT.search(code)
    pages = next((int(group) for group in count.groups() if group), None) if count else None
    return int(total[1]) if total else None, pages


def _calls(page: Page) -> Iterator[str]:
    """The first requests of the lists that a page asks for; labels that are no lists (visits, menus) left out."""
    code = scripts_of(page)
    matches = list(_CALL.finditer(code))
    objects = list(objects_with(code, "labelName"))
    for n, match in enumerate(matches):
        address = html.unescape(match["url"])
        url = join(base_of(page), address.partition("?")[0])
        fields: Mapping[str, str] = dict(
            parse_qsl(address.partition("?")[2].rstrip("=&"), keep_blank_values=True)
        )
        if "labelName" not in fields:
            # What a call sends stands behind its address, seldom before it; never behind the next address.
            behind = matches[n + 1].start() if n + 1 < len(matches) else len(code)
            before = matches[n - 1].end() if n else 0
            near = [found for at, found in objects if match.end() <= at < behind]
            near += [found for at, found in objects if before <= at < match.start()]
            fields = {**fields, **(near[0] if near else {})}
        if url is None or fields.get("labelName") not in _LISTS:
            continue
        wanted = {name: value for name, value in fields.items() if name not in _RANDOM}
        wanted[_TURN] = "1"
        asked = [(name, wanted.pop(name)) for name in ("IsAjax", "dataType") if name in wanted]
        yield post_address(f"{url}?{urlencode(asked)}" if asked else url, form=wanted)
