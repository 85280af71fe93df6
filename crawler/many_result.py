"""How a round of many portals ended: one line per portal, for the table, for programs, for the shell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from archive.records import Event, Outcome, RunState
from crawler.neighbours import likely_challenged
from crawler.progress import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from crawler.seeds import PortalRow
    from crawler.summary import Summary

NOT_RUN = "not run"
"""State of a portal whose run did not begin."""
READ = frozenset({RunState.COMPLETE, RunState.NOTHING})
ROWS_SHOWN = 200
"""Portals in the table of a person; those that need attention first. Programs get all of them."""
_COLOUR = {
    RunState.COMPLETE: "green",
    RunState.NOTHING: "yellow",
    RunState.PARTIAL: "yellow",
    RunState.BLOCKED: "red",
    RunState.FAILED: "red",
}


@dataclass(frozen=True, kw_only=True)
class PortalResult:
    """One portal of a round. Small: a round of the country keeps 3,215 of them."""

    key: str
    name: str
    state: RunState | None
    """None: its run did not begin."""
    why: str | None = None
    """What stopped it, or kept it from beginning."""
    run_id: int | None = None
    reports: int = 0
    """Reports the archive now holds for the portal."""
    new: int = 0
    changed: int = 0
    requests: int = 0
    problems: int = 0
    left: int = 0
    """Entries still queued for the next run."""
    seconds: float = 0.0
    challenged: bool = False

    @property
    def word(self) -> str:
        """The state for people and programs."""
        return NOT_RUN if self.state is None else self.state.value


def of_summary(summary: Summary) -> PortalResult:
    """What a round keeps of a run."""
    return PortalResult(
        key=summary.site_key,
        name=summary.site_name,
        state=summary.state,
        why=summary.stopped,
        run_id=summary.run_id,
        reports=summary.reports_known,
        new=summary.count(Event.NEW),
        changed=summary.count(Event.CHANGED),
        requests=summary.requests,
        problems=len(summary.problems),
        left=summary.left,
        seconds=summary.seconds,
        challenged=bool(summary.outcomes.get(Outcome.CHALLENGE.value)),
    )


@dataclass(frozen=True, kw_only=True)
class RoundResult:
    """A finished round."""

    portals: tuple[PortalResult, ...]
    without_url: tuple[tuple[str, str], ...]
    """Key and name of portals that were asked for and whose address nobody knows."""
    requests: int
    """All that was sent: robots.txt, redirects and repeated ones, too."""
    seconds: float
    likely: dict[str, str]
    """Portals likely to be challenged, too → the challenged one beside them."""

    @property
    def exit_code(self) -> int:
        """0: every portal was read completely; 5: and none has a report; 3: anything is missing. docs/crawler.md."""
        states = {one.state for one in self.portals}
        if not states <= READ:
            return 3
        return 0 if RunState.COMPLETE in states else 5

    def counts(self) -> dict[str, int]:
        """Portals by state."""
        return dict(Counter(one.word for one in self.portals).most_common())

    def as_json(self) -> dict[str, Any]:
        """The whole result as one JSON value."""
        return {
            "exit_code": self.exit_code,
            "states": self.counts(),
            "requests": self.requests,
            "seconds": round(self.seconds, 1),
            "portals": [
                {**asdict(one), "state": one.word, "likely_challenged": self.likely.get(one.key)}
                for one in self.portals
            ],
            "without_url": [key for key, _ in self.without_url],
        }


def likely_among(results: Sequence[PortalResult], rows: Sequence[PortalRow]) -> dict[str, str]:
    """Which portals stand beside a challenged one and were not themselves read: who looks at the table is warned.

    Args:
        results: The round's.
        rows: All portals of the seeds.
    """
    unread = {one.key for one in results if one.state not in READ and not one.challenged}
    found: dict[str, str] = {}
    for one in results:
        if one.challenged and unread:
            for neighbour in likely_challenged(one.key, rows):
                if neighbour.key in unread:
                    found.setdefault(neighbour.key, f"{one.name}: {neighbour.why}")
    return found


def show(result: RoundResult, console: Console) -> None:
    """Prints the result of a round: portals that need attention first, then the counts."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{len(result.portals)} portals", title_justify="left", show_edge=False)
    for name in ("portal", "state", "reports", "new", "requests", "problems"):
        table.add_column(name, justify="left" if name in {"portal", "state", "problems"} else "right")
    ordered = sorted(result.portals, key=lambda one: (one.state in READ, one.state is RunState.NOTHING))
    for one in ordered[:ROWS_SHOWN]:
        colour = "red" if one.state is None else _COLOUR.get(one.state, "")
        table.add_row(
            f"{one.name} ({one.key})",
            Text(one.word, colour),
            str(one.reports),
            str(one.new),
            str(one.requests),
            Text(one_line(_said(one, result.likely), 100)),
        )
    console.print(table)
    if len(ordered) > ROWS_SHOWN:
        console.print(f"… and {len(ordered) - ROWS_SHOWN} more; --json names all of them")
    if result.without_url:
        names = "、".join(f"{name} ({key})" for key, name in result.without_url)
        console.print(Text(f"left out, address not known: {names}"))
    counts = ", ".join(f"{number} {word}" for word, number in result.counts().items())
    new = sum(one.new for one in result.portals)
    console.print(
        f"Result: {counts}; {new} new reports, {result.requests} requests in {result.seconds:.0f} s "
        f"(exit code {result.exit_code})"
    )
    if any(one.state is RunState.PARTIAL or one.state is None for one in result.portals):
        console.print("  → Run again: what is partial or was not run goes on where it stopped.")


def _said(one: PortalResult, likely: dict[str, str]) -> str:
    said = [f"{one.problems} problems"] if one.problems else []
    said += [one.why] if one.why else []
    said += [f"likely challenged, as {likely[one.key]}"] if one.key in likely else []
    return "; ".join(said)


def named(rows: Iterable[PortalRow]) -> tuple[tuple[str, str], ...]:
    """Key and name of portals."""
    return tuple((row.key, row.name) for row in rows)
