"""What a pager says in words: 共 289 条, 第 1/15 页."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.pager import Pager

_TOTAL = re.compile(
    r"(?:共有?|总共|合计|总计|全部)\s*[:：]?\s*(\d{1,7})\s*(?:条|篇|项|个?记录|笔)"
    r"|(?:总记录数|记录总数|总条数|总数)\s*[:：]?\s*(\d{1,7})"
    r"|^\s*(\d{1,7})\s*条(?:记录|信息|数据)?\s*$"
    r"|(\d{1,7})\s*条记录"
)
_PAGES = re.compile(
    r"(?:共有?|总共|合计)\s*[:：]?\s*(\d{1,5})\s*页|(?:总页数|页数)\s*[:：]?\s*(\d{1,5})"
    r"|(?<![\d/])\d{1,5}\s*/\s*(\d{1,5})\s*页?(?![\d/])"
)
_HERE = re.compile(r"第\s*(\d{1,5})\s*页|(?<![\d/])(\d{1,5})\s*/\s*\d{1,5}\s*页?(?![\d/])")


def stated(tree: HtmlElement | None, box: HtmlElement | None, page: Page) -> Pager:
    """Rows and pages as the pager's own text states them (共 289 条, 第 1/15 页)."""
    texts: list[str] = []
    if tree is not None:
        texts = [links.squeeze(tree.text_content()), *_texts(tree)]
    elif box is not None:
        holder = box
        for _ in range(4):
            parent = holder.getparent()
            if parent is None or parent.tag in {"body", "html"} or len(parent.text_content()) > 400:
                break
            holder = parent
        texts = [_spaced(holder), *_texts(holder)]
    if not texts:
        texts = [
            _spaced(element)
            for element in page.tree.xpath(
                "//*[self::div or self::ul or self::p or self::td or self::span]"
                "[contains(@class,'pag') or contains(@class,'Pag') or contains(@id,'pag')"
                " or contains(@id,'Pag') or contains(@class,'fenye')]"
            )
            if len(element.text_content()) <= 200
        ]
    total = count = here = None
    for text in texts:
        if total is None and (match := _TOTAL.search(text)):
            total = next(int(group) for group in match.groups() if group)
        if count is None and (match := _PAGES.search(text)):
            count = next(int(group) for group in match.groups() if group)
        if here is None and (match := _HERE.search(text)):
            here = max(next(int(group) for group in match.groups() if group) - 1, 0)
    return Pager(total=total, page_count=count, page_number=here if count is not None else None)


def _texts(element: HtmlElement) -> list[str]:
    return [links.squeeze(str(text)) for text in element.xpath(".//text()[not(ancestor::script)]")]


def _spaced(element: HtmlElement) -> str:
    """The words of an element, pieces set apart by a space: ``共<b>15</b>页`` stays legible."""
    return links.squeeze(" ".join(_texts(element)))
