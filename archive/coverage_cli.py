"""``archive coverage``: who owes a report for which year, and what became of it."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.cli_base import AsJson, Database, open_for_reading, print_json
from archive.errors import UsageError
from archive.wholefile import written_whole

if TYPE_CHECKING:
    from archive.coverage_cells import CellState, Coverage

FIRST_YEAR, LAST_YEAR = 2000, 2100
SHOWN_YEARS = 5
"""Years shown unless asked for others: up to that of the season that is running or closed last."""
INCOMPLETE = 3
"""Exit code of ``--check`` where something is late or missing."""
_SPAN = re.compile(r"(\d{4})-(\d{4})")


class Level(StrEnum):
    """Levels of bodies."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    STREET = "street"
    TOWN = "town"
    ZONE = "zone"
    DEPARTMENT = "department"


def coverage(
    province: Annotated[str | None, typer.Option(help="Only this province: 天津市, 天津.")] = None,
    place: Annotated[
        str | None,
        typer.Option(help="Only this city, county, street …, by name or by its code: 东丽区, 1201."),
    ] = None,
    site: Annotated[str | None, typer.Option(metavar="KEY", help="Only this portal (its key).")] = None,
    level: Annotated[
        Level | None, typer.Option(case_sensitive=False, help="Only bodies of this level.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(min=FIRST_YEAR, max=LAST_YEAR, help="The year reported on.")
    ] = None,
    years: Annotated[
        str | None,
        typer.Option(metavar="FROM-TO", help=f"Several years: 2020-2025. [the last {SHOWN_YEARS}]"),
    ] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="Only cells of this state (late, blocked …); may be repeated."),
    ] = None,
    bodies: Annotated[
        bool | None,
        typer.Option(
            "--bodies/--places", help="A line for each body, or one for each place. [by their number]"
        ),
    ] = None,
    reasons: Annotated[bool, typer.Option("--reasons", help="Tell of every cell why.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV, a row for each cell.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one page with the matrix as a picture.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help=f"End with exit code {INCOMPLETE} if a cell is late or missing.")
    ] = False,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show who owes a report for which year, and what became of it.

    An empty cell is one of four things, never mixed up: the site lists none, it was not found, the portal is blocked,
    nobody ever looked. Exit codes: 0 done; 2 wrong usage; 3 with --check, if a cell is late or missing; 1 else.
    """
    if as_json and as_csv:
        raise UsageError("--json and --csv are two forms of one answer; ask for one")
    if html is not None and state:
        raise UsageError(
            "--html shows every state, --state chooses for the table, CSV and JSON; leave one out"
        )
    wanted = _years(year, years)
    states = _states(state)
    with open_for_reading(db) as archive:
        found = archive.coverage(
            wanted, province=province, place=place, site=site, level=None if level is None else level.value
        )
    if html is not None:
        _write(html, found, bodies)
    if as_json or as_csv:
        from archive import coverage_files

        if as_json:
            print_json(coverage_files.to_json(found, states))
        else:
            sys.stdout.write(coverage_files.to_csv(found, states))
    elif html is None or reasons:
        _show(found, states if state else None, bodies=bodies, reasons=reasons)
    if check and not found.counts.fine:
        raise typer.Exit(INCOMPLETE)


def _show(
    found: Coverage, states: frozenset[CellState] | None, *, bodies: bool | None, reasons: bool
) -> None:
    from archive import consoles, coverage_table
    from archive.coverage import with_state

    shown = found if states is None else with_state(found, states)
    if bodies is None:
        bodies = reasons or sum(len(place.rows) for place in shown.places) <= coverage_table.MOST_ROWS
    coverage_table.show(consoles.console(), shown, bodies=bodies, reasons=reasons)


def _write(path: Path, found: Coverage, bodies: bool | None) -> None:
    from archive import coverage_page

    rows = sum(len(place.rows) for place in found.places)
    many = rows * len(found.years) > coverage_page.MOST_CELLS
    content = coverage_page.page(found, bodies=not many if bodies is None else bodies)
    with written_whole(path) as file:
        file.write(content)
    sys.stderr.write(f"archive: {path} written\n")


def _years(year: int | None, years: str | None) -> range:
    if year is not None and years is not None:
        raise UsageError("--year is one year, --years several; name one of them")
    if year is not None:
        return range(year, year + 1)
    if years is None:
        from archive.coverage_held import CHINA, season_of

        last = season_of(datetime.now(UTC).astimezone(CHINA).date())
        return range(last - SHOWN_YEARS + 1, last + 1)
    match = _SPAN.fullmatch(years.strip())
    if match is None:
        raise UsageError(f"--years {years!r} is no span of years; write 2020-2025")
    first, last = int(match[1]), int(match[2])
    if not FIRST_YEAR <= first <= last <= LAST_YEAR:
        raise UsageError(f"--years {years}: the first must not be after the last, both from {FIRST_YEAR} on")
    return range(first, last + 1)


def _states(given: list[str] | None) -> frozenset[CellState]:
    from archive.coverage_cells import CellState

    if not given:
        return frozenset(CellState)
    known = {state.value: state for state in CellState}
    words = [word.replace("-", "_") for text in given for word in text.split(",")]
    for word in words:
        if word not in known:
            raise UsageError(f"--state {word!r} is no state of a cell; they are {', '.join(known)}")
    return frozenset(known[word] for word in words)
