"""Columns of SiteServer in a sub-site: a select box as pager, and one that only says 第 1/3 页 beside 下一页."""

from __future__ import annotations

from datetime import date

from tests.portals.platform_kit import Column, View, article, items
from tests.portals.platform_replicas import PlatformReplica

HOST = "www.binhaiqv.gov.cn"
LIST = f"https://{HOST}/jz/channels/13838"


def _address(n: int, day: date) -> str:
    return f"https://{HOST}/jz/contents/13838/{297139 - 31 * n - day.day % 3}.html"


ITEMS = items(20, _address)
FILE = "/jz/upload/files/2024/3/fzzfjs2023.docx"
ARTICLE = article(
    ITEMS[0],
    before='<div id="content"><div class="content">',
    after="</div></div>",
    attachment=FILE,
    head='<script src="/sitefiles/assets/js/jquery.js"></script>',
)


def _rows(view: View) -> str:
    return "".join(
        f'<li class="xxgk-list"><a href="{item.url.removeprefix("https://" + HOST)}" {item.shown}</a>'
        f"<span>{item.date:%Y.%m.%d}</span></li>"
        for item in view.items
    )


def _select(view: View) -> str:
    options = "".join(
        f'<option value="{url.removeprefix("https://" + HOST)}"{" selected" if n == view.number else ""}>{n}</option>'
        for n, url in enumerate(view.urls, 1)
    )
    return (
        f'<ul class="xxgk">{_rows(view)}</ul><div class="turn">共 {view.total} 条 '
        f'<select onchange="self.location.href=this.options[this.selectedIndex].value;">{options}</select></div>'
    )


def _words(view: View) -> str:
    forward = f'<a href="13838_{view.number + 1}.html">下一页</a>' if view.number < view.count else "下一页"
    return (
        f'<ul class="xxgk">{_rows(view)}</ul><div class="pg">第 {view.number}/{view.count} 页 {forward}</div>'
    )


PAGES = [f"{LIST}.html", f"{LIST}_2.html", f"{LIST}_3.html"]
REPLICAS: tuple[PlatformReplica, ...] = (
    Column(
        name="siteserver-select", platform="siteserver", items=ITEMS, list_pages=PAGES, draw=_select,
        article=ARTICLE, attachments=(f"https://{HOST}{FILE}",),
    ).replica(),
    Column(
        name="siteserver-words", platform="siteserver", items=ITEMS, list_pages=PAGES, draw=_words,
        article=ARTICLE, attachments=(f"https://{HOST}{FILE}",), states_total=False,
    ).replica(),
)  # fmt: skip
