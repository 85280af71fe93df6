"""Facts about the archive itself (identity, epoch, version of its contract); each change keeps its text's digest."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from archive.dbtypes import Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CONTRACT = 2
"""Version 1 was what revisions 0001 to 0003 published."""


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    _facts()
    op.add_column("change", sa.Column("text_sha256", sa.String(length=64)))
    _fill(sqlite)
    if sqlite:  # it knows no CREATE OR REPLACE VIEW
        op.execute("DROP VIEW changes")
        op.execute(f"CREATE VIEW changes AS {_CHANGES}")
    else:
        op.execute(f"CREATE OR REPLACE VIEW changes AS {_CHANGES}")


def _facts() -> None:
    meta = op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", Words(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    created, epoch = datetime.now(UTC).isoformat(), str(uuid4())
    first = {"epoch": epoch, "after": 0, "at": created, "reason": "created"}
    facts = {
        "archive_id": str(uuid4()),
        "created": created,
        "epoch": epoch,
        "epochs": json.dumps([first]),
        "contract": str(CONTRACT),
    }
    op.bulk_insert(meta, [{"key": key, "value": value} for key, value in facts.items()])
    op.execute(
        "CREATE VIEW facts AS SELECT key, value FROM meta "
        "WHERE key IN ('archive_id', 'created', 'epoch', 'epochs', 'contract')"
    )


def _fill(sqlite: bool) -> None:
    """The digest of the text that stood then, except where a later change replaced it: nobody wrote that down."""
    if sqlite:
        for trigger in _APPEND_ONLY:
            op.execute(f"DROP TRIGGER {trigger}")
    else:
        op.execute("ALTER TABLE change DISABLE TRIGGER change_append_only")
    op.execute(
        "UPDATE change SET text_sha256 = (SELECT v.text_sha256 FROM version v "
        "WHERE v.document_id = change.document_id AND v.number = change.version) "
        "WHERE version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM change c "
        "WHERE c.document_id = change.document_id AND c.version = change.version "
        "AND c.kind = 'reread' AND c.seq > change.seq)"
    )
    if sqlite:
        for trigger, happening in _APPEND_ONLY.items():
            op.execute(
                f"CREATE TRIGGER {trigger} BEFORE {happening} ON change "
                "BEGIN SELECT RAISE(ABORT, 'the change sequence is append-only'); END"
            )
    else:
        op.execute("ALTER TABLE change ENABLE TRIGGER change_append_only")


_APPEND_ONLY = {"change_append_only_update": "UPDATE", "change_append_only_delete": "DELETE"}

_CHANGES = """
    SELECT c.seq AS seq, c.at AS at, c.kind AS kind, po.key AS portal_key, c.run_id AS run_id,
        c.document_id AS document_id, c.report_id AS report_id, c.version AS version,
        d.url AS url, c.detail AS detail, c.text_sha256 AS text_sha256
    FROM change c
    JOIN portal po ON po.id = c.portal_id
    LEFT JOIN document d ON d.id = c.document_id"""
