"""What never ends: pagers, calendars, links and bytes that keep coming; each within its budget."""

from __future__ import annotations

import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from archive.records import RunState
from crawler.sample.server import Answer, Request
from tests.crawler.bad_portal import BAD, others_are_read, page, portal, problems
from tests.crawler.network import (
    BASE,
    COLUMN,
    REPORT,
    RawServer,
    answer,
    article,
    crawl,
    listing,
    no_proxy,
    row,
    served,
    site,
    slowly,
)

__all__ = ["no_proxy"]
pytestmark = pytest.mark.usefixtures("no_proxy", "read_once")


def test_a_pager_that_always_announces_a_next_page_ends_as_partial(tmp_path: Path) -> None:
    """Each page repeats the same rows and names one more page."""

    def endless(request: Request) -> Answer:
        number = int(parse_qs(request.query).get("page", ["1"])[0])
        more = f'<div class="page"><a href="{COLUMN}?page={number + 1}">下一页</a></div>'
        return page(listing(row(1), row(2), more=more))

    good = portal(lambda _: page(article(1)))
    with served(lambda r: endless(r) if r.path == COLUMN else good(r)) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
        lists = [line for line in server.log if COLUMN in line.url and "t2024" not in line.url]
    assert 2 <= len(lists) <= 6
    assert "nothing new" in problems(summary)["endless"]
    assert summary.state is RunState.PARTIAL
    assert summary.reports_known == 2


def test_a_pager_with_new_rows_for_ever_ends_at_its_budget(tmp_path: Path) -> None:
    def endless(request: Request) -> Answer:
        number = int(parse_qs(request.query).get("page", ["1"])[0])
        rows = "".join(
            f'<li><a href="/news/t2024{number:04}_{k}9999.html">动态{number}之{k}</a></li>' for k in range(9)
        )
        return page(listing(rows, row(1), more=f'<a href="{COLUMN}?page={number + 1}">下一页</a>'))

    good = portal(lambda _: page(article(1)))
    with served(lambda r: endless(r) if r.path == COLUMN else good(r)) as server:
        summary = crawl(tmp_path, site(list_budget=12), proxy=server.proxy_url)
        lists = [line for line in server.log if COLUMN in line.url and "t2024" not in line.url]
    assert len(lists) == 12
    assert "12 list pages" in problems(summary)["endless"]
    assert summary.state is RunState.PARTIAL
    assert summary.reports_known == 1, "what was listed is read all the same"


def test_a_calendar_is_no_way_to_the_reports(tmp_path: Path) -> None:
    """A home page with a calendar, each day linking to the next: the search keeps to its budget."""
    asked: list[str] = []

    def calendar(request: Request) -> Answer:
        asked.append(request.url)
        if request.path == "/robots.txt":
            return Answer(status=404, etag=False)
        day = len(asked)
        links = "".join(
            f'<a href="/zwgk/{2000 + day}/{month}/">法治政府建设年度报告{month}月</a><a href="/zwgk/gk{day}/{month}/">政务公开</a><a href="/zwgk/?date=2024-{month:02}-{day:02}">政务公开</a>'
            for month in range(1, 13)
        )
        return page(listing(more=links))

    with served(calendar) as server:
        summary = crawl(tmp_path, site(columns=(), budget=6), proxy=server.proxy_url)
    assert len(asked) <= 2 + 2 * 6
    assert summary.state is RunState.PARTIAL
    assert summary.left


def test_session_ids_give_no_new_addresses(tmp_path: Path) -> None:
    numbers = iter(range(10_000))

    def sessions(request: Request) -> Answer:
        mark = f"{next(numbers):032X}"
        if request.path == "/robots.txt":
            return Answer(status=404, etag=False)
        if request.path == COLUMN:
            rows = [
                row(1, f"{REPORT.format(n=1)};jsessionid={mark}"),
                row(2, f"{REPORT.format(n=2)}?PHPSESSID={mark}"),
                row(3, f"{REPORT.format(n=3)}?sid={mark}&id=7"),
            ]
            return page(listing(*rows, more=f'<a href="index.html;jsessionid={mark}">首页</a>'))
        return page(article(int(request.path.split(".html")[0][-1])))

    with served(sessions) as server:
        for _ in range(2):
            summary = crawl(tmp_path, site(), proxy=server.proxy_url)
    assert summary.reports_known == 3
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        urls = [url for (url,) in db.execute("select url from frontier where kind = 'page'")]
    assert sorted(urls) == [
        BASE + REPORT.format(n=1),
        BASE + REPORT.format(n=2),
        BASE + REPORT.format(n=3) + "?id=7",
    ]


@pytest.mark.parametrize("number", [2_500, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_page_of_too_many_links_is_read_in_part_and_says_so(tmp_path: Path, number: int) -> None:
    rows = "".join(f'<a href="/n/t20240101_{n}.html">通知公告第{n}号</a>\n' for n in range(number))
    good = portal(lambda _: page(article(1)))
    began = time.process_time()
    with served(lambda r: page(listing(row(1), rows)) if r.path == COLUMN else good(r)) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
    assert time.process_time() - began < 30
    assert summary.state is RunState.PARTIAL, "not all rows were looked at"
    assert "2000 of" in problems(summary)["incomplete"]
    assert summary.reports_known == 1


def test_a_body_of_one_byte_at_a_time_ends_at_the_time_limit(tmp_path: Path) -> None:
    """Bytes keep coming, so that a limit on silence would never be met."""
    ended = False

    def trickle(connection: socket.socket, head: str) -> None:
        path = head.split(" ")[1]
        if path == BAD:
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n"
            )
            slowly(connection, b"<html>" * 10_000, 0.05, lambda: ended)
            return
        body = {COLUMN: listing(row(1), row(2)), "/robots.txt": b""}.get(path, article(2))
        connection.sendall(answer(body))

    began = time.monotonic()
    with RawServer(trickle) as server:
        what = site(f"http://localhost:{server.port}", private_hosts=("localhost",))
        summary = crawl(tmp_path, what, proxy=None, DOWNLOAD_TIMEOUT=1)
        ended = True
    assert time.monotonic() - began < 15
    assert set(problems(summary)) == {"timeout"}
    assert others_are_read(summary)


@pytest.mark.slow
def test_headers_of_one_byte_at_a_time_end_at_the_time_limit(tmp_path: Path) -> None:
    ended = False

    def trickle(connection: socket.socket, head: str) -> None:
        path = head.split(" ")[1]
        if path == BAD:
            slowly(connection, b"HTTP/1.1 200 OK\r\nX-A: " + b"y" * 5_000, 0.05, lambda: ended)
            return
        body = {COLUMN: listing(row(1), row(2)), "/robots.txt": b""}.get(path, article(2))
        connection.sendall(answer(body))

    with RawServer(trickle) as server:
        what = site(f"http://localhost:{server.port}", private_hosts=("localhost",))
        summary = crawl(tmp_path, what, proxy=None, DOWNLOAD_TIMEOUT=1)
        ended = True
    assert set(problems(summary)) == {"timeout"}
    assert others_are_read(summary)


def test_a_page_that_differs_on_every_fetch_is_one_version(tmp_path: Path) -> None:
    numbers = iter(range(10_000))

    def restless(_: Request) -> Answer:
        number = next(numbers)
        extra = f"<p>浏览次数：{number}</p><input type='hidden' name='token' value='{number:032x}'><script>var t={number};</script>"
        return page(article(1, extra))

    with served(portal(restless)) as server:
        for _ in range(2):
            summary = crawl(tmp_path, site(), proxy=server.proxy_url)
        assert sum(line.url.endswith(BAD) for line in server.log) == 2
    assert summary.state is RunState.COMPLETE
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        assert db.execute("select count(*) from version").fetchone() == (2,)
