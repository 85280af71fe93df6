"""Many portals in one process: polite to each host group, fair to all, and none in the way of another."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer.testing

from archive.database import open_archive
from archive.errors import DatabaseUnusable
from archive.records import FetchRecord, PortalRecord, Recorded, RunState
from archive.store import Store
from crawler.cli import app
from crawler.errors import BadSiteFile
from crawler.many_result import PortalResult, RoundResult
from crawler.many_run import run_many
from crawler.prepare import prepare
from crawler.sample.server import Answer, Request
from crawler.session import Session
from crawler.window import Window
from tests.conftest import command_line, environment
from tests.crawler.many_portals import COLUMN, Portals, SmallPortal, gaps, overlaps, seeds

SLACK = 0.005


def crawl(server: Portals, db: Path, **options: object) -> RoundResult:
    given = {
        "choice": server.choice,
        "load": server.load,
        "delay": 0.0,
        "workers": 0,
        "recheck": "none",
        "proxy": server.proxy_url,
        **options,
    }
    return run_many(db=str(db), **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with nothing in it: making one takes longer than many a test here."""
    db = tmp_path_factory.mktemp("empty") / "archive.db"
    open_archive(str(db)).dispose()
    return db


@pytest.fixture
def db(empty: Path, tmp_path: Path) -> Path:
    """A fresh archive."""
    return Path(shutil.copy(empty, tmp_path / "archive.db"))


def by_key(result: RoundResult) -> dict[str, PortalResult]:
    return {one.key: one for one in result.portals}


def rows(db: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(query).fetchall()


def polite(server: Portals, delay: float) -> None:
    for group, lines in server.groups().items():
        assert lines[0].url.endswith("/robots.txt"), "robots.txt first"
        assert server.most[group] == 1, "never two requests at once"
        assert not overlaps(lines)
        assert min(gaps(lines)) >= delay - SLACK


@pytest.mark.parametrize("pages", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_each_host_is_asked_one_thing_at_a_time_with_the_pause_between(pages: int, db: Path) -> None:
    portals = [SmallPortal(key, pages - -(-pages // 16)) for key in ("alpha", "beta", "gamma")]
    with Portals(*portals) as server:
        result = crawl(server, db, delay=0.02)
    assert result.exit_code == 0
    assert [one.reports for one in result.portals] == [portal.reports for portal in portals]
    polite(server, 0.02)
    for portal in portals:
        lines = server.lines(portal)
        assert len(lines) == portal.pages + 1 >= pages
        assert len({line.url for line in lines}) == len(lines), "nothing is asked twice"
        assert {line.user_agent.partition("/")[0] for line in lines} == {"fazhi-archive"}
    assert result.requests == sum(map(len, server.groups().values()))
    first, last = (
        [pick(server.lines(portal)) for portal in portals]
        for pick in (lambda lines: lines[0].began, lambda lines: lines[-1].began)
    )
    assert max(first) < min(last), "they go on beside each other"


def test_portals_of_one_host_group_follow_one_another(db: Path) -> None:
    portals = [SmallPortal(key, 4, group="shared") for key in ("alpha", "beta", "gamma")]
    alone = SmallPortal("delta", 4)
    with Portals(*portals, alone) as server:
        result = crawl(server, db, delay=0.05)
    assert result.exit_code == 0
    polite(server, 0.05)
    order = [line.url.split(".")[1] for line in server.lines(*portals)]
    assert len(list(groupby(order))) == 3, "one portal of a group ends before the next one begins"


def test_a_hanging_portal_keeps_nobody_waiting(db: Path) -> None:
    released = threading.Event()

    def hang(request: Request) -> Answer | None:
        if request.path not in {"/robots.txt", COLUMN}:
            released.wait(20)
        return None

    portals = [SmallPortal("alpha", 12), SmallPortal("hang", 12, special=hang), SmallPortal("beta", 12)]
    with Portals(*portals) as server:
        result = crawl(server, db, at_once=2, overrides={"DOWNLOAD_TIMEOUT": 2, "RETRY_TIMES": 0})
        released.set()
    found = by_key(result)
    assert [one.key for one in result.portals][-1] == "hang"
    assert found["alpha"].state is found["beta"].state is RunState.COMPLETE
    assert found["hang"].state is RunState.PARTIAL
    assert (found["hang"].why or "").startswith(
        "the portal does not answer (Getting http://www.hang.example/"
    )
    good = server.lines(portals[0], portals[2])
    assert good[-1].ended - good[0].began < found["hang"].seconds


def test_a_challenge_stops_its_own_portal_only(db: Path) -> None:
    def challenge(request: Request) -> Answer | None:
        if request.path.endswith("_1002.html"):
            return Answer(status=412, body=b"<html><script>$_ts={}</script></html>", etag=False)
        return None

    portals = [SmallPortal("alpha", 6, special=challenge), SmallPortal("beta", 6)]
    with Portals(*portals) as server:
        result = crawl(server, db, delay=0.05)
    found = by_key(result)
    assert found["alpha"].challenged
    assert found["alpha"].state is RunState.PARTIAL
    assert found["beta"].state is RunState.COMPLETE
    assert server.lines(portals[0])[-1].status == 412, "nothing is asked behind a challenge"
    assert result.exit_code == 3


def test_a_budget_is_never_exceeded_and_shared_fairly(db: Path) -> None:
    portals = [SmallPortal("alpha", 14), SmallPortal("beta", 2), SmallPortal("gamma", 14)]
    with Portals(*portals) as server:
        result = crawl(server, db, budget=22, delay=0.01)
        asked = {key: len(server.lines(portal)) for key, portal in zip("abg", portals, strict=True)}
    assert sum(asked.values()) == result.requests == 22
    assert asked["b"] == 4, "whoever needs less leaves the rest to the others"
    assert min(asked["a"], asked["g"]) >= 7
    found = by_key(result)
    assert found["beta"].state is RunState.COMPLETE
    assert found["alpha"].why == found["gamma"].why == "its share of the requests is used"
    assert result.exit_code == 3
    with Portals(*portals) as server:
        again = crawl(server, db)
    assert again.exit_code == 0
    assert [one.reports for one in sorted(again.portals, key=lambda one: one.key)] == [14, 2, 14]


def test_portals_that_no_request_is_left_for_are_named(db: Path) -> None:
    portals = [SmallPortal(key, 3) for key in ("alpha", "beta", "gamma")]
    with Portals(*portals) as server:
        result = crawl(server, db, budget=2, at_once=1)
        assert len(server.log) == 2
    assert [one.word for one in result.portals] == ["partial", "not run", "not run"]
    assert result.portals[1].why == "the budget is used"


def test_an_interrupt_makes_all_runs_partial_and_gives_the_leases_back(db: Path) -> None:
    seen: list[str] = []

    def interrupt(request: Request) -> Answer | None:
        seen.append(request.path)
        if len(seen) == 6:
            os.kill(os.getpid(), signal.SIGTERM)
        return None

    portals = [SmallPortal("alpha", 9, special=interrupt), SmallPortal("beta", 9), SmallPortal("gamma", 3)]
    before = time.monotonic()
    with Portals(*portals) as server:
        result = crawl(server, db, at_once=2, delay=0.05)
        assert time.monotonic() - before < 30
        asked = len(server.log)
        found = by_key(result)
        assert [found[key].word for key in ("alpha", "beta", "gamma")] == ["partial", "partial", "not run"]
        assert {one.why for one in result.portals} == {"interrupted"}
        assert rows(db, "select count(*) from lease") == [(0,)]
        assert rows(db, "select distinct state from run") == [("partial",)]
        again = crawl(server, db)
    assert again.exit_code == 0
    fetched = [line.url for line in server.log[:asked] if "/202403/" in line.url]
    later = [line.url for line in server.log[asked:]]
    assert not set(fetched) & set(later), "what was fetched is not asked for again"


def test_a_broken_portal_is_named_and_ends_alone(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portals = [SmallPortal(key, 4) for key in ("bad", "broken", "busy", "good", "unclosed")]
    store = Store(open_archive(str(db)))
    other = store.sync_portal(
        PortalRecord(
            key="busy", name="b", level="county", division_code=None, home_url="http://b/", platform=None
        )
    )
    store.begin_run(other, trigger="t", code_version="", options={}, owner="elsewhere:1:x", lease_seconds=600)
    note, close = Session._note_listing, Session.close

    def raising(self: Session, *given: object) -> None:
        if self.site.key == "broken":
            raise RuntimeError("a bug")
        note(self, *given)  # type: ignore[arg-type]

    def not_closing(self: Session) -> object:
        if self.site.key == "unclosed":
            raise RuntimeError("another bug")
        return close(self)

    monkeypatch.setattr(Session, "_note_listing", raising)
    monkeypatch.setattr(Session, "close", not_closing)

    def load(key: str) -> object:
        if key == "bad":
            raise BadSiteFile("seeds/sites/bad.toml:1: key: missing")
        return server.load(key)

    with Portals(*portals) as server:
        result = crawl(server, db, load=load)
    found = by_key(result)
    assert result.exit_code == 3
    assert (found["bad"].word, found["bad"].why) == ("not run", "seeds/sites/bad.toml:1: key: missing")
    assert found["busy"].word == "not run"
    assert "is being crawled by elsewhere" in (found["busy"].why or "")
    assert (found["broken"].word, found["broken"].why) == ("failed", "internal error: RuntimeError: a bug")
    assert (found["unclosed"].word, found["unclosed"].why) == (
        "failed",
        "internal error: RuntimeError: another bug",
    )
    assert found["good"].state is RunState.COMPLETE
    assert rows(db, "select p.key from lease l join portal p on p.id = l.portal_id") == [("busy",)]


def test_a_lease_lost_on_the_way_ends_its_own_run(db: Path) -> None:

    def take(request: Request) -> Answer | None:
        if request.path.endswith("_1001.html"):
            with closing(sqlite3.connect(db, timeout=30)) as connection:
                connection.execute(
                    "update run set state = 'abandoned' where portal_id = (select id from portal where key = 'alpha')"
                )
                connection.commit()
        return None

    portals = [SmallPortal("alpha", 5, special=take), SmallPortal("beta", 5)]
    with Portals(*portals) as server:
        result = crawl(server, db)
    found = by_key(result)
    assert found["alpha"].word == "failed"
    assert "lost its lease" in (found["alpha"].why or "")
    assert found["beta"].state is RunState.COMPLETE


def test_an_archive_that_cannot_be_written_ends_all(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Store.record
    calls: list[int] = []

    def full(self: Store, run_id: int, fetch: FetchRecord) -> Recorded:
        calls.append(run_id)
        if len(calls) == 8:
            raise DatabaseUnusable("the disk is full")
        return record(self, run_id, fetch)

    monkeypatch.setattr(Store, "record", full)
    portals = [SmallPortal(key, 20) for key in ("alpha", "beta", "gamma")]
    with Portals(*portals) as server, pytest.raises(DatabaseUnusable, match="the disk is full"):
        crawl(server, db, delay=0.02, at_once=2)
    assert len(calls) <= 10
    assert not server.lines(portals[2]), "nothing further is begun"


def throttled(status: int, header: dict[str, str]) -> Callable[[Request], Answer | None]:
    asked: list[str] = []

    def answer(request: Request) -> Answer | None:
        asked.append(request.path)
        if request.path.endswith("_1001.html") and asked.count(request.path) == 1:
            return Answer(status=status, headers=header, body=b"slow down", etag=False)
        return None

    return answer


def test_retry_after_is_kept_by_the_whole_group_and_by_nobody_else(db: Path) -> None:
    portals = [
        SmallPortal("alpha", 4, special=throttled(503, {"Retry-After": "2"})),
        SmallPortal("beta", 12),
    ]
    with Portals(*portals) as server:
        result = crawl(server, db, delay=0.01)
    assert result.exit_code == 0
    lines = server.lines(portals[0])
    place = next(place for place, line in enumerate(lines) if line.status == 503)
    assert lines[place + 1].began - lines[place].began >= 2
    assert server.lines(portals[1])[-1].began < lines[place + 1].began


def test_a_group_that_refuses_is_asked_more_slowly_and_then_faster_again(db: Path) -> None:
    portal = SmallPortal("alpha", 15, special=throttled(503, {}))
    delay = 0.1
    with Portals(portal) as server:
        result = crawl(server, db, delay=delay)
    assert result.exit_code == 0
    lines = server.lines(portal)
    place = next(place for place, line in enumerate(lines) if line.status == 503)
    waits = gaps(lines[place:])
    assert min(waits[:5]) >= 2 * delay - SLACK
    assert min(waits[6:]) < 2 * delay - SLACK


def test_outside_its_window_a_portal_is_not_asked(db: Path) -> None:
    portals = [SmallPortal("alpha", 2), SmallPortal("beta", 2)]
    noon = datetime(2026, 3, 1, 4, tzinfo=UTC)
    with Portals(*portals) as server:
        result = crawl(server, db, window=Window.parse("22-6"), clock=lambda: noon)
        assert not server.log
    assert result.exit_code == 3
    assert {one.why for one in result.portals} == {"outside its crawl window 22-6 (it is 12:00 in China)"}


def test_a_run_ends_with_its_window(db: Path) -> None:
    moments = iter([datetime(2026, 3, 1, 21, 59, tzinfo=UTC)] * 60)
    late = datetime(2026, 3, 1, 22, 0, 1, tzinfo=UTC)
    portal = SmallPortal("alpha", 60)
    with Portals(portal) as server:
        result = crawl(server, db, window=Window.parse("22-6"), clock=lambda: next(moments, late))
        assert 2 < len(server.log) < 60
    assert result.portals[0].state is RunState.PARTIAL
    assert result.portals[0].why == "outside its crawl window 22-6 (it is 06:00 in China)"


def test_the_command_tells_programs_and_people(
    tmp_path: Path, db: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    portals = [SmallPortal("alpha", 3), SmallPortal("beta", 2)]
    place = seeds(tmp_path / "seeds", *portals)
    (place / "sites" / "gamma.toml").write_text('key = "gamma"\n', encoding="utf-8")
    run = typer.testing.CliRunner().invoke
    given = ["--seeds", str(place), "--db", str(db)]
    with Portals(*portals) as server:
        monkeypatch.setenv("http_proxy", server.proxy_url)
        told = run(app, ["run", "--city", "示例市", "--json", *given])
        shown = run(app, ["run", "--province", "示例省", "--plain", *given])
        broken = run(app, ["run", "--all", "--json", *given])
    values = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.exit_code == 0, told.stderr
    assert {value["site"] for value in values[:-1]} == {"alpha", "beta"}
    assert [value["type"] for value in values if value.get("site") == "beta"] == [
        "started", "fetched", "fetched", "fetched", "finished",
    ]  # fmt: skip
    whole = values[-1]
    assert (whole["type"], whole["exit_code"], whole["states"]) == ("round", 0, {"complete": 2})
    assert whole["without_url"] == ["nowhere"]
    assert {one["key"]: one["new"] for one in whole["portals"]} == {"alpha": 3, "beta": 2}
    assert shown.exit_code == 0, shown.stderr
    for words in ("2 complete", "示例省alpha区 (alpha)", "示例省无址县 (nowhere)", "exit code 0"):
        assert words in shown.stdout
    assert "2 portals, 2 at once" in shown.stderr
    assert broken.exit_code == 3
    last = json.loads(broken.stdout.splitlines()[-1])
    assert [one["why"].partition(":")[0] for one in last["portals"] if one["state"] == "not run"] == [
        "seeds/sites/gamma.toml"
    ]


@pytest.mark.parametrize(
    "given",
    [
        ["--site", "dongli", "--all"],
        ["--site", "dongli", "--budget", "5"],
        ["--all", "--advance"],
        ["--province", "天津市", "--replay", "x.warc"],
        ["--all", "--window", "night"],
        ["--all", "--at-once", "0"],
        [],
    ],
)
def test_options_that_do_not_go_together(given: list[str]) -> None:
    assert typer.testing.CliRunner().invoke(app, ["run", *given]).exit_code == 2


HOLDINGS = (
    "select d.url, d.state, v.number, v.text_sha256 from version v join document d on d.id = v.document_id order by 1, 3",
    "select count(*) from report",
    "select sha256 from text order by 1",
    "select count(*) from change where kind = 'new'",
    "select count(*) from frontier where state = 'queued'",
    "select count(*) from lease",
)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_in_the_middle_and_begun_again_it_makes_the_same_archive(tmp_path: Path) -> None:
    portals = [SmallPortal(key, 30) for key in ("alpha", "beta", "gamma", "delta")]
    place = seeds(tmp_path / "seeds", *portals, delay=0.01)

    def begin(db: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command_line(
                "crawler", "run", "--all", "--seeds", place, "--db", db, "--at-once", "3", "--recheck", "none"
            ),
            cwd=tmp_path,
            env=environment({"http_proxy": server.proxy_url}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    with Portals(*portals) as server:
        whole = begin("whole.db")
        whole.communicate()
        assert whole.returncode == 0
        wanted = [rows(tmp_path / "whole.db", query) for query in HOLDINGS]
        assert len(wanted[0]) == 120
        for new in (1, 25, 70, 110):
            db = tmp_path / f"killed{new}.db"
            server.log.clear()
            process = begin(db.name)
            assert process.stderr is not None
            seen = 0
            for line in process.stderr:
                seen += ": new " in line
                if seen == new:
                    break
            process.send_signal(signal.SIGKILL)
            process.communicate()
            held = rows(db, HOLDINGS[0])
            assert new <= len(held) < 120
            first = {line.url for line in server.log}
            again = begin(db.name)
            again.communicate()
            assert again.returncode == 0
            assert [rows(db, query) for query in HOLDINGS] == wanted
            stored = {url for url, *_ in held}
            repeated = [line.url for line in server.log if line.url in stored]
            assert len(repeated) == len(set(repeated)), "what was stored is not asked for again"
            assert first


def test_a_crawl_delay_is_kept_by_its_own_group(db: Path) -> None:
    def rules(request: Request) -> Answer | None:
        if request.path != "/robots.txt":
            return None
        return Answer(body=b"User-agent: *\nCrawl-delay: 0.6\n", content_type="text/plain")

    portals = [SmallPortal("alpha", 2, special=rules), SmallPortal("beta", 8)]
    with Portals(*portals) as server:
        assert crawl(server, db, delay=0.01).exit_code == 0
    assert min(gaps(server.lines(portals[0]))) >= 0.6 - SLACK
    assert min(gaps(server.lines(portals[1]))) < 0.3


async def test_an_answer_that_never_comes_back_ends_its_run_and_says_so(db: Path) -> None:
    from crawler.frontier import FrontierScheduler
    from crawler.turns import Turns

    session = prepare(SmallPortal("alpha").site(), db=str(db), recheck="none")
    session.open()
    turns, scheduler = Turns(session), FrontierScheduler()
    spider = SimpleNamespace(turns=turns, parse=None, failed=None)
    scheduler.open(spider)  # type: ignore[arg-type]
    assert scheduler.next_request() is not None
    assert scheduler.next_request() is None, "the host group is busy"
    assert scheduler.has_pending_requests()  # Scrapy has lost the request
    assert scheduler.next_request() is None
    assert not scheduler.has_pending_requests()
    assert session.close().stopped == (
        "internal error: RuntimeError: nothing is under way, but answers are still waited for"
    )
