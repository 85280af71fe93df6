"""Which links of a page belong to its frame (header, menus, footer) and which to its content."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.rows import Link

_TAGS = frozenset({"header", "footer", "nav", "aside"})
_NAMES = re.compile(
    r"(?:^|[^a-z])(?:header|heads?|headtop|top|topbar|footer?|foot|bottom|nav|navs|navbar|mainnav|subnav|topnav|leftnav|"
    r"menus?|submenu|sidemenu|sidebar|breadcrumbs?|bread|crumbs?|position|path|weizhi|friend(?:ly)?|friendlinks?|"
    r"flinks?|yqlj|copyright|banquan|hot|hots|recommend|tuijian|rank|ranking|paihang|related|xiangguan|popbox|"
    r"dropdown|pager|paging|pages|pagination|pagenav|page_nav_list|fenye|share|toolbar|login|"
    r"search(?:box|bar|form|area)?)(?![a-z])",
    re.IGNORECASE,
)
_ASIDES = re.compile(
    r"(?:^|[^a-z])(?:hots?|recommend|tuijian|rank|ranking|paihang|related|xiangguan)(?![a-z])", re.IGNORECASE
)
_LOOKS = re.compile(r"^(?:border|margin|mar|padding|pad|text|bg|mt|mb|pt|pb|m|p)[-_]", re.IGNORECASE)
"""Class names that say how something looks, not what it is (``border-bottom``)."""
_MOST = 0.6
"""A frame that holds more than this share of the links is the page itself under a frame's name."""


_CLICKED = ("li", "tr", "td", "dd", "p", "span", "div", "h3", "h4")
"""Elements that some lists make a link of by ``onclick``."""

MAX_LINKS = 10_000
"""Links read of one page. Real ones have some hundred; reading takes about half a millisecond for each."""

MAX_DEPTH = 400
"""Elements around a link. Real pages stay under 50; unclosed ``<font>`` of pasted texts make it a hundred."""


def anchors_of(page: Page) -> list[Link]:
    """The links of the page with an http(s) address, in page order, at most ``MAX_LINKS``.

    A link is an ``<a href>``, an ``<a>`` whose script opens an address, or a row that does so when clicked.
    """
    base = links.base_of(page)
    found: list[Link] = []
    for element in page.tree.iter("a", "area", *_CLICKED):
        if element.tag in _CLICKED and (
            not links.opens_by_script(element) or element.find(".//a[@href]") is not None
        ):
            continue
        url = links.join(base, element.get("href") or "")
        if url is None and (written := links.scripted_address(element)) is not None:
            url = links.join(base, written)
        if url is not None and not too_deep(element):
            found.append(Link(element=element, url=url))
        if len(found) == MAX_LINKS:
            break
    return found


def too_deep(element: HtmlElement) -> bool:
    """True below ``MAX_DEPTH``: thousands of unclosed tags, where reading takes the square of the depth."""
    return next(islice(element.iterancestors(), MAX_DEPTH - 1, None), None) is not None


def content_links(page: Page, candidates: list[Link] | None = None) -> list[Link]:
    """The links that may be entries: outside the page's frame, not the frame's own words."""
    every = anchors_of(page) if candidates is None else candidates
    frames = _frames(every)
    kept: list[Link] = []
    for link in every:
        if any(ancestor in frames for ancestor in link.element.iterancestors()):
            continue
        words = links.squeeze(link.element.text_content())
        if link.element.tag == "a" and words and links.is_frame_word(words):
            continue
        kept.append(link)
    return kept


def _frames(every: list[Link]) -> set[HtmlElement]:
    counts: dict[HtmlElement, int] = {}
    framing: dict[HtmlElement, bool] = {}
    for link in every:
        for ancestor in link.element.iterancestors():
            if ancestor not in framing:
                framing[ancestor] = is_frame(ancestor)
            if framing[ancestor]:
                counts[ancestor] = counts.get(ancestor, 0) + 1
    limit = max(3, _MOST * len(every))
    return {element for element, count in counts.items() if count <= limit and not _lists(element, count)}


_DATED = re.compile(
    r"(?:19|20)\d\d\s*[-./年－．／\s]\s*\d{1,2}(?!\d)|(?<!\d)20\d{6}(?!\d)|(?<![\d.])\d{1,2}[-/月]\d{1,2}(?![\d.])"
)
"""What any date leaves of itself, in one piece or in parts."""
_TEXTS = 1_000
_ROWS = 3
"""Dates in a box from which it is a list, whatever its name."""


def _lists(element: HtmlElement, count: int) -> bool:
    """True for a box of rows with dates that has a frame's name (``content-top``, ``list_bottom``)."""
    if count < _ROWS or element.tag in _TAGS or is_aside(element):
        return False
    words = " ".join(islice(element.itertext(), _TEXTS))
    return sum(1 for _ in islice(_DATED.finditer(words), _ROWS)) == _ROWS


def is_aside(element: HtmlElement) -> bool:
    """True if class or id say that a box recommends pages of anywhere: it is never the page's own list."""
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return bool(_ASIDES.search(names))


def is_frame(element: HtmlElement) -> bool:
    """True if tag, class or id say header, menu, breadcrumb, footer, pager or recommendation."""
    tag = element.tag
    if not isinstance(tag, str) or tag in {"body", "html"}:
        return False
    if tag in _TAGS:
        return True
    names = [*(element.get("class") or "").split(), element.get("id") or ""]
    return any(name and not _LOOKS.match(name) and _NAMES.search(name) for name in names)
