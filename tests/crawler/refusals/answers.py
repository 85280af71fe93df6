"""How an answer that is no content is written down, and pages to put it in."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from archive.records import Outcome

CHALLENGE, SOFT_404, ERROR = Outcome.CHALLENGE, Outcome.SOFT_404, Outcome.ERROR_BODY
SHELL = Outcome.EMPTY


@dataclass(frozen=True, kw_only=True)
class Refused:
    """One answer that must not become content."""

    name: str
    body: bytes
    outcome: Outcome
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    also: frozenset[Outcome] = frozenset()
    """Other types that are right, too."""


def noise(seed: str, length: int) -> str:
    """Characters as obfuscators and tokens have them."""
    rng = random.Random(seed)
    return "".join(
        rng.choice("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789_.") for _ in range(length)
    )


def page(body: str, *, title: str = "", head: str = "", charset: str = "utf-8") -> bytes:
    """A small page of its own."""
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="{charset}"><title>{title}</title>{head}</head>\n'
        f"<body>{body}</body></html>"
    ).encode(charset)


MENU = (
    "首页",
    "走进示例",
    "新闻中心",
    "政务公开",
    "政务服务",
    "互动交流",
    "数据发布",
    "专题专栏",
    "长者模式",
    "无障碍",
)


def framed(body: str, *, title: str, links: int = 46) -> bytes:
    """A page inside the frame of its portal: menu, search, footer."""
    menu = "".join(
        f'<li><a href="/{noise(str(n), 4).lower()}/" target="_blank">{MENU[n % len(MENU)]}</a></li>'
        for n in range(links)
    )
    foot = (
        '<div class="footer"><p>主办：示例市人民政府办公室　承办：示例市大数据中心</p><p>网站标识码：5301020001　滇ICP备05000001号'
        "　滇公网安备53010202000001号</p><a href='/wzdt/'>网站地图</a></div>"
    )
    style = (
        f"<style>.nav li{{float:left;width:96px;background:url(/images/{noise('css', 6)}.png)}}</style>" * 40
    )
    script = f"<script>var _hmt=_hmt||[];(function(){{var hm=document.createElement('script');hm.src='//hm.example/{noise('hm', 32)}';}})();</script>"
    return page(
        f'<div class="nav"><ul>{menu}</ul></div><div class="main">{body}</div>{foot}{script}',
        title=title,
        head=style,
    )
