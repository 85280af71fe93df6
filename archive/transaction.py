"""What every step inside one write transaction needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from archive import schema
from archive.states import ChangeKind

AnyRow = Row[*tuple[Any, ...]]

_INSERTS: dict[str, sa.Insert] = {}


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open write transaction on one portal, on behalf of a run or of a person."""

    connection: Connection
    run_id: int | None
    """None: a person decides, no run is under way."""
    portal_id: int
    now: datetime


def insert(connection: Connection, table: sa.Table, values: dict[str, Any]) -> int:
    """Inserts one row and returns its number."""
    statement = _INSERTS.get(table.name)
    if statement is None:
        statement = _INSERTS[table.name] = table.insert()
    key: Any = connection.execute(statement, values).inserted_primary_key
    return int(key[0])


def note(
    tx: Transaction,
    kind: ChangeKind,
    *,
    document_id: int | None,
    report_id: int | None,
    version: int | None = None,
    detail: str | None = None,
) -> int:
    """Appends one row to the change sequence and returns its number.

    It keeps the digest of the version's text as it stands now: a later reading may replace the text,
    and whoever follows the changes must find in each what was true then.
    """
    values = {
        "at": tx.now,
        "kind": kind,
        "portal_id": tx.portal_id,
        "run_id": tx.run_id,
        "document_id": document_id,
        "report_id": report_id,
        "version": version,
        "detail": detail,
        "of_document": document_id,
        "of_version": version,
    }
    key: Any = tx.connection.execute(_NOTE, values).inserted_primary_key
    return int(key[0])


_v = schema.version.c
_STANDING = sa.select(_v.text_sha256).where(
    _v.document_id == sa.bindparam("of_document"), _v.number == sa.bindparam("of_version")
)
_NOTE = schema.change.insert().values(text_sha256=_STANDING.scalar_subquery())
