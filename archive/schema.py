"""The tables. Other tools read the published views (docs/archive.md), never these.

What a table means stands in docs/archive.md and the design; ``archive/migrations`` creates
them, and a test holds the two equal. Enumerations are stored as the values of
``archive.records`` and ``archive.states``.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from archive.dbtypes import Json, Number, Parts, UtcTime, Words

REVISIONS = ("0001", "0002", "0003")
"""Every schema this program knows, oldest first (a test compares it with Alembic's scripts): lets
an up-to-date archive be opened, and a newer one be refused, without loading Alembic."""

HEAD = REVISIONS[-1]

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _word(name: str, *, optional: bool = False) -> Column[str]:
    """A column for one of our own short words (states, kinds, keys)."""
    return Column(name, String, nullable=optional)


def _digest(name: str, target: str | None = None, *, optional: bool = False) -> Column[str]:
    links = [ForeignKey(target)] if target else []
    return Column(name, String(64), *links, nullable=optional)


portal = Table(
    "portal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("name", Words, nullable=False),
    _word("level"),
    Column("division_code", String),
    Column("home_url", Words, nullable=False),
    _word("platform", optional=True),
    _word("state"),
)

publisher = Table(
    "publisher",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("code", String),
    Column("name", Words, nullable=False),
    _word("level", optional=True),
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
    _word("state"),
    Column("counters", Json, nullable=False),
    Column("summary", Words),
)

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
    _word("kind"),
    _word("how"),
    _word("state"),
    Column("priority", Integer, nullable=False),
    Column("title", Words),
    Column("listed_date", sa.Date),
    Column("column", Words),
    _word("verdict"),
    Column("reason", Words),
    Column("attempts", Integer, nullable=False),
    Column("due", UtcTime),
    _word("last_outcome", optional=True),
    Column("last_status", Integer),
    Column("last_detail", Words),
    Column("last_checked", UtcTime),
    Column("last_run_id", ForeignKey("run.id")),
    Column("last_listed_run_id", ForeignKey("run.id")),
    Column("etag", Words),
    Column("last_modified", Words),
    _digest("payload_sha256", "payload.sha256", optional=True),
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
    _word("outcome"),
    Column("detail", Words),
    _digest("payload_sha256", "payload.sha256", optional=True),
    Column("media_type", Words),
    Column("part_of_id", ForeignKey("capture.id"), index=True),
    Column("part", Integer),
)

text_ = Table(
    "text",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("content", Words, nullable=False),
    Column("characters", Integer, nullable=False),
)

extraction = Table(
    "extraction",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("capture_id", ForeignKey("capture.id"), nullable=False, index=True),
    Column("extractor", String, nullable=False),
    Column("version", String, nullable=False),
    Column("options", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    _digest("text_sha256", "text.sha256", optional=True),
    _word("verdict"),
    Column("verdict_reason", Words, nullable=False),
    Column("title", Words),
    Column("published", sa.Date),
    Column("source", Words),
    Column("column", Words),
    Column("site_id_code", Words),
    Column("report_year", Integer),
    Column("year_confidence", sa.Float),
    _word("report_kind", optional=True),
    Column("publishers", Json, nullable=False),
    Column("metadata", Json, nullable=False),
    Column("quality", Json, nullable=False),
    Column("warnings", Json, nullable=False),
    Column("error", Words),
    Column("missing_parts", Parts),
    Column("signed", sa.Date),
    Column("document_number", Words),
    Column("index_number", Words),
    Column("doubts", Json(none_as_null=True)),
)

section = Table(
    "section",
    metadata,
    Column("extraction_id", ForeignKey("extraction.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("parts", Parts, nullable=False),
    Column("number", Words, nullable=False),
    Column("heading", Words, nullable=False),
    Column("level", Integer, nullable=False),
    Column("thematic", sa.Boolean, nullable=False),
    Column("parent", Integer),
    Column("start_offset", Integer, nullable=False),
    Column("text_offset", Integer, nullable=False),
    Column("end_offset", Integer, nullable=False),
)

figure = Table(
    "figure",
    metadata,
    Column("extraction_id", ForeignKey("extraction.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _word("measure"),
    Column("label", Words, nullable=False),
    Column("value", Number, nullable=False),
    Column("unit", Words, nullable=False),
    _word("qualifier"),
    _word("scope"),
    Column("named_year", Integer),
    Column("within", sa.Boolean, nullable=False),
    Column("parts", Parts, nullable=False),
    Column("start_offset", Integer, nullable=False),
    Column("end_offset", Integer, nullable=False),
    Column("sentence_start", Integer, nullable=False),
    Column("sentence_end", Integer, nullable=False),
    Index("ix_figure_measure", "measure", "extraction_id"),
)

report = Table(
    "report",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False, index=True),
    Column("title", Words, nullable=False),
    Column("year", Integer),
    _word("kind"),
    Column("published", sa.Date),
    Index("ix_report_year", "year", "kind"),
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
    _word("role"),
    _word("state"),
    _word("verdict"),
    Column("verdict_reason", Words, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("gone_since", UtcTime),
    Column("moved_to_id", ForeignKey("document.id")),
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
    _digest("text_sha256", "text.sha256"),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    sa.UniqueConstraint("document_id", "number"),
    Index("ix_version_text_sha256", "text_sha256"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("frontier_id", ForeignKey("frontier.id"), nullable=False, index=True),
    Column("extraction_id", ForeignKey("extraction.id"), nullable=False),
    _digest("text_sha256", "text.sha256", optional=True),
    _word("reason"),
    Column("detail", Words),
    _word("state"),
    Column("attempts", Integer, nullable=False),
    Column("next_step", Words, nullable=False),
    Column("opened", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("decided", UtcTime),
    Column("decided_by", Words),
    Column("note", Words),
    Index("ix_quarantine_state", "state", "portal_id"),
    Index(
        "uq_quarantine_frontier_id",
        "frontier_id",
        unique=True,
        sqlite_where=text("state IN ('checking', 'waiting')"),
        postgresql_where=text("state IN ('checking', 'waiting')"),
    ),
)

change = Table(
    "change",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    _word("kind"),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("run_id", ForeignKey("run.id")),
    Column("document_id", ForeignKey("document.id"), index=True),
    Column("report_id", ForeignKey("report.id"), index=True),
    Column("version", Integer),
    Column("detail", Words),
    sqlite_autoincrement=True,
)
