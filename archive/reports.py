"""Which documents are the same report: one publisher's report for one year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from archive import merging, publishers, sameness, schema
from archive.records import ExtractionRecord, FrontierKind, PublisherRef
from archive.states import ChangeKind
from archive.text import clean
from archive.transaction import AnyRow, Transaction, insert, note

LEAST_CHARACTERS = 50
"""Shorter texts (正文见附件, 点击下载) stand at many reports: they prove nothing without equal titles."""

ANNUAL = "annual"

_MOST_HOLDERS = 200
_MOST_CANDIDATES = 200
_LENGTHS_APART = 0.03


def held_elsewhere(
    tx: Transaction, document_id: int | None, text_sha256: str, reading: ExtractionRecord
) -> AnyRow | None:
    """Another document that holds this text and does not contradict the reading; one with a report if possible.

    Equal text whose titles or letterheads name different publishers, or different years, is a copied template: two
    reports. Their kinds do not matter: the report to the public and to the people's congress is one if its text is.
    """
    rows = tx.connection.execute(_HELD, {"sha256": text_sha256, "document_id": document_id or 0})
    return next(
        (
            row
            for row in rows
            if (row.characters >= LEAST_CHARACTERS or row.title == reading.title)
            and not _contradicts(reading, row)
        ),
        None,
    )


def group(
    tx: Transaction, held: AnyRow | None, reading: ExtractionRecord, fallback_title: str, text_sha256: str
) -> int:
    """Finds the report a document belongs to, or makes it; returns its id.

    The order: the report of another document with the same text (``held``); the report of the same publishers for the
    same year and kind; where either is not known, a report of the portal whose text is the same but for a few
    corrected words (``archive.sameness``); a new one. A merged report stands for the one it was merged into.
    """
    if held is not None and held.report_id is not None:
        report_id = int(held.report_id)
        _complete(tx, report_id, reading)
        return report_id
    known, issuers = publishers.ids(tx, reading.publishers)
    kind = reading.report_kind or ANNUAL
    if issuers and known and reading.report_year is not None:
        same = _same_publishers(tx, issuers, reading.report_year, kind)
        if same is not None:
            return same
    alike = _same_wording(tx, issuers, reading, kind, text_sha256)
    if alike is not None:
        _complete(tx, alike, reading)
        return alike
    report_id = insert(
        tx.connection,
        schema.report,
        {
            "portal_id": tx.portal_id,
            "title": reading.title or fallback_title,
            "year": reading.report_year,
            "kind": kind,
            "published": reading.published,
            "vague": not issuers or reading.report_year is None,
        },
    )
    publishers.put(tx.connection, report_id, issuers)
    return report_id


def follow(
    tx: Transaction,
    report_id: int,
    document_id: int,
    reading: ExtractionRecord,
    version: int,
    *,
    same_text: bool = False,
) -> int:
    """Lets a report's title, year, kind, date and publishers follow its first document; returns the report's id.

    What the newer reading does not know stays as it was, and so do publishers that a person gave; a correction is one
    ``described`` change. A report that turns out, by a better reading of the same text, to be another one that stands
    already, goes up in it: unless a person had a hand in either.
    """
    first = tx.connection.execute(_FIRST, {"report_id": report_id}).scalar()
    if first != document_id:
        return report_id
    now = tx.connection.execute(_REPORT, {"report_id": report_id}).one()
    given = {
        "title": None if reading.title is None else clean(reading.title),
        "year": reading.report_year,
        "kind": reading.report_kind,
        "published": reading.published,
    }
    news = {name: value for name, value in given.items() if value is not None and value != getattr(now, name)}
    _, issuers = publishers.ids(tx, reading.publishers)
    before = publishers.of_report(tx.connection, report_id)
    if not _describe(
        tx, now, news, issuers if issuers != before and now.decision_id is None else [], reading
    ):
        return report_id
    _tell(tx, report_id, document_id, version, news)
    if not same_text or not (news.keys() & {"year", "kind", "publishers"}):
        return report_id
    issuers, year = issuers or before, news.get("year", now.year)
    if not issuers or year is None:
        return report_id
    other = _same_publishers(tx, issuers, year, news.get("kind", now.kind), but=report_id)
    if other is None or not merging.unite(tx, other, report_id):
        return report_id
    return other


def _describe(
    tx: Transaction, now: AnyRow, news: dict[str, Any], issuers: Sequence[int], reading: ExtractionRecord
) -> bool:
    """Writes what is new of a report, and adds the publishers to ``news``; False if nothing is."""
    values = dict(news)
    if issuers:
        publishers.put(tx.connection, now.id, issuers)
        news["publishers"] = "、".join(ref.name for ref in reading.publishers)
    if not news:
        return False
    year = news.get("year", now.year)
    values["vague"] = year is None or not (issuers or publishers.of_report(tx.connection, now.id))
    tx.connection.execute(schema.report.update().where(schema.report.c.id == now.id), values)
    return True


def _complete(tx: Transaction, report_id: int, reading: ExtractionRecord) -> None:
    """What a report did not know, a further document of it may."""
    now = tx.connection.execute(_REPORT, {"report_id": report_id}).one()
    if not now.vague:
        return
    first = tx.connection.execute(_FIRST, {"report_id": report_id}).scalar()
    news: dict[str, Any] = {}
    if now.year is None and reading.report_year is not None:
        news["year"] = reading.report_year
    issuers: list[int] = []
    if now.decision_id is None and not publishers.of_report(tx.connection, report_id):
        _, issuers = publishers.ids(tx, reading.publishers)
    if _describe(tx, now, news, issuers, reading):
        _tell(tx, report_id, first, None, news)


def _tell(
    tx: Transaction,
    report_id: int,
    document_id: int | None,
    version: int | None,
    news: dict[str, Any],
) -> None:
    note(
        tx,
        ChangeKind.DESCRIBED,
        document_id=document_id,
        report_id=report_id,
        version=version,
        detail="; ".join(f"{name}: {value}" for name, value in news.items()),
    )


def _contradicts(reading: ExtractionRecord, row: AnyRow) -> bool:
    issuers = [PublisherRef(**publisher) for publisher in row.publishers]
    return sameness.other_publishers(
        reading.publishers, reading.metadata, issuers, row.metadata
    ) or sameness.other_year(reading.report_year, reading.metadata, row.report_year, row.metadata)


def _same_publishers(
    tx: Transaction, issuers: Sequence[int], year: int, kind: str, but: int | None = None
) -> int | None:
    rows = tx.connection.execute(_SHARED, {"publisher_id": issuers[0], "year": year, "kind": kind})
    by_report: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        by_report[row.report_id].add(row.publisher_id)
    for report_id, named in by_report.items():
        if named == set(issuers) and report_id != but:
            current = merging.current(tx.connection, report_id)
            if current != but:
                return current
    return None


def _same_wording(
    tx: Transaction, issuers: Sequence[int], reading: ExtractionRecord, kind: str, text_sha256: str
) -> int | None:
    """A report of the portal that may be this one, whose text differs by a few corrected words."""
    vague = not issuers or reading.report_year is None
    size = len(reading.text)
    rows = tx.connection.execute(
        _CANDIDATES_OF_VAGUE if vague else _VAGUE_CANDIDATES,
        {
            "portal_id": tx.portal_id,
            "year": reading.report_year,
            "kind": kind,
            "fewest": round(size * (1 - _LENGTHS_APART)),
            "most": round(size * (1 + _LENGTHS_APART)),
            "sha256": text_sha256,
        },
    ).all()
    for row in rows:
        named = publishers.of_report(tx.connection, row.id)
        if named and issuers and set(named) != set(issuers):
            continue
        content = tx.connection.execute(_CONTENT, {"sha256": row.text_sha256}).scalar_one()
        if sameness.one_text(reading.text, content):
            return int(row.id)
    return None


_d, _v, _t, _e, _r = (
    schema.document.c,
    schema.version.c,
    schema.text_.c,
    schema.extraction.c,
    schema.report.c,
)
_HELD = (
    sa.select(_d.id, _d.report_id, _t.characters, _e.title, _e.publishers, _e.metadata, _e.report_year)
    .select_from(schema.version)
    .join(schema.document, _d.id == _v.document_id)
    .join(schema.text_, _t.sha256 == _v.text_sha256)
    .join(schema.extraction, _e.id == _v.extraction_id)
    .where(
        _v.text_sha256 == sa.bindparam("sha256"),
        _d.id != sa.bindparam("document_id"),
        _d.role != FrontierKind.ANNEX,
    )
    .order_by(_d.report_id.is_(None), _d.report_id, _d.id)
    .limit(_MOST_HOLDERS)
)
_REPORT = sa.select(schema.report).where(_r.id == sa.bindparam("report_id"))
_FIRST = (
    # Documents that a person put there do not describe the report they were put to.
    sa.select(_d.id)
    .where(_d.report_id == sa.bindparam("report_id"))
    .order_by(_d.decision_id.is_not(None), _d.id)
    .limit(1)
)
_CONTENT = sa.select(_t.content).where(_t.sha256 == sa.bindparam("sha256"))
_one, _all = schema.report_publisher.alias("one"), schema.report_publisher.alias("every")
_SHARED = (
    sa.select(_all.c.report_id, _all.c.publisher_id)
    .join(_one, _one.c.report_id == _all.c.report_id)
    .join(schema.report, _r.id == _all.c.report_id)
    .where(
        _one.c.publisher_id == sa.bindparam("publisher_id"),
        # "+ 0": SQLite would begin with all reports of the year, tens of thousands, not with the publisher's.
        _r.year + 0 == sa.bindparam("year"),
        _r.kind == sa.bindparam("kind"),
    )
    .order_by(_all.c.report_id)
)
_newer = schema.version.alias("newer")
_candidates = (
    sa.select(_r.id, _v.text_sha256)
    .join(schema.document, _d.report_id == _r.id)
    .join(schema.version, _v.document_id == _d.id)
    .join(schema.text_, _t.sha256 == _v.text_sha256)
    .where(
        _r.portal_id == sa.bindparam("portal_id"),
        _r.kind == sa.bindparam("kind"),
        _t.characters.between(sa.bindparam("fewest"), sa.bindparam("most")),
        _t.sha256 != sa.bindparam("sha256"),
        ~sa.exists().where(_newer.c.document_id == _d.id, _newer.c.number > _v.number),
    )
    .order_by(_r.id, _d.id)
    .limit(_MOST_CANDIDATES)
)
_year = sa.bindparam("year", type_=sa.Integer)
_VAGUE_CANDIDATES = _candidates.where(sa.text("report.vague"), sa.or_(_r.year.is_(None), _r.year == _year))
_CANDIDATES_OF_VAGUE = _candidates.where(sa.or_(_year.is_(None), _r.year.is_(None), _r.year == _year))
