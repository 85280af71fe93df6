"""How fresh each portal is, as a published view."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CONTRACT = 3
"""Version 2 was what revisions 0004 to 0009 published."""


def upgrade() -> None:
    # By subqueries and not by grouping: each is answered by the last rows of ix_run_portal_id_id.
    op.execute(
        """
        CREATE VIEW freshness AS
        SELECT p.key AS portal_key, p.name AS portal_name, p.level AS portal_level,
            p.division_code AS division_code, l.id AS last_run, l.trigger AS last_trigger,
            l.started AS last_started, l.finished AS last_finished, l.state AS last_state,
            l.summary AS last_summary, w.started AS last_complete,
            (SELECT count(*) FROM run b WHERE b.portal_id = p.id AND b.id > coalesce(w.id, 0)
                AND b.trigger NOT IN ('reextract', 'import', 'replay', 'probe')
                AND b.state <> 'running') AS failures,
            (SELECT min(b.started) FROM run b WHERE b.portal_id = p.id AND b.id > coalesce(w.id, 0)
                AND b.trigger NOT IN ('reextract', 'import', 'replay', 'probe')
                AND b.state <> 'running') AS failing_since
        FROM portal p
        LEFT JOIN run l ON l.id = (SELECT r.id FROM run r WHERE r.portal_id = p.id
            AND r.trigger NOT IN ('reextract', 'import', 'replay', 'probe')
            ORDER BY r.id DESC LIMIT 1)
        LEFT JOIN run w ON w.id = (SELECT r.id FROM run r WHERE r.portal_id = p.id
            AND r.trigger NOT IN ('reextract', 'import', 'replay', 'probe')
            AND r.state IN ('complete', 'nothing') ORDER BY r.id DESC LIMIT 1)"""
    )
    op.execute(f"UPDATE meta SET value = '{CONTRACT}' WHERE key = 'contract'")
