"""Articles that stand on several pages: where the further pages are, and one text out of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from urllib.parse import parse_qsl

from lxml.html import HtmlElement

from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.pager_script import script_pager, scripts_of

MOST = 30
"""Pages of one article that are read, the first included; the longest seen has nine."""

_KEYS = frozenset(
    {"page", "pageno", "pagenum", "pageindex", "pagenumber", "currentpage", "curpage", "cpage", "p", "pn"}
)
"""Parameters that count the pages of an article (Hanweb: ``art_12_345.html?page=2``), in lower case."""
_NEXT = frozenset({"下一页", "下页", "后一页", "next", "nextpage"})
_LAST = frozenset({"尾页", "末页", "最后一页", "最后页", "last"})
_BY_KEY = re.compile(rf"[?&;](?:{'|'.join(sorted(_KEYS))})=(\d{{1,3}})(?!\d)", re.IGNORECASE)
_ADDED = (
    *("age=", "ageNo=", "ageno=", "ageNum=", "agenum=", "ageIndex=", "ageindex=", "ageNumber=", "agenumber="),
    *("?p=", "&p=", ";p=", "?pn=", "&pn=", ";pn="),
)
"""How ``_BY_KEY`` looks at the least: these are found six times as fast."""
_DRAWING = re.compile(r"create\w{0,20}[pP]age")
_NUMBER = re.compile(r"(?:第\s*)?(\d{1,3})(?:\s*页)?")
_DOTTED = re.compile(r"\.[a-zA-Z]{3,5}$")
_LISTS = re.compile(
    r"(?:^|_)(?:index|default|home|list|lists|more|about|govlist|nodelist|column|channel)$", re.IGNORECASE
)
_OWN_FOLDER = re.compile(r"/(?:\d{5,}|[0-9a-f]{24,}|[0-9a-f-]{36})/(?:index|content)$", re.IGNORECASE)
"""Articles that are the index page of a folder of their own (北京, 辽宁)."""
_ASIDE = re.compile(r"comment|pinglun|relate|xiangguan|recommend|sidebar|foot|header", re.IGNORECASE)
_GAP = r"(?:<[^<>]{0,80}>|\s|&nbsp;|\u3000){0,6}"
_TOTAL = re.compile(rf"共{_GAP}(\d{{1,2}}){_GAP}页")
_HERE_BEFORE = re.compile(rf"第{_GAP}\d{{1,2}}{_GAP}页{_GAP}[/／,，]?{_GAP}$")
_HERE_BEHIND = re.compile(rf"{_GAP}[/／,，]?{_GAP}第{_GAP}\d{{1,2}}{_GAP}页")
_STATED_BESIDE = re.compile(r"共\s*(\d{1,2})\s*页|(?<![\d/.])\d{1,2}\s*/\s*(\d{1,2})(?![\d/.])")
_LONGEST_PAGER = 200
_NEAR = 200
_LEVELS = 3


class Numbered(NamedTuple):
    """A further page of an article."""

    number: int
    """As it stands in the address; only its order means anything."""
    url: str


@dataclass(frozen=True)
class Further:
    """What a page says of the further pages of its article."""

    pages: tuple[Numbered, ...] = ()
    """In order; without the page itself and without the first one."""
    warnings: tuple[str, ...] = ()


def further(page: Page, first: str) -> Further:
    """Finds the further pages of an article.

    Only addresses are taken that are the article's own with a page number: same host and folder, the file's name
    followed by the number (``t20240328_1.html`` → ``t20240328_1_1.html``), or the number as a parameter. A pager of
    a list (``index_1.html``), the article before and the article after never look so.

    Args:
        page: Any page of the article.
        first: Address of its first page.
    """
    article = _Article.of(first)
    if article is None or not article.hinted(page.text):
        return Further()
    found = _Found(article=article, current=article.number(page.url))
    for url in _drawn(page, article):
        found.add(None, url)
    boxes = _linked(page, found)
    count = max((_stated_beside(box) for box in boxes), default=0)
    stated = _stated(page.text)
    count = max(count, stated)
    pages = found.filled(count)
    warnings: list[str] = []
    if len(pages) >= MOST:
        warnings.append(f"an article of more than {MOST} pages: only {MOST} are read")
    if found.current is None and not pages and stated > 1:
        warnings.append(f"the page says that it is one of {stated}, the others were not found")
    return Further(pages[: MOST - 1], tuple(warnings))


@dataclass(frozen=True)
class _Article:
    """What the addresses of all pages of an article have in common."""

    host: str
    stem: str
    """Path without extension."""
    extension: str
    query: tuple[tuple[str, str], ...]
    """Parameters that do not count pages."""

    @staticmethod
    def of(url: str) -> _Article | None:
        parts = links.parts_of(url)
        if parts is None or parts.path.endswith("/"):
            return None
        extension = found[0] if (found := _DOTTED.search(parts.path)) else ""
        stem = parts.path.removesuffix(extension)
        listed = _LISTS.search(stem.rsplit("/", 1)[-1]) and not _OWN_FOLDER.search(stem)
        if listed or re.search(r"/channels?/|/public/column", parts.path):
            return None
        host = parts.netloc.lower().removeprefix("www.")
        return _Article(host, stem, extension, _others(parts.query))

    @cached_property
    def name(self) -> str:
        """The file's name without extension."""
        return self.stem.rsplit("/", 1)[-1]

    def hinted(self, text: str) -> bool:
        """A cheap first look: nine pages of ten name no page number of their own anywhere."""
        return (
            (any(key in text for key in _ADDED) and _BY_KEY.search(text) is not None)
            or _draws(text)
            or _stated(text) > 0
            or any(self.may_be(text[at : at + len(self.name) + 3]) for at in self._mentions(text))
        )

    def _mentions(self, text: str) -> Iterator[int]:
        at = text.find(self.name) if self.name else -1
        while at >= 0:
            yield at
            at = text.find(self.name, at + 1)

    def may_be(self, href: str) -> bool:
        """A cheap look at an address as it stands in the page, before it is resolved."""
        at = href.rfind(self.name) + len(self.name)
        named = at >= len(self.name) and href[at : at + 1] in {"_", "-"} and href[at + 1 : at + 2].isdecimal()
        return named or _BY_KEY.search(href) is not None

    def place(self, url: str) -> tuple[int, int] | None:
        """Where in an address the number of the page stands; None where it is no further page."""
        parts = links.parts_of(url)
        if parts is None or parts.netloc.lower().removeprefix("www.") != self.host:
            return None
        if _others(parts.query) != self.query:
            return None
        path = url.find(parts.path, len(parts.scheme) + 3 + len(parts.netloc))
        if parts.path == self.stem + self.extension:
            found = _BY_KEY.search(url, path + len(parts.path))
            return None if found is None else found.span(1)
        middle = parts.path.removeprefix(self.stem).removesuffix(self.extension)
        if len(middle) + len(self.stem) + len(self.extension) != len(parts.path):
            return None
        if not re.fullmatch(r"[_-]\d{1,3}", middle):
            return None
        start = path + len(self.stem) + 1
        return start, start + len(middle) - 1

    def number(self, url: str) -> int | None:
        """The number of the page in its address; None where it is no further page."""
        span = self.place(url)
        return None if span is None else int(url[span[0] : span[1]])


def _draws(text: str) -> bool:
    """Whether a page has a script that draws a pager."""
    return any(word in text for word in ("fenye", "Fenye", "fanye")) or _DRAWING.search(text) is not None


@dataclass
class _Found:
    """The pages met so far, by the number in their address."""

    article: _Article
    current: int | None
    """Number of the page that is read; None for the first."""
    urls: dict[int, str] = field(default_factory=dict)
    offset: int | None = None
    """Number in an address minus the page's own: TRS writes 1 into the address of page 2."""
    last: int | None = None
    """Number in the address behind 尾页."""

    def add(self, page: int | None, url: str) -> None:
        number = self.article.number(url)
        if number is None:
            return
        if page is not None:
            self.offset = number - page if self.offset is None else self.offset
            if page == 1:
                return
        self.urls.setdefault(number, url)

    def filled(self, count: int) -> tuple[Numbered, ...]:
        """All pages, also those a pager leaves out (1 2 … 9) or only counts (第1页/共3页 下一页)."""
        if not self.urls:
            return ()
        low, high = min(self.urls), max(self.urls)
        if self.last is not None:
            high = max(high, self.last)
        offset = self.offset
        if offset is None and self.current is None:
            offset = low - 2  # the first link of the first page leads to the second
        if offset is not None and count:
            low, high = min(low, 2 + offset), max(high, count + offset)
        low = max(low, 0 if offset is None else offset + 2)
        known = next(iter(self.urls.values()))
        start, end = self.article.place(known) or (0, 0)
        return tuple(
            Numbered(number, self.urls.get(number) or f"{known[:start]}{number}{known[end:]}")
            for number in range(low, min(high, low + MOST) + 1)
            if number != self.current
        )


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:  # more parameters than any address of an article
        return [("", query)]


def _others(query: str) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in _pairs(query) if pair[0].lower() not in _KEYS)


def _drawn(page: Page, article: _Article) -> tuple[str, ...]:
    """Pages of the pager a script draws; of several pagers on the page the one that names the article."""
    code = scripts_of(page)
    name = re.escape(article.name)
    own = re.search(rf"[\w$]+\s*\([^(){{}};]{{0,200}}[\"']{name}[\"'][^(){{}};]{{0,100}}\)", code)
    if own is None:
        return script_pager(page).pages
    alone = f"<script>{own[0]};\n{code}</script>"
    return script_pager(Page(page.url, alone.encode(), "text/html; charset=utf-8")).pages


def _linked(page: Page, found: _Found) -> list[HtmlElement]:
    """Adds the pages that links lead to; returns the links."""
    base = links.base_of(page)
    boxes: list[HtmlElement] = []
    for element in page.tree.iter("a", "option"):
        href = element.get("href") or element.get("value") or ""
        url = links.join(base, href) if found.article.may_be(href) else None
        number = None if url is None else found.article.number(url)
        if url is None or number is None:
            continue
        words = links.squeeze(element.text_content()).strip(" []【】<>«»‹›.·").lower().replace(" ", "")
        counted = _NUMBER.fullmatch(words)
        if counted is None and words not in _NEXT and words not in _LAST:
            continue
        if _is_aside(element):
            continue
        if words in _LAST:
            found.last = max(number, found.last or 0)
        found.add(int(counted[1]) if counted else None, url)
        boxes.append(element)
    return boxes


def _is_aside(element: HtmlElement) -> bool:
    for place, around in enumerate(element.iterancestors()):
        if place == _LEVELS:
            return False
        if _ASIDE.search(f"{around.get('class') or ''} {around.get('id') or ''}"):
            return True
    return False


def _stated(text: str) -> int:
    """The number of pages in 第1页/共3页, markup between the words or not; 0 where that is not said."""
    for total in _TOTAL.finditer(text):
        before, behind = (
            text[max(0, total.start() - _NEAR) : total.start()],
            text[total.end() : total.end() + _NEAR],
        )
        if _HERE_BEFORE.search(before) or _HERE_BEHIND.match(behind):
            return int(total[1])
    return 0


def _stated_beside(link: HtmlElement) -> int:
    """The number of pages as the pager round a link states it; 0 if it does not."""
    box = link
    for _ in range(_LEVELS):
        parent = box.getparent()
        if parent is None or parent.tag in {"body", "html"} or len(parent.text_content()) > _LONGEST_PAGER:
            break
        box = parent
    stated = _STATED_BESIDE.search(links.squeeze(" ".join(box.itertext())))
    return int(stated[1] or stated[2]) if stated else 0


# -- one text out of all ------------------------------------------------------------------------

_PIECE = (
    r"(?:首页|第一页|[上下前后]一?页|[尾末]页|最后一?页|共\s*\d{1,3}\s*页|第\s*\d{1,3}\s*页|\d{1,3}\s*[/／]\s*\d{1,3}页?"
    r"|页|跳转到?|转到|GO|确定|\d{1,3}|[.…]{1,6})"
)
_PAGER_LINE = re.compile(
    rf"[ \[\]【】|｜<>《》«»‹›/／,，:：·]*(?:{_PIECE}[ \[\]【】|｜<>《》«»‹›/／,，:：·]*)+", re.IGNORECASE
)
_HEADING = re.compile(
    r"[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]|第[一二三四五六七八九十]{1,3}[部章节条]|附件"
)
_HAN_END = re.compile(r"[\u4e00-\u9fff、，]$")
_HAN_START = re.compile(r"[\u4e00-\u9fff、，。；）》”]")
_PARAGRAPH = 40
"""Characters of a line that is surely no heading."""


def join(texts: Sequence[str], title: str | None = None) -> str:
    """Makes one text of the texts of an article's pages, in their order.

    Out go the pager's words at either end of a page, the title and letterhead that every page repeats above its
    text, and what every page repeats below it (kept from the last page). A paragraph that a page break cut in two
    is put together again.

    Args:
        texts: The bodies as they were read, the first page first.
        title: The article's title.
    """
    pages = [_without_pager(text.split("\n") if text else [], len(texts)) for text in texts]
    pages[1:] = [_without_head(lines, pages[0], title) for lines in pages[1:]]
    joined: list[str] = []
    for place, lines in enumerate(pages):
        tail = 0 if place == len(pages) - 1 else _common(pages[-1][::-1], lines[::-1])
        rest = _without_pager(lines[: len(lines) - tail], len(texts))
        if joined and rest and _goes_on(joined[-1], rest[0]):
            joined[-1] += rest[0]
            rest = rest[1:]
        joined += rest
    return "\n".join(joined)


def _without_head(lines: list[str], first: Sequence[str], title: str | None) -> list[str]:
    rest = lines[_common(first, lines) :]
    while rest and title and _bare(rest[0]) == _bare(title):
        rest = rest[1:]
    return rest


def _without_pager(lines: Sequence[str], count: int) -> list[str]:
    start, end = 0, len(lines)
    while start < end and _PAGER_LINE.fullmatch(lines[start]):
        start += 1
    while end > start and _PAGER_LINE.fullmatch(lines[end - 1]):
        end -= 1
    start = start if _is_pager(lines[:start], count) else 0
    end = end if _is_pager(lines[end:], count) else len(lines)
    return list(lines[start:end])


def _is_pager(run: Sequence[str], count: int) -> bool:
    """Numbers alone are a pager only if they count the article's pages."""
    words = " ".join(run)
    return "页" in words or [int(n) for n in re.findall(r"\d+", words)] == list(range(1, count + 1))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return same


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _goes_on(line: str, following: str) -> bool:
    if "\t" in line or "\t" in following or _HEADING.match(following):
        return False
    cut = _HAN_END.search(line) is not None and re.search("[，；。]", line) is not None
    return cut and len(line) >= _PARAGRAPH and _HAN_START.match(following) is not None
