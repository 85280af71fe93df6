"""What the crawler hands to the archive: values, each field with its meaning.

These records are the whole contract between the two packages. They carry no
behaviour and no database types; times are timezone-aware UTC, dates printed on
pages are dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How one request ended. Only ``OK`` carries content; the others are findings about the portal."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"  # 304 to a conditional request
    MOVED = "moved"  # a redirect that leaves the declared hosts
    GONE = "gone"  # 404 or 410
    SOFT_404 = "soft_404"  # 200 that says "not found" in its text
    CHALLENGE = "challenge"  # anti-bot page or status
    FORBIDDEN = "forbidden"  # 401, 403
    RATE_LIMITED = "rate_limited"  # 429, 503 with Retry-After
    HTTP_ERROR = "http_error"  # any other status
    ERROR_BODY = "error_body"  # 200 whose body is an error message
    FOREIGN = (
        "foreign"  # a page of somebody else under the portal's address: hijacked, for sale, another portal's
    )
    EMPTY = "empty"  # nothing, or next to nothing, in the body
    CUT_SHORT = "cut_short"  # fewer bytes than announced, or a page without its end
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"  # name, connection or TLS failure
    ROBOTS = "robots"  # robots.txt forbids it, or could not be read
    HOST_REFUSED = "host_refused"  # not a declared host
    UNRECORDED = "unrecorded"  # a replayed run asked for what its recording does not hold


class FrontierKind(StrEnum):
    """What we expect behind a URL."""

    HUB = "hub"  # home page, disclosure page: read only for links that lead to a column
    COLUMN = "column"  # a list page
    PAGE = "page"  # an article
    ATTACHMENT = "attachment"  # a file that may be a report
    ANNEX = "annex"  # a file beside a report that stands on its page: kept with it, never a report of its own


class FrontierState(StrEnum):
    """Where a URL stands."""

    QUEUED = "queued"  # to be fetched in this or the next run
    DONE = "done"  # last fetch succeeded
    FAILED = "failed"  # last fetch failed; queued again by the next run
    REFUSED = "refused"  # known, not wanted; the reason is kept
    GONE = "gone"  # answered 404/410; still re-visited, rarely


class How(StrEnum):
    """How we came to know a URL."""

    DECLARED = "declared"  # stands in the site file
    LEARNED = "learned"  # gave reports in an earlier run
    DISCOVERED = "discovered"  # found by following links towards a column
    LISTED = "listed"  # an entry or a further page of a column


class Verdict(StrEnum):
    """Is it a yearly report?"""

    REPORT = "report"
    UNSURE = "unsure"
    NO = "no"


class Event(StrEnum):
    """What one recorded fetch meant for the archive; the counters of a run are counts of these."""

    NEW = "new"  # a document with a text not held before
    CHANGED = "changed"  # a further version of a known document
    UNCHANGED = "unchanged"  # a known document, same text
    DUPLICATE = "duplicate"  # a further URL for a text already held
    UNSURE = "unsure"  # kept and listed, a person has to look
    REFUSED = "refused"  # read, and not a report
    MISSING = "missing"  # a known document is not there; looked for again before it counts as gone
    GONE = "gone"  # a known document is not there, seen repeatedly
    MOVED = "moved"  # redirected off the declared hosts
    LISTED = "listed"  # a hub or column page, read
    FAILED = "failed"  # no content; see the outcome
    UNREAD = "unread"  # bytes kept, but nothing could be extracted
    ANNEX = "annex"  # a file beside a report, read for the first time and kept with its page
    QUARANTINED = "quarantined"  # bytes and reading kept, not trusted: no document before a decision


class RunState(StrEnum):
    """How a run of one portal ended."""

    RUNNING = "running"
    COMPLETE = "complete"  # agrees with the site's own totals
    PARTIAL = "partial"  # something could not be read, or totals disagree
    BLOCKED = "blocked"  # the portal could not be read at all
    NOTHING = "nothing"  # read completely, no report found
    FAILED = "failed"  # stopped by an error of ours
    ABANDONED = "abandoned"  # killed: never finished, found by a later run


@dataclass(frozen=True, kw_only=True)
class PortalRecord:
    """A government website, as the seeds declare it."""

    key: str
    """Short stable key, e.g. ``dongli``."""
    name: str
    """Full Chinese name, e.g. ``天津市东丽区``."""
    level: str
    """``province``, ``city``, ``county`` … as in seeds/portals.csv."""
    division_code: str | None
    """Six digits of GB/T 2260."""
    home_url: str
    platform: str | None
    """Name of the platform module, if known."""


@dataclass(frozen=True, kw_only=True)
class PublisherRef:
    """A body named as the issuer of a report."""

    name: str
    """Roster name (``华新街道``) or, for a bureau without a code, its printed name."""
    code: str | None = None
    """9-digit (town, street) or 6-digit (district and up) code; None for a bureau."""
    level: str | None = None
    """``street``, ``town``, ``county``, ``city``, ``province``, ``department``."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A URL worth remembering, found on a page or declared in a site file."""

    url: str
    """The address a person would open; identity of the document."""
    kind: FrontierKind
    how: How
    title: str | None = None
    """Link text, in full (from ``title=`` where the text is cut)."""
    listed_date: date | None = None
    fetch_url: str | None = None
    """What to request instead of ``url`` (Epoint pages get their content from JSON)."""
    priority: int = 0
    """Higher goes first."""
    verdict: Verdict = Verdict.REPORT
    """NO puts the link into the frontier as refused, without a request."""
    reason: str | None = None
    """Why it is followed or refused, one short line."""
    column: str | None = None
    """Name of the column it was listed in."""


@dataclass(frozen=True, kw_only=True)
class ListingRecord:
    """What a list page said of itself; kept so that a 304 can be answered from memory."""

    entries: int
    """Rows of the column's own list with a title and an address on this page, boxes beside it left out."""
    total: int | None = None
    """Rows in the whole column as stated by the site (共 N 条), if it says so."""
    page_count: int | None = None
    """Pages in the column as stated by the pager, if it says so."""
    page_number: int | None = None
    """0-based number of this page."""
    pages: tuple[str, ...] = ()
    """Addresses of the column's further pages that this page leads to."""
    warnings: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    """A short digest of each row of the column's own list, in order: two pages with the same ones are one page
    served twice. Empty where it was not kept, or there are no rows."""
    beside: tuple[str, ...] = ()
    """The same of dated links in boxes beside the list: they stay when the list itself is lost."""


@dataclass(frozen=True, kw_only=True)
class SectionRecord:
    """A heading of standard parts and the text under it. Offsets count characters of the reading's text."""

    parts: tuple[int, ...]
    """Standard parts, 1 to 5; several where one heading announces them together, none where it is of no one."""
    heading: str
    """As printed, without number and closing stop."""
    number: str
    """As printed (``一、``, ``（二）``), empty if there is none."""
    level: int
    """Depth in the outline, 1 for the outermost."""
    start: int
    """Where number and heading begin."""
    text_start: int
    """Behind the heading."""
    end: int
    """Behind its last character, sections inside it included: ``text[start:end]`` is the section."""
    parent: int | None = None
    """Index, in ``ExtractionRecord.sections``, of the section it stands in."""
    thematic: bool = False
    """A theme (``强化组织领导``) that is a piece of part 1 where part 1 has no heading of its own."""


@dataclass(frozen=True, kw_only=True)
class FigureRecord:
    """One counted fact. Offsets count characters of the reading's text."""

    measure: str
    """What was counted: a key of the reader's closed vocabulary, e.g. ``penalties``."""
    label: str
    """The words the measure was read from."""
    value: Decimal
    """In single units (22.77万元 is 227700), negative for a decrease; kept to 15 significant digits."""
    unit: str
    """As printed, without 万 and 亿; figures compare within a unit."""
    qualifier: str
    """``exact``, ``at_least``, ``about`` or ``at_most``."""
    scope: str
    """``year``: during the year reported; ``cumulative``: up to a date; ``goal``: promised, not counted."""
    named_year: int | None = None
    """The year its sentence names last before the number: last year's figure may stand beside this year's."""
    within: bool = False
    """A share of a figure already given (其中…): not to be added up."""
    parts: tuple[int, ...] = ()
    """Standard parts of the innermost section it stands in; none outside of all."""
    start: int
    """Where the number begins, with the words that qualify it."""
    end: int
    """Behind its unit."""
    sentence_start: int
    """Where its sentence begins."""
    sentence_end: int
    """Behind the sentence: ``text[sentence_start:sentence_end]`` says the fact."""


class DoubtKind(StrEnum):
    """Why a reading is not trusted (design rule 4)."""

    SHORT = "short"  # too few characters for a yearly report
    NOT_CHINESE = "not_chinese"  # too small a share of CJK characters: mojibake, markup, another language
    ERROR_PHRASE = "error_phrase"  # the text says that something went wrong
    TITLE_BODY = "title_body"  # the body is not about what the title says
    YEAR = "year"  # the report year cannot be: before 2005, or not over when the page was fetched
    SHRINK = (
        "shrink"  # a known text lost an implausible part of itself (found by the archive, not by the reader)
    )
    REDACTED = "redacted"  # an earlier text here was withdrawn (found by the archive, not by the reader)


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """One reason not to trust a reading."""

    kind: DoubtKind
    detail: str
    """With the figure and the limit it broke, one line for a person."""


@dataclass(frozen=True, kw_only=True)
class ExtractionRecord:
    """One reading of a capture by a named extractor version."""

    extractor: str
    version: str
    text: str
    """Body text, one paragraph a line, table cells joined by tabs."""
    verdict: Verdict
    verdict_reason: str
    title: str | None = None
    published: date | None = None
    source: str | None = None
    column: str | None = None
    site_id_code: str | None = None
    report_year: int | None = None
    year_confidence: float | None = None
    """0 to 1, share of the votes for ``report_year``."""
    report_kind: str | None = None
    """``annual`` unless something says otherwise."""
    publishers: tuple[PublisherRef, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Per field the list of ``{"value", "where", "raw"}`` it was decided from."""
    quality: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    error: str | None = None
    """Set when the reader failed; the capture is kept all the same."""
    sections: tuple[SectionRecord, ...] = ()
    """In the order of the text, an outer one before those inside it."""
    figures: tuple[FigureRecord, ...] = ()
    """In the order of the text. That a figure is absent does not say that nothing was counted."""
    missing_parts: tuple[int, ...] | None = None
    """Standard parts that no heading announces; None: nobody looked for parts."""
    signed: date | None = None
    """The date under the text (落款), or 成文日期 of the index table."""
    document_number: str | None = None
    """发文字号, as printed (``东丽华新〔2023〕5号``)."""
    index_number: str | None = None
    """索引号, as printed; often holds the publisher's unified social credit code."""
    doubts: tuple[Doubt, ...] = ()
    """Why the reading goes to quarantine instead of becoming a version; empty for nearly all."""


@dataclass(frozen=True, kw_only=True)
class PartRecord:
    """A further page of an article that stands on several; the first one is the fetch itself."""

    requested_url: str
    final_url: str
    fetched_at: datetime
    status: int
    headers: Mapping[str, str]
    """Header names in lower case."""
    body: bytes
    media_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class FetchRecord:
    """One answer (or its absence) to one request, with everything read from it. Committed whole."""

    frontier_id: int
    requested_url: str
    fetched_at: datetime
    outcome: Outcome
    final_url: str | None = None
    redirects: tuple[str, ...] = ()
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header names in lower case."""
    body: bytes | None = None
    """As received after transfer and content decoding; None where nothing is to be kept."""
    media_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    detail: str | None = None
    """One line for a person: what happened."""
    listing: ListingRecord | None = None
    extraction: ExtractionRecord | None = None
    links: tuple[Link, ...] = ()
    parts: tuple[PartRecord, ...] = ()
    """The article's pages after the first, in order."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What the store made of a FetchRecord."""

    event: Event
    frontier_id: int
    document_id: int | None = None
    report_id: int | None = None
    version: int | None = None
    """Number of the version that now stands at the document."""
    queued: int = 0
    """Links newly queued for this run."""


@dataclass(frozen=True, kw_only=True)
class FrontierEntry:
    """A URL to be fetched, as the scheduler of the crawl sees it."""

    id: int
    url: str
    fetch_url: str
    kind: FrontierKind
    how: How
    title: str | None
    listed_date: date | None
    column: str | None
    verdict: Verdict
    etag: str | None
    last_modified: str | None
    payload_sha256: str | None
    """Digest of the bytes last seen here: equal bytes need no second reading."""
    attempts: int
    found_on: str | None
    """URL of the page that led here."""
    known: bool
    """A document already stands here (this is a re-visit)."""


@dataclass(frozen=True, kw_only=True)
class StoredCapture:
    """Bytes of an earlier fetch, with what is needed to read them again."""

    id: int
    frontier_id: int
    portal_key: str
    url: str
    """The address a person would open."""
    requested_url: str
    final_url: str | None
    fetched_at: datetime
    headers: Mapping[str, str]
    media_type: str | None
    body: bytes
    title: str | None
    """Link text under which the page was listed."""
    listed_date: date | None
    column: str | None
    kind: FrontierKind
    verdict: Verdict
    """Verdict on the link."""
    parts: tuple[PartRecord, ...] = ()
    """The article's pages after the first, in order."""
