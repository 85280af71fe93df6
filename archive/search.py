"""Search in the texts of reports: all words have to stand there, exactly as the reader would find them.

The index (``archive.search_index``) names candidates that miss no text; whoever is not sure of a
candidate reads the text. So both databases answer alike, and like a reader of all texts.

Newest first: by the year reported on, the latest first, and within a year what was put into the
archive last. Ranked: by the level of the word that is least prominent in the text (``search_tokens``:
its occurrences in 3,000 characters, from 3, 6, 12, 24 on), and newest first within a level. Both
orders stand in the index, so twenty answers cost as much in a million texts as in a thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema, search_hits, search_index
from archive.search_hits import Hit
from archive.search_index import Class, band, forget, year_of
from archive.search_query import Filters, Query, parse
from archive.search_tokens import TOP
from archive.search_walk import Entry, Walk

__all__ = ["Counted", "Filters", "Hit", "counts", "forget", "search"]

Order = Literal["newest", "rank"]
By = Literal["year", "place"]

_STEP = 500
_Found = tuple[Entry, int | None]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many reports answer a search, of one year or one place."""

    reports: int
    year: int | None = None
    """The year reported on; None: unknown, or counted by place."""
    portal_key: str | None = None
    portal_name: str | None = None
    division_code: str | None = None


def search(
    connection: Connection,
    words: str,
    filters: Filters | None = None,
    *,
    order: Order = "newest",
    limit: int | None = 20,
) -> list[Hit]:
    """The texts in which all words stand.

    Args:
        connection: a read transaction.
        words: separated by white space; a phrase in quotation marks. Any string is a query; one without
            words has no answers.
        filters: which reports, and what of their texts.
        order: see the head of this module.
        limit: at most so many; None: all.

    Raises:
        IndexUnusable: the index is incomplete or of another segmenter.
    """
    filters = filters or Filters()
    search_index.check(connection)
    query = parse(words)
    if not query.words or limit == 0:
        return []
    finder = _Finder(connection, query, filters)
    found = finder.ranked() if order == "rank" else finder.newest()
    return search_hits.hits(connection, query, list(islice(found, limit)), filters.part)


def counts(
    connection: Connection, words: str, filters: Filters | None = None, *, by: By = "year"
) -> list[Counted]:
    """How many reports answer, by year (latest first) or by place (most first).

    A report counts once, however many of its texts answer. Arguments and errors as of ``search``.
    """
    filters = filters or Filters()
    search_index.check(connection)
    query = parse(words)
    if not query.words:
        return []
    counted = _Finder(connection, query, filters).counted(by)
    if by == "year":
        years = sorted(counted.items(), key=lambda item: item[0] or 0, reverse=True)
        return [Counted(year=year, reports=times) for year, times in years]
    portals = schema.portal.c
    rows = connection.execute(sa.select(portals.id, portals.key, portals.name, portals.division_code))
    places = [
        Counted(
            portal_key=row.key, portal_name=row.name, division_code=row.division_code, reports=counted[row.id]
        )
        for row in rows
        if row.id in counted
    ]
    return sorted(places, key=lambda place: (-place.reports, place.portal_key or ""))


class _Finder:
    """One query on its way through the candidates."""

    def __init__(self, connection: Connection, query: Query, filters: Filters) -> None:
        self._connection = connection
        self._query = query
        self._part = filters.part
        self._history = filters.history
        self._walk = Walk(connection, query, filters)
        self._few = self._walk.few()
        self._sure = query.exact and filters.part is None

    def newest(self) -> Iterator[_Found]:
        """Answers, newest first."""
        candidates = self._walk.candidates(0) if self._few is None else iter(self._few)
        for entry in self._checked(candidates):
            yield entry, None

    def ranked(self) -> Iterator[_Found]:
        """Answers by level, newest first within a level."""
        if self._few is not None or not self._query.indexed:
            every = self._walk.candidates(0) if self._few is None else iter(self._few)
            found = [(entry, self._level(entry)) for entry in self._checked(every)]
            yield from sorted(found, key=lambda pair: (-(pair[1] or 0), pair[0].newest_first, pair[0].id))
            return
        seen: set[int] = set()
        lower: dict[int, list[Entry]] = {reached: [] for reached in range(TOP + 1)}
        for reached in range(TOP, -1, -1) if self._query.ranks else (0,):
            # Whoever is of this level is among the candidates for it: those from above are known by now.
            waiting = sorted(lower[reached], key=lambda entry: (entry.newest_first, entry.id))
            here = self._of_level(reached, seen, lower)
            for entry in merge(waiting, here, key=lambda entry: (entry.newest_first, entry.id)):
                yield entry, reached if self._query.ranks else TOP

    def counted(self, by: By) -> Mapping[int | None, int]:
        """Year, or number of the portal → reports."""
        if self._few is None and self._sure and self._query.indexed:
            return self._counted_by_index(by)
        candidates = self._walk.candidates(0) if self._few is None else iter(self._few)
        return _tally(self._checked(candidates), by)

    def _of_level(self, reached: int, seen: set[int], lower: dict[int, list[Entry]]) -> Iterator[Entry]:
        fresh = (entry for entry in self._walk.candidates(reached) if entry.id not in seen)
        for entry in self._checked(fresh):
            seen.add(entry.id)
            level = reached if entry.content is None else self._level(entry)
            if level == reached or not self._query.ranks:
                yield entry
            elif level < reached:
                lower[level].append(entry)

    def _level(self, entry: Entry) -> int:
        found = self._query.level(entry.content or "")
        return 0 if found is None else found

    def _checked(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """Those in which the words stand, in the part asked for."""
        if self._part is None:
            yield from (entry for entry in entries if self._stands(entry))
            return
        while some := list(islice(entries, 64)):
            good = [entry for entry in some if self._stands(entry)]
            placed = search_hits.place(self._connection, good)
            extractions = [where.extraction_id for where in placed.values()]
            inside = search_hits.sections(self._connection, extractions, self._part) if extractions else {}
            words = [word.folded for word in self._query.words]
            for entry in good:
                where = placed[entry.report_id, entry.text_sha256]
                stretches = inside.get(where.extraction_id)
                if stretches and all(
                    search_hits.within(found, stretches)
                    for found in search_hits.every_span(entry.content or "", words)
                ):
                    yield entry

    def _stands(self, entry: Entry) -> bool:
        return entry.content is None or self._query.stands_in(entry.content)

    def _counted_by_index(self, by: By) -> Mapping[int | None, int]:
        """Counts without reading texts: a report has one current text, or several, told apart by class."""
        counted: Counter[int | None] = Counter()
        entry = schema.search_entry.c
        rest: dict[int, Entry] = {}
        for low, high in self._walk.bands:
            given = {"low": low, "high": high}
            if low >= band(Class.CURRENT)[0]:
                for row in self._connection.execute(self._walk.tally(by), given):
                    counted[year_of(row.id) if by == "year" else row.id] += row.reports
                continue
            columns = (entry.id, entry.report_id, entry.portal_id, entry.text_sha256, sa.null())
            rows = self._connection.execute(self._walk.matching(sa.select(*columns)), given)
            for found in (Entry(*row) for row in rows):
                rest.setdefault(found.report_id, found)
        for report_id in self._with_current(rest) if self._history else ():
            del rest[report_id]
        return counted + _tally(rest.values(), by)

    def _with_current(self, report_ids: Iterable[int]) -> set[int]:
        """Those of the reports whose one current text answers, and is counted already."""
        wanted = sorted(report_ids)
        found: set[int] = set()
        for start in range(0, len(wanted), _STEP):
            rows = self._connection.execute(
                _CURRENT_TEXTS, {"ids": wanted[start : start + _STEP], "low": band(Class.CURRENT)[0]}
            )
            found.update(row.report_id for row in rows if self._query.stands_in(row.content))
        return found


def _tally(entries: Iterable[Entry], by: By) -> Counter[int | None]:
    reports = {entry.report_id: entry for entry in entries}
    return Counter(year_of(entry.id) if by == "year" else entry.portal_id for entry in reports.values())


_e, _t = schema.search_entry.c, schema.text_.c
_CURRENT_TEXTS = (
    sa.select(_e.report_id, _t.content)
    .join(schema.text_, _t.sha256 == _e.text_sha256)
    .where(_e.report_id.in_(sa.bindparam("ids", expanding=True)), _e.id >= sa.bindparam("low"))
)
