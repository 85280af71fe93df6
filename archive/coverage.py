"""Coverage: who owes a report for which year, and what became of it (``archive coverage``).

The roster says who owes one. What the archive holds fills a cell; what was searched says what an empty one means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from sqlalchemy.engine import Connection

from archive import coverage_held, coverage_looked
from archive.coverage_cells import (
    Cell,
    CellState,
    Coverage,
    Evidence,
    Place,
    Row,
    Stranger,
    Timeliness,
    count,
)
from archive.coverage_held import Held, Maybe, Publisher
from archive.coverage_looked import Looked
from archive.coverage_scope import Member, Scope, members, portals
from archive.errors import UsageError
from archive.reports import ANNUAL
from archive.states import DocumentState

MAJORITY = 0.5
"""Share of the votes that a report year needs not to be doubtful."""

_Reports = Mapping[tuple[int, int | None], Sequence[Evidence]]
_Maybes = Mapping[tuple[int, int | None], Sequence[Maybe]]


def read(connection: Connection, scope: Scope, years: Iterable[int], today: date) -> Coverage:
    """The state of every cell of a scope.

    Args:
        connection: one snapshot of an archive.
        scope: whose cells.
        years: report years.
        today: the day in China: what is due by then is owed.

    Raises:
        UsageError: the archive has no roster, nobody in it fits, or no years are named.
    """
    wanted = tuple(sorted(set(years)))
    if not wanted:
        raise UsageError("name the years to be covered")
    scope, found = members(connection, scope)
    on = portals(connection, found)
    codes = {member.code for member in found if member.code is not None}
    held = coverage_held.held(connection, codes, on, wanted, today)
    match = _Matching(found)
    reports, beyond = match.reports(held.publishers)
    quarantined, of_nobody = match.maybes(held.quarantined)
    unsure, unsure_of_nobody = match.maybes(held.unsure)
    looked = Looked(
        coverage_looked.searched(connection, on, wanted),
        coverage_looked.groups((publisher.portal_key, publisher.level) for publisher in held.publishers),
        _unjudged(held, [*of_nobody, *unsure_of_nobody]),
        today,
    )
    judge = _Judge(reports, quarantined, unsure, looked)
    rows = [judge.row(number, member, wanted) for number, member in enumerate(found)]
    places = [
        _place(some[0][0], tuple(row for _, row in some))
        for some in (
            list(group) for _, group in groupby(zip(found, rows, strict=True), key=lambda pair: pair[0].place)
        )
    ]
    return Coverage(
        years=wanted,
        today=today,
        places=tuple(places),
        counts=count([cell for row in rows for cell in row.cells if cell is not None]),
        strangers=_strangers(connection, beyond) if scope.whole_places else (),
        unassigned=tuple(evidence for _, evidence in held.unassigned) if scope.whole_places else (),
    )


def _place(member: Member, rows: tuple[Row, ...]) -> Place:
    return Place(
        place=member.place,
        name=member.place_name or member.place,
        province=member.province,
        city=member.city,
        county=member.county,
        portal_key=member.portal_key,
        counts=count([cell for row in rows for cell in row.cells if cell is not None]),
        rows=rows,
    )


def _strangers(
    connection: Connection, beyond: Sequence[tuple[Publisher, bool, list[Evidence]]]
) -> tuple[Stranger, ...]:
    """Publishers whose reports have no cell, but for those whose cells were not asked for."""
    unmatched = [publisher.number for publisher, has_cells, _ in beyond if not has_cells]
    elsewhere = coverage_held.in_roster(connection, unmatched) if unmatched else set()
    strangers = (
        Stranger(
            portal_key=publisher.portal_key,
            name=publisher.name,
            code=publisher.code,
            level=publisher.level,
            why="outside of its years in the roster" if has_cells else "not in the roster",
            reports=tuple(sorted(reports, key=lambda one: (one.year or 0, one.report_id), reverse=True)),
        )
        for publisher, has_cells, reports in beyond
        if has_cells or publisher.number not in elsewhere
    )
    return tuple(sorted(strangers, key=lambda one: (one.portal_key, one.code or "", one.name)))


def _unjudged(held: Held, of_nobody: Iterable[Maybe]) -> dict[tuple[str, int | None], int]:
    """Portal and year → things that may be the report of anybody there."""
    number: dict[tuple[str, int | None], int] = defaultdict(int)
    for maybe in of_nobody:
        number[maybe.portal_key, maybe.year] += 1
    for portal_key, evidence in held.unassigned:
        number[portal_key, coverage_held.guessed(evidence).year] += 1
    return number


class _Matching:
    """Whose reports they are: by code anywhere, by name only on the body's own portal."""

    def __init__(self, found: Sequence[Member]) -> None:
        self._members = found
        self._by_code: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, member in enumerate(found):
            if member.code is not None:
                self._by_code[member.code].append(number)
            if member.portal_key is not None:
                self._by_name[member.portal_key, member.name].append(number)

    def _rows(self, code: str | None, name: str, portal_key: str) -> list[int]:
        if code is not None:
            return self._by_code.get(code, [])
        return self._by_name.get((portal_key, name), [])

    def _row(self, rows: Sequence[int], year: int | None) -> int | None:
        """The one that owes a report of the year; of successive names the last for a report of no known year."""
        if year is None:
            return rows[-1] if rows else None
        owing = [number for number in rows if self._members[number].owes(year)]
        return owing[-1] if owing else None

    def reports(
        self, publishers: Iterable[Publisher]
    ) -> tuple[_Reports, list[tuple[Publisher, bool, list[Evidence]]]]:
        """Reports by row and year; and by publisher those without a cell, with whether the publisher has cells."""
        cells: dict[tuple[int, int | None], list[Evidence]] = defaultdict(list)
        without = []
        for publisher in publishers:
            rows = self._rows(publisher.code, publisher.name, publisher.portal_key)
            beyond: list[Evidence] = []
            for evidence in publisher.reports:
                number = self._row(rows, evidence.year)
                if number is None:
                    beyond.append(evidence)
                else:
                    cells[number, evidence.year].append(evidence)
            if beyond:
                without.append((publisher, bool(rows), beyond))
        return cells, without

    def maybes(self, maybes: Iterable[Maybe]) -> tuple[_Maybes, list[Maybe]]:
        """Undecided things by row and year, and those of nobody knows whom."""
        cells: dict[tuple[int, int | None], list[Maybe]] = defaultdict(list)
        nobody = []
        for maybe in maybes:
            if not maybe.publishers:
                nobody.append(maybe)
            for code, name in maybe.publishers:
                number = self._row(self._rows(code, name, maybe.portal_key), maybe.year)
                if number is not None:
                    cells[number, maybe.year].append(maybe)
        return cells, nobody


class _Judge:
    """Decides about cells, the surest evidence first."""

    def __init__(self, reports: _Reports, quarantined: _Maybes, unsure: _Maybes, looked: Looked) -> None:
        self._reports, self._quarantined, self._unsure = reports, quarantined, unsure
        self._looked = looked

    def row(self, number: int, member: Member, years: Sequence[int]) -> Row:
        """One body with its cells."""
        loose = tuple(self._reports.get((number, None), ()))
        cells = tuple(
            self._cell(number, member, year, loose) if member.owes(year) else None for year in years
        )
        return Row(
            body=member.body,
            code=member.code,
            name=member.name,
            level=member.level,
            kind=member.kind,
            place=member.place,
            valid_from=member.valid_from,
            valid_to=member.valid_to,
            dropped=member.dropped,
            cells=cells,
            undated_year=loose,
        )

    def _cell(self, number: int, member: Member, year: int, loose: Sequence[Evidence]) -> Cell:
        key = (number, year)
        held = tuple(maybe.number for maybe in self._quarantined.get(key, ()))
        if found := self._reports.get(key):
            return _published(year, found, held)
        if held:
            first = self._quarantined[key][0]
            return Cell(
                year=year,
                state=CellState.QUARANTINED,
                reason=f"in quarantine since {first.since:%Y-%m-%d}: {first.words}",
                since=first.since,
                quarantine_ids=held,
            )
        if unsure := self._unsure.get(key):
            return Cell(
                year=year,
                state=CellState.DOUBTFUL,
                reason=f"a document there is unsure: {unsure[0].words}",
                since=unsure[0].since,
                document_ids=tuple(maybe.number for maybe in unsure),
            )
        for evidence in loose:
            if coverage_held.guessed(evidence).year == year:
                return Cell(
                    year=year,
                    state=CellState.DOUBTFUL,
                    reason=f"report {evidence.report_id} names no year; published {evidence.published}",
                    reports=(evidence,),
                )
        return self._looked.empty(member.portal_key, member.home_url, member.level, year)


_BY_TIMELINESS = {
    Timeliness.ON_TIME: CellState.ON_TIME,
    Timeliness.LATE: CellState.LATE,
    Timeliness.UNKNOWN: CellState.UNDATED,
}
_RANK = {Timeliness.ON_TIME: 0, Timeliness.LATE: 1, Timeliness.UNKNOWN: 2}


def _published(year: int, found: Sequence[Evidence], quarantined: tuple[int, ...]) -> Cell:
    """The cell of a body with reports. The public report decides; the one to the congress only where it is alone."""
    ordered = sorted(found, key=_order)
    first = ordered[0]
    state, reason = _judged(first)
    if first.kind != ANNUAL:
        reason += f"; only as {first.kind}, no public annual report"
    if len(ordered) > 1:
        reason += f"; {len(ordered)} reports"
    gone = first.state in {DocumentState.GONE, DocumentState.WITHDRAWN}
    return Cell(
        year=year,
        state=state,
        reason=reason,
        timeliness=first.timeliness,
        reports=tuple(ordered),
        since=first.gone_since if gone else None,
        quarantine_ids=quarantined,
    )


def _order(evidence: Evidence) -> tuple[bool, bool, bool, int, bool, date, int]:
    return (
        evidence.kind != ANNUAL,
        evidence.state in {DocumentState.GONE, DocumentState.WITHDRAWN},
        _is_doubtful(evidence),
        _RANK[evidence.timeliness],
        evidence.position > 0,
        evidence.published or date.max,
        evidence.report_id,
    )


def _is_doubtful(evidence: Evidence) -> bool:
    return evidence.year_confidence is not None and evidence.year_confidence < MAJORITY


def _judged(evidence: Evidence) -> tuple[CellState, str]:
    when = f"published {evidence.published}" if evidence.published else "no date of publication"
    if evidence.state == DocumentState.WITHDRAWN:
        return (
            CellState.WITHDRAWN,
            f"{when}; {_seen(evidence)}; withdrawn{_since(evidence)}, no column lists it any more",
        )
    if evidence.state == DocumentState.GONE:
        return (
            CellState.GONE,
            f"{when}; {_seen(evidence)}; its address answers that it is gone{_since(evidence)}",
        )
    if _is_doubtful(evidence):
        return (
            CellState.DOUBTFUL,
            f"{when}; the year {evidence.year} has {evidence.year_confidence:.0%} of the votes",
        )
    if evidence.published and evidence.timeliness is Timeliness.UNKNOWN:
        when = f"the printed date {evidence.published} cannot be"
    if evidence.timeliness is Timeliness.ON_TIME and not evidence.published:
        when = f"no date of publication, but seen on {evidence.first_seen:%Y-%m-%d}"
    if evidence.position > 0:
        return CellState.JOINT, f"{when}; joint report with {'、'.join(evidence.joint_with)}"
    if evidence.joint_with:
        when += f"; joint report with {'、'.join(evidence.joint_with)}"
    return _BY_TIMELINESS[evidence.timeliness], when


def _seen(evidence: Evidence) -> str:
    return f"seen {evidence.first_seen:%Y-%m-%d} to {evidence.last_seen:%Y-%m-%d}"


def _since(evidence: Evidence) -> str:
    return f" since {evidence.gone_since:%Y-%m-%d}" if evidence.gone_since else ""


def with_state(coverage: Coverage, states: frozenset[CellState]) -> Coverage:
    """The same with only the rows that have a cell in one of the states; the counts stay those of all."""
    places = []
    for place in coverage.places:
        rows = tuple(
            row for row in place.rows if any(cell is not None and cell.state in states for cell in row.cells)
        )
        if rows:
            places.append(replace(place, rows=rows))
    return replace(coverage, places=tuple(places))
