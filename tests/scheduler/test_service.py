"""The service as it runs: alarms, clocks, health, signals; and, slowly, as a real process on the sample portal."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from archive.database import open_archive
from archive.errors import DatabaseUnusable
from archive.visits import VisitState, VisitStore
from scheduler.service import Service
from scheduler.watching import Watch
from tests.conftest import ROOT, command_line, environment
from tests.scheduler.making import Clock, portal, portals, settings
from tests.scheduler.world import Played


def make(engine, tmp_path: Path, **given):
    clock = Clock()
    using = settings(
        **{"state": str(tmp_path / "state"), "pool": {"tick_seconds": 0.2, "lease_seconds": 10}, **given}
    )
    played = Played(engine, clock)
    service = Service(using, engine, portals(portal("a"), portal("b")), launcher=played, clock=clock)
    return service, played, clock


async def eventually(true, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def get(port: int, path: str) -> tuple[int, str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def test_it_visits_what_is_due_ticks_again_and_stops_when_told(engine, tmp_path: Path) -> None:
    service, played, clock = make(engine, tmp_path)
    running = asyncio.create_task(service.run())
    await eventually(lambda: service.dispatcher.ended.get("complete") == 2)
    clock.pass_time(days=3)
    await eventually(lambda: service.dispatcher.ended.get("complete") == 4)
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    assert len(played.begun) == 4
    (sign,) = VisitStore(engine, owner="x", clock=clock).services()
    assert sign.stopped is not None


async def test_health_and_metrics_on_loopback(engine, tmp_path: Path) -> None:
    pytest.importorskip("prometheus_client")
    service, _, clock = make(engine, tmp_path, health={"port": 0})
    running = asyncio.create_task(service.run())
    await eventually(lambda: service.dispatcher.ended.get("complete") == 2)
    port = service.health_port
    assert await asyncio.to_thread(get, port, "/healthz") == (200, "ok\n")
    _, metrics = await asyncio.to_thread(get, port, "/metrics")
    assert 'fazhi_visits_total{state="complete"} 2.0' in metrics
    assert "fazhi_portals 2.0" in metrics
    assert (await asyncio.to_thread(get, port, "/other"))[0] == 404
    service.dispatcher.last_tick = clock.now.replace(year=2020)
    service._alarms.pause()
    service.dispatcher.last_tick = clock.now.replace(year=2020)
    status, words = await asyncio.to_thread(get, port, "/healthz")
    assert (status, words.startswith("the archive was read last at 2020")) == (503, True)
    service.stop()
    await running


async def test_after_a_jump_of_the_clock_nothing_begins_before_leases_are_renewed(
    engine, tmp_path: Path
) -> None:
    service, played, clock = make(engine, tmp_path)
    running = asyncio.create_task(service.run())
    await eventually(lambda: service.dispatcher.ended.get("complete") == 2)
    clock.pass_time(days=365)
    await service.clock_jumped(365 * 86400)
    await asyncio.sleep(0.6)
    assert len(played.begun) == 2
    service.dispatcher.holding = None
    await eventually(lambda: len(played.begun) == 4)  # one visit each for the whole year
    service.stop()
    await running
    assert len(played.begun) == 4


async def test_an_archive_that_goes_while_messages_are_delivered_ends_no_service(
    engine, tmp_path: Path, monkeypatch
) -> None:
    service, played, _ = make(engine, tmp_path)
    told: list[str] = []

    def deliver(_: Watch) -> int:
        told.append("away")
        raise DatabaseUnusable("the server cannot be reached")

    monkeypatch.setattr(Watch, "deliver", deliver)
    service._alone = True
    await service.run()
    assert (told, len(played.begun)) == (["away"], 2)


async def test_once_ends_when_all_that_was_due_is_visited(engine, tmp_path: Path) -> None:
    service, played, _ = make(engine, tmp_path)
    service._alone = True
    await service.run()
    assert sorted(played.begun) == [("a", "a"), ("b", "b")]


# -- real processes -----------------------------------------------------------------------------


def begin(tmp_path: Path, *more: str) -> subprocess.Popen[bytes]:
    log = (tmp_path / f"service-{time.monotonic_ns()}.log").open("wb")
    command = command_line("scheduler", "start", "--only", "demo", "--log", "json", *more)
    told = environment({"SCHEDULER_POOL__TICK_SECONDS": "0.5", "SCHEDULER_POOL__LEASE_SECONDS": "10"})
    return subprocess.Popen(command, cwd=tmp_path, env=told, stderr=log, stdout=log)


def history(tmp_path: Path) -> list[VisitState]:
    engine = open_archive(str(tmp_path / "archive.db"))
    try:
        return [visit.state for visit in VisitStore(engine, owner="x", clock=Clock()).history()]
    finally:
        engine.dispose()


def wait(tmp_path: Path, true, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not ((tmp_path / "archive.db").exists() and true(history(tmp_path))):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
def test_killed_hard_in_a_crawl_the_next_service_goes_on_at_once(tmp_path: Path) -> None:
    service = begin(tmp_path)
    wait(tmp_path, lambda states: states == [VisitState.RUNNING])
    time.sleep(1)
    service.kill()
    service.wait()
    second = begin(tmp_path)
    wait(tmp_path, lambda states: VisitState.COMPLETE in states)
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0
    states = history(tmp_path)
    assert states[0] is VisitState.COMPLETE
    assert states.count(VisitState.COMPLETE) == 1
    assert set(states[1:]) <= {VisitState.LOST, VisitState.HANDED_BACK, VisitState.PARTIAL}


@pytest.mark.slow
def test_two_services_at_once_crawl_the_sample_portal_once(tmp_path: Path) -> None:
    open_archive(str(tmp_path / "archive.db")).dispose()
    services = [begin(tmp_path), begin(tmp_path)]
    wait(tmp_path, lambda states: states == [VisitState.COMPLETE])
    time.sleep(2)
    for service in services:
        service.send_signal(signal.SIGTERM)
    assert [service.wait(30) for service in services] == [0, 0]
    assert history(tmp_path) == [VisitState.COMPLETE]
    logs = "".join(path.read_text() for path in tmp_path.glob("service-*.log"))
    events = [json.loads(line) for line in logs.splitlines() if line.startswith("{")]
    assert sum(event["event"] == "visit begun" for event in events) == 1
    assert ROOT.is_dir()
