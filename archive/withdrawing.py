"""Withdraws personal data: plans what holds it, and removes it; ``archive.wiping`` removes what is left in the files.

The same data stands in more than one place: in the text, in the bytes it was read from, in the bytes of the twin
page with the same text, in the texts that other versions of the extractor read from these bytes. A plan follows these
ties until nothing is added; a text of a few words (正文见附件) stands at many reports and ties nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import leases, quarantine, references, schema
from archive.errors import UsageError
from archive.records import Outcome
from archive.redaction import Kind, hidden, hide
from archive.reports import LEAST_CHARACTERS
from archive.states import OPEN, ChangeKind, QuarantineState
from archive.transaction import AnyRow, Transaction, note

TITLE = "[withdrawn]"
"""Stands where a title was withdrawn."""

_BATCH = 500
_DIGEST = re.compile(r"[0-9a-f]{64}")


class AlreadyWithdrawn(UsageError):
    """Nothing that a reference names is left to withdraw."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A version of a document that shows what is to be withdrawn."""

    portal_id: int
    document_id: int
    report_id: int | None
    version: int
    url: str
    title: str | None
    text_sha256: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a withdrawal takes away."""

    ref: str
    texts: tuple[str, ...]
    """Digests, without those withdrawn before."""
    payloads: tuple[str, ...]
    captures: tuple[int, ...]
    holders: tuple[Holder, ...]
    """Versions that show one of the texts or were read from one of the payloads."""
    staying: tuple[Holder, ...]
    """Other versions of the same documents: they stay as they are."""


@dataclass(frozen=True)
class Withdrawn:
    """What was withdrawn."""

    plan: Plan
    wiped: bool
    """False: a reader held the journal of the SQLite file; the old content leaves it with the next writer."""


def plan(connection: Connection, ref: str, version: int | None = None) -> Plan:
    """What holds the data that a reference names.

    Args:
        connection: An open transaction.
        ref: A report (all versions of all its documents), the URL of a document (all its versions), or the
            SHA-256 of a text or a payload.
        version: Only this version, of the document that the reference names.

    Raises:
        UsageError: the reference names nothing.
        AlreadyWithdrawn: it names nothing that is not withdrawn already.
    """
    ref = ref.strip()
    captures, digest = _named(connection, ref, version)
    texts, payloads, captures = _tied(connection, captures)
    if digest is not None:
        texts.update(connection.execute(_IS_TEXT, {"sha256": digest}).scalars())
        payloads.update(connection.execute(_IS_PAYLOAD, {"sha256": digest}).scalars())
    holders = _holders(connection, texts, captures)
    asked = {(holder.document_id, holder.version) for holder in holders}
    documents = sorted({holder.document_id for holder in holders})
    staying = [
        holder
        for holder in _versions(connection, _v.document_id.in_(documents))
        if (holder.document_id, holder.version) not in asked
    ]
    new_texts = sorted(texts - hidden(connection, Kind.TEXT, texts).keys())
    new_payloads = sorted(payloads - hidden(connection, Kind.PAYLOAD, payloads).keys())
    if not new_texts and not new_payloads:
        raise AlreadyWithdrawn(
            f"{ref}: its text and bytes are withdrawn already; `archive redactions` shows when and why"
        )
    return Plan(
        ref=ref,
        texts=tuple(new_texts),
        payloads=tuple(new_payloads),
        captures=tuple(sorted(captures)),
        holders=tuple(holders),
        staying=tuple(staying),
    )


def withdraw(
    connection: Connection, planned: Plan, *, by: str, reason: str, titles: bool, now: datetime
) -> None:
    """Removes the contents of a plan, tells it, and closes what waits in quarantine with them.

    Raises:
        PortalBusy: a run works on a portal that shows them.
    """
    if connection.dialect.name == "sqlite":
        # Without it the old content would stay readable in pages of the file that are free now.
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    portals = sorted(
        {*_portals_of(connection, planned.captures), *(one.portal_id for one in planned.holders)}
    )
    for portal_id in portals:
        leases.is_leased(connection, portal_id, owner="", now=now)
    tx = Transaction(connection, None, portals[0], now)
    for kind, digests in ((Kind.TEXT, planned.texts), (Kind.PAYLOAD, planned.payloads)):
        for digest in digests:
            shown = _document_of(planned, connection, kind, digest)
            hide(tx, kind, digest, {"by": by, "reason": reason, "document_id": shown, "titles": titles})
    readings = _readings(connection, planned)
    _empty_readings(connection, readings, titles=titles)
    if titles:
        _withdraw_titles(connection, planned)
    for row in _waiting(connection, planned.texts):
        portal = Transaction(connection, None, row.portal_id, now)
        quarantine.close(portal, row.id, QuarantineState.REFUSED, by=by, said=f"withdrawn: {reason}")
    for holder in planned.holders:
        note(
            Transaction(connection, None, holder.portal_id, now),
            ChangeKind.REDACTED,
            document_id=holder.document_id,
            report_id=holder.report_id,
            version=holder.version,
            detail=f"text and bytes withdrawn by {by}: {reason}",
        )


def _named(connection: Connection, ref: str, version: int | None) -> tuple[set[int], str | None]:
    """Captures that a reference names; and the digest, if it is one."""
    if _DIGEST.fullmatch(ref):
        found = set(connection.execute(_OF_PAYLOADS, {"digests": [ref]}).scalars())
        found |= set(connection.execute(_OF_TEXTS, {"digests": [ref]}).scalars())
        if not found:
            raise UsageError(f"the archive holds neither a text nor bytes {ref}")
        return found, ref
    target = references.resolve(connection, ref)
    if version is not None:
        row = connection.execute(
            _OF_VERSION, {"document_id": target.document_id, "number": version}
        ).one_or_none()
        if row is None:
            raise UsageError(
                f"document {target.document_id} has no version {version}; `archive versions` lists them"
            )
        return {
            int(row.capture_id),
            *connection.execute(_OF_TEXTS, {"digests": [row.text_sha256]}).scalars(),
        }, None
    whole = (
        _d.id == target.document_id
        if target.report_id is None or "://" in ref
        else _d.report_id == target.report_id
    )
    query = (
        sa.select(_c.id)
        .join(schema.document, _d.frontier_id == _c.frontier_id)
        .where(whole, _c.outcome == Outcome.OK)
    )
    return set(connection.execute(query).scalars()), None


def _tied(connection: Connection, captures: set[int]) -> tuple[set[str], set[str], set[int]]:
    """Texts, payloads and captures that hold the same, however they are tied."""
    texts: set[str] = set()
    payloads: set[str] = set()
    fresh = captures
    known: set[int] = set()
    while fresh:
        known |= fresh
        whole = set(_in_batches(connection, _WHOLE, fresh))
        known |= whole
        texts_now = set(_in_batches(connection, _TEXTS, whole)) - texts
        payloads_now = set(_in_batches(connection, _PAYLOADS, whole)) - payloads
        texts |= texts_now
        payloads |= payloads_now
        tying = set(_in_batches(connection, _LONG, texts_now))
        reached = {
            *_in_batches(connection, _OF_TEXTS, tying),
            *_in_batches(connection, _OF_PAYLOADS, payloads_now),
        }
        fresh = reached - known
    for short in texts - set(_in_batches(connection, _LONG, texts)):
        if not known.issuperset(_in_batches(connection, _OF_TEXTS, (short,))):
            texts.discard(short)  # it stands elsewhere, too, and says nothing of this page
    return texts, payloads, known


def _in_batches(connection: Connection, query: sa.Select[Any], values: Iterable[Any]) -> list[Any]:
    wanted = list(values)
    found: list[Any] = []
    for start in range(0, len(wanted), _BATCH):
        found += connection.execute(query, {"digests": wanted[start : start + _BATCH]}).scalars().all()
    return found


def _holders(connection: Connection, texts: Collection[str], captures: Collection[int]) -> list[Holder]:
    return _versions(
        connection, sa.or_(_v.text_sha256.in_(sorted(texts)), _e.capture_id.in_(sorted(captures)))
    )


def _versions(connection: Connection, condition: sa.ColumnElement[bool]) -> list[Holder]:
    rows = connection.execute(_HOLDERS.where(condition)).mappings()
    return [Holder(**row) for row in rows]


def _document_of(planned: Plan, connection: Connection, kind: Kind, digest: str) -> int | None:
    if kind is Kind.TEXT:
        shown = [one.document_id for one in planned.holders if one.text_sha256 == digest]
        if shown:
            return shown[0]
    query = _SHOWN_PAYLOAD if kind is Kind.PAYLOAD else _SHOWN_TEXT
    found = connection.execute(query, {"digest": digest}).scalar()
    return None if found is None else int(found)


def _portals_of(connection: Connection, captures: Collection[int]) -> list[int]:
    return _in_batches(connection, _PORTALS, captures)


def _readings(connection: Connection, planned: Plan) -> list[int]:
    return sorted(
        {
            *_in_batches(connection, _READINGS_OF_TEXTS, planned.texts),
            *_in_batches(connection, _READINGS_OF_CAPTURES, planned.captures),
        }
    )


def _empty_readings(connection: Connection, readings: list[int], *, titles: bool) -> None:
    """Sections, figures and evidence quote the text."""
    values: dict[str, Any] = {"metadata": {}, "quality": {}, "warnings": [], "source": None, "doubts": None}
    if titles:
        values["title"] = None
    for start in range(0, len(readings), _BATCH):
        some = readings[start : start + _BATCH]
        for table in (schema.section, schema.figure):
            connection.execute(table.delete().where(table.c.extraction_id.in_(some)))
        connection.execute(schema.extraction.update().where(_e.id.in_(some)), values)


def _withdraw_titles(connection: Connection, planned: Plan) -> None:
    """Titles of the versions, of their reports and links, and the change rows that quote them."""
    documents = sorted({holder.document_id for holder in planned.holders})
    titles = sorted({holder.title for holder in planned.holders if holder.title}, key=len, reverse=True)
    reports = sorted({one.report_id for one in planned.holders if one.report_id is not None})
    connection.execute(schema.report.update().where(schema.report.c.id.in_(reports)), {"title": TITLE})
    places = sa.select(_d.frontier_id).where(_d.id.in_(documents))
    connection.execute(schema.frontier.update().where(schema.frontier.c.id.in_(places)), {"title": None})
    change = schema.change.c
    quoting = [change.detail.contains(title, autoescape=True) for title in titles]
    if not quoting:
        return
    rows = connection.execute(
        sa.select(change.seq, change.detail).where(change.document_id.in_(documents), sa.or_(*quoting))
    ).all()
    with _Rewritable(connection):
        for row in rows:
            detail = row.detail
            for title in titles:
                detail = detail.replace(title, TITLE)
            connection.execute(schema.change.update().where(change.seq == row.seq), {"detail": detail})


class _Rewritable:
    """Lifts, inside this transaction, the guard that keeps the change sequence append-only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._guard: list[tuple[str, str]] = []

    def __enter__(self) -> None:
        if self._connection.dialect.name != "sqlite":
            self._connection.exec_driver_sql("ALTER TABLE change DISABLE TRIGGER change_append_only")
            return
        query = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'change_append_only%'"
        )
        self._guard = [(name, sql) for name, sql in self._connection.exec_driver_sql(query)]
        for name, _ in self._guard:
            self._connection.exec_driver_sql(f"DROP TRIGGER {name}")

    def __exit__(self, *_: object) -> None:
        if self._connection.dialect.name != "sqlite":
            self._connection.exec_driver_sql("ALTER TABLE change ENABLE TRIGGER change_append_only")
        for _name, sql in self._guard:
            self._connection.exec_driver_sql(sql)


def _waiting(connection: Connection, texts: Collection[str]) -> list[AnyRow]:
    row = schema.quarantine.c
    query = sa.select(row.id, row.portal_id).where(row.state.in_(OPEN), row.text_sha256.in_(sorted(texts)))
    return list(connection.execute(query))


_c, _d, _e, _v = schema.capture.c, schema.document.c, schema.extraction.c, schema.version.c
_digests: sa.BindParameter[Any] = sa.bindparam("digests", expanding=True)
_part = schema.capture.alias("part").c
_IS_TEXT = sa.select(schema.text_.c.sha256).where(schema.text_.c.sha256 == sa.bindparam("sha256"))
_IS_PAYLOAD = sa.select(schema.payload.c.sha256).where(schema.payload.c.sha256 == sa.bindparam("sha256"))
_OF_PAYLOADS = sa.select(_c.id).where(_c.payload_sha256.in_(_digests))
_OF_TEXTS = sa.select(_e.capture_id).where(_e.text_sha256.in_(_digests))
_OF_VERSION = (
    sa.select(_e.capture_id, _v.text_sha256)
    .join(schema.extraction, _e.id == _v.extraction_id)
    .where(_v.document_id == sa.bindparam("document_id"), _v.number == sa.bindparam("number"))
)
# A capture, the first page of its article, and all pages of that.
_WHOLE = sa.select(_c.id).where(
    sa.or_(
        _c.id.in_(_digests),
        _c.part_of_id.in_(_digests),
        _c.id.in_(sa.select(_part.part_of_id).where(_part.id.in_(_digests))),
        _c.part_of_id.in_(sa.select(_part.part_of_id).where(_part.id.in_(_digests))),
    )
)
_TEXTS = sa.select(_e.text_sha256).where(_e.capture_id.in_(_digests), _e.text_sha256.is_not(None))
_PAYLOADS = sa.select(_c.payload_sha256).where(
    _c.id.in_(_digests), _c.payload_sha256.is_not(None), _c.outcome == Outcome.OK
)
_LONG = sa.select(schema.text_.c.sha256).where(
    schema.text_.c.sha256.in_(_digests), schema.text_.c.characters >= LEAST_CHARACTERS
)
_PORTALS = (
    sa.select(schema.frontier.c.portal_id)
    .join(schema.capture, _c.frontier_id == schema.frontier.c.id)
    .where(_c.id.in_(_digests))
    .distinct()
)
_READINGS_OF_TEXTS = sa.select(_e.id).where(_e.text_sha256.in_(_digests))
_READINGS_OF_CAPTURES = sa.select(_e.id).where(_e.capture_id.in_(_digests))
_SHOWN_PAYLOAD = (
    sa.select(_d.id)
    .join(schema.capture, _c.frontier_id == _d.frontier_id)
    .where(_c.payload_sha256 == sa.bindparam("digest"))
    .order_by(_d.id)
    .limit(1)
)
_SHOWN_TEXT = (
    sa.select(_d.id)
    .join(schema.capture, _c.frontier_id == _d.frontier_id)
    .join(schema.extraction, _e.capture_id == _c.id)
    .where(_e.text_sha256 == sa.bindparam("digest"))
    .order_by(_d.id)
    .limit(1)
)
_HOLDERS = (
    sa.select(
        _d.portal_id,
        _v.document_id,
        _d.report_id,
        _v.number.label("version"),
        _d.url,
        _e.title,
        _v.text_sha256,
    )
    .join(schema.document, _d.id == _v.document_id)
    .join(schema.extraction, _e.id == _v.extraction_id)
    .order_by(_v.document_id, _v.number)
)
