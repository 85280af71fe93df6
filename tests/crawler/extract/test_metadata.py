"""What a page says of itself, and which of it is believed."""

from __future__ import annotations

import pytest

from crawler.extract import extract
from crawler.extract.title import page_title

from .pages import PUBLISH_LINE, REPORT, TITLE, page, paragraphs

TEXT = f'<div id="zoom">{paragraphs(REPORT[2:])}</div>'


def metas(**values: str) -> str:
    return "".join(f'<meta name="{name}" content="{value}">' for name, value in values.items())


def test_metas_in_any_case_and_without_spaces() -> None:
    head = (
        f"<meta name=\"ArticleTitle\"content=\"{TITLE}\"><META NAME='pubdate' CONTENT='2024-01-20 00:00'>"
        '<meta name="contentSource" content="柳林镇"><meta content="法治政府" name="columnName">'
        '<meta name="SiteIDCode" content=""><meta name="SiteIDCode" content="1301990003">'
    )
    found = extract(page(TEXT, head=head, title="青河县人民政府"))
    assert (found.title, str(found.published)) == (TITLE, "2024-01-20")
    assert (found.source, found.column, found.site_id_code) == ("柳林镇", "法治政府", "1301990003")


def test_markup_inside_a_meta() -> None:
    head = metas(ArticleTitle="柳林镇法治政府建设工作<div>——2023年度报告</div>")
    assert extract(page(TEXT, head=head, title="x")).title == "柳林镇法治政府建设工作——2023年度报告"


def test_a_meta_that_holds_the_column_loses_against_the_heading() -> None:
    head = metas(ArticleTitle="法治政府建设", ColumnName="法治政府建设")
    found = extract(page(f"<h1>{TITLE}</h1>{TEXT}", head=head, title="法治政府建设_青河县人民政府"))
    assert found.title == TITLE
    assert {e.where for e in found.evidence["title"]} >= {"h1"}


def test_a_title_over_several_lines_of_the_text() -> None:
    content = f'<div id="zoom">{paragraphs()}</div>'
    assert extract(page(content, title="青河县人民政府")).title == TITLE


def test_the_list_helps_where_the_page_has_no_title() -> None:
    assert extract(page(TEXT, title="青河县人民政府"), title_hint=TITLE).title == TITLE


@pytest.mark.parametrize(
    ("raw", "first"),
    [
        (f"{TITLE}_青河县人民政府", TITLE),
        (f"{TITLE}-青河县政府网", TITLE),
        (f"{TITLE} - 法治政府建设 - 青河县人民政府门户网站", TITLE),
        (f"青河县人民政府 | {TITLE}", TITLE),
        ("法治青河——2023年度报告_青河县人民政府", "法治青河——2023年度报告"),
        (TITLE, TITLE),
    ],
)
def test_page_titles_lose_site_and_column(raw: str, first: str) -> None:
    assert page_title(raw, ["青河县人民政府", "法治政府建设"])[0] == first


@pytest.mark.parametrize(
    ("content", "head", "url", "expected", "where"),
    [
        (
            PUBLISH_LINE,
            metas(PubDate="2024-02-01 00:00"),
            "http://a/t20240301_1.html",
            "2024-01-20",
            "publish line",
        ),
        ("", metas(PubDate="2024-02-01 00:00"), "http://a/t20240301_1.html", "2024-02-01", "meta PubDate"),
        ("", metas(firstpublishedtime="2007-08-20-23:59:59"), None, "2007-08-20", "meta firstpublishedtime"),
        ("", "", "http://a/202403/t20240301_1.html", "2024-03-01", "url"),
        ("", "", None, "2024-01-18", "signature"),
        ("<div>2024-01-20 09:52 打印本页</div>", "", None, "2024-01-20", "unlabelled line"),
        (
            (
                "<table><tr><td>成文日期：</td><td>2024-01-10</td><td>发布日期：</td><td>2024-01-21</td>"
                "</tr></table>"
            ),
            "",
            None,
            "2024-01-21",
            "index table 发布日期",
        ),
    ],
)
def test_published(content: str, head: str, url: str | None, expected: str, where: str) -> None:
    found = extract(page(f"<h1>{TITLE}</h1>{content}{TEXT}", head=head), url=url)
    assert str(found.published) == expected
    assert where in {e.where for e in found.evidence["published"] if e.value == expected}


def test_dates_that_are_no_publication() -> None:
    traps = (
        "<div>页面生成时间：2025-05-05 11:00</div><div>今天是2026年1月1日 星期四</div>"
        "<div>更新时间：2025-06-06</div>"
    )
    head = '<meta name="others" content="页面生成时间 2025-10-23 11:23:36">'
    found = extract(page(f"{traps}<h1>{TITLE}</h1>{PUBLISH_LINE}{TEXT}", head=head))
    assert str(found.published) == "2024-01-20"
    assert {e.value for e in found.evidence["published"]}.isdisjoint(
        {"2025-05-05", "2026-01-01", "2025-10-23"}
    )


def test_all_dates_are_kept_apart() -> None:
    found = extract(
        page(PUBLISH_LINE + TEXT, head=metas(PubDate="2024-02-01")), url="http://a/t20240301_1.html"
    )
    seen = {e.where: e.value for e in found.evidence["published"]}
    assert seen["url"] == "2024-03-01"
    assert seen["signature"] == "2024-01-18"
    assert seen["meta PubDate"] == "2024-02-01"
    assert found.evidence["signed"][0].value == "2024-01-18"


def test_site_code_and_column_without_metas() -> None:
    found = extract(page(TEXT))
    assert (found.site_id_code, found.column) == ("1301990003", "法治政府建设")
    assert found.evidence["site_id_code"][0].where == "footer"
    assert found.evidence["column"][0].where == "breadcrumb"


def test_every_evidence_is_short() -> None:
    found = extract(page(TEXT, head=metas(ContentSource="柳" * 150, Description="x" * 9000)))
    assert all(len(e.raw) <= 200 for known in found.evidence.values() for e in known)
