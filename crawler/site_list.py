"""``crawler sites``: what the seeds know."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from crawler.site import all_portals, site_files


def show_sites(query: str | None, *, declared: bool, limit: int, as_json: bool, seeds: Path | None) -> None:
    """Prints the portals whose key, name or code contains the query.

    Raises:
        crawler.errors.BadSeeds: The seed tables are missing or damaged.
    """
    files = site_files(seeds)
    rows = [
        row
        for row in all_portals(seeds)
        if (not declared or row.key in files)
        and (not query or query in row.key or query in row.name or query == row.division_code)
    ]
    shown = rows if limit <= 0 else rows[:limit]
    if as_json:
        values = [
            {
                "key": row.key,
                "name": row.name,
                "level": row.level,
                "division_code": row.division_code,
                "url": row.url,
                "site_file": row.key in files,
            }
            for row in shown
        ]
        sys.stdout.write(json.dumps(values, ensure_ascii=False, indent=1) + "\n")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(show_edge=False, pad_edge=False)
    for name in ("key", "name", "level", "code", "site file", "url"):
        table.add_column(name)
    for row in shown:
        table.add_row(
            row.key, row.name, row.level, row.division_code or "", "yes" if row.key in files else "", row.url
        )
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(table)
    if len(shown) < len(rows):
        console.print(f"{len(shown)} of {len(rows)}; --limit 0 shows all")
    if not rows:
        console.print(f"no portal matches {query!r}")
