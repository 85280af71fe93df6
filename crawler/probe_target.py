"""What ``crawler probe`` is asked to look at: a portal of the seeds, or any address of any portal."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import BadTarget
from crawler.seeds import PortalRow
from crawler.site import Site, all_portals, load_site, seeds_dir, site_files, site_from
from crawler.site_file import Declaration, host_of, read_site_file, twins

if TYPE_CHECKING:
    from crawler.probe_findings import Findings

NO_ROW = "site file only"
"""Note of the rows that :func:`crawler.site.all_portals` makes up for portals that stand in no table."""
_ADDRESS = re.compile(r"^https?://|^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:/|$)", re.IGNORECASE)
_OFFICE = re.compile(r"(?:局|厅|委员会|委|办公室|街道|街道办事处|镇|乡|中心)$")
"""A body below the portal's own: it has the division's code and a site of its own."""
_KEY = re.compile(r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A portal to look at."""

    key: str
    row: PortalRow | None
    """Its row of ``portals.csv``; None for a portal that stands in no table."""
    declared: Declaration
    """What its site file says, or as much of one as the address tells."""
    start: str | None
    """The page that was named, if it is not the home page: looked at first."""
    seeds: Path
    has_file: bool

    def site(self) -> Site:
        """The portal as a run would crawl it, but for its columns: none counts as confirmed, so that all is looked at.

        Raises:
            crawler.errors.UnknownSite: Its address is not known.
        """
        site = site_from(self.declared, row=self.row, seeds=self.seeds)
        columns = tuple(replace(column, confirmed=False) for column in site.columns)
        starts = (site.hubs[0], self.start, *site.hubs[1:]) if self.start else site.hubs
        return replace(site, columns=columns, hubs=tuple(dict.fromkeys(starts)), window=None)


def find_target(
    query: str, *, key: str | None = None, allowed: Collection[str] = (), seeds: Path | None = None
) -> Target:
    """Finds the portal that is meant.

    Args:
        query: What ``--site`` takes, or the address of any page of a portal.
        key: The portal's key, where an address tells none or another one is wanted.
        allowed: Hosts outside ``.gov.cn`` that may be asked all the same. Mirrors outside carry altered texts (facts:
            rules.md), so nothing outside is asked unless a person says so.
        seeds: Folder of the seeds; default :func:`crawler.site.seeds_dir`.

    Raises:
        BadTarget: No usable address, or a host that was not allowed.
        crawler.errors.UnknownSite: Nothing matches, or more than one portal does.
        crawler.errors.BadSiteFile: The portal's site file cannot be used.
        crawler.errors.BadSeeds: The tables are missing or damaged.
    """
    place = seeds or seeds_dir()
    query = query.strip()
    if not query.endswith(".toml") and _ADDRESS.match(query):
        return _by_address(query, key, frozenset(host.strip().lower() for host in allowed), place)
    site = load_site(query, seeds=place)
    path = Path(query) if query.endswith(".toml") else None
    return _known(site.key, place, start=None, path=path, hosts=allowed)


def named_by_code(target: Target, found: Findings) -> Target:
    """The portal of the seeds that an address without a row turned out to be, by the site code on its pages.

    A bureau's site carries the code of its division, too: the page must also call itself by the portal's own name.

    Args:
        target: What was asked for.
        found: What was found there.

    Returns:
        The same target where it has a row or a file, or where code and name are not one portal's.
    """
    said = found.identity
    if target.row is not None or target.has_file or said.portal is None or said.name is None:
        return target
    row = next(row for row in all_portals(target.seeds) if row.key == said.portal)
    if row.short_name not in said.name or _OFFICE.search(said.name):
        return target
    hosts = tuple(dict.fromkeys((*target.declared.hosts, *twins(host_of(found.home)))))
    return _known(row.key, target.seeds, start=target.start, home=found.home, hosts=hosts)


def _by_address(query: str, key: str | None, allowed: frozenset[str], place: Path) -> Target:
    url = query if "://" in query else f"http://{query}"
    try:
        host, bare = host_of(url), (urlsplit(url).hostname or "").lower()
    except ValueError as error:
        raise BadTarget(f"{query}: no usable address: {error}") from error
    if not bare or any(c.isspace() for c in url):
        raise BadTarget(f"{query}: no usable address")
    start = url if (urlsplit(url).path.strip("/") or urlsplit(url).query) else None
    known = _key_of_host(host, place)
    outside = not f".{bare}".endswith(".gov.cn")
    if outside and known is None and not {host, bare} & allowed:
        raise BadTarget(
            f"{bare} is outside .gov.cn; if it is a portal all the same, say so: --host-ok {host}"
        )
    if key is not None and not _KEY.match(key):
        raise BadTarget(f"{key!r} is no key: lower-case letters, digits and hyphens, as in seeds/portals.csv")
    extra = tuple(sorted(allowed | ({host} if outside else set())))
    if known is not None and key in {None, known}:
        return _known(known, place, start=start, hosts=extra)
    wanted = key or key_of(host)
    if any(row.key == wanted for row in all_portals(place)):
        if key is None:
            raise BadTarget(f"the key {wanted} is taken; name another one with --key")
        return _known(wanted, place, start=start, home=_root(url), hosts=(*extra, *twins(host)))
    declared = Declaration(
        key=wanted, name=bare, short_name=bare, level="county", home=_root(url), hosts=extra
    )
    return Target(key=wanted, row=None, declared=declared, start=start, seeds=place, has_file=False)


def _known(
    key: str,
    place: Path,
    *,
    start: str | None,
    path: Path | None = None,
    home: str | None = None,
    hosts: Collection[str] = (),
) -> Target:
    row = next((row for row in all_portals(place) if row.key == key and row.note != NO_ROW), None)
    path = path or site_files(place).get(key)
    declared = (
        read_site_file(path, home=row.url if row is not None else None)
        if path is not None
        else Declaration(key=key)
    )
    own = twins(host_of(home or declared.home or (row.url if row else None) or ""))
    more = tuple(host for host in hosts if host not in own and host not in declared.hosts)
    declared = replace(declared, home=home or declared.home, hosts=(*declared.hosts, *more))
    return Target(key=key, row=row, declared=declared, start=start, seeds=place, has_file=path is not None)


def _key_of_host(host: str, place: Path) -> str | None:
    """The portal whose home page, or one of whose declared hosts, this is."""
    files = site_files(place)
    for row in all_portals(place):
        home, more = row.url, tuple[str, ...]()
        if row.key in files:
            said = read_site_file(files[row.key], home=None if row.note == NO_ROW else row.url)
            home, more = said.home or row.url, said.hosts
        if host in more or (home and host in twins(host_of(home))):
            return row.key
    return None


def key_of(host: str) -> str:
    """A key for a portal that stands in no table, from its host: ``www.tjdl.gov.cn`` gives ``tjdl``.

    The keys of the tables are pinyin of the place's name (seeds/README.md); a person who adds a portal says which.
    """
    bare = re.sub(r":\d+$", "", host).removeprefix("www.")
    labels = re.sub(r"\.(?:gov\.cn|com\.cn|org\.cn|cn|com|org|net|example)$", "", bare).split(".")
    key = "-".join(filter(None, (re.sub(r"[^a-z0-9]", "", label) for label in labels)))
    return key if key[:1].isalpha() else f"site-{key}"


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}/"
