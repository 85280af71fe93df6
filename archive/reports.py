"""Which documents are the same report: one publisher's report for one year."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa

from archive import schema
from archive.records import ExtractionRecord, FrontierKind
from archive.states import ChangeKind
from archive.text import clean
from archive.transaction import AnyRow, Transaction, insert, note

LEAST_CHARACTERS = 50
"""Shorter texts (正文见附件, 点击下载) stand at many reports: they prove nothing without equal titles."""

ANNUAL = "annual"
_LONGEST_NAME = 300


def held_elsewhere(
    tx: Transaction, document_id: int | None, text_sha256: str, title: str | None
) -> AnyRow | None:
    """Another document that holds this text, one with a report (``report_id``) if possible, or None."""
    rows = tx.connection.execute(_HELD, {"sha256": text_sha256, "document_id": document_id or 0})
    return next((row for row in rows if row.characters >= LEAST_CHARACTERS or row.title == title), None)


def group(tx: Transaction, held: AnyRow | None, reading: ExtractionRecord, fallback_title: str) -> int:
    """Finds the report a document belongs to, or makes it; returns its id.

    The order: the report of another document with the same text (``held``); the report of the
    same publishers for the same year and kind; a new one.
    """
    if held is not None and held.report_id is not None:
        return int(held.report_id)
    known, publishers = _publisher_ids(tx, reading)
    kind = reading.report_kind or ANNUAL
    if publishers and known and reading.report_year is not None:
        same = _same_publishers(tx, publishers, reading.report_year, kind)
        if same is not None:
            return same
    report_id = insert(
        tx.connection,
        schema.report,
        {
            "portal_id": tx.portal_id,
            "title": reading.title or fallback_title,
            "year": reading.report_year,
            "kind": kind,
            "published": reading.published,
        },
    )
    _set_publishers(tx, report_id, publishers)
    return report_id


def follow(
    tx: Transaction, report_id: int, document_id: int, reading: ExtractionRecord, version: int
) -> None:
    """Lets a report's title, year, kind, date and publishers follow its first document.

    What the newer reading does not know stays as it was; a correction is one ``described`` change.
    """
    document, report = schema.document, schema.report
    first = tx.connection.execute(
        sa.select(sa.func.min(document.c.id)).where(document.c.report_id == report_id)
    ).scalar()
    if first != document_id:
        return
    now = tx.connection.execute(sa.select(report).where(report.c.id == report_id)).one()
    given = {
        "title": None if reading.title is None else clean(reading.title),
        "year": reading.report_year,
        "kind": reading.report_kind,
        "published": reading.published,
    }
    news = {name: value for name, value in given.items() if value is not None and value != getattr(now, name)}
    _, publishers = _publisher_ids(tx, reading)
    before = tx.connection.execute(_PUBLISHERS, {"report_id": report_id}).scalars().all()
    if publishers and publishers != list(before):
        tx.connection.execute(
            schema.report_publisher.delete().where(schema.report_publisher.c.report_id == report_id)
        )
        _set_publishers(tx, report_id, publishers)
        news["publishers"] = "、".join(ref.name for ref in reading.publishers)
    elif not news:
        return
    columns = {name: value for name, value in news.items() if name != "publishers"}
    if columns:
        tx.connection.execute(report.update().where(report.c.id == report_id), columns)
    note(
        tx,
        ChangeKind.DESCRIBED,
        document_id=document_id,
        report_id=report_id,
        version=version,
        detail="; ".join(f"{name}: {value}" for name, value in news.items()),
    )


def _set_publishers(tx: Transaction, report_id: int, publishers: list[int]) -> None:
    rows = [
        {"report_id": report_id, "publisher_id": publisher_id, "position": position}
        for position, publisher_id in enumerate(publishers)
    ]
    if rows:
        tx.connection.execute(schema.report_publisher.insert(), rows)


def _publisher_ids(tx: Transaction, reading: ExtractionRecord) -> tuple[bool, list[int]]:
    """Were all publishers known before, and their ids in printed order; unknown ones are added."""
    known, ids = True, []
    for ref in reading.publishers:
        name = ref.name[:_LONGEST_NAME]
        if ref.code is not None:
            found = tx.connection.execute(_BY_CODE, {"code": ref.code}).scalar()
        else:
            found = tx.connection.execute(_BY_NAME, {"portal_id": tx.portal_id, "name": name}).scalar()
        if found is None:
            known = False
            values = {"portal_id": tx.portal_id, "code": ref.code, "name": name, "level": ref.level}
            found = insert(tx.connection, schema.publisher, values)
        ids.append(int(found))
    return known, list(dict.fromkeys(ids))


def _same_publishers(tx: Transaction, publishers: list[int], year: int, kind: str) -> int | None:
    rows = tx.connection.execute(_SHARED, {"publisher_id": publishers[0], "year": year, "kind": kind})
    by_report: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        by_report[row.report_id].add(row.publisher_id)
    return next((report for report, named in by_report.items() if named == set(publishers)), None)


_d, _v, _p, _rp = schema.document.c, schema.version.c, schema.publisher.c, schema.report_publisher.c
_HELD = (
    sa.select(_d.id, _d.report_id, schema.text_.c.characters, schema.extraction.c.title)
    .select_from(schema.version)
    .join(schema.document, _d.id == _v.document_id)
    .join(schema.text_, schema.text_.c.sha256 == _v.text_sha256)
    .join(schema.extraction, schema.extraction.c.id == _v.extraction_id)
    .where(
        _v.text_sha256 == sa.bindparam("sha256"),
        _d.id != sa.bindparam("document_id"),
        _d.role != FrontierKind.ANNEX,
    )
    .order_by(_d.report_id.is_(None), _d.report_id, _d.id)
)
_BY_CODE = sa.select(_p.id).where(_p.code == sa.bindparam("code"))
_BY_NAME = sa.select(_p.id).where(
    _p.portal_id == sa.bindparam("portal_id"), _p.name == sa.bindparam("name"), _p.code.is_(None)
)
_PUBLISHERS = (
    sa.select(_rp.publisher_id).where(_rp.report_id == sa.bindparam("report_id")).order_by(_rp.position)
)
_one, _all = schema.report_publisher.alias("one"), schema.report_publisher.alias("every")
_SHARED = (
    sa.select(_all.c.report_id, _all.c.publisher_id)
    .join(_one, _one.c.report_id == _all.c.report_id)
    .join(schema.report, schema.report.c.id == _all.c.report_id)
    .where(
        _one.c.publisher_id == sa.bindparam("publisher_id"),
        # "+ 0": SQLite would begin with all reports of the year, tens of thousands, not with the publisher's.
        schema.report.c.year + 0 == sa.bindparam("year"),
        schema.report.c.kind == sa.bindparam("kind"),
    )
    .order_by(_all.c.report_id)
)
