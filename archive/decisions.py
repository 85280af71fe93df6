"""What a person decides about a reading in quarantine."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import documents, leases, quarantine, schema
from archive.captures import Kept
from archive.errors import UsageError
from archive.records import Event, ExtractionRecord, FrontierState, PublisherRef, Recorded, Verdict
from archive.standing import Place, Read, Standing
from archive.states import OPEN, ChangeKind, QuarantineState
from archive.transaction import AnyRow, Transaction, note


def release(
    connection: Connection, quarantine_id: int, *, by: str, said: str | None, now: datetime
) -> Recorded:
    """Makes of a reading what it would have become without doubts, by the rules of ``Store.release``.

    Raises:
        UsageError: there is no such reading, or it is decided already.
        PortalBusy: a run works on its portal.
    """
    row = _undecided(connection, quarantine_id, now)
    tx = Transaction(connection, None, row.portal_id, now)
    quarantine.close(tx, row.id, QuarantineState.RELEASED, by=by, said=said)
    place = Place(
        frontier_id=row.frontier_id,
        url=row.url,
        title=row.link_title,
        kind=row.kind,
        seen=row.fetched_at,
        observed=False,
        document_id=row.document_id,
        report_id=row.report_id,
    )
    new = Read(row.extraction_id, True, _reading(row), row.text_sha256)
    standing = documents.release(tx, place, Kept(row.capture_id, None, fresh=False), new)
    if row.frontier_state == FrontierState.REFUSED:
        _set_frontier(connection, row.frontier_id, {"state": FrontierState.DONE, "reason": None})
    _tell(tx, ChangeKind.RELEASED, row, standing, by, said)
    return _recorded(row, standing)


def refuse(
    connection: Connection, quarantine_id: int, *, by: str, said: str | None, now: datetime
) -> Recorded:
    """Makes nothing of a reading, now and later, by the rules of ``Store.refuse``.

    An address without a document is refused with it; a document keeps its texts and stays under watch.

    Raises:
        UsageError: there is no such reading, or it is decided already.
        PortalBusy: a run works on its portal.
    """
    row = _undecided(connection, quarantine_id, now)
    tx = Transaction(connection, None, row.portal_id, now)
    quarantine.close(tx, row.id, QuarantineState.REFUSED, by=by, said=said)
    if row.document_id is None:
        reason = quarantine.refusal(by, said)
        _set_frontier(connection, row.frontier_id, {"state": FrontierState.REFUSED, "reason": reason})
    standing = Standing(Event.REFUSED, row.document_id, row.report_id, row.current)
    _tell(tx, ChangeKind.REFUSED, row, standing, by, said)
    return _recorded(row, standing)


def _undecided(connection: Connection, quarantine_id: int, now: datetime) -> AnyRow:
    row = None
    if 0 < quarantine_id <= quarantine.LARGEST_ID:
        row = connection.execute(_ROW, {"quarantine_id": quarantine_id}).one_or_none()
    if row is None:
        raise quarantine.unknown(quarantine_id)
    if row.state not in OPEN:
        said = f": {row.note}" if row.note else ""
        raise UsageError(
            f"quarantine {quarantine_id} is decided: {row.state} by {row.decided_by} "
            f"on {row.decided:%Y-%m-%d %H:%M} UTC{said}"
        )
    leases.is_leased(connection, row.portal_id, owner="", now=now)
    return row


def _set_frontier(connection: Connection, frontier_id: int, values: dict[str, Any]) -> None:
    connection.execute(_FRONTIER, {"row_id": frontier_id, **values})


def _tell(
    tx: Transaction, kind: ChangeKind, row: AnyRow, standing: Standing, by: str, said: str | None
) -> None:
    words = f": {said}" if said else ""
    note(
        tx,
        kind,
        document_id=standing.document_id,
        report_id=standing.report_id,
        version=standing.version,
        detail=f"quarantine {row.id} by {by}{words} ({row.url})",
    )


def _recorded(row: AnyRow, standing: Standing) -> Recorded:
    return Recorded(
        event=standing.event,
        frontier_id=row.frontier_id,
        document_id=standing.document_id,
        report_id=standing.report_id,
        version=standing.version,
    )


def _reading(row: AnyRow) -> ExtractionRecord:
    """The reading as it was kept; its sections and figures stand beside it already."""
    return ExtractionRecord(
        extractor=row.extractor,
        version=row.version,
        text=row.content,
        verdict=Verdict(row.verdict),
        verdict_reason=row.verdict_reason,
        title=row.title,
        published=row.published,
        source=row.source,
        column=row.column,
        site_id_code=row.site_id_code,
        report_year=row.report_year,
        year_confidence=row.year_confidence,
        report_kind=row.report_kind,
        publishers=tuple(PublisherRef(**publisher) for publisher in row.publishers),
        missing_parts=None if row.missing_parts is None else tuple(row.missing_parts),
        signed=row.signed,
        document_number=row.document_number,
        index_number=row.index_number,
    )


_q, _f, _e, _d = schema.quarantine.c, schema.frontier.c, schema.extraction.c, schema.document.c
_current = (
    sa.select(sa.func.max(schema.version.c.number))
    .where(schema.version.c.document_id == _d.id)
    .scalar_subquery()
    .label("current")
)
_ROW = (
    sa.select(
        _q.id,
        _q.portal_id,
        _q.frontier_id,
        _q.extraction_id,
        _q.text_sha256,
        _q.state,
        _q.decided,
        _q.decided_by,
        _q.note,
        _f.url,
        _f.kind,
        _f.state.label("frontier_state"),
        _f.title.label("link_title"),
        _e.capture_id,
        _e.extractor,
        _e.version,
        _e.verdict,
        _e.verdict_reason,
        _e.title,
        _e.published,
        _e.source,
        _e.column,
        _e.site_id_code,
        _e.report_year,
        _e.year_confidence,
        _e.report_kind,
        _e.publishers,
        _e.missing_parts,
        _e.signed,
        _e.document_number,
        _e.index_number,
        schema.capture.c.fetched_at,
        schema.text_.c.content,
        _d.id.label("document_id"),
        _d.report_id,
        _current,
    )
    .join(schema.frontier, _f.id == _q.frontier_id)
    .join(schema.extraction, _e.id == _q.extraction_id)
    .join(schema.capture, schema.capture.c.id == _e.capture_id)
    .join(schema.text_, schema.text_.c.sha256 == _q.text_sha256)
    .outerjoin(schema.document, _d.frontier_id == _q.frontier_id)
    .where(_q.id == sa.bindparam("quarantine_id"))
)
_FRONTIER = schema.frontier.update().where(_f.id == sa.bindparam("row_id"))
