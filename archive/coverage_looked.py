"""What was searched and when: the runs of the portals of a scope, and what an empty cell means by them.

That a site lists none is said only of what was looked for everywhere, after the deadline, by a run that found its
columns and agreed with the site's own totals. Every other emptiness has another name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema
from archive.coverage_cells import Cell, CellState, deadline
from archive.coverage_held import CHINA, batches
from archive.planning import REREADING
from archive.records import FrontierKind, How, Outcome, RunState
from archive.terminal import counted
from archive.transaction import AnyRow

READ = (RunState.COMPLETE, RunState.PARTIAL, RunState.NOTHING)
"""Ends of a run that read something of the portal."""
WHOLE = (RunState.COMPLETE, RunState.NOTHING)
"""Ends of a run that read all that the site lists."""
BROKEN = (RunState.FAILED, RunState.ABANDONED)
"""Ends of a run that say nothing of the portal."""
RECORDED = ("import", "replay")
"""Triggers of runs that asked nobody: their pages are of another day, and who blocked them is no portal."""
NO_SEARCH = (REREADING, "probe")
"""Triggers of runs that looked for no report of anybody."""
REFUSING = (
    Outcome.CHALLENGE,
    Outcome.FORBIDDEN,
    Outcome.RATE_LIMITED,
    Outcome.UNREACHABLE,
    Outcome.TIMEOUT,
    Outcome.ROBOTS,
    Outcome.HTTP_ERROR,
    Outcome.ERROR_BODY,
    Outcome.FOREIGN,
    Outcome.MOVED,
)
"""Outcomes that tell how a portal is blocked."""
GROUPS = {
    "street": "a street or town",
    "town": "a street or town",
    "zone": "a zone",
    "department": "a department",
    "province": "the government itself",
    "city": "the government itself",
    "county": "the government itself",
}
"""Levels whose reports stand in the same columns, in words."""

_PORTALS: sa.BindParameter[Any] = sa.bindparam("portals", expanding=True)
_run, _po, _f = schema.run.c, schema.portal.c, schema.frontier.c


@dataclass(frozen=True, slots=True)
class Run:
    """One run that a finding rests on."""

    run_id: int
    state: RunState
    started: datetime
    columns: int
    pages: int
    rows: int
    stated_empty: bool
    """The site itself states that a column has no rows."""
    trouble: str
    """What went wrong most, if anything did."""
    summary: str


@dataclass(frozen=True, slots=True)
class Blockade:
    """Runs in a row that could not read a portal."""

    runs: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Searched:
    """What was done on one portal."""

    tried: int
    """Runs that read something."""
    tried_since: Mapping[int, int]
    """Year → how many of them began after its deadline."""
    broken: int
    """Runs that ended by an error of ours."""
    whole: Run | None
    """The last one that read all that the site lists."""
    read: Run | None
    """The last one that read anything."""
    last: Run | None
    """The last one that tells anything of the portal."""
    blockade: Blockade | None
    declared: bool
    """A column that a person declared and did not doubt was read."""


_NOTHING = Searched(0, {}, 0, None, None, None, None, declared=False)


class Looked:
    """Answers what an empty cell means.

    Args:
        portals: Portal key → what was done there.
        groups: Portal key → groups of bodies of which a report was ever read there.
        unjudged: Portal key and year → what there may be the report of anybody.
        today: The day in China.
    """

    def __init__(
        self,
        portals: Mapping[str, Searched],
        groups: Mapping[str, Collection[str]],
        unjudged: Mapping[tuple[str, int | None], int],
        today: date,
    ) -> None:
        self._portals, self._groups, self._unjudged, self._today = portals, groups, unjudged, today
        self._known: dict[tuple[str | None, bool, str, int], Cell] = {}

    def empty(self, portal_key: str | None, home_url: str | None, level: str, year: int) -> Cell:
        """The cell of a body of which there is nothing."""
        key = (portal_key, home_url is None, GROUPS.get(level, level), year)
        cell = self._known.get(key)
        if cell is None:
            cell = self._known[key] = self._empty(portal_key, home_url, level, year)
        return cell

    def _empty(self, portal_key: str | None, home_url: str | None, level: str, year: int) -> Cell:
        searched = _NOTHING if portal_key is None else self._portals.get(portal_key, _NOTHING)
        cell = self._owed(searched, portal_key, home_url, level, year)
        if deadline(year) < self._today:
            return cell
        return Cell(
            year=year,
            state=CellState.NOT_DUE,
            reason=f"due by {deadline(year)}; so far: {cell.reason}",
            run_id=cell.run_id,
            since=cell.since,
        )

    def _owed(
        self, searched: Searched, portal_key: str | None, home_url: str | None, level: str, year: int
    ) -> Cell:
        whole = searched.whole
        why_not = None if whole is None else self._inconclusive(searched, whole, portal_key, level, year)
        if whole is not None and why_not is None:
            return _cell(year, CellState.SAYS_NONE, _says_none(whole, searched), whole)
        if searched.blockade is not None and searched.last is not None:
            return _blocked(year, searched.blockade, searched.last)
        if searched.read is not None:
            return _not_found(year, searched, searched.read, why_not)
        return Cell(year=year, state=CellState.NEVER_TRIED, reason=_untried(searched, portal_key, home_url))

    def _inconclusive(
        self, searched: Searched, whole: Run, portal_key: str | None, level: str, year: int
    ) -> str | None:
        """Why a run that read all that the site lists does not tell that it lists no such report."""
        if whole.started.astimezone(CHINA).date() <= deadline(year):
            return f"the last one that read all that the site lists, run {_named(whole)}, was before the deadline"
        group = GROUPS.get(level, level)
        if not searched.declared and group not in self._groups.get(portal_key or "", ()):
            return f"run {_named(whole)} read all that it found, but no column there ever gave a report of {group}"
        doubtful = self._unjudged.get((portal_key or "", year), 0) + self._unjudged.get(
            (portal_key or "", None), 0
        )
        if doubtful:
            return (
                f"run {_named(whole)} read all that the site lists, but of {counted(doubtful, 'document')} there "
                "nobody knows whose they are"
            )
        return None


def _says_none(whole: Run, searched: Searched) -> str:
    words = f"run {_named(whole)} read all that the site lists ({_extent(whole)}) and it is not there"
    if whole.stated_empty:
        words += "; the site itself states that a column has 0 rows"
    if searched.blockade is not None:
        words += f"; blocked since {_day(searched.blockade.since)}"
    return words


def _blocked(year: int, blockade: Blockade, last: Run) -> Cell:
    runs = "1 run" if blockade.runs == 1 else f"{blockade.runs} runs in a row"
    kind = f"{last.trouble}, " if last.trouble else ""
    words = f"since {_day(blockade.since)}, {runs}: {kind}{last.summary or 'nothing could be read'}"
    return Cell(year=year, state=CellState.BLOCKED, reason=words, run_id=last.run_id, since=blockade.since)


def _not_found(year: int, searched: Searched, read: Run, why_not: str | None) -> Cell:
    after = searched.tried_since.get(year, 0)
    times = f"{counted(after, 'run')} since the deadline"
    if after < searched.tried:
        times += f", {searched.tried} in all"
    words = f"{times}; the last, {_named(read)}, {_extent(read)}: {read.summary or read.state}"
    return _cell(year, CellState.NOT_FOUND, words if why_not is None else f"{words}; {why_not}", read)


def _untried(searched: Searched, portal_key: str | None, home_url: str | None) -> str:
    if searched.broken:
        return f"{counted(searched.broken, 'run')} of {portal_key} ended by an error before the end"
    if portal_key is None:
        return "no portal is known on which it publishes"
    if home_url is None:
        return f"the address of the portal {portal_key} is not known"
    return f"the portal {portal_key} was never crawled"


def _cell(year: int, state: CellState, words: str, run: Run) -> Cell:
    return Cell(year=year, state=state, reason=words, run_id=run.run_id, since=run.started)


def _named(run: Run) -> str:
    return f"{run.run_id} of {_day(run.started)}"


def _extent(run: Run) -> str:
    if not run.columns:
        return "no column found"
    return ", ".join(
        counted(number, what)
        for number, what in ((run.columns, "column"), (run.pages, "list page"), (run.rows, "row"))
    )


def _day(moment: datetime) -> str:
    return moment.astimezone(CHINA).date().isoformat()


# -- the questions ----------------------------------------------------------------------------------


def searched(connection: Connection, portals: Collection[int], years: Sequence[int]) -> dict[str, Searched]:
    """Portal key → what was done there."""
    on = {"portals": list(portals)}
    counted = connection.execute(_counted(years), on).all()
    wanted = {number for row in counted for number in (row.whole, row.read, row.last) if number is not None}
    runs = {run.run_id: run for run in _runs(connection, wanted)}
    streaks = {row.portal_id: Blockade(row.runs, row.since) for row in connection.execute(_BLOCKED_NOW, on)}
    declared = set(connection.execute(_DECLARED, on).scalars())
    return {
        row.key: Searched(
            tried=row.tried,
            tried_since={year: getattr(row, f"since_{year}") for year in years},
            broken=row.broken,
            whole=runs.get(row.whole),
            read=runs.get(row.read),
            last=runs.get(row.last),
            blockade=streaks.get(row.id),
            declared=row.id in declared,
        )
        for row in counted
    }


def groups(levels: Iterable[tuple[str, str | None]]) -> dict[str, set[str]]:
    """Portal key → groups of bodies, from portals and levels of publishers."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, level in levels:
        if level is not None:
            found[key].add(GROUPS.get(level, level))
    return found


def _counted(years: Sequence[int]) -> sa.Select[Any]:
    """A row for each portal: how many runs there were, and the last of each kind."""
    read = _run.state.in_(READ)
    narrowed = sa.cast(_run.options, sa.String).like('%"narrowed"%')
    whole = sa.and_(_run.state.in_(WHOLE), _run.trigger.not_in(RECORDED), ~narrowed)
    blocked = sa.and_(_run.state == RunState.BLOCKED, _run.trigger.not_in(RECORDED))

    def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)

    def newest(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.max(sa.case((condition, _run.id)))

    after = (
        number(sa.and_(read, _run.started >= first_moment(year))).label(f"since_{year}") for year in years
    )
    return (
        sa.select(
            _po.id,
            _po.key,
            number(read).label("tried"),
            number(_run.state.in_(BROKEN)).label("broken"),
            newest(whole).label("whole"),
            newest(read).label("read"),
            newest(sa.or_(read, blocked)).label("last"),
            *after,
        )
        .select_from(schema.run)
        .join(schema.portal, _po.id == _run.portal_id)
        .where(_run.portal_id.in_(_PORTALS), _run.trigger.not_in(NO_SEARCH))
        .group_by(_po.id, _po.key)
    )


def first_moment(year: int) -> datetime:
    """The first moment after the deadline of a year."""
    return datetime.combine(deadline(year) + timedelta(days=1), time(), CHINA).astimezone(UTC)


def _runs(connection: Connection, numbers: Collection[int]) -> Iterable[Run]:
    query = sa.select(_run.id, _run.state, _run.started, _run.counters, _run.summary).where(
        _run.id.in_(sa.bindparam("ids", expanding=True))
    )
    for some in batches(sorted(numbers)):
        for row in connection.execute(query, {"ids": some}):
            yield _as_run(row)


def _as_run(row: AnyRow) -> Run:
    counters: Mapping[str, Any] = row.counters or {}
    columns: Sequence[Mapping[str, Any]] = counters.get("columns") or ()
    outcomes: Mapping[str, int] = counters.get("outcomes") or {}
    refused = sorted((kind for kind in REFUSING if outcomes.get(kind)), key=lambda kind: -outcomes[kind])
    return Run(
        run_id=row.id,
        state=RunState(row.state),
        started=row.started,
        columns=len(columns),
        pages=sum(int(column.get("pages_read") or 0) for column in columns),
        rows=sum(int(column.get("rows_read") or 0) for column in columns),
        stated_empty=any(column.get("rows_stated") == 0 for column in columns),
        trouble=refused[0].value if refused else "",
        summary=row.summary or "",
    )


_earlier = schema.run.alias("earlier")
_last_read = (
    sa.select(sa.func.max(_earlier.c.id))
    .where(
        _earlier.c.portal_id == _run.portal_id,
        _earlier.c.state.in_(READ),
        _earlier.c.trigger.not_in((*RECORDED, *NO_SEARCH)),
    )
    .correlate(schema.run)
    .scalar_subquery()
)
_BLOCKED_NOW = (
    sa.select(_run.portal_id, sa.func.count().label("runs"), sa.func.min(_run.started).label("since"))
    .where(
        _run.portal_id.in_(_PORTALS),
        _run.state == RunState.BLOCKED,
        _run.trigger.not_in((*RECORDED, *NO_SEARCH)),
        _run.id > sa.func.coalesce(_last_read, 0),
    )
    .group_by(_run.portal_id)
)
"""Portals whose last runs were all blocked: how many, and when the first of them began."""
_DECLARED = (
    sa.select(_f.portal_id)
    .where(
        _f.portal_id.in_(_PORTALS),
        _f.kind == FrontierKind.COLUMN,
        _f.how == How.DECLARED,
        _f.last_outcome.in_([Outcome.OK, Outcome.NOT_MODIFIED]),
        sa.or_(_f.reason.is_(None), _f.reason.not_like("%not confirmed%")),
    )
    .distinct()
)
"""Portals of which a column was read that a person declared without doubt."""
