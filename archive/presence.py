"""Is a document still at its address? Decided from repeated evidence; every step is told with it.

One 404 says little: portals answer so for minutes while they publish. The first such answer makes a document
*missing*, still live; it is ``gone`` when a fetch at least a day later says the same. A 410 counts at once: a server
says it only on purpose. Whatever answers with the document again closes the episode.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from archive import captures, schema
from archive.records import Event, Outcome
from archive.standing import Standing
from archive.states import ChangeKind, DocumentState
from archive.transaction import AnyRow, Transaction, note

APART = timedelta(hours=20)
"""Two answers so far apart are two observations, of two runs. A day, less what a nightly run may come earlier."""

ENOUGH = 2
"""Observations after which a document is gone."""

AWAY = (Outcome.GONE, Outcome.SOFT_404)
"""Answers that say that a page is not there: 404 and 410, a page that says so, a redirect to the home page."""

_FINAL = 410


@dataclass(frozen=True, slots=True)
class Sign:
    """An answer that says that a document is not there."""

    seen: datetime
    outcome: Outcome
    status: int | None
    detail: str | None

    def __str__(self) -> str:
        """What was seen, for the change sequence."""
        said = str(self.status) if self.outcome is Outcome.GONE and self.status else self.outcome.value
        return f"{said}: {self.detail}" if self.detail else said


def miss(tx: Transaction, document_id: int, sign: Sign) -> Standing:
    """The document was not found at its address. Its texts stay, whatever becomes of it."""
    current = current_version(tx, document_id)
    gone = current.state != DocumentState.LIVE
    from_before = sign.seen < current.last_seen
    final = sign.status == _FINAL and not gone
    again = current.missing_since is None or sign.seen - current.last_missed >= APART
    if not from_before and (again or final):
        gone = gone or final or current.missed + 1 >= ENOUGH
        _count(tx, current, sign, gone=gone)
    event = Event.GONE if gone else Event.MISSING
    return Standing(event, document_id, current.report_id, int(current.number))


def _count(tx: Transaction, current: AnyRow, sign: Sign, *, gone: bool) -> None:
    since, missed = current.missing_since or sign.seen, int(current.missed) + 1
    values = {"missing_since": since, "last_missed": sign.seen, "missed": missed}
    newly = gone and current.state == DocumentState.LIVE
    if newly:
        values |= {"state": DocumentState.GONE, "gone_since": since}
    tx.connection.execute(_UPDATE, {"row_id": current.document_id, **values})
    if newly:
        times = (
            "told so at once" if missed == 1 else f"not found {missed} times since {since:%Y-%m-%d %H:%M} UTC"
        )
        _tell(tx, current, ChangeKind.GONE, f"{sign}; {times}")
    elif not gone and missed == 1:
        _tell(tx, current, ChangeKind.MISSING, f"{sign}; looked for again before it counts as gone")


def confirm(tx: Transaction, document_id: int, seen: datetime) -> Standing:
    """The document was seen again with its current text."""
    current = current_version(tx, document_id)
    see(tx, current, seen)
    tx.connection.execute(_SEEN_VERSION, {"row_id": current.id, "seen": seen})
    return Standing(Event.UNCHANGED, document_id, current.report_id, int(current.number))


def see(tx: Transaction, current: AnyRow, seen: datetime) -> None:
    """The document answers; if it was missed before, it is back."""
    tx.connection.execute(_SEEN_DOCUMENT, {"row_id": current.document_id, "seen": seen})
    if current.state == DocumentState.LIVE and current.missing_since is None:
        return
    values = {
        "state": DocumentState.LIVE,
        "gone_since": None,
        "moved_to_id": None,
        "missing_since": None,
        "last_missed": None,
        "missed": 0,
    }
    tx.connection.execute(_UPDATE, {"row_id": current.document_id, **values})
    was = "missing" if current.state == DocumentState.LIVE else current.state
    since = f" since {current.missing_since:%Y-%m-%d %H:%M} UTC" if current.missing_since else ""
    _tell(tx, current, ChangeKind.BACK, f"was {was}{since}")


def see_version(tx: Transaction, version_id: int, seen: datetime) -> None:
    """A version was confirmed at its document."""
    tx.connection.execute(_SEEN_VERSION, {"row_id": version_id, "seen": seen})


def current_version(tx: Transaction, document_id: int) -> AnyRow:
    """The newest version of a document, with what its extraction says (``captures.SAID``)."""
    return tx.connection.execute(_CURRENT, {"document_id": document_id}).one()


def _tell(tx: Transaction, current: AnyRow, kind: ChangeKind, detail: str) -> None:
    note(
        tx,
        kind,
        document_id=current.document_id,
        report_id=current.report_id,
        version=current.number,
        detail=detail,
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
        _d.last_seen,
        _d.missing_since,
        _d.last_missed,
        _d.missed,
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
_UPDATE = schema.document.update().where(_d.id == sa.bindparam("row_id"))
