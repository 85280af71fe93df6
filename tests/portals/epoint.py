"""A column of Epoint WebBuilder: rows that open by script, articles behind a JSON interface."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from hashlib import md5
from urllib.parse import quote
from uuid import UUID

from tests.portals.platform_kit import Column, View, article, items
from tests.portals.platform_replicas import Answer, PlatformReplica

HOST = "www.weicheng-xc.gov.cn"
FOLDER = f"http://{HOST}/govxxgk/11411002005750994L/category/031/031002/031002014"
SITE = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"


def _uuid(n: int) -> str:
    return str(UUID(md5(f"weicheng{n}".encode(), usedforsecurity=False).hexdigest()))


def _address(n: int, day: date) -> str:
    return f"http://{HOST}/openDetailDynamic.html?infoid={_uuid(n * 10_000 + day.year)}"


ITEMS = items(23, _address)


def _draw(view: View) -> str:
    rows = "".join(
        f"<tr><td><a class=\"ewb-infoname\" onclick=\"linkToNew('{item.url.split('=')[1]}','002008');\" {item.shown}</a>"
        f'<div class="ewb-drop-detail"><table><tr><td>索引号</td><td>11411002005750994L/{item.date:%Y%m}-{n:05}</td></tr>'
        f'<tr><td>名称</td><td>{item.title}</td></tr></table></div></td><td class="ewb-rqnr"><span>{item.date}</span></td></tr>'
        for n, item in enumerate(view.items)
    )
    numbers = "".join(
        f'<li class="active">{n}</li>' if n == view.number else f'<li><a href="{url}">{n}</a></li>'
        for n, url in enumerate(view.urls, 1)
    )
    return (
        f'<script>var siteguid = "{SITE}";</script><table class="ewb-table">{rows}</table>'
        f'<ul class="page">{numbers}<li><a href="{view.urls[-1]}">尾页</a></li></ul>'
    )


def _answer() -> Mapping[str, Answer]:
    body = article(ITEMS[0], before="<div>", after="</div>").decode()
    content = body[body.index("<p>") : body.rindex("</p>", 0, body.index("footer")) + 4]
    detail = {"title": ITEMS[0].title, "infodate": str(ITEMS[0].date), "infocontent": content}
    custom = json.dumps({"openDetail": [detail]}, ensure_ascii=False)
    infoid = quote(ITEMS[0].url.split("=")[1])
    url = (
        f"http://{HOST}/EpointWebBuilder/zNJSAction.action?cmd=getOpenDetail&infoid={infoid}&siteguid={SITE}"
    )
    return {
        url: Answer(
            body=json.dumps({"custom": custom}).encode(), content_type="application/json; charset=utf-8"
        )
    }


DETAIL = _answer()
COLUMN = Column(
    name="epoint",
    platform="epoint",
    items=ITEMS,
    list_pages=[f"{FOLDER}/govlist.html", f"{FOLDER}/2.html", f"{FOLDER}/3.html"],
    draw=_draw,
    article=b"",
    states_total=False,
    more=DETAIL,
    article_url=next(iter(DETAIL)),
)
REPLICAS: tuple[PlatformReplica, ...] = (COLUMN.replica(),)
