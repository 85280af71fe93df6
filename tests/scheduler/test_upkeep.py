"""What the service keeps up besides crawls: new texts are covered for ``archive similar``."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import structlog
from sqlalchemy.engine import Engine

from archive.database import reading
from archive.similar_index import state
from scheduler.service import Service
from tests.archive.builder import Crawl, extraction
from tests.archive.test_shingles import made
from tests.scheduler.making import Clock, portal, portals, settings


def service(engine: Engine, tmp_path: Path, texts: int) -> Service:
    using = settings(state=str(tmp_path / "state"), upkeep={"similar_texts": texts})
    return Service(using, engine, portals(portal("a")), clock=Clock())


def covered(engine: Engine) -> int:
    with reading(engine) as connection:
        return state(connection).numbered


def record(engine: Engine, number: int) -> None:
    crawl = Crawl(engine)
    for one in range(number):
        crawl.page(f"{one}.html", extraction(made(random.Random(one), 600)))


@pytest.mark.parametrize(("texts", "after_an_hour", "after_two"), [(2, 2, 3), (0, 0, 0)])
async def test_new_texts_are_covered_so_many_an_hour(
    engine: Engine, tmp_path: Path, texts: int, after_an_hour: int, after_two: int
) -> None:
    record(engine, 3)
    running = service(engine, tmp_path, texts)
    await running.cover()
    assert covered(engine) == after_an_hour
    await running.cover()
    assert covered(engine) == after_two


async def test_a_service_that_stops_begins_nothing(engine: Engine, tmp_path: Path) -> None:
    record(engine, 1)
    running = service(engine, tmp_path, 10)
    running.dispatcher.stopping = True
    await running.cover()
    assert covered(engine) == 0


async def test_an_archive_that_fails_is_told_and_the_service_goes_on(engine: Engine, tmp_path: Path) -> None:
    running = service(engine, tmp_path, 10)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE similar_text")
    with structlog.testing.capture_logs() as said:
        await running.cover()
    assert [line["event"] for line in said] == ["texts not covered"]
