"""Answers that are no content: challenge pages, soft 404s, error bodies.

Classified before anything is stored as content (design rule 4): a block is a finding about the
portal, never "gone", and never a text. Signs from the field's records of portals: HTTP 412 with
``$_ts`` (瑞数), 521 with ``__jsl`` (加速乐), 468, 403 with ``GeoBL``, 创宇盾, EdgeOne, 安全验证.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from archive.records import Outcome

CHALLENGE_STATUS = frozenset({412, 468, 521})
LONG_PAGE = 20_000
"""Characters. Challenge and error pages are short; a long page that mentions 安全验证 is an article."""
SHORT_PAGE = 600
"""Visible characters. Challenge pages say one sentence."""
TINY = 64
"""Bytes. No page of a portal is that short; a two-byte answer is a dead link with status 200."""

_CHALLENGE = re.compile(
    r"\$_ts\b|__jsl_clearance|__jsluid|document\.cookie\s*=.{0,400}location"
    r"|创宇盾|知道创宇|EdgeOne|GeoBL|安全验证|滑动验证|人机验证|访问验证|请完成验证|Request Rejected"
    r"|Web应用防火墙|您的访问(?:请求)?(?:被|已被)(?:拦截|拒绝|阻断)|请求被(?:拦截|拒绝)|Access Denied",
    re.I | re.S,
)
_MISSING = re.compile(
    r"(?:页面|网页|内容|文件|文章|信息|栏目)(?:不存在|没有找到|未找到|找不到|无法找到|已(?:被)?删除|已下线|已失效)"
    r"|(?:找不到|没有找到|未找到)(?:您|你)?(?:要|所|想)?(?:访问|查找|浏览|请求)?的?(?:页面|网页|内容|文件)"
    r"|(?:您|你)(?:访问|查找|请求|浏览)的(?:页面|网页|内容|文件|地址)(?:不存在|没有找到|未找到|找不到|已)"
    r"|404\s*(?:Not Found|错误|页面|-)|HTTP\s*(?:Error|错误)?\s*404|抱歉.{0,12}(?:不存在|找不到|已删除)",
    re.I,
)
_ERROR = re.compile(
    r"(?:服务器|系统)(?:内部)?(?:错误|异常|繁忙|维护)|Internal Server Error|Bad Gateway|Service Unavailable"
    r"|(?:java\.lang|org\.springframework|System\.Web)\.|Whitelabel Error Page|数据库连接",
    re.I,
)
_ERROR_JSON = re.compile(r'^\s*\{.{0,600}"(?:error|errcode|status|code|success|msg|message)"\s*:', re.S)
_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]{0,2000}>", re.S | re.I)
_TITLE = re.compile(r"<title[^>]*>(.{0,300}?)</title", re.S | re.I)


@dataclass(frozen=True)
class Refusal:
    """Why an answer is not content."""

    outcome: Outcome
    detail: str


def by_status(status: int, headers: Mapping[str, str], body: bytes) -> Refusal | None:
    """Judges by status and headers alone.

    Args:
        status: HTTP status of the final answer.
        headers: Names in lower case.
        body: As received; only its first bytes are looked at.

    Returns:
        None for 200 and 304 (the text decides), else the refusal.
    """
    if status in (200, 203, 304):
        if status != 304 and len(body.strip()) < TINY:
            return Refusal(Outcome.EMPTY, f"HTTP {status} with {len(body)} bytes")
        return None
    start = body[:4096].decode("utf-8", "replace")
    if status in CHALLENGE_STATUS or _CHALLENGE.search(start) or "GeoBL" in " ".join(headers.values()):
        return Refusal(Outcome.CHALLENGE, f"HTTP {status}: {_challenge_sign(status, start)}")
    if status in (404, 410):
        return Refusal(Outcome.GONE, f"HTTP {status}")
    if status in (401, 403):
        return Refusal(Outcome.FORBIDDEN, f"HTTP {status}")
    if status == 429 or (status == 503 and "retry-after" in headers):
        return Refusal(
            Outcome.RATE_LIMITED, f"HTTP {status}, Retry-After {headers.get('retry-after', 'not given')}"
        )
    return Refusal(Outcome.HTTP_ERROR, f"HTTP {status}")


def by_text(text: str) -> Refusal | None:
    """Judges a page that came with status 200 by what it says.

    Only short pages can be refusals: an article may quote any of these phrases.

    Args:
        text: The decoded page, markup included.
    """
    if len(text) > LONG_PAGE:
        return None
    title = _TITLE.search(text)
    words = " ".join(_MARKUP.sub(" ", text).split())
    heading = " ".join((title.group(1) if title else "").split())
    if len(words) <= SHORT_PAGE and _CHALLENGE.search(text):
        return Refusal(Outcome.CHALLENGE, f"challenge page: {_challenge_sign(200, text)}")
    short = len(words) <= 400
    for pattern, outcome, what in (
        (_MISSING, Outcome.SOFT_404, "page says it is not there"),
        (_ERROR, Outcome.ERROR_BODY, "error message"),
    ):
        found = pattern.search(heading) or (pattern.search(words) if short else None)
        if found:
            return Refusal(outcome, f"{what}: {found.group(0)[:40]}")
    if short and text.lstrip().startswith("{") and _ERROR_JSON.match(text) and "http" not in text:
        return Refusal(Outcome.ERROR_BODY, f"error message: {words[:60]}")
    return None


def _challenge_sign(status: int, text: str) -> str:
    found = _CHALLENGE.search(text)
    return found.group(0)[:30] if found else f"status {status} of an anti-bot system"
