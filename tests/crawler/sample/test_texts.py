"""What the sample reports read like."""

import itertools
import re
from datetime import date
from pathlib import Path

import pytest

from crawler.sample.bodies import BODIES
from crawler.sample.compose import compose
from crawler.sample.portal import near_misses, reports
from crawler.sample.programme import plans

SEEDS = Path(__file__).parents[3] / ".." / "shared" / "seeds"
YEARS = (0, 1, 2, 4)


def shingles(text: str, size: int = 8) -> set[str]:
    folded = re.sub(r"\s", "", text)
    return {folded[n : n + size] for n in range(len(folded) - size + 1)}


@pytest.mark.parametrize("year", YEARS)
def test_nothing_of_the_stock_language_is_left(year):
    for report in reports(year):
        assert not re.search(r"[\[\]{}<>|]|None|。。|，，|，。|；。|：。", report.text), report.title
        assert not re.search(r"[\[\]{}<>|]", report.title)


@pytest.mark.parametrize("year", YEARS)
def test_lengths(year):
    lengths = [len(report.text) for report in reports(year)]
    assert min(lengths) >= 2_500
    assert max(lengths) <= 7_000


def test_no_two_reports_share_most_of_their_text():
    prints = {(report.publisher, report.report_year): shingles(report.text) for report in reports(2)}
    worst = max(
        (len(one & other) / min(len(one), len(other)), first, second)
        for (first, one), (second, other) in itertools.combinations(prints.items(), 2)
    )
    assert worst[0] <= 0.60, worst


def test_no_sentence_of_a_seed_is_copied():
    if not SEEDS.is_dir():
        pytest.skip("the seed reports are not beside this checkout")
    seeds = re.sub(
        r"[ \t\u3000]", "", "\n".join(path.read_text(encoding="utf-8") for path in SEEDS.glob("*.txt"))
    )
    seeds = (
        seeds.replace(",", "，").replace(";", "；").replace(":", "：").replace("(", "（").replace(")", "）")
    )
    # Headings are prescribed and everybody's; clauses of running text are somebody's.
    clauses = {clause for clause in re.findall(r"[^。；，：\n]+(?=[。；，])", seeds) if len(clause) >= 16}
    clauses = {clause for clause in clauses if "第一责任人" not in clause}
    assert len(clauses) > 100
    for report in reports(1):
        own = set(re.findall(r"[^。；，：\n]+", report.text.replace(",", "，")))
        assert not own & clauses, report.title


def test_every_variety_of_structure_occurs():
    base = plans(0)
    assert {plan.shape for plan in base} == {"five", "duty-first", "duty-second", "three", "thematic"}
    assert {plan.numbering for plan in base} == {"inline", "own-lines", "run-in", "half-width"}
    assert {plan.published.month for plan in base} >= {1, 2, 3, 12}
    texts = [report.text for report in reports()]
    assert any(text.endswith("日") for text in texts), "signed with a date"
    assert any(not re.search(r"日$", text) for text in texts), "without signature"
    assert any("抄报：" in text for text in texts)
    assert any(re.search(r"^区委、区政府：$", text, re.MULTILINE) for text in texts)
    assert sum(bool(re.search(r"现将.{0,40}(报告|汇报)如下[：:]", text)) for text in texts) == len(texts)


def test_the_parts_stand_in_the_order_of_the_shape():
    marks = {"five": "1234", "duty-first": "3124", "duty-second": "1324"}
    # By telling words of the printed headings, not by the code that wrote them.
    telling = {"1": "举措|主要工作|开展情况", "2": "不足|问题", "3": "第一责任人", "4": "下一|思路|主要安排"}
    for plan in plans(1):
        if plan.shape not in marks or plan.bare_first_heading or plan.broken_heading:
            continue
        headings = [line.text for line in compose(plan) if line.role == "heading"]
        order = "".join(
            next(n for n in "3241" if re.search(telling[n], heading))
            for heading in headings
            if "其他" not in heading
        )
        assert order == marks[plan.shape], headings


def test_the_signature_precedes_the_publication():
    for report in reports(2):
        signed = re.search(r"^(\d{4})年(\d{1,2})月(\d{1,2})日$", report.text, re.MULTILINE)
        if signed:
            day = date(*map(int, signed.groups()))
            assert 0 < (report.published - day).days <= 20, report.title


def test_the_year_can_be_told():
    for report in reports(2):
        assert f"{report.report_year}年" in report.text
    titles = [report.title for report in reports() if str(report.report_year) not in report.title]
    assert titles == ["兰汀区东岭镇人民政府关于法治政府建设的情况报告"]


def test_own_affairs_are_told_by_their_own_body_only():
    for report in reports(1):
        own = {body.name for body in BODIES if body.grassroots and body.name in report.text}
        if report.publisher.endswith(("街道", "镇", "乡")):
            assert own == {report.publisher}


def test_neighbours_are_filled_in():
    for miss in near_misses(2):
        assert not re.search(r"[\[\]{}<>|]", miss.title)
        assert miss.expected in ("no", "unsure")
