"""What a run needs to know before it starts and when it ends: read-only questions to the archive."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import captures, columns, schema, stored_captures
from archive.columns import ListPage
from archive.database import reading
from archive.records import (
    FrontierKind,
    FrontierState,
    How,
    Link,
    Outcome,
    PublisherRef,
    StoredCapture,
    Verdict,
)
from archive.states import OPEN, DocumentState
from archive.transaction import AnyRow

REREADING = "reextract"
"""Trigger of runs that fetch nothing: they read stored captures again."""
Readers = Mapping[FrontierKind, Collection[tuple[str, str]]]
"""Today's extractors with their versions, for each kind of what they read."""
_f, _c, _e = schema.frontier, schema.capture, schema.extraction


@dataclass(frozen=True, kw_only=True)
class HeldPortal:
    """A portal of which the archive holds bytes."""

    portal_id: int
    key: str
    name: str


@dataclass(frozen=True, kw_only=True)
class LastReading:
    """What the newest extraction of a capture says."""

    text_sha256: str | None
    verdict: Verdict
    title: str | None
    published: date | None
    report_year: int | None
    report_kind: str | None
    publishers: tuple[PublisherRef, ...]
    missing_parts: tuple[int, ...] | None
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Rereadable:
    """A capture to be read again."""

    capture_id: int
    before: LastReading | None
    """None: it was never read."""


class Planning:
    """Answers a crawl's questions about what earlier runs brought.

    Args:
        engine: An open archive.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def learned_columns(self, portal_id: int) -> list[Link]:
        """List pages that gave documents in earlier runs, the most fruitful first, first pages before further ones."""
        return columns.learned(self.list_pages(portal_id))

    def list_pages(self, portal_id: int) -> list[ListPage]:
        """Every list page of the portal that is not refused, with the number of documents it gave."""
        with reading(self._engine) as connection:
            return columns.list_pages(connection, portal_id)

    def reported(self, codes: Collection[str], year: int) -> frozenset[str]:
        """Which of these publishers, by code, have a report of a year, on whichever portal it stands."""
        publisher, report, by = schema.publisher.c, schema.report.c, schema.report_publisher.c
        query = (
            sa.select(publisher.code)
            .join(schema.report_publisher, by.publisher_id == publisher.id)
            .join(schema.report, report.id == by.report_id)
            .where(report.year == year, report.merged_into_id.is_(None), publisher.code.in_(codes))
            .distinct()
        )
        with reading(self._engine) as connection:
            return frozenset(connection.execute(query).scalars())

    def searched_since(self, portal_id: int, moment: datetime) -> bool:
        """True if the pages from which a search for columns starts were read since then."""
        query = sa.select(sa.func.max(_f.c.last_checked)).where(
            _f.c.portal_id == portal_id,
            _f.c.kind == FrontierKind.HUB,
            _f.c.how == How.DECLARED,  # others are read whenever one is new
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

    def waiting(self, portal_id: int) -> int:
        """Readings of this portal that wait in quarantine, from this run and from earlier ones."""
        query = sa.select(sa.func.count()).where(
            schema.quarantine.c.portal_id == portal_id, schema.quarantine.c.state.in_(OPEN)
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
        """Options of the portal's newest crawl, empty if there was none."""
        query = (
            sa.select(schema.run.c.options)
            .join(schema.portal, schema.portal.c.id == schema.run.c.portal_id)
            .where(schema.portal.c.key == portal_key, schema.run.c.trigger != REREADING)
            .order_by(schema.run.c.id.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).scalar()
        return found or {}

    def portals_held(self) -> list[HeldPortal]:
        """Portals with pages or files in the archive, by key."""
        portal = schema.portal
        query = (
            sa.select(portal.c.id, portal.c.key, portal.c.name)
            .where(
                sa.exists()
                .where(_f.c.portal_id == portal.c.id, _c.c.frontier_id == _f.c.id, *_CONTENT)
                .correlate(portal)
            )
            .order_by(portal.c.key)
        )
        with reading(self._engine) as connection:
            return [HeldPortal(portal_id=r.id, key=r.key, name=r.name) for r in connection.execute(query)]

    def count_rereadable(
        self,
        portal_id: int,
        *,
        readers: Readers,
        failed: bool = False,
        since: datetime | None = None,
    ) -> int:
        """How many captures :meth:`rereadable` would give in all."""
        conditions = _rereadable(portal_id, readers, failed=failed, since=since)
        return self._number(sa.select(sa.func.count()).select_from(_READ_LAST).where(*conditions))

    def count_withdrawn(self, portal_id: int) -> int:
        """How many captures :meth:`rereadable` leaves out because their bytes were withdrawn."""
        query = sa.select(sa.func.count()).select_from(_c.join(_f, _f.c.id == _c.c.frontier_id))
        return self._number(
            query.where(_f.c.portal_id == portal_id, *_CONTENT, _NEWEST, stored_captures.WITHDRAWN)
        )

    def rereadable(
        self,
        portal_id: int,
        *,
        readers: Readers,
        failed: bool = False,
        since: datetime | None = None,
        after: int = 0,
        limit: int = 200,
    ) -> list[Rereadable]:
        """The newest content of each page and file that is to be read again, in order of capture id.

        Older content is left alone: its text is a former version, and a former version read anew would be
        compared with the text of today.

        Args:
            portal_id: The portal.
            readers: What one of today's has read is left out; only the kinds named here are given.
            failed: Instead, what could not be read the last time, by whichever extractor.
            since: Only captures fetched then or later.
            after: Only captures with a higher id.
            limit: Most captures to give.
        """
        query = (
            sa.select(_c.c.id.label("capture_id"), _e.c.id.label("extraction_id"), *captures.SAID)
            .select_from(_READ_LAST)
            .where(*_rereadable(portal_id, readers, failed=failed, since=since), _c.c.id > after)
            .order_by(_c.c.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [
                Rereadable(capture_id=row.capture_id, before=_last_reading(row))
                for row in connection.execute(query)
            ]

    def stored(self, capture_id: int) -> StoredCapture:
        """A capture with its bytes.

        Raises:
            archive.redaction.Redacted: The bytes were withdrawn.
            DatabaseUnusable: The bytes are damaged.
        """
        with reading(self._engine) as connection:
            return stored_captures.load(connection, capture_id)

    def _number(self, query: sa.Select[int]) -> int:
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar() or 0)


def _last_reading(row: AnyRow) -> LastReading | None:
    if row.extraction_id is None:
        return None
    return LastReading(
        text_sha256=row.text_sha256,
        verdict=Verdict(row.verdict),
        title=row.title,
        published=row.published,
        report_year=row.report_year,
        report_kind=row.report_kind,
        publishers=tuple(PublisherRef(**publisher) for publisher in row.publishers),
        missing_parts=None if row.missing_parts is None else tuple(row.missing_parts),
        error=row.error,
    )


def _rereadable(
    portal_id: int, readers: Readers, *, failed: bool, since: datetime | None
) -> list[sa.ColumnElement[bool]]:
    known = _e.alias("known")
    conditions = [
        _f.c.portal_id == portal_id,
        _f.c.kind.in_(list(readers)),
        *_CONTENT,
        ~stored_captures.WITHDRAWN,
        _NEWEST,
    ]
    if failed:
        conditions.append(_e.c.error.is_not(None))
    else:
        read = [
            sa.and_(_f.c.kind == kind, known.c.extractor == extractor, known.c.version == version)
            for kind, pairs in readers.items()
            for extractor, version in pairs
        ]
        conditions.append(~sa.exists().where(known.c.capture_id == _c.c.id, sa.or_(sa.false(), *read)))
    if since is not None:
        conditions.append(_c.c.fetched_at >= since)
    return conditions


_CONTENT = (
    _f.c.kind.in_([FrontierKind.PAGE, FrontierKind.ATTACHMENT, FrontierKind.ANNEX]),
    _c.c.outcome == Outcome.OK,
    _c.c.payload_sha256.is_not(None),
    _c.c.part_of_id.is_(None),
)
_newer = _c.alias("newer")
_NEWEST = ~sa.exists().where(
    _newer.c.frontier_id == _c.c.frontier_id,
    _newer.c.id > _c.c.id,
    _newer.c.outcome == Outcome.OK,
    _newer.c.payload_sha256.is_not(None),
    _newer.c.part_of_id.is_(None),
)
_read = _e.alias("read")
_LAST = (
    sa.select(sa.func.max(_read.c.id)).where(_read.c.capture_id == _c.c.id).correlate(_c).scalar_subquery()
)
_READ_LAST = _c.join(_f, _f.c.id == _c.c.frontier_id).outerjoin(_e, _e.c.id == _LAST)
