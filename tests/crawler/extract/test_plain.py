"""What a file's text says of itself."""

from __future__ import annotations

import pytest

from crawler.extract.plain import describe

TEXT = """清河区柳林街道办事处
关于2024年度法治政府建设情况的报告
清政柳发〔2025〕3号
2024年，柳林街道深入学习贯彻习近平法治思想，扎实推进法治政府建设。现将有关情况报告如下。
一、主要举措和成效
全年开展执法检查120次。
柳林街道办事处
2025年1月20日"""


def test_title_number_and_signature() -> None:
    facts = describe(TEXT, title_hint="附件1.doc")
    assert facts.best("title") == "清河区柳林街道办事处关于2024年度法治政府建设情况的报告"
    assert facts.best("document_number") == "清政柳发〔2025〕3号"
    assert facts.best("signed") == "2025-01-20"


@pytest.mark.parametrize("hint", ["附件1.doc", "附件：", "P020250120.pdf", "附件 2.pdf", "download"])
def test_a_bare_file_name_is_no_title(hint: str) -> None:
    assert (
        describe(TEXT, title_hint=hint).best("title")
        == "清河区柳林街道办事处关于2024年度法治政府建设情况的报告"
    )


def test_a_link_text_decides_and_both_are_kept() -> None:
    facts = describe(TEXT, title_hint="柳林街道2024年度法治政府建设年度报告.pdf")
    assert [e.where for e in facts.fields["title"]] == ["list", "opening"]


def test_nothing_is_made_up() -> None:
    assert describe("").fields == {}
    assert describe("第一行\n第二行", title_hint=None).best("signed") is None


def test_the_last_lines_of_a_long_document_are_read() -> None:
    long = TEXT.replace("全年", "\n".join(f"第{n}项工作按计划推进完成。" for n in range(500)) + "\n全年")
    assert describe(long).best("signed") == "2025-01-20"
