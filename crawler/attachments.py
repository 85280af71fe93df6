"""The files an article offers: reports are sometimes only an attachment, sometimes page and attachment both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import html as lxml_html

from crawler import frames
from crawler.extract.documents import DOCUMENTS, by_name
from crawler.platforms import links
from crawler.platforms.base import Page

MOST = 20
"""Files taken from one page; a report has one or two."""
_INTERFACE = re.compile(
    r"/(?:downfile\.jsp|download\.jsp|downloadfile|download/file|filedownload|attach(?:ment)?/download)", re.I
)
"""Addresses that deliver a file without naming its type: Hanweb's downfile.jsp, 博达's download.jsp and their kin."""
_PERHAPS = re.compile(r"\.(?:pdf|do[ct]|wp[st]|ofd|rtf|xls|zip)|down|attach|&#", re.I)
"""A cheap first look: a page has three hundred links, and resolving each took a third of its reading time."""
_HREF = re.compile(r"""href[\s\x00-\x1f]*=[\s\x00-\x1f]*("[^"]*|'[^']*|[^\s"'>][^\s>]*)""", re.I)
"""Addresses in the source; most articles offer no file and need not be parsed for it."""
_NAME_KEYS = ("filename", "name", "file", "attachname")
_BOX = re.compile(r"fj|attach|annex|xiazai|download|trs|editor|article|zoom|content|detail|wz_?nr|news", re.I)
_ASIDE = re.compile(r"foot|nav|menu|header|sidebar|links|copyright", re.I)
_LEVELS = 8


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file an article links to."""

    url: str
    name: str
    """Link text, or the file's own name."""


def find(page: Page) -> tuple[Attachment, ...]:
    """The documents an article offers, in the order of the page, each address once.

    Taken are links to files beside the article (TRS puts ``P020…pdf`` and ``W020…doc`` into its folder), links inside
    what looks like the article or an attachment box, and links that call themselves 附件. Files in menus and footers
    are the portal's, not the article's.

    Args:
        page: The article's page.
    """
    if not any(_PERHAPS.search(href) for href in _HREF.findall(page.text)):
        return ()
    base, folder = links.base_of(page), links.folder_of(page.url)
    found: dict[str, Attachment] = {}
    for anchor in page.tree.iter("a"):
        href = anchor.get("href") or ""
        if not _PERHAPS.search(href):
            continue
        url = links.join(base, href)
        if url is None or url in found or not _is_document(url):
            continue
        text = links.squeeze(anchor.text_content()) or links.squeeze(anchor.get("title") or "")
        if links.folder_of(url) == folder or "附件" in text or _in_article(anchor):
            found[url] = Attachment(url=url, name=text or _file_name(url))
        if len(found) == MOST:
            break
    return tuple(found.values())


def of_pages(pages: Sequence[Page], framed: Sequence[str] = ()) -> tuple[Attachment, ...]:
    """The documents of an article that may stand on several pages, also those shown in frames, each address once.

    Args:
        pages: Its pages.
        framed: Addresses of frames that turned out to hold a document.
    """
    found = {url: Attachment(url=url, name=_file_name(url)) for url in framed}
    for page in pages:
        for file in find(page):
            found.setdefault(file.url, file)
        for url in frames.documents(page):
            found.setdefault(url, Attachment(url=url, name=_file_name(url)))
    return tuple(found.values())[:MOST]


def _is_document(url: str) -> bool:
    parts = urlsplit(url)
    if by_name(parts.path) in DOCUMENTS:
        return True
    if not _INTERFACE.search(parts.path):
        return False
    named = by_name(_file_name(url))
    return named is None or named in DOCUMENTS


def _file_name(url: str) -> str:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    for key in _NAME_KEYS:
        if query.get(key):
            return query[key][0]
    return unquote(parts.path.rsplit("/", 1)[-1])


def _in_article(anchor: lxml_html.HtmlElement) -> bool:
    element = anchor
    for _ in range(_LEVELS):
        element = element.getparent()
        if element is None or element.tag in {"body", "html"}:
            return False
        marks = f"{element.get('class') or ''} {element.get('id') or ''}"
        if _ASIDE.search(marks) or element.tag in {"nav", "footer", "header"}:
            return False
        if _BOX.search(marks):
            return True
    return False
