"""How each platform draws a column of an unknown portal: addresses, list pages, articles.

The markup is that of the platform replicas, made for any column of a portal instead of the one theirs has.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import md5
from urllib.parse import urlencode

from crawler.platforms.post import post_address

PER_PAGE = 8


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a column stands."""

    base: str
    """``http://host``."""
    place: str
    """Folder below the host, with a slash at its end."""
    number: int
    """For platforms that number their columns."""
    name: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One entry of a column."""

    title: str
    url: str
    day: date


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A column as a platform serves it: markup by address, to be framed; other answers as they are."""

    head: str
    """What the first page shows between menu and footer."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Address → the same of further pages."""
    data: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Address → body and content type of an interface's answer."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One platform."""

    name: str
    column: Callable[[Spot], str]
    """Address of a column's first page, or of a page on the way to one."""
    article: Callable[[Spot, int, date], str]
    draw: Callable[[Spot, Sequence[Row]], Drawn]
    container: str = '<div id="zoom">'


def hexed(*parts: object) -> str:
    """32 hexadecimal digits that stay the same."""
    return md5("/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def path_of(url: str) -> str:
    """An address without scheme and host."""
    return "/" + url.split("/", 3)[3]


def _chunks(rows: Sequence[Row]) -> list[Sequence[Row]]:
    return [rows[start : start + PER_PAGE] for start in range(0, len(rows), PER_PAGE)] or [()]


def _items(rows: Sequence[Row]) -> str:
    return "".join(
        f'<li><a href="{path_of(row.url)}" target="_blank" title="{html.escape(row.title)}">{row.title[:18]}…</a><span>{row.day}</span></li>'
        for row in rows
    )


def _json(value: object) -> tuple[str, str]:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")), "application/json;charset=UTF-8"


def _folder(spot: Spot) -> str:
    return f"{spot.base}/{spot.place}"


def _trs_article(spot: Spot, n: int, day: date) -> str:
    return f"{_folder(spot)}{day:%Y%m}/t{day:%Y%m%d}_{n}.html"


# -- TRS WCM ------------------------------------------------------------------------------------


def _trs(spot: Spot, rows: Sequence[Row]) -> Drawn:
    chunks = _chunks(rows)

    def shown(number: int) -> str:
        call = f'createPageHTML({len(chunks)}, {number}, "index", "html", "{len(rows)}");'
        return (
            f'<ul class="list">{_items(chunks[number])}</ul><div class="page"><script>{call}</script></div>'
        )

    return Drawn(
        head=shown(0), pages={f"{_folder(spot)}index_{n}.html": shown(n) for n in range(1, len(chunks))}
    )


# -- TRS IGS ------------------------------------------------------------------------------------


def igs_answer(rows: Sequence[Row], *, number: int, total: int, size: int) -> tuple[str, str]:
    """What IGS answers."""
    content = [
        {"DOCID": n, "BT": row.title.replace("法治政府", "<em>法治政府</em>"), "DOCPUBURL": row.url, "FBRQ": f"{row.day} 09:30:00"}
        for n, row in enumerate(rows, 1)
    ]  # fmt: skip
    return _json(
        {
            "hasFilter": True,
            "page": {
                "content": content,
                "total": str(total),
                "totalPages": -(-total // size),
                "pageSize": size,
                "pageNumber": number,
            },
        }
    )


def _igs(spot: Spot, rows: Sequence[Row]) -> Drawn:
    chunks = _chunks(rows)
    asked = urlencode(
        {
            "index": "wzq",
            "type": "infomation",
            "siteId": "57",
            "pageSize": PER_PAGE,
            "filter[CHANNELID]": spot.number,
        }
    )
    url = f"/igs/front/search/publish/data/list.html?{asked}"
    data = {
        f"{spot.base}{url}&pageNumber={n}": igs_answer(chunk, number=n, total=len(rows), size=PER_PAGE)
        for n, chunk in enumerate(chunks, 1)
    }
    script = f'<script>$.getJSON("{url.replace("&", "&amp;")}&amp;pageNumber=" + cur, show);</script>'
    return Drawn(head=f'<ul id="list" class="news-list"></ul>{script}', data=data)


# -- 大汉 ---------------------------------------------------------------------------------------


def _hanweb_article(spot: Spot, n: int, day: date) -> str:
    return f"{spot.base}/art/{day.year}/{day.month}/{day.day}/art_{spot.number}_{n}.html"


def _hanweb(spot: Spot, rows: Sequence[Row]) -> Drawn:
    form = {"col": "1", "appid": "1", "webid": "3", "path": "/", "columnid": str(spot.number), "unitid": f"4{spot.number}"}  # fmt: skip
    proxy = "/module/web/jpage/dataproxy.jsp"
    fields = ",".join(f"{name}:'{value}'" for name, value in form.items())

    def records(shown: Sequence[Row]) -> str:
        return "<recordset>" + "".join(f"<record><![CDATA[{_items([row])}]]></record>" for row in shown) + "</recordset>"  # fmt: skip

    first = records(rows[:PER_PAGE])
    call = (
        f"<script>$('#4{spot.number}').jpage({{proxyUrl:'{proxy}',perPage:{PER_PAGE},groupSize:1,totalRecord:{len(rows)},"
        f"ajaxParam:{{{fields}}}}});</script>"
    )
    data = {}
    for n, chunk in enumerate(_chunks(rows)[1:], 1):
        start, end = n * PER_PAGE + 1, (n + 1) * PER_PAGE
        url = post_address(
            f"{spot.base}{proxy}?startrecord={start}&endrecord={end}&perpage={PER_PAGE}", form=form
        )
        data[url] = (
            f"<datastore><totalrecord>{len(rows)}</totalrecord>{records(chunk)}</datastore>",
            "text/xml;charset=UTF-8",
        )
    return Drawn(
        head=f'<div id="4{spot.number}"><script type="text/xml"><datastore>{first}</datastore></script></div>{call}',
        data=data,
    )


def _jpaas(spot: Spot, rows: Sequence[Row]) -> Drawn:
    unit = "/api-gateway/jpaas-publish-server/front/page/build/unit"
    asked = {"parseType": "bulidstatic", "webId": hexed("web"), "tplSetId": hexed("tpl"), "pageType": "column", "tagId": "当前栏目_list", "editType": "null", "pageId": hexed(spot.number)}  # fmt: skip
    told = "{" + ",".join(f"'{name}':'{value}'" for name, value in asked.items()) + "}"
    data = {}
    for n, chunk in enumerate(_chunks(rows), 1):
        turn = {} if n == 1 else {"paramJson": json.dumps({"pageNo": n, "pageSize": PER_PAGE}, separators=(",", ":"))}  # fmt: skip
        markup = f'<ul class="lmy-list-ul">{_items(chunk)}</ul><div class="pagination" rows="{PER_PAGE}" count="{len(rows)}" pageno="{n}"></div>'
        data[f"{spot.base}{unit}?{urlencode(asked | turn)}"] = _json(
            {"success": True, "code": "200", "data": {"html": markup}}
        )
    return Drawn(
        head=f'<script src="/AuthorizedRead/unitbuild.js" url="{unit}" queryData="{told}"></script>',
        data=data,
    )


# -- 开普 ---------------------------------------------------------------------------------------


def _ucap(spot: Spot, rows: Sequence[Row]) -> Drawn:
    channel = hexed("channel", spot.number)
    data = {}
    for n, chunk in enumerate(_chunks(rows), 1):
        asked = {"_isAgg": "true", "_isJson": "true", "_pageSize": PER_PAGE, "_template": "index", "_rangeTimeGte": "", "page": n}  # fmt: skip
        results = [
            {"title": row.title, "url": row.url, "publishedTimeStr": f"{row.day} 09:30:00", "subTitle": ""}
            for row in chunk
        ]
        data[f"{spot.base}/common/search/{channel}?{urlencode(asked)}"] = _json(
            {
                "data": {
                    "page": n,
                    "rows": PER_PAGE,
                    "channelId": channel,
                    "total": len(rows),
                    "results": results,
                }
            }
        )
    script = (
        f"<script>function load(p){{$.get('/common/search/{channel}?_isAgg=true&_isJson=true&_pageSize={PER_PAGE}"
        "&_template=index&_rangeTimeGte=&page='+p,show);}load(1);</script>"
    )
    return Drawn(head=f'<ul class="list" id="list"></ul>{script}', data=data)


# -- 安徽 ---------------------------------------------------------------------------------------


def _anhui(spot: Spot, rows: Sequence[Row]) -> Drawn:
    form = {"siteId": "2653861", "pageSize": str(PER_PAGE), "action": "list", "isDate": "true", "organId": "1525", "type": "4", "catId": str(spot.number), "labelName": "publicInfoList", "file": "/c1/x/publicInfoList_newest"}  # fmt: skip
    chunks = _chunks(rows)

    def fragment(n: int) -> str:
        pager = f"<script>Ls.pagination('#page_list',load,{{pageIndex:{n},pageSize:{PER_PAGE},pageCount:{len(chunks)},total:{len(rows)}}});</script>"
        return f'<ul class="clearfix xxgk_nav_list">{_items(chunks[n - 1])}</ul>{pager}'

    fields = ",".join(f"{name}:'{value}'" for name, value in form.items())
    script = (
        "<script>function load(index){$.ajax({type:'POST',url:'/x/site/label/8888?IsAjax=1&dataType=html&_='+Math.random(),"
        f"data:{{{fields},pageIndex:index}},success:show}});}}</script>"
    )
    url = f"{spot.base}/x/site/label/8888?IsAjax=1&dataType=html"
    return Drawn(
        head=f'<div id="list">{fragment(1)}</div>{script}',
        data={
            post_address(url, form={**form, "pageIndex": str(n)}): (fragment(n), "text/html; charset=utf-8")
            for n in range(2, len(chunks) + 1)
        },
    )


# -- 博达, SiteServer, Epoint, others -----------------------------------------------------------


def _vsb(spot: Spot, rows: Sequence[Row]) -> Drawn:
    chunks = _chunks(rows)
    first = f"{spot.base}/{spot.place.rstrip('/')}.htm"
    count = len(chunks)

    def shown(number: int) -> str:
        def address(page: int) -> str:
            return first if page == 1 else f"{_folder(spot)}{count - page + 1}.htm"

        numbers = "".join(
            f'<span class="p_no_d">{n}</span>' if n == number else f'<span class="p_no"><a href="{address(n)}">{n}</a></span>'
            for n in range(1, count + 1)
        )  # fmt: skip
        return (
            '<script src="/system/resource/js/gotopage.js"></script>'
            f'<ul class="txtList">{_items(chunks[number - 1])}</ul><div class="pb_sys_common"><span class="p_t">共{len(rows)}条</span>{numbers}</div>'
        )

    return Drawn(
        head=shown(1), pages={f"{_folder(spot)}{count - n + 1}.htm": shown(n) for n in range(2, count + 1)}
    )


def _siteserver(spot: Spot, rows: Sequence[Row]) -> Drawn:
    chunks = _chunks(rows)
    urls = [f"/jz/channels/{spot.number}{'' if n == 1 else f'_{n}'}.html" for n in range(1, len(chunks) + 1)]

    def shown(number: int) -> str:
        options = "".join(f'<option value="{url}">{n}</option>' for n, url in enumerate(urls, 1))
        items = _items(chunks[number]).replace("<li>", '<li class="xxgk-list">')
        return f'<ul class="xxgk">{items}</ul><div class="turn">共 {len(rows)} 条 <select onchange="self.location.href=this.value;">{options}</select></div>'

    return Drawn(head=shown(0), pages={f"{spot.base}{url}": shown(n) for n, url in enumerate(urls) if n})


SITE_GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"


def _epoint(spot: Spot, rows: Sequence[Row]) -> Drawn:
    chunks = _chunks(rows)
    urls = [f"{_folder(spot)}{'govlist' if n == 1 else n}.html" for n in range(1, len(chunks) + 1)]

    def shown(number: int) -> str:
        lines = "".join(
            f'<tr><td><a class="ewb-infoname" onclick="linkToNew(\'{row.url.split("=")[1]}\',\'002008\');" title="{row.title}">{row.title[:16]}…</a></td>'
            f'<td class="ewb-rqnr"><span>{row.day}</span></td></tr>'
            for row in chunks[number]
        )
        numbers = "".join(f'<li><a href="{url}">{n}</a></li>' for n, url in enumerate(urls, 1))
        return f'<script>var siteguid = "{SITE_GUID}";</script><table class="ewb-table">{lines}</table><ul class="page">{numbers}</ul>'

    return Drawn(head=shown(0), pages={url: shown(n) for n, url in enumerate(urls) if n})


def _uuid(*parts: object) -> str:
    raw = hexed(*parts)
    return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


def _anchors(spot: Spot, rows: Sequence[Row]) -> Drawn:
    chunks = _chunks(rows)
    urls = [f"{_folder(spot)}index{'' if n == 1 else f'_{n}'}.html" for n in range(1, len(chunks) + 1)]

    def shown(number: int) -> str:
        numbers = "".join(f'<a href="{path_of(url)}">{n}</a>' for n, url in enumerate(urls, 1))
        return f"<ul class='list'>{_items(chunks[number])}</ul><div class='pagination'>{numbers}</div>"

    return Drawn(head=shown(0), pages={url: shown(n) for n, url in enumerate(urls) if n})


DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect(name="trs", column=_folder, article=_trs_article, draw=_trs, container='<div class="TRS_Editor">'),
        Dialect(name="igs", column=_folder, article=_trs_article, draw=_igs, container='<div class="TRS_Editor">'),
        Dialect(
            name="hanweb", column=lambda s: f"{s.base}/col/col{s.number}/index.html", article=_hanweb_article, draw=_hanweb,
        ),
        Dialect(
            name="jpaas", column=lambda s: f"{_folder(s)}index.html",
            article=lambda s, n, day: f"{s.base}/art/{day.year}/art_{hexed(s.number, n)}.html", draw=_jpaas,
        ),
        Dialect(
            name="ucap", column=lambda s: f"{s.base}/hpq/c{s.number}/common_list.shtml",
            article=lambda s, n, day: f"{s.base}/hpq/c{s.number}/{day:%Y%m}/{hexed(s.number, n)}.shtml", draw=_ucap,
            container='<div class="text" id="UCAP-CONTENT">',
        ),
        Dialect(
            name="anhui", column=lambda s: f"{s.base}/public/column/1525?type=4&catId={s.number}&action=list",
            article=lambda s, n, day: f"{s.base}/public/1525/{n}.html", draw=_anhui, container='<div class="wzcon" id="zoom">',
        ),
        Dialect(
            name="vsb", column=lambda s: f"{s.base}/{s.place.rstrip('/')}.htm",
            article=lambda s, n, day: f"{s.base}/info/{s.number}/{n}.htm", draw=_vsb,
            container='<div id="vsb_content">',
        ),
        Dialect(
            name="siteserver", column=lambda s: f"{s.base}/jz/channels/{s.number}.html",
            article=lambda s, n, day: f"{s.base}/jz/contents/{s.number}/{n}.html", draw=_siteserver,
            container='<div class="content">',
        ),
        Dialect(
            name="epoint", column=lambda s: f"{_folder(s)}govlist.html",
            article=lambda s, n, day: f"{s.base}/openDetailDynamic.html?infoid={_uuid(s.number, n)}", draw=_epoint,
        ),
        Dialect(
            name="anchors", column=lambda s: f"{_folder(s)}index.html",
            article=lambda s, n, day: f"{_folder(s)}{day:%Y%m%d}/{hexed(s.number, n)}.html", draw=_anchors,
            container='<div class="article-content">',
        ),
    )
}  # fmt: skip
"""By name. 广东's directories, where columns are categories of one page, are made in ``unknown``."""
