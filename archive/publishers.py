"""Publishers and the reports they issued: their rows, found by code or name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema
from archive.records import PublisherRef
from archive.transaction import AnyRow, Transaction, insert

_LONGEST_NAME = 300


def ids(tx: Transaction, refs: Iterable[PublisherRef]) -> tuple[bool, list[int]]:
    """Were all of them known before, and their numbers in printed order; unknown ones are added.

    A body known by its name alone that is named with a code now stays the same publisher, and so does one with a code
    that is named without, if the portal has only one of that name.
    """
    known, found = True, []
    for ref in refs:
        name = ref.name[:_LONGEST_NAME]
        row_id = _by_code(tx, ref, name) if ref.code is not None else _by_name(tx, name)
        if row_id is None:
            known = False
            values = {"portal_id": tx.portal_id, "code": ref.code, "name": name, "level": ref.level}
            row_id = insert(tx.connection, schema.publisher, values)
        found.append(row_id)
    return known, list(dict.fromkeys(found))


def of_report(connection: Connection, report_id: int) -> list[int]:
    """The publishers of a report, in printed order."""
    return list(connection.execute(_OF_REPORT, {"report_id": report_id}).scalars())


def put(connection: Connection, report_id: int, publishers: Sequence[int]) -> None:
    """Makes these the publishers of a report."""
    table = schema.report_publisher
    connection.execute(table.delete().where(table.c.report_id == report_id))
    rows = [
        {"report_id": report_id, "publisher_id": publisher_id, "position": position}
        for position, publisher_id in enumerate(publishers)
    ]
    if rows:
        connection.execute(table.insert(), rows)


def same_body(one: PublisherRef, other: PublisherRef) -> bool:
    """True if two names may be of one body: by their codes, or one ends with the other (东丽区华新街道, 华新街道)."""
    if one.code is not None and other.code is not None:
        return one.code == other.code
    return one.name.endswith(other.name) or other.name.endswith(one.name)


def _by_code(tx: Transaction, ref: PublisherRef, name: str) -> int | None:
    row_id = tx.connection.execute(_BY_CODE, {"code": ref.code}).scalar()
    if row_id is not None:
        return int(row_id)
    namesake = tx.connection.execute(_BY_NAME, {"portal_id": tx.portal_id, "name": name}).scalar()
    if namesake is None:
        return None
    tx.connection.execute(_CODED, {"row_id": namesake, "given": ref.code, "given_level": ref.level})
    return int(namesake)


def _by_name(tx: Transaction, name: str) -> int | None:
    row_id = tx.connection.execute(_BY_NAME, {"portal_id": tx.portal_id, "name": name}).scalar()
    if row_id is not None:
        return int(row_id)
    coded: Sequence[AnyRow] = tx.connection.execute(
        _CODED_NAME, {"portal_id": tx.portal_id, "name": name}
    ).all()
    return int(coded[0].id) if len(coded) == 1 else None


_p, _rp = schema.publisher.c, schema.report_publisher.c
_BY_CODE = sa.select(_p.id).where(_p.code == sa.bindparam("code"))
_of_name: tuple[Any, ...] = (_p.portal_id == sa.bindparam("portal_id"), _p.name == sa.bindparam("name"))
_BY_NAME = sa.select(_p.id).where(*_of_name, _p.code.is_(None))
_CODED_NAME = sa.select(_p.id).where(*_of_name, _p.code.is_not(None)).limit(2)
_CODED = (
    schema.publisher.update()
    .where(_p.id == sa.bindparam("row_id"))
    .values(code=sa.bindparam("given"), level=sa.func.coalesce(sa.bindparam("given_level"), _p.level))
)
_OF_REPORT = (
    sa.select(_rp.publisher_id).where(_rp.report_id == sa.bindparam("report_id")).order_by(_rp.position)
)
