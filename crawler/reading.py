"""Reads one answer: bytes in, everything the archive keeps of it out. Pure, so it can run in a child process."""

from __future__ import annotations

from datetime import date
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
from crawler.discovery import is_report_column, leads
from crawler.extract import EXTRACTOR, VERSION, extract
from crawler.extract.model import Evidence, Extraction
from crawler.hosts import host_problem
from crawler.platforms import choose
from crawler.platforms.base import Entry, Listing, Page
from crawler.publisher import find as find_publishers
from crawler.readjob import ReadJob, ReadResult
from crawler.site import Site
from crawler.year import vote

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
        return ReadResult(
            outcome=Outcome.OK, extraction=_unread(job, "documents are kept as bytes, not read yet")
        )
    page = Page(job.final_url, job.body, job.content_type)
    refusal = refusals.by_text(page.text)
    if refusal is not None:
        return ReadResult(outcome=refusal.outcome, detail=refusal.detail)
    ends = _has_end(page.text)
    if job.kind is FrontierKind.PAGE:
        return ReadResult(outcome=Outcome.OK, extraction=_read_article(job, page), ends=ends)
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


# -- articles -----------------------------------------------------------------------------------


def _read_article(job: ReadJob, page: Page) -> ExtractionRecord:
    site = job.site
    platform = choose(page, site.platform, site.options)
    article = platform.article(page)
    found = extract(
        article.body,
        url=job.url,
        content_type=article.content_type,
        containers=platform.containers,
        title_hint=job.title,
    )
    titles = [title for title in dict.fromkeys((job.title, found.title)) if title]
    verdicts = [recognise.judge_title(title, column=job.column) for title in titles]
    judged = recognise.judge(verdicts, found.text)
    title = _best_title(job.title, found.title)
    published = found.published or job.listed_date
    year = vote(
        titles=titles,
        text=found.text,
        published=published,
        signed=_dated(found, "signature"),
        url=job.url,
    )
    publishers = find_publishers(
        title=title or "",
        text=found.text,
        source=found.source,
        portal_name=site.name,
        portal_short_name=site.short_name,
        portal_code=site.division_code,
        portal_level=site.level,
        roster=site.roster,
    )
    evidence = {name: [_plain(e) for e in seen] for name, seen in found.evidence.items()}
    evidence["report_year"] = [
        {"value": str(ballot.year), "where": ballot.where, "raw": ballot.raw, "weight": str(ballot.weight)}
        for ballot in year.votes
    ]
    evidence["publisher"] = [_plain(e) for e in publishers.evidence]
    if job.title:
        evidence.setdefault("title", []).append({"value": job.title, "where": "list row", "raw": job.title})
    if job.listed_date:
        row = {"value": job.listed_date.isoformat(), "where": "list row", "raw": job.listed_date.isoformat()}
        evidence.setdefault("published", []).append(row)
    return ExtractionRecord(
        extractor=EXTRACTOR,
        version=VERSION,
        text=found.text,
        verdict=judged.verdict,
        verdict_reason=judged.reason,
        title=title,
        published=published,
        source=found.source,
        column=found.column or job.column,
        site_id_code=found.site_id_code,
        report_year=year.year,
        year_confidence=year.confidence,
        report_kind=judged.kind,
        publishers=publishers.publishers,
        metadata=evidence,
        quality={"characters": len(found.text), "charset": found.charset, "container": found.container},
        warnings=found.warnings,
        error=None if found.text.strip() else "no body text was found on the page",
    )


def _best_title(listed: str | None, found: str | None) -> str | None:
    """The page's own title, unless the list row says more (a page heading may be cut or be the column's name)."""
    if not found:
        return listed
    if not listed or recognise.judge_title(found).verdict is Verdict.REPORT:
        return found
    return listed if recognise.judge_title(listed).verdict is Verdict.REPORT else found


def _dated(found: Extraction, name: str) -> date | None:
    for evidence in found.evidence.get(name, ()):
        try:
            return date.fromisoformat(evidence.value)
        except ValueError:
            continue
    return None


def _plain(evidence: Evidence) -> dict[str, str]:
    return {"value": evidence.value, "where": evidence.where, "raw": evidence.raw}


def _unread(job: ReadJob, why: str) -> ExtractionRecord:
    verdict = recognise.judge_title(job.title or "", column=job.column)
    return ExtractionRecord(
        extractor=EXTRACTOR,
        version=VERSION,
        text="",
        verdict=verdict.verdict,
        verdict_reason=verdict.reason,
        title=job.title,
        published=job.listed_date,
        error=why,
    )


def reread(site: Site, stored: StoredCapture) -> ExtractionRecord:
    """Reads bytes kept earlier with today's extractor, so that like is compared with like."""
    job = ReadJob(
        kind=stored.kind,
        url=stored.url,
        final_url=stored.final_url or stored.requested_url,
        status=200,
        body=stored.body,
        content_type=stored.headers.get("content-type"),
        site=site,
        title=stored.title,
        listed_date=stored.listed_date,
        column=stored.column,
    )
    return read(job).extraction or _unread(job, "the stored bytes are no article")


def failed(job: ReadJob, why: str) -> ReadResult:
    """What is kept when the reader itself crashed or ran out of time: the bytes, and the reason."""
    if job.kind in (FrontierKind.PAGE, FrontierKind.ATTACHMENT):
        return ReadResult(outcome=Outcome.OK, extraction=_unread(job, why))
    return ReadResult(outcome=Outcome.ERROR_BODY, detail=why)
