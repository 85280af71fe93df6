"""The search index: words of every text, by the segmenter that cut them.

Triggers note the reports whose entries are to be made anew, whoever changes them; the transaction
that noted them brings the index up to date before it ends (``archive.search_index.catch_up``).
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["text_sha256"], ["text.sha256"], name="fk_search_entry_text_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_search_entry"),
        sa.UniqueConstraint("report_id", "text_sha256", name="uq_search_entry_report_id_text_sha256"),
    )
    op.create_index("ix_search_entry_text_sha256", "search_entry", ["text_sha256"])
    op.create_table(
        "search_stale",
        sa.Column("report_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("report_id", name="pk_search_stale"),
    )
    for statement in _SQLITE if sqlite else _POSTGRESQL:
        op.execute(statement)
    op.execute("INSERT INTO search_stale SELECT id FROM report")


def _noting(name: str, event: str, rows: str) -> str:
    """A trigger of SQLite that notes reports."""
    return (
        f"CREATE TRIGGER search_{name} AFTER {event} BEGIN "
        f"INSERT INTO search_stale SELECT DISTINCT report_id FROM ({rows}) AS noted "
        "WHERE report_id IS NOT NULL AND report_id NOT IN (SELECT report_id FROM search_stale); END"
    )


def _of(row: str) -> str:
    return f"SELECT report_id FROM document WHERE id = {row}.document_id"


_BOTH = "SELECT OLD.report_id AS report_id UNION ALL SELECT NEW.report_id"
_SQLITE = (
    # The tokens come ready: "ascii" takes every character beyond ASCII as part of one. No positions, no
    # column sizes, no copy of the tokens: phrases are checked in the text, ranking stands in the tokens.
    """CREATE VIRTUAL TABLE search_index USING
        fts5(tokens, content='', detail='none', columnsize=0, tokenize='ascii')""",
    _noting("version_insert", "INSERT ON version", _of("NEW")),
    _noting("version_update", "UPDATE ON version", f"{_of('OLD')} UNION ALL {_of('NEW')}"),
    _noting("version_delete", "DELETE ON version", _of("OLD")),
    _noting("document_insert", "INSERT ON document", "SELECT NEW.report_id AS report_id"),
    _noting("document_update", "UPDATE OF report_id ON document", _BOTH),
    _noting("document_delete", "DELETE ON document", "SELECT OLD.report_id AS report_id"),
    _noting("report_update", "UPDATE OF year, portal_id ON report", "SELECT NEW.id AS report_id"),
    _noting("report_delete", "DELETE ON report", "SELECT OLD.id AS report_id"),
)
_POSTGRESQL = (
    """CREATE TABLE search_index (
        id bigint PRIMARY KEY REFERENCES search_entry (id) ON DELETE CASCADE,
        plain integer[] NOT NULL,
        marked bigint[] NOT NULL)""",
    # Without fastupdate: every search would read the list of what is not yet sorted in.
    "CREATE INDEX ix_search_index_tokens ON search_index USING gin (plain, marked) WITH (fastupdate = off)",
    """CREATE FUNCTION search_note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_TABLE_NAME = 'version' THEN
            INSERT INTO search_stale SELECT DISTINCT d.report_id FROM document d
            WHERE d.report_id IS NOT NULL AND d.id IN (OLD.document_id, NEW.document_id)
            ON CONFLICT DO NOTHING;
        ELSIF TG_TABLE_NAME = 'document' THEN
            INSERT INTO search_stale SELECT DISTINCT noted FROM unnest(ARRAY[OLD.report_id, NEW.report_id]) noted
            WHERE noted IS NOT NULL ON CONFLICT DO NOTHING;
        ELSE
            INSERT INTO search_stale VALUES (COALESCE(NEW.id, OLD.id)) ON CONFLICT DO NOTHING;
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER search_version AFTER INSERT OR UPDATE OR DELETE ON version
    FOR EACH ROW EXECUTE FUNCTION search_note()""",
    """CREATE TRIGGER search_document AFTER INSERT OR UPDATE OF report_id OR DELETE ON document
    FOR EACH ROW EXECUTE FUNCTION search_note()""",
    """CREATE TRIGGER search_report AFTER UPDATE OF year, portal_id OR DELETE ON report
    FOR EACH ROW EXECUTE FUNCTION search_note()""",
)
