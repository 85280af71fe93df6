"""Sections and figures of each reading, and their published views; ``reports`` tells the missing parts."""

import sqlalchemy as sa
from alembic import op

from archive.dbtypes import Number, Parts, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("extraction", sa.Column("missing_parts", Parts()))
    _tables()
    if sqlite:  # it knows no CREATE OR REPLACE VIEW
        op.execute("DROP VIEW reports")
        op.execute(f"CREATE VIEW reports AS {_reports(sqlite)}")
    else:
        op.execute(f"CREATE OR REPLACE VIEW reports AS {_reports(sqlite)}")
    op.execute(f"CREATE VIEW report_sections AS {_REPORT_SECTIONS}")
    op.execute(f"CREATE VIEW report_figures AS {_REPORT_FIGURES}")


def _tables() -> None:
    op.create_table(
        "section",
        sa.Column("extraction_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("parts", Parts(), nullable=False),
        sa.Column("number", Words(), nullable=False),
        sa.Column("heading", Words(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("thematic", sa.Boolean(), nullable=False),
        sa.Column("parent", sa.Integer()),
        sa.Column("start_offset", sa.Integer(), nullable=False),
        sa.Column("text_offset", sa.Integer(), nullable=False),
        sa.Column("end_offset", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_section_extraction_id"),
        sa.PrimaryKeyConstraint("extraction_id", "position", name="pk_section"),
    )
    op.create_table(
        "figure",
        sa.Column("extraction_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("label", Words(), nullable=False),
        sa.Column("value", Number(), nullable=False),
        sa.Column("unit", Words(), nullable=False),
        sa.Column("qualifier", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("named_year", sa.Integer()),
        sa.Column("within", sa.Boolean(), nullable=False),
        sa.Column("parts", Parts(), nullable=False),
        sa.Column("start_offset", sa.Integer(), nullable=False),
        sa.Column("end_offset", sa.Integer(), nullable=False),
        sa.Column("sentence_start", sa.Integer(), nullable=False),
        sa.Column("sentence_end", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_figure_extraction_id"),
        sa.PrimaryKeyConstraint("extraction_id", "position", name="pk_figure"),
    )
    op.create_index("ix_figure_measure", "figure", ["measure", "extraction_id"])


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
            e.missing_parts AS missing_parts
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


_REPORT_SECTIONS = """
    SELECT r.report_id AS report_id, r.year AS year, r.publishers AS publishers,
        r.document_id AS document_id, r.version AS version, s.position AS position,
        p.part AS part, s.parts AS parts, s.number AS number, s.heading AS heading, s.level AS level,
        s.thematic AS thematic, s.parent AS parent, s.start_offset AS start_offset,
        s.text_offset AS text_offset, s.end_offset AS end_offset,
        s.end_offset - s.start_offset AS characters,
        substr(t.content, s.start_offset + 1, s.end_offset - s.start_offset) AS text
    FROM reports r
    JOIN version v ON v.document_id = r.document_id AND v.number = r.version
    JOIN text t ON t.sha256 = v.text_sha256
    JOIN section s ON s.extraction_id = v.extraction_id
    LEFT JOIN (SELECT 1 AS part UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) p
        ON '+' || s.parts || '+' LIKE '%+' || p.part || '+%'"""

_REPORT_FIGURES = """
    SELECT r.report_id AS report_id, r.year AS year, r.publishers AS publishers,
        r.document_id AS document_id, r.version AS version, f.position AS position,
        f.measure AS measure, f.label AS label, f.value AS value, f.unit AS unit,
        f.qualifier AS qualifier, f.scope AS scope, f.named_year AS named_year, f.within AS within,
        CASE WHEN length(f.parts) = 1 THEN CAST(f.parts AS integer) END AS part, f.parts AS parts,
        f.start_offset AS start_offset, f.end_offset AS end_offset,
        substr(t.content, f.sentence_start + 1, f.sentence_end - f.sentence_start) AS sentence
    FROM reports r
    JOIN version v ON v.document_id = r.document_id AND v.number = r.version
    JOIN text t ON t.sha256 = v.text_sha256
    JOIN figure f ON f.extraction_id = v.extraction_id"""
