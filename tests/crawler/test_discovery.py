"""Links that lead to a report column: on pages that wear the folder schemes of real portals."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import FrontierKind
from crawler.discovery import is_report_column, leads
from crawler.platforms.base import Page
from crawler.site import Site, Unit
from crawler.waymarks import is_column_name, is_trap, unit_named
from tests.crawler.platforms.pages import REPORTS, page

HOME = "http://www.qinghe.gov.cn/"
SITE = Site(
    key="qinghe",
    name="某省某市清河区",
    short_name="清河区",
    level="county",
    division_code=None,
    home_url=HOME,
    hosts=("www.qinghe.gov.cn", "qinghe.gov.cn", "xxgk.qinghe.gov.cn"),
    roster=(
        Unit(code="990001001", name="桥西街道", kind="街道"),
        Unit(code="990001100", name="双口镇", kind="镇"),
        Unit(code="990001200", name="回龙乡", kind="乡"),
    ),
)


def anchors(*pairs):
    return "<ul>" + "".join(f'<li><a href="{href}">{text}</a></li>' for href, text in pairs) + "</ul>"


def found(body, url=HOME, **more):
    return {lead.url.removeprefix(HOME): lead for lead in leads(page(body, url=url, **more), SITE)}


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("/zwgk/x1/", "法治政府建设年度报告"),
        ("/zwgk/x2/", "法治政府建设情况报告"),
        ("/zwgk/x3/", "法治政府建设"),
        ("/zwgk/x4/index.html", "法治政府年度报告公开"),
        ("/zwgk/x5/", "法治政府建设情况年度报告"),
        ("/zwgk_254/zfxxgkml/fzzfjsndbg/", "更多"),
        ("/zwgk_229/yzq_fzzfjsndbg/", "公开"),
        ("/jz/lzjd/zwgk_46772/zfxxgkml/fzzfjsndbgg1/", ""),
        ("/gdhf/ztzl/fzbg/", "专题"),
        ("/zwgk/fdzdgknr2/qtfdgkxx2/", "其他法定公开信息"),
        ("/zwgk/fdzdgknr2/qtfdxx/", "其他"),
        ("/public/column/6596301?type=4", "法治政府建设"),
        ("/channels/6346.html", "法治政府建设"),
    ],
)
def test_links_to_the_column_itself(href, text):
    lead = found(anchors((href, text)))[href.lstrip("/")]
    assert lead.kind is FrontierKind.COLUMN
    assert lead.score >= 47
    assert lead.reason.startswith(("link text", "folder"))


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("/zwgk/", "政务公开"),
        ("/zwgk/zfxxgk/", "政府信息公开"),
        ("/a/", "信息公开目录"),
        ("/b/", "法定主动公开内容"),
        ("/c/", "镇街信息公开"),
        ("/d/", "乡镇（街道）"),
        ("/e/", "街道信息公开"),
        ("/zwgk/zfxxgk/xxgk_zjyq/", "进入"),
        ("/f/", "委办局信息公开"),
        ("/jz/qxjd/", "桥西街道"),
        ("/jz/skz/zwgk_71780/", "双口镇政务公开"),
        ("/wzdt/", "网站地图"),
        ("/gzbg/", "工作报告"),
    ],
)
def test_links_on_the_way(href, text):
    text = text.replace("（", "(").replace("）", ")")
    assert found(anchors((href, text)))[href.lstrip("/")].kind is FrontierKind.HUB


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("/zwgk/nb/", "政府信息公开年报"),
        ("/zwgk/zn/", "政府信息公开指南"),
        ("/zwgk/ysq/", "依申请公开"),
        ("/zwgk/zfxxgk/czyjs/", "预决算"),
        ("/dongtai/jddt/", "街道动态"),
        ("/xw/202401/t20240105_6.html", "桥西街道2023年法治政府建设情况报告"),
        ("/xw/fzzfjs.pdf", "法治政府建设年度报告"),
        ("http://www.other.gov.cn/fzzfjs/", "法治政府建设"),
        ("http://www.qinghe.gov.cn.evil.com/fzzfjs/", "法治政府建设"),
        ("/search?q=法治政府建设", "法治政府建设"),
        ("/zwgk/fzzfjs/?date=2024-01", "法治政府建设"),
        ("/hudong/fzzfjs/", "法治政府建设"),
        ("/fzzfjs/a/fzzfjs/a/fzzfjs/a/", "法治政府建设"),
        ("javascript:go()", "法治政府建设"),
        ("/", "政务公开"),
        ("/xwdt/", "新闻动态"),
        ("/xwdt/jd/", "桥西街道组织党员干部集中学习有关精神"),
        ("#", "政务公开"),
    ],
)
def test_links_that_are_not_followed(href, text):
    assert found(anchors((href, text))) == {}


def test_best_first_and_each_address_once():
    body = anchors(
        ("/ztzl/", "专题专栏"),
        ("/zwgk/", "政务公开"),
        ("/zwgk/zfxxgk/", "政府信息公开"),
        ("/zwgk/jz/", "镇街"),
        ("/zwgk/fdzdgknr/", "法定主动公开内容"),
        ("/zwgk/fzzfjs/", "法治政府建设年度报告"),
        ("https://qinghe.gov.cn/zwgk/fzzfjs/index.html", "法治政府建设"),
        ("/zwgk/jz/qx/", "桥西街道"),
    )
    order = [lead.title for lead in leads(page(body, url=HOME), SITE)]
    assert order == [
        "法治政府建设年度报告",
        "法定主动公开内容",
        "桥西街道",
        "镇街",
        "政府信息公开",
        "政务公开",
        "专题专栏",
    ]
    assert all(1 <= lead.score <= 58 for lead in leads(page(body, url=HOME), SITE))


def test_a_link_keeps_the_scheme_and_name_the_page_was_read_under():
    body = anchors(
        ("http://qinghe.gov.cn/zwgk/", "政务公开"), ("http://xxgk.qinghe.gov.cn/a/", "政府信息公开")
    )
    urls = {lead.url for lead in leads(page(body, url="https://www.qinghe.gov.cn/"), SITE)}
    assert urls == {"https://www.qinghe.gov.cn/zwgk/", "http://xxgk.qinghe.gov.cn/a/"}


def test_later_pages_lead_to_the_first():
    assert set(found(anchors(("/bm/fzzfjsgz/index_1.html", "法治政府建设工作")))) == {"bm/fzzfjsgz/"}


def test_sub_columns_of_a_report_column():
    body = f"{anchors(('./2025/', '2025年'), ('./jz_fzzfjs/hbjd_jz/', '海滨街道'), ('../zcwj/', '政策文件'))}{REPORTS}"
    here = found(body, url=f"{HOME}zwgk/fzzfjs/", head='<meta name="ColumnName" content="法治政府建设">')
    assert set(here) == {"zwgk/fzzfjs/2025/", "zwgk/fzzfjs/jz_fzzfjs/hbjd_jz/"}
    assert {lead.kind for lead in here.values()} == {FrontierKind.COLUMN}


def test_streets_by_initials_are_reached_through_their_names():
    body = anchors(
        ("./zjyq_xxgk_skz/", "双口镇"), ("./zjyq_xxgk_hlx/", "回龙乡人民政府"), ("./zjyq_xxgk_qt/", "某园区")
    )
    here = found(body, url=f"{HOME}zwgk/zfxxgk/xxgk_zjyq/")
    assert {"zwgk/zfxxgk/xxgk_zjyq/zjyq_xxgk_skz/", "zwgk/zfxxgk/xxgk_zjyq/zjyq_xxgk_hlx/"} <= set(here)
    assert "双口镇" in here["zwgk/zfxxgk/xxgk_zjyq/zjyq_xxgk_skz/"].reason


def test_frames_options_and_opened_windows():
    body = (
        '<iframe src="/zwgk/zfxxgk/list.html"></iframe><select><option value="/jz/qx/">桥西街道</option></select>'
        '<a href="javascript:;" onclick="window.open(\'/zwgk/fzzfjs/\')">法治政府建设</a>'
        '<a href="/govxxgk/X/openSubPage.html?specialurl=/govxxgk/X/category/035/govlist.html&righttitle=法治政府建设">查看</a>'
    )
    here = found(body)
    assert {"jz/qx/", "zwgk/fzzfjs/", "govxxgk/X/category/035/govlist.html"} <= set(here)
    assert here["govxxgk/X/category/035/govlist.html"].kind is FrontierKind.COLUMN


@pytest.mark.parametrize(
    ("url", "head", "body", "name"),
    [
        ("zwgk/a/", '<meta name="ColumnName" content="法治政府建设年度报告">', "", "法治政府建设年度报告"),
        ("zwgk/a/", '<META NAME="columnname" CONTENT="法治政府建设">', "", "法治政府建设"),
        ("zwgk/a/", "", "<div>当前位置：<a href='/'>首页</a> &gt; <a href='/zwgk/'>政务公开</a> &gt; 法治政府建设报告</div>", "法治政府建设报告"),
        ("zwgk/a/", "<title>法治政府建设情况 - 清河区人民政府</title>", "", "法治政府建设情况"),
        ("zwgk/a/", "", "<div>您现在的位置：首页 > 法治政府建设报告 > 乡镇街道</div>", "法治政府建设报告"),
        ("zwgk/fzzfjsndbg/", "<title>信息公开_清河区</title>", "", "信息公开"),
        ("zwgk/fzzfjsndbg/index.html", "", "", "fzzfjsndbg"),
        ("zwgk/a/", "<title>政务公开</title>", "", None),
        ("zwgk/a/", '<meta name="ColumnName" content="法治政府建设示范创建">', "", None),
        ("zwgk/a/", "<title>法治宣传教育</title>", "", None),
    ],
)  # fmt: skip
def test_is_this_the_column(url, head, body, name):
    assert is_report_column(page(body, url=HOME + url, head=head)) == name


@pytest.mark.parametrize(
    "name",
    [
        "法治政府建设年度报告",
        "法治政府建设情况报告",
        "法治政府建设",
        "法治政府年度报告公开",
        "街镇法治政府建设",
        "依法行政报告",
        "2023年法治政府建设年度报告",
    ],
)
def test_names_of_columns(name):
    assert is_column_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "法治政府建设示范创建", "法治宣传", "政府工作报告", "法治政府建设培训动态", "通知公告", "法" * 40],
)
def test_other_names(name):
    assert not is_column_name(name)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("桥西街道", "桥西街道"), ("桥西街道办事处", "桥西街道"), ("桥西街", "桥西街道"), ("桥西", "桥西街道"), ("清河区桥西街道", "桥西街道"),
        ("双口镇人民政府", "双口镇"), ("双口镇政府信息公开", "双口镇"), ("回龙乡", "回龙乡"), ("回龙", "回龙乡"),
        ("桥", None), ("桥西大街改造工程公示", None), ("桥西街道组织党员干部集中学习会议精神动态", None), ("", None),
    ],
)  # fmt: skip
def test_units(text, unit):
    assert unit_named(text, SITE.roster) == unit


def test_traps():
    assert is_trap("http://a.gov.cn/x/?Year=2020&month=3")
    assert is_trap("http://a.gov.cn/" + "a/b/" * 20)
    assert is_trap("http://a.gov.cn/" + "x" * 500)
    assert not is_trap("http://a.gov.cn/public/column/6596301?type=4&catId=1&action=list")


def test_without_a_roster_and_on_an_empty_page():
    bare = replace(SITE, roster=())
    assert leads(page(anchors(("/jz/qx/", "桥西街道"))), bare) == []
    assert leads(Page(HOME, b"", None), SITE) == []


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.text(max_size=40), st.text(max_size=20)), max_size=8),
    st.binary(max_size=60),
)
def test_nothing_makes_it_raise(pairs, rest):
    links = "".join(
        f"<a href='{href}'>{text}</a><option value='/{text}'>{href}</option>" for href, text in pairs
    )
    shown = Page(
        f"{HOME}zwgk/openSubPage.html?specialurl=//[x", links.encode("utf-8", "replace") + rest, None
    )
    for lead in leads(shown, SITE):
        assert (
            lead.url.startswith("http") and 1 <= lead.score <= 58 and lead.reason and lead.title is not None
        )
    is_report_column(shown)


def test_departments_below_their_list_are_followed_after_the_streets():
    html = (
        '<a href="./qcsglw1/">区城市管理委</a><a href="./qsfj/">区司法局</a>'
        '<a href="/ztzl/zx/">新闻中心</a><a href="./202501/t20250102_1.html">区城市管理委员会</a>'
    )
    leading = found(html, url=HOME + "zwgk/zfxxgk/wbj2/")
    assert set(leading) == {"zwgk/zfxxgk/wbj2/qcsglw1/", "zwgk/zfxxgk/wbj2/qsfj/"}
    assert all(lead.score < 40 and lead.kind is FrontierKind.HUB for lead in leading.values())
