"""One run over one portal: what is asked of the archive, what was seen, how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from archive.clock import Clock
from archive.errors import ArchiveError
from archive.records import (
    FetchRecord,
    FrontierEntry,
    FrontierKind,
    How,
    Link,
    Outcome,
    PortalRecord,
    Recorded,
    RunState,
)
from crawler.completeness import ColumnCount
from crawler.guide import Guide
from crawler.homecopy import HomeCopy
from crawler.neighbours import likely_challenged, note
from crawler.progress import UNHEARD, Display, Quiet
from crawler.site import all_portals
from crawler.summary import Summary
from crawler.tally import Tally

if TYPE_CHECKING:
    from archive.planning import Planning
    from archive.store import Store
    from crawler.narrowing import Narrowing
    from crawler.site import Site
    from crawler.window import Window

HEARTBEAT_SECONDS = 30
SILENT_LIMIT = 5
"""Connection failures in a row after which a portal counts as not answering (a person would stop sooner)."""
STOPPING = frozenset({Outcome.CHALLENGE, Outcome.RATE_LIMITED})
"""Outcomes after which going on would be impolite or pointless."""
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
        window: Hours in which the portal may be asked, if not always.
        writer: The thread of all writing where several runs share one archive; default: one of its own.
        narrowing: What part of what is listed the run fetches, if not all.
    """

    # A round of many portals sets these.
    may_ask: Callable[[], bool] | None = None
    """Spends one request of a budget shared with other runs; False if none is left."""
    most_under_way: int | None = None
    """Entries that may be under way, from their request to the archive, so that one portal does not fill the memory
    and the readers of all; None: as many as come."""

    def __init__(
        self,
        site: Site,
        store: Store,
        planning: Planning,
        *,
        clock: Clock,
        recheck: Recheck = "due",
        trigger: str = "manual",
        proxy: str | None = None,
        concurrency: int = 1,
        delay: float | None = None,
        display: Display | None = None,
        options: dict[str, Any] | None = None,
        owner: str = "crawler",
        code_version: str = "",
        window: Window | None = None,
        writer: ThreadPoolExecutor | None = None,
        narrowing: Narrowing | None = None,
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
        self.window = window
        self.slot = site.host_group or site.hosts[0]
        self.stopping: str | None = None
        self.close_reason = "finished"
        """Scrapy's reason for closing; anything else makes the run partial."""
        self.queue_generation = 0
        """Changes when new leads may have been queued."""
        self.tally = Tally(site, store)
        self._silent = 0
        self.home = HomeCopy(site.home_url)
        self.guide = Guide(site, planning, narrowing)
        self._set_aside: set[int] = set()
        """Queued entries that this run leaves to later ones."""
        self.notes: list[str] = []
        """What a person should know beside the result."""
        self._writer = writer or ThreadPoolExecutor(1, thread_name_prefix="archive")
        self._owns_writer = writer is None
        self.run_id = self.portal_id = 0
        self.concurrency = concurrency
        self.delay = site.delay if delay is None else delay
        self.failure: ArchiveError | None = None
        self.unheard: OSError | None = None
        """Why nobody can be told any more: the reader of the output is gone, or its disk full."""
        self.broken: str | None = None
        self._in_flight, self._downloading = set[int](), set[int]()
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
            options={"recheck": self.recheck, **self.guide.narrowing.as_options(), **self.options},
            owner=self.owner,
            lease_seconds=HEARTBEAT_SECONDS * 4,
        )
        self.store.enqueue(self.run_id, self._starts())
        if self.recheck != "none":
            self.store.plan_rechecks(self.run_id, now=self.clock(), all=self.recheck == "all")
        self._tell(lambda: self.display.started(site, self.run_id))

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
        return declared + self.guide.begin(self.portal_id, self.clock())

    def close(self) -> Summary:
        """Settles what disappeared, states how complete the run was and gives the lease back."""
        if self._owns_writer:
            self._writer.shutdown()
        if self.close_reason != "finished" and self.stopping is None:
            self.stopping = f"stopped: {self.close_reason}"
        tally = self.tally
        counts = tally.settle(self.guide.settle(self.store, self.run_id))
        if tally.outcomes[Outcome.CHALLENGE]:
            self.notes += note(likely_challenged(self.site.key, all_portals()))
        left = self.planning.queued(self.run_id, self.portal_id) - len(self.guide.left_out)
        complete = self._complete(counts, left)
        # A narrowed run says nothing of what it did not ask for, least of all that it is withdrawn.
        self.store.settle(self.run_id, complete=complete and not self.guide.narrowing)
        known = self.planning.known_reports(self.portal_id)
        waiting = self.planning.waiting(self.portal_id)
        # What waits in quarantine may be a report: "read completely, nothing found" would say too much.
        state = self._state(counts, complete=complete, known=known + waiting)
        summary = Summary(
            site_key=self.site.key,
            site_name=self.site.name,
            run_id=self.run_id,
            state=state,
            stopped=self.stopping,
            requests=tally.requests,
            seconds=(self.clock() - (self._began or self.clock())).total_seconds(),
            events={event.value: n for event, n in tally.events.items()},
            outcomes={outcome.value: n for outcome, n in tally.outcomes.items()},
            columns=tuple(counts),
            problems=tuple(tally.problems),
            refusals=tuple(tally.refusals),
            reports_known=known,
            left=left,
            changes=tuple(self.planning.run_changes(self.run_id)),
            waiting=waiting,
            notes=tuple(self.notes),
            guidance=self.guide.guidance(),
        )
        self.store.finish_run(self.run_id, state, summary.counters(), summary.sentence())
        self._tell(lambda: self.display.finished(summary))
        return summary

    def give_up(self, why: str) -> None:
        """Ends a run that could not be closed; what was committed stays."""
        self.store.finish_run(self.run_id, RunState.FAILED, {"requests": self.tally.requests}, why)

    def fail(self, error: ArchiveError) -> None:
        """Stops the run because the archive cannot be written; what was committed stays."""
        self.failure = error
        self.stopping = str(error)

    def _tell(self, tell: Callable[[], None]) -> None:
        """Shows something; where that cannot be written the run ends in good order, its lease given back."""
        if self.unheard is not None:
            return
        try:
            tell()
        except OSError as error:
            self.unheard = error
            self.stopping = self.stopping or UNHEARD

    def broke(self, error: BaseException) -> None:
        """Stops the run because of an error of ours; what was committed stays, what was in flight stays queued."""
        self.broken = f"{type(error).__name__}: {error}"
        self.stopping = f"internal error: {self.broken}"

    # -- what the frontier asks ---------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """True while the host group has as many requests under way as it may."""
        if self.most_under_way is not None and len(self._in_flight) >= self.most_under_way:
            return True
        return len(self._downloading) >= self.concurrency

    @property
    def idle(self) -> bool:
        """True while nothing is under way, neither to the portal nor to the archive."""
        return not self._in_flight

    def sends(self) -> bool:
        """Asked for every request right before it leaves; False if none may: then the run stops."""
        if self.stopping is None and self.window is not None and not self.window.is_open(now := self.clock()):
            self.stopping = self.window.why(now)
        if self.stopping is None and self.may_ask is not None and not self.may_ask():
            self.stopping = "its share of the requests is used"
        return self.stopping is None

    def next_entries(self, limit: int) -> list[FrontierEntry]:
        """The best queued entries that are not under way, as far as the run takes them."""
        later: set[int] = set()
        while True:
            leave = self._in_flight | self._set_aside | later
            entries = self.store.next_entries(self.run_id, self.portal_id, exclude=leave, limit=limit)
            kept = [entry for entry in entries if self._takes(entry)]
            if entries and not kept:
                self._set_aside.update(entry.id for entry in entries)
                continue
            waiting = self.guide.postponed(kept)
            first = [entry for entry in kept if entry.id not in waiting]
            if first or not kept:
                return self.guide.looking.afforded(first or self._postponed(later, limit))
            later |= {entry.id for entry in kept}

    def _postponed(self, ids: set[int], limit: int) -> list[FrontierEntry]:
        if not ids:
            return []
        leave = self._in_flight | self._set_aside
        entries = self.store.next_entries(self.run_id, self.portal_id, exclude=leave, limit=limit)
        return [entry for entry in entries if self._takes(entry)]

    def _takes(self, entry: FrontierEntry) -> bool:
        if not self.guide.takes(entry):
            return False
        return not self.tally.ended(entry)

    def started(self, entry: FrontierEntry) -> None:
        """Notes that an entry is being fetched."""
        self._in_flight.add(entry.id)
        self._downloading.add(entry.id)
        self.guide.looking.started(entry)
        self._tell(lambda: self.display.waiting(entry.title or entry.url))

    def downloaded(self, entry: FrontierEntry) -> None:
        """Notes that the host group is free again; the answer is still being read."""
        self._downloading.discard(entry.id)

    def lost(self, entry: FrontierEntry) -> None:
        """Notes that nothing will come of an entry in this run; it is still queued for the next one."""
        self._in_flight.discard(entry.id)
        self._downloading.discard(entry.id)

    def forget(self) -> None:
        """Notes that nothing is under way any more."""
        self._in_flight.clear()
        self._downloading.clear()

    def follows(self, entry: FrontierEntry) -> None:
        """Notes that a further page of an article is being fetched."""
        self._downloading.add(entry.id)

    def followed(self, fetch: FetchRecord) -> None:
        """Counts the answer to a further page; it is recorded with its article."""
        self.tally.requests += 1
        self.answered(fetch)

    # -- what the pipeline reports ------------------------------------------------------------

    async def record(self, entry: FrontierEntry, fetch: FetchRecord) -> Recorded:
        """Hands a fetch to the archive in one transaction and counts what it meant.

        The transaction runs in a thread of its own: compressing, SQLite and its fsync leave the interpreter free for
        the crawl meanwhile. One thread, so fetches commit in the order in which they were read.
        """
        emptied = self.tally.emptied(entry, fetch)
        before = self.store.remembered(entry.id)[1] if self.guide.watch.watches(entry) else ()
        fetch = self.guide.steered(fetch)
        loop = asyncio.get_running_loop()
        recorded = await loop.run_in_executor(self._writer, self.store.record, self.run_id, fetch)
        self._downloading.discard(entry.id)
        listed = self.tally.count(entry, fetch, recorded, emptied)
        if listed is not None:
            self.guide.listed(entry, listed)
        lost = self.guide.recorded(entry, fetch, before, further=entry.found_on in self.tally.listings)
        if lost is not None and (hubs := self.guide.look_everywhere(lost)):
            self._set_aside.clear()
            await loop.run_in_executor(self._writer, self.store.enqueue, self.run_id, hubs)
        # Only now: a run with nothing under way ends, and what was just queued would wait for the next one.
        self._in_flight.discard(entry.id)
        if fetch.links or entry.kind in (FrontierKind.COLUMN, FrontierKind.HUB):
            self.queue_generation += 1
        await self.heartbeat()
        self._tell(lambda: self.display.recorded(entry, fetch, recorded))
        return recorded

    def answered(self, fetch: FetchRecord) -> None:
        """Decides, before an answer is even stored, whether the run may go on: no further request may slip out."""
        if fetch.outcome in STOPPING:
            self.stopping = f"the portal refuses us ({fetch.detail})"
        self._silent = self._silent + 1 if fetch.outcome in SILENT else 0
        if self._silent >= SILENT_LIMIT:
            self.stopping = f"the portal does not answer ({fetch.detail})"

    async def heartbeat(self) -> None:
        """Renews the lease, if it is time.

        Raises:
            archive.errors.ArchiveError: The archive cannot be written, or another run has the portal now.
        """
        now = self.clock()
        if self._beat is None or (now - self._beat).total_seconds() >= HEARTBEAT_SECONDS:
            self._beat = now
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._writer, self.store.heartbeat, self.run_id)

    # -- verdict ------------------------------------------------------------------------------

    def _complete(self, counts: list[ColumnCount], left: int) -> bool:
        return bool(counts) and not self.tally.problems and not left and self.stopping is None

    def _state(self, counts: list[ColumnCount], *, complete: bool, known: int) -> RunState:
        if self.broken is not None:
            return RunState.FAILED
        if not self.tally.answered:
            # Stopped before its first answer, a run says nothing about the portal.
            return RunState.BLOCKED if self.tally.requests or self.stopping is None else RunState.PARTIAL
        if not complete:
            return RunState.PARTIAL
        if not known:
            return RunState.NOTHING
        return RunState.COMPLETE
