"""One export, from the archive to a folder under its final name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.engine import Engine

from archive.database import reading
from archive.exporting import manifest
from archive.exporting.facts import archive_facts, last_change, program
from archive.exporting.formats import Format
from archive.exporting.hidden import hidden
from archive.exporting.selection import Selection
from archive.exporting.source import PAGE, pages
from archive.exporting.tables import REPORTS, TABLES, VERSIONS, Table
from archive.exporting.target import FileEntry, folder_for
from archive.exporting.writers import Options, Writer


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What was written."""

    path: str
    format: str
    reports: int
    withdrawn: int
    """Texts and payloads the archive withholds, anywhere in it."""
    files: Sequence[FileEntry]


def export(
    engine: Engine,
    target: Path,
    form: Format,
    *,
    selection: Selection | None = None,
    tables: Sequence[Table] = TABLES,
    options: Options | None = None,
    force: bool = False,
    page_size: int = PAGE,
) -> Exported:
    """Writes what is selected into a new folder, with a manifest; whole, or not at all.

    Args:
        engine: an open archive.
        target: the folder to make.
        form: the format.
        selection: filters; without them, everything.
        tables: what to write; ``reports`` is always written. Text has its own two.
        options: see ``Options``.
        force: replace an earlier export.
        page_size: reports read at once.

    Raises:
        UsageError: the selection or the target is not possible, or a package is missing.
        CannotWrite: the disk is full, or rights are missing.
        DatabaseUnusable: the database fails.
    """
    chosen, told = selection or Selection(), options or Options()
    wanted = (REPORTS, VERSIONS) if form is Format.TEXT else _ordered(tables)
    reports = 0
    with reading(engine) as connection, folder_for(target, force=force) as folder:
        withheld = hidden(connection)
        found = pages(connection, chosen, withheld, wanted, size=page_size)
        writer = _writer(form)(folder, wanted, told)
        for page in found:
            reports += len(page.reports)
            writer.add(page)
        files = writer.finish()
        says = manifest.Manifest(
            format=form.value,
            program=program(),
            made_with=writer.made_with,
            archive=archive_facts(connection),
            last_change=last_change(connection),
            filters=chosen.chosen(),
            options=_told(told, wanted, form),
            reports=reports,
            withdrawn=len(withheld.texts) + len(withheld.payloads),
            files=files,
        )
        manifest.write(folder, says)
    return Exported(
        path=str(target), format=form.value, reports=reports, withdrawn=says.withdrawn, files=files
    )


def _ordered(tables: Sequence[Table]) -> tuple[Table, ...]:
    return tuple(table for table in TABLES if table is REPORTS or table in tables)


def _told(options: Options, tables: Sequence[Table], form: Format) -> Mapping[str, object]:
    contents = {} if form is Format.TEXT else {"tables": [table.name for table in tables]}
    return {**asdict(options), **contents}


def _writer(form: Format) -> type[Writer]:
    from archive.exporting.csvfiles import CsvWriter
    from archive.exporting.jsonl import JsonlWriter
    from archive.exporting.parquet import ParquetWriter
    from archive.exporting.plain import TextWriter
    from archive.exporting.slim import SlimWriter

    writers: dict[Format, type[Writer]] = {
        Format.CSV: CsvWriter,
        Format.JSONL: JsonlWriter,
        Format.PARQUET: ParquetWriter,
        Format.TEXT: TextWriter,
        Format.SQLITE: SlimWriter,
    }
    return writers[form]
