"""The tables. Other tools read the published views (docs/archive.md), never these.

What a table means stands in docs/archive.md and the design; ``archive/migrations`` creates
them, and a test holds the two equal. Enumerations are stored as the values of
``archive.records`` and ``archive.states``.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from archive.dbtypes import Json, Number, Parts, UtcTime, Words

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
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

decision = Table(
    "decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", Words, nullable=False),
    _word("kind"),
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
    _word("kind"),
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
    _word("role"),
    _word("state"),
    _word("verdict"),
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
    _digest("text_sha256", optional=True),
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
    _word("kind"),
    _digest("digest"),
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
    _word("level"),
    Column("kind", Words, nullable=False),
    # No foreign key: its 44,500 checks would double the time of filling the table.
    Column("place", String, nullable=False, index=True),
    Column("valid_from", sa.Date),
    Column("valid_to", sa.Date),
    Column("dropped", UtcTime),
)

# -- the service (revision 0009) ----------------------------------------------------------------

service = Table(
    "service",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", Words, nullable=False),
    Column("code_version", Words, nullable=False),
    Column("started", UtcTime, nullable=False),
    Column("heartbeat", UtcTime, nullable=False),
    Column("stopped", UtcTime),
)

visit = Table(
    "visit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_key", String, nullable=False),  # a portal has no row before its first run
    Column("host_group", String, nullable=False),
    Column("due", UtcTime, nullable=False),
    _word("reason"),
    Column("why", Words, nullable=False),
    Column("owner", Words, nullable=False),
    Column("launched", UtcTime, nullable=False),
    Column("finished", UtcTime),
    _word("state"),
    Column("exit_code", Integer),
    Column("after_run_id", Integer, nullable=False),
    Column("run_id", ForeignKey("run.id")),
    Column("detail", Words),
    Index("ix_visit_portal_key_id", "portal_key", "id"),
    Index("ix_visit_state", "state"),
)

host_lease = Table(
    "host_lease",
    metadata,
    Column("host_group", String, primary_key=True),
    Column("visit_id", ForeignKey("visit.id"), nullable=False),
    Column("owner", Words, nullable=False),
    Column("acquired", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Integer, primary_key=True),
    _word("kind"),
    Column("portal_key", String, nullable=False),  # empty: of no portal
    Column("since", UtcTime, nullable=False),
    Column("opened", UtcTime, nullable=False),
    Column("reminded", UtcTime),
    Column("reminders", Integer, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("closed", UtcTime),
    Column("count", Integer, nullable=False),
    Column("detail", Words, nullable=False),
    Index(
        "uq_incident_kind_portal_key",
        "kind",
        "portal_key",
        unique=True,
        sqlite_where=text("closed IS NULL"),
        postgresql_where=text("closed IS NULL"),
    ),
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False),
    Column("target", String, nullable=False),
    Column("title", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("html", Words),
    Column("created", UtcTime, nullable=False),
    Column("next_try", UtcTime),
    Column("attempts", Integer, nullable=False),
    Column("delivered", UtcTime),
    Column("last_error", Words),
    sa.UniqueConstraint("key", "target"),
    Index("ix_message_next_try", "next_try"),
)

# -- near-duplicates (revision 0008) -------------------------------------------------------------

_BIG = sa.BigInteger().with_variant(Integer(), "sqlite")
"""Only a key that SQLite calls INTEGER is its row number, found without a second tree."""

similar_state = Table(
    "similar_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scheme", String, nullable=False),
    Column("watermark", Integer, nullable=False),
    Column("numbered", Integer, nullable=False),
    Column("sealed", Integer, nullable=False),
    Column("sampled", Integer, nullable=False),
    Column("sampled_of", Integer, nullable=False),
    info={"derived": True},
)

similar_text = Table(
    "similar_text",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("text_sha256", String(64), ForeignKey("text.sha256"), nullable=False, unique=True),
    Column("shingles", Integer, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    info={"derived": True},
)

similar_block = Table(
    "similar_block",
    metadata,
    Column("key", _BIG, primary_key=True, autoincrement=False),
    Column("entries", LargeBinary, nullable=False),
    info={"derived": True},
)

similar_clause = Table(
    "similar_clause",
    metadata,
    Column("hash", _BIG, primary_key=True, autoincrement=False),
    Column("texts", Integer, nullable=False),
    info={"derived": True},
)

Index("ix_run_portal_id_id", run.c.portal_id, run.c.id)

# -- search (revision 0005; the tokens themselves: archive.search_index) --------------------------

search_entry = Table(
    "search_entry",
    metadata,
    Column("id", sa.BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False),
    Column("report_id", Integer, nullable=False),
    Column("portal_id", Integer, nullable=False),
    _digest("text_sha256", "text.sha256"),
    sa.UniqueConstraint("report_id", "text_sha256"),
    Index("ix_search_entry_text_sha256", "text_sha256"),
)

search_stale = Table(
    "search_stale",
    metadata,
    Column("report_id", Integer, primary_key=True, autoincrement=False),
)
