"""Lists behind interfaces, crawled: POSTs go out as POSTs, through redirects and retries, and count like other pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from archive.records import RunState
from crawler.platforms.post import split_post
from crawler.prepare import prepare
from crawler.runner import run
from crawler.sample.server import Answer
from crawler.summary import Summary
from tests.portals.platform_portal import PlatformPortal, address_of
from tests.portals.platform_replicas import PlatformReplica, replicas
from tests.portals.proxy import ReplicaServer

pytestmark = pytest.mark.usefixtures("read_once")

REPLICAS = {replica.name: replica for replica in replicas()}
FORM, JSON = REPLICAS["trs-channel-search"], REPLICAS["json-grouped-body"]
Crawl = Callable[[PlatformPortal], Summary]


@pytest.fixture
def crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crawl:
    def go(portal: PlatformPortal) -> Summary:
        with ReplicaServer(portal) as server:
            for name in ("http_proxy", "https_proxy"):
                monkeypatch.setenv(name, server.proxy_url)
            session = prepare(portal.site(), db=str(tmp_path / "archive.db"), delay=0)
            return run(session, workers=0, overrides={"RETRY_TIMES": 1})

    return go


def lists_asked(portal: PlatformPortal) -> list[str]:
    wanted = {url.partition("://")[2] for url in portal.replica.list_pages}
    return [a for a in map(address_of, portal.asked) if a.partition("://")[2] in wanted]


@pytest.mark.parametrize("replica", [FORM, JSON], ids=lambda replica: replica.name)
def test_posts_are_sent_as_posts(replica: PlatformReplica, crawl: Crawl) -> None:
    portal = PlatformPortal(replica)
    summary = crawl(portal)
    assert summary.state is RunState.COMPLETE, (summary.problems, summary.columns)
    (column,) = summary.columns
    assert (column.rows_read, column.pages_read) == (len(replica.rows), len(replica.list_pages))
    assert sorted(lists_asked(portal)) == sorted(replica.list_pages)
    for request in portal.asked:
        post = split_post(address_of(request))
        if post is not None:
            assert request.headers["content-type"] == post.content_type
            assert "if-none-match" not in request.headers
            assert "#" not in request.url
    again = crawl(portal)
    assert again.state is RunState.COMPLETE and again.changes == ()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_keeps_method_and_body(status: int, crawl: Crawl) -> None:
    second = FORM.list_pages[1]
    post = split_post(second)
    assert post is not None
    moved = f"{post.url}?again=1"
    other = second.replace(post.url, moved)
    replica = FORM.answers[second]
    portal = PlatformPortal(
        FORM,
        {
            second: Answer(status=status, headers={"Location": moved}, etag=False),
            other: Answer(body=replica.body, content_type=replica.content_type),
        },
    )
    summary = crawl(portal)
    assert summary.columns[0].rows_read == len(FORM.rows)
    followed = [request for request in portal.asked if address_of(request) == other]
    assert [(request.method, request.body.decode()) for request in followed] == [("POST", post.body)]


def test_a_failing_post_is_tried_again_and_makes_the_run_partial(crawl: Crawl) -> None:
    second = FORM.list_pages[1]
    portal = PlatformPortal(FORM, {second: Answer(status=503, body=b"busy", etag=False)})
    summary = crawl(portal)
    assert summary.state is RunState.PARTIAL
    assert lists_asked(portal).count(second) == 2
    assert second in {problem.url for problem in summary.problems}


def test_an_error_message_is_no_empty_page(crawl: Crawl) -> None:
    second = JSON.list_pages[1]
    body = '{"code":500,"msg":"检索失败，服务器发生错误，请稍后再试","data":{"list":[],"total":0},"trace":"a81b"}'
    portal = PlatformPortal(JSON, {second: Answer(body=body.encode(), content_type="application/json")})
    summary = crawl(portal)
    assert summary.state is RunState.PARTIAL
    assert {problem.outcome for problem in summary.problems} == {"error_body", "incomplete"}


def test_robots_and_hosts_see_the_plain_address(crawl: Crawl) -> None:
    portal = PlatformPortal(FORM)
    portal.robots = "User-agent: *\nDisallow: /fjdzapp/\n"
    summary = crawl(portal)
    assert summary.state is RunState.PARTIAL
    assert not any(request.method == "POST" for request in portal.asked)
    assert {problem.outcome for problem in summary.problems} >= {"robots"}


@pytest.mark.slow
@pytest.mark.parametrize("replica", REPLICAS.values(), ids=REPLICAS)
def test_a_crawl_of_every_platform_is_complete(replica: PlatformReplica, crawl: Crawl) -> None:
    portal = PlatformPortal(replica)
    summary = crawl(portal)
    assert summary.state is RunState.COMPLETE, (summary.problems, summary.columns)
    (column,) = summary.columns
    assert (column.rows_read, column.pages_read) == (len(replica.rows), len(replica.list_pages))
    assert len(portal.asked) >= len(replica.rows) + len(replica.list_pages)
