"""Who must report, made of the seeds: governments, streets and towns, and what ``roster.csv`` corrects."""

from __future__ import annotations

import csv
import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from archive.roster import Roster, RosterPlace, RosterRecord
from crawler.bodynames import LEVELS
from crawler.errors import BadSeeds, CrawlerError
from crawler.seeds import PortalRow, seeds_dir
from crawler.site import all_portals, site_files
from crawler.site_file import read_site_file

if TYPE_CHECKING:
    from archive.roster import Synced
    from archive.store import Store

log = logging.getLogger(__name__)

FORMAT = 1
"""Of the roster made here: raised when they are made differently, so that archives take them over."""
GOVERNMENT = "政府"
"""Kind of a place's own government."""
ZONE = "zone"
"""Level of development zones, farms and the like (类似乡级单位), which are none of government."""
CORRECTIONS = "roster.csv"
_COLUMNS = ["code", "name", "kind", "portal", "valid_from", "valid_to", "source"]
_TOWN_COLUMNS = ["code", "name", "kind", "county_code"]
_NINE, _SIX = 9, 6


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One row of ``roster.csv``: a body under one name, from a day to a day."""

    code: str | None
    name: str
    kind: str
    portal: str | None
    """Key; None: by the code."""
    valid_from: date | None
    valid_to: date | None
    line: int


def digest(seeds: Path | None = None) -> str:
    """A digest of everything that the roster is made of; cheap enough for every start of a crawl.

    Raises:
        BadSeeds: The seeds are missing or cannot be read.
    """
    place = seeds or seeds_dir()
    files = [place / "portals.csv", place / "towns.csv", *site_files(place).values()]
    if (place / CORRECTIONS).is_file():
        files.append(place / CORRECTIONS)
    made = hashlib.sha256(f"{FORMAT}\n".encode())
    for path in files:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BadSeeds(f"{path}: cannot be read: {error.strerror}") from error
        made.update(f"{path.name}\n{len(content)}\n".encode() + content)
    return made.hexdigest()


def keep(store: Store, seeds: Path | None = None) -> Synced | None:
    """Brings the archive's roster up to date if the seeds have changed; None if they have not.

    Raises:
        BadSeeds: The seeds are missing or damaged.
        archive.errors.ArchiveError: The archive cannot be read or written.
    """
    now = digest(seeds)
    kept = store.roster_source()
    if kept is not None and kept.digest == now:
        return None
    return store.sync_roster(roster(seeds), now)


def at_start(store: Store, seeds: Path | None = None) -> None:
    """The same at the start of a crawl, which a site file of another portal must not stop: that is a warning.

    Raises:
        archive.errors.ArchiveError: The archive cannot be read or written.
    """
    try:
        done = keep(store, seeds)
    except CrawlerError as error:
        log.warning("who must report stays in the archive as it was: %s", error)
    else:
        if done is not None:
            log.info("roster: %d added, %d changed, %d left", done.added, done.changed, done.dropped)


def roster(seeds: Path | None = None) -> Roster:
    """Every body that must report, with the places they lie in.

    The government of every portal's place; the streets and towns of every county, those of a portal whose site file
    has a roster of its own from there; and what ``roster.csv`` says, which goes before all of them.

    Raises:
        BadSeeds: A table is missing or damaged.
        crawler.errors.BadSiteFile: A site file that has a roster cannot be used.
    """
    place = seeds or seeds_dir()
    portals = all_portals(place)
    made = Atlas(portals)
    bodies = [made.government(row) for row in portals]
    own = _declared(place, portals)
    replaced = {row.division_code for row in own if row.division_code}
    for _, (code, name, kind, county) in _rows(place / "towns.csv", _TOWN_COLUMNS):
        if county not in replaced:
            bodies.append(RosterRecord(code, 0, name, LEVELS.get(kind, ZONE), kind, made.place_of(county)))
    for row, units in own.items():
        where = made.place(row)
        bodies += [
            RosterRecord(code, 0, name, LEVELS.get(kind, ZONE), kind, where) for code, name, kind in units
        ]
    bodies = _corrected(bodies, corrections(place), made)
    return Roster(places=list(made.places.values()), bodies=bodies)


class Atlas:
    """The places of the roster, made as bodies are found in them.

    Args:
        portals: Every portal of the seeds.
    """

    def __init__(self, portals: Iterable[PortalRow]) -> None:
        self.portals = {row.key: row for row in portals}
        self.by_code = {row.division_code: row for row in self.portals.values() if row.division_code}
        self.places: dict[str, RosterPlace] = {}
        for row in self.portals.values():
            self.place(row)

    def place(self, row: PortalRow) -> str:
        """The place of a portal."""
        return self._keep(row.division_code or row.key, row.short_name, row)

    def place_of(self, code: str) -> str:
        """The place of a division; one without a portal of its own publishes on that of what it lies in."""
        if code in self.places:
            return code
        row = self.by_code.get(f"{code[:4]}00") or self.by_code.get(f"{code[:2]}0000")
        return self._keep(code, "" if row is None else row.short_name, row)

    def government(self, row: PortalRow) -> RosterRecord:
        """The body that is a place's own government."""
        body = row.division_code or f"{row.key}/{row.short_name}"
        return RosterRecord(body, 0, row.short_name, row.level, GOVERNMENT, self.place(row))

    def _keep(self, key: str, name: str, row: PortalRow | None) -> str:
        if key not in self.places:
            county = row.short_name if row is not None and row.level == "county" else ""
            self.places[key] = RosterPlace(
                place=key,
                name=name,
                province="" if row is None else row.province,
                city="" if row is None else row.city,
                county=county,
                portal_key=None if row is None else row.key,
                home_url=None if row is None else row.url,
            )
        return key


def corrections(seeds: Path | None = None) -> list[Correction]:
    """The rows of ``roster.csv``, none where there is no such file.

    Raises:
        BadSeeds: The table is damaged; the message names file and line.
    """
    path = (seeds or seeds_dir()) / CORRECTIONS
    if not path.is_file():
        return []
    return [_correction(path, number, row) for number, row in _rows(path, _COLUMNS)]


def _correction(path: Path, line: int, row: list[str]) -> Correction:
    code, name, kind, portal, since, until, _ = row
    if not name or not kind or not (code or portal):
        raise BadSeeds(f"{path}:{line}: name, kind and one of code and portal must be given")
    if code and not (code.isascii() and code.isdigit() and len(code) in {_SIX, _NINE}):
        raise BadSeeds(f"{path}:{line}: code {code!r} is not of six or nine digits")
    try:
        days = [date.fromisoformat(day) if day else None for day in (since, until)]
    except ValueError as error:
        raise BadSeeds(f"{path}:{line}: {error}; days are written 2021-04-09") from error
    if days[0] and days[1] and days[0] > days[1]:
        raise BadSeeds(f"{path}:{line}: it ends before it begins")
    return Correction(
        code=code or None,
        name=name,
        kind=kind,
        portal=portal or None,
        valid_from=days[0],
        valid_to=days[1],
        line=line,
    )


def _corrected(
    bodies: list[RosterRecord], corrected: Iterable[Correction], made: Atlas
) -> list[RosterRecord]:
    """The bodies with those of ``roster.csv`` in place of what has the same code or, without one, the same name."""
    grouped: dict[str, list[RosterRecord]] = defaultdict(list)
    for said in corrected:
        record = _body(said, made)
        grouped[record.body].append(record._replace(valid_from=said.valid_from, valid_to=said.valid_to))
    if not grouped:
        return bodies
    result = [record for record in bodies if record.body not in grouped]
    for several in grouped.values():
        ordered = sorted(several, key=lambda record: record.valid_from or date.min)
        result += [record._replace(ordinal=number) for number, record in enumerate(ordered)]
    return result


def _body(said: Correction, made: Atlas) -> RosterRecord:
    row = made.portals.get(said.portal or "")
    if said.portal is not None and row is None:
        raise BadSeeds(f"{CORRECTIONS}:{said.line}: no portal has the key {said.portal!r}")
    if said.code is not None and len(said.code) == _SIX and (own := made.by_code.get(said.code)) is not None:
        return made.government(own)._replace(name=said.name, kind=said.kind)
    where = made.place(row) if row is not None else made.place_of((said.code or "")[:_SIX])
    level = LEVELS.get(said.kind, ZONE if said.code else "department")
    if said.code is not None and len(said.code) == _SIX:
        level = "county"
    body = said.code or f"{said.portal}/{said.name}"
    return RosterRecord(body, 0, said.name, level, said.kind, where)


def _declared(place: Path, portals: Iterable[PortalRow]) -> dict[PortalRow, list[tuple[str, str, str]]]:
    """The rosters that site files have, by portal."""
    rows = {row.key: row for row in portals}
    found: dict[PortalRow, list[tuple[str, str, str]]] = {}
    for key, path in site_files(place).items():
        if b"roster" not in path.read_bytes():
            continue
        row = rows[key]
        said = read_site_file(path, home=row.url, shown=f"seeds/sites/{path.name}")
        if said.roster is not None:
            found[row] = [(unit["code"], unit["name"], unit["kind"]) for unit in said.roster]
    return found


def _rows(path: Path, columns: list[str]) -> list[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            if next(reader, []) != columns:
                raise BadSeeds(f"{path}:1: columns must be {','.join(columns)}")
            rows = list(enumerate(reader, 2))
    except OSError as error:
        raise BadSeeds(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadSeeds(f"{path}: damaged: {error}") from error
    for number, row in rows:
        if len(row) != len(columns):
            raise BadSeeds(f"{path}:{number}: {','.join(columns)} expected")
    return rows
