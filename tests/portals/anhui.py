"""A disclosure list of 安徽: the first page stands in the HTML, the others come from the label interface; or all do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from crawler.platforms.post import post_address
from tests.portals.interface_kit import (
    PAGES,
    PER_PAGE,
    TOTAL,
    Row,
    article,
    html_answer,
    page,
    page_of,
    paged_replica,
    rows,
)
from tests.portals.platform_replicas import Answer, PlatformReplica

HOST = "www.tianchang.gov.cn"
BASE = f"https://{HOST}"
COLUMN = f"{BASE}/public/column/152523227?type=4&catId=151969574&action=list"
ROWS = rows(lambda number, day: f"{BASE}/public/152523227/11{number}.html")
ARTICLE = article(
    ROWS[0].title, ROWS[0].date or date.min, '<div class="wzcon j-fontContent" id="zoom">{text}</div>'
)
_replica = partial(paged_replica, platform="anhui", host=HOST, listed=ROWS, article=ARTICLE)
FORM = {
    "siteId": "2653861",
    "pageSize": str(PER_PAGE),
    "action": "list",
    "isDate": "true",
    "dateFormat": "yyyy-MM-dd",
    "length": "50",
    "organId": "152523227",
    "type": "4",
    "catId": "151969574",
    "cId": "",
    "result": "暂无相关信息",
    "labelName": "publicInfoList",
    "file": "/c1/tianchang/publicInfoList_newest",
    "pageIndex": "1",
}


def address(number: int) -> str:
    return post_address(
        f"{BASE}/tianchang/site/label/8888?IsAjax=1&dataType=html", form={**FORM, "pageIndex": str(number)}
    )


def items(shown: Sequence[Row]) -> str:
    lines = "\n".join(
        f'<li><a href="{row.url}" class="title" target="_blank" title="{row.title}">{row.title[:16]}...</a><span class="date">{row.date}</span></li>'
        for row in shown
    )
    return (
        f'<ul class="clearfix xxgk_nav_list">\n{lines}\n</ul>'
        if shown
        else "<div class='none'>暂无相关信息</div>"
    )


def pager(number: int) -> str:
    return (
        f"<script>$(document).ready(function(){{Ls.pagination('#page_list',function(index){{load(index);}},{{pageIndex:{number},"
        f"pageSize:{PER_PAGE},pageCount:{PAGES},total:{TOTAL}}});}});</script>"
    )


def script() -> str:
    fields = ",".join(f"{name}:'{value}'" for name, value in FORM.items() if name != "pageIndex")
    return (
        "<script>function visit(){$.post('/tianchang/site/label/8888?IsAjax=1',{labelName:'countPage',siteId:'2653861'});}\n"
        "function load(index){$.ajax({type:'POST',url:'/tianchang/site/label/8888?IsAjax=1&dataType=html&_='+Math.random(),"
        f"data:{{{fields},pageIndex:index}},success:function(h){{$('#list').html(h);}}}});}}</script>"
    )


def column(shown: Sequence[Row]) -> Answer:
    return page(
        "法治政府建设年度报告",
        f'<div id="list">{items(shown)}</div><div id="page_list"></div>',
        script=script() + pager(1),
    )


def answer(number: int, shown: Sequence[Row]) -> Answer:
    return html_answer(f"{items(shown)}\n{pager(number)}")


def first_in_page() -> PlatformReplica:
    pages = (COLUMN, *(address(n) for n in range(2, PAGES + 1)))
    full = {COLUMN: column(page_of(ROWS, 1))} | {
        p: answer(n, page_of(ROWS, n)) for n, p in enumerate(pages, 1) if n > 1
    }
    empty = {COLUMN: column(())} | {p: answer(n, ()) for n, p in enumerate(pages, 1) if n > 1}
    return _replica("anhui-first-in-page", COLUMN, pages, full, empty)


def all_by_interface() -> PlatformReplica:
    url = COLUMN.replace("type=4&", "type=4&nav=3&")
    pages = tuple(address(n) for n in range(1, PAGES + 1))
    shell = page(
        "法治政府建设年度报告",
        '<div id="list"></div><div id="page_list"></div>',
        script=script() + "<script>load(1);</script>",
    )
    full = {url: shell} | {p: answer(n, page_of(ROWS, n)) for n, p in enumerate(pages, 1)}
    return _replica("anhui-shell", url, pages, full, {p: answer(n, ()) for n, p in enumerate(pages, 1)})


REPLICAS = (first_in_page(), all_by_interface())
