"""What was fetched, one capture after the other, with its bytes only while they are written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import redaction, schema, stored_captures, views
from archive.exporting.hidden import Hidden
from archive.exporting.selection import Selection
from archive.exporting.source import Row
from archive.records import FrontierKind

PAGE = 200
"""Captures read at once, without their bytes."""


def newest(connection: Connection, selection: Selection) -> datetime | None:
    """When the last of the captures selected was fetched; None if there are none.

    Raises:
        UsageError: the selection names what is not there.
    """
    query = sa.select(sa.func.max(schema.capture.c.fetched_at))
    found: datetime | None = connection.execute(_narrowed(query, connection, selection)).scalar()
    return found


def captures(connection: Connection, selection: Selection, *, size: int = PAGE) -> Iterator[Row]:
    """The captures selected, in the order in which they were kept.

    Without other filters than those of portals all captures belong to it, lists and failures included; otherwise
    those at the addresses of the reports chosen and of the files beside them.
    """
    query = (
        _narrowed(_ROWS, connection, selection)
        .where(schema.capture.c.id > sa.bindparam("after"))
        .order_by(schema.capture.c.id)
        .limit(size)
    )
    after = 0
    while rows := connection.execute(query, {"after": after}).mappings().all():
        after = rows[-1]["capture_id"]
        titles = _titles(connection, [row["document_id"] for row in rows if row["document_id"] is not None])
        for row in rows:
            yield {**row, "title": titles.get(row["document_id"]) or row["link_title"]}


def body(connection: Connection, payload_sha256: str) -> bytes:
    """The bytes behind a digest.

    Raises:
        DatabaseUnusable: they are damaged.
    """
    data = connection.execute(_DATA, {"sha256": payload_sha256}).scalar_one()
    return stored_captures.unpack(payload_sha256, data)


def withheld(connection: Connection, hidden: Hidden) -> frozenset[str]:
    """Payloads that must not be written: those withdrawn, and those that a withdrawn text was read from.

    The further pages of an article go with the first one.
    """
    if not hidden.texts:
        return hidden.payloads
    capture, extraction = schema.capture.c, schema.extraction.c
    first = (
        sa.select(capture.id)
        .join(schema.extraction, extraction.capture_id == capture.id)
        .where(redaction.is_hidden(redaction.Kind.TEXT, extraction.text_sha256))
    )
    query = sa.select(capture.payload_sha256).where(
        sa.or_(capture.id.in_(first), capture.part_of_id.in_(first)), capture.payload_sha256.is_not(None)
    )
    return hidden.payloads | frozenset(connection.execute(query).scalars())


def _narrowed(query: sa.Select[Any], connection: Connection, selection: Selection) -> sa.Select[Any]:
    chosen = selection.reports(connection)  # also refuses a portal that is not there
    capture, frontier = schema.capture.c, schema.frontier.c
    if selection.whole_portals:
        if selection.site is None and selection.place is None:
            return query
        portals = sa.select(schema.portal.c.id)
        if selection.site is not None:
            portals = portals.where(schema.portal.c.key == selection.site)
        if selection.place is not None:
            named = schema.portal.c.name.icontains(selection.place, autoescape=True)
            coded = schema.portal.c.division_code.startswith(selection.place, autoescape=True)
            portals = portals.where(sa.or_(named, coded))
        of_portals = sa.select(frontier.id).where(frontier.portal_id.in_(portals))
        return query.where(capture.frontier_id.in_(of_portals))
    if selection.state is not None:
        view = views.reports.c
        chosen = sa.select(view.report_id).where(view.report_id.in_(chosen), view.state == selection.state)
    document = schema.document.c
    own = sa.select(document.id).where(document.report_id.in_(chosen))
    beside = sa.and_(document.parent_id.in_(own), document.role == FrontierKind.ANNEX)
    wanted = sa.select(document.frontier_id).where(sa.or_(document.report_id.in_(chosen), beside))
    return query.where(capture.frontier_id.in_(wanted))


def _titles(connection: Connection, document_ids: list[int]) -> dict[int, str | None]:
    view = views.documents.c
    query = sa.select(view.document_id, view.title).where(view.document_id.in_(set(document_ids)))
    return {row.document_id: row.title for row in connection.execute(query)}


_DATA = sa.select(schema.payload.c.data).where(schema.payload.c.sha256 == sa.bindparam("sha256"))
_ROWS = (
    sa.select(
        schema.capture.c.id.label("capture_id"),
        schema.capture.c.part_of_id,
        schema.capture.c.part,
        schema.capture.c.run_id,
        schema.capture.c.url,
        schema.capture.c.final_url,
        schema.capture.c.redirects,
        schema.capture.c.fetched_at,
        schema.capture.c.status,
        schema.capture.c.outcome,
        schema.capture.c.detail,
        schema.capture.c.headers,
        schema.capture.c.media_type,
        schema.capture.c.payload_sha256,
        schema.frontier.c.kind,
        schema.frontier.c.title.label("link_title"),
        schema.portal.c.key.label("portal_key"),
        schema.document.c.id.label("document_id"),
    )
    .join(schema.frontier, schema.frontier.c.id == schema.capture.c.frontier_id)
    .join(schema.portal, schema.portal.c.id == schema.frontier.c.portal_id)
    .outerjoin(schema.document, schema.document.c.frontier_id == schema.capture.c.frontier_id)
)
