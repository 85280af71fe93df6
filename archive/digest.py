"""What a stretch of time brought, for a person: published, late, changed, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import schema
from archive.database import reading
from archive.states import ChangeKind

LISTED = 50
"""Lines of a list; the number of all stands above it."""
_TOLD = {
    ChangeKind.NEW: "published",
    ChangeKind.CHANGED: "changed",
    ChangeKind.WITHDRAWN: "withdrawn",
    ChangeKind.GONE: "gone",
    ChangeKind.MOVED: "moved",
    ChangeKind.COLUMN_MOVED: "columns moved",
    ChangeKind.QUARANTINED: "held back",
    ChangeKind.UNSURE: "unsure",
}


@dataclass(frozen=True, kw_only=True)
class DigestLine:
    """One report in a digest."""

    portal: str
    title: str
    year: int | None
    published: date | None
    at: datetime
    detail: str | None


@dataclass(frozen=True, kw_only=True)
class Digest:
    """What happened between two moments."""

    begins: datetime
    ends: datetime
    counts: dict[str, int]
    """In words → number of changes."""
    visits: int
    """Crawls that began."""
    unreadable: int
    """Of these, those that could not read their portal."""
    late: int
    """Reports first seen in this time and dated on or after the first of April."""
    lists: dict[str, list[DigestLine]]
    """In words → the first lines."""


def digest(engine: Engine, begins: datetime, ends: datetime) -> Digest:
    """Reads what happened from one moment up to another, in one snapshot."""
    change, run = schema.change.c, schema.run.c
    within = (change.at >= begins, change.at < ends)
    with reading(engine) as connection:
        numbers = {
            row.kind: row.number
            for row in connection.execute(
                sa.select(change.kind, sa.func.count().label("number")).where(*within).group_by(change.kind)
            )
        }
        states = {
            row.state: row.number
            for row in connection.execute(
                sa.select(run.state, sa.func.count().label("number"))
                .where(run.started >= begins, run.started < ends)
                .group_by(run.state)
            )
        }
        late = _late(connection, within)
        lists = {
            _TOLD[kind]: _lines(connection, within, kind)
            for kind in (ChangeKind.NEW, ChangeKind.CHANGED, ChangeKind.WITHDRAWN)
        }
        lists["late"] = late[:LISTED]
    return Digest(
        begins=begins,
        ends=ends,
        counts={words: numbers[kind] for kind, words in _TOLD.items() if numbers.get(kind)},
        visits=sum(states.values()),
        unreadable=states.get("blocked", 0) + states.get("failed", 0),
        late=len(late),
        lists={words: lines for words, lines in lists.items() if lines},
    )


def _query(within: tuple[sa.ColumnElement[bool], ...], kind: ChangeKind) -> sa.Select[tuple[object, ...]]:
    change, report, portal = schema.change, schema.report, schema.portal
    return (
        sa.select(
            portal.c.name.label("portal"),
            sa.func.coalesce(report.c.title, change.c.detail, "").label("title"),
            report.c.year,
            report.c.published,
            change.c.at,
            change.c.detail,
        )
        .join(portal, portal.c.id == change.c.portal_id)
        .outerjoin(report, report.c.id == change.c.report_id)
        .where(*within, change.c.kind == kind)
        .order_by(change.c.seq)
    )


def _lines(
    connection: Connection, within: tuple[sa.ColumnElement[bool], ...], kind: ChangeKind
) -> list[DigestLine]:
    return [DigestLine(**row._mapping) for row in connection.execute(_query(within, kind).limit(LISTED))]


def _late(connection: Connection, within: tuple[sa.ColumnElement[bool], ...]) -> list[DigestLine]:
    """Reports published after the deadline of their own year (art. 24: before 1 April of the following year)."""
    report = schema.report.c
    query = _query(within, ChangeKind.NEW).where(report.year.is_not(None), report.published.is_not(None))
    lines = [DigestLine(**row._mapping) for row in connection.execute(query)]
    return [
        line
        for line in lines
        if line.year is not None
        and line.published is not None
        and line.published >= date(line.year + 1, 4, 1)
    ]
