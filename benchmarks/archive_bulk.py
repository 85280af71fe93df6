"""A large archive in an hour instead of a day: rows of recorded reports, stamped with other texts.

Four reports (plain, at two addresses, edited, both) are recorded by the store, each in an archive of its
own. Their rows are the stamps: every further report is one of them with its own names, texts, digests and
numbers; other processes make its text and tokens. ``archive verify`` tells whether an archive came out.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import canonical, meta, schema, search_index
from archive.canonical import CanonicalRow
from archive.copying import writer
from archive.database import writing
from archive.records import RunState
from archive.search_index import TURNS
from archive.search_tokens import Tokens, tokens_of
from archive.segment import fold, long_words
from archive.segment import stamp as segmenter
from archive.store import Store
from benchmarks import archive_made as made
from benchmarks.archive_filling import filling, put_many, unwatched
from benchmarks.archive_stamps import MODEL, Fate, stamp, values_of

CHUNK = 50
"""Reports that a process makes at once."""

AT_ONCE = 2000
"""Reports of one transaction."""


def fill(engine: Engine, number: int, told: Callable[[int], None]) -> None:
    """Fills an archive without reports with so many.

    Args:
        engine: a new archive.
        number: how many reports.
        told: hears how many there are.
    """
    clock = made.Clock()
    store = Store(engine, clock)
    stamps = {fate: stamp(fate) for fate in ((False, False), (True, False), (False, True), (True, True))}
    places = _Places(engine, store)
    base: dict[str, int] = defaultdict(lambda: 1)
    done = 0
    with filling(engine):
        for some in _ahead(number, engine.dialect.name):
            rows: dict[str, list[CanonicalRow]] = defaultdict(list)
            entries: list[tuple[Any, ...]] = []
            indexed: list[tuple[Any, ...]] = []
            for values, fate, found in some:
                cut = stamps[fate]
                values.update(places.of(values))
                for row in cut.rows:
                    cells = row.cells.copy()
                    for place, cell in row.changing:
                        cells[place] = cell(values, base)
                    rows[row.table.name].append(tuple(cells))
                for (model, text), of in zip(cut.entries, found, strict=True):
                    entry = model + (values["year"] - MODEL.year) * TURNS + base["version"] - 1
                    entries.append((entry, base["report"], values["portal"], values[f"text digest {text}"]))
                    indexed.append((entry, *of))
                for table, count in cut.numbers.items():
                    base[table] += count
            _write(engine, places, rows, sorted(entries), sorted(indexed))
            done += len(some)
            told(done)
        places.finish()


def _write(
    engine: Engine,
    places: _Places,
    rows: dict[str, list[CanonicalRow]],
    entries: list[tuple[Any, ...]],
    indexed: list[tuple[Any, ...]],
) -> None:
    with writing(engine) as connection:
        unwatched(connection)
        rows["publisher"] = places.new_publishers()
        rows["search_entry"] = entries
        with writer(connection) as write:
            for table in (*canonical.tables(), schema.search_entry):
                if table.name in rows:
                    write(table, iter([rows[table.name]]))
        put_many(connection, indexed)
        connection.execute(schema.search_stale.delete())
        meta.put(connection, search_index.STAMP, segmenter())


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
        values = values_of(texts)
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
