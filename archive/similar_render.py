"""Shared text for people: tables of similar reports, their passages, plans and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.terminal import counted, one_line

if TYPE_CHECKING:
    from archive.plan_years import PlansAnswer
    from archive.similar import Answer, Similar
    from archive.similar_passages import Passage

LONGEST_SHOWN = 120
"""Characters of a passage that a table shows; ``--json`` gives all of it."""

_SHOWN_WORDS = 6

BOILERPLATE = 0.5
"""Share of a passage in set phrases from which on it is marked as one."""


def similar(out: Console, answer: Answer, passages: Mapping[int, Sequence[Passage]], most: int) -> None:
    """The table of ``archive similar``, and under it the longest passages of the first reports."""
    table = _table("no", "year", "publisher", "title", "jaccard", "of this", "of that", "how near")
    for row in answer.found:
        table.add_row(
            str(row.report_id),
            "" if row.year is None else str(row.year),
            Text(one_line(row.publishers or row.portal_name)),
            Text(one_line(row.title)),
            f"{row.jaccard:.3f}",
            f"{row.contained:.0%}",
            f"{row.contains:.0%}",
            _near(row),
            style="bold" if row.jaccard >= 0.9 else "",
        )
    out.print(table)
    out.print(
        f"{counted(len(answer.found), 'report')}; of this, of that: share of the asked report's wording that stands in "
        "the other, and the other way round",
        style="dim",
    )
    for row in answer.found:
        found = passages.get(row.report_id)
        if found:
            out.print(Text(f"\nshared with {row.report_id} ({one_line(row.title)})", style="bold"))
            _passages(out, found, most)


def pair(out: Console, passages: Sequence[Passage]) -> None:
    """All passages of ``archive similar --with``."""
    _passages(out, passages, len(passages))


def plans(out: Console, answer: PlansAnswer) -> None:
    """The table of ``archive plans``."""
    from archive.plans import Outcome

    out.print(
        Text(one_line(f"{answer.publishers or ''}: plans of the report on {answer.year}"), style="bold")
    )
    out.print(Text(answer.note, style="italic"))
    colours = {
        Outcome.FOUND: "green",
        Outcome.FAINT: "yellow",
        Outcome.NOT_FOUND: "red",
        Outcome.GENERAL: "dim",
    }
    table = _table("plan", "score", "what", f"best passage on {answer.year + 1}", "shared")
    for plan in answer.plans:
        best = plan.matches[0] if plan.matches else None
        table.add_row(
            Text(_short(plan.sentence.text)),
            f"{plan.score:.2f}",
            Text(plan.outcome.value, style=colours[plan.outcome]),
            Text("" if best is None else _short(best.passage.text)),
            Text("" if best is None else one_line(" ".join((*best.terms, *best.words)[:_SHOWN_WORDS]))),
        )
    out.print(table)
    if answer.new:
        out.print(Text(f"\nOn {answer.year + 1} without words of a plan", style="bold"))
        for sentence in answer.new:
            out.print(Text(f"  {_short(sentence.text)}"))
    counts = Counter(plan.outcome for plan in answer.plans)
    told = ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in Outcome)
    cut = "; the end of a very long text was left out" if answer.cut else ""
    out.print(f"{len(answer.plans)} planned sentences: {told}; {len(answer.new)} new{cut}", style="dim")


def _short(words: str) -> str:
    line = one_line(words)
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"


def _passages(out: Console, found: Sequence[Passage], most: int) -> None:
    longest = sorted(found, key=lambda passage: -passage.characters)[:most]
    table = _table("here", "there", "chars", "passage")
    for passage in sorted(longest, key=lambda passage: passage.start):
        set_phrase = passage.boilerplate >= BOILERPLATE
        shown = _short(passage.text)
        table.add_row(
            f"{passage.start}–{passage.end}",
            f"{passage.other_start}–{passage.other_end}",
            str(passage.characters),
            Text(f"[set phrase] {shown}" if set_phrase else shown, style="dim" if set_phrase else ""),
        )
    out.print(table)
    more = len(found) - len(longest)
    characters = sum(passage.characters for passage in found)
    rest = f", {more} shorter ones not shown" if more else ""
    out.print(f"{counted(len(found), 'passage')}, {counted(characters, 'character')}{rest}", style="dim")


def _near(row: Similar) -> str:
    signs = (
        "same publisher" if row.same_publisher else "same place" if row.same_place else "",
        "" if row.newest else f"earlier version {row.version}",
    )
    return ", ".join(sign for sign in signs if sign)


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    numbers = {"no", "year", "jaccard", "of this", "of that", "here", "there", "chars", "score"}
    for name in names:
        table.add_column(
            name,
            justify="right" if name in numbers else "left",
            overflow="fold",
            no_wrap=name in numbers,
        )
    return table
