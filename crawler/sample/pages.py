"""The sample portal's HTML: one frame with a government portal's furniture, three article layouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Literal

from crawler.sample.compose import Line

Layout = Literal["plain", "table", "old"]

SITE_NAME = "兰汀区人民政府门户网站"
_WEEKDAYS = "一二三四五六日"
_TITLE_ROOM = 30
"""Characters of a title that fit a list row; longer ones are cut with an ellipsis as TRS templates do."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A neighbouring page: where and called what."""

    title: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Article:
    """Everything an article page shows."""

    title: str
    lines: tuple[Line, ...]
    source: str
    published: date
    path: str
    trail: tuple[Link, ...]
    """Breadcrumb below 首页; the last is the column."""
    layout: Layout
    charset: str = "utf-8"
    heading: bool = True
    meta: bool = True
    attachment: str | None = None
    """Relative address behind the paragraph that names the attachment."""
    previous: Link | None = None
    following: Link | None = None


@cache
def _template(name: str) -> Template:
    return Template(files("crawler.sample").joinpath("templates", f"{name}.html").read_text(encoding="utf-8"))


def frozen_today(day: date) -> str:
    """The header's date line as a static page keeps it: the day the page was generated, however long ago."""
    return f"今天是{day.year}年{day.month}月{day.day}日&nbsp;星期{_WEEKDAYS[day.weekday()]}"


def ticking_today(now: datetime) -> str:
    """The header's date line as the server prints it into each answer."""
    return f"{frozen_today(now.date())}&nbsp;{now:%H:%M:%S}"


def static_hits(path: str) -> str:
    """A visitor counter that a script fills, so that the page itself stays the same."""
    number = path.rpartition("_")[2].removesuffix(".html")
    return f'<script type="text/javascript" src="/counter.js?id={number}"></script>'


def article(shown: Article, today: str, hits: str) -> str:
    """A whole article page."""
    printed = f"{shown.published:%Y-%m-%d} {9 + shown.published.day % 8:02}:{shown.published.day * 2 % 60:02}"
    heading = f"<h1>{escape(shown.title)}</h1>" if shown.heading else ""
    content = _template(f"article_{shown.layout}").substitute(
        heading=heading,
        published=printed,
        day=f"{shown.published:%Y-%m-%d}",
        index=f"{shown.published:%Y}-{shown.published.toordinal() % 100000:05}",
        source=escape(shown.source),
        hits=hits,
        body="\n".join(_paragraph(line, shown) for line in shown.lines),
        previous=_neighbour(shown.previous),
        following=_neighbour(shown.following),
    )
    column = shown.trail[-1].title
    tags = [("ColumnName", column), ("ColumnType", "工作动态")]
    if shown.meta:
        tags += [
            ("ArticleTitle", shown.title),
            ("PubDate", printed),
            ("ContentSource", shown.source),
        ]
    title = f"{escape(shown.title)}_{SITE_NAME}" if shown.meta else f"{escape(column)}_{SITE_NAME}"
    return _frame(title, tags, today, content, trail=shown.trail, charset=shown.charset)


def listing(
    name: str,
    rows: Sequence[tuple[str, str, date]],
    *,
    page: int,
    pages: int,
    total: int | None,
    trail: Sequence[Link],
) -> str:
    """A column page.

    Args:
        name: Of the column.
        rows: Relative address, title and date of each entry.
        page: 0-based.
        pages: How many there are.
        total: Entries in the whole column where this column prints it.
        trail: Breadcrumb.
    """
    markup = "\n".join(
        f'<li><a href="{escape(href)}" target="_blank" title="{escape(title)}">{escape(_cut(title))}</a>'
        f"<span>{day:%Y-%m-%d}</span></li>"
        for href, title, day in rows
    )
    content = _template("list").substitute(
        name=escape(name),
        rows=markup,
        pages=pages,
        current=page,
        total=f'<span class="total">共{total}条</span>' if total is not None else "",
    )
    newest = max((day for _, _, day in rows), default=date(2021, 1, 4))
    tags = [
        ("ColumnName", name),
        ("ColumnDescription", name),
        ("ColumnKeywords", name),
        ("ColumnType", "工作动态"),
    ]
    return _frame(f"{escape(name)}_{SITE_NAME}", tags, frozen_today(newest), content, trail=trail)


def section(name: str, text: Sequence[str], links: Sequence[Link], today: str) -> str:
    """A page that only leads on to others."""
    parts = [f"<h2>{escape(name)}</h2>", *(f"<p>{escape(paragraph)}</p>" for paragraph in text)]
    if links:
        rows = "".join(f'<li><a href="{escape(link.path)}">{escape(link.title)}</a></li>' for link in links)
        parts.append(f'<ul class="menu">{rows}</ul>')
    tags = [("ColumnName", name), ("ColumnType", "首页" if name == "首页" else "信息公开目录")]
    return _frame(f"{escape(name)}_{SITE_NAME}", tags, today, "\n".join(parts))


def missing(today: str) -> str:
    """The portal's 404 page."""
    return _frame(f"页面不存在_{SITE_NAME}", [], today, _template("missing").substitute())


def stub() -> str:
    """What TRS portals answer with status 200 behind the last page of a column."""
    return _template("stub").substitute()


def _frame(
    title: str,
    tags: list[tuple[str, str]],
    today: str,
    content: str,
    *,
    trail: Sequence[Link] = (),
    charset: str = "utf-8",
) -> str:
    crumbs = "".join(
        f'&nbsp;&gt;&nbsp;<a href="{escape(link.path)}">{escape(link.title)}</a>' for link in trail
    )
    return _template("frame").substitute(
        title=title,
        meta="\n".join(f'<meta name="{name}" content="{escape(value)}" />' for name, value in tags),
        charset=charset,
        today=today,
        crumb=f'<div class="crumb">您当前的位置：<a href="/">首页</a>{crumbs}</div>' if trail else "",
        content=content,
        channel=escape(trail[-1].path) if trail else "",
    )


def _paragraph(line: Line, shown: Article) -> str:
    text = escape(line.text, quote=False)
    if line.role == "attachment" and shown.attachment is not None:
        label, _, name = text.partition("：")
        text = f'{label}：<a href="{escape(shown.attachment)}" target="_blank">{name}</a>'
    match line.role, shown.layout:
        case ("letterhead", _):
            form = '<p style="text-align: center;"><strong>{}</strong></p>'
        case ("closing", _):
            form = '<p style="text-align: right;">{}</p>'
        case ("addressee", _):
            form = "<p>{}</p>"
        case ("heading" | "subheading", "plain"):
            form = '<p style="text-indent: 2em;"><strong>{}</strong></p>'
        case (_, "plain"):
            form = '<p style="text-indent: 2em;">{}</p>'
        case (_, "table"):
            form = '<p align="justify"><span style="font-size: 16px;">　　{}</span></p>'
        case _:
            form = "<P>　　{}</P>"
    return form.format(text)


def _neighbour(link: Link | None) -> str:
    if link is None:
        return "没有了"
    return f'<a href="{escape(link.path)}" title="{escape(link.title)}">{escape(_cut(link.title))}</a>'


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE_ROOM else f"{title[: _TITLE_ROOM - 1]}…"
