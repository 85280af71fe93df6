"""Stamps of recorded reports for ``archive_bulk``: which cells of a report's rows change with its names and texts."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import zstandard

from archive import canonical, schema
from archive.captures import ZSTD_LEVEL
from archive.database import open_archive, writing
from archive.records import PublisherRef
from archive.store import Store
from archive.text import bytes_digest, digest
from benchmarks import archive_made as made

Fate = tuple[bool, bool]
"""Does it stand at two addresses, is it edited later?"""
Cell = Callable[[dict[str, Any], dict[str, int]], Any]

MODEL = made.Wanted(
    "dongli", PublisherRef(name="丙丁戊街道办事处", code="999999999001", level="street"), 1987
)
"""What the stamps are cut from: its name, code and year stand nowhere else in its rows."""

_KEPT_ONCE = frozenset({"portal", "run", "publisher", "lease", "meta"})
"""Rows that reports share; ``fill`` sees to them."""


@dataclass(frozen=True)
class Row:
    """A row of a stamp: what stays as it is, and what is worked out."""

    table: sa.Table
    cells: list[Any]
    changing: list[tuple[int, Cell]]


@dataclass(frozen=True)
class Stamp:
    """The rows of one recorded report, its entries in the search index, and how many numbers it takes."""

    rows: list[Row]
    entries: list[tuple[int, int]]
    """Number of the entry in the model's archive, and which of the texts it is of."""
    numbers: dict[str, int]


def values_of(texts: Sequence[made.Made]) -> dict[str, Any]:
    """All that rows of a report tell of it alone."""
    one = texts[0]
    wanted = one.wanted
    values: dict[str, Any] = {
        "wanted": wanted,
        "title": one.text.split("\n", 1)[0],
        "name": one.name,
        "site": f"http://{wanted.portal}.example/",
        "publisher name": wanted.publisher.name,
        "publisher name in JSON": json.dumps(wanted.publisher.name).strip('"'),
        "code": wanted.publisher.code,
        "published": str(made.published(wanted.year)),
        "this year": f"{wanted.year}年",
        "next year": f"{wanted.year + 1}年",
        "year": wanted.year,
    }
    press = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    for number, text in enumerate(texts):
        values[f"text {number}"] = text.text
        values[f"text digest {number}"] = digest(text.text)
        values[f"characters {number}"] = len(text.text)
        values[f"body digest {number}"] = bytes_digest(text.body)
        values[f"data {number}"] = press.compress(text.body)
        values[f"size {number}"] = len(text.body)
        values[f"offsets {number}"] = [
            (section.start, section.text_start, section.end)
            for section in made.sections(text.text, wanted.year)
        ]
    return values


def stamp(fate: Fate) -> Stamp:
    """Records the model with such a fate in an archive of its own, and cuts the stamp from its rows."""
    first = made.report(MODEL)
    fetches = [first, *([made.twin(first)] if fate[0] else []), *([made.edited(first)] if fate[1] else [])]
    values = values_of([first, *([made.edited(first)] if fate[1] else [])])
    with tempfile.TemporaryDirectory() as folder:
        engine = open_archive(str(Path(folder) / "model.db"))
        store = Store(engine, made.Clock())
        made.crawl(store, MODEL.portal, fetches)
        with writing(engine) as connection:
            rows = {
                table: [row for batch in canonical.stream(connection, table) for row in batch]
                for table in canonical.tables()
                if table.name not in _KEPT_ONCE
            }
            entries = connection.execute(
                sa.select(schema.search_entry.c.id, schema.search_entry.c.text_sha256)
            ).all()
        engine.dispose()
    which = {values[f"text digest {number}"]: number for number in (0, 1) if f"text {number}" in values}
    which |= {values[f"body digest {number}"]: number for number in (0, 1) if f"text {number}" in values}
    read = {
        _cell(schema.extraction, row, "id"): which[_cell(schema.extraction, row, "text_sha256")]
        for row in rows[schema.extraction]
    }
    cut = _Cutter(values, which, read)
    return Stamp(
        [cut.row(table, row) for table, some in rows.items() for row in some],
        sorted(((entry.id, which[entry.text_sha256]) for entry in entries), key=lambda entry: entry[1]),
        {table.name: len(some) for table, some in rows.items()},
    )


def _cell(table: sa.Table, row: Sequence[Any], name: str) -> Any:
    return row[[column.name for column in canonical.columns(table)].index(name)]


_OFFSETS = ("start_offset", "text_offset", "end_offset")


class _Cutter:
    """Tells which cells of the model's rows change from report to report, and into what."""

    def __init__(self, values: dict[str, Any], which: dict[str, int], read: dict[int, int]) -> None:
        self._which, self._read = which, read
        self._signs = {value: name for name, value in values.items() if isinstance(value, str | bytes)}
        words = sorted((sign for sign in self._signs if isinstance(sign, str)), key=len, reverse=True)
        self._sign = re.compile("(" + "|".join(map(re.escape, words)) + ")")

    def row(self, table: sa.Table, cells: Sequence[Any]) -> Row:
        """The stamp of one row."""
        changing = []
        for place, column in enumerate(canonical.columns(table)):
            cell = self._changing(table, cells, column, cells[place])
            if cell is not None:
                changing.append((place, cell))
        return Row(table, list(cells), changing)

    def _changing(
        self,
        table: sa.Table,
        cells: Sequence[Any],
        column: sa.Column[Any],
        value: Any,
    ) -> Cell | None:
        if value is None:
            return None
        target = next((key.column.table.name for key in column.foreign_keys), table.name)
        if isinstance(value, int):
            if column.foreign_keys and target in {"portal", "run", "publisher"}:
                return partial(_value, target)
            if column.foreign_keys or column is table.autoincrement_column:
                return partial(_shifted, target, value - 1)
            if table.name in {"payload", "text"} and column.name in {"size", "characters"}:
                return partial(_value, f"{column.name} {self._which[_cell(table, cells, 'sha256')]}")
            if table.name == "section" and column.name in _OFFSETS:
                number = self._read[_cell(table, cells, "extraction_id")]
                return partial(
                    _offset,
                    f"offsets {number}",
                    _cell(table, cells, "position"),
                    _OFFSETS.index(column.name),
                )
            return partial(_value, "year") if value == MODEL.year else None
        if value in self._signs:
            return partial(_value, self._signs[value])
        if isinstance(value, str) and len(parts := self._sign.split(value)) > 1:
            return partial(_joined, [(part, self._signs.get(part)) for part in parts if part])
        return None


def _value(name: str, values: dict[str, Any], _base: dict[str, int]) -> Any:
    return values[name]


def _shifted(table: str, more: int, _values: dict[str, Any], base: dict[str, int]) -> int:
    return base[table] + more


def _offset(name: str, position: int, which: int, values: dict[str, Any], _base: dict[str, int]) -> int:
    return int(values[name][position][which])


def _joined(parts: list[tuple[str, str | None]], values: dict[str, Any], _base: dict[str, int]) -> str:
    return "".join(part if name is None else values[name] for part, name in parts)
