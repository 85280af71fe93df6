"""Captures as they were kept, with their bytes: what is read anew, shown and exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from archive import redaction, schema
from archive.errors import DatabaseUnusable
from archive.records import FrontierKind, Outcome, PartRecord, StoredCapture, Verdict
from archive.text import bytes_digest
from archive.transaction import AnyRow


def load(connection: Connection, capture_id: int) -> StoredCapture:
    """A capture with its bytes.

    Raises:
        Redacted: the bytes were withdrawn.
        DatabaseUnusable: the bytes are damaged.
    """
    for sha256 in connection.execute(_BYTES_OF, {"capture_id": capture_id}).scalars():
        redaction.check(connection, redaction.Kind.PAYLOAD, sha256)
    row = connection.execute(_STORED.where(schema.capture.c.id == capture_id)).one()
    return _stored(row, _parts(connection, [row.id]))


def unread_by(
    connection: Connection, portal_id: int, *, extractor: str, version: str, after: int, limit: int
) -> Sequence[StoredCapture]:
    """The newest content of each page of a portal that this extractor version has not read yet."""
    capture, extraction = schema.capture, schema.extraction
    newest = (
        sa.select(sa.func.max(capture.c.id))
        .join(schema.frontier, schema.frontier.c.id == capture.c.frontier_id)
        .where(
            schema.frontier.c.portal_id == portal_id,
            schema.frontier.c.kind.in_([FrontierKind.PAGE, FrontierKind.ATTACHMENT, FrontierKind.ANNEX]),
            capture.c.outcome == Outcome.OK,
            capture.c.payload_sha256.is_not(None),
            capture.c.part_of_id.is_(None),
        )
        .group_by(capture.c.frontier_id)
    )
    read = sa.exists().where(
        extraction.c.capture_id == capture.c.id,
        extraction.c.extractor == extractor,
        extraction.c.version == version,
    )
    rows = connection.execute(
        _STORED.where(capture.c.id.in_(newest), capture.c.id > after, ~read, ~WITHDRAWN)
        .order_by(capture.c.id)
        .limit(limit)
    ).all()
    further = _parts(connection, [row.id for row in rows])
    return [_stored(row, further) for row in rows]


def _parts(connection: Connection, capture_ids: Sequence[int]) -> Mapping[int, tuple[PartRecord, ...]]:
    """The further pages of each capture that has any."""
    found: dict[int, tuple[PartRecord, ...]] = {}
    for row in connection.execute(_PARTS, {"capture_ids": list(capture_ids)}):
        part = PartRecord(
            requested_url=row.url,
            final_url=row.final_url or row.url,
            fetched_at=row.fetched_at,
            status=row.status,
            headers=row.headers,
            body=unpack(row.payload_sha256, row.data),
            media_type=row.media_type,
        )
        found[row.part_of_id] = (*found.get(row.part_of_id, ()), part)
    return found


def _stored(row: AnyRow, further: Mapping[int, tuple[PartRecord, ...]]) -> StoredCapture:
    return StoredCapture(
        id=row.id,
        frontier_id=row.frontier_id,
        portal_key=row.key,
        url=row.page_url,
        requested_url=row.url,
        final_url=row.final_url,
        fetched_at=row.fetched_at,
        headers=row.headers,
        media_type=row.media_type,
        body=unpack(row.payload_sha256, row.data),
        title=row.title,
        listed_date=row.listed_date,
        column=row.column,
        kind=FrontierKind(row.kind),
        verdict=Verdict(row.verdict),
        parts=further.get(row.id, ()),
    )


def unpack(sha256: str, data: bytes) -> bytes:
    """The bytes behind a payload row.

    Raises:
        DatabaseUnusable: the row is damaged: it does not decompress, or to other bytes.
    """
    try:
        body = zstandard.ZstdDecompressor().decompress(data)
    except zstandard.ZstdError as error:
        raise DatabaseUnusable(f"payload {sha256[:12]}… is damaged ({error}); restore a backup") from error
    if bytes_digest(body) != sha256:
        raise DatabaseUnusable(f"payload {sha256[:12]}… is damaged (other digest); restore a backup")
    return body


_BYTES_OF = sa.select(schema.capture.c.payload_sha256).where(
    sa.or_(
        schema.capture.c.id == sa.bindparam("capture_id"),
        schema.capture.c.part_of_id == sa.bindparam("capture_id"),
    ),
    schema.capture.c.payload_sha256.is_not(None),
)
_page = schema.capture.alias("page")
WITHDRAWN = sa.exists().where(
    sa.or_(_page.c.id == schema.capture.c.id, _page.c.part_of_id == schema.capture.c.id),
    redaction.is_hidden(redaction.Kind.PAYLOAD, _page.c.payload_sha256),
)
"""True for a capture whose bytes, or those of a further page of its article, were withdrawn."""

_PARTS = (
    sa.select(
        schema.capture.c.part_of_id,
        schema.capture.c.url,
        schema.capture.c.final_url,
        schema.capture.c.fetched_at,
        schema.capture.c.status,
        schema.capture.c.headers,
        schema.capture.c.media_type,
        schema.capture.c.payload_sha256,
        schema.payload.c.data,
    )
    .join(schema.payload, schema.payload.c.sha256 == schema.capture.c.payload_sha256)
    .where(schema.capture.c.part_of_id.in_(sa.bindparam("capture_ids", expanding=True)))
    .order_by(schema.capture.c.part_of_id, schema.capture.c.part)
)
_STORED = (
    sa.select(
        schema.capture.c.id,
        schema.capture.c.frontier_id,
        schema.capture.c.url,
        schema.capture.c.final_url,
        schema.capture.c.fetched_at,
        schema.capture.c.headers,
        schema.capture.c.media_type,
        schema.capture.c.payload_sha256,
        schema.payload.c.data,
        schema.frontier.c.url.label("page_url"),
        schema.frontier.c.title,
        schema.frontier.c.listed_date,
        schema.frontier.c.column,
        schema.frontier.c.kind,
        schema.frontier.c.verdict,
        schema.portal.c.key,
    )
    .join(schema.payload, schema.payload.c.sha256 == schema.capture.c.payload_sha256)
    .join(schema.frontier, schema.frontier.c.id == schema.capture.c.frontier_id)
    .join(schema.portal, schema.portal.c.id == schema.frontier.c.portal_id)
)
