"""What an article shows in a frame: a page that holds its text, or a document in a viewer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from lxml.html import HtmlElement

from crawler.extract.documents import DOCUMENTS, by_name
from crawler.platforms import links
from crawler.platforms.base import Page

_TAGS = ("iframe", "frame", "embed", "object")
_SOURCES = ("src", "data", "data-src")
_NAMED = frozenset({"src", "movie", "filename", "url"})
"""Names of ``<param>`` elements that give an object its file."""
_ASIDE = re.compile(
    r"foot|nav|menu|head|top|sidebar|links|copyright|share|comment|search|login", re.IGNORECASE
)
_FURNITURE = re.compile(
    r"(?:^|[/_-])(?:top|head|header|foot|footer|bottom|nav|menu|left|right|side|search|login|count|counter|tongji|stat"
    r"|share|weather|tianqi|ad|ads|banner|comment|pinglun|map|related)(?:[/_.\d-]|$)",
    re.IGNORECASE,
)
_BOX = re.compile(r"trs|editor|article|zoom|content|detail|text|txt|zw|wz_?nr|news|main", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SMALL = 60
"""Pixels; a frame of less height is a counter or a button."""
_LEVELS = 8


def documents(page: Page) -> tuple[str, ...]:
    """Addresses of documents shown in frames: ``<embed src="a.pdf">``, ``viewer.html?file=/a.pdf``.

    Args:
        page: The article's page.
    """
    found = [url for element, address in _sources(page) if (url := _document(page, address, element))]
    return tuple(dict.fromkeys(found))


def body(page: Page) -> str | None:
    """Address of the frame that may hold the article's text: one inside the article's box, else the first.

    Frames for headers, counters and buttons are left out, so are those of other hosts.

    Args:
        page: A page without a text of its own.
    """
    base = links.base_of(page)
    own = (urlsplit(page.url).hostname or "").removeprefix("www.")
    candidates: list[tuple[bool, str]] = []
    for element, address in _sources(page):
        url = links.join(base, address)
        if element.tag not in {"iframe", "frame"} or url is None or _is_furniture(element, url):
            continue
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        if host == own and url != page.url and _document(page, address, element) is None:
            candidates.append((not _in_box(element), url))
    return min(candidates, key=lambda found: found[0])[1] if candidates else None


def _sources(page: Page) -> Iterator[tuple[HtmlElement, str]]:
    if not re.search(r"<(?:i?frame|embed|object)\b", page.text, re.IGNORECASE):
        return
    for element in page.tree.iter(*_TAGS):
        yield from ((element, value) for name in _SOURCES if (value := element.get(name)))
        if element.tag == "object":
            for param in element.iter("param"):
                if (param.get("name") or "").lower() in _NAMED and param.get("value"):
                    yield element, str(param.get("value"))


def _document(page: Page, address: str, element: HtmlElement) -> str | None:
    if _is_aside(element):
        return None
    url = links.join(links.base_of(page), address)
    if url is None:
        return None
    if by_name(urlsplit(url).path) in DOCUMENTS:
        return url
    # A viewer (pdf.js, Office Online) is told by a parameter what to show.
    try:
        pairs = parse_qsl(urlsplit(url).query, max_num_fields=50)
    except ValueError:  # no viewer has so many parameters
        return None
    for _, value in pairs:
        shown = links.join(url, value)
        if shown is not None and by_name(urlsplit(shown).path) in DOCUMENTS:
            return shown
    return None


def _is_furniture(element: HtmlElement, url: str) -> bool:
    height, width = element.get("height") or "", element.get("width") or ""
    small = any(size.isdecimal() and int(size) < _SMALL for size in (height, width))
    return (
        small
        or _HIDDEN.search(element.get("style") or "") is not None
        or _FURNITURE.search(urlsplit(url).path) is not None
        or _is_aside(element)
    )


def _around(element: HtmlElement) -> Iterator[str]:
    for place, around in enumerate([element, *element.iterancestors()]):
        if place == _LEVELS or around.tag in {"body", "html"}:
            return
        yield (
            f"{around.tag if around.tag in {'nav', 'footer', 'header'} else ''} {around.get('class') or ''} "
            + (around.get("id") or "")
        )


def _is_aside(element: HtmlElement) -> bool:
    for names in _around(element):
        if _BOX.search(names):
            return False
        if _ASIDE.search(names):
            return True
    return False


def _in_box(element: HtmlElement) -> bool:
    return any(_BOX.search(names) for names in _around(element))
