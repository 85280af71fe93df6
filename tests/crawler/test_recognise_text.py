"""Titles and texts together: the text has the last word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Verdict
from crawler.recognise import TitleVerdict, judge, judge_title, report_kind
from tests.crawler.test_recognise import HERE

SEEDS = HERE.parents[1] / ".." / "shared" / "seeds"


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
