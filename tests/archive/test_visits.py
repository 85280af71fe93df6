"""Visits: one service gets one, whatever the others do and whatever the clocks say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from archive.errors import PortalBusy
from archive.freshness import facts
from archive.records import RunState
from archive.visits import Claim, NotClaimed, VisitState, VisitStore
from tests.archive.builder import START, Clock, Crawl

HOUR = timedelta(hours=1)


class Services:
    """Two services on one archive and a clock for both."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = Clock()
        self.dead: set[str] = set()
        self.one, self.two = (
            VisitStore(engine, owner=name, clock=self.clock, dead=self.dead.__contains__)
            for name in ("one", "two")
        )

    def claim(self, store: VisitStore, key: str = "qinghe", group: str = "host", **given: object) -> int:
        known = facts(self.engine, report_year=2025, now=self.clock())
        crawls, visits = known.crawls.get(key), known.visits.get(key)
        values = {
            "portal_key": key,
            "host_group": group,
            "due": START - HOUR,
            "reason": "season",
            "why": "expected",
            "seen_visit_id": 0 if visits is None else visits.visit_id,
            "seen_run_id": 0 if crawls is None else crawls.run_id,
        }
        return store.claim(Claim(**{**values, **given}))

    def state(self, key: str = "qinghe") -> VisitState:
        return self.one.history(key)[0].state


@pytest.fixture
def services(engine: Engine) -> Services:
    return Services(engine)


def finished_crawl(engine: Engine, state: RunState = RunState.COMPLETE) -> Crawl:
    crawl = Crawl(engine)
    crawl.store.finish_run(crawl.run_id, state, {}, "done")
    return crawl


def test_a_visit_is_claimed_once_and_takes_the_state_of_its_run(services: Services, engine: Engine) -> None:
    visit = services.claim(services.one)
    for store in (services.one, services.two):
        with pytest.raises(NotClaimed, match="is being visited by one"):
            services.claim(store)
    crawl = finished_crawl(engine, RunState.PARTIAL)
    assert services.one.finish(visit, exit_code=3) is VisitState.PARTIAL
    (row,) = services.one.history()
    assert (row.state, row.run_id, row.exit_code, row.detail) == (VisitState.PARTIAL, crawl.run_id, 3, "done")
    assert services.one.finish(visit, exit_code=1, state=VisitState.FAILED) is VisitState.PARTIAL
    assert services.one.running() == []
    assert services.claim(services.two) > visit


def test_what_was_seen_must_still_be_so(services: Services, engine: Engine) -> None:
    first = services.claim(services.one)
    services.one.finish(first, exit_code=1)
    with pytest.raises(NotClaimed, match="visited by another service"):
        services.claim(services.two, seen_visit_id=0)
    finished_crawl(engine)
    with pytest.raises(NotClaimed, match="crawled by somebody else"):
        services.claim(services.two, seen_run_id=0)
    services.claim(services.two)


def test_a_crawl_by_hand_is_not_disturbed(services: Services, engine: Engine) -> None:
    crawl = Crawl(engine)  # it holds the portal's own lease
    with pytest.raises(NotClaimed, match="being crawled by somebody else"):
        services.claim(services.one)
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "done")
    services.claim(services.one)
    with pytest.raises(PortalBusy):
        crawl.begin("first")
        crawl.begin("second")


def test_one_portal_of_a_host_group_at_a_time_anywhere(services: Services) -> None:
    first = services.claim(services.one, "yuzhong", "chongqing")
    for store in (services.one, services.two):
        with pytest.raises(NotClaimed, match="host group chongqing is busy with yuzhong"):
            services.claim(store, "nanan", "chongqing")
    services.claim(services.two, "dongli", "dongli")
    services.one.finish(first, exit_code=0)
    services.claim(services.two, "nanan", "chongqing")


def test_a_dead_service_s_visits_are_lost_and_due_again(services: Services) -> None:
    services.claim(services.one)
    assert services.two.recover() == []
    services.dead.add("one")
    (lost,) = services.two.recover()
    assert (lost.portal_key, lost.state, lost.owner) == ("qinghe", VisitState.LOST, "one")
    assert services.two.recover() == []
    services.claim(services.two)


def test_a_service_without_a_sign_of_life_loses_its_visits_and_learns_it(services: Services) -> None:
    number = services.one.begin_service("1.0")
    visit = services.claim(services.one)
    services.clock.pass_time(seconds=100)
    assert services.one.beat(number) == {visit}
    services.clock.pass_time(seconds=100)
    assert services.two.recover() == []
    services.clock.pass_time(seconds=100)
    assert [lost.id for lost in services.two.recover()] == [visit]
    assert services.one.beat(number) == set()
    assert services.one.finish(visit, exit_code=0) is VisitState.LOST
    services.claim(services.two)


def test_a_crawl_that_outlives_its_service_keeps_portal_and_group(services: Services, engine: Engine) -> None:
    services.claim(services.one, group="shared")
    crawl = Crawl(engine)
    crawl.store.heartbeat(crawl.run_id)
    services.dead.add("one")
    assert services.two.recover() == []
    with pytest.raises(NotClaimed, match="busy with qinghe"):
        services.claim(services.two, "other", "shared")
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "done after all")
    (closed,) = services.two.recover()
    assert (closed.state, closed.run_id) == (VisitState.COMPLETE, crawl.run_id)
    services.claim(services.two, "other", "shared")


@pytest.mark.parametrize(
    ("run", "state", "expected"),
    [
        (None, None, VisitState.FAILED),
        (None, VisitState.HANDED_BACK, VisitState.HANDED_BACK),
        (RunState.PARTIAL, VisitState.HANDED_BACK, VisitState.HANDED_BACK),
        (RunState.COMPLETE, VisitState.HANDED_BACK, VisitState.COMPLETE),
        (RunState.NOTHING, VisitState.OVERTIME, VisitState.NOTHING),
        (RunState.PARTIAL, VisitState.OVERTIME, VisitState.OVERTIME),
        (RunState.BLOCKED, None, VisitState.BLOCKED),
        (RunState.FAILED, None, VisitState.FAILED),
    ],
)
def test_what_became_of_a_visit(services: Services, engine: Engine, run, state, expected) -> None:
    visit = services.claim(services.one)
    if run is not None:
        finished_crawl(engine, run)
    assert services.one.finish(visit, exit_code=None, state=state) is expected


def test_signs_of_life_are_kept(services: Services) -> None:
    first = services.one.begin_service("1.0")
    services.clock.pass_time(hours=1)
    services.one.beat(first)
    services.one.end_service(first)
    services.two.begin_service("1.1")
    two, one = services.one.services()
    assert (one.heartbeat, one.stopped) == (START + HOUR, START + HOUR)
    assert (two.owner, two.started, two.stopped) == ("two", START + HOUR, None)


def test_of_many_that_claim_at_once_one_wins(sqlite_url: str, engine_of: Callable[[str], Engine]) -> None:
    engine = engine_of(sqlite_url)
    barrier = threading.Barrier(6)
    won: list[int] = []
    refused: list[str] = []

    def claim(name: str) -> None:
        store = VisitStore(engine, owner=name, clock=Clock(), dead=lambda _: False)
        services = Services(engine)
        barrier.wait()
        try:
            won.append(services.claim(store, seen_visit_id=0, seen_run_id=0))
        except NotClaimed as why:
            refused.append(str(why))

    threads = [threading.Thread(target=claim, args=(f"s{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(refused) == 5


@pytest.fixture
def engine_of() -> Callable[[str], Engine]:
    from archive.database import open_archive

    opened = []

    def make(url: str) -> Engine:
        opened.append(open_archive(url))
        return opened[-1]

    yield make
    for one in opened:
        one.dispose()
