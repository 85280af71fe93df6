"""Columns of portals that show no platform: the shapes of 上海, 河北, 辽宁, 青海, 北京's districts, gov.cn, 帝国 CMS and JEECMS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from hashlib import md5
from uuid import UUID

from tests.portals.platform_kit import Column, Item, View, article, items
from tests.portals.platform_replicas import PlatformReplica

ROWS = 21
Row = Callable[[Item], str]


def _hex(n: int) -> str:
    return md5(f"qinghe{n}".encode(), usedforsecurity=False).hexdigest()


def _uuid(n: int) -> str:
    return str(UUID(_hex(n)))


def _path(item: Item) -> str:
    return "/" + item.url.split("/", 3)[3]


def _plain(item: Item) -> str:
    return f'<li><a href="{_path(item)}" target="_blank" {item.shown}</a><span>{item.date}</span></li>'


def _before(item: Item) -> str:
    return f'<li><span class="date">[{item.date:%Y/%m/%d}]</span><a href="{item.url}">· {item.title}</a></li>'


def _opened(item: Item) -> str:
    return f"""<li><a href="javascript:void(0);" onclick="window.open('{_path(item)}')" title="{item.title}">{item.cut}</a><em>{item.date.year}年{item.date.month}月{item.date.day}日</em></li>"""


def _clicked(item: Item) -> str:
    return f"""<tr onclick="location.href='{_path(item)}'"><td class="tit">{item.title}</td><td>{item.date:%y.%m.%d}</td></tr>"""


def _whole(item: Item) -> str:
    return f'<div class="item"><a href="{_path(item)}"><h4>{item.title}</h4><p class="abs">各街道镇、各部门：现将有关情况报告如下</p><span>发布时间：{item.date} 09:31</span></a></div>'


def _numbers(view: View) -> str:
    shown = "".join(
        f'<a class="on">{n}</a>' if n == view.number else f'<a href="{url}">{n}</a>'
        for n, url in enumerate(view.urls, 1)
    )
    forward = f'<a href="{view.urls[view.number]}">下一页</a>' if view.number < view.count else ""
    return f'<div class="pagination">{shown}{forward}</div>'


def _next_only(view: View) -> str:
    forward = (
        f'<a class="next" href="{view.urls[view.number]}"><img src="/n.png"></a>'
        if view.number < view.count
        else ""
    )
    back = f'<a class="prev" href="{view.urls[view.number - 2]}">上一页</a>' if view.number > 1 else ""
    return f'<div class="fy">{back}{forward}</div>'


def _words(view: View) -> str:
    forward = (
        f'<a href="{view.urls[view.number]}">下一页</a>'
        if view.number < view.count
        else "<span>下一页</span>"
    )
    return f'<div class="pages">共 {view.count} 页 {view.total} 条 {forward} <a href="{view.urls[-1]}">末页</a></div>'


def _slashed(view: View) -> str:
    forward = f'<li><a href="{view.urls[view.number]}">下一页</a></li>' if view.number < view.count else ""
    return f'<ul class="pager"><li class="total"><span>{view.number}/共 {view.count} 页</span></li>{forward}<li><a href="{view.urls[-1]}">末页</a></li></ul>'


def _counted(view: View) -> str:
    script = f"$('#p').pagination({{pageCount:{view.count}, current:{view.number}, totalData:{view.total}}});"
    return f"<div id=\"p\"></div><script>var maxPage = parseInt('{view.count}'); {script}</script>"


def _column(
    name: str, address: Callable[[int, date], str], pages: Sequence[str], row: Row, pager: Callable[[View], str],
    *, total: bool = False, count: bool = True, container: str = '<div class="article-content">',
) -> PlatformReplica:  # fmt: skip
    rows = items(ROWS, address)
    around = ("<table>", "</table>") if row is _clicked else ("<ul class='list'>", "</ul>")

    def draw(view: View) -> str:
        return f"<div class='con'>{around[0]}{''.join(map(row, view.items))}{around[1]}{pager(view)}</div>"

    file = f"/files/2024/{name}.doc"
    return Column(
        name=name,
        platform="anchors",
        items=rows,
        list_pages=pages,
        draw=draw,
        article=article(rows[0], before=container, after="</div>", attachment=file),
        attachments=(f"{'/'.join(rows[0].url.split('/')[:3])}{file}",),
        states_total=total,
        states_pages=count,
    ).replica()


SHANGHAI = "https://sfj.pujiang-sh.gov.cn"
HEBEI = f"http://www.zhangbei-hb.gov.cn/columns/{_uuid(900)}"
LIAONING = "http://www.heping-ln.gov.cn/web/zwgk/fzzfjs"
QINGHAI = "https://sft.huangshui-qh.gov.cn/zwdt/fzzfjs"
BEIJING = "https://www.xishan-bj.gov.cn/xszw/fzzfjsbg"
GOV = "http://www.luohe-hn.gov.cn/fzzf"
EMPIRE = "http://www.qianjin-jms.gov.cn/e/action"
JEECMS = "https://sfj.anlu-xg.gov.cn/c/alssfj/fzzfjsndgzbg"
SICHUAN = f"https://sfj.yucheng-ya.gov.cn/xinwen/list/{_uuid(901)}.html"
WEINAN = "https://sfj.linwei-wn.gov.cn/zfxxgk/fdzdgknr/fzzfjs"

REPLICAS: tuple[PlatformReplica, ...] = (
    _column(
        "anchors-shanghai", lambda n, day: f"{SHANGHAI}/fzzfjs/{day:%Y%m%d}/{_hex(n)}.html",
        [f"{SHANGHAI}/fzzfjs/index.html", *(f"{SHANGHAI}/fzzfjs/index_{n}.html" for n in (2, 3))], _before, _numbers,
        container='<div id="ivs_content">',
    ),
    _column(
        "anchors-hebei", lambda n, day: f"{HEBEI}/{day:%Y%m/%d}/{_uuid(n)}.html",
        [f"{HEBEI}/index.html", f"{HEBEI}/p2.html", f"{HEBEI}/p3.html"], _plain, _words, total=True,
    ),
    _column(
        "anchors-liaoning", lambda n, day: f"{LIAONING}/{day:%Y%m%d}{10450321 + n}/index.shtml",
        [f"{LIAONING}/index.shtml", *(f"{LIAONING}/index_{n}.shtml" for n in (2, 3))], _plain, _next_only, count=False,
        container='<div class="pages_content">',
    ),
    _column(
        "anchors-qinghai", lambda n, day: f"{QINGHAI}/{day:%Y-%m}/{88231 - n}.html",
        [QINGHAI, f"{QINGHAI}_2", f"{QINGHAI}_3"], _plain, _slashed,
    ),
    _column(
        "anchors-beijing", lambda n, day: f"{BEIJING}/pnidpv{890123 - n}.html",
        [f"{BEIJING}/index.html", *(f"{BEIJING}/index_{n}.html" for n in (2, 3))], _opened, _words, total=True,
        container='<div id="zoom">',
    ),
    _column(
        "anchors-content", lambda n, day: f"{GOV}/{day:%Y-%m/%d}/content_{6551 - n}.htm",
        [f"{GOV}/list.htm", f"{GOV}/list2.htm", f"{GOV}/list3.htm"], _whole, _numbers,
    ),
    _column(
        "anchors-empire", lambda n, day: f"{EMPIRE}/ShowInfo.php?classid=12&id={731 - n}",
        [f"{EMPIRE}/ListInfo/?classid=12", *(f"{EMPIRE}/ListInfo/index.php?page={n}&classid=12&totalnum={ROWS}" for n in (1, 2))],
        _plain, _numbers, total=True,
    ),
    _column(
        "anchors-jeecms", lambda n, day: f"https://sfj.anlu-xg.gov.cn/alssfj/zwdt/{321774 - n}.jhtml",
        [f"{JEECMS}.jhtml", f"{JEECMS}_2.jhtml", f"{JEECMS}_3.jhtml"], _clicked, _words, total=True,
    ),
    _column(
        "anchors-query", lambda n, day: f"https://sfj.yucheng-ya.gov.cn/xinwen/show/{_uuid(n)}.html",
        [f"{SICHUAN}?page=1", f"{SICHUAN}?page=2", f"{SICHUAN}?page=3"], _plain, _counted,
    ),
    _column(
        "anchors-counted", lambda n, day: f"https://sfj.linwei-wn.gov.cn/zfxxgk/fdzdgknr/fzzfjs/{1772309 - n}.html",
        [f"{WEINAN}/1.html", f"{WEINAN}/2.html", f"{WEINAN}/3.html"], _plain, _counted,
    ),
)  # fmt: skip
