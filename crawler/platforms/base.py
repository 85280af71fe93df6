"""The one interface every CMS module offers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Protocol

from lxml import html as lxml_html

from crawler.extract.charset import Decoded, decode
from crawler.extract.html import document, tame

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
"""lxml refuses text that declares an encoding; the page is decoded already."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of a list page."""

    title: str
    """In full: from ``title=`` where the link text is cut with an ellipsis."""
    url: str
    """Absolute address a person would open."""
    date: date | None = None
    fetch_url: str | None = None
    """What to request instead of ``url`` when the content comes from an interface."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What the row says beyond that (索引号, 发布机构 …)."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What a list page says."""

    entries: tuple[Entry, ...]
    pages: tuple[str, ...] = ()
    """Absolute addresses of all further pages of this column known from this page."""
    total: int | None = None
    """Rows in the whole column as stated by the site."""
    page_count: int | None = None
    page_number: int | None = None
    """0-based."""
    warnings: tuple[str, ...] = ()
    rows: tuple[str, ...] | None = None
    """Addresses of the entries that are rows of the column's own list, without boxes beside it (推荐阅读, 热门):
    what is counted against ``total``. None: every entry is one."""
    beside: tuple[Entry, ...] = ()
    """What stands in those boxes. A page whose rows all stand in the boxes of its neighbours has lost its list."""
    shell: bool = False
    """True for a page whose rows an interface brings: ``pages`` lead there, the page itself counts as no list page."""
    failure: str | None = None
    """Why this is no list although it came with status 200: an interface's error message, a page instead of data.
    Such an answer says nothing of the column, least of all that it is empty."""


def shell_page(
    pages: Iterable[str],
    *,
    entries: tuple[Entry, ...] = (),
    total: int | None = None,
    page_count: int | None = None,
) -> Listing:
    """What a page says whose rows an interface brings.

    Args:
        pages: First pages of the lists that the interface brings.
        entries: Rows that stand in the page all the same.
        total: Rows in the column, if the page states them.
        page_count: Pages of the interface, if the page states them.
    """
    return Listing(entries=entries, pages=tuple(pages), total=total, page_count=page_count, shell=True)  # noqa: S604


@dataclass(frozen=True)
class Page:
    """A fetched page, decoded once and parsed once."""

    url: str
    body: bytes
    content_type: str | None = None
    """The Content-Type header as sent."""

    @cached_property
    def text(self) -> str:
        """The page decoded by ``crawler.extract.charset``, never by the header alone."""
        return self.decoded.text

    @cached_property
    def lower(self) -> str:
        """The text in lower case, for marks: a pattern that ignores case takes ten times as long."""
        return self.text.lower()

    @cached_property
    def decoded(self) -> Decoded:
        """Text, charset and what was wrong with the bytes."""
        return decode(self.body, self.content_type)

    @cached_property
    def tree(self) -> lxml_html.HtmlElement:
        """The parsed page; for bytes that hold no markup an empty document."""
        tree, _ = document(_DECLARATION.sub("", tame(self.text)), base_url=self.url)
        return tree


class Platform(Protocol):
    """A content management system: how its columns list entries and turn pages, where its bodies stand."""

    name: str
    containers: tuple[str, ...]
    """CSS selectors of the article body, most specific first."""

    def recognises(self, page: Page) -> bool:
        """True if the page's markup or scripts show this platform."""
        ...

    def listing(self, page: Page) -> Listing:
        """Reads a list page. A page that is no list gives no entries and a warning or failure, never an exception."""
        ...

    def article(self, page: Page) -> Page:
        """The page that holds the article: itself, or the markup inside a JSON answer."""
        ...
