import json
from datetime import date

import pytest

from crawler.platforms import choose
from crawler.platforms.base import Page
from crawler.platforms.epoint import Epoint
from tests.crawler.platforms.pages import page

URL = "http://www.weidu.gov.cn/govxxgk/11411002005750994L/category/035/035002/govlist.html"
GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
UUID = "0a1b2c3d-0000-4000-8000-00000000000{}"
FULL = "七里店街道办事处关于2022年法治政府建设情况的报告"


def row(n, day, title=FULL):
    return f"""<tr><td>{n}</td><td><a class="ewb-infoname" onclick="linkToNew('{UUID.format(n)}','002008');">{title}</a>
<div class="ewb-drop-detail"><table><tr><td>索引号：</td><td>11411002005750994L/202302-0000{n}</td></tr>
<tr><td>发布机构：</td><td>七里店街道</td><td>生成日期：</td><td>2023-01-15</td></tr><tr><td>名称：</td><td>{FULL}</td></tr>
<tr><td>文号：</td><td></td></tr></table></div></td><td class="ewb-rqnr"><span>{day}</span></td></tr>"""


PAGER = '<div class="pages"><a href="govlist.html">首页</a><span>上页</span><span>1</span><a href="2.html">2</a><a href="3.html">3</a><a href="2.html">下页</a><a href="7.html">尾页</a></div>'
BODY = f"<table>{row(1, '2023-02-08')}{row(2, '2023-02-07', FULL[:12] + '…')}</table>{PAGER}"


def test_rows_without_href():
    shown = page(BODY, url=URL)
    platform = choose(shown, None, {"siteguid": GUID})
    listing = platform.listing(shown)
    assert platform.name == "epoint"
    first, second = listing.entries
    assert first.url == f"http://www.weidu.gov.cn/openDetailDynamic.html?infoid={UUID.format(1)}"
    assert first.fetch_url == (
        "http://www.weidu.gov.cn/EpointWebBuilder/zNJSAction.action"
        f"?cmd=getOpenDetail&infoid={UUID.format(1)}&siteguid={GUID}"
    )
    assert (first.title, first.date) == (FULL, date(2023, 2, 8))
    assert (second.title, second.date) == (FULL, date(2023, 2, 7))
    assert first.metadata["索引号"] == "11411002005750994L/202302-00001"
    assert first.metadata["发布机构"] == "七里店街道"
    assert "文号" not in first.metadata


def test_all_pages_up_to_the_last():
    listing = Epoint().listing(page(BODY, url=URL))
    assert [url.rsplit("/", 1)[1] for url in listing.pages] == [f"{n}.html" for n in range(2, 8)]
    assert (listing.page_count, listing.page_number) == (7, 0)


def test_siteguid_of_the_page_goes_before_the_declared_one():
    own = "11111111-2222-4333-8444-555555555555"
    shown = page(BODY, url=URL, head=f"<script>var siteGuid = '{own}';</script>")
    assert own in (Epoint({"siteguid": GUID}).listing(shown).entries[0].fetch_url or "")


def test_without_any_siteguid_it_is_said():
    listing = Epoint().listing(page(BODY, url=URL))
    assert listing.entries[0].fetch_url is None
    assert any("siteguid" in warning for warning in listing.warnings)


def test_ordinary_static_rows():
    rows = f'<ul><li><a href="/zwxx/002005/20260424/{UUID.format(1)}.html">魏都区召开法治政府建设推进会</a><span>2026-04-24</span></li></ul>'
    shown = page(rows, url="http://www.weidu.gov.cn/zwxx/002005/about.html")
    assert [(e.title, e.date) for e in choose(shown).listing(shown).entries] == [
        ("魏都区召开法治政府建设推进会", date(2026, 4, 24))
    ]


HTML = "<p>2022年，七里店街道认真学习宣传贯彻党的二十大精神，依法履职。</p><p>现将有关情况报告如下。</p>"


@pytest.mark.parametrize(
    "inner",
    [
        {
            "data": [
                {
                    "identifier": "11411002/202302-1",
                    "cate": "其他",
                    "title": FULL,
                    "infodate": "2023-02-08",
                    "infocontent": HTML,
                }
            ]
        },
        [{"identifier": "x", "xxmc": FULL, "fbsj": "2023-02-08 10:01:02", "nr": HTML}],
        {
            "list": [
                {
                    "cate": "其他",
                    "infotitle": FULL,
                    "content": HTML.replace("<", "&lt;").replace(">", "&gt;"),
                    "date": "2023-02-08",
                }
            ]
        },
    ],
    ids=["named", "by look", "escaped"],
)
@pytest.mark.parametrize("wrapped", [True, False])
def test_article_of_the_interface(inner, wrapped):
    answer = {"custom": json.dumps(inner, ensure_ascii=False) if wrapped else inner, "status": {"code": 1}}
    answered = Page("http://www.weidu.gov.cn/x.action", json.dumps(answer).encode(), "text/html")
    article = Epoint().article(answered)
    tree = article.tree
    assert tree.xpath("//meta[@name='ArticleTitle']/@content") == [FULL]
    assert tree.xpath("string(//meta[@name='PubDate']/@content)").startswith("2023-02-08")
    body = tree.xpath("//div[@class='ewb-article-info']")[0]
    assert "依法履职" in body.text_content() and len(body.xpath(".//p")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "<html><p>正文</p></html>",
        "{",
        '{"custom": "[]"}',
        '{"custom": "{\\"a\\": 1"}',
        "",
        '{"error": "系统错误"}',
    ],
)
def test_anything_else_is_the_page_itself(text):
    shown = Page("http://www.weidu.gov.cn/x.html", text.encode(), None)
    assert Epoint().article(shown) is shown
