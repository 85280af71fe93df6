"""Who is likely to refuse us, too, where one portal did: anti-bot systems are bought by the city, not by the page.

From the field's record (facts: platforms.md, section 4): 成都 with 21 districts, 合肥 with nine, counties of 黄山,
all of 湖北 behind one product. Likely is not known: the note saves a person the surprise, no portal is left untried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.seeds import PortalRow
from crawler.site import host_group_of

NAMED = 5
"""Neighbours a note names; the others are counted."""
MUNICIPALITIES = frozenset({"北京市", "天津市", "上海市", "重庆市"})


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A portal that shares something with a challenged one."""

    key: str
    name: str
    why: str
    """``host group``, ``city`` or ``platform in the province``, the strongest first."""


def likely_challenged(key: str, rows: Iterable[PortalRow]) -> tuple[Neighbour, ...]:
    """The portals likely to be challenged where one is: those of its host group, of its city, of its platform nearby.

    Args:
        key: The challenged portal.
        rows: All portals.

    Returns:
        Neighbours, those with the strongest tie first; none for a portal that is in no table.
    """
    portals = [row for row in rows if row.url]
    own = next((row for row in portals if row.key == key), None)
    if own is None:
        return ()
    found = [
        Neighbour(key=row.key, name=row.name, why=why)
        for row in portals
        if row.key != key and (why := _tie(own, row)) is not None
    ]
    return tuple(sorted(found, key=lambda one: _TIES.index(one.why)))


def note(neighbours: Sequence[Neighbour]) -> list[str]:
    """A line for a person, or none."""
    if not neighbours:
        return []
    close = [one for one in neighbours if one.why != _TIES[2]]
    shown = "、".join(f"{one.name} ({one.key})" for one in (close or neighbours)[:NAMED])
    more = len(neighbours) - min(NAMED, len(close or neighbours))
    return [f"likely challenged, too: {shown}" + (f" and {more} more" if more else "")]


_TIES = ("host group", "city", "platform in the province")


def _tie(one: PortalRow, other: PortalRow) -> str | None:
    if one.url and other.url and host_group_of(one, one.url) == host_group_of(other, other.url):
        return _TIES[0]
    if _city(one) is not None and _city(one) == _city(other):
        return _TIES[1]
    if one.platform_hint and (one.province, one.platform_hint) == (other.province, other.platform_hint):
        return _TIES[2]
    return None


def _city(row: PortalRow) -> tuple[str, str] | None:
    """The city a portal belongs to; a municipality is one city, a province with its own portal is none."""
    if row.province in MUNICIPALITIES:
        return (row.province, row.province)
    if row.city:
        return (row.province, row.city)
    return (row.province, row.short_name) if row.level == "city" else None
