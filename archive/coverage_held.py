"""What the archive holds for the bodies of a scope: reports, unsure documents, readings in quarantine.

A few set queries for the whole scope, none for a single cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema
from archive.coverage_cells import Evidence, Timeliness, deadline, opening
from archive.records import FrontierKind, Verdict
from archive.states import OPEN, DocumentState
from archive.transaction import AnyRow

CHINA = timezone(timedelta(hours=8))
"""The deadline is a day in China."""
_BATCH = 5_000
"""Numbers in one statement; SQLite takes 32,766."""
_STANDING = {DocumentState.LIVE: 0, DocumentState.MOVED: 1, DocumentState.GONE: 2, DocumentState.WITHDRAWN: 3}
"""Which of a report's documents stands for it. One that moved stands elsewhere."""

_T = TypeVar("_T")
_PORTALS: sa.BindParameter[Any] = sa.bindparam("portals", expanding=True)
_p, _rp, _r, _d = schema.publisher.c, schema.report_publisher.c, schema.report.c, schema.document.c
_v, _e, _q, _f, _po = (
    schema.version.c,
    schema.extraction.c,
    schema.quarantine.c,
    schema.frontier.c,
    schema.portal.c,
)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Somebody who issued a report, with the reports."""

    code: str | None
    name: str
    level: str | None
    portal_key: str
    number: int
    reports: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Maybe:
    """Something of which nobody knows yet whether it is a report: in quarantine, or unsure."""

    number: int
    """Of the quarantine row, or of the document."""
    portal_key: str
    publishers: tuple[tuple[str | None, str], ...]
    """Codes and names as read."""
    year: int | None
    """As read; else by the date of publication."""
    since: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Held:
    """What the archive holds for a scope."""

    publishers: Sequence[Publisher]
    quarantined: Sequence[Maybe]
    unsure: Sequence[Maybe]
    unassigned: Sequence[tuple[str, Evidence]]
    """Reports of nobody knows whom, each with the key of its portal."""


def held(
    connection: Connection,
    codes: Collection[str],
    portals: Mapping[int, str],
    years: Sequence[int],
    today: date,
) -> Held:
    """Everything that speaks for a cell of these years, or may.

    Args:
        connection: one snapshot of an archive.
        codes: of the bodies, wherever they reported.
        portals: ids and keys of the portals on which they publish: all that reported there.
        years: report years.
        today: the day in China.
    """
    rows = _publishers(connection, codes, portals)
    reports = _reports(connection, sorted(rows), years, today)
    on = {"portals": list(portals)}
    return Held(
        publishers=[
            Publisher(row.code, row.name, row.level, row.key, number, tuple(reports.get(number, ())))
            for number, row in rows.items()
        ],
        quarantined=[_maybe(row) for row in connection.execute(_QUARANTINED, on)],
        unsure=[_maybe(row) for row in connection.execute(_UNSURE, on)],
        unassigned=_unassigned(connection, portals, years, today),
    )


def in_roster(connection: Connection, numbers: Sequence[int]) -> set[int]:
    """Those of these publishers whose code the roster has, or whose name on their portal, in whatever scope."""
    known, place = schema.roster.alias("known"), schema.roster_place.alias("place")
    by_code = sa.exists().where(known.c.body == _p.code)
    by_name = sa.exists().where(
        known.c.place == place.c.place, place.c.portal_key == _po.key, known.c.name == _p.name
    )
    query = (
        sa.select(_p.id)
        .join(schema.portal, _po.id == _p.portal_id)
        .where(
            _p.id.in_(sa.bindparam("ids", expanding=True)),
            sa.case((_p.code.is_not(None), by_code), else_=by_name),
        )
    )
    return {row.id for some in batches(numbers) for row in connection.execute(query, {"ids": some})}


def season_of(published: date) -> int:
    """The year that a report published on a day is about: December counts for its own year."""
    return published.year if published.month == 12 else published.year - 1


def judged(published: date | None, seen: datetime, year: int | None, today: date) -> Timeliness:
    """A report against the deadline of its year.

    A printed date counts if it can be: not before the first December, not after today. Where it does not, a report
    that was seen in time was published in time.
    """
    if year is None:
        return Timeliness.UNKNOWN
    last = deadline(year)
    if published is not None and opening(year) <= published <= today:
        return Timeliness.ON_TIME if published <= last else Timeliness.LATE
    if seen.astimezone(CHINA).date() <= last:
        return Timeliness.ON_TIME
    return Timeliness.UNKNOWN


# -- reports ----------------------------------------------------------------------------------------


def _publishers(
    connection: Connection, codes: Collection[str], portals: Mapping[int, str]
) -> dict[int, AnyRow]:
    """Publishers with these codes, wherever they reported, and all that reported on these portals."""
    columns = sa.select(_p.id, _p.code, _p.name, _p.level, _po.key).join(
        schema.portal, _po.id == _p.portal_id
    )
    coded = columns.where(_p.code.in_(sa.bindparam("codes", expanding=True)))
    beside = columns.where(_p.portal_id.in_(_PORTALS))
    found = {row.id: row for row in connection.execute(beside, {"portals": list(portals)})}
    for some in batches(sorted(codes)):
        found.update((row.id, row) for row in connection.execute(coded, {"codes": some}))
    return found


def _reports(
    connection: Connection, publisher_ids: Sequence[int], years: Sequence[int], today: date
) -> dict[int, list[Evidence]]:
    """Publisher id → its reports of these years and of no known year."""
    others = schema.report_publisher.alias("others")
    number = sa.select(sa.func.count()).where(others.c.report_id == _r.id).scalar_subquery()
    query = (
        sa.select(_rp.publisher_id, _rp.position, number.label("publishers"), *_ABOUT)
        .select_from(schema.report_publisher)
        .join(schema.report, _r.id == _rp.report_id)
        .join(*_DOCUMENT)
        .outerjoin(*_NEWEST)
        .outerjoin(*_READING)
        .where(_rp.publisher_id.in_(sa.bindparam("ids", expanding=True)), _in_years(connection, years))
        .order_by(_r.id, _rp.publisher_id, _d.id)
    )
    by_key: dict[tuple[int, int], list[AnyRow]] = defaultdict(list)
    for some in batches(publisher_ids):
        for row in connection.execute(query, {"ids": some}):
            by_key[row.report_id, row.publisher_id].append(row)
    joint = {rows[0].report_id for rows in by_key.values() if rows[0].publishers > 1}
    names = _names(connection, joint)
    found: dict[int, list[Evidence]] = defaultdict(list)
    for (report_id, publisher_id), rows in by_key.items():
        others_named = tuple(name for number, name in names.get(report_id, ()) if number != publisher_id)
        found[publisher_id].append(_evidence(rows, today, rows[0].position, others_named))
    return found


def _evidence(
    rows: Sequence[AnyRow], today: date, position: int = 0, joint_with: tuple[str, ...] = ()
) -> Evidence:
    """One report from the rows of its documents."""
    stands = min(rows, key=lambda row: (_STANDING[DocumentState(row.state)], row.document_id))
    first = min(row.first_seen for row in rows)
    return Evidence(
        report_id=stands.report_id,
        kind=stands.kind,
        title=stands.title,
        year=stands.year,
        published=stands.published,
        url=stands.url,
        role=stands.role,
        state=stands.state,
        documents=len(rows),
        first_seen=first,
        last_seen=max(row.last_seen for row in rows),
        gone_since=stands.gone_since,
        year_confidence=stands.year_confidence,
        timeliness=judged(stands.published, first, stands.year, today),
        position=position,
        joint_with=joint_with,
    )


def _names(connection: Connection, report_ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """Report id → ids and names of all its publishers, in printed order."""
    names: dict[int, list[tuple[int, str]]] = defaultdict(list)
    query = (
        sa.select(_rp.report_id, _rp.publisher_id, _p.name)
        .join(schema.publisher, _p.id == _rp.publisher_id)
        .where(_rp.report_id.in_(sa.bindparam("ids", expanding=True)))
        .order_by(_rp.report_id, _rp.position)
    )
    for some in batches(sorted(report_ids)):
        for row in connection.execute(query, {"ids": some}):
            names[row.report_id].append((row.publisher_id, row.name))
    return names


def batches(numbers: Sequence[_T]) -> Iterable[Sequence[_T]]:
    """Values in portions that one statement takes."""
    for start in range(0, len(numbers), _BATCH):
        yield numbers[start : start + _BATCH]


def _in_years(connection: Connection, years: Sequence[int]) -> sa.ColumnElement[bool]:
    year: sa.ColumnElement[int | None] = _r.year
    if connection.dialect.name == "sqlite":
        # It would begin with all reports of the years, tens of thousands, not with the publishers'. The other
        # way round "+ 0" would hide from PostgreSQL how many reports a year has.
        year = _r.year + 0
    return sa.or_(_r.year.is_(None), year.between(min(years), max(years)))


def _unassigned(
    connection: Connection, portals: Mapping[int, str], years: Sequence[int], today: date
) -> list[tuple[str, Evidence]]:
    query = (
        sa.select(_r.portal_id, *_ABOUT)
        .select_from(schema.report)
        .join(*_DOCUMENT)
        .outerjoin(*_NEWEST)
        .outerjoin(*_READING)
        .where(
            sa.literal_column("report.vague"),  # as the partial index has it, else SQLite does not see it
            _r.portal_id.in_(_PORTALS),
            ~sa.exists().where(_rp.report_id == _r.id),
            _in_years(connection, years),
        )
        .order_by(_r.id, _d.id)
    )
    by_report: dict[int, list[AnyRow]] = defaultdict(list)
    for row in connection.execute(query, {"portals": list(portals)}):
        by_report[row.report_id].append(row)
    return [(portals[rows[0].portal_id], _evidence(rows, today)) for rows in by_report.values()]


# -- what is not decided ----------------------------------------------------------------------------


def _maybe(row: AnyRow) -> Maybe:
    year = row.report_year
    if year is None and row.published is not None:
        year = season_of(row.published)
    named = tuple((ref.get("code"), str(ref.get("name"))) for ref in row.publishers or ())
    return Maybe(row.number, row.key, named, year, row.since.astimezone(UTC), row.words or "")


_newer = schema.version.alias("newer")
_number = (
    sa.select(sa.func.max(_newer.c.number))
    .where(_newer.c.document_id == _d.id)
    .correlate(schema.document)
    .scalar_subquery()
)
_DOCUMENT: tuple[Any, Any] = (
    schema.document,
    sa.and_(_d.report_id == _r.id, _d.role != FrontierKind.ANNEX),
)
_NEWEST: tuple[Any, Any] = (schema.version, sa.and_(_v.document_id == _d.id, _v.number == _number))
_READING: tuple[Any, Any] = (schema.extraction, _e.id == _v.extraction_id)
_ABOUT = (
    _r.id.label("report_id"),
    _r.kind,
    _r.title,
    _r.year,
    _r.published,
    _d.id.label("document_id"),
    _d.url,
    _d.role,
    _d.state,
    _d.first_seen,
    _d.last_seen,
    _d.gone_since,
    _e.year_confidence,
)

_QUARANTINED = (
    sa.select(
        _q.id.label("number"),
        _po.key,
        _e.publishers,
        _e.report_year,
        _e.published,
        _q.opened.label("since"),
        (_q.reason + ": " + sa.func.coalesce(_q.detail, "")).label("words"),
    )
    .join(schema.portal, _po.id == _q.portal_id)
    .join(schema.extraction, _e.id == _q.extraction_id)
    .where(_q.state.in_(OPEN), _q.portal_id.in_(_PORTALS))
    .order_by(_q.id)
)
_UNSURE = (
    sa.select(
        _d.id.label("number"),
        _po.key,
        _e.publishers,
        _e.report_year,
        _e.published,
        _d.first_seen.label("since"),
        _d.verdict_reason.label("words"),
    )
    .select_from(schema.document)
    .join(schema.portal, _po.id == _d.portal_id)
    .join(*_NEWEST)
    .join(*_READING)
    .where(
        _d.verdict == Verdict.UNSURE,
        _d.report_id.is_(None),
        _d.state == DocumentState.LIVE,
        _d.role != FrontierKind.ANNEX,
        _d.portal_id.in_(_PORTALS),
    )
    .order_by(_d.id)
)


def guessed(evidence: Evidence) -> Evidence:
    """A report of no known year with the year that its date speaks for, if it has one."""
    if evidence.published is None:
        return evidence
    return replace(evidence, year=season_of(evidence.published))
