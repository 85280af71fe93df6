"""Site: one portal as declared in seeds/, validated at load."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rapidfuzz import fuzz, process

from crawler.errors import UnknownSite
from crawler.seeds import PortalRow, portal_rows, seeds_dir, town_rows
from crawler.site_file import USUAL, Declaration, ScheduleDeclaration, host_of, read_site_file, twins

__all__ = [
    "Column",
    "PortalRow",
    "Site",
    "Unit",
    "all_portals",
    "host_group_of",
    "load_portal",
    "load_site",
    "load_site_file",
    "seeds_dir",
    "site_files",
    "site_from",
]

_SUFFIXES = (
    "维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治县", "自治州", "自治旗",
    "地区", "林区", "特区", "新区", "矿区", "省", "市", "区", "县", "旗", "盟", "州",
)  # fmt: skip
_NEAREST = 5


@dataclass(frozen=True, kw_only=True)
class Column:
    """A list page to start from."""

    url: str
    name: str
    confirmed: bool = True
    """False: somebody's inference; the crawl must look further if it gives nothing."""
    publisher: str | None = None
    """Roster name, if everything in this column is by one body."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A body of the roster that must report on this portal."""

    code: str
    name: str
    kind: str
    """街道, 镇, 乡 … as in seeds/towns.csv."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """One portal: its row in portals.csv, its site file if there is one, its roster."""

    key: str
    name: str
    """Full Chinese name: 天津市东丽区."""
    short_name: str
    """The district's own name: 东丽区."""
    level: str
    division_code: str | None
    home_url: str
    hosts: tuple[str, ...]
    """Hosts that may be fetched, all lower case; a port is part of it where one is declared."""
    platform: str | None = None
    """Pinned platform module, or None: chosen by evidence page by page."""
    columns: tuple[Column, ...] = ()
    hubs: tuple[str, ...] = ()
    """Where to look for columns when none is confirmed: home and public-disclosure pages."""
    options: dict[str, str] = field(default_factory=dict)
    """Platform options, e.g. ``siteguid`` of Epoint."""
    delay: float = 2.0
    """Seconds between two requests to the host group."""
    budget: int = 150
    """Most pages one run spends on looking for columns: at 2 s between requests, five minutes."""
    host_group: str = ""
    """Portals on one shared platform count as one host; default: the home host."""
    roster: tuple[Unit, ...] = ()
    """Streets and towns of the division."""
    declared: bool = False
    """A site file exists."""
    tls: str = "strict"
    """What may be tried where strict TLS fails (:mod:`crawler.tls`); ``strict``: nothing."""
    list_budget: int = 1_000
    """Most list pages one run reads of one column. Columns of 15 to 20 rows a page with more than that are rare."""
    private_hosts: tuple[str, ...] = ()
    """Hosts of the site that may stand at an address which is not public."""
    browser: bool = False
    """Its lists are built by scripts in a browser (:mod:`crawler.browser`)."""
    schedule: ScheduleDeclaration = USUAL
    """What the service does otherwise with this portal."""
    window: str | None = None
    """Hours (``22-6``, in China) outside which the portal is not asked (:mod:`crawler.window`); None: at any time."""


def site_files(seeds: Path | None = None) -> dict[str, Path]:
    """Every site file of the seeds by key."""
    folder = (seeds or seeds_dir()) / "sites"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def all_portals(seeds: Path | None = None) -> tuple[PortalRow, ...]:
    """Every portal: the rows of ``portals.csv``, then those that only have a site file (``demo``).

    Raises:
        crawler.errors.BadSeeds: The table is missing or damaged.
        crawler.errors.BadSiteFile: A site file whose portal is not in the table cannot be used.
    """
    place = seeds or seeds_dir()
    rows = portal_rows(place)
    keys = {row.key for row in rows}
    others = [_read(path, None, place) for key, path in site_files(place).items() if key not in keys]
    return (*rows, *(_row_of(declared) for declared in others))


def load_site(query: str, *, seeds: Path | None = None, extra: Path | None = None) -> Site:
    """Finds one portal and loads it with its site file and its roster.

    Args:
        query: Key (``dongli``), division code (``120110``), Chinese name (东丽, 东丽区, 天津东丽,
            天津市东丽区) or the path of a site file.
        seeds: Folder of the seeds; default :func:`seeds_dir`.
        extra: Folder of further site files, which go before those of the seeds.

    Raises:
        UnknownSite: Nothing matches, or more than one portal does, or the portal's address is not known.
        crawler.errors.BadSiteFile: The site file cannot be used.
        crawler.errors.BadSeeds: The tables are missing or damaged.
    """
    query = query.strip()
    place = seeds or seeds_dir()
    if query.endswith(".toml"):
        return load_site_file(Path(query), seeds=place)
    if extra is not None and (extra / f"{query}.toml").is_file():
        return load_site_file(extra / f"{query}.toml", seeds=place)
    row = _find(query, all_portals(place))
    path = extra / f"{row.key}.toml" if extra is not None else None
    if path is None or not path.is_file():
        path = site_files(place).get(row.key)
    if path is not None:
        return load_site_file(path, seeds=place)
    return _build(row, None, place)


def load_portal(key: str, *, seeds: Path | None = None) -> Site:
    """Loads the portal of a key without a look at any other: where many are loaded, one bad file concerns one.

    Raises:
        UnknownSite: No portal has this key, or its address is not known.
        crawler.errors.BadSiteFile: Its site file cannot be used.
        crawler.errors.BadSeeds: The tables are missing or damaged.
    """
    place = seeds or seeds_dir()
    path = place / "sites" / f"{key}.toml"
    if path.is_file():
        return load_site_file(path, seeds=place)
    row = next((row for row in portal_rows(place) if row.key == key), None)
    if row is None:
        raise UnknownSite(f'no site "{key}"')
    return _build(row, None, place)


def load_site_file(path: Path, *, seeds: Path | None = None) -> Site:
    """Loads a portal from a site file anywhere on disk; its key is the file's name.

    Raises:
        crawler.errors.BadSiteFile: The file cannot be used.
        crawler.errors.BadSeeds: The tables are missing or damaged.
    """
    place = seeds or seeds_dir()
    row = next((row for row in portal_rows(place) if row.key == path.stem), None)
    declared = _read(path, row, place)
    return _build(row if row is not None else _row_of(declared), declared, place)


def site_from(declared: Declaration, *, row: PortalRow | None, seeds: Path | None = None) -> Site:
    """A portal from what a site file would say, before there is one.

    Args:
        declared: With name, level and home where ``row`` is None.
        row: Its row of ``portals.csv``; None for a portal that stands in no table.
        seeds: Folder of the seeds; default :func:`seeds_dir`.

    Raises:
        UnknownSite: Its address is not known.
        crawler.errors.BadSeeds: The tables are missing or damaged.
    """
    return _build(row if row is not None else _row_of(declared), declared, seeds or seeds_dir())


def _read(path: Path, row: PortalRow | None, place: Path) -> Declaration:
    inside = path.parent == place / "sites"
    return read_site_file(
        path,
        home=row.url if row is not None else None,
        shown=f"seeds/sites/{path.name}" if inside else str(path),
    )


def _row_of(declared: Declaration) -> PortalRow:
    """A table row for a portal that only has a site file; the reader made sure these are given."""
    return PortalRow(
        key=declared.key,
        name=declared.name or declared.key,
        short_name=declared.short_name or declared.key,
        province="",
        city="",
        level=declared.level or "",
        division_code=declared.division_code,
        url=declared.home,
        platform_hint=declared.platform,
        access_probe=None,
        disclosure_url=None,
        disclosure_note=None,
        news_url=None,
        note="site file only",
    )


def _build(row: PortalRow, declared: Declaration | None, place: Path) -> Site:
    said = declared or Declaration(key=row.key)
    home = said.home or row.url
    if home is None:
        raise UnknownSite(f"{row.key} ({row.name}) has no address in seeds/portals.csv: {row.note}")
    code = said.division_code or row.division_code
    hosts = tuple(dict.fromkeys((*twins(host_of(home)), *said.hosts)))
    return Site(
        key=row.key,
        name=said.name or row.name,
        short_name=said.short_name or row.short_name,
        level=said.level or row.level,
        division_code=code,
        home_url=home,
        hosts=hosts,
        platform=said.platform,
        columns=tuple(
            Column(url=c.url, name=c.name, confirmed=c.confirmed, publisher=c.publisher) for c in said.columns
        ),
        hubs=_hubs(home, row, said, hosts),
        options=dict(said.options),
        delay=Site.delay if said.delay is None else float(said.delay),
        budget=Site.budget if said.budget is None else said.budget,
        host_group=said.host_group or host_group_of(row, home),
        roster=_roster(said, code, place),
        declared=declared is not None,
        tls=said.tls or Site.tls,
        private_hosts=said.private_hosts,
        window=said.window,
        browser=said.browser,
        schedule=said.schedule,
        list_budget=Site.list_budget if said.list_budget is None else said.list_budget,
    )


def _hubs(home: str, row: PortalRow, said: Declaration, hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Home, the declared hubs, and the disclosure page somebody found, if it lies on the portal's hosts."""
    known = [row.disclosure_url] if row.disclosure_url and host_of(row.disclosure_url) in hosts else []
    return tuple(dict.fromkeys((home, *said.hubs, *([] if said.hubs else known))))


def host_group_of(row: PortalRow, home: str) -> str:
    """The host group of a portal whose site file names none: portals that one machine serves count as one host.

    Source: facts, columns.md 0 and 3. Everybody else's group is the host of the home page.
    """
    if row.province == "重庆市":
        return "chongqing"
    if row.city == "许昌市":
        return "xuchang"
    return host_of(home)


def _roster(said: Declaration, code: str | None, place: Path) -> tuple[Unit, ...]:
    if said.roster is not None:
        return tuple(Unit(code=u["code"], name=u["name"], kind=u["kind"]) for u in said.roster)
    if code is None:
        return ()
    return tuple(Unit(code=t.code, name=t.name, kind=t.kind) for t in town_rows(code, place))


# -- finding ------------------------------------------------------------------------------------


def _find(query: str, rows: tuple[PortalRow, ...]) -> PortalRow:
    if not query:
        raise UnknownSite("no site named; --site takes a key (dongli), a division code or a Chinese name")
    exact = [row for row in rows if query in {row.key, row.division_code}]
    found = exact or [row for row in rows if query in {row.name, row.short_name}]
    if len(found) > 1 and (whole := [row for row in found if row.name == query]):
        found = whole
    if not found and not query.isascii():
        found = [row for row in rows if row.short_name[:2] in query and query in _forms(row)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{row.key} ({row.name})" for row in found[:_NEAREST])
        more = f" and {len(found) - _NEAREST} more" if len(found) > _NEAREST else ""
        raise UnknownSite(f'"{query}" is ambiguous: {names}{more}; name one by its key')
    near = ", ".join(f"{row.key} ({row.name})" for row in _nearest(query, rows))
    step = f"did you mean {near}?" if near else "`crawler sites` lists them"
    raise UnknownSite(f'no site "{query}"; {step}')


def _core(name: str) -> str:
    """A place name without its kind: 东丽区 → 东丽; short names keep it (蔚县)."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


def _forms(row: PortalRow) -> set[str]:
    """The Chinese names a person may give a portal: with or without what is above it, with or without 区."""
    above = {"", row.province, _core(row.province)}
    if row.city and row.city != row.short_name:
        cities = {row.city, _core(row.city)}
        above |= cities | {
            province + city for province in (row.province, _core(row.province)) for city in cities
        }
    own = {row.short_name, _core(row.short_name)}
    if "自治" in row.short_name:  # 石柱 for 石柱土家族自治县: where the peoples' names begin is not marked
        own |= {row.short_name[:length] for length in range(2, len(row.short_name))}
    return {prefix + name for prefix in above for name in own} | {row.name, _core(row.name)}


def _nearest(query: str, rows: tuple[PortalRow, ...]) -> list[PortalRow]:
    if query.isascii():
        lists = [[row.key for row in rows]]
    else:
        lists = [[row.short_name for row in rows], [row.name for row in rows]]
    scored = [
        (score, -index)
        for choices in lists
        for _, score, index in process.extract(
            query.lower(), choices, scorer=fuzz.ratio, limit=_NEAREST, score_cutoff=50
        )
    ]
    ranked = dict.fromkeys(-index for _, index in sorted(scored, reverse=True))
    return [rows[index] for index in ranked][:_NEAREST]
