"""Differences of Chinese texts: exact, and readable."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.diff import Fold, Op, Paragraph, compare, folded, spans

SENTENCES = st.lists(
    st.text("法治政府建设年度报告二〇25，。 \t", max_size=30)
    | st.sampled_from(["", "一、主要举措", "二、不足"]),
    max_size=8,
)


def rebuilt(paragraphs: tuple[Paragraph, ...]) -> tuple[str, str]:
    return (
        "\n".join(paragraph.old for paragraph in paragraphs if paragraph.in_old),
        "\n".join(paragraph.new for paragraph in paragraphs if paragraph.in_new),
    )


def marked(old: str, new: str) -> str:
    marks = {Op.KEEP: "{}", Op.DELETE: "[-{}-]", Op.INSERT: "{{+{}+}}"}
    return "".join(marks[span.op].format(span.text) for span in spans(old, new))


@given(SENTENCES, SENTENCES)
def test_both_texts_can_be_rebuilt(old: list[str], new: list[str]) -> None:
    texts = "\n".join(old), "\n".join(new)
    assert rebuilt(compare(*texts)) == texts


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_strings_can_be_rebuilt(old: str, new: str) -> None:
    assert rebuilt(compare(old, new)) == (old, new)


@given(SENTENCES)
def test_a_text_does_not_differ_from_itself(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert not any(paragraph.changed for paragraph in compare(text, text))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("开展审查42件", "开展审查43件", "开展审查[-42-]{+43+}件"),
        ("占比98.5%以上", "占比99.5%以上", "占比[-98.5%-]{+99.5%+}以上"),
        ("推进依法行政", "推进依法行政工作", "推进依法行政{+工作+}"),
        ("召开会议六次，开展培训", "召开专题会议，开展培训", "召开{+专题+}会议[-六次-]，开展培训"),
        (
            "全面推行行政执法公示",
            "深入落实监管执法责任",
            "[-全面推行行政-]{+深入落实监管+}执法[-公示-]{+责任+}",
        ),
        ("甲乙丙丁", "甲戊丙己", "甲[-乙丙丁-]{+戊丙己+}"),
        ("", "新", "{+新+}"),
        ("旧", "", "[-旧-]"),
    ],
)
def test_differences_read_well(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


def test_an_edited_paragraph_is_paired_with_its_old_wording() -> None:
    old = "标题\n一、主要举措和成效。开展合法性审查四十二件。\n二、不足\n落款"
    new = "标题\n新增一段，全是别的内容。\n一、主要举措和成效。开展合法性审查四十三件。\n二、不足\n落款"
    changed = [paragraph for paragraph in compare(old, new) if paragraph.changed]
    assert [(part.in_old, part.in_new) for part in changed] == [(False, True), (True, True)]
    assert [span.text for span in changed[1].spans if span.op is not Op.KEEP] == ["二", "三"]


def test_unchanged_paragraphs_fold_to_one_of_context() -> None:
    lines = [f"第{number}段" for number in range(20)]
    edited = [*lines[:10], "第十段改", *lines[11:]]
    parts = list(folded(compare("\n".join(lines), "\n".join(edited))))
    assert (parts[0], parts[-1]) == (Fold(9), Fold(8))
    assert [part.new for part in parts if isinstance(part, Paragraph) and not part.changed] == [
        "第9段",
        "第11段",
    ]


def test_equal_texts_fold_whole() -> None:
    assert list(folded(compare("甲\n乙", "甲\n乙"))) == [Fold(2)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("法" * 300_000, "治" * 300_000),
        ("\n".join("甲乙" * 20_000), "\n".join("丙丁" * 20_000)),
        ("法\n" * 30_000, "治\n" * 30_000),
    ],
    ids=["one endless paragraph", "paragraphs of one character", "repeated paragraphs"],
)
def test_hostile_sizes_end_soon_and_stay_exact(old: str, new: str) -> None:
    began = time.process_time()
    assert rebuilt(compare(old, new)) == (old, new)
    assert time.process_time() - began < 5
