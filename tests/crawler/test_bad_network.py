"""What a network and a hostile server can do: each with a typed outcome, within a budget, without a hang."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from archive.records import RunState
from crawler.sample.server import Answer
from tests.crawler.bad_portal import BAD, others_are_read, page, portal, problems, to
from tests.crawler.network import (
    BASE,
    COLUMN,
    RawServer,
    answer,
    article,
    crawl,
    listing,
    no_proxy,
    row,
    served,
    site,
)

__all__ = ["no_proxy"]
pytestmark = pytest.mark.usefixtures("no_proxy", "read_once")


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
