"""``crawler probe``: what a portal is, in a few dozen polite requests, and the site file it would need."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from archive.clock import utcnow
from crawler.errors import NotKept
from crawler.identity import warn_without_contact
from crawler.probe_findings import Findings, findings
from crawler.probe_keep import Kept, in_the_way, keep, places, refuse_to_overwrite
from crawler.probe_proposal import as_toml, propose
from crawler.probe_session import look_at, served
from crawler.probe_target import Target, find_target, named_by_code
from crawler.probe_ways import enter
from crawler.sample.run import SAMPLE_KEY
from crawler.seeds import portal_rows
from crawler.site import site_files

if TYPE_CHECKING:
    from crawler.progress import Display

BUDGET = 40
"""Requests a probe may make unless told otherwise: at 2 s between two, a minute and a half."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One finished probe."""

    target: Target
    findings: Findings
    toml: str
    """The proposed site file."""
    kept: Kept | None = None
    not_kept: str | None = None
    """Why nothing was written although it was asked for."""


def probe(
    query: str,
    *,
    key: str | None = None,
    allowed: Sequence[str] = (),
    budget: int = BUDGET,
    seeds: Path | None = None,
    write: bool = False,
    force: bool = False,
    fixture_only: bool = False,
    fixtures: Path | None = None,
    show: Display | None = None,
    proxy: str | None = None,
    delay: float | None = None,
    workers: int | None = None,
) -> Probe:
    """Looks at a portal and proposes its site file; with ``write`` keeps it.

    Args:
        query: What ``--site`` takes, or the address of any page of a portal.
        key: Key of a portal named by address, if not the one its host tells.
        allowed: Hosts outside ``.gov.cn`` that may be asked.
        budget: Requests it may cost, those of robots.txt included.
        seeds: Folder of the seeds.
        write: Keep site file and fixture.
        force: Overwrite a site file.
        fixture_only: Keep a fixture for the site file that is there, and leave that as it is.
        fixtures: Where fixtures go.
        show: Where progress goes.
        proxy: Where the sample portal or a replica listens.
        delay: Seconds between two requests, if not the site's own.
        workers: Child processes that read.

    Raises:
        crawler.errors.CrawlerError: Unknown portal, unusable address, a file in the way, nothing to keep.
        archive.errors.ArchiveError: The temporary archive cannot be written.
    """
    target = find_target(query, key=key, allowed=allowed, seeds=seeds)
    where = places(seeds, fixtures)
    if write and not fixture_only:
        refuse_to_overwrite(target.key, where, force=force)
    file = _present(target) if fixture_only else None
    site = target.site()
    if target.key != SAMPLE_KEY:
        warn_without_contact()
    with served(target.key, proxy) as at:
        look = partial(look_at, show=show, proxy=at, delay=delay, workers=workers, most=budget)
        entered, ways = enter(site, look, allowed=allowed)
    found = findings(entered, ways, expected=site, rows=portal_rows(target.seeds))
    refused = None
    if key is None and (known := named_by_code(target, found)) is not target:
        target, found = known, replace(found, key=known.key)
        refused = in_the_way(known.key, where, force=force) if write and not fixture_only else None
    day = utcnow().date()

    def draft(pinned: bool) -> str:
        return as_toml(propose(target, found, pinned=pinned), found, day)

    kept = None
    if (write or fixture_only) and found.columns_found and refused is None:
        kept = keep(
            target.key, file or draft, found.columns, where=where, day=day.isoformat(), seeds=target.seeds
        )
    text = draft(True) if kept is None or fixture_only else _written(kept, draft(True))
    missed = "nothing is written: no column was found; put what you know into a site file by hand"
    not_kept = (refused or missed) if (write or fixture_only) and kept is None else None
    return Probe(target=target, findings=found, toml=text, kept=kept, not_kept=not_kept)


def _present(target: Target) -> Path:
    path = site_files(target.seeds).get(target.key)
    if path is None:
        raise NotKept(f"{target.key} has no site file yet; --write makes it with its fixture")
    return path


def _written(kept: Kept, drafted: str) -> str:
    path = next((file for file in kept.files if file.suffix == ".toml"), None)
    return drafted if path is None else path.read_text(encoding="utf-8")


def print_probe(done: Probe, *, as_json: bool, where: str | None = None) -> None:
    """Prints a probe: one JSON document, or tables for a person."""
    from crawler import probe_show

    kept = done.kept
    if as_json:
        value = probe_show.as_json(done.findings, done.toml)
        if kept is not None:
            value["written"] = [str(path) for path in kept.files]
            value["notes"] += list(kept.notes)
        if done.not_kept:
            value["notes"].append(done.not_kept)
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
        return
    from rich.text import Text

    from archive.consoles import console

    out = console(in_pipe=140)
    probe_show.show(done.findings, done.toml, out)
    if done.not_kept:
        out.print(Text(f"\n{done.not_kept}", "yellow"))
    if kept is None:
        return
    size = kept.recorded.size / 1000
    out.print(Text(f"\nkept ({kept.recorded.answers} answers, {size:.0f} kB):", "bold"))
    for path in kept.files:
        out.print(Text(f"  {path}"), soft_wrap=True)
    for note in (*kept.notes, *([where] if where else [])):
        out.print(Text(f"  note: {note}"), soft_wrap=True)
    out.print(
        Text("  → Test it: pytest tests/test_sites.py; then crawl it: crawler run --site " + done.target.key)
    )
