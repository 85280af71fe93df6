"""From the index to candidates, newest first, in small steps: who needs twenty answers reads few more.

FTS5 yields its rows in the order of their numbers, from where it is told to begin. GIN knows no
order: PostgreSQL collects all rows of a token before it can sort them. There the newest texts are
read first, without the index, as long as they bring answers: a word that stands in many texts is
soon found in twenty of them, and one that does not stands in few rows of the index.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from archive import schema
from archive.search_index import TURNS, YEARS, Class, band, recency
from archive.search_query import Filters, Query
from archive.search_tokens import codes, hashes

FEW = 1000
"""Entries that filters leave over, up to which their texts are read without asking the index."""

_FIRST, _MOST_IDS, _MOST_TEXTS = 64, 8192, 512
"""Rows of the first step and, four times as many each, of the largest."""

_FIRST_TEXTS = 24
"""Texts that are read first without the index, twice as many each time after."""

_WORTH = 8
"""The newest texts are read on as long as one in so many is an answer."""

_INDEX = sa.table(
    "search_index",
    sa.column("rowid", sa.BigInteger),
    sa.column("id", sa.BigInteger),
    sa.column("plain", postgresql.ARRAY(sa.Integer)),
    sa.column("marked", postgresql.ARRAY(sa.BigInteger)),
)
_e, _t = schema.search_entry.c, schema.text_.c


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


class Walk:
    """The candidates of a query under filters, in one read transaction."""

    def __init__(self, connection: Connection, query: Query, filters: Filters) -> None:
        self._connection = connection
        self._query = query
        self._filters = filters
        self._sqlite = connection.dialect.name == "sqlite"
        self._reports = filters.reports()
        self._read: dict[tuple[int, int], Sequence[Entry]] = {}
        self._levels: dict[int, int | None] = {}
        self._with_texts = not query.exact or filters.part is not None
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
        return [given for given in found if self._connection.execute(_ANY, _range(given)).first() is not None]

    def few(self) -> list[Entry] | None:
        """All entries that the filters leave over, with their texts, if they are few."""
        if self._reports is None:
            return None
        inside = [sa.and_(_e.id >= low, _e.id < high) for low, high in self.bands]
        query = sa.select(_e.id).where(_e.report_id.in_(self._reports), sa.or_(sa.false(), *inside))
        ids = self._connection.execute(query.limit(FEW + 1)).scalars().all()
        if len(ids) > FEW:
            return None
        rows: list[Entry] = []
        for start in range(0, len(ids), _MOST_TEXTS):
            some = _entries(texts=True).where(_e.id.in_(ids[start : start + _MOST_TEXTS]))
            rows.extend(Entry(*row) for row in self._connection.execute(some))
        return sorted(rows, key=lambda entry: (entry.newest_first, entry.id))

    def candidates(self, reached: int) -> Iterator[Entry]:
        """Entries in which every word may have at least this level, newest first."""
        streams = [self._stream(given, reached) for given in self.bands]
        yield from heapq.merge(*streams, key=lambda entry: (entry.newest_first, entry.id))

    def _stream(self, given: tuple[int, int], reached: int) -> Iterator[Entry]:
        low, high = given
        if not self._sqlite or not self._query.indexed:
            newest, size = self._newest(), _FIRST_TEXTS
            while True:
                rows = (
                    self._first(newest, low, high)
                    if size == _FIRST_TEXTS
                    else self._rows(newest, _e.id, low, high, size)
                )
                good = [row for row in rows if self._reaches(row, reached)]
                yield from good
                if len(rows) < size:
                    return
                high = rows[-1].id
                if len(good) * _WORTH < size and self._query.indexed:
                    break
                size = min(size * 2, _MOST_TEXTS)
        yield from self._indexed(low, high, reached)

    def _first(self, newest: sa.Select[Any], low: int, high: int) -> Sequence[Entry]:
        """The newest texts of a range: each level begins with them."""
        if (low, high) not in self._read:
            self._read[low, high] = self._rows(newest, _e.id, low, high, _FIRST_TEXTS)
        return self._read[low, high]

    def _indexed(self, low: int, high: int, reached: int) -> Iterator[Entry]:
        query = self.matching(_entries(texts=self._with_texts), reached)
        size = _FIRST
        while True:
            rows = self._rows(query, _INDEX.c.rowid if self._sqlite else _e.id, low, high, size)
            yield from rows
            if len(rows) < size:
                return
            high = rows[-1].id
            size = min(size * 4, _MOST_TEXTS if self._with_texts else _MOST_IDS)

    def matching(
        self, query: sa.Select[Any], reached: int = 0, *, index_alone: bool = False
    ) -> sa.Select[Any]:
        """A query on entries, limited to those whose tokens match and to the reports meant.

        The numbers are limited by parameters ``low`` and ``high``. ``index_alone``: the query names
        nothing but SQLite's index.
        """
        wanted = self._query.keys(reached)
        low: sa.BindParameter[int] = sa.bindparam("low", type_=sa.BigInteger)
        high: sa.BindParameter[int] = sa.bindparam("high", type_=sa.BigInteger)
        if self._sqlite:
            if not index_alone:
                # "+ 0": the full-text index leads, row by row, and is never asked for single rows.
                query = query.where(_e.id == _INDEX.c.rowid + sa.literal_column("0"))
            match = sa.text("search_index MATCH :match").bindparams(
                match=" AND ".join(f'"{token}"' for token in sorted(wanted))
            )
            query = query.where(match, _INDEX.c.rowid >= low, _INDEX.c.rowid < high)
        else:
            found = sa.select(_INDEX.c.id)
            if wanted.plain:
                found = found.where(_INDEX.c.plain.contains(codes(sorted(wanted.plain))))
            if wanted.marked:
                found = found.where(_INDEX.c.marked.contains(hashes(sorted(wanted.marked))))
            rows = found.cte("found").prefix_with("MATERIALIZED")
            query = query.where(rows.c.id == _e.id, rows.c.id >= low, rows.c.id < high)
        return self._meant(query)

    def tally(self, by: Literal["year", "place"]) -> sa.Select[Any]:
        """How many entries match, by year (``id``: a number of that year) or by portal (``id``)."""
        times = sa.func.count().label("reports")
        if by == "place":
            return self.matching(sa.select(_e.portal_id.label("id"), times)).group_by(_e.portal_id)
        alone = self._sqlite and self._reports is None
        number = _INDEX.c.rowid if alone else _e.id
        year = number.op("/")(sa.literal_column(str(TURNS)))
        columns: list[Any] = [sa.func.min(number).label("id"), times]
        return self.matching(sa.select(*columns), index_alone=alone).group_by(year)

    def _newest(self) -> sa.Select[Any]:
        query = _entries(texts=True).where(_e.id >= sa.bindparam("low"), _e.id < sa.bindparam("high"))
        return self._meant(query)

    def _meant(self, query: sa.Select[Any]) -> sa.Select[Any]:
        if self._reports is None:
            return query
        return query.where(self._reports.where(schema.report.c.id == _e.report_id).exists())

    def _rows(
        self, query: sa.Select[Any], number: sa.ColumnElement[int], low: int, high: int, size: int
    ) -> Sequence[Entry]:
        ordered = query.order_by(number.desc()).limit(size)
        return [Entry(*row) for row in self._connection.execute(ordered, {"low": low, "high": high})]

    def _reaches(self, entry: Entry, reached: int) -> bool:
        content = entry.content or ""
        if not reached:
            return self._query.stands_in(content)
        if entry.id not in self._levels:
            self._levels[entry.id] = self._query.level(content)
        found = self._levels[entry.id]
        return found is not None and found >= reached


def _entries(*, texts: bool) -> sa.Select[Any]:
    columns = (_e.id, _e.report_id, _e.portal_id, _e.text_sha256)
    if not texts:
        return sa.select(*columns, sa.null())
    return sa.select(*columns, _t.content).join(schema.text_, _t.sha256 == _e.text_sha256)


def _range(given: tuple[int, int]) -> dict[str, int]:
    return {"low": given[0], "high": given[1]}


_ANY = sa.select(_e.id).where(_e.id >= sa.bindparam("low"), _e.id < sa.bindparam("high")).limit(1)
