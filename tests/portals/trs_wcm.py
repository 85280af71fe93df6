"""Columns of TRS WCM, one for each way it draws its pager."""

from __future__ import annotations

import base64
from datetime import date
from urllib.parse import quote_plus

from tests.portals.platform_kit import Column, View, article, items
from tests.portals.platform_replicas import PlatformReplica

HOST = "www.qingheqv.gov.cn"
FOLDER = f"http://{HOST}/zwgk/zfxxgk/fzzfjsndbg/"
ROWS = 21


def _address(n: int, day: date) -> str:
    return f"{FOLDER}{day:%Y%m}/t{day:%Y%m%d}_{5501 + 7 * n}.html"


ITEMS = items(ROWS, _address)
ARTICLE = article(
    ITEMS[0],
    before='<div class="view TRS_UEDITOR trs_paper_default">',
    after="</div>",
    attachment=f"./P0{ITEMS[0].date:%Y%m%d}331874526912.pdf",
)
FILES = (f"{FOLDER}{ITEMS[0].date:%Y%m}/P0{ITEMS[0].date:%Y%m%d}331874526912.pdf",)
BOX = '<div class="side"><h3>推荐阅读</h3><ul>' + "".join(
    f'<li><a href="/xwdt/bdxw/2024{n:02}/t2024{n:02}05_90{n:02}.html">区里召开第{n}次常务会议研究重点工作</a><span>2024-{n:02}-05</span></li>'
    for n in range(1, 10)
) + "</ul></div>"  # fmt: skip


def _relative(view: View) -> list[str]:
    return [f"./{item.url.removeprefix(FOLDER)}" for item in view.items]


def _index(view: View) -> str:
    rows = "".join(
        f'<li><a href="{href}" target="_blank" {item.shown}</a><span>{item.date}</span></li>\n<li class="tpl"><a ms-text="el.title"></a></li>'
        for item, href in zip(view.items, _relative(view), strict=True)
    )
    pager = f'createPageHTML({view.count}, {view.number - 1}, "index", "html", "{view.total}");'
    return f'<div class="left"><ul class="list">{rows}</ul><div class="page"><script>{pager}</script></div></div>{BOX}'


def _from_one(view: View) -> str:
    rows = "".join(
        f'<li><i>{item.date.year}年{item.date.month}月{item.date.day}日</i><a href="{item.url}">{item.title}</a></li>'
        for item in view.items
    )
    call = f"createPageHTML('paging',{view.count},{view.number},'list_fzjs','html',{view.total});"
    return (
        f'<div class="con"><ul class="newslist">{rows}</ul></div><div id="paging"></div>'
        f"<script>window.onload = function() {{ {call} }}</script>"
    )


def _variables(view: View) -> str:
    rows = "".join(
        f"<tr><td>{n}</td><td><a href='{href}' {item.shown}</a></td><td>{item.date:%Y/%m/%d}</td></tr>"
        for n, (item, href) in enumerate(zip(view.items, _relative(view), strict=True), 1)
    )
    script = f"""
var currentPage = {view.number - 1};//所在页从0开始
var prevPage = currentPage-1//上一页
var nextPage = currentPage+1//下一页
var countPage = {view.count}//共多少页
document.write("共"+countPage+"页&nbsp;&nbsp;");
if(countPage>1&&currentPage!=0&&currentPage!=1)
	document.write("<a href=\\"index"+"_" + prevPage + "."+"shtml\\">上一页</a>&nbsp;");
if(countPage>1&&currentPage!=(countPage-1))
	document.write("<a href=\\"index"+"_" + nextPage + "."+"shtml\\">下一页</a>&nbsp;");
"""
    return f'<table class="lb">{rows}</table><div class="fanye"><script>{script}</script></div>'


def _packed(view: View) -> str:
    rows = "".join(
        f'<dl><dt><a href="{item.url.replace("http:", "https:")}" title="标题：{item.title}&#10;发布时间：{item.date}">{item.cut}</a></dt><dd>[{item.date:%m-%d}]</dd></dl>'
        for item in view.items
    )
    numbers = " ".join(
        f"<span>{n}</span>" if n == view.number else f'<a href="{url}">{n}</a>'
        for n, url in enumerate(view.urls, 1)
    )
    packed = base64.b64encode(quote_plus(f'<a class="a1">{view.total}条</a> {numbers}').encode()).decode()
    return f"""<div class="rows">{rows}</div><div id="pages">{packed}</div>
<script>$("#pages").html(decodeURIComponent(window.atob($("#pages").html())));</script>"""


def _pages(name: str, extension: str, first: int, second: int = 1) -> list[str]:
    start = f"{name}.{extension}" if first else ""
    return [FOLDER + start, *(f"{FOLDER}{name}_{n}.{extension}" for n in range(second, second + 2))]


REPLICAS: tuple[PlatformReplica, ...] = (
    Column(
        name="trs-index", platform="trs", items=ITEMS, list_pages=_pages("index", "html", 0), draw=_index,
        article=ARTICLE, attachments=FILES,
    ).replica(),
    Column(
        name="trs-from-one", platform="trs", items=ITEMS, list_pages=_pages("list_fzjs", "html", 1, 2), draw=_from_one,
        article=ARTICLE, attachments=FILES,
    ).replica(),
    Column(
        name="trs-variables", platform="trs", items=ITEMS, list_pages=_pages("index", "shtml", 1), draw=_variables,
        article=ARTICLE, attachments=FILES, states_total=False,
    ).replica(),
    Column(
        name="trs-packed", platform="trs",
        items=[type(item)(title=item.title, url=item.url.replace("http:", "https:"), date=item.date) for item in ITEMS],
        list_pages=[f"{FOLDER}index.html", f"{FOLDER}2.html", f"{FOLDER}3.html"], draw=_packed,
        article=ARTICLE, attachments=tuple(file.replace("http:", "https:") for file in FILES),
    ).replica(),
)  # fmt: skip
