"""The title of an entry: in full where the page cuts it, without what is not the title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from lxml.html import HtmlElement

from crawler.platforms.dates import edge_date, margin_date, only_date, parted_date
from crawler.platforms.links import parts_of, squeeze

_CUT = re.compile(r"\s*(?:\.{2,}|…+|。{3,}|⋯+)\s*$")
_LABELLED = re.compile(r"^\s*(?:文章)?(?:标题|名称|信息名称)\s*[:：]\s*")
_BULLET = re.compile(r"^[\s·•●◆■□▪►▶➤※★>›»\-–—]+(?=\S)")
_NEW = re.compile(r"(?:(?<=[^\x00-\x7f])|(?<=[)\]>]))\s*(?:NEW|HOT)!?$", re.IGNORECASE)
"""A mark for fresh rows, drawn as an element of its own behind the words."""
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
    text = _bare_text(anchor, text_of(anchor))
    attribute = _tooltip(anchor)
    if not text:
        images = [squeeze(str(alt)) for alt in anchor.xpath(".//img/@alt")]
        return attribute or next((alt for alt in images if alt), "")
    return _fuller(text, attribute)


def _bare_text(anchor: HtmlElement, text: str) -> str:
    """Words of a link without the bullet before them and the mark for a fresh row behind."""
    text = _BULLET.sub("", text)
    return _NEW.sub("", text) if len(anchor) else text


def _tooltip(anchor: HtmlElement) -> str:
    """The title that ``title=`` gives, of several lines the first."""
    lines = [line for line in _LINES.split(anchor.get("title") or "") if line.strip()]
    return squeeze(_LABELLED.sub("", lines[0])) if lines else ""


def _fuller(text: str, attribute: str) -> str:
    """The title of a link by its words and its tooltip: the tooltip where it goes on where the words stop."""
    if not attribute:
        return text
    if cut := _CUT.search(text):
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
    inner = list(islice(anchor.iterdescendants(), _LARGEST + 1))
    if len(inner) > _LARGEST:
        return title, None
    pieces = list(_pieces(anchor))
    found, taken = _dated_pieces([words for _, words in pieces], url)
    if found is None:
        edge = edge_date(text_of(anchor))
        if edge is None:
            return title, None
        return _fuller(_bare_text(anchor, edge[0]), _tooltip(anchor)), edge[1]
    rest = [piece for n, piece in enumerate(pieces) if n not in taken]
    held: dict[HtmlElement, str] = {}
    for element, words in rest:
        for above in (element, *element.iterancestors()):
            held[above] = f"{held.get(above, '')} {words}"
            if above is anchor:
                break
    headings = [element for element in inner if element.tag in _HEADINGS]
    named = [element for element in inner if "tit" in (element.get("class") or "")]
    blocks = [element for element in inner if element.tag in _BLOCKS]
    inline = [element for element in inner if element.tag in _INLINE]
    shown = [element for element in inline if not _BRACKETED.match(squeeze(held.get(element)))]
    if len(shown) > 1 and len({(element.tag, element.get("class")) for element in shown}) == 1:
        shown = []  # one title in pieces, as a search marks its words
    blocks += sorted(shown, key=lambda element: -len(held.get(element, "")))
    choices = [squeeze(held.get(element)) for element in (*headings, *named, *blocks)]
    whole = squeeze("".join(words for _, words in rest if not _BRACKETED.match(words)))
    picked = next((words for words in choices if len(words) >= 4 and only_date(words) is None), whole)
    return _fuller(_bare_text(anchor, picked), _tooltip(anchor)) or _tooltip(anchor) or title, found


_BLOCKS = frozenset({"p", "div", "td", "dt", "dd"})
_INLINE = frozenset({"span", "em", "b", "strong"})
_BRACKETED = re.compile(r"^(?:[\[【(（].*[\])】）])?$")
"""A category before the title, or nothing."""
_SHORT = 16
"""Characters of one part of a date that stands in parts."""


def _pieces(anchor: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """The texts inside a link, each with the element that holds it, in reading order."""
    for text in anchor.xpath(".//text()"):
        words = squeeze(str(text))
        holder = text.getparent().getparent() if text.is_tail else text.getparent()
        if words and holder.tag not in _SILENT:
            yield holder, words


def _dated_pieces(texts: list[str], url: str) -> tuple[date | None, range]:
    """The date among the texts of a link, and which of them say it."""
    for size in (3, 2):
        for n in range(len(texts) - size + 1):
            parts = texts[n : n + size]
            if max(map(len, parts)) <= _SHORT and (found := parted_date(" ".join(parts))) is not None:
                return found, range(n, n + size)
    for n, words in enumerate(texts):
        if (found := only_date(words, url=url)) is not None:
            return found, range(n, n + 1)
    for n, words in enumerate(texts):
        if (found := margin_date(words)) is not None:
            return found, range(n, n + 1)
    return None, range(0)
