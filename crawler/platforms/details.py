"""What a row says of its article beside title and date: hidden metadata tables and labelled texts."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.platforms.links import squeeze

LABELS = (
    "索引号", "信息索引号", "发布机构", "发文机构", "公开机构", "生成日期", "成文日期", "发文日期",
    "发布日期", "名称", "文号", "发文字号", "信息分类", "主题分类", "关键字", "关键词", "主题词", "有效性",
)  # fmt: skip
"""The metadata names of the disclosure catalogue (GB/T 33720 style tables on TRS and Epoint lists)."""
_LABEL = re.compile(rf"^({'|'.join(LABELS)})\s*[:：]?$")
_INLINE = re.compile(rf"^({'|'.join(LABELS)})\s*[:：]\s*(\S.{{0,300}})$")


def details_of(row: HtmlElement) -> dict[str, str]:
    """The labelled values inside a row; empty where it has none."""
    found: dict[str, str] = {}
    if len(row) == 0:
        return found
    for element in row.iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style"}:
            continue
        words = squeeze(element.text)
        if inline := _INLINE.match(words):
            found.setdefault(inline[1], inline[2].strip())
        elif label := _LABEL.match(words):
            value = _beside(element, row)
            if value and not _LABEL.match(value):
                found.setdefault(label[1], value)
    return found


def _beside(element: HtmlElement, row: HtmlElement) -> str:
    """The value of a label: what follows it in its own cell, else the next cell."""
    here: HtmlElement | None = element
    while here is not None and here is not row:
        if tail := squeeze(here.tail):
            return tail.lstrip(":：").strip()
        beside = here.getnext()
        if beside is not None and isinstance(beside.tag, str):
            return squeeze(beside.text_content())
        if here.tag in {"td", "th", "li", "dt", "dd"}:
            return ""
        here = here.getparent()
    return ""
