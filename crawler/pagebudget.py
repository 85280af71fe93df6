"""How many list pages one run reads of one column: pagers that never end, calendars, and pages that only repeat.

A pager that announces a next page on every page would keep a run busy for ever. A column ends for this run when it has
used its pages, or when page after page brought no row that was not there before; the run is then partial and says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from archive.records import FrontierKind, How, Link, ListingRecord

DRY = 3
"""List pages in a row without a new row, beyond what the site states as its number of pages."""


@dataclass
class _Column:
    pages: int = 0
    stated: int = 0
    dry: int = 0
    rows: set[str] = field(default_factory=set)
    closed: str | None = None


class PageBudget:
    """Counts the list pages of each column of a run.

    Args:
        most: List pages of one column.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._first: dict[str, str] = {}
        """List page → the page of its column that was read first."""
        self._columns: dict[str, _Column] = {}

    def read(self, url: str, listing: ListingRecord, links: Iterable[Link]) -> None:
        """Notes a list page that was read.

        Args:
            url: Its address.
            listing: What it said of itself.
            links: What it led to.
        """
        first = self._first.setdefault(url, url)
        column = self._columns.setdefault(first, _Column())
        rows: set[str] = set()
        further = 0
        for link in links:
            if link.kind is FrontierKind.COLUMN and link.how is How.LISTED:
                self._first.setdefault(link.url, first)
                further += 1
            elif link.how is How.LISTED:
                rows.add(link.url)
        column.pages += 1
        column.stated = max(column.stated, listing.page_count or 0)
        column.dry = 0 if rows - column.rows else column.dry + 1
        column.rows |= rows
        if not further or column.closed is not None:
            return
        if column.pages >= self._most:
            limit = f"list_budget of the site file is {self._most}"
            column.closed = f"{column.pages} list pages read and more announced ({limit})"
        elif column.dry >= DRY and column.pages > column.stated:
            column.closed = f"its pager goes on, but the last {column.dry} pages brought nothing new"

    def is_closed(self, url: str) -> bool:
        """True for a list page of a column that has ended for this run."""
        first = self._first.get(url)
        return first is not None and first in self._columns and self._columns[first].closed is not None

    def ended(self) -> list[tuple[str, str]]:
        """The columns that were ended: first page and reason."""
        return [(url, column.closed) for url, column in self._columns.items() if column.closed is not None]
