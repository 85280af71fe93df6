"""What a pager says in words: 共 289 条, 第 1/15 页."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.pager import Pager
from crawler.platforms.titles import text_of

_PER_PAGE = re.compile(r"每页(?:显示)?\s*\d*\s*[条篇项]?|\d+\s*[条篇项]\s*/\s*页")
_TOTAL = re.compile(
    r"(?:共有?|共计|总共|合计|总计|全部|共(?:查询|检索|搜索|查找|找)到)\s*[:：]?\s*(\d{1,7})\s*(?:条|篇|项|个?记录|笔)"
    r"|(?:总记录数?|记录总数|总条数|总数|记录数|信息总数)\s*[:：]?\s*(\d{1,7})"
    r"|^\s*(\d{1,7})\s*条(?:记录|信息|数据)?\s*$"
    r"|(\d{1,7})\s*条记录"
)
_TOTAL_BESIDE = re.compile(r"(?<!\d)(\d{1,7})\s*条(?=\s|$|[，,;；/|记信数])")
"""A bare ``235 条``: taken only where the text counts pages, too."""
_PAGES = re.compile(
    r"(?:共有?|总共|合计|共计|总|分)\s*[:：]?\s*(\d{1,5})\s*页|(?:总页数?|页数)\s*[:：]?\s*(\d{1,5})"
    r"|(?<![\d/.])\d{1,5}\s*/\s*(\d{1,5})\s*页?(?![\d/.])"
)
_HERE = re.compile(
    r"第\s*(\d{1,5})\s*(?:页|/)|(?<![\d/.])(\d{1,5})\s*/\s*\d{1,5}\s*页?(?![\d/.])|当前\s*[:：]?\s*(\d{1,5})\s*页"
)
_LONGEST = 400
_LONGEST_WORD = 8
"""Characters a pager's link may have; titles have more."""
_NAMED = ("pag", "Pag", "fenye", "fanye", "turn")
_TURNS = re.compile(r"首页|[上下]一?页|尾页|末页|跳转|转到|GO|[>»<«|]", re.IGNORECASE)
_UNIT = (
    r"(?:共有?|总共|共计|合计)\s*\d+\s*[条篇页](?:记录|信息|数据)?|\d+\s*条(?:记录|信息|数据)?|(?:第\s*)?\d+\s*/\s*\d+\s*页?|第\s*\d+\s*页"
    r"|当前(?:第|为)?\s*\d+\s*页?|(?:页次|页码|页数|总页数|总记录数?|记录总数)\s*[:：]?\s*\d+(?:\s*/\s*\d+)?\s*页?|每页\s*(?:显示)?\s*\d+\s*条|\d+\s*条\s*/\s*页"
)
_ALONE = re.compile(rf"^(?=.*(?:共|第|/|总|记录|信息|数据))\W*(?:(?:{_UNIT})[^\w]*)+$")
"""A text that can only be a pager's, wherever it stands."""


def stated(tree: HtmlElement | None, box: HtmlElement | None, page: Page) -> Pager:
    """Rows and pages as the pager's own text states them (共 289 条, 第 1/15 页).

    Args:
        tree: A pager that stands apart from its page (unpacked by us).
        box: An element of the pager on the page; None if it has no links.
        page: The list page.
    """
    texts: list[str] = []
    if tree is not None:
        texts = [links.squeeze(tree.text_content()), *_texts(tree)]
    elif box is not None:
        holder = _holder(box)
        texts = [_spaced(holder), *_texts(holder)]
    if not any(map(_counts, texts)):
        marks = " or ".join(f"contains(@class,'{name}') or contains(@id,'{name}')" for name in _NAMED)
        named = page.tree.xpath(f"//*[self::div or self::ul or self::p or self::td or self::span][{marks}]")
        texts += [_spaced(element) for element in named if len(element.text_content()) <= _LONGEST / 2]
        lone = page.tree.xpath(
            "//body//text()[contains(.,'页') or contains(.,'条')][not(ancestor::a or ancestor::script)]"
        )
        words_of = (_TURNS.sub(" ", links.squeeze(str(text))).strip() for text in lone)
        texts += [words for words in words_of if len(words) <= 60 and _ALONE.match(words)]
    total = count = here = None
    for text in texts:
        words = _PER_PAGE.sub(" ", text)
        if total is None and (match := _TOTAL.search(words)):
            total = _first(match)
        if count is None and (match := _PAGES.search(words)):
            place = _HERE.search(words)
            if match[3] is None or (place is not None and _first(place) <= int(match[3])):
                count = _first(match)
                here = max(_first(place) - 1, 0) if place else here
        if here is None and count is not None and (match := _HERE.search(words)):
            here = max(_first(match) - 1, 0)
        if total is None and _PAGES.search(words) and (match := _TOTAL_BESIDE.search(words)):
            total = int(match[1])
    return Pager(total=total, page_count=count, page_number=here if count is not None else None)


def _counts(text: str) -> bool:
    return bool(_TOTAL.search(text) or _PAGES.search(text))


def _first(match: re.Match[str]) -> int:
    return next(int(group) for group in match.groups() if group)


def _holder(box: HtmlElement) -> HtmlElement:
    """What holds the whole pager: never a row of the list, whose date may look like ``3/15``."""
    holder = box
    for _ in range(4):
        parent = holder.getparent()
        if parent is None or parent.tag in {"body", "html"} or len(parent.text_content()) > _LONGEST:
            break
        anchors = list(parent.iter("a"))
        if any(links.is_article(a.get("href") or "") or len(text_of(a)) > _LONGEST_WORD for a in anchors):
            break
        holder = parent
    return holder


def _texts(element: HtmlElement) -> list[str]:
    return [links.squeeze(str(text)) for text in element.xpath(".//text()[not(ancestor::script)]")]


def _spaced(element: HtmlElement) -> str:
    """The words of an element, pieces set apart by a space: ``共<b>15</b>页`` stays legible."""
    return links.squeeze(" ".join(_texts(element)))
