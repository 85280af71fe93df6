"""Tables and diffs for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from archive.diff import Fold, Op, Paragraph, folded
from archive.findings import (
    Document,
    Figure,
    Quarantined,
    Refusal,
    Report,
    ReportFigure,
    Section,
    Stats,
    Version,
)
from archive.records import FrontierKind
from archive.render_cells import (
    counts,
    evidence_part,
    missing,
    pairs,
    plus,
    size,
    table,
    with_codes,
    with_confidence,
)
from archive.states import Change
from archive.terminal import counted, one_line, visible

_WIDE = 110
"""Columns; on a narrower terminal the list leaves out what ``archive show`` tells too."""
_NARROW = 64
"""Columns below which there is room for nothing but who, what and when about."""

_STYLES = {Op.KEEP: "", Op.DELETE: "red strike", Op.INSERT: "green underline"}
_SIGNS = {"at_least": "≥ ", "about": "≈ ", "at_most": "≤ "}
_MARKS = {Op.KEEP: ("", ""), Op.DELETE: ("[-", "-]"), Op.INSERT: ("{+", "+}")}


def reports(out: Console, found: Sequence[Report], total: int) -> None:
    """The table of ``archive list``."""
    columns: dict[str, Callable[[Report], object]] = {
        "no": lambda row: row.report_id,
        "year": lambda row: row.year,
        "portal": lambda row: row.portal_name,
        "publisher": lambda row: row.publishers,
        "title": lambda row: row.title,
        "published": lambda row: row.published,
        "state": lambda row: row.state,
        "vers.": lambda row: row.version,
        "urls": lambda row: row.documents,
        "chars": lambda row: row.characters,
    }
    left_out = {"portal", "urls", "chars"} if out.width < _WIDE else set()
    if out.width < _NARROW:
        left_out |= {"published", "state", "vers."}
    columns = {name: value for name, value in columns.items() if name not in left_out}
    table(out, found, columns, right=("no", "year", "vers.", "urls", "chars"))
    more = "" if len(found) == total else f" of {total}; --limit 0 shows all"
    out.print(f"{counted(len(found), 'report')}{more}", style="dim")


def unsure(out: Console, found: Sequence[Document]) -> None:
    """The table of ``archive list --unsure``."""
    columns: dict[str, Callable[[Document], object]] = {
        "portal": lambda row: row.portal_key,
        "title": lambda row: row.title,
        "why unsure": lambda row: row.verdict_reason,
        "state": lambda row: row.state,
        "url": lambda row: row.url,
    }
    table(out, found, columns)
    out.print(f"{counted(len(found), 'document')} to be looked at", style="dim")


def refused(out: Console, found: Sequence[Refusal]) -> None:
    """The table of ``archive list --refused``."""
    columns: dict[str, Callable[[Refusal], object]] = {
        "portal": lambda row: row.portal_key,
        "title": lambda row: row.title,
        "why refused": lambda row: row.reason,
        "judged by": lambda row: "text" if row.read else "link",
        "url": lambda row: row.url,
    }
    table(out, found, columns)
    out.print(f"{counted(len(found), 'address')} refused", style="dim")


def quarantine(out: Console, found: Sequence[Quarantined]) -> None:
    """The table of ``archive quarantine list``."""
    columns: dict[str, Callable[[Quarantined], object]] = {
        "no": lambda row: row.quarantine_id,
        "portal": lambda row: row.portal_key,
        "title": lambda row: row.title,
        "reason": lambda row: row.reason,
        "detail": lambda row: row.detail,
        "state": lambda row: row.state,
        "times": lambda row: row.attempts,
        "last seen": lambda row: row.last_seen,
        "url": lambda row: row.url,
    }
    if out.width < _WIDE:
        columns = {name: value for name, value in columns.items() if name not in {"portal", "last seen"}}
    table(out, found, columns, right=("no", "times"))
    out.print(f"{len(found)} in quarantine; `archive quarantine show` tells more", style="dim")


def quarantined(out: Console, found: Quarantined, text: str, *, most: int) -> None:
    """The page of ``archive quarantine show``, with ``most`` characters of the text."""
    out.print(Text(one_line(found.title or found.url), style="bold"))
    pairs(
        out,
        {
            "quarantine": found.quarantine_id,
            "state": found.state,
            "reason": found.reason,
            "because": found.detail,
            "next step": found.next_step,
            "portal": found.portal_key,
            "url": found.url,
            "publisher": found.publishers,
            "report year": found.report_year,
            "document": found.document_id or "none stands there",
            "times": found.attempts,
            "first seen": found.opened,
            "last seen": found.last_seen,
            "decided": found.decided,
            "by": found.decided_by,
            "note": found.note,
            "text": f"{found.characters} characters, digest {found.text_sha256}",
        },
    )
    out.print()
    out.print(Text(visible(text[:most].rstrip())))
    if len(text) > most:
        out.print(Text(f"… and {len(text) - most} more characters", style="dim"))


def versions(out: Console, found: Sequence[Version]) -> None:
    """The table of ``archive versions``."""
    columns: dict[str, Callable[[Version], object]] = {
        "version": lambda row: row.number,
        "first seen": lambda row: row.first_seen,
        "last seen": lambda row: row.last_seen,
        "published": lambda row: row.published,
        "chars": lambda row: row.characters,
        "text": lambda row: row.text_sha256[:12],
        "read by": lambda row: f"{row.extractor} {row.extractor_version}",
        "url": lambda row: row.url,
    }
    table(out, found, columns, right=("version", "chars"))


def figures(out: Console, found: Sequence[Figure]) -> None:
    """The table of ``archive figures``; with the report where they are of many."""
    columns: dict[str, Callable[[Any], object]] = {}
    if isinstance(found[0], ReportFigure):
        columns = {
            "no": lambda row: row.report_id,
            "year": lambda row: row.year,
            "publisher": lambda row: row.publishers,
        }
    columns |= {
        "part": lambda row: plus(row.parts),
        "measure": lambda row: row.measure,
        "value": lambda row: f"{_SIGNS.get(row.qualifier, '')}{row.value:,f}",
        "unit": lambda row: row.unit,
        "counts": lambda row: f"{row.scope}, within" if row.within else row.scope,
        "sentence": lambda row: row.sentence,
    }
    table(out, found, columns, right=("no", "year", "value"))
    out.print(counted(len(found), "figure"), style="dim")


def details(
    out: Console,
    report: Report | None,
    documents: Sequence[Document],
    newest: Version,
    sections: Sequence[Section],
    changes: Sequence[Change],
    parents: Mapping[int, str],
) -> None:
    """The page of ``archive show``; ``parents`` gives the URL of each document that others are files of."""
    if report is not None:
        out.print(Text(one_line(report.title), style="bold"))
        head: dict[str, object] = {
            "report": report.report_id,
            "publisher": with_codes(report.publishers, report.publisher_codes),
            "report year": with_confidence(report.year, newest.year_confidence),
            "kind": report.kind,
            "portal": f"{report.portal_name} ({report.portal_key})",
            "state": report.state,
        }
    else:
        out.print(Text(one_line(newest.title or newest.url), style="bold"))
        head = {
            "report": "none: an annex is no report of its own"
            if documents[0].role == FrontierKind.ANNEX
            else "none: nobody has judged this document yet",
            "why": documents[0].verdict_reason,
            "report year": with_confidence(newest.report_year, newest.year_confidence),
            "state": documents[0].state,
        }
    head |= {
        "published": newest.published,
        "source": newest.source,
        "column": newest.column,
        "site code": newest.site_id_code,
        "text": f"version {newest.number}, {newest.characters} characters, digest {newest.text_sha256}",
        "fetched": newest.fetched_at,
        "bytes": newest.payload_sha256,
        "read by": f"{newest.extractor} {newest.extractor_version}",
        "warnings": "; ".join(newest.warnings),
        "missing parts": missing(newest.missing_parts),
    }
    pairs(out, head)
    if sections:
        out.print(Text("\nParts", style="bold"))
        table(
            out,
            sections,
            {
                "part": lambda row: plus(row.parts),
                "heading": lambda row: "  " * (row.level - 1) + row.number + row.heading,
                "chars": lambda row: row.end_offset - row.start_offset,
            },
            right=("chars",),
        )
    if newest.metadata:
        out.print(Text("\nEvidence", style="bold"))
        evidence = [
            (name, entry)
            for name, entries in newest.metadata.items()
            for entry in (entries if isinstance(entries, list) else [entries])
        ]
        columns: dict[str, Callable[[tuple[str, Any]], object]] = {
            "field": lambda row: row[0],
            "value": lambda row: evidence_part(row[1], "value"),
            "where": lambda row: evidence_part(row[1], "where"),
            "as printed": lambda row: evidence_part(row[1], "raw"),
        }
        table(out, evidence, columns)
    out.print(Text("\nDocuments", style="bold"))
    table(
        out,
        documents,
        {
            "state": lambda row: row.state,
            "versions": lambda row: row.versions,
            "first seen": lambda row: row.first_seen,
            "last seen": lambda row: row.last_seen,
            "role": lambda row: _role(row, parents),
            "url": lambda row: row.url,
            "now at": lambda row: row.moved_to_url,
        },
        right=("versions",),
    )
    out.print(Text("\nHistory", style="bold"))
    table(
        out,
        changes,
        {
            "no": lambda row: row.seq,
            "when": lambda row: row.at,
            "what": lambda row: row.kind,
            "version": lambda row: row.version,
            "detail": lambda row: row.detail,
        },
        right=("no", "version"),
    )


def _role(document: Document, parents: Mapping[int, str]) -> str:
    """``attachment of`` the page that listed it."""
    page = None if document.parent_id is None else parents.get(document.parent_id)
    return document.role if page is None else f"{document.role} of {page}"


def stats(out: Console, found: Stats, where: str) -> None:
    """The page of ``archive stats``."""
    pairs(
        out,
        {
            "archive": where,
            "portals": found.portals,
            "runs": found.runs,
            "reports": f"{found.reports:,}",
            "documents": f"{found.documents:,} ({counts(found.documents_by_state)}; {found.unsure} unsure)",
            "quarantine": f"{found.quarantined:,} waiting",
            "versions": f"{found.versions:,}",
            "texts": f"{found.texts:,} ({found.characters:,} characters)",
            "captures": f"{found.captures:,}",
            "payloads": f"{found.payloads:,} ({size(found.payload_bytes)})",
            "kept in": size(found.stored_bytes),
            "frontier": counts(found.frontier_by_state),
            "last change": found.changes,
        },
    )


def diff(out: Console, paragraphs: Sequence[Paragraph], old: Version, new: Version) -> None:
    """The page of ``archive diff``: colours on a terminal, marks where there are none."""
    coloured = out.is_terminal and out.color_system is not None and not out.no_color
    for sign, version in (("-", old), ("+", new)):
        seen = f"{version.first_seen:%Y-%m-%d %H:%M} UTC"
        out.print(
            Text(f"{sign}{sign}{sign} version {version.number}, {seen}, {version.characters} characters")
        )
    for part in folded(paragraphs):
        if isinstance(part, Fold):
            out.print(Text(f"  … {part.paragraphs} paragraphs unchanged …", style="dim"))
        elif not part.changed:
            line = Text("  " + one_line(part.new), style="dim", no_wrap=True, overflow="ellipsis")
            out.print(line, no_wrap=True, overflow="ellipsis")
        else:
            out.print(_wording(part, coloured))


def _wording(paragraph: Paragraph, coloured: bool) -> Text:
    only_old, only_new = not paragraph.in_new, not paragraph.in_old
    line = Text("- " if only_old else "+ " if only_new else "~ ")
    for span in paragraph.spans:
        words = visible(span.text) or "¶"
        before, after = ("", "") if coloured else _MARKS[span.op]
        line.append(f"{before}{words}{after}", style=_STYLES[span.op] if coloured else "")
    return line
