"""The same article in other portals' templates: text, title, date and source stay what they are."""

from __future__ import annotations

import re

import pytest

from crawler.extract import extract

from .pages import FOOTER, PUBLISH_LINE, REPORT, TITLE, TOOLS, page, paragraphs
from .surroundings import PAGES, SOURCE

NAMES = re.compile(r' (?:class|id)="[^"]*"')
WRAPPERS = {
    "section": ("<section>", "</section>"),
    "article": ("<article>", "</article>"),
    "td": ("<table><tr><td>", "</td></tr></table>"),
    "font": ("<font>", "</font>"),
    "form": ("<form>", "</form>"),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_article_stays(name: str) -> None:
    found = extract(PAGES[name])
    assert found.text.split("\n") == list(REPORT)
    assert (found.title, str(found.published), found.source) == (TITLE, "2024-01-20", SOURCE)


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_no_rule_needs_a_name(wrapper: str) -> None:
    opened, closed = WRAPPERS[wrapper]
    content = f"<h1>{TITLE}</h1>{PUBLISH_LINE}{opened}{paragraphs()}{closed}{TOOLS}"
    found = extract(NAMES.sub("", page(content).decode()).encode())
    assert found.text.split("\n") == list(REPORT)
    assert (found.title, str(found.published)) == (TITLE, "2024-01-20")


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_no_rule_needs_a_charset(charset: str) -> None:
    for markup in PAGES.values():
        assert extract(markup.decode().encode(charset)).text.split("\n") == list(REPORT)


def test_a_blank_of_the_users_own_is_a_blank() -> None:
    body = page(f'<div id="zoom"><p>@@{REPORT[2]}</p>{paragraphs(REPORT[3:])}</div>').decode()
    found = extract(body.encode("gb18030").replace(b"@@", b"\xa3\xa0\xa3\xa0"))
    assert found.text.split("\n")[0] == REPORT[2]


def test_a_decrees_note_is_no_publish_line() -> None:
    law = (
        "青河县人民政府令",
        "第7号",
        "《青河县河道管理办法》已经县人民政府常务会议审议通过，现予公布，自2024年5月1日起施行。",
        "县长 某某",
        "2024年1月18日",
        "青河县河道管理办法",
        "（2011年3月4日青河县人民政府令第2号公布 2024年1月15日修订通过）",
        *(
            f"第{n}条 本县行政区域内河道的整治、利用、保护和管理，适用本办法第{n}款的规定。"
            for n in "一二三四五六"
        ),
    )
    found = extract(page(f"<div><div><div>{paragraphs(law)}</div></div></div>", title="青河县河道管理办法"))
    assert found.text.split("\n") == list(law)


def test_the_letterhead_stays_where_the_title_is_printed_above() -> None:
    lines = (*REPORT[:2], *REPORT[2:])
    above = extract(page(f"<div><h2>{TITLE}</h2><p>{SOURCE}</p><div>{paragraphs(lines)}</div></div>"))
    assert above.text.split("\n")[-len(lines) :] == list(lines)
    alone = extract(page(f"<div><p>{TITLE}</p><div>{paragraphs(REPORT[2:])}</div></div>"))
    assert alone.text.split("\n") == list(REPORT[2:])


def test_comments_end_a_text_however_long_they_are() -> None:
    said = "<p>我住在柳林镇，对这份报告有一点意见，希望镇政府明年多听取群众的意见，谢谢。</p>" * 30
    content = f'<h1>{TITLE}</h1>{PUBLISH_LINE}<div id="zoom">{paragraphs()}<p>12条评论</p>{said}</div>'
    assert extract(page(content)).text.split("\n") == list(REPORT)


def test_short_lines_behind_the_tools_are_not_the_texts() -> None:
    behind = "<p>打印本页 关闭窗口</p><p>党政机关</p><p>青河县大数据中心运维</p>"
    content = f'<div id="zoom">{paragraphs(REPORT[2:])}{behind}<p><a href="a.doc">附件1：统计表</a></p></div>'
    found = extract(page(f"<h1>{TITLE}</h1>{PUBLISH_LINE}{content}"))
    assert found.text.split("\n") == [*REPORT[2:], "附件1：统计表"]


def test_a_signature_behind_short_lines_stays() -> None:
    content = f'<div id="zoom">{paragraphs()}</div>{FOOTER}'
    assert extract(page(f"<h1>{TITLE}</h1>{PUBLISH_LINE}{content}")).text.split("\n")[-3:] == list(
        REPORT[-3:]
    )
