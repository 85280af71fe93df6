"""``crawler sites check``: every site file is usable, and, if asked for, every portal still stands where it says."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.records import FrontierKind, Outcome
from crawler.errors import BadSiteFile, UnknownSite
from crawler.seeds import portal_rows
from crawler.site import Site, load_site, load_site_file, seeds_dir, site_files

if TYPE_CHECKING:
    from crawler.probe_session import Look

GOOD, BAD, GONE, SILENT = 0, 2, 3, 4


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One portal."""

    key: str
    state: str
    """``ok``; ``bad file``; live: ``columns missing``, ``unreachable``."""
    said: tuple[str, ...]
    columns: int = 0
    confirmed: int = 0


def check_sites(
    keys: Sequence[str],
    *,
    live: bool,
    as_json: bool,
    seeds: Path | None = None,
    proxy: str | None = None,
    workers: int | None = None,
) -> int:
    """Checks site files, prints a line for each portal, and gives the exit code.

    Without ``keys`` every site file. Live, a portal without one can be named, too: its home page is asked.

    Args:
        keys: What ``--site`` takes.
        live: Ask each portal for robots.txt, its home page, its hubs and the columns of its file, one after another, at
            its own pace.
        as_json: One JSON document instead of lines.
        seeds: Folder of the seeds.
        proxy: Where a replica listens.
        workers: Child processes that read.

    Returns:
        0 all well; 2 a file is unusable; live also 3 a home page or column was not there, 4 nothing could be read
        of any portal.

    Raises:
        crawler.errors.BadSeeds: The seed tables are missing or damaged.
        crawler.errors.UnknownSite: A key matches no portal.
    """
    place = seeds or seeds_dir()
    named = list(keys) or sorted(site_files(place))
    checked = [_check(key, place, live=live, proxy=proxy, workers=workers) for key in named]
    if not keys:
        checked += _table_problems(place)
    if as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in checked], ensure_ascii=False, indent=1) + "\n")
    else:
        for one in checked:
            told = f": {'; '.join(one.said)}" if one.said else ""
            sys.stdout.write(
                f"{one.state:16} {one.key} ({one.confirmed} of {one.columns} columns confirmed){told}\n"
            )
    states = {one.state for one in checked}
    if "bad file" in states:
        return BAD
    if states == {"unreachable"}:
        return SILENT
    return GONE if states & {"unreachable", "columns missing"} else GOOD


def _check(key: str, place: Path, *, live: bool, proxy: str | None, workers: int | None) -> Checked:
    path = site_files(place).get(key)
    try:
        site = load_site_file(path, seeds=place) if path is not None else load_site(key, seeds=place)
    except BadSiteFile as error:
        return Checked(key=key, state="bad file", said=(str(error),))
    except UnknownSite as error:
        if path is None:
            raise
        return Checked(key=key, state="bad file", said=(str(error),))
    counts = {"columns": len(site.columns), "confirmed": sum(column.confirmed for column in site.columns)}
    if not live:
        return Checked(key=site.key, state="ok", said=(), **counts)
    look = _ask(site, proxy, workers)
    state, said = _judged(site, look)
    return Checked(key=site.key, state=state, said=said, **counts)


def _ask(site: Site, proxy: str | None, workers: int | None) -> Look:
    from dataclasses import replace

    from crawler.probe_session import look_at, served

    # As many as there are, and robots.txt of each host; none counts as confirmed, so that home is asked, too.
    columns = tuple(replace(column, confirmed=False) for column in site.columns)
    most = len(site.hubs) + len(columns) + len(site.hosts)
    asked = replace(site, columns=columns, window=None)
    with served(site.key, proxy) as at:
        return look_at(asked, most=most, proxy=at, workers=workers, declared_only=True)


def _judged(site: Site, look: Look) -> tuple[str, tuple[str, ...]]:
    said = [
        f"{one.entry.url} {one.fetch.outcome.value} ({one.fetch.detail})"
        for one in look.seen
        if one.fetch.outcome is not Outcome.OK
    ]
    if not look.read:
        return "unreachable", tuple(said[:2]) or (look.stopped or "not asked",)
    read = {one.entry.url: one for one in look.seen if one.fetch.outcome is Outcome.OK}
    missing = [column.url for column in site.columns if column.url not in read]
    empty = [
        url
        for url, one in read.items()
        if one.entry.kind is FrontierKind.COLUMN and one.fetch.listing is None and not one.fetch.links
    ]
    said += [f"{url} was not reached" for url in missing if not any(url in line for line in said)]
    said += [f"{url} lists nothing" for url in empty]
    home = site.home_url in read
    return ("ok" if home and not missing and not empty else "columns missing"), tuple(said)


def _table_problems(place: Path) -> list[Checked]:
    """Two portals with one home page: one of the rows is wrong, and their reports would be taken for each other's."""
    from crawler.site_file import host_of

    first: dict[str, str] = {}
    found = []
    for row in portal_rows(place):
        host = host_of(row.url).removeprefix("www.") if row.url else None
        if host is not None and first.setdefault(host, row.key) != row.key:
            found.append(Checked(key=row.key, state="bad file", said=(f"{host} is also {first[host]}'s",)))
    return found
