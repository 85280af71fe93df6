"""``archive search`` and ``archive index``: words in the texts, and the index they are found by."""

from __future__ import annotations

import sys
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from archive.errors import UsageError
from archive.states import DocumentState
from archive.terminal import counted, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from archive.search import Counted, Hit
    from archive.search_hits import Passage

NAMED_PLACES = 60
"""Characters of a title that a line of answers shows."""

index_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The search index: how it stands, and making it anew.",
)


class By(StrEnum):
    """What answers are counted by."""

    YEAR = "year"
    PLACE = "place"


def search(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS...", help="All have to stand in the text; a phrase with blanks in quotation marks."
        ),
    ],
    site: Annotated[str | None, typer.Option(metavar="KEY", help="Only of this portal (its key).")] = None,
    year: Annotated[int | None, typer.Option(help="Only reports on this year.")] = None,
    place: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="Part of the portal's name, or the beginning of its division code."
        ),
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(metavar="LEVEL", help="Only publishers of this level: street, town, county …"),
    ] = None,
    publisher: Annotated[str | None, typer.Option(help="Part of a publisher's name, or its code.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only reports of this kind: annual …")] = None,
    state: Annotated[
        DocumentState | None, typer.Option(case_sensitive=False, help="Only reports in this state.")
    ] = None,
    part: Annotated[
        int | None, typer.Option(min=1, max=5, help="Only where it stands under this standard part, 1 to 5.")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="Earlier versions of the texts too.")] = False,
    rank: Annotated[
        bool, typer.Option("--rank", help="Where the words stand most often first, not the latest year.")
    ] = False,
    count: Annotated[
        By | None, typer.Option(case_sensitive=False, help="Count the reports instead: by year or by place.")
    ] = None,
    limit: Limit = None,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Search the texts of the reports, latest year first."""
    if count is not None and (rank or limit is not None):
        raise UsageError("--count counts all; leave out --rank and --limit")
    from archive.search_query import parse

    asked = " ".join(words)
    if not parse(asked).words:
        raise UsageError(
            "there is no letter, digit or mark to look for; name a word, e.g. `archive search 行政复议`"
        )
    filters: dict[str, Any] = {
        "portal": site,
        "year": year,
        "place": place,
        "level": level,
        "publisher": publisher,
        "kind": kind,
        "state": None if state is None else state.value,
        "part": part,
        "history": history,
    }
    with open_for_reading(db) as archive:
        none = "no text has that; fewer words, --history or `archive index status` may tell more"
        if count is not None:
            totals = archive.search_counts(asked, by=count.value, **filters)
            _show_counts(totals, count, as_json, why_nothing(archive, totals, site, none))
            return
        rows = most(limit, as_json=as_json)
        found = archive.search(
            asked,
            order="rank" if rank else "newest",
            limit=None if rows is None else rows + 1,
            **filters,
        )
        none = why_nothing(archive, found, site, none)
    shown = found if rows is None else found[:rows]
    if as_json:
        print_json([asdict(hit) for hit in shown])
    elif not shown:
        say_nothing(none)
    else:
        _show(shown, more=len(found) > len(shown))


@index_app.command("status")
def status(db: Database = None, as_json: AsJson = False) -> None:
    """Show what the index holds, what waits, and the segmenter that made it."""
    with open_for_reading(db) as archive:
        found = archive.search_status()
    if as_json:
        print_json({**asdict(found), "usable": found.usable})
        return
    lines = [
        f"texts in the index: {found.entries}",
        f"reports waiting: {found.waiting}",
        f"made with: {found.segmenter or 'nothing was indexed yet'}",
    ]
    if found.segmenter not in {None, found.expected}:
        lines.append(f"this program has: {found.expected}")
    lines.append("usable" if found.usable else "not usable: run `archive index rebuild`")
    sys.stdout.write("\n".join(map(one_line, lines)) + "\n")


@index_app.command("rebuild")
def rebuild(
    everything: Annotated[
        bool, typer.Option("--all", help="From the beginning, also what is in the index already.")
    ] = False,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Bring the index up to date; after a change of the segmenter, make it anew. Interrupted, run it again."""
    from archive import search_index
    from archive.database import default_url, open_archive

    def tell(done: int, of: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done} of {of} reports" + ("\n" if done == of else ""))

    engine = open_archive(db or default_url(), create=False)
    try:
        done = search_index.rebuild(engine, everything=everything, told=tell)
    finally:
        engine.dispose()
    if as_json:
        print_json({"reports": done})
    else:
        sys.stdout.write(f"{counted(done, 'report')} indexed\n" if done else "the index is complete\n")


def _show(found: Sequence[Hit], *, more: bool) -> None:
    from rich.text import Text

    from archive import consoles

    out = consoles.console()
    for hit in found:
        about = (hit.year, hit.portal_name, hit.publishers, hit.title)
        head = Text(f"{hit.report_id}  ", style="bold")
        head.append("  ".join(one_line(str(cell))[:NAMED_PLACES] for cell in about if cell is not None))
        if not hit.current:
            head.append(f"  version {hit.version} at {one_line(hit.url)}", style="dim")
        if hit.level is not None:
            head.append(f"  level {hit.level}", style="dim")
        out.print(head, soft_wrap=True)
        for passage in hit.passages:
            out.print(Text("    ") + _marked(passage, colour=out.is_terminal), soft_wrap=True)
    note = counted(len(found), "answer") + (", and more; --limit 0 shows all" if more else "")
    out.print(note, style="dim")


def _marked(passage: Passage, *, colour: bool) -> Text:
    """A passage on one line, words found in reverse; between 【 】 where there are no colours."""
    from rich.text import Text

    shown = Text("…")
    at = passage.start
    for start, end in (*passage.hits, (passage.end, passage.end)):
        shown.append(_line(passage.text[at - passage.start : start - passage.start]))
        word = _line(passage.text[start - passage.start : end - passage.start])
        if word:
            shown.append(word if colour else f"【{word}】", style="reverse")
        at = end
    return shown.append("…")


def _line(text: str) -> str:
    """A piece on one line, blanks at its ends kept."""
    return one_line(f"|{text}|")[1:-1]


def _show_counts(totals: Sequence[Counted], by: By, as_json: bool, none: str) -> None:
    if as_json:
        kept = ("year",) if by is By.YEAR else ("portal_key", "portal_name", "division_code")
        print_json(
            [{**{name: getattr(row, name) for name in kept}, "reports": row.reports} for row in totals]
        )
        return
    if not totals:
        say_nothing(none)
        return
    for row in totals:
        name = row.year if by is By.YEAR else f"{row.portal_name} ({row.portal_key})"
        sys.stdout.write(f"{row.reports:>8}  {one_line(str(name if name is not None else 'unknown'))}\n")


def register(app: typer.Typer) -> None:
    """Adds the commands to ``archive``."""
    app.command()(search)
    app.add_typer(index_app, name="index")
