"""``archive similar``, ``archive similar-index`` and ``archive plans``: what reports share with each other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Annotated

import typer

from archive.cli_base import AsJson, Database, Limit, most, open_for_reading, print_json, say_nothing
from archive.errors import UsageError

if TYPE_CHECKING:
    from archive.reader import Archive
    from archive.similar import Among, Answer
    from archive.similar_pairs import Pair
    from archive.similar_passages import Passage

SHOWN_REPORTS = 3
"""Reports under whose line the table shows passages; ``--json`` gives those of all."""

SHOWN_PASSAGES = 3

FILL = "`archive similar-index` covers them"


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command("similar")(similar)
    app.command("similar-index")(similar_index)
    app.command("plans")(plans)


def similar(
    ref: Annotated[
        str | None, typer.Argument(metavar="REF", help="One report; without it, --all compares all.")
    ] = None,
    least: Annotated[
        float,
        typer.Option("--min", min=0.05, max=1, metavar="SHARE", help="Jaccard similarity from here on."),
    ] = 0.5,
    same_year: Annotated[bool, typer.Option("--same-year", help="Only reports on the same year.")] = False,
    other_years: Annotated[bool, typer.Option("--other-years", help="Only reports on other years.")] = False,
    same_place: Annotated[
        bool, typer.Option("--same-place", help="Only of the same place (the portal's division code).")
    ] = False,
    same_publisher: Annotated[
        bool, typer.Option("--same-publisher", help="Only of the same publisher.")
    ] = False,
    with_: Annotated[
        str | None, typer.Option("--with", metavar="REF", help="All passages shared with this one report.")
    ] = None,
    boilerplate: Annotated[
        float,
        typer.Option(
            min=1,
            max=100,
            metavar="PERCENT",
            help="Clauses in more than this share of reports are set phrases.",
        ),
    ] = 5,
    all_: Annotated[bool, typer.Option("--all", help="All pairs of reports, as --csv or --json.")] = False,
    year: Annotated[int | None, typer.Option(help="With --all: only reports on this year.")] = None,
    place: Annotated[
        str | None, typer.Option(help="With --all: part of the portal's name, or its division code.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="With --all: one line a pair.")] = False,
    limit: Limit = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Show which other reports share text with one, and the passages; or all such pairs.

    Shared text is a relation, never a reason to think two reports one.
    """
    if all_ == (ref is not None):
        raise UsageError("name one report, or ask for --all pairs")
    if all_ and (same_year or other_years or same_place or same_publisher or with_ is not None):
        raise UsageError("--all takes --min, --year, --place and --limit; the rest is about one REF")
    if not all_ and (year is not None or place is not None or as_csv):
        raise UsageError("--year, --place and --csv go with --all")
    if all_ and as_csv == as_json:
        raise UsageError("--all is a stream for programs: ask for --csv or --json")
    with open_for_reading(db) as archive:
        if ref is None:
            _all_pairs(archive, least, year, place, limit or None, as_json=as_json)
        elif with_ is not None:
            _pair(archive, ref, with_, boilerplate / 100, as_json=as_json)
        else:
            flags = (same_year, other_years, same_place, same_publisher)
            answer = archive.similar(
                ref, least=least, among=_among(flags), limit=most(limit, as_json=as_json)
            )
            _show(archive, answer, boilerplate / 100, as_json=as_json)


def similar_index(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Throw all signatures away first.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Look at no more than so many readings, then stop.")
    ] = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Cover new texts, so that `archive similar` finds them: run it after crawls; it goes on where it stood."""
    from archive.database import default_url, open_archive
    from archive.similar_index import fill

    engine = open_archive(db or default_url(), create=False)
    try:
        done = fill(engine, limit=limit, rebuild=rebuild, told=_progress if sys.stderr.isatty() else None)
    finally:
        engine.dispose()
    if as_json:
        print_json(asdict(done))
        return
    notes = (
        "began anew" if done.rebuilt else "",
        f"{done.signed:,} texts signed",
        f"{done.excluded:,} too short or too long to compare" if done.excluded else "",
        f"{done.withdrawn:,} withdrawn" if done.withdrawn else "",
        f"{done.covered:,} covered",
        f"{done.uncovered:,} to come" if done.uncovered else "",
    )
    sys.stdout.write("; ".join(note for note in notes if note) + "\n")


def plans(
    who: Annotated[
        str,
        typer.Argument(metavar="PUBLISHER|REF", help="Part of a publisher's name, its code, or a report."),
    ],
    year: Annotated[
        int | None, typer.Option(help="The year whose report tells the plans; default: the newest possible.")
    ] = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Set one year's plans beside what the next report tells: a comparison of words, not a judgement."""
    with open_for_reading(db) as archive:
        answer = archive.plans(who, year)
    if as_json:
        print_json(asdict(answer))
    elif answer.why is not None:
        say_nothing(answer.why)
    else:
        from archive import consoles, similar_render

        similar_render.plans(consoles.console(), answer)


def _progress(seen: int) -> None:
    sys.stderr.write(f"\rarchive: {seen:,} readings looked at ")
    sys.stderr.flush()


def _among(flags: tuple[bool, bool, bool, bool]) -> list[Among]:
    from archive.similar import Among

    return [kind for kind, wanted in zip(Among, flags, strict=True) if wanted]


def _show(archive: Archive, answer: Answer, common: float, *, as_json: bool) -> None:
    chosen = answer.found if as_json else answer.found[:SHOWN_REPORTS]
    passages: dict[int, list[Passage]] = {
        row.report_id: archive.passages(answer.text_sha256, row.text_sha256, boilerplate=common)
        for row in chosen
    }
    if as_json:
        found = [
            {**asdict(row), "passages": [asdict(passage) for passage in passages[row.report_id]]}
            for row in answer.found
        ]
        print_json({**asdict(answer), "found": found})
        return
    if answer.excluded is not None:
        say_nothing(f"this text is not compared: {answer.excluded}")
    elif not answer.found:
        say_nothing("no other report shares so much text; --min asks for less")
    else:
        from archive import consoles, similar_render

        similar_render.similar(consoles.console(), answer, passages, SHOWN_PASSAGES)
    _say_uncovered(answer.uncovered)


def _pair(archive: Archive, ref: str, other: str, common: float, *, as_json: bool) -> None:
    one, two = archive.compared(ref, other)
    found = archive.passages(one.text_sha256, two.text_sha256, boilerplate=common)
    if as_json:
        passages = [asdict(passage) for passage in found]
        print_json({"one": asdict(one), "other": asdict(two), "passages": passages})
    elif not found:
        say_nothing("they share no passage")
    else:
        from archive import consoles, similar_render

        similar_render.pair(consoles.console(), found)


def _all_pairs(
    archive: Archive, least: float, year: int | None, place: str | None, limit: int | None, *, as_json: bool
) -> None:
    from itertools import islice

    rows = islice(archive.similar_pairs(least=least, year=year, place=place), limit)
    if as_json:
        _json_array(rows)
    else:
        _csv(rows)
    _say_uncovered(archive.texts_not_covered())


def _json_array(rows: Iterator[Pair]) -> None:
    """One JSON document, written row by row: there may be millions."""
    from archive.terminal import to_json

    sys.stdout.write("[")
    for place, row in enumerate(rows):
        sys.stdout.write(("," if place else "") + "\n" + to_json(asdict(row)))
    sys.stdout.write("\n]\n")


def _csv(rows: Iterator[Pair]) -> None:
    """Lines of RFC 4180, guarded against formulas."""
    import csv

    from archive.exporting.cells import guard, signs
    from archive.similar_pairs import Pair

    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    writer.writerow(field.name for field in fields(Pair))
    for row in rows:
        values = asdict(row).values()
        writer.writerow(
            guard(signs(value))
            if isinstance(value, str)
            else f"{value:.6f}"
            if isinstance(value, float)
            else value
            for value in values
        )


def _say_uncovered(count: int) -> None:
    if count:
        say_nothing(f"{count:,} texts have no signature yet and were not compared; {FILL}")
