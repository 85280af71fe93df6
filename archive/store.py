"""The only writer of an archive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection, Engine

from archive import captures, columns, decisions, frontier, leases, recording, settling
from archive.database import reading, writing
from archive.documents import Reread
from archive.records import (
    ExtractionRecord,
    FetchRecord,
    FrontierEntry,
    Link,
    ListingRecord,
    PortalRecord,
    Recorded,
    RunState,
    StoredCapture,
)
from archive.states import Change
from archive.transaction import Transaction


def utcnow() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Store:
    """Writes what a crawl brings, each call one transaction: all of it is there, or nothing.

    Every method raises ``DatabaseUnusable`` when the database fails (disk, lock, server) and
    ``PortalBusy`` when the run has lost its lease; the run must then stop. Calling again after a
    crash is the recovery: nothing is doubled.
    """

    def __init__(
        self, engine: Engine, clock: Callable[[], datetime] = utcnow, reread: Reread | None = None
    ) -> None:
        """Makes a store.

        Args:
            engine: an open archive (``archive.database.open_archive``).
            clock: tells the time of changes, leases and runs.
            reread: reads bytes kept earlier with today's extractor. With it, a page that comes
                back changed after the extractor was changed too is compared like with like;
                without it that page gets a version whose change row says so.
        """
        self._engine = engine
        self._clock = clock
        self._reread = reread

    def sync_portal(self, record: PortalRecord) -> int:
        """Makes the portal's row equal to the seeds; returns its id."""
        with writing(self._engine) as connection:
            return leases.sync_portal(connection, record)

    def begin_run(
        self,
        portal_id: int,
        *,
        trigger: str,
        code_version: str,
        options: dict[str, Any],
        owner: str,
        lease_seconds: float = 120,
    ) -> int:
        """Takes the portal's lease and opens a run; returns its id.

        Earlier runs of the portal that never finished become ``abandoned``. A lease that ran out
        is taken over, and so is one whose ``owner`` (see ``leases.this_process``) was a process of
        this machine that is dead.

        Raises:
            PortalBusy: another live owner holds the lease; the message names it, since when, until when.
        """
        with writing(self._engine) as connection:
            return leases.begin_run(
                connection,
                portal_id,
                trigger=trigger,
                code_version=code_version,
                options=options,
                owner=owner,
                lease_seconds=lease_seconds,
                now=self._clock(),
            )

    def heartbeat(self, run_id: int) -> None:
        """Renews the run's lease for as long as it was taken."""
        with writing(self._engine) as connection:
            leases.heartbeat(connection, run_id, self._clock())

    def finish_run(self, run_id: int, state: RunState, counters: dict[str, Any], summary: str) -> None:
        """Closes the run with its result and gives the lease back."""
        with writing(self._engine) as connection:
            leases.finish_run(
                connection, run_id, state=state, counters=counters, summary=summary, now=self._clock()
            )

    def enqueue(self, run_id: int, links: Sequence[Link], found_on_id: int | None = None) -> int:
        """Puts links into the frontier; returns how many were newly queued.

        A link whose verdict is NO is kept as refused with its reason and never requested. A known
        row takes over a surer verdict, a fuller title, a stronger origin; it is queued again, at
        most once per run, if it was refused and is now wanted, if it failed, or if it is a column
        or hub. Pages already fetched are not queued by being listed: ``plan_rechecks`` does that.
        """
        with writing(self._engine) as connection:
            return frontier.enqueue(self._transaction(connection, run_id), links, found_on_id)

    def plan_rechecks(
        self,
        run_id: int,
        *,
        now: datetime,
        all: bool = False,
        minimum: int = 10,
        share: float = 0.05,
        interval: timedelta = timedelta(days=30),
    ) -> int:
        """Queues known pages and attachments for another look; returns how many.

        All that failed; what waits in quarantine since yesterday, five times at most; all of them
        if ``all``; else those last checked longer than ``interval`` ago and, as a rolling audit, in
        any case the longest-unchecked ones up to ``max(minimum, share × known)``.
        """
        with writing(self._engine) as connection:
            return frontier.plan_rechecks(
                self._transaction(connection, run_id),
                now=now,
                everything=all,
                minimum=minimum,
                share=share,
                interval=interval,
            )

    def requeue(self, run_id: int, moments: Mapping[str, datetime]) -> int:
        """Queues known addresses again of which somebody brings an answer; returns how many answers are too old.

        Args:
            run_id: The run that reads them.
            moments: Address (of the page, or what is requested for it) → when its answer was recorded. An answer
                from before the last visit is left alone: it would come as news and is none.
        """
        with writing(self._engine) as connection:
            return frontier.requeue(self._transaction(connection, run_id), moments)

    def rest(self, run_id: int, ids: Collection[int]) -> None:
        """Takes list pages out of the queue that this run leaves alone: known, queued only by being linked again.

        Each stands again as its last visit left it. What was never fetched stays queued.
        """
        with writing(self._engine) as connection:
            frontier.rest(self._transaction(connection, run_id), ids)

    def lose_column(self, run_id: int, url: str, reason: str, *, moved_to: str | None = None) -> None:
        """Notes that a column no longer stands at its address: it is learned from no more until a page links it again.

        Args:
            run_id: The run that found it out.
            url: The column's address.
            reason: What its address answers now.
            moved_to: Where its reports are listed now; a change ``column_moved`` tells of it.
        """
        with writing(self._engine) as connection:
            columns.lose(self._transaction(connection, run_id), url, reason, moved_to=moved_to)

    def next_entries(
        self, run_id: int, portal_id: int, exclude: Collection[int], limit: int
    ) -> list[FrontierEntry]:
        """What to fetch next: queued and not yet processed in this run, highest priority first."""
        with reading(self._engine) as connection:
            return frontier.next_entries(connection, run_id, portal_id, exclude, limit)

    def remembered(self, frontier_id: int) -> tuple[ListingRecord | None, tuple[Link, ...]]:
        """What a list page said when it was last read: for judging a run whose columns answered 304."""
        with reading(self._engine) as connection:
            return recording.recall(connection, frontier_id)

    def record(self, run_id: int, fetch: FetchRecord) -> Recorded:
        """Keeps everything of one fetch; the returned event is what it meant.

        Bytes and texts are kept once by digest; a capture is made of content that differs from
        the last one here and of failures that came with a body. A version is made only if the
        text differs from the current one read by the same extractor version; other readings of
        the same bytes replace the reading in place. Failures never touch documents; 404 and 410
        make a document ``gone`` and keep its texts. A 304, or the same bytes, confirm what stood
        there, and a list page's links are then queued from memory. Recording the same fetch twice
        changes nothing further.

        A reading with doubts goes to quarantine (``archive.quarantine``) and makes nothing, until
        one passes or a person decides. A known text that shrank implausibly is queued again once
        in this run, then waits for a fetch a day later that says the same.
        """
        with writing(self._engine) as connection:
            return recording.record(self._transaction(connection, run_id), fetch, self._reread)

    def settle(self, run_id: int, complete: bool) -> list[Change]:
        """At the end of a run: tells which gone documents moved and which were withdrawn.

        Moved: the same report, or the same text, stands live at a URL first seen since. Withdrawn:
        the run was ``complete`` and none of its columns lists the URL. Each is told once.
        """
        with writing(self._engine) as connection:
            return settling.settle(self._transaction(connection, run_id), complete=complete)

    def unread_by(
        self, portal_id: int, extractor: str, version: str, *, after: int = 0, limit: int = 100
    ) -> Sequence[StoredCapture]:
        """The newest bytes of each page that this extractor version has not read, in order of capture id."""
        with reading(self._engine) as connection:
            return captures.unread_by(
                connection, portal_id, extractor=extractor, version=version, after=after, limit=limit
            )

    def record_rereading(self, run_id: int, capture: StoredCapture, extraction: ExtractionRecord) -> Recorded:
        """Keeps another reading of bytes kept earlier, as ``record`` would; today's URL is not judged."""
        with writing(self._engine) as connection:
            return recording.read_again(
                self._transaction(connection, run_id), capture, extraction, self._reread
            )

    def release(self, quarantine_id: int, *, by: str, said: str | None = None) -> Recorded:
        """A person trusts a reading in quarantine: it becomes what it would have been without doubts.

        The same text at that address is never doubted again.

        Raises:
            UsageError: there is no such reading, or it is decided already.
            PortalBusy: a run works on its portal.
        """
        with writing(self._engine) as connection:
            return decisions.release(connection, quarantine_id, by=by, said=said, now=self._clock())

    def refuse(self, quarantine_id: int, *, by: str, said: str | None = None) -> Recorded:
        """A person refuses a reading in quarantine: nothing is made of it, nor of the same text there later.

        Raises:
            UsageError: there is no such reading, or it is decided already.
            PortalBusy: a run works on its portal.
        """
        with writing(self._engine) as connection:
            return decisions.refuse(connection, quarantine_id, by=by, said=said, now=self._clock())

    def _transaction(self, connection: Connection, run_id: int) -> Transaction:
        return Transaction(connection, run_id, leases.running(connection, run_id), self._clock())
