"""Articles and documents: from bytes to what the archive keeps of a report, with the evidence for every field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from archive.records import ExtractionRecord, FrontierKind, How, Link, Verdict
from crawler import attachments, contents, recognise
from crawler.extract import EXTRACTOR, VERSION, documents, extract
from crawler.extract.model import Evidence, Extraction
from crawler.hosts import host_problem
from crawler.platforms import choose
from crawler.platforms.base import Page
from crawler.publisher import find as find_publishers
from crawler.readjob import ReadJob
from crawler.year import vote

DOCUMENT_EXTRACTOR = "documents"
ATTACHED = "attachment of a report's page"
ANNEX = "annex of a report that stands on its page"
LONGEST_REASON = 120


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What a reader of pages or of documents took from the bytes."""

    text: str
    title: str | None = None
    published: date | None = None
    signed: date | None = None
    source: str | None = None
    column: str | None = None
    site_id_code: str | None = None
    evidence: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str | None = None


def read_article(job: ReadJob, page: Page) -> tuple[ExtractionRecord, tuple[Link, ...]]:
    """Reads an article's page.

    Returns:
        The reading, and links to attachments that may be the report itself.
    """
    site = job.site
    platform = choose(page, site.platform, site.options)
    article = platform.article(page)
    taken = extract(
        article.body,
        url=job.url,
        content_type=article.content_type,
        containers=platform.containers,
        title_hint=job.title,
    )
    record = _record(
        job,
        EXTRACTOR,
        VERSION,
        _Found(
            text=taken.text,
            title=taken.title,
            published=taken.published,
            signed=_dated(taken, "signed"),
            source=taken.source,
            column=taken.column,
            site_id_code=taken.site_id_code,
            evidence={name: [_plain(e) for e in seen] for name, seen in taken.evidence.items()},
            quality={"charset": taken.charset, "container": taken.container},
            warnings=taken.warnings,
            error=None if taken.text.strip() else "no body text was found on the page",
        ),
    )
    return record, _attached(job, article, record)


def read_document(job: ReadJob) -> ExtractionRecord:
    """Reads a file: PDF, Word, OFD, RTF, Excel, or a zip of them; what cannot be read is typed, the bytes stay."""
    name = documents.disposition_name(job.disposition) or job.url
    reading = documents.read(job.body, name=name, declared=job.content_type)
    text = reading.text or "\n".join(member.text for member in reading.members if member.text.strip())
    error = reading.error
    if error is None and not text.strip():
        error = (
            "a scan: its pages are pictures" if reading.form == "scanned" else "the document holds no text"
        )
    return _record(
        job,
        DOCUMENT_EXTRACTOR,
        documents.VERSION,
        _Found(
            text=text,
            title=job.title,
            quality={
                "kind": reading.kind,
                "declared": reading.declared,
                "named": reading.name_kind,
                "form": reading.form,
                "pages": reading.pages,
                "scanned_pages": reading.scanned_pages,
            },
            warnings=reading.warnings,
            error=error,
        ),
    )


def unread(job: ReadJob, why: str) -> ExtractionRecord:
    """The record of bytes that no reader could make anything of."""
    verdict = recognise.judge_title(job.title or "", column=job.column)
    document = job.kind is FrontierKind.ATTACHMENT
    return ExtractionRecord(
        extractor=DOCUMENT_EXTRACTOR if document else EXTRACTOR,
        version=documents.VERSION if document else VERSION,
        text="",
        verdict=verdict.verdict,
        verdict_reason=verdict.reason,
        title=job.title,
        published=job.listed_date,
        error=why,
    )


def _record(job: ReadJob, extractor: str, version: str, found: _Found) -> ExtractionRecord:
    """Judges, dates and names what was found; every decision keeps its evidence."""
    site = job.site
    titles = [title for title in dict.fromkeys((job.title, found.title)) if title]
    verdicts = [recognise.judge_title(title, column=job.column) for title in titles]
    judged = recognise.judge(verdicts, found.text)
    seen = contents.Contents() if judged.verdict is Verdict.NO else contents.find(found.text)
    title = _best_title(job.title, found.title)
    published = found.published or job.listed_date
    year = vote(titles=titles, text=found.text, published=published, signed=found.signed, url=job.url)
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
    evidence = {name: list(seen) for name, seen in found.evidence.items()}
    evidence["report_year"] = [
        {"value": str(ballot.year), "where": ballot.where, "raw": ballot.raw, "weight": str(ballot.weight)}
        for ballot in year.votes
    ]
    evidence["publisher"] = [_plain(e) for e in publishers.evidence]
    titled = evidence.setdefault("title", [])
    if job.title and not any(seen["where"] == "list" for seen in titled):
        titled.append({"value": job.title, "where": "list", "raw": job.title})
    if job.listed_date:
        row = {"value": job.listed_date.isoformat(), "where": "list", "raw": job.listed_date.isoformat()}
        evidence.setdefault("published", []).append(row)
    return ExtractionRecord(
        extractor=extractor,
        version=version,
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
        quality={"characters": len(found.text), **found.quality},
        warnings=found.warnings,
        error=found.error,
        sections=seen.sections,
        figures=seen.figures,
        missing_parts=seen.missing_parts,
    )


def _attached(job: ReadJob, page: Page, record: ExtractionRecord) -> tuple[Link, ...]:
    """Attachments that may be the report: named like one, or the only content of a page titled like one.

    Annexes (tables beside a report that stands on the page) are remembered with that reason, not fetched.
    """
    if record.verdict is Verdict.NO:
        return ()
    wordless = record.error is not None or record.verdict is Verdict.UNSURE
    attached = []
    for file in attachments.find(page):
        if host_problem(file.url, job.site.hosts) is not None:
            continue
        named = recognise.judge_title(file.name, column=job.column)
        wanted = named.verdict is not Verdict.NO or wordless
        attached.append(
            Link(
                url=file.url,
                kind=FrontierKind.ATTACHMENT,
                how=How.LISTED,
                title=file.name if named.verdict is Verdict.REPORT else record.title,
                listed_date=record.published,
                priority=30,
                verdict=Verdict.REPORT if wanted else Verdict.NO,
                reason=ATTACHED if wanted else f"{ANNEX}: {file.name}"[:LONGEST_REASON],
                column=job.column,
            )
        )
    return tuple(attached)


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
