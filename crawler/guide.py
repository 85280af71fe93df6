"""What leads a run through a portal: the columns known, how far to look for others, who is still missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.coverage_held import season_of
from archive.records import FetchRecord, FrontierEntry, FrontierKind, Link, Outcome
from crawler.looking import Looking, Reach
from crawler.lostcolumns import ColumnWatch, Lost
from crawler.narrowing import Narrowing
from crawler.steering import Steering
from crawler.waymarks import SEARCH, SEARCH_FURTHER, search_place
from crawler.window import CHINA

if TYPE_CHECKING:
    from archive.planning import Planning
    from archive.store import Store
    from crawler.site import Site

REDISCOVER_AFTER = timedelta(days=90)
"""A portal whose columns are known is searched for further ones once a quarter."""


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """What a run's summary says of the way it took."""

    season: int
    """The year that the season's reports are about."""
    reach: Reach
    looked: int
    """Pages read in looking for columns."""
    roster: int
    """Units that must report."""
    missing: tuple[str, ...]
    """Units of the roster of which the archive holds no report of the season."""
    strangers: tuple[str, ...]
    """Streets and towns that reported and do not stand in the roster."""
    moved: tuple[tuple[str, str], ...]
    """Columns that moved in this run: from, to."""
    narrowed: str | None
    """What the run was narrowed to."""


class Guide:
    """Decides where a run begins, which queued pages it reads, and what its answers mean for both.

    Args:
        site: The portal.
        planning: What earlier runs brought.
        narrowing: What the run is narrowed to.
    """

    def __init__(self, site: Site, planning: Planning, narrowing: Narrowing | None = None) -> None:
        self.site = site
        self.planning = planning
        self.narrowing = narrowing or Narrowing()
        self.season: int | None = None
        """The year whose reports are due, if the calendar does not tell it: time stands still on a sample."""
        self.looking = Looking(site)
        self.watch = ColumnWatch()
        self.steering = Steering((), 0)
        self.left_out: set[int] = set()
        """Queued entries outside of what the run is narrowed to."""
        self.moved: list[tuple[str, str]] = []
        self._later: set[int] = set()
        self._searches: dict[str, str] = {}

    def begin(self, portal_id: int, now: datetime) -> list[Link]:
        """The columns that gave reports, then where to look for others."""
        season = season_of(now.astimezone(CHINA).date()) if self.season is None else self.season
        codes = [unit.code for unit in self.site.roster]
        reported = self.planning.reported(codes, season) if codes else frozenset()
        self.steering = Steering(self.site.roster, season, reported)
        pages = self.planning.list_pages(portal_id)
        learned = [link for link in self.planning.learned_columns(portal_id) if link.column != SEARCH_FURTHER]
        lately = self.planning.searched_since(portal_id, now - REDISCOVER_AFTER)
        return learned + self.looking.begin(pages, learned=bool(learned), lately=lately)

    # -- the queue ----------------------------------------------------------------------------

    def takes(self, entry: FrontierEntry) -> bool:
        """False for what this run does not read: outside its narrowing, known and at rest, beyond the budget."""
        if self.narrowing and not self.narrowing.wants(entry):
            self.left_out.add(entry.id)
            return False
        return not self.looking.rests(entry) and self.looking.affords(entry)

    def postponed(self, entries: Iterable[FrontierEntry]) -> set[int]:
        """Ids of all entries put behind the others so far, with those of these: the way to units found already."""
        self._later.update(entry.id for entry in entries if self.steering.waits(entry))
        return self._later

    # -- answers ------------------------------------------------------------------------------

    def steered(self, fetch: FetchRecord) -> FetchRecord:
        """The answer with its links in the order the roster asks for, and each search engine asked once."""
        if not fetch.links:
            return fetch
        links = self.steering.steered(tuple(link for link in fetch.links if self._is_asked(link)))
        return fetch if links == fetch.links else replace(fetch, links=links)

    def _is_asked(self, link: Link) -> bool:
        if link.column == SEARCH_FURTHER and self.looking.reach is not Reach.ALL:
            return False  # the first page has the newest; the others were read when the portal was searched
        if link.column != SEARCH or link.kind is not FrontierKind.HUB:
            return True
        return self._searches.setdefault(search_place(link.url), link.url) == link.url

    def listed(self, entry: FrontierEntry, links: Iterable[Link]) -> None:
        """Notes what a list page of this run lists."""
        links = tuple(links)
        self.looking.found(links)
        self.steering.listed(links)
        self.watch.saw(entry, links)

    def recorded(
        self, entry: FrontierEntry, fetch: FetchRecord, before: Iterable[Link], *, further: bool
    ) -> Lost | None:
        """Notes an answer; a known column that it shows to be lost makes the run look everywhere.

        Args:
            entry: What was asked for.
            fetch: What came.
            before: What it linked when it was last read, if it is a column that is watched.
            further: It is a later page of a column of which an earlier one was read.
        """
        if fetch.extraction is not None and fetch.outcome is Outcome.OK:
            self.steering.read(fetch.extraction)
        return self.watch.lost(entry, fetch, before, further=further)

    def look_everywhere(self, why: Lost) -> list[Link]:
        """Where to look for a lost column and for what else may have moved with it; none if the run looks already."""
        if self.looking.reach is Reach.ALL:
            return []
        self.looking.widen()
        return self.looking.hubs(f"a column is lost: {why.url} {why.why}")

    # -- the end ------------------------------------------------------------------------------

    def settle(self, store: Store, run_id: int) -> set[str]:
        """Writes down what became of lost columns and of pages at rest; returns the addresses of those that moved."""
        store.rest(run_id, self.looking.resting)
        moved = set()
        for lost in self.watch.settled():
            if lost.moved_to is not None:
                self.moved.append((lost.url, lost.moved_to))
                moved.add(lost.url)
            if lost.gone or lost.moved_to is not None:
                store.lose_column(run_id, lost.url, lost.why, moved_to=lost.moved_to)
        return moved

    def guidance(self) -> Guidance:
        """For the summary."""
        return Guidance(
            season=self.steering.year,
            reach=self.looking.reach,
            looked=self.looking.read,
            roster=len(self.site.roster),
            missing=() if self.narrowing else self.steering.missing,
            strangers=self.steering.strangers,
            moved=tuple(self.moved),
            narrowed=self.narrowing.said() or None,
        )
