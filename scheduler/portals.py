"""The portals the service knows: rows of the seeds with what their site files say, read again as these change.

A site file that breaks while the service runs keeps its last good content: a copy in the state folder, which the
crawl is then pointed to, also after a restart.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from crawler.errors import BadSeeds, BadSiteFile, UnknownSite
from crawler.sample.run import is_sample
from crawler.seeds import PortalRow, portal_rows, seeds_dir
from crawler.site import host_group_of, site_files
from crawler.site_file import Declaration, ScheduleDeclaration, read_site_file
from crawler.window import Window

log = structlog.get_logger(__name__)

DEFAULT = ScheduleDeclaration()
NOT_KEPT = (-1, -1)
"""Mark of a site file whose copy could not be written: no file looks like that, so it is read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """A portal as the service plans it."""

    key: str
    name: str
    group: str
    """Host group: two portals of one group are never visited at the same time."""
    division_code: str | None = None
    window: Window | None = None
    schedule: ScheduleDeclaration = DEFAULT
    units: int = 0
    """Streets and towns that must report, by the seeds; 0 where they do not say."""
    site: str = ""
    """What ``crawler run --site`` is given: the key, or a good copy of the site file."""


@dataclass(kw_only=True)
class Portals:
    """All portals that can be visited, by key, and what is wrong with the others.

    Args:
        seeds: Folder of the seeds; None: the default one.
        state: Folder for good copies of site files; None: none are kept.
        only: Keys to which the list is narrowed; empty: all.
        keep: Write copies; False: only read them.
    """

    seeds: Path | None = None
    state: Path | None = None
    only: tuple[str, ...] = ()
    keep: bool = True
    by_key: Mapping[str, Portal] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    """Site files that cannot be used: key → what is wrong, in one line."""
    without_url: tuple[str, ...] = ()
    _marks: dict[str, tuple[int, int]] = field(default_factory=dict)
    _units: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        *,
        seeds: Path | None = None,
        state: Path | None = None,
        only: Iterable[str] = (),
        keep: bool = True,
    ) -> Portals:
        """Reads the seeds.

        Raises:
            crawler.errors.BadSeeds: The tables are missing or damaged.
            crawler.errors.UnknownSite: ``only`` names a portal that is not there.
        """
        portals = cls(seeds=seeds, state=state, only=tuple(only), keep=keep)
        portals.reload()
        unknown = [
            key
            for key in portals.only
            if key not in portals.by_key and key not in portals.broken and key not in portals.without_url
        ]
        if unknown:
            raise UnknownSite(f"no portal has the key {unknown[0]!r}; `crawler sites list` shows them")
        return portals

    def reload(self) -> bool:
        """Reads again what changed on disk since the last time; True if anything did.

        Raises:
            crawler.errors.BadSeeds: The tables are missing or damaged; what was known stays.
        """
        place = self.seeds or seeds_dir()
        files = site_files(place)
        marks = {"portals.csv": _mark(place / "portals.csv"), "towns.csv": _mark(place / "towns.csv")}
        marks |= {f"sites/{key}": _mark(path) for key, path in files.items()}
        if marks == self._marks:
            return False
        rows = portal_rows(place)
        if marks["towns.csv"] != self._marks.get("towns.csv"):
            self._units = _units(place)
        found: dict[str, Portal] = {}
        broken: dict[str, str] = {}
        without: list[str] = []
        tabled = {row.key: row for row in rows}
        wanted = (
            self.only
            if self.only
            else tuple(dict.fromkeys((*tabled, *(key for key in files if not is_sample(key)))))
        )
        for key in wanted:
            row, path = tabled.get(key), files.get(key)
            if row is None and path is None:
                continue
            try:
                portal = self._portal(row, _declared(path, row, place), key)
            except BadSiteFile as error:
                broken[key] = str(error)
                portal = self._last_good(row, key)
            else:
                changed = marks.get(f"sites/{key}") != self._marks.get(f"sites/{key}")
                try:
                    self._keep(path, key, changed=changed)
                except (
                    OSError
                ) as error:  # a full disk stops no visit; the copy is tried again at the next look
                    log.warning("no copy of the site file", portal=key, error=str(error))
                    marks[f"sites/{key}"] = NOT_KEPT
            if portal is not None:
                found[key] = portal
            elif key not in broken:
                without.append(key)
        self.by_key, self.broken, self.without_url = found, broken, tuple(without)
        self._marks = marks
        return True

    def _portal(
        self, row: PortalRow | None, declared: Declaration | None, key: str, site: str | None = None
    ) -> Portal | None:
        said = declared or Declaration(key=key)
        home = said.home or (row.url if row is not None else None)
        if home is None:
            return None
        code = said.division_code or (row.division_code if row is not None else None)
        shown = row or _row(said, home)
        return Portal(
            key=key,
            name=said.name or shown.name,
            group=said.host_group or host_group_of(shown, home),
            division_code=code,
            window=Window.parse(said.window) if said.window else None,
            schedule=said.schedule,
            units=len(said.roster) if said.roster is not None else self._units.get(code or "", 0),
            site=site or key,
        )

    # -- last good copies -----------------------------------------------------------------------

    def _keep(self, path: Path | None, key: str, *, changed: bool) -> None:
        if self.state is None or path is None or not changed or not self.keep:
            return
        copy = self._copy(key)
        content = path.read_bytes()
        if not copy.is_file() or copy.read_bytes() != content:
            copy.parent.mkdir(parents=True, exist_ok=True)
            beside = copy.with_suffix(".new")
            beside.write_bytes(content)
            beside.replace(copy)

    def _last_good(self, row: PortalRow | None, key: str) -> Portal | None:
        """The portal by its last good site file; else, in the list as it was."""
        if self.state is None or not self._copy(key).is_file():
            return None
        copy = self._copy(key)
        home = row.url if row is not None else None
        try:
            return self._portal(row, read_site_file(copy, home=home), key, site=str(copy.resolve()))
        except BadSiteFile:  # of an older version of this program: the file itself is named in `broken`
            return None

    def _copy(self, key: str) -> Path:
        return (self.state or Path()) / "sites" / f"{key}.toml"


def _declared(path: Path | None, row: PortalRow | None, place: Path) -> Declaration | None:
    if path is None:
        return None
    home = row.url if row is not None else None
    return read_site_file(path, home=home, shown=f"seeds/sites/{path.name}" if place else str(path))


def _mark(path: Path) -> tuple[int, int]:
    """What changes when a file is written; zeros where it is gone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _units(place: Path) -> Mapping[str, int]:
    """County code → number of its streets and towns."""
    path = place / "towns.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return Counter(row["county_code"] for row in csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise BadSeeds(f"{path}: cannot be read: {error}") from error


def _row(said: Declaration, home: str) -> PortalRow:
    """A row for a portal that only has a site file."""
    return PortalRow(
        key=said.key,
        name=said.name or said.key,
        short_name=said.short_name or said.key,
        province="",
        city="",
        level=said.level or "",
        division_code=said.division_code,
        url=home,
        platform_hint=said.platform,
        access_probe=None,
        disclosure_url=None,
        disclosure_note=None,
        news_url=None,
        note=None,
    )
