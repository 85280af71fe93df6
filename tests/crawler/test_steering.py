"""The roster steers: missing units first, found ones last; and the narrowing of a run."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from archive.records import (
    ExtractionRecord,
    FrontierEntry,
    FrontierKind,
    How,
    Link,
    PublisherRef,
    Verdict,
)
from crawler.initials import initials
from crawler.narrowing import Narrowing
from crawler.site import Unit
from crawler.steering import HIGHEST, Steering

ROSTER = (
    Unit(code="990001001", name="桥西街道", kind="街道"),
    Unit(code="990001002", name="海滨街道", kind="街道"),
    Unit(code="990001100", name="双口镇", kind="镇"),
)
BASE = "http://www.qinghe.gov.cn"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("双口镇", "skz"), ("海滨街道", "hbjd"), ("桥西街道", "qxjd"), ("独流镇", "dlz"), ("回龙乡", "hlx"), ("荔枝街道", "lzjd"),
     ("abc", None), ("邳州", None), ("", None)],
)  # fmt: skip
def test_initials_of_folder_names(name: str, letters: str | None) -> None:
    assert initials(name) == letters


def way(path: str, title: str, **given: Any) -> Link:
    return Link(**{"url": f"{BASE}{path}", "kind": FrontierKind.HUB, "how": How.DISCOVERED, "title": title, "priority": 42, **given})  # fmt: skip


def entry(path: str, title: str | None = None, **given: Any) -> FrontierEntry:
    return FrontierEntry(**{
        "id": hash(path), "url": f"{BASE}{path}", "fetch_url": f"{BASE}{path}", "kind": FrontierKind.HUB, "how": How.DISCOVERED,
        "title": title, "listed_date": None, "column": None, "verdict": Verdict.REPORT, "etag": None, "last_modified": None,
        "payload_sha256": None, "attempts": 0, "found_on": None, "known": False, **given,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("path", "title"),
    [("/jz/1/", "双口镇"), ("/zwgk/xxgk_zjyq/zjyq_xxgk_skz/", "进入"), ("/jz/skz/zwgk_71780/", "政务公开")],
)
def test_ways_to_missing_units_are_raised_until_they_are_found(path: str, title: str) -> None:
    steering = Steering(ROSTER, 2024)
    (link,) = steering.steered((way(path, title),))
    assert link.priority > 42
    assert not steering.waits(entry(path, title))
    steering.listed([way("/a/t20250201_1.html", "双口镇2024年法治政府建设情况报告", kind=FrontierKind.PAGE)])
    assert steering.steered((way(path, title),))[0].priority == 42
    assert steering.waits(entry(path, title))


def test_nothing_is_raised_above_what_calls_itself_the_column() -> None:
    steering = Steering(ROSTER, 2024)
    column = way("/jz/skz/", "双口镇", kind=FrontierKind.COLUMN, priority=57)
    high = way("/jz/skz/", "双口镇", priority=58)
    assert steering.steered((column, high)) == (column, high)
    assert steering.steered((way("/jz/skz/", "双口镇", priority=52),))[0].priority == HIGHEST


def read(year: int, *publishers: PublisherRef, verdict: Verdict = Verdict.REPORT) -> ExtractionRecord:
    return ExtractionRecord(
        extractor="html", version="1", text="…", verdict=verdict, verdict_reason="", report_year=year, publishers=publishers
    )  # fmt: skip


def test_missing_are_those_without_a_report_of_the_season() -> None:
    steering = Steering(ROSTER, 2024, {"990001001"})
    assert steering.missing == ("海滨街道", "双口镇")
    steering.read(read(2023, PublisherRef(name="海滨街道", code="990001002", level="street")))
    steering.read(
        read(2024, PublisherRef(name="双口镇", code="990001100", level="town"), verdict=Verdict.UNSURE)
    )
    assert steering.missing == ("海滨街道", "双口镇")
    steering.read(read(2024, PublisherRef(name="双口镇", code="990001100", level="town")))
    assert list(steering.missing) == ["海滨街道"]


def test_streets_beyond_the_roster_are_named_once_and_departments_never() -> None:
    steering = Steering(ROSTER, 2024)
    for _ in range(2):
        steering.read(read(2024, PublisherRef(name="高桥街道", level="street")))
    steering.read(read(2024, PublisherRef(name="司法局", level="department")))
    assert steering.strangers == ("高桥街道",)


def row(title: str | None, day: date | None = None, **given: Any) -> FrontierEntry:
    return entry("/a/t20250201_1.html", title, kind=FrontierKind.PAGE, how=How.LISTED, listed_date=day, **given)  # fmt: skip


@pytest.mark.parametrize(
    ("narrowing", "listed", "wanted"),
    [
        (Narrowing(year=2023), row("桥西街道2023年法治政府建设情况报告"), True),
        (Narrowing(year=2023), row("桥西街道2024年法治政府建设情况报告"), False),
        (Narrowing(year=2023), row("法治政府建设情况报告", date(2024, 3, 1)), True),
        (Narrowing(year=2023), row("法治政府建设情况报告", date(2025, 3, 1)), True),  # posted late
        (Narrowing(year=2023), row("法治政府建设情况报告", date(2023, 3, 1)), False),
        (Narrowing(year=2023), row(None), True),
        (Narrowing(publisher="桥西街道"), row("桥西街道办事处2023年法治政府建设情况报告"), True),
        (Narrowing(publisher="桥西街道"), row("海滨街道2023年法治政府建设情况报告"), False),
        (Narrowing(publisher="司法局"), row("清河区司法局2023年法治政府建设年度报告"), True),
        (Narrowing(publisher="司法局"), row("清河区水务局2023年法治政府建设年度报告"), False),
        (Narrowing(publisher="桥西街道"), row("2023年法治政府建设情况报告"), True),
        (Narrowing(publisher="桥西街道"), row("2023年法治政府建设情况报告", column="桥西街道"), True),
        (Narrowing(since=date(2025, 1, 1)), row("x", date(2025, 1, 1)), True),
        (Narrowing(since=date(2025, 1, 1)), row("x", date(2024, 12, 31)), False),
        (Narrowing(since=date(2025, 1, 1)), row("x"), True),
        (Narrowing(year=2023), entry("/zwgk/fzzfjs/", "法治政府建设", kind=FrontierKind.COLUMN), True),
        (Narrowing(), row("桥西街道2024年法治政府建设情况报告"), True),
    ],
)  # fmt: skip
def test_a_narrowed_run_leaves_out_what_says_that_it_is_another_s(narrowing: Narrowing, listed: FrontierEntry, wanted: bool) -> None:  # fmt: skip
    assert narrowing.wants(listed) is wanted


def test_what_a_run_was_narrowed_to_is_said_and_kept() -> None:
    assert not Narrowing() and Narrowing().as_options() == {}
    narrowing = Narrowing(year=2024, publisher="司法局", since=date(2025, 1, 1))
    assert narrowing.said() == "year 2024, publisher 司法局, published since 2025-01-01"
    assert narrowing.as_options() == {
        "narrowed": {"year": 2024, "publisher": "司法局", "since": "2025-01-01"}
    }
