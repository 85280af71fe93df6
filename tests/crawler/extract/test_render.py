"""Lines: a paragraph each, a table row each."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html

from crawler.extract.render import render


def lines(markup: str) -> list[str]:
    return [line.text for line in render(lxml_html.document_fromstring(f"<div>{markup}</div>")).lines]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>甲<span>乙</span>\n<span>丙</span></p>", ["甲乙丙"]),
        ("<p>一、目标\n    和任务</p>", ["一、目标和任务"]),
        ("<p>total number\n of cases</p>", ["total number of cases"]),
        ("甲。<br>　　乙。<br/><br/>丙。", ["甲。", "乙。", "丙。"]),
        ("<div>甲<div>乙</div>丙</div>", ["甲", "乙", "丙"]),
        ("<p>无。</p><p>无。</p>", ["无。", "无。"]),
        ("<p><b>一、举措</b></p><p>&nbsp;</p><p>二</p>", ["一、举措", "二"]),
        ("<ul><li>甲</li><li>乙</li></ul>", ["甲", "乙"]),
        ("<pre>甲\n乙</pre>", ["甲", "乙"]),
        ("<p>a\u200bb\ufeff</p>", ["ab"]),
        ("<p>甲<script>x</script><button>打印</button>乙</p>", ["甲乙"]),
        (
            "<table><tr><th>项目</th><th>数量</th></tr><tr><td>案件</td><td>12</td></tr></table>",
            ["项目\t数量", "案件\t12"],
        ),
        (
            "<table><tr><td><p>安置</p><p>任务</p></td><td>1</td></tr><tr><td></td><td>2</td></tr></table>",
            ["安置任务\t1", "\t2"],
        ),
        (
            "<table><tr><td rowspan=2>甲</td><td>一</td></tr><tr><td>二</td></tr></table>",
            ["甲\t一", "二"],
        ),
        ("<table><tr><td>甲。</td></tr><tr><td>乙。</td></tr></table>", ["甲。", "乙。"]),
        (
            "<table><tr><td><p>甲，</p><table><tr><td>1</td><td>2</td></tr></table></td></tr></table>",
            ["甲，", "1\t2"],
        ),
    ],
)
def test_lines(markup: str, expected: list[str]) -> None:
    assert lines(markup) == expected


def test_a_table_that_lays_out_a_document_is_unwrapped() -> None:
    text = "".join(f"<p>第{i}段，本街道坚持依法行政，推进法治政府建设，取得成效。</p>" for i in range(9))
    assert len(lines(f"<table><tr><td>边</td><td>{text}</td></tr></table>")) == 10


def test_links_are_known() -> None:
    found = render(
        lxml_html.document_fromstring("<p><a href='x.pdf'>统计表</a></p><p>见<a href='y'>此处</a>说明</p>")
    ).lines
    assert [(line.is_link, line.attachment) for line in found] == [(True, True), (False, False)]


def test_ranges_of_marked_elements() -> None:
    tree = lxml_html.document_fromstring("<p>a</p><div id=x><p>b</p>c</div><p>d</p>")
    element = tree.get_element_by_id("x")
    found = render(tree, [element])
    start, end = found.spans[element]
    assert [line.text for line in found.lines[start:end]] == ["b", "c"]
