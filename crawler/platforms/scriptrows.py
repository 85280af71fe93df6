"""Rows that stand in a page's scripts as literals: written by ``document.write``, or kept as objects for one to draw.

Nothing is run. Read only where the page's own markup shows no row with a date; what a script fetches from elsewhere is
an interface's business (:mod:`crawler.platforms.jsonlist`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from crawler.platforms import jpage
from crawler.platforms.base import Listing, Page
from crawler.platforms.jsobjects import fields_of, literal_at
from crawler.platforms.jsonlist import read_records
from crawler.platforms.pager_script import scripts_of
from crawler.scripted import unfold

_OBJECT = re.compile(r"\{(?=\s*[\"']?[A-Za-z_$][\w$]*[\"']?\s*:)")
_ADDRESS_WITHIN = re.compile(r"\.[sj]?html?[\"'?]|(?:url|href|link)[\"']?\s*:", re.IGNORECASE)
_MOST = 3_000
"""Objects read of one page; columns that keep all rows in a script have some hundred."""
_FEWEST = 2
"""Objects of one shape that make a list: a single one is the page's own record."""


def written_page(page: Page) -> Page | None:
    """The page with the links its scripts write into it; None if they write no sentence as a literal, or no link."""
    written = unfold(page.text)
    if written is None or written.text.count("<a ") + written.text.count("<A ") == 0:
        return None
    return Page(page.url, written.text.encode("utf-8", errors="replace"), "text/html; charset=utf-8")


def record_rows(page: Page, *, objects: bool) -> Listing | None:
    """The rows a page holds as records in CDATA, or as objects in its scripts; None if it holds none with dates.

    Args:
        page: The list page.
        objects: Look for objects, too.
    """
    if jpage.holds_records(page.text):
        listing = jpage.read_column(page)
        return listing if any(entry.date for entry in listing.entries) else None
    if not objects:
        return None
    code = scripts_of(page)
    if not _ADDRESS_WITHIN.search(code):
        return None
    shapes: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for record in _objects(code):
        shapes.setdefault(tuple(sorted(record)), []).append(record)
    best = max(shapes.values(), key=len, default=[])
    for records in sorted(shapes.values(), key=len, reverse=True):
        if len(records) < _FEWEST:
            break
        entries = read_records(page, records)
        if 2 * sum(entry.date is not None for entry in entries) >= max(len(best), 1):
            return Listing(entries=entries)
    return None


def _objects(code: str) -> Iterator[Mapping[str, str]]:
    """Object literals with at least two plain fields, in the order of the scripts."""
    for count, found in enumerate(_OBJECT.finditer(code)):
        if count == _MOST:
            return
        literal = literal_at(code, found.start())
        if literal is not None and len(fields := fields_of(literal)) >= 2:
            yield fields
