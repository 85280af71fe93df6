"""One live run per portal."""

from __future__ import annotations

import subprocess
import sys

import pytest

from archive import leases
from archive.errors import ArchiveError, PortalBusy
from archive.reader import Archive
from archive.records import RunState
from tests.archive.builder import Crawl, extraction


def test_another_owner_waits_and_is_told_for_whom(crawl: Crawl) -> None:
    with pytest.raises(
        PortalBusy, match=r"qinghe is being crawled by test since 2026-03-01 08:00:00 UTC"
    ) as caught:
        crawl.begin(owner="second")
    assert "\n" not in str(caught.value)
    assert [run.state for run in Archive(crawl.engine).runs()] == ["running"]


def test_an_expired_lease_is_taken_over_and_the_old_run_stops(crawl: Crawl) -> None:
    first = crawl.run_id
    crawl.clock.pass_time(seconds=121)
    crawl.begin(owner="second")
    assert [(run.state, run.owner) for run in Archive(crawl.engine).runs("qinghe")] == [
        ("running", "second"),
        ("abandoned", "test"),
    ]
    crawl.enqueue(crawl.link("a.html"))
    for act in (
        lambda: crawl.store.record(first, crawl.fetch("a.html", extraction=extraction())),
        lambda: crawl.store.heartbeat(first),
        lambda: crawl.store.enqueue(first, [crawl.link("b.html")]),
        lambda: crawl.store.finish_run(first, RunState.COMPLETE, {}, ""),
        lambda: crawl.store.settle(first, True),
    ):
        with pytest.raises(PortalBusy, match="lost its lease"):
            act()
    assert Archive(crawl.engine).reports() == []


def test_a_heartbeat_keeps_the_lease(crawl: Crawl) -> None:
    for _ in range(3):
        crawl.clock.pass_time(seconds=100)
        crawl.store.heartbeat(crawl.run_id)
    with pytest.raises(PortalBusy):
        crawl.begin(owner="second")
    assert Archive(crawl.engine).runs()[0].heartbeat == crawl.clock.now


def test_a_finished_run_frees_the_portal_and_keeps_its_result(crawl: Crawl) -> None:
    crawl.store.finish_run(crawl.run_id, RunState.PARTIAL, {"new": 2}, "two new")
    (run,) = Archive(crawl.engine).runs()
    assert (run.state, run.counters, run.summary, run.finished) == (
        "partial",
        {"new": 2},
        "two new",
        crawl.clock.now,
    )
    crawl.begin(owner="second")
    with pytest.raises(ArchiveError, match="is finished"):
        crawl.store.heartbeat(run.run_id)


def test_portals_do_not_share_leases(crawl: Crawl) -> None:
    assert Crawl(crawl.engine, key="other").run_id != crawl.run_id


def test_the_seeds_may_change_a_portal(crawl: Crawl) -> None:
    again = Crawl(crawl.engine, key="qinghe")
    assert again.portal_id == crawl.portal_id


def test_a_process_that_died_here_holds_no_lease(crawl: Crawl) -> None:
    code = "from archive.leases import this_process; print(this_process())"
    dead = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
    crawl.begin(owner=dead)
    crawl.begin(owner=leases.this_process())
    with pytest.raises(PortalBusy):
        crawl.begin(owner="somebody else")


@pytest.mark.parametrize("owner", ["", "a", "a:b", "::", "elsewhere:1:4026531836-1", "x:1:y:z"])
def test_owners_nobody_can_judge_count_as_living(owner: str) -> None:
    assert not leases.is_dead(owner)


def test_this_process_lives() -> None:
    assert not leases.is_dead(leases.this_process())
