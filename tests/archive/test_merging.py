"""What a person decides about reports holds, is told, and can be taken back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from archive.database import open_archive
from archive.errors import PortalBusy, UsageError
from archive.reader import Archive
from archive.records import Event, RunState
from archive.states import ChangeKind
from archive.store import Store
from tests.archive.builder import HOST, Crawl, extraction
from tests.archive.test_reports import EAST, WEST, long_text, of

ONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""Where the database makes no difference."""


def rest(crawl: Crawl) -> Store:
    """Ends the run, so that a person may decide."""
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "done")
    return crawl.store


def two(crawl: Crawl) -> Store:
    """Reports of two streets, one document each."""
    crawl.page("east.html", of(EAST, text=long_text("东街道")))
    crawl.page("west.html", of(WEST, text=long_text("西街道")))
    return rest(crawl)


def stands(crawl: Crawl) -> dict[int, list[int]]:
    archive = Archive(crawl.engine)
    return {
        report.report_id: [document.document_id for document in archive.documents(report.report_id)]
        for report in archive.reports()
    }


class TestMerge:
    def test_the_other_goes_up_in_the_first(self, crawl: Crawl) -> None:
        done = two(crawl).merge_reports(1, 2, by="lin", said="one report")
        assert (done.report_id, done.other_id, done.documents) == (1, 2, (2,))
        archive = Archive(crawl.engine)
        assert stands(crawl) == {1: [1, 2]}
        assert archive.count_reports() == archive.stats().reports == 1
        assert archive.resolve("2").report_id == archive.current_number(2) == 1
        assert archive.report(1).publishers == "东街道"
        told = [(change.kind, change.document_id, change.report_id) for change in archive.changes()[-2:]]
        assert told == [(ChangeKind.MERGED, 2, 1), (ChangeKind.MERGED, None, 2)]
        assert "decision 1 by lin: one report" in str(archive.changes()[-1].detail)

    @ONE
    def test_it_survives_crawls_and_readings(self, crawl: Crawl) -> None:
        two(crawl).merge_reports(1, 2, by="lin")
        crawl.begin()
        crawl.page("west.html", of(WEST, text=long_text("西街道", more="改。")))
        crawl.page("west.html", of(WEST, text=long_text("西街道", more="改。"), version="2", title="新题"))
        assert stands(crawl) == {1: [1, 2]}
        assert Archive(crawl.engine).report(1).title == "东街道2025年法治政府建设年度报告"
        copy = crawl.page("copy.html", of(WEST, text=long_text("西街道")))
        assert copy.report_id == 1
        fresh = crawl.page("fresh.html", of(WEST, text=long_text("西街道", more="另一稿。" * 80)))
        assert fresh.report_id == 1

    def test_chains_end_in_the_last(self, crawl: Crawl) -> None:
        store = two(crawl)
        crawl.begin()
        crawl.page("c.html", of(EAST, text=long_text(year=2024), report_year=2024))
        rest(crawl)
        store.merge_reports(2, 1, by="lin")
        store.merge_reports(3, 2, by="lin")
        archive = Archive(crawl.engine)
        assert {archive.resolve(number).report_id for number in "123"} == {3}
        assert archive.former_numbers(3) == [1, 2]
        with pytest.raises(UsageError, match="one already: report 3"):
            store.merge_reports(1, 2, by="lin")

    def test_a_joint_report_has_the_publishers_of_both(self, crawl: Crawl) -> None:
        store = two(crawl)
        store.merge_reports(1, 2, by="lin", joint=True)
        assert Archive(crawl.engine).report(1).publishers == "东街道、西街道"
        crawl.begin()
        crawl.page("east.html", of(EAST, text=long_text("东街道"), version="2"))
        assert Archive(crawl.engine).report(1).publishers == "东街道、西街道"
        rest(crawl)
        store.undo_decision(1, by="lin")
        assert [report.publishers for report in Archive(crawl.engine).reports()] == ["东街道", "西街道"]

    @ONE
    @pytest.mark.slow
    def test_of_two_portals(self, crawl: Crawl) -> None:
        two(crawl)
        other = Crawl(crawl.engine, key="other")
        other.page("x.html", of(EAST, text=long_text("东街道", year=2023), report_year=2023))
        with pytest.raises(PortalBusy):
            crawl.store.merge_reports(1, 3, by="lin")
        rest(other).merge_reports(1, 3, by="lin")
        assert stands(crawl)[1] == [1, 3]
        assert Archive(crawl.engine).changes()[-2].portal == "other"

    @ONE
    @pytest.mark.parametrize(("one", "other"), [(1, 9), (9, 1), (0, 1), (2**40, 1)])
    @pytest.mark.slow
    def test_what_is_not_there_is_told(self, crawl: Crawl, one: int, other: int) -> None:
        with pytest.raises(UsageError, match="there is no report"):
            two(crawl).merge_reports(one, other, by="lin")


class TestSplit:
    def twins(self, crawl: Crawl) -> Store:
        crawl.page("a.html", of(EAST))
        crawl.page("b.html", of(EAST))
        crawl.page("c.html", of(EAST))
        return rest(crawl)

    def test_documents_become_a_report(self, crawl: Crawl) -> None:
        done = self.twins(crawl).split_report([2, 3], by="lin", said="two editions")
        assert (done.report_id, done.other_id, done.documents) == (1, 2, (2, 3))
        assert stands(crawl) == {1: [1], 2: [2, 3]}
        archive = Archive(crawl.engine)
        assert archive.report(2).publishers == "东街道"
        told = [(change.kind, change.document_id, change.report_id) for change in archive.changes()[-3:]]
        assert told == [(ChangeKind.SPLIT, 2, 2), (ChangeKind.SPLIT, 3, 2), (ChangeKind.SPLIT, None, 1)]

    @ONE
    def test_the_machine_never_groups_them_back(self, crawl: Crawl) -> None:
        self.twins(crawl).split_report([2], by="lin")
        crawl.begin()
        for version in ("1", "2", "3"):
            crawl.page(
                "b.html", of(EAST, version=version, title=f"题{version}", report_year=int(version) + 2020)
            )
            crawl.page(
                "a.html", of(EAST, version=version, title=f"题{version}", report_year=int(version) + 2020)
            )
        assert stands(crawl) == {2: [2], 1: [1, 3]}

    @ONE
    def test_what_cannot_be_split_is_told(self, crawl: Crawl) -> None:
        store = self.twins(crawl)
        for documents, words in (([1, 2, 3], "no other document"), ([9], "there is no document 9")):
            with pytest.raises(UsageError, match=words):
                store.split_report(documents, by="lin")


class TestUndo:
    def test_a_merge(self, crawl: Crawl) -> None:
        store = two(crawl)
        store.merge_reports(1, 2, by="lin")
        done = store.undo_decision(1, by="wu", said="no")
        assert (done.decision_id, done.documents) == (2, (2,))
        assert stands(crawl) == {1: [1], 2: [2]}
        assert Archive(crawl.engine).resolve("2").report_id == 2
        crawl.begin()
        crawl.page("west.html", of(WEST, text=long_text("西街道"), version="2"))
        assert stands(crawl) == {1: [1], 2: [2]}
        assert [(one.kind, one.undone_by_id) for one in Archive(crawl.engine).decisions(2)] == [
            ("merge", 2),
            ("undo", None),
        ]

    @ONE
    def test_a_split(self, crawl: Crawl) -> None:
        store = TestSplit().twins(crawl)
        store.split_report([2], by="lin")
        store.undo_decision(1, by="lin")
        assert stands(crawl) == {1: [1, 2, 3]}
        assert Archive(crawl.engine).resolve("2").report_id == 1

    @ONE
    @pytest.mark.slow
    def test_in_the_order_of_decisions(self, crawl: Crawl) -> None:
        store = two(crawl)
        store.merge_reports(1, 2, by="lin")
        store.split_report([2], by="lin")
        with pytest.raises(UsageError, match="undo that one first"):
            store.undo_decision(1, by="lin")
        store.undo_decision(2, by="lin")
        store.undo_decision(1, by="lin")
        assert stands(crawl) == {1: [1], 2: [2]}
        for number in (1, 3, 9, -1):
            with pytest.raises(UsageError):
                store.undo_decision(number, by="lin")


@ONE
def test_a_run_on_the_portal_is_waited_for(crawl: Crawl) -> None:
    two(crawl)
    crawl.begin()
    for decide in (
        lambda: crawl.store.merge_reports(1, 2, by="lin"),
        lambda: crawl.store.split_report([1], by="lin"),
    ):
        with pytest.raises((PortalBusy, UsageError)):
            decide()
    assert stands(crawl) == {1: [1], 2: [2]}


@ONE
@pytest.mark.slow
def test_a_report_without_documents_keeps_its_history(crawl: Crawl) -> None:
    two(crawl).merge_reports(1, 2, by="lin")
    kinds = [change.kind for change in Archive(crawl.engine).history(1)]
    assert kinds == ["new", "new", "merged", "merged"]


@ONE
@pytest.mark.slow
def test_a_text_of_the_merged_report_is_confirmed_as_before(crawl: Crawl) -> None:
    two(crawl).merge_reports(2, 1, by="lin")
    crawl.begin()
    assert crawl.not_modified("east.html").event is Event.UNCHANGED
    assert Archive(crawl.engine).report(2).documents == 2


class TestCommands:
    @pytest.fixture
    def run(self, sqlite_url: str, said: Callable[..., str]) -> Callable[..., str]:
        engine = open_archive(sqlite_url)
        two(Crawl(engine))
        engine.dispose()
        return said

    def test_merge_history_undo(self, run: Callable[..., str]) -> None:
        assert "report 2 is report 1 now: documents 2 moved (decision 1;" in run(
            "report", "merge", "1", "2", "--by", "lin", "--note", "one\x1b[31m"
        )
        shown = run("report", "history", "2")
        assert "once also report 2" in shown and "\x1b" not in shown
        about = json.loads(run("report", "history", "1", "--json"))
        assert (about["former_numbers"], len(about["documents"]), len(about["decisions"])) == ([2], 2, 1)
        assert "2 moved" in run("report", "split", f"{HOST}/west.html", "--by", "lin")
        assert "decision 2 undone" in run("report", "undo", "2", "--by", "lin")

    @pytest.mark.parametrize(
        "words",
        [
            ("merge", "1", "7"),
            ("merge", "1", "1"),
            ("split", "west"),
            ("split", "99"),
            ("split", "1"),
            ("undo", "5"),
            ("history", "nothing of the kind"),
        ],
    )
    @pytest.mark.slow
    def test_what_is_wrong_is_one_line(self, run: Callable[..., str], words: tuple[str, ...]) -> None:
        assert run("report", *words, code=2).count("\n") == 1


@ONE
def test_the_standing_document_of_another_reading_decides_nothing(crawl: Crawl) -> None:
    """A document that was merged by hand never describes the report, even if it was there first."""
    crawl.page("west.html", of(WEST, text=long_text("西街道")))
    crawl.page("east.html", of(EAST, text=long_text("东街道")))
    rest(crawl).merge_reports(2, 1, by="lin")
    crawl.begin()
    crawl.page("west.html", extraction(long_text("西街道"), version="2", title="西", publishers=(WEST,)))
    report = Archive(crawl.engine).report(2)
    assert (report.title, report.publishers) == ("东街道2025年法治政府建设年度报告", "东街道")
