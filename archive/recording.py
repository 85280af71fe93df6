"""One fetch, recorded whole: the steps inside the transaction of ``Store.record``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import captures, documents, frontier, memory, presence, schema
from archive.documents import Beside, Reread
from archive.errors import ArchiveError
from archive.records import (
    Event,
    ExtractionRecord,
    FetchRecord,
    FrontierKind,
    FrontierState,
    Link,
    ListingRecord,
    Outcome,
    Recorded,
    StoredCapture,
    Verdict,
)
from archive.standing import Place, Standing
from archive.text import bytes_digest
from archive.transaction import AnyRow, Transaction

_table = schema.frontier
_LISTS = (FrontierKind.COLUMN, FrontierKind.HUB)


def record(tx: Transaction, fetch: FetchRecord, reread: Reread | None) -> Recorded:
    """Writes everything of one fetch by the rules of ``Store.record``."""
    row = _frontier_row(tx, fetch.frontier_id)
    if fetch.outcome is Outcome.NOT_MODIFIED:
        return _as_before(tx, row, fetch)
    if fetch.outcome is not Outcome.OK:
        return _no_content(tx, row, fetch)
    sha256 = None if fetch.body is None else bytes_digest(fetch.body)
    if sha256 is not None and sha256 == row.payload_sha256 and fetch.extraction is None:
        return _as_before(tx, row, fetch)
    kept = captures.keep(tx, row.id, fetch, sha256, first=row.last_checked is None)
    state, values = FrontierState.DONE, _validators(fetch, kept.payload_sha256)
    if fetch.parts:
        # Its first page alone, unchanged or answered by 304, says nothing about the others.
        values |= _NO_VALIDATORS
    if fetch.extraction is not None and _is_document(row, fetch.extraction):
        place = _place(row, fetch.fetched_at, observed=True)
        standing = documents.read(tx, place, kept, fetch.extraction, reread, _beside(row))
        if standing.event is Event.REFUSED:
            state = FrontierState.REFUSED
            values["reason"] = standing.reason or fetch.extraction.verdict_reason
        if standing.again:
            state = FrontierState.QUEUED
            values |= {"due": tx.now, "last_run_id": None}
        if fetch.extraction.error is not None or standing.reason is not None:
            # The next visit must bring the bytes again: a 304 would leave the page unread for ever.
            values |= _NO_VALIDATORS
        detail = fetch.detail or fetch.extraction.error or standing.reason
    else:
        listed = fetch.listing is not None or row.kind in _LISTS
        standing = Standing(Event.LISTED if listed else Event.UNREAD, row.document_id, row.report_id)
        detail = fetch.detail
    if fetch.listing is not None or row.kind in _LISTS:
        values["listing"] = memory.remember(fetch.listing, fetch.links)
    _update(tx, row, fetch, {"state": state, "attempts": 0, "last_detail": detail, **values})
    return _recorded(row, standing, _enqueue(tx, fetch.links, row.id))


def recall(connection: Connection, frontier_id: int) -> tuple[ListingRecord | None, tuple[Link, ...]]:
    """What the list page at this frontier entry said when it was last read."""
    return memory.recall(connection.execute(_LISTING, {"frontier_id": frontier_id}).scalar())


def read_again(
    tx: Transaction, stored: StoredCapture, reading: ExtractionRecord, reread: Reread | None
) -> Recorded:
    """Writes another reading of bytes kept earlier by the rules of ``Store.record_rereading``."""
    row = _frontier_row(tx, stored.frontier_id)
    place = _place(row, stored.fetched_at, observed=False)
    kept = captures.Kept(stored.id, None, fresh=False)
    standing = documents.read(tx, place, kept, reading, reread, _beside(row))
    refused, held = standing.event is Event.REFUSED, standing.event is Event.QUARANTINED
    values: dict[str, Any] = dict(_NO_VALIDATORS) if held or reading.error is not None else {}
    if refused or (row.state == FrontierState.REFUSED and (held or standing.document_id is not None)):
        values["state"] = FrontierState.REFUSED if refused else FrontierState.DONE
        values["reason"] = standing.reason or reading.verdict_reason
    if values:
        tx.connection.execute(_UPDATE, {"row_id": row.id, **values})
    return _recorded(row, standing, 0)


def _as_before(tx: Transaction, row: AnyRow, fetch: FetchRecord) -> Recorded:
    """The bytes are those of last time, told by a 304 or by their digest."""
    values: dict[str, Any] = {"state": FrontierState.DONE, "attempts": 0, "last_detail": fetch.detail}
    if fetch.etag is not None or fetch.last_modified is not None:
        values |= {"etag": fetch.etag, "last_modified": fetch.last_modified}
    links: Sequence[Link] = fetch.links
    if row.kind in _LISTS:
        listing_before, links_before = recall(tx.connection, row.id)
        links = fetch.links or links_before
        if fetch.listing is not None or fetch.links:
            values["listing"] = memory.remember(fetch.listing or listing_before, links)
    if row.document_id is not None:
        standing = presence.confirm(tx, row.document_id, fetch.fetched_at)
    elif row.kind in _LISTS:
        standing = Standing(Event.LISTED)
    elif _read_as_refused(tx, row):
        standing = Standing(Event.REFUSED)
        values["state"] = FrontierState.REFUSED
    else:
        standing = Standing(Event.UNREAD)
    _update(tx, row, fetch, values)
    return _recorded(row, standing, _enqueue(tx, links, row.id))


def _no_content(tx: Transaction, row: AnyRow, fetch: FetchRecord) -> Recorded:
    """No content: a finding about the portal. A document is missed only if the answer says it is not there."""
    if fetch.body is not None:
        captures.keep(tx, row.id, fetch, bytes_digest(fetch.body), first=row.last_checked is None)
    gone = fetch.outcome is Outcome.GONE
    standing = Standing(
        Event.MOVED if fetch.outcome is Outcome.MOVED else Event.FAILED, row.document_id, row.report_id
    )
    if fetch.outcome in presence.AWAY and row.document_id is not None:
        sign = presence.Sign(fetch.fetched_at, fetch.outcome, fetch.status, fetch.detail)
        standing = presence.miss(tx, row.document_id, sign)
        gone = standing.event is Event.GONE  # what is only missing is fetched again by the next run
    _update(
        tx,
        row,
        fetch,
        {
            "state": FrontierState.GONE if gone else FrontierState.FAILED,
            "attempts": row.attempts + 1,
            "last_detail": fetch.detail,
        },
    )
    return _recorded(row, standing, _enqueue(tx, fetch.links, row.id))


def _is_document(row: AnyRow, reading: ExtractionRecord) -> bool:
    """Articles are read as documents; a list page only if its reading claims to be one."""
    return row.kind in frontier.DOCUMENT_KINDS or (
        reading.error is None and reading.verdict is not Verdict.NO and bool(reading.text.strip())
    )


def _read_as_refused(tx: Transaction, row: AnyRow) -> bool:
    """True if the last reading at this URL said that it is no report."""
    last = tx.connection.execute(_LAST_READING, {"frontier_id": row.id}).one_or_none()
    return last is not None and last.error is None and last.verdict == Verdict.NO


def _place(row: AnyRow, seen: datetime, *, observed: bool) -> Place:
    return Place(
        frontier_id=row.id,
        url=row.url,
        title=row.title,
        kind=row.kind,
        seen=seen,
        observed=observed,
        document_id=row.document_id,
        report_id=row.report_id,
    )


def _beside(row: AnyRow) -> Beside:
    return Beside(doubted=row.doubted, listing=row.listing, withdrawn=row.withdrawn)


def _validators(fetch: FetchRecord, payload_sha256: str | None) -> dict[str, Any]:
    return {"etag": fetch.etag, "last_modified": fetch.last_modified, "payload_sha256": payload_sha256}


def _update(tx: Transaction, row: AnyRow, fetch: FetchRecord, values: dict[str, Any]) -> None:
    tx.connection.execute(
        _UPDATE,
        {
            "row_id": row.id,
            "due": None,
            "last_outcome": fetch.outcome,
            "last_status": fetch.status,
            "last_checked": fetch.fetched_at,
            "last_run_id": tx.run_id,
            **values,
        },
    )


def _enqueue(tx: Transaction, links: Sequence[Link], found_on_id: int) -> int:
    return frontier.enqueue(tx, links, found_on_id) if links else 0


def _recorded(row: AnyRow, standing: Standing, queued: int) -> Recorded:
    return Recorded(
        event=standing.event,
        frontier_id=row.id,
        document_id=standing.document_id,
        report_id=standing.report_id,
        version=standing.version,
        queued=queued,
    )


def _frontier_row(tx: Transaction, frontier_id: int) -> AnyRow:
    row = tx.connection.execute(_ROW, {"frontier_id": frontier_id}).one_or_none()
    if row is None or row.portal_id != tx.portal_id:
        raise ArchiveError(f"frontier entry {frontier_id} is not of the portal of run {tx.run_id}")
    return row


_NO_VALIDATORS = {"etag": None, "last_modified": None, "payload_sha256": None}
_UPDATE = _table.update().where(_table.c.id == sa.bindparam("row_id"))
_LISTING = sa.select(_table.c.listing).where(_table.c.id == sa.bindparam("frontier_id"))
_LAST_READING = (
    sa.select(schema.extraction.c.verdict, schema.extraction.c.error)
    .join(schema.capture, schema.capture.c.id == schema.extraction.c.capture_id)
    .where(schema.capture.c.frontier_id == sa.bindparam("frontier_id"))
    .order_by(schema.extraction.c.id.desc())
    .limit(1)
)
_listed = _table.alias("listed")
_ROW = (
    sa.select(
        _table.c.id,
        _table.c.portal_id,
        _table.c.url,
        _table.c.kind,
        _table.c.state,
        _table.c.title,
        _table.c.attempts,
        _table.c.last_checked,
        _table.c.payload_sha256,
        schema.document.c.id.label("document_id"),
        schema.document.c.report_id,
        sa.exists().where(schema.quarantine.c.frontier_id == _table.c.id).label("doubted"),
        sa.exists().where(_listed.c.found_on_id == _table.c.id).label("listing"),
        # By its key: the first row, if there is one, and never a scan.
        sa.exists().where(schema.redaction.c.id > 0).label("withdrawn"),
    )
    .outerjoin_from(_table, schema.document, schema.document.c.frontier_id == _table.c.id)
    .where(_table.c.id == sa.bindparam("frontier_id"))
)
