from __future__ import annotations

from crawler.homecopy import HomeCopy

HOME = "http://www.example.gov.cn/"


def body(title: str = "示例区人民政府", links: int = 60, token: str = "", own: int = 0) -> bytes:
    anchors = "".join(f'<li><a target="_blank" href="/x/{n}.html">{n}</a></li>' for n in range(links))
    mine = "".join(f'<a href="/own/{n}.html">{n}</a>' for n in range(own))
    return (
        f"<html><title>{title}</title><body>{anchors}{mine}<a href='/t?{token}'>t</a></body></html>".encode()
    )


def test_the_home_page_under_another_address_is_known() -> None:
    home = HomeCopy(HOME)
    assert not home.shows(HOME, body(token="1"))
    assert home.shows("http://www.example.gov.cn/zwgk/none.html", body(token="2"))
    assert not home.shows("https://example.gov.cn/index.html", body()), "its own other names"


def test_other_pages_are_not_it() -> None:
    home = HomeCopy(HOME)
    home.shows(HOME, body())
    assert not home.shows(HOME + "a.html", body(title="通知公告_示例区人民政府"))
    assert not home.shows(HOME + "a.html", body(own=15)), "a column in the same frame"
    assert not home.shows(HOME + "a.html", body(links=40))


def test_nothing_is_judged_before_the_home_page_was_seen_or_by_a_thin_one() -> None:
    home = HomeCopy(HOME)
    assert not home.shows(HOME + "a.html", body())
    home.shows(HOME, body(links=3))
    assert not home.shows(HOME + "a.html", body(links=3))
