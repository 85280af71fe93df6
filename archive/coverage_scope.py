"""Which bodies ``archive coverage`` is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import roster, schema
from archive.coverage_cells import deadline
from archive.errors import UsageError

_COUNTY_DIGITS, _BODY_DIGITS = 6, 9

_p, _r = schema.roster_place.c, schema.roster.c


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a person asks for; everything by default."""

    province: str | None = None
    """天津市, or the beginning of its name."""
    place: str | None = None
    """A city, county, street … by name or by the beginning of its division code."""
    site: str | None = None
    """Key of a portal."""
    level: str | None = None
    """Of the body: ``province``, ``city``, ``county``, ``street``, ``town``, ``zone``, ``department``."""
    _by_prefix: bool = False

    @property
    def whole_places(self) -> bool:
        """True if all bodies of each place are asked for, so that publishers beyond them are strangers."""
        return self.level is None and (self.place is None or self._digits)

    @property
    def _digits(self) -> bool:
        return self.place is not None and self.place.isascii() and self.place.isdigit()

    def places(self) -> list[sa.ColumnElement[bool]]:
        """Conditions on places."""
        wanted: list[sa.ColumnElement[bool]] = []
        if self.province is not None:
            wanted.append(_p.province.startswith(self.province, autoescape=True))
        if self.site is not None:
            wanted.append(_p.portal_key == self.site)
        if self.place is not None and self._digits:
            wanted.append(_begins(_p.place, self.place[:_COUNTY_DIGITS]))
        if not wanted and self.place is None:
            wanted.append(
                _p.province != ""
            )  # the sample portal and what else lies nowhere is asked for by name
        return wanted

    def bodies(self) -> list[sa.ColumnElement[bool]]:
        """Conditions on bodies joined to their places."""
        wanted = self.places()
        if self.level is not None:
            wanted.append(_r.level == self.level)
        if self.place is None:
            return wanted
        if self._digits:
            if len(self.place) > _COUNTY_DIGITS:
                wanted.append(_begins(_r.body, self.place))
            return wanted
        names = (_p.name, _p.city, _p.county, _p.province, _r.name)
        if self._by_prefix:
            wanted.append(sa.or_(*(name.startswith(self.place, autoescape=True) for name in names)))
        else:
            wanted.append(sa.or_(*(name == self.place for name in names)))
        return wanted

    def select_bodies(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """A query for columns of roster and place."""
        return (
            sa.select(*columns)
            .select_from(schema.roster)
            .join(schema.roster_place, _p.place == _r.place)
            .where(*self.bodies())
        )


class Member(NamedTuple):
    """A body of the scope under one of its names, with its place."""

    body: str
    ordinal: int
    name: str
    level: str
    kind: str
    place: str
    valid_from: date | None
    valid_to: date | None
    dropped: datetime | None
    place_name: str
    province: str
    city: str
    county: str
    portal_key: str | None
    home_url: str | None

    @property
    def code(self) -> str | None:
        """Its division code, if it has one."""
        return None if "/" in self.body else self.body

    def owes(self, year: int) -> bool:
        """True if it existed in that year and still on the last day on which its report was on time."""
        if self.valid_from is not None and self.valid_from > date(year, 12, 31):
            return False
        end = self.valid_to or (None if self.dropped is None else self.dropped.date())
        return end is None or end >= deadline(year)


def members(connection: Connection, scope: Scope) -> tuple[Scope, list[Member]]:
    """The bodies of a scope, by place, a place's own government first; and the scope as it was understood.

    Raises:
        UsageError: the archive has no roster, or nobody in it fits.
    """
    found = _members(connection, scope)
    if not found and scope.place is not None:
        scope = replace(scope, _by_prefix=True)
        found = _members(connection, scope)
    if found:
        return scope, found
    if roster.source(connection) is None:
        raise UsageError("the archive does not know who must report; `crawler roster sync` tells it")
    said = [
        f"--{name} {value}"
        for name, value in (
            ("province", scope.province),
            ("place", scope.place),
            ("site", scope.site),
            ("level", scope.level),
        )
        if value is not None
    ]
    raise UsageError(f"nobody in the roster fits {' '.join(said)}; `crawler sites` lists places and keys")


def portals(connection: Connection, found: Iterable[Member]) -> dict[int, str]:
    """Ids and keys of the portals on which these bodies publish, as far as the archive knows them."""
    keys = sorted({member.portal_key for member in found if member.portal_key is not None})
    portal = schema.portal.c
    rows = connection.execute(sa.select(portal.id, portal.key).where(portal.key.in_(keys)))
    return {row.id: row.key for row in rows}


def _members(connection: Connection, scope: Scope) -> list[Member]:
    columns = (_r[name] for name in ("body", "ordinal", "name", "level", "kind", "place"))
    dates = (_r.valid_from, _r.valid_to, _r.dropped)
    place = (_p.name.label("place_name"), _p.province, _p.city, _p.county, _p.portal_key, _p.home_url)
    rows = connection.execute(scope.select_bodies(*columns, *dates, *place))
    return sorted((Member._make(row) for row in rows), key=_order)


def _order(member: Member) -> tuple[bool, str, bool, str, int]:
    """By code, places without one last; in a place its own government first, bodies without a code last."""
    own = member.body in {member.place, f"{member.place}/{member.name}"}
    return (not member.place.isdigit(), member.place, not own, member.body, member.ordinal)


def _begins(column: sa.ColumnElement[str], digits: str) -> sa.ColumnElement[bool]:
    """As a range, which both databases look up in the index."""
    if len(digits) >= (_BODY_DIGITS if column is _r.body else _COUNTY_DIGITS):
        return column == digits[:_BODY_DIGITS]
    return sa.and_(column >= digits, column < digits + ":")  # ":" follows "9"
