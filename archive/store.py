"""The only writer of an archive."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection, Engine

from archive import (
    columns,
    decisions,
    frontier,
    leases,
    merging,
    recording,
    roster,
    settling,
    stored_captures,
    wiping,
    withdrawing,
)
from archive.clock import Clock, utcnow
from archive.database import reading, writing
from archive.documents import Reread
from archive.merging import Decided
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
from archive.roster import Roster, RosterSource, Synced
from archive.states import Change
from archive.transaction import Transaction
from archive.withdrawing import Withdrawn


class Store:
    """Writes what a crawl brings, each call one transaction: all of it is there, or nothing.

    Every method raises ``DatabaseUnusable`` when the database fails (disk, lock, server) and
    ``PortalBusy`` when the run has lost its lease; the run must then stop. Calling again after a
    crash is the recovery: nothing is doubled.
    """

    def __init__(self, engine: Engine, clock: Clock = utcnow, reread: Reread | None = None) -> None:
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

    def sync_roster(self, given: Roster, digest: str) -> Synced:
        """Makes the roster equal to the seeds; ``digest`` is what tells next time that nothing has changed.

        What the seeds no longer have is marked ``dropped`` with the time, and comes back if they have it again.
        """
        with writing(self._engine) as connection:
            return roster.sync(connection, given, digest, self._clock())

    def roster_source(self) -> RosterSource | None:
        """What the roster was made from; None if it was never filled."""
        with reading(self._engine) as connection:
            return roster.source(connection)

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
        if ``all``; else those last checked longer than ``interval`` ago, or in the future by a wrong
        clock, and, as a rolling audit, in any case the longest-unchecked ones up to
        ``max(minimum, share × known)``.
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
        the same bytes replace the reading in place. Failures never touch documents; answers that
        say that a page is not there make a document missing, repeated ones (``archive.presence``)
        ``gone``; its texts stay. A 304, or the same bytes, confirm what stood
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
            return stored_captures.unread_by(
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

    def merge_reports(
        self, report_id: int, other_id: int, *, by: str, said: str | None = None, joint: bool = False
    ) -> Decided:
        """A person finds that two reports are one: the other one goes up in the first.

        Its documents stand at the first from now on, whatever later crawls read there; its number keeps
        naming what it became. Undone by ``undo_decision``.

        Args:
            report_id: the report that stays, with its title, year and publishers.
            other_id: the report that goes up in it.
            by: who decides.
            said: why.
            joint: the publishers of both issued it.

        Raises:
            UsageError: there is no such report, or both are one already.
            PortalBusy: a run works on the portal of one of them.
        """
        with writing(self._engine) as connection:
            return merging.merge(
                connection, report_id, other_id, by=by, said=said, joint=joint, now=self._clock()
            )

    def split_report(self, document_ids: Sequence[int], *, by: str, said: str | None = None) -> Decided:
        """A person finds that documents are a report of their own: they become one, and are never grouped back.

        Raises:
            UsageError: they are of no report or of several, or the report would be left without a document.
            PortalBusy: a run works on the portal of one of them.
        """
        with writing(self._engine) as connection:
            return merging.split(connection, document_ids, by=by, said=said, now=self._clock())

    def undo_decision(self, decision_id: int, *, by: str, said: str | None = None) -> Decided:
        """Takes a merge or a split back: its documents stand again where they stood before.

        Raises:
            UsageError: there is no such decision, it is undone already, or a later one moved the same documents.
            PortalBusy: a run works on the portal of one of them.
        """
        with writing(self._engine) as connection:
            return merging.undo(connection, decision_id, by=by, said=said, now=self._clock())

    def redact(
        self, ref: str, *, by: str, reason: str, version: int | None = None, titles: bool = False
    ) -> Withdrawn:
        """Withdraws texts and bytes: their content is removed, their digests, sizes and this fact stay.

        Whatever brings the same text or bytes again stays withdrawn; a further text at the same
        address waits in quarantine for a person.

        Args:
            ref: a report, the URL of a document, or the SHA-256 of a text or a payload.
            by: who decides.
            reason: why; shown to whoever asks for the content.
            version: only this version of the document that the reference names.
            titles: their titles are withdrawn, too, also where changes quote them.

        Raises:
            UsageError: the reference names nothing, or nothing that is not withdrawn already.
            PortalBusy: a run works on a portal that shows it.
        """
        with writing(self._engine) as connection:
            planned = withdrawing.plan(connection, ref, version)
            withdrawing.withdraw(connection, planned, by=by, reason=reason, titles=titles, now=self._clock())
        return Withdrawn(planned, self.wipe())

    def wipe(self) -> bool:
        """Removes what withdrawals left in the database's files; False: a reader of SQLite's journal delays it.

        ``redact`` does it at its end; by itself it finishes one that was killed or failed before that.
        """
        return wiping.wipe(self._engine)

    def _transaction(self, connection: Connection, run_id: int) -> Transaction:
        return Transaction(connection, run_id, leases.running(connection, run_id), self._clock())
