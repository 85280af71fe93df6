"""The table at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.records import Event, RunState
from crawler.progress import one_line
from crawler.summary import Summary

if TYPE_CHECKING:
    from rich.console import Console

REASONS_SHOWN = 12
PROBLEMS_SHOWN = 10
NAMES_SHOWN = 8

CHANGE_WORDS = {
    "missing": "missing (not found, looked for again from tomorrow on)",
    "gone": "gone (not found again, or 410)",
    "withdrawn": "withdrawn (gone, and no longer listed)",
    "moved": "moved within the portal",
    "back": "back (was missing or gone)",
}

_ROWS = (
    (Event.NEW, "new reports"),
    (Event.CHANGED, "changed (a further version)"),
    (Event.UNCHANGED, "unchanged"),
    (Event.DUPLICATE, "duplicates (same text, another address)"),
    (Event.UNSURE, "unsure (kept, a person decides)"),
    (Event.ANNEX, "annexes kept beside a report"),
    (Event.UNREAD, "kept, not read"),
    (Event.MOVED, "moved off the portal"),
    (Event.FAILED, "failed"),
)
_COLOUR = {
    RunState.COMPLETE: "green",
    RunState.NOTHING: "yellow",
    RunState.PARTIAL: "yellow",
    RunState.BLOCKED: "red",
    RunState.FAILED: "red",
}


def show(summary: Summary, console: Console) -> None:
    """Prints the result of a run: counts, columns, refusals with reasons, problems, what to do next."""
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=f"{summary.site_name} · run {summary.run_id}", title_justify="left", show_header=False
    )
    table.add_column("what")
    table.add_column("number", justify="right")
    for event, label in _ROWS:
        number = summary.count(event)
        if number or event in (Event.NEW, Event.CHANGED, Event.UNCHANGED, Event.DUPLICATE):
            table.add_row(label, str(number))
    if summary.waiting:
        table.add_row("in quarantine: archive quarantine list", str(summary.waiting))
    for kind, number in summary.changes:
        if kind in CHANGE_WORDS:
            table.add_row(CHANGE_WORDS[kind], str(number))
    table.add_section()
    table.add_row("refused (no yearly report)", str(len(summary.refusals)))
    for reason, number in summary.refusal_reasons()[:REASONS_SHOWN]:
        table.add_row(
            Text(f"  {one_line(reason.removeprefix('refused: '), 70)}", style="dim"),
            Text(str(number), style="dim"),
        )
    table.add_section()
    for column in summary.columns:
        rows = f"{column.rows_read}" + (f" of {column.rows_stated}" if column.rows_stated is not None else "")
        pages = f"{column.pages_read}" + (
            f" of {column.pages_stated}" if column.pages_stated is not None else ""
        )
        table.add_row(f"column {one_line(column.first_url, 80)}", f"{rows} rows, {pages} pages")
    table.add_section()
    table.add_row("requests", str(summary.requests))
    table.add_row("seconds", f"{summary.seconds:.1f}")
    table.add_row("reports of this portal in the archive", str(summary.reports_known))
    console.print(table)
    for problem in summary.problems[:PROBLEMS_SHOWN]:
        console.print(
            Text(
                f"  {problem.outcome}: {one_line(problem.url, 120)} {one_line(problem.detail or '', 120)}",
                "red",
            )
        )
    if len(summary.problems) > PROBLEMS_SHOWN:
        console.print(f"  … and {len(summary.problems) - PROBLEMS_SHOWN} more problems")
    _show_guidance(summary, console)
    for note in summary.notes:
        console.print(Text(f"  note: {one_line(note, 160)}"))
    console.print(
        Text(f"Result: {summary.sentence()} (exit code {summary.exit_code})", _COLOUR[summary.state])
    )
    for step in summary.next_steps():
        console.print(Text(f"  → {step}"))


def _show_guidance(summary: Summary, console: Console) -> None:
    """Columns that moved, and who is missing: the first names, the others counted."""
    from rich.text import Text

    guidance = summary.guidance
    if guidance is None:
        return
    for old, new in guidance.moved:
        console.print(Text(f"  column moved: {one_line(old, 120)} → {one_line(new, 120)}", "yellow"))
    if guidance.missing:
        every = len(guidance.missing) == guidance.roster
        who = f"all {guidance.roster} of the roster" if every else _names(guidance.missing)
        console.print(Text(f"  missing publishers (no report of {guidance.season}): {who}"))
    if guidance.strangers:
        console.print(Text(f"  publishers beyond the roster: {_names(guidance.strangers)}"))


def _names(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return "、".join(one_line(name, 30) for name in names[:NAMES_SHOWN]) + more
