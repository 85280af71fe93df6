"""The table of ``archive coverage`` for people: a letter besides every colour, years as columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.coverage_cells import Cell, CellState, Counts, Coverage, Evidence, Place, Row
from archive.terminal import one_line

SIGNS: Mapping[CellState, tuple[str, str, str]] = {
    CellState.ON_TIME: ("+", "green", "on time"),
    CellState.LATE: ("L", "yellow", "late"),
    CellState.UNDATED: ("d", "cyan", "published on an unknown day"),
    CellState.JOINT: ("&", "green", "in another body's joint report"),
    CellState.WITHDRAWN: ("W", "bold red", "withdrawn"),
    CellState.GONE: ("G", "red", "gone from its address"),
    CellState.QUARANTINED: ("Q", "magenta", "in quarantine"),
    CellState.DOUBTFUL: ("~", "magenta", "doubtful"),
    CellState.SAYS_NONE: ("0", "bold", "not listed by the site"),
    CellState.NOT_FOUND: ("?", "blue", "looked for and not found"),
    CellState.BLOCKED: ("#", "bold white on red", "blocked"),
    CellState.NEVER_TRIED: (".", "dim", "never tried"),
    CellState.NOT_DUE: ("-", "dim", "not yet due"),
}
"""Sign, style and words of every state. ASCII: other signs are two columns wide on Chinese terminals."""

MOST_ROWS = 400
"""Bodies up to which the table shows each of them."""
NAME_WIDTH = 22
_SHORTEST_NAME = 8
_LONG_YEAR, _SHORT_YEAR = 6, 4
"""Columns of a year, with the space beside it: 2024, 24."""
_MOST_LISTED = 20


def show(out: Console, found: Coverage, *, bodies: bool, reasons: bool) -> None:
    """Prints the matrix with its legend and what has no cell.

    Args:
        out: where.
        found: what.
        bodies: a line for each body; else one for each place.
        reasons: under each body, why its cells are as they are.
    """
    for place in found.places:
        out.print(_heading(place))
        if bodies:
            for table in _matrices(found, place, out.width):
                out.print(table)
            if reasons:
                _reasons(out, place)
    _strangers(out, found)
    out.print(_legend(found))
    out.print(Text(f"total  {sentence(found.counts)}", style="bold"))
    if not bodies:
        out.print(Text("--bodies shows everybody", style="dim"))


def sentence(counts: Counts) -> str:
    """Counts in one line."""
    parts = [f"{number} {state.value.replace('_', ' ')}" for state, number in counts.by_state.items()]
    share = counts.share_on_time
    on_time = "" if share is None else f"{counts.on_time} of {counts.due} due on time ({share:.0%}): "
    return on_time + (", ".join(parts) or "no cells")


def _heading(place: Place) -> Text:
    line = Text()
    line.append(one_line(place.name), style="bold")
    line.append(f" {place.place}", style="dim")
    line.append(f"  {sentence(place.counts)}")
    return line


def _matrices(found: Coverage, place: Place, width: int) -> Iterator[Table]:
    """Bodies by years. Where there is little room the names give way, then the years go into several tables.

    A year that finds no room would look like one for which nothing was owed.
    """
    years = found.years
    wide = len(years) <= 8 and NAME_WIDTH + _LONG_YEAR * len(years) <= width
    each = _LONG_YEAR if wide else _SHORT_YEAR
    names = max(_SHORTEST_NAME, min(NAME_WIDTH, width - each * len(years)))
    at_once = max(1, (width - names) // each)
    for first in range(0, len(years), at_once):
        some = slice(first, first + at_once)
        table = Table(box=None, pad_edge=False, show_header=True, header_style="dim")
        table.add_column("", no_wrap=True, overflow="ellipsis", max_width=names, min_width=names)
        for year in years[some]:
            table.add_column(str(year) if wide else f"{year % 100:02d}", justify="center", no_wrap=True)
        for row in place.rows:
            table.add_row(Text(one_line(label(row))), *(_sign(cell) for cell in row.cells[some]))
        yield table


def label(row: Row) -> str:
    """A body's name, with the years of its existence where they are known."""
    since = "" if row.valid_from is None else str(row.valid_from.year)
    end = row.valid_to or (None if row.dropped is None else row.dropped.date())
    until = "" if end is None else str(end.year)
    return f"{row.name} ({since}–{until})" if since or until else row.name


def _sign(cell: Cell | None) -> Text:
    if cell is None:
        return Text("")
    sign, style, _ = SIGNS[cell.state]
    return Text(sign, style=style)


def _reasons(out: Console, place: Place) -> None:
    for row in place.rows:
        for cell in row.cells:
            if cell is None:
                continue
            sign, style, _ = SIGNS[cell.state]
            line = Text(f"  {cell.year} ", style="dim")
            line.append(sign, style=style)
            line.append(f" {one_line(row.name)}: {one_line(cell.reason)}")
            for evidence in cell.reports:
                line.append(f" [{evidence.report_id}] {one_line(evidence.url)}", style="dim")
            out.print(line)


def _strangers(out: Console, found: Coverage) -> None:
    if found.strangers:
        out.print(Text(f"{len(found.strangers)} publishers without a cell:", style="bold"))
        for stranger in found.strangers[:_MOST_LISTED]:
            code = f" {stranger.code}" if stranger.code else ""
            years = ", ".join(_year(evidence) for evidence in stranger.reports)
            out.print(
                Text(one_line(f"  {stranger.name}{code} ({stranger.portal_key}), {stranger.why}: {years}"))
            )
        if len(found.strangers) > _MOST_LISTED:
            out.print(
                Text(f"  and {len(found.strangers) - _MOST_LISTED} more; --json lists all", style="dim")
            )
    loose = sum(len(row.undated_year) for place in found.places for row in place.rows)
    if loose:
        out.print(Text(f"{loose} reports of a known publisher and of no known year; --json lists them"))
    if found.unassigned:
        out.print(Text(f"{len(found.unassigned)} reports of nobody knows whom; --json lists them"))


def _year(evidence: Evidence) -> str:
    return "no year" if evidence.year is None else str(evidence.year)


def _legend(found: Coverage) -> Text:
    line = Text()
    for state in CellState:
        if state in found.counts.by_state:
            sign, style, words = SIGNS[state]
            line.append(sign, style=style)
            line.append(f" {words}   ", style="dim")
    line.append("empty: nothing was owed", style="dim")
    return line
