"""From the index to candidates, newest first, in small steps: who needs twenty answers reads few more.

FTS5 yields its rows in the order of their numbers, from where it is told to begin. GIN knows no
order: PostgreSQL collects all rows of a token before it can sort them. There the tokens of the newest
entries are looked at first, without the index, as long as they bring candidates: a word that stands in
many texts is soon found in twenty of them, and one that does not stands in few rows of the index.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from archive import schema
from archive.search_index import TURNS, YEARS, Class, band, recency
from archive.search_query import Filters, Query
from archive.search_tokens import TOP, codes, hashes

FEW = 1000
"""Entries that filters leave over, up to which their texts are read without asking the index."""

_FIRST, _MORE, _MOST = 24, 3, 512
"""Entries that are read first, how many times as many with each next step, and at most."""

_FIRST_IDS, _MOST_IDS = 1024, 8192
"""Numbers taken from the index first and, four times as many each time after, at most."""

_PROMINENT = 64
"""Candidates of any level but 0 up to which all levels are told by their texts, instead of level by level."""

_WORTH, _WORTH_READING = 16, 4
"""The newest entries are looked at as long as one in so many is an answer, or a text that has to be read."""

_INDEX = sa.table(
    "search_index",
    sa.column("rowid", sa.BigInteger),
    sa.column("id", sa.BigInteger),
    sa.column("plain", postgresql.ARRAY(sa.Integer)),
    sa.column("marked", postgresql.ARRAY(sa.BigInteger)),
)
_e, _t = schema.search_entry.c, schema.text_.c
_ROWID, _NUMBER = (number + sa.literal_column("0") for number in (_INDEX.c.rowid, _INDEX.c.id))
"""The number in the index, of which the database sees no order: tokens lead to rows, never numbers."""
_LOW: sa.BindParameter[int] = sa.bindparam("low", type_=sa.BigInteger)
_HIGH: sa.BindParameter[int] = sa.bindparam("high", type_=sa.BigInteger)


@dataclass(frozen=True, slots=True)
class Entry:
    """A report's text that may be an answer."""

    id: int
    report_id: int
    portal_id: int
    text_sha256: str
    content: str | None
    """The text; None: it was not read, the index is sure."""

    @property
    def newest_first(self) -> int:
        """Smaller is newer."""
        return -recency(self.id)


_Newest = tuple[Entry, int]


class Walk:
    """The candidates of a query under filters, in one read transaction."""

    def __init__(self, connection: Connection, query: Query, filters: Filters) -> None:
        self._connection = connection
        self._query = query
        self._filters = filters
        self._sqlite = connection.dialect.name == "sqlite"
        self._reports = filters.reports()
        self._looked: dict[tuple[int, int], Sequence[_Newest]] = {}
        self._with_texts = not query.exact or filters.part is not None
        self._worth = _WORTH_READING if self._with_texts else _WORTH
        if not self._sqlite:
            # GIN or nothing: a plan that reads all rows would unpack all tokens. Room for exact bitmaps.
            connection.exec_driver_sql(
                "SELECT set_config('enable_seqscan', 'off', true), set_config('work_mem', '64MB', true), "
                "set_config('jit', 'off', true)"
            )

    @cached_property
    def bands(self) -> list[tuple[int, int]]:
        """The ranges of numbers to be searched that hold anything."""
        year = self._filters.year
        if year is not None and not 0 < year < YEARS:
            return []
        kinds = [Class.CURRENT, Class.SHARED, *([Class.EARLIER] if self._filters.history else [])]
        found = [band(kind, year) for kind in kinds]
        held = (sa.select(_e.id).where(_e.id >= low, _e.id < high).exists() for low, high in found)
        row = self._connection.execute(sa.select(*held)).one()
        return [given for given, holds in zip(found, row, strict=True) if holds]

    def few(self) -> list[Entry] | None:
        """All entries that the filters leave over, with their texts, if they are few."""
        if self._reports is None:
            return None
        inside = [sa.and_(_e.id >= low, _e.id < high) for low, high in self.bands]
        query = sa.select(_e.id).where(_e.report_id.in_(self._reports), sa.or_(sa.false(), *inside))
        ids = self._connection.execute(query.limit(FEW + 1)).scalars().all()
        if len(ids) > FEW:
            return None
        return list(self._read(sorted(ids, key=_newest_first), texts=True))

    def candidates(self, reached: int) -> Iterator[Entry]:
        """Entries in which every word may have at least this level, newest first."""
        if not self._query.indexed:
            streams = [self._texts(*given) for given in self.bands]
        elif not self._sqlite and self._often(reached):
            streams = [self._from_newest(given, reached) for given in self.bands]
        elif reached and self._with_texts and self._prominent is not None:
            streams = [self._read(self._prominent)]
        else:
            streams = self._from_index(reached)
        yield from heapq.merge(*streams, key=lambda entry: _newest_first(entry.id))

    @cached_property
    def _ranges(self) -> list[tuple[int, int]]:
        """The same numbers as ``bands`` in as few ranges as possible: each walk through the index costs."""
        if self._filters.year is not None or not self.bands:
            return self.bands
        return [(min(low for low, _ in self.bands), max(high for _, high in self.bands))]

    @cached_property
    def _prominent(self) -> list[int] | None:
        """All candidates of any level but 0, if they are few: their texts tell which."""
        ids = [number for given in self._ranges for number in self._ids(1, *given, _PROMINENT)]
        return sorted(ids, key=_newest_first) if len(ids) < _PROMINENT else None

    def _from_index(self, reached: int) -> list[Iterator[Entry]]:
        """What the index names, band by band; what is not much takes one walk through the index."""
        streams = []
        for low, high in self._ranges:
            ids = self._ids(reached, low, high, _FIRST_IDS)
            end = ids[-1] if len(ids) == _FIRST_IDS else low
            for begin, beyond in self.bands:
                if low <= begin < high:
                    here = [number for number in ids if begin <= number < beyond]
                    rest = self._all_ids(reached, begin, min(beyond, end))
                    streams.append(self._read(chain(here, rest)))
        return streams

    def _all_ids(self, reached: int, low: int, high: int) -> Iterator[int]:
        size = _FIRST_IDS
        while low < high:
            ids = self._ids(reached, low, high, size)
            yield from ids
            if len(ids) < size:
                return
            high, size = ids[-1], min(size * 4, _MOST_IDS)

    def _ids(self, reached: int, low: int, high: int, size: int) -> Sequence[int]:
        """The newest entries of a range whose tokens match."""
        number = _INDEX.c.rowid if self._sqlite else _NUMBER
        query = self.matching(sa.select(number), reached, index_alone=self._reports is None)
        query = query.order_by(number.desc()).limit(size)
        return self._connection.execute(query, {"low": low, "high": high}).scalars().all()

    def _read(self, ids: Iterable[int], *, texts: bool = False) -> Iterator[Entry]:
        """These entries, no more of them at a time than may be needed; with their texts if those have to tell."""
        given, size = iter(ids), _FIRST
        query = _entries(texts=texts or self._with_texts)
        while some := list(islice(given, size)):
            rows = self._connection.execute(query.where(_e.id.in_(some)))
            yield from sorted((Entry(*row) for row in rows), key=lambda entry: _newest_first(entry.id))
            size = min(size * _MORE, _MOST)

    def _texts(self, low: int, high: int) -> Iterator[Entry]:
        """All texts of a range, newest first."""
        size = _FIRST
        query = self._meant(_entries(texts=True).where(_e.id >= _LOW, _e.id < _HIGH)).order_by(_e.id.desc())
        while True:
            rows = self._connection.execute(query.limit(size), {"low": low, "high": high}).all()
            yield from (Entry(*row) for row in rows)
            if len(rows) < size:
                return
            high, size = rows[-1].id, min(size * _MORE, _MOST)

    def _from_newest(self, given: tuple[int, int], reached: int) -> Iterator[Entry]:
        """The newest entries as long as they bring candidates, and then what the index names."""
        low, high = given
        size = _FIRST
        while True:
            rows = self._newest(low, high, size, reached)
            good = [entry for entry, level in rows if level >= reached]
            yield from good
            if len(rows) < size:
                return
            high = rows[-1][0].id
            if len(good) * self._worth < size:
                break
            size = min(size * _MORE, _MOST)
        yield from self._read(self._all_ids(reached, low, high))

    def _often(self, reached: int) -> bool:
        """True if the newest entries are worth looking at."""
        levels = [level for given in self.bands for _, level in self._newest(*given, _FIRST, reached)]
        return sum(level >= reached for level in levels) * self._worth >= len(levels)

    def _newest(self, low: int, high: int, size: int, reached: int) -> Sequence[_Newest]:
        """The newest entries, each with the highest level that all words may have there by its tokens; -1: none."""
        first = size == _FIRST
        if first and (low, high) in self._looked:  # every level begins with them
            return self._looked[low, high]
        levels = range(TOP, -1, -1) if reached else (0,)
        best = sa.case(*((sa.and_(*self._tokens(level)), level) for level in levels), else_=-1)
        level = sa.select(best).where(_INDEX.c.id == _e.id).scalar_subquery()
        looked = self._meant(
            sa.select(
                _e.id, _e.report_id, _e.portal_id, _e.text_sha256, sa.func.coalesce(level, -1).label("level")
            )
            .where(_e.id >= low, _e.id < high)
            .order_by(_e.id.desc())
            .limit(size)
        ).subquery("looked")
        c = looked.c
        content = (_t.content if self._with_texts else sa.null()).label("content")
        query = sa.select(c.id, c.report_id, c.portal_id, c.text_sha256, content, c.level).order_by(
            c.id.desc()
        )
        if self._with_texts:
            wanted = sa.and_(_t.sha256 == c.text_sha256, c.level >= (0 if first else reached))
            query = query.outerjoin(schema.text_, wanted)
        rows = [
            (Entry(row.id, row.report_id, row.portal_id, row.text_sha256, row.content), row.level)
            for row in self._connection.execute(query)
        ]
        if first:
            self._looked[low, high] = rows
        return rows

    def matching(
        self, query: sa.Select[Any], reached: int = 0, *, index_alone: bool = False
    ) -> sa.Select[Any]:
        """A query on entries, limited to those whose tokens match and to the reports meant.

        The numbers are limited by parameters ``low`` and ``high``. ``index_alone``: the query names
        nothing but the index.
        """
        if self._sqlite:
            if not index_alone:
                query = query.where(_e.id == _ROWID)
            match = sa.text("search_index MATCH :match").bindparams(
                match=" AND ".join(f'"{token}"' for token in sorted(self._query.keys(reached)))
            )
            query = query.where(match, _INDEX.c.rowid >= _LOW, _INDEX.c.rowid < _HIGH)
        else:
            if not index_alone:
                query = query.where(_e.id == _NUMBER)
            query = query.where(*self._tokens(reached), _NUMBER >= _LOW, _NUMBER < _HIGH)
        return self._meant(query)

    def _tokens(self, reached: int) -> list[sa.ColumnElement[bool]]:
        """What holds for the rows of PostgreSQL's index whose tokens match."""
        wanted = self._query.keys(reached)
        found = []
        if wanted.plain:
            found.append(_INDEX.c.plain.contains(codes(sorted(wanted.plain))))
        if wanted.marked:
            found.append(_INDEX.c.marked.contains(hashes(sorted(wanted.marked))))
        return found

    def tally(self, by: Literal["year", "place"]) -> sa.Select[Any]:
        """How many entries match, by year (``id``: a number of that year) or by portal (``id``)."""
        times = sa.func.count().label("reports")
        if by == "place":
            return self.matching(sa.select(_e.portal_id.label("id"), times)).group_by(_e.portal_id)
        alone = self._reports is None
        number = (_INDEX.c.rowid if self._sqlite else _INDEX.c.id) if alone else _e.id
        year = number.op("/")(sa.literal_column(str(TURNS)))
        columns: list[Any] = [sa.func.min(number).label("id"), times]
        return self.matching(sa.select(*columns), index_alone=alone).group_by(year)

    def _meant(self, query: sa.Select[Any]) -> sa.Select[Any]:
        if self._reports is None:
            return query
        return query.where(self._reports.where(schema.report.c.id == _e.report_id).exists())


def _newest_first(number: int) -> tuple[int, int]:
    return -recency(number), number


def _entries(*, texts: bool) -> sa.Select[Any]:
    columns = (_e.id, _e.report_id, _e.portal_id, _e.text_sha256)
    if not texts:
        return sa.select(*columns, sa.null())
    return sa.select(*columns, _t.content).join(schema.text_, _t.sha256 == _e.text_sha256)
