"""Captures and what was read from them: bytes and texts once each, by their digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from archive import parts, schema
from archive.records import (
    ExtractionRecord,
    FetchRecord,
    Outcome,
    PartRecord,
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
_PART_DIGESTS = (
    sa.select(schema.capture.c.payload_sha256)
    .where(schema.capture.c.part_of_id == sa.bindparam("capture_id"))
    .order_by(schema.capture.c.part)
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
