"""A short, polite look at a portal: an ordinary run that samples instead of reading everything.

What a run would read to its end is looked at only as far as it tells something: of each column its first pages and a
few of its reports, as soon as the column is found. Everything else, politeness first of all, is that of every run.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from archive.records import FetchRecord, FrontierEntry, FrontierKind, How, Outcome, Recorded
from crawler import settings
from crawler.guards import Robots
from crawler.prepare import prepare
from crawler.progress import Display, Quiet
from crawler.runner import run
from crawler.sample.run import SAMPLE_KEY
from crawler.session import Session
from crawler.site import Site
from crawler.turns import SESSION
from crawler.waymarks import is_search

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser

    from crawler.summary import Summary

SAMPLES = 3
"""Reports read of one column: one may be a near miss, two may be by one body."""
LIST_PAGES = 2
"""Further list pages read of one column: they show whether its pages can be turned."""
_LOOK_AHEAD = 200
_ARTICLES = frozenset({FrontierKind.PAGE, FrontierKind.ATTACHMENT})
SETTINGS: dict[str, Any] = {
    "DOWNLOADER_MIDDLEWARES": {
        **{
            name: at
            for name, at in settings.DOWNLOADER_MIDDLEWARES.items()
            if name != "crawler.guards.Robots"
        },
        "crawler.probe_session.NotedRobots": settings.DOWNLOADER_MIDDLEWARES["crawler.guards.Robots"],
    },
    # A portal that is not there is asked in other ways (http for https …); each would wait three times a minute.
    "RETRY_TIMES": 1,
    "DOWNLOAD_TIMEOUT": 30,
}
"""Scrapy settings of a probe, over those of every run."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """One answer with what the archive made of it."""

    entry: FrontierEntry
    fetch: FetchRecord
    recorded: Recorded


@dataclass(frozen=True, kw_only=True)
class RobotsSeen:
    """A host's robots.txt."""

    host: str
    state: str
    """``none``, ``rules`` or ``unreadable``."""
    disallowed: int = 0
    """Addresses or patterns it forbids to somebody."""
    delay: float | None = None
    """Crawl-delay in seconds that it asks of us."""
    detail: str | None = None


class Witness:
    """Keeps every answer of a run, and shows it.

    Args:
        show: Where progress goes besides.
    """

    def __init__(self, show: Display | None = None) -> None:
        self.seen: list[Seen] = []
        self._show = show or Quiet()

    def started(self, site: Site, run_id: int) -> None:
        """A run begins."""
        self._show.started(site, run_id)

    def waiting(self, what: str) -> None:
        """A request goes out."""
        self._show.waiting(what)

    def recorded(self, entry: FrontierEntry, fetch: FetchRecord, recorded: Recorded) -> None:
        """An answer is in the archive."""
        self.seen.append(Seen(entry=entry, fetch=fetch, recorded=recorded))
        self._show.recorded(entry, fetch, recorded)

    def finished(self, summary: Summary) -> None:
        """The run is over."""
        self._show.finished(summary)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one look at a portal brought."""

    site: Site
    seen: tuple[Seen, ...]
    robots: tuple[RobotsSeen, ...] = ()
    stopped: str | None = None
    """Why the run was cut off, if it was."""
    spent: bool = False
    """The budget was used while something was left to look at."""
    notes: tuple[str, ...] = ()
    further: tuple[Look, ...] = field(default=(), repr=False)
    """Looks before this one, that found no way in."""

    @property
    def requests(self) -> int:
        """Answers asked for, those of robots.txt included, in this look and the ones before."""
        return len(self.seen) + len(self.robots) + sum(look.requests for look in self.further)

    @property
    def read(self) -> bool:
        """True if one page at least could be read."""
        return any(seen.fetch.outcome is Outcome.OK for seen in self.seen)


class ProbeSession(Session):
    """A run that samples.

    Args:
        most: Requests it may make.
        declared_only: Ask for nothing but what the site declares.
        given: As of :class:`Session`.
    """

    def __init__(self, *given: Any, most: int, declared_only: bool = False, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **named)
        self.robots: dict[str, RobotsSeen] = {}
        self.spent = False
        self._most = most
        self._declared_only = declared_only
        self._asked = 0
        self._heads: dict[str, str] = {}
        """Further list page → first page of its column; file → the article it hangs on."""
        self._articles: set[str] = set()
        self._sampled: Counter[str] = Counter()
        self._turned: Counter[str] = Counter()

    def next_entries(self, limit: int) -> list[FrontierEntry]:
        """The one entry that tells most: a sample of a column just found, else the best lead."""
        while True:
            found = super().next_entries(_LOOK_AHEAD)
            useful = [entry for entry in found if self._is_useful(entry)]
            if useful and self._asked + len(self.robots) >= self._most:
                self.spent = True
                return []
            if useful or not found:
                return sorted(useful, key=lambda entry: entry.kind not in _ARTICLES)[:1]
            self._set_aside.update(entry.id for entry in found)

    def started(self, entry: FrontierEntry) -> None:
        """Counts what is being fetched."""
        super().started(entry)
        self._asked += 1
        head = self._head(entry)
        if entry.kind in _ARTICLES:
            self._sampled[head] += 1
            self._heads[entry.url] = head
            self._articles.add(entry.url)
        elif _is_further(entry):
            self._turned[head] += 1
            self._heads[entry.url] = head

    def followed(self, fetch: FetchRecord) -> None:
        """Counts a further page of an article."""
        super().followed(fetch)
        self._asked += 1

    def _is_useful(self, entry: FrontierEntry) -> bool:
        if self._declared_only:
            return entry.how is How.DECLARED
        if entry.kind is FrontierKind.ANNEX:
            return False
        if entry.kind in _ARTICLES:
            # The file of an article that was read may be the report itself: it goes beyond the sample by one.
            return self._sampled[self._head(entry)] < SAMPLES + (entry.found_on in self._articles)
        return not _is_further(entry) or self._turned[self._head(entry)] < LIST_PAGES

    def _head(self, entry: FrontierEntry) -> str:
        above = entry.found_on or entry.url
        return self._heads.get(above, above)


def _is_further(entry: FrontierEntry) -> bool:
    searching = is_search(entry.column)
    return searching or (entry.kind is FrontierKind.COLUMN and entry.how is How.LISTED)


class NotedRobots(Robots):
    """Notes what robots.txt said, for the person who looks."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._asking: dict[str, ProbeSession] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the request's host."""
        self._asking[urlsplit(request.url).netloc] = request.meta[SESSION]
        return await super().robot_parser(request)

    async def _parse_robots(self, resp: Response, netloc: str, request: Request) -> None:
        await super()._parse_robots(resp, netloc, request)
        seen = self._asking[netloc].robots
        if netloc in seen:
            return
        rules = getattr(await super().robot_parser(request), "rp", None)
        body = resp.body.decode("utf-8", "replace") if resp.status < 400 else ""
        lines = [line.partition("#")[0].partition(":") for line in body.splitlines()]
        forbidden = sum(name.strip().lower() == "disallow" and bool(what.strip()) for name, _, what in lines)
        asked = rules.crawl_delay(self._default_useragent) if rules is not None else None
        seen[netloc] = RobotsSeen(
            host=netloc,
            state="rules" if forbidden or asked is not None else "none",
            disallowed=forbidden,
            delay=None if asked is None else float(asked),
            detail=f"HTTP {resp.status}",
        )

    def _unreadable(self, netloc: str, outcome: Outcome, detail: str) -> None:
        self._asking[netloc].robots[netloc] = RobotsSeen(host=netloc, state="unreadable", detail=detail)
        super()._unreadable(netloc, outcome, detail)


@contextmanager
def served(key: str, proxy: str | None = None) -> Iterator[str | None]:
    """Where to ask for a portal: the sample portal is served for the length of the look, the others stand in the net.

    Args:
        key: The portal's.
        proxy: Where somebody serves it already.
    """
    if key != SAMPLE_KEY or proxy is not None:
        yield proxy
        return
    from crawler.sample.portal import SamplePortal
    from crawler.sample.server import LoopbackServer

    with LoopbackServer(SamplePortal(0)) as server:
        yield server.proxy_url


def look_at(
    site: Site,
    *,
    most: int,
    show: Display | None = None,
    proxy: str | None = None,
    delay: float | None = None,
    workers: int | None = None,
    declared_only: bool = False,
) -> Look:
    """Looks at a portal once, into an archive that is thrown away.

    Args:
        site: The portal.
        most: Requests it may cost.
        show: Where progress goes.
        proxy: Where the sample portal or a replica listens.
        delay: Seconds between two requests, if not the site's own.
        workers: Child processes that read.
        declared_only: Ask for the home page, the hubs and the declared columns, and for nothing else.

    Raises:
        archive.errors.ArchiveError: The temporary archive cannot be written.
    """
    witness = Witness(show)
    with tempfile.TemporaryDirectory(prefix="crawler-probe-") as folder:
        session = prepare(
            site,
            db=str(Path(folder) / "probe.db"),
            recheck="none",
            trigger="probe",
            proxy=proxy,
            delay=delay,
            display=witness,
            kind=partial(ProbeSession, most=most, declared_only=declared_only),
        )
        probing = cast(ProbeSession, session)
        summary = run(session, workers=workers, overrides=SETTINGS)
    return Look(
        site=site,
        seen=tuple(witness.seen),
        robots=tuple(probing.robots.values()),
        stopped=summary.stopped,
        spent=probing.spent,
        notes=summary.notes,
    )
