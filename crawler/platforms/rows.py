"""The rows of a list page, in any markup: ``ul/li``, tables, ``dl``, nested ``div``, or bare links and dates.

A row is found from its link outwards: the largest element that holds no other row's link. Where a list sets
links and dates side by side without an element around each pair, they are paired in reading order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from itertools import islice

from lxml.html import HtmlElement

from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.dates import find_date, is_yearless, margin_date, only_date, parted_date
from crawler.platforms.titles import title_of, wrapped_title

_ROW_TAGS = frozenset({"li", "tr"})
_SILENT = frozenset({"script", "style", "noscript", "template", "select", "textarea"})


class _Many(Enum):
    MANY = "more than one address"


@dataclass(frozen=True, kw_only=True)
class Link:
    """One ``<a>`` of the page with an address."""

    element: HtmlElement
    url: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A link that stands as an entry of a list, before anybody decided whether the list is the column."""

    title: str
    url: str
    date: date | None
    element: HtmlElement
    """What holds the row; its text beside the title is what the row says of the article."""
    yearless: bool = False
    """It prints month and day, and nothing tells the year."""
    link: HtmlElement
    """The link its title and address are of."""
    signature: int
    """Where the row stands in the markup: rows of one list have the same."""


def rows_of(page: Page, candidates: list[Link]) -> list[Row]:
    """Makes rows of links, in page order.

    Args:
        page: The list page.
        candidates: Links that may be entries (see :func:`crawler.platforms.furniture.content_links`).
    """
    held = _links_held(candidates)
    by_element = {link.element: link for link in candidates}
    places = Signatures()
    rows: dict[HtmlElement, Row] = {}
    loose: dict[HtmlElement, list[HtmlElement]] = {}
    for link in candidates:
        holder, outer = _holder(link.element, held)
        if holder in rows:
            continue
        inside = [by_element[a] for a in _own(holder) if a in by_element]
        rows[holder] = _read_row(holder, inside or [link], places)
        if rows[holder].date is None and outer is not None:
            loose.setdefault(outer, []).append(holder)
    for outer, holders in loose.items():
        _pair(outer, holders, rows, places)
    return [row if row.date else replace(row, date=_hidden_date(row)) for row in rows.values()]


def _links_held(candidates: list[Link]) -> dict[HtmlElement, str | _Many]:
    """Per element the one address it holds outside nested rows, or that it holds several."""
    held: dict[HtmlElement, str | _Many] = {}
    for link in candidates:
        element = link.element
        while element is not None:
            known = held.get(element)
            if known is _Many.MANY:
                break
            held[element] = link.url if known in {None, link.url} else _Many.MANY
            if element.tag in _ROW_TAGS:
                break
            element = element.getparent()
    return held


def _holder(
    anchor: HtmlElement, held: dict[HtmlElement, str | _Many]
) -> tuple[HtmlElement, HtmlElement | None]:
    """The row element of a link, and the element around it in which a stream of pairs might stand."""
    element = anchor
    if anchor.tag in _ROW_TAGS:
        return anchor, None
    while True:
        parent = element.getparent()
        if parent is None or parent.tag == "html":
            return element, None
        if held.get(parent) is _Many.MANY:
            if parent.tag in _ROW_TAGS and _count_dates(parent) <= 1:
                return parent, None
            return element, parent
        if parent.tag in _ROW_TAGS:
            return parent, None
        element = parent


def _own(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element and what it holds outside nested rows and silent elements, in document order."""
    stack = [element]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(
            child
            for child in reversed(current)
            if isinstance(child.tag, str) and child.tag not in _SILENT and child.tag not in _ROW_TAGS
        )


def _count_dates(element: HtmlElement) -> int:
    return sum(1 for text in _pieces(element, skip_links=True) if find_date(text))


def _pieces(element: HtmlElement, *, skip_links: bool, nested: bool = False) -> Iterator[str]:
    """The texts of an element in reading order.

    Args:
        element: Where to read.
        skip_links: Leave the words of links out.
        nested: Also read what stands in rows inside this row (hidden metadata tables).
    """
    stack: list[tuple[HtmlElement, bool]] = [(element, True)]
    while stack:
        current, enter = stack.pop()
        if not enter:
            if current.tail and current.tail.strip():
                yield current.tail.strip()
            continue
        if current is not element:
            stack.append((current, False))
        tag = current.tag
        if not isinstance(tag, str) or tag in _SILENT:
            continue
        if current is not element and tag in _ROW_TAGS and (not nested or _links_on(current)):
            continue
        if skip_links and tag == "a":
            continue
        if current.text and current.text.strip():
            yield current.text.strip()
        stack.extend((child, True) for child in reversed(current))


def _links_on(element: HtmlElement) -> bool:
    """True for a nested row with a link of its own: its date is its own, too."""
    return element.find(".//a") is not None


def _read_row(holder: HtmlElement, inside: list[Link], places: Signatures) -> Row:
    best = max(inside, key=lambda link: _weight(link, holder))
    title = title_of(best.element)
    found = row_date(holder, best.url)
    if found is None or best.element.tag not in {"a", "area"}:
        title, inside_link = wrapped_title(best.element, title, best.url)
        found = found or inside_link
    if title.strip("[]【】()（） ").lower() in links.GENERIC:
        texts = [links.squeeze(text) for text in _pieces(holder, skip_links=True)]
        title = max((text for text in texts if not only_date(text)), key=len, default=title)
    return Row(
        title=title,
        url=best.url,
        date=found,
        yearless=found is None and any(map(is_yearless, _pieces(holder, skip_links=False))),
        element=holder,
        link=best.element,
        signature=places.of(holder),
    )


_DATE_NAMES = ("datetime", "data-date", "data-time", "data-pubdate", "title")
_LABELLED = re.compile(r"(?:发布|公开|更新|生成)(?:时间|日期)\s*[:：]?\s*([^\n\r]{6,24})")


def _hidden_date(row: Row) -> date | None:
    """The date of a row that stands in attributes: ``<time datetime>``, ``title="2023-03-15"``, a link's tooltip."""
    for element in islice(_own(row.element), _LARGEST):
        if element is not row.link:
            for name in _DATE_NAMES:
                if (written := element.get(name)) and (found := only_date(written, url=row.url)):
                    return found
    told = _LABELLED.search(row.link.get("title") or "")
    return find_date(told[1]) if told else None


_LARGEST = 60
"""Elements of a row that are looked through for a date in their attributes."""


def _weight(link: Link, holder: HtmlElement) -> tuple[int, int]:
    """How likely a link is the title of its row, against a category or attachment link beside it."""
    title = title_of(link.element)
    parent = link.element.getparent()
    return (
        4 * links.is_article(link.url)
        + 2 * (parent is not None and parent.tag in {"h1", "h2", "h3", "h4", "h5", "h6"})
        + bool(link.element.get("title"))
        + 2 * (len(title) >= 8)
        - 4 * (title.strip("[]【】()（） ").lower() in links.GENERIC or links.is_frame_word(title)),
        0 if holder is link.element else min(len(title), 12),
    )


def row_date(holder: HtmlElement, url: str) -> date | None:
    """The date a row prints outside its links.

    A text that is nothing but a date wins over a date inside a sentence; the row itself wins over the hidden
    metadata table some portals put into it.
    """
    column = _dated_cell(holder)
    if column is not None:
        texts = list(_pieces(column, skip_links=True))
        if texts and (found := find_date(" ".join(texts), url=url)):
            return found
    for nested in (False, True):
        texts = [text for text in _pieces(holder, skip_links=True, nested=nested) if len(text) <= 200]
        if found := _parted(texts):
            return found
        for text in texts:
            if found := only_date(text, url=url):
                return found
        short = [text for text in texts if len(text) <= 40]
        for text in [*short, *(" ".join(part) for part in (short[-3:], short[:3], short[-2:], short[:2]))]:
            if found := find_date(text, url=url):
                return found
    return None


def _parted(texts: list[str]) -> date | None:
    """The date that two or three neighbouring texts make together; before any of them is taken for one alone.

    From the end: a row begins with its number, which looks like a day.
    """
    for size in (3, 2):
        for n in range(len(texts) - size, -1, -1):
            parts = texts[n : n + size]
            if max(map(len, parts)) <= _PART and (found := parted_date(" ".join(parts))) is not None:
                return found
    return None


_PART = 12
"""Characters of a part of a date."""
_DATE_HEADS = ("发布日期", "发布时间", "公开日期", "公布日期", "日期", "时间", "生成日期", "成文日期")


def _dated_cell(row: HtmlElement) -> HtmlElement | None:
    """The cell of a table row that the table's heading names as the date of publication."""
    if row.tag != "tr":
        return None
    parent = row.getparent()
    table = parent.getparent() if parent is not None and parent.tag in {"tbody", "thead"} else parent
    if table is None or table.tag != "table":
        return None
    head = next(iter(table.xpath("./tr|./thead/tr|./tbody/tr")), None)
    if head is None or head is row:
        return None
    names = [links.squeeze(cell.text_content()).rstrip(":：") for cell in head.xpath("./th|./td")]
    cells = row.xpath("./th|./td")
    if len(names) != len(cells):
        return None
    wanted = next((name for name in _DATE_HEADS if name in names), None)
    return cells[names.index(wanted)] if wanted else None


def _pair(
    outer: HtmlElement, holders: list[HtmlElement], rows: dict[HtmlElement, Row], places: Signatures
) -> None:
    """Gives undated rows the dates that stand beside them in one element, in reading order.

    A row that has its date inside itself parts the sequence: what stands behind it is not its neighbour's.
    """
    undated = set(holders)
    sequence: list[HtmlElement | str | None] = []
    texts: list[tuple[HtmlElement | None, str]] = [(None, outer.text or "")]
    for child in outer:
        texts.append((child, ""))
        texts.append((None, child.tail or ""))
    for child, text in texts:
        if child is not None and child in undated:
            sequence.append(child)
        elif child is not None and (child in rows or not isinstance(child.tag, str) or child.tag in _SILENT):
            sequence.extend([None] if child in rows else [])
        else:
            words = (text if child is None else _short_text(child)).strip()
            if words and (_date_beside(words, "") is not None or is_yearless(words)):
                sequence.append(words)
    beside = -1 if isinstance(sequence[0], str) else 1
    for n, item in enumerate(sequence):
        if item is None or isinstance(item, str) or not 0 <= n + beside < len(sequence):
            continue
        words_beside = sequence[n + beside]
        if isinstance(words_beside, str):
            day = _date_beside(words_beside, rows[item].url)
            pair = places.of(item, kind="pair")
            rows[item] = replace(rows[item], date=day, yearless=day is None, signature=pair)


def _date_beside(words: str, url: str) -> date | None:
    """The date that a text beside a row consists of, or all but consists of."""
    return only_date(words, url=url) or parted_date(words) or margin_date(words)


def _short_text(element: HtmlElement) -> str:
    """The words of an element that may be a date; of a long one nothing."""
    words = ""
    for text in _pieces(element, skip_links=True):
        words += f" {text}"
        if len(words) > 60:
            return ""
    return words


class Signatures:
    """Numbers for places in the markup: elements of one list get the same one.

    Two elements are of one list if tags and classes from their parents up to the body agree; digits in
    classes and the element's own class (odd, even, on) do not count.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, str, str], int] = {}
        self._known: dict[HtmlElement, int] = {}

    def of(self, element: HtmlElement, *, kind: str = "") -> int:
        """The number of an element's place; ``kind`` sets apart rows made in another way at one place."""
        parent = element.getparent()
        return self._number(self._above(parent) if parent is not None else 0, str(element.tag), kind)

    def _above(self, element: HtmlElement) -> int:
        path = [element]
        while path[-1] not in self._known and (parent := path[-1].getparent()) is not None:
            path.append(parent)
        number = self._known.get(path[-1], 0)
        for step in reversed(path):
            if step not in self._known:
                words = "".join(c for c in (step.get("class") or "") if not c.isdigit())
                self._known[step] = self._number(number, str(step.tag), words)
            number = self._known[step]
        return number

    def _number(self, above: int, tag: str, words: str) -> int:
        return self._numbers.setdefault((above, tag, words), len(self._numbers) + 1)
