"""How a run ended, as values: for the table a person sees, for ``--json``, for the run's row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archive.records import Event, RunState
from crawler.completeness import ColumnCount

if TYPE_CHECKING:
    from crawler.guide import Guidance

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
    waiting: int = 0
    """Readings of this portal that wait in quarantine, from this run and from earlier ones. They leave a run complete:
    the page was read and its bytes are kept; what is open is whether to trust them."""
    notes: tuple[str, ...] = ()
    """What a person should know beside the result, a line each."""
    guidance: Guidance | None = None
    """How far the run looked, which columns moved, who is still missing."""

    @property
    def missing_publishers(self) -> tuple[str, ...]:
        """Units of the roster of which the archive holds no report of the season; none if the run was narrowed."""
        return () if self.guidance is None else self.guidance.missing

    @property
    def narrowed(self) -> str | None:
        """What the run was narrowed to; None for a whole run."""
        return None if self.guidance is None else self.guidance.narrowed

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
            "quarantine": self.waiting,
            "looked": 0 if self.guidance is None else self.guidance.looked,
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
        if self.narrowed:
            words = f"narrowed to {self.narrowed}; of this, {words}"
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
        if self.waiting:
            steps.append(f"Decide about what is not trusted: archive quarantine list --site {key}")
        if self.count(Event.UNREAD):
            steps.append(
                "Files among the reports (PDF, Word) were kept as bytes; their text is not read yet."
            )
        if self.count(Event.NEW) or self.count(Event.CHANGED) or self.reports_known:
            steps.append(f"Read them: archive list --site {key}")
        return steps

    def _guided(self) -> dict[str, Any]:
        guidance = self.guidance
        if guidance is None:
            return {}
        return {
            "season": guidance.season,
            "narrowed": guidance.narrowed,
            "reach": guidance.reach.value,
            "missing_publishers": list(guidance.missing),
            "publishers_beyond_roster": list(guidance.strangers),
            "columns_moved": [{"from": old, "to": new} for old, new in guidance.moved],
        }

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
            "notes": list(self.notes),
            **self._guided(),
            "next": self.next_steps(),
        }
