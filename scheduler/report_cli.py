"""Commands that report: status, freshness, incidents, watch, digest."""

from __future__ import annotations

import sys
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from archive.cli_base import print_json
from archive.terminal import counted, one_line
from crawler.window import CHINA
from scheduler.cli_base import (
    AtOption,
    ConfigOption,
    DbOption,
    JsonOption,
    OnlyOption,
    SeedsOption,
    moment_of,
    opened,
    settings_of,
    write_csv,
    write_file,
)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for command in (status, freshness, incidents, watch, digest):
        app.command()(command)


def status(
    only: OnlyOption = None,
    db: DbOption = None,
    config: ConfigOption = None,
    seeds: SeedsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what runs, what is due, what failed and since when, and the open incidents."""
    from scheduler.status import look, shown

    with opened(config, db, seeds, only) as (settings, engine, portals):
        found = look(settings, engine, portals, now=datetime.now(UTC))
    if as_json:
        print_json(found)
    else:
        sys.stdout.write(shown(found))


def freshness(
    limit: Annotated[int, typer.Option(min=0, help="At most so many lines; 0: all.")] = 40,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Write the whole table into this file, for other tools.")
    ] = None,
    only: OnlyOption = None,
    db: DbOption = None,
    config: ConfigOption = None,
    seeds: SeedsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show for every portal when it was read last, how, and when it is visited next; the stalest first."""
    from scheduler.status import Fresh
    from scheduler.status import freshness as how_fresh

    with opened(config, db, seeds, only) as (settings, engine, portals):
        rows = how_fresh(settings, engine, portals, now=datetime.now(UTC))
    if csv_file is not None:
        write_csv(csv_file, [field.name for field in fields(Fresh)], [asdict(row) for row in rows])
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    for row in rows[: limit or None]:
        read = (
            "never" if row.last_complete is None else f"{row.last_complete.astimezone(CHINA):%Y-%m-%d %H:%M}"
        )
        following = f"{row.next_visit.astimezone(CHINA):%Y-%m-%d %H:%M}"
        sys.stdout.write(
            f"{row.key:<24} read {read:<16}  last {row.state or '–':<9}  next {following}  {one_line(row.why)}\n"
        )
    sys.stdout.write(f"{counted(len(rows), 'portal')}\n")


def incidents(
    days: Annotated[int | None, typer.Option(min=1, help="Also those of the last so many days.")] = None,
    db: DbOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the open incidents, oldest first."""
    from archive.database import open_archive
    from archive.incidents import IncidentStore
    from scheduler.letters import NAMES

    settings = settings_of(config, db=db)
    engine = open_archive(settings.database, create=False, read_only=True)
    try:
        store = IncidentStore(engine, lambda: datetime.now(UTC))
        found = (
            store.open_incidents()
            if days is None
            else store.incidents_since(datetime.now(UTC) - timedelta(days=days))
        )
    finally:
        engine.dispose()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        ended = "" if one.closed is None else f"  closed {one.closed.astimezone(CHINA):%Y-%m-%d %H:%M}"
        opened = f"{one.opened.astimezone(CHINA):%Y-%m-%d %H:%M}"
        line = f"{NAMES.get(one.kind, one.kind)} {one.portal_key}  opened {opened}{ended}: {one.detail}"
        sys.stdout.write(one_line(line) + "\n")
    sys.stdout.write(f"{counted(len(found), 'incident')}\n")


def watch(
    db: DbOption = None,
    config: ConfigOption = None,
    seeds: SeedsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for trouble once and tell people: for a timer beside the service, which it also watches.

    Exit codes: 0 nothing is open; 3 incidents are open; 2 wrong settings; 1 anything else.
    """
    from scheduler.log import configure
    from scheduler.watching import Watch

    with opened(config, db, seeds, None, writes=True) as (settings, engine, portals):
        configure(settings.log)
        watching = Watch(settings, engine, portals, clock=lambda: datetime.now(UTC))
        happened = watching.sweep()
        delivered = watching.deliver()
        still = watching.incidents.open_incidents()
    if as_json:
        told = [{"what": one.what.value, **asdict(one.incident)} for one in happened]
        print_json({"happened": told, "open": [asdict(one) for one in still], "delivered": delivered})
    else:
        sys.stdout.write(
            f"{counted(len(happened), 'thing')} to tell, {counted(delivered, 'message')} delivered, "
            f"{counted(len(still), 'incident')} open\n"
        )
    raise typer.Exit(3 if still else 0)


def digest(
    yearly: Annotated[
        bool, typer.Option("--yearly", help="The year to the last 30 June, not a week.")
    ] = False,
    at: AtOption = None,
    html: Annotated[Path | None, typer.Option(help="Also write it as a page into this file.")] = None,
    db: DbOption = None,
    config: ConfigOption = None,
    seeds: SeedsOption = None,
) -> None:
    """Print what the last seven days, or the last year, brought: published, late, changed, withdrawn."""
    from scheduler.letters import page
    from scheduler.season import day_in_china
    from scheduler.watching import Watch

    now = moment_of(at)
    today = day_in_china(now)
    with opened(config, db, seeds, None) as (settings, engine, portals):
        watching = Watch(settings, engine, portals, clock=lambda: now)
        year = today.year if today.month >= 7 else today.year - 1
        letter = watching.yearly(year, again=True) if yearly else watching.weekly(today, again=True)
    if letter is None:
        raise AssertionError("a digest that is asked for again is always written")
    if html is not None:
        write_file(html, page(letter))
    sys.stdout.write(f"{letter.title}\n\n{letter.body}")
