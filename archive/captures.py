"""Captures and what was read from them: bytes and texts once each, by their digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from archive import parts, redaction, schema
from archive.errors import DatabaseUnusable
from archive.records import (
    ExtractionRecord,
    FetchRecord,
    FrontierKind,
    Outcome,
    PartRecord,
    StoredCapture,
    Verdict,
)
from archive.text import bytes_digest, clean, digest
from archive.transaction import AnyRow, Transaction, insert

ZSTD_LEVEL = 3
"""60 KB pages: 0.3 ms and a seventh of the size; level 19 saves a tenth more for fifty times the time."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the bytes of a fetch stand."""

    capture_id: int
    payload_sha256: str | None
    fresh: bool
    """False: the same bytes were captured at this URL last time, no further capture was made."""


def keep(tx: Transaction, frontier_id: int, fetch: FetchRecord, sha256: str | None, *, first: bool) -> Kept:
    """Keeps the answer as a capture, unless the last one of its sort here held the same bytes.

    Content is compared with the last content, evidence of a failure with the last evidence: a
    challenge page between two equal pages makes neither of them new. An article in several pages
    is the same only if all of them are; the further ones are captures of their own that point to
    the first one's. ``first`` says that nothing was ever fetched here; ``sha256`` is the digest of
    the body.
    """
    further = [bytes_digest(part.body) for part in fetch.parts]
    if sha256 is not None:
        if not first:
            last = tx.connection.execute(
                _LAST_CONTENT if fetch.outcome is Outcome.OK else _LAST_FAILURE, {"frontier_id": frontier_id}
            ).one_or_none()
            if last is not None and [last.payload_sha256, *_part_digests(tx, last.id)] == [sha256, *further]:
                return Kept(int(last.id), sha256, fresh=False)
        keep_payload(tx.connection, sha256, fetch.body or b"", fetch.media_type)
    capture_id = insert(
        tx.connection,
        schema.capture,
        {
            "frontier_id": frontier_id,
            "run_id": tx.run_id,
            "url": fetch.requested_url,
            "final_url": fetch.final_url,
            "redirects": list(fetch.redirects),
            "fetched_at": fetch.fetched_at,
            "status": fetch.status,
            "headers": dict(fetch.headers),
            "outcome": fetch.outcome,
            "detail": fetch.detail,
            "payload_sha256": sha256,
            "media_type": fetch.media_type,
        },
    )
    for number, (part, part_sha256) in enumerate(zip(fetch.parts, further, strict=True), 2):
        _keep_part(tx, frontier_id, fetch, part, part_sha256, capture_id=capture_id, number=number)
    return Kept(capture_id, sha256, fresh=True)


def _keep_part(
    tx: Transaction,
    frontier_id: int,
    fetch: FetchRecord,
    part: PartRecord,
    sha256: str,
    *,
    capture_id: int,
    number: int,
) -> None:
    keep_payload(tx.connection, sha256, part.body, part.media_type)
    tx.connection.execute(
        schema.capture.insert(),
        {
            "frontier_id": frontier_id,
            "run_id": tx.run_id,
            "url": part.requested_url,
            "final_url": part.final_url,
            "redirects": [],
            "fetched_at": part.fetched_at,
            "status": part.status,
            "headers": dict(part.headers),
            "outcome": fetch.outcome,
            "payload_sha256": sha256,
            "media_type": part.media_type,
            "part_of_id": capture_id,
            "part": number,
        },
    )


def _part_digests(tx: Transaction, capture_id: int) -> list[str]:
    return [row.payload_sha256 for row in tx.connection.execute(_PART_DIGESTS, {"capture_id": capture_id})]


def keep_payload(connection: Connection, sha256: str, body: bytes, media_type: str | None) -> None:
    """Keeps bytes under their digest, compressed; bytes already held are left alone."""
    values = {
        "sha256": sha256,
        "data": zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body),
        "size": len(body),
        "media_type": media_type,
    }
    connection.execute(_KEEP_PAYLOAD[connection.dialect.name], values)


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


def keep_text(connection: Connection, text: str) -> tuple[str, bool]:
    """Keeps a text under the digest of its normalised form; returns that, and False if it was held already."""
    sha256 = digest(text)
    content = clean(text)
    values = {"sha256": sha256, "content": content, "characters": len(content)}
    new = connection.execute(_KEEP_TEXT[connection.dialect.name], values).scalar()
    return sha256, new is not None


def keep_extraction(
    tx: Transaction, kept: Kept, reading: ExtractionRecord, text_sha256: str | None
) -> tuple[int, bool]:
    """Keeps one reading of a capture, with the sections and figures it found.

    Returns:
        Its id, and False if the same extractor version had read the same from it before.
    """
    says = _says(reading, text_sha256)
    if not kept.fresh:
        before = tx.connection.execute(
            _READINGS,
            {"capture_id": kept.capture_id, "extractor": reading.extractor, "version": reading.version},
        ).first()
        if before is not None and all(getattr(before, name) == value for name, value in says.items()):
            return int(before.id), False
    extraction_id = insert(
        tx.connection,
        schema.extraction,
        {
            "capture_id": kept.capture_id,
            "extractor": reading.extractor,
            "version": reading.version,
            "options": {},
            "at": tx.now,
            "verdict_reason": reading.verdict_reason,
            "source": reading.source,
            "column": reading.column,
            "site_id_code": reading.site_id_code,
            "year_confidence": reading.year_confidence,
            "metadata": dict(reading.metadata),
            "quality": dict(reading.quality),
            "warnings": list(reading.warnings),
            "doubts": [asdict(doubt) for doubt in reading.doubts] or None,
            **says,
        },
    )
    if text_sha256 is not None:
        parts.keep(tx.connection, extraction_id, reading, text_sha256)
    return extraction_id, True


def says_the_same(known: AnyRow, reading: ExtractionRecord, text_sha256: str) -> bool:
    """True if an extraction row (the columns of ``SAID``) and a reading describe the report alike."""
    return all(getattr(known, name) == value for name, value in _says(reading, text_sha256).items())


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


def _says(reading: ExtractionRecord, text_sha256: str | None) -> dict[str, Any]:
    return {
        "text_sha256": text_sha256,
        "verdict": reading.verdict.value,
        "title": None if reading.title is None else clean(reading.title),
        "published": reading.published,
        "report_year": reading.report_year,
        "report_kind": reading.report_kind,
        "publishers": [asdict(publisher) for publisher in reading.publishers],
        "error": None if reading.error is None else clean(reading.error),
        "missing_parts": reading.missing_parts,
        "signed": reading.signed,
        "document_number": None if reading.document_number is None else clean(reading.document_number),
        "index_number": None if reading.index_number is None else clean(reading.index_number),
    }


_e = schema.extraction.c
SAID = (
    _e.text_sha256,
    _e.verdict,
    _e.title,
    _e.published,
    _e.report_year,
    _e.report_kind,
    _e.publishers,
    _e.error,
    _e.missing_parts,
    _e.signed,
    _e.document_number,
    _e.index_number,
)
"""Columns of an extraction that say what the page is; evidence and quality may differ.

``missing_parts`` is among them because it tells a reading that looked for parts from an older one that
did not."""

_last = (
    sa.select(schema.capture.c.id, schema.capture.c.payload_sha256)
    .where(schema.capture.c.frontier_id == sa.bindparam("frontier_id"), schema.capture.c.part_of_id.is_(None))
    .order_by(schema.capture.c.id.desc())
    .limit(1)
)
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

_PART_DIGESTS = (
    sa.select(schema.capture.c.payload_sha256)
    .where(schema.capture.c.part_of_id == sa.bindparam("capture_id"))
    .order_by(schema.capture.c.part)
)
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
_LAST_CONTENT = _last.where(schema.capture.c.outcome == Outcome.OK)
_LAST_FAILURE = _last.where(schema.capture.c.outcome != Outcome.OK)
_KEEP_PAYLOAD: Mapping[str, sa.Insert] = {
    "sqlite": sqlite.insert(schema.payload).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(schema.payload).on_conflict_do_nothing(),
}
_KEEP_TEXT: Mapping[str, sa.UpdateBase] = {
    "sqlite": sqlite.insert(schema.text_).on_conflict_do_nothing().returning(schema.text_.c.sha256),
    "postgresql": postgresql.insert(schema.text_).on_conflict_do_nothing().returning(schema.text_.c.sha256),
}
_READINGS = (
    sa.select(_e.id, *SAID)
    .where(
        _e.capture_id == sa.bindparam("capture_id"),
        _e.extractor == sa.bindparam("extractor"),
        _e.version == sa.bindparam("version"),
    )
    .order_by(_e.id.desc())
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
