"""One export of captures: a WARC file, or a WACZ package, from the archive to its final name."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import Connection, Engine

from archive.database import reading
from archive.errors import UsageError
from archive.exporting import captures, cdxj, manifest
from archive.exporting.cells import json_text
from archive.exporting.facts import archive_facts, last_change, program
from archive.exporting.hidden import hidden
from archive.exporting.run import Exported
from archive.exporting.scratch import Scratch
from archive.exporting.selection import Selection
from archive.exporting.source import Row
from archive.exporting.target import FileEntry, HashedFile, file_for, measured
from archive.records import FrontierKind, Outcome
from archive.warc import Output, Span, WarcFile, uri

TITLE = "法治政府建设年度报告"
_PAGE_KINDS = frozenset({FrontierKind.PAGE, FrontierKind.ATTACHMENT, FrontierKind.ANNEX})
_PAGE_IDS = uuid.UUID("9c1c3a8e-0c0b-5d0e-8f0b-7f1d1f0f6a11")


def export_warc(
    engine: Engine, target: Path, *, selection: Selection | None = None, force: bool = False
) -> Exported:
    """Writes the captures selected into one WARC file, with a manifest beside it; whole, or not at all.

    Args:
        engine: an open archive.
        target: the file to make, ``….warc.gz``.
        selection: filters, see ``captures``.
        force: replace a file of that name.

    Raises:
        UsageError: nothing was captured, or the target or the selection is not possible.
        CannotWrite: the disk is full, or rights are missing.
        DatabaseUnusable: the database fails, or bytes in it are damaged.
    """
    _named(target, ".warc.gz")
    chosen = selection or Selection()
    with reading(engine) as connection, file_for(target, force=force) as folder, Scratch(folder) as scratch:
        newest = _newest(connection, chosen)
        file = HashedFile(folder, target.name)
        records = _write(connection, chosen, file, scratch, newest=newest)
        return _finished(connection, chosen, folder, target, "warc", file.entry(records))


def export_wacz(
    engine: Engine, target: Path, *, selection: Selection | None = None, force: bool = False
) -> Exported:
    """The same as a WACZ package (``….wacz``), with index and pages."""
    from archive.wacz import DATA, WaczFile

    _named(target, ".wacz")
    chosen = selection or Selection()
    with reading(engine) as connection, file_for(target, force=force) as folder, Scratch(folder) as scratch:
        newest = _newest(connection, chosen)
        filename = Path(DATA).name

        def told(span: Span) -> None:
            scratch.keep("cdx", *cdxj.entry(span, filename))

        def page(row: Row) -> None:
            if line := _page(row):
                scratch.keep("page", "", line)

        package = WaczFile(folder / target.name)
        try:
            with package.open(DATA) as data:
                _write(connection, chosen, data, scratch, newest=newest, told=told, page=page)
            package.index(scratch.lines("cdx"))
            pages = package.pages(scratch.lines("page"))
            package.finish(
                title=TITLE,
                description=json_text(chosen.chosen()) if chosen.chosen() else "the whole archive",
                created=newest,
                software=program(),
            )
        finally:
            package.abandon()
        entry = measured(folder, target.name, pages)
        return _finished(connection, chosen, folder, target, "wacz", entry)


def _write(
    connection: Connection,
    selection: Selection,
    out: Output,
    scratch: Scratch,
    *,
    newest: datetime,
    told: Callable[[Span], None] | None = None,
    page: Callable[[Row], None] | None = None,
) -> int:
    """Writes the records; their number."""
    withheld = captures.withheld(connection, hidden(connection))
    warc = WarcFile(out, scratch, told)
    facts = archive_facts(connection)
    warc.begin(
        newest,
        {
            "software": program(),
            "description": f"Captures of {TITLE}; bodies as received, after transfer and content decoding",
            "isPartOf": facts.get("archive_id", ""),
            "filters": json.dumps(selection.chosen(), ensure_ascii=False, sort_keys=True),
        },
    )
    for row in captures.captures(connection, selection):
        sha256 = row["payload_sha256"]
        shown = sha256 is not None and sha256 not in withheld
        warc.add(row, captures.body(connection, sha256) if shown else None)
        if page is not None and shown:
            page(row)
    warc.end(newest)
    return warc.records


def _page(row: Row) -> str | None:
    """The line of a page that a person may open first; None for lists, failures and further pages."""
    if row["kind"] not in _PAGE_KINDS or row["outcome"] != Outcome.OK or row["part_of_id"] is not None:
        return None
    address, moment = uri(row["final_url"] or row["url"]), row["fetched_at"]
    about = {
        "id": str(uuid.uuid5(_PAGE_IDS, f"{row['capture_id']} {address}")),
        "url": address,
        "ts": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "title": row["title"] or address,
    }
    return json_text(about)


def _newest(connection: Connection, selection: Selection) -> datetime:
    found = captures.newest(connection, selection)
    if found is None:
        raise UsageError("nothing that was captured passes the filters; `archive list` shows what there is")
    return found


def _finished(
    connection: Connection,
    selection: Selection,
    folder: Path,
    target: Path,
    form: str,
    entry: FileEntry,
) -> Exported:
    withheld = hidden(connection)
    says = manifest.Manifest(
        format=form,
        program=program(),
        made_with={},
        archive=archive_facts(connection),
        last_change=last_change(connection),
        filters=selection.chosen(),
        options={},
        reports=0,
        withdrawn=len(withheld.texts) + len(withheld.payloads),
        files=[entry],
    )
    manifest.write(folder, says)
    return Exported(path=str(target), format=form, reports=0, withdrawn=says.withdrawn, files=[entry])


def _named(target: Path, suffix: str) -> None:
    if not target.name.lower().endswith(suffix):
        raise UsageError(f"{target.name}: the name of such a file ends in {suffix}")
