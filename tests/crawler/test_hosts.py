from __future__ import annotations

import pytest

from crawler.hosts import host_problem

HOSTS = ("www.tjdl.gov.cn", "tjdl.gov.cn", "www.lanting.example:8080")


@pytest.mark.parametrize(
    "url",
    ["http://www.tjdl.gov.cn/", "https://TJDL.gov.cn:443/x", "http://www.lanting.example:8080/zwgk/"],
)
def test_declared_hosts_are_fetched(url: str) -> None:
    assert host_problem(url, HOSTS) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://www.tjdl.gov.cn.evil.com/",  # a mirror that wears the name
        "http://evil.com/www.tjdl.gov.cn/",
        "http://user:pass@www.tjdl.gov.cn/",
        "http://www.tjdl.gov.cn:8443/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "data:text/html,x",
        "ftp://www.tjdl.gov.cn/",
        "javascript:alert(1)",
        "http://www.tjdl.gov.cn:99999/",
        "http://[bad/",
        "",
    ],
)
def test_everything_else_is_refused_with_a_reason(url: str) -> None:
    assert host_problem(url, HOSTS)
