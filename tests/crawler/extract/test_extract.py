"""Bodies: one generic test over all page shapes, then what is special about some."""

from __future__ import annotations

import pytest

from crawler.extract import EXTRACTOR, VERSION, extract, for_scoring

from .pages import PUBLISH_LINE, REPORT, SHAPES, TITLE, page, paragraphs


@pytest.mark.parametrize("shape", SHAPES)
def test_the_body_is_complete_and_alone(shape: str) -> None:
    lines = extract(SHAPES[shape]).text.split("\n")
    assert lines == list(REPORT)


@pytest.mark.parametrize("shape", SHAPES)
def test_title_and_date_are_read(shape: str) -> None:
    found = extract(SHAPES[shape])
    assert found.title == TITLE
    assert str(found.published) == "2024-01-20"
    assert found.source == "青河县柳林镇"


@pytest.mark.parametrize("shape", SHAPES)
def test_a_second_reading_is_the_same(shape: str) -> None:
    assert extract(SHAPES[shape]) == extract(SHAPES[shape])


@pytest.mark.parametrize("shape", SHAPES)
def test_counters_and_dates_of_the_furniture_do_not_touch_the_text(shape: str) -> None:
    fresh = SHAPES[shape].replace(b"<span>12</span>", b"<span>9731</span>")
    fresh = fresh.replace("今天是2026年3月1日 星期日".encode(), "今天是2026年3月2日 星期一".encode())
    assert extract(fresh).text == extract(SHAPES[shape]).text


def test_the_choice_is_recorded() -> None:
    assert extract(SHAPES["hanweb"]).container == "div#zoom"
    assert extract(SHAPES["unknown container"]).container == "trafilatura"
    assert (EXTRACTOR, VERSION) == ("pages", "3")


def test_a_container_closed_too_early() -> None:
    long = "普法宣传的形式单一，来源于群众的意见征集不够，基层法治队伍力量薄弱，需要在来年着力加强。"
    lines = (*REPORT[:6], "（二）问题与原因。" + long, *REPORT[7:])
    first, rest = paragraphs(lines[:6]), paragraphs(lines[6:])
    found = extract(page(f'<h1>{TITLE}</h1><div class="m"><div class="TRS_Editor">{first}</div>{rest}</div>'))
    assert found.text.split("\n") == list(lines)


def test_a_platforms_own_container_comes_first() -> None:
    content = (
        f'<div class="special">{paragraphs()}</div><div id="zoom">'
        f"<p>{'通知全文，请各单位遵照执行。' * 6}</p></div>"
    )
    assert extract(page(content), containers=(".special",)).text.split("\n") == list(REPORT)


def test_a_wrong_selector_is_refused() -> None:
    with pytest.raises(ValueError, match="not a CSS selector"):
        extract(b"<p>x</p>", containers=("..",))


def test_hidden_things_stay_out() -> None:
    hidden = (
        '<div class="ng-hide"><p>隐藏的模板，不属于正文。</p></div><p style="display: none">计数器，'
        "隐藏。</p><p hidden>隐藏，一。</p>"
        '<p aria-hidden="true">隐藏，二。</p><template><p>模板，三。</p></template>'
        "<noscript>请开启脚本，四。</noscript>"
        "<p>{{data.title}}</p>"
    )
    found = extract(page(f'<h1>{TITLE}</h1><div id="zoom">{paragraphs()}{hidden}</div>'))
    assert found.text.split("\n") == list(REPORT)


def test_an_index_table_above_the_text_goes_into_the_evidence() -> None:
    table = (
        "<table><tr><td>索 引 号：</td><td>11130199000000000A/2024-00012</td><td>发布机构：</td>"
        "<td>柳林镇人民政府</td></tr>"
        "<tr><td>发文字号：</td><td>柳政发〔2024〕3号</td><td>成文日期：</td><td>2024年1月18日</td>"
        "</tr></table>"
    )
    found = extract(page(f'<div class="article-con">{table}{PUBLISH_LINE}{paragraphs()}</div>'))
    assert found.text.split("\n") == list(REPORT)
    assert found.evidence["index_number"][0].value == "11130199000000000A/2024-00012"
    assert found.evidence["document_number"][0].value == "柳政发〔2024〕3号"
    assert found.evidence["written"][0].value == "2024-01-18"


def test_names_of_attached_files_stay_in_the_text() -> None:
    names = (
        '<p>附件：<a href="./P020240120.xls">1.统计表.xls</a></p><p>'
        '<a href="/module/download/downfile.jsp?f=1">2.清单</a></p>'
    )
    found = extract(page(f'<h1>{TITLE}</h1><div id="zoom">{paragraphs()}{names}</div>{PUBLISH_LINE}'))
    assert found.text.split("\n") == [*REPORT, "附件：1.统计表.xls", "2.清单"]


def test_a_page_that_only_links_its_report() -> None:
    found = extract(
        page(f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div id="zoom"><p><a href="./P02.pdf">{TITLE}.pdf</a></p></div>')
    )
    assert found.text == f"{TITLE}.pdf"


def test_an_iframe_body_is_noticed() -> None:
    found = extract(b'<h1>x</h1><div id="zoom"><iframe src="a.pdf"></iframe></div>')
    assert found.text == ""
    assert any("iframe" in w for w in found.warnings)


def test_gb18030_with_a_lying_header_reads_like_utf8() -> None:
    body = SHAPES["trs"].decode().encode("gb18030")
    found = extract(body, content_type="text/html; charset=utf-8")
    assert found.text.split("\n") == list(REPORT)
    assert found.charset == "gb18030"


def test_the_scorers_interface() -> None:
    assert for_scoring(SHAPES["trs"], None) == {
        "text": "\n".join(REPORT),
        "title": TITLE,
        "published": "2024-01-20",
    }
