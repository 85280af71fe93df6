"""What a reader of the archive gets back: typed rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Report:
    """A publisher's report for a year, with the document that stands for it today."""

    report_id: int
    portal_key: str
    portal_name: str
    portal_level: str
    division_code: str | None
    year: int | None
    """The year reported on; it is published in the next."""
    kind: str
    title: str
    publishers: str | None
    """Names in printed order, joined by 、."""
    publisher_codes: str | None
    published: date | None
    """As printed on the page."""
    state: str
    """``live`` as long as one of its documents is; see ``archive.states.DocumentState``."""
    url: str
    document_id: int
    """The first live document, or the first one."""
    version: int
    """Number of the newest version of that document."""
    characters: int
    text_sha256: str
    documents: int
    first_seen: datetime
    last_seen: datetime
    missing_parts: tuple[int, ...] | None
    """Standard parts that no heading of that version announces; None: it was not looked for parts."""
    signed: date | None
    """The date under the text, or 成文日期 of its index table."""
    document_number: str | None
    """发文字号."""
    index_number: str | None
    """索引号."""
    site_id_code: str | None
    """网站标识码 of the page."""
    missing_since: datetime | None
    """Since when the standing document was not found at its address, though still live."""
    redacted: datetime | None
    """When the text of the standing version was withdrawn; None: it was not."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A URL at which a report, or something that may be one, stands or stood."""

    document_id: int
    report_id: int | None
    """None for a document that nobody has judged yet (``verdict`` unsure)."""
    portal_key: str
    url: str
    role: str
    parent_id: int | None
    state: str
    verdict: str
    verdict_reason: str
    title: str | None
    versions: int
    first_seen: datetime
    last_seen: datetime
    """When its text was last confirmed."""
    last_checked: datetime | None
    last_outcome: str | None
    gone_since: datetime | None
    moved_to_id: int | None
    moved_to_url: str | None
    missing_since: datetime | None
    """When its address first answered that it is not there; None while it answers."""
    missed: int
    """Such answers, at least a day apart, since then."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """A text that stood at a document, with the reading it comes from."""

    document_id: int
    number: int
    url: str
    title: str | None
    published: date | None
    report_year: int | None
    year_confidence: float | None
    source: str | None
    column: str | None
    site_id_code: str | None
    text_sha256: str
    characters: int
    extractor: str
    extractor_version: str
    metadata: Mapping[str, Any]
    """Per field the list of ``{"value", "where", "raw"}`` it was decided from."""
    warnings: tuple[str, ...]
    fetched_at: datetime
    final_url: str | None
    status: int | None
    payload_sha256: str | None
    first_seen: datetime
    last_seen: datetime
    missing_parts: tuple[int, ...] | None
    """Standard parts that no heading announces; None: it was not looked for parts."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading of standard parts and the text under it, in one version of a document."""

    document_id: int
    version: int
    position: int
    """Counted from 0 in the order of the text, an outer section before those inside it."""
    parts: tuple[int, ...]
    """Standard parts, several where one heading announces them together."""
    number: str
    """As printed (``一、``), empty if there is none."""
    heading: str
    """As printed, without number and closing stop."""
    level: int
    """Depth in the outline, 1 for the outermost."""
    thematic: bool
    """A theme that is a piece of part 1 where part 1 has no heading of its own."""
    parent: int | None
    """Position of the section it stands in."""
    start_offset: int
    """In characters of the version's text."""
    text_offset: int
    """Behind the heading."""
    end_offset: int
    text: str
    """The section as it stands there, with its heading and the sections inside it."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One counted fact in one version of a document."""

    document_id: int
    version: int
    position: int
    """Counted from 0 in the order of the text."""
    measure: str
    """What was counted: a key of the reader's vocabulary."""
    label: str
    """The words the measure was read from."""
    value: Decimal
    """In single units, negative for a decrease."""
    unit: str
    """As printed, without 万 and 亿."""
    qualifier: str
    """``exact``, ``at_least``, ``about`` or ``at_most``."""
    scope: str
    """``year``, ``cumulative`` or ``goal``."""
    named_year: int | None
    """The year its sentence names last before the number."""
    within: bool
    """A share of a figure already given: not to be added up."""
    parts: tuple[int, ...]
    """Standard parts of the innermost section it stands in."""
    start_offset: int
    """In characters of the version's text."""
    end_offset: int
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ReportFigure(Figure):
    """The same, with the report it is of."""

    report_id: int
    year: int | None
    """The year reported on."""
    publishers: str | None
    """Names in printed order, joined by 、."""
    part: int | None
    """The one standard part it stands in; None outside of all, and under a heading of several."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A URL that is known and not wanted, with the reason."""

    portal_key: str
    url: str
    title: str | None
    reason: str | None
    listed_date: date | None
    column: str | None
    read: bool
    """True: refused after it was read; False: by its link text, never requested."""


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """A reading that is not trusted, and what became of it."""

    quarantine_id: int
    portal_key: str
    url: str
    title: str | None
    report_year: int | None
    publishers: str | None
    """Names as read, joined by 、."""
    reason: str
    """See ``archive.records.DoubtKind``."""
    detail: str | None
    """With figures and limits."""
    state: str
    """See ``archive.states.QuarantineState``."""
    attempts: int
    """Fetches that brought such a reading."""
    next_step: str
    opened: datetime
    """When the first of them was fetched."""
    last_seen: datetime
    """When the last of them was fetched."""
    decided: datetime | None
    decided_by: str | None
    """A person, or the run whose reading needed no decision."""
    note: str | None
    characters: int | None
    document_id: int | None
    """The document that stands at the address, with an earlier text or after a release."""
    text_sha256: str | None


@dataclass(frozen=True, kw_only=True)
class Run:
    """One crawl of one portal."""

    run_id: int
    portal_key: str
    trigger: str
    owner: str
    code_version: str
    started: datetime
    heartbeat: datetime
    finished: datetime | None
    state: str
    counters: Mapping[str, Any]
    summary: str | None


@dataclass(frozen=True, kw_only=True)
class Stats:
    """The archive in numbers."""

    portals: int
    runs: int
    reports: int
    documents: int
    documents_by_state: Mapping[str, int]
    unsure: int
    """Documents that a person has to look at."""
    quarantined: int
    """Readings that wait in quarantine."""
    versions: int
    texts: int
    characters: int
    captures: int
    payloads: int
    payload_bytes: int
    """As received."""
    stored_bytes: int
    """The same, compressed."""
    frontier_by_state: Mapping[str, int]
    changes: int
    """Number of the last change."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a reference names: a report with its standing document, or a document alone."""

    report_id: int | None
    document_id: int
