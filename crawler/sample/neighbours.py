"""The near misses: pages beside the reports that are not the report, or cannot be told by their title."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from crawler.sample.compose import Line
from crawler.sample.phrases import expand, seeded, stock
from crawler.sample.programme import COLUMN_PATHS, article_path


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """One page that is no report."""

    key: str
    title: str
    source: str
    published: date
    column: Literal["towns", "bureaus", "work"]
    path: str
    expected: Literal["no", "unsure"]
    """What a reader of the title alone should say."""
    lines: tuple[Line, ...]


def neighbours(advanced: int) -> list[Neighbour]:
    """The near misses on the portal after so many years: the yearly kinds come again every year."""
    return [
        _neighbour(miss, step)
        for miss in stock("misses")["miss"]
        for step in range(advanced + 1 if miss.get("yearly") else 1)
    ]


def _neighbour(miss: dict[str, Any], step: int) -> Neighbour:
    year = miss["year"] + step
    key = f"{miss['key']}-{year}"
    rng = seeded(key)
    slots = {"y": str(year), "ny": str(year + 1)}
    month, day = map(int, miss["published"].split("-"))
    # Plans and notices appear in the year they name, accounts in the year after.
    published = date(year if miss.get("same_year") else year + 1, month, day)
    return Neighbour(
        key=key,
        title=expand(miss["title"], slots, rng),
        source=miss["unit"],
        published=published,
        column=miss["column"],
        path=article_path(COLUMN_PATHS[miss["column"]], key, published),
        expected=miss["expected"],
        lines=tuple(Line(expand(text, slots, rng)) for text in miss["paragraphs"]),
    )
