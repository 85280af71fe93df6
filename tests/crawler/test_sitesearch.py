"""The portal's own title search: found in forms, links and scripts; read by titles, few pages of it."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import FrontierKind, How
from crawler.platforms import choose
from crawler.platforms.base import Page
from crawler.platforms.post import split_post
from crawler.site import Site
from crawler.sitesearch import MOST_PAGES, QUESTION, Found, read_search, searches
from crawler.waymarks import SEARCH, SEARCH_FURTHER

BASE = "http://www.qinghe.gov.cn"
CODE = "0123456789abcdef0123456789abcdef"
SITE = Site(
    key="qinghe",
    name="某省某市清河区",
    short_name="清河区",
    level="county",
    division_code=None,
    home_url=f"{BASE}/",
    hosts=("www.qinghe.gov.cn", "qinghe.gov.cn"),
)
TITLE = "桥西街道2024年法治政府建设情况报告"


def page(body: str, url: str = f"{BASE}/") -> Page:
    return Page(url, f"<html><body>{body}</body></html>".encode(), "text/html; charset=utf-8")


def asked(body: str) -> list[tuple[str, dict[str, str]]]:
    found = []
    for link in searches(page(body), SITE):
        assert (link.kind, link.how, link.column) == (FrontierKind.HUB, How.DISCOVERED, SEARCH)
        parts = urlsplit(link.url)
        found.append((parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}))
    return found


IGS_WAYS = {
    "form": f'<form action="/igs/front/search.jhtml"><input name="searchWord"><input type="hidden" name="code" value="{CODE}"><input type="hidden" name="siteId" value="34"></form>',
    "link": f'<a href="/search/index.html?code={CODE}&amp;siteId=34">高级检索</a>',
    "script": f'<script>function go(w){{window.open("/igs/front/search.jhtml?code={CODE}&siteId=34&searchWord=" + w)}}</script>',
}


@pytest.mark.parametrize("body", IGS_WAYS.values(), ids=IGS_WAYS)
def test_igs_is_asked_for_titles_newest_first(body: str) -> None:
    ((path, values),) = asked(body)
    assert path == "/igs/front/search.jhtml"
    assert (values["code"], values["siteId"], values["searchWord"]) == (CODE, "34", QUESTION)
    assert (values["position"], values["timeOrder"]) == ("TITLE", "desc")


@pytest.mark.parametrize(
    ("form", "path", "sent"),
    [
        (
            '<form action="/site/search/6781961" method="get"><input type="text" name="keywords" placeholder="请输入关键字"><input type="hidden" name="siteId" value="6781961"></form>',
            "/site/search/6781961",
            {"keywords": QUESTION, "siteId": "6781961"},
        ),
        (
            '<form action="/jsearchfront/search.do"><input type="hidden" name="websiteid" value="3301"><input name="q"><input type="submit" name="go" value="搜索"></form>',
            "/jsearchfront/search.do",
            {"q": QUESTION, "websiteid": "3301"},
        ),
        (
            '<form action="/was5/web/search" method="GET"><input type="hidden" name="channelid" value="2"><input name="searchword"><select name="f"><option value="all">全文</option><option value="t">标题</option></select></form>',
            "/was5/web/search",
            {"searchword": QUESTION, "channelid": "2", "f": "t"},
        ),
        (
            '<form id="searchform" action="/plus/list.php"><input name="wd" placeholder="站内搜索"><input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked></form>',
            "/plus/list.php",
            {"wd": QUESTION, "r": "2"},
        ),
        (
            '<script>location.href = "/sousuo/index.html?siteid=1&keywords=" + encodeURI(w);</script>',
            "/sousuo/index.html",
            {"keywords": QUESTION, "siteid": "1"},
        ),
    ],
)
def test_forms_and_scripts_that_anybody_may_use(form: str, path: str, sent: dict[str, str]) -> None:
    assert asked(form) == [(path, sent)]


@pytest.mark.parametrize(
    "body",
    [
        '<form action="/search" method="post"><input name="keyword"></form>',
        '<form action="/login"><input name="q"><input type="password" name="p"></form>',
        '<form action="http://search.other.com/s"><input name="q" placeholder="搜索"></form>',
        '<form action="/search"><input name="title"><input name="content"></form>',
        '<form action="/subscribe"><input name="mail" placeholder="请输入邮箱"></form>',
        '<form action="/feedback/list"><input name="phone" placeholder="手机号"></form>',
        '<form action="/igs/front/search.jhtml"><input name="searchWord"></form>',  # without code the server fails
        f'<a href="/oauth/callback?code={CODE}&siteId=34">登录</a>',
        '<form action="javascript:go()"><input name="keyword" placeholder="搜索"></form>',
    ],
)
def test_what_is_no_search_or_not_for_us(body: str) -> None:
    assert asked(body) == []


def answer(url: str, body: str, kind: str = "text/html; charset=utf-8", *, first: bool = True) -> Found:
    shown = Page(url, body.encode(), kind)
    return read_search(shown, choose(shown).listing(shown), SITE, first=first)


def test_a_page_of_results_is_read_by_its_titles() -> None:
    rows = "".join(
        f'<li><a href="{href}">{title}</a><span>2025-02-1{n}</span></li>'
        for n, (href, title) in enumerate(
            [
                ("/zwgk/202502/t20250210_1001.html", TITLE),
                (
                    "/visit?url=http%3A%2F%2Fwww.qinghe.gov.cn%2Fa%2F202502%2Ft20250210_1002.html",
                    "区司法局2024年法治政府建设年度报告",
                ),
                ("/zwgk/202502/t20250210_1003.html", "我区召开法治政府建设推进会"),
                ("http://www.other.gov.cn/202502/t20250210_1004.html", "河东街道2024年法治政府建设情况报告"),
            ]
        )
    )
    pages = "".join(f'<a href="/search?q=x&page={n}">{n}</a>' for n in range(1, 10))
    found = answer(f"{BASE}/search?q=x", f"<ul>{rows}</ul><div class='pagination'>{pages}</div>")
    wanted = [link for link in found.links if link.kind is FrontierKind.PAGE]
    assert [link.url for link in wanted] == [
        f"{BASE}/zwgk/202502/t20250210_1001.html",
        f"{BASE}/a/202502/t20250210_1002.html",
    ]
    assert all(link.how is How.DISCOVERED and link.column is None for link in wanted)
    more = [link for link in found.links if link.column == SEARCH_FURTHER]
    assert 0 < len(more) < MOST_PAGES
    again = answer(f"{BASE}/search?q=x&page=2", f"<ul>{rows}</ul>{pages}", first=False)
    assert all(link.kind is FrontierKind.PAGE for link in again.links)


def test_an_answer_without_anything_wanted_leads_no_further() -> None:
    rows = "".join(f'<li><a href="/a/t20250210_10{n}.html">全区安全生产工作会议召开之{n}</a><span>2025-02-10</span></li>' for n in range(9))  # fmt: skip
    found = answer(f"{BASE}/search?q=x", f'<ul>{rows}</ul><a href="/search?q=x&page=2">2</a>')
    assert found.links == ()


def test_hanweb_s_empty_result_page_is_filled_from_its_interface() -> None:
    url = f"{BASE}/jsearchfront/search.do?websiteid=3301&tpl=38&q={quote(QUESTION)}"
    shell = answer(url, "<html><body><div id='r'></div><script>var cateid = '29';</script></body></html>")
    (rows,) = shell.links
    post = split_post(rows.url)
    assert post is not None and post.url == f"{BASE}/jsearchfront/interfaces/cateSearch.do"
    assert {("cateid", "29"), ("tpl", "38"), ("pos", "title"), ("q", QUESTION)} <= set(post.fields)
    hit = (
        f'<div><a href="visit/link.do?url={quote(f"{BASE}/art/2025/2/10/art_1_2.html", safe="")}&title=x">{TITLE}</a>'
        '<span class="jcse-news-date">2025-02-10</span></div>'
    )
    told = json.dumps({"result": [hit], "total": 45})
    found = answer(rows.url, told, "application/json")
    assert [link.url for link in found.links if link.kind is FrontierKind.PAGE] == [f"{BASE}/art/2025/2/10/art_1_2.html"]  # fmt: skip
    pages = [split_post(link.url) for link in found.links if link.column == SEARCH_FURTHER]
    assert [dict(page.fields)["p"] for page in pages if page] == ["2", "3"]


def test_an_error_of_the_interface_is_a_failure_of_the_search_only() -> None:
    told = answer(
        f"{BASE}/igs/front/search.jhtml?code={CODE}", '{"code": 500, "msg": "系统异常"}', "application/json"
    )
    assert told.links == () and told.failure


@settings(max_examples=60)
@given(st.text(max_size=60), st.text(max_size=30), st.text(max_size=30), st.binary(max_size=80))
def test_nothing_makes_it_raise(action: str, name: str, value: str, rest: bytes) -> None:
    markup = f"<form action='{action}'><input name='{name}' placeholder='搜索'><input type=hidden name='{value}' value='{name}'></form><script>'{action}&q=' + 1; \"/s?code={CODE}{value}\"</script>"
    shown = Page(f"{BASE}/x", markup.encode("utf-8", "replace") + rest, None)
    for link in searches(shown, SITE):
        assert urlsplit(link.url).hostname in SITE.hosts
    found = read_search(shown, choose(shown).listing(shown), SITE, first=True)
    assert all(link.url.startswith("http") for link in found.links)
