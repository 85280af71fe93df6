from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Outcome
from crawler.refusals import by_address, by_status, by_text, is_markup, leads_to

ARTICLE = (
    "<html><head><title>某镇2023年法治政府建设情况报告</title></head><body><p>"
    + "本镇依法处理访问验证、安全验证等网络安全事项，系统维护有序，页面不存在的链接已清理。" * 40
    + "</p></body></html>"
)


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (412, {}, b"<script>$_ts=window['$_ts'];</script>", Outcome.CHALLENGE),
        (
            521,
            {},
            b"<script>document.cookie='__jsl_clearance_s=1';location.href=location</script>",
            Outcome.CHALLENGE,
        ),
        (468, {}, b"", Outcome.CHALLENGE),
        (403, {"x-reason": "GeoBL"}, b"forbidden", Outcome.CHALLENGE),
        (403, {}, b"<h1>403 Forbidden</h1>", Outcome.FORBIDDEN),
        (404, {}, b"gone", Outcome.GONE),
        (410, {}, b"", Outcome.GONE),
        (429, {"retry-after": "3600"}, b"slow down", Outcome.RATE_LIMITED),
        (503, {"retry-after": "10"}, b"busy", Outcome.RATE_LIMITED),
        (503, {}, b"busy", Outcome.HTTP_ERROR),
        (500, {}, b"boom", Outcome.HTTP_ERROR),
        (200, {}, b"\r\n", Outcome.EMPTY),
        (200, {}, b"", Outcome.EMPTY),
    ],
)
def test_status_decides(status: int, headers: dict[str, str], body: bytes, outcome: Outcome) -> None:
    refusal = by_status(status, headers, body)
    assert refusal is not None
    assert refusal.outcome is outcome


def test_a_good_answer_is_no_refusal() -> None:
    assert by_status(200, {}, ARTICLE.encode()) is None
    assert by_status(304, {}, b"") is None
    assert by_text(ARTICLE) is None


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("<html><title>安全验证</title><body>请完成验证后继续访问</body></html>", Outcome.CHALLENGE),
        ("<html><body>您的访问被拦截，来自创宇盾</body></html>", Outcome.CHALLENGE),
        (
            "<html><script>document.cookie='a=1';window.location.reload()</script><body></body></html>",
            Outcome.CHALLENGE,
        ),
        ("<html><title>404</title><body>抱歉，您访问的页面不存在</body></html>", Outcome.SOFT_404),
        ("<html><body>该信息已删除</body></html>", Outcome.SOFT_404),
        ("<html><title>出错了</title><body>系统异常，请稍后再试</body></html>", Outcome.ERROR_BODY),
        ('{"code": 500, "msg": "参数错误"}', Outcome.ERROR_BODY),
    ],
)
def test_a_page_that_is_no_content_says_so(text: str, outcome: Outcome) -> None:
    refusal = by_text(text)
    assert refusal is not None
    assert refusal.outcome is outcome


@given(st.binary(max_size=3000))
def test_no_bytes_break_it(body: bytes) -> None:
    for refusal in (by_status(200, {}, body), by_text(body.decode("utf-8", "replace"))):
        assert refusal is None or refusal.outcome is not Outcome.OK


@pytest.mark.parametrize(
    ("requested", "final", "outcome"),
    [
        ("http://www.x.gov.cn/a/1.html", "http://www.x.gov.cn/", Outcome.SOFT_404),
        ("http://www.x.gov.cn/a/1.html", "https://x.gov.cn/index.shtml", Outcome.SOFT_404),
        ("http://www.x.gov.cn/a/1.html", "http://www.x.gov.cn/site/home", Outcome.SOFT_404),
        ("http://www.x.gov.cn/a/1.html", "http://www.x.gov.cn/404.html", Outcome.SOFT_404),
        ("http://www.x.gov.cn/a/1.html", "http://www.x.gov.cn/error.jsp?id=1", Outcome.SOFT_404),
        ("http://www.x.gov.cn/a/1.html", "http://www.x.gov.cn/sso/login?u=1", Outcome.FORBIDDEN),
        ("http://www.x.gov.cn/a/1.html", "https://www.x.gov.cn/a/1.html", None),
        ("http://www.x.gov.cn/a/1.html", "http://www.x.gov.cn/b/1.html", None),
        ("http://www.x.gov.cn/", "http://www.x.gov.cn/index.html", None),
        ("http://www.x.gov.cn/site/home", "http://www.x.gov.cn/", None),
        ("http://www.x.gov.cn/404.html", "http://www.x.gov.cn/error/404.html", None),
    ],
)
def test_where_a_redirect_ended_says_what_it_is(requested: str, final: str, outcome: Outcome | None) -> None:
    refusal = by_address(requested, final, "http://www.x.gov.cn/site/home")
    assert (refusal.outcome if refusal else None) is outcome


@pytest.mark.parametrize(
    ("script", "target"),
    [
        ("window.location.href='/zwgk/index.html';", "/zwgk/index.html"),
        ('location.replace("https://www.x.gov.cn/site/")', "https://www.x.gov.cn/site/"),
        ("top.location = 'index.shtml'", "index.shtml"),
        ("document.cookie='a=1';location.href='/zwgk/'", None),
        ("location.href='/a';location.href='/b'", None),
        ("location.href=location.pathname", None),
        ("eval(atob('x'));location.href='/a'", None),
    ],
)
def test_a_script_that_only_leads_on_is_a_redirect(script: str, target: str | None) -> None:
    assert leads_to(f"<html><head><script>{script}</script></head><body></body></html>") == target
    assert leads_to(f"<script>{script}</script><body><p>{'本页有正文内容。' * 20}</p></body>") is None


@pytest.mark.parametrize(
    "body", [b"<!DOCTYPE html><p>", b"\xef\xbb\xbf<html>", b"  <HTML>", b"<?xml version='1.0'?>"]
)
def test_a_dead_attachment_is_markup(body: bytes) -> None:
    assert is_markup(body)


@pytest.mark.parametrize("body", [b"%PDF-1.7", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"", "年度报告".encode()])
def test_a_document_is_not(body: bytes) -> None:
    assert not is_markup(body)
