"""``archive changes``: what happened, for people, as JSON lines, followed, or as an Atom feed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.cli_base import Database, Limit, most, open_for_reading, say_nothing, why_nothing
from archive.errors import ArchiveError, UsageError
from archive.states import ChangeKind
from archive.terminal import one_line, to_json_line

if TYPE_CHECKING:
    from archive.feed import Entry, Page

AT_ONCE = 1000
"""Changes asked for in one transaction."""


class OtherCourse(ArchiveError):
    """The cursor is of a course of the archive that is gone: what was learned behind the fork must be undone."""

    exit_code = 3


def changes(
    since: Annotated[
        str,
        typer.Option(metavar="CURSOR", help="Go on behind this cursor (or number); default: from the first."),
    ] = "0",
    limit: Limit = None,
    site: Annotated[str | None, typer.Option(metavar="KEY", help="Only of this portal (its key).")] = None,
    kind: Annotated[
        ChangeKind | None, typer.Option(case_sensitive=False, help="Only this kind of change.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines for programs.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Stay, and print what happens.")] = False,
    every: Annotated[float, typer.Option(min=0.1, help="With --follow: seconds between two looks.")] = 5.0,
    atom: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all as an Atom feed to this file instead.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="With --atom: where its files will be served.")
    ] = None,
    db: Database = None,
) -> None:
    """Print what happened, in the order of commits; or write it as an Atom feed.

    Exit code 3: the archive was restored to before the cursor; see docs/archive.md.
    """
    if atom is not None:
        if since != "0" or limit is not None or as_json or follow:
            raise UsageError("--atom writes all changes; with it go only --site, --kind, --base-url and --db")
        _write_atom(db, atom, base_url, site, kind)
        return
    if base_url is not None:
        raise UsageError("--base-url is for --atom FILE")
    shown = None if follow and limit is None else most(limit, as_json=as_json)
    last, told = None, 0
    for page in _pages(db, since, shown, site, kind, every if follow else None):
        last, told = page, told + len(page.entries)
        for entry in page.entries:
            sys.stdout.write(f"{to_json_line(_fields(entry)) if as_json else _words(entry)}\n")
        sys.stdout.flush()
        if page.reset is not None:
            if as_json:
                reset = {"type": "reset", "common": page.reset.common, "cursor": str(page.reset.cursor)}
                sys.stdout.write(f"{to_json_line({**reset, 'reason': page.reset.reason})}\n")
            raise OtherCourse(
                f"{page.reset.reason}: forget what came behind it, go on with --since {page.reset.cursor}"
            )
    if last is not None:
        if not told and not as_json and site is not None:
            with open_for_reading(db) as archive:
                say_nothing(why_nothing(archive, (), site, "nothing happened"))
        _tell_end(last, as_json)


def _pages(
    db: str | None,
    since: str,
    limit: int | None,
    site: str | None,
    kind: ChangeKind | None,
    every: float | None,
) -> Iterator[Page]:
    """Page after page until there is nothing more, or (``every`` given) until the limit or for ever."""
    from archive.reader import Archive

    left, cursor = limit, since
    while True:
        # Opened anew each time: a restore may have put another file in the place of this one. Each page has a
        # moment of its own: whoever reads the pages may take hours over one.
        with Archive.open(db) as archive:
            more = True
            while more:
                asked = AT_ONCE if left is None else min(AT_ONCE, left)
                page = archive.feed(cursor, limit=asked, portal=site, kind=kind)
                yield page
                left = None if left is None else left - len(page.entries)
                cursor, more = str(page.cursor), page.more and left != 0
        if every is None or left == 0:
            return
        time.sleep(every)


def _fields(entry: Entry) -> dict[str, Any]:
    change = entry.change
    return {
        "type": "change",
        "cursor": str(entry.cursor),
        "seq": change.seq,
        "epoch": entry.epoch,
        "at": change.at.isoformat(),
        "kind": change.kind.value,
        "portal": change.portal,
        "run_id": change.run_id,
        "report_id": change.report_id,
        "document_id": change.document_id,
        "version": change.version,
        "url": change.url,
        "text_sha256": change.text_sha256,
        "detail": change.detail,
    }


def _words(entry: Entry) -> str:
    change = entry.change
    report = "" if change.report_id is None else f" report {change.report_id}"
    version = "" if change.version is None else f" version {change.version}"
    said = " ".join(part for part in (change.url, change.detail) if part)
    return (
        f"{change.seq:>7}  {change.at:%Y-%m-%d %H:%M:%S}  {change.kind.value:<12} "
        f"{one_line(change.portal)}{report}{version}  {one_line(said)}"
    )


def _tell_end(page: Page, as_json: bool) -> None:
    if as_json:
        end = {"type": "end", "cursor": str(page.cursor), "more": page.more}
        sys.stdout.write(f"{to_json_line(end)}\n")
    else:
        say_nothing(f"{'there is more; go' if page.more else 'go'} on with --since {page.cursor}")


def _write_atom(
    db: str | None, path: Path, base_url: str | None, site: str | None, kind: ChangeKind | None
) -> None:
    from archive import atom

    if not path.parent.is_dir():
        raise UsageError(f"the directory {path.parent} does not exist; make it first")
    with open_for_reading(db) as archive:
        done = archive.write_atom(path, base_url=base_url, portal=site, kind=kind)
    pages = f", {done.pages} archive pages of {atom.PAGE}" if done.pages else ""
    sys.stdout.write(f"{path}: {done.entries} changes{pages}, {done.rewritten} files written\n")
