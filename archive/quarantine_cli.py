"""``archive quarantine``: what is not trusted, and what a person decides about it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from archive.cli_base import (
    AsJson,
    Database,
    Limit,
    most,
    open_for_reading,
    print_json,
    say_nothing,
    why_nothing,
)
from archive.person import By, Note, login, open_store
from archive.records import DoubtKind
from archive.states import QuarantineState

if TYPE_CHECKING:
    from archive.records import Recorded

SHOWN_TEXT = 600
"""Characters of the text that ``show`` prints; ``--json`` gives all of it."""

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Readings that are not trusted: list and show them, release or refuse them.",
)

Number = Annotated[int, typer.Argument(metavar="ID", help="Number from `archive quarantine list`.")]


@app.command("list")
def list_(
    site: Annotated[str | None, typer.Option(metavar="KEY", help="Only of this portal (its key).")] = None,
    reason: Annotated[
        DoubtKind | None, typer.Option(case_sensitive=False, help="Only what is doubted for this.")
    ] = None,
    state: Annotated[
        QuarantineState | None,
        typer.Option(case_sensitive=False, help="Only in this state; default: what is not decided."),
    ] = None,
    limit: Limit = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """List what waits in quarantine, newest first."""
    with open_for_reading(db) as archive:
        found = archive.quarantine(site, reason=reason, state=state, limit=most(limit, as_json=as_json))
        none = "nothing is in quarantine" if state is None else f"nothing in quarantine is {state}"
        none = why_nothing(archive, found, site, none)
    if as_json:
        print_json([asdict(row) for row in found])
    elif not found:
        say_nothing(none)
    else:
        from archive import consoles, render

        render.quarantine(consoles.console(), found)


@app.command()
def show(number: Number, db: Database = None, as_json: AsJson = False) -> None:
    """Show one reading: why it is not trusted, what happens next, how its text begins."""
    with open_for_reading(db) as archive:
        found = archive.quarantined(number)
        text = "" if found.text_sha256 is None else archive.text_of(found.text_sha256)
    if as_json:
        print_json({**asdict(found), "text": text})
        return
    from archive import consoles, render

    render.quarantined(consoles.console(), found, text, most=SHOWN_TEXT)


@app.command()
def release(
    number: Number, note: Note = None, by: By = None, db: Database = None, as_json: AsJson = False
) -> None:
    """Trust a reading: it becomes a document, a version, a report, and its text is never doubted again."""
    done = open_store(db).release(number, by=by or login(), said=note)
    _tell(done, f"quarantine {number} released: {_became(done)}", as_json)


@app.command()
def refuse(
    number: Number, note: Note = None, by: By = None, db: Database = None, as_json: AsJson = False
) -> None:
    """Refuse a reading: nothing is made of it, nor of the same text at that address later."""
    done = open_store(db).refuse(number, by=by or login(), said=note)
    stands = (
        "the address is refused"
        if done.document_id is None
        else f"document {done.document_id} keeps its texts and stays under watch"
    )
    _tell(done, f"quarantine {number} refused: {stands}", as_json)


def _tell(done: Recorded, words: str, as_json: bool) -> None:
    if as_json:
        print_json(asdict(done))
    else:
        sys.stdout.write(f"{words}\n")


def _became(done: Recorded) -> str:
    what = f"document {done.document_id}, version {done.version}"
    report = "no report, a person has to judge it" if done.report_id is None else f"report {done.report_id}"
    return f"{what}, {report} ({done.event.value})"
