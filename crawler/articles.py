"""Articles and documents: from bytes to what the archive keeps of a report, with the evidence for every field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from archive.records import ExtractionRecord, FrontierKind, How, Link, Verdict
from crawler import assembly, attachments, contents, quality, recognise
from crawler.extract import EXTRACTOR, VERSION, documents, extract
from crawler.extract.documents import ocr
from crawler.extract.documents.kinds import HTML
from crawler.extract.model import Evidence, Extraction
from crawler.extract.plain import describe
from crawler.hosts import host_problem
from crawler.platforms import choose
from crawler.platforms.base import Page
from crawler.publisher import find as find_publishers
from crawler.readjob import ReadJob
from crawler.year import vote

DOCUMENT_EXTRACTOR = "documents"
OCR_EXTRACTOR = "documents+ocr"
"""Of texts of which OCR read at least a page."""
SCAN = "a scan: its pages are pictures"
"""How the error of a scan begins that was not read."""
NEXT_STEP = "install the extra ocr (pip install 'fazhi-archive[ocr]'), then crawler reextract --failed --ocr"
DISGUISED = "HTML under the name of a document"
ATTACHED = "attachment of a report's page"
ANNEX = "annex of a report that stands on its page"
ANNEX_PRIORITY = 2
"""After everything that may be a report."""
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


def read_article(job: ReadJob, page: Page) -> tuple[ExtractionRecord, tuple[Link, ...], tuple[str, ...]]:
    """Reads an article's page, with its further pages as far as the job brings them.

    Returns:
        The reading, links to its files, and the addresses of further pages without which it is not whole.
    """
    site = job.site
    platform = choose(page, site.platform, site.options)
    article = platform.article(page)
    whole = assembly.assemble(job, article, platform.containers)
    taken = whole.taken
    record = _record(
        job,
        EXTRACTOR,
        VERSION,
        _of_page(taken, {}, warnings=taken.warnings, error=whole.error),
    )
    if record.verdict is Verdict.NO:
        # What is no report needs no further pages to be refused.
        return replace(record, error=None if whole.more else record.error), (), ()
    links = _attached(job, whole, record)
    covers = any(link.kind is FrontierKind.ATTACHMENT for link in links)
    return _weighed(job, record, covers_file=covers), links, whole.more


def read_document(job: ReadJob, eyes: ocr.Eyes | None = None) -> ExtractionRecord:
    """Reads a file: PDF, Word, OFD, RTF, Excel, or a zip of them; what cannot be read is typed, the bytes stay.

    Args:
        job: The file.
        eyes: Read scanned pages; without them a scan is said to be one.

    Raises:
        crawler.extract.documents.model.Unreadable: The pages of a scan cannot be read by these eyes.
    """
    name = documents.disposition_name(job.disposition) or job.url
    reading = documents.read(job.body, name=name, declared=job.content_type)
    looked = eyes(job.body, reading) if eyes is not None and ocr.wanted(reading) else None
    text = reading.text or "\n".join(member.text for member in reading.members if member.text.strip())
    text = text if looked is None else looked.text
    facts = describe(text, title_hint=job.title)
    error = reading.error
    if error is None and not text.strip():
        scan = reading.scanned_pages and looked is None
        error = f"{SCAN}; {NEXT_STEP}" if scan else "the document holds no text"
    record = _record(
        job,
        DOCUMENT_EXTRACTOR if looked is None else OCR_EXTRACTOR,
        documents.VERSION if looked is None else ocr.version_of(looked.engine, looked.version),
        _Found(
            text=text,
            title=facts.best("title") or job.title,
            signed=_day(facts.fields.get("signed", ())),
            evidence={name: [_plain(e) for e in seen] for name, seen in facts.fields.items()},
            quality={
                "kind": reading.kind,
                "declared": reading.declared,
                "named": reading.name_kind,
                "form": reading.form,
                "pages": reading.pages,
                "scanned_pages": reading.scanned_pages,
                **({} if looked is None else {"ocr": looked.as_json()}),
            },
            warnings=reading.warnings if looked is None else ocr.warned(reading.warnings, looked),
            error=error,
        ),
    )
    return _annexed(record) if job.kind is FrontierKind.ANNEX else _weighed(job, record)


def read_disguised(job: ReadJob, page: Page) -> ExtractionRecord:
    """Reads a page that came under the name of a document: portals save Word files as web pages and keep the name.

    Args:
        job: The file.
        page: Its bytes, which are no refusal and not too much markup.

    Returns:
        The page's reading if it holds the text of a report; else that this is no document.
    """
    name = documents.disposition_name(job.disposition) or job.url
    if documents.by_bytes(job.body) != HTML:
        return read_document(job)
    platform = choose(page, job.site.platform, job.site.options)
    taken = extract(
        page.body,
        url=job.url,
        content_type=page.content_type,
        containers=platform.containers,
        title_hint=job.title,
    )
    if sum("一" <= letter <= "\u9fff" for letter in taken.text) < assembly.LITTLE:
        return read_document(job)
    seen = {
        "kind": HTML,
        "declared": documents.by_declaration(job.content_type),
        "named": documents.by_name(name),
        "form": "digital",
        "pages": None,
        "scanned_pages": 0,
    }
    found = _of_page(taken, seen, warnings=(DISGUISED, *taken.warnings), error=None)
    record = _record(job, DOCUMENT_EXTRACTOR, documents.VERSION, found)
    return _annexed(record) if job.kind is FrontierKind.ANNEX else _weighed(job, record)


def _of_page(
    taken: Extraction, seen: Mapping[str, Any], *, warnings: tuple[str, ...], error: str | None
) -> _Found:
    return _Found(
        text=taken.text,
        title=taken.title,
        published=taken.published,
        signed=_day(taken.evidence.get("signed", ())),
        source=taken.source,
        column=taken.column,
        site_id_code=taken.site_id_code,
        evidence={name: [_plain(e) for e in seen] for name, seen in taken.evidence.items()},
        quality={**seen, "charset": taken.charset, "container": taken.container},
        warnings=warnings,
        error=error,
    )


def _annexed(record: ExtractionRecord) -> ExtractionRecord:
    """The reading of an annex: never a report of its own, whatever it is called; its numbers are not the report's."""
    return replace(
        record,
        verdict=Verdict.NO,
        verdict_reason=ANNEX,
        report_kind=None,
        sections=(),
        figures=(),
        missing_parts=None,
    )


def unread(job: ReadJob, why: str) -> ExtractionRecord:
    """The record of bytes that no reader could make anything of."""
    verdict = recognise.judge_title(job.title or "", column=job.column)
    document = job.kind in (FrontierKind.ATTACHMENT, FrontierKind.ANNEX)
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
        index_number=_first(found.evidence, "index_number"),
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
    signed = _first(evidence, "signed", "written")
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
        signed=date.fromisoformat(signed) if signed else None,
        document_number=_first(evidence, "document_number"),
        index_number=_first(evidence, "index_number"),
    )


def _weighed(job: ReadJob, record: ExtractionRecord, *, covers_file: bool = False) -> ExtractionRecord:
    """The reading with what the quality gate doubts about it."""
    # A portal under a name reserved for examples (RFC 2606: the sample portal) may be years ahead of us.
    made_up = all(host.endswith(".example") for host in job.site.hosts)
    fetched = None if made_up else job.fetched
    doubts = quality.find(record, fetched=fetched, listed=job.listed_date, covers_file=covers_file)
    return replace(record, doubts=doubts) if doubts else record


def _attached(job: ReadJob, whole: assembly.Assembled, record: ExtractionRecord) -> tuple[Link, ...]:
    """The files of an article: those that may be the report, and annexes.

    A file may be the report if it is named like one, or if it is the only content of a page titled like one. Others
    (tables beside a report that stands on the page) are annexes.
    """
    wordless = record.error is not None or record.verdict is Verdict.UNSURE or quality.is_short(record.text)
    attached = []
    for file in attachments.of_pages(whole.pages, whole.framed):
        if host_problem(file.url, job.site.hosts) is not None:
            continue
        named = recognise.judge_title(file.name, column=job.column)
        wanted = named.verdict is not Verdict.NO or wordless
        attached.append(
            Link(
                url=file.url,
                kind=FrontierKind.ATTACHMENT if wanted else FrontierKind.ANNEX,
                how=How.LISTED,
                title=file.name if named.verdict is Verdict.REPORT or not wanted else record.title,
                listed_date=record.published,
                priority=30 if wanted else ANNEX_PRIORITY,
                verdict=Verdict.REPORT if wanted else Verdict.UNSURE,
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


def _day(seen: Sequence[Evidence]) -> date | None:
    """The decisive one of the dates seen for a field."""
    return date.fromisoformat(seen[0].value) if seen else None


def _first(evidence: Mapping[str, Sequence[Mapping[str, str]]], *names: str) -> str | None:
    """The decisive value of the first of these fields that was seen at all."""
    return next((evidence[name][0]["value"] for name in names if evidence.get(name)), None)


def _plain(evidence: Evidence) -> dict[str, str]:
    return {"value": evidence.value, "where": evidence.where, "raw": evidence.raw}
