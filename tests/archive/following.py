"""What the tests of the feed share: reports to tell of, and the loss that a restore brings."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from archive import meta
from archive.database import writing
from archive.records import ExtractionRecord, PublisherRef
from tests.archive.builder import body_text, extraction


def reading(place: str, more: str = "", title: str | None = None) -> ExtractionRecord:
    return extraction(
        body_text(place, more=more),
        title=title or f"{place}2025年报告",
        publishers=(PublisherRef(name=place),),
    )


def lose(engine: Engine, after: int) -> None:
    """As a restore from a backup of that moment leaves the sequence: later numbers are free again."""
    with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            triggers = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'change'"
            ).fetchall()
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql(f"DELETE FROM change WHERE seq > {after}")
            connection.exec_driver_sql(f"UPDATE sqlite_sequence SET seq = {after} WHERE name = 'change'")
            for _, sql in triggers:
                connection.exec_driver_sql(sql)
        else:
            connection.exec_driver_sql("ALTER TABLE change DISABLE TRIGGER ALL")
            connection.exec_driver_sql(f"DELETE FROM change WHERE seq > {after}")
            connection.exec_driver_sql("ALTER TABLE change ENABLE TRIGGER ALL")
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('change', 'seq'), {after})")


def restored(engine: Engine, after: int) -> None:
    lose(engine, after)
    with writing(engine) as connection:
        meta.new_epoch(connection, "restored from a backup")
