"""What a network and a hostile server can do: each with a typed outcome, within a budget, without a hang."""

from __future__ import annotations

import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from archive.records import RunState
from crawler.sample.server import Answer, Request
from crawler.settings import REDIRECT_MAX_TIMES
from crawler.summary import Summary
from tests.crawler.network import (
    BASE,
    COLUMN,
    HOST,
    REPORT,
    RawServer,
    answer,
    article,
    crawl,
    home,
    listing,
    no_proxy,
    row,
    served,
    site,
    slowly,
)

__all__ = ["no_proxy"]
pytestmark = pytest.mark.usefixtures("no_proxy", "read_once")

Portal = Callable[[Request], Answer]
BAD = REPORT.format(n=1)


def page(body: bytes, **more: object) -> Answer:
    return Answer(body=body, etag=False, **more)  # type: ignore[arg-type]


def to(where: str, status: int = 302, **headers: str) -> Answer:
    return Answer(
        status=status,
        headers={"Location": where, **{k.replace("_", "-"): v for k, v in headers.items()}},
        etag=False,
    )


def portal(bad: Callable[[Request], Answer], *, path: str = BAD) -> Portal:
    """A portal with two reports, of which one address (or robots.txt) misbehaves."""

    def answers(request: Request) -> Answer:
        if request.path == path:
            return bad(request)
        if request.path == "/robots.txt":
            return Answer(status=404, etag=False)
        if request.path == "/":
            return page(home())
        if request.path == COLUMN:
            return page(listing(row(1), row(2)))
        if request.path == REPORT.format(n=2):
            return page(article(2))
        return Answer(status=404, etag=False)

    return answers


def problems(summary: Summary) -> dict[str, str]:
    return {problem.outcome: problem.detail or "" for problem in summary.problems}


def others_are_read(summary: Summary) -> bool:
    return summary.reports_known >= 1 and summary.state is RunState.PARTIAL


# -- redirects ----------------------------------------------------------------------------------


def test_a_redirect_loop_ends_at_once(tmp_path: Path) -> None:
    asked: Counter[str] = Counter()

    def loop(request: Request) -> Answer:
        asked[request.path] += 1
        return to("/b.html")

    def other(request: Request) -> Answer:
        if request.path == "/b.html":
            asked[request.path] += 1
            return to(BAD)
        return portal(loop)(request)

    with served(other) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
    assert "redirected round" in problems(summary)["http_error"]
    assert asked == {BAD: 1, "/b.html": 1}
    assert others_are_read(summary)


def test_a_redirect_to_itself_is_a_loop(tmp_path: Path) -> None:
    with served(portal(lambda _: to(BAD))) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
        assert sum(line.url.endswith(BAD) for line in server.log) == 1
    assert "redirected round" in problems(summary)["http_error"]


def test_a_redirect_to_itself_that_sets_a_cookie_only_needs_it_back(tmp_path: Path) -> None:
    """司法部: openresty asks every new visitor to bring CT6T back; also for robots.txt."""
    asked: list[tuple[str, str]] = []
    good = portal(lambda _: page(article(1)))

    def firewall(request: Request) -> Answer:
        cookie = request.headers.get("cookie", "")
        asked.append((request.path, cookie))
        if "CT6T=17" not in cookie:
            return to(request.url, Set_Cookie="CT6T=17; Path=/; HttpOnly")
        return good(request)

    with served(firewall) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
    assert summary.state is RunState.COMPLETE
    assert summary.reports_known == 2
    assert sum("CT6T" not in cookie for _, cookie in asked) == 1, "the jar serves the whole host"


def test_a_server_that_always_asks_for_another_cookie_is_given_up(tmp_path: Path) -> None:
    numbers = iter(range(1000))

    def insatiable(request: Request) -> Answer:
        return to(request.url, Set_Cookie=f"a{next(numbers)}=1; Path=/")

    with served(portal(insatiable)) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
        assert sum(line.url.endswith(BAD) for line in server.log) == REDIRECT_MAX_TIMES + 1
    assert "redirects in a row" in problems(summary)["http_error"]
    assert others_are_read(summary)


def test_a_chain_without_end_is_bounded(tmp_path: Path) -> None:
    asked: list[str] = []

    def chain(request: Request) -> Answer:
        if request.path == BAD or request.path.startswith("/hop"):
            asked.append(request.path)
            return to(f"/hop{len(asked)}.html")
        return portal(lambda _: to("/"))(request)

    with served(chain) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
    assert len(asked) == REDIRECT_MAX_TIMES + 1
    assert "redirects in a row" in problems(summary)["http_error"]
    assert others_are_read(summary)


NEVER_FOLLOWED = (
    ("http://evil.example/report.html", "moved"),
    ("http://www.trial.example.evil.com/", "moved"),
    ("http://user:pass@www.trial.example/x", "moved"),
    ("http://127.0.0.1:22/", "host_refused"),
    ("http://169.254.169.254/latest/meta-data/", "host_refused"),
    ("http://[::ffff:10.0.0.1]/", "host_refused"),
    ("file:///etc/passwd", "host_refused"),
    ("data:text/html,<h1>hello</h1>", "host_refused"),
    ("javascript:alert(1)", "host_refused"),
    ("ftp://www.trial.example/report.pdf", "host_refused"),
)
NO_CONTENT = (
    ("/", "soft_404"),
    ("/index.html", "soft_404"),
    ("/404.html", "soft_404"),
    ("/error/404.shtml", "soft_404"),
    ("/login.jsp", "forbidden"),
)


@pytest.mark.parametrize("table", [NEVER_FOLLOWED, NO_CONTENT], ids=["never followed", "no content"])
def test_redirects_to_what_is_no_answer_are_typed(tmp_path: Path, table: tuple[tuple[str, str], ...]) -> None:
    """Off the host, to other schemes, into private networks; to the home page, an error page, a login."""
    bad = {REPORT.format(n=n): where for n, (where, _) in enumerate(table, start=1)}
    good = REPORT.format(n=len(table) + 1)

    def answers(request: Request) -> Answer:
        if request.path in bad:
            return to(bad[request.path])
        if request.path == "/robots.txt":
            return Answer(status=404, etag=False)
        if request.path == COLUMN:
            return page(listing(*(row(n) for n in range(1, len(table) + 2))))
        return page(article(len(table) + 1) if request.path == good else listing(more="<p>欢迎访问</p>"))

    with served(answers) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
        assert {line.url.split("/")[2] for line in server.log} == {HOST}
    typed = {problem.url.removeprefix(BASE): problem.outcome for problem in summary.problems}
    assert typed == {path: outcome for path, (_, outcome) in zip(bad, table, strict=True)}
    assert others_are_read(summary)


def test_a_page_that_is_nothing_but_a_script_leading_on_is_followed(tmp_path: Path) -> None:
    script = f"<html><head><script>window.location.href='{REPORT.format(n=3)}';</script></head><body></body></html>"
    good = portal(lambda _: page(script.encode()))
    with served(lambda r: page(article(1)) if r.path == REPORT.format(n=3) else good(r)) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
    assert summary.state is RunState.COMPLETE
    assert summary.reports_known == 2


def test_a_page_that_reloads_itself_is_content(tmp_path: Path) -> None:
    clock = f'<meta http-equiv="refresh" content="10;url={BASE}{BAD}">'.encode()
    with served(portal(lambda _: page(article(1).replace(b"<head>", b"<head>" + clock)))) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
        assert sum(line.url.endswith(BAD) for line in server.log) == 1
    assert summary.state is RunState.COMPLETE


def test_http_that_turns_into_https_is_the_same_portal(tmp_path: Path) -> None:
    """Two seasons: links by http, then by https; every document keeps its identity."""
    from tests.portals.proxy import ReplicaServer

    class Switched:
        hosts = (HOST,)
        scheme = "http"
        extra: tuple[str, ...] = ()

        def __call__(self, request: Request) -> Answer:
            if self.scheme == "https" and request.url.startswith("http:"):
                return to(request.url.replace("http:", "https:"), 301)
            if request.path == "/robots.txt":
                return Answer(status=404, etag=False)
            if request.path == "/":
                return page(home())
            if request.path == COLUMN:
                rows = [row(n, f"{self.scheme}://{HOST}{REPORT.format(n=n)}") for n in (1, 2)]
                relative = '<a href="index_1.html">2</a><a href="index_1.html">下一页</a>'
                return page(listing(*rows, *self.extra, more=relative))
            if request.path == COLUMN + "index_1.html":
                return page(listing(row(3), more='<a href="./">1</a><a href="./">上一页</a>'))
            return page(article(int(request.path[-6])))

    replica = Switched()
    with ReplicaServer(replica) as server:
        first = crawl(tmp_path, site(), proxy=server.proxy_url)
        replica.scheme = "https"
        replica.extra = (row(1, f"http://{HOST}{REPORT.format(n=1)}"),)  # both forms on one page
        second = crawl(tmp_path, site(), proxy=server.proxy_url)
        again = crawl(tmp_path, site(f"https://{HOST}"), proxy=server.proxy_url)
    assert [run.reports_known for run in (first, second, again)] == [3, 3, 3]
    assert first.state is second.state is again.state is RunState.COMPLETE, (second.problems, again.problems)
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        assert db.execute("select count(*), count(distinct url) from document").fetchone() == (3, 3)
        assert db.execute("select count(*) from version").fetchone() == (3,)


# -- addresses ----------------------------------------------------------------------------------


def test_a_host_that_resolves_to_loopback_is_refused_at_connect_time(tmp_path: Path) -> None:
    with RawServer(lambda connection, _: connection.sendall(answer(b"secret"))) as server:
        summary = crawl(tmp_path, site(f"http://localhost:{server.port}"), proxy=None)
        assert not server.asked
    assert summary.state is RunState.BLOCKED
    assert set(summary.outcomes) == {"host_refused"}
    assert "private_hosts" in problems(summary)["host_refused"]


def test_a_declared_private_host_is_crawled(tmp_path: Path) -> None:
    def inside(connection: socket.socket, head: str) -> None:
        path = head.split(" ")[1]
        connection.sendall(answer({COLUMN: listing(row(1)), "/robots.txt": b""}.get(path, article(1))))

    with RawServer(inside) as server:
        what = site(f"http://localhost:{server.port}", private_hosts=("localhost",))
        assert crawl(tmp_path, what, proxy=None).state is RunState.COMPLETE


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the lookup says a public address, the connection would go to loopback."""
    from crawler.addresses import PublicResolver

    with RawServer(lambda connection, _: connection.sendall(answer(b"secret"))) as server:

        async def rebound(self: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
            return [
                {
                    "hostname": host,
                    "host": "127.0.0.1",
                    "port": port,
                    "family": socket.AF_INET,
                    "proto": 6,
                    "flags": 0,
                }
            ]

        monkeypatch.setattr(PublicResolver, "resolve", rebound)
        summary = crawl(tmp_path, site(f"http://www.rebound.example:{server.port}"), proxy=None)
        assert not server.asked
    assert set(summary.outcomes) == {"host_refused"}


# -- robots.txt ---------------------------------------------------------------------------------


def test_a_robots_txt_of_500_megabytes_is_read_to_its_limit(tmp_path: Path) -> None:
    sent = 0

    def huge(connection: socket.socket, head: str) -> None:
        nonlocal sent
        path = head.split(" ")[1]
        if path != "/robots.txt":
            connection.sendall(answer(listing(row(1), row(2)) if path == COLUMN else article(int(path[-6]))))
            return
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 524288000\r\n\r\n"
        )
        rule = f"User-agent: *\nDisallow: {BAD}\n# ".encode()
        connection.sendall(rule)
        block = b"x" * 65_536
        while sent < 524_288_000:
            connection.sendall(block)
            sent += len(block)

    with RawServer(huge) as server:
        what = site(f"http://localhost:{server.port}", private_hosts=("localhost",))
        summary = crawl(tmp_path, what, proxy=None)
    assert sent < 30_000_000
    assert summary.outcomes["robots"] == 1, "the rules that were read are obeyed"
    assert summary.reports_known == 1


def test_a_binary_robots_txt_has_no_rules(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 400
    with served(portal(lambda _: page(noise), path="/robots.txt")) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
    assert "robots" not in summary.outcomes
    assert summary.reports_known == 1


def test_a_robots_txt_that_redirects_round_has_no_rules(tmp_path: Path) -> None:
    with served(portal(lambda _: to("/robots.txt"), path="/robots.txt")) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
        assert sum("robots" in line.url for line in server.log) == 1
    assert summary.reports_known == 1


def test_a_robots_txt_that_fails_lets_nothing_be_fetched(tmp_path: Path) -> None:
    with served(portal(lambda _: Answer(status=503, etag=False), path="/robots.txt")) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
        assert {line.url for line in server.log} == {f"{BASE}/robots.txt"}
    assert summary.state is RunState.BLOCKED
    assert "robots.txt could not be read" in problems(summary)["http_error"]


@pytest.mark.parametrize("asked", [b"1e9", pytest.param(b"nan", marks=pytest.mark.slow)])
def test_an_absurd_crawl_delay_is_met_with_ours(
    tmp_path: Path, asked: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.guards.MAX_CRAWL_DELAY", 0.05)
    rules = b"User-agent: *\nCrawl-delay: " + asked + b"\n"
    began = time.monotonic()
    with served(portal(lambda _: page(rules, content_type="text/plain"), path="/robots.txt")) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
    assert summary.reports_known == 1
    assert time.monotonic() - began < 10


def test_robots_patterns_made_to_backtrack_cost_nothing(tmp_path: Path) -> None:
    rules = ("User-agent: *\n" + "".join(f"Disallow: /{'*a' * 60}{n}$\n" for n in range(200))).encode()
    long = f"{BASE}/{'a' * 1500}.html"
    good = portal(lambda _: page(rules, content_type="text/plain"), path="/robots.txt")
    began = time.process_time()
    with served(lambda r: page(listing(row(1, long), row(2))) if r.path == COLUMN else good(r)) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
    assert summary.reports_known == 1
    assert time.process_time() - began < 5


# -- without end --------------------------------------------------------------------------------


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


# -- no content ---------------------------------------------------------------------------------


def test_the_home_page_for_every_unknown_address_is_a_soft_404(tmp_path: Path) -> None:
    front = page(
        listing(*(f'<li><a href="/xw/t20240{n:03}_77.html">要闻第{n}条</a></li>' for n in range(30))).replace(
            "法治政府建设年度报告_".encode(), b""
        )
    )
    column = site().columns[0]
    unsure = type(column)(url=column.url, name=column.name, confirmed=False)
    good = portal(lambda _: front)
    with served(lambda r: front if r.path in {"/", "/old/"} else good(r)) as server:
        what = site(columns=(unsure,), hubs=(f"{BASE}/", f"{BASE}/old/"))
        summary = crawl(tmp_path, what, proxy=server.proxy_url)
    assert summary.outcomes["soft_404"] >= 1
    assert summary.reports_known == 1


def test_somebody_elses_page_under_the_portals_address_is_no_content(tmp_path: Path) -> None:
    stolen = (
        "<html><head><title>澳门新葡京_百家乐真人娱乐_注册送彩金</title><meta name='keywords' content='老虎机,时时彩'></head><body>"
        + "<p>欢迎光临</p>" * 40
        + "</body></html>"
    ).encode()
    with served(portal(lambda _: page(stolen))) as server:
        summary = crawl(tmp_path, site(), proxy=server.proxy_url)
    assert "not the portal's" in problems(summary)["foreign"]
    assert others_are_read(summary)


def test_a_challenge_names_the_neighbours_that_are_likely_to_refuse_us(tmp_path: Path) -> None:
    what = site(key="chengdu-qingyang")
    with served(lambda r: Answer(status=404 if r.path == "/robots.txt" else 412, etag=False)) as server:
        summary = crawl(tmp_path, what, proxy=server.proxy_url)
    assert summary.state is RunState.BLOCKED
    assert any("likely challenged, too: 四川省成都市" in line for line in summary.notes)
