"""The columns that a look at a portal found, with what they yield."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from archive.records import Event, FrontierKind, How, Link, Outcome, Verdict
from crawler.discovery import is_report_column
from crawler.platforms import choose, is_data
from crawler.platforms.base import Page
from crawler.probe_session import Seen
from crawler.site import Site
from crawler.waymarks import is_search

READ = frozenset({Event.NEW, Event.CHANGED, Event.UNCHANGED, Event.DUPLICATE})
_LISTS = frozenset({FrontierKind.COLUMN, FrontierKind.HUB})
_ARTICLES = frozenset({FrontierKind.PAGE, FrontierKind.ATTACHMENT})


@dataclass(frozen=True, kw_only=True)
class ReportSeen:
    """A report that was read."""

    title: str
    url: str
    """Address a person would open."""
    year: int | None
    publishers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ColumnSeen:
    """A list that leads to reports."""

    url: str
    name: str
    platform: str
    declared: bool
    """Stands in the site file."""
    pages: int
    """List pages read."""
    page_count: int | None
    """Pages as the site states or names them."""
    rows: int
    rows_stated: int | None
    candidates: tuple[str, ...]
    """Addresses whose titles promise a report."""
    unsure: int
    """Further titles of which only the page can tell."""
    reports: tuple[ReportSeen, ...]
    """Of those, the ones read and found to be reports."""
    unread: tuple[str, ...]
    """Why the others that were opened did not become reports."""
    warnings: tuple[str, ...]
    """What the reader of its lists remarks: an option that is missing, a pager that cannot be turned."""
    sources: tuple[Seen, ...]
    """The list pages, then the answers of the reports."""


class Groups(NamedTuple):
    """List pages by the first page of their column, and where every further page belongs."""

    members: dict[str, list[Seen]]
    heads: dict[str, str]


def columns_of(site: Site, seen: Sequence[Seen]) -> tuple[ColumnSeen, ...]:
    """The columns with titles of reports, those that yield most first.

    A list all of whose titles stand in better ones (a box of news on the home page, a column above the columns of the
    streets) is left out.

    Args:
        site: The portal; the columns of its site file are named in any case.
        seen: All answers of a run.
    """
    declared = {column.url: column.name for column in site.columns}
    groups = grouped(seen)
    read = [one for one in seen if one.entry.kind in _ARTICLES]
    found = [
        _column(site, head, members, read, declared.get(head)) for head, members in groups.members.items()
    ]
    found.sort(key=lambda c: (not c.declared, -len(c.reports), -len(c.candidates), c.url))
    kept: list[ColumnSeen] = []
    covered: set[str] = set()
    for column in found:
        useful = bool(column.candidates) or bool(column.reports)
        new = {*column.candidates, *(report.url for report in column.reports)} - covered
        if column.declared or (useful and new and urlsplit(column.url).path.strip("/")):
            kept.append(column)
            covered |= new
    return tuple(kept)


def grouped(seen: Iterable[Seen]) -> Groups:
    """Groups list pages into columns by the links through which a run came to them."""
    groups = Groups({}, {})
    for one in seen:
        entry = one.entry
        if entry.kind not in _LISTS or one.fetch.outcome is not Outcome.OK or is_search(entry.column):
            continue
        further = entry.kind is FrontierKind.COLUMN and entry.how is How.LISTED and entry.found_on is not None
        head = groups.heads.get(entry.found_on or "", entry.found_on or "") if further else entry.url
        groups.heads[entry.url] = head
        groups.members.setdefault(head, []).append(one)
    return groups


def reports_of(seen: Iterable[Seen]) -> tuple[ReportSeen, ...]:
    """Every report that a run read, by address; the file of an article under the article's address."""
    found = {}
    for one in seen:
        if report := _report(one):
            found[report.url] = report
    return tuple(found[url] for url in sorted(found))


def platform_of(one: Seen, site: Site) -> str | None:
    """The platform by the page's own evidence; None for an answer without a page."""
    page = page_of(one)
    return None if page is None else choose(page, None, site.options).name


def page_of(one: Seen) -> Page | None:
    """The page of an answer with content."""
    fetch = one.fetch
    if fetch.outcome is not Outcome.OK or fetch.body is None:
        return None
    return Page(fetch.final_url or fetch.requested_url, fetch.body, fetch.headers.get("content-type"))


def _report(one: Seen) -> ReportSeen | None:
    extraction = one.fetch.extraction
    if extraction is None or extraction.verdict is not Verdict.REPORT or one.recorded.event not in READ:
        return None
    return ReportSeen(
        title=extraction.title or one.entry.title or "",
        url=one.entry.url,
        year=extraction.report_year,
        publishers=tuple(publisher.name for publisher in extraction.publishers),
    )


def _why_not(one: Seen) -> str | None:
    """Why an answer that was listed as a report is none; a file beside a page says nothing of the page."""
    if _report(one) is not None or one.entry.kind is not FrontierKind.PAGE:
        return None
    extraction = one.fetch.extraction
    if extraction is None:
        return f"{one.fetch.outcome.value}: {one.fetch.detail}"
    doubts = "; ".join(doubt.detail for doubt in extraction.doubts)
    return extraction.error or doubts or f"{extraction.verdict.value}: {extraction.verdict_reason}"


def _column(site: Site, head: str, members: list[Seen], read: list[Seen], declared: str | None) -> ColumnSeen:
    links: dict[str, Link] = {
        link.url: link
        for one in members
        for link in one.fetch.links
        if link.kind in _ARTICLES and link.how is How.LISTED and link.verdict is not Verdict.NO
    }
    own = [one for one in read if one.entry.url in links]
    addresses = {one.entry.url for one in own}
    own += [one for one in read if one.entry.found_on in addresses and one not in own]
    listings = [one.fetch.listing for one in members if one.fetch.listing is not None]
    totals = [listing.total for listing in listings if listing.total is not None]
    counts = [listing.page_count or len(listing.pages) + 1 for listing in listings]
    rows = {row for listing in listings for row in listing.rows}
    sure = tuple(url for url, link in links.items() if link.verdict is Verdict.REPORT)
    listed = next((one for one in members if one.fetch.listing is not None), members[0])
    return ColumnSeen(
        url=head,
        name=declared or _name(members, head),
        platform=platform_of(listed, site) or "",
        declared=declared is not None,
        pages=len(listings),
        page_count=max(counts, default=None),
        rows=len(rows),
        rows_stated=max(totals, default=None),
        candidates=sure,
        unsure=len(links) - len(sure),
        reports=reports_of(own),
        unread=tuple(dict.fromkeys(why for one in own if (why := _why_not(one)) is not None)),
        warnings=tuple(dict.fromkeys(said for listing in listings for said in listing.warnings)),
        sources=(*members, *own),
    )


def _name(members: Sequence[Seen], head: str) -> str:
    """What the page calls itself, else the words of the link that led there, else its folder."""
    first = members[0]
    page = page_of(first)
    own = is_report_column(page) if page is not None and not is_data(page) else None
    folders = [part for part in unquote(urlsplit(head).path).split("/") if part]
    return own or first.entry.column or first.entry.title or (folders[-1] if folders else head)
