"""A made portal of real size: list pages and articles of 40 to 90 kB with menus, scripts and furniture."""

from __future__ import annotations

import random
from dataclasses import replace

from crawler.sample.portal import reports
from crawler.sample.server import Answer, Request

HOST = "www.bench.example"
COLUMN = f"http://{HOST}/zwgk/fzzfjs/"
ROWS = 50
SITE_FILE = f"""\
key = "bench"
name = "示例省基准市测试区"
short_name = "测试区"
level = "county"
home = "http://{HOST}/"
hosts = ["{HOST}"]
platform = "trs"
delay = 0
[[column]]
url = "{COLUMN}"
name = "法治政府建设"
confirmed = true
"""
_STREETS = [
    "望溪",
    "石桥",
    "清河",
    "柳林",
    "东岭",
    "白塔",
    "云台",
    "南坪",
    "新港",
    "古槐",
    "长宁",
    "永安",
    "金沙",
    "福田",
    "玉泉",
    "龙湖",
    "凤山",
    "双井",
    "和平",
    "胜利",
]
_SCRIPT = "var w{n}={{init:function(a,b){{return document.getElementById(a)||b;}},id:'{n}',open:false}};\n"


class BenchPortal:
    """Answers for a column of ``articles`` reports; every page is made once, before the clock starts."""

    def __init__(self, articles: int = 1000) -> None:
        stock = [report.text.split("\n") for report in reports(0)]
        chance = random.Random(7)
        rows = []
        self.pages: dict[str, bytes] = {}
        self.sizes: list[int] = []
        for number in range(articles):
            street, year = _STREETS[number % 20], 2024 - (number // 20) % 12
            title = f"{street}街道第{number // 240 + 1}片区{year}年法治政府建设情况报告"
            path = f"/zwgk/fzzfjs/{year + 1}03/t{year + 1}03{number % 28 + 1:02d}_{7_000_000 + number}.html"
            lines = list(stock[number % len(stock)])
            chance.shuffle(lines)
            lines.append(f"{street}街道办事处第{number}号存档。")
            body = _article(title, f"{year + 1}-03-{number % 28 + 1:02d}", street, lines, chance)
            self.pages[path] = body
            self.sizes.append(len(body))
            rows.append((path, title, f"{year + 1}-03-{number % 28 + 1:02d}"))
        count = -(-articles // ROWS)
        for page in range(count):
            name = "/zwgk/fzzfjs/" if page == 0 else f"/zwgk/fzzfjs/index_{page}.html"
            self.pages[name] = _list(rows[page * ROWS : (page + 1) * ROWS], page, count)

    def __call__(self, request: Request) -> Answer:
        """Answers one request."""
        if request.path == "/robots.txt":
            return Answer(body=b"User-agent: *\nDisallow: /search/\n", content_type="text/plain")
        body = self.pages.get(request.path)
        if body is None:
            return Answer(body="<html><body>页面不存在</body></html>".encode(), status=404)
        return replace(_OK, body=body)


_OK = Answer()


def _chrome(chance: random.Random) -> tuple[str, str]:
    menu = "".join(
        f'<li class="m{n % 7}"><a href="/zwgk/c{n}/" target="_blank" title="栏目{n}">政务栏目{n}</a></li>'
        for n in range(chance.randint(150, 300))
    )
    scripts = "".join(_SCRIPT.format(n=n) for n in range(chance.randint(150, 400)))
    head = (
        f"<script>{scripts}</script></head><body><div class='header'><p>今天是2026年3月1日 星期日</p>"
        f"<ul class='nav'>{menu}</ul></div><div class='crumb'>您当前的位置：<a href='/'>首页</a> &gt; "
        "<a href='/zwgk/'>政务公开</a> &gt; 法治政府建设</div>"
    )
    foot = (
        "<div class='share'>分享到：微信 微博</div><p>扫一扫在手机打开当前页</p><div class='footer'>"
        f"<ul>{menu[: len(menu) // 3]}</ul>主办：测试区人民政府 网站标识码：9999020001 示ICP备00000000号</div></body></html>"
    )
    return head, foot


def _article(title: str, day: str, street: str, lines: list[str], chance: random.Random) -> bytes:
    head, foot = _chrome(chance)
    style = 'style="margin:0pt;text-indent:32pt;line-height:30pt;font-family:仿宋;font-size:16pt;"'
    text = "".join(f'<p {style}><span style="font-family:仿宋">{line}</span></p>\n' for line in lines)
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}_测试区人民政府</title>"
        f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{day} 09:00">'
        f'<meta name="ContentSource" content="{street}街道办事处"><meta name="SiteIDCode" content="9999020001">'
        f"{head}<div class='article'><h1>{title}</h1><div class='info'>发布时间：{day} 09:00 来源：{street}街道办事处 "
        f"字号：大 中 小 打印</div><div class='TRS_Editor'>{text}</div></div>{foot}"
    ).encode()


def _list(rows: list[tuple[str, str, str]], page: int, count: int) -> bytes:
    head, foot = _chrome(random.Random(page))
    items = "".join(
        f'<li><a href=".{path.removeprefix("/zwgk/fzzfjs")}" title="{title}">{title}</a><span>{day}</span></li>\n'
        for path, title, day in rows
    )
    pager = f'<script>createPageHTML({count}, {page}, "index", "html");</script>'
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>法治政府建设_测试区人民政府</title>"
        f"{head}<ul class='list'>{items}</ul><div class='pager'>{pager}</div>{foot}"
    ).encode()
