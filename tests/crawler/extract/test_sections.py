"""The five parts: the headings of the facts, the real seeds, and every way of arranging them."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.parts import PART_NAMES, classify, standard_line
from crawler.extract.sections import Section, find, innermost
from crawler.sample.compose import compose
from crawler.sample.programme import Plan, plans

from .pages import SHARED
from .test_outline import PIECES

SEEDS = SHARED / "seeds"
HEADINGS = list(csv.DictReader((Path(__file__).parent / "headings.csv").open(encoding="utf-8")))


def parts_of(text: str) -> list[tuple[int, ...]]:
    return [section.parts for section in find(text).sections]


def test_the_list_of_headings_is_whole() -> None:
    assert {int(row["case"]) for row in HEADINGS} == set(range(1, 61))


@pytest.mark.parametrize("row", HEADINGS, ids=[f"{row['case']} {row['heading'][:12]}" for row in HEADINGS])
def test_headings_met_in_print(row: dict[str, str]) -> None:
    heading = row["heading"].replace("\\n", "\n")
    verdict = classify(heading)
    assert verdict.parts == tuple(int(part) for part in row["parts"].split())
    assert verdict.thematic == bool(row["thematic"])
    in_text = find(f"前言若干，现报告如下。\n{row['number'] or '一、'}{heading}\n正文若干。\n")
    assert [section.parts for section in in_text.sections] == [verdict.parts]


@pytest.mark.parametrize(
    ("heading", "parts"),
    [
        ("2026年工作安排", (4,)),
        ("2026年重点工作", (4,)),
        ("明年工作思路", (4,)),
        ("来年工作计划", (4,)),
        ("下步工作打算", (4,)),
        ("今后努力方向", (4,)),
        ("“十五五”开局之年工作打算", (4,)),
        ("面临的困难与挑战", (2,)),
        ("问题与不足", (2,)),
        ("薄弱环节", (2,)),
        ("工作开展情况及存在的问题", (1, 2)),
        ("2025年工作总结和2026年工作计划", (1, 4)),
        ("存在的不足及下年度工作打算", (2, 4)),
        ("其它需要说明的事项", (5,)),
        ("党组书记、局长履行推进法治建设第一责任人职责情况", (3,)),
        ("主要负责同志履职情况", (3,)),
        ("主要举措和成效及党政主要负责人履行第一责任人职责情况", (1, 3)),
        ("履行第一责任人职责的主要举措", (3,)),
        ("意见建议", ()),
        ("", ()),
    ],
)
def test_other_wordings(heading: str, parts: tuple[int, ...]) -> None:
    assert classify(heading).parts == parts


@pytest.mark.parametrize(
    "heading",
    [
        "坚持问题导向，着力解决突出问题",
        "突出工作重点，确保执法实效",
        "创新工作思路，打造特色品牌",
        "优化工作安排，提升服务效能",
        "健全矛盾纠纷化解机制，维护社会和谐稳定",
        "依法全面履行政府职能",
        "行政权力制约和监督体系日益健全",
        "党建引领法治建设",
    ],
)
def test_themes_are_the_work_done(heading: str) -> None:
    verdict = classify(heading)
    assert verdict.parts == (1,)
    assert verdict.thematic


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("推进法治政府建设的主要举措和成效", True),
        ("存在的不足和原因", True),
        ("下一年度推进法治政府建设的主要安排", True),
        ("其他需要报告的情况", True),
        ("党政主要负责人履行推进法治建设第一责任人职责情况", True),
        ("柳林镇2023年法治政府建设情况报告", False),
        ("2023年度法治政府建设工作情况", False),
        ("关于推进法治政府建设的主要举措和成效", False),
        ("存在的问题已经全部整改。", False),
        ("现将主要举措和成效报告如下", False),
        ("附件：存在问题清单", False),
        ("青河县柳林镇人民政府", False),
    ],
)
def test_lines_without_a_number(line: str, expected: bool) -> None:
    assert standard_line(line) is expected


EXPECTED = {
    "000_qingyuan_2023": [
        ((1,), "", "推进法治政府建设的主要举措和成效", None),
        ((2,), "二、", "推进法治政府建设存在的不足和原因", None),
        ((3,), "三、", "党政主要负责人履行推进法治政府建设第一责任人情况", None),
        ((4,), "四、", "下一年度推进法治政府建设的主要安排", None),
        ((5,), "五、", "其他需要报告的情况", None),
    ],
    "001_huaxin_2022": [
        ((1,), "一、", "工作情况", None),
        ((3,), "(二)", "抓住“关键少数”,推动党政主要负责人履行法治建设第一责任人职责", 0),
        ((2, 4), "二、", "存在问题及下一步工作举措", None),
        ((2,), "(一)", "存在问题", 2),
        ((4,), "(二)", "下一步工作举措", 2),
    ],
    "002_yangcun_2024": [
        ((1,), "一、", "2024年度推进法治政府建设的主要举措和成效", None),
        ((2,), "二、", "2024年度推进法治政府建设存在的不足和原因", None),
        ((3,), "三、", "2024年度党政主要负责人履行推进法治建设第一责任人职责", None),
        ((4,), "四、", "下一步打算", None),
    ],
    "003_xiguan_2023": [
        ((3,), "一、", "党政主要负责人履行推进法治建设第一责任人职责，加强法治政府建设的有关情况", None),
        ((1,), "二、", "推进法治政府建设的主要举措和成效", None),
        ((2,), "三、", "推进法治政府建设存在的不足、原因和问题整改情况", None),
        ((4,), "四、", "下一年度推进法治政府建设的初步安排", None),
    ],
    "004_haitangxi_2023": [
        ((1,), "一、", "2023年推进法治政府建设的主要举措和成效", None),
        ((3,), "二、", "2023年党政主要负责人履行法治建设第一责任人职责，加强法治政府建设有关情况", None),
        ((2,), "三、", "2023年推进法治政府建设存在的不足和原因", None),
        ((4,), "四、", "2024年推进法治政府建设的工作思路目标举措", None),
        ((5,), "五、", "其他需要报告的情况", None),
    ],
}


@pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds is not here")
@pytest.mark.parametrize("name", EXPECTED)
def test_the_real_reports(name: str) -> None:
    text = (SEEDS / f"{name}.txt").read_text(encoding="utf-8")
    found = find(text)
    assert [(s.parts, s.number, s.heading, s.parent) for s in found.sections] == EXPECTED[name]
    said = {part for parts, *_ in EXPECTED[name] for part in parts}
    assert found.missing == tuple(sorted(set(PART_NAMES) - said))
    for section in found.sections:
        assert text[section.start : section.end].startswith(section.number or section.heading)
    assert "抄报" not in text[found.sections[-1].start : found.sections[-1].end]


ORDERS = {"five": (1, 2, 3, 4, 5), "duty-first": (3, 1, 2, 4, 5), "duty-second": (1, 3, 2, 4, 5)}


def expected_of(plan: Plan, headings: list[str]) -> list[tuple[tuple[int, ...], int | None]]:
    """What the sample portal's own programme says about a report's parts."""
    match plan.shape:
        case "three":
            return [((1,), None), ((3,), 0), ((2, 4), None), ((2,), 2), ((4,), 2)]
        case "thematic":
            return [((1,), None)] * (len(headings) - 3) + [((part,), None) for part in (3, 2, 4)]
        case order:
            return [((part,), None) for part in ORDERS[order][: len(headings)]]


@pytest.mark.parametrize("plan", plans(0), ids=lambda plan: plan.title)
def test_the_sample_reports(plan: Plan) -> None:
    lines = compose(plan)
    text = "\n".join(line.text for line in lines)
    headings = [line.text for line in lines if line.role == "heading" and line.text != "改进情况"]
    found = find(text)
    assert [(s.parts, s.parent) for s in found.sections] == expected_of(plan, headings)
    outer = [section for section in found.sections if section.parent is None]
    for section, heading in zip(outer, headings, strict=True):
        assert text[section.start :].startswith(heading)
        assert section.level == 1
        assert section.thematic == (plan.shape == "thematic" and section.parts == (1,))
    closing = [line.text for line in lines if line.role == "closing"]
    last = text[outer[-1].start : outer[-1].end].split("\n")
    assert not set(closing) & set(last)
    assert [text[a.end : b.start].strip() for a, b in pairwise(outer)] == [""] * (len(outer) - 1)


def test_half_width_and_broken_numbers() -> None:
    text = "一,工作情况\n一)加强领导。全年开会3次。\n二)认真落实第一责任人职责。亲自部署。\n二,存在问题\n三,下步打算\n"
    assert parts_of(text) == [(1,), (3,), (2,), (4,)]


def test_heading_and_text_in_one_line() -> None:
    text = "一、主要举措和成效。全年开展检查3次。\n二、存在的不足和原因：人手偏少。\n三、其他需要报告的情况：无。\n"
    found = find(text)
    assert [s.heading for s in found.sections] == ["主要举措和成效", "存在的不足和原因", "其他需要报告的情况"]
    assert text[found.sections[2].text_start : found.sections[2].end] == "：无。"


def test_reports_without_any_number() -> None:
    text = "主要举措和成效\n（一）健全制度\n全年修订办法。\n存在的不足和原因\n人手偏少。\n2026年工作安排\n加强培训。\n"
    assert parts_of(text) == [(1,), (2,), (4,)]
    assert find(text).missing == (3, 5)


def test_parts_numbered_with_brackets_only() -> None:
    text = "（一）主要举措和成效\n1.学法。\n（二）存在的不足和原因\n1.人手少。\n（三）下一年度主要安排\n1.培训。\n"
    assert [(s.parts, s.level) for s in find(text).sections] == [((1,), 1), ((2,), 1), ((4,), 1)]


def test_merged_without_subheadings() -> None:
    text = "一、工作情况\n工作扎实。\n二、存在问题及下一步打算\n一是人手少。二是要加强培训。\n"
    found = find(text)
    assert [s.parts for s in found.sections] == [(1,), (2, 4)]
    assert found.missing == (3, 5)


def test_remedies_stand_for_plans_only_where_there_are_none() -> None:
    alone = "一、工作情况\n扎实。\n二、存在问题及整改措施\n人手少。\n"
    beside = alone + "三、下一步打算\n培训。\n"
    assert parts_of(alone) == [(1,), (2, 4)]
    assert parts_of(beside) == [(1,), (2,), (4,)]


def test_parts_two_and_four_nested_in_the_first() -> None:
    text = "一、法治政府建设工作情况\n（一）主要做法\n扎实。\n（二）存在的问题和不足\n人手少。\n（三）下一步工作打算\n培训。\n"
    assert [(s.parts, s.parent) for s in find(text).sections] == [((1,), None), ((2,), 0), ((4,), 0)]


def test_a_second_run_of_numbers_belongs_to_the_part_above() -> None:
    text = (
        "一、主要举措和成效\n一、强化领导，夯实基础\n甲。\n二、规范执法，维护秩序\n乙。\n"
        "二、存在的不足和原因\n丙。\n三、下一年度主要安排\n一、加强学习，提高素质\n丁。\n二、从严执法，改进作风\n戊。\n"
    )
    found = find(text)
    assert [s.parts for s in found.sections] == [(1,), (2,), (4,)]
    assert text[found.sections[0].start : found.sections[0].end].endswith("乙。")
    assert text[found.sections[2].start : found.sections[2].end].endswith("戊。")


def test_a_duty_part_of_its_own_leaves_the_nested_one_to_its_part() -> None:
    text = (
        "一、主要举措和成效\n（一）压实第一责任人职责\n甲。\n二、党政主要负责人履行第一责任人职责情况\n乙。\n"
    )
    assert parts_of(text) == [(1,), (3,)]


def test_problems_among_the_points_of_a_part_are_no_section() -> None:
    text = "一、工作情况\n甲。\n二、存在的不足\n（一）第一责任人职责落实不够\n（二）普法工作开展情况不理想\n三、下一步打算\n乙。\n"
    found = find(text)
    assert [s.parts for s in found.sections] == [(1,), (2,), (4,)]


def test_the_signature_belongs_to_no_part() -> None:
    text = "一、工作情况\n甲。\n五、其他需要报告的情况\n无。\n中共青河县柳林镇委员会\n青河县柳林镇人民政府\n2024年1月18日\n抄报：县委依法治县办\n"
    last = find(text).sections[-1]
    assert text[last.start : last.end] == "五、其他需要报告的情况\n无。"


def test_a_part_without_heading_is_missing_and_hinted_at() -> None:
    text = (
        "一、强化领导，夯实基础\n甲。\n二、规范执法，提升水平\n乙。\n"
        "一年来工作虽有进步，但仍存在一些问题和不足，主要是人手少。\n下一步，我镇将继续加强培训。\n"
    )
    found = find(text)
    assert found.missing == (2, 3, 4, 5)
    assert [warning[:6] for warning in found.warnings] == ["part 2", "part 4"]


def test_text_without_headings() -> None:
    found = find("全镇工作扎实推进。")
    assert found.sections == ()
    assert found.missing == (1, 2, 3, 4, 5)


def test_innermost() -> None:
    text = (
        "前言\n一、工作情况\n（一）认真落实第一责任人职责\n甲。\n（二）规范执法\n乙。\n二、存在问题\n丙。\n"
    )
    sections = find(text).sections

    def at(word: str) -> Section | None:
        return innermost(sections, text.index(word))

    assert at("前言") is None
    assert [section and section.parts for section in map(at, "甲乙丙")] == [(3,), (1,), (2,)]


@given(st.one_of(st.text(), st.lists(PIECES, max_size=50).map("".join)))
def test_any_text_has_sections(text: str) -> None:
    found = find(text)
    assert found == find(text)
    assert sorted({part for s in found.sections for part in s.parts} | set(found.missing)) == [1, 2, 3, 4, 5]
    for index, section in enumerate(found.sections):
        assert 0 <= section.start <= section.text_start <= section.end <= len(text)
        assert text[section.start : section.end].startswith(section.number)
        if index:
            assert found.sections[index - 1].start < section.start
        if section.parent is not None:
            parent = found.sections[section.parent]
            assert section.parent < index
            assert parent.start < section.start < section.end <= parent.end
        for other in found.sections[:index]:
            assert other.end <= section.start or section.end <= other.end


@pytest.mark.parametrize(
    "text",
    [
        "一、工作情况\n" * 5_000,
        "，一是" * 20_000,
        "一、" * 50_000,
        "存在的问题和不足情况\n" * 5_000,
        "(" * 200_000,
        "一" * 200_000,
    ],
    ids=["headings", "points", "numbers", "lines", "brackets", "numerals"],
)
@pytest.mark.timeout(10)
def test_hostile_texts_take_no_long_time(text: str) -> None:
    assert len(find(text).warnings) <= 20


def test_what_is_too_long_is_said() -> None:
    long = find("一、工作情况\n" * 6_000)
    assert len(long.outline) == 5_000
    assert long.warnings[0].startswith("too long for a report")
    assert find("一、工作情况\n").warnings == ()
