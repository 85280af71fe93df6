"""One run over one portal: what is asked of the archive, what was seen, how it ended."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from archive.errors import ArchiveError
from archive.records import (
    Event,
    FetchRecord,
    FrontierEntry,
    FrontierKind,
    How,
    Link,
    ListingRecord,
    Outcome,
    PortalRecord,
    Recorded,
    RunState,
    Verdict,
)
from crawler.completeness import ColumnCount, columns
from crawler.progress import Display, Quiet
from crawler.summary import Problem, Refusal, Summary

if TYPE_CHECKING:
    from archive.planning import Planning
    from archive.store import Store
    from crawler.site import Site

HEARTBEAT_SECONDS = 30
SILENT_LIMIT = 5
"""Connection failures in a row after which a portal counts as not answering (a person would stop sooner)."""
REDISCOVER_AFTER = timedelta(days=90)
"""A portal whose columns are known is searched for further ones once a quarter."""
CONTENT = frozenset({Outcome.OK, Outcome.NOT_MODIFIED})
STOPPING = frozenset({Outcome.CHALLENGE, Outcome.RATE_LIMITED})
"""Outcomes after which going on would be impolite or pointless."""
DEAD_END = frozenset({Outcome.GONE, Outcome.SOFT_404, Outcome.MOVED, Outcome.HOST_REFUSED, Outcome.ROBOTS})
"""Answers that end a way through the portal; on a way we only guessed they hide no report."""
SILENT = frozenset({Outcome.UNREACHABLE, Outcome.TIMEOUT})

Recheck = Literal["due", "all", "none"]


class Session:
    """The state of one run; the only object of the crawl that talks to the store.

    Args:
        site: The portal.
        store: The archive's writer.
        planning: What earlier runs brought.
        clock: Gives the time (UTC); injected so that tests own it.
        recheck: Which known reports to re-visit: those due, all, or none.
        trigger: Who asked for the run: ``manual``, ``schedule`` …
        proxy: Where the sample portal or a replica listens, if not the network.
        concurrency: Requests under way at once for the host group.
        delay: Seconds between two requests, if not the site's own.
        display: Where progress goes.
        options: Kept with the run as they are.
    """

    def __init__(
        self,
        site: Site,
        store: Store,
        planning: Planning,
        *,
        clock: Callable[[], datetime],
        recheck: Recheck = "due",
        trigger: str = "manual",
        proxy: str | None = None,
        concurrency: int = 1,
        delay: float | None = None,
        display: Display | None = None,
        options: dict[str, Any] | None = None,
        owner: str = "crawler",
        code_version: str = "",
    ) -> None:
        self.site = site
        self.store = store
        self.planning = planning
        self.clock = clock
        self.recheck = recheck
        self.trigger = trigger
        self.proxy = proxy
        self.display = display or Quiet()
        self.options = options or {}
        self.owner = owner
        self.code_version = code_version
        self.slot = site.host_group or site.hosts[0]
        self.stopping: str | None = None
        self.close_reason = "finished"
        """Scrapy's reason for closing; anything else makes the run partial."""
        self.queue_generation = 0
        self.requests = 0
        self.events: Counter[Event] = Counter()
        self.outcomes: Counter[Outcome] = Counter()
        self.problems: list[Problem] = []
        self.refusals: list[Refusal] = []
        self.listings: dict[str, ListingRecord] = {}
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="archive")
        self.run_id = 0
        self.portal_id = 0
        self.concurrency = concurrency
        self.delay = site.delay if delay is None else delay
        self.failure: ArchiveError | None = None
        self.broken: str | None = None
        self._in_flight: set[int] = set()
        self._downloading: set[int] = set()
        self._hubs_read = 0
        self._silent = 0
        self._unconfirmed = {column.url for column in site.columns if not column.confirmed}
        self._began: datetime | None = None
        self._beat: datetime | None = None

    # -- life ---------------------------------------------------------------------------------

    def open(self) -> None:
        """Takes the portal's lease, begins the run and queues where to start.

        Raises:
            archive.errors.PortalBusy: Another live run works on this portal.
        """
        site = self.site
        self._began = self._beat = self.clock()
        self.portal_id = self.store.sync_portal(
            PortalRecord(
                key=site.key,
                name=site.name,
                level=site.level,
                division_code=site.division_code,
                home_url=site.home_url,
                platform=site.platform,
            )
        )
        self.run_id = self.store.begin_run(
            self.portal_id,
            trigger=self.trigger,
            code_version=self.code_version,
            options={"recheck": self.recheck, **self.options},
            owner=self.owner,
            lease_seconds=HEARTBEAT_SECONDS * 4,
        )
        self.store.enqueue(self.run_id, self._starts())
        if self.recheck != "none":
            self.store.plan_rechecks(self.run_id, now=self.clock(), all=self.recheck == "all")
        self.display.started(site, self.run_id)

    def _starts(self) -> list[Link]:
        site = self.site
        declared = [
            Link(
                url=column.url,
                kind=FrontierKind.COLUMN,
                how=How.DECLARED,
                title=column.name,
                column=column.name,
                priority=90 if column.confirmed else 80,
                reason="declared in the site file" + ("" if column.confirmed else ", not confirmed"),
            )
            for column in site.columns
        ]
        learned = self.planning.learned_columns(self.portal_id)
        starts = declared + learned
        confirmed = any(column.confirmed for column in site.columns)
        since = self.clock() - REDISCOVER_AFTER
        if not confirmed and not (learned and self.planning.searched_since(self.portal_id, since)):
            starts += [
                Link(
                    url=url,
                    kind=FrontierKind.HUB,
                    how=How.DECLARED,
                    priority=70,
                    reason="no confirmed column: looking from here",
                )
                for url in site.hubs
            ]
        return starts

    def close(self) -> Summary:
        """Settles what disappeared, states how complete the run was and gives the lease back."""
        self._writer.shutdown()
        if self.close_reason != "finished" and self.stopping is None:
            self.stopping = f"stopped: {self.close_reason}"
        counts = columns(self.listings)
        self.problems += [
            Problem(url=c.first_url, outcome="incomplete", detail=c.missing) for c in counts if c.missing
        ]
        left = self.planning.queued(self.run_id, self.portal_id)
        complete = self._complete(counts, left)
        self.store.settle(self.run_id, complete=complete)
        known = self.planning.known_reports(self.portal_id)
        state = self._state(counts, complete=complete, known=known)
        summary = Summary(
            site_key=self.site.key,
            site_name=self.site.name,
            run_id=self.run_id,
            state=state,
            stopped=self.stopping,
            requests=self.requests,
            seconds=(self.clock() - (self._began or self.clock())).total_seconds(),
            events={event.value: n for event, n in self.events.items()},
            outcomes={outcome.value: n for outcome, n in self.outcomes.items()},
            columns=tuple(counts),
            problems=tuple(self.problems),
            refusals=tuple(self.refusals),
            reports_known=known,
            left=left,
            changes=tuple(self.planning.run_changes(self.run_id)),
        )
        self.store.finish_run(self.run_id, state, summary.counters(), summary.sentence())
        self.display.finished(summary)
        return summary

    def fail(self, error: ArchiveError) -> None:
        """Stops the run because the archive cannot be written; what was committed stays."""
        self.failure = error
        self.stopping = str(error)

    def broke(self, error: BaseException) -> None:
        """Stops the run because of an error of ours; what was committed stays, what was in flight stays queued."""
        self.broken = f"{type(error).__name__}: {error}"
        self.stopping = f"internal error: {self.broken}"

    # -- what the frontier asks ---------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """True while the host group has as many requests under way as it may."""
        return len(self._downloading) >= self.concurrency

    def next_entries(self, limit: int) -> list[FrontierEntry]:
        """The best queued entries that are not under way; hubs only within the site's budget."""
        entries = self.store.next_entries(self.run_id, self.portal_id, exclude=self._in_flight, limit=limit)
        if self._hubs_read >= self.site.budget:
            entries = [e for e in entries if e.kind is not FrontierKind.HUB]
        return entries

    def started(self, entry: FrontierEntry) -> None:
        """Notes that an entry is being fetched."""
        self._in_flight.add(entry.id)
        self._downloading.add(entry.id)
        if entry.kind is FrontierKind.HUB:
            self._hubs_read += 1
        self.display.waiting(entry.title or entry.url)

    def downloaded(self, entry: FrontierEntry) -> None:
        """Notes that the host group is free again; the answer is still being read."""
        self._downloading.discard(entry.id)

    # -- what the pipeline reports ------------------------------------------------------------

    async def record(self, entry: FrontierEntry, fetch: FetchRecord) -> Recorded:
        """Hands a fetch to the archive in one transaction and counts what it meant.

        The transaction runs in a thread of its own: compressing, SQLite and its fsync leave the interpreter free for
        the crawl meanwhile. One thread, so fetches commit in the order in which they were read.
        """
        loop = asyncio.get_running_loop()
        recorded = await loop.run_in_executor(self._writer, self.store.record, self.run_id, fetch)
        self._in_flight.discard(entry.id)
        self._downloading.discard(entry.id)
        self.queue_generation += 1
        self.requests += 1
        self.events[recorded.event] += 1
        self.outcomes[fetch.outcome] += 1
        if fetch.outcome in CONTENT:
            if entry.kind in (FrontierKind.COLUMN, FrontierKind.HUB):
                self._note_listing(entry, fetch)
        elif not self._expected(entry, fetch.outcome):
            self.problems.append(
                Problem(url=fetch.requested_url, outcome=fetch.outcome.value, detail=fetch.detail)
            )
        if recorded.event is Event.REFUSED and fetch.extraction is not None:
            self.refusals.append(
                Refusal(title=fetch.extraction.title or entry.url, reason=fetch.extraction.verdict_reason)
            )
        self._heartbeat()
        self.display.recorded(entry, fetch, recorded)
        return recorded

    def _expected(self, entry: FrontierEntry, outcome: Outcome) -> bool:
        """True for an answer that leaves nothing unread: a known report that is gone, a dead link on the way."""
        if outcome is Outcome.GONE and entry.known:
            return True
        if outcome not in DEAD_END:
            return False
        guessed = entry.how is How.DISCOVERED or entry.url in self._unconfirmed
        return entry.kind is FrontierKind.HUB or (entry.kind is FrontierKind.COLUMN and guessed)

    def _note_listing(self, entry: FrontierEntry, fetch: FetchRecord) -> None:
        listing, links = fetch.listing, fetch.links
        if fetch.outcome is Outcome.NOT_MODIFIED or (listing is None and not links):
            listing, links = self.store.remembered(entry.id)
        if listing is not None:
            self.listings[entry.url] = listing
        self.refusals += [
            Refusal(title=link.title or link.url, reason=link.reason or "")
            for link in links
            if link.verdict is Verdict.NO
        ]

    def answered(self, fetch: FetchRecord) -> None:
        """Decides, before an answer is even stored, whether the run may go on: no further request may slip out."""
        if fetch.outcome in STOPPING:
            self.stopping = f"the portal refuses us ({fetch.detail})"
        self._silent = self._silent + 1 if fetch.outcome in SILENT else 0
        if self._silent >= SILENT_LIMIT:
            self.stopping = f"the portal does not answer ({fetch.detail})"

    def _heartbeat(self) -> None:
        now = self.clock()
        if self._beat is None or (now - self._beat).total_seconds() >= HEARTBEAT_SECONDS:
            self.store.heartbeat(self.run_id)
            self._beat = now

    # -- verdict ------------------------------------------------------------------------------

    def _complete(self, counts: list[ColumnCount], left: int) -> bool:
        return bool(counts) and not self.problems and not left and self.stopping is None

    def _state(self, counts: list[ColumnCount], *, complete: bool, known: int) -> RunState:
        if self.broken is not None:
            return RunState.FAILED
        if not any(self.outcomes[outcome] for outcome in CONTENT):
            return RunState.BLOCKED
        if not complete:
            return RunState.PARTIAL
        if not known:
            return RunState.NOTHING
        return RunState.COMPLETE
