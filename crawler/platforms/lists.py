"""From the links of a page to the entries of its column: which list is the column, which stands beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from lxml.html import HtmlElement

from crawler.platforms import links
from crawler.platforms.base import Entry, Listing, Page
from crawler.platforms.details import details_of
from crawler.platforms.furniture import MAX_LINKS, anchors_of, content_links, is_aside
from crawler.platforms.pager import Pager
from crawler.platforms.pagers import read_pager
from crawler.platforms.rows import Row, rows_of
from crawler.platforms.scriptrows import record_rows, written_page
from crawler.platforms.titles import text_of

NO_LIST = "no list on this page"
NO_DATES = "no dated rows: read as a directory of links"
_SHORTEST = 4
"""Entries of a directory have at least four characters; shorter words are menus."""


def read_list(page: Page, *, owned: Callable[[str], bool] = lambda _: False, scripts: bool = True) -> Listing:
    """Reads entries and pager of a list page.

    Args:
        page: The page.
        owned: Says of an address that it is an article of the platform even where the row prints no date.
        scripts: Also read rows that stand in its scripts as literals.
    """
    every = anchors_of(page)
    content = content_links(page, every)
    candidates = rows_of(page, content)
    rows = _entries(page, candidates, owned)
    if not any(row.date or row.yearless for row in rows):
        unframed = [
            link
            for link in every
            if not links.is_frame_word(text_of(link.element))
            and not any(map(is_aside, link.element.iterancestors()))
        ]
        wider = _entries(page, rows_of(page, unframed), owned) if len(unframed) > len(content) else []
        if any(row.date and links.is_article(row.url) for row in wider):
            rows = wider
    if scripts and (scripted := _in_scripts(page, rows, owned)) is not None:
        return scripted
    pager = read_pager(page, len(rows))
    warnings: list[str] = list(pager.warnings)
    if len(every) == MAX_LINKS:
        warnings.append(f"only the first {MAX_LINKS} links of the page were read")
    beside = _beside(rows)
    every_row, counted = rows, _column_only(page, rows, beside, pager.element)
    if rows and (pager.pages or (pager.total or 0) > 0):
        rows = counted
    elif any(row.date and row.element not in beside for row in rows):
        rows = [row for row in rows if row.element not in beside]
    outside = [row for row in candidates if row.element not in beside]
    single = not pager.pages and (pager.page_count or 1) == 1
    if single and all(row.element in beside for row in rows) and (named := _directory(page, outside)):
        counted = rows = named
        warnings.append(NO_DATES)
    if not rows:
        warnings.append(NO_LIST)
    pager = _plausible(pager, len(counted))
    own = dict.fromkeys(row.url for row in counted)
    return replace(
        listing_of(rows, pager, tuple(warnings)),
        rows=tuple(own),
        beside=_unique([row for row in every_row if row.date and row.url not in own]),
    )


def _in_scripts(page: Page, rows: list[Row], owned: Callable[[str], bool]) -> Listing | None:
    """The list that the page's scripts hold as literals, with the pager of the page; None if they hold none.

    Records in CDATA are the column whatever stands beside them; what scripts write is read together with the page,
    objects only where the page shows no row with a date.
    """
    dated = sum(bool(row.date or row.yearless) for row in rows)
    listing = record_rows(page, objects=not dated)
    if listing is None:
        written = written_page(page)
        whole = read_list(written, owned=owned, scripts=False) if written is not None else None
        own = {row.url for row in rows}
        if whole is None or NO_DATES in whole.warnings or all(entry.url in own for entry in whole.entries):
            return None
        return whole
    if listing.pages or listing.page_count is not None:
        return listing
    pager = read_pager(page, len(listing.entries))
    return replace(
        listing,
        pages=pager.pages,
        total=pager.total,
        page_count=pager.page_count,
        page_number=pager.page_number,
        warnings=pager.warnings,
    )


def _plausible(pager: Pager, rows: int) -> Pager:
    """Without a total that the pages before the last would already exceed: a page size written in its place."""
    several = (pager.page_count or 1) - 1
    if pager.total is None or pager.page_number is None or not several or pager.page_number >= several:
        return pager
    return replace(pager, total=None) if rows and pager.total <= several * rows else pager


def listing_of(rows: list[Row], pager: Pager, warnings: tuple[str, ...]) -> Listing:
    """Rows and pager as a Listing; a link that stands twice counts once."""
    return Listing(
        entries=_unique(rows),
        pages=pager.pages,
        total=pager.total,
        page_count=pager.page_count,
        page_number=pager.page_number,
        warnings=warnings,
    )


def _unique(rows: list[Row]) -> tuple[Entry, ...]:
    unique: dict[str, Row] = {}
    for row in rows:
        known = unique.get(row.url)
        if known is None or (known.date is None and row.date is not None):
            unique[row.url] = row
    return tuple(
        Entry(title=row.title, url=row.url, date=row.date, metadata=details_of(row.element))
        for row in unique.values()
    )


def _entries(page: Page, rows: list[Row], owned: Callable[[str], bool]) -> list[Row]:
    """Rows that are entries: dated, or of an article's shape and in one list with dated ones, or owned."""
    named = [row for row in rows if row.title and not links.is_frame_word(row.title)]
    dated = {row.signature for row in named if row.date is not None or row.yearless}
    kept = [
        row
        for row in named
        if ((row.date is not None or row.yearless) and not _is_home(row.url, page))
        or owned(row.url)
        or (row.signature in dated and links.is_article(row.url))
    ]
    return _without_nested(kept)


def _without_nested(rows: list[Row]) -> list[Row]:
    """Drops undated links that stand inside another entry's row (相关解读 beside the notice it explains)."""
    holders = {row.element for row in rows if row.date is not None}
    return [
        row
        for row in rows
        if row.date is not None or not any(above in holders for above in row.element.iterancestors())
    ]


def _is_own_folder(url: str, page: Page) -> bool:
    """True for columns of the same portal: they are ways on, not entries."""
    parts, own = links.parts_of(url), links.parts_of(page.url)
    if parts is None or own is None:
        return True
    same = parts.netloc.removeprefix("www.") == own.netloc.lower().removeprefix("www.")
    return same and not links.is_article(url)


def _is_home(url: str, page: Page) -> bool:
    parts, own = links.parts_of(url), links.parts_of(page.url)
    return parts is None or parts.path in {"", "/"} or (own is not None and url == page.url)


def _beside(rows: list[Row]) -> set[HtmlElement]:
    """The rows in boxes whose headings say that they show rows of anywhere."""
    known: dict[HtmlElement | None, bool] = {}
    found: set[HtmlElement] = set()
    for row in rows:
        holder = row.element.getparent()
        if holder not in known:
            known[holder] = _under_aside_heading(row.element)
        if known[holder]:
            found.add(row.element)
    return found


def _column_only(
    page: Page, rows: list[Row], beside: set[HtmlElement], pager: HtmlElement | None
) -> list[Row]:
    """The list the pager turns, without the boxes beside it.

    The column's list is the one with most rows, a row in the column's own folder counting for twenty (its
    last page may hold a single row beside a box of ten); standing together with the pager counts as much, standing
    under 推荐阅读 or its like takes more away. Other lists stay when they, too, lie in that folder.
    """
    if not rows:
        return rows
    folder = links.folder_of(page.url)
    groups: dict[int, list[Row]] = {}
    # One markup may serve the column and the box beside it: the heading tells them apart.
    keys = [-row.signature if row.element in beside else row.signature for row in rows]
    for key, row in zip(keys, rows, strict=True):
        groups.setdefault(key, []).append(row)
    asides = {key for key in groups if key < 0}
    near = _nearest(groups, pager)

    def inside(group: list[Row]) -> int:
        return sum(links.folder_of(row.url).startswith(folder) for row in group)

    def weight(key: int) -> int:
        group = groups[key]
        return len(group) + 19 * inside(group) + 20 * (key == near) - 1000 * (key in asides)

    main = max(groups, key=weight)
    kept = {key for key, group in groups.items() if key == main or 2 * inside(group) > len(group)} - asides
    return [row for key, row in zip(keys, rows, strict=True) if key in kept]


_ASIDE = re.compile(
    r"^\W{0,3}(?:推荐(?:阅读|文章|信息|新闻|内容)|热门|热点(?:推荐|排行|新闻|关注|信息)|(?:点击|阅读|浏览|访问|新闻|信息|文章)排行|排行榜"
    r"|相关(?:阅读|链接|文章|信息|新闻|推荐|内容|稿件)|猜你喜欢|大家都在看|最近更新|图片新闻|精彩推荐|延伸阅读)"
)
_HEADING = 16
"""Characters. What stands above a box is a word or two."""


def _under_aside_heading(element: HtmlElement) -> bool:
    """True for a row in a box whose heading says that it shows rows of anywhere."""
    for _ in range(5):
        parent = element.getparent()
        if parent is None or parent.tag in {"body", "html"}:
            return False
        before = element.getprevious()
        for _ in range(3):
            if before is None:
                break
            words = text_of(before) if isinstance(before.tag, str) else ""
            if len(words) <= _HEADING and _ASIDE.match(words):
                return True
            before = before.getprevious()
        element = parent
    return False


def _nearest(groups: dict[int, list[Row]], pager: HtmlElement | None) -> int | None:
    """The list that shares the smallest element with the pager; None if several share it."""
    if pager is None:
        return None
    above = {element: depth for depth, element in enumerate([pager, *pager.iterancestors()])}
    shared = {
        key: next((above[e] for e in group[-1].element.iterancestors() if e in above), len(above))
        for key, group in groups.items()
    }
    closest = min(shared.values())
    keys = [key for key, steps in shared.items() if steps == closest]
    return keys[0] if len(keys) == 1 else None


def _directory(page: Page, rows: list[Row]) -> list[Row]:
    """The links of a page without dates: its largest lists, menus left out."""
    worthy = [
        row
        for row in rows
        if len(row.title) >= _SHORTEST
        and not links.is_frame_word(row.title)
        and not _is_home(row.url, page)
        and not _is_own_folder(row.url, page)
        and not _in_breadcrumb(row.element)
    ]
    sizes = Counter(row.signature for row in worthy)
    longest = max(sizes.values(), default=0)
    return [row for row in worthy if sizes[row.signature] >= max(3, longest / 4)]


def _in_breadcrumb(element: HtmlElement) -> bool:
    above = element.getparent()
    words = text_of(above)[:12] if above is not None else ""
    return any(mark in words for mark in ("当前位置", "您的位置", "您现在的位置", "现在位置", "所在位置"))
