"""Columns of 开普: static pages with a script's pager, and a page whose rows come in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from tests.portals.interface_kit import (
    PAGES,
    PER_PAGE,
    TOTAL,
    Row,
    article,
    json_answer,
    page,
    page_of,
    paged_replica,
    path_of,
    query,
    rows,
)
from tests.portals.platform_replicas import Answer, PlatformReplica

HOST = "www.heping.gov.cn"
BASE = f"https://{HOST}"
CHANNEL = "8b0e378b0f424ed2b381455e389c24b3"
ROWS = rows(lambda number, day: f"{BASE}/hpq/c100186/{day:%Y%m}/{number:032x}.shtml")
ARTICLE = article(
    ROWS[0].title,
    ROWS[0].date or date.min,
    '<div class="text"><ucapcontent id="UCAP-CONTENT">{text}</ucapcontent></div>',
    attached="/hpq/c100186/202603/10481/files/4c1a9e0b.doc",
)
ATTACHMENT = f"{BASE}/hpq/c100186/202603/10481/files/4c1a9e0b.doc"
_replica = partial(
    paged_replica, platform="ucap", host=HOST, listed=ROWS, article=ARTICLE, attachments=(ATTACHMENT,)
)


def static(number: int, shown: Sequence[Row]) -> Answer:
    items = "\n".join(
        f'<li><a href="{path_of(row.url)}" title="{row.title}" target="_blank">{row.title[:15]}...</a><span class="time">{row.date}</span></li>'
        for row in shown
    )
    return page(
        "法治政府建设年度报告",
        f'<ul class="list">\n{items}\n</ul><div id="page_div"></div>',
        script=f"<script>createPageHTML('page_div',{PAGES}, {number},'list','shtml',{TOTAL});</script>",
    )


def static_address(number: int) -> str:
    return f"{BASE}/hpq/c100186/list{'' if number == 1 else f'_{number}'}.shtml"


def record(row: Row, place: int) -> dict[str, object]:
    return {
        "manuscriptId": str(7649538 + place),
        "title": row.title.replace("法治", "<em>法治</em>"),
        "subTitle": "",
        "url": row.url.replace("https:", "") if place % 2 else row.url,
        "publishedTimeStr": f"{row.date} 09:30:00",
        "publishedTime": 1_774_573_800_000,
        "channelName": "法治政府建设年度报告",
        "content": "现将本年度法治政府建设情况报告如下。" * 20,
        "domainMetaList": [{"resultList": [{"key": "wh", "value": ""}]}],
    }


def answer(number: int, shown: Sequence[Row]) -> Answer:
    results = [record(row, n) for n, row in enumerate(shown)]
    return json_answer(
        {"data": {"page": number, "rows": PER_PAGE, "channelId": CHANNEL, "total": TOTAL, "results": results}}
    )


def address(number: int) -> str:
    asked = {
        "_isAgg": "true",
        "_isJson": "true",
        "_pageSize": PER_PAGE,
        "_template": "index",
        "_rangeTimeGte": "",
        "page": number,
    }
    return f"{BASE}/common/search/{CHANNEL}?{query(asked)}"


def in_json() -> PlatformReplica:
    url = f"{BASE}/hpq/c100186/common_list.shtml"
    script = (
        f"<script>function load(p){{$.get('/common/search/{CHANNEL}?_isAgg=true&_isJson=true&_pageSize={PER_PAGE}"
        "&_template=index&_rangeTimeGte=&page='+p,show);}load(1);</script>"
    )
    pages = tuple(address(n) for n in range(1, PAGES + 1))
    full = {p: answer(n, page_of(ROWS, n)) for n, p in enumerate(pages, 1)}
    shell = page("法治政府建设年度报告", '<ul class="list" id="list"></ul>', script=script)
    return _replica(
        "ucap-json", url, pages, {url: shell, **full}, {p: answer(n, ()) for n, p in enumerate(pages, 1)}
    )


def in_pages() -> PlatformReplica:
    pages = tuple(static_address(n) for n in range(1, PAGES + 1))
    full = {p: static(n, page_of(ROWS, n)) for n, p in enumerate(pages, 1)}
    return _replica("ucap-static", pages[0], pages, full, {p: static(n, ()) for n, p in enumerate(pages, 1)})


REPLICAS = (in_json(), in_pages())
