"""The tables made from the others: search (revision 0005; its tokens: search_index), near-duplicates (0008)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from archive.schema_base import BIG, digest_column, metadata

search_entry = Table(
    "search_entry",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("report_id", Integer, nullable=False),
    Column("portal_id", Integer, nullable=False),
    digest_column("text_sha256", "text.sha256"),
    sa.UniqueConstraint("report_id", "text_sha256"),
    Index("ix_search_entry_text_sha256", "text_sha256"),
)

search_stale = Table(
    "search_stale",
    metadata,
    Column("report_id", Integer, primary_key=True, autoincrement=False),
)

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
    Column("key", BIG, primary_key=True, autoincrement=False),
    Column("entries", LargeBinary, nullable=False),
    info={"derived": True},
)

similar_clause = Table(
    "similar_clause",
    metadata,
    Column("hash", BIG, primary_key=True, autoincrement=False),
    Column("texts", Integer, nullable=False),
    info={"derived": True},
)
