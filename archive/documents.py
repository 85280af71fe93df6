"""Documents and their versions: what a reading means for the URL it came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from archive import captures, kinship, quarantine, reports, schema
from archive.captures import Kept
from archive.quarantine import Held, Weighed
from archive.records import Event, ExtractionRecord, FrontierKind, StoredCapture, Verdict
from archive.states import ChangeKind, DocumentState, QuarantineState
from archive.text import normalise
from archive.transaction import AnyRow, Transaction, insert, note

Reread = Callable[[StoredCapture], ExtractionRecord]
"""Reads bytes of an earlier fetch with today's extractor."""

PASSED = "a later reading passed"


@dataclass(frozen=True, slots=True)
class Place:
    """The URL a reading came from."""

    frontier_id: int
    url: str
    title: str | None
    kind: str
    seen: datetime
    """When the bytes were fetched."""
    observed: bool
    """False: bytes kept earlier are read again; that shows nothing about the URL of today."""
    document_id: int | None
    report_id: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at a URL after a reading."""

    event: Event
    document_id: int | None = None
    report_id: int | None = None
    version: int | None = None
    reason: str | None = None
    """Why the reading was set aside: it waits in quarantine, or a person refused it."""
    again: bool = False
    """The page is to be fetched once more in this run before anything is made of it."""


@dataclass(frozen=True, slots=True)
class Read:
    """A reading as it is kept."""

    extraction_id: int
    fresh: bool
    """False: the same extractor version read the same from these bytes before."""
    reading: ExtractionRecord
    text_sha256: str


def read(
    tx: Transaction, place: Place, kept: Kept, reading: ExtractionRecord, reread: Reread | None
) -> Standing:
    """Keeps a reading and decides what it means: document, version, report, change; or quarantine.

    ``kept.fresh`` False says that these very bytes stood here before.
    """
    reading = kinship.inherited(tx, place.frontier_id, place.kind, reading)
    empty = not normalise(reading.text)
    failed = reading.error is not None
    text_sha256 = None if failed or empty else captures.keep_text(tx.connection, reading.text)
    extraction_id, fresh = captures.keep_extraction(tx, kept, reading, text_sha256)
    current = None if place.document_id is None else current_version(tx, place.document_id)
    number = None if current is None else int(current.number)
    if place.kind == FrontierKind.ANNEX and text_sha256 is not None:
        annex = Read(extraction_id, fresh, reading, text_sha256)
        if current is None:
            return _first(tx, place, annex)
        return _next(tx, place, kept=kept, current=current, new=annex, reread=reread, trusted=True)
    if failed or text_sha256 is None or (reading.verdict is Verdict.NO and current is not None):
        event = (
            Event.REFUSED
            if reading.verdict is Verdict.NO and not failed and current is None
            else Event.UNREAD
        )
        return Standing(event, place.document_id, place.report_id, number)
    if reading.verdict is Verdict.NO:
        quarantine.settle(tx, place.frontier_id, f"a later reading says: {reading.verdict_reason}")
        return Standing(Event.REFUSED)
    new = Read(extraction_id, fresh, reading, text_sha256)
    decided = quarantine.decided(tx, place.frontier_id, text_sha256, kept.capture_id)
    refused = decided is not None and decided.state == QuarantineState.REFUSED
    if refused or (reading.doubts and decided is None):
        if current is not None and place.observed and current.text_sha256 == text_sha256:
            confirm(tx, int(current.document_id), place.seen)
        if decided is None:
            event, reason = Event.QUARANTINED, quarantine.hold(tx, _held(place, new, number), reading.doubts)
        else:
            event = Event.REFUSED if current is None else Event.UNCHANGED
            reason = quarantine.refusal(decided.decided_by, decided.note)
            quarantine.settle(tx, place.frontier_id, f"the text stands here that was {reason}")
        return Standing(event, place.document_id, place.report_id, number, reason)
    if current is None:
        quarantine.settle(tx, place.frontier_id, PASSED)
        return _first(tx, place, new)
    trusted = decided is not None
    return _next(tx, place, kept=kept, current=current, new=new, reread=reread, trusted=trusted)


def release(tx: Transaction, place: Place, kept: Kept, new: Read) -> Standing:
    """Makes of a reading that was held back what it would have become without doubts."""
    if place.document_id is None:
        return _first(tx, place, new)
    current = current_version(tx, place.document_id)
    return _next(tx, place, kept=kept, current=current, new=new, reread=None, trusted=True)


def _held(place: Place, new: Read, number: int | None) -> Held:
    return Held(
        frontier_id=place.frontier_id,
        url=place.url,
        extraction_id=new.extraction_id,
        text_sha256=new.text_sha256,
        seen=place.seen,
        observed=place.observed,
        document_id=place.document_id,
        report_id=place.report_id,
        version=number,
    )


def current_version(tx: Transaction, document_id: int) -> AnyRow:
    """The newest version of a document, with what its extraction says (``captures.SAID``)."""
    return tx.connection.execute(_CURRENT, {"document_id": document_id}).one()


def confirm(tx: Transaction, document_id: int, seen: datetime) -> Standing:
    """The document was seen again with its current text."""
    current = current_version(tx, document_id)
    _see(tx, current, seen)
    tx.connection.execute(_SEEN_VERSION, {"row_id": current.id, "seen": seen})
    return Standing(Event.UNCHANGED, document_id, current.report_id, int(current.number))


def lose(tx: Transaction, document_id: int, seen: datetime, detail: str | None) -> Standing:
    """The document's URL answered 404 or 410. Its texts stay; the change is written once."""
    current = current_version(tx, document_id)
    if current.state == DocumentState.LIVE:
        tx.connection.execute(
            schema.document.update().where(schema.document.c.id == document_id),
            {"state": DocumentState.GONE, "gone_since": seen},
        )
        note(
            tx,
            ChangeKind.GONE,
            document_id=document_id,
            report_id=current.report_id,
            version=current.number,
            detail=detail,
        )
    return Standing(Event.GONE, document_id, current.report_id, int(current.number))


def _first(tx: Transaction, place: Place, new: Read) -> Standing:
    reading = new.reading
    held = reports.held_elsewhere(tx, None, new.text_sha256, reading.title)
    report_id = None
    if reading.verdict is Verdict.REPORT:
        report_id = reports.group(tx, held, reading, place.title or place.url)
    document_id = insert(
        tx.connection,
        schema.document,
        {
            "portal_id": tx.portal_id,
            "frontier_id": place.frontier_id,
            "report_id": report_id,
            "parent_id": kinship.parent(tx, place.frontier_id, place.kind),
            "url": place.url,
            "role": place.kind,
            "state": DocumentState.LIVE,
            "verdict": reading.verdict,
            "verdict_reason": reading.verdict_reason,
            "first_seen": place.seen,
            "last_seen": place.seen,
        },
    )
    _add_version(tx, document_id, 1, new, place.seen)
    kinship.adopt(tx, document_id, place.frontier_id)
    if place.kind == FrontierKind.ANNEX:
        note(tx, ChangeKind.ANNEX, document_id=document_id, report_id=None, version=1, detail=reading.title)
        return Standing(Event.ANNEX, document_id, None, 1)
    if reading.verdict is Verdict.UNSURE:
        note(
            tx,
            ChangeKind.UNSURE,
            document_id=document_id,
            report_id=None,
            version=1,
            detail=reading.verdict_reason,
        )
        return Standing(Event.UNSURE, document_id, None, 1)
    kind, event = (ChangeKind.NEW, Event.NEW) if held is None else (ChangeKind.DUPLICATE, Event.DUPLICATE)
    note(tx, kind, document_id=document_id, report_id=report_id, version=1, detail=reading.title)
    return Standing(event, document_id, report_id, 1)


def _next(
    tx: Transaction,
    place: Place,
    *,
    kept: Kept,
    current: AnyRow,
    new: Read,
    reread: Reread | None,
    trusted: bool,
) -> Standing:
    document_id, number, reading = int(current.document_id), int(current.number), new.reading
    same_extractor = (current.extractor, current.extractor_version) == (reading.extractor, reading.version)
    text_before, replaced, doubt = current.text_sha256, False, ""
    if new.text_sha256 != text_before and not same_extractor:
        if _bytes_gave(tx, kept, text_before):
            _reread_in_place(tx, current, new.extraction_id, new.text_sha256, reading)
            text_before, replaced = new.text_sha256, True
        elif reread is not None:
            text_before = _read_again(tx, place, current, reread)
        else:
            doubt = f" (read by {reading.version}, before by {current.extractor_version})"
    changed = new.text_sha256 != text_before
    loss = quarantine.shrink(tx, text_before, new.text_sha256) if changed and not trusted else None
    if loss is not None:
        weighed = quarantine.weigh(tx, _held(place, new, number), loss)
        if weighed is not Weighed.CONFIRMED:
            again = weighed is Weighed.AGAIN
            event = Event.UNCHANGED if again else Event.QUARANTINED
            return Standing(event, document_id, current.report_id, number, loss, again)
        loss = f"{loss}; a fetch a day later says the same"
        doubt += f" ({loss})"
    _settle(tx, place, current, loss or PASSED)
    if changed:
        number += 1
        _add_version(tx, document_id, number, new, place.seen)
    else:
        if place.observed:
            tx.connection.execute(_SEEN_VERSION, {"row_id": current.id, "seen": place.seen})
        if new.fresh and not (same_extractor and captures.says_the_same(current, reading, new.text_sha256)):
            tx.connection.execute(
                schema.version.update().where(schema.version.c.id == current.id),
                {"extraction_id": new.extraction_id},
            )
            replaced = True
    if not changed and not replaced:
        return Standing(Event.UNCHANGED, document_id, current.report_id, number)
    report_id = _follow(tx, place, current, new, number)
    if changed:
        note(
            tx,
            ChangeKind.CHANGED,
            document_id=document_id,
            report_id=report_id,
            version=number,
            detail=f"{reading.title or place.url}{doubt}",
        )
    return Standing(Event.CHANGED if changed else Event.UNCHANGED, document_id, report_id, number)


def _settle(tx: Transaction, place: Place, current: AnyRow, why: str) -> None:
    """The reading stands: nothing waits here any more, and the document answers."""
    quarantine.settle(tx, place.frontier_id, why)
    if place.observed:
        _see(tx, current, place.seen)


def _see(tx: Transaction, current: AnyRow, seen: datetime) -> None:
    """The document answers; if it was lost before, it is back."""
    tx.connection.execute(_SEEN_DOCUMENT, {"row_id": current.document_id, "seen": seen})
    if current.state == DocumentState.LIVE:
        return
    tx.connection.execute(
        schema.document.update().where(schema.document.c.id == current.document_id),
        {"state": DocumentState.LIVE, "gone_since": None, "moved_to_id": None},
    )
    note(
        tx,
        ChangeKind.BACK,
        document_id=current.document_id,
        report_id=current.report_id,
        version=current.number,
        detail=f"was {current.state}",
    )


def _follow(tx: Transaction, place: Place, current: AnyRow, new: Read, number: int) -> int | None:
    """Lets the document's verdict and its report follow the newest reading; returns the report's id."""
    document_id, report_id, reading = int(current.document_id), current.report_id, new.reading
    tx.connection.execute(
        schema.document.update().where(schema.document.c.id == document_id),
        # An annex that is offered as a report elsewhere becomes an attachment.
        {"verdict": reading.verdict, "verdict_reason": reading.verdict_reason, "role": place.kind},
    )
    if reading.verdict is not Verdict.REPORT:
        return None if report_id is None else int(report_id)
    if report_id is None:
        held = reports.held_elsewhere(tx, document_id, new.text_sha256, reading.title)
        report_id = reports.group(tx, held, reading, place.title or place.url)
        tx.connection.execute(
            schema.document.update().where(schema.document.c.id == document_id), {"report_id": report_id}
        )
        note(
            tx,
            ChangeKind.NEW,
            document_id=document_id,
            report_id=report_id,
            version=number,
            detail=f"was unsure: {reading.title or place.url}",
        )
    else:
        reports.follow(tx, report_id, document_id, reading, number)
    return int(report_id)


def _bytes_gave(tx: Transaction, kept: Kept, text_sha256: str) -> bool:
    """True if the current text was read from these very bytes, by whichever extractor."""
    if kept.fresh:
        return False
    parameters = {"capture_id": kept.capture_id, "sha256": text_sha256}
    return tx.connection.execute(_GAVE, parameters).first() is not None


def _read_again(tx: Transaction, place: Place, current: AnyRow, reread: Reread) -> str:
    """Reads the current version's own bytes with today's extractor, so that like is compared with like."""
    stored = captures.load(tx.connection, current.capture_id)
    reading = kinship.inherited(tx, place.frontier_id, place.kind, reread(stored))
    if reading.error is not None or not normalise(reading.text):
        return str(current.text_sha256)
    kept = Kept(stored.id, None, fresh=False)
    text_sha256 = captures.keep_text(tx.connection, reading.text)
    extraction_id, _ = captures.keep_extraction(tx, kept, reading, text_sha256)
    _reread_in_place(tx, current, extraction_id, text_sha256, reading)
    return text_sha256


def _reread_in_place(
    tx: Transaction, current: AnyRow, extraction_id: int, text_sha256: str, reading: ExtractionRecord
) -> None:
    tx.connection.execute(
        schema.version.update().where(schema.version.c.id == current.id),
        {"extraction_id": extraction_id, "text_sha256": text_sha256},
    )
    if text_sha256 != current.text_sha256:
        note(
            tx,
            ChangeKind.REREAD,
            document_id=current.document_id,
            report_id=current.report_id,
            version=current.number,
            detail=f"{current.extractor} {current.extractor_version} → {reading.extractor} {reading.version}",
        )


def _add_version(tx: Transaction, document_id: int, number: int, new: Read, seen: datetime) -> None:
    tx.connection.execute(
        schema.version.insert(),
        {
            "document_id": document_id,
            "number": number,
            "extraction_id": new.extraction_id,
            "text_sha256": new.text_sha256,
            "first_seen": seen,
            "last_seen": seen,
        },
    )


_v, _d, _e = schema.version.c, schema.document.c, schema.extraction.c
_CURRENT = (
    sa.select(
        _v.id,
        _v.document_id,
        _v.number,
        _e.extractor,
        _e.version.label("extractor_version"),
        _e.capture_id,
        *captures.SAID,
        _d.state,
        _d.report_id,
    )
    .join(schema.extraction, _e.id == _v.extraction_id)
    .join(schema.document, _d.id == _v.document_id)
    .where(_v.document_id == sa.bindparam("document_id"))
    .order_by(_v.number.desc())
    .limit(1)
)
_SEEN_VERSION = (
    schema.version.update().where(_v.id == sa.bindparam("row_id")).values(last_seen=sa.bindparam("seen"))
)
_SEEN_DOCUMENT = (
    schema.document.update().where(_d.id == sa.bindparam("row_id")).values(last_seen=sa.bindparam("seen"))
)
_GAVE = sa.select(_e.id).where(
    _e.capture_id == sa.bindparam("capture_id"), _e.text_sha256 == sa.bindparam("sha256")
)
