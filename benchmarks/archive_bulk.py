"""A large archive in an hour instead of a day: rows of recorded reports, stamped with other texts.

Four reports (plain, at two addresses, edited, both) are recorded by the store, each in an archive of its
own. Their rows are the stamps: every further report is one of them with its own names, texts, digests and
numbers; other processes make its text and tokens. ``archive verify`` tells whether an archive came out.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Engine

from archive import canonical, meta, schema, search_index
from archive.canonical import CanonicalRow
from archive.captures import ZSTD_LEVEL
from archive.copying import numbered, writer
from archive.database import open_archive, writing
from archive.records import PublisherRef, RunState
from archive.search_index import TURNS
from archive.search_tokens import Tokens, tokens_of
from archive.segment import fold, long_words
from archive.segment import stamp as segmenter
from archive.store import Store
from archive.text import bytes_digest, digest
from benchmarks import archive_made as made

Fate = tuple[bool, bool]
Cell = Callable[[dict[str, Any], dict[str, int]], Any]

MODEL = made.Wanted(
    "dongli", PublisherRef(name="丙丁戊街道办事处", code="999999999001", level="street"), 1987
)
"""What the stamps are cut from: its name, code and year stand nowhere else in its rows."""

CHUNK = 50
"""Reports that a process makes at once."""

AT_ONCE = 2000
"""Reports of one transaction."""

FILLING, USUAL = {"hashsize": 128 << 20, "automerge": 0}, {"hashsize": 1 << 20, "automerge": 4}
"""FTS5 while the archive is filled: a segment for each transaction instead of forty, sixteen merged at once instead
of four. 60 % of the time of the process that writes."""

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


def fill(engine: Engine, number: int, told: Callable[[int], None]) -> None:
    """Fills an archive without reports with so many.

    Args:
        engine: a new archive.
        number: how many reports.
        told: hears how many there are.
    """
    clock = made.Clock()
    store = Store(engine, clock)
    stamps = {fate: _stamp(fate) for fate in ((False, False), (True, False), (False, True), (True, True))}
    places = _Places(engine, store)
    base: dict[str, int] = defaultdict(lambda: 1)
    done = 0
    _set(engine, FILLING)
    for some in _ahead(number, engine.dialect.name):
        rows: dict[str, list[CanonicalRow]] = defaultdict(list)
        entries: list[tuple[Any, ...]] = []
        indexed: list[tuple[Any, ...]] = []
        for values, fate, found in some:
            stamp = stamps[fate]
            values.update(places.of(values))
            for row in stamp.rows:
                cells = row.cells.copy()
                for place, cell in row.changing:
                    cells[place] = cell(values, base)
                rows[row.table.name].append(tuple(cells))
            for (model, text), of in zip(stamp.entries, found, strict=True):
                entry = model + (values["year"] - MODEL.year) * TURNS + base["version"] - 1
                entries.append((entry, base["report"], values["portal"], values[f"text digest {text}"]))
                indexed.append((entry, *of))
            for table, count in stamp.numbers.items():
                base[table] += count
        _write(engine, places, rows, sorted(entries), sorted(indexed))
        done += len(some)
        told(done)
    places.finish()
    _set(engine, USUAL)
    settle(engine)


def _set(engine: Engine, options: Mapping[str, int]) -> None:
    if engine.dialect.name == "sqlite":
        with writing(engine) as connection:
            for option in options.items():
                connection.exec_driver_sql(
                    "INSERT INTO search_index (search_index, rank) VALUES (?, ?)", option
                )


def _write(
    engine: Engine,
    places: _Places,
    rows: dict[str, list[CanonicalRow]],
    entries: list[tuple[Any, ...]],
    indexed: list[tuple[Any, ...]],
) -> None:
    with writing(engine) as connection:
        rows["publisher"] = places.new_publishers()
        with writer(connection) as write:
            for table in canonical.tables():
                if table.name in rows:
                    write(table, iter([rows[table.name]]))
        connection.execute(
            schema.search_entry.insert(),
            [
                dict(zip(("id", "report_id", "portal_id", "text_sha256"), entry, strict=True))
                for entry in entries
            ],
        )
        search_index.put(connection, indexed)
        connection.execute(schema.search_stale.delete())
        meta.put(connection, search_index.STAMP, segmenter())


def settle(engine: Engine) -> None:
    """What follows crawls by itself: merged segments on SQLite; statistics, and numbers to go on with, on PostgreSQL."""
    changed = 2  # fewer: there was nothing to merge (sqlite.org/fts5.html)
    while engine.dialect.name == "sqlite" and changed >= 2:
        with writing(engine) as connection:
            raw = canonical.driver(connection)
            before = raw.total_changes
            connection.exec_driver_sql("INSERT INTO search_index (search_index, rank) VALUES ('merge', 5000)")
            changed = raw.total_changes - before
    if engine.dialect.name == "sqlite":
        return
    with writing(engine) as connection:
        for table, column in numbered():
            last = connection.execute(sa.select(sa.func.max(column))).scalar()
            if last:
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), {last})"
                )
        connection.exec_driver_sql("ANALYZE")


class _Places:
    """Portals with their runs, and publishers, as reports of them come."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine, self._store = engine, store
        self._portal = ("", 0, 0)
        self._publishers: dict[str, int] = {}
        self._new: list[CanonicalRow] = []
        with writing(engine) as connection:
            rows = connection.execute(sa.select(schema.publisher.c.code, schema.publisher.c.id)).all()
        self._publishers = {row.code: row.id for row in rows}

    def of(self, values: dict[str, Any]) -> dict[str, int]:
        """The numbers of a report's portal, run and publisher."""
        key, publisher = values["wanted"].portal, values["wanted"].publisher
        if key != self._portal[0]:
            self.finish()
            portal = self._store.sync_portal(made.portal_record(key))
            run = self._store.begin_run(
                portal,
                trigger="benchmark",
                code_version="0",
                options={},
                owner="benchmark",
                lease_seconds=86400,
            )
            self._portal = (key, portal, run)
        known = self._publishers.get(publisher.code)
        if known is None:
            known = self._publishers[publisher.code] = len(self._publishers) + 1
            row = {"id": known, "portal_id": self._portal[1], "code": publisher.code}
            row |= {"name": publisher.name, "level": publisher.level}
            self._new.append(tuple(row.get(column.name) for column in canonical.columns(schema.publisher)))
        return {"portal": self._portal[1], "run": self._portal[2], "publisher": known}

    def new_publishers(self) -> list[CanonicalRow]:
        """Those that are not in the archive yet."""
        new, self._new = self._new, []
        return new

    def finish(self) -> None:
        """Ends the run of the last portal."""
        if self._portal[2]:
            self._store.finish_run(self._portal[2], RunState.COMPLETE, {}, "made")


Piece = tuple[dict[str, Any], Fate, list[tuple[Any, ...]]]


def _ahead(number: int, dialect: str) -> Iterator[list[Piece]]:
    """The reports of a plan, made by other processes, in transactions."""
    plan = (wanted for group in made.plan(number) for wanted in group)
    waiting: list[Future[list[Piece]]] = []
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        ready: list[Piece] = []
        while True:
            while len(waiting) < 60 and (some := list(islice(plan, CHUNK))):
                waiting.append(pool.submit(_make, some, dialect))
            if not waiting:
                break
            ready += waiting.pop(0).result()
            if len(ready) >= AT_ONCE:
                yield ready
                ready = []
    if ready:
        yield ready


def _make(some: list[made.Wanted], dialect: str) -> list[Piece]:
    pieces: list[Piece] = []
    for wanted in some:
        fate = wanted.fate()
        first = made.report(wanted)
        texts = [first, *([made.edited(first)] if fate[1] else [])]
        values = _values(texts)
        pieces.append((values, fate, [search_index.row(dialect, quick_tokens(one.text)) for one in texts]))
    return pieces


def quick_tokens(text: str) -> Tokens:
    """``tokens`` of a made text: its sentences, which come again in other texts, are looked at once."""
    pieces = [_known(sentence) for sentence in re.split("(?<=[。；])\n", text)]
    return tokens_of(
        "".join(folded for folded, _ in pieces), chain.from_iterable(words for _, words in pieces)
    )


@cache
def _known(sentence: str) -> tuple[str, list[str]]:
    folded = fold(sentence)
    return folded, long_words(folded)


def _values(texts: Sequence[made.Made]) -> dict[str, Any]:
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


def _stamp(fate: Fate) -> Stamp:
    """Records the model with such a fate in an archive of its own, and cuts the stamp from its rows."""
    first = made.report(MODEL)
    fetches = [first, *([made.twin(first)] if fate[0] else []), *([made.edited(first)] if fate[1] else [])]
    values = _values([first, *([made.edited(first)] if fate[1] else [])])
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
