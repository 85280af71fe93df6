"""Titles written by hand after what bodies call the report, and near misses of the same words."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from archive.records import Verdict
from crawler.recognise import judge_title

with (Path(__file__).parent / "titles_written.csv").open(encoding="utf-8", newline="") as handle:
    WRITTEN = [(row["title"], row["is_report"] == "1") for row in csv.DictReader(handle)]
REPORTS = [title for title, is_report in WRITTEN if is_report]
OTHERS = [title for title, is_report in WRITTEN if not is_report]


def test_both_halves_are_there() -> None:
    assert (len(REPORTS), len(OTHERS)) == (348, 347)


def test_reports_are_recognised_by_their_title_alone() -> None:
    missed = [title for title in REPORTS if judge_title(title).verdict is not Verdict.REPORT]
    assert len(missed) <= len(REPORTS) * 0.03, missed


def test_near_misses_are_never_taken_and_seldom_in_doubt() -> None:
    verdicts = {title: judge_title(title).verdict for title in OTHERS}
    assert [title for title, verdict in verdicts.items() if verdict is Verdict.REPORT] == []
    doubtful = [title for title, verdict in verdicts.items() if verdict is Verdict.UNSURE]
    assert len(doubtful) <= len(OTHERS) * 0.05, doubtful


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("关于公布云岭镇2024年度法治政府建设情况报告的公告", 2024),
        ("云岭镇2024年度法治政府建设情况报告公示", 2024),
        ("关于报送2023年度法治政府建设情况的报告", 2023),
        ("云岭镇2023年法治政府工作报告", 2023),
        ("区司法局法治政府建设年度报告—2023年", 2023),
        ("法治政府建设情况报告_2023年_云岭镇", 2023),
        ("云岭镇2024年度法治政府建设情况报告 来源：云岭镇 发布时间：2025-01-22", 2024),
        ("云岭镇上一年度法治政府建设情况报告", None),
    ],
)
def test_words_round_the_title_do_not_hide_it(title: str, year: int | None) -> None:
    found = judge_title(title)
    assert (found.verdict, found.year) == (Verdict.REPORT, year), found.reason


@pytest.mark.parametrize(
    "title",
    [
        "关于报送2024年度法治政府建设情况报告的通知",
        "关于认真做好2024年度法治政府建设工作总结的紧急通知",
        "关于检查法治政府建设情况的报告",
        "云岭镇镇长2024年度法治政府建设情况报告",
        "云岭区人大常委会审议法治政府建设情况报告",
        "更多法治政府建设年度报告",
        "云岭镇2024年法治乡村建设情况报告",
    ],
)
def test_orders_news_and_personal_reports_are_refused(title: str) -> None:
    found = judge_title(title)
    assert found.verdict is Verdict.NO, found.reason
