"""One report at many addresses, and two that only look alike."""

from __future__ import annotations

from typing import Any

import pytest

from archive.reader import Archive
from archive.records import Event, FrontierKind, PublisherRef
from archive.sameness import one_text
from tests.archive.builder import Crawl, body_text, extraction

ONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""Where the database makes no difference."""

EAST = PublisherRef(name="东街道", code="999001003", level="street")
WEST = PublisherRef(name="西街道", code="999001004", level="street")


def long_text(place: str = "清河街道", year: int = 2025, more: str = "") -> str:
    """A report long enough to be told from others by more than its names."""
    measures = "\n".join(
        f"（{number}）{measure}，全年共办理{number * 7}件，比上年有所增加，群众满意度持续提升。"
        for number, measure in enumerate(
            (
                "健全依法决策机制",
                "规范行政执法行为",
                "化解社会矛盾纠纷",
                "加强法治宣传教育",
                "推进政务公开工作",
            ),
            1,
        )
    )
    return f"{body_text(place, year)}\n{measures}\n{more}"


def evidence(where: str, *names: str, year: str | None = None) -> dict[str, Any]:
    rows: dict[str, Any] = {"publisher": [{"value": name, "where": where, "raw": name} for name in names]}
    if year is not None:
        rows["report_year"] = [{"value": year, "where": where, "raw": year}]
    return rows


def of(place: PublisherRef, where: str = "title", **given: Any) -> Any:
    """A reading whose publisher is printed there."""
    return extraction(
        **{
            "text": long_text(),
            "title": f"{place.name}2025年法治政府建设年度报告",
            "publishers": (place,),
            "metadata": evidence(where, place.name),
            **given,
        }
    )


class TestSameText:
    @ONE
    def test_at_a_new_address_after_a_rebuild(self, crawl: Crawl) -> None:
        crawl.page("old.html", of(EAST))
        crawl.again()
        crawl.gone("old.html")
        assert crawl.page("new.html", of(EAST)).report_id == 1
        crawl.again()
        crawl.gone("old.html")
        assert [change.kind for change in crawl.store.settle(crawl.run_id, True)] == ["moved"]
        archive = Archive(crawl.engine)
        assert [document.state for document in archive.documents(1)] == ["moved", "live"]
        assert archive.report(1).documents == 2

    @ONE
    def test_a_missing_address_does_not_stand_for_the_report(self, crawl: Crawl) -> None:
        crawl.page("old.html", of(EAST))
        crawl.page("twin.html", of(EAST))
        crawl.again()
        crawl.gone("old.html")
        report = Archive(crawl.engine).report(1)
        assert (report.document_id, report.state, report.missing_since) == (2, "live", None)

    def test_of_another_street_is_a_template_not_a_twin(self, crawl: Crawl) -> None:
        first = crawl.page("east.html", of(EAST))
        second = crawl.page("west.html", of(WEST))
        assert (first.report_id, second.report_id, second.event) == (1, 2, Event.NEW)
        third = crawl.page("again.html", of(WEST))
        assert (third.report_id, third.event) == (2, Event.DUPLICATE)

    @ONE
    def test_with_another_source_line_is_a_twin(self, crawl: Crawl) -> None:
        crawl.page("east.html", of(EAST))
        office = of(WEST, "source", title="2025年法治政府建设年度报告")
        assert crawl.page("copy.html", office).report_id == 1

    @ONE
    @pytest.mark.slow
    def test_under_a_fuller_name_is_a_twin(self, crawl: Crawl) -> None:
        full = PublisherRef(name="清河区东街道")
        crawl.page("a.html", of(EAST))
        assert crawl.page("b.html", of(full)).report_id == 1

    @ONE
    def test_of_another_printed_year_is_another_report(self, crawl: Crawl) -> None:
        crawl.page("a.html", of(EAST, metadata=evidence("title", EAST.name, year="2025")))
        later = of(EAST, report_year=2026, metadata=evidence("title", EAST.name, year="2026"))
        assert crawl.page("b.html", later).report_id == 2

    @ONE
    def test_dated_otherwise_by_its_page_is_the_same_report(self, crawl: Crawl) -> None:
        crawl.page("a.html", of(EAST, metadata=evidence("title", EAST.name, year="2025")))
        moved = of(EAST, report_year=2026, metadata=evidence("published", year="2026"))
        assert crawl.page("b.html", moved).report_id == 1

    @ONE
    def test_to_the_public_and_to_the_congress_is_one_report(self, crawl: Crawl) -> None:
        crawl.page("a.html", of(EAST))
        assert crawl.page("b.html", of(EAST, report_kind="congress")).report_id == 1

    @ONE
    def test_a_joint_report_shares_a_publisher(self, crawl: Crawl) -> None:
        both = of(EAST, publishers=(EAST, WEST), metadata=evidence("signature", EAST.name, WEST.name))
        crawl.page("east.html", both)
        assert crawl.page("west.html", of(WEST)).report_id == 1
        assert Archive(crawl.engine).report(1).publishers == "东街道、西街道"

    @ONE
    @pytest.mark.slow
    def test_as_attachment_of_its_page(self, crawl: Crawl) -> None:
        crawl.page("a.html", of(EAST))
        crawl.enqueue(crawl.link("a.docx", FrontierKind.ATTACHMENT), found_on_id=crawl.id_of("a.html"))
        recorded = crawl.record("a.docx", extraction=of(EAST, publishers=(), report_year=None))
        assert recorded.report_id == 1
        assert Archive(crawl.engine).documents(1)[1].parent_id == 1


class TestTwoKinds:
    def test_different_texts_are_two_related_reports(self, crawl: Crawl) -> None:
        crawl.page("a.html", of(EAST))
        other = of(EAST, text=long_text(more="向区人大常委会报告。" * 30), report_kind="congress")
        assert crawl.page("b.html", other).report_id == 2
        crawl.page("c.html", of(WEST, text=long_text("西街道"), report_kind="congress"))
        crawl.page("d.html", of(EAST, text=long_text(year=2024), report_year=2024, report_kind="congress"))
        archive = Archive(crawl.engine)
        assert [(report.report_id, report.kind) for report in archive.related(1)] == [(2, "congress")]
        assert [report.report_id for report in archive.related(2)] == [1]


class TestWhatWasNotKnown:
    """One of the two does not say who issued it, or on which year."""

    def test_a_corrected_slip_under_another_address(self, crawl: Crawl) -> None:
        crawl.page("a.html", of(EAST, publishers=(), metadata={}))
        corrected = of(EAST, text=long_text().replace("持续提升", "持续攀升", 1))
        assert crawl.page("b.html", corrected).report_id == 1
        report = Archive(crawl.engine).report(1)
        assert report.publishers == "东街道"
        told = Archive(crawl.engine).changes()[-2]
        assert (told.kind, told.document_id, told.detail) == ("described", 1, "publishers: 东街道")

    @ONE
    @pytest.mark.slow
    def test_a_title_without_its_year(self, crawl: Crawl) -> None:
        crawl.page("a.html", of(EAST))
        vague = of(EAST, text=long_text().replace("持续提升", "持续攀升", 1), report_year=None)
        assert crawl.page("b.html", vague).report_id == 1

    @ONE
    def test_the_year_is_learned_from_the_second(self, crawl: Crawl) -> None:
        crawl.page("a.html", of(EAST, report_year=None))
        crawl.page("b.html", of(EAST))
        assert Archive(crawl.engine).report(1).year == 2025
        crawl.page("c.html", of(EAST, text=long_text(more="另一种表述。" * 60)))
        assert Archive(crawl.engine).count_reports() == 1

    @ONE
    @pytest.mark.parametrize(
        "given",
        [
            {"text": long_text(year=2024), "report_year": None},
            {"text": long_text("万新街道"), "publishers": ()},
            {
                "text": long_text().replace("持续提升", "持续攀升", 1),
                "publishers": (WEST,),
                "report_year": None,
            },
            {
                "text": long_text().replace("持续提升", "持续攀升", 1),
                "report_kind": "congress",
                "publishers": (),
            },
        ],
        ids=["another year in the text", "another street in the text", "another publisher", "another kind"],
    )
    def test_in_doubt_two_reports_stay_two(self, crawl: Crawl, given: dict[str, Any]) -> None:
        crawl.page("a.html", of(EAST))
        assert crawl.page("b.html", of(EAST, **{"metadata": {}, **given})).report_id == 2

    def test_a_code_learned_later_makes_no_second_publisher(self, crawl: Crawl) -> None:
        crawl.page("a.html", of(PublisherRef(name="东街道")))
        crawl.page("b.html", of(EAST, text=long_text(more="补充说明。" * 60)))
        report = Archive(crawl.engine).report(1)
        assert (report.documents, report.publisher_codes) == (2, "999001003")

    def test_a_better_reading_of_the_same_text_unites_two_reports(self, crawl: Crawl) -> None:
        crawl.page("a.html", of(EAST))
        crawl.page("b.html", of(EAST, text=long_text(more="另一种表述。" * 60), publishers=(), metadata={}))
        better = of(EAST, text=long_text(more="另一种表述。" * 60), version="2")
        assert crawl.page("b.html", better).report_id == 1
        archive = Archive(crawl.engine)
        assert [report.report_id for report in archive.reports()] == [1]
        assert archive.resolve("2").report_id == 1
        assert archive.former_numbers(1) == [2]
        assert [decision.by for decision in archive.decisions()] == ["run 1"]
        assert [change.kind for change in archive.changes()][-3:] == ["described", "merged", "merged"]

    @ONE
    def test_a_new_text_of_another_year_unites_nothing(self, crawl: Crawl) -> None:
        crawl.page("fixed.html", of(EAST))
        crawl.page("b.html", of(EAST, text=long_text(year=2026), report_year=2026))
        crawl.again()
        crawl.page("fixed.html", of(EAST, text=long_text(year=2026, more="新的一年。"), report_year=2026))
        assert Archive(crawl.engine).count_reports() == 2


class TestOneText:
    def test_a_slip(self) -> None:
        assert one_text(long_text(), long_text().replace("持续提升", "持续攀升", 1))

    @pytest.mark.parametrize(
        "other",
        [
            long_text(year=2024),
            long_text("清水街道"),
            long_text().replace("持续", "稳步"),
            long_text().replace("7件", "8件").replace("14件", "15件").replace("21件", "20件"),
            long_text(more="这一年还有许多别的工作。" * 5),
            "短",
        ],
        ids=["year", "name", "one word all over", "figures", "a paragraph more", "short"],
    )
    def test_more_than_a_slip(self, other: str) -> None:
        assert not one_text(long_text(), other)

    def test_the_names_of_streets_by_one_template(self) -> None:
        template = "加强队伍建设，推进法治政府建设各项任务落实。" * 30
        assert not one_text(
            f"{template}{{}}街道办事处".format("华新"), f"{template}{{}}街道办事处".format("华明")
        )
