"""Quarantine, articles in several pages, and what an index table says: signed date, 发文字号, 索引号."""

import sqlalchemy as sa
from alembic import op

from archive.dbtypes import Json, UtcTime, Words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("extraction", sa.Column("signed", sa.Date()))
    op.add_column("extraction", sa.Column("document_number", Words()))
    op.add_column("extraction", sa.Column("index_number", Words()))
    op.add_column("extraction", sa.Column("doubts", Json(none_as_null=True)))
    _parts(sqlite)
    _table()
    if sqlite:  # it knows no CREATE OR REPLACE VIEW
        op.execute("DROP VIEW reports")
        op.execute(f"CREATE VIEW reports AS {_reports(sqlite)}")
    else:
        op.execute(f"CREATE OR REPLACE VIEW reports AS {_reports(sqlite)}")
    op.execute(f"CREATE VIEW quarantined AS {_quarantined(sqlite)}")


def _parts(sqlite: bool) -> None:
    """The pages of an article after its first point to the capture of the first."""
    if sqlite:  # adds a referring column only in plain SQL; Alembic would copy the whole table
        op.execute(
            "ALTER TABLE capture ADD COLUMN part_of_id INTEGER "
            "CONSTRAINT fk_capture_part_of_id REFERENCES capture (id)"
        )
    else:
        op.add_column("capture", sa.Column("part_of_id", sa.Integer()))
        op.create_foreign_key("fk_capture_part_of_id", "capture", "capture", ["part_of_id"], ["id"])
    op.add_column("capture", sa.Column("part", sa.Integer()))
    op.create_index("ix_capture_part_of_id", "capture", ["part_of_id"])
    # A page is looked up by its files, and its files by the page.
    op.create_index("ix_frontier_found_on_id", "frontier", ["found_on_id"])
    op.create_index("ix_document_parent_id", "document", ["parent_id"])


def _table() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("frontier_id", sa.Integer(), nullable=False),
        sa.Column("extraction_id", sa.Integer(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64)),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", Words()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_step", Words(), nullable=False),
        sa.Column("opened", UtcTime(), nullable=False),
        sa.Column("last_seen", UtcTime(), nullable=False),
        sa.Column("decided", UtcTime()),
        sa.Column("decided_by", Words()),
        sa.Column("note", Words()),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], name="fk_quarantine_portal_id"),
        sa.ForeignKeyConstraint(["frontier_id"], ["frontier.id"], name="fk_quarantine_frontier_id"),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_quarantine_extraction_id"),
        sa.ForeignKeyConstraint(["text_sha256"], ["text.sha256"], name="fk_quarantine_text_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
    )
    op.create_index("ix_quarantine_frontier_id", "quarantine", ["frontier_id"])
    op.create_index("ix_quarantine_state", "quarantine", ["state", "portal_id"])
    undecided = sa.text("state IN ('checking', 'waiting')")
    op.create_index(
        "uq_quarantine_frontier_id",
        "quarantine",
        ["frontier_id"],
        unique=True,
        sqlite_where=undecided,
        postgresql_where=undecided,
    )


def _joined(sqlite: bool, column: str) -> str:
    """The publishers of report ``r`` in their printed order, joined by 、."""
    rows = (
        "FROM report_publisher rp JOIN publisher p ON p.id = rp.publisher_id "
        f"WHERE rp.report_id = r.id AND p.{column} IS NOT NULL"
    )
    if sqlite:  # its aggregates take no ORDER BY before 3.44
        return (
            f"(SELECT group_concat({column}, '、') FROM "
            f"(SELECT p.{column} AS {column} {rows} ORDER BY rp.position))"
        )
    return f"(SELECT string_agg(p.{column}, '、' ORDER BY rp.position) {rows})"


def _reports(sqlite: bool) -> str:
    return f"""
        SELECT r.id AS report_id, po.key AS portal_key, po.name AS portal_name,
            po.level AS portal_level, po.division_code AS division_code,
            r.year AS year, r.kind AS kind, r.title AS title,
            {_joined(sqlite, "name")} AS publishers, {_joined(sqlite, "code")} AS publisher_codes,
            r.published AS published, d.state AS state, d.url AS url, d.id AS document_id,
            v.number AS version, t.characters AS characters, v.text_sha256 AS text_sha256,
            (SELECT count(*) FROM document x WHERE x.report_id = r.id) AS documents,
            (SELECT min(x.first_seen) FROM document x WHERE x.report_id = r.id) AS first_seen,
            (SELECT max(x.last_seen) FROM document x WHERE x.report_id = r.id) AS last_seen,
            e.missing_parts AS missing_parts, e.signed AS signed, e.document_number AS document_number,
            e.index_number AS index_number, e.site_id_code AS site_id_code
        FROM report r
        JOIN portal po ON po.id = r.portal_id
        JOIN document d ON d.id = (
            SELECT x.id FROM document x WHERE x.report_id = r.id
            ORDER BY CASE x.state WHEN 'live' THEN 0 WHEN 'gone' THEN 1 WHEN 'moved' THEN 2 ELSE 3 END,
                x.id
            LIMIT 1)
        JOIN version v ON v.document_id = d.id AND v.number = (
            SELECT max(y.number) FROM version y WHERE y.document_id = d.id)
        JOIN extraction e ON e.id = v.extraction_id
        JOIN text t ON t.sha256 = v.text_sha256"""


def _quarantined(sqlite: bool) -> str:
    names = (
        "(SELECT group_concat(json_extract(j.value, '$.name'), '、') FROM json_each(e.publishers) j)"
        if sqlite
        else "(SELECT string_agg(j.value ->> 'name', '、' ORDER BY j.ordinality) "
        "FROM json_array_elements(e.publishers::json) WITH ORDINALITY j)"
    )
    return f"""
        SELECT q.id AS quarantine_id, po.key AS portal_key, f.url AS url, e.title AS title,
            e.report_year AS report_year, {names} AS publishers, q.reason AS reason, q.detail AS detail,
            q.state AS state, q.attempts AS attempts, q.next_step AS next_step, q.opened AS opened,
            q.last_seen AS last_seen, q.decided AS decided, q.decided_by AS decided_by, q.note AS note,
            t.characters AS characters, d.id AS document_id, q.text_sha256 AS text_sha256
        FROM quarantine q
        JOIN portal po ON po.id = q.portal_id
        JOIN frontier f ON f.id = q.frontier_id
        JOIN extraction e ON e.id = q.extraction_id
        LEFT JOIN text t ON t.sha256 = q.text_sha256
        LEFT JOIN document d ON d.frontier_id = q.frontier_id"""
