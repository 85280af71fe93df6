"""After a run: what became of the documents that are gone?"""

from __future__ import annotations

import sqlalchemy as sa

from archive import schema
from archive.reports import LEAST_CHARACTERS
from archive.states import Change, ChangeKind, DocumentState
from archive.transaction import AnyRow, Transaction, note


def settle(tx: Transaction, *, complete: bool) -> list[Change]:
    """Tells moved and withdrawn documents by the rules of ``Store.settle``."""
    changes = []
    for row in tx.connection.execute(_LOST, {"portal_id": tx.portal_id}).all():
        heir = tx.connection.execute(
            _HEIR,
            {
                "document_id": row.id,
                "report_id": row.report_id,
                # A text too short to prove anything is compared with none.
                "sha256": row.text_sha256 if row.characters >= LEAST_CHARACTERS else None,
                "since": row.last_seen,
            },
        ).first()
        if heir is not None:
            changes.append(_decide(tx, row, DocumentState.MOVED, heir))
        elif complete and row.state == DocumentState.GONE and row.last_listed_run_id != tx.run_id:
            changes.append(_decide(tx, row, DocumentState.WITHDRAWN, None))
    return changes


def _decide(tx: Transaction, row: AnyRow, state: DocumentState, heir: AnyRow | None) -> Change:
    tx.connection.execute(
        schema.document.update().where(schema.document.c.id == row.id),
        {"state": state, "moved_to_id": None if heir is None else heir.id},
    )
    kind = ChangeKind.WITHDRAWN if heir is None else ChangeKind.MOVED
    detail = "no column lists it any more" if heir is None else f"to {heir.url}"
    seq = note(tx, kind, document_id=row.id, report_id=row.report_id, version=row.number, detail=detail)
    return Change(
        seq=seq,
        at=tx.now,
        kind=kind,
        portal=row.key,
        run_id=tx.run_id,
        document_id=row.id,
        report_id=row.report_id,
        version=row.number,
        url=row.url,
        detail=detail,
        text_sha256=row.text_sha256,
    )


_d, _v = schema.document.c, schema.version.c
_newest = (
    sa.select(sa.func.max(schema.version.alias("w").c.number))
    .where(sa.literal_column("w.document_id") == _d.id)
    .scalar_subquery()
)
_LOST = (
    sa.select(
        _d.id,
        _d.report_id,
        _d.state,
        _d.url,
        _d.last_seen,
        _v.number,
        _v.text_sha256,
        schema.text_.c.characters,
        schema.frontier.c.last_listed_run_id,
        schema.portal.c.key,
    )
    .join(schema.version, _v.document_id == _d.id)
    .join(schema.text_, schema.text_.c.sha256 == _v.text_sha256)
    .join(schema.frontier, schema.frontier.c.id == _d.frontier_id)
    .join(schema.portal, schema.portal.c.id == _d.portal_id)
    .where(
        _d.portal_id == sa.bindparam("portal_id"),
        _d.state.in_([DocumentState.GONE, DocumentState.WITHDRAWN]),
        _v.number == _newest,
    )
    .order_by(_d.id)
)
_HEIR = (
    sa.select(_d.id, _d.url)
    .where(
        _d.id != sa.bindparam("document_id"),
        _d.state == DocumentState.LIVE,
        _d.first_seen > sa.bindparam("since"),
        sa.or_(
            _d.report_id == sa.bindparam("report_id"),
            _d.id.in_(sa.select(_v.document_id).where(_v.text_sha256 == sa.bindparam("sha256"))),
        ),
    )
    .order_by(_d.first_seen, _d.id)
    .limit(1)
)
