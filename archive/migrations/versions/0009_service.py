"""The service: its signs of life, visits, leases of shared hosts, incidents, messages to people."""

import sqlalchemy as sa
from alembic import op

from archive.dbtypes import UtcTime, Words

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("code_version", Words(), nullable=False),
        sa.Column("started", UtcTime(), nullable=False),
        sa.Column("heartbeat", UtcTime(), nullable=False),
        sa.Column("stopped", UtcTime()),
        sa.PrimaryKeyConstraint("id", name="pk_service"),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portal_key", sa.String(), nullable=False),
        sa.Column("host_group", sa.String(), nullable=False),
        sa.Column("due", UtcTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("why", Words(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("launched", UtcTime(), nullable=False),
        sa.Column("finished", UtcTime()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("exit_code", sa.Integer()),
        sa.Column("after_run_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("detail", Words()),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_visit_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
    )
    op.create_index("ix_visit_portal_key_id", "visit", ["portal_key", "id"])
    op.create_index("ix_visit_state", "visit", ["state"])
    op.create_table(
        "host_lease",
        sa.Column("host_group", sa.String(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("acquired", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name="fk_host_lease_visit_id"),
        sa.PrimaryKeyConstraint("host_group", name="pk_host_lease"),
    )
    _people()
    # The last run of each of 3,215 portals is asked for at every tick, and who reported for a season.
    op.create_index("ix_run_portal_id_id", "run", ["portal_id", "id"])


def _people() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("portal_key", sa.String(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("opened", UtcTime(), nullable=False),
        sa.Column("reminded", UtcTime()),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("last_seen", UtcTime(), nullable=False),
        sa.Column("closed", UtcTime()),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("detail", Words(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index(
        "uq_incident_kind_portal_key",
        "incident",
        ["kind", "portal_key"],
        unique=True,
        sqlite_where=sa.text("closed IS NULL"),
        postgresql_where=sa.text("closed IS NULL"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("body", Words(), nullable=False),
        sa.Column("html", Words()),
        sa.Column("created", UtcTime(), nullable=False),
        sa.Column("next_try", UtcTime()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("delivered", UtcTime()),
        sa.Column("last_error", Words()),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("key", "target", name="uq_message_key_target"),
    )
    op.create_index("ix_message_next_try", "message", ["next_try"])
