"""Reports that are one, and documents that are a report of their own: decided, remembered, undone.

A merged report keeps its number and points to the one its documents stand at now. What a person decided holds: the
machine never moves a document that a person placed, nor lets a report go up in another when a person had a hand in
either of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import leases, publishers, schema
from archive.errors import UsageError
from archive.records import PublisherRef
from archive.states import ChangeKind
from archive.transaction import AnyRow, Transaction, insert, note

LARGEST_ID = 2**31 - 1


class DecisionKind(StrEnum):
    """What was decided about reports."""

    MERGE = "merge"
    SPLIT = "split"
    UNDO = "undo"


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a decision did."""

    decision_id: int
    kind: DecisionKind
    report_id: int
    """The report that stays: where merged documents stand now, or the one that documents were taken from."""
    other_id: int
    """The report that went up in it, or the new one."""
    documents: tuple[int, ...]
    """Documents that stand at another report now."""


def current(connection: Connection, report_id: int) -> int:
    """The report that a number stands for today: its own, or, once merged, the one it ended in."""
    while (into := connection.execute(_INTO, {"report_id": report_id}).scalar()) is not None:
        report_id = int(into)
    return report_id


def unite(tx: Transaction, stays: int, goes: int) -> bool:
    """The machine found that two reports are one; False if a person had a hand in either: then they stay two."""
    if tx.connection.execute(_BY_HAND, {"reports": [stays, goes]}).first() is not None:
        return False
    moved = _documents_of(tx.connection, goes)
    by = "the archive" if tx.run_id is None else f"run {tx.run_id}"
    decision_id = _write(tx, DecisionKind.MERGE, by, stays, goes, moved, None)
    _move(tx, moved, stays, ChangeKind.MERGED, f"from report {goes}, the same publisher and year", None)
    _end(tx, goes, stays, f"into report {stays}, the same publisher and year (decision {decision_id})")
    return True


def merge(
    connection: Connection,
    report_id: int,
    other_id: int,
    *,
    by: str,
    said: str | None,
    joint: bool,
    now: datetime,
) -> Decided:
    """Lets one report go up in another by the rules of ``Store.merge_reports``.

    Raises:
        UsageError: there is no such report, or both are one already.
        PortalBusy: a run works on the portal of one of their documents.
    """
    stays, goes = _known(connection, report_id), _known(connection, other_id)
    if stays == goes:
        raise UsageError(f"reports {report_id} and {other_id} are one already: report {stays}")
    moved = _documents_of(connection, goes)
    tx = _by_person(connection, [stays, goes], moved, now)
    issuers = publishers.of_report(connection, stays)
    decision_id = _write(
        tx, DecisionKind.MERGE, by, stays, goes, moved, said, issuers=issuers if joint else None
    )
    _move(
        tx, moved, stays, ChangeKind.MERGED, _words(f"from report {goes}", decision_id, by, said), decision_id
    )
    if joint:
        both = list(dict.fromkeys([*issuers, *publishers.of_report(connection, goes)]))
        publishers.put(connection, stays, both)
        _set_report(connection, stays, decision_id=decision_id)
    _end(tx, goes, stays, _words(f"into report {stays}", decision_id, by, said))
    return Decided(
        decision_id=decision_id,
        kind=DecisionKind.MERGE,
        report_id=stays,
        other_id=goes,
        documents=tuple(row.id for row in moved),
    )


def split(
    connection: Connection, document_ids: Sequence[int], *, by: str, said: str | None, now: datetime
) -> Decided:
    """Makes a report of their own of some documents by the rules of ``Store.split_report``.

    Raises:
        UsageError: they are of no report or of several, or the report would be left without a document.
        PortalBusy: a run works on the portal of one of them.
    """
    moved = list(connection.execute(_DOCUMENTS, {"ids": list(document_ids)}))
    found = {row.id for row in moved}
    missing = [number for number in document_ids if number not in found]
    if missing:
        raise UsageError(f"there is no document {missing[0]}; `archive show REF` names them")
    reports = {row.report_id for row in moved}
    if reports == {None} or not reports:
        raise UsageError("these documents are of no report yet; `archive list --unsure` shows them")
    if len(reports) > 1:
        raise UsageError("these documents are of several reports; split one report at a time")
    (report_id,) = reports
    if len(_documents_of(connection, report_id)) == len(moved):
        raise UsageError(f"report {report_id} has no other document; there is nothing to split")
    tx = _by_person(connection, [report_id], moved, now)
    new_id = _new_report(tx, moved[0])
    decision_id = _write(tx, DecisionKind.SPLIT, by, report_id, new_id, moved, said)
    _move(
        tx,
        moved,
        new_id,
        ChangeKind.SPLIT,
        _words(f"from report {report_id}", decision_id, by, said),
        decision_id,
    )
    note(
        tx,
        ChangeKind.SPLIT,
        document_id=None,
        report_id=report_id,
        detail=_words(f"{len(moved)} of its documents are report {new_id}", decision_id, by, said),
    )
    return Decided(
        decision_id=decision_id,
        kind=DecisionKind.SPLIT,
        report_id=report_id,
        other_id=new_id,
        documents=tuple(sorted(found)),
    )


def undo(connection: Connection, decision_id: int, *, by: str, said: str | None, now: datetime) -> Decided:
    """Takes a merge or a split back by the rules of ``Store.undo_decision``.

    Raises:
        UsageError: there is no such decision, it is undone already, or a later one moved the same documents.
        PortalBusy: a run works on the portal of one of the documents.
    """
    row = None
    if 0 < decision_id <= LARGEST_ID:
        row = connection.execute(_DECISION, {"decision_id": decision_id}).one_or_none()
    if row is None or row.kind == DecisionKind.UNDO:
        raise UsageError(
            f"there is no merge or split {decision_id}; `archive report history REF` shows the numbers"
        )
    if row.undone_by_id is not None:
        raise UsageError(f"decision {decision_id} is undone already, by decision {row.undone_by_id}")
    moved = list(connection.execute(_DOCUMENTS, {"ids": [number for number, _ in row.ids["documents"]]}))
    merged = row.kind == DecisionKind.MERGE
    stands = row.report_id if merged else row.other_id
    for one in moved:
        if one.report_id != stands:
            raise UsageError(
                f"document {one.id} stands at report {one.report_id} by a later decision; undo that one first"
            )
    if connection.execute(_INTO, {"report_id": stands}).scalar() is not None:
        raise UsageError(f"report {stands} was merged later; undo that decision first")
    tx = _by_person(connection, [row.report_id, row.other_id], moved, now)
    kind = ChangeKind.SPLIT if merged else ChangeKind.MERGED
    goes_back = row.other_id if merged else row.report_id
    undone = _write(tx, DecisionKind.UNDO, by, row.report_id, row.other_id, moved, said)
    connection.execute(_UNDONE, {"row_id": decision_id, "by_id": undone})
    words = _words(f"from report {stands}, decision {decision_id} undone", undone, by, said)
    if merged:
        _set_report(connection, row.other_id, merged_into_id=None)
        if row.ids.get("publishers") is not None:
            publishers.put(connection, row.report_id, row.ids["publishers"])
            _set_report(connection, row.report_id, decision_id=None)
    _move(tx, moved, goes_back, kind, words, undone)
    if not merged:
        _end(tx, row.other_id, row.report_id, _words(f"into report {row.report_id}", undone, by, said))
    return Decided(
        decision_id=undone,
        kind=DecisionKind.UNDO,
        report_id=row.report_id,
        other_id=row.other_id,
        documents=tuple(one.id for one in moved),
    )


def _known(connection: Connection, report_id: int) -> int:
    if (
        not 0 < report_id <= LARGEST_ID
        or connection.execute(_EXISTS, {"report_id": report_id}).first() is None
    ):
        raise UsageError(f"there is no report {report_id}; `archive list` shows the numbers")
    return current(connection, report_id)


def _by_person(
    connection: Connection, reports: Sequence[int], documents: Sequence[AnyRow], now: datetime
) -> Transaction:
    """A transaction on the portal of the first report, once no run works on any portal concerned."""
    homes = connection.execute(_PORTALS, {"reports": list(reports)}).scalars().all()
    for portal_id in sorted({*homes, *(row.portal_id for row in documents)}):
        leases.is_leased(connection, portal_id, owner="", now=now)
    home = connection.execute(_PORTALS, {"reports": [reports[0]]}).scalar_one()
    return Transaction(connection, None, int(home), now)


def _write(
    tx: Transaction,
    kind: DecisionKind,
    by: str,
    report_id: int,
    other_id: int,
    moved: Sequence[AnyRow],
    said: str | None,
    *,
    issuers: Sequence[int] | None = None,
) -> int:
    ids: dict[str, Any] = {"documents": [[row.id, row.report_id] for row in moved]}
    if issuers is not None:
        ids["publishers"] = list(issuers)
    values = {"at": tx.now, "by": by, "kind": kind, "report_id": report_id, "other_id": other_id, "ids": ids}
    return insert(tx.connection, schema.decision, {**values, "note": said})


def _move(
    tx: Transaction,
    documents: Sequence[AnyRow],
    report_id: int,
    kind: ChangeKind,
    detail: str,
    decision_id: int | None,
) -> None:
    values: dict[str, Any] = {"report_id": report_id}
    if decision_id is not None:
        values["decision_id"] = decision_id
    for row in documents:
        tx.connection.execute(schema.document.update().where(_d.id == row.id), values)
        there = Transaction(tx.connection, tx.run_id, row.portal_id, tx.now)
        note(there, kind, document_id=row.id, report_id=report_id, version=row.version, detail=detail)


def _end(tx: Transaction, report_id: int, into: int, detail: str) -> None:
    """A report that has no document any more stands for another one."""
    _set_report(tx.connection, report_id, merged_into_id=into)
    note(tx, ChangeKind.MERGED, document_id=None, report_id=report_id, detail=detail)


def _set_report(connection: Connection, report_id: int, **values: int | None) -> None:
    connection.execute(schema.report.update().where(_r.id == report_id), values)


def _new_report(tx: Transaction, row: AnyRow) -> int:
    """A report as the newest reading of its first document describes it."""
    there = Transaction(tx.connection, tx.run_id, row.portal_id, tx.now)
    _, issuers = publishers.ids(there, [PublisherRef(**publisher) for publisher in row.publishers])
    values = {
        "portal_id": row.portal_id,
        "title": row.title or row.url,
        "year": row.report_year,
        "kind": row.report_kind or "annual",
        "published": row.published,
        "vague": not issuers or row.report_year is None,
    }
    report_id = insert(tx.connection, schema.report, values)
    publishers.put(tx.connection, report_id, issuers)
    return report_id


def _documents_of(connection: Connection, report_id: int) -> list[AnyRow]:
    return list(connection.execute(_OF_REPORT, {"report_id": report_id}))


def _words(what: str, decision_id: int, by: str, said: str | None) -> str:
    return f"{what} (decision {decision_id} by {by}{f': {said}' if said else ''})"


_d, _r, _v, _e = schema.document.c, schema.report.c, schema.version.c, schema.extraction.c
_w = schema.version.alias("w").c
_newest = (
    sa.select(sa.func.max(_w.number))
    .where(_w.document_id == _d.id)
    .correlate(schema.document)
    .scalar_subquery()
)
_rows = (
    sa.select(
        _d.id,
        _d.portal_id,
        _d.report_id,
        _d.url,
        _v.number.label("version"),
        _e.title,
        _e.report_year,
        _e.report_kind,
        _e.published,
        _e.publishers,
    )
    .select_from(schema.document)
    .join(schema.version, sa.and_(_v.document_id == _d.id, _v.number == _newest))
    .join(schema.extraction, _e.id == _v.extraction_id)
    .order_by(_d.id)
)
_DOCUMENTS = _rows.where(_d.id.in_(sa.bindparam("ids", expanding=True)))
_OF_REPORT = _rows.where(_d.report_id == sa.bindparam("report_id"))
_INTO = sa.select(_r.merged_into_id).where(_r.id == sa.bindparam("report_id"))
_EXISTS = sa.select(_r.id).where(_r.id == sa.bindparam("report_id"))
_PORTALS = sa.select(_r.portal_id).where(_r.id.in_(sa.bindparam("reports", expanding=True)))
_BY_HAND = (
    sa.select(_d.id)
    .where(_d.report_id.in_(sa.bindparam("reports", expanding=True)), _d.decision_id.is_not(None))
    .limit(1)
)
_DECISION = sa.select(schema.decision).where(schema.decision.c.id == sa.bindparam("decision_id"))
_UNDONE = (
    schema.decision.update()
    .where(schema.decision.c.id == sa.bindparam("row_id"))
    .values(undone_by_id=sa.bindparam("by_id"))
)
