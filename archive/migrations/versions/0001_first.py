"""The first schema: tables, published views, an append-only change sequence."""

import sqlalchemy as sa
from alembic import op

from archive.dbtypes import Json, UtcTime, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, query in _views(sqlite).items():
        op.execute(f"CREATE VIEW {name} AS {query}")
    for statement in _APPEND_ONLY_SQLITE if sqlite else _APPEND_ONLY_POSTGRESQL:
        op.execute(statement)
    if not sqlite:
        # Payloads are compressed already; PostgreSQL need not try again.
        op.execute("ALTER TABLE payload ALTER COLUMN data SET STORAGE EXTERNAL")


_APPEND_ONLY_SQLITE = (
    """CREATE TRIGGER change_append_only_update BEFORE UPDATE ON change
    BEGIN SELECT RAISE(ABORT, 'the change sequence is append-only'); END""",
    """CREATE TRIGGER change_append_only_delete BEFORE DELETE ON change
    BEGIN SELECT RAISE(ABORT, 'the change sequence is append-only'); END""",
)

_APPEND_ONLY_POSTGRESQL = (
    """CREATE FUNCTION change_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the change sequence is append-only'; END $$""",
    """CREATE TRIGGER change_append_only BEFORE UPDATE OR DELETE ON change
    FOR EACH ROW EXECUTE FUNCTION change_append_only()""",
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


def _views(sqlite: bool) -> dict[str, str]:
    return {
        "reports": f"""
            SELECT r.id AS report_id, po.key AS portal_key, po.name AS portal_name,
                po.level AS portal_level, po.division_code AS division_code,
                r.year AS year, r.kind AS kind, r.title AS title,
                {_joined(sqlite, "name")} AS publishers, {_joined(sqlite, "code")} AS publisher_codes,
                r.published AS published, d.state AS state, d.url AS url, d.id AS document_id,
                v.number AS version, t.characters AS characters, v.text_sha256 AS text_sha256,
                (SELECT count(*) FROM document x WHERE x.report_id = r.id) AS documents,
                (SELECT min(x.first_seen) FROM document x WHERE x.report_id = r.id) AS first_seen,
                (SELECT max(x.last_seen) FROM document x WHERE x.report_id = r.id) AS last_seen
            FROM report r
            JOIN portal po ON po.id = r.portal_id
            JOIN document d ON d.id = (
                SELECT x.id FROM document x WHERE x.report_id = r.id
                ORDER BY CASE x.state WHEN 'live' THEN 0 WHEN 'gone' THEN 1 WHEN 'moved' THEN 2 ELSE 3 END,
                    x.id
                LIMIT 1)
            JOIN version v ON v.document_id = d.id AND v.number = (
                SELECT max(y.number) FROM version y WHERE y.document_id = d.id)
            JOIN text t ON t.sha256 = v.text_sha256""",
        "report_versions": """
            SELECT d.report_id AS report_id, d.id AS document_id, v.number AS version, d.url AS url,
                d.state AS document_state, e.title AS title, e.published AS published,
                e.report_year AS report_year, e.report_kind AS report_kind,
                v.text_sha256 AS text_sha256, t.characters AS characters, t.content AS text,
                e.extractor AS extractor, e.version AS extractor_version,
                c.fetched_at AS fetched_at, c.payload_sha256 AS payload_sha256,
                v.first_seen AS first_seen, v.last_seen AS last_seen
            FROM version v
            JOIN document d ON d.id = v.document_id
            JOIN extraction e ON e.id = v.extraction_id
            JOIN capture c ON c.id = e.capture_id
            JOIN text t ON t.sha256 = v.text_sha256
            WHERE d.report_id IS NOT NULL""",
        "documents": """
            SELECT d.id AS document_id, d.report_id AS report_id, po.key AS portal_key, d.url AS url,
                d.role AS role, d.parent_id AS parent_id, d.state AS state, d.verdict AS verdict,
                d.verdict_reason AS verdict_reason, e.title AS title, v.number AS versions,
                d.first_seen AS first_seen, d.last_seen AS last_seen,
                f.last_checked AS last_checked, f.last_outcome AS last_outcome,
                d.gone_since AS gone_since, d.moved_to_id AS moved_to_id, m.url AS moved_to_url
            FROM document d
            JOIN portal po ON po.id = d.portal_id
            JOIN frontier f ON f.id = d.frontier_id
            JOIN version v ON v.document_id = d.id AND v.number = (
                SELECT max(y.number) FROM version y WHERE y.document_id = d.id)
            JOIN extraction e ON e.id = v.extraction_id
            LEFT JOIN document m ON m.id = d.moved_to_id""",
        "changes": """
            SELECT c.seq AS seq, c.at AS at, c.kind AS kind, po.key AS portal_key, c.run_id AS run_id,
                c.document_id AS document_id, c.report_id AS report_id, c.version AS version,
                d.url AS url, c.detail AS detail
            FROM change c
            JOIN portal po ON po.id = c.portal_id
            LEFT JOIN document d ON d.id = c.document_id""",
    }


def _tables() -> None:
    op.create_table(
        "payload",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", Words()),
        sa.PrimaryKeyConstraint("sha256", name="pk_payload"),
    )
    op.create_table(
        "portal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("division_code", sa.String()),
        sa.Column("home_url", Words(), nullable=False),
        sa.Column("platform", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_portal"),
        sa.UniqueConstraint("key", name="uq_portal_key"),
    )
    op.create_table(
        "text",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", Words(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_text"),
    )
    op.create_table(
        "publisher",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String()),
        sa.Column("name", Words(), nullable=False),
        sa.Column("level", sa.String()),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], name="fk_publisher_portal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_publisher"),
    )
    op.create_index(
        "uq_publisher_code",
        "publisher",
        ["code"],
        unique=True,
        sqlite_where=sa.text("code IS NOT NULL"),
        postgresql_where=sa.text("code IS NOT NULL"),
    )
    op.create_index(
        "uq_publisher_portal_id_name",
        "publisher",
        ["portal_id", "name"],
        unique=True,
        sqlite_where=sa.text("code IS NULL"),
        postgresql_where=sa.text("code IS NULL"),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("year", sa.Integer()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("published", sa.Date()),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], name="fk_report_portal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
    )
    op.create_index("ix_report_portal_id", "report", ["portal_id"])
    op.create_index("ix_report_year", "report", ["year", "kind"])
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("trigger", Words(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("code_version", Words(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("vantage", Words()),
        sa.Column("started", UtcTime(), nullable=False),
        sa.Column("heartbeat", UtcTime(), nullable=False),
        sa.Column("finished", UtcTime()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("counters", Json(), nullable=False),
        sa.Column("summary", Words()),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], name="fk_run_portal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_portal_id", "run", ["portal_id"])
    op.create_table(
        "frontier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("url", Words(), nullable=False),
        sa.Column("fetch_url", Words(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("title", Words()),
        sa.Column("listed_date", sa.Date()),
        sa.Column("column", Words()),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", Words()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", UtcTime()),
        sa.Column("last_outcome", sa.String()),
        sa.Column("last_status", sa.Integer()),
        sa.Column("last_detail", Words()),
        sa.Column("last_checked", UtcTime()),
        sa.Column("last_run_id", sa.Integer()),
        sa.Column("last_listed_run_id", sa.Integer()),
        sa.Column("etag", Words()),
        sa.Column("last_modified", Words()),
        sa.Column("payload_sha256", sa.String(length=64)),
        sa.Column("found_on_id", sa.Integer()),
        sa.Column("listing", Json()),
        sa.ForeignKeyConstraint(["found_on_id"], ["frontier.id"], name="fk_frontier_found_on_id"),
        sa.ForeignKeyConstraint(["last_listed_run_id"], ["run.id"], name="fk_frontier_last_listed_run_id"),
        sa.ForeignKeyConstraint(["last_run_id"], ["run.id"], name="fk_frontier_last_run_id"),
        sa.ForeignKeyConstraint(["payload_sha256"], ["payload.sha256"], name="fk_frontier_payload_sha256"),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], name="fk_frontier_portal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_frontier"),
        sa.UniqueConstraint("portal_id", "url", name="uq_frontier_portal_id_url"),
    )
    op.create_index("ix_frontier_queue", "frontier", ["portal_id", "state", sa.text("priority DESC"), "id"])
    op.create_index("ix_frontier_checked", "frontier", ["portal_id", "kind", "last_checked"])
    op.create_table(
        "lease",
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("acquired", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], name="fk_lease_portal_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_lease_run_id"),
        sa.PrimaryKeyConstraint("portal_id", name="pk_lease"),
    )
    op.create_table(
        "report_publisher",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("publisher_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["publisher_id"], ["publisher.id"], name="fk_report_publisher_publisher_id"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_report_publisher_report_id"),
        sa.PrimaryKeyConstraint("report_id", "publisher_id", name="pk_report_publisher"),
    )
    op.create_index("ix_report_publisher_publisher_id", "report_publisher", ["publisher_id"])
    op.create_table(
        "capture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("frontier_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("url", Words(), nullable=False),
        sa.Column("final_url", Words()),
        sa.Column("redirects", Json(), nullable=False),
        sa.Column("fetched_at", UtcTime(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", Json(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("detail", Words()),
        sa.Column("payload_sha256", sa.String(length=64)),
        sa.Column("media_type", Words()),
        sa.ForeignKeyConstraint(["frontier_id"], ["frontier.id"], name="fk_capture_frontier_id"),
        sa.ForeignKeyConstraint(["payload_sha256"], ["payload.sha256"], name="fk_capture_payload_sha256"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_capture_run_id"),
        sa.PrimaryKeyConstraint("id", name="pk_capture"),
    )
    op.create_index("ix_capture_frontier_id", "capture", ["frontier_id"])
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("frontier_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer()),
        sa.Column("parent_id", sa.Integer()),
        sa.Column("url", Words(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("verdict_reason", Words(), nullable=False),
        sa.Column("first_seen", UtcTime(), nullable=False),
        sa.Column("last_seen", UtcTime(), nullable=False),
        sa.Column("gone_since", UtcTime()),
        sa.Column("moved_to_id", sa.Integer()),
        sa.ForeignKeyConstraint(["frontier_id"], ["frontier.id"], name="fk_document_frontier_id"),
        sa.ForeignKeyConstraint(["moved_to_id"], ["document.id"], name="fk_document_moved_to_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["document.id"], name="fk_document_parent_id"),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], name="fk_document_portal_id"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_document_report_id"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.UniqueConstraint("frontier_id", name="uq_document_frontier_id"),
    )
    op.create_index("ix_document_report_id", "document", ["report_id"])
    op.create_index("ix_document_state", "document", ["portal_id", "state"])
    op.create_index("ix_document_url", "document", ["url"])
    op.create_index("ix_document_verdict", "document", ["verdict", "portal_id"])
    op.create_table(
        "change",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("document_id", sa.Integer()),
        sa.Column("report_id", sa.Integer()),
        sa.Column("version", sa.Integer()),
        sa.Column("detail", Words()),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_change_document_id"),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], name="fk_change_portal_id"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_change_report_id"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_change_run_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_change"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_document_id", "change", ["document_id"])
    op.create_index("ix_change_report_id", "change", ["report_id"])
    op.create_table(
        "extraction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.Column("extractor", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64)),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("verdict_reason", Words(), nullable=False),
        sa.Column("title", Words()),
        sa.Column("published", sa.Date()),
        sa.Column("source", Words()),
        sa.Column("column", Words()),
        sa.Column("site_id_code", Words()),
        sa.Column("report_year", sa.Integer()),
        sa.Column("year_confidence", sa.Float()),
        sa.Column("report_kind", sa.String()),
        sa.Column("publishers", Json(), nullable=False),
        sa.Column("metadata", Json(), nullable=False),
        sa.Column("quality", Json(), nullable=False),
        sa.Column("warnings", Json(), nullable=False),
        sa.Column("error", Words()),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"], name="fk_extraction_capture_id"),
        sa.ForeignKeyConstraint(["text_sha256"], ["text.sha256"], name="fk_extraction_text_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_extraction"),
    )
    op.create_index("ix_extraction_capture_id", "extraction", ["capture_id"])
    op.create_table(
        "version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("extraction_id", sa.Integer(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("first_seen", UtcTime(), nullable=False),
        sa.Column("last_seen", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_version_document_id"),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_version_extraction_id"),
        sa.ForeignKeyConstraint(["text_sha256"], ["text.sha256"], name="fk_version_text_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_version"),
        sa.UniqueConstraint("document_id", "number", name="uq_version_document_id_number"),
    )
    op.create_index("ix_version_text_sha256", "version", ["text_sha256"])
