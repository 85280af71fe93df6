"""What may happen to a replica between two runs happens, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import IncompleteRead

import pytest

from tests.portals.client import folded, get, shown_article, status, visible
from tests.portals.fixtures import REPLICAS, Running
from tests.portals.trs import TrsReplica
from tests.portals.weidu import Weidu

Start = Callable[[str], Running]
KEYS = sorted(REPLICAS)


@pytest.mark.parametrize("key", KEYS)
def test_one_character_changes(key: str, replica: Start) -> None:
    running = replica(key)
    before = folded(shown_article(running))
    old, new = running.portal.edit_character(running.portal.seed_path)
    after = folded(shown_article(running))
    assert sum(one != other for one, other in zip(old, new, strict=True)) == 1
    assert after == before.replace(folded(old), folded(new))
    assert after != before


@pytest.mark.parametrize("key", KEYS)
def test_furniture_changes_and_the_body_does_not(key: str, replica: Start) -> None:
    running = replica(key)
    portal = running.portal
    url = portal.url(portal.detail_path(portal.seed_path)) if isinstance(portal, Weidu) else portal.seed().url
    before = get(running.server, url)
    assert status(running.server, url, **{"If-None-Match": before.headers["ETag"]}) == 304
    first = before.read()
    portal.change_furniture()
    second = get(running.server, url, **{"If-None-Match": before.headers["ETag"]})
    assert second.status == 200
    assert second.read() != first
    assert folded(portal.seed().body) in folded(shown_article(running))


def test_edit_refuses_what_is_not_there_once(replica: Start) -> None:
    portal = replica("dongli").portal
    with pytest.raises(ValueError, match="0 times"):
        portal.edit(portal.seed_path, "没有这样的话", "改")
    with pytest.raises(ValueError, match="times"):
        portal.edit(portal.seed_path, "的", "地")


def test_articles_come_and_go(replica: Start) -> None:
    running = replica("nanan")
    portal = running.portal
    assert isinstance(portal, TrsReplica)
    column = portal.articles[portal.seed_path].column
    path = portal.report(
        column,
        15000001,
        "2026-01-20 10:00",
        title="海棠溪街道2025年法治政府建设情况报告",
        unit="海棠溪街道",
        year=2025,
        source="海棠溪街道",
    )
    assert "海棠溪街道2025年" in get(running.server, portal.url(column)).read().decode()
    portal.remove(path)
    assert "海棠溪街道2025年" not in get(running.server, portal.url(column)).read().decode()
    assert status(running.server, portal.url(path)) == 404


def test_unconditional_portal_never_answers_304(replica: Start) -> None:
    running = replica("beichen")
    url = running.portal.seed().url
    tag = get(running.server, url).headers["ETag"]
    running.portal.conditional = False
    again = get(running.server, url, **{"If-None-Match": tag})
    assert (again.status, again.headers["ETag"]) == (200, None)


def test_robots(replica: Start) -> None:
    running = replica("beichen")
    url = running.portal.url("/robots.txt")
    assert status(running.server, url) == 404
    running.portal.disallow_robots("/zwgk/zfxxgk/", "/ztzl/")
    assert get(running.server, url).read() == b"User-agent: *\nDisallow: /zwgk/zfxxgk/\nDisallow: /ztzl/\n"
    running.portal.allow_robots()
    assert b"Allow: /\n" in get(running.server, url).read()
    running.portal.no_robots()
    assert status(running.server, url) == 404


@pytest.mark.parametrize("key", KEYS)
def test_faults_and_mending(key: str, replica: Start) -> None:
    running = replica(key)
    portal, server = running.portal, running.server
    assert isinstance(portal, TrsReplica | Weidu)
    column = portal.articles[portal.seed_path].column
    path = portal.list_paths(column)[0]
    url = portal.url(path)
    whole = get(server, url).read()
    portal.drop(path)
    assert status(server, url) == 404
    portal.mend(path)
    portal.fail(path, 503)
    assert status(server, url) == 503
    portal.mend(path)
    portal.blank(path)
    assert get(server, url).read() == b""
    portal.mend(path)
    portal.cut(path, 0.5)
    with pytest.raises(IncompleteRead) as broken:
        get(server, url).read()
    assert broken.value.partial == whole[: len(whole) // 2]
    portal.mend(path)
    portal.slow(path, 0.3)
    began = time.monotonic()
    assert get(server, url).read() == whole
    assert time.monotonic() - began >= 0.3
    portal.mend(path)
    portal.empty_list(column)
    text = get(server, url).read().decode()
    assert portal.reports[1].title not in text
    portal.mend(column)
    assert get(server, url).read() == whole


@pytest.mark.parametrize(("encoding", "claimed"), [("gb18030", "utf-8"), ("utf-8", "gb2312")])
def test_lying_charset(encoding: str, claimed: str, replica: Start) -> None:
    running = replica("wuqing")
    portal = running.portal
    portal.lie_charset(portal.seed_path, encoding=encoding, claimed=claimed)
    response = get(running.server, portal.seed().url)
    body = response.read()
    assert response.headers["Content-Type"] == f"text/html; charset={claimed}"
    assert f'<meta charset="{claimed}">'.encode() in body
    assert folded(portal.seed().body) in folded(visible(body.decode(encoding).replace(claimed, "utf-8")))
    with pytest.raises(UnicodeDecodeError):
        body.decode(claimed)


def test_fault_of_one_query_only(replica: Start) -> None:
    running = replica("weidu")
    portal = running.portal
    assert isinstance(portal, Weidu)
    details = [portal.detail_path(report.path) for report in portal.reports]
    portal.fail(details[0], 500)
    assert [status(running.server, portal.url(path)) for path in details[:2]] == [500, 200]


def test_one_scheme_redirects(replica: Start) -> None:
    running = replica("wuqing")
    running.portal.one_scheme = True
    response = get(running.server, f"http://{running.portal.host}/zwgk/")
    assert response.url == f"https://{running.portal.host}/zwgk/"
