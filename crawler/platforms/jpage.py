"""大汉 jpage: lists as records in CDATA, in the column page and from ``dataproxy.jsp``.

The column page holds ``<datastore><nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&…">]]>
</nextgroup><recordset><record><![CDATA[<li>…</li>]]></record>…`` (the records of the first few pages), and a call
``jpage({perPage, totalRecord, proxyUrl, ajaxParam:{columnid, unitid, webid, …}})``. The interface takes
``startrecord``, ``endrecord`` and ``perpage`` in the address with the parameters as a form, or ``page=n`` with all
in the address, and answers ``<totalrecord>``, ``<totalpage>`` and records (met at 江苏, 浙江, 甘肃, tax bureaus). Some
sites encrypt the parameters (nhsa, nrta) and answer an empty recordset for deep pages: that is never "nothing there".
HTML parsers drop CDATA, so records are cut out as text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from crawler.platforms import turning
from crawler.platforms.base import Entry, Listing, Page, shell_page
from crawler.platforms.details import details_of
from crawler.platforms.furniture import anchors_of
from crawler.platforms.jsobjects import fields_of, literal_at
from crawler.platforms.links import base_of, is_frame_word, join
from crawler.platforms.pager import MAX_PAGES
from crawler.platforms.pagers import read_pager
from crawler.platforms.post import post_address
from crawler.platforms.rows import rows_of

PROXY = "dataproxy.jsp"
EMPTY = "the interface brought no records: encrypted parameters or a page past its end"
_RECORD = re.compile(r"<record>\s*<!\[CDATA\[(.*?)\]\]>\s*</record>", re.DOTALL | re.IGNORECASE)
_STORE = re.compile(r"\bdataStore\s*=\s*\[(.*?)\]\s*;", re.DOTALL)
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'")
_NEXT = re.compile(
    r"<nextgroup>.{0,40}?<a\s+href=[\"']([^\"']*dataproxy\.jsp[^\"']*)[\"']", re.DOTALL | re.IGNORECASE
)
_TOTAL = re.compile(
    r"<totalrecord>\s*(\d{1,7})\s*</totalrecord>|\btotalRecord\s*[:=]\s*['\"]?(\d{1,7})", re.IGNORECASE
)
_PAGES = re.compile(r"<totalpage>\s*(\d{1,5})\s*</totalpage>", re.IGNORECASE)
_PROXY = re.compile(r"[\"']([^\"'\s]{0,200}/?\w*dataproxy\.jsp[^\"'\s]*)[\"']", re.IGNORECASE)
_PARAMETERS = re.compile(
    r"\bajaxParam\s*[:=]\s*(?=\{)|\bdata\s*:\s*(?=\{[^{}]{0,400}\bunitid\b)", re.IGNORECASE
)
_PER_PAGE = re.compile(r"\bper_?page\s*[:=]\s*['\"]?(\d{1,3})", re.IGNORECASE)
_GROUP = re.compile(r"\bgroupSize\s*[:=]\s*['\"]?(\d{1,2})", re.IGNORECASE)
_PER_PAGE_USUAL = 15
_GROUP_USUAL = 3
"""Pages fetched at once: nearly all recorded requests are ``startrecord=1&endrecord=45&perpage=15``."""


def is_recordset(text: str) -> bool:
    """True for an answer of the interface: a datastore or recordset that is not inside a page."""
    start = text[:400].lstrip("\ufeff \t\r\n").lower()
    return start.startswith(("<?xml", "<datastore", "<recordset", "<totalrecord")) and (
        "<recordset" in text or "<datastore" in text
    )


def holds_records(text: str) -> bool:
    """True for a page that holds rows as records in CDATA."""
    return "<record" in text and bool(_RECORD.search(text))


def has_records(text: str) -> bool:
    """True for a page that holds records in CDATA, or asks the interface for them."""
    return bool(_RECORD.search(text)) or (PROXY in text and bool(_PARAMETERS.search(text)))


def read_answer(page: Page) -> Listing:
    """Reads an answer of ``dataproxy.jsp``."""
    entries = tuple(_entries(page))
    total = _first(_TOTAL, page.text)
    given = dict(turning.parameters(page.url))
    if "startrecord" in given:
        return _by_records(page, entries, total, given)
    pages_stated = _first(_PAGES, page.text)
    parameter = turning.page_parameter(page.url)
    number = parameter[1] if parameter else 1
    pages = tuple(
        turning.turned(page.url, "page", n)
        for n in range(2, min(pages_stated or 0, MAX_PAGES) + 1)
        if n != number
    )
    if pages_stated is None and entries:
        pages = _next_group(page)
    return Listing(
        entries=entries,
        pages=pages,
        total=total,
        page_count=pages_stated,
        page_number=max(number - 1, 0),
        failure=None if entries or total == 0 else EMPTY,
    )


def read_column(page: Page) -> Listing:
    """Reads a column page: the records it holds, and the way to those it does not."""
    entries = tuple(_entries(page))
    total = _first(_TOTAL, page.text)
    call = _call_of(page)
    held = len(_records(page.text))
    if call is None:
        pages = _next_group(page)
        if not pages and (pager := read_pager(page, held)).pages:
            return Listing(
                entries=entries,
                pages=pager.pages,
                total=total if total is not None else pager.total,
                page_count=pager.page_count,
                page_number=pager.page_number,
            )
        if not pages or (total is not None and total <= held):
            return Listing(entries=entries, total=total, page_count=1 if entries else None, page_number=0)
        # Records stand in the page and again in the interface's first page: the interface counts, rows are told apart
        # by their addresses.
        return shell_page(pages, entries=entries, total=total)
    if not held:
        return shell_page((call.address(1),), total=total)
    size = held if total is None or total > held else max(held, 1)
    if total is None:
        return Listing(entries=entries, pages=(call.address(held + 1, size),), page_number=0)
    count = max(1, -(-total // size))
    starts = [1 + size * n for n in range(1, min(count, MAX_PAGES))]
    pages = tuple(call.address(start, size) for start in starts)
    return Listing(entries=entries, pages=pages, total=total, page_count=count, page_number=0)


@dataclass(frozen=True, kw_only=True)
class _Call:
    """How a column page asks for its records."""

    url: str
    form: Mapping[str, str]
    per_page: int
    group: int

    def address(self, start: int, size: int | None = None) -> str:
        """The request for the records from ``start`` on."""
        size = size or self.per_page * self.group
        query = f"startrecord={start}&endrecord={start + size - 1}&perpage={self.per_page}"
        return post_address(f"{self.url}?{query}", form=self.form)


def _call_of(page: Page) -> _Call | None:
    """The call of the list that the page draws; None if its parameters do not stand there."""
    proxy, start = _PROXY.search(page.text), _PARAMETERS.search(page.text)
    literal = literal_at(page.text, start.end()) if start else None
    if proxy is None or literal is None:
        return None
    form = fields_of(literal, page.text)
    url = join(base_of(page), html.unescape(proxy[1]).partition("?")[0])
    if url is None or not {"columnid", "unitid"} & {name.lower() for name in form}:
        return None
    return _Call(
        url=url,
        form=form,
        per_page=_first(_PER_PAGE, page.text) or _PER_PAGE_USUAL,
        group=_first(_GROUP, page.text) or _GROUP_USUAL,
    )


def _by_records(
    page: Page, entries: tuple[Entry, ...], total: int | None, given: Mapping[str, str]
) -> Listing:
    first, last = int(given["startrecord"] or 1), int(given.get("endrecord") or 0)
    size = last - first + 1
    if total is None or size <= 0:
        return Listing(entries=entries, total=total, failure=None if entries or total == 0 else EMPTY)
    count = max(1, -(-total // size))
    number = (first - 1) // size
    pages = tuple(
        turning.turned(turning.turned(page.url, "startrecord", 1 + size * n), "endrecord", size * (n + 1))
        for n in range(1, min(count, MAX_PAGES))
        if n != number
    )
    return Listing(
        entries=entries,
        pages=pages,
        total=total,
        page_count=count,
        page_number=number,
        failure=None if entries or total == 0 else EMPTY,
    )


def _next_group(page: Page) -> tuple[str, ...]:
    """The address that the page names for the next records, by GET, without what only makes it unreadable."""
    match = _NEXT.search(page.text)
    url = join(page.url, html.unescape(match[1])) if match else None
    if url is None:
        return ()
    own = dict(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))
    for (
        name,
        value,
    ) in own.items():  # relative ones (./dataproxy.jsp?page=2) leave out what the request already said
        if PROXY in page.url and name not in dict(turning.parameters(url)):
            url = turning.turned(url, name, value)
    number = turning.page_parameter(url)
    return (turning.turned(url, "page", number[1]),) if number else (url,)


def _records(text: str) -> list[str]:
    records = _RECORD.findall(text)
    if not records and (store := _STORE.search(text)):
        strings = (first or second for first, second in _STRING.findall(store[1]))
        records = [re.sub(r"\\(.)", r"\1", string) for string in strings]
    return records


def _entries(page: Page) -> Iterator[Entry]:
    """The rows of a page's records, each read for itself."""
    rows = "".join(f"<li>{_unwrapped(record)}</li>" for record in _records(page.text))
    base = html.escape(base_of(page))
    shown = Page(
        page.url,
        f'<html><head><meta charset="utf-8"><base href="{base}"></head><body><ul>{rows}</ul></body></html>'.encode(),
        "text/html; charset=utf-8",
    )
    seen: set[str] = set()
    for row in rows_of(shown, anchors_of(shown)):
        if row.title and not is_frame_word(row.title) and row.url not in seen:
            seen.add(row.url)
            yield Entry(title=row.title, url=row.url, date=row.date, metadata=details_of(row.element))


def _unwrapped(record: str) -> str:
    """A record without its own ``li`` or table tags: they would end the row it is put into."""
    bare = re.sub(r"</?(?:li|ul|ol|table|tbody|tr)\b[^>]*>", " ", record, flags=re.IGNORECASE)
    return re.sub(r"(</?)td\b", r"\1span", bare, flags=re.IGNORECASE)


def _first(pattern: re.Pattern[str], text: str) -> int | None:
    match = pattern.search(text)
    return next((int(group) for group in match.groups() if group), None) if match else None
