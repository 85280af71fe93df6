from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.canonical import without_visit
from crawler.platforms.links import join

MARK = "8F3A2C7D9E1B4056A7C8D9E0F1A2B3C4"


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        (f"http://x.gov.cn/a/1.html;jsessionid={MARK}", "http://x.gov.cn/a/1.html"),
        (f"http://x.gov.cn/a/1.html;JSESSIONID={MARK}.node1?id=5", "http://x.gov.cn/a/1.html?id=5"),
        (f"http://x.gov.cn/a.php?PHPSESSID={MARK}&id=5", "http://x.gov.cn/a.php?id=5"),
        (f"http://x.gov.cn/a.php?id=5&PHPSESSID={MARK}", "http://x.gov.cn/a.php?id=5"),
        (f"http://x.gov.cn/a.php?sid={MARK}", "http://x.gov.cn/a.php"),
        (f"http://x.gov.cn/a?id=1&sessionId={MARK}&p=2", "http://x.gov.cn/a?id=1&p=2"),
        ("http://x.gov.cn/(S(4xzwwt55nqfjrs45cqzh2d45))/list.aspx", "http://x.gov.cn/list.aspx"),
        ("http://x.gov.cn:80/a", "http://x.gov.cn/a"),
        ("https://x.gov.cn:443/a", "https://x.gov.cn/a"),
    ],
)
def test_a_visit_is_left_out(url: str, plain: str) -> None:
    assert join("http://x.gov.cn/", url) == plain


@pytest.mark.parametrize(
    "url",
    [
        "http://www.gd.gov.cn/gkmlpt/api/all/5?page=2&sid=200018",
        "http://x.gov.cn/a?s=1&id=7",
        "http://x.gov.cn/a/%E6%B3%95(1).html?b=%20&c=",
        "http://x.gov.cn:8080/a",
        "https://x.gov.cn:80/a",
        "http://x.gov.cn/a;v=1/b.html",
        "http://x.gov.cn/a?token=short",
        "http://x.gov.cn/a?infoid=8f3a2c7d9e1b4056a7c8d9e0f1a2b3c4",
    ],
)
def test_what_names_the_page_stays(url: str) -> None:
    assert join("http://x.gov.cn/", url) == url


@given(st.text(alphabet="abc;=&?/()S1_sidPHPSESSID", max_size=60))
def test_twice_is_once(rest: str) -> None:
    once = without_visit(urlsplit("http://x.gov.cn/" + rest))
    assert without_visit(urlsplit(urlunsplit(once))).netloc == "x.gov.cn"
