"""A column of 博达 VSB: pages numbered from the end, the first one beside the folder of the others."""

from __future__ import annotations

from datetime import date

from tests.portals.platform_kit import Column, View, article, items
from tests.portals.platform_replicas import PlatformReplica

HOST = "www.luohe-yn.gov.cn"
FOLDER = f"http://{HOST}/zwgk/fzzfjs"


def _address(n: int, day: date) -> str:
    return f"http://{HOST}/info/1{7 + n % 2}2{day.day % 10}/{70287 - 13 * n}.htm"


ITEMS = items(27, _address)
FILE = "/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1438271234&wbfileid=4C1A9E"
ARTICLE = article(
    ITEMS[0],
    before='<div id="vsb_content"><div class="v_news_content">',
    after="</div></div>",
    attachment=FILE.replace("&", "&amp;"),
    head='<script src="/system/resource/js/dynclicks.js"></script>',
)
SIDE = '<div class="hot-news"><h4>热门文章</h4>' + "".join(
    f'<p><a href="/info/1009/99{n}.htm">全区优化营商环境大会召开之{n}</a><span>2024-02-1{n}</span></p>' for n in range(9)
) + "</div>"  # fmt: skip


def _draw(view: View) -> str:
    up = "../" if view.number == 1 else "../../"
    rows = "".join(
        f'<li id="line_u9_{n}"><span>{item.date.day:02}</span><em>{item.date:%Y-%m}</em>'
        f'<a href="{up}{item.url.split("/", 3)[3]}" target="_blank" {item.shown}</a></li>'
        for n, item in enumerate(view.items)
    )
    own = "fzzfjs/" if view.number == 1 else ""

    def link(page: int) -> str:
        return (
            f"{'' if view.number == 1 else '../'}fzzfjs.htm"
            if page == 1
            else f"{own}{view.count - page + 1}.htm"
        )

    numbers = "".join(
        f'<span class="p_no_d">{n}</span>'
        if n == view.number
        else f'<span class="p_no"><a href="{link(n)}">{n}</a></span>'
        for n in range(1, view.count + 1)
    )
    forward = (
        f'<span class="p_next p_fun"><a href="{link(view.number + 1)}">下页</a></span>'
        if view.number < view.count
        else ""
    )
    return (
        '<script src="/system/resource/js/gotopage.js"></script>'
        f'<div class="list"><ul class="txtList">{rows}</ul></div><div class="pb_sys_common"><span class="p_t">共{view.total}条</span>'
        f'<span class="p_pages">{numbers}{forward}</span><span class="p_goto"><a href="javascript:;" '
        f'onclick="_simple_list_gotopage_fun({view.count},&quot;u9_goto&quot;,2)">跳转</a></span></div>{SIDE}'
    )


def _scripted(view: View) -> str:
    drawn = _draw(view)
    start, end = drawn.index('<span class="p_pages">'), drawn.index('<span class="p_goto">')
    return drawn[:start] + drawn[end:]


def _replica(name: str, *, links: bool) -> PlatformReplica:
    return Column(
        name=name,
        platform="vsb",
        items=ITEMS,
        list_pages=[f"{FOLDER}.htm", *(f"{FOLDER}/{n}.htm" for n in (3, 2, 1))],
        draw=_draw if links else _scripted,
        article=ARTICLE,
        attachments=(f"http://{HOST}{FILE}",),
    ).replica()


REPLICAS: tuple[PlatformReplica, ...] = (_replica("vsb", links=True), _replica("vsb-jump-box", links=False))
