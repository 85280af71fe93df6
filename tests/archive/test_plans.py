"""Plans beside what the next report tells: which words are found again, which are not, what is new."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import schema
from archive.cli import main
from archive.database import writing
from archive.errors import UsageError
from archive.findings import Section
from archive.plans import MOST_SENTENCES, PLANS, WORK, Outcome, Sentence, compare, sentences
from archive.reader import Archive
from archive.records import PublisherRef
from tests.archive.builder import Crawl, extraction, section

FIRST = "\n".join(
    (
        "2024年法治政府建设情况如下。",
        "一、主要举措和成效",
        "全年开展法治培训四次，办理合法性审查三十件。",
        "二、下一年度工作安排",
        "（一）提升执法能力",
        "贯彻《重大行政决策程序暂行条例》，把重大行政决策事项全部纳入合法性审查；"
        "组织行政执法人员培训12次，执证上岗率达到100%。",
        "建设3个基层立法联系点。",
        "探索无人机巡查河道非法采砂。",
        "清河街道办事处",
    )
)
SECOND = "\n".join(
    (
        "2025年法治政府建设情况如下。",
        "一、主要举措和成效",
        "贯彻《重大行政决策程序暂行条例》，将18项重大行政决策事项纳入合法性审查。",
        "举办行政执法人员培训12次，参训三百人。",
        "人民调解委员会化解邻里纠纷四十件，司法所新增两名专职调解员。",
        "二、履行第一责任人职责",
        "党工委书记为基层立法联系点授牌，已建成3个基层立法联系点。",
        "三、下一年度工作安排",
        "继续加强普法宣传教育阵地建设。",
        "清河街道办事处",
    )
)


def report(crawl: Crawl, year: int, text: str, name: str = "清河街道", **given: object) -> int:
    """Records a report with its sections and returns its number."""
    sections = (
        (
            section(text, "一、", "主要举措和成效", "二、"),
            section(text, "二、", "下一年度工作安排", "清河街道办事处", parts=(4,)),
            section(text, "（一）", "提升执法能力", "清河街道办事处", parts=(), level=2, parent=1),
        )
        if text is FIRST
        else (
            section(text, "一、", "主要举措和成效", "二、"),
            section(text, "二、", "履行第一责任人职责", "三、", parts=(3,)),
            section(text, "三、", "下一年度工作安排", "清河街道办事处", parts=(4,)),
        )
        if text is SECOND
        else ()
    )
    values = {
        "title": f"{name}{year}年法治政府建设年度报告",
        "report_year": year,
        "publishers": (PublisherRef(name=name, level="street"),),
        "sections": sections,
        **given,
    }
    recorded = crawl.page(f"{name}-{year}.html", extraction(text, **values))
    assert recorded.report_id is not None
    return recorded.report_id


@pytest.fixture
def two_years(crawl: Crawl) -> tuple[int, int]:
    return report(crawl, 2024, FIRST), report(crawl, 2025, SECOND)


def test_plans_are_found_again_or_not(crawl: Crawl, two_years: tuple[int, int]) -> None:
    answer = Archive(crawl.engine).plans(two_years[0])
    assert (answer.year, answer.next_report_id, answer.why) == (2024, two_years[1], None)
    decided, training, contact, drones = answer.plans
    assert decided.outcome is Outcome.FOUND
    assert decided.matches[0].terms == ("《重大行政决策程序暂行条例》",)
    assert "合法性审查" in decided.matches[0].words
    assert training.outcome is Outcome.FOUND
    assert training.matches[0].terms == ("12次",)
    assert contact.outcome is Outcome.FOUND
    assert contact.matches[0].passage.part == 3  # what was done is told there too
    assert (drones.outcome, drones.matches) == (Outcome.NOT_FOUND, ())
    assert [sentence.text[:7] for sentence in answer.new] == ["人民调解委员会"]
    assert "not a judgement" in answer.note


def test_places_are_those_of_the_texts(crawl: Crawl, two_years: tuple[int, int]) -> None:
    archive = Archive(crawl.engine)
    answer = archive.plans(two_years[0])
    for plan in answer.plans:
        assert FIRST[plan.sentence.start : plan.sentence.end] == plan.sentence.text
        assert "提升执法能力" not in plan.sentence.text
        for match in plan.matches:
            assert SECOND[match.passage.start : match.passage.end] == match.passage.text
    for sentence in answer.new:
        assert SECOND[sentence.start : sentence.end] == sentence.text


def test_a_publisher_or_a_report_can_be_named(crawl: Crawl, two_years: tuple[int, int]) -> None:
    report(crawl, 2022, "二〇二二年的报告。" * 10)
    archive = Archive(crawl.engine)
    for who, year in (
        ("清河街道", None),
        ("清河街道", 2024),
        ("清河街道 2025", 2024),
        ("清河街道 2024", None),
    ):
        answer = archive.plans(who, year)
        assert (answer.report_id, answer.next_report_id) == two_years, (who, year)


WRONG = [
    ("清河", 2024, "names several publishers, name one: 清河街道; 清河镇"),
    ("清河街道", 2019, "no report on 2019 by 清河街道; years: 2024, 2025"),
    ("没有", None, "no report matches"),
    ("清河街道 2024", 2031, "no report on 2031"),
    ("", None, "name a report"),
    ("99999999999999999999", None, "there is no report"),
]


def test_wrong_questions_name_the_next_step(crawl: Crawl, two_years: tuple[int, int]) -> None:
    report(crawl, 2024, "清河镇的报告。" * 10, name="清河镇")
    archive = Archive(crawl.engine)
    for who, year, said in WRONG:
        with pytest.raises(UsageError, match=said):
            archive.plans(who, year)


def test_what_cannot_be_compared_says_why(crawl: Crawl, two_years: tuple[int, int]) -> None:
    archive = Archive(crawl.engine)
    last = archive.plans(two_years[1])
    assert (last.why, last.plans, last.new) == (
        "the archive has no report on 2026 by the same publisher",
        (),
        (),
    )
    third = report(crawl, 2026, "一份没有标题的报告。" * 10)
    assert archive.plans(two_years[1]).why == (
        f"no heading of report {third} announces what was done (part 1)"
    )
    report(crawl, 2027, SECOND + "。")
    assert archive.plans(third).why == f"no heading of report {third} announces its plans (part 4)"
    row = {"at": crawl.clock(), "by": "test", "reason": "names a child", "kind": "text"}
    gone = archive.report(two_years[1]).text_sha256
    with writing(crawl.engine) as connection:
        connection.execute(schema.redaction.insert(), {**row, "digest": gone})
    assert archive.plans(two_years[0]).why == "a text was withdrawn"


def test_a_joint_report_is_followed_by_the_publisher_s_own(crawl: Crawl) -> None:
    both = (PublisherRef(name="清河街道", level="street"), PublisherRef(name="东河街道", level="street"))
    first = report(crawl, 2024, FIRST)
    joint = crawl.page("joint.html", extraction(SECOND + "甲", report_year=2025, publishers=both)).report_id
    assert Archive(crawl.engine).plans(first).next_report_id == joint
    own = report(crawl, 2025, SECOND)
    assert Archive(crawl.engine).plans(first).next_report_id == own


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_command_tells_people_and_programs_the_same(
    crawl: Crawl, two_years: tuple[int, int], url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["plans", *arguments, "--db", url])
        assert not left.value.code
        captured = capsys.readouterr()
        return captured.out, captured.err

    out, err = run("清河街道")
    assert err == ""
    assert "a comparison of words, not a judgement" in out
    assert (
        "4 planned sentences: 3 found again, 0 found faintly, 1 not found again, 0 too general; 1 new" in out
    )
    answer = json.loads(run("清河街道", "--json")[0])
    assert [plan["outcome"] for plan in answer["plans"]] == [*["found again"] * 3, "not found again"]
    assert "not a judgement" in answer["note"]
    out, err = run(str(two_years[1]))
    assert (out, err) == ("", "archive: the archive has no report on 2026 by the same publisher\n")


# -- the comparison itself ------------------------------------------------------------------------


def plain(text: str, part: int = 1) -> Sentence:
    return Sentence(text=text, start=0, end=len(text), part=part, shared_heading=False)


WORDING = st.lists(
    st.sampled_from(
        ["行政执法", "人民调解", "普法", "《行政处罚法》", "12件", "2024年", "，", "推进", "\x1b", "a"]
    ),
    max_size=12,
).map("".join)


@given(st.lists(WORDING, max_size=6), st.lists(WORDING, max_size=6))
@settings(max_examples=80)
def test_scores_are_shares_and_nothing_is_lost(planned: list[str], done: list[str]) -> None:
    found = compare([plain(text, 4) for text in planned], [plain(text) for text in done])
    for plan in found.plans:
        assert 0 <= plan.score <= 1
        assert all(plan.score >= match.score > 0 for match in plan.matches)
        assert (plan.outcome in {Outcome.NOT_FOUND, Outcome.GENERAL}) == (not plan.matches)
    assert all(sentence.text in done for sentence in found.new)
    assert not found.cut


def test_the_same_sentence_scores_one_and_an_unrelated_one_nothing() -> None:
    same = compare(
        [plain("组织行政执法人员专题培训", 4)], [plain("组织行政执法人员专题培训"), plain("化解邻里纠纷矛盾")]
    )
    assert (same.plans[0].score, [sentence.text for sentence in same.new]) == (1.0, ["化解邻里纠纷矛盾"])


def test_a_plan_without_words_of_its_own_is_not_looked_for() -> None:
    [plan] = compare(
        [plain("进一步加强和推进各项工作落实", 4)], [plain("进一步加强和推进各项工作落实")]
    ).plans
    assert (plan.outcome, plan.score, plan.matches) == (Outcome.GENERAL, 0.0, ())


def test_words_across_the_borders_of_words_do_not_count() -> None:
    """深入学习 holds 入学, 法治学习 holds 治学: the segmenter's full mode names them."""
    planned = plain("深入学习宪法知识，组织法治学习研讨沙龙", 4)
    [plan] = compare([planned], [plain("适龄儿童入学报名治学严谨典型案例展览")]).plans
    assert plan.score == 0.0


def test_years_are_no_shared_numbers() -> None:
    [plan] = compare([plain("2024年完成河道巡查任务", 4)], [plain("2024年举办象棋比赛活动")]).plans
    assert plan.score == 0


def test_endless_texts_are_cut_and_that_is_said() -> None:
    many = [plain(f"第{number}项河道巡查任务") for number in range(MOST_SENTENCES + 1)]
    assert compare([plain("河道巡查任务", 4)], many).cut


def test_the_outermost_heading_decides() -> None:
    text = "四、打算\n（一）履行职责\n党工委书记带头学习宪法法律。\n全年化解矛盾纠纷百件以上。"

    def at(start: str, words: str, parts: tuple[int, ...], position: int) -> Section:
        begin = text.index(start)
        return Section(
            document_id=1,
            version=1,
            position=position,
            parts=parts,
            number=start,
            heading=words,
            level=position + 1,
            thematic=False,
            parent=None,
            start_offset=begin,
            text_offset=text.index(words) + len(words),
            end_offset=len(text),
            text="",
        )

    found = sentences(text, [at("四、", "打算", (2, 4), 0), at("（一）", "履行职责", (3,), 1)], (PLANS,))
    assert [sentence.text for sentence in found] == [
        "党工委书记带头学习宪法法律。",
        "全年化解矛盾纠纷百件以上。",
    ]
    assert all(sentence.shared_heading and sentence.part == PLANS for sentence in found)
    assert sentences(text, [at("四、", "打算", (2, 4), 0), at("（一）", "履行职责", (3,), 1)], WORK) == []
