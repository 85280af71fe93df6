"""A portal that hangs, refuses, breaks or loses its lease ends alone; what ends the round ends it in order."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from archive.database import open_archive
from archive.errors import DatabaseUnusable
from archive.records import FetchRecord, PortalRecord, Recorded, RunState
from archive.store import Store
from crawler.errors import BadSiteFile
from crawler.guide import Guide
from crawler.prepare import prepare
from crawler.sample.server import Answer, Request
from crawler.session import Session
from tests.conftest import command_line, environment
from tests.crawler import many_rounds
from tests.crawler.many_portals import COLUMN, Portals, SmallPortal, seeds
from tests.crawler.many_rounds import by_key, crawl, rows

db = many_rounds.db


def test_a_hanging_portal_keeps_nobody_waiting(db: Path) -> None:
    released = threading.Event()

    def hang(request: Request) -> Answer | None:
        if request.path not in {"/robots.txt", COLUMN}:
            released.wait(20)
        return None

    portals = [SmallPortal("alpha", 12), SmallPortal("hang", 12, special=hang), SmallPortal("beta", 12)]
    with Portals(*portals) as server:
        patience = 2
        result = crawl(server, db, at_once=2, overrides={"DOWNLOAD_TIMEOUT": patience, "RETRY_TIMES": 0})
        released.set()
    found = by_key(result)
    assert found["alpha"].state is found["beta"].state is RunState.COMPLETE
    assert found["hang"].state is RunState.PARTIAL
    assert (found["hang"].why or "").startswith(
        "the portal does not answer (Getting http://www.hang.example/"
    )
    waited = [line.began for line in server.lines(portals[1])]
    beside = [line.began for line in server.lines(portals[0])]
    assert sum(any(begin < began < begin + patience for begin in waited) for began in beside) > 1


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
    listed, close = Guide.listed, Session.close

    def raising(self: Guide, *given: object) -> None:
        if self.site.key == "broken":
            raise RuntimeError("a bug")
        listed(self, *given)  # type: ignore[arg-type]

    def not_closing(self: Session) -> object:
        if self.site.key == "unclosed":
            raise RuntimeError("another bug")
        return close(self)

    monkeypatch.setattr(Guide, "listed", raising)
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
