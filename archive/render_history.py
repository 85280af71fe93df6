"""``archive report history`` and ``archive redactions`` for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from archive.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from archive.findings import Document, Report
    from archive.reader import Archive
    from archive.redaction import Redaction


def history(console: Console, archive: Archive, report: Report) -> None:
    """A report's numbers, addresses, relations, decisions and changes."""
    number = report.report_id
    console.print(Text(f"{number}  {one_line(report.title)}", "bold"))
    former = archive.former_numbers(number)
    if former:
        console.print(Text("once also " + ", ".join(f"report {one}" for one in former)))
    for other in archive.related(number):
        console.print(
            Text(
                f"related: report {other.report_id} ({other.kind}, same publisher and year) {one_line(other.title)}"
            )
        )
    documents = Table(title="Addresses", title_justify="left")
    for name in ("document", "state", "URL", "first seen", "last seen", "what is known"):
        documents.add_column(name, overflow="fold")
    for one in archive.documents(number):
        documents.add_row(
            str(one.document_id),
            one.state if one.missing_since is None or one.state != "live" else "live, missing",
            one_line(one.url),
            f"{one.first_seen:%Y-%m-%d}",
            f"{one.last_seen:%Y-%m-%d}",
            Text(_fate(one)),
        )
    console.print(documents)
    decisions = archive.decisions(number)
    for decision in decisions:
        undone = f", undone by decision {decision.undone_by_id}" if decision.undone_by_id else ""
        said = f": {one_line(decision.note)}" if decision.note else ""
        console.print(
            Text(
                f"decision {decision.decision_id}: {decision.kind} of reports {decision.report_id} and "
                f"{decision.other_id} on {decision.at:%Y-%m-%d %H:%M} by {one_line(decision.by)}{said}{undone}"
            )
        )
    changes = Table(title="Changes", title_justify="left")
    for name in ("at", "what", "document", "detail"):
        changes.add_column(name, overflow="fold")
    for change in archive.history(number):
        changes.add_row(
            f"{change.at:%Y-%m-%d %H:%M}",
            change.kind.value,
            "" if change.document_id is None else str(change.document_id),
            Text(one_line(change.detail or "")),
        )
    console.print(changes)


def redactions(console: Console, found: Sequence[Redaction]) -> None:
    """What was withdrawn, newest first."""
    table = Table(title="Withdrawn", title_justify="left")
    for name in ("on", "by", "what", "digest", "size", "document", "reason"):
        table.add_column(name, overflow="fold")
    for one in found:
        table.add_row(
            f"{one.at:%Y-%m-%d %H:%M}",
            one_line(one.by),
            one.kind,
            one.digest[:16] + "…",
            str(one.size),
            "" if one.document_id is None else str(one.document_id),
            Text(one_line(one.reason)),
        )
    console.print(table)


def _fate(one: Document) -> str:
    if one.moved_to_url is not None:
        return f"moved to {one_line(one.moved_to_url)}"
    if one.missing_since is not None:
        return f"not found since {one.missing_since:%Y-%m-%d %H:%M} UTC, seen {one.missed} times"
    return ""
