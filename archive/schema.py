"""The tables. Other tools read the published views (docs/archive.md), never these.

What a table means stands in docs/archive.md and the design; ``archive/migrations`` creates
them, and a test holds the two equal. Enumerations are stored as the values of
``archive.records`` and ``archive.states``.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from archive.dbtypes import Json, UtcTime, Words
from archive.schema_base import digest_column, metadata, word
from archive.schema_index import (
    search_entry,
    search_stale,
    similar_block,
    similar_clause,
    similar_state,
    similar_text,
)
from archive.schema_reading import extraction, figure, quarantine, section, text_
from archive.schema_service import host_lease, incident, message, service, visit

__all__ = [
    "HEAD",
    "REVISIONS",
    "capture",
    "change",
    "decision",
    "document",
    "extraction",
    "figure",
    "frontier",
    "host_lease",
    "incident",
    "lease",
    "message",
    "meta",
    "metadata",
    "payload",
    "portal",
    "publisher",
    "quarantine",
    "redaction",
    "report",
    "report_publisher",
    "roster",
    "roster_place",
    "run",
    "search_entry",
    "search_stale",
    "section",
    "service",
    "similar_block",
    "similar_clause",
    "similar_state",
    "similar_text",
    "text_",
    "version",
    "visit",
]

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011")
"""Every schema this program knows, oldest first (a test compares it with Alembic's scripts): lets
an up-to-date archive be opened, and a newer one be refused, without loading Alembic."""

HEAD = REVISIONS[-1]

portal = Table(
    "portal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("name", Words, nullable=False),
    word("level"),
    Column("division_code", String),
    Column("home_url", Words, nullable=False),
    word("platform", optional=True),
    word("state"),
)

publisher = Table(
    "publisher",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("code", String),
    Column("name", Words, nullable=False),
    word("level", optional=True),
    Column("valid_from", sa.Date),
    Column("valid_to", sa.Date),
    Index(
        "uq_publisher_code",
        "code",
        unique=True,
        sqlite_where=text("code IS NOT NULL"),
        postgresql_where=text("code IS NOT NULL"),
    ),
    Index(
        "uq_publisher_portal_id_name",
        "portal_id",
        "name",
        unique=True,
        sqlite_where=text("code IS NULL"),
        postgresql_where=text("code IS NULL"),
    ),
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False, index=True),
    Column("trigger", Words, nullable=False),
    Column("owner", Words, nullable=False),
    Column("code_version", Words, nullable=False),
    Column("options", Json, nullable=False),
    Column("vantage", Words),
    Column("started", UtcTime, nullable=False),
    Column("heartbeat", UtcTime, nullable=False),
    Column("finished", UtcTime),
    word("state"),
    Column("counters", Json, nullable=False),
    Column("summary", Words),
)

Index("ix_run_portal_id_id", run.c.portal_id, run.c.id)

lease = Table(
    "lease",
    metadata,
    Column("portal_id", ForeignKey("portal.id"), primary_key=True),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("owner", Words, nullable=False),
    Column("acquired", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    Column("seconds", sa.Float, nullable=False),
)

payload = Table(
    "payload",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("media_type", Words),
)

frontier = Table(
    "frontier",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("url", Words, nullable=False),
    Column("fetch_url", Words, nullable=False),
    word("kind"),
    word("how"),
    word("state"),
    Column("priority", Integer, nullable=False),
    Column("title", Words),
    Column("listed_date", sa.Date),
    Column("column", Words),
    word("verdict"),
    Column("reason", Words),
    Column("attempts", Integer, nullable=False),
    Column("due", UtcTime),
    word("last_outcome", optional=True),
    Column("last_status", Integer),
    Column("last_detail", Words),
    Column("last_checked", UtcTime),
    Column("last_run_id", ForeignKey("run.id")),
    Column("last_listed_run_id", ForeignKey("run.id")),
    Column("etag", Words),
    Column("last_modified", Words),
    digest_column("payload_sha256", "payload.sha256", optional=True),
    Column("found_on_id", ForeignKey("frontier.id"), index=True),
    Column("listing", Json(none_as_null=True)),
    sa.UniqueConstraint("portal_id", "url"),
    Index("ix_frontier_queue", "portal_id", "state", text("priority DESC"), "id"),
    Index("ix_frontier_checked", "portal_id", "kind", "last_checked"),
)

capture = Table(
    "capture",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("frontier_id", ForeignKey("frontier.id"), nullable=False, index=True),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("url", Words, nullable=False),
    Column("final_url", Words),
    Column("redirects", Json, nullable=False),
    Column("fetched_at", UtcTime, nullable=False),
    Column("status", Integer),
    Column("headers", Json, nullable=False),
    word("outcome"),
    Column("detail", Words),
    digest_column("payload_sha256", "payload.sha256", optional=True),
    Column("media_type", Words),
    Column("part_of_id", ForeignKey("capture.id"), index=True),
    Column("part", Integer),
)

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", Words, nullable=False),
    word("kind"),
    # No foreign keys: reports and documents point here, and a cycle could not be copied in order.
    Column("report_id", Integer, nullable=False, index=True),
    Column("other_id", Integer, nullable=False, index=True),
    Column("ids", Json, nullable=False),
    Column("note", Words),
    Column("undone_by_id", ForeignKey("decision.id")),
)

report = Table(
    "report",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False, index=True),
    Column("title", Words, nullable=False),
    Column("year", Integer),
    word("kind"),
    Column("published", sa.Date),
    Column("merged_into_id", ForeignKey("report.id"), index=True),
    Column("decision_id", ForeignKey("decision.id")),
    Column("vague", sa.Boolean, nullable=False, server_default=sa.false()),
    Index("ix_report_year", "year", "kind"),
    Index("ix_report_vague", "portal_id", sqlite_where=text("vague"), postgresql_where=text("vague")),
)

report_publisher = Table(
    "report_publisher",
    metadata,
    Column("report_id", ForeignKey("report.id"), primary_key=True),
    Column("publisher_id", ForeignKey("publisher.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("frontier_id", ForeignKey("frontier.id"), nullable=False, unique=True),
    Column("report_id", ForeignKey("report.id"), index=True),
    Column("parent_id", ForeignKey("document.id"), index=True),
    Column("url", Words, nullable=False),
    word("role"),
    word("state"),
    word("verdict"),
    Column("verdict_reason", Words, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("gone_since", UtcTime),
    Column("moved_to_id", ForeignKey("document.id")),
    Column("missing_since", UtcTime),
    Column("last_missed", UtcTime),
    Column("missed", Integer, nullable=False, server_default="0"),
    Column("decision_id", ForeignKey("decision.id")),
    Index("ix_document_state", "portal_id", "state"),
    Index("ix_document_verdict", "verdict", "portal_id"),
    Index("ix_document_url", "url"),
)

version = Table(
    "version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", ForeignKey("document.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("extraction_id", ForeignKey("extraction.id"), nullable=False),
    digest_column("text_sha256", "text.sha256"),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    sa.UniqueConstraint("document_id", "number"),
    Index("ix_version_text_sha256", "text_sha256"),
)

change = Table(
    "change",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    word("kind"),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("run_id", ForeignKey("run.id")),
    Column("document_id", ForeignKey("document.id"), index=True),
    Column("report_id", ForeignKey("report.id"), index=True),
    Column("version", Integer),
    Column("detail", Words),
    digest_column("text_sha256", optional=True),
    sqlite_autoincrement=True,
)

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Words, nullable=False),
)

redaction = Table(
    "redaction",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", Words, nullable=False),
    Column("reason", Words, nullable=False),
    word("kind"),
    digest_column("digest"),
    Column("document_id", ForeignKey("document.id"), index=True),
    Column("titles", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("kind", "digest"),
)

roster_place = Table(
    "roster_place",
    metadata,
    # No foreign keys to portal: most of those who must report stand on portals that nobody has crawled yet.
    Column("place", String, primary_key=True),
    Column("name", Words, nullable=False),
    Column("province", Words, nullable=False),
    Column("city", Words, nullable=False),
    Column("county", Words, nullable=False),
    Column("portal_key", String, index=True),
    Column("home_url", Words),
    Index("ix_roster_place_province", "province"),
)

roster = Table(
    "roster",
    metadata,
    Column("body", String, primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("name", Words, nullable=False),
    word("level"),
    Column("kind", Words, nullable=False),
    # No foreign key: its 44,500 checks would double the time of filling the table.
    Column("place", String, nullable=False, index=True),
    Column("valid_from", sa.Date),
    Column("valid_to", sa.Date),
    Column("dropped", UtcTime),
)
