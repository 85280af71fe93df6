"""``archive redact`` and ``archive redactions``: personal data is withdrawn from the archive, and the fact is kept."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from archive.cli_base import AsJson, Database, Limit, most, open_for_reading, print_json, say_nothing
from archive.errors import UsageError
from archive.person import By, login, open_store
from archive.terminal import counted, one_line

if TYPE_CHECKING:
    from archive.withdrawing import Holder, Plan

SHOWN = 20
"""Versions named before asking; ``--json`` names all."""


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("redact")(redact)
    app.command("redactions")(redactions)


def redact(
    ref: Annotated[
        str,
        typer.Argument(
            metavar="REF|DIGEST", help="A report, the URL of a document, or the SHA-256 of a text or bytes."
        ),
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; shown to whoever asks for the content.")],
    version: Annotated[
        int | None, typer.Option(min=1, help="Only this version of the document; default: all there is.")
    ] = None,
    titles: Annotated[
        bool, typer.Option("--titles", help="Withdraw the titles, too, wherever they are quoted.")
    ] = False,
    by: By = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before removing.")] = False,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw personal data: remove text and bytes for good; digest, size and the reason stay."""
    from archive import withdrawing
    from archive.database import default_url, open_archive, reading

    if not reason.strip():
        raise UsageError("--reason is empty; say why, it is shown to whoever asks for the content")
    engine = open_archive(db or default_url(), create=False, read_only=True)
    try:
        with reading(engine) as connection:
            planned = withdrawing.plan(connection, ref, version)
    except withdrawing.AlreadyWithdrawn:
        open_store(db).wipe()  # whoever asks again may have been interrupted before the files were done
        raise
    finally:
        engine.dispose()
    if not as_json:
        _show(planned)
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise UsageError("this cannot be undone; say --yes to remove what is listed")
        typer.confirm("Remove it? This cannot be undone.", abort=True)
    done = open_store(db).redact(ref, by=by or login(), reason=reason, version=version, titles=titles)
    if as_json:
        print_json({**asdict(done.plan), "wiped": done.wiped})
        return
    sys.stdout.write(f"withdrawn: {_amount(done.plan)}\n")
    if not done.wiped:
        sys.stderr.write(
            "archive: a reader holds the journal of the database; what was removed leaves it when it is done\n"
        )


def redactions(limit: Limit = None, db: Database = None, as_json: AsJson = False) -> None:
    """List what was withdrawn, newest first: when, by whom, why."""
    with open_for_reading(db) as archive:
        found = archive.redactions(limit=most(limit, as_json=as_json))
    if as_json:
        print_json([asdict(one) for one in found])
    elif not found:
        say_nothing("nothing was withdrawn")
    else:
        from archive import consoles, render_history

        render_history.redactions(consoles.console(), found)


def _show(planned: Plan) -> None:
    sys.stdout.write(f"to be removed: {_amount(planned)}\n")
    _list("shown by", planned.holders)
    _list("stays, name it by itself if it holds the same", planned.staying)


def _amount(planned: Plan) -> str:
    return f"{counted(len(planned.texts), 'text')}, {counted(len(planned.payloads), 'payload')}"


def _list(words: str, holders: tuple[Holder, ...]) -> None:
    for holder in holders[:SHOWN]:
        report = "" if holder.report_id is None else f", report {holder.report_id}"
        sys.stdout.write(
            f"  {words}: document {holder.document_id}, version {holder.version}{report} {one_line(holder.url)}\n"
        )
    if len(holders) > SHOWN:
        sys.stdout.write(f"  … and {len(holders) - SHOWN} more\n")
