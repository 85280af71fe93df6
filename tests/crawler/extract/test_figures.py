"""Counted facts: the table of the real reports, the traps, and precision on the sample portal's reports."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import sections
from crawler.extract.figure_rules import RULES
from crawler.extract.figures import MEASURES, Figure, find
from crawler.extract.numbers import UNITS
from crawler.sample import portal

from .pages import SHARED

SEEDS = SHARED / "seeds"
Cell = tuple[str, str]
Told = tuple[str, str, str]
"""Measure, value with unit, qualifier (= exact, + at least, ~ about)."""

TABLE: dict[str, dict[str, list[Told]]] = {
    "000_qingyuan_2023": {
        "执法检查": [("inspections", "818件", "=")],
        "行政处罚": [("penalties_simple", "2次", "="), ("penalties_ordinary", "18次", "=")],
        "专项执法": [
            ("campaigns", "20次", "="),
            ("joint_enforcement", "10次", "="),
            ("cross_area_enforcement", "3次", "="),
        ],
        "矛盾纠纷": [
            ("disputes_handled", "27件", "="),
            ("dispute_success_rate", "100%", "="),
            ("dispute_checks", "24次", "="),
            ("dispute_checks", "6次", "="),
            ("dispute_checks", "2次", "="),
            ("dispute_change", "-41.8%", "="),
        ],
        "普法活动": [
            ("publicity_events", "15次", "="),
            ("school_events", "2次", "="),
            ("law_helper_training", "6次", "="),
            ("reached", "100名", "+"),
            ("reached", "30000人", "+"),
        ],
        "中心组学法": [("study_sessions", "2次", "=")],
    },
    "001_huaxin_2022": {
        "执法检查": [("inspections", "100次", "+"), ("inspection_staff", "300人次", "=")],
        "行政处罚": [("penalties", "77起", "=")],
        "罚款": [("fines", "27100元", "=")],
        "专项执法": [("street_occupation", "1200次", "+"), ("illegal_construction", "1000处次", "+")],
        "复议诉讼": [("litigation", "0件", "goal"), ("reconsideration", "0件", "goal")],
        "普法活动": [("materials", "5000份", "+"), ("consultations", "160人次", "=")],
        "法律顾问": [
            ("adviser_duty", "30次", "="),
            ("adviser_duty", "15次", "="),
            ("adviser_reception", "50人次", "+"),
        ],
        "中心组学法": [("study_sessions", "2次", "=")],
    },
    "002_yangcun_2024": {
        "普法活动": [
            ("publicity_events", "16场", "="),
            ("materials", "8000份", "+"),
            ("reached", "100000人次", "+"),
        ],
        "法律顾问": [("adviser_opinions", "511件", "="), ("communities_with_adviser", "30个", "=")],
        "中心组学法": [("study_sessions", "7次", "=")],
        "12345等": [("hotline", "9232件", "=")],
    },
    "003_xiguan_2023": {
        "持证执法人员": [("licensed_staff", "12人", "=")],
        "矛盾纠纷": [
            ("disputes_found", "80件", "+"),
            ("disputes_found", "13件", "="),
            ("dispute_success_rate", "97%", "+"),
        ],
        "普法活动": [
            ("lectures", "10次", "="),
            ("reached", "1000人", "+"),
            ("publicity_events", "9次", "="),
            ("publicity_events", "10场", "+"),
        ],
        "文件": [
            ("documents_issued", "89件", "="),
            ("documents_issued", "28件", "="),
            ("documents_issued", "61件", "="),
            ("normative_documents", "0件", "="),
        ],
        "12345等": [("messages", "1200条", "+")],
    },
    "004_haitangxi_2023": {
        "行政处罚": [("penalties", "156件", "=")],
        "复议诉讼": [("reconsideration", "1件", "="), ("litigation", "2件", "=")],
        "持证执法人员": [("licensed_staff", "30人", "="), ("enforcement_training", "30人", "=")],
        "矛盾纠纷": [("disputes_resolved", "550件", "="), ("dispute_success_rate", "99%", "+")],
        "普法活动": [
            ("publicity_events", "20场", "="),
            ("materials", "6000份", "+"),
            ("lectures", "19场次", "="),
            ("consultations", "545人次", "="),
        ],
        "法律顾问": [
            ("legal_advisers", "2名", "="),
            ("adviser_decisions", "5次", "="),
            ("contracts_reviewed", "80份", "="),
            ("adviser_mediations", "8次", "="),
            ("adviser_resolved", "6件", "="),
        ],
        "中心组学法": [("lectures", "3次", "="), ("lectures", "5场", "="), ("lectures", "1场", "=")],
        "12345等": [
            ("platform_followers", "1715人", "="),
            ("legal_services", "2429次", "="),
            ("service_files", "602个", "="),
            ("law_helpers", "33名", "="),
        ],
    },
}
"""The cells with numbers of the table in facts/structure.md."""

# Right figures of the same reports that the table leaves out, read by a person.
BESIDE: dict[str, list[Told]] = {
    "000_qingyuan_2023": [
        ("special_study", "4次", "="),
        ("enforcement_training", "4次", "="),
        ("special_study", "3次", "="),
    ],
    "001_huaxin_2022": [("consultations", "30件", "=")],
    "002_yangcun_2024": [],
    "003_xiguan_2023": [("materials", "2000份", "+"), ("mediators", "22名", "=")],
    "004_haitangxi_2023": [
        ("adviser_opinions", "5次", "="),
        ("adviser_duty", "12次", "="),
        ("publicity_events", "12次", "="),
    ],
}
SIGNS = {"exact": "=", "at_least": "+", "about": "~", "at_most": "-"}


def told(figure: Figure) -> Told:
    sign = "goal" if figure.scope == "goal" else SIGNS[figure.qualifier]
    return figure.measure, f"{figure.value}{figure.unit}", sign


def read(text: str) -> list[Told]:
    return [told(figure) for figure in find(text)]


def of_seed(name: str) -> tuple[str, tuple[Figure, ...]]:
    text = (SEEDS / f"{name}.txt").read_text(encoding="utf-8")
    return text, find(text, sections.find(text).sections)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds is not here")
def test_the_table_of_the_real_reports() -> None:
    """At least nine cells in ten come back whole, and nothing is read that a person did not confirm."""
    cells = whole = 0
    wrong: list[tuple[str, Told]] = []
    for name, rows in TABLE.items():
        found = Counter(told(figure) for figure in of_seed(name)[1])
        for expected in rows.values():
            cells += 1
            whole += not Counter(expected) - found
        right = Counter(one for row in rows.values() for one in row) + Counter(BESIDE[name])
        wrong += [(name, one) for one in found - right]
    assert wrong == []
    assert cells == 31
    assert whole >= 0.9 * cells


@pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds is not here")
@pytest.mark.parametrize("name", TABLE)
def test_evidence_of_the_real_reports(name: str) -> None:
    text, found = of_seed(name)
    for figure in found:
        assert text[figure.sentence_start :].startswith(figure.sentence)
        assert (
            figure.sentence_start <= figure.start < figure.end <= figure.sentence_start + len(figure.sentence)
        )
        assert figure.parts in ((1,), (3,), (4,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全年共办理行政处罚案件12件，罚没款合计3.2万元。", [("penalties", "12件", "="), ("fines", "32000元", "=")]),
        ("对轻微违法行为提醒不罚20余件。", [("no_penalty", "20件", "+")]),
        ("现有行政执法人员45人，其中持有行政执法证的30人。", [("licensed_staff", "30人", "=")]),
        ("12名工作人员取得行政执法证。", [("licensed_staff", "12名", "=")]),
        ("共排查矛盾纠纷156件，成功化解152件，化解率97.4%。",
         [("disputes_found", "156件", "="), ("disputes_resolved", "152件", "="), ("dispute_success_rate", "97.4%", "=")]),
        ("审查各类文件1800余件，报备规范性文件35件。", [("documents_reviewed", "1800件", "+"), ("filings", "35件", "=")]),
        ("审查文件22件、合同协议81份，提出意见149条。", [("documents_reviewed", "22件", "="), ("contracts_reviewed", "81份", "=")]),
        ("完成合同审查136件次，同比增长23%。", [("contracts_reviewed", "136件次", "=")]),
        ("办理行政审批534件，收费22.77万元。", [("approvals", "534件", "="), ("fees", "227700元", "=")]),
        ("办理法律援助案件1312件，挽回经济损失2481.83万元。", [("legal_aid", "1312件", "="), ("losses_recovered", "24818300元", "=")]),
        ("先后开展联合执法检查行动五次、专项整治十余次。", [("joint_enforcement", "5次", "="), ("campaigns", "10次", "+")]),
        ("发放宣传资料两万余份，受教育群众近3万人次。", [("materials", "20000份", "+"), ("reached", "30000人次", "~")]),
        ("发 放 宣 传 资 料 300 余 份。", [("materials", "300份", "+")]),
        ("全年受理12345政务服务便民热线工单3215件，办结率100%。", [("hotline", "3215件", "=")]),
        ("法制审核36件。", [("legal_review_cases", "36件", "=")]),
        ("述法测评好评率99.7%。", [("approval_rating", "99.7%", "=")]),
        ("行政机关负责人出庭应诉3件，出庭应诉率百分之百。", [("court_appearances", "3件", "="), ("court_appearance_rate", "100%", "=")]),
        ("全年无行政复议、行政诉讼案件。", [("litigation", "0件", "="), ("reconsideration", "0件", "=")]),
        ("2023年实现了“零复议”。", [("reconsideration", "0件", "=")]),
        ("全年没有制发行政规范性文件。", [("normative_documents", "0件", "=")]),
    ],
)  # fmt: skip
def test_ways_of_printing(text: str, expected: list[Told]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "围绕“3·15”“4·15”“12.4”等节点开展宣传。",
        "贯彻“一规划两纲要”和“三项制度”，落实“八五”普法规划。",
        "推行132工作机制，实施四改一增，整治“七小”行业，深化“五减”改革。",
        "做好12345热线工作。",
        "根据〔2021〕33号文件，2023年12月18日前完成行政处罚案件清理。",
        "办理行政复议和行政诉讼案件共5件。",
        "行政复议、行政诉讼案件5件。",
        "开展法治宣传活动3-5次。",
        "开展法治宣传活动24+6+2次。",
        "每月开展法治宣传活动2次。",
        "如某村开展普法宣传活动1场，化解矛盾纠纷2件。",
        "某企业一年内接受行政检查12次。",
        "承接行政处罚事项96项，公示行政处罚信息320条。",
        "公开行政处罚案件12件。",
        "检查频次比上年减少百分之16。",
        "学习《关于办理行政处罚案件12件，罚款3万元的通报》。",
        "审查公约和合同59份。",
        "评选法治文化精品30件。",
        "全市法院受理一审行政诉讼案件1245件。",
        "新增持证执法人员5名。",
        "行政处罚案件较去年增加12件。",
        "梳理行政检查事项56项。",
        "对1件行政处罚案件进行了复核。",
        "行政复议案件由上年的12件下降到8件。",
        "全年未引发一起行政诉讼。",
        "无行政规范性文件制定权。",
        "召开一次会议，开展一场讲座。",
        "排查安全隐患30处，整改28处。",
        "法治建设经费充足。",
        "减免罚款3万元。",
    ],
)
def test_left_out(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "scope", "within", "year"),
    [
        ("2023年办理行政处罚案件25件。", "year", False, 2023),
        ("今年以来累计办理行政处罚案件25件。", "year", False, None),
        ("截至目前，共办理行政处罚案件25件。", "cumulative", False, None),
        ("截至2023年12月31日，办理行政处罚案件25件。", "cumulative", False, 2023),
        ("办案12件，其中行政处罚案件5件。", "year", True, None),
        ("办结案件12件（行政处罚案件5件）。", "year", True, None),
        ("计划2024年办理行政处罚案件25件。", "goal", False, 2024),
        ("按计划办理行政处罚案件25件。", "year", False, None),
        ("力争办理行政处罚案件25件。", "goal", False, None),
        ("聘请法律顾问2名。", "cumulative", False, None),
    ],
)
def test_scope(text: str, scope: str, within: bool, year: int | None) -> None:
    (figure,) = find(text)
    assert (figure.scope, figure.within, figure.named_year) == (scope, within, year)


def test_what_next_year_promises_is_no_count() -> None:
    text = "一、主要举措和成效\n全年开展普法宣传活动12场。\n二、下一年度主要安排\n开展普法宣传活动20场，做到“零诉讼”。\n"
    found = find(text, sections.find(text).sections)
    assert [(f.measure, int(f.value), f.scope, f.parts) for f in found] == [
        ("publicity_events", 12, "year", (1,)),
        ("publicity_events", 20, "goal", (4,)),
        ("litigation", 0, "goal", (4,)),
    ]


# What the sample portal's sentences say about a measure, read by patterns of their own. Every figure of the measure
# must come from one of them, and every one of them must be found.
N = r"(\d+(?:\.\d+)?)"
TRUTH: dict[str, list[str]] = {
    "reconsideration": [rf"为被申请人的行政复议案件{N}件", rf"(?:收到|新收)行政复议申请{N}件"],
    "litigation": [rf"发生行政诉讼案件{N}件", rf"为被告的行政诉讼案件{N}件", rf"代理区政府行政应诉案件{N}件"],
    "hotline": [rf"受理12345热线转办事项{N}件", rf"12345热线受理诉求{N}万件"],
    "disputes_found": [rf"全年排查各类矛盾纠纷{N}件", rf"劳务报酬纠纷{N}件"],
    "disputes_handled": [
        rf"调委会调解案件{N}余件",
        rf"调处(?:邻里)?纠纷{N}件",
        rf"调解收购价格纠纷{N}件",
    ],
    "disputes_resolved": [rf"成功化解{N}件", rf"化解涉疫纠纷{N}起"],
    "penalties_simple": [rf"办理简易程序案件{N}起"],
    "contracts_reviewed": [rf"合同协议{N}份"],
    "documents_reviewed": [rf"审查文件{N}件", rf"开展合法性审查{N}件"],
    "licensed_staff": [rf"现有持证执法人员{N}名"],
    "mediators": [rf"专兼职调解员{N}名"],
    "fines": [rf"罚没款(?:总额为)?{N}万元", rf"罚款{N}万元"],
    "funding": [rf"安排专项经费{N}万元"],
    "adviser_opinions": [rf"出具(?:书面|法律)意见{N}余?份"],
    "proposals": [rf"(?:代表建议|委员提案|政协提案){N}余?件"],
    "court_appearances": [rf"负责人出庭应诉{N}次"],
    "meetings": [rf"召开法治建设专题会议{N}次", rf"研究法治议题{N}次"],
    "disclosed_information": [rf"公开各类信息{N}条", rf"主动公开政府信息{N}万条"],
    "petitions": [rf"办[理结]信访事项{N}余?件"],
    "inspection_staff": [rf"出动执法人员{N}余人次"],
    "campaigns": [rf"专项检查{N}次", rf"网络售药专项整治{N}次"],
    "school_events": [rf"法治副校长进校园授课{N}次"],
    "law_helpers": [rf"“法律明白人”{N}名", rf"“法律明白人”总数达到{N}余?名"],
}


@pytest.mark.parametrize("measure", TRUTH)
def test_precision_on_the_sample_reports(measure: str) -> None:
    seen = 0
    for report in portal.reports():
        text = report.text
        spots = {m.start(1): m for pattern in TRUTH[measure] for m in re.finditer(pattern, text)}
        found = {
            f.start: f for f in find(text, sections.find(text).sections) if f.measure == measure and f.value
        }
        assert set(found) == set(spots), report.title
        for start, figure in found.items():
            scale = 10_000 if text[spots[start].end(1)] == "万" else 1
            assert figure.value == Decimal(spots[start][1]) * scale
        seen += len(found)
    assert seen >= 2


def test_sample_goals_and_counts_are_apart() -> None:
    for report in portal.reports():
        for figure in find(report.text, sections.find(report.text).sections):
            assert (figure.scope == "goal") == (figure.parts == (4,)), (report.title, figure.sentence)


def test_every_measure_can_be_read() -> None:
    """The vocabulary and the rules cover each other, and rules name only units that are read."""
    assert {rule.measure for rule in RULES} == set(MEASURES)
    assert all(rule.near or rule.behind for rule in RULES)
    assert {unit for rule in RULES for unit in rule.units} <= set(UNITS)
    assert len({measure.name for measure in MEASURES.values()}) == len(MEASURES)


def test_the_docs_name_every_measure() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reading.md").read_text(encoding="utf-8")
    for measure in MEASURES.values():
        assert f"| `{measure.key}` | {measure.name} |" in page


WIDE = str.maketrans("0123456789%,:;()", "０１２３４５６７８９％，：；（）")


def test_width_does_not_matter() -> None:
    text = next(report.text for report in portal.reports() if "," in report.text)
    half = [(f.measure, f.value, f.qualifier, f.scope, f.start) for f in find(text)]
    full = [(f.measure, f.value, f.qualifier, f.scope, f.start) for f in find(text.translate(WIDE))]
    assert len(half) > 10
    assert half == full


PIECES = st.sampled_from(
    [
        "行政处罚案件", "罚款", "执法检查", "共", "累计", "截至目前", "12", "3.2万", "两万余", "近", "约", "97", "件", "元", "%", "以上", "次", "人次", "，",
        "、", "。", "；", "（", "）", "《", "》", "\n", "如", "每", "力争", "零诉讼", "法律顾问", "2名", "矛盾纠纷同比下降", "化解率", "2023年", "其中", "\x00", " ",
    ]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text_is_read(text: str) -> None:
    parts = sections.find(text).sections
    found = find(text, parts)
    assert found == find(text, parts)
    last = 0
    for figure in found:
        assert figure.measure in MEASURES
        assert last <= figure.start < figure.end <= len(text)
        assert text[figure.sentence_start :].startswith(figure.sentence)
        assert figure.value >= 0 or figure.measure == "dispute_change"
        last = figure.start


@pytest.mark.parametrize(
    "text",
    ["9" * 200_000, "一" * 200_000, "开展执法检查3次,行政处罚" * 5_000, "行政处罚3件" * 10_000, "百分之" * 50_000, "《" * 100_000, "一、工作情况执法检查3次\n" * 5_000],
    ids=["digits", "numerals", "one sentence", "no stop", "percent", "titles", "sections"],
)  # fmt: skip
@pytest.mark.timeout(10)
def test_hostile_texts_take_no_long_time(text: str) -> None:
    assert len(find(text, sections.find(text).sections)) <= 10_000
