"""The replicas keep their promises: other tests rest on them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest

from tests.portals.client import asked, folded, get, nodes, shown_article, status
from tests.portals.fixtures import REPLICAS, Running
from tests.portals.trs import TrsReplica
from tests.portals.weidu import Weidu

Start = Callable[[str], Running]
KEYS = sorted(REPLICAS)
TRS_KEYS = [key for key in KEYS if issubclass(REPLICAS[key], TrsReplica)]


def all_lists(running: Running) -> list[str]:
    portal = running.portal
    assert isinstance(portal, TrsReplica | Weidu)
    return [portal.url(path) for column in portal.columns for path in portal.list_paths(column)]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_home_page_through_the_proxy(key: str, scheme: str, replica: Start) -> None:
    running = replica(key)
    response = get(running.server, f"{scheme}://{running.portal.host}/")
    text = response.read().decode()
    assert running.portal.site_name in text
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert running.server.requests()[0].url == f"{scheme}://{running.portal.host}/"


@pytest.mark.parametrize("key", KEYS)
def test_seed_body_stands_in_its_page(key: str, replica: Start) -> None:
    running = replica(key)
    expected = running.portal.seed()
    assert folded(expected.body)
    assert folded(expected.body) in folded(shown_article(running))
    assert len(expected.body) > 2500


def test_seed_001_stands_in_its_furniture(replica: Start) -> None:
    running = replica("dongli")
    seen = folded(shown_article(running))
    for line in (
        "华新街道2022年法治政府建设年度报告",
        "发布时间:2023-03-03 14:39      来源:天津市东丽区人民政府华新街道办事处",
        "字号:",
        "扫一扫在手机打开当前页",
        "网站声明 | 联系我们 | 网站地图 | 网站纠错",
        "主办:天津市东丽区人民政府 版权所有© 承办:天津市东丽区人民政府办公室",
        "网站标识码:1201100002 津ICP备17009684号-1津公网安备 12011002018073号",
    ):
        assert folded(line) in seen
        assert folded(line) not in folded(running.portal.seed().body)


def test_seed_002_has_no_title_in_its_body(replica: Start) -> None:
    expected = replica("wuqing").portal.seed()
    assert folded(expected.title) not in folded(expected.body)


@pytest.mark.parametrize("key", KEYS)
def test_what_stands_beside_the_seed(key: str, replica: Start) -> None:
    portal = replica(key).portal
    assert 5 <= len(portal.reports) <= 9
    assert len(portal.near_misses) >= 6
    assert {portal.seed().title} < {report.title for report in portal.reports}
    for report in portal.reports:
        assert sum(map(len, report.paragraphs)) >= 1500
        text = "".join(report.paragraphs)
        assert report.path == portal.seed_path or not set("[]{}") & set(text)
    bodies = {"".join(report.paragraphs) for report in portal.reports}
    assert len(bodies) == len(portal.reports)


@pytest.mark.parametrize("key", KEYS)
def test_pages_are_of_real_size(key: str, replica: Start) -> None:
    running = replica(key)
    assert 30_000 < len(get(running.server, running.portal.seed().url).read()) < 100_000


@pytest.mark.parametrize("key", TRS_KEYS)
def test_every_link_resolves(key: str, replica: Start) -> None:
    running = replica(key)
    known: dict[str, int] = {}
    for url in all_lists(running):
        links = nodes(
            get(running.server, url).read().decode(), "//a/@href[not(starts-with(., 'javascript:'))]"
        )
        assert len(links) > 20
        for to in (urljoin(url, link) for link in links):
            if urlsplit(to).hostname != running.portal.host:
                continue
            if to not in known:
                known[to] = running.portal(asked(to)).status
            assert known[to] == 200, (url, to)


@pytest.mark.parametrize("key", TRS_KEYS)
def test_all_articles_are_reached_by_links_from_the_home_page(key: str, replica: Start) -> None:
    running = replica(key)
    portal = running.portal
    seen, wave, clicks = {portal.home_url}, [portal.home_url], {portal.home_url: 0}
    while wave:
        url = wave.pop(0)
        answer = portal(asked(url))
        if answer.status != 200:
            continue
        text = answer.body.decode()
        hrefs = re.findall(r'<a [^>]*?href="([^"#]+)"', text)
        found = re.search(r'createPage(?:HTML)?\((\d+), 0, "index", "html"\)', text)
        if found is not None:
            hrefs += [f"index_{number}.html" for number in range(1, int(found[1]))]
        for href in hrefs:
            to = urljoin(url, html.unescape(href))
            if urlsplit(to).hostname == portal.host and to not in seen:
                seen.add(to)
                clicks[to] = clicks[url] + 1
                wave.append(to)
    for path in portal.articles:
        assert portal.url(path) in seen
    seed_column = portal.url(portal.articles[portal.seed_path].column)
    assert 2 <= clicks[seed_column] <= 4


@pytest.mark.parametrize("key", KEYS)
def test_the_column_or_its_siblings_have_two_pages(key: str, replica: Start) -> None:
    portal = replica(key).portal
    assert isinstance(portal, TrsReplica | Weidu)
    counts = {report.column: len(portal.list_paths(report.column)) for report in portal.reports}
    assert max(counts.values()) >= 2
    listed = {row for column in portal.columns.values() for row in column.rows}
    assert listed == set(portal.articles)


def test_page_beyond_the_last_is_404(replica: Start) -> None:
    running = replica("dongli")
    column = running.portal.articles[running.portal.seed_path].column
    assert status(running.server, running.portal.url(f"{column}index_1.html")) == 200
    assert status(running.server, running.portal.url(f"{column}index_2.html")) == 404
    assert status(running.server, running.portal.url("/no/such/")) == 404


# 魏都


def test_epoint_rows_lead_to_json(replica: Start) -> None:
    running = replica("weidu")
    portal = running.portal
    assert isinstance(portal, Weidu)
    column = portal.articles[portal.seed_path].column
    paths = portal.list_paths(column)
    assert len(paths) == 2
    assert paths[1].endswith("/2.html")
    found = []
    for path in paths:
        text = get(running.server, portal.url(path)).read().decode()
        assert not nodes(text, "//a[@class='ewb-infoname']/@href")
        found += re.findall(r"linkToNew\('([0-9a-f-]{36})'", text)
        assert f'<a href="{column}2.html">尾页' in text or path == paths[1]
    assert len(found) == len(set(found)) == len(portal.columns[column].rows)
    for number in found:
        article = portal.articles[f"/openDetailDynamic.html?infoid={number}"]
        answer = get(running.server, portal.url(portal.detail_path(article.path))).read().decode("ascii")
        assert "\\u" in answer
        record = json.loads(json.loads(answer)["custom"])["openDetail"][0]
        assert record["title"] == article.title
        assert re.fullmatch(r"11411002005750994L/\d{6}-\d{5}", record["identifier"])
        assert status(running.server, portal.url(article.path)) == 200


def test_epoint_wrong_guid_gives_nothing(replica: Start) -> None:
    running = replica("weidu")
    portal = running.portal
    assert isinstance(portal, Weidu)
    url = portal.url(portal.detail_path(portal.seed_path))
    right, wrong = (json.loads(get(running.server, to).read()) for to in (url, url[:-1] + "0"))
    assert json.loads(right["custom"])["openDetail"]
    assert json.loads(wrong["custom"])["openDetail"] == []


def test_epoint_frames_lead_from_the_home_page_to_the_column(replica: Start) -> None:
    running = replica("weidu")
    portal = running.portal
    assert isinstance(portal, Weidu)
    column = portal.articles[portal.seed_path].column
    home = get(running.server, portal.home_url).read().decode()
    frame = next(link for link in re.findall(r'href="([^"]+)"', home) if "openSubPage" in link)
    frame_text = get(running.server, portal.url(html.unescape(frame))).read().decode()
    inner = re.findall(r"specialurl=([^&\"]+)", html.unescape(frame_text))
    assert portal.list_paths(column)[0] in inner
    for path in inner:
        assert status(running.server, portal.url(path)) == 200
