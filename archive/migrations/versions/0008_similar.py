"""Near-duplicates as a relation: signatures of texts and what they share.

The tables begin empty and nothing is said to be covered: signatures cost a millisecond a text, too
long for an upgrade that holds the archive; ``archive similar-index`` fills them from all texts there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "similar_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("watermark", sa.Integer(), nullable=False),
        sa.Column("numbered", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.Column("sampled_of", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_similar_state"),
    )
    op.create_table(
        "similar_text",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("shingles", sa.Integer(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["text_sha256"], ["text.sha256"], name="fk_similar_text_text_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_similar_text"),
        sa.UniqueConstraint("text_sha256", name="uq_similar_text_text_sha256"),
    )
    op.create_table(
        "similar_block",
        sa.Column("key", _big(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_similar_block"),
    )
    op.create_table(
        "similar_clause",
        sa.Column("hash", _big(), autoincrement=False, nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_similar_clause"),
    )


def _big() -> sa.types.TypeEngine[int]:
    """Only a key that SQLite calls INTEGER is its row number, found without a second tree."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
