"""How fresh each portal is: what the archive says about its last crawls, its roster, its troubles.

One set query per table, however many portals and however long their history: 3,215 portals with ten seasons of runs are
read in a fraction of a second (benchmarks/scheduler.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import freshness_columns, schema, views
from archive.database import reading
from archive.leases import is_dead
from archive.records import RunState
from archive.states import OPEN
from archive.visits import NOT_CRAWLS, UNFINISHED, VisitState

_b = views.bodies.c
_WELL = (RunState.COMPLETE, RunState.NOTHING)
_BAD_VISITS = (VisitState.FAILED, VisitState.OVERTIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawls:
    """A portal's crawls, whoever asked for them."""

    run_id: int
    """The newest."""
    state: RunState
    started: datetime
    finished: datetime | None
    summary: str | None
    outcomes: Mapping[str, int]
    """Answers of the newest by outcome; only of one that could not read the portal."""
    well: datetime | None
    """When the newest began that read the portal completely."""
    failures: int
    """Crawls since then, or ever, that did not."""
    partial: int
    """Of these, those that read a part."""
    failing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """A portal's visits by the service."""

    visit_id: int
    """The newest."""
    state: VisitState
    due: datetime
    launched: datetime
    after_run_id: int
    run_id: int | None
    runless: int
    """Newest visits in a row of which no run came: bad site file, archive away, killed before it began."""
    runless_since: datetime | None
    returned: int
    """Newest visits in a row that were handed back or lost."""
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Who must report on a portal, and who did for a season."""

    expected: int
    reported: int

    @property
    def complete(self) -> bool:
        """True if nobody is missing."""
        return self.expected > 0 and self.reported >= self.expected


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the archive says about all portals at a moment, each mapping by the portal's key."""

    report_year: int
    crawls: Mapping[str, Crawls] = field(default_factory=dict)
    visits: Mapping[str, Visits] = field(default_factory=dict)
    busy: Mapping[str, str] = field(default_factory=dict)
    """Portals under way, with the owner."""
    reports: Mapping[str, int] = field(default_factory=dict)
    """Reports on the report year."""
    rolls: Mapping[str, Roll] = field(default_factory=dict)
    """From the roster table; empty where it is not filled."""
    reported_codes: Mapping[str, int] = field(default_factory=dict)
    """Division code of a county → its streets and towns with a report on the year, wherever it stands."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """Readings in quarantine that wait."""
    lost_columns: Mapping[str, int] = field(default_factory=dict)
    """Columns that listed reports and no longer stand where they stood."""
    emptied_columns: Mapping[str, int] = field(default_factory=dict)
    """Columns that listed reports and where more than one crawl has found no row of anything since."""


def facts(engine: Engine, *, report_year: int, now: datetime) -> Facts:
    """Reads what due-ness and incidents are computed from, in one snapshot.

    Args:
        engine: An open archive.
        report_year: The year whose reports are expected.
        now: The moment; leases that ended before it hold nobody.
    """
    with reading(engine) as connection:
        keys = _keys(connection)
        return Facts(
            report_year=report_year,
            crawls=_crawls(connection, keys),
            visits=_visits(connection),
            busy=_busy(connection, keys, now),
            reports=_reports(connection, keys, report_year),
            rolls=_rolls(connection, report_year),
            reported_codes=_reported_codes(connection, report_year),
            waiting=_waiting(connection, keys),
            lost_columns=freshness_columns.lost(connection, keys),
            emptied_columns=freshness_columns.emptied(connection, keys),
        )


def _keys(connection: Connection) -> dict[int, str]:
    return {row.id: row.key for row in connection.execute(sa.select(schema.portal.c.id, schema.portal.c.key))}


@cache
def _crawls_query() -> sa.Select[Any]:
    portal, run = schema.portal, schema.run
    tried, since = run.alias("tried"), run.alias("since")

    def newest(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
        # ORDER BY … LIMIT 1 and not max(): with further conditions only this walks the index from its end.
        return (
            sa.select(tried.c.id)
            .where(tried.c.portal_id == portal.c.id, tried.c.trigger.not_in(NOT_CRAWLS), *conditions)
            .order_by(tried.c.id.desc())
            .limit(1)
            .correlate(portal)
            .scalar_subquery()
        )

    ends = (
        sa.select(
            portal.c.id.label("portal_id"),
            newest().label("last_id"),
            sa.func.coalesce(newest(tried.c.state.in_(_WELL)), 0).label("well_id"),
        )
        .select_from(portal)
        .cte("ends")
    )
    last, well = run.alias("last"), run.alias("well")
    bad = (
        sa.select(
            ends.c.portal_id,
            sa.func.count().label("failures"),
            sa.func.sum(sa.case((since.c.state == RunState.PARTIAL, 1), else_=0)).label("partial"),
            sa.func.min(since.c.started).label("failing_since"),
        )
        .select_from(
            ends.join(since, sa.and_(since.c.portal_id == ends.c.portal_id, since.c.id > ends.c.well_id))
        )
        .where(since.c.trigger.not_in(NOT_CRAWLS), since.c.state != RunState.RUNNING)
        .group_by(ends.c.portal_id)
        .cte("bad")
    )
    return sa.select(
        ends.c.portal_id,
        last.c.id,
        last.c.state,
        last.c.started,
        last.c.finished,
        last.c.summary,
        sa.case((last.c.state == RunState.BLOCKED, last.c.counters), else_=None).label("counters"),
        well.c.started.label("well"),
        bad.c.failures,
        bad.c.partial,
        sa.type_coerce(bad.c.failing_since, run.c.started.type).label("failing_since"),
    ).select_from(
        ends.join(last, last.c.id == ends.c.last_id)
        .outerjoin(well, well.c.id == ends.c.well_id)
        .outerjoin(bad, bad.c.portal_id == ends.c.portal_id)
    )


def _crawls(connection: Connection, keys: Mapping[int, str]) -> dict[str, Crawls]:
    return {
        keys[row.portal_id]: Crawls(
            run_id=row.id,
            state=RunState(row.state),
            started=row.started,
            finished=row.finished,
            summary=row.summary,
            outcomes=(row.counters or {}).get("outcomes", {}),
            well=row.well,
            failures=row.failures or 0,
            partial=row.partial or 0,
            failing_since=row.failing_since,
        )
        for row in connection.execute(_crawls_query())
    }


@cache
def _visits_query() -> sa.Select[Any]:
    visit = schema.visit
    newer, other = visit.alias("newer"), visit.alias("other")
    # From key to key through the index: GROUP BY would read each of the 2.5 million visits of ten seasons.
    keys = sa.select(sa.func.min(visit.c.portal_key).label("key")).cte("keys", recursive=True)
    following = visit.alias("following")
    keys = keys.union_all(
        sa.select(
            sa.select(sa.func.min(following.c.portal_key))
            .where(following.c.portal_key > keys.c.key)
            .correlate(keys)
            .scalar_subquery()
        ).where(keys.c.key.is_not(None))
    )
    own = visit.alias("own")
    newest = (
        sa.select(
            sa.select(own.c.id)
            .where(own.c.portal_key == keys.c.key)
            .order_by(own.c.id.desc())
            .limit(1)
            .correlate(keys)
            .scalar_subquery()
            .label("id")
        )
        .where(keys.c.key.is_not(None))
        .subquery()
    )

    def last_but(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
        return sa.func.coalesce(
            sa.select(other.c.id)
            .where(other.c.portal_key == visit.c.portal_key, condition)
            .order_by(other.c.id.desc())
            .limit(1)
            .correlate(visit)
            .scalar_subquery(),
            0,
        )

    def since(begin: Any, *conditions: sa.ColumnElement[bool]) -> list[Any]:  # noqa: ANN401
        where = (newer.c.portal_key == visit.c.portal_key, newer.c.id > begin, *conditions)
        return [
            sa.select(what).where(*where).correlate(visit).scalar_subquery()
            for what in (sa.func.count(), sa.func.min(newer.c.launched))
        ]

    runless = since(
        last_but(sa.or_(other.c.run_id.is_not(None), other.c.state.in_([*UNFINISHED, VisitState.RUNNING]))),
        newer.c.state.in_(_BAD_VISITS),
    )
    returned = since(last_but(other.c.state.not_in(UNFINISHED)))
    return sa.select(
        visit.c.portal_key,
        visit.c.id,
        visit.c.state,
        visit.c.due,
        visit.c.launched,
        visit.c.after_run_id,
        visit.c.run_id,
        visit.c.detail,
        runless[0].label("runless"),
        sa.type_coerce(runless[1], visit.c.launched.type).label("runless_since"),
        returned[0].label("returned"),
    ).join(newest, newest.c.id == visit.c.id)


def _visits(connection: Connection) -> dict[str, Visits]:
    return {
        row.portal_key: Visits(
            visit_id=row.id,
            state=VisitState(row.state),
            due=row.due,
            launched=row.launched,
            after_run_id=row.after_run_id,
            run_id=row.run_id,
            runless=row.runless,
            runless_since=row.runless_since,
            returned=row.returned,
            detail=row.detail,
        )
        for row in connection.execute(_visits_query())
    }


def _busy(connection: Connection, keys: Mapping[int, str], now: datetime) -> dict[str, str]:
    lease, visit = schema.lease.c, schema.visit.c
    held = {
        keys[row.portal_id]: row.owner
        for row in connection.execute(sa.select(lease.portal_id, lease.owner).where(lease.expires > now))
        if not is_dead(row.owner)
    }
    ours = connection.execute(
        sa.select(visit.portal_key, visit.owner).where(visit.state == VisitState.RUNNING)
    )
    return {**{row.portal_key: row.owner for row in ours}, **held}


def _reports(connection: Connection, keys: Mapping[int, str], year: int) -> dict[str, int]:
    report = schema.report.c
    query = (
        sa.select(report.portal_id, sa.func.count().label("reports"))
        .where(report.year == year, report.merged_into_id.is_(None))
        .group_by(report.portal_id)
    )
    return {keys[row.portal_id]: row.reports for row in connection.execute(query)}


def _reported(year: int) -> sa.Select[Any]:
    """Codes of the bodies with a report on a year."""
    publisher, report, by = schema.publisher, schema.report, schema.report_publisher
    return (
        sa.select(publisher.c.code)
        .join(by, by.c.publisher_id == publisher.c.id)
        .join(report, report.c.id == by.c.report_id)
        .where(report.c.year == year, publisher.c.code.is_not(None))
        .distinct()
    )


def _on_roll(year: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Bodies that had to report on a year; those without a code cannot be told from their reports."""
    return (
        _b.code.is_not(None),
        _b.dropped.is_(None),
        sa.or_(_b.valid_from.is_(None), _b.valid_from <= date(year, 12, 31)),
        sa.or_(_b.valid_to.is_(None), _b.valid_to >= date(year, 12, 31)),
    )


def _rolls(connection: Connection, year: int) -> dict[str, Roll]:
    reported = _reported(year).cte("reported")
    query = (
        sa.select(
            _b.portal_key,
            sa.func.count(sa.distinct(_b.code)).label("expected"),
            sa.func.count(sa.distinct(reported.c.code)).label("reported"),
        )
        .select_from(views.bodies.outerjoin(reported, reported.c.code == _b.code))
        .where(*_on_roll(year), _b.portal_key.is_not(None))
        .group_by(_b.portal_key)
    )
    return {
        row.portal_key: Roll(expected=row.expected, reported=row.reported)
        for row in connection.execute(query)
    }


def _reported_codes(connection: Connection, year: int) -> dict[str, int]:
    codes = _reported(year).where(sa.func.length(schema.publisher.c.code) == 9).subquery()
    county = sa.func.substr(codes.c.code, 1, 6)
    query = sa.select(county.label("county"), sa.func.count().label("reported")).group_by(county)
    return {row.county: row.reported for row in connection.execute(query)}


def _waiting(connection: Connection, keys: Mapping[int, str]) -> dict[str, int]:
    held = schema.quarantine.c
    query = (
        sa.select(held.portal_id, sa.func.count().label("waiting"))
        .where(held.state.in_(OPEN))
        .group_by(held.portal_id)
    )
    return {keys[row.portal_id]: row.waiting for row in connection.execute(query)}
