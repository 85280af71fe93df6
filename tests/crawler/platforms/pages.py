"""Makes Page values out of fragments, for the tests of this folder."""

from __future__ import annotations

from crawler.platforms.base import Page

LIST_URL = "http://www.qinghe.gov.cn/zwgk/zfxxgk/fzzfjs/"


def page(body: str, *, url: str = LIST_URL, head: str = "") -> Page:
    markup = f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    return Page(url, markup.encode(), "text/html; charset=utf-8")


def items(*rows: tuple[str, str, str]) -> str:
    """A plain list: (href, title, date)."""
    lines = (f'<li><a href="{href}">{title}</a><span>{date}</span></li>' for href, title, date in rows)
    return f'<ul class="list">{"".join(lines)}</ul>'


REPORTS = items(
    ("./202403/t20240311_5501.html", "桥西街道2023年度法治政府建设情况报告", "2024-03-11"),
    ("./202303/t20230309_4410.html", "桥西街道2022年度法治政府建设情况报告", "2023-03-09"),
    ("./202203/t20220302_3307.html", "桥西街道2021年度法治政府建设情况报告", "2022-03-02"),
)
