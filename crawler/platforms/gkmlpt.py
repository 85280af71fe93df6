"""广东 政府信息公开目录管理平台 (gkmlpt) and the articles of the 广东 platform.

``/gkmlpt/index#<category>`` holds ``window._CONFIG = {SID:'755031', TREE:[{id, name, children, post_count}…]…}`` and
no row; ``/gkmlpt/api/all/<category>?page=1&sid=<sid>`` answers ``{articles[], total, offset, classify{post_count}}``, a
hundred rows a page (met at 肇庆, 深圳, 阳江: ``post_count`` counts rows the interface does not list, ``total`` those it
does). Sub-portals have a folder before it (``/yjzjj/gkmlpt/``). An article page may hold its text only as JSON in
``_CONFIG.DETAIL``.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from crawler.platforms import jsontext
from crawler.platforms.base import Listing, Page, shell_page
from crawler.platforms.jsobjects import long_literal_at
from crawler.platforms.jsonlist import NO_JSON, read_json
from crawler.platforms.jsonvalues import day_of, text_of
from crawler.platforms.lists import read_list
from crawler.waymarks import is_column_name

NO_CATEGORY = "the directory names no category of reports; its address needs one (index#<number>)"
_SID = re.compile(r"\bSID['\"]?\s*:\s*['\"]?(\d{1,12})")
_API = re.compile(r"/gkmlpt/api/all/\d+")
_OWN = re.compile(r"/gkmlpt/(?:index|content|api|policy)|/content/(?:mpost|post)_\d+\.s?html")
_MOST_CATEGORIES = 2_000


class Gkmlpt:
    """The reader of 广东 directories."""

    name = "gkmlpt"
    containers: tuple[str, ...] = (
        "div.gkmlpt-detail",
        "div.article-content",
        "div.zw-content",
        "div.article",
        "div.content-content",
        "div.zw",
        "div.news_cont_d_wrap",
        "div.tyxxy_main",
        "#zoomcon",
        "#zoom",
        ".TRS_Editor",
        "div.content",
    )

    def recognises(self, page: Page) -> bool:
        """True for pages and answers of a directory, and for articles with the platform's addresses."""
        if jsontext.load(page.text) is not None:
            return bool(_API.search(page.url))
        return bool(_OWN.search(page.url)) or ("window._CONFIG" in page.text and "gkmlpt" in page.text)

    def listing(self, page: Page) -> Listing:
        """Reads an answer; the directory itself is a shell: to the category its address names, else to the report's."""
        if jsontext.load(page.text) is not None:
            return read_json(page, turn="page")
        if _API.search(page.url):
            return Listing(entries=(), failure=NO_JSON)
        sid = _SID.search(page.text)
        if sid is None or "/gkmlpt/index" not in urlsplit(page.url).path:
            return read_list(page)
        wanted = re.fullmatch(r"(\d{1,9})", urldefrag(page.url).fragment)
        categories = [wanted[1]] if wanted else [str(number) for number in _reports(page)]
        if not categories:
            return Listing(entries=(), warnings=(NO_CATEGORY,))
        base = _interface(page)
        pages = tuple(f"{base}{category}?page=1&sid={sid[1]}" for category in categories)
        return shell_page(pages)

    def article(self, page: Page) -> Page:
        """The text that a page holds as JSON for its script, as a page of its own; any other page unchanged."""
        detail = _detail(page)
        if detail is None:
            return page
        return Page(page.url, _markup(detail).encode("utf-8"), "text/html; charset=utf-8")


def categories(page: Page) -> Iterator[tuple[tuple[str, ...], str]]:
    """The categories of a directory that list rows: their names from the top down, and the first page of each."""
    sid = _SID.search(page.text)
    tree = _config(page, "TREE") if sid is not None and "/gkmlpt/" in page.url else None
    queue: list[tuple[tuple[str, ...], object]] = (
        [((), node) for node in tree] if isinstance(tree, list) else []
    )
    for _ in range(_MOST_CATEGORIES):
        if not queue or sid is None:
            return
        above, node = queue.pop(0)
        if not isinstance(node, dict) or node.get("jump_url"):
            continue
        names = (*above, text_of(node.get("name")))
        children = node.get("children")
        if isinstance(children, list) and children:
            queue.extend((names, child) for child in children)
        elif isinstance(node.get("id"), int):
            yield names, f"{_interface(page)}{node['id']}?page=1&sid={sid[1]}"


def _interface(page: Page) -> str:
    return urljoin(page.url, urlsplit(page.url).path.partition("/gkmlpt/")[0] + "/gkmlpt/api/all/")


def _config(page: Page, name: str) -> object:
    """A value of ``window._CONFIG`` that is written as JSON; None if it is not there."""
    match = re.search(rf"\b{name}['\"]?\s*:\s*(?=[\[{{])", page.text)
    literal = long_literal_at(page.text, match.end()) if match else None
    if literal is None:
        return None
    try:
        return json.loads(literal, strict=False)
    except (ValueError, RecursionError):
        return None


def _reports(page: Page) -> Iterator[int]:
    """Categories of the directory that are named like a report column; those that only jump elsewhere left out."""
    tree = _config(page, "TREE")
    queue = list(tree) if isinstance(tree, list) else []
    for _ in range(_MOST_CATEGORIES):
        if not queue:
            return
        node = queue.pop(0)
        if not isinstance(node, dict):
            continue
        children = node.get("children")
        below = [child for child in children if isinstance(child, dict)] if isinstance(children, list) else []
        number = node.get("id")
        if isinstance(number, int) and is_column_name(text_of(node.get("name"))) and not node.get("jump_url"):
            # A category that has others below lists nothing itself, unless it counts rows of its own.
            yield from (c["id"] for c in below if isinstance(c.get("id"), int) and not c.get("jump_url"))
            if not below:
                yield number
            continue
        queue.extend(below)


def _detail(page: Page) -> dict[str, Any] | None:
    if "DETAIL" not in page.text:
        return None
    detail = _config(page, "DETAIL")
    if isinstance(detail, list):
        detail = next((item for item in detail if isinstance(item, dict)), None)
    if not isinstance(detail, dict) or not isinstance(detail.get("content"), str):
        return None
    return detail if text_of(detail["content"]) else None


def _markup(detail: dict[str, Any]) -> str:
    days = (
        day_of(detail.get(name)) for name in ("display_publish_time", "first_publish_time", "create_time")
    )
    day = next((found for found in days if found is not None), None)
    metas = {
        "ArticleTitle": text_of(detail.get("title")),
        "PubDate": day.isoformat() if day else "",
        "ContentSource": text_of(detail.get("publisher")) or text_of(detail.get("source")),
        "IndexNumber": text_of(detail.get("identifier")),
    }
    head = "".join(
        f'<meta name="{name}" content="{html.escape(text)}">' for name, text in metas.items() if text
    )
    title = html.escape(metas["ArticleTitle"])
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}<title>{title}</title></head>'
        f'<body><h1>{title}</h1><div class="gkmlpt-detail">{detail["content"]}</div></body></html>'
    )
