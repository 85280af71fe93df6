"""How far a run looks for columns: all over the portal, round the known ones, or only where a link is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.records import FrontierEntry, FrontierKind, FrontierState, How, Link
from crawler.waymarks import COLUMN_SLUG, WEAK_PRIORITY, is_column_name, is_search

if TYPE_CHECKING:
    from archive.columns import ListPage
    from crawler.site import Site

COLUMNS_SHARE = 5
"""One part in five of the budget is kept for columns: the last page on the way must not use it up."""
ROUND_SHARE = 15
"""One part in fifteen of the budget goes to the quarterly look round columns that still give."""
_HUB_PRIORITY = 70
_EXPECTED_PRIORITY = 84
_FEWEST_WAYS = 3
"""Pages of the quarterly look, the home page among them, where few lead to more than one column."""
_SETTLED = 2
"""Failed visits after which a page on the way counts as seen."""


class Reach(StrEnum):
    """Which pages on the way to columns a run reads."""

    ALL = "all"  # nothing is known yet, or a known column is lost: from the home page, as far as the budget goes
    ROUND = "round"  # the quarter is over: the pages that led to the known columns, and what is new on them
    NEW = "new"  # the known columns, and links never followed before


class Looking:
    """The budget of looking and what it is spent on.

    Args:
        site: The portal: budget, and where a search begins.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.reach = Reach.ALL
        self.read = 0
        """Pages this run read in looking for columns."""
        self.resting: set[int] = set()
        """Known pages that are in the queue only because a page links them again."""
        self._kept: set[str] = set()
        self._weak: set[str] = set()

    def begin(self, pages: Sequence[ListPage], *, learned: bool, lately: bool) -> list[Link]:
        """Decides how far this run looks, and where it begins.

        Args:
            pages: The list pages of the portal as earlier runs left them.
            learned: Some of them gave reports and are visited anyway.
            lately: The portal was searched less than a quarter ago.
        """
        confirmed = any(column.confirmed for column in self.site.columns)
        if not learned:
            self.reach = Reach.ALL
            return [] if confirmed else self.hubs("no confirmed column: looking from here")
        self.reach = Reach.NEW if confirmed or lately else Reach.ROUND
        starts = [] if confirmed else _expected(pages)
        if self.reach is Reach.ROUND:
            most = max(1, self.site.budget // ROUND_SHARE)
            starts += _ways(pages, set(self.site.hubs), most)
        self._kept = {link.url for link in starts}
        return starts

    def hubs(self, reason: str) -> list[Link]:
        """Where a search of the whole portal begins."""
        return [
            Link(url=url, kind=FrontierKind.HUB, how=How.DECLARED, priority=_HUB_PRIORITY, reason=reason)
            for url in self.site.hubs
        ]

    def widen(self) -> None:
        """From here on the run looks everywhere."""
        self.reach = Reach.ALL
        self.resting.clear()

    def looks(self, entry: FrontierEntry) -> bool:
        """True for a page that is read in looking for columns, not in reading a known one."""
        found = entry.kind is FrontierKind.COLUMN and entry.how is How.DISCOVERED
        return entry.kind is FrontierKind.HUB or found or entry.url in self._weak

    def rests(self, entry: FrontierEntry) -> bool:
        """True for a known page that this run leaves alone."""
        if self.reach is Reach.ALL or entry.url in self._kept or not self.looks(entry):
            return False
        if entry.payload_sha256 is None and entry.attempts < _SETTLED:
            return False
        self.resting.add(entry.id)
        return True

    def affords(self, entry: FrontierEntry) -> bool:
        """False for what the budget does not cover any more."""
        if not self.looks(entry):
            return True
        budget = self.site.budget
        on_the_way = entry.kind is FrontierKind.HUB and not is_search(entry.column)
        return self.read < (max(1, budget - budget // COLUMNS_SHARE) if on_the_way else budget)

    def afforded(self, entries: Iterable[FrontierEntry]) -> list[FrontierEntry]:
        """The entries without those that would use more than is left of the budget once all of them are fetched."""
        left, kept = self.site.budget - self.read, []
        for entry in entries:
            left -= self.looks(entry)
            if left >= 0 or not self.looks(entry):
                kept.append(entry)
        return kept

    def started(self, entry: FrontierEntry) -> None:
        """Counts a page that is being fetched."""
        self.read += self.looks(entry)

    def found(self, links: Iterable[Link]) -> None:
        """Notes further pages of columns that have shown nothing wanted so far: they are looked at, not read whole."""
        for link in links:
            if link.kind is FrontierKind.COLUMN and link.how is How.LISTED:
                (self._weak.add if link.priority == WEAK_PRIORITY else self._weak.discard)(link.url)


def _expected(pages: Sequence[ListPage]) -> list[Link]:
    """Columns that gave nothing yet and are named like a report column, or hold the columns that gave something.

    A street that has not published yet has an empty column; next season's sub-column appears in the one above.
    """
    above = {page.found_on for page in pages if page.documents}
    return [
        _again(page, _EXPECTED_PRIORITY, "a report column that gave nothing yet")
        for page in pages
        if page.kind is FrontierKind.COLUMN
        and page.how is How.DISCOVERED
        and not page.documents
        and page.state is not FrontierState.GONE
        and not is_search(page.column)
        and (page.id in above or is_column_name(page.title or "") or _in_column_folder(page.url))
    ]


def _in_column_folder(url: str) -> bool:
    return COLUMN_SLUG.search(urlsplit(url).path) is not None


def _ways(pages: Sequence[ListPage], homes: set[str], most: int) -> list[Link]:
    """The pages that led to columns which gave reports: the home page, then those that led to most of them."""
    known = {page.id: page for page in pages}
    led: Counter[int] = Counter()
    for page in pages:
        if not page.documents or page.further or is_search(page.column):
            continue
        step, seen = known.get(page.found_on or 0), {page.id}
        while step is not None and step.id not in seen:
            seen.add(step.id)
            led[step.id] += 1
            step = known.get(step.found_on or 0)
    ways = [
        page
        for page in pages
        if page.state is not FrontierState.GONE
        and (page.url in homes or (page.id in led and not page.documents and page.kind is FrontierKind.HUB))
    ]
    ways.sort(key=lambda page: (page.url not in homes, -led[page.id], page.id))
    # Where several columns begin, others will; a page that led to one only is asked by that column's loss.
    fruitful = sum(page.url in homes or led[page.id] > 1 for page in ways)
    return [
        _again(page, _HUB_PRIORITY, "led to columns in earlier runs")
        for page in ways[: min(most, max(fruitful, _FEWEST_WAYS))]
    ]


def _again(page: ListPage, priority: int, reason: str) -> Link:
    return Link(
        url=page.url,
        fetch_url=page.fetch_url if page.fetch_url != page.url else None,
        kind=page.kind,
        how=page.how,
        title=page.title,
        column=page.column,
        priority=priority,
        reason=reason,
    )
