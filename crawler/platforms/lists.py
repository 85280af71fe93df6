"""From the links of a page to the entries of its column: which list is the column, which stands beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from lxml.html import HtmlElement

from crawler.platforms import links
from crawler.platforms.base import Entry, Listing, Page
from crawler.platforms.details import details_of
from crawler.platforms.furniture import MAX_LINKS, anchors_of, content_links
from crawler.platforms.pager import Pager
from crawler.platforms.pagers import read_pager
from crawler.platforms.rows import Row, rows_of
from crawler.platforms.titles import text_of

NO_LIST = "no list on this page"
NO_DATES = "no dated rows: read as a directory of links"
_SHORTEST = 4
"""Entries of a directory have at least four characters; shorter words are menus."""


def read_list(page: Page, *, owned: Callable[[str], bool] = lambda _: False) -> Listing:
    """Reads entries and pager of a list page.

    Args:
        page: The page.
        owned: Says of an address that it is an article of the platform even where the row prints no date.
    """
    every = anchors_of(page)
    content = content_links(page, every)
    candidates = rows_of(page, content)
    rows = _entries(page, candidates, owned)
    if not any(row.date for row in rows):
        unframed = [link for link in every if not links.is_frame_word(text_of(link.element))]
        wider = _entries(page, rows_of(page, unframed), owned) if len(unframed) > len(content) else []
        if any(row.date and links.is_article(row.url) for row in wider):
            rows = wider
    pager = read_pager(page, len(rows))
    warnings: list[str] = list(pager.warnings)
    if len(every) == MAX_LINKS:
        warnings.append(f"only the first {MAX_LINKS} links of the page were read")
    if rows and (pager.pages or (pager.total or 0) > 0):
        rows = _column_only(page, rows)
    if not rows:
        rows = _directory(page, candidates)
        warnings.append(NO_DATES if rows else NO_LIST)
    return listing_of(rows, pager, tuple(warnings))


def listing_of(rows: list[Row], pager: Pager, warnings: tuple[str, ...]) -> Listing:
    """Rows and pager as a Listing; a link that stands twice counts once."""
    unique: dict[str, Row] = {}
    for row in rows:
        known = unique.get(row.url)
        if known is None or (known.date is None and row.date is not None):
            unique[row.url] = row
    return Listing(
        entries=tuple(
            Entry(title=row.title, url=row.url, date=row.date, metadata=details_of(row.element))
            for row in unique.values()
        ),
        pages=pager.pages,
        total=pager.total,
        page_count=pager.page_count,
        page_number=pager.page_number,
        warnings=warnings,
    )


def _entries(page: Page, rows: list[Row], owned: Callable[[str], bool]) -> list[Row]:
    """Rows that are entries: dated, or of an article's shape and in one list with dated ones, or owned."""
    named = [row for row in rows if row.title and not links.is_frame_word(row.title)]
    dated = {row.signature for row in named if row.date is not None}
    kept = [
        row
        for row in named
        if (row.date is not None and not _is_home(row.url, page))
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


def _column_only(page: Page, rows: list[Row]) -> list[Row]:
    """On a page with a pager: the list the pager turns, without the boxes beside it.

    The column's list is the one with most rows, a row in the column's own folder counting for twenty (its
    last page may hold a single row beside a box of ten); other lists stay when they, too, lie in that folder.
    """
    folder = links.folder_of(page.url)
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.signature, []).append(row)

    def inside(group: list[Row]) -> int:
        return sum(links.folder_of(row.url).startswith(folder) for row in group)

    main = max(groups, key=lambda key: len(groups[key]) + 19 * inside(groups[key]))
    kept = {key for key, group in groups.items() if key == main or 2 * inside(group) > len(group)}
    return [row for row in rows if row.signature in kept]


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
