"""What the replicas of lists behind interfaces share: rows, articles, the dress of a page, the shape of an answer."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tests.portals.platform_replicas import Answer, Expected, PlatformReplica

PER_PAGE = 6
TOTAL = 15
PAGES = 3
UNITS = ("城关街道", "柳河镇", "区司法局", "青坪乡", "区城市管理局", "望江街道", "石桥镇", "区教育局")
SENTENCE = "全年审查行政规范性文件十一件，提出审查意见二十四条，均被采纳。"
PARAGRAPHS = (
    "现将本年度法治政府建设情况报告如下。",
    "一、主要工作",
    f"坚持把合法性审查作为决策的前置程序。{SENTENCE}开展执法案卷评查两次，评查案卷六十份。",
    "二、存在的不足",
    "基层执法人员的专业训练仍然不够，个别站所记录不规范。",
    "三、下一年度工作安排",
    "继续推进执法规范化，办好群众身边的法律服务。",
)

Row = Expected
Address = Callable[[int, date], str]


def rows(address: Address, *, total: int = TOTAL) -> tuple[Row, ...]:
    """The rows of a column, newest first.

    Args:
        address: Makes the address of an article of its number and its day.
        total: How many.
    """
    made = []
    for number in range(total):
        day = date(2026, 3, 27) - timedelta(days=41 * number)
        title = f"{UNITS[number % len(UNITS)]}{day.year - 1}年度法治政府建设情况报告（{number + 1}号）"
        made.append(Expected(title=title, url=address(10_481 - number, day), date=day))
    return tuple(made)


def page_of(all_rows: Sequence[Row], number: int, per_page: int = PER_PAGE) -> Sequence[Row]:
    """The rows of page ``number``, counted from 1."""
    return all_rows[(number - 1) * per_page : number * per_page]


def path_of(url: str) -> str:
    """An address without scheme and host, as most lists print it."""
    return "/" + url.split("/", 3)[3]


def page(title: str, main: str, *, head: str = "", script: str = "") -> Answer:
    """A page in the frame of a portal."""
    menu = "".join(
        f'<li><a href="/{slug}/">{name}</a></li>'
        for name, slug in (("首页", ""), ("政务公开", "zwgk"), ("互动交流", "hdjl"))
    )
    return html_answer(
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n{head}\n</head>\n<body>\n'
        f'<div class="header"><ul class="nav">{menu}</ul></div>\n<div class="main">\n{main}\n</div>\n'
        f'<div class="footer"><p>主办：区人民政府办公室　<a href="/wzdt/">网站地图</a> <a href="/lxwm/">联系我们</a> 政务服务热线 12345</p></div>\n{script}\n</body>\n</html>\n'
    )


def article(title: str, day: date, body: str, *, head: str = "", attached: str | None = None) -> Answer:
    """An article's page; ``body`` is its container with ``{text}`` where the paragraphs go."""
    text = "\n".join(f"<p>　　{html.escape(paragraph)}</p>" for paragraph in PARAGRAPHS)
    if attached:
        text += f'\n<p>附件：<a href="{attached}" target="_blank">法治政府建设情况统计表.doc</a></p>'
    metas = f'<meta name="ArticleTitle" content="{title}"><meta name="PubDate" content="{day} 09:30">{head}'
    return page(
        title,
        f"<h1>{title}</h1>\n<p>发布时间：{day}　来源：区司法局</p>\n{body.replace('{text}', text)}",
        head=metas,
    )


def html_answer(text: str) -> Answer:
    """Markup, page or fragment."""
    return Answer(body=text.encode())


def json_answer(value: Any) -> Answer:
    """JSON as servers send it: without blanks, Chinese unescaped."""
    return Answer(
        body=json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(),
        content_type="application/json;charset=UTF-8",
    )


def xml_answer(text: str) -> Answer:
    """What ``dataproxy.jsp`` answers."""
    return Answer(body=text.encode(), content_type="text/xml;charset=UTF-8")


def query(values: Mapping[str, object]) -> str:
    """Parameters as a browser sends them."""
    from urllib.parse import urlencode

    return urlencode({name: str(value) for name, value in values.items()})


def paged_replica(
    name: str,
    url: str,
    pages: tuple[str, ...],
    answers: dict[str, Answer],
    empty: dict[str, Answer],
    *,
    platform: str,
    host: str,
    listed: tuple[Row, ...],
    article: Answer,
    attachments: tuple[str, ...] = (),
) -> PlatformReplica:
    """A column of ``TOTAL`` rows on ``PAGES`` pages; the article behind the first row is there, too."""
    return PlatformReplica(
        name=name,
        platform=platform,
        host=host,
        column_url=url,
        answers={**answers, listed[0].url: article},
        list_pages=pages,
        rows=listed,
        per_page=PER_PAGE,
        total=TOTAL,
        page_count=PAGES,
        empty=empty,
        article_url=listed[0].url,
        article_text=SENTENCE,
        attachments=attachments,
    )
