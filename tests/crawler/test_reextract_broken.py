"""Reading again, cut off, crashed and beside another run; and the command."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from archive.database import open_archive
from archive.errors import DatabaseUnusable, PortalBusy
from archive.planning import Planning
from archive.records import (
    PortalRecord,
    RunState,
    StoredCapture,
)
from archive.store import Store
from crawler.errors import UnknownSite
from crawler.reextract import CRASHED
from crawler.reextract_result import Lines, Turn
from tests.archive.builder import Crawl
from tests.conftest import Command, environment
from tests.crawler import rereading
from tests.crawler.rereading import again, content, due, newest, rows
from tests.crawler.test_reader_pool import Trap

pytestmark = pytest.mark.usefixtures("read_once")
db, aged, aged_whole = rereading.db, rereading.aged, rereading.aged_whole

# -- portals ------------------------------------------------------------------------------------


@pytest.fixture
def with_a_strange_portal(aged: Path) -> Path:
    """Beside the sample portal one of which no site file tells."""
    engine = open_archive(str(aged))
    crawl = Crawl(engine, key="qinghe")
    crawl.page("a.html")
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "done")
    engine.dispose()
    return aged


def test_a_portal_whose_site_file_is_gone_is_named_and_skipped(with_a_strange_portal: Path) -> None:
    db, out = with_a_strange_portal, io.StringIO()
    result = again(db, lines=Lines(out))
    assert result.exit_code == 3
    assert [key for key, _ in result.skipped] == ["qinghe"]
    assert "qinghe: left out: " in out.getvalue()
    assert [one.portal.key for one in result.portals] == ["demo"]
    assert result.turns[Turn.TEXT] > 0
    runs = rows(
        db, "select p.key, r.state from run r join portal p on p.id = r.portal_id where trigger = 'reextract'"
    )
    assert runs == [("demo", "complete")]


def test_a_named_portal_is_read_alone_and_an_unknown_one_is_wrong_usage(with_a_strange_portal: Path) -> None:
    assert again(with_a_strange_portal, "demo").exit_code == 0
    with pytest.raises(UnknownSite):
        again(with_a_strange_portal, "qinghe")


def test_a_portal_that_is_being_crawled_is_left_to_its_run(aged: Path) -> None:
    engine = open_archive(str(aged))
    store = Store(engine)
    portal_id = store.sync_portal(
        PortalRecord(
            key="demo", name="示例", level="county", division_code=None, home_url="http://x/", platform=None
        )
    )
    run_id = store.begin_run(portal_id, trigger="manual", code_version="0", options={}, owner="elsewhere:1:x")
    result = again(aged)
    assert (result.exit_code, [key for key, _ in result.skipped]) == (3, ["demo"])
    assert not result.turns
    with pytest.raises(PortalBusy, match="elsewhere"):
        again(aged, "demo")
    store.finish_run(run_id, RunState.COMPLETE, {}, "done")
    engine.dispose()
    assert again(aged, "demo").exit_code == 0


def test_an_archive_without_captures_of_the_portal(db: Path, tmp_path: Path) -> None:
    assert again(db, "dongli").exit_code == 5
    with pytest.raises(DatabaseUnusable, match="no archive"):
        again(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


# -- cut off, crashed, beside each other --------------------------------------------------------

KILLED = """
import os, signal, sys
from crawler.reextract import reextract
from crawler.reextract_result import Lines

class Deadly(Lines):
    left = int(sys.argv[2])

    def read(self, *_):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

reextract(db=sys.argv[1], workers=1, lines=Deadly())
"""


@pytest.mark.parametrize("after", [1, pytest.param(9, marks=pytest.mark.slow)])
def test_a_killed_run_goes_on_where_it_was(aged: Path, tmp_path: Path, after: int) -> None:
    whole = Path(shutil.copy(aged, tmp_path / "whole.db"))
    again(whole)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(aged), str(after)],
        env=environment(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    rest = again(aged)
    assert rest.turns.total() == len(due(aged)) - after
    assert content(aged) == content(whole)
    states = rows(aged, "select state from run where trigger = 'reextract' order by id")
    assert states == [("abandoned",), ("complete",)]


@pytest.mark.slow
@pytest.mark.ci
def test_two_runs_in_parallel_processes_write_equal_rows(aged_whole: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(aged_whole, tmp_path / "copy.db"))
    alone = Path(shutil.copy(aged_whole, tmp_path / "alone.db"))
    again(aged_whole, workers=3)
    again(copy, workers=3)
    again(alone)
    assert content(aged_whole) == content(copy) == content(alone)


def test_an_interrupt_ends_the_run_in_order(aged: Path) -> None:
    class Impatient(Lines):
        count = 0

        def read(self, *_: object) -> None:
            self.count += 1
            if self.count == 3:
                os.kill(os.getpid(), signal.SIGINT)

    result = again(aged, lines=Impatient(io.StringIO()))
    assert (result.exit_code, result.stopped) == (3, "interrupted")
    done = result.turns.total()
    assert 3 <= done < len(due(aged)) // 2
    assert rows(aged, "select state from run where trigger = 'reextract'") == [("partial",)]
    assert rows(aged, "select count(*) from lease") == [(0,)]
    assert again(aged).turns.total() == len(due(aged)) - done


def test_a_page_that_crashes_the_reader_costs_only_itself(
    aged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned = due(aged)[0]
    standing = """
        select v.number, v.text_sha256 from version v join document d on d.id = v.document_id
        join capture c on c.frontier_id = d.frontier_id where c.id = ? order by 1
    """
    before = rows(aged, standing, poisoned)
    real = Planning.stored

    def stored(self: Planning, capture_id: int) -> StoredCapture:
        capture = real(self, capture_id)
        if capture_id != poisoned:
            return capture
        body = Trap(b"x")
        body.action = (os._exit, (11,))
        return replace(capture, body=body)

    monkeypatch.setattr(Planning, "stored", stored)
    result = again(aged, workers=2)
    assert result.turns[Turn.LOST] == 1
    assert result.turns.total() == len(due(aged))
    assert result.turns[Turn.UNREADABLE] == 0
    assert result.exit_code == 3
    errors = rows(aged, "select capture_id, error from extraction where error is not null")
    assert [capture for capture, _ in errors] == [poisoned]
    assert errors[0][1].startswith(CRASHED)
    assert before == rows(aged, standing, poisoned) != [], "the former text stands"
    monkeypatch.undo()
    assert again(aged, failed=True).turns.total() == 1


# -- the command --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.ci
def test_the_command(aged_whole: Path, command: Command) -> None:
    assert command("crawler", "reextract", "--since", "2026-02-30").returncode == 2
    assert command("crawler", "reextract", "--workers", "0").returncode == 2
    assert command("crawler", "reextract", "--site", "dongli").returncode == 5
    first = command("crawler", "reextract", "--site", "demo", "--json", "--workers", "2")
    assert first.returncode == 0, first.stderr
    values = [json.loads(line) for line in first.stdout.splitlines()]
    assert (values[0]["type"], values[-1]["type"]) == ("started", "finished")
    assert values[0]["planned"] == values[-1]["read"] == len(newest(aged_whole))
    assert sum(values[-1]["turns"].values()) == values[-1]["read"]
    second = command("crawler", "reextract")
    assert second.returncode == 0
    assert "nothing to read again" in second.stdout


@pytest.mark.slow
@pytest.mark.ci
def test_the_command_shows_a_table(aged_whole: Path, command: Command) -> None:
    shown = command("crawler", "reextract")
    assert shown.returncode == 0, shown.stderr
    for label in ("text changed", "became report", "still unreadable", "unchanged", "Result: complete"):
        assert label in shown.stdout
    assert f"{len(newest(aged_whole))} captures to read again" in shown.stderr
