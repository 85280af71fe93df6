"""The tables of what was read: texts, readings with their parts and counted facts, doubts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from archive.dbtypes import Json, Number, Parts, UtcTime, Words
from archive.schema_base import digest_column, metadata, word

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
    digest_column("text_sha256", "text.sha256", optional=True),
    word("verdict"),
    Column("verdict_reason", Words, nullable=False),
    Column("title", Words),
    Column("published", sa.Date),
    Column("source", Words),
    Column("column", Words),
    Column("site_id_code", Words),
    Column("report_year", Integer),
    Column("year_confidence", sa.Float),
    word("report_kind", optional=True),
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
    word("measure"),
    Column("label", Words, nullable=False),
    Column("value", Number, nullable=False),
    Column("unit", Words, nullable=False),
    word("qualifier"),
    word("scope"),
    Column("named_year", Integer),
    Column("within", sa.Boolean, nullable=False),
    Column("parts", Parts, nullable=False),
    Column("start_offset", Integer, nullable=False),
    Column("end_offset", Integer, nullable=False),
    Column("sentence_start", Integer, nullable=False),
    Column("sentence_end", Integer, nullable=False),
    Index("ix_figure_measure", "measure", "extraction_id"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("portal_id", ForeignKey("portal.id"), nullable=False),
    Column("frontier_id", ForeignKey("frontier.id"), nullable=False, index=True),
    Column("extraction_id", ForeignKey("extraction.id"), nullable=False),
    digest_column("text_sha256", "text.sha256", optional=True),
    word("reason"),
    Column("detail", Words),
    word("state"),
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
