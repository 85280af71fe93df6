"""Pagers that stand in the page as links, openly or packed as base64 until a script decodes them."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_plus, urljoin

from lxml import html as lxml_html
from lxml.etree import ParserError
from lxml.html import HtmlElement

from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.pager import MAX_PAGES, Pager
from crawler.platforms.pager_text import stated

_INDEX_NUMBER = re.compile(r"_(\d{1,4})\.\w+$")
_NEXT = frozenset({"下一页", "下页", "后一页", "next", "下一页>", "下一页>>", "下一页»"})
_LAST = frozenset({"尾页", "末页", "最后一页", "最后页", "last", "末页>>"})
_FIRST = frozenset({"首页", "第一页", "first", "上一页", "上页", "前一页", "prev", "previous"})
_GAP = frozenset({"...", "…", "..", "……"})


def link_pager(page: Page) -> Pager:
    """Reads a pager of real links: numbers, 下一页, 尾页, and the count in its text."""
    return _read_links(page, page.tree)


def hidden_pager(page: Page) -> Pager:
    """Reads a pager that stands in the page as base64 of URL-encoded HTML (云南) for a script to decode."""
    if "atob" not in page.text:
        return Pager()
    for element in page.tree.iter("div", "span", "p", "ul"):
        packed = re.sub(r"\s", "", element.text or "") if len(element) == 0 else ""
        if len(packed) < 40 or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", packed):
            continue
        try:
            markup = unquote_plus(base64.b64decode(packed, validate=True).decode("utf-8"))
            tree = lxml_html.document_fromstring(f"<div class='pager'>{markup}</div>")
        except (binascii.Error, UnicodeDecodeError, ParserError, ValueError):  # some other packed thing
            continue
        pager = _read_links(page, tree)
        if pager:
            return pager
    return Pager()


def _read_links(page: Page, tree: HtmlElement) -> Pager:
    base = links.base_of(page)
    numbered_links: dict[int, str] = {}
    others: list[str] = []
    last: str | None = None
    box: HtmlElement | None = None
    for anchor in tree.iter("a"):
        words = links.squeeze(anchor.text_content()).strip("[]").lower()
        bare = words.strip(" <>«»‹›")
        url = links.join(base, anchor.get("href") or "")
        if url is None or not (bare.isdecimal() or words in _GAP or bare in _NEXT or bare in _LAST):
            continue
        if not _same_column(url, page.url) or links.is_article(url):
            continue
        if bare.isdecimal():
            if int(bare) > MAX_PAGES:
                continue
            numbered_links.setdefault(int(bare), url)
        elif bare in _LAST:
            last = url
        others.append(url)
        box = anchor if box is None or bare in _NEXT else box
    counted = stated(tree if tree is not page.tree else None, box, page)
    if not others:
        return counted
    count = counted.page_count or _last_number(last, numbered_links)
    here = counted.page_number
    if here is None:
        here = _current(box, numbered_links, page, highest=count)
    if count is not None and here is not None:
        count = max(count, here + 1)
    first = numbered_links.get(1)
    found = dict(sorted(numbered_links.items()))
    template = _template(found)
    if template is not None and count is not None:
        tail = last or (found[max(found)] if max(found) == count else None)
        if tail is not None and links.join(base, template.replace("\0", str(count))) == tail:
            found = {n: template.replace("\0", str(n)) for n in range(2, min(count, MAX_PAGES) + 1)} | found
    ordered = [url for _, url in sorted(found.items())] + others
    own = {page.url, first, *_first_pages(tree, base, page)}
    pages = tuple(url for url in dict.fromkeys(ordered) if url not in own)
    return Pager(pages=pages, page_count=count, page_number=here).or_else(counted)


def _first_pages(tree: HtmlElement, base: str, page: Page) -> set[str]:
    """The first page under all its names: its folder, its index file, the links 1 and 首页 of the pager."""
    found = {urljoin(page.url, name) for name in ("./", "index.html", "index.shtml", "index.htm")}
    if page.url not in found:
        return found
    return found | {page.url}


def _same_column(url: str, page_url: str) -> bool:
    """A page of the same column: same host, in the same folder or below it, or only another query."""
    one, two = links.parts_of(url), links.parts_of(page_url)
    if one is None or two is None:
        return False
    if one.netloc.removeprefix("www.") != two.netloc.removeprefix("www."):
        return False
    if one.path == two.path and one.query != two.query:
        return True
    stem = re.sub(r"(?:[_-]?\d*)?(?:\.\w+)?$", "", two.path.rstrip("/").rsplit("/", 1)[-1])
    folder = two.path.rsplit("/", 1)[0] + "/"
    up = folder.rstrip("/").rsplit("/", 1)[0] + "/"
    tail = folder.strip("/").rsplit("/", 1)[-1]
    inside = one.path.startswith(folder) or f"/{tail}/" in one.path if tail else one.path.startswith(folder)
    beside = bool(stem) and one.path.startswith(up) and stem in one.path
    return (inside or beside) and one.path != "/"


def _template(found: dict[int, str]) -> str | None:
    """The address of page *n* with its number left out, if at least two numbered links agree on it."""
    votes: dict[str, int] = {}
    for number, url in found.items():
        for match in re.finditer(rf"(?<!\d){number}(?!\d)", url):
            template = f"{url[: match.start()]}\0{url[match.end() :]}"
            votes[template] = votes.get(template, 0) + 1
    best = max(votes, key=lambda key: votes[key], default=None)
    return best if best is not None and votes[best] >= 2 else None


def _last_number(last: str | None, found: dict[int, str]) -> int | None:
    highest = max(found, default=None)
    if last is None:
        return highest
    for number, url in found.items():
        if url == last:
            return max(number, highest or 0)
    template = _template(found)
    parts = links.parts_of(last)
    if parts is None:
        return highest
    if template is not None:
        pattern = re.escape(template).replace(re.escape("\0"), r"(\d{1,4})")
        if match := re.fullmatch(pattern, last):
            return max(int(match[1]), highest or 0)
    file_number = re.search(r"(?:^|[_/-])(\d{1,4})\.\w+$", parts.path)
    if file_number and highest is not None:
        return max(int(file_number[1]), highest)
    return highest


def _current(
    box: HtmlElement | None, found: dict[int, str], page: Page, *, highest: int | None
) -> int | None:
    """The 0-based number of this page: the marked number without a link, at most one past the linked ones."""
    for number, url in found.items():
        if url == page.url:
            return number - 1
    holder = box.getparent() if box is not None else None
    if holder is not None:
        for element in holder.iter("span", "b", "strong", "em", "li", "a"):
            words = links.squeeze(element.text_content()).strip("[]")
            marked = element.tag != "a" or re.search(
                r"select|current|active|on\b|cur\b", f"{element.get('class')}"
            )
            number = int(words) if words.isdecimal() and len(words) <= 4 else 0
            if marked and number not in found and 1 <= number <= (highest or 0) + 1:
                return number - 1
    number_in_name = _INDEX_NUMBER.search(page.url)
    if number_in_name is None and links.is_folder(page.url):
        return 0
    return None
