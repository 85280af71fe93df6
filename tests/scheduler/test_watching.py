"""From silence to alarm: one message when it begins, a reminder, one when it is over; digests; endpoints that fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from archive.records import RunState
from archive.visits import VisitStore
from scheduler.delivery import by_apprise
from scheduler.letters import page
from scheduler.troubles import GIB, Disk
from scheduler.watching import Watch
from tests.archive.builder import Crawl, extraction
from tests.scheduler.making import Clock, portal, portals, settings


class Post:
    """Takes messages, or refuses them."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, str]] = []
        self.refuses: set[str] = set()

    def __call__(self, address: str, message) -> str | None:
        if address in self.refuses:
            return "no answer"
        self.taken.append((address, message.title, message.body))
        return None


class Office:
    def __init__(self, engine, **alarms) -> None:
        self.clock = Clock()
        self.post = Post()
        self.free = 50 * GIB
        told = {"targets": {"chat": "json://chat"}, "weekly": False, "yearly": False, **alarms}
        self.portals = portals(portal("qinghe", name="清河区"))
        self.watch = Watch(
            settings(alarms=told),
            engine,
            self.portals,
            clock=self.clock,
            send=self.post,
            disks=lambda: [Disk(path="/archive", free=self.free, total=100 * GIB)],
        )

    def sweep(self) -> list[str]:
        """Titles of the messages of one sweep."""
        before = len(self.post.taken)
        self.watch.sweep()
        self.watch.deliver()
        return [title for _, title, _ in self.post.taken[before:]]


@pytest.fixture
def office(engine) -> Office:
    return Office(engine)


def crawl_again(crawl: Crawl, state: RunState, counters: dict | None = None) -> None:
    crawl.clock.pass_time(hours=6)
    crawl.begin()
    crawl.store.finish_run(crawl.run_id, state, counters or {}, "played")


def test_a_blocked_portal_is_told_once_reminded_and_its_end_told(office: Office, engine) -> None:
    crawl = Crawl(engine)
    crawl.clock.now = office.clock.now
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
    for number in range(1, 4):
        crawl_again(crawl, RunState.BLOCKED, {"outcomes": {"challenge": 1}})
        expected = ["[fazhi] opened: portal blocks us: 清河区 (qinghe)"] if number == 3 else []
        assert office.sweep() == expected
    assert "challenge" in office.post.taken[0][2]
    assert office.sweep() == []
    office.clock.pass_time(days=8)
    assert office.sweep() == ["[fazhi] still open: portal blocks us: 清河区 (qinghe)"]
    assert office.sweep() == []
    crawl_again(crawl, RunState.COMPLETE)
    assert office.sweep() == ["[fazhi] closed: portal blocks us: 清河区 (qinghe)"]
    assert "is over" in office.post.taken[-1][2]
    assert office.sweep() == []


def test_while_a_crawl_is_under_way_nothing_is_opened_or_closed(office: Office, engine) -> None:
    crawl = Crawl(engine)
    crawl.clock.now = office.clock.now
    for _ in range(2):
        crawl_again(crawl, RunState.FAILED)
    crawl.clock.pass_time(hours=6)
    crawl.begin()
    office.clock.now = crawl.clock.now
    assert office.sweep() == []
    crawl.store.finish_run(crawl.run_id, RunState.FAILED, {}, "played")
    assert office.sweep() == ["[fazhi] opened: portal unreadable: 清河区 (qinghe)"]
    crawl.clock.pass_time(hours=6)
    crawl.begin()
    office.clock.now = crawl.clock.now
    assert office.sweep() == []  # it has no result yet
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "played")
    assert office.sweep() == ["[fazhi] closed: portal unreadable: 清河区 (qinghe)"]


def test_many_at_once_are_one_message(office: Office, engine) -> None:
    office.portals.broken = {f"p{n:03}": "bad file" for n in range(80)}
    office.free = GIB
    assert office.sweep() == ["[fazhi] 81 opened"]
    body = office.post.taken[0][2]
    assert "… and 21 more: scheduler incidents" in body
    assert body.startswith("opened (81)\n- disk nearly full: since")


def test_words_from_outside_steer_neither_terminal_nor_page(office: Office) -> None:
    office.portals.by_key = {"qinghe": portal("qinghe", name="<script>\x1b[2J")}
    office.portals.broken = {"qinghe": "bad \x1b[31m<b>"}
    office.watch.sweep()
    (message,) = office.watch.incidents.undelivered()
    for text in (message.title, message.body, message.html):
        assert "\x1b" not in text
    assert "<script>" not in message.html
    assert "<b>" not in message.html


def test_an_endpoint_that_is_down_gets_its_messages_later_in_their_order(engine, tmp_path: Path) -> None:
    office = Office(
        engine, targets={"chat": "json://chat", "mail": "json://mail"}, file=str(tmp_path / "alarms.txt")
    )
    office.post.refuses = {"json://chat"}
    office.portals.broken = {"a": "bad"}
    assert len(office.sweep()) == 1
    office.portals.broken = {}
    office.sweep()
    assert [address for address, _, _ in office.post.taken] == ["json://mail"] * 2
    assert (tmp_path / "alarms.txt").read_text().count("== ") == 2
    office.clock.pass_time(seconds=30)
    office.post.refuses = set()
    assert office.sweep() == []  # not yet: a minute after the first failure
    office.clock.pass_time(minutes=2)
    assert [title.split(":")[0] for title in office.sweep()] == ["[fazhi] opened", "[fazhi] closed"]
    assert office.watch.incidents.outbox() == []


def test_a_message_nobody_takes_is_given_up_and_kept(office: Office) -> None:
    office.post.refuses = {"json://chat"}
    office.portals.broken = {"a": "bad"}
    for _ in range(32):
        office.sweep()
        office.clock.pass_time(hours=12)
    (message,) = [one for one in office.watch.incidents.outbox() if one.next_try is None]
    assert message.last_error == "no answer"
    assert 25 < message.attempts < 32  # for two weeks


def test_the_time_without_a_service_is_told_when_one_starts(office: Office, engine) -> None:
    store = VisitStore(engine, owner="old", clock=office.clock)
    assert office.watch.before_start() is None
    store.begin_service("1")
    last = office.clock.now
    office.clock.pass_time(days=3)
    assert office.watch.before_start() == last
    store.begin_service("2")
    assert [title.split(":")[0] for title in office.sweep()] == ["[fazhi] opened", "[fazhi] closed"]
    assert "no service has shown a sign of life since 2027-01-20 04:00 UTC" in office.post.taken[0][2]


def test_the_week_s_digest_is_sent_once_and_names_what_is_late(engine) -> None:
    office = Office(engine, weekly=True)
    crawl = Crawl(engine)
    crawl.clock.now = office.clock.now
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
    crawl.begin()
    crawl.page("a.html")
    crawl.page(
        "b.html", extraction("另一份报告很晚。" * 60, published=office.clock.now.date(), report_year=2024)
    )
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
    assert office.sweep() == []  # nothing was crawled in the week before
    office.clock.pass_time(days=5)
    assert office.sweep() == ["[fazhi] Week 3 of 2027"]
    body = office.post.taken[0][2]
    assert "published 2" in body
    assert "late 1." in body
    assert "late (1)\n- 天津市清河区" in body
    assert office.sweep() == []
    letter = office.watch.yearly(2027, again=True)
    assert "The year to 2027-07-01" in letter.title
    assert page(letter).startswith("<!doctype html>")
    assert "清河街道2025年法治政府建设年度报告" in letter.html


# -- a real receiver ----------------------------------------------------------------------------


class Receiver:
    """A webhook on loopback."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[dict] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.status == 200:
                    outer.got.append(json.loads(body))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *given: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server.server_address[1]}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.mark.slow
def test_a_real_webhook_gets_the_message_and_a_failing_one_later(
    engine, receiver: Receiver, monkeypatch
) -> None:
    pytest.importorskip("apprise")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    office = Office(engine, targets={"hook": receiver.url})
    office.watch.delivery._send = by_apprise
    receiver.status = 503
    office.portals.broken = {"qinghe": "bad file"}
    office.watch.sweep()
    assert office.watch.deliver() == 0
    (waiting,) = office.watch.incidents.outbox()
    assert waiting.attempts == 1
    assert waiting.last_error
    receiver.status = 200
    office.clock.pass_time(minutes=2)
    assert office.watch.deliver() == 1
    (got,) = receiver.got
    assert got["title"] == "[fazhi] opened: site file broken: 清河区 (qinghe)"
    assert "bad file" in got["message"]
