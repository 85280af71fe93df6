"""What a person or a program sees while a crawl runs."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import IO, TYPE_CHECKING, Protocol

from archive.records import Event, FetchRecord, FrontierEntry, FrontierKind, Recorded

if TYPE_CHECKING:
    from crawler.site import Site
    from crawler.summary import Summary

PLAIN_EVERY = 10.0
"""Seconds between two plain progress lines when nothing noteworthy happens."""
LONGEST_WHY = 160
UNHEARD = "nobody reads its output any more, or there is no room for it"
"""Why a run ends whose display cannot be written to."""
NOTEWORTHY = {
    Event.NEW: "new",
    Event.CHANGED: "changed",
    Event.DUPLICATE: "duplicate",
    Event.UNSURE: "unsure",
    Event.MISSING: "missing",
    Event.GONE: "gone",
    Event.MOVED: "moved",
    Event.FAILED: "failed",
    Event.UNREAD: "unread",
    Event.QUARANTINED: "held back",
}


class Display(Protocol):
    """Where progress goes."""

    def started(self, site: Site, run_id: int) -> None:
        """A run begins."""

    def waiting(self, what: str) -> None:
        """A request goes out."""

    def recorded(self, entry: FrontierEntry, fetch: FetchRecord, recorded: Recorded) -> None:
        """An answer is in the archive."""

    def finished(self, summary: Summary) -> None:
        """The run is over."""


class Quiet:
    """Shows nothing."""

    def started(self, site: Site, run_id: int) -> None:
        """A run begins."""

    def waiting(self, what: str) -> None:
        """A request goes out."""

    def recorded(self, entry: FrontierEntry, fetch: FetchRecord, recorded: Recorded) -> None:
        """An answer is in the archive."""

    def finished(self, summary: Summary) -> None:
        """The run is over."""


class Tally:
    """Counts that all displays show."""

    def __init__(self) -> None:
        self.pages = 0
        self.events: Counter[Event] = Counter()

    def add(self, recorded: Recorded) -> None:
        """Counts one recorded answer."""
        self.pages += 1
        self.events[recorded.event] += 1

    def words(self) -> str:
        """``12 pages, 5 new, 1 changed``."""
        parts = [f"{self.pages} pages"]
        parts += [
            f"{self.events[event]} {event.value}"
            for event in (
                Event.NEW,
                Event.CHANGED,
                Event.UNCHANGED,
                Event.DUPLICATE,
                Event.UNSURE,
                Event.QUARANTINED,
                Event.FAILED,
            )
            if self.events[event]
        ]
        return ", ".join(parts)


def one_line(text: str, limit: int = 100) -> str:
    """Outside text made safe for a terminal: one line, no control characters, cut to a length."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    clean = " ".join(clean.split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _why(fetch: FetchRecord, recorded: Recorded) -> str:
    """What is said behind the title of an answer that brought no document."""
    said: list[str] = []
    if recorded.event in (Event.FAILED, Event.MISSING) and fetch.detail:
        said = [fetch.detail]
    elif recorded.event is Event.QUARANTINED and fetch.extraction is not None:
        said = [doubt.detail for doubt in fetch.extraction.doubts] or ["lost much of its text"]
    return f" ({one_line('; '.join(said), LONGEST_WHY)})" if said else ""


class PlainLines(Quiet):
    """Lines for logs and pipes: one per noteworthy answer, a tally every ten seconds."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stderr
        self._tally = Tally()
        self._last = time.monotonic()

    def started(self, site: Site, run_id: int) -> None:
        """Names the portal."""
        self._say(
            f"{site.key}: {site.name}, run {run_id}, {site.home_url}, {site.delay:g} s between requests"
        )

    def recorded(self, entry: FrontierEntry, fetch: FetchRecord, recorded: Recorded) -> None:
        """A line for what matters, now and then the tally."""
        self._tally.add(recorded)
        word = NOTEWORTHY.get(recorded.event)
        if word:
            what = (fetch.extraction.title if fetch.extraction else None) or entry.title or entry.url
            self._say(f"{word:9} {one_line(what)}{_why(fetch, recorded)}")
        elif entry.kind is FrontierKind.COLUMN and fetch.listing is not None:
            self._say(f"column    {one_line(entry.column or entry.url)}: {fetch.listing.entries} rows")
        elif time.monotonic() - self._last > PLAIN_EVERY:
            self._say(self._tally.words())

    def _say(self, line: str) -> None:
        self._last = time.monotonic()
        print(line, file=self._stream, flush=True)


class JsonLines(Quiet):
    """One JSON object per line on stdout, for programs."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stdout

    def started(self, site: Site, run_id: int) -> None:
        """The first object."""
        self._emit({"type": "started", "site": site.key, "name": site.name, "run": run_id})

    def recorded(self, entry: FrontierEntry, fetch: FetchRecord, recorded: Recorded) -> None:
        """One object per answer."""
        self._emit(
            {
                "type": "fetched",
                "event": recorded.event.value,
                "outcome": fetch.outcome.value,
                "kind": entry.kind.value,
                "url": entry.url,
                "title": (fetch.extraction.title if fetch.extraction else None) or entry.title,
                "status": fetch.status,
                "detail": fetch.detail,
                "report": recorded.report_id,
                "version": recorded.version,
            }
        )

    def finished(self, summary: Summary) -> None:
        """The last object: the whole result."""
        self._emit({"type": "finished", **summary.as_json()})

    def _emit(self, value: dict[str, object]) -> None:
        print(json.dumps(value, ensure_ascii=False), file=self._stream, flush=True)


class Live(Quiet):
    """A status line on a terminal, with finds scrolling above it."""

    def __init__(self) -> None:
        from rich.text import Text

        from archive.consoles import side_console

        self._text = Text
        self._console = side_console()
        self._tally = Tally()
        self._status = self._console.status("starting", spinner="dots")

    def started(self, site: Site, run_id: int) -> None:
        """Names the portal and starts the status line."""
        self._console.print(
            self._text.assemble(
                (site.name, "bold"), f"  {site.home_url}  run {run_id}, {site.delay:g} s between requests"
            )
        )
        self._status.start()

    def waiting(self, what: str) -> None:
        """Shows what is being waited for."""
        self._status.update(self._text(f"{self._tally.words()} · waiting for {one_line(what, 60)}"))

    def recorded(self, entry: FrontierEntry, fetch: FetchRecord, recorded: Recorded) -> None:
        """A find scrolls by."""
        self._tally.add(recorded)
        word = NOTEWORTHY.get(recorded.event)
        if word is None:
            return
        colour = {"new": "green", "changed": "yellow", "failed": "red", "gone": "red"}.get(word, "cyan")
        what = (fetch.extraction.title if fetch.extraction else None) or entry.title or entry.url
        line = self._text.assemble((f"{word:>10}  ", colour), one_line(what, 90))
        line.append(_why(fetch, recorded), style="dim")
        self._console.print(line)

    def finished(self, summary: Summary) -> None:
        """Clears the status line."""
        self._status.stop()
