"""Does what was read agree with what the site says is there? Pure functions over the list pages of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archive.records import ListingRecord


@dataclass(frozen=True, kw_only=True)
class ColumnCount:
    """One column: all its list pages taken together."""

    first_url: str
    pages_read: int
    pages_stated: int | None
    rows_read: int
    rows_stated: int | None

    @property
    def complete(self) -> bool:
        """True if nothing the site announced is missing."""
        return self.missing is None

    @property
    def missing(self) -> str | None:
        """What is missing, in words, or None."""
        if self.pages_stated is not None and self.pages_read < self.pages_stated:
            return f"{self.pages_read} of {self.pages_stated} list pages read"
        if self.rows_stated is not None and self.rows_read < self.rows_stated:
            return f"{self.rows_read} of {self.rows_stated} rows seen"
        return None


def columns(listings: Mapping[str, ListingRecord]) -> list[ColumnCount]:
    """Groups list pages into columns and counts them against the site's own totals.

    Args:
        listings: Address of a list page read in this run → what it said. Pages that link to one
            another through their pager belong to one column.

    Returns:
        One count per column, in the order in which the columns were first read.
    """
    parent = {url: url for url in listings}

    def root(url: str) -> str:
        while parent[url] != url:
            parent[url] = parent[parent[url]]
            url = parent[url]
        return url

    for url, listing in listings.items():
        for other in listing.pages:
            if other in parent:
                parent[root(other)] = root(url)
    groups: dict[str, list[str]] = {}
    for url in listings:
        groups.setdefault(root(url), []).append(url)
    counts = []
    for urls in groups.values():
        members = [listings[url] for url in urls]
        stated = [m.page_count for m in members if m.page_count is not None]
        named = {other for m in members for other in m.pages} | set(urls)
        totals = [m.total for m in members if m.total is not None]
        counts.append(
            ColumnCount(
                first_url=urls[0],
                pages_read=len(urls),
                # A pager that names its pages without stating a number states it all the same.
                pages_stated=max(stated) if stated else len(named),
                rows_read=sum(m.entries for m in members),
                rows_stated=max(totals) if totals else None,
            )
        )
    return counts
