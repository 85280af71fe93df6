"""SiteServer CMS: columns ``/channels/<id>.html`` and ``<id>_2.html``, articles ``/contents/<column>/<id>.html``.

Met at 天津 滨海 (each body a sub-site of its own: ``/jz/channels/…``, ``/dj/contents/…``), 平顶山 and parts of 云南.
The pager is whatever the template's author drew: links, a select box, or ``第 1/5 页`` beside 下一页.
"""

from __future__ import annotations

import re
from dataclasses import replace

from crawler.platforms import links
from crawler.platforms.base import Listing, Page
from crawler.platforms.lists import read_list
from crawler.platforms.pager import MAX_PAGES

_MARKS = ("/sitefiles/assets", "/sitefiles/services", "/SiteFiles/", "/sitefiles/bairong", "SiteServer")
_OWN_LINKS = (
    re.compile(r"channels/\d+(?:_\d+)?\.html?[\"'?]"),
    re.compile(r"contents/\d+/\d+\.html?[\"'?]"),
)
_ARTICLE = re.compile(r"/contents/\d+/\d+\.html?$", re.IGNORECASE)
_COLUMN = re.compile(r"^(.*/channels/\d+)(?:_(\d{1,4}))?\.(html?)$", re.IGNORECASE)


class SiteServer:
    """The SiteServer reader."""

    name = "siteserver"
    containers: tuple[str, ...] = (
        "#content .content",
        ".article-content",
        ".articleContent",
        "div.content-text",
        "div.article_content",
        "#zoom",
        "#fontzoom",
        "div.con_text",
        "#content",
    )

    def recognises(self, page: Page) -> bool:
        """True if the page links SiteServer's columns, articles or files."""
        text = page.text
        return any(mark in text for mark in _MARKS) or any(
            links.links_itself(text, own) for own in _OWN_LINKS
        )

    def listing(self, page: Page) -> Listing:
        """Reads a column; pages its pager counts without linking them follow from its address."""
        listing = read_list(page, owned=_is_article)
        place = _COLUMN.match(page.url.partition("?")[0])
        if place is None or not 1 < (listing.page_count or 0) != len(listing.pages) + 1:
            return listing
        count, here = min(listing.page_count or 0, MAX_PAGES), int(place[2] or 1)
        found = tuple(f"{place[1]}_{n}.{place[3]}" for n in range(2, count + 1) if n != here)
        return replace(listing, pages=tuple(dict.fromkeys((*found, *listing.pages))), page_number=here - 1)

    def article(self, page: Page) -> Page:
        """Articles of SiteServer are static pages."""
        return page


def _is_article(url: str) -> bool:
    parts = links.parts_of(url)
    return parts is not None and bool(_ARTICLE.search(parts.path))
