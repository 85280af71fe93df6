from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.foreign import whose_else

TEXT = "<p>街道依法查处利用网络开设赌场、六合彩、老虎机等案件，通报典型案例。</p>" * 5


def html(title: str, body: str = TEXT, head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (html("澳门葡京_百家乐_真人视讯官网", "<p>欢迎</p>"), "advertise"),
        (html("首页", "<p>x</p>", "<meta name='keywords' content='时时彩,北京赛车,娱乐城'>"), "advertise"),
        (html("example.gov.cn", "<h1>This domain is for sale</h1><p>Buy this domain now</p>"), "for sale"),
        (html("域名出售", "<p>该域名正在出售，有意请联系</p>"), "for sale"),
        (
            html("Slot Gacor", "<p>" + "situs terpercaya hari ini bonus member baru " * 20 + "</p>"),
            "without Chinese",
        ),
        (html("某区", head='<meta name="SiteIDCode" content="4403040001">'), "another province"),
        (html("某区", TEXT + "<p>网站标识码：4403040001</p>"), "another province"),
    ],
)
def test_what_is_somebody_elses(text: str, says: str) -> None:
    assert says in (whose_else(text, division_code="120110") or "")


@pytest.mark.parametrize(
    "text",
    [
        html("打击跨境赌博和六合彩、百家乐等违法犯罪典型案例通报"),
        html("东丽区人民政府", head='<meta name="SiteIDCode" content="1201100002">'),
        html("华新街道", head='<meta name="SiteIDCode" content="1200000001">'),  # its city's
        html("华新街道", head='<meta name="SiteIDCode" content="bm12000001">'),
        html("网站普查通报", TEXT + "<p>网站标识码：4403040001</p><p>网站标识码：3301020002</p>"),
        html("Contact us", "<p>Dongli District, Tianjin</p>"),
        html(
            "English",
            "<p>" + "The people's government of the district reports. " * 20 + "www.tjdl.gov.cn</p>",
        ),
        html("关于域名转让合同纠纷案件的通报", TEXT),
        "",
    ],
)
def test_what_nothing_proves(text: str) -> None:
    assert whose_else(text, division_code="120110") is None


def test_without_a_division_code_no_codes_are_compared() -> None:
    text = html("某区", head='<meta name="SiteIDCode" content="4403040001">')
    assert whose_else(text, division_code=None) is None


@given(st.text(max_size=400))
def test_no_text_breaks_it(text: str) -> None:
    assert whose_else(text, division_code="120110") is None or whose_else(text, division_code="120110")
