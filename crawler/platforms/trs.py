"""拓尔思 TRS WCM: static folders, articles named ``tYYYYMMDD_ID.html``, pagers drawn by a script.

Seen at 天津, 重庆, 北京, 吉林, 福建, 湖北, 宁夏, 西藏 and most ministries (facts: platforms.md 1, 2).
"""

from __future__ import annotations

import re

from crawler.platforms.base import Listing, Page
from crawler.platforms.links import is_trs_article
from crawler.platforms.lists import read_list

_MARKS = re.compile(
    r"""createpage\w*\s*\(|pagechnlinfo|trs_editor|trs_(?:ue|ed)|["'/]t\d{8}_\d+\.s?html?["']|trswcm|trsapi"""
)


class Trs:
    """The TRS reader."""

    name = "trs"
    containers: tuple[str, ...] = (
        "div.trs_editor_view",
        ".TRS_UEDITOR",
        ".TRS_Editor",
        "div.trs_paper_default",
        "div.zwxl-article",
        "#zoom",
        "#Zoom",
        ".zoom",
        ".article-content",
        ".article_con",
        ".xxgk-content",
        ".detail-content",
        ".pages_content",
        "#fontzoom",
    )

    def recognises(self, page: Page) -> bool:
        """True if the page names articles, draws pagers or wraps bodies the way TRS does."""
        return bool(_MARKS.search(page.lower))

    def listing(self, page: Page) -> Listing:
        """Reads a column: rows in any markup, the pager from its script."""
        return read_list(page, owned=is_trs_article)

    def article(self, page: Page) -> Page:
        """Articles of TRS are static pages."""
        return page
