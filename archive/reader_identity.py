"""Questions about identity: what became of a number, what was decided, what belongs together, what was withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from archive import merging, redaction, schema, views
from archive.findings import Report
from archive.reader_base import Readings
from archive.redaction import Kind, Redaction
from archive.states import Change, ChangeKind


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A merge, a split, or the undoing of one."""

    decision_id: int
    at: datetime
    by: str
    kind: str
    """``merge``, ``split`` or ``undo``."""
    report_id: int
    """The report that stays, or the one that documents were taken from."""
    other_id: int
    """The report that went up in it, or the new one."""
    note: str | None
    undone_by_id: int | None
    """The decision that undid it."""


class IdentityReadings(Readings):
    """Which report is which, by whom decided, and what may not be shown."""

    def current_number(self, report_id: int) -> int:
        """The report that a number names today: its own, or the one it was merged into."""
        with self._reading() as connection:
            return merging.current(connection, report_id)

    def former_numbers(self, report_id: int) -> list[int]:
        """Numbers of reports that ended in this one."""
        row = views.report_numbers.c
        query = sa.select(row.report_id).where(row.current_id == report_id, row.report_id != report_id)
        with self._reading() as connection:
            return list(connection.execute(query.order_by(row.report_id)).scalars())

    def related(self, report_id: int) -> list[Report]:
        """Reports of the same publishers on the same year of another kind: to the public, to the congress."""
        return self._all(_RELATED.where(_own.id == report_id), Report)

    def decisions(self, report_id: int | None = None) -> list[Decision]:
        """Merges, splits and undoings, oldest first; those that a report had a part in, or all."""
        row = views.decisions.c
        query = sa.select(views.decisions).order_by(row.decision_id)
        if report_id is not None:
            numbers = [report_id, *self.former_numbers(report_id)]
            query = query.where(sa.or_(row.report_id.in_(numbers), row.other_id.in_(numbers)))
        return self._all(query, Decision)

    def history(self, report_id: int) -> list[Change]:
        """All changes of a report: of its documents, of its numbers before, and of what once stood in it."""
        numbers = [report_id, *self.former_numbers(report_id)]
        mine = sa.select(schema.document.c.id).where(schema.document.c.report_id == report_id)
        view = views.changes.c
        query = (
            sa.select(views.changes)
            .where(sa.or_(view.report_id.in_(numbers), view.document_id.in_(mine)))
            .order_by(view.seq)
        )
        with self._reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Change(
                kind=ChangeKind(row["kind"]),
                portal=row["portal_key"],
                **{name: value for name, value in row.items() if name not in {"kind", "portal_key"}},
            )
            for row in rows
        ]

    def redactions(self, *, limit: int | None = None) -> list[Redaction]:
        """What was withdrawn, newest first."""
        with self._reading() as connection:
            return redaction.listed(connection, limit=limit)

    def check_shown(self, text_sha256: str) -> None:
        """Passes if a text may be shown; ``text_of`` gives nothing for one that may not.

        Raises:
            archive.redaction.Redacted: it was withdrawn; the message says when, by whom and why.
        """
        with self._reading() as connection:
            redaction.check(connection, Kind.TEXT, text_sha256)

    def withdrawal(self, kind: Kind, digest: str) -> Redaction | None:
        """Why a content may not be shown; None if it may."""
        with self._reading() as connection:
            return redaction.hidden(connection, kind, (digest,)).get(digest)


_own, _other = schema.report.alias("own").c, schema.report.alias("other").c
_mine, _theirs = schema.report_publisher.alias("mine").c, schema.report_publisher.alias("theirs").c
_not_theirs = sa.exists().where(
    _mine.report_id == _own.id,
    ~sa.exists().where(_theirs.report_id == _other.id, _theirs.publisher_id == _mine.publisher_id),
)
_lead, _same = schema.report_publisher.alias("lead").c, schema.report_publisher.alias("same").c
_RELATED = (
    sa.select(views.reports)
    .select_from(_own.id.table)
    .join(_lead.report_id.table, sa.and_(_lead.report_id == _own.id, _lead.position == 0))
    .join(_same.report_id.table, _same.publisher_id == _lead.publisher_id)
    .join(_other.id.table, sa.and_(_other.id == _same.report_id, _other.id != _own.id))
    .join(views.reports, views.reports.c.report_id == _other.id)
    .where(_other.year == _own.year, _other.kind != _own.kind, ~_not_theirs)
    .order_by(_other.id)
)
