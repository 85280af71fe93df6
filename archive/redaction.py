"""What was withdrawn (``archive redact``): who may not show it, and what happens when a crawl brings it again.

The content of a withdrawn text and the bytes of a withdrawn payload are no longer in the archive; their rows stay with
digest and size. One row of the table ``redaction`` for each digest says since when, by whom and why. Whoever shows,
copies, checks or compares contents asks here first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema, views
from archive.errors import UsageError
from archive.records import Doubt, DoubtKind, ExtractionRecord
from archive.reports import LEAST_CHARACTERS
from archive.transaction import Transaction

_BATCH = 500
_NOBODY = "the archive"


class Kind(StrEnum):
    """What a digest is of."""

    TEXT = "text"
    PAYLOAD = "payload"


class Redacted(UsageError):
    """What was asked for was withdrawn."""


@dataclass(frozen=True, kw_only=True)
class Redaction:
    """One digest whose content was withdrawn."""

    redaction_id: int
    at: datetime
    by: str
    reason: str
    kind: str
    """``text`` or ``payload``."""
    digest: str
    size: int
    """Characters of the text, bytes of the payload as received."""
    document_id: int | None
    """The document it was withdrawn at; the same content may have stood at others, too."""
    report_id: int | None
    url: str | None

    def __str__(self) -> str:
        """One line for whoever asked for the content."""
        return (
            f"this {self.kind} ({self.digest[:12]}…) was withdrawn on {self.at:%Y-%m-%d} "
            f"by {self.by}: {self.reason}"
        )


def hidden(connection: Connection, kind: Kind | str, digests: Iterable[str]) -> Mapping[str, Redaction]:
    """Which of these digests are withdrawn, each with its redaction."""
    wanted = list(dict.fromkeys(digests))
    found: dict[str, Redaction] = {}
    view = views.redactions.c
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        query = sa.select(views.redactions).where(view.kind == str(kind), view.digest.in_(some))
        found |= {row["digest"]: Redaction(**row) for row in connection.execute(query).mappings()}
    return found


def check(connection: Connection, kind: Kind | str, digest: str) -> None:
    """Passes if a content may be shown.

    Raises:
        Redacted: it was withdrawn; the message says when, by whom and why.
    """
    found = hidden(connection, kind, (digest,))
    if found:
        raise Redacted(str(found[digest]))


def is_hidden(kind: Kind, digest: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """SQL: true for a digest (a column of another table) that is withdrawn."""
    row = schema.redaction.c
    return sa.exists().where(row.kind == kind.value, row.digest == digest)


def listed(connection: Connection, *, limit: int | None = None) -> list[Redaction]:
    """All that was withdrawn, newest first."""
    query = sa.select(views.redactions).order_by(views.redactions.c.redaction_id.desc()).limit(limit)
    return [Redaction(**row) for row in connection.execute(query).mappings()]


def again(
    tx: Transaction, capture_id: int, reading: ExtractionRecord, text_sha256: str | None
) -> ExtractionRecord:
    """What of a reading may be kept: all of it, or, if its bytes or its text were withdrawn, no quotes.

    Bytes that give a withdrawn text, and a text read from withdrawn bytes, are withdrawn with them; not so a text
    of a few words (正文见附件), which stands at many reports.
    """
    found = tx.connection.execute(_KNOWN, {"capture_id": capture_id, "sha256": text_sha256}).all()
    if not found:
        return reading
    like = found[0]
    row = {"by": _NOBODY, "reason": like.reason, "document_id": like.document_id, "titles": like.titles}
    known = {(one.kind, one.digest) for one in found}
    came = [
        (Kind.PAYLOAD, one) for one in tx.connection.execute(_BYTES, {"capture_id": capture_id}).scalars()
    ]
    if text_sha256 is not None and len(reading.text) >= LEAST_CHARACTERS:
        came.append((Kind.TEXT, text_sha256))
    for kind, digest in came:
        if (kind.value, digest) not in known:
            hide(tx, kind, digest, row)
    return scrubbed(reading, title=not like.titles)


def scrubbed(reading: ExtractionRecord, *, title: bool) -> ExtractionRecord:
    """A reading without anything that quotes its page but the title, and without that unless ``title``."""
    return replace(
        reading,
        title=reading.title if title else None,
        source=None,
        metadata={},
        quality={},
        warnings=(),
        sections=(),
        figures=(),
    )


def hide(tx: Transaction, kind: Kind, digest: str, row: Mapping[str, Any]) -> None:
    """Removes one content and writes the line that says so.

    Args:
        tx: The transaction.
        kind: What the digest is of.
        digest: The content.
        row: ``by``, ``reason``, ``document_id`` and ``titles`` of the redaction.
    """
    if kind is Kind.TEXT:
        # Both need libraries which others need not wait for.
        from archive import search_index, similar_index

        search_index.forget(tx.connection, digest)  # while the text is there: its words are found by it
        similar_index.forget(tx.connection, digest)
    values = {"at": tx.now, "kind": kind.value, "digest": digest, **row}
    tx.connection.execute(schema.redaction.insert(), values)
    tx.connection.execute(_EMPTY[kind], {"of_digest": digest})


def doubt(tx: Transaction, document_id: int | None, text_sha256: str) -> Doubt | None:
    """Why a further text at an address is not trusted: an earlier one there was withdrawn."""
    if document_id is None:
        return None
    found = tx.connection.execute(_EARLIER, {"document_id": document_id, "sha256": text_sha256}).first()
    if found is None:
        return None
    return Doubt(
        kind=DoubtKind.REDACTED,
        detail=f"version {found.number} here was withdrawn on {found.at:%Y-%m-%d}: "
        "does this text still hold what was withdrawn?",
    )


_itself = schema.redaction.alias("itself").c
_r, _c, _v = schema.redaction.c, schema.capture.c, schema.version.c
_of_capture = sa.or_(_c.id == sa.bindparam("capture_id"), _c.part_of_id == sa.bindparam("capture_id"))
_BYTES = sa.select(_c.payload_sha256).where(_of_capture, _c.payload_sha256.is_not(None)).distinct()
_KNOWN = (
    sa.select(_r.kind, _r.digest, _r.reason, _r.document_id, _r.titles)
    .where(
        sa.or_(
            sa.and_(_r.kind == Kind.TEXT.value, _r.digest == sa.bindparam("sha256")),
            sa.and_(_r.kind == Kind.PAYLOAD.value, _r.digest.in_(_BYTES)),
        )
    )
    .order_by(_r.titles.desc(), _r.id)
)
_EMPTY = {
    Kind.TEXT: schema.text_.update()
    .where(schema.text_.c.sha256 == sa.bindparam("of_digest"))
    .values(content=""),
    Kind.PAYLOAD: schema.payload.update()
    .where(schema.payload.c.sha256 == sa.bindparam("of_digest"))
    .values(data=b""),
}
_EARLIER = (
    sa.select(_v.number, _r.at)
    .join(schema.redaction, sa.and_(_r.kind == Kind.TEXT.value, _r.digest == _v.text_sha256))
    .where(
        _v.document_id == sa.bindparam("document_id"),
        ~sa.exists().where(_itself.kind == Kind.TEXT.value, _itself.digest == sa.bindparam("sha256")),
    )
    .order_by(_v.number.desc())
    .limit(1)
)
