"""A list page without rows: does it say that there are none, or do scripts bring them?

"The site says there is none" and "could not tell" are different results (design rule 3). A page that a CMS wrote with
no row is the first; one whose rows are fetched by its scripts shows us none either, and is the second.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.platforms.base import Page

NONE = re.compile(
    r"暂无|暂未(?:发布|公开)|没有(?:找到)?(?:相关|符合条件的)?(?:信息|数据|内容|记录|文章)|无(?:相关)?(?:信息|数据|记录)"
    r"|[共总][计有]?\s*0\s*[条篇页]"
)
"""What lists print that have nothing to show."""
_WAITING = re.compile(
    r"(?:正在|努力)?(?:加载|载入|读取)(?:中|数据|\.{2,}|…)|正在(?:加载|载入|读取)|(?<![a-z])loading(?![a-z])",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"\{\{[^{}\n]{1,120}\}\}|\bv-(?:for|if|html)=|\bng-(?:repeat|bind)\b|<%=|text/(?:html|template|x-handlebars)"
)
_ASKS = re.compile(
    r"XMLHttpRequest|\$\s*\.\s*(?:ajax|get|post|getJSON)\s*\(|\baxios\b|\bfetch\s*\(|\.load\s*\(\s*['\"]"
)
SPARSE = 150
"""Characters. A page of an application shows less than this until its scripts have run."""


def doubt(page: Page) -> str | None:
    """Why a list page without rows, which states no number of rows or pages, is no proof that there is none.

    Returns:
        None where the page says so itself, or nothing on it would bring rows later.
    """
    shown = "".join(page.tree.xpath("//body//text()[not(ancestor::script or ancestor::style)]"))
    if NONE.search(shown):
        return None
    if _WAITING.search(shown):
        return "the page says that it is loading"
    if _TEMPLATE.search(page.text):
        return "the page holds a template that scripts fill"
    if len(shown.strip()) < SPARSE and page.tree.xpath("//script[@src]"):
        return "the page is empty until its scripts have run"
    if any(_ASKS.search(script) for script in page.tree.xpath("//script[not(@src)]/text()")):
        return "scripts of the page ask for data"
    return None
