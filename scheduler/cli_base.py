"""What the commands of the scheduler share: options, settings, the archive, output."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.exporting.cells import guard, signs
from archive.wholefile import written_whole
from crawler.window import CHINA

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from scheduler.portals import Portals
    from scheduler.settings import Settings

DbOption = Annotated[
    str | None,
    typer.Option(
        "--db", help="Archive: a file or a postgresql:// URL. [default: $ARCHIVE_URL or archive.db]"
    ),
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Settings file. [default: scheduler.toml, if there is one]")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document for programs.")]
SeedsOption = Annotated[Path | None, typer.Option(help="Folder with portals.csv, towns.csv and sites/.")]
OnlyOption = Annotated[list[str] | None, typer.Option("--only", help="Only this portal (repeatable).")]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="DATE", help="A day, or a moment (2027-03-31T08:00), in China. [now]"),
]


def settings_of(
    config: Path | None,
    *,
    db: str | None = None,
    seeds: Path | None = None,
    only: list[str] | None = None,
    **flags: Any,  # noqa: ANN401
) -> Settings:
    """The settings: flags before environment before file.

    Raises:
        scheduler.errors.BadSettings: They cannot be used.
    """
    from scheduler.settings import load

    named = {"db": db, "seeds": seeds, "only": tuple(only) if only else None, **flags}
    return load(config, flags={name: value for name, value in named.items() if value is not None})


@contextmanager
def opened(
    config: Path | None,
    db: str | None,
    seeds: Path | None,
    only: list[str] | None,
    *,
    writes: bool = False,
) -> Iterator[tuple[Settings, Engine, Portals]]:
    """Settings, the archive, which must be there, and the portals.

    ``writes``: False opens the archive as a reader does, so that a copy on a read-only disk will do.

    Raises:
        archive.errors.ArchiveError: Settings or archive cannot be used.
        crawler.errors.CrawlerError: The seeds cannot be used.
    """
    from archive.database import open_archive
    from scheduler.portals import Portals

    settings = settings_of(config, db=db, seeds=seeds, only=only)
    portals = Portals.load(seeds=settings.seeds, state=settings.state, only=settings.only, keep=False)
    engine = open_archive(settings.database, create=False, read_only=not writes)
    try:
        yield settings, engine, portals
    finally:
        engine.dispose()


def moment_of(text: str | None) -> datetime:
    """A day or moment of an option, in China where it names no zone; None is now.

    Raises:
        typer.BadParameter: It is none.
    """
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2027-03-31 or 2027-03-31T08:00") from error
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=CHINA)).astimezone(UTC)


def month_of(text: str, option: str) -> date:
    """The first day of a month, or a day.

    Raises:
        typer.BadParameter: It is neither.
    """
    try:
        return date.fromisoformat(text if text.count("-") == 2 else f"{text}-01")
    except ValueError as error:
        raise typer.BadParameter(f"{option} {text!r}: write it as 2026-12 or 2026-12-01.") from error


def write_file(path: Path, content: str) -> None:
    """Writes a text, whole or not at all.

    Raises:
        archive.errors.ArchiveError: It cannot be written.
    """
    with written_whole(path) as file:
        file.write(content)


def write_csv(path: Path, names: list[str], rows: list[dict[str, Any]]) -> None:
    """Writes a table, whole or not at all.

    Raises:
        archive.errors.ArchiveError: It cannot be written.
    """
    with written_whole(path) as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return guard(signs(value)) if isinstance(value, str) else value
