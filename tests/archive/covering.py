"""What the tests of coverage share: a portal with a roster, and short words for what is read there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from archive import schema
from archive.coverage_cells import Cell, Coverage, Row
from archive.database import open_archive, writing
from archive.reader import Archive
from archive.records import (
    ExtractionRecord,
    PublisherRef,
    RunState,
)
from tests.archive.builder import Crawl, body_text, extraction
from tests.archive.rosters import a_roster

TODAY = date(2026, 6, 1)
COLUMNS = {"columns": [{"first_url": "http://x/", "pages_read": 3, "rows_read": 40, "rows_stated": 40}]}


def prepared(engine: Engine) -> Crawl:
    """The portal of the builder with a roster; its first run, of the builder's making, is no search."""
    crawl = Crawl(engine)
    crawl.store.sync_roster(a_roster(), "digest")
    with writing(engine) as connection:
        connection.execute(schema.run.update().values(trigger="probe"))
    crawl.clock.now = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
    crawl.begin()
    return crawl


@pytest.fixture
def crawl(sqlite_url: str) -> Iterator[Crawl]:
    """A portal with a roster, its run begun after the deadline; on one database, see the last test of owing."""
    engine = open_archive(sqlite_url)
    yield prepared(engine)
    engine.dispose()


def report(
    name: str = "清河街道", code: str | None = "999001001", year: int | None = 2025, **given: Any
) -> ExtractionRecord:
    values: dict[str, Any] = {
        "publishers": (PublisherRef(name=name, code=code, level="street"),),
        "report_year": year,
        "title": f"{name}{year}年法治政府建设年度报告",
        "published": None if year is None else date(year + 1, 2, 20),
    }
    return extraction(body_text(name, year or 1999), **{**values, **given})


def finish(crawl: Crawl, state: RunState = RunState.COMPLETE, **counters: Any) -> None:
    crawl.store.finish_run(crawl.run_id, state, {**COLUMNS, **counters}, f"{state}: said")


def declared(crawl: Crawl, reason: str | None = None) -> None:
    """A column that a person declared is read."""
    crawl.enqueue(crawl.link("column/", kind="column", how="declared", reason=reason))
    crawl.record("column/", body=b"list")


def cover(crawl: Crawl, *years: int, **scope: Any) -> Coverage:
    given: dict[str, Any] = {"site": "qinghe"} if not scope.keys() & {"province", "place", "level"} else {}
    return Archive(crawl.engine).coverage(years or (2025,), **{"today": TODAY, **given, **scope})


def rows(found: Coverage) -> dict[str, Row]:
    return {row.body: row for place in found.places for row in place.rows}


def cell(crawl: Crawl, body: str = "999001001", year: int = 2025, **scope: Any) -> Cell:
    (only,) = rows(cover(crawl, year, **scope))[body].cells
    assert only is not None
    assert only.year == year
    return only
