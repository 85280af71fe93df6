"""What was seen to go wrong on real pages, item by item, where no other test of this folder shows it end to end."""

from __future__ import annotations

import pytest

from crawler.extract import extract

from .pages import PUBLISH_LINE, REPORT, TITLE, TOOLS, page, paragraphs

SENTENCES = "<p>这里介绍本县的历史沿革，内容与报告无关，读者在页面上看不到它。</p>" * 12
BODY = f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div id="zoom">{paragraphs()}</div>{TOOLS}'


@pytest.mark.parametrize(
    "panel",
    [
        f'<div class="mega ng-hide">{SENTENCES}</div>',
        f'<div style="DISPLAY: none">{SENTENCES}</div>',
        f'<ul class="menu"><li><a href="/a/">政务公开</a><div aria-hidden="true">{SENTENCES}</div></li></ul>',
        '<div class="mega">' + '<a href="/c/">重点领域信息公开</a>\n' * 120 + "</div>",
    ],
)
def test_menus_and_hidden_panels_do_not_flood_the_text(panel: str) -> None:
    named = extract(page(panel + BODY))
    assert named.text.split("\n") == list(REPORT)
    nameless = extract(page(panel + BODY.replace(' id="zoom"', "")))
    assert nameless.text.split("\n") == list(REPORT)


def test_repeated_bold_and_merged_lines_stay_in_their_order() -> None:
    table = (
        "<table><tr><th>类别</th><th>项目</th><th>数量</th></tr><tr><td rowspan=2>执法</td><td>检查</td><td>12</td></tr>"
        "<tr><td>处罚</td><td>3</td></tr></table>"
    )
    content = f"<p><strong>一、主要举措</strong></p>{paragraphs(REPORT[4:6])}{table}<p><b>二、不足</b></p><p>无。</p>"
    found = extract(page(f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div id="zoom">{content}</div>'))
    expected = [
        "一、主要举措",
        *REPORT[4:6],
        "类别\t项目\t数量",
        "执法\t检查\t12",
        "处罚\t3",
        "二、不足",
        "无。",
    ]
    assert found.text.split("\n") == expected


INDEX = (
    "<table><tr><td>索引号：</td><td>QH012-0200-2024-00011</td><td>成文日期：</td><td>2024年1月18日</td></tr>"
    "<tr><td>废止日期：</td><td>2029-01-18</td><td>发布日期：</td><td>2024年1月20日</td></tr></table>"
)


@pytest.mark.parametrize("line", ["", "<div>时间：2024-01-20 10:11</div>", PUBLISH_LINE])
def test_three_dates_on_one_page(line: str) -> None:
    head = '<meta name="PubDate" content="2024-01-22 00:00:00">'
    text = f'<div id="zoom">{paragraphs()}</div>'
    found = extract(page(f"{INDEX}<h1>{TITLE}</h1>{line}{text}", head=head))
    seen = {(e.value, e.where) for e in found.evidence["published"]}
    assert (found.evidence["written"][0].value, found.evidence["signed"][0].value) == ("2024-01-18",) * 2
    assert {("2024-01-22", "meta PubDate"), ("2024-01-20", "index table 发布日期")} <= seen
    assert not {value for value, _ in seen} & {"2029-01-18"}
    assert str(found.published) == "2024-01-20"


@pytest.mark.parametrize(
    "trap",
    [
        "<div>页面生成时间：2025-05-05 11:00:00</div>",
        "<div>2025年5月5日 星期一</div>",
        "<div>留言发布于：2025-05-05</div>",
        "<ul><li><a href=1>县政府召开会议</a> 2025-05-05</li></ul>",
        "<div>报名截止时间：2025-05-05</div>",
    ],
)
@pytest.mark.parametrize("beside", ["", '<meta name="PubDate" content="2024-01-20 00:00:00">'])
def test_other_dates_near_the_text_are_not_the_pages(trap: str, beside: str) -> None:
    line = "" if beside else "<div>来源：柳林镇 2024-01-20</div>"
    found = extract(page(f'{trap}<h1>{TITLE}</h1>{line}<div id="zoom">{paragraphs()}</div>', head=beside))
    assert str(found.published) == "2024-01-20"


@pytest.mark.parametrize("codes", [("", "1301990003"), ("1301990003", ""), ("1301990003", "1301990003")])
def test_a_site_code_twice_or_empty(codes: tuple[str, str]) -> None:
    head = "".join(f'<meta name="SiteIDCode" content="{code}">' for code in codes)
    assert extract(page(BODY, head=head)).site_id_code == "1301990003"


@pytest.mark.parametrize(
    ("head", "content", "title"),
    [
        (
            '<meta name="ArticleTitle" content="法治政府建设">',
            f"<h1>{TITLE}</h1>",
            f"法治政府建设_{TITLE}_青河县",
        ),
        ("", f"<h2>法治政府建设</h2><p>{TITLE}</p>", "法治政府建设_青河县人民政府"),
        ("", f"<div>{TITLE}</div>", f"{TITLE}_法治政府建设_部门文件_青河县人民政府"),
        ("", f"<h3>{TITLE[:18]}<br>{TITLE[18:]}</h3>", f"{TITLE[:20]}…"),
        ("", f"<p>{TITLE[:18]}</p><p>{TITLE[18:]}</p>", "无标题文档"),
        ('<meta property="og:title" content="青河县人民政府">', f"<p>{TITLE}</p>", "青河县人民政府"),
        (f'<meta name="ArticleTitle" content="<p>{TITLE}</p>">', "", "青河县人民政府"),
    ],
)
def test_columns_sites_and_leftovers_are_no_titles(head: str, content: str, title: str) -> None:
    text = f'<div id="zoom">{paragraphs(REPORT[2:])}</div><h2>友情链接</h2>'
    assert extract(page(f"{content}{PUBLISH_LINE}{text}", head=head, title=title)).title == TITLE
