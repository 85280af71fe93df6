"""What the modules of the command ``archive`` share: options, the open archive, answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from archive.terminal import to_json

if TYPE_CHECKING:
    from archive.reader import Archive

SHOWN = 100
"""Rows a table shows unless asked for more; ``--json`` gives all."""

Database = Annotated[
    str | None,
    typer.Option("--db", metavar="PATH|URL", help="The archive; default: ARCHIVE_URL, else archive.db here."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for programs.")]
Limit = Annotated[int | None, typer.Option(min=0, help=f"At most so many; 0: all. [{SHOWN}]")]


@contextmanager
def open_for_reading(db: str | None) -> Iterator[Archive]:
    """The archive that ``--db`` names, as it is now: what a command tells is of one moment."""
    from archive.reader import Archive

    with Archive.open(db) as archive, archive.moment() as now:
        yield now


def most(limit: int | None, *, as_json: bool) -> int | None:
    """How many rows to ask for."""
    return (None if as_json else SHOWN) if limit is None else limit or None


def print_json(value: object) -> None:
    """Prints one JSON document."""
    sys.stdout.write(to_json(_plain(value)) + "\n")


def why_nothing(archive: Archive, found: Sized, site: str | None, why: str) -> str:
    """Why nothing was found, if so, and that the archive has no such portal, where that explains it."""
    if found or site is None or archive.has_portal(site):
        return why
    return f"{why}; the archive has no portal {site!r}, `crawler sites` lists the keys"


def say_nothing(why: str) -> None:
    """Tells on standard error why there is nothing to print."""
    sys.stderr.write(f"archive: {why}\n")


def _plain(value: object) -> object:
    """Dates and times as ISO text, enumerations as their values, decimals (15 digits at most) as numbers."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
