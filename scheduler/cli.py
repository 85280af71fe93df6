"""``scheduler season``: where the reporting year stands."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

app = typer.Typer(
    help="Decides when portals are visited.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def scheduler() -> None:
    """Decides when portals are visited."""


@app.command()
def season(
    at: Annotated[str | None, typer.Option(help="A day, YYYY-MM-DD. [default: today in China]")] = None,
) -> None:
    """Show which report year is due, how long it has, and how often portals should be visited now."""
    from scheduler.season import next_opening, phase_at, revisit_interval, season_at

    try:
        today = date.fromisoformat(at) if at else datetime.now(ZoneInfo("Asia/Shanghai")).date()
    except ValueError as error:
        raise typer.BadParameter(f"{at!r} is no day: {error}. Write it as 2027-03-31.") from error
    running = season_at(today)
    left = running.days_left(today)
    due = f"{left} days left" if left > 0 else f"late since {-left} days" if left else "late from today"
    sys.stdout.write(
        f"{today}  phase {phase_at(today)}, a visit every {revisit_interval(phase_at(today)).days} days\n"
        f"reports on {running.report_year}: expected from {running.opens}, due before {running.deadline} ({due}), "
        f"season closes {running.closes}\n"
        f"next season opens {next_opening(today)}\n"
    )


def main() -> None:
    """Entry point."""
    app()


if __name__ == "__main__":
    main()
