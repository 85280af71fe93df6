"""Numbers a page's scripts and hidden fields keep for a pager drawn elsewhere: weak evidence, used beside links.

Met in scripts: ``countPage = 12`` with ``currentPage = 0`` (TRS), ``pageCount:12,`` (安徽), ``maxPage =
parseInt('12')`` (渭南, 延安), ``PageIndex > 12 ? 12 : PageIndex`` (昆明), ``m_nPageCount = 12``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.platforms.base import Page

_COUNT = (
    "countpage", "npagecount", "m_npagecount", "_npagecount", "pagecount", "page_count", "totalpage", "totalpages",
    "total_page", "total_pages", "maxpage", "allpage", "allpages", "pagetotal", "pagenums", "lastpage",
)  # fmt: skip
_ROWS = (
    "recordcount", "recordscount", "record_count", "totalrecord", "totalrecords", "totalcount", "total_count",
    "totalnum", "totalrows", "totalrow", "totalsize", "rowcount", "recordnum", "m_nrecordcount",
    "nrecordcount", "datacount",
)  # fmt: skip
_HERE = (
    "currentpage", "currpage", "curpage", "nowpage", "thispage", "pageindex", "page_index", "ncurrindex",
    "m_ncurrpage", "m_ncurrentpage", "currentindex", "pageno", "pagenumber",
)  # fmt: skip
_FROM_ZERO = frozenset({"currentpage", "ncurrindex", "currentindex", "m_ncurrpage", "m_ncurrentpage"})
"""Names under which TRS counts from 0; a 0 under any other name is also the first page."""
_ASSIGNED = re.compile(
    r"(?<![\w$])([A-Za-z_$][\w$]{3,24})[\"']?\s*[:=]\s*(?:parseInt\s*\(|Number\s*\()?\s*[\"']?(\d{1,7})(?![\w.])"
)
_LIMITED = re.compile(r"page_?(?:index|no|num)\w*\s*>=?\s*(\d{1,5})\s*\?\s*\1\s*:", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What names of variables say of a pager."""

    pages: int | None = None
    rows: int | None = None
    here: int | None = None
    """As written: from 0 or from 1, see ``zero_based``."""
    zero_based: bool = False
    paired: bool = False
    """Count and current page stand together under TRS's own names: enough to turn pages by."""


def counts_of(page: Page, code: str) -> Counts:
    """Reads the numbers.

    Args:
        page: The page, for its hidden fields.
        code: Its inline scripts (:func:`crawler.platforms.pager_script.scripts_of`).
    """
    values: dict[str, int] = {}
    for name, number in _ASSIGNED.findall(code):
        values.setdefault(name.lower(), int(number))
    for field in page.tree.xpath(
        "//input[@value][@type='hidden']|//*[@totalpage or @data-total or @data-pagecount]"
    ):
        for name in (field.get("id"), field.get("name")):
            if name and (field.get("value") or "").isdecimal():
                values.setdefault(name.lower(), int(field.get("value")))
        for attribute, name in (
            ("totalpage", "totalpage"),
            ("data-pagecount", "pagecount"),
            ("data-total", "totalcount"),
        ):
            if (field.get(attribute) or "").isdecimal():
                values.setdefault(name, int(field.get(attribute)))
    count = next((name for name in _COUNT if name in values), None)
    here = next((name for name in _HERE if name in values), None)
    rows = next((values[name] for name in _ROWS if name in values), None)
    pages = values[count] if count else None
    if pages is None and (limited := _LIMITED.search(code)):
        pages = int(limited[1])
    return Counts(
        pages=pages or None,
        rows=rows,
        here=values[here] if here else None,
        zero_based=here in _FROM_ZERO or (here is not None and values[here] == 0),
        paired=count in _COUNT[:4] and here is not None,
    )
