"""Columns that listed reports and do so no more: gone, or emptied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import memory, schema
from archive.records import FrontierKind, FrontierState, How, Verdict
from archive.visits import NOT_CRAWLS

_LISTED = (FrontierKind.PAGE, FrontierKind.ATTACHMENT)


def lost(connection: Connection, keys: Mapping[int, str]) -> dict[str, int]:
    """How many no longer stand where they stood, by portal.

    Args:
        connection: a snapshot.
        keys: the portals' keys by their ids.
    """
    column, entry = schema.frontier.alias("lost"), schema.frontier.alias("entry")
    query = (
        sa.select(column.c.portal_id, sa.func.count().label("lost"))
        .join(schema.portal, schema.portal.c.id == column.c.portal_id)
        .where(
            column.c.state == FrontierState.GONE,
            column.c.kind == FrontierKind.COLUMN,
            column.c.how != How.LISTED,  # a later page of a column that has become shorter
            sa.or_(column.c.reason.is_(None), column.c.reason.not_like("moved to %")),
            _led_to_reports(column, entry),
        )
        .group_by(column.c.portal_id)
    )
    return {keys[row.portal_id]: row.lost for row in connection.execute(query)}


def emptied(connection: Connection, keys: Mapping[int, str]) -> dict[str, int]:
    """How many a second crawl, too, found empty, by portal.

    The first time it is an outage as often as a cleared column.

    Args:
        connection: a snapshot.
        keys: the portals' keys by their ids.
    """
    column, entry = schema.frontier.alias("emptied"), schema.frontier.alias("entry")
    fresh, listed = schema.frontier.alias("fresh"), schema.frontier.alias("listed")
    between = schema.run.alias("between")
    last_listed = (
        sa.select(sa.func.max(listed.c.last_listed_run_id))
        .where(listed.c.found_on_id == column.c.id, listed.c.kind.in_(_LISTED))
        .correlate(column, between)
        .scalar_subquery()
    )
    query = (
        sa.select(column.c.portal_id, column.c.listing)
        .join(schema.portal, schema.portal.c.id == column.c.portal_id)
        .where(
            column.c.state == FrontierState.DONE,
            column.c.kind == FrontierKind.COLUMN,
            column.c.how != How.LISTED,
            # Most columns end here, at the first entry that was listed by the last crawl.
            ~sa.exists().where(
                fresh.c.found_on_id == column.c.id,
                fresh.c.kind.in_(_LISTED),
                fresh.c.last_listed_run_id >= column.c.last_run_id,
            ),
            _led_to_reports(column, entry),
            # Only of the few that pass here the JSON is read, which may be long.
            sa.exists().where(
                between.c.portal_id == column.c.portal_id,
                between.c.id < column.c.last_run_id,
                between.c.id > last_listed,
                between.c.trigger.not_in(NOT_CRAWLS),
            ),
        )
    )
    found: Counter[str] = Counter()
    for row in connection.execute(query):
        listing, _ = memory.recall(row.listing)
        if listing is not None and not listing.entries:
            found[keys[row.portal_id]] += 1
    return found


def _led_to_reports(column: sa.FromClause, entry: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        entry.c.found_on_id == column.c.id,
        entry.c.kind.in_(_LISTED),
        entry.c.verdict == Verdict.REPORT,
    )
