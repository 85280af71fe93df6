"""Merges and splits by hand, evidence before a document is gone, withdrawn personal data."""

import sqlalchemy as sa
from alembic import op

from archive.dbtypes import Json, UtcTime, Words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    _tables()
    _columns(sqlite)
    _fill()
    _redefine(sqlite, "reports", _reports(sqlite))
    _redefine(sqlite, "report_versions", _REPORT_VERSIONS)
    _redefine(sqlite, "documents", _DOCUMENTS)
    op.execute(f"CREATE VIEW report_numbers AS {_REPORT_NUMBERS}")
    op.execute(f"CREATE VIEW decisions AS {_DECISIONS}")
    op.execute(f"CREATE VIEW redactions AS {_REDACTIONS}")


def _tables() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("ids", Json(), nullable=False),
        sa.Column("note", Words()),
        sa.Column("undone_by_id", sa.Integer()),
        sa.ForeignKeyConstraint(["undone_by_id"], ["decision.id"], name="fk_decision_undone_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_report_id", "decision", ["report_id"])
    op.create_index("ix_decision_other_id", "decision", ["other_id"])
    op.create_table(
        "redaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.Integer()),
        sa.Column("titles", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_redaction_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_redaction"),
        sa.UniqueConstraint("kind", "digest", name="uq_redaction_kind_digest"),
    )
    op.create_index("ix_redaction_document_id", "redaction", ["document_id"])


def _columns(sqlite: bool) -> None:
    _refer(sqlite, "report", "merged_into_id", "report")
    _refer(sqlite, "report", "decision_id", "decision")
    op.add_column("report", sa.Column("vague", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("document", sa.Column("missing_since", UtcTime()))
    op.add_column("document", sa.Column("last_missed", UtcTime()))
    op.add_column("document", sa.Column("missed", sa.Integer(), nullable=False, server_default="0"))
    _refer(sqlite, "document", "decision_id", "decision")
    op.create_index("ix_report_merged_into_id", "report", ["merged_into_id"])
    vague = sa.text("vague")
    op.create_index("ix_report_vague", "report", ["portal_id"], sqlite_where=vague, postgresql_where=vague)


def _refer(sqlite: bool, table: str, column: str, target: str) -> None:
    if sqlite:  # adds a referring column only in plain SQL; Alembic would copy the whole table
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER "
            f"CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
        )
    else:
        op.add_column(table, sa.Column(column, sa.Integer()))
        op.create_foreign_key(f"fk_{table}_{column}", table, target, [column], ["id"])


def _fill() -> None:
    """What is gone stays gone: one answer was enough then, and its time is known."""
    op.execute(
        "UPDATE document SET missing_since = gone_since, last_missed = gone_since, missed = 1 "
        "WHERE gone_since IS NOT NULL"
    )
    op.execute(
        "UPDATE report SET vague = true WHERE year IS NULL "
        "OR NOT EXISTS (SELECT 1 FROM report_publisher rp WHERE rp.report_id = report.id)"
    )


def _redefine(sqlite: bool, view: str, query: str) -> None:
    if sqlite:  # it knows no CREATE OR REPLACE VIEW
        op.execute(f"DROP VIEW {view}")
        op.execute(f"CREATE VIEW {view} AS {query}")
    else:
        op.execute(f"CREATE OR REPLACE VIEW {view} AS {query}")


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
            e.index_number AS index_number, e.site_id_code AS site_id_code,
            d.missing_since AS missing_since, h.at AS redacted
        FROM report r
        JOIN portal po ON po.id = r.portal_id
        JOIN document d ON d.id = (
            SELECT x.id FROM document x WHERE x.report_id = r.id
            ORDER BY CASE x.state
                    WHEN 'live' THEN CASE WHEN x.missing_since IS NULL THEN 0 ELSE 1 END
                    WHEN 'gone' THEN 2 WHEN 'moved' THEN 3 ELSE 4 END,
                x.id
            LIMIT 1)
        JOIN version v ON v.document_id = d.id AND v.number = (
            SELECT max(y.number) FROM version y WHERE y.document_id = d.id)
        JOIN extraction e ON e.id = v.extraction_id
        JOIN text t ON t.sha256 = v.text_sha256
        LEFT JOIN redaction h ON h.kind = 'text' AND h.digest = v.text_sha256
        WHERE r.merged_into_id IS NULL"""


_REPORT_VERSIONS = """
    SELECT d.report_id AS report_id, d.id AS document_id, v.number AS version, d.url AS url,
        d.state AS document_state, e.title AS title, e.published AS published,
        e.report_year AS report_year, e.report_kind AS report_kind,
        v.text_sha256 AS text_sha256, t.characters AS characters, t.content AS text,
        e.extractor AS extractor, e.version AS extractor_version,
        c.fetched_at AS fetched_at, c.payload_sha256 AS payload_sha256,
        v.first_seen AS first_seen, v.last_seen AS last_seen, h.at AS redacted
    FROM version v
    JOIN document d ON d.id = v.document_id
    JOIN extraction e ON e.id = v.extraction_id
    JOIN capture c ON c.id = e.capture_id
    JOIN text t ON t.sha256 = v.text_sha256
    LEFT JOIN redaction h ON h.kind = 'text' AND h.digest = v.text_sha256
    WHERE d.report_id IS NOT NULL"""

_DOCUMENTS = """
    SELECT d.id AS document_id, d.report_id AS report_id, po.key AS portal_key, d.url AS url,
        d.role AS role, d.parent_id AS parent_id, d.state AS state, d.verdict AS verdict,
        d.verdict_reason AS verdict_reason, e.title AS title, v.number AS versions,
        d.first_seen AS first_seen, d.last_seen AS last_seen,
        f.last_checked AS last_checked, f.last_outcome AS last_outcome,
        d.gone_since AS gone_since, d.moved_to_id AS moved_to_id, m.url AS moved_to_url,
        d.missing_since AS missing_since, d.missed AS missed
    FROM document d
    JOIN portal po ON po.id = d.portal_id
    JOIN frontier f ON f.id = d.frontier_id
    JOIN version v ON v.document_id = d.id AND v.number = (
        SELECT max(y.number) FROM version y WHERE y.document_id = d.id)
    JOIN extraction e ON e.id = v.extraction_id
    LEFT JOIN document m ON m.id = d.moved_to_id"""

_REPORT_NUMBERS = """
    WITH RECURSIVE follow(report_id, current_id, merged_into_id) AS (
        SELECT r.id, r.id, r.merged_into_id FROM report r
        UNION ALL
        SELECT f.report_id, r.id, r.merged_into_id FROM follow f JOIN report r ON r.id = f.merged_into_id)
    SELECT report_id AS report_id, current_id AS current_id FROM follow WHERE merged_into_id IS NULL"""

_DECISIONS = """
    SELECT n.id AS decision_id, n.at AS at, n.by AS by, n.kind AS kind, n.report_id AS report_id,
        n.other_id AS other_id, n.note AS note, n.undone_by_id AS undone_by_id
    FROM decision n"""

_REDACTIONS = """
    SELECT h.id AS redaction_id, h.at AS at, h.by AS by, h.reason AS reason, h.kind AS kind,
        h.digest AS digest, COALESCE(t.characters, p.size) AS size, h.document_id AS document_id,
        d.report_id AS report_id, d.url AS url
    FROM redaction h
    LEFT JOIN text t ON h.kind = 'text' AND t.sha256 = h.digest
    LEFT JOIN payload p ON h.kind = 'payload' AND p.sha256 = h.digest
    LEFT JOIN document d ON d.id = h.document_id"""
