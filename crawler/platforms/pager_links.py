"""Pagers that stand in the page as links, openly or packed as base64 until a script decodes them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus, urljoin

from lxml import html as lxml_html
from lxml.etree import ParserError
from lxml.html import HtmlElement

from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.pager import MAX_PAGES, Pager
from crawler.platforms.pager_counts import Counts
from crawler.platforms.pager_template import Template, ends_with, guess, learn
from crawler.platforms.pager_text import stated

_INDEX_NUMBER = re.compile(r"_(\d{1,4})\.\w+$")
_NEXT = frozenset({"下一页", "下页", "后一页", "后页", "下1页", "next", "nextpage", "next page"})
_LAST = frozenset({"尾页", "末页", "最后一页", "最后页", "最末页", "last", "lastpage", "last page"})
_PREVIOUS = frozenset({"上一页", "上页", "前一页", "前页", "prev", "previous"})
_GAP = frozenset({"...", "…", "..", "……", ">>", "»"})
_ENDS = frozenset({">|", "|>", ">>|", "»|", ">l", ">i", "⏭", "▶|"})
_FORWARD = frozenset({">", "›", "→", "▶", "►"})
_NEXT_NAME = re.compile(r"(?:^|[\s_-])(?:p_|a_|page_?)?next(?:page|_page)?(?![a-z])", re.IGNORECASE)
_NUMBERED = re.compile(r"^第?\s*(\d{1,5})\s*页?$")
_NUMBERED_NAME = re.compile(r"(?<!\d)\d{1,4}(?:\.\w+)?$|[?&]\w+=\d{1,4}(?:&|$)")
"""An address that carries the number of its page."""
_MARKED = re.compile(r"select|current|active|on\b|cur\b|this|hover|_no_d\b|now", re.IGNORECASE)
_COUNT_KEY = re.compile(r"^(?:totalpages?|pagecount|a\d+t)$", re.IGNORECASE)
_ROWS_KEY = re.compile(r"^(?:totalnum|totalcount|totalrecords?|recordcount)$", re.IGNORECASE)
"""Query keys of dynamic pagers: VSB ``totalpage=57`` and ``a8t=57``, 帝国 ``totalnum=143``."""


@dataclass(kw_only=True)
class _Shown:
    """The links of a pager."""

    numbers: dict[int, str] = field(default_factory=dict)
    next: str | None = None
    last: str | None = None
    goes_back: bool = False
    """There is a 上一页 that leads somewhere."""
    all: list[str] = field(default_factory=list)
    box: HtmlElement | None = None


def link_pager(page: Page, counts: Counts = Counts()) -> Pager:  # noqa: B008  # frozen
    """Reads a pager of real links: numbers, 下一页, 尾页, a select box, and the count in its text.

    Args:
        page: The list page.
        counts: What its scripts and hidden fields say, used where links and text say less.
    """
    return _read_links(page, page.tree, counts)


def hidden_pager(page: Page) -> Pager:
    """Reads a pager that stands in the page as base64 of URL-encoded HTML (云南) for a script to decode."""
    if "atob" not in page.text and "base64" not in page.text.lower():
        return Pager()
    for element in page.tree.iter("div", "span", "p", "ul", "td", "input", "textarea"):
        text = element.get("value") if element.tag == "input" else element.text
        packed = re.sub(r"\s", "", text or "") if len(element) == 0 else ""
        if len(packed) < 40 or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", packed):
            continue
        try:
            markup = unquote_plus(base64.b64decode(packed, validate=True).decode("utf-8"))
            tree = lxml_html.document_fromstring(f"<div class='pager'>{markup}</div>")
        except (binascii.Error, UnicodeDecodeError, ParserError, ValueError):  # some other packed thing
            continue
        pager = _read_links(page, tree, Counts())
        if pager:
            return pager
    return Pager()


def _read_links(page: Page, tree: HtmlElement, counts: Counts) -> Pager:
    base = links.base_of(page)
    shown = _shown(page, tree, base)
    counted = stated(tree if tree is not page.tree else None, shown.box, page)
    if not shown.all:
        return counted.or_else(Pager(element=shown.box))
    queried = _queried(shown.all)
    count = counted.page_count or queried.page_count
    here = counted.page_number
    template = _template(shown, count, here, page)
    if count is None:
        count = _last_number(shown, template) or counts.pages
    if count is not None and counts.pages is not None and not shown.last:
        count = max(count, min(counts.pages, MAX_PAGES)) if template is not None else count
    if here is None:
        here = _current(shown, template, page, highest=count)
    if count is not None and here is not None:
        count = max(count, here + 1)
    found = dict(sorted(shown.numbers.items()))
    if template is None and count is not None and here == 0 and shown.next:
        template = guess(shown.next, count)
    if template is not None and count is not None and _agrees(template, shown, count, page):
        numbers = range(2, min(count, MAX_PAGES) + 1)
        found = {n: template.url(n) for n in numbers if template.holds(n)} | found
    ordered = [url for _, url in sorted(found.items())] + shown.all
    own = {_bare(url) for url in (page.url, shown.numbers.get(1) or page.url, *_first_pages(page))}
    pages = tuple(url for url in dict.fromkeys(ordered) if _bare(url) not in own)
    pager = Pager(pages=pages, page_count=count, page_number=here, element=shown.box)
    return pager.or_else(counted).or_else(queried)


def _shown(page: Page, tree: HtmlElement, base: str) -> _Shown:
    shown = _Shown()
    double: str | None = None
    for element, words, url in _candidates(tree, base):
        bare = words.strip(" <>«»‹›[]()→|").lower()
        number = _NUMBERED.match(bare)
        forward = (
            bare in _NEXT or words in _FORWARD or (not bare and bool(_NEXT_NAME.search(_names(element))))
        )
        last = bare in _LAST or words in _ENDS
        if not (number or forward or last or words in _GAP or bare in _PREVIOUS):
            continue
        if not _same_column(url, page.url) or (links.is_article(url) and not _one_series(url, page.url)):
            continue
        if bare in _PREVIOUS:
            shown.goes_back = shown.goes_back or _bare(url) != _bare(page.url)
            shown.box = element if shown.box is None else shown.box
            if not _NUMBERED_NAME.search(page.url):  # what should be the first page is another one
                shown.all.append(url)
            continue
        if number:
            if not 0 < int(number[1]) <= MAX_PAGES:
                continue
            shown.numbers.setdefault(int(number[1]), url)
        elif last:
            shown.last = url
        elif forward:
            shown.next = shown.next or url
        elif words in {">>", "»"}:
            double = url
        shown.all.append(url)
        shown.box = element if shown.box is None or forward else shown.box
    if double is not None and shown.last is None and shown.next not in {None, double}:
        shown.last = (
            double  # beside a single arrow the double one leads to the end, without one it is the next page
        )
    return shown


def _candidates(tree: HtmlElement, base: str) -> Iterator[tuple[HtmlElement, str, str]]:
    """Elements that may turn the page, their words and where they lead: links, and options of a select box."""
    for element in tree.iter("a", "option"):
        written = element.get("value") if element.tag == "option" else element.get("href")
        url = links.join(base, written or "") if element.tag == "a" or _addressed(written or "") else None
        if url is None and element.tag == "a":
            written = element.get("tagname") or links.scripted_address(element) or ""
            url = links.join(base, written) if _addressed(written) else None
        if url is not None:
            yield element, links.squeeze(element.text_content()) or _drawn(element), url


def _drawn(element: HtmlElement) -> str:
    """What a link without words says: its tooltip, or the words for its picture."""
    spoken = [element.get("title"), element.get("aria-label")]
    spoken += [picture.get(name) for picture in element.iter("img") for name in ("alt", "title")]
    if element.get("rel") == "next":
        spoken.append("下一页")
    return next((words for words in map(links.squeeze, spoken) if words), "")


def _addressed(written: str) -> bool:
    """True for what is an address, not the value of a form's option."""
    return "/" in written or "?" in written or bool(re.search(r"\.\w{2,5}$", written))


def _names(element: HtmlElement) -> str:
    above = element.getparent()
    around = (above.get("class") or "") if above is not None else ""
    return f"{element.get('class') or ''} {element.get('id') or ''} {around}"


def _template(shown: _Shown, count: int | None, here: int | None, page: Page) -> Template | None:
    """What numbered links agree on, else what 下一页 and 尾页 tell of a first page."""
    known = dict(shown.numbers)
    if shown.next and shown.next not in known.values():
        if here is not None:
            known.setdefault(here + 2, shown.next)
        elif not shown.goes_back and links.is_folder(page.url):
            known.setdefault(2, shown.next)
    if shown.last and count is not None:
        known.setdefault(count, shown.last)
    template = learn({n: url for n, url in known.items() if n > 1}) or learn(known)
    if template is None and 2 in known and shown.last and known[2] != shown.last:
        template = _to_the_end(known[2], shown.last)
    if template is None and shown.last and count is not None and count > 1:
        template = ends_with(shown.last, count)
    return template


def _to_the_end(second: str, last: str) -> Template | None:
    """The template from page 2 and the last one: their numbers rise from 1 or 2, or fall to 1."""
    rising = guess(second, 0)
    if rising is not None and rising.page(last) is not None:
        return rising
    for number in re.finditer(r"(?<!\d)\d{1,4}(?!\d)", second):
        head, tail = second[: number.start()], second[number.end() :]
        if last == f"{head}1{tail}" and int(number[0]) > 1:
            return Template(head, tail, -1, int(number[0]) + 2)
    return None


def _agrees(template: Template, shown: _Shown, count: int, page: Page) -> bool:
    """False where the last page, as linked, is not what the template makes of it."""
    tail = shown.last or shown.numbers.get(count)
    return tail is None or tail == template.url(count) or tail == page.url


def _queried(urls: list[str]) -> Pager:
    """Counts that dynamic pagers carry in their own addresses."""
    total = count = None
    for url in urls:
        parts = links.parts_of(url)
        for key, value in parse_qsl(parts.query if parts else ""):
            if value.isdecimal() and len(value) <= 6:
                count = count or (int(value) if _COUNT_KEY.match(key) else None)
                total = total or (int(value) if _ROWS_KEY.match(key) else None)
    return Pager(total=total, page_count=count)


def _first_pages(page: Page) -> set[str]:
    """The first page under its other names: its folder, its index file."""
    found = {
        urljoin(page.url, name) for name in ("./", "index.html", "index.shtml", "index.htm", "index.jhtml")
    }
    return found | {page.url} if page.url in found else found


def _bare(url: str) -> str:
    """An address without scheme and ``www``: pagers link https on pages fetched by http and the other way round."""
    return url.partition("://")[2].removeprefix("www.")


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


def _one_series(url: str, page_url: str) -> bool:
    """True for a page whose address is this one's but for a page number: ``12345_2.html`` beside ``12345.html``."""
    one, two = links.parts_of(url), links.parts_of(page_url)
    if one is None or two is None:
        return False
    bare = [re.sub(r"(?:[_-]\d{1,4})?(?:\.\w+)?$", "", parts.path) for parts in (one, two)]
    return bare[0] == bare[1]


def _last_number(shown: _Shown, template: Template | None) -> int | None:
    highest = max(shown.numbers, default=None)
    if shown.last is None:
        return highest
    for number, url in shown.numbers.items():
        if url == shown.last:
            return max(number, highest or 0)
    if template is not None:
        told = template.page(shown.last)
        return max(told, highest or 0) if told is not None else highest
    parts = links.parts_of(shown.last)
    file_number = re.search(r"(?:^|[_/-])(\d{1,4})\.\w+$", parts.path) if parts else None
    if file_number and highest is not None:
        return max(int(file_number[1]), highest)
    return highest


def _current(shown: _Shown, template: Template | None, page: Page, *, highest: int | None) -> int | None:
    """The 0-based number of this page: the marked number without a link, at most one past the linked ones."""
    for number, url in shown.numbers.items():
        if _bare(url) == _bare(page.url):
            return number - 1
    if template is not None and (told := template.page(page.url)) is not None and told > 0:
        return told - 1
    holder = shown.box.getparent() if shown.box is not None else None
    if holder is not None and holder.tag in {"span", "li", "td"} and holder.getparent() is not None:
        holder = holder.getparent()
    for element in holder.iter("span", "b", "strong", "em", "li", "a", "font") if holder is not None else ():
        words = links.squeeze(element.text_content()).strip("[]")
        marked = element.tag != "a" or _MARKED.search(f"{element.get('class')}")
        number = int(words) if words.isdecimal() and len(words) <= 4 else 0
        if marked and number not in shown.numbers and 1 <= number <= (highest or 0) + 1:
            return number - 1
    if _INDEX_NUMBER.search(page.url) is None and (links.is_folder(page.url) or not shown.goes_back):
        return 0
    return None
