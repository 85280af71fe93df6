"""Reads one answer: bytes in, everything the archive keeps of it out. Pure, so it can run in a child process."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from archive.records import (
    ExtractionRecord,
    FrontierKind,
    How,
    Link,
    ListingRecord,
    Outcome,
    StoredCapture,
    Verdict,
)
from crawler import assembly, recognise, refusals, twins
from crawler.articles import read_article, read_disguised, read_document, unread
from crawler.completeness import UNTOLD, row_digests
from crawler.discovery import Lead, column_of, is_report_column, leads
from crawler.emptiness import doubt
from crawler.extract.html import lighter, too_much
from crawler.hosts import host_problem
from crawler.platforms import choose, is_data, jsontext
from crawler.platforms.base import Entry, Listing, Page
from crawler.readjob import ReadJob, ReadResult, job_of
from crawler.site import Site
from crawler.sitesearch import read_search, searches
from crawler.waymarks import COLUMN_SLUG, SEARCH, WEAK_PRIORITY, is_column_name, is_search

MAX_LINKS = 2_000
"""Entries taken from one list page; real ones show 15 to 60."""
FILES = (FrontierKind.ATTACHMENT, FrontierKind.ANNEX)
DOCUMENT_SUFFIXES = (".pdf", ".doc", ".docx", ".wps", ".ofd", ".zip", ".rar", ".xls", ".xlsx", ".rtf")


def read(job: ReadJob) -> ReadResult:
    """Reads an answer with status 200.

    Args:
        job: The bytes and what is known about them.

    Returns:
        A refusal outcome for a page that is no content, else links, listing or extraction by kind.
    """
    refusal = refusals.by_address(job.url, job.final_url, job.site.home_url)
    if refusal is not None:
        return ReadResult(outcome=refusal.outcome, detail=refusal.detail)
    if job.kind in FILES and not refusals.is_markup(job.body):
        return ReadResult(outcome=Outcome.OK, extraction=read_document(job))
    job = _lighter(job)
    monstrous = next(filter(None, map(too_much, (job.body, *(part.body for part in job.parts)))), None)
    if monstrous is not None:
        return failed(job, monstrous)
    page = Page(job.final_url, job.body, job.content_type)
    # A file that is a page is judged as the article it may be: dead ones lead to the home page, too.
    judged = replace(job, kind=FrontierKind.PAGE) if job.kind in FILES else job
    refusal = refusals.of_page(judged, page.text)
    if refusal is not None and not (refusal.outcome is Outcome.EMPTY and assembly.is_written(page)):
        return ReadResult(outcome=refusal.outcome, detail=refusal.detail)
    if job.kind in FILES:
        return ReadResult(outcome=Outcome.OK, extraction=read_disguised(job, page))
    ends = _has_end(page.text)
    if job.kind is FrontierKind.PAGE:
        extraction, links, more = read_article(job, page)
        ends = ends and all(_has_end(part.body.decode("latin-1")) for part in job.parts)
        links = twins.originals((*links, *_column_of(job, page, extraction)), job.site.hosts)
        return ReadResult(outcome=Outcome.OK, extraction=extraction, links=links, ends=ends, more=more)
    if not ends and jsontext.looks_like_json(page.text):
        return ReadResult(outcome=Outcome.ERROR_BODY, detail="the interface's answer is cut", ends=False)
    listed = choose(page, job.site.platform, job.site.options).listing(page)
    if is_search(job.column):
        found = read_search(page, listed, job.site, first=job.column == SEARCH)
        if found.failure is not None:
            return ReadResult(outcome=Outcome.ERROR_BODY, detail=found.failure)
        return ReadResult(outcome=Outcome.OK, links=twins.originals(found.links, job.site.hosts), ends=ends)
    if listed.failure is not None:
        return ReadResult(outcome=Outcome.ERROR_BODY, detail=listed.failure)
    listing, links = _read_list(job, page, listed)
    if job.kind is FrontierKind.COLUMN and not links and _is_stub(job, page):
        return ReadResult(
            outcome=Outcome.EMPTY, detail=f"a stub of {len(job.body)} bytes instead of a list page"
        )
    return ReadResult(outcome=Outcome.OK, listing=listing, links=links, ends=ends)


def _lighter(job: ReadJob) -> ReadJob:
    parts = tuple(replace(part, body=lighter(part.body)) for part in job.parts)
    return replace(job, body=lighter(job.body), parts=parts)


def _has_end(text: str) -> bool:
    if jsontext.looks_like_json(text):
        return jsontext.load(text) is not None
    start, end = text[:2000].lower(), text[-20_000:].lower()
    return "<html" not in start or "</html" in end or "</body" in end


# -- list pages ---------------------------------------------------------------------------------


def _read_list(job: ReadJob, page: Page, listing: Listing) -> tuple[ListingRecord | None, tuple[Link, ...]]:
    site = job.site
    column = job.column or is_report_column(page)
    entries = [_entry_link(entry, site, column) for entry in listing.entries[:MAX_LINKS]]
    wanted = any(link.verdict is not Verdict.NO for link in entries)
    as_column = job.kind is FrontierKind.COLUMN or (wanted and bool(listing.entries))
    as_column = as_column or (listing.shell and column is not None)
    further = 60 if wanted or listing.shell or _is_report_column(column, page.url) else WEAK_PRIORITY
    links: list[Link] = []
    if as_column:
        links += entries
        links += [
            Link(
                url=url,
                kind=FrontierKind.COLUMN,
                how=How.LISTED,
                column=column,
                priority=further,
                reason="further page of the column",
            )
            for url in listing.pages
            if host_problem(url, site.hosts) is None
        ]
    followed = any(link.kind is FrontierKind.COLUMN for link in links)
    searching = not any(declared.confirmed for declared in site.columns)
    if not is_data(page) and (job.kind is FrontierKind.HUB or searching or not wanted):
        # A column may have columns below it, one for each street; a confirmed one was looked at by a person.
        taken = {link.url for link in links}
        links += _leads(page, site, taken)
        if searching and job.kind is FrontierKind.HUB:
            links += searches(page, site)
    # A shell whose interface we may not ask is a column with a page missing, not one without rows.
    counted = as_column and not (listing.shell and followed)
    return (_record(listing, page) if counted else None), twins.originals(links, site.hosts)


def _record(listing: Listing, page: Page) -> ListingRecord:
    titles = {entry.url: entry.title for entry in listing.entries}
    every = tuple(titles) if listing.rows is None else listing.rows
    rows = every[:MAX_LINKS]
    # What is left out counts as announced: a page of 100,000 rows must not pass for one that was read completely.
    total = listing.total if rows == every else max(listing.total or 0, len(every))
    warnings = listing.warnings
    if not rows and total is None and listing.page_count is None and not is_data(page):
        why = doubt(page)
        warnings += (f"{UNTOLD}: {why}",) if why else ()
    return ListingRecord(
        entries=len(rows),
        total=total,
        page_count=listing.page_count,
        page_number=listing.page_number,
        pages=listing.pages,
        warnings=warnings,
        rows=row_digests((titles.get(url, ""), url) for url in rows),
        beside=row_digests((entry.title, entry.url) for entry in listing.beside),
    )


STUB = 1_500
"""Bytes. Behind the last page some TRS portals answer 200 with 300 to 600 bytes of empty frame."""


def _is_stub(job: ReadJob, page: Page) -> bool:
    """True for markup that leads nowhere, loads nothing and says next to nothing: no list, not even an empty one."""
    if len(job.body) > STUB or not page.text.lstrip().startswith("<"):
        return False
    leads_on = page.tree.xpath(
        "//a[@href]|//area|//frame|//iframe|//form|//script[@src]|//meta[@http-equiv='refresh']"
    )
    return (
        not leads_on and len("".join(page.tree.xpath("//body//text()[not(ancestor::script)]")).strip()) <= 100
    )


def _entry_link(entry: Entry, site: Site, column: str | None) -> Link:
    judged = recognise.judge_title(entry.title, column=column)
    verdict, reason = judged.verdict, judged.reason
    problem = host_problem(entry.fetch_url or entry.url, site.hosts)
    if verdict is not Verdict.NO and problem is not None:
        verdict, reason = Verdict.NO, problem
    document = urlsplit(entry.url).path.lower().endswith(DOCUMENT_SUFFIXES)
    return Link(
        url=entry.url,
        fetch_url=entry.fetch_url,
        kind=FrontierKind.ATTACHMENT if document else FrontierKind.PAGE,
        how=How.LISTED,
        title=entry.title,
        listed_date=entry.date,
        priority=40 if verdict is Verdict.REPORT else 20,
        verdict=verdict,
        reason=reason,
        column=column,
    )


def _is_report_column(column: str | None, url: str) -> bool:
    return is_column_name(column or "") or COLUMN_SLUG.search(urlsplit(url).path) is not None


def _leads(page: Page, site: Site, taken: set[str]) -> list[Link]:
    return [
        _lead_link(lead)
        for lead in leads(page, site)
        if lead.url not in taken and host_problem(lead.url, site.hosts) is None
    ]


def _column_of(job: ReadJob, page: Page, extraction: ExtractionRecord) -> tuple[Link, ...]:
    """The column of a report that was not found in one: the title search leads to it, and others stand beside it."""
    site = job.site
    if job.column is not None or extraction.verdict is not Verdict.REPORT:
        return ()
    if any(declared.confirmed for declared in site.columns):
        return ()
    return tuple(
        _lead_link(lead) for lead in column_of(page, site) if host_problem(lead.url, site.hosts) is None
    )


def _lead_link(lead: Lead) -> Link:
    return Link(
        url=lead.url,
        kind=lead.kind,
        how=How.DISCOVERED,
        title=lead.title,
        priority=max(1, min(58, lead.score)),
        reason=lead.reason,
        column=(lead.column or lead.title) if lead.kind is FrontierKind.COLUMN else None,
    )


def reread(site: Site, stored: StoredCapture) -> ExtractionRecord:
    """Reads bytes kept earlier with today's extractor, so that like is compared with like."""
    job = job_of(site, stored)
    return read(job).extraction or unread(job, "the stored bytes are no article")


def failed(job: ReadJob, why: str) -> ReadResult:
    """What is kept when the reader itself crashed or ran out of time: the bytes, and the reason."""
    if job.kind is FrontierKind.PAGE or job.kind in FILES:
        return ReadResult(outcome=Outcome.OK, extraction=unread(job, why))
    return ReadResult(outcome=Outcome.ERROR_BODY, detail=why)
