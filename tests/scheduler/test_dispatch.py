"""From what is due to crawls under way: nothing twice, nothing forgotten, whatever dies in between."""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from archive import schema
from archive.errors import DatabaseUnusable
from archive.records import RunState
from archive.visits import VisitState
from scheduler import dispatch
from scheduler.season import day_in_china, phase_at
from tests.scheduler.making import DAY, portal, portals, settings
from tests.scheduler.world import World


def many(number: int, groups: int | None = None):
    return portals(
        *(portal(f"p{n:04}", group=f"g{n % groups}" if groups else f"p{n:04}") for n in range(number))
    )


async def begun(world: World, number: int) -> None:
    """Waits until so many crawls have begun, and a little longer: no more may."""
    async with asyncio.timeout(20):
        while len(world.keys) < number:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert len(world.keys) == number


def go_on(world: World) -> None:
    """Lets the crawls under way, and all that follow, come to their end."""
    world.played.ending = lambda _: RunState.COMPLETE
    for gate in world.played.gates.values():
        gate.set()


async def test_everything_due_is_visited_once_within_the_places(engine) -> None:
    world = World(engine, many(40), ending=lambda _: None, using=settings(pool={"at_once": 5}))
    service = world.service()
    await service.tick()
    await begun(world, 5)
    go_on(world)
    await service.idle()
    assert sorted(world.keys) == sorted(world.portals.by_key)
    assert world.played.most_at_once == 5
    assert service.ended == {"partial": 5, "complete": 35}
    await service.tick()
    await service.idle()
    assert len(world.keys) == 40


async def test_portals_of_a_host_group_follow_one_another(engine) -> None:
    world = World(engine, many(24, groups=3), ending=lambda _: None, using=settings(pool={"at_once": 10}))
    service = world.service()
    await service.tick()
    await begun(world, 3)
    go_on(world)
    await service.idle()
    assert len(set(world.keys)) == 24
    assert world.played.most_at_once == 3
    assert world.played.clashes == []


async def test_two_services_share_the_portals_and_never_meet(engine) -> None:
    world = World(engine, many(30, groups=12), using=settings(pool={"at_once": 4}))
    one, two = world.service("one"), world.service("two")
    await asyncio.gather(one.tick(), two.tick())
    for service in (one, two):
        await service.idle()
    await one.tick()
    await two.tick()
    for service in (one, two):
        await service.idle()
    assert Counter(world.keys).most_common(1)[0][1] == 1
    assert len(world.keys) == 30
    assert world.played.clashes == []


async def test_a_crawl_that_fails_every_time_backs_off_and_the_others_go_on(engine) -> None:
    world = World(engine, many(3), ending=lambda key: 2 if key == "p0001" else RunState.COMPLETE)
    service = world.service()
    for _ in range(2 * 14):
        await service.tick()
        await service.idle()
        world.clock.pass_time(hours=12)
    counted = Counter(world.keys)
    # 14 days of January: a slot every two days; the broken one after 6, 12, 24, 48, 96 hours.
    assert 6 <= counted["p0000"] <= 8
    assert 3 <= counted["p0001"] <= 6
    last = world.store("x").history("p0001")[0]
    assert (last.state, last.exit_code, last.detail) == (VisitState.FAILED, 2, "it said why")


async def test_told_to_stop_it_hands_back_and_the_next_one_begins_there(engine) -> None:
    world = World(engine, many(6), ending=lambda _: None, using=settings(pool={"at_once": 2}))
    service = world.service()
    await service.tick()
    await asyncio.sleep(0.05)
    await service.stop()
    assert len(world.played.stopped) == 2
    assert service.ended == {"handed_back": 2}
    assert world.store("x").running() == []
    world.played.ending = lambda _: RunState.COMPLETE
    begun = list(world.keys)
    following = world.service("two")
    await following.tick()
    await following.idle()
    assert following.ended == {"complete": 6}
    assert set(world.keys[len(begun) :]) == set(world.portals.by_key)


async def test_a_visit_that_is_just_being_claimed_is_handed_back_too(engine) -> None:
    world = World(engine, many(1), ending=lambda _: None)
    store = world.store("one")
    asked, go = threading.Event(), threading.Event()
    real = store.claim

    def claim(what):
        asked.set()
        assert go.wait(20)
        return real(what)

    store.claim = claim
    service = world.service(store=store)
    tick = asyncio.create_task(service.tick())
    assert await asyncio.to_thread(asked.wait, 20)
    stop = asyncio.create_task(service.stop())
    await asyncio.sleep(0.05)
    go.set()
    await stop
    assert service.ended == {"handed_back": 1}
    assert world.store("x").running() == []
    await tick


async def test_a_crawl_that_does_not_stop_is_killed_when_the_grace_is_over(engine, monkeypatch) -> None:
    world = World(engine, many(1), ending=lambda _: None, using=settings(pool={"grace_seconds": 1}))
    monkeypatch.setattr(world.played, "stop", world.played.stopped.append)
    service = world.service()
    await service.tick()
    await asyncio.sleep(0.05)
    await service.stop()
    assert world.played.killed == world.played.stopped == [1]
    assert service.ended == {"handed_back": 1}


async def test_killed_while_launching_nothing_is_lost(engine) -> None:
    """The visit is claimed, then the service is gone: before the crawl began, or while it runs."""
    world = World(engine, many(4), ending=lambda _: None, using=settings(pool={"at_once": 2}))
    service = world.service("killed")
    await service.tick()
    await asyncio.sleep(0.05)
    for task in tuple(service._tasks.values()):  # kill -9: nothing is written any more
        task.cancel()
    world.dead.add("killed")
    world.clock.pass_time(minutes=5)  # the crawls died with it: their leases end
    world.played.ending = lambda _: RunState.COMPLETE
    world.played.groups = {k: v for k, v in world.played.groups.items() if not k.startswith("running:")}
    second = world.service("second")
    await second.tick()
    await second.idle()
    states = Counter(visit.state for visit in world.store("x").history())
    assert states == {VisitState.LOST: 2, VisitState.COMPLETE: 4}


async def test_an_archive_that_is_away_loses_no_result_and_begins_nothing(engine, monkeypatch) -> None:
    monkeypatch.setattr(dispatch, "FIRST_WAIT", 0.01)
    world = World(engine, many(2))
    store = world.store("one")
    service = world.service(store=store)
    away = 3
    real = store.finish

    def finish(*given, **named):
        nonlocal away
        away -= 1
        if away >= 0:
            raise DatabaseUnusable("the server cannot be reached")
        return real(*given, **named)

    monkeypatch.setattr(store, "finish", finish)
    await service.tick()
    await service.idle()
    assert service.ended == {"complete": 2}
    monkeypatch.setattr(store, "recover", lambda _mine: (_ for _ in ()).throw(DatabaseUnusable("away")))
    world.clock.pass_time(days=40)
    await service.tick()
    await service.idle()
    assert len(world.keys) == 2


async def test_a_claim_whose_answer_was_lost_is_given_back_at_the_next_look(engine, monkeypatch) -> None:
    """The server keeps the claim and stops before it can say so: else the portal stayed taken for ever."""
    world = World(engine, many(1))
    store = world.store("one")
    service = world.service(store=store)
    real, told = store.claim, []

    def claim(claim):
        number = real(claim)
        if not told:
            told.append(number)
            raise DatabaseUnusable("server closed the connection unexpectedly")
        return number

    monkeypatch.setattr(store, "claim", claim)
    await service.tick()
    assert (world.keys, len(store.running())) == ([], 1)
    await service.tick()
    await service.idle()
    states = [visit.state for visit in world.store("x").history()]
    assert states == [VisitState.COMPLETE, VisitState.LOST]
    assert world.keys == ["p0000"]


async def test_after_an_outage_leases_that_ran_out_may_be_those_of_the_living(engine) -> None:
    world = World(engine, many(2, groups=1), ending=lambda _: None, using=settings(pool={"at_once": 1}))
    one = world.service("one")
    await one.tick()
    await begun(world, 1)
    world.clock.pass_time(minutes=5)  # the archive was away for so long: nobody could renew anything
    for run in (schema.lease, schema.host_lease):
        with engine.begin() as connection:
            assert connection.execute(sa.select(run.c.expires)).scalar_one() < world.clock.now
    passed = 0.0
    two = world.service("two", monotonic=lambda: passed)
    await two.tick()
    await begun(world, 1)
    passed = 120.0  # time enough for the living
    two.unsure()
    await two.tick()
    await begun(world, 1)
    passed = 240.0
    await two.tick()
    await begun(world, 2)
    assert {visit.owner for visit in world.store("x").running()} == {"two"}
    go_on(world)
    await asyncio.gather(one.idle(), two.idle())


async def test_a_lost_lease_ends_the_crawl(engine) -> None:
    world = World(engine, many(1), ending=lambda _: None)
    store = world.store("one")
    service = world.service(store=store)
    number = store.begin_service("0")
    await service.tick()
    await asyncio.sleep(0.05)
    service.lost(store.beat(number))
    assert world.played.stopped == []
    service.lost(frozenset())
    assert world.played.stopped == [1]
    await service.idle()


async def test_held_while_the_clock_is_not_trusted(engine) -> None:
    world = World(engine, many(2))
    service = world.service()
    service.holding = "the clock jumped"
    await service.tick()
    assert world.keys == []
    service.holding = None
    await service.tick()
    await service.idle()
    assert len(world.keys) == 2


@pytest.mark.slow
async def test_a_year_with_failures_kills_downtimes_and_jumps_of_the_clock(engine) -> None:
    """Every season of every portal is visited; no slot is visited twice; what was missed is caught up once."""
    chance = random.Random(1)
    endings = (RunState.COMPLETE,) * 12 + (RunState.PARTIAL, RunState.BLOCKED, 2)
    world = World(engine, many(6, groups=4), ending=lambda _: chance.choice(endings))
    ended = world.clock.now + timedelta(days=365)
    number = 0
    service = world.service(f"s{number}")
    while world.clock.now < ended:
        await service.tick()
        await service.idle()
        fate = chance.random()
        if fate < 0.01:
            world.clock.pass_time(days=chance.choice([3, 20]))  # a down-time
        elif fate < 0.02:
            world.clock.pass_time(hours=-1)
        elif fate < 0.04:
            world.dead.add(f"s{number}")
            number += 1
            service = world.service(f"s{number}")
        world.clock.pass_time(hours=20)
    assert world.played.clashes == []
    history = world.store("x").history(limit=10_000)
    for key in world.portals.by_key:
        own = sorted((one for one in history if one.portal_key == key), key=lambda one: one.id)
        phases = Counter(phase_at(day_in_china(one.launched)).value for one in own)
        assert set(phases) == {"early", "main", "deadline", "late", "quiet"}
        slots = Counter(one.due for one in own if one.reason in {"season", "recheck"})
        assert max(slots.values()) == 1, "a slot was visited twice"
        gaps = [b.launched - a.launched for a, b in itertools.pairwise(own)]
        assert max(gaps) < 60 * DAY
