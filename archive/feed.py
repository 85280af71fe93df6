"""The change sequence as a feed: cursors that notice a restore, and what to do then.

A cursor names a change by its epoch, its number and a fingerprint: ``EPOCH:SEQ:PRINT``. Changes are
numbered in the order of commits (``archive.database``) and never altered, so whoever goes on behind
his cursor misses nothing and sees nothing twice. After a restore from an older backup the archive
goes on with numbers that were given before, in a new epoch (``archive.meta``). A cursor behind the
fork is then answered with a *reset*: the last change that both courses share. What the follower
learned after it is of a course that is gone; what came before stays true.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import meta, views
from archive.errors import UsageError
from archive.meta import Epoch, Facts
from archive.states import Change, ChangeKind

_CURSOR = re.compile(r"(?P<epoch>[0-9a-f-]{36}):(?P<seq>\d{1,18})(?::(?P<print>[0-9a-f]{16}))?", re.ASCII)
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_AT_ONCE = 500
"""Rows fetched at a time."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the change sequence: behind one change, or before the first (``seq`` 0)."""

    epoch: str | None
    """The epoch that the change is of; None: a bare number, to be taken as one of this archive."""
    seq: int
    fingerprint: str | None = None
    """Of the change itself, so that a copy put back by hand, without a new epoch, is noticed too."""

    def __str__(self) -> str:
        printed = "" if self.fingerprint is None else f":{self.fingerprint}"
        return f"{self.seq}" if self.epoch is None else f"{self.epoch}:{self.seq}{printed}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, with the cursor to go on behind it."""

    change: Change
    epoch: str
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Reset:
    """The cursor is of a course of the archive that is gone."""

    common: int
    """The last change that is certainly shared: forget what you learned from later ones."""
    cursor: Cursor
    """To go on with, once that is done."""
    reason: str
    """One line for a person."""


@dataclass(frozen=True, slots=True)
class Page:
    """What there is behind a cursor, of one moment."""

    reset: Reset | None
    """If set, there are no entries: undo first, then ask again with its cursor."""
    entries: tuple[Entry, ...]
    cursor: Cursor
    """To go on with; behind the last entry, and behind whatever a filter left out."""
    more: bool
    """True: the limit was reached and there may be further entries."""


def parse(text: str) -> Cursor:
    """A cursor as printed, or a bare number of a change.

    Raises:
        UsageError: it is neither.
    """
    given = text.strip()
    if _NUMBER.fullmatch(given):
        return Cursor(None, int(given))
    found = _CURSOR.fullmatch(given)
    if found is None:
        raise UsageError(
            f"not a cursor: {given[:80]!r}; give one that `archive changes` printed, a number, or 0 for all"
        )
    return Cursor(found["epoch"], int(found["seq"]), found["print"])


def page(
    connection: Connection,
    since: Cursor,
    *,
    limit: int | None = None,
    portal: str | None = None,
    kind: str | None = None,
) -> Page:
    """The changes behind a cursor, in the order of commits, of one snapshot.

    Args:
        connection: a read transaction that sees one snapshot.
        since: where to go on.
        limit: at most so many entries.
        portal: only of this portal (its key).
        kind: only of this kind, see ``archive.states.ChangeKind``.
    """
    facts = meta.facts(connection)
    reset = check(connection, facts, since)
    if reset is not None:
        return Page(reset=reset, entries=(), cursor=reset.cursor, more=False)
    last = _last(connection)
    entries = tuple(
        follow(
            connection, facts, since.seq, limit=None if limit is None else limit + 1, portal=portal, kind=kind
        )
    )
    if limit is not None and len(entries) > limit:
        kept = entries[:limit]
        behind = kept[-1].cursor if kept else at(connection, facts, since.seq)
        return Page(reset=None, entries=kept, cursor=behind, more=True)
    behind = entries[-1].cursor if entries and entries[-1].change.seq >= last else at(connection, facts, last)
    return Page(reset=None, entries=entries, cursor=behind, more=False)


def check(connection: Connection, facts: Facts, since: Cursor) -> Reset | None:
    """Does the cursor lie on this archive's course? None if it does."""
    if since.seq == 0:
        return None
    last, why = _last(connection), ""
    if since.epoch is None:
        common = facts.epochs[-1].after  # most likely; a bare number does not say which course it is of
        why = f"there is no change {since.seq}, the last is {last}; " if since.seq > last else ""
    else:
        known = [epoch.epoch for epoch in facts.epochs]
        later = facts.epochs[known.index(since.epoch) + 1 :] if since.epoch in known else ()
        common = min([epoch.after for epoch in later], default=last)
        if since.epoch not in known:
            common, why = 0, "the cursor is of an epoch that this archive does not know; "
        elif since.seq > common:
            # Without a new epoch nobody wrote down where the courses parted.
            common = common if later else 0
            why = (
                f"{later[0].reason} at {later[0].at.isoformat()}; "
                if later
                else "its changes are fewer now; "
            )
        elif since.fingerprint is not None and since.fingerprint != _print_of(connection, since.seq):
            common, why = 0, f"change {since.seq} is another one now; "
    if not why:
        return None
    said = f"{why}the last change in common is {common}"
    return Reset(common=common, cursor=at(connection, facts, common), reason=said)


def follow(
    connection: Connection,
    facts: Facts,
    since: int,
    *,
    limit: int | None = None,
    portal: str | None = None,
    kind: str | None = None,
) -> Iterator[Entry]:
    """Streams the changes behind a number, in the order of commits; memory stays flat."""
    view = views.changes.c
    query = sa.select(views.changes).where(view.seq > since).order_by(view.seq).limit(limit)
    if portal is not None:
        query = query.where(view.portal_key == portal)
    if kind is not None:
        query = query.where(view.kind == kind)
    rows = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for row in rows.mappings():
        change = Change(
            **{name: value for name, value in row.items() if name not in {"kind", "portal_key"}},
            kind=ChangeKind(row["kind"]),
            portal=row["portal_key"],
        )
        epoch = epoch_of(facts.epochs, change.seq)
        yield Entry(change, epoch, Cursor(epoch, change.seq, _print(change.seq, change.at, change.kind)))


def at(connection: Connection, facts: Facts, seq: int) -> Cursor:
    """The cursor behind a change."""
    return Cursor(epoch_of(facts.epochs, seq), seq, _print_of(connection, seq))


def epoch_of(epochs: Sequence[Epoch], seq: int) -> str:
    """The epoch in which a change was numbered; of change 0, the first."""
    return next((epoch.epoch for epoch in reversed(epochs) if epoch.after < seq), epochs[0].epoch)


def _last(connection: Connection) -> int:
    return connection.execute(sa.select(sa.func.max(views.changes.c.seq))).scalar() or 0


def _print_of(connection: Connection, seq: int) -> str | None:
    view = views.changes.c
    row = connection.execute(sa.select(view.seq, view.at, view.kind).where(view.seq == seq)).one_or_none()
    return None if row is None else _print(row.seq, row.at, row.kind)


def _print(seq: int, at: datetime, kind: str) -> str:
    """Two courses of an archive may number alike and name alike, but not at the same microsecond."""
    return hashlib.sha256(f"{seq} {at.isoformat()} {kind}".encode()).hexdigest()[:16]
