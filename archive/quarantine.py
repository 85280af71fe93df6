"""Readings that are not trusted: held back, seen again, let go (design rules 4 and 5).

One row for each address and episode. It opens with the first reading that is held back, follows the newest such
reading there, and closes by a decision (``archive.decisions``), or by itself when a reading comes that passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema, views
from archive.errors import UsageError
from archive.findings import Quarantined
from archive.records import Doubt, DoubtKind
from archive.states import OPEN, ChangeKind, QuarantineState
from archive.transaction import AnyRow, Transaction, insert, note

KEPT_SHARE = 0.6
"""Share of its characters that a text must keep to be plausible. Edits correct words and numbers. The first part of
the five seeds is 44 to 66 % of the text, any other at most 30 %: who drops another part passes; who lost the body,
the first part or the further pages does not. A real edit that is doubted waits for a day."""

CONFIRM_AFTER = timedelta(hours=20)
"""Two fetches so far apart that say the same are no hiccup. A day, less what a nightly run may come earlier."""

ATTEMPTS = 5
"""Fetches, at most one a day, after which a waiting address is left to the ordinary re-visits: politeness."""

LARGEST_ID = 2**31 - 1
"""PostgreSQL refuses to compare a number column with more."""

AGAIN = "fetched once more in this run before it counts"
CONFIRM = (
    "fetched again by the next runs; becomes a version if a fetch at least a day later says the same, "
    "or by archive quarantine release"
)
DECIDE = (
    "fetched again by the next runs; what passes becomes a document by itself, "
    "else a person decides: archive quarantine release or refuse"
)
NOTHING = "none"

_q = schema.quarantine.c


class Weighed(StrEnum):
    """What is to be done with a text that shrank."""

    AGAIN = "again"  # the first sight of it: fetch once more now
    HELD = "held"
    CONFIRMED = "confirmed"  # a fetch long enough ago said the same


@dataclass(frozen=True, slots=True)
class Held:
    """A reading, the place it came from, and why it is held back."""

    frontier_id: int
    url: str
    extraction_id: int
    text_sha256: str
    seen: datetime
    """When the bytes were fetched."""
    observed: bool
    """False: bytes kept earlier are read again."""
    document_id: int | None
    report_id: int | None
    version: int | None


def decided(tx: Transaction, frontier_id: int, text_sha256: str, capture_id: int) -> AnyRow | None:
    """What a person said of this text at this address, if anything: ``state``, ``decided_by``, ``note``.

    A release also holds for the same bytes read by another extractor: the person has seen the page.
    """
    parameters = {"frontier_id": frontier_id, "sha256": text_sha256, "capture_id": capture_id}
    return tx.connection.execute(_DECIDED, parameters).first()


def hold(tx: Transaction, held: Held, doubts: Sequence[Doubt]) -> str:
    """Keeps a doubtful reading waiting; returns why, in words."""
    words = "; ".join(doubt.detail for doubt in doubts)
    _put(tx, held, doubts[0].kind, words, QuarantineState.WAITING)
    return words


def shrink(tx: Transaction, before_sha256: str, now_sha256: str) -> str | None:
    """How much a text lost, in words, if that is implausible."""
    found = tx.connection.execute(_CHARACTERS, {"digests": [before_sha256, now_sha256]})
    characters = {row.sha256: int(row.characters) for row in found}
    before, now = characters[before_sha256], characters[now_sha256]
    if now >= before * KEPT_SHARE:
        return None
    return (
        f"lost {1 - now / before:.0%} of its text: {now} characters, before {before} "
        f"(at least {KEPT_SHARE:.0%} expected)"
    )


def weigh(tx: Transaction, held: Held, loss: str) -> Weighed:
    """Decides about a text that shrank: once more now, wait, or believe it."""
    row = _open(tx, held.frontier_id)
    # Once, whatever the clock says: a page that is cut each time must not keep a run busy for ever.
    again = row is None and held.observed
    state = QuarantineState.CHECKING if again else QuarantineState.WAITING
    if row is not None and row.reason == DoubtKind.SHRINK and held.observed:
        first = tx.connection.execute(
            _FIRST_SEEN,
            {"frontier_id": held.frontier_id, "sha256": held.text_sha256, "since": row.opened},
        ).scalar()
        if first is not None and held.seen - first >= CONFIRM_AFTER:
            return Weighed.CONFIRMED
    _put(tx, held, DoubtKind.SHRINK, loss, state)
    return Weighed.AGAIN if again else Weighed.HELD


def settle(tx: Transaction, frontier_id: int, why: str) -> None:
    """Closes what is open at an address: a reading came that needs no decision."""
    row = _open(tx, frontier_id)
    if row is not None:
        by = "the archive" if tx.run_id is None else f"run {tx.run_id}"
        close(tx, int(row.id), QuarantineState.RESOLVED, by=by, said=why)


def close(tx: Transaction, row_id: int, state: QuarantineState, *, by: str, said: str | None) -> None:
    """Writes how a row ended."""
    tx.connection.execute(
        _UPDATE,
        {
            "row_id": row_id,
            "state": state,
            "next_step": NOTHING,
            "decided": tx.now,
            "decided_by": by,
            "note": said,
        },
    )


def refusal(by: str | None, said: str | None) -> str:
    """A person's refusal in words, for the frontier."""
    return f"refused by {by or 'a person'}" + (f": {said}" if said else "")


def to_fetch(connection: Connection, portal_id: int, now: datetime) -> set[int]:
    """Frontier entries whose waiting readings are to be fetched again by this run."""
    rows = connection.execute(
        _TO_FETCH, {"portal_id": portal_id, "most": ATTEMPTS, "before": now - CONFIRM_AFTER}
    )
    return {int(row.frontier_id) for row in rows}


def listed(
    connection: Connection, *, portal: str | None, reason: str | None, state: str | None, limit: int | None
) -> list[Quarantined]:
    """Rows by the filters of ``Archive.quarantine``."""
    view = views.quarantined.c
    query = sa.select(views.quarantined).order_by(view.quarantine_id.desc()).limit(limit)
    query = query.where(view.state == state if state is not None else view.state.in_(OPEN))
    if portal is not None:
        query = query.where(view.portal_key == portal)
    if reason is not None:
        query = query.where(view.reason == reason)
    return [Quarantined(**row) for row in connection.execute(query).mappings()]


def entry(connection: Connection, quarantine_id: int) -> Quarantined:
    """One row, whatever became of it.

    Raises:
        UsageError: there is none of that number.
    """
    row = None
    if 0 < quarantine_id <= LARGEST_ID:
        query = sa.select(views.quarantined).where(views.quarantined.c.quarantine_id == quarantine_id)
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise unknown(quarantine_id)
    return Quarantined(**row)


def unknown(quarantine_id: int) -> UsageError:
    """The complaint about a number that names nothing."""
    return UsageError(
        f"there is no {quarantine_id} in quarantine; `archive quarantine list` shows the numbers"
    )


def _put(tx: Transaction, held: Held, reason: DoubtKind, detail: str, state: QuarantineState) -> None:
    """Opens a row, or lets the open one follow this reading; tells it once, when it begins to wait."""
    row = _open(tx, held.frontier_id)
    again = row is not None and held.observed and held.seen > row.last_seen
    values = {
        "extraction_id": held.extraction_id,
        "text_sha256": held.text_sha256,
        "reason": reason,
        "detail": detail,
        "state": state,
        "attempts": (1 if row is None else row.attempts) + again,
        "next_step": _next_step(reason, state),
        "last_seen": held.seen if row is None or again else row.last_seen,
    }
    if row is None:
        given = {"portal_id": tx.portal_id, "frontier_id": held.frontier_id, "opened": held.seen}
        row_id = insert(tx.connection, schema.quarantine, {**given, **values})
    else:
        row_id = int(row.id)
        tx.connection.execute(_UPDATE, {"row_id": row_id, **values})
    told = row is not None and row.state == QuarantineState.WAITING
    if state is QuarantineState.WAITING and not told:
        note(
            tx,
            ChangeKind.QUARANTINED,
            document_id=held.document_id,
            report_id=held.report_id,
            version=held.version,
            detail=f"quarantine {row_id}, {reason}: {detail} ({held.url})",
        )


def _next_step(reason: DoubtKind, state: QuarantineState) -> str:
    if state is QuarantineState.CHECKING:
        return AGAIN
    return CONFIRM if reason is DoubtKind.SHRINK else DECIDE


def _open(tx: Transaction, frontier_id: int) -> AnyRow | None:
    return tx.connection.execute(_OPEN_AT, {"frontier_id": frontier_id}).first()


_e, _c = schema.extraction.c, schema.capture.c
_OPEN_AT = sa.select(_q.id, _q.reason, _q.state, _q.attempts, _q.opened, _q.last_seen).where(
    _q.frontier_id == sa.bindparam("frontier_id"), _q.state.in_(OPEN)
)
_DECIDED = (
    sa.select(_q.state, _q.decided_by, _q.note)
    .join(schema.extraction, _e.id == _q.extraction_id)
    .where(
        _q.frontier_id == sa.bindparam("frontier_id"),
        sa.or_(
            sa.and_(
                _q.state.in_([QuarantineState.RELEASED, QuarantineState.REFUSED]),
                _q.text_sha256 == sa.bindparam("sha256"),
            ),
            sa.and_(_q.state == QuarantineState.RELEASED, _e.capture_id == sa.bindparam("capture_id")),
        ),
    )
    .order_by(_q.decided.desc(), _q.id.desc())
    .limit(1)
)
_FIRST_SEEN = (
    sa.select(sa.func.min(_c.fetched_at))
    .select_from(schema.capture)
    .join(schema.extraction, _e.capture_id == _c.id)
    .where(
        _c.frontier_id == sa.bindparam("frontier_id"),
        _c.fetched_at >= sa.bindparam("since"),
        _e.text_sha256 == sa.bindparam("sha256"),
    )
)
_CHARACTERS = sa.select(schema.text_.c.sha256, schema.text_.c.characters).where(
    schema.text_.c.sha256.in_(sa.bindparam("digests", expanding=True))
)
_TO_FETCH = (
    sa.select(_q.frontier_id)
    .join(schema.frontier, schema.frontier.c.id == _q.frontier_id)
    .where(
        _q.portal_id == sa.bindparam("portal_id"),
        _q.state.in_(OPEN),
        _q.attempts < sa.bindparam("most"),
        schema.frontier.c.last_checked <= sa.bindparam("before"),
    )
)
_UPDATE = schema.quarantine.update().where(_q.id == sa.bindparam("row_id"))
