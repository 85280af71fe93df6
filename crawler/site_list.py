"""``crawler sites list`` and ``show``: what the seeds know of the portals, and what an archive knows beyond that."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.probe_target import NO_ROW
from crawler.seeds import PortalRow
from crawler.site import Site, all_portals, host_group_of, load_site, seeds_dir, site_files

if TYPE_CHECKING:
    from archive.findings import Run

NEVER = "never"
_NARROW = 72
"""Columns of a terminal below which a list has room only for what names a portal."""
_RUNS_SHOWN = 5
_REREADING = "reextract"
_COUNTED = ("complete", "partial", "blocked", "nothing", "failed")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which portals are asked for; None and "" leave a matter open."""

    query: str | None = None
    """Part of a key or a name, or a division code."""
    province: str | None = None
    city: str | None = None
    platform: str | None = None
    level: str | None = None
    declared: bool = False
    state: str | None = None
    """How the newest crawl ended; ``never`` where there was none."""

    def seeds_have(self, row: PortalRow, declared: Mapping[str, str | None]) -> bool:
        """True for a portal that is wanted by what the seeds know.

        Args:
            row: The portal.
            declared: Keys with a site file → the platform pinned there.
        """
        query = self.query
        return (
            (not self.declared or row.key in declared)
            and (not query or query in row.key or query in row.name or query == row.division_code)
            and _is_place(row.province, self.province)
            and _is_place(row.city or (row.short_name if row.level == "city" else ""), self.city)
            and self.platform in {None, declared.get(row.key) or row.platform_hint}
            and self.level in {None, row.level}
        )


@dataclass(frozen=True, kw_only=True)
class Known:
    """What an archive knows of the portals."""

    last: Mapping[str, Run]
    """Key → newest crawl."""
    place: str


def list_sites(
    wanted: Wanted, *, limit: int, as_json: bool, seeds: Path | None = None, db: str | None = None
) -> None:
    """Prints the portals that are wanted, with the state of their newest crawl where an archive is there.

    Raises:
        crawler.errors.BadSeeds: The seed tables are missing or damaged.
        crawler.errors.BadSiteFile: A site file that is needed cannot be used.
        archive.errors.ArchiveError: The archive that was named cannot be read.
    """
    declared = _declared(seeds)
    rows = [row for row in all_portals(seeds) if wanted.seeds_have(row, declared)]
    known = runs_known(db)
    if wanted.state is not None:
        if known is None:
            sys.stderr.write(
                "crawler: there is no archive here (--db), so every portal counts as never tried\n"
            )
        rows = [row for row in rows if _state(row.key, known) == wanted.state]
    shown = rows if limit <= 0 else rows[:limit]
    if as_json:
        values = [
            {
                "key": row.key,
                "name": row.name,
                "level": row.level,
                "province": row.province,
                "city": row.city,
                "division_code": row.division_code,
                "url": row.url,
                "platform": declared.get(row.key) or row.platform_hint,
                "site_file": row.key in declared,
                "state": _state(row.key, known) if known is not None else None,
            }
            for row in shown
        ]
        sys.stdout.write(json.dumps(values, ensure_ascii=False, indent=1) + "\n")
        return
    _table(shown, declared, known)
    if len(shown) < len(rows):
        _say(f"{len(shown)} of {len(rows)}; --limit 0 shows all")
    if not rows:
        said = repr(wanted.query) if wanted.query else "what was asked for"
        _say(f"no portal matches {said}")


def show_site(query: str, *, as_json: bool, seeds: Path | None = None, db: str | None = None) -> None:
    """Prints everything known of one portal: row, site file, hosts, columns, roster; runs and reports from an archive.

    Raises:
        crawler.errors.UnknownSite: Nothing matches, or more than one portal does.
        crawler.errors.BadSiteFile: Its site file cannot be used.
        crawler.errors.BadSeeds: The seed tables are missing or damaged.
        archive.errors.ArchiveError: The archive that was named cannot be read.
    """
    value = describe(query, seeds=seeds, db=db)
    if as_json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")
        return
    from crawler.progress import one_line

    for name, told in _lines(value):
        _say(f"{name:>10}  {one_line(told, 400)}")


def describe(query: str, *, seeds: Path | None = None, db: str | None = None) -> dict[str, Any]:
    """Everything known of one portal, as one value; arguments and errors as of :func:`show_site`."""
    site = load_site(query, seeds=seeds)
    row = next((row for row in all_portals(seeds) if row.key == site.key), None)
    file = site_files(seeds).get(site.key)
    value: dict[str, Any] = {
        "key": site.key,
        "name": site.name,
        "level": site.level,
        "division_code": site.division_code,
        "home": site.home_url,
        "row": asdict(row) if row is not None and row.note != NO_ROW else None,
        "site_file": str(file) if file is not None else None,
        "platform": site.platform or (row.platform_hint if row is not None else None),
        "platform_pinned": site.platform is not None,
        "hosts": list(site.hosts),
        "host_group": site.host_group,
        "group_members": _members(site, seeds),
        "delay": site.delay,
        "tls": site.tls,
        "window": site.window,
        "options": dict(site.options),
        "hubs": list(site.hubs),
        "columns": [asdict(column) for column in site.columns],
        "roster": len(site.roster),
        "archive": None,
    }
    known = runs_known(db)
    if known is not None:
        value["archive"] = _held(site.key, known, db)
    return value


def runs_known(db: str | None = None) -> Known | None:
    """The newest crawl of each portal; None where no archive was named and none is in the usual place.

    Raises:
        archive.errors.ArchiveError: The archive cannot be read.
    """
    from archive.database import default_url
    from archive.reader import Archive

    url = db or default_url()
    if db is None and "://" not in url and not Path(url).exists():
        return None
    with Archive.open(url) as archive:
        last: dict[str, Run] = {}
        for run in archive.runs():
            if run.trigger != _REREADING:
                last.setdefault(run.portal_key, run)
        return Known(last=last, place=archive.place)


def _held(key: str, known: Known, db: str | None) -> dict[str, Any]:
    from archive.reader import Archive

    with Archive.open(db) as archive:
        runs = archive.runs(key, limit=_RUNS_SHOWN)
        reports = archive.reports(portal=key)
    return {
        "place": known.place,
        "state": _state(key, known),
        "reports": len(reports),
        "years": sorted({report.year for report in reports if report.year is not None}),
        "runs": [
            {
                "run": run.run_id,
                "trigger": run.trigger,
                "started": run.started.isoformat(),
                "state": run.state,
                "requests": run.counters.get("requests"),
                "summary": run.summary,
            }
            for run in runs
        ],
    }


def _declared(seeds: Path | None) -> dict[str, str | None]:
    """Keys with a site file → the platform pinned there; a file that is broken is for ``sites check`` to name."""
    import tomllib

    found: dict[str, str | None] = {}
    for key, path in site_files(seeds or seeds_dir()).items():
        try:
            pinned = tomllib.loads(path.read_text(encoding="utf-8")).get("platform")
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            pinned = None
        found[key] = pinned if isinstance(pinned, str) else None
    return found


def _is_place(name: str, wanted: str | None) -> bool:
    """天津 is 天津市; nothing is everything."""
    return not wanted or (bool(name) and name.startswith(wanted))


def _state(key: str, known: Known | None) -> str:
    run = known.last.get(key) if known is not None else None
    return run.state if run is not None else NEVER


def _members(site: Site, seeds: Path | None) -> list[str]:
    """The other portals that are asked in turn with this one."""
    files = site_files(seeds)
    others = []
    for row in all_portals(seeds):
        if row.key == site.key or not row.url:
            continue
        group = (
            load_site(row.key, seeds=seeds).host_group if row.key in files else host_group_of(row, row.url)
        )
        if group == site.host_group:
            others.append(row.key)
    return others


def _table(rows: Sequence[PortalRow], declared: Mapping[str, str | None], known: Known | None) -> None:
    from rich.table import Table

    from archive.consoles import console

    columns: dict[str, Callable[[PortalRow], str]] = {
        "key": lambda row: row.key,
        "name": lambda row: row.name,
        "level": lambda row: row.level,
        "code": lambda row: row.division_code or "",
        "platform": lambda row: declared.get(row.key) or row.platform_hint or "",
        "site file": lambda row: "yes" if row.key in declared else "",
        "url": lambda row: row.url or "",
    }
    if known is not None:
        columns["last crawl"] = partial(_last_crawl, known)
    out = console(in_pipe=180)
    if out.width < _NARROW:
        columns = {name: columns[name] for name in ("key", "name", "url")}
    table = Table(show_edge=False, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name in {"key", "level", "code"})
    for row in rows:
        table.add_row(*(value(row) for value in columns.values()))
    out.print(table)


def _last_crawl(known: Known, row: PortalRow) -> str:
    run = known.last.get(row.key)
    return NEVER if run is None else f"{run.state}, {run.started:%Y-%m-%d}"


def _lines(value: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield (
        "portal",
        f"{value['name']} ({value['key']}), {value['level']} {value['division_code'] or ''}".rstrip(),
    )
    yield "home", value["home"]
    row = value["row"]
    if row is not None:
        said = [f"probe of 2026: {row['access_probe']}" if row["access_probe"] else "", row["note"] or ""]
        if any(said):
            yield "row says", "; ".join(filter(None, said))
        if row["disclosure_url"]:
            yield "disclosure", f"{row['disclosure_url']} {row['disclosure_note'] or ''}".rstrip()
    yield "site file", value["site_file"] or "none: the crawl looks for its columns"
    pinned = "pinned" if value["platform_pinned"] else "by its addresses; each page's own evidence decides"
    yield "platform", f"{value['platform']} ({pinned})" if value["platform"] else "by each page's evidence"
    yield "hosts", ", ".join(value["hosts"])
    others = value["group_members"]
    named = (
        f" with {len(others)} others: {', '.join(others[:5])}{' …' if len(others) > 5 else ''}"
        if others
        else ""
    )
    yield "host group", f"{value['host_group']}{named}, {value['delay']:g} s between requests"
    if value["tls"] != "strict":
        yield "tls", value["tls"]
    if value["window"]:
        yield "window", value["window"]
    for url in value["hubs"]:
        yield "look from", url
    for column in value["columns"]:
        sure = "confirmed" if column["confirmed"] else "not confirmed"
        yield "column", f"{column['name']} ({sure}) {column['url']}"
    yield "roster", f"{value['roster']} streets, towns and zones"
    archive = value["archive"]
    if archive is None:
        return
    years = f", of {', '.join(map(str, archive['years']))}" if archive["years"] else ""
    yield "archive", f"{archive['place']}: {archive['reports']} reports{years}"
    for run in archive["runs"]:
        yield f"run {run['run']}", f"{run['started'][:16]} {run['trigger']}: {run['summary'] or run['state']}"
    if not archive["runs"]:
        yield "runs", "none"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
