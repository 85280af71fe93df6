"""What goes to a reader and what comes back. Apart from the reader, whose imports take half a second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from archive.records import (
    ExtractionRecord,
    FrontierKind,
    Link,
    ListingRecord,
    Outcome,
    PartRecord,
    StoredCapture,
)
from crawler.site import Site


@dataclass(frozen=True, kw_only=True)
class ReadJob:
    """One answer to be read."""

    kind: FrontierKind
    url: str
    """The document's own address (not that of an interface that delivers it)."""
    final_url: str
    status: int
    body: bytes
    content_type: str | None
    site: Site
    disposition: str | None = None
    """The Content-Disposition header as sent: it may name a file."""
    title: str | None = None
    """As listed."""
    listed_date: date | None = None
    column: str | None = None
    parts: tuple[PartRecord, ...] = ()
    """The article's pages after the first, in order, as far as they were fetched."""
    fetched: date | None = None
    """The day of the answer: no report can be of a year that was not over by then."""


@dataclass(frozen=True, kw_only=True)
class ReadResult:
    """What an answer said."""

    outcome: Outcome
    detail: str | None = None
    extraction: ExtractionRecord | None = None
    listing: ListingRecord | None = None
    links: tuple[Link, ...] = ()
    ends: bool = True
    """False if the page stops before its end tags: perhaps cut."""
    more: tuple[str, ...] = ()
    """Addresses of the article's further pages that the job did not hold yet."""


def job_of(site: Site, stored: StoredCapture) -> ReadJob:
    """What goes to a reader for bytes kept earlier."""
    return ReadJob(
        kind=stored.kind,
        url=stored.url,
        final_url=stored.final_url or stored.requested_url,
        status=200,
        body=stored.body,
        content_type=stored.headers.get("content-type"),
        disposition=stored.headers.get("content-disposition"),
        site=site,
        title=stored.title,
        listed_date=stored.listed_date,
        column=stored.column,
        parts=stored.parts,
        fetched=stored.fetched_at.date(),
    )
