"""博达 VSB (webber): static pages numbered from the end, articles under ``/info/<column>/<id>.htm``.

Met at 云南, 辽宁, 甘肃, 陕西 portals (禄丰, 天水, 商洛, 楚雄) and most universities. A column is ``list.htm`` (or
``fzzfjs.htm``), its page 2 of 58 is ``list/57.htm``, its last ``list/1.htm``: a page keeps its address while rows
move on to it from above, so in each run all pages are read and rows are compared by their own address, never by
that of the page they stand on.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urljoin

from crawler.platforms import links
from crawler.platforms.base import Listing, Page
from crawler.platforms.lists import read_list
from crawler.platforms.pager import MAX_PAGES

_MARKS = (
    "_simple_list_gotopage_fun", "/system/resource/js/", "/system/resource/css/", "vsb_content", "_addDynClicks",
    "_showDynClicks", "news.NewsContentUrl", "tree.TreeTempUrl", "\"p_pages\"",
)  # fmt: skip
_OWN_LINK = re.compile(r"info/\d{3,6}/\d+\.html?[\"']")
_GO_TO = re.compile(r"_simple_list_gotopage_fun\(\s*(\d{1,5})\s*,")
_ARTICLE = re.compile(r"/info/\d{3,6}/\d+\.html?$")
_FURTHER = re.compile(r"^(.*)/(\d{1,4})\.htm$")


class Vsb:
    """The VSB reader."""

    name = "vsb"
    containers: tuple[str, ...] = (
        "#vsb_content .v_news_content",
        "#vsb_content_2 .v_news_content",
        "[id^=vsb_content] .v_news_content",
        ".v_news_content",
        "#vsb_content",
        "#vsb_content_2",
        "[id^=vsb_content]",
        "[id^=content_div]",
    )

    def recognises(self, page: Page) -> bool:
        """True if the page loads VSB's scripts, wraps bodies or names articles the way it does."""
        text = page.text
        return any(mark in text for mark in _MARKS) or links.links_itself(text, _OWN_LINK)

    def listing(self, page: Page) -> Listing:
        """Reads a column; where the pager shows no links its pages follow from the number its jump box knows."""
        listing = read_list(page, owned=_is_article)
        told = _GO_TO.search(page.text)
        count = min(int(told[1]), MAX_PAGES) if told else None
        if count is None:
            return listing
        count = max(count, listing.page_count or 0)
        if count <= 1:
            return replace(listing, page_count=1, page_number=listing.page_number or 0)
        place = _place(page.url, count)
        if place is None:
            return replace(listing, page_count=count)
        folder, here = place
        found = (f"{folder}{count - page + 1}.htm" for page in range(2, count + 1))
        pages = tuple(url for url in found if url != page.url)
        return replace(listing, pages=pages, page_count=count, page_number=here)

    def article(self, page: Page) -> Page:
        """Articles of VSB are static pages."""
        return page


def _is_article(url: str) -> bool:
    parts = links.parts_of(url)
    return parts is not None and bool(_ARTICLE.search(parts.path))


def _place(url: str, count: int) -> tuple[str, int] | None:
    """The folder of a column's further pages and the 0-based number of this page; None for a dynamic list."""
    parts = links.parts_of(url)
    if parts is None or parts.query or not parts.path.endswith(".htm"):
        return None
    further = _FURTHER.match(url)
    if further is not None and 1 <= int(further[2]) < count:
        return f"{further[1]}/", count - int(further[2])
    return urljoin(url, f"{parts.path.removesuffix('.htm')}/"), 0
