"""What a person or a program sees while many portals are crawled."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import IO, TYPE_CHECKING, Protocol

from archive.records import Event, FetchRecord, FrontierEntry, Recorded
from crawler.progress import NOTEWORTHY, PLAIN_EVERY, Display, JsonLines, Quiet, one_line

if TYPE_CHECKING:
    from crawler.many_result import PortalResult, RoundResult
    from crawler.session import Session
    from crawler.summary import Summary

REFRESH = 0.25
"""Seconds between two drawings of the live table."""


class ManyDisplay(Protocol):
    """Where the progress of a round goes.

    All calls come from one thread, but ``started`` and ``finished`` of what ``portal`` returns.
    """

    def begins(self, portals: int, at_once: int) -> None:
        """A round begins."""

    def portal(self, key: str) -> Display:
        """What is told of one portal's answers."""

    def opened(self, session: Session) -> None:
        """A portal's run has begun."""

    def ended(self, result: PortalResult, summary: Summary | None) -> None:
        """A portal is done, or could not begin."""

    def finished(self, result: RoundResult | None) -> None:
        """The round is over; None: it failed."""


class QuietMany:
    """Shows nothing."""

    def begins(self, portals: int, at_once: int) -> None:
        """A round begins."""

    def portal(self, key: str) -> Display:
        """What is told of one portal's answers."""
        return Quiet()

    def opened(self, session: Session) -> None:
        """A portal's run has begun."""

    def ended(self, result: PortalResult, summary: Summary | None) -> None:
        """A portal is done, or could not begin."""

    def finished(self, result: RoundResult | None) -> None:
        """The round is over."""


class ManyLines(QuietMany):
    """Lines for logs and pipes: one per find and per portal, a tally every ten seconds."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stderr
        self._portals = self._done = self._pages = 0
        self._open: set[str] = set()
        self._events: Counter[Event] = Counter()
        self._last = time.monotonic()

    def begins(self, portals: int, at_once: int) -> None:
        """Says how many."""
        self._portals = portals
        self._say(f"{portals} portals, {min(at_once, portals)} at once")

    def portal(self, key: str) -> Display:
        """Finds are told with the portal's key before them."""
        return _Line(self, key)

    def opened(self, session: Session) -> None:
        """Counts it."""
        self._open.add(session.site.key)

    def ended(self, result: PortalResult, summary: Summary | None) -> None:
        """One line with the result."""
        self._open.discard(result.key)
        self._done += 1
        why = f" ({one_line(result.why)})" if result.why else ""
        self._say(
            f"{result.key}: {result.word}, {result.new} new, {result.reports} reports, {result.requests} requests, "
            f"{result.problems} problems{why} · {self._done} of {self._portals} portals"
        )

    def answered(self, key: str, entry: FrontierEntry, fetch: FetchRecord, recorded: Recorded) -> None:
        """A find is told; otherwise, now and then, the tally."""
        self._pages += 1
        self._events[recorded.event] += 1
        word = NOTEWORTHY.get(recorded.event)
        if word and recorded.event is not Event.FAILED:
            what = (fetch.extraction.title if fetch.extraction else None) or entry.title or entry.url
            self._say(f"{key}: {word:9} {one_line(what)}")
        elif time.monotonic() - self._last > PLAIN_EVERY:
            new = self._events[Event.NEW]
            self._say(f"{self._pages} pages, {new} new, {len(self._open)} portals open, {self._done} done")

    def _say(self, line: str) -> None:
        self._last = time.monotonic()
        print(line, file=self._stream, flush=True)


class _Line(Quiet):
    def __init__(self, lines: ManyLines, key: str) -> None:
        self._lines = lines
        self._key = key

    def recorded(self, entry: FrontierEntry, fetch: FetchRecord, recorded: Recorded) -> None:
        self._lines.answered(self._key, entry, fetch, recorded)


class ManyJson(QuietMany):
    """One JSON object per line on stdout; each names its portal, the last one is the whole result."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stdout

    def portal(self, key: str) -> Display:
        """One object per answer."""
        return _JsonPortal(self._stream, key)

    def opened(self, session: Session) -> None:
        """One object."""
        site = session.site
        self._emit({"type": "started", "site": site.key, "name": site.name, "run": session.run_id})

    def ended(self, result: PortalResult, summary: Summary | None) -> None:
        """One object, as of a run of one portal; ``not run`` where there was none."""
        if summary is not None:
            self._emit({"type": "finished", **summary.as_json()})
        else:
            value = {"site": result.key, "name": result.name, "state": result.word, "why": result.why}
            self._emit({"type": "finished", **value})

    def finished(self, result: RoundResult | None) -> None:
        """The last object."""
        if result is not None:
            self._emit({"type": "round", **result.as_json()})

    def _emit(self, value: dict[str, object]) -> None:
        print(json.dumps(value, ensure_ascii=False), file=self._stream, flush=True)


class _JsonPortal(JsonLines):
    """``started`` and ``finished`` come from the thread that writes; the round tells them, so lines stay whole."""

    def __init__(self, stream: IO[str], key: str) -> None:
        super().__init__(stream)
        self._key = key

    def started(self, site: object, run_id: int) -> None:
        """Told by the round."""

    def finished(self, summary: Summary) -> None:
        """Told by the round."""

    def _emit(self, value: dict[str, object]) -> None:
        super()._emit({"type": value["type"], "site": self._key, **value})


class LiveTable(QuietMany):
    """A table of the portals under way on a terminal; finished ones scroll by above it."""

    def __init__(self) -> None:
        from rich.live import Live

        from archive.consoles import side_console

        self._console = side_console()
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._rows: dict[str, _Row] = {}
        self._portals = self._done = self._pages = self._new = 0
        self._drawn = 0.0

    def begins(self, portals: int, at_once: int) -> None:
        """Starts drawing."""
        self._portals = portals
        self._live.start()

    def portal(self, key: str) -> Display:
        """A row of the table."""
        return _Row(self)

    def opened(self, session: Session) -> None:
        """The row appears."""
        row = session.display
        if isinstance(row, _Row):
            row.name = session.site.name
            self._rows[session.site.key] = row
        self.draw()

    def ended(self, result: PortalResult, summary: Summary | None) -> None:
        """The row scrolls away."""
        from rich.text import Text

        self._rows.pop(result.key, None)
        self._done += 1
        good = result.word in {"complete", "nothing"}
        line = Text.assemble((f"{result.word:>9}  ", "green" if good else "yellow"), result.name)
        line.append(f"  {result.new} new, {result.requests} requests", style="dim")
        if result.why:
            line.append(f"  {one_line(result.why)}", style="dim")
        self._console.print(line)
        self.draw()

    def finished(self, result: RoundResult | None) -> None:
        """Takes the table away."""
        self._live.stop()

    def answered(self, new: bool) -> None:
        """Counts an answer of any portal."""
        self._pages += 1
        self._new += new
        self.draw()

    def draw(self) -> None:
        """Draws, but not more than four times a second."""
        from rich.table import Table
        from rich.text import Text

        if time.monotonic() - self._drawn < REFRESH:
            return
        self._drawn = time.monotonic()
        table = Table(
            title=f"{self._done} of {self._portals} portals done, {self._pages} pages, {self._new} new",
            title_justify="left",
            show_edge=False,
        )
        for name in ("portal", "pages", "new", "waiting for"):
            table.add_column(name, no_wrap=True)
        most = max(3, self._console.height - 6)
        for row in list(self._rows.values())[:most]:
            table.add_row(row.name, str(row.pages), str(row.new), Text(one_line(row.waits, 60)))
        if len(self._rows) > most:
            table.add_row(f"… and {len(self._rows) - most} more", "", "", "")
        self._live.update(table, refresh=True)


class _Row(Quiet):
    def __init__(self, table: LiveTable) -> None:
        self._table = table
        self.name = ""
        self.pages = self.new = 0
        self.waits = ""

    def waiting(self, what: str) -> None:
        self.waits = what

    def recorded(self, entry: FrontierEntry, fetch: FetchRecord, recorded: Recorded) -> None:
        self.pages += 1
        self.new += recorded.event is Event.NEW
        self._table.answered(recorded.event is Event.NEW)
