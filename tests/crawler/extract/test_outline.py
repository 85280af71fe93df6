"""The outline: all kinds of numbers, broken ones too, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.outline import outline


def shape(text: str) -> list[tuple[int, str, str]]:
    return [(heading.level, heading.number, heading.title) for heading in outline(text)]


def test_levels_follow_the_numbers() -> None:
    text = (
        "第一部分 主要工作\n一、主要举措和成效\n（一）健全制度\n1.完善办法。全年修订3项。\n（1）细化清单\n"
        "一是建立台账。二是定期通报。\n2.加强督办\n（二）强化执法\n二、存在的不足和原因\n"
    )
    assert shape(text) == [
        (1, "第一部分", "主要工作"),
        (2, "一、", "主要举措和成效"),
        (3, "（一）", "健全制度"),
        (4, "1.", "完善办法"),
        (5, "（1）", "细化清单"),
        (6, "一是", "建立台账"),
        (6, "二是", "定期通报"),
        (4, "2.", "加强督办"),
        (3, "（二）", "强化执法"),
        (2, "二、", "存在的不足和原因"),
    ]


def test_levels_are_depth_not_kind() -> None:
    assert shape("一、学法用法\n1.领导带头。\n2.全员参与。\n二、依法决策\n")[1] == (2, "1.", "领导带头")


@pytest.mark.parametrize(
    ("line", "number", "title"),
    [
        ("一、主要工作", "一、", "主要工作"),
        ("　　一、 主要工作开展情况", "一、", "主要工作开展情况"),
        ("一.主要工作", "一.", "主要工作"),
        ("一．主要工作", "一．", "主要工作"),
        ("一 、主要工作", "一 、", "主要工作"),
        ("十一、队伍建设", "十一、", "队伍建设"),
        ("(一)组织领导", "(一)", "组织领导"),
        ("（一）组织领导", "（一）", "组织领导"),
        ("（一）、组织领导", "（一）、", "组织领导"),
        ("(一）组织领导", "(一）", "组织领导"),
        ("一)组织领导", "一)", "组织领导"),
        ("一）组织领导", "一）", "组织领导"),
        ("㈠组织领导", "㈠", "组织领导"),
        ("1.组织领导", "1.", "组织领导"),
        ("１．组织领导", "１．", "组织领导"),
        ("1、组织领导", "1、", "组织领导"),
        ("⒈组织领导", "⒈", "组织领导"),
        ("（1）组织领导", "（1）", "组织领导"),
        ("1）组织领导", "1）", "组织领导"),
        ("①组织领导", "①", "组织领导"),
        ("1.2024年9月组织领导干部学法", "1.", "2024年9月组织领导干部学法"),
        ("一是组织领导有力。各科室分工明确。", "一是", "组织领导有力"),
        ("（二）加强普法；成效明显。", "（二）", "加强普法"),
        ("（二）加强普法：全年开展活动3次。", "（二）", "加强普法"),
    ],
)
def test_numbers(line: str, number: str, title: str) -> None:
    text = f"前言。\n{line}\n后文甚多。"
    (heading,) = outline(text)
    assert (heading.number, heading.title) == (number, title)
    assert text[heading.start : heading.start + len(number)] == number
    assert text[heading.start : heading.end].endswith(title)


@pytest.mark.parametrize(
    "line",
    [
        "3.15国际消费者权益日期间开展活动",
        "12.4宪法宣传日",
        "1.5万人参加",
        "2023年，全镇开展活动。",
        "1、2、3号楼的居民",
        "一、二级响应措施已完善",
        "一二三四五，上山打老虎",
        "一方面，加强学习。",
        "(2021—2025年)",
        "关于2023年度法治政府建设情况的报告",
    ],
)
def test_no_headings(line: str) -> None:
    assert outline(f"前言。\n{line}\n") == ()


def test_ordinals() -> None:
    text = "一、甲情况\n十二、乙情况\n（三）丙情况\n4.丁情况\n"
    assert [heading.ordinal for heading in outline(text)] == [1, 12, 3, 4]


def test_run_in_points_must_count_up() -> None:
    text = "主要做法如下：一是抓制度。二是抓队伍。五是抓保障。三是抓考核。"
    assert [h.title for h in outline(text)] == ["抓制度", "抓队伍", "抓考核"]


def test_a_heading_broken_over_two_lines_is_joined() -> None:
    text = "二、推进法治政府建设存在的不足、原因和\n改进情况\n一是经费不足。"
    heading = outline(text)[0]
    assert heading.title == "推进法治政府建设存在的不足、原因和改进情况"
    assert text[heading.start : heading.end] == "二、推进法治政府建设存在的不足、原因和\n改进情况"


def test_a_number_alone_in_its_line_takes_the_next() -> None:
    assert shape("一、\n主要举措和成效\n全年工作扎实。") == [(1, "一、", "主要举措和成效")]


@pytest.mark.parametrize(
    "text",
    [
        "五、其他需要报告的情况\n无\n",
        "二、存在的不足和原因\n下一年度主要安排\n",
        "一、主要举措和成效\n2023年我镇开展了多项工作\n",
        "三、存在的问题\n普法形式单一，\n",
    ],
)
def test_the_next_line_is_not_always_part_of_it(text: str) -> None:
    assert outline(text)[0].title == text.partition("\n")[0][2:]


def test_a_long_numbered_paragraph_is_cut() -> None:
    sentence = "深入学习宣传贯彻习近平法治思想" + "，不断提高运用法治思维和法治方式开展工作的能力" * 6
    (heading,) = outline(f"1.{sentence}。")
    assert heading.title == "深入学习宣传贯彻习近平法治思想"


PIECES = st.sampled_from(
    [
        "一、", "二、", "（一）", "(二)", "一)", "1.", "2、", "（1）", "①", "一是", "二是", "第一部分", "\n", "\n\n", "\r\n", "　　", "。", "；", "：",
        "主要举措和成效", "存在的不足和原因", "下一步打算", "第一责任人职责", "其他需要报告的情况", "无", "强化领导，夯实基础", "和", "情况", "2023年", "检查3次", "\x00", "\ufeff", "\u2028",
    ]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text_has_an_outline(text: str) -> None:
    found = outline(text)
    assert found == outline(text)
    last = 0
    for heading in found:
        assert last <= heading.start <= heading.end <= len(text)
        assert text[heading.start :].startswith(heading.number)
        assert heading.level >= 1
        last = heading.start
