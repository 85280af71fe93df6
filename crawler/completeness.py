"""Does what was read agree with what the site says is there? Pure functions over the list pages of one run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from archive.records import ListingRecord

_INDEX = re.compile(r"/(?:index|default)\.\w{3,5}$")
_FIRST = re.compile(r"(?:[?&](?:page|pageindex|pageno|pagenum|currentpage|p|pn)=1)$", re.IGNORECASE)
UNTOLD = "no rows, and no word that there are none"
"""How the warning of a list page begins that brings its rows later, if it has any."""
_NAMED = 3
"""Pages named in a message; the others are counted."""


@dataclass(frozen=True, kw_only=True)
class ColumnCount:
    """One column: all its list pages taken together."""

    first_url: str
    pages_read: int
    """Pages that brought rows of their own."""
    pages_stated: int | None
    rows_read: int
    """Different rows, a row on two pages counted once."""
    rows_stated: int | None
    empty: tuple[str, ...] = ()
    """Pages without a row although the column has others, or states that it has rows."""
    repeated: tuple[str, ...] = ()
    """Pages that showed the rows of another page once more."""
    untold: str | None = None
    """Why the absence of rows is no proof that there are none."""

    @property
    def complete(self) -> bool:
        """True if nothing the site announced is missing."""
        return self.missing is None

    @property
    def missing(self) -> str | None:
        """What is missing, in words, or None."""
        said = [self.untold] if self.untold else []
        if self.empty:
            said.append(f"no rows on {_names(self.empty)}")
        if self.repeated:
            said.append(f"the rows of another page on {_names(self.repeated)}")
        if not said and self.pages_stated is not None and self.pages_read < self.pages_stated:
            said.append(f"{self.pages_read} of {self.pages_stated} list pages read")
        if self.rows_stated is not None and self.rows_read < self.rows_stated:
            said.append(f"{self.rows_read} of {self.rows_stated} rows seen")
        return "; ".join(said) or None


def _names(urls: Sequence[str]) -> str:
    more = f" and {len(urls) - _NAMED} more" if len(urls) > _NAMED else ""
    return ", ".join(urls[:_NAMED]) + more


def row_digests(rows: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """What ``ListingRecord.rows`` keeps of the rows of a page: 48 bits of each.

    Digested are title, last folder, file name and query. Not the whole address: a page served once more under
    another one has the same relative links (``../info/4078/70287.htm``), which then lead elsewhere. A column of 2,000
    pages of 20 rows has a chance of one in 350,000 that two different rows are taken for one.

    Args:
        rows: Title and address of each.
    """
    return tuple(
        blake2b("\n".join((title, *_tail(url))).encode(), digest_size=6).hexdigest() for title, url in rows
    )


def _tail(url: str) -> tuple[str, str]:
    path, _, query = url.partition("?")
    return "/".join(path.rsplit("/", 2)[1:]), query


def columns(listings: Mapping[str, ListingRecord]) -> list[ColumnCount]:
    """Groups list pages into columns and counts them against the site's own totals.

    Noticed are pages that are missing, empty or served twice, also where the site states no number of rows: a pager
    that names its pages announces them all the same.

    Args:
        listings: Address of a list page read in this run → what it said. Pages that link to one
            another through their pager belong to one column.

    Returns:
        One count per column, in the order in which the columns were first read.
    """
    return [_count({url: listings[url] for url in urls}) for urls in _grouped(listings)]


def _grouped(listings: Mapping[str, ListingRecord]) -> list[list[str]]:
    parent = {url: url for url in listings}

    def root(url: str) -> str:
        while parent[url] != url:
            parent[url] = parent[parent[url]]
            url = parent[url]
        return url

    beside: dict[str, str] = {}
    for url in listings:
        parent[root(beside.setdefault(plain(url), url))] = root(url)
    for url, listing in listings.items():
        for other in listing.pages:
            # Pages of one column name the same further pages, also where the first one could not be read.
            parent[root(beside.setdefault(plain(other), url))] = root(url)
    groups: dict[str, list[str]] = {}
    for url in listings:
        groups.setdefault(root(url), []).append(url)
    return list(groups.values())


def _count(members: Mapping[str, ListingRecord]) -> ColumnCount:
    own = _without_aliases(members)
    announced = {plain(other) for listing in members.values() for other in listing.pages}
    named = announced | {plain(url) for url in own}
    stated = [listing.page_count for listing in members.values() if listing.page_count is not None]
    totals = [listing.total for listing in members.values() if listing.total is not None]
    rows_stated = max(totals, default=None)
    several = max([len(named), *stated]) > 1
    empty = tuple(
        url
        for url, listing in own.items()
        if (several or (rows_stated or 0) > 0) and (not listing.entries or _only_beside(url, own))
    )
    repeated = tuple(url for url in _repeated(own) if url not in empty)
    return ColumnCount(
        first_url=next(iter(members)),
        pages_read=len(own) - len(empty) - len(repeated),
        # A pager that names its pages without stating a number states it all the same.
        pages_stated=max(stated) if stated else len(named),
        rows_read=_rows(own),
        rows_stated=rows_stated,
        empty=empty,
        repeated=repeated,
        untold=None if _rows(own) else next(_untold(own.values()), None),
    )


def _untold(listings: Iterable[ListingRecord]) -> Iterator[str]:
    return (said for listing in listings for said in listing.warnings if said.startswith(UNTOLD))


def plain(url: str) -> str:
    """An address without what only looks different: scheme, ``www``, the index file of a folder, ``?page=1``."""
    return _INDEX.sub("/", _FIRST.sub("", re.sub(r"^https?://(?:www\.)?", "", url)))


def _without_aliases(members: Mapping[str, ListingRecord]) -> dict[str, ListingRecord]:
    """The pages of a column, one address each (``/fzzfjs/`` and ``/fzzfjs/index.html`` are one page)."""
    known: dict[str, str] = {}
    for url in members:
        known.setdefault(plain(url), url)
    return {url: members[url] for url in known.values()}


def _only_beside(url: str, own: Mapping[str, ListingRecord]) -> bool:
    """True for a page whose rows are those of a box on every neighbour that has a list: its own list is lost."""
    rows = set(own[url].rows)
    others = [listing for other, listing in own.items() if other != url and listing.rows]
    return bool(rows) and bool(others) and all(rows <= set(listing.beside) for listing in others)


def _repeated(own: Mapping[str, ListingRecord]) -> tuple[str, ...]:
    seen: dict[frozenset[str], str] = {}
    repeated = []
    for url, listing in own.items():
        if listing.rows and seen.setdefault(frozenset(listing.rows), url) != url:
            repeated.append(url)
    return tuple(repeated)


def _rows(own: Mapping[str, ListingRecord]) -> int:
    """Different rows; where a page was remembered by an earlier version, which kept no rows, their sum."""
    if any(listing.entries and not listing.rows for listing in own.values()):
        return sum(listing.entries for listing in own.values())
    return len({row for listing in own.values() for row in listing.rows})
