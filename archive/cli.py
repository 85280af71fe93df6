"""The command ``archive``: what is in the archive, for people and (``--json``) for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive import (
    changes_cli,
    contract_cli,
    coverage_cli,
    export_cli,
    fixity_cli,
    quarantine_cli,
    redact_cli,
    report_cli,
    search_cli,
    similar_cli,
)
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
from archive.entry import enter
from archive.errors import ArchiveError, UsageError
from archive.terminal import visible

if TYPE_CHECKING:
    from archive.findings import Document, Figure, Report, Section, Target, Version
    from archive.reader import Archive

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Reads the archive of China's yearly reports on rule-of-law government (法治政府建设年度报告).",
    epilog="REF is a report number, a URL, or words that only one report has: 东丽 华新 2023",
)

app.add_typer(quarantine_cli.app, name="quarantine")
app.add_typer(report_cli.app, name="report")
redact_cli.register(app)
app.command()(changes_cli.changes)
app.command()(contract_cli.contract)
app.command()(coverage_cli.coverage)
app.command("grant-reader")(contract_cli.grant_reader)
similar_cli.register(app)
search_cli.register(app)
export_cli.register(app)
fixity_cli.register(app)

Ref = Annotated[
    str, typer.Argument(metavar="REF", help="Report number, URL, or words of title and publisher.")
]


@app.command("list")
def list_(
    site: Annotated[str | None, typer.Option(metavar="KEY", help="Only this portal (its key).")] = None,
    year: Annotated[int | None, typer.Option(help="Only reports on this year.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Part of a publisher's name, or its code.")] = None,
    unsure: Annotated[bool, typer.Option("--unsure", help="Documents a person has to judge.")] = False,
    refused: Annotated[bool, typer.Option("--refused", help="Addresses not wanted, with reasons.")] = False,
    limit: Limit = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """List reports, newest year first; or what is doubtful, or what was refused."""
    if unsure and refused:
        raise UsageError("--unsure and --refused are two lists; ask for one")
    if (unsure or refused) and (year is not None or publisher is not None):
        raise UsageError("--year and --publisher choose among reports; with --unsure or --refused use --site")
    rows = most(limit, as_json=as_json)
    with open_for_reading(db) as archive:
        if unsure:
            doubtful = archive.unsure(site, limit=rows)
            none = why_nothing(archive, doubtful, site, "nothing is unsure")
            _show_list(doubtful, as_json, "unsure", none)
        elif refused:
            pages = archive.refused(site, limit=rows)
            none = why_nothing(archive, pages, site, "nothing was refused")
            _show_list(pages, as_json, "refused", none)
        else:
            found = archive.reports(portal=site, year=year, publisher=publisher, limit=rows)
            total = archive.count_reports(portal=site, year=year, publisher=publisher)
            filtered = site is not None or year is not None or publisher is not None
            none = (
                "no report matches; `archive list` shows all, `archive list --unsure` the doubtful ones"
                if filtered
                else "the archive holds no report yet; `crawler run --site demo` brings the first"
            )
            _show_list(found, as_json, "reports", why_nothing(archive, found, site, none), total)


@app.command()
def show(ref: Ref, db: Database = None, as_json: AsJson = False) -> None:
    """Show a report: metadata with evidence, its parts, its URLs, its history."""
    with open_for_reading(db) as archive:
        target = archive.resolve(ref)
        report, documents = _about(archive, target)
        annexes = archive.annexes(document.document_id for document in documents)
        parents = {
            document.parent_id: archive.document(document.parent_id).url
            for document in [*documents, *annexes]
            if document.parent_id is not None
        }
        newest = archive.version(target.document_id)
        sections = archive.sections_of(target.document_id)
        changes = archive.changes_of(document.document_id for document in documents)
        if as_json:
            about = {
                "report": None if report is None else asdict(report),
                "documents": [asdict(document) for document in documents],
                "annexes": [asdict(annex) for annex in annexes],
                "newest": asdict(newest),
                "sections": [asdict(section) for section in sections],
                "changes": [asdict(change) for change in changes],
            }
            print_json(about)
            return
        from archive import consoles, render

        shown = [*documents, *annexes]
        render.details(consoles.console(), report, shown, newest, sections, changes, parents)


@app.command()
def text(
    ref: Ref,
    version: Annotated[
        int | None, typer.Option(min=1, help="Number of the version; default: newest.")
    ] = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Print the text of a report, one paragraph a line."""
    with open_for_reading(db) as archive:
        wanted = archive.version(archive.resolve(ref).document_id, version)
        archive.check_shown(wanted.text_sha256)
        content = archive.text_of(wanted.text_sha256)
    if as_json:
        print_json({**asdict(wanted), "text": content})
    else:
        sys.stdout.write(visible(content).rstrip("\n") + "\n")


@app.command()
def sections(
    ref: Ref,
    part: Annotated[
        int | None, typer.Option(min=1, max=5, help="Only what stands under this standard part, 1 to 5.")
    ] = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Print the standard parts of a report, as its headings announce them."""
    with open_for_reading(db) as archive:
        newest = archive.version(archive.resolve(ref).document_id)
        found = [
            section
            for section in archive.sections_of(newest.document_id, newest.number)
            if part is None or part in section.parts
        ]
    if as_json:
        print_json([asdict(section) for section in found])
        return
    if not found:
        say_nothing(_why_no_sections(newest, part))
        return
    # What stands inside another section is printed with it, not twice.
    printed = {section.position for section in found}
    outer = [section for section in found if section.parent not in printed]
    pieces = [visible(section.text) if part else _with_parts(section) for section in outer]
    sys.stdout.write("\n\n".join(pieces) + "\n")


@app.command()
def figures(
    ref: Annotated[
        str | None, typer.Argument(metavar="[REF]", help="One report; without it, all reports.")
    ] = None,
    year: Annotated[int | None, typer.Option(help="Only of reports on this year.")] = None,
    measure: Annotated[str | None, typer.Option(metavar="KEY", help="Only this measure: penalties …")] = None,
    site: Annotated[str | None, typer.Option(metavar="KEY", help="Only of this portal (its key).")] = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """List the counted facts of a report, or of all reports."""
    if ref is not None and (year is not None or site is not None):
        raise UsageError("--year and --site choose among all reports; leave out REF, or leave them out")
    if ref is None and year is None and measure is None and site is None:
        raise UsageError("name a report, or choose among all with --year, --measure or --site")
    found: Sequence[Figure]
    with open_for_reading(db) as archive:
        if ref is None:
            found = archive.all_figures(year=year, measure=measure, portal=site)
        else:
            document_id = archive.resolve(ref).document_id
            found = [
                figure for figure in archive.figures_of(document_id) if measure in {None, figure.measure}
            ]
        none = "no counted facts were read; that does not say there are none"
        if measure is not None and not found and measure not in (known := archive.measures()):
            none = f"nothing was counted as {measure!r}; measures: {', '.join(known) or 'none yet'}"
        none = why_nothing(archive, found, site, none)
    _show_list(found, as_json, "figures", none)


@app.command()
def versions(ref: Ref, db: Database = None, as_json: AsJson = False) -> None:
    """List the versions of a report at each of its URLs."""
    with open_for_reading(db) as archive:
        target = archive.resolve(ref)
        found = (
            archive.versions_of(target.document_id)
            if target.report_id is None or "://" in ref
            else archive.versions(target.report_id)
        )
    _show_list(found, as_json, "versions", "no versions")


@app.command()
def diff(
    ref: Ref,
    old: Annotated[int | None, typer.Argument(min=1, help="Number of the older version.")] = None,
    new: Annotated[int | None, typer.Argument(min=1, help="Number of the newer version.")] = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show what changed between two versions; by default the last two."""
    if old is not None and new is None:
        raise UsageError("name both versions, older and newer, or none")
    with open_for_reading(db) as archive:
        target = archive.resolve(ref)
        before, after = _two(archive, target, old, new)
        for one in (before, after):
            archive.check_shown(one.text_sha256)
        texts = archive.text_of(before.text_sha256), archive.text_of(after.text_sha256)
    from archive.diff import compare

    paragraphs = compare(*texts)
    if as_json:
        parts = [{**asdict(paragraph), "changed": paragraph.changed} for paragraph in paragraphs]
        print_json({"old": asdict(before), "new": asdict(after), "paragraphs": parts})
        return
    from archive import consoles, render

    render.diff(consoles.console(), paragraphs, before, after)


@app.command()
def stats(db: Database = None, as_json: AsJson = False) -> None:
    """Show the archive in numbers."""
    with open_for_reading(db) as archive:
        found, where, facts = archive.stats(), archive.place, archive.facts()
    if as_json:
        about = {"archive_id": facts.archive_id, "epoch": facts.epoch, "contract": facts.contract}
        print_json({"archive": where, **about, **asdict(found)})
        return
    from archive import consoles, render

    render.stats(consoles.console(), found, where)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command and leaves with its exit code: 0 done, 2 usage, 1 anything else."""
    sys.exit(enter(app, "archive", ArchiveError, arguments))


def _about(archive: Archive, target: Target) -> tuple[Report | None, list[Document]]:
    if target.report_id is None:
        return None, [archive.document(target.document_id)]
    return archive.report(target.report_id), archive.documents(target.report_id)


def _two(archive: Archive, target: Target, old: int | None, new: int | None) -> tuple[Version, Version]:
    if old is not None:
        return archive.version(target.document_id, old), archive.version(target.document_id, new)
    found = archive.versions_of(target.document_id)
    if len(found) < 2:
        raise UsageError(
            f"there is only one version at {found[0].url}; `archive versions` lists those at the other URLs"
        )
    return found[-2], found[-1]


def _show_list(found: Sequence[Any], as_json: bool, kind: str, none: str, total: int | None = None) -> None:
    if as_json:
        print_json([asdict(row) for row in found])
        return
    if not found:
        say_nothing(none)
        return
    from archive import consoles, render

    tables: dict[str, Callable[[], None]] = {
        "reports": lambda: render.reports(consoles.console(), found, total or len(found)),
        "unsure": lambda: render.unsure(consoles.console(), found),
        "refused": lambda: render.refused(consoles.console(), found),
        "versions": lambda: render.versions(consoles.console(), found),
        "figures": lambda: render.figures(consoles.console(), found),
    }
    tables[kind]()


def _with_parts(section: Section) -> str:
    """The section under a line that tells its parts."""
    return f"[part {'+'.join(map(str, section.parts)) or '–'}]\n{visible(section.text)}"


def _why_no_sections(version: Version, part: int | None) -> str:
    if version.missing_parts is None:
        return "this text was read before parts were looked for"
    return f"no heading announces {'any of the standard parts' if part is None else f'part {part}'}"


if __name__ == "__main__":
    main()
