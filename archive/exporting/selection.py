"""Which reports an export holds: the filters that all formats share."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import references, schema
from archive.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Filters; a report must pass all that are given."""

    site: str | None = None
    """Key of the portal."""
    place: str | None = None
    """Part of the portal's name, or the beginning of its division code."""
    publisher: str | None = None
    """Part of a publisher's name, or its code."""
    year: int | None = None
    """The year reported on."""
    kind: str | None = None
    state: str | None = None
    """State of the standing document, see ``archive.states.DocumentState``."""
    since: str | None = None
    """Only what has a change after this number of the change sequence, or at or after this date or time (UTC)."""

    def chosen(self) -> dict[str, object]:
        """The filters that are given, for a manifest."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def whole_portals(self) -> bool:
        """True if nothing but portals is chosen: all that was captured there belongs to the choice."""
        return not {"publisher", "year", "kind", "state", "since"} & set(self.chosen())

    def reports(self, connection: Connection) -> sa.Select[Any]:
        """Selects the ids of the reports; ``state`` is left to whoever reads the view.

        Raises:
            UsageError: there is no such portal, or ``since`` is neither number nor date.
        """
        if self.site is not None and not connection.execute(_PORTAL, {"key": self.site}).scalar():
            raise UsageError(
                f"the archive has no portal {self.site!r}; `archive stats` and `crawler sites` help"
            )
        query = references.reports(
            portal=self.site, year=self.year, place=self.place, publisher=self.publisher
        )
        if self.kind is not None:
            query = query.where(schema.report.c.kind == self.kind)
        first = self.first_change(connection)
        if first is not None:
            query = query.where(schema.report.c.id.in_(_changed(first)))
        return query

    def first_change(self, connection: Connection) -> int | None:
        """Number of the first change that ``since`` takes in; None: all.

        Raises:
            UsageError: ``since`` is neither number nor date.
        """
        if self.since is None:
            return None
        said = self.since.strip()
        if said.isascii() and said.isdigit():
            return min(int(said), _LARGEST - 1) + 1
        change = schema.change.c
        found = connection.execute(
            sa.select(sa.func.min(change.seq)).where(change.at >= moment(said))
        ).scalar()
        return _LARGEST if found is None else int(found)


def moment(said: str) -> datetime:
    """A date or time as a person writes it; without a zone it is UTC.

    Raises:
        UsageError: it is neither.
    """
    try:
        found = datetime.fromisoformat(said)
    except ValueError as error:
        raise UsageError(
            f"{said[:40]!r} is neither a change number nor a date (2026-03-01) or time (2026-03-01T08:00)"
        ) from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _changed(first: int) -> sa.CompoundSelect[Any]:
    """Reports named by a change, or now holding a document (or its annex) that has one."""
    change, document = schema.change.c, schema.document.c
    page = schema.document.alias("page")
    held = sa.func.coalesce(document.report_id, page.c.report_id)
    return sa.union(
        sa.select(change.report_id).where(change.seq >= first, change.report_id.is_not(None)),
        sa.select(held)
        .select_from(schema.change)
        .join(schema.document, document.id == change.document_id)
        .outerjoin(page, page.c.id == document.parent_id)
        .where(change.seq >= first, held.is_not(None)),
    )


_LARGEST = 2**31 - 1
_PORTAL = sa.select(schema.portal.c.id).where(schema.portal.c.key == sa.bindparam("key"))
