"""What may befall a service: a full disk, crawls that hang, a thousand portals due at once."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import event

from archive.database import open_archive
from archive.errors import DatabaseUnusable
from archive.visits import Claim, VisitState, VisitStore
from scheduler import dispatch
from scheduler.portals import Portals
from scheduler.processes import Processes
from tests.scheduler.making import portal, portals, settings, write
from tests.scheduler.world import World

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def many(number: int):
    return portals(*(portal(f"p{n:04}") for n in range(number)))


async def test_an_archive_on_a_full_disk_begins_nothing_and_goes_on_when_there_is_room(
    engine, database: Path, monkeypatch
) -> None:
    def full(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # no page more than there are

    monkeypatch.setattr(dispatch, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(dispatch, "MOST_WAIT", 0.05)
    world = World(engine, many(80))
    own = open_archive(str(database))  # the service's connections; its crawls have others
    event.listen(own, "connect", full)
    own.dispose()
    store = VisitStore(own, owner="one", clock=world.clock)
    service = world.service(store=store)
    refused: list[str] = []
    real = store.claim

    def claim(claim: Claim) -> int:
        try:
            return real(claim)
        except DatabaseUnusable as error:
            refused.append(str(error))
            raise

    monkeypatch.setattr(store, "claim", claim)
    await service.tick()
    async with asyncio.timeout(60):
        while not refused:
            await asyncio.sleep(0.02)
            await service.tick()
    assert "the disk is full; free space and run again" in refused[0]
    begun = len(world.keys)
    assert begun < 80
    event.remove(own, "connect", full)
    own.dispose()
    await service.tick()
    await service.idle()
    own.dispose()
    assert Counter(world.keys) == Counter(world.portals.by_key.keys())
    assert service.ended == {"complete": 80}


async def test_a_full_disk_under_the_state_folder_stops_no_visit(tmp_path: Path, monkeypatch) -> None:
    seeds = tmp_path / "seeds"
    write(
        seeds / "portals.csv",
        "key,name,short_name,province,city,level,division_code,url,platform_hint,access_probe,disclosure_url,"
        "disclosure_note,news_url,note\ndonghe,东河区,东河区,示例省,,county,,http://www.donghe.gov.cn/,,,,,,\n",
    )
    write(seeds / "towns.csv", "code,name,kind,county_code\n")
    write(seeds / "sites" / "donghe.toml", 'key = "donghe"\nhosts = ["www.donghe.gov.cn"]\nwindow = "22-6"\n')
    copy = tmp_path / "state" / "sites" / "donghe.toml"

    def full(_: Path, data: bytes) -> int:
        raise FULL

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        found = Portals.load(seeds=seeds, state=tmp_path / "state")
        assert (list(found.by_key), found.broken, copy.exists()) == (["donghe"], {}, False)
    assert found.reload()
    assert copy.is_file()
    assert not found.reload()


async def test_a_crawl_whose_log_finds_no_room_is_a_failure_that_says_why(engine, monkeypatch) -> None:
    world = World(engine, many(2))

    async def run(visit_id: int, key: str, site: str, *, limit: float):
        raise FULL

    monkeypatch.setattr(world.played, "run", run)
    service = world.service()
    await service.tick()
    await service.idle()
    assert service.ended == {"failed": 2}
    assert "No space left" in (world.store("x").history()[0].detail or "")


async def test_a_crawl_that_hangs_is_ended_and_the_others_go_on(engine, tmp_path: Path) -> None:
    using = settings(pool={"limit_minutes": 0.02, "grace_seconds": 1, "at_once": 2})
    world = World(engine, many(3), using=using)
    script = 'case "$1" in *) [ "$2" = p0001 ] && { trap "" TERM; sleep 60; }; exit 5;; esac'
    hanging = Processes(["/bin/sh", "-c", script, "crawl"], environment={}, logs=tmp_path, grace=0.2)
    service = world.service()
    service._launcher = hanging
    await service.tick()
    async with asyncio.timeout(60):
        await service.idle()
    states = {visit.portal_key: visit.state for visit in world.store("x").history()}
    assert states == {
        "p0000": VisitState.FAILED,  # its process ended without a run
        "p0001": VisitState.OVERTIME,
        "p0002": VisitState.FAILED,
    }


async def test_of_a_thousand_due_at_once_as_many_begin_as_there_are_places(engine) -> None:
    world = World(engine, many(1000), ending=lambda _: None, using=settings(pool={"at_once": 4}))
    service = world.service()
    await service.tick()
    await asyncio.sleep(0.05)
    assert (service.due_now, len(service.under_way), world.played.most_at_once) == (1000, 4, 4)
    await service.stop()
    assert service.ended == {"handed_back": 4}


@pytest.mark.slow
async def test_a_thousand_due_at_once_are_visited_once_each(engine) -> None:
    world = World(engine, many(1000), using=settings(pool={"at_once": 8}))
    one, two = world.service("one"), world.service("two")
    await asyncio.gather(one.tick(), two.tick())
    for service in (one, two):
        await service.idle()
    assert Counter(world.keys).most_common(1)[0][1] == 1
    assert len(world.keys) == 1000
    assert world.played.most_at_once <= 16
