"""Titles and texts: report, not a report, or not to be told."""

from __future__ import annotations

import csv
import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Verdict
from crawler.recognise import TitleVerdict, judge, judge_title, report_kind

HERE = Path(__file__).parent
SEEDS = HERE.parents[1] / ".." / "shared" / "seeds"

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
        "关于公布望江区2024年度法治政府建设情况报告的公告",
        "望江区2024年度法治政府建设情况报告公示",
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


# -- texts --------------------------------------------------------------------------------------

FILLER = (
    "我镇坚持依法决策，健全行政执法责任制，组织法律顾问审查合同，开展普法宣传，推进法治政府建设走深走实。"
)
REPORT_TEXT = (
    "2023年，云岭镇在区委、区政府领导下推进法治政府建设。现将有关情况报告如下：\n"
    "一、2023年推进法治政府建设的主要举措和成效\n" + FILLER * 5 + "\n"
    "二、存在的不足和原因\n" + FILLER * 2 + "\n"
    "三、党政主要负责人履行推进法治建设第一责任人职责情况\n" + FILLER * 2 + "\n"
    "四、下一年度主要安排\n" + FILLER * 2 + "\n云岭镇人民政府\n2024年1月20日"
)
THEMATIC_TEXT = (
    "一、坚持以法治思想引领执法\n"
    + FILLER * 4
    + "\n二、规范行政执法行为\n"
    + FILLER * 4
    + "\n三、深化普法\n"
    + FILLER * 4
)
NEWS_TEXT = (
    "近日，区长主持召开区政府常务会议，审议2023年度法治政府建设情况报告。会议强调，要深入推进依法行政。会议指出，"
    + "各部门要压实责任，提升法治思维，补齐短板弱项，以更高标准推进各项工作落地见效。" * 6
)
NOTICE_TEXT = (
    "各镇人民政府、街道办事处：\n请于2月15日前将本单位法治政府建设年度报告报送区司法局。"
    + "报告应当实事求是，突出重点，全面反映本地本部门推进法治政府建设的情况。" * 8
    + "\n特此通知。"
)
INTERPRETATION_TEXT = (
    "一、起草背景\n" + FILLER * 3 + "\n二、制定依据\n" + FILLER * 3 + "\n三、主要内容解读\n" + FILLER * 3
)
LIST_TEXT = "\n".join(
    f"云岭镇{year}年法治政府建设情况报告 {year + 1}-02-0{year % 9 + 1}" for year in range(2015, 2025)
)

REPORT_TITLE = judge_title("云岭镇2023年法治政府建设情况报告")
UNSURE_TITLE = judge_title("关于印发《云岭镇2023年法治政府建设情况报告》的通知")
STATE_TITLE = judge_title("云岭镇2023年法治工作情况")
COLUMN_TITLE = judge_title("法治政府建设年度报告")
REFUSED_TITLE = judge_title("《云岭镇2023年法治政府建设情况报告》解读")


@pytest.mark.parametrize(
    ("titles", "text", "verdict"),
    [
        ([REPORT_TITLE], REPORT_TEXT, Verdict.REPORT),
        ([REPORT_TITLE, COLUMN_TITLE], REPORT_TEXT, Verdict.REPORT),
        ([COLUMN_TITLE, REPORT_TITLE], THEMATIC_TEXT, Verdict.REPORT),
        ([REPORT_TITLE], "", Verdict.UNSURE),
        ([REPORT_TITLE], "点击下载附件：云岭镇2023年法治政府建设情况报告.pdf", Verdict.UNSURE),
        ([REPORT_TITLE], NEWS_TEXT, Verdict.UNSURE),
        ([REPORT_TITLE], INTERPRETATION_TEXT, Verdict.UNSURE),
        ([REPORT_TITLE], LIST_TEXT, Verdict.UNSURE),
        ([REPORT_TITLE], "今天天气很好，适合种树。" * 60, Verdict.UNSURE),
        ([REPORT_TITLE, REFUSED_TITLE], INTERPRETATION_TEXT, Verdict.NO),
        ([REPORT_TITLE, REFUSED_TITLE], REPORT_TEXT, Verdict.REPORT),
        ([UNSURE_TITLE], REPORT_TEXT, Verdict.REPORT),
        ([UNSURE_TITLE], NOTICE_TEXT, Verdict.NO),
        ([UNSURE_TITLE], NEWS_TEXT, Verdict.NO),
        ([UNSURE_TITLE], THEMATIC_TEXT, Verdict.UNSURE),
        ([UNSURE_TITLE], "", Verdict.UNSURE),
        ([UNSURE_TITLE], "今天天气很好，适合种树。" * 60, Verdict.NO),
        ([STATE_TITLE], THEMATIC_TEXT, Verdict.REPORT),
        ([STATE_TITLE], NEWS_TEXT, Verdict.NO),
        ([COLUMN_TITLE], REPORT_TEXT, Verdict.UNSURE),
        ([COLUMN_TITLE], LIST_TEXT, Verdict.NO),
        ([REFUSED_TITLE], REPORT_TEXT, Verdict.NO),
        ([], REPORT_TEXT, Verdict.UNSURE),
        ([], "", Verdict.NO),
    ],
)
def test_the_text_has_the_last_word(titles: list[TitleVerdict], text: str, verdict: Verdict) -> None:
    found = judge(titles, text)
    assert found.verdict is verdict, found.reason
    assert found.reason
    assert (found.kind is None) == (verdict is Verdict.NO)


def test_the_report_to_the_congress_is_another_kind() -> None:
    text = (
        "主任、各位副主任、各位委员：\n受市人民政府委托，现将2023年度法治政府建设情况报告如下，请予审议。\n"
        + REPORT_TEXT
    )
    title = "关于清河市2023年度法治政府建设情况的报告"
    assert report_kind(title, text) == "congress"
    assert judge([judge_title(title)], text).kind == "congress"
    assert report_kind(title, REPORT_TEXT) == "annual"


@given(
    st.lists(st.sampled_from([REPORT_TITLE, UNSURE_TITLE, COLUMN_TITLE, REFUSED_TITLE]), max_size=3),
    st.text(),
)
def test_any_text_gets_a_verdict(titles: list[TitleVerdict], text: str) -> None:
    assert judge(titles, text) == judge(titles, text)


@pytest.mark.parametrize("name", ["000", "001", "002", "003", "004"])
def test_the_seed_reports_confirm_their_titles(name: str) -> None:
    if not SEEDS.is_dir():
        pytest.skip("../shared/seeds is absent")
    text = next(SEEDS.glob(f"{name}_*.txt")).read_text(encoding="utf-8")
    assert judge([REPORT_TITLE], text).verdict is Verdict.REPORT
    assert judge([UNSURE_TITLE], text).verdict is Verdict.REPORT
