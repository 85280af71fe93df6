"""The published views, typed: the contract with other tools, described in docs/archive.md.

The migrations create them; here stands what they promise, so that readers can query them and
tests can tell when view, promise and description differ. A column is added at the end of its view,
here, in docs/archive.md and in a migration, and then recorded: ``python -m archive.contract``.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Date, Integer, String, column, table

from archive.dbtypes import Number, Parts, UtcTime

reports = table(
    "reports",
    column("report_id", Integer),
    column("portal_key", String),
    column("portal_name", String),
    column("portal_level", String),
    column("division_code", String),
    column("year", Integer),
    column("kind", String),
    column("title", String),
    column("publishers", String),
    column("publisher_codes", String),
    column("published", Date),
    column("state", String),
    column("url", String),
    column("document_id", Integer),
    column("version", Integer),
    column("characters", Integer),
    column("text_sha256", String),
    column("documents", Integer),
    column("first_seen", UtcTime),
    column("last_seen", UtcTime),
    column("missing_parts", Parts),
    column("signed", Date),
    column("document_number", String),
    column("index_number", String),
    column("site_id_code", String),
    column("missing_since", UtcTime),
    column("redacted", UtcTime),
)

report_versions = table(
    "report_versions",
    column("report_id", Integer),
    column("document_id", Integer),
    column("version", Integer),
    column("url", String),
    column("document_state", String),
    column("title", String),
    column("published", Date),
    column("report_year", Integer),
    column("report_kind", String),
    column("text_sha256", String),
    column("characters", Integer),
    column("text", String),
    column("extractor", String),
    column("extractor_version", String),
    column("fetched_at", UtcTime),
    column("payload_sha256", String),
    column("first_seen", UtcTime),
    column("last_seen", UtcTime),
    column("redacted", UtcTime),
)

documents = table(
    "documents",
    column("document_id", Integer),
    column("report_id", Integer),
    column("portal_key", String),
    column("url", String),
    column("role", String),
    column("parent_id", Integer),
    column("state", String),
    column("verdict", String),
    column("verdict_reason", String),
    column("title", String),
    column("versions", Integer),
    column("first_seen", UtcTime),
    column("last_seen", UtcTime),
    column("last_checked", UtcTime),
    column("last_outcome", String),
    column("gone_since", UtcTime),
    column("moved_to_id", Integer),
    column("moved_to_url", String),
    column("missing_since", UtcTime),
    column("missed", Integer),
)

changes = table(
    "changes",
    column("seq", Integer),
    column("at", UtcTime),
    column("kind", String),
    column("portal_key", String),
    column("run_id", Integer),
    column("document_id", Integer),
    column("report_id", Integer),
    column("version", Integer),
    column("url", String),
    column("detail", String),
    column("text_sha256", String),
)

report_sections = table(
    "report_sections",
    column("report_id", Integer),
    column("year", Integer),
    column("publishers", String),
    column("document_id", Integer),
    column("version", Integer),
    column("position", Integer),
    column("part", Integer),
    column("parts", Parts),
    column("number", String),
    column("heading", String),
    column("level", Integer),
    column("thematic", Boolean),
    column("parent", Integer),
    column("start_offset", Integer),
    column("text_offset", Integer),
    column("end_offset", Integer),
    column("characters", Integer),
    column("text", String),
)

report_figures = table(
    "report_figures",
    column("report_id", Integer),
    column("year", Integer),
    column("publishers", String),
    column("document_id", Integer),
    column("version", Integer),
    column("position", Integer),
    column("measure", String),
    column("label", String),
    column("value", Number),
    column("unit", String),
    column("qualifier", String),
    column("scope", String),
    column("named_year", Integer),
    column("within", Boolean),
    column("part", Integer),
    column("parts", Parts),
    column("start_offset", Integer),
    column("end_offset", Integer),
    column("sentence", String),
)

quarantined = table(
    "quarantined",
    column("quarantine_id", Integer),
    column("portal_key", String),
    column("url", String),
    column("title", String),
    column("report_year", Integer),
    column("publishers", String),
    column("reason", String),
    column("detail", String),
    column("state", String),
    column("attempts", Integer),
    column("next_step", String),
    column("opened", UtcTime),
    column("last_seen", UtcTime),
    column("decided", UtcTime),
    column("decided_by", String),
    column("note", String),
    column("characters", Integer),
    column("document_id", Integer),
    column("text_sha256", String),
)

facts = table("facts", column("key", String), column("value", String))

report_numbers = table(
    "report_numbers",
    column("report_id", Integer),
    column("current_id", Integer),
)

decisions = table(
    "decisions",
    column("decision_id", Integer),
    column("at", UtcTime),
    column("by", String),
    column("kind", String),
    column("report_id", Integer),
    column("other_id", Integer),
    column("note", String),
    column("undone_by_id", Integer),
)

redactions = table(
    "redactions",
    column("redaction_id", Integer),
    column("at", UtcTime),
    column("by", String),
    column("reason", String),
    column("kind", String),
    column("digest", String),
    column("size", Integer),
    column("document_id", Integer),
    column("report_id", Integer),
    column("url", String),
)

bodies = table(
    "bodies",
    column("body", String),
    column("ordinal", Integer),
    column("code", String),
    column("name", String),
    column("level", String),
    column("kind", String),
    column("place", String),
    column("province", String),
    column("city", String),
    column("county", String),
    column("portal_key", String),
    column("home_url", String),
    column("valid_from", Date),
    column("valid_to", Date),
    column("dropped", UtcTime),
)

freshness = table(
    "freshness",
    column("portal_key", String),
    column("portal_name", String),
    column("portal_level", String),
    column("division_code", String),
    column("last_run", Integer),
    column("last_trigger", String),
    column("last_started", UtcTime),
    column("last_finished", UtcTime),
    column("last_state", String),
    column("last_summary", String),
    column("last_complete", UtcTime),
    column("failures", Integer),
    column("failing_since", UtcTime),
)

PUBLISHED: tuple[sa.TableClause, ...] = (
    facts,
    reports,
    report_versions,
    documents,
    changes,
    report_sections,
    report_figures,
    quarantined,
    bodies,
    report_numbers,
    decisions,
    redactions,
    freshness,
)
