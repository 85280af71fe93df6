"""Which portals a round takes: all, or those of a province, a city, a platform."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import BadSiteFile, UnknownSite
from crawler.sample.run import is_sample
from crawler.seeds import PortalRow, portal_rows, seeds_dir
from crawler.site import host_group_of, site_files
from crawler.site_file import Declaration, read_site_file
from crawler.window import Window


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A portal of a round."""

    key: str
    name: str
    group: str
    """Host group: two portals of one group never run at the same time."""
    window: Window | None = None
    """Hours of its site file."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What was asked for."""

    portals: tuple[Chosen, ...]
    without_url: tuple[PortalRow, ...] = ()
    """Portals whose address nobody knows."""
    unusable: tuple[tuple[str, str, str], ...] = ()
    """Key, name and what is wrong with the site file."""


def choose(
    *,
    province: str | None = None,
    city: str | None = None,
    platform: str | None = None,
    seeds: Path | None = None,
) -> Choice:
    """Picks portals from the seeds, in their order; without a condition, all. The built-in sample is no portal.

    Args:
        province: 天津市 or 天津.
        city: 成都市 or 成都; takes the city's own portal and those of its counties.
        platform: As in the site file, else what the seeds guess.
        seeds: Folder of the seeds.

    Raises:
        UnknownSite: Nothing fits.
        crawler.errors.BadSeeds: The tables are missing or damaged.
    """
    place = seeds or seeds_dir()
    rows = portal_rows(place)
    files = site_files(place)
    tabled = {row.key for row in rows}
    chosen: list[Chosen] = []
    without: list[PortalRow] = []
    unusable: list[tuple[str, str, str]] = []
    for row in (*rows, *(_only_filed(key) for key in files if key not in tabled and not is_sample(key))):
        try:
            said = _declared(row, files.get(row.key), place)
        except BadSiteFile as error:
            if _within(row, province, city) and platform in (None, row.platform_hint):
                unusable.append((row.key, row.name, str(error)))
            continue
        if not _within(row, province, city) or platform not in (None, said.platform or row.platform_hint):
            continue
        home = said.home or row.url
        if home is None:
            without.append(row)
            continue
        chosen.append(
            Chosen(
                key=row.key,
                name=said.name or row.name,
                group=said.host_group or host_group_of(row, home),
                window=Window.parse(said.window) if said.window else None,
            )
        )
    if not chosen and not without and not unusable:
        asked = ", ".join(
            f"--{name} {value}"
            for name, value in (("province", province), ("city", city), ("platform", platform))
            if value is not None
        )
        raise UnknownSite(f"no portal fits {asked}; `crawler sites` lists them")
    return Choice(portals=tuple(chosen), without_url=tuple(without), unusable=tuple(unusable))


def longest_groups_first(portals: Iterable[Chosen]) -> list[Chosen]:
    """The order of a round: who shares a host group with many others begins, since these follow one another."""
    portals = list(portals)
    sizes = Counter(one.group for one in portals)
    return sorted(portals, key=lambda one: -sizes[one.group])


def _declared(row: PortalRow, path: Path | None, place: Path) -> Declaration:
    if path is None:
        return Declaration(key=row.key)
    home = row.url if row.note != _FILED else None
    return read_site_file(path, home=home, shown=f"seeds/sites/{path.name}")


_FILED = "site file only"


def _only_filed(key: str) -> PortalRow:
    """A row for a portal that no table has."""
    return PortalRow(
        key=key,
        name=key,
        short_name=key,
        province="",
        city="",
        level="",
        division_code=None,
        url=None,
        platform_hint=None,
        access_probe=None,
        disclosure_url=None,
        disclosure_note=None,
        news_url=None,
        note=_FILED,
    )


def _within(row: PortalRow, province: str | None, city: str | None) -> bool:
    if province is not None and not _named(row.province, province):
        return False
    own = row.short_name if row.level == "city" else row.city
    return city is None or _named(own, city)


def _named(name: str, asked: str) -> bool:
    """天津市 by 天津市 or 天津; one character is no name."""
    return name == asked or (len(asked) > 1 and name.startswith(asked))
