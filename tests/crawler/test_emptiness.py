"""Lists without rows: what says that there are none, and what does not."""

from __future__ import annotations

import pytest

from crawler.emptiness import doubt
from crawler.platforms.base import Page

MENU = "".join(f"<a href='/c{n}/'>政务公开栏目之{n}</a>" for n in range(30))


def page(body: str) -> Page:
    markup = f"<html><head><title>法治政府建设年度报告</title></head><body>{body}</body></html>"
    return Page("http://www.example.gov.cn/fzbg/", markup.encode(), "text/html; charset=utf-8")


@pytest.mark.parametrize(
    "body",
    [
        f"{MENU}<ul class='list'></ul>",
        f"{MENU}<ul class='list'></ul><script>var now = new Date();</script>",
        f"{MENU}<p>暂无数据</p><script>$.ajax('/count')</script>",
        f"{MENU}<p>暂无相关信息</p><div ng-repeat='x in y'></div>",
        f"{MENU}<div class='page'>共 0 条</div><script>fetch('/rows')</script>",
        f"{MENU}<p>没有找到相关记录</p>",
    ],
)
def test_a_page_without_rows_that_says_so_or_cannot_bring_any_is_empty(body: str) -> None:
    assert doubt(page(body)) is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (f"{MENU}<ul>正在加载</ul><script src='/l.js'></script>", "loading"),
        (f"{MENU}<ul><li>Loading...</li></ul>", "loading"),
        (f"{MENU}<li v-for='row in rows'></li>", "template"),
        (f"{MENU}<li>{{{{row.title}}}}</li>", "template"),
        (f"{MENU}<script type='text/html' id='t'><li></li></script>", "template"),
        ("<div id='app'></div><script src='/app.8f3a.js'></script>", "until its scripts have run"),
        (f"{MENU}<ul></ul><script>$.getJSON('/api/list', show)</script>", "ask for data"),
        (f"{MENU}<ul></ul><script>var x = new XMLHttpRequest();</script>", "ask for data"),
    ],
)
def test_a_page_whose_scripts_bring_the_rows_is_no_proof(body: str, why: str) -> None:
    assert why in (doubt(page(body)) or "")
