"""What commands need by which a person decides: who it is, and the archive open for writing."""

from __future__ import annotations

import getpass
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from archive.errors import UsageError
from archive.terminal import one_line

if TYPE_CHECKING:
    from archive.store import Store

By = Annotated[str | None, typer.Option(metavar="NAME", help="Who decides; default: this login.")]
Note = Annotated[str | None, typer.Option(metavar="WORDS", help="Why; kept with the decision.")]


def login() -> str:
    """Who sits here, as far as the system tells.

    Raises:
        UsageError: it does not.
    """
    try:
        name = getpass.getuser()
    except (KeyError, OSError) as error:  # no such user (3.13: OSError), no environment
        raise UsageError("the system does not tell who you are; say it with --by NAME") from error
    return one_line(f"{name}@{socket.gethostname()}")


def open_store(db: str | None) -> Store:
    """The archive that ``--db`` names, to be written."""
    from archive.database import default_url, open_archive
    from archive.store import Store

    return Store(open_archive(db or default_url(), create=False))
