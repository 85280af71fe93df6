"""Titles: report, not a report, or not to be told."""

from __future__ import annotations

import csv
import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Verdict
from crawler.recognise import judge_title, report_kind

HERE = Path(__file__).parent

with (HERE / "titles.csv").open(encoding="utf-8", newline="") as handle:
    TITLES = [(row["title"], row["is_report"] == "1") for row in csv.DictReader(handle)]
REAL = [title for title, is_report in TITLES if is_report]
NEAR_MISSES = [title for title, is_report in TITLES if not is_report]


# -- the collected titles -----------------------------------------------------------------------


@pytest.mark.parametrize("title", REAL)
def test_real_titles_are_reports(title: str) -> None:
    assert judge_title(title).verdict is Verdict.REPORT


def test_the_collection_is_whole() -> None:
    assert (len(REAL), len(NEAR_MISSES)) == (59, 40)


def test_at_most_two_near_misses_are_taken() -> None:
    taken = [title for title in NEAR_MISSES if judge_title(title).verdict is Verdict.REPORT]
    assert len(taken) <= 2, taken


def test_a_real_title_without_a_year_is_a_report_of_no_stated_year() -> None:
    found = judge_title("大河乡人民政府关于法治政府建设的情况报告")
    assert (found.verdict, found.year) == (Verdict.REPORT, None)


# -- titles made by rule ------------------------------------------------------------------------

SUBJECTS = [
    "",
    "云岭镇",
    "云岭镇人民政府",
    "青山街道",
    "清河市望江区人民政府青山街道办事处",
    "中共望江区青山街道工作委员会 望江区人民政府青山街道办事处",
    "望江区",
    "清河市望江区人民政府",
    "区司法局",
    "望江区自然资源和规划局",
    "清河市市场监督管理局",
    "国家税务总局清河市望江区税务局",
    "布尔沁旗塔拉苏木",
    "望江经济技术开发区管委会",
]
YEARS = ["2021年", "2022年度", "二〇二三年度", " 2024 年", "２０２０年", "二○一九年"]
YEAR_OF = dict(zip(YEARS, [2021, 2022, 2023, 2024, 2020, 2019], strict=True))
HEADS = [
    "法治政府建设情况报告",
    "法治政府建设情况的报告",
    "法治政府建设年度报告",
    "法治政府建设年度情况报告",
    "法治政府建设工作报告",
    "法治政府建设工作情况的报告",
    "法治政府建设工作总结",
    "推进法治政府建设工作情况报告",
    "依法行政工作报告",
    "依法行政年度报告",
    "法治建设工作总结",
    "法治建设年度报告",
    "法治政府建设工作总结暨下一年度工作计划的报告",
    "法治政府建设情况和下一步工作安排的报告",
    "法治政府建设与普法依法治理工作总结",
]
DECORATIONS = [
    "{}",
    "1. {}",
    "【镇街】{}",
    "附件2：{}.pdf",
    "{}（公开版）",
    "{} 2025-03-28",
    "{}[2025-03-28 14:39]",
    "《{}》",
    "{}_望江区人民政府",
    "{}\u3000\u200b",
    "{}（望政发〔2025〕3号）",
]
VARIANTS = [
    (decoration.format(f"{subject}{'关于' if about else ''}{year}{head}"), YEAR_OF[year])
    for number, (subject, year, head) in enumerate(itertools.product(SUBJECTS, YEARS, HEADS))
    for about in [number % 2 == 1]
    for decoration in [DECORATIONS[number % len(DECORATIONS)]]
]


def test_enough_variants() -> None:
    assert len({title for title, _ in VARIANTS}) >= 1000


@pytest.mark.parametrize("head", HEADS)
def test_made_titles_are_reports_of_their_year(head: str) -> None:
    wrong = [
        (title, found.reason)
        for title, year in VARIANTS
        if head in title
        for found in [judge_title(title)]
        if (found.verdict, found.year) != (Verdict.REPORT, year)
    ]
    assert not wrong, wrong[:5]


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("平潭综合实验区社会事业局关于2022年法治工作情况暨2023年工作要点的报告", 2022),
        ("平潭综合实验区行政审批局2022年法治政府建设工作总结", 2022),
        ("望江区教育局2023年法治政府建设工作总结及2024年工作计划", 2023),
        ("云岭镇2023年度法治乡镇建设工作报告", 2023),
        ("望江区税务局2022年法治税务建设年度报告", 2022),
        ("市交通运输局2023年度法治交通建设工作报告", 2023),
        ("望江区2023年法制政府建设工作情况报告", 2023),
        ("望江區2023年度法治政府建設情況報告", 2023),
        ("法治政府建设情况报告（2022年度）", 2022),
        ("望江区2023法治政府建设年度报告", 2023),
        ("首页>政务公开>法治政府建设>望江区2023年度法治政府建设情况报告", 2023),
        ("关于2023年度法治政府建设暨党政主要负责人履行推进法治建设第一责任人职责情况的报告", 2023),
        ("中共望江区委全面依法治区委员会办公室关于2023年度法治政府建设情况的报告", 2023),
        (
            "望江区人民政府关于贯彻《法治政府建设实施纲要（2021—2025年）》推进2023年法治政府建设情况的报告",
            2023,
        ),
        ("望政发〔2024〕3号 望江区人民政府关于2023年度法治政府建设情况的报告", 2023),
        ("云岭镇关于2023年<br>法治政府建设情况的报告", 2023),
        ("2023年度法治政府建设和行政执法监督工作情况的报告", 2023),
    ],
)
def test_further_shapes_of_reports(title: str, year: int) -> None:
    found = judge_title(title)
    assert (found.verdict, found.year) == (Verdict.REPORT, year), found.reason


@pytest.mark.parametrize(
    "title",
    [
        "云岭镇2022年法治工作情况",
        "2022年度全面依法治县工作报告",
        "2022年度依法治市工作报告",
        "云岭镇2023年法治政府建设自查报告",
        "2023年法治政府建设工作情况汇报",
        "关于印发《云岭镇2024年度法治政府建设情况报告》的通知",
        "关于报送2023年度法治政府建设情况报告的函",
        "望江区人民政府关于提请审议2023年度法治政府建设情况的报告",
        "望江区2024年法治政府建设情况报告...",
        "清河市望江区人民政府关于2024年法治…",
        "清河市望江区人民政府青山街道办事处关于…",
        "关于法治政府建设情况的报告",
        "望江区法治政府建设年度报告",
        "2022-2023年度法治政府建设情况报告",
        "2023年贯彻落实《法治政府建设实施纲要（2021-2025年）》情况的报告",
        "望江区2023年度法治政府建设情况报告（征求意见稿）",
        "望江大学2022年法治工作年度报告",
        "2022年度报告（法治政府建设）",
        "法治望江建设2022年度工作报告",
    ],
)
def test_titles_that_cannot_be_told_are_kept_as_unsure(title: str) -> None:
    assert judge_title(title).verdict is Verdict.UNSURE


REFUSED = {
    "another yearly paper": [
        "{}2023年政府信息公开工作年度报告",
        "{}2023年度政府信息公开年报",
        "{}政府网站工作年度报表（2023年）",
    ],
    "about a report": [
        "《{}2023年度法治政府建设情况报告》解读",
        "【政策解读】{}2023年度法治政府建设情况报告",
        "一图读懂|{}2023年法治政府建设年度报告",
        "{}召开会议审议2023年法治政府建设情况报告",
        "市人大常委会听取和审议{}2023年度法治政府建设情况的报告",
        "{}关于做好2023年法治政府建设年度报告工作的通知",
        "{}多举措做好法治政府建设年度报告公开工作",
        "{}人大常委会关于2023年度法治政府建设情况报告的审议意见",
    ],
    "plans and rules": [
        "{}2024年法治政府建设工作要点",
        "{}2024年度法治政府建设工作计划",
        "{}关于2024年法治政府建设工作安排的报告",
        "{}关于印发2024年法治政府建设实施方案的通知",
        "{}法治政府建设指标体系",
        "{}法治政府建设实施意见",
    ],
    "other kinds of paper": [
        "{}2023年度党政主要负责人履行推进法治建设第一责任人职责情况报告",
        "{}主要负责人2023年述法报告",
        "{}法治政府建设白皮书（2023年）",
        "{}法治政府建设评估报告（2023）",
        "{}2023年法治政府建设示范创建工作情况报告",
        "{}法治政府建设督察反馈问题整改情况报告",
        "{}2023年普法依法治理工作总结",
        "{}2023年法治宣传教育工作总结",
        "{}2023年法治化营商环境建设情况报告",
    ],
    "not one year": [
        "{}2023年上半年法治政府建设工作总结",
        "{}2023年第三季度依法行政工作报告",
        "{}法治政府建设情况报告（2014-2019年）",
        "{}2020年至2023年法治政府建设情况报告",
        "{}五年法治政府建设工作情况报告",
    ],
    "no topic": [
        "{}2024年第一季度烟花爆竹“双随机”抽查情况",
        "{}2022年工作总结及2023年工作计划",
        "{}2024年粮食节约和反食品浪费工作总结",
        "{}2023年政府工作报告",
        "",
        "   ",
    ],
    "columns and templates": [
        "法治政府建设年度报告",
        "部门法治政府建设年度报告",
        "各街镇法治政府建设年度报告",
        "某县2023年度法治政府建设情况报告",
        "XX镇2023年度法治政府建设情况报告",
    ],
}


@pytest.mark.parametrize("family", REFUSED)
@pytest.mark.parametrize("subject", ["", "云岭镇", "清河市望江区人民政府", "区城市管理局"])
def test_near_misses_are_refused_with_a_reason(family: str, subject: str) -> None:
    for pattern in REFUSED[family]:
        found = judge_title(pattern.format(subject))
        assert found.verdict is Verdict.NO, (pattern.format(subject), found.reason)
        assert found.reason.startswith("refused: ")


@pytest.mark.parametrize(
    ("title", "column", "verdict"),
    [
        ("2023年度报告", "法治政府建设年度报告", Verdict.UNSURE),
        ("2023年度报告", "工作报告", Verdict.NO),
        ("法治政府建设情况报告", "法治政府建设年度报告", Verdict.UNSURE),
        ("法治政府建设年度报告", "法治政府建设年度报告", Verdict.NO),
        ("2023年度部门决算公开报告", "法治政府建设", Verdict.NO),
        ("区司法局", "法治政府建设", Verdict.NO),
    ],
)
def test_the_column_decides_about_titles_without_words(title: str, column: str, verdict: Verdict) -> None:
    assert judge_title(title, column=column).verdict is verdict


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("云岭镇2023年法治政府建设工作总结", "summary"),
        ("云岭镇关于2023年法治政府建设工作总结的报告", "annual"),
        ("云岭镇2023年法治政府建设工作总结及2024年工作计划", "summary"),
        ("云岭镇2023年法治政府建设年度报告", "annual"),
    ],
)
def test_kind_by_title(title: str, kind: str) -> None:
    assert judge_title(title).kind == kind
    assert report_kind(title, "") == kind


WORDS = [
    "法治政府建设",
    "依法行政",
    "2023年",
    "年度",
    "情况",
    "的",
    "报告",
    "工作",
    "总结",
    "关于",
    "《",
    "》",
    "印发",
]
WORDS += [
    "通知",
    "望江区",
    "和",
    "2024年工作计划",
    "…",
    "-",
    "_",
    "(",
    ")",
    "【",
    "】",
    "附件",
    "1.",
    ".pdf",
    "解读",
    "二〇",
]
TITLE_LIKE = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=14).map("".join))


@given(TITLE_LIKE)
def test_any_title_gets_one_verdict(title: str) -> None:
    found = judge_title(title)
    assert found == judge_title(title)
    assert found.reason
    assert found.year is None or 2000 <= found.year < 2050


@given(
    st.sampled_from([title for title, _ in TITLES]),
    st.lists(
        st.tuples(st.integers(0, 80), st.sampled_from([" ", "\u3000", "\n", "\t", "\xa0", "\u200b"])),
        max_size=6,
    ),
)
def test_white_space_changes_nothing(title: str, spaces: list[tuple[int, str]]) -> None:
    spaced = title
    for position, space in spaces:
        spaced = spaced[:position] + space + spaced[position:]
    assert judge_title(spaced) == judge_title("".join(title.split()))


@pytest.mark.parametrize(
    "unit", ["法治建设", "和工作计划", "(", "《", "依法治区", "20", "报告的", "a_b", "<br", "【】"]
)
def test_a_huge_title_costs_no_time(unit: str) -> None:
    started = time.process_time()
    judge_title(unit * 200_000)
    assert time.process_time() - started < 0.5
