"""The one interface every CMS module offers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Protocol

from lxml import html as lxml_html
from lxml.etree import ParserError, XMLSyntaxError

from crawler.extract.charset import decode

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
"""lxml refuses text that declares an encoding; the page is decoded already."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""libxml2 ends the document at a NUL."""


def _parser() -> lxml_html.HTMLParser:
    return lxml_html.HTMLParser(huge_tree=True)


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
        return decode(self.body, self.content_type).text

    @cached_property
    def tree(self) -> lxml_html.HtmlElement:
        """The parsed page; for bytes that hold no markup an empty document."""
        text = _DECLARATION.sub("", _CONTROL.sub(" ", self.text))
        try:
            return lxml_html.document_fromstring(text, parser=_parser(), base_url=self.url)
        except (ParserError, XMLSyntaxError):  # nothing but white space, comments or a doctype
            return lxml_html.document_fromstring("<html></html>", base_url=self.url)


class Platform(Protocol):
    """A content management system: how its columns list entries and turn pages, where its bodies stand."""

    name: str
    containers: tuple[str, ...]
    """CSS selectors of the article body, most specific first."""

    def recognises(self, page: Page) -> bool:
        """True if the page's markup or scripts show this platform."""
        ...

    def listing(self, page: Page) -> Listing:
        """Reads a list page. A page that is no list gives no entries and a warning, never an exception."""
        ...

    def article(self, page: Page) -> Page:
        """The page that holds the article: itself, or the markup inside a JSON answer."""
        ...
