"""``archive report``: what belongs together is decided by a person; merges, splits, and their history."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from archive.cli_base import AsJson, Database, open_for_reading, print_json
from archive.errors import UsageError
from archive.person import By, Note, login, open_store
from archive.terminal import one_line

if TYPE_CHECKING:
    from archive.merging import Decided
    from archive.reader import Archive

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Which documents are one report: merge and split reports, undo it, show what happened to one.",
)

Ref = Annotated[
    str, typer.Argument(metavar="REF", help="Report number, URL, or words of title and publisher.")
]


@app.command()
def merge(
    stays: Annotated[str, typer.Argument(metavar="REF", help="The report that stays.")],
    goes: Annotated[str, typer.Argument(metavar="REF", help="The report that goes up in it.")],
    joint: Annotated[
        bool, typer.Option("--joint", help="A joint report: the publishers of both issued it.")
    ] = False,
    note: Note = None,
    by: By = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Let one report go up in another: they are the same report at several addresses."""
    with open_for_reading(db) as archive:
        one, other = _number(archive, stays), _number(archive, goes)
    done = open_store(db).merge_reports(one, other, by=by or login(), said=note, joint=joint)
    _tell(done, f"report {done.other_id} is report {done.report_id} now", as_json)


@app.command()
def split(
    documents: Annotated[
        list[str], typer.Argument(metavar="DOCUMENT|URL…", help="Documents by number or URL.")
    ],
    note: Note = None,
    by: By = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make a report of their own of some documents of a report."""
    with open_for_reading(db) as archive:
        numbers = [_document(archive, name) for name in documents]
    done = open_store(db).split_report(numbers, by=by or login(), said=note)
    _tell(done, f"report {done.other_id} was made of documents of report {done.report_id}", as_json)


@app.command()
def undo(
    decision: Annotated[int, typer.Argument(metavar="N", help="Number of the merge or split.")],
    note: Note = None,
    by: By = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Take a merge or a split back: its documents stand again where they stood before."""
    done = open_store(db).undo_decision(decision, by=by or login(), said=note)
    _tell(done, f"decision {decision} undone", as_json)


@app.command()
def history(ref: Ref, db: Database = None, as_json: AsJson = False) -> None:
    """Show what happened to a report: its addresses, decisions and changes, and the reports related to it."""
    with open_for_reading(db) as archive:
        report_id = _number(archive, ref)
        report = archive.report(report_id)
        about = {
            "report": asdict(report),
            "former_numbers": archive.former_numbers(report_id),
            "documents": [asdict(document) for document in archive.documents(report_id)],
            "related": [asdict(other) for other in archive.related(report_id)],
            "decisions": [asdict(decision) for decision in archive.decisions(report_id)],
            "changes": [asdict(change) for change in archive.history(report_id)],
        }
        if as_json:
            print_json(about)
            return
        from archive import consoles, render_history

        render_history.history(consoles.console(), archive, report)


def _tell(done: Decided, words: str, as_json: bool) -> None:
    if as_json:
        print_json(asdict(done))
        return
    moved = ", ".join(str(number) for number in done.documents)
    sys.stdout.write(
        f"{words}: documents {moved} moved (decision {done.decision_id}; "
        f"`archive report undo {done.decision_id}` takes it back)\n"
    )


def _number(archive: Archive, ref: str) -> int:
    target = archive.resolve(ref)
    if target.report_id is None:
        raise UsageError(f"{one_line(ref)} is a document of no report yet; `archive list --unsure` shows it")
    return target.report_id


def _document(archive: Archive, name: str) -> int:
    if name.isascii() and name.isdigit() and len(name) < 10:
        return archive.document(int(name)).document_id
    if "://" not in name:
        raise UsageError(f"{one_line(name)} is neither the number nor the URL of a document")
    return archive.resolve(name).document_id
