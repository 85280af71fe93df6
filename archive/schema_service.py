"""The tables of the service (revision 0009)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from archive.dbtypes import UtcTime, Words
from archive.schema_base import metadata, word

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
    word("reason"),
    Column("why", Words, nullable=False),
    Column("owner", Words, nullable=False),
    Column("launched", UtcTime, nullable=False),
    Column("finished", UtcTime),
    word("state"),
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
    word("kind"),
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
