"""Redirects: followed where they lead to content, typed where they lead anywhere else, never without end."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from archive.records import RunState
from crawler.sample.server import Answer, Request
from crawler.settings import REDIRECT_MAX_TIMES
from tests.crawler.bad_portal import BAD, others_are_read, page, portal, problems, to
from tests.crawler.network import (
    BASE,
    COLUMN,
    HOST,
    REPORT,
    article,
    crawl,
    home,
    listing,
    no_proxy,
    row,
    served,
    site,
)

__all__ = ["no_proxy"]
pytestmark = pytest.mark.usefixtures("no_proxy", "read_once")


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
