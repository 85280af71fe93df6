"""How a run ended, as values: for the table a person sees, for ``--json``, for the run's row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from archive.records import Event, RunState
from crawler.completeness import ColumnCount

EXIT_CODES: Mapping[RunState, int] = {
    RunState.COMPLETE: 0,
    RunState.FAILED: 1,
    RunState.PARTIAL: 3,
    RunState.BLOCKED: 4,
    RunState.NOTHING: 5,
}
"""2 is bad usage and never the end of a run. Documented in docs/crawler.md."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that could not be read."""

    url: str
    outcome: str
    detail: str | None


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A page that is no yearly report, and why."""

    title: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One finished run."""

    site_key: str
    site_name: str
    run_id: int
    state: RunState
    stopped: str | None
    """Why the run was cut off, if it was."""
    requests: int
    seconds: float
    events: Mapping[str, int]
    outcomes: Mapping[str, int]
    columns: tuple[ColumnCount, ...]
    problems: tuple[Problem, ...]
    refusals: tuple[Refusal, ...]
    reports_known: int
    """Reports the archive now holds for this portal."""
    left: int
    """Entries still queued for the next run."""
    changes: tuple[tuple[str, int], ...] = ()
    """Kinds of change rows this run wrote, with their number."""

    @property
    def exit_code(self) -> int:
        """What the command answers to the shell."""
        return EXIT_CODES[self.state]

    def count(self, event: Event) -> int:
        """How often an event happened."""
        return self.events.get(event.value, 0)

    def refusal_reasons(self) -> list[tuple[str, int]]:
        """Reasons for refusals with their number, most frequent first."""
        return Counter(refusal.reason for refusal in self.refusals).most_common()

    def counters(self) -> dict[str, Any]:
        """What the run's row keeps."""
        return {
            "requests": self.requests,
            "seconds": round(self.seconds, 1),
            "events": dict(self.events),
            "outcomes": dict(self.outcomes),
            "reports_known": self.reports_known,
            "left": self.left,
            "columns": [asdict(column) for column in self.columns],
        }

    def sentence(self) -> str:
        """The result in one line."""
        words = {
            RunState.COMPLETE: "complete: all that the site lists was read",
            RunState.PARTIAL: "partial: part of the site could not be read",
            RunState.BLOCKED: "the portal could not be read at all",
            RunState.NOTHING: "read completely, no report found",
            RunState.FAILED: "failed",
        }[self.state]
        return f"{words} ({self.stopped})" if self.stopped else words

    def next_steps(self) -> list[str]:
        """What a person should do now, most urgent first."""
        key = self.site_key
        steps = []
        if self.state is RunState.BLOCKED:
            steps.append(
                "Open the portal in a browser; if it works there, this network is blocked: try from another one."
            )
        elif self.state is RunState.PARTIAL and not self.columns:
            steps.append(
                f"No report column was found. Name it in seeds/sites/{key}.toml ([[column]] url, name)."
            )
        elif self.state is RunState.PARTIAL:
            steps.append(f"Run again: crawler run --site {key} goes on where this run stopped.")
        if self.count(Event.UNSURE):
            steps.append(f"Look at the unsure ones: archive list --site {key} --unsure")
        if self.count(Event.UNREAD):
            steps.append(
                "Files among the reports (PDF, Word) were kept as bytes; their text is not read yet."
            )
        if self.count(Event.NEW) or self.count(Event.CHANGED) or self.reports_known:
            steps.append(f"Read them: archive list --site {key}")
        return steps

    def as_json(self) -> dict[str, Any]:
        """The whole result as one JSON value."""
        return {
            "site": self.site_key,
            "name": self.site_name,
            "run": self.run_id,
            "state": self.state.value,
            "exit_code": self.exit_code,
            "stopped": self.stopped,
            **self.counters(),
            "changes": dict(self.changes),
            "problems": [asdict(problem) for problem in self.problems],
            "refusals": [asdict(refusal) for refusal in self.refusals],
            "next": self.next_steps(),
        }
