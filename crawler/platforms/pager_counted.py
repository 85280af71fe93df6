"""Pagers of which a page only keeps the numbers: ``countPage`` and ``currentPage``, the links written by its script."""

from __future__ import annotations

import re
from collections import Counter

from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.pager import MAX_PAGES, Pager
from crawler.platforms.pager_counts import Counts
from crawler.platforms.pager_script import numbered
from crawler.platforms.pager_template import Template

_GLUE = re.compile(r"[\s\"'\\+]")
_WRITTEN = re.compile(
    r"(?:href|location)=([\w./%-]*?)_\(?[A-Za-z][A-Za-z0-9]*\)?\.([sj]?html?|jsp|php)\b", re.IGNORECASE
)
_OWN_QUERY = re.compile(
    r"(?<=[?&])(?:page|pageindex|pageno|pagenum|pagenumber|currentpage|curpage|pn|p)=(\d{1,4})(?=&|$)", re.I
)
_OWN_NAME = re.compile(r"/(?:(?:page|index|list|column-index|p)[_-]?)?(\d{1,4})\.\w+$", re.IGNORECASE)
_EXTENSION = re.compile(r"\.([sj]?html?|jsp|php)$", re.IGNORECASE)


def counted_pager(page: Page, counts: Counts, code: str) -> Pager:
    """Turns the pages of a column whose script states how many there are.

    Two ways, both safe to be wrong (a wrong address is 404, and the run says so): the page's own address carries its
    number (``?pageIndex=1``, ``/1.html``), or TRS's variables stand beside the code that writes
    ``href="index_" + nextPage + ".html"``.

    Args:
        page: The list page.
        counts: What its scripts say.
        code: Those scripts.
    """
    if counts.pages is None or counts.pages > MAX_PAGES:
        return Pager(total=counts.rows if counts.paired else None)
    own = _OWN_QUERY.search(page.url) or _OWN_NAME.search(page.url.partition("?")[0])
    if own is not None and (counts.here in {None, int(own[1]), int(own[1]) - 1} or counts.paired):
        here = int(own[1])
        template = Template(page.url[: own.start(1)], page.url[own.end(1) :], 1, 0)
        if 0 < here <= counts.pages and not (counts.zero_based and counts.here == here):
            pages = tuple(template.url(n) for n in range(1, counts.pages + 1) if n not in {1, here})
            return Pager(pages=pages, total=counts.rows, page_count=counts.pages, page_number=here - 1)
    if not counts.paired or counts.here is None:
        return Pager()
    name, extension = _written(page, code)
    current = counts.here if counts.zero_based else counts.here - 1
    if not 0 <= current < counts.pages:
        return Pager()
    return numbered(
        page,
        name=name,
        extension=extension,
        count=counts.pages,
        current=current,
        total=counts.rows,
        first=1 if counts.zero_based else 2,
    )


def _written(page: Page, code: str) -> tuple[str, str]:
    """Name and extension of further pages: as the script writes them, else the folder's index as articles end."""
    if written := _WRITTEN.search(_GLUE.sub("", code)):
        return written[1].rsplit("/", 1)[-1] or "index", written[2]
    parts = links.parts_of(page.url)
    file = parts.path.rsplit("/", 1)[-1] if parts else ""
    stem, dot, extension = file.rpartition(".")
    if dot:
        return re.sub(r"_\d+$", "", stem), extension
    ends = Counter(
        match[1] for anchor in page.tree.iter("a") if (match := _EXTENSION.search(anchor.get("href") or ""))
    )
    return "index", ends.most_common(1)[0][0] if ends else "html"
