"""What reading stored captures again meant: one word for each capture, counts, progress lines, a table."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any

from archive.planning import HeldPortal, LastReading
from archive.records import Event, ExtractionRecord, StoredCapture, Verdict
from archive.text import clean, digest, normalise
from crawler.progress import PLAIN_EVERY, one_line

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = 10
"""Skipped portals and pages to look at that the table names; ``--json`` names all."""


class Turn(StrEnum):
    """What another reading changed; each capture counts once, under the first that holds."""

    LOST = "lost"  # was readable and no longer is; the archive keeps the former text
    UNREADABLE = "unreadable"  # had no text before and has none now
    REPORT = "report"  # verdict changed, or the first time that there is a text
    UNSURE = "unsure"
    REFUSED = "refused"
    QUARANTINED = "quarantined"  # not trusted; the archive keeps the former text, if there was one
    TEXT = "text"  # same verdict, another text
    DESCRIBED = "described"  # same text; title, date, year, kind, publishers or missing parts differ
    UNCHANGED = "unchanged"


LABELS: Mapping[Turn, str] = {
    Turn.TEXT: "text changed",
    Turn.DESCRIBED: "title, date, year, publishers or parts changed",
    Turn.REPORT: "became report",
    Turn.UNSURE: "became unsure (a person decides)",
    Turn.REFUSED: "became refused (no yearly report)",
    Turn.QUARANTINED: "not trusted: archive quarantine list",
    Turn.LOST: "no longer readable (former text kept)",
    Turn.UNREADABLE: "still unreadable",
    Turn.UNCHANGED: "unchanged",
}
_BECAME = {Verdict.REPORT: Turn.REPORT, Verdict.UNSURE: Turn.UNSURE, Verdict.NO: Turn.REFUSED}
_TOLD = {Turn.LOST, Turn.REPORT, Turn.UNSURE, Turn.REFUSED, Turn.QUARANTINED}
_MADE = {Event.NEW, Event.DUPLICATE, Event.UNSURE}


def judge(before: LastReading | None, now: ExtractionRecord, meant: Event | None = None) -> Turn:
    """Compares a reading with the one before it.

    Args:
        before: The newest reading of the same bytes so far; None if there was none.
        now: Today's.
        meant: What the archive made of today's. A reading that makes a document although it reads like the one
            before it comes from quarantine.
    """
    had_text = before is not None and before.error is None and before.text_sha256 is not None
    if now.error is not None or not normalise(now.text):
        return Turn.LOST if had_text else Turn.UNREADABLE
    if meant is Event.QUARANTINED:
        return Turn.QUARANTINED
    if meant is Event.ANNEX:
        return Turn.TEXT
    if before is None or not had_text or before.verdict is not now.verdict or meant in _MADE:
        return _BECAME[now.verdict]
    if before.text_sha256 != digest(now.text):
        return Turn.TEXT
    title = None if now.title is None else clean(now.title)
    said = (title, now.published, now.report_year, now.report_kind, now.publishers, now.missing_parts)
    known = (before.title, before.published, before.report_year, before.report_kind, before.publishers)
    return Turn.UNCHANGED if said == (*known, before.missing_parts) else Turn.DESCRIBED


@dataclass(frozen=True, kw_only=True)
class Look:
    """A page a person should look at: its reading got worse, or it is a report no longer."""

    portal: str
    url: str
    turn: Turn
    why: str


@dataclass(kw_only=True)
class PortalResult:
    """One portal, read again."""

    portal: HeldPortal
    run_id: int
    planned: int
    withdrawn: int = 0
    """Captures left out because a person withdrew their bytes (``archive redact``)."""
    turns: Counter[Turn] = field(default_factory=Counter)
    queued: int = 0
    """Files that pages were found to offer, left to the next crawl."""
    look: list[Look] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Captures read again."""
        return self.turns.total()

    def add(self, turn: Turn, stored: StoredCapture, now: ExtractionRecord, *, document: bool) -> None:
        """Counts one capture; ``document`` says that something stands at its URL in the archive."""
        self.turns[turn] += 1
        if turn is Turn.LOST or (turn is Turn.REFUSED and document):
            why = _why(now)
            self.look.append(Look(portal=self.portal.key, url=stored.url, turn=turn, why=why))

    def counters(self) -> dict[str, Any]:
        """What the run's row keeps."""
        return {
            "planned": self.planned,
            "withdrawn": self.withdrawn,
            "read": self.read,
            "turns": by_name(self.turns),
            "queued": self.queued,
        }

    def words(self) -> str:
        """``120 of 300, 4 text changed, 116 unchanged``."""
        parts = [f"{self.read} of {self.planned} read again"]
        if self.withdrawn:
            parts.append(f"{self.withdrawn} left out, their bytes were withdrawn (archive redact)")
        parts += [
            f"{self.turns[turn]} {label.partition(' (')[0]}"
            for turn, label in LABELS.items()
            if self.turns[turn]
        ]
        return ", ".join(parts)


@dataclass(kw_only=True)
class Result:
    """The whole command."""

    portals: list[PortalResult] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Keys of portals that were left out, with the reason."""
    held: int = 0
    """Portals with captures that were asked for."""
    stopped: str | None = None
    seconds: float = 0.0

    @property
    def turns(self) -> Counter[Turn]:
        """Counts over all portals."""
        return sum((portal.turns for portal in self.portals), Counter())

    @property
    def queued(self) -> int:
        """Files left to the next crawl."""
        return sum(portal.queued for portal in self.portals)

    @property
    def look(self) -> list[Look]:
        """Pages a person should look at."""
        return [look for portal in self.portals for look in portal.look]

    @property
    def exit_code(self) -> int:
        """What the command answers to the shell, by the table in docs/crawler.md."""
        if self.stopped is not None or self.skipped or self.turns[Turn.LOST]:
            return 3
        return 0 if self.held else 5

    def sentence(self) -> str:
        """The result in one line."""
        if self.stopped is not None:
            return f"partial: {self.stopped}; run the same command again, it goes on where this one stopped"
        if self.skipped:
            return "partial: a portal was left out"
        if self.turns[Turn.LOST]:
            return "partial: pages that were readable no longer are; their former texts stand"
        if not self.held:
            return "the archive holds no captures of what was asked for"
        return "complete" if self.turns.total() else "complete: there was nothing to read again"

    def as_json(self) -> dict[str, Any]:
        """The whole result as one JSON value."""
        return {
            "exit_code": self.exit_code,
            "stopped": self.stopped,
            "read": self.turns.total(),
            "turns": by_name(self.turns),
            "queued": self.queued,
            "seconds": round(self.seconds, 1),
            "portals": [
                {"site": one.portal.key, "name": one.portal.name, "run": one.run_id, **one.counters()}
                for one in self.portals
            ],
            "skipped": [{"site": key, "reason": reason} for key, reason in self.skipped],
            "look": [
                {"site": look.portal, "url": look.url, "turn": look.turn.value, "why": look.why}
                for look in self.look
            ],
        }


def by_name(turns: Counter[Turn]) -> dict[str, int]:
    """Counts under their names, zeros included, for JSON."""
    return {turn.value: turns[turn] for turn in Turn}


def _why(now: ExtractionRecord) -> str:
    doubts = "; ".join(doubt.detail for doubt in now.doubts)
    return now.error or doubts or now.verdict_reason.removeprefix("refused: ")


class Lines:
    """Progress for people: a line for what matters, now and then a tally."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stderr
        self._last = time.monotonic()

    def started(self, one: PortalResult) -> None:
        """A portal begins."""
        name, count = one.portal.name, one.planned
        self._say(f"{one.portal.key}: {name}, run {one.run_id}, {count} captures to read again")

    def read(self, one: PortalResult, turn: Turn, stored: StoredCapture, now: ExtractionRecord) -> None:
        """A capture was read again, and what came of it is in the archive."""
        if turn in _TOLD:
            what = one_line(now.title or stored.title or stored.url)
            self._say(f"{turn.value:9} {what} ({one_line(_why(now))})")
        elif time.monotonic() - self._last > PLAIN_EVERY:
            self._say(f"{one.portal.key}: {one.words()}")

    def finished(self, one: PortalResult) -> None:
        """A portal is done, or was interrupted."""
        self._say(f"{one.portal.key}: {one.words()}")

    def skipped(self, key: str, reason: str) -> None:
        """A portal is left out."""
        self._say(f"{key}: left out: {reason}")

    def ended(self, result: Result) -> None:
        """The command is over."""

    def _say(self, line: str) -> None:
        self._last = time.monotonic()
        print(line, file=self._stream, flush=True)


class Json(Lines):
    """One JSON object per line, for programs."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        super().__init__(stream or sys.stdout)

    def started(self, one: PortalResult) -> None:
        """The first object of a portal."""
        self._emit({"type": "started", "site": one.portal.key, "run": one.run_id, "planned": one.planned})

    def read(self, one: PortalResult, turn: Turn, stored: StoredCapture, now: ExtractionRecord) -> None:
        """One object per capture."""
        self._emit(
            {
                "type": "read",
                "site": one.portal.key,
                "capture": stored.id,
                "url": stored.url,
                "turn": turn.value,
                "verdict": now.verdict.value,
                "title": now.title,
                "error": now.error,
            }
        )

    def finished(self, one: PortalResult) -> None:
        """The last object of a portal."""
        self._emit({"type": "portal", "site": one.portal.key, "run": one.run_id, **one.counters()})

    def skipped(self, key: str, reason: str) -> None:
        """A portal is left out."""
        self._emit({"type": "skipped", "site": key, "reason": reason})

    def ended(self, result: Result) -> None:
        """The last object: the whole result."""
        self._emit({"type": "finished", **result.as_json()})

    def _emit(self, value: dict[str, Any]) -> None:
        self._say(json.dumps(value, ensure_ascii=False))


def show(result: Result, console: Console) -> None:
    """Prints the table at the end, what to look at and what was left out."""
    from rich.table import Table
    from rich.text import Text

    if result.turns:
        table = Table(title="Read again", title_justify="left", show_header=False)
        table.add_column("what")
        table.add_column("number", justify="right")
        for name, value in _rows(result):
            table.add_row(name, value)
        console.print(table)
    notes = [f"{key}: left out: {reason}" for key, reason in result.skipped]
    notes += [f"{look.turn.value}: {look.url} {look.why}" for look in result.look]
    for note in notes[:SHOWN]:
        console.print(Text(f"  {one_line(note, 200)}", "red"))
    if len(notes) > SHOWN:
        console.print(f"  … and {len(notes) - SHOWN} more (--json names all)")
    colour = {0: "green", 3: "yellow", 5: "yellow"}[result.exit_code]
    console.print(Text(f"Result: {result.sentence()} (exit code {result.exit_code})", colour))


def _rows(result: Result) -> list[tuple[str, str]]:
    turns = result.turns
    return [
        ("read again", str(turns.total())),
        *((label, str(turns[turn])) for turn, label in LABELS.items()),
        ("files queued for the next crawl", str(result.queued)),
        ("portals", str(len(result.portals))),
        ("seconds", f"{result.seconds:.1f}"),
        ("captures per second", f"{turns.total() / result.seconds:.1f}"),
    ]
