"""``archive export``, ``archive export-check`` and ``archive cite``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.cli_base import AsJson, Database, open_for_reading, print_json
from archive.errors import UsageError
from archive.exporting.formats import Format
from archive.states import DocumentState
from archive.terminal import one_line

if TYPE_CHECKING:
    from archive.exporting.run import Exported
    from archive.exporting.tables import Table

Ref = Annotated[
    str, typer.Argument(metavar="REF", help="Report number, URL, or words of title and publisher.")
]


def export(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="The folder to make, for --format.", show_default=False),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", case_sensitive=False, help="Tables or texts, into the folder DIR."),
    ] = None,
    warc: Annotated[
        Path | None, typer.Option(metavar="FILE.warc.gz", help="The captures, as received, as one WARC file.")
    ] = None,
    wacz: Annotated[
        Path | None, typer.Option(metavar="FILE.wacz", help="The same with an index, for replay programs.")
    ] = None,
    site: Annotated[str | None, typer.Option(metavar="KEY", help="Only this portal (its key).")] = None,
    place: Annotated[
        str | None, typer.Option(metavar="WORDS|CODE", help="Only portals of this name, or division code.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Only reports on this year.")] = None,
    publisher: Annotated[
        str | None, typer.Option(metavar="WORDS|CODE", help="Only of publishers of this name, or code.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only reports of this kind: annual …")
    ] = None,
    state: Annotated[
        DocumentState | None, typer.Option(case_sensitive=False, help="Only reports in this state.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="N|DATE", help="Only what changed after change N, or since a date or time (UTC)."
        ),
    ] = None,
    contents: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES", help="Tables to write, with commas; default: all (see docs/export.md)."
        ),
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom", help="CSV with a byte order mark, which Excel needs.")
    ] = False,
    search: Annotated[
        bool,
        typer.Option("--search/--no-search", help="SQLite with or without an index for searching texts."),
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read what was written and compare digests.")
    ] = False,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Write reports, texts or captures for other programs: whole, or not at all.

    Every export has a manifest with digests; the same archive and filters give the same bytes.

    Exit codes: 0 written; 2 wrong usage, or something is in the way; 3 the disk is full or refuses; 1 anything else.
    """
    place_of = {"--format": target, "--warc": warc, "--wacz": wacz}
    if sum(found is not None for found in place_of.values()) != 1 or (form is None) != (target is None):
        raise UsageError("say one thing to write: DIR --format csv, --warc FILE.warc.gz or --wacz FILE.wacz")
    if form is None and (contents is not None or bom or not search):
        raise UsageError("--contents, --bom and --no-search go with --format")
    from archive.database import default_url, open_archive
    from archive.exporting import recordings, run
    from archive.exporting.selection import Selection
    from archive.exporting.writers import Options

    selection = Selection(
        site=site,
        place=place,
        publisher=publisher,
        year=year,
        kind=kind,
        state=None if state is None else state.value,
        since=since,
    )
    tables = _tables(contents)
    engine = open_archive(db or default_url(), create=False, read_only=True)
    try:
        if warc is not None:
            done = recordings.export_warc(engine, warc, selection=selection, force=force)
        elif wacz is not None:
            done = recordings.export_wacz(engine, wacz, selection=selection, force=force)
        else:
            assert target is not None and form is not None  # noqa: S101  # one of three is given
            done = run.export(
                engine,
                target,
                form,
                selection=selection,
                tables=tables,
                options=Options(bom=bom, search=search),
                force=force,
            )
    finally:
        engine.dispose()
    if verify:
        _refuse_damage(Path(done.path))
    _tell(done, as_json=as_json)


def export_check(
    path: Annotated[
        Path, typer.Argument(help="A folder, .warc.gz or .wacz file that `archive export` wrote.")
    ],
    as_json: AsJson = False,
) -> None:
    """Compare an export with its manifest; read a WARC or WACZ file to the end of its last record.

    Exit codes: 0 everything is as it was; 1 damaged or cut short; 2 no export.
    """
    from archive.exporting.check import check

    found = check(path)
    if as_json:
        print_json(asdict(found))
    else:
        for problem in found.problems:
            sys.stdout.write(f"{one_line(problem)}\n")
        if not found.problems:
            records = f", {found.records:,} records" if found.records else ""
            sys.stdout.write(f"{one_line(found.path)}: whole ({found.files:,} files compared{records})\n")
    if found.problems:
        raise typer.Exit(1)


def cite(ref: Ref, db: Database = None, as_json: AsJson = False) -> None:
    """Print how to cite a report: publisher, title, date, URL, day it was archived, digest of its text."""
    from archive.citation import cite as cited

    with open_for_reading(db) as archive:
        found = cited(archive, ref)
    if as_json:
        print_json({**asdict(found), "citation": found.line})
    else:
        sys.stdout.write(f"{found.line}\n")


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to ``archive``."""
    app.command()(export)
    app.command("export-check")(export_check)
    app.command("cite")(cite)


def _tables(contents: str | None) -> tuple[Table, ...]:
    from archive.exporting.tables import BY_NAME, TABLES

    if contents is None:
        return TABLES
    names = [name.strip() for name in contents.split(",") if name.strip()]
    unknown = [name for name in names if name not in BY_NAME]
    if unknown or not names:
        raise UsageError(
            f"--contents knows no {', '.join(unknown) or 'empty list'}; tables: {', '.join(BY_NAME)}"
        )
    return tuple(BY_NAME[name] for name in names)


def _refuse_damage(path: Path) -> None:
    from archive.exporting.check import check
    from archive.exporting.errors import DamagedExport

    found = check(path)
    if found.problems:
        raise DamagedExport(f"{found.problems[0]}; the disk did not keep what was written, export again")


def _tell(done: Exported, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(done))
        return
    rows, size = sum(file.rows or 0 for file in done.files), sum(file.bytes for file in done.files)
    what = {
        "text": f"{done.reports:,} reports, {rows:,} texts",
        "warc": f"{rows:,} records, {size:,} bytes",
        "wacz": f"{rows:,} pages, {size:,} bytes",
    }.get(done.format, f"{done.reports:,} reports, {len(done.files)} files, {size:,} bytes")
    sys.stdout.write(f"{one_line(done.path)}: {what}\n")
    if done.withdrawn:
        sys.stderr.write(
            f"archive: {done.withdrawn} withdrawn texts and payloads of the archive are left out\n"
        )
