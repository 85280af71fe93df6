"""Columns of 大汉: records in CDATA (by form, by address), and the unit interface of jpaas."""

from __future__ import annotations

import html
import json
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
    json_answer,
    page,
    page_of,
    paged_replica,
    path_of,
    query,
    rows,
    xml_answer,
)
from tests.portals.platform_replicas import Answer, PlatformReplica

HOST = "www.linjiang.gov.cn"
BASE = f"https://{HOST}"
PROXY = f"{BASE}/module/web/jpage/dataproxy.jsp"
ROWS = rows(lambda number, day: f"{BASE}/art/{day:%Y}/{day.month}/{day.day}/art_25005_{number}.html")
ARTICLE = article(
    ROWS[0].title,
    ROWS[0].date or date.min,
    '<div class="main-txt" id="zoom">{text}</div>',
    attached="/module/download/downfile.jsp?classid=0&filename=fb6f3112750d4a44a10646fcb15c3496.doc",
)
ATTACHMENT = f"{BASE}/module/download/downfile.jsp?classid=0&filename=fb6f3112750d4a44a10646fcb15c3496.doc"
_replica = partial(
    paged_replica, platform="hanweb", host=HOST, listed=ROWS, article=ARTICLE, attachments=(ATTACHMENT,)
)
FORM = {
    "col": "1",
    "appid": "1",
    "webid": "3",
    "path": "/",
    "columnid": "25005",
    "sourceContentType": "1",
    "unitid": "423656",
    "webname": "临江区人民政府",
    "permissiontype": "0",
}


def record(row: Row, place: int) -> str:
    """A row as list, table or cut title, as the sites have them."""
    title = html.escape(row.title)
    href = path_of(row.url)
    if place % 3 == 0:
        inner = (
            f"<li><a href='{href}' title='{title}' target=\"_blank\">{title}</a><span>{row.date}</span></li>"
        )
    elif place % 3 == 1:
        inner = f'<tr><td><a target="_blank" href="{href}" title="{title}">{title[:12]}...</a></td><td align="right">[{row.date}]</td></tr>'
    else:
        inner = f'<li class="clearfix">    <a target="_blank" href="{href}" title="{title}">{title[:14]}…</a>    <b>{row.date}</b></li>'
    return f"<record><![CDATA[\n{inner}]]></record>"


def recordset(shown: Sequence[Row]) -> str:
    return "<recordset>" + "\n".join(record(row, n) for n, row in enumerate(shown)) + "</recordset>"


def answer(shown: Sequence[Row], *, per_page: int = PER_PAGE) -> Answer:
    count = -(-TOTAL // per_page)
    return xml_answer(
        f"<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n<datastore>\n<totalrecord>{TOTAL}</totalrecord>"
        f"<totalpage>{count}</totalpage>\n{recordset(shown)}</datastore>"
    )


# -- by form ------------------------------------------------------------------------------------


def group(number: int) -> str:
    start, end = (number - 1) * PER_PAGE + 1, number * PER_PAGE
    return post_address(f"{PROXY}?startrecord={start}&endrecord={end}&perpage=2", form=FORM)


def column(shown: Sequence[Row]) -> Answer:
    store = f'<script type="text/xml"><datastore>\n<nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&{query(FORM)}"></a>]]></nextgroup>\n{recordset(shown)}</datastore></script>'
    fields = ",".join(
        f"{name}:'{value}'" if not value.isdigit() else f"{name}:{value}" for name, value in FORM.items()
    )
    call = (
        "<script>$(function(){var total=1;$('#423656').jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:2,groupSize:3,"
        f"barPosition:'bottom',totalRecord:{TOTAL},showMode:'full',ajaxParam:{{{fields}}}}});}});</script>"
    )
    return page(
        "法治政府建设年度报告", f'<div id="423656" class="default_pgContainer">{store}</div>', script=call
    )


def by_form() -> PlatformReplica:
    url = f"{BASE}/col/col25005/index.html"
    pages = (url, *(group(n) for n in range(2, PAGES + 1)))
    full = {url: column(page_of(ROWS, 1))} | {
        pages[n - 1]: answer(page_of(ROWS, n)) for n in range(2, PAGES + 1)
    }
    return _replica("hanweb-form", url, pages, full, {url: column(())} | {p: answer(()) for p in pages[1:]})


# -- by address ---------------------------------------------------------------------------------


def by_address() -> PlatformReplica:
    """The page names only its next group: every page comes from the interface, the first one, too."""
    url = f"{BASE}/col/col25006/index.html"
    asked = {
        "appid": "1",
        "webid": "3",
        "path": "/",
        "columnid": "25006",
        "unitid": "303271",
        "permissiontype": "0",
    }
    pages = tuple(f"{PROXY}?{query({'page': n} | asked)}" for n in range(1, PAGES + 1))
    store = (
        f'<div id="303271"><script type="text/xml"><datastore>\n<nextgroup><![CDATA[<a href="{path_of(pages[0])}"></a>]]></nextgroup>\n'
        f"{recordset(ROWS[:4])}</datastore></script></div>"
    )
    full = {url: page("法治政府建设年度报告", store)} | {
        p: answer(page_of(ROWS, n)) for n, p in enumerate(pages, 1)
    }
    return _replica("hanweb-address", url, pages, full, {p: answer(()) for p in pages})


# -- jpaas --------------------------------------------------------------------------------------

UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
ASKED = {
    "parseType": "bulidstatic",
    "webId": "29e9522dc89d4e088a953d8cede72f4c",
    "tplSetId": "5c30fb89ae5e48b9aefe3cdf49853830",
    "pageType": "column",
    "tagId": "当前栏目_list",
    "editType": "null",
    "pageId": "bf39604e7599427c92ec64e90577f57a",
}


def unit_address(number: int) -> str:
    turn = (
        {}
        if number == 1
        else {"paramJson": json.dumps({"pageNo": number, "pageSize": PER_PAGE}, separators=(",", ":"))}
    )
    return f"{BASE}{UNIT}?{query(ASKED | turn)}"


def unit(shown: Sequence[Row], number: int) -> Answer:
    items = "".join(
        f'<li class="clearfix"><a href="{path_of(row.url)}" target="_blank" title="{row.title}">{row.title[:13]}…</a><span class="bt-right">{row.date}</span></li>'
        for row in shown
    )
    markup = (
        f'<div class="page-content"><ul class="lmy-list-ul">{items}</ul></div>'
        f'<div class="pagination" id="pg" rows="{PER_PAGE}" count="{TOTAL}" pageno="{number}"></div>'
    )
    return json_answer(
        {"success": True, "code": "200", "message": "成功", "data": {"html": markup, "params": None}}
    )


def jpaas() -> PlatformReplica:
    url = f"{BASE}/fzzfjs/index.html"
    told = "{" + ",".join(f"'{name}':'{value}'" for name, value in ASKED.items()) + "}"
    menu = told.replace("当前栏目_list", "左侧导航")
    shell = page(
        "法治政府建设年度报告",
        f'<script src="/AuthorizedRead/unitbuild.js" url="{UNIT}" queryData="{menu}"></script>'
        f'<script src="/AuthorizedRead/unitbuild.js" url="{UNIT}" queryData="{told}"></script>',
    )
    pages = tuple(unit_address(n) for n in range(1, PAGES + 1))
    full = {url: shell} | {p: unit(page_of(ROWS, n), n) for n, p in enumerate(pages, 1)}
    return _replica("hanweb-jpaas", url, pages, full, {p: unit((), n) for n, p in enumerate(pages, 1)})


REPLICAS = (by_form(), by_address(), jpaas())
