"""What one run has seen so far: answers, lists, refusals, and what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archive.records import (
    Event,
    FetchRecord,
    FrontierEntry,
    FrontierKind,
    How,
    Link,
    ListingRecord,
    Outcome,
    Recorded,
    Verdict,
)
from crawler.completeness import ColumnCount, columns, plain
from crawler.pagebudget import PageBudget
from crawler.summary import Problem, Refusal
from crawler.waymarks import is_search

if TYPE_CHECKING:
    from archive.store import Store
    from crawler.site import Site

CONTENT = frozenset({Outcome.OK, Outcome.NOT_MODIFIED})
DEAD_END = frozenset({Outcome.GONE, Outcome.SOFT_404, Outcome.MOVED, Outcome.HOST_REFUSED, Outcome.ROBOTS})
"""Answers that end a way through the portal; on a way we only guessed they hide no report."""
PAST_END = frozenset({Outcome.GONE, Outcome.SOFT_404, Outcome.EMPTY})
"""Answers a portal gives behind the last page of a column."""
_LISTS = (FrontierKind.COLUMN, FrontierKind.HUB)


class Tally:
    """Counts what a run brings, and keeps what a person has to be told of it.

    Args:
        site: The portal.
        store: Remembers what list pages said in earlier runs.
    """

    def __init__(self, site: Site, store: Store) -> None:
        self.requests = 0
        self.events: Counter[Event] = Counter()
        self.outcomes: Counter[Outcome] = Counter()
        self.problems: list[Problem] = []
        self.refusals: list[Refusal] = []
        self.listings: dict[str, ListingRecord] = {}
        self._store = store
        self._pages = PageBudget(site.list_budget)
        self._past_end: list[tuple[str, str, Problem]] = []
        """List pages that were not there: address, the page that led there in some run, the problem."""
        self._unconfirmed = {column.url for column in site.columns if not column.confirmed}

    @property
    def answered(self) -> bool:
        """True if the portal gave any content."""
        return any(self.outcomes[outcome] for outcome in CONTENT)

    def ended(self, entry: FrontierEntry) -> bool:
        """True for a further page of a column whose budget is used."""
        return entry.kind is FrontierKind.COLUMN and self._pages.is_closed(entry.url)

    def emptied(self, entry: FrontierEntry, fetch: FetchRecord) -> list[Problem]:
        """A list page that shows no row now but did last time: an outage as often as a cleared column.

        To be asked before the fetch is recorded.
        """
        if fetch.listing is None or fetch.listing.entries or entry.kind is not FrontierKind.COLUMN:
            return []
        before, _ = self._store.remembered(entry.id)
        if before is None or not before.entries:
            return []
        detail = f"no rows, {before.entries} when it was read last"
        return [Problem(url=entry.url, outcome="emptied", detail=detail)]

    def count(
        self, entry: FrontierEntry, fetch: FetchRecord, recorded: Recorded, emptied: list[Problem]
    ) -> Sequence[Link] | None:
        """Counts a recorded fetch in, with what ``emptied`` said before.

        Returns:
            The links of a list page, those of last time if it is unchanged; None for any other page.
        """
        self.requests += 1
        self.events[recorded.event] += 1
        self.outcomes[fetch.outcome] += 1
        listed = None
        if fetch.outcome in CONTENT:
            if entry.kind in _LISTS:
                listed = self._list(entry, fetch)
                self.problems += emptied
        elif recorded.event is not Event.GONE and not self._expected(entry, fetch.outcome):
            problem = Problem(url=fetch.requested_url, outcome=fetch.outcome.value, detail=fetch.detail)
            if entry.kind is FrontierKind.COLUMN and fetch.outcome in PAST_END and entry.found_on is not None:
                self._past_end.append((entry.url, entry.found_on, problem))
            else:
                self.problems.append(problem)
        if recorded.event is Event.REFUSED and fetch.extraction is not None:
            self.refusals.append(
                Refusal(title=fetch.extraction.title or entry.url, reason=fetch.extraction.verdict_reason)
            )
        return listed

    def settle(self, moved: set[str]) -> list[ColumnCount]:
        """At the end of a run: the problems that are left, and how each column was read.

        Args:
            moved: Addresses whose failure is explained: what stood there stands elsewhere.
        """
        self.problems += self._missing_pages()
        self.problems = [problem for problem in self.problems if problem.url not in moved]
        self.problems += [Problem(url=url, outcome="endless", detail=why) for url, why in self._pages.ended()]
        counts = columns(self.listings)
        self.problems += [
            Problem(url=c.first_url, outcome="incomplete", detail=c.missing) for c in counts if c.missing
        ]
        return counts

    def _list(self, entry: FrontierEntry, fetch: FetchRecord) -> Sequence[Link]:
        listing, links = fetch.listing, fetch.links
        if fetch.outcome is Outcome.NOT_MODIFIED or (listing is None and not links):
            listing, links = self._store.remembered(entry.id)
        if listing is not None:
            self.listings[entry.url] = listing
            if entry.kind is FrontierKind.COLUMN:
                self._pages.read(entry.url, listing, links)
        self.refusals += [
            Refusal(title=link.title or link.url, reason=link.reason or "")
            for link in links
            if link.verdict is Verdict.NO
        ]
        return links

    def _expected(self, entry: FrontierEntry, outcome: Outcome) -> bool:
        """True for an answer that leaves nothing unread: a known report that is gone, a dead link on the way."""
        if outcome is Outcome.GONE and entry.known:
            return True
        if is_search(entry.column):  # a second way: no column depends on it
            return True
        if outcome not in DEAD_END:
            return False
        if entry.kind is FrontierKind.PAGE and entry.how is How.DISCOVERED:  # an index remembers what is gone
            return True
        if entry.kind is FrontierKind.ANNEX:  # a dead link beside a report that was read whole
            return True
        guessed = entry.how is How.DISCOVERED or entry.url in self._unconfirmed
        return entry.kind is FrontierKind.HUB or (entry.kind is FrontierKind.COLUMN and guessed)

    def _missing_pages(self) -> list[Problem]:
        """List pages that are not there, but for those of a column that has become shorter: no pager names them."""
        announced = {plain(page) for listing in self.listings.values() for page in listing.pages}
        return [
            problem
            for url, found_on, problem in self._past_end
            if plain(url) in announced or found_on not in self.listings
        ]
