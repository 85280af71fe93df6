"""Who must report, from when to when."""

import sqlalchemy as sa
from alembic import op

from archive.dbtypes import UtcTime, Words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # An archive cannot fill them from what it holds: who must report stands in the crawler's seeds. The
    # next `crawler run`, or `crawler roster sync`, brings it.
    op.create_table(
        "roster_place",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("province", Words(), nullable=False),
        sa.Column("city", Words(), nullable=False),
        sa.Column("county", Words(), nullable=False),
        sa.Column("portal_key", sa.String()),
        sa.Column("home_url", Words()),
        sa.PrimaryKeyConstraint("place", name="pk_roster_place"),
    )
    op.create_index("ix_roster_place_portal_key", "roster_place", ["portal_key"])
    op.create_index("ix_roster_place_province", "roster_place", ["province"])
    op.create_table(
        "roster",
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("dropped", UtcTime()),
        sa.PrimaryKeyConstraint("body", "ordinal", name="pk_roster"),
    )
    op.create_index("ix_roster_place", "roster", ["place"])
    op.execute(
        """
        CREATE VIEW bodies AS
        SELECT r.body AS body, r.ordinal AS ordinal,
            CASE WHEN r.body LIKE '%/%' THEN NULL ELSE r.body END AS code,
            r.name AS name, r.level AS level, r.kind AS kind, p.place AS place, p.province AS province,
            p.city AS city, p.county AS county, p.portal_key AS portal_key, p.home_url AS home_url,
            r.valid_from AS valid_from, r.valid_to AS valid_to, r.dropped AS dropped
        FROM roster r
        JOIN roster_place p ON p.place = r.place"""
    )
