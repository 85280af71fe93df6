"""The article inside an Epoint interface answer.

The answer is JSON whose ``custom`` is JSON again, as text; in it a list holds one object with ``identifier``
(索引号), ``cate`` and more. Only those two names are certain, versions differ in the rest, so strings that
hold JSON are opened wherever they stand, and fields are found by name first, by their look second.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from crawler.platforms.dates import find_date
from crawler.platforms.links import squeeze

_DEEPEST = 8
_BODY = ("infocontent", "content", "contenthtml", "infobody", "body", "zhengwen", "html", "detail")
_TITLE = ("title", "infotitle", "name", "mingcheng", "subject", "customtitle", "biaoti")
_DATE = ("infodate", "webdate", "pubdate", "publishdate", "fabudate", "fbrq", "date", "createdate", "scrq")
_SOURCE = (
    "infosource",
    "source",
    "zuozhe",
    "publisher",
    "fbjg",
    "deptname",
    "ouname",
    "laiyuan",
    "author",
    "infoauthor",
)
_INDEX = ("identifier", "syh", "indexno", "suoyinhao", "infoindex")
_MARKUP = re.compile(r"<(?:p|div|span|br|table|h\d|section)\b", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SHORTEST = 40
"""Fewer Chinese characters than this without any markup are a label, not a body."""


@dataclass(frozen=True, kw_only=True)
class Article:
    """What an answer says of one article."""

    title: str
    body: str
    """HTML."""
    date: str = ""
    source: str = ""
    identifier: str = ""

    def markup(self) -> str:
        """A page as a portal would have printed it, for the extractor."""
        metas = {
            "ArticleTitle": self.title,
            "PubDate": self.date,
            "ContentSource": self.source,
            "IndexNumber": self.identifier,
        }
        head = "".join(
            f'<meta name="{name}" content="{html.escape(value)}">' for name, value in metas.items() if value
        )
        title = html.escape(self.title)
        return (
            f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}<title>{title}</title></head>'
            f'<body><h1>{title}</h1><div class="ewb-article-info">{self.body}</div></body></html>'
        )


def article_in(text: str) -> Article | None:
    """The article of an interface answer; None if the text is no JSON or holds no body.

    Args:
        text: The answer, decoded.
    """
    if text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "[", '"'}:
        return None
    value = _loads(text.lstrip("\ufeff"))
    candidates = [found for node in _objects(value, 0) if (found := _article(node)) is not None]
    return max(candidates, key=lambda article: len(article.body), default=None)


def _loads(text: str) -> Any:  # noqa: ANN401  # JSON has any shape
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):  # not JSON after all: an error page, or a cut answer
        return None


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        inner = value.strip()
        if inner[:1] in {"{", "["} and inner[-1:] in {"}", "]"}:
            yield from _objects(_loads(inner), depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _objects(item, depth + 1)


def _article(node: dict[str, Any]) -> Article | None:
    fields = {str(name).lower(): value for name, value in node.items() if isinstance(value, str | int)}
    texts = {name: str(value) for name, value in fields.items() if not _is_json(str(value))}
    body = _named(texts, _BODY, _is_body) or max(
        (value for value in texts.values() if _is_body(value)), key=len, default=""
    )
    if not body:
        return None
    rest = {name: squeeze(value) for name, value in texts.items() if value is not body}
    title = _named(rest, _TITLE, _is_title) or max(
        (value for value in rest.values() if _is_title(value)), key=len, default=""
    )
    printed = _named(rest, _DATE, _is_date) or next((v for v in rest.values() if _is_date(v)), "")
    if re.fullmatch(r"\d{13}", printed):
        printed = ""
    return Article(
        title=title,
        body=html.unescape(body) if _escaped(body) else body,
        date=printed,
        source=_named(rest, _SOURCE, lambda value: bool(_HAN.search(value)) and len(value) <= 60),
        identifier=_named(rest, _INDEX, lambda value: len(value) <= 80),
    )


def _named(texts: dict[str, str], names: tuple[str, ...], fits: Callable[[str], bool]) -> str:
    for name in names:
        if name in texts and fits(texts[name]):
            return texts[name]
    for name in names:
        for key, value in texts.items():
            if len(name) >= 4 and key.endswith(name) and fits(value):
                return value
    return ""


def _is_json(value: str) -> bool:
    inner = value.strip()
    return inner[:1] in {"{", "["} and inner[-1:] in {"}", "]"} and _loads(inner) is not None


def _escaped(value: str) -> bool:
    return "&lt;" in value and not _MARKUP.search(value)


def _is_body(value: str) -> bool:
    if _escaped(value):
        value = html.unescape(value)
    han = len(_HAN.findall(value))
    return (
        (bool(_MARKUP.search(value)) and han >= 2)
        or han >= _SHORTEST * 4
        or (han >= _SHORTEST and "。" in value)
    )


def _is_title(value: str) -> bool:
    return 4 <= len(value) <= 200 and bool(_HAN.search(value)) and not _MARKUP.search(value)


def _is_date(value: str) -> bool:
    return len(value) <= 40 and find_date(value) is not None
