"""The title of an entry: in full where the page cuts it, without what is not the title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from lxml.html import HtmlElement

from crawler.platforms.dates import only_date
from crawler.platforms.links import parts_of, squeeze

_CUT = re.compile(r"\s*(?:\.{2,}|…+|。{3,}|⋯+)\s*$")
_LABELLED = re.compile(r"^\s*(?:文章)?(?:标题|名称|信息名称)\s*[:：]\s*")
_BULLET = re.compile(r"^[\s·•●◆■□▪►▶➤※★>›»\-–—]+(?=\S)")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LARGEST = 80
"""Elements inside a link that is a row; a link around half a page is an unclosed tag."""
_SILENT = ("script", "style", "noscript")
_LINES = re.compile(r"[\r\n]+| (?=(?:发布|更新|点击|作者|来源)[^:：]{0,4}[:：])")


_MOST, _STEPS = 5_000, 2_000
"""Characters and elements. Links that are never closed hold one another and each the rest of the page: reading 200 of
them whole took 4 s."""


def text_of(element: HtmlElement) -> str:
    """The words of an element without scripts, white space squeezed; of a very long one only the beginning."""
    parts = [element.text or ""]
    walk: list[Iterator[HtmlElement]] = [iter(element)]
    tails: list[str] = []
    length = steps = 0
    while walk and length < _MOST and steps < _STEPS:
        child = next(walk[-1], None)
        if child is None:
            walk.pop()
            if tails:
                parts.append(tails.pop())
        elif isinstance(child.tag, str) and child.tag not in _SILENT:
            parts.append(child.text or "")
            walk.append(iter(child))
            tails.append(child.tail or "")
        else:
            parts.append(child.tail or "")
        length += len(parts[-1])
        steps += 1
    return squeeze("".join(parts))


def title_of(anchor: HtmlElement) -> str:
    """The title a link carries.

    ``title=`` counts where the text is empty or cut with an ellipsis, or where it goes on where the text
    stops; a ``title=`` that says something else (a tooltip with labels) does not replace a whole text.
    """
    if anchor.tag == "area":
        return _area_title(anchor)
    text = _BULLET.sub("", text_of(anchor))
    lines = [line for line in _LINES.split(anchor.get("title") or "") if line.strip()]
    attribute = squeeze(_LABELLED.sub("", lines[0])) if lines else ""
    cut = _CUT.search(text)
    if not text:
        images = [squeeze(str(alt)) for alt in anchor.xpath(".//img/@alt")]
        return attribute or next((alt for alt in images if alt), "")
    if not attribute:
        return text
    if cut:
        head = text[: cut.start()]
        same = _bare(attribute).startswith(_bare(head)[:6]) or _bare(head) in _bare(attribute)
        return attribute if same else text
    if len(attribute) > len(text) and _bare(attribute).startswith(_bare(text)) and len(text) >= 6:
        return attribute
    return text


def _area_title(area: HtmlElement) -> str:
    """What a region of an image map is called; a bare region only has the host it leads to."""
    named = squeeze(area.get("title")) or squeeze(area.get("alt"))
    parts = parts_of(area.get("href") or "")
    return named or (parts.netloc if parts else "")


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text)


def wrapped_title(anchor: HtmlElement, title: str, url: str) -> tuple[str, date | None]:
    """Title and date of a link that is itself the row: ``<a><h3>…</h3><span>date</span></a>``.

    Args:
        anchor: The link.
        title: What :func:`title_of` made of it, the answer if the link is no row.
        url: Its address, for a date without a year.
    """
    found: date | None = None
    blocks: list[str] = []
    dated: list[str] = []
    inner = list(islice(anchor.iterdescendants(), _LARGEST + 1))
    if len(inner) > _LARGEST:
        return title, None
    for element in inner:
        if not isinstance(element.tag, str) or element.tag in _SILENT:
            continue
        words = text_of(element)
        day = only_date(words, url=url)
        if day is not None:
            found = found or day
            dated.append(words)
        elif element.tag in {"p", "div", "span", "em", "b", "strong", "td", "dt", "dd", *_HEADINGS} and words:
            blocks.append(words)
    if found is None:
        return title, None
    headings = [text_of(element) for element in anchor.iter(*_HEADINGS)]
    named = [text_of(element) for element in anchor.xpath(".//*[contains(@class,'tit')]")]
    attribute = squeeze(anchor.get("title"))
    whole = text_of(anchor)
    for words in dated:
        whole = squeeze(whole.replace(words, " "))
    choices = [attribute, *headings, *named, *(block for block in blocks if block in whole)]
    picked = next((words for words in choices if len(words) >= 4 and only_date(words) is None), whole)
    for words in dated:
        picked = squeeze(picked.replace(words, " "))
    return picked or title, found
