"""Services and workers on one real PostgreSQL, all of them killed and restarted: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from archive.database import open_archive, reading
from archive.visits import VisitState, VisitStore
from scheduler.queue import READING, JobQueue
from tests.scheduler.making import Clock
from tests.scheduler.storm_crawl import READ, VISIT, Book
from tests.scheduler.storm_fleet import LEASE, them
from tests.scheduler.storming import Fleet, command, database, storm, until

PORTALS, GROUPS, STRIKES = 120, 24, 110
FLEET = {"service 1": "service", "service 2": "service", "worker 1": "worker", "worker 2": "worker"}


async def put_readings(url: str) -> int:
    async with JobQueue(url) as queue:
        return sum(
            [await queue.put_reading(key, one.group, ocr=False) for key, one in portals_of_storm().items()]
        )


def portals_of_storm():
    return them(PORTALS, GROUPS).by_key


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_storm_over_services_workers_crawls_and_database_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance, book = random.Random(11), Book(tmp_path)
    with database() as server:
        engine = open_archive(server.url)
        assert asyncio.run(put_readings(server.url)) == PORTALS
        commands = {
            name: command("storm_fleet", kind, server.url, tmp_path, PORTALS, GROUPS)
            for name, kind in FLEET.items()
        }
        fleet = Fleet(commands, tmp_path, str(tmp_path))
        store = VisitStore(engine, owner="test", clock=Clock())

        def whole(kind: str) -> Counter[str]:
            return Counter(line[2] for line in book.lines() if line[:2] == ["ended", kind])

        def done() -> bool:
            states = Counter(visit.state for visit in store.history(limit=100_000))
            return (
                states[VisitState.COMPLETE] >= PORTALS
                and not states[VisitState.RUNNING]
                and len(whole(READ)) == PORTALS
                and not waiting(engine)
            )

        try:
            struck = storm(
                fleet,
                server,
                strikes=STRIKES,
                chance=chance,
                weights={**dict.fromkeys(FLEET, 4), "crawl": 8, "database": 5},
                work=lambda: len(book.lines()),
                # Now and then for longer than a lease lasts.
                away=lambda chance: chance.choice([0, 0.5, 1.5, 0, 0.5, 1.5, LEASE + 3]),
            )
            came = until(done, 300, fleet)
            history = store.history(limit=100_000)
            states = Counter(visit.state.value for visit in history)
            told = (
                f"{dict(struck)}, {fleet.ended_by_themselves} begun again, {dict(states)}, {waiting(engine)}"
            )
            assert came, told
            codes = fleet.end()
        finally:
            fleet.drop()
        engine.dispose()
    again = whole(READ).total() - PORTALS
    print(f"{told}, re-extractions done again: {again}")
    assert struck.total() >= 100
    assert set(codes.values()) == {0}, codes
    assert [line for line in book.lines() if line[0] == "clash"] == [], "two at once"
    complete = Counter(visit.portal_key for visit in history if visit.state is VisitState.COMPLETE)
    assert set(complete) == set(portals_of_storm()), "a portal was forgotten"
    assert set(complete.values()) == {1}, "a portal was visited twice for one slot"
    assert max(whole(VISIT).values()) == 1, "a portal was crawled twice for one slot"
    # The storm met work: else it proves nothing.
    assert states["lost"] + states["failed"] + states["handed_back"] + states["partial"] >= 10, told
    # A worker that dies between the end of a re-extraction and the news of it has it done again.
    assert again <= struck.total() // 10, told


def waiting(engine: sa.Engine) -> list[tuple[str, str, int]]:
    """Jobs that are not done, by queue and state."""
    query = (
        "select queue_name, status::text, count(*) from fazhi_queue.procrastinate_jobs "
        f"where queue_name = '{READING}' or status <> 'todo' group by 1, 2 order by 1, 2"
    )
    with reading(engine) as connection:
        return [(row[0], row[1], row[2]) for row in connection.exec_driver_sql(query)]
