"""大汉 Hanweb (JCMS, jpaas): 浙江, 江苏, 山东, 甘肃 and many tax bureaus.

Columns are ``/col/colNNN/index.html``, articles ``/art/2023/2/21/art_<column>_<id>.html`` or, newer,
``/art/2026/art_<32 hex>.html``. Their rows stand in the page, in records of CDATA (:mod:`crawler.platforms.jpage`), or
come from the unit interface (:mod:`crawler.platforms.jpaas`).
"""

from __future__ import annotations

import re

from crawler.platforms import jpaas, jpage, jsontext
from crawler.platforms.base import Listing, Page
from crawler.platforms.jsonlist import NO_JSON, read_json
from crawler.platforms.lists import read_list

_OWN = re.compile(
    r"/art/\d{4}/(?:\d{1,2}/\d{1,2}/)?art_\w+\.html|/col/col\d+/(?:index(?:_\d+)?\.html)?(?:[?#]|$)"
)
_MARKS = re.compile(r"/module/(?:web/|jslib/jquery/)?jpage/|jpaas-publish-server|unitbuild\.js|<!--\s*<\$\[")


class Hanweb:
    """The Hanweb reader."""

    name = "hanweb"
    containers: tuple[str, ...] = (
        "div.main-txt",
        "#zoom",
        "#Zoom",
        ".zoom",
        "div.article-content",
        "div.wzzw-article",
        "div.bt-content",
        "#artibody",
        "div.artile_zw",
        "div.editor-content",
        "#con_con",
        ".article_con",
        ".pages_content",
        "#fontzoom",
    )

    def recognises(self, page: Page) -> bool:
        """True for answers of its interfaces, for pages that use them, and for its own addresses."""
        if jsontext.load(page.text) is not None:
            return jpaas.is_answer(page)
        if jpage.is_recordset(page.text) or jpaas.UNIT in page.url or jpage.PROXY in page.url:
            return True
        return bool(_OWN.search(page.url) or _MARKS.search(page.lower))

    def listing(self, page: Page) -> Listing:
        """Reads an answer or a column; where the rows come from an interface the column page is a shell."""
        if jsontext.load(page.text) is not None:
            return jpaas.read_answer(page) if jpaas.is_answer(page) else read_json(page)
        if jpaas.UNIT in page.url:
            return Listing(entries=(), failure=NO_JSON)
        if jpage.is_recordset(page.text) or jpage.PROXY in page.url:
            return jpage.read_answer(page)
        if jpage.has_records(page.text):
            return jpage.read_column(page)
        shown = read_list(page)
        if any(entry.date for entry in shown.entries) or not jpaas.has_units(page):
            return shown
        return jpaas.read_shell(page)

    def article(self, page: Page) -> Page:
        """Articles are static pages."""
        return page
