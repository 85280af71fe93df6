"""Archives of the first revision, and what an upgrade must leave as it was."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
import zstandard
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine

import archive
from archive.text import bytes_digest, digest
from tests.archive.builder import PARTED

BODY = b"<html>\x00\xff as received</html>"
MOMENT = "2026-03-01 08:00:00.000000+00:00"
FIRST_ARCHIVE: tuple[tuple[str, dict[str, object]], ...] = (
    (
        "portal",
        {
            "id": 1,
            "key": "qinghe",
            "name": "清河区",
            "level": "county",
            "home_url": "http://a/",
            "state": "known",
        },
    ),
    (
        "run",
        {
            "id": 1,
            "portal_id": 1,
            "trigger": "test",
            "owner": "test",
            "code_version": "0",
            "options": "{}",
            "started": MOMENT,
            "heartbeat": MOMENT,
            "finished": MOMENT,
            "state": "complete",
            "counters": "{}",
        },
    ),
    (
        "payload",
        {
            "sha256": bytes_digest(BODY),
            "data": zstandard.ZstdCompressor().compress(BODY),
            "size": len(BODY),
        },
    ),
    (
        "frontier",
        {
            "id": 1,
            "portal_id": 1,
            "url": "http://www.example.gov.cn/a.html",
            "fetch_url": "http://www.example.gov.cn/a.html",
            "kind": "page",
            "how": "listed",
            "state": "done",
            "priority": 0,
            "verdict": "report",
            "attempts": 0,
            "last_checked": MOMENT,
            "last_run_id": 1,
            "payload_sha256": bytes_digest(BODY),
        },
    ),
    (
        "capture",
        {
            "id": 1,
            "frontier_id": 1,
            "run_id": 1,
            "url": "http://www.example.gov.cn/a.html",
            "redirects": "[]",
            "fetched_at": MOMENT,
            "headers": "{}",
            "outcome": "ok",
            "payload_sha256": bytes_digest(BODY),
        },
    ),
    ("text", {"sha256": digest(PARTED), "content": PARTED, "characters": len(PARTED)}),
    (
        "extraction",
        {
            "id": 1,
            "capture_id": 1,
            "extractor": "portal",
            "version": "1",
            "options": "{}",
            "at": MOMENT,
            "text_sha256": digest(PARTED),
            "verdict": "report",
            "verdict_reason": "title",
            "title": "清河街道2025年法治政府建设年度报告",
            "report_year": 2025,
            "publishers": "[]",
            "metadata": "{}",
            "quality": "{}",
            "warnings": "[]",
        },
    ),
    ("report", {"id": 1, "portal_id": 1, "title": "清河街道报告", "year": 2025, "kind": "annual"}),
    (
        "document",
        {
            "id": 1,
            "portal_id": 1,
            "frontier_id": 1,
            "report_id": 1,
            "url": "http://www.example.gov.cn/a.html",
            "role": "page",
            "state": "live",
            "verdict": "report",
            "verdict_reason": "title",
            "first_seen": MOMENT,
            "last_seen": MOMENT,
        },
    ),
    (
        "version",
        {
            "id": 1,
            "document_id": 1,
            "number": 1,
            "extraction_id": 1,
            "text_sha256": digest(PARTED),
            "first_seen": MOMENT,
            "last_seen": MOMENT,
        },
    ),
    (
        "change",
        {
            "seq": 1,
            "at": MOMENT,
            "kind": "new",
            "portal_id": 1,
            "run_id": 1,
            "document_id": 1,
            "report_id": 1,
        },
    ),
)
"""Rows as the first revision kept them, written past today's tables."""


def make_first(url: str, then: str | None = None) -> None:
    engine = plain_engine(url)
    config = Config()
    config.set_main_option("script_location", str(Path(archive.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for table, values in FIRST_ARCHIVE:
            names = ", ".join(f'"{name}"' for name in values)
            marks = ", ".join(f":{name}" for name in values)
            connection.execute(sa.text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'), values)
        if engine.dialect.name == "postgresql":
            for table in (
                "portal",
                "run",
                "frontier",
                "capture",
                "extraction",
                "report",
                "document",
                "version",
            ):
                connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1)")
            connection.exec_driver_sql("SELECT setval(pg_get_serial_sequence('change', 'seq'), 1)")
        if then is not None:
            command.upgrade(config, then)
    engine.dispose()


def plain_engine(url: str) -> Engine:
    """A connection that knows nothing of revisions."""
    return sa.create_engine(
        url.replace("postgresql://", "postgresql+psycopg://") if "://" in url else f"sqlite:///{url}"
    )


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the first revision's tables, in the columns that it had; and the names of all relations."""
    engine = plain_engine(url)
    with engine.connect() as connection:
        rows = {
            table: [
                tuple(row)
                for row in connection.exec_driver_sql(
                    f'SELECT {", ".join(chr(34) + name + chr(34) for name in values)} FROM "{table}"'
                )
            ]
            for table, values in FIRST_ARCHIVE
        }
    engine.dispose()
    return rows


def state(url: str) -> tuple[object, ...]:
    """Revision, relations and columns: what an interrupted upgrade must leave alone."""
    engine = plain_engine(url)
    with engine.connect() as connection:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        inspector = sa.inspect(connection)
        found = (
            revision,
            # SQLite's full-text index keeps itself in tables of its own.
            sorted(name for name in inspector.get_table_names() if not name.startswith("search_index_")),
            sorted(inspector.get_view_names()),
            [column["name"] for column in inspector.get_columns("extraction")],
            [column["name"] for column in inspector.get_columns("reports")],
        )
    engine.dispose()
    return found
