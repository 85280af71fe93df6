from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Outcome
from crawler.refusals import by_status, by_text

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
