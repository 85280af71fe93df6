"""The command ``scheduler``: when portals are visited, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from archive.cli_base import print_json
from archive.entry import enter
from archive.errors import ArchiveError
from archive.terminal import one_line, to_json
from crawler.errors import CrawlerError
from crawler.window import CHINA
from scheduler import queue_cli, report_cli
from scheduler.cli_base import (
    AtOption,
    ConfigOption,
    DbOption,
    JsonOption,
    OnlyOption,
    SeedsOption,
    moment_of,
    month_of,
    opened,
    settings_of,
    write_file,
)

app = typer.Typer(
    help="Decides when portals are visited, and has it done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

queue_cli.register(app)
report_cli.register(app)


@app.callback()
def scheduler() -> None:
    """Decides when portals are visited, and has it done."""


@app.command()
def season(
    at: Annotated[str | None, typer.Option(help="A day, YYYY-MM-DD. [default: today in China]")] = None,
    config: ConfigOption = None,
) -> None:
    """Show which report year is due, how long it has, and how often portals are visited now."""
    from scheduler.season import next_opening, phase_at, season_at

    today = moment_of(at).astimezone(CHINA).date()
    running = season_at(today)
    left = running.days_left(today)
    due_in = f"{left} days left" if left > 0 else f"late since {-left} days" if left else "late from today"
    days = settings_of(config).intervals.days(phase_at(today))
    sys.stdout.write(
        f"{today}  phase {phase_at(today)}, a visit every {days:g} days\n"
        f"reports on {running.report_year}: expected from {running.opens}, due before {running.deadline} ({due_in}), "
        f"season closes {running.closes}\n"
        f"next season opens {next_opening(today)}\n"
    )


@app.command()
def due(
    at: AtOption = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many lines; 0: all.")] = 40,
    only: OnlyOption = None,
    db: DbOption = None,
    config: ConfigOption = None,
    seeds: SeedsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which portals are due, since when, and why. Nothing is begun."""
    from archive.freshness import facts
    from scheduler.due import due as what_is_due
    from scheduler.season import day_in_china, season_at
    from scheduler.status import of_item

    now = moment_of(at)
    with opened(config, db, seeds, only) as (settings, engine, portals):
        known = facts(engine, report_year=season_at(day_in_china(now)).report_year, now=now)
        items = what_is_due(
            portals.by_key.values(),
            known,
            intervals=settings.intervals,
            retries=settings.retries,
            now=now,
        )
    if as_json:
        print_json([of_item(item) for item in items])
        return
    for item in items[: limit or None]:
        waits = f"  [waits: {item.waits}]" if item.waits else ""
        since = f"{item.since.astimezone(CHINA):%Y-%m-%d %H:%M}"
        sys.stdout.write(f"{item.portal.key:<24} since {since}  {one_line(item.why)}{waits}\n")
    more = f", {limit} shown (--limit 0: all)" if limit and len(items) > limit else ""
    sys.stdout.write(f"{len(items)} of {len(portals.by_key)} portals are due{more}\n")


@app.command()
def simulate(
    begins: Annotated[str, typer.Option("--from", metavar="MONTH", help="First month or day: 2026-12.")],
    ends: Annotated[
        str, typer.Option("--to", metavar="MONTH", help="First month or day that is not played: 2027-12.")
    ],
    failures: Annotated[
        float, typer.Option(min=0, max=0.9, help="Share of visits that fail, at random.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Of what is left to chance.")] = 0,
    svg: Annotated[Path | None, typer.Option(help="Also draw the picture into this file.")] = None,
    only: OnlyOption = None,
    config: ConfigOption = None,
    seeds: SeedsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play a stretch of time on a fake clock: how many visits a day, how many of each portal. Asks nobody."""
    from scheduler.errors import BadRequest
    from scheduler.picture import svg as draw
    from scheduler.picture import table
    from scheduler.portals import Portals
    from scheduler.simulate import simulate as play

    first, last = month_of(begins, "--from"), month_of(ends, "--to")
    if not first < last:
        raise BadRequest(f"--from {begins} is not before --to {ends}")
    settings = settings_of(config, seeds=seeds, only=only)
    portals = Portals.load(seeds=settings.seeds, only=settings.only)
    played = play(
        list(portals.by_key.values()),
        begins=first,
        ends=last,
        intervals=settings.intervals,
        retries=settings.retries,
        failures=failures,
        seed=seed,
    )
    if svg is not None:
        write_file(svg, draw(played))
    if as_json:
        print_json(played.as_json())
    else:
        sys.stdout.write(table(played))


@app.command()
def start(
    once: Annotated[
        bool, typer.Option("--once", help="Visit what is due now, then end: for cron and timers.")
    ] = False,
    at_once: Annotated[int | None, typer.Option(min=1, max=200, help="Crawls at a time. [8]")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Serve /healthz and /metrics on loopback.")
    ] = None,
    only: OnlyOption = None,
    log: Annotated[str | None, typer.Option("--log", help="text or json.")] = None,
    db: DbOption = None,
    config: ConfigOption = None,
    seeds: SeedsOption = None,
) -> None:
    """Run the service until SIGTERM or Ctrl-C: it visits what is due, watches, and tells people.

    Exit codes: 0 stopped in good order; 2 wrong settings; 1 anything else.
    """
    flags: dict[str, Any] = {"log": log}
    if at_once is not None:
        flags["pool"] = {"at_once": at_once}
    if port is not None:
        flags["health"] = {"port": port}
    settings = settings_of(config, db=db, seeds=seeds, only=only, **flags)
    from scheduler.log import configure
    from scheduler.service import start as serve

    configure(settings.log)
    serve(settings, once=once)


@app.command()
def check(
    db: DbOption = None,
    config: ConfigOption = None,
    seeds: SeedsOption = None,
    test_message: Annotated[
        bool, typer.Option("--test-message", help="Send a message to every target, to see that it arrives.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with the settings, the seeds, the site files, the archive; show what is set.

    Exit codes: 0 all is well; 2 something is wrong.
    """
    from scheduler.checking import check_all

    settings = settings_of(config, db=db, seeds=seeds)
    found, problems = check_all(settings, test_message=test_message)
    if as_json:
        print_json({**found, "problems": problems})
    else:
        sys.stdout.write(to_json(found) + "\n")
        for problem in problems:
            sys.stderr.write(f"scheduler: {one_line(problem)}\n")
        sys.stdout.write("all is well\n" if not problems else f"{len(problems)} problems\n")
    raise typer.Exit(2 if problems else 0)


def main() -> None:
    """Entry point: what a user did wrong is one line on stderr and a documented exit code."""
    sys.exit(enter(app, "scheduler", (ArchiveError, CrawlerError)))


if __name__ == "__main__":
    main()
