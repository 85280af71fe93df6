"""What a run needs to know before it starts and when it ends: read-only questions to the archive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import schema
from archive.database import reading
from archive.records import FrontierKind, FrontierState, How, Link
from archive.states import DocumentState

LEARNED_PRIORITY = 85
"""Above discovered columns, below declared and confirmed ones."""
_f = schema.frontier


class Planning:
    """Answers a crawl's questions about what earlier runs brought.

    Args:
        engine: An open archive.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def learned_columns(self, portal_id: int) -> list[Link]:
        """List pages that led to documents in earlier runs, first pages before their further pages."""
        listed, on = _f.alias("listed"), _f.alias("found_on")
        query = (
            sa.select(on.c.url, on.c.fetch_url, on.c.title, on.c.column)
            .join(listed, listed.c.found_on_id == on.c.id)
            .join(schema.document, schema.document.c.frontier_id == listed.c.id)
            .where(on.c.portal_id == portal_id, on.c.state != FrontierState.REFUSED)
            .group_by(on.c.id, on.c.url, on.c.fetch_url, on.c.title, on.c.column)
            .order_by(on.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [
            Link(
                url=row.url,
                fetch_url=row.fetch_url if row.fetch_url != row.url else None,
                kind=FrontierKind.COLUMN,
                how=How.LEARNED,
                title=row.title,
                column=row.column,
                priority=LEARNED_PRIORITY,
                reason="gave reports in an earlier run",
            )
            for row in rows
        ]

    def searched_since(self, portal_id: int, moment: datetime) -> bool:
        """True if a page was read for links towards a column since then."""
        query = sa.select(sa.func.max(_f.c.last_checked)).where(
            _f.c.portal_id == portal_id, _f.c.kind == FrontierKind.HUB
        )
        with reading(self._engine) as connection:
            last = connection.execute(query).scalar()
        return last is not None and last >= moment

    def queued(self, run_id: int, portal_id: int) -> int:
        """Entries still waiting that this run has not fetched."""
        query = (
            sa.select(sa.func.count())
            .select_from(_f)
            .where(
                _f.c.portal_id == portal_id,
                _f.c.state == FrontierState.QUEUED,
                sa.or_(_f.c.last_run_id.is_(None), _f.c.last_run_id != run_id),
            )
        )
        return self._number(query)

    def known_reports(self, portal_id: int) -> int:
        """Reports of which the archive holds a document on this portal, live or not."""
        query = sa.select(sa.func.count(sa.distinct(schema.document.c.report_id))).where(
            schema.document.c.portal_id == portal_id
        )
        return self._number(query)

    def live_documents(self, portal_id: int) -> int:
        """Documents of this portal that still stand where they were found."""
        query = sa.select(sa.func.count()).where(
            schema.document.c.portal_id == portal_id, schema.document.c.state == DocumentState.LIVE
        )
        return self._number(query)

    def run_changes(self, run_id: int) -> list[tuple[str, int]]:
        """Kinds of change rows that a run wrote, with their number."""
        kind = schema.change.c.kind
        query = (
            sa.select(kind, sa.func.count())
            .where(schema.change.c.run_id == run_id)
            .group_by(kind)
            .order_by(kind)
        )
        with reading(self._engine) as connection:
            return [(row[0], int(row[1])) for row in connection.execute(query)]

    def last_run_options(self, portal_key: str) -> Mapping[str, Any]:
        """Options of the portal's newest run, empty if there was none."""
        query = (
            sa.select(schema.run.c.options)
            .join(schema.portal, schema.portal.c.id == schema.run.c.portal_id)
            .where(schema.portal.c.key == portal_key)
            .order_by(schema.run.c.id.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).scalar()
        return found or {}

    def _number(self, query: sa.Select[int]) -> int:
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar() or 0)
