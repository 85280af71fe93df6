"""Tables, pairs of names and values, and what stands in their cells, for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.states import PART_NAMES
from archive.terminal import one_line

_WHOLE = {
    "no",
    "year",
    "part",
    "value",
    "published",
    "state",
    "vers.",
    "urls",
    "chars",
    "times",
    "version",
    "first seen",
    "last seen",
    "when",
}
"""Columns of numbers and dates, which are not broken over lines."""


def table(
    out: Console,
    rows: Iterable[Any],
    columns: Mapping[str, Callable[[Any], object]],
    right: Sequence[str] = (),
) -> None:
    """Rows as a table: the name of each column, and what it shows of a row."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        drawn.add_column(
            name, justify="right" if name in right else "left", overflow="fold", no_wrap=name in _WHOLE
        )
    for row in rows:
        drawn.add_row(*(Text(cell(value(row))) for value in columns.values()))
    out.print(drawn)


def pairs(out: Console, values: Mapping[str, object]) -> None:
    """Names and values, one line each; what is empty is left out."""
    drawn = Table(box=None, show_header=False, pad_edge=False)
    drawn.add_column(style="dim")
    drawn.add_column(overflow="fold")
    for name, value in values.items():
        if value not in {None, ""}:
            drawn.add_row(name, Text(cell(value)))
    out.print(drawn)


def cell(value: object) -> str:
    """A value as one line."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return one_line(str(value))


def evidence_part(entry: object, name: str) -> object:
    """A piece of an entry of the evidence, which once was a bare value."""
    return entry.get(name) if isinstance(entry, dict) else (entry if name == "value" else None)


def plus(parts: Sequence[int]) -> str:
    """Standard parts, joined."""
    return "+".join(str(part) for part in parts)


def missing(parts: Sequence[int] | None) -> str:
    """Standard parts that a text lacks, by number and name."""
    if parts is None:
        return "unknown: this text was read before parts were looked for"
    return "; ".join(f"{part} {PART_NAMES[part]}" for part in parts) or "none"


def with_codes(names: str | None, codes: str | None) -> str:
    """Publishers with their division codes."""
    return f"{names or ''} ({codes})" if codes else names or ""


def with_confidence(year: int | None, confidence: float | None) -> str:
    """A year with how sure the reading was."""
    if year is None:
        return "unknown"
    return str(year) if confidence is None else f"{year} (confidence {confidence:.2f})"


def counts(by_name: Mapping[str, int]) -> str:
    """Numbers of things, by name."""
    return ", ".join(f"{count:,} {name}" for name, count in sorted(by_name.items())) or "none"


def size(count: int) -> str:
    """Bytes in a unit that a person reads."""
    amount, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
