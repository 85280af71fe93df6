"""Documents and their versions: what a reading means for the URL it came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from archive import captures, kinship, presence, quarantine, redaction, reports, schema, stored_captures
from archive.captures import Kept
from archive.quarantine import Held, Weighed
from archive.records import Event, ExtractionRecord, FrontierKind, StoredCapture, Verdict
from archive.standing import Place, Read, Standing
from archive.states import ChangeKind, DocumentState, QuarantineState
from archive.text import normalise
from archive.transaction import AnyRow, Transaction, insert, note

Reread = Callable[[StoredCapture], ExtractionRecord]
"""Reads bytes of an earlier fetch with today's extractor."""

PASSED = "a later reading passed"


@dataclass(frozen=True, slots=True)
class Beside:
    """What the archive holds that may bear on a reading: nobody looks for what is not there.

    Most pages are met once and never doubted; each question spared is a round trip to the database.
    """

    doubted: bool
    """A reading at this address was in quarantine once."""
    listing: bool
    """The page at this address listed others."""
    withdrawn: bool
    """Something was withdrawn, anywhere."""
    text: bool = True
    """The very text was read before, here or elsewhere."""


_ANYTHING = Beside(doubted=True, listing=True, withdrawn=True)


def read(
    tx: Transaction,
    place: Place,
    kept: Kept,
    reading: ExtractionRecord,
    reread: Reread | None,
    beside: Beside,
) -> Standing:
    """Keeps a reading and decides what it means: document, version, report, change; or quarantine.

    ``kept.fresh`` False says that these very bytes stood here before.
    """
    reading = kinship.inherited(tx, place.frontier_id, place.kind, reading)
    empty = not normalise(reading.text)
    failed = reading.error is not None
    text_sha256 = None
    if not failed and not empty:
        text_sha256, first = captures.keep_text(tx.connection, reading.text)
        beside = replace(beside, text=not first)
    reading = redaction.again(tx, kept.capture_id, reading, text_sha256) if beside.withdrawn else reading
    current = None if place.document_id is None else presence.current_version(tx, place.document_id)
    changed_from = current if beside.withdrawn else None
    reading, doubted = _beside_withdrawn(tx, place, kept, reading, text_sha256, changed_from)
    extraction_id, fresh = captures.keep_extraction(tx, kept, reading, text_sha256)
    number = None if current is None else int(current.number)
    if place.kind == FrontierKind.ANNEX and text_sha256 is not None and not doubted:
        annex = Read(extraction_id, fresh, reading, text_sha256)
        if current is None:
            return _first(tx, place, annex, beside)
        return _next(
            tx, place, kept=kept, current=current, new=annex, reread=reread, trusted=True, beside=beside
        )
    if failed or text_sha256 is None or (reading.verdict is Verdict.NO and current is not None):
        event = (
            Event.REFUSED
            if reading.verdict is Verdict.NO and not failed and current is None
            else Event.UNREAD
        )
        return Standing(event, place.document_id, place.report_id, number)
    if reading.verdict is Verdict.NO:
        _close(tx, place, beside, f"a later reading says: {reading.verdict_reason}")
        return Standing(Event.REFUSED)
    new = Read(extraction_id, fresh, reading, text_sha256)
    decided = (
        quarantine.decided(tx, place.frontier_id, text_sha256, kept.capture_id) if beside.doubted else None
    )
    refused = decided is not None and decided.state == QuarantineState.REFUSED
    if refused or (reading.doubts and decided is None):
        if current is not None and place.observed and current.text_sha256 == text_sha256:
            presence.confirm(tx, int(current.document_id), place.seen)
        if decided is None:
            event, reason = Event.QUARANTINED, quarantine.hold(tx, _held(place, new, number), reading.doubts)
        else:
            event = Event.REFUSED if current is None else Event.UNCHANGED
            reason = quarantine.refusal(decided.decided_by, decided.note)
            quarantine.settle(tx, place.frontier_id, f"the text stands here that was {reason}")
        return Standing(event, place.document_id, place.report_id, number, reason)
    if current is None:
        _close(tx, place, beside, PASSED)
        return _first(tx, place, new, beside)
    trusted = decided is not None
    return _next(
        tx, place, kept=kept, current=current, new=new, reread=reread, trusted=trusted, beside=beside
    )


def _beside_withdrawn(
    tx: Transaction,
    place: Place,
    kept: Kept,
    reading: ExtractionRecord,
    text_sha256: str | None,
    current: AnyRow | None,
) -> tuple[ExtractionRecord, bool]:
    """A further text where an earlier one was withdrawn waits for a person, also that of an annex."""
    if text_sha256 is None or current is None or current.text_sha256 == text_sha256:
        return reading, False
    doubt = redaction.doubt(tx, place.document_id, text_sha256)
    if doubt is None:
        return reading, False
    decided = quarantine.decided(tx, place.frontier_id, text_sha256, kept.capture_id)
    released = decided is not None and decided.state == QuarantineState.RELEASED
    return replace(reading, doubts=(*reading.doubts, doubt)), not released


def release(tx: Transaction, place: Place, kept: Kept, new: Read) -> Standing:
    """Makes of a reading that was held back what it would have become without doubts."""
    if place.document_id is None:
        return _first(tx, place, new, _ANYTHING)
    current = presence.current_version(tx, place.document_id)
    return _next(tx, place, kept=kept, current=current, new=new, reread=None, trusted=True, beside=_ANYTHING)


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


def _first(tx: Transaction, place: Place, new: Read, beside: Beside) -> Standing:
    reading = new.reading
    held = reports.held_elsewhere(tx, None, new.text_sha256, reading) if beside.text else None
    report_id = None
    if reading.verdict is Verdict.REPORT:
        report_id = reports.group(tx, held, reading, place.title or place.url, new.text_sha256)
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
    if beside.listing:
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
    beside: Beside,
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
    _settle(tx, place, current, beside, loss or PASSED)
    if changed:
        number += 1
        _add_version(tx, document_id, number, new, place.seen)
    else:
        if place.observed:
            presence.see_version(tx, current.id, place.seen)
        if new.fresh and not (same_extractor and captures.says_the_same(current, reading, new.text_sha256)):
            tx.connection.execute(
                schema.version.update().where(schema.version.c.id == current.id),
                {"extraction_id": new.extraction_id},
            )
            replaced = True
    if not changed and not replaced:
        return Standing(Event.UNCHANGED, document_id, current.report_id, number)
    report_id = _follow(tx, place, current, new, number, changed=changed)
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


def _settle(tx: Transaction, place: Place, current: AnyRow, beside: Beside, why: str) -> None:
    """The reading stands: nothing waits here any more, and the document answers."""
    _close(tx, place, beside, why)
    if place.observed:
        presence.see(tx, current, place.seen)


def _close(tx: Transaction, place: Place, beside: Beside, why: str) -> None:
    if beside.doubted:
        quarantine.settle(tx, place.frontier_id, why)


def _follow(
    tx: Transaction, place: Place, current: AnyRow, new: Read, number: int, *, changed: bool
) -> int | None:
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
        held = reports.held_elsewhere(tx, document_id, new.text_sha256, reading)
        report_id = reports.group(tx, held, reading, place.title or place.url, new.text_sha256)
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
        report_id = reports.follow(tx, report_id, document_id, reading, number, same_text=not changed)
    return int(report_id)


def _bytes_gave(tx: Transaction, kept: Kept, text_sha256: str) -> bool:
    """True if the current text was read from these very bytes, by whichever extractor."""
    if kept.fresh:
        return False
    parameters = {"capture_id": kept.capture_id, "sha256": text_sha256}
    return tx.connection.execute(_GAVE, parameters).first() is not None


def _read_again(tx: Transaction, place: Place, current: AnyRow, reread: Reread) -> str:
    """Reads the current version's own bytes with today's extractor, so that like is compared with like."""
    if redaction.hidden(tx.connection, redaction.Kind.TEXT, (current.text_sha256,)):
        return str(current.text_sha256)
    stored = stored_captures.load(tx.connection, current.capture_id)
    reading = kinship.inherited(tx, place.frontier_id, place.kind, reread(stored))
    if reading.error is not None or not normalise(reading.text):
        return str(current.text_sha256)
    kept = Kept(stored.id, None, fresh=False)
    text_sha256, _ = captures.keep_text(tx.connection, reading.text)
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


_e = schema.extraction.c
_GAVE = sa.select(_e.id).where(
    _e.capture_id == sa.bindparam("capture_id"), _e.text_sha256 == sa.bindparam("sha256")
)
