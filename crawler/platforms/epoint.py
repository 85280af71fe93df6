"""国泰新点 Epoint WebBuilder (魏都 and all of 许昌): rows without href, details by a JSON interface.

From a real saved list page of 许昌: the row's link is ``onclick="linkToNew('<uuid>','002008')"``, a hidden
``ewb-drop-detail`` holds its metadata, further pages are ``2.html`` … in the list's folder, a person opens
``/openDetailDynamic.html?infoid=<uuid>`` and that page fetches ``/EpointWebBuilder/zNJSAction.action``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode, urljoin

from lxml.html import HtmlElement

from crawler.platforms.base import Entry, Listing, Page
from crawler.platforms.dates import find_date
from crawler.platforms.details import details_of
from crawler.platforms.epoint_detail import article_in
from crawler.platforms.lists import read_list
from crawler.platforms.pager import MAX_PAGES, Pager
from crawler.platforms.pagers import read_pager
from crawler.platforms.rows import row_date
from crawler.platforms.titles import title_of

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_CALL = re.compile(rf"linkTo\w*\(\s*['\"]({_UUID})['\"]")
_MARKS = re.compile(rf"EpointWebBuilder|linkToNew\s*\(|ewb-infoname|/\d{{8}}/{_UUID}\.html")
_SITE = re.compile(rf"site_?guid['\"]?\s*[:=]\s*['\"]?({_UUID})", re.IGNORECASE)


class Epoint:
    """The Epoint reader.

    Args:
        options: ``siteguid``: the site's guid in its interface, where list pages do not tell it.
    """

    name = "epoint"
    containers: tuple[str, ...] = (
        "div.ewb-article-info",
        "div.ewb-article",
        "div.article-info",
        "#zoom",
        ".article-content",
        ".detail-content",
    )

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        self._siteguid = (options or {}).get("siteguid")

    def recognises(self, page: Page) -> bool:
        """True if the page calls Epoint's scripts or interface, or links its static articles."""
        return bool(_MARKS.search(page.text))

    def listing(self, page: Page) -> Listing:
        """Reads a list: rows that open by script, and ordinary rows with an address where there are any.

        The interface needs the site's guid: from the page's scripts, else from the options. Without it rows
        carry no ``fetch_url``, and a warning says so.
        """
        told = _SITE.search(page.text)
        siteguid = told[1] if told else self._siteguid
        scripted = {entry.url: entry for entry in _rows(page, siteguid)}
        plain = read_list(page)
        if not scripted:
            return plain
        pager = _numbered(page, read_pager(page, len(scripted)))
        warnings = pager.warnings
        if siteguid is None:
            warnings = (*warnings, "the page does not tell its siteguid: declare it as options.siteguid")
        dated = [entry for entry in plain.entries if entry.date and entry.url not in scripted]
        return Listing(
            entries=(*scripted.values(), *dated),
            pages=pager.pages,
            total=pager.total,
            page_count=pager.page_count,
            page_number=pager.page_number,
            warnings=warnings,
        )

    def article(self, page: Page) -> Page:
        """The article inside the interface's JSON answer as a page of its own; any other page unchanged."""
        article = article_in(page.text)
        if article is None:
            return page
        return Page(page.url, article.markup().encode("utf-8"), "text/html; charset=utf-8")


def _rows(page: Page, siteguid: str | None) -> Iterator[Entry]:
    for anchor in page.tree.xpath("//a[@onclick or starts-with(@href, 'javascript:')]"):
        call = _CALL.search(f"{anchor.get('onclick') or ''} {anchor.get('href') or ''}")
        if call is None:
            continue
        row = _row_of(anchor)
        details = details_of(row)
        title = title_of(anchor)
        if title.endswith(("...", "…")) or not title:
            title = details.get("名称", title)
        if not title:
            continue
        uuid = call[1]
        yield Entry(
            title=title,
            url=urljoin(page.url, f"/openDetailDynamic.html?{urlencode({'infoid': uuid})}"),
            date=_shown_date(row) or row_date(row, "") or find_date(details.get("生成日期", "")),
            fetch_url=interface_url(page.url, uuid, siteguid) if siteguid else None,
            metadata=details,
        )


def interface_url(page_url: str, uuid: str, siteguid: str) -> str:
    """The address that answers an article as JSON."""
    query = urlencode({"cmd": "getOpenDetail", "infoid": uuid, "siteguid": siteguid})
    return urljoin(page_url, f"/EpointWebBuilder/zNJSAction.action?{query}")


def _row_of(anchor: HtmlElement) -> HtmlElement:
    """The nearest row around a link; without one the nearest element that holds no second such link."""
    for ancestor in anchor.iterancestors("tr", "li"):
        if sum(1 for other in ancestor.iter("a") if _CALL.search(other.get("onclick") or "")) <= 1:
            return ancestor
        break
    element = anchor
    while (parent := element.getparent()) is not None and parent.tag != "body":
        if sum(1 for other in parent.iter("a") if _CALL.search(other.get("onclick") or "")) > 1:
            break
        element = parent
    return element


def _shown_date(row: HtmlElement) -> date | None:
    """The date of the visible cell: the hidden table's 生成日期 may be another day."""
    for cell in row.xpath(".//*[contains(@class,'ewb-rqnr') or contains(@class,'ewb-date')]"):
        if found := find_date(cell.text_content()):
            return found
    return None


def _numbered(page: Page, pager: Pager) -> Pager:
    """All pages of the list: ``2.html`` … up to 尾页; the pager itself shows only ten of them."""
    if pager.page_count is None or not pager.pages:
        return pager
    names = [re.search(r"/(\d{1,4})\.html$", url) for url in pager.pages]
    if not all(names):
        return pager
    last = min(pager.page_count, MAX_PAGES)
    pages = [urljoin(page.url, f"{n}.html") for n in range(2, last + 1)]
    return replace(pager, pages=tuple(url for url in pages if url != page.url))
