"""The report year: who votes, and who wins where they disagree."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.year import vote

SEEDS = Path(__file__).parents[2] / ".." / "shared" / "seeds"


@pytest.mark.parametrize(
    ("case", "year"),
    [
        ({"titles": ["云岭镇2023年度法治政府建设情况报告"]}, 2023),
        ({"titles": ["云岭镇二〇二三年度法治政府建设情况报告"]}, 2023),
        ({"titles": ["云岭镇关于2022年法治工作情况暨2023年工作要点的报告"]}, 2022),
        ({"published": date(2024, 2, 9)}, 2023),
        ({"published": date(2024, 12, 20)}, 2024),
        ({"signed": date(2024, 12, 18)}, 2024),
        ({"signed": date(2025, 1, 10)}, 2024),
        ({"text": "云岭镇人民政府\n2024年12月18日"}, 2024),
        ({"text": "云岭镇人民政府\n二〇二四年一月八日"}, 2023),
        ({"text": "云岭镇人民政府\n2024-01-08"}, 2023),
        ({"url": "https://www.example.gov.cn/a/202403/t20240328_1.html"}, 2023),
        ({"url": "https://www.example.gov.cn/art/2023/2/21/art_1_2.html"}, 2022),
        ({"url": "https://www.example.gov.cn/c/2026-02-03/7104348.shtml"}, 2025),
        ({"text": "2023年,云岭镇推进法治政府建设。现将有关情况报告如下:\n一、工作情况"}, 2023),
        ({"text": "现将我镇2022年度法治政府建设情况报告如下:"}, 2022),
        ({"text": "现将上一年度法治政府建设情况报告如下:", "published": date(2023, 3, 1)}, 2022),
        ({"text": "一、主要举措\n甲。\n四、2024年推进法治政府建设的主要安排\n乙。"}, 2023),
    ],
)
def test_each_place_can_say_the_year(case: dict[str, Any], year: int) -> None:
    found = vote(**case)
    assert found.year == year, found.votes
    assert 0 < found.confidence <= 1
    assert any(ballot.year == year for ballot in found.votes)


def test_nobody_votes() -> None:
    found = vote(
        titles=["关于法治政府建设情况的报告"],
        text="一、工作情况\n甲。",
        url="https://www.example.gov.cn/t_14492337.html",
    )
    assert (found.year, found.confidence, found.votes) == (None, 0.0, ())


def test_a_heading_copied_from_last_year_does_not_win() -> None:
    found = vote(
        titles=["北坡街道办事处2025年法治政府建设年度报告"],
        text="一、2024年法治政府建设基本情况\n甲。\n二、存在的问题\n乙。",
        published=date(2026, 2, 3),
    )
    assert found.year == 2025
    assert found.confidence < 1


def test_a_title_with_the_year_of_publication_is_outvoted_by_the_text() -> None:
    found = vote(
        titles=["云岭镇2024年法治政府建设情况报告"],
        text="2023年,云岭镇推进法治政府建设。现将2023年法治政府建设情况报告如下:\n"
        "一、2023年主要举措和成效\n甲。\n二、2023年存在的不足\n乙。\n三、2024年工作安排\n丙。\n云岭镇人民政府\n2024年1月20日",
        published=date(2024, 1, 22),
    )
    assert found.year == 2023


def test_next_years_plan_does_not_win() -> None:
    found = vote(
        text="现将有关情况报告如下:\n一、工作情况\n2023年全年办理案件8件。\n二、下一步工作打算\n"
        + "2024年,我镇将继续推进。2024年力争完成培训。2024年开展宣传。\n" * 5
        + "云岭镇人民政府\n2024年1月20日"
    )
    assert found.year == 2023


def test_years_of_outlines_and_document_numbers_do_not_vote() -> None:
    found = vote(
        text="我镇深入落实《法治政府建设实施纲要(2021—2025年)》和清委发〔2021〕33号文件。\n"
        "现将情况报告如下:\n一、工作情况\n2021-2025年规划稳步推进。",
        published=date(2024, 2, 1),
    )
    assert found.year == 2023
    assert {ballot.year for ballot in found.votes} == {2023}


def test_a_year_after_publication_is_impossible() -> None:
    found = vote(titles=["云岭镇2032年法治政府建设情况报告"], published=date(2024, 2, 1))
    assert found.year == 2023


def test_titles_in_the_text_count_as_titles_once() -> None:
    title = "云岭镇2023年度法治政府建设情况报告"
    found = vote(titles=[title, title + "_望江区人民政府"], text=title + "\n区委、区政府:")
    assert [ballot.where for ballot in found.votes] == ["title"]


@given(
    titles=st.lists(st.text(max_size=40), max_size=3),
    text=st.text(alphabet="2年03145法治一二、。\n现将如下《》-〔〕下年度计划", max_size=300),
    published=st.none() | st.dates(min_value=date(2005, 1, 1), max_value=date(2049, 12, 31)),
    url=st.none() | st.text(alphabet="/t2034567_.-", max_size=60),
)
def test_the_vote_adds_up(titles: list[str], text: str, published: date | None, url: str | None) -> None:
    found = vote(titles=titles, text=text, published=published, url=url)
    assert found == vote(titles=titles, text=text, published=published, url=url)
    assert 0 <= found.confidence <= 1
    assert (found.year is None) == (not found.votes)
    assert published is None or all(ballot.year <= published.year for ballot in found.votes)


@pytest.mark.parametrize(
    ("name", "year"), [("000", 2023), ("001", 2022), ("002", 2024), ("003", 2023), ("004", 2023)]
)
def test_the_seed_reports_without_their_title(name: str, year: int) -> None:
    if not SEEDS.is_dir():
        pytest.skip("../shared/seeds is absent")
    lines = next(SEEDS.glob(f"{name}_*.txt")).read_text(encoding="utf-8").splitlines()
    whole = vote(text="\n".join(lines))
    untitled = vote(text="\n".join(line for line in lines if "报告" not in line or len(line) > 60))
    assert (whole.year, untitled.year) == (year, year)
