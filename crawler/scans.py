"""Which stored files hold pages that are pictures: asked by ``crawler reextract --ocr``."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import schema
from archive.database import reading
from archive.planning import Planning, Readers, Rereadable
from archive.records import FrontierKind, Outcome
from crawler.articles import DOCUMENT_EXTRACTOR, OCR_EXTRACTOR, SCAN
from crawler.extract import documents

_FILES = (FrontierKind.ATTACHMENT, FrontierKind.ANNEX)


class Scans:
    """Answers which files of an archive OCR has read, and which it could.

    Args:
        engine: An open archive.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._planning = Planning(engine)

    def versions(self) -> list[str]:
        """Under which versions texts by OCR are kept."""
        version = schema.extraction.c.version
        query = (
            sa.select(version)
            .where(schema.extraction.c.extractor == OCR_EXTRACTOR)
            .distinct()
            .order_by(version)
        )
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def count(self, portal_id: int, *, failed: bool, since: datetime | None) -> int:
        """How many captures :meth:`rereadable` would give in all."""
        query = sa.select(sa.func.count()).select_from(
            _unlooked(portal_id, failed=failed, since=since).subquery()
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def rereadable(
        self, portal_id: int, *, failed: bool, since: datetime | None, after: int, limit: int
    ) -> list[Rereadable]:
        """The newest content of files whose last reading left out pages that are pictures, in order of capture id.

        None of them is given by ``Planning.rereadable`` with the same arguments and the readers of today.

        Args:
            portal_id: The portal.
            failed: Only those that have some text: those without one have failed anyway.
            since: Only captures fetched then or later.
            after: Only captures with a higher id.
            limit: Most captures to give.
        """
        query = _unlooked(portal_id, failed=failed, since=since)
        query = query.where(schema.capture.c.id > after).order_by(schema.capture.c.id).limit(limit)
        with reading(self._engine) as connection:
            found = list(connection.execute(query).scalars())
        anyone: Readers = dict.fromkeys(_FILES, ())
        return [
            capture
            for number in found
            for capture in self._planning.rereadable(portal_id, readers=anyone, after=number - 1, limit=1)
        ]


def _unlooked(portal_id: int, *, failed: bool, since: datetime | None) -> sa.Select[int]:
    place, capture, said = schema.frontier, schema.capture, schema.extraction
    newer, later = capture.alias("newer"), said.alias("later")
    query = (
        sa.select(capture.c.id)
        .join(place, place.c.id == capture.c.frontier_id)
        .join(said, said.c.capture_id == capture.c.id)
        .where(
            place.c.portal_id == portal_id,
            place.c.kind.in_(_FILES),
            capture.c.outcome == Outcome.OK,
            capture.c.payload_sha256.is_not(None),
            ~sa.exists().where(
                newer.c.frontier_id == capture.c.frontier_id,
                newer.c.id > capture.c.id,
                newer.c.outcome == Outcome.OK,
                newer.c.payload_sha256.is_not(None),
            ),
            ~sa.exists().where(later.c.capture_id == capture.c.id, later.c.id > said.c.id),
            said.c.extractor == DOCUMENT_EXTRACTOR,
            said.c.quality["scanned_pages"].as_integer() > 0,
        )
    )
    if failed:
        query = query.where(said.c.error.is_(None))
    else:
        query = query.where(
            said.c.version == documents.VERSION,
            sa.or_(said.c.error.is_(None), said.c.error.startswith(SCAN, autoescape=True)),
        )
    return query if since is None else query.where(capture.c.fetched_at >= since)
