"""Who must report, from when to when: the roster, as the crawler's seeds declare it.

The seeds are the truth, the archive holds a copy so that an empty cell of ``archive coverage`` can be told from a
body that never had to report. A body that leaves the seeds is not deleted: it is ``dropped``, and owes nothing for
the years whose deadline comes after that day.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import meta, schema
from archive.text import clean

SOURCE = "roster"
"""Key under which the archive keeps what its roster was made from."""


class RosterPlace(NamedTuple):
    """A place in which bodies lie that must report, with the portal on which they do."""

    place: str
    """Its division code of six digits; the key of the portal for the few places without one."""
    name: str
    """Its own name: 东丽区."""
    province: str
    """Empty for a portal that stands in no province (the sample portal)."""
    city: str
    """Empty above cities, and where a province governs the county directly."""
    county: str
    """Empty above counties."""
    portal_key: str | None
    """The portal on which its bodies publish; None where nobody knows one."""
    home_url: str | None
    """Of that portal; None where its address is not known."""


class RosterRecord(NamedTuple):
    """A body that must report, under one of its names. A tuple: there are 44,500 of them."""

    body: str
    """Its identity: the division code of 6 digits (county and up) or 9 (street, town), else ``portal key/name``."""
    ordinal: int
    """Counts the successive names of a body from 0; most have one."""
    name: str
    """Its own name: 华新街道, 东丽区, 司法局."""
    level: str
    """``province``, ``city``, ``county``, ``street``, ``town``, ``zone``, ``department``."""
    kind: str
    """As the seeds have it: 街道, 镇, 乡, 类似乡级单位; 政府 for a place's own government."""
    place: str
    """The place it lies in."""
    valid_from: date | None = None
    """First day of its existence under this name; None: as long as anybody remembers."""
    valid_to: date | None = None
    """Last day; None: it exists."""


@dataclass(frozen=True, kw_only=True)
class Roster:
    """All who must report."""

    places: Sequence[RosterPlace]
    bodies: Sequence[RosterRecord]


@dataclass(frozen=True, kw_only=True)
class Synced:
    """What a synchronisation did to the bodies."""

    added: int
    changed: int
    dropped: int
    bodies: int
    """Rows that the seeds have."""


@dataclass(frozen=True, kw_only=True)
class RosterSource:
    """What the archive's roster was made from."""

    digest: str
    """Of the seeds."""
    bodies: int
    at: datetime


_p, _r = schema.roster_place, schema.roster
_UNDATED = RosterRecord._fields.index("valid_from")


def source(connection: Connection) -> RosterSource | None:
    """What the roster was made from; None if it was never filled."""
    kept = meta.get(connection, SOURCE)
    if kept is None:
        return None
    said: dict[str, Any] = json.loads(kept)
    return RosterSource(digest=said["digest"], bodies=said["bodies"], at=datetime.fromisoformat(said["at"]))


def sync(connection: Connection, roster: Roster, digest: str, now: datetime) -> Synced:
    """Makes the roster equal to the seeds by the rules of ``Store.sync_roster``."""
    _sync_places(connection, roster.places)
    named = roster.bodies
    if clean(every := "".join(body.name for body in named)) != every:
        named = [body._replace(name=clean(body.name)) for body in named]
    wanted = {(body.body, body.ordinal): body for body in named}
    rows = connection.execute(sa.select(*(_r.c[name] for name in RosterRecord._fields), _r.c.dropped))
    known = {(row[0], row[1]): tuple(row) for row in rows}
    fresh = [body for key, body in wanted.items() if key not in known]
    changed = [
        {"of": body.body, "nth": body.ordinal, "dropped": None, **body._asdict()}
        for key, body in wanted.items()
        if key in known and known[key] != (*body, None)
    ]
    left = [
        {"of": body, "nth": ordinal, "now": now}
        for (body, ordinal), row in known.items()
        if (body, ordinal) not in wanted and row[-1] is None
    ]
    # Most have no dates: what is not sent takes no time.
    _insert(connection, _r, [body[:_UNDATED] for body in fresh if not (body.valid_from or body.valid_to)])
    if dated := [body._asdict() for body in fresh if body.valid_from or body.valid_to]:
        connection.execute(_r.insert(), dated)
    if changed:
        connection.execute(_CHANGE, changed)
    if left:
        connection.execute(_LEAVE, left)
    meta.put(connection, SOURCE, json.dumps({"digest": digest, "bodies": len(wanted), "at": now.isoformat()}))
    return Synced(added=len(fresh), changed=len(changed), dropped=len(left), bodies=len(wanted))


def _sync_places(connection: Connection, places: Iterable[RosterPlace]) -> None:
    """Places are never dropped: bodies that left may lie in them."""
    known = {row.place: tuple(row) for row in connection.execute(sa.select(_p))}
    fresh = [_cleaned(place) for place in places if place.place not in known]
    changed = [
        {"of": place.place, **place._asdict()}
        for place in places
        if place.place in known and known[place.place] != tuple(_cleaned(place))
    ]
    _insert(connection, _p, fresh)
    if changed:
        connection.execute(_CHANGE_PLACE, changed)


def _cleaned(place: RosterPlace) -> RosterPlace:
    return RosterPlace._make(None if value is None else clean(value) for value in place)


def _insert(connection: Connection, table: sa.Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Rows of a table's first columns, in the driver's own way.

    44,500 bodies take a fifth of a second so, and two seconds and more through statement objects.
    """
    if not rows:
        return
    columns = list(table.columns)[: len(rows[0])]
    names = ", ".join(column.name for column in columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(rows))
        return
    arrays = ", ".join("%s::int[]" if column.type.python_type is int else "%s::text[]" for column in columns)
    values = tuple(list(column) for column in zip(*rows, strict=True))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays})", values)


_THIS = sa.and_(_r.c.body == sa.bindparam("of"), _r.c.ordinal == sa.bindparam("nth"))
_LEAVE = _r.update().where(_THIS).values(dropped=sa.bindparam("now"))
_CHANGE = (
    _r.update().where(_THIS).values({name: sa.bindparam(name) for name in (*RosterRecord._fields, "dropped")})
)
_CHANGE_PLACE = (
    _p.update()
    .where(_p.c.place == sa.bindparam("of"))
    .values({name: sa.bindparam(name) for name in RosterPlace._fields})
)
