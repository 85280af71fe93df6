"""The archive in numbers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema
from archive.findings import Stats
from archive.records import Verdict
from archive.states import OPEN


def stats(connection: Connection) -> Stats:
    """Counts what is there, all of the moment of one transaction."""

    def number(query: sa.Select[Any]) -> int:
        return int(connection.execute(query).scalar() or 0)

    def rows(table: sa.Table) -> int:
        return number(sa.select(sa.func.count()).select_from(table))

    def by_state(table: sa.Table) -> dict[str, int]:
        query = sa.select(table.c.state, sa.func.count().label("rows")).group_by(table.c.state)
        return {row.state: row.rows for row in connection.execute(query)}

    waiting = sa.select(sa.func.count()).where(schema.quarantine.c.state.in_(OPEN))
    # An article in several pages counts once.
    pages = sa.select(sa.func.count()).where(schema.capture.c.part_of_id.is_(None))
    unsure = sa.select(sa.func.count()).where(schema.document.c.verdict == Verdict.UNSURE)
    return Stats(
        portals=rows(schema.portal),
        runs=rows(schema.run),
        reports=number(sa.select(sa.func.count()).where(schema.report.c.merged_into_id.is_(None))),
        documents=rows(schema.document),
        documents_by_state=by_state(schema.document),
        unsure=number(unsure),
        quarantined=number(waiting),
        versions=rows(schema.version),
        texts=rows(schema.text_),
        characters=number(sa.select(sa.func.sum(schema.text_.c.characters))),
        captures=number(pages),
        payloads=rows(schema.payload),
        payload_bytes=number(sa.select(sa.func.sum(schema.payload.c.size))),
        stored_bytes=number(sa.select(sa.func.sum(sa.func.length(schema.payload.c.data)))),
        frontier_by_state=by_state(schema.frontier),
        changes=number(sa.select(sa.func.max(schema.change.c.seq))),
    )
