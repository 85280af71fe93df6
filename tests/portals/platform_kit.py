"""What the platform replicas share: rows, article bodies, and a column drawn from them page by page."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.portals.platform_replicas import Answer, Expected, PlatformReplica

BODIES = (
    "桥西街道办事处", "河东街道办事处", "云台镇人民政府", "柳林镇人民政府", "区司法局", "区市场监督管理局", "区城市管理局", "区教育局",
)  # fmt: skip
MIDDLE = "全年召开党工委会议专题研究法治建设四次，审核规范性文件三件，办理行政复议答复一件，没有被撤销或者确认违法的。"
"""Stands in the middle of every article."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One article of a replica."""

    title: str
    url: str
    date: date

    @property
    def cut(self) -> str:
        """The title as a narrow list shows it."""
        return f"{self.title[:16]}…"

    @property
    def shown(self) -> str:
        """Link text and ``title=`` of a list that cuts."""
        return f'title="{html.escape(self.title)}">{self.cut}'


@dataclass(frozen=True, kw_only=True)
class View:
    """One list page to be drawn."""

    items: Sequence[Item]
    """Empty while the page is to look as if its rows were gone."""
    number: int
    """From 1."""
    count: int
    total: int
    urls: Sequence[str]
    """Addresses of all list pages."""


Draw = Callable[[View], str]


def days(count: int) -> list[date]:
    """Dates of rows, newest first, never two alike, over three years."""
    return [date(2024, 3, 28) - timedelta(days=41 * n) for n in range(count)]


def titles(count: int) -> list[str]:
    """Titles of yearly reports, all different."""
    return [
        f"{BODIES[n % len(BODIES)]}{2023 - n // len(BODIES)}年度法治政府建设情况报告" for n in range(count)
    ]


def items(count: int, address: Callable[[int, date], str]) -> list[Item]:
    """Rows of a column.

    Args:
        count: How many.
        address: Absolute address of the n-th article with its date.
    """
    return [
        Item(title=title, url=address(n, day), date=day)
        for n, (title, day) in enumerate(zip(titles(count), days(count), strict=True))
    ]


def document(title: str, body: str, *, head: str = "") -> bytes:
    """A page with menu and footer round its content."""
    menu = "".join(
        f'<li><a href="/{slug}/">{name}</a></li>'
        for slug, name in (("zwgk", "政务公开"), ("zwfw", "政务服务"), ("hdjl", "互动交流"))
    )
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{html.escape(title)}</title>{head}</head>\n<body>\n'
        f'<div class="header"><a href="/">首页</a><ul class="nav">{menu}</ul></div>\n{body}\n'
        '<div class="footer"><p>主办：清河区人民政府办公室 <a href="/lxwm/">联系我们</a> <a href="/wzdt/">网站地图</a></p></div>\n</body></html>'
    ).encode()


def article(item: Item, *, before: str, after: str, attachment: str = "", head: str = "") -> bytes:
    """An article page: the body between the markup that opens and closes its platform's container."""
    paragraphs = (
        f"{item.date.year - 1}年，在区委、区政府的坚强领导下，我单位认真贯彻落实《法治政府建设实施纲要（2021—2025年）》，现将有关情况报告如下：",
        "一、主要举措和成效",
        "（一）落实主体责任。主要负责人切实履行推进法治建设第一责任人职责，将法治建设纳入年度工作计划。",
        MIDDLE,
        "二、存在的不足和原因",
        "基层执法力量仍然薄弱，普法宣传的针对性还需要提高。",
        "三、下一年度工作安排",
        "继续加强学习培训，规范行政执法程序，提高依法行政水平。",
    )
    file = f'<p><a href="{attachment}">附件：{item.title}.pdf</a></p>' if attachment else ""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    body = f"<h1>{item.title}</h1><div class='info'>发布时间：{item.date} 来源：清河区</div>{before}{text}{file}{after}"
    return document(item.title, f'<div class="main">{body}</div>', head=head)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column whose pages are drawn by one function."""

    name: str
    platform: str
    items: Sequence[Item]
    list_pages: Sequence[str]
    draw: Draw
    article: bytes
    """The page of the first item."""
    attachments: tuple[str, ...] = ()
    per_page: int = 8
    states_total: bool = True
    states_pages: bool = True
    dated: bool = True
    more: Mapping[str, Answer] = field(default_factory=dict)
    """Further answers: an article behind an interface."""
    article_url: str | None = None
    """Where the article's content comes from, if not from its own address."""

    def replica(self) -> PlatformReplica:
        """The column as data."""
        count = -(-len(self.items) // self.per_page)
        if count != len(self.list_pages):
            raise ValueError(f"{self.name}: {count} pages of rows, {len(self.list_pages)} addresses")

        def page(number: int, rows: Sequence[Item]) -> Answer:
            view = View(
                items=rows, number=number, count=count, total=len(self.items), urls=tuple(self.list_pages)
            )
            return Answer(body=document("法治政府建设", self.draw(view)))

        lists = {
            url: page(n + 1, self.items[n * self.per_page : (n + 1) * self.per_page])
            for n, url in enumerate(self.list_pages)
        }
        first = self.items[0]
        return PlatformReplica(
            name=self.name,
            platform=self.platform,
            host=first.url.split("/")[2],
            column_url=self.list_pages[0],
            answers={**lists, first.url: Answer(body=self.article), **self.more},
            list_pages=tuple(self.list_pages),
            rows=tuple(
                Expected(title=item.title, url=item.url, date=item.date if self.dated else None)
                for item in self.items
            ),
            per_page=self.per_page,
            total=len(self.items) if self.states_total else None,
            page_count=count if self.states_pages else None,
            empty={url: page(n + 1, ()) for n, url in enumerate(self.list_pages)},
            article_url=self.article_url or first.url,
            article_text=MIDDLE,
            attachments=self.attachments,
        )
