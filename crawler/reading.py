"""Reads one answer: bytes in, everything the archive keeps of it out. Pure, so it can run in a child process."""

from __future__ import annotations

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
from crawler import recognise, refusals
from crawler.articles import read_article, read_document, unread
from crawler.discovery import is_report_column, leads
from crawler.hosts import host_problem
from crawler.platforms import choose
from crawler.platforms.base import Entry, Listing, Page
from crawler.readjob import ReadJob, ReadResult, job_of
from crawler.site import Site

MAX_LINKS = 2_000
"""Entries taken from one list page; real ones show 15 to 60."""
DOCUMENT_SUFFIXES = (".pdf", ".doc", ".docx", ".wps", ".ofd", ".zip", ".rar", ".xls", ".xlsx", ".rtf")


def read(job: ReadJob) -> ReadResult:
    """Reads an answer with status 200.

    Args:
        job: The bytes and what is known about them.

    Returns:
        A refusal outcome for a page that is no content, else links, listing or extraction by kind.
    """
    if job.kind is FrontierKind.ATTACHMENT:
        return ReadResult(outcome=Outcome.OK, extraction=read_document(job))
    page = Page(job.final_url, job.body, job.content_type)
    refusal = refusals.by_text(page.text)
    if refusal is not None:
        return ReadResult(outcome=refusal.outcome, detail=refusal.detail)
    ends = _has_end(page.text)
    if job.kind is FrontierKind.PAGE:
        extraction, links = read_article(job, page)
        return ReadResult(outcome=Outcome.OK, extraction=extraction, links=links, ends=ends)
    listing, links = _read_list(job, page)
    return ReadResult(outcome=Outcome.OK, listing=listing, links=links, ends=ends)


def _has_end(text: str) -> bool:
    start, end = text[:2000].lower(), text[-20_000:].lower()
    return "<html" not in start or "</html" in end or "</body" in end


# -- list pages ---------------------------------------------------------------------------------


def _read_list(job: ReadJob, page: Page) -> tuple[ListingRecord | None, tuple[Link, ...]]:
    site = job.site
    listing = choose(page, site.platform, site.options).listing(page)
    column = job.column or is_report_column(page)
    entries = [_entry_link(entry, site, column) for entry in listing.entries[:MAX_LINKS]]
    wanted = any(link.verdict is not Verdict.NO for link in entries)
    as_column = job.kind is FrontierKind.COLUMN or (wanted and bool(listing.entries))
    links: list[Link] = []
    if as_column:
        links += entries
        links += [
            Link(
                url=url,
                kind=FrontierKind.COLUMN,
                how=How.LISTED,
                column=column,
                priority=60,
                reason="further page of the column",
            )
            for url in listing.pages
            if host_problem(url, site.hosts) is None
        ]
    searching = not any(declared.confirmed for declared in site.columns)
    if job.kind is FrontierKind.HUB or searching or not wanted:
        # A column may have columns below it, one for each street; a confirmed one was looked at by a person.
        taken = {link.url for link in links}
        links += _leads(page, site, taken)
    return (_record(listing) if as_column else None), tuple(links)


def _record(listing: Listing) -> ListingRecord:
    return ListingRecord(
        entries=len(listing.entries),
        total=listing.total,
        page_count=listing.page_count,
        page_number=listing.page_number,
        pages=listing.pages,
        warnings=listing.warnings,
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


def _leads(page: Page, site: Site, taken: set[str]) -> list[Link]:
    return [
        Link(
            url=lead.url,
            kind=lead.kind,
            how=How.DISCOVERED,
            title=lead.title,
            priority=max(1, min(58, lead.score)),
            reason=lead.reason,
            column=lead.title if lead.kind is FrontierKind.COLUMN else None,
        )
        for lead in leads(page, site)
        if lead.url not in taken and host_problem(lead.url, site.hosts) is None
    ]


def reread(site: Site, stored: StoredCapture) -> ExtractionRecord:
    """Reads bytes kept earlier with today's extractor, so that like is compared with like."""
    job = job_of(site, stored)
    return read(job).extraction or unread(job, "the stored bytes are no article")


def failed(job: ReadJob, why: str) -> ReadResult:
    """What is kept when the reader itself crashed or ran out of time: the bytes, and the reason."""
    if job.kind in (FrontierKind.PAGE, FrontierKind.ATTACHMENT):
        return ReadResult(outcome=Outcome.OK, extraction=unread(job, why))
    return ReadResult(outcome=Outcome.ERROR_BODY, detail=why)
