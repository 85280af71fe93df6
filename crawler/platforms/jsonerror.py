"""Answers of interfaces that failed although the server says 200: the body tells, each in its own words.

Met shapes: ``{"success":false,"msg":"系统错误","code":1000}`` (重庆), ``{"state":500,"msg":"检索失败…"}`` (内蒙古),
``{"error":true,"num":"-10000"}`` (福建), a page far past the end that states 2,229 rows and gives none (国务院),
``"total":null`` (广东), a status that is no known word of success beside empty lists. None of them says "there is
nothing": that may only be read from an answer that states zero rows and no failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crawler.platforms.jsontext import walk

_FLAGS = frozenset({"success", "issuccess", "succeed", "ok", "successful"})
_FAULTS = frozenset({"error", "iserror", "haserror", "failed", "fail", "errors"})
_CODES = frozenset({
    "code", "status", "state", "errcode", "errorcode", "errno", "statuscode", "resultcode", "rescode", "retcode", "ret",
    "rtncode", "responsecode", "returncode", "resultstate", "flag",
})  # fmt: skip
_GOOD = frozenset({
    "", "0", "1", "00", "000", "0000", "00000", "000000", "200", "2000", "20000", "10000", "success", "succeed", "ok",
    "true", "normal", "y", "yes", "s", "none", "null",
})  # fmt: skip
_WORDS = frozenset(
    {"msg", "message", "errmsg", "errormsg", "errmessage", "errormessage", "info", "detail", "reason"}
)
_BAD_WORDS = re.compile(
    r"错误|异常|失败|出错|繁忙|超时|维护|无权|未授权|没有权限|拒绝|非法|无效|过期|限流|频繁|不存在|参数.{0,6}(?:缺|不|为空)"
    r"|error|exception|fail|denied|forbidden|invalid|unauthori[sz]ed|timeout|not found|illegal|null ?pointer",
    re.IGNORECASE,
)
TOTALS = (
    "total", "totalcount", "totalnum", "totalnumber", "totalelements", "totalrecord", "totalrecords", "totalhits",
    "totalrows", "recordcount", "recordtotal", "recordstotal", "rowcount", "allcount", "resultcount", "itemcount",
    "numfound", "datacount", "counttotal", "sumcount", "totalsize", "postcount", "count",
)  # fmt: skip
"""Names under which answers state the rows of the whole list, the surest first."""


LONGEST_MESSAGE = 400
"""Characters. What is longer is no message but an article, or a list as markup."""


def plain(name: str) -> str:
    """A name as names are compared: without case and signs."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def whole(value: object) -> int | None:
    """A count: a whole number, also as digits in a string."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 10**9 else None
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value.strip()):
        return int(value)
    return None


def error_of(value: object) -> str | None:
    """Why a JSON answer is no content, in a few words; None if it holds records or honestly says that there are none.

    Args:
        value: The parsed answer.
    """
    if not isinstance(value, dict) or _has_records(value):
        return None
    long_text = any(
        isinstance(node, dict) and any(map(_is_content, node.values())) for _, node in walk(value)
    )
    for holder in _heads(value):
        if why := _failure(holder, content=long_text):
            return why
    if not any(isinstance(node, list) and not node for _, node in walk(value)):
        return None
    stated = _totals(value)
    if stated and all(inner is None for inner in stated):
        return "neither rows nor their number"
    most = max((count for inner in stated if (count := whole(inner)) is not None), default=0)
    return f"states {most} rows and gives none" if most else None


def _totals(value: object) -> list[Any]:
    """What the answer states as its number of rows, at the outermost level that does (facets count further in)."""
    found: list[tuple[int, Any]] = []
    for path, node in walk(value):
        if found and len(path) > found[0][0]:
            break
        if isinstance(node, dict):
            named = [inner for name, inner in node.items() if plain(name) in TOTALS[:-1]]
            found.extend((len(path), inner) for inner in named if not isinstance(inner, dict | list))
    return [inner for _, inner in found]


def _heads(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The objects that may say how the request went: the answer itself and what it wraps once."""
    yield value
    for name, inner in value.items():
        if isinstance(inner, dict) and plain(name) not in {"data", "filter", "params", "paramsvo", "search"}:
            yield inner


def _failure(holder: Mapping[str, Any], *, content: bool) -> str | None:
    words = next((str(holder[name]) for name in holder if plain(name) in _WORDS and holder[name]), "")
    said = f": {words[:60]}" if words else ""
    for name, inner in holder.items():
        key = plain(name)
        if key in _FLAGS and str(inner).lower() in {"false", "0", "no"}:
            return f"{name} is {inner}{said}"
        if key in _FAULTS and (inner is True or str(inner).lower() in {"true", "1"} or _is_words(inner)):
            return f"{name} is {str(inner)[:60]}{said}"
        if content or isinstance(inner, bool) or not isinstance(inner, str | int):
            continue  # an article's own "status": 4 says that it is published
        if key in _CODES and str(inner).strip().lower() not in _GOOD:
            return f"{name} is {str(inner)[:40]}{said}"
    if content:
        return None
    return f"it says: {words[:60]}" if _BAD_WORDS.search(words) and len(words) <= LONGEST_MESSAGE else None


def _is_words(value: object) -> bool:
    return isinstance(value, str) and len(value) > 3 and bool(_BAD_WORDS.search(value))


def _is_content(value: object) -> bool:
    return isinstance(value, str) and len(value) > LONGEST_MESSAGE


def _has_records(value: object) -> bool:
    """True if some list holds objects with several fields: rows, whatever they are."""
    return any(
        isinstance(node, list) and any(isinstance(item, dict) and len(item) >= 3 for item in node)
        for path, node in walk(value)
    )
