"""Extractors that change, reports that stand at several URLs."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from archive.database import open_archive
from archive.reader import Archive
from archive.records import Event, ExtractionRecord, PublisherRef, StoredCapture, Verdict
from archive.reports import LEAST_CHARACTERS
from tests.archive.builder import Crawl, body_text, extraction, other

NEWER = body_text(more="（含附表）")
"""What a better extractor reads from the bytes that gave ``body_text()``."""


def kinds(crawl: Crawl) -> list[str]:
    return [change.kind for change in Archive(crawl.engine).changes()]


class TestAnotherExtractor:
    BODY = b"<html>the page</html>"

    def first(self, crawl: Crawl) -> None:
        crawl.page("a.html", body=self.BODY)
        crawl.again()

    def test_same_bytes_are_read_again_in_place(self, crawl: Crawl) -> None:
        self.first(crawl)
        recorded = crawl.page("a.html", extraction(NEWER, version="2"), body=self.BODY)
        (version,) = Archive(crawl.engine).versions(1)
        assert (recorded.event, recorded.version) == (Event.UNCHANGED, 1)
        assert (version.extractor_version, Archive(crawl.engine).text(1)) == ("2", NEWER)
        assert kinds(crawl) == ["new", "reread"]
        assert crawl.page("a.html", extraction(NEWER, version="2"), body=self.BODY).event is Event.UNCHANGED
        assert kinds(crawl) == ["new", "reread"]

    def test_the_former_reading_is_kept(self, crawl: Crawl, query) -> None:
        self.first(crawl)
        crawl.page("a.html", extraction(NEWER, version="2"), body=self.BODY)
        assert query("SELECT version FROM extraction ORDER BY id") == [("1",), ("2",)]
        assert query("SELECT count(*) FROM text") == [(2,)]

    def test_the_same_text_needs_no_change_row(self, crawl: Crawl) -> None:
        self.first(crawl)
        crawl.page("a.html", extraction(version="2"), body=self.BODY)
        assert Archive(crawl.engine).versions(1)[0].extractor_version == "2"
        assert kinds(crawl) == ["new"]

    def test_afterwards_an_edit_is_a_version(self, crawl: Crawl) -> None:
        self.first(crawl)
        crawl.page("a.html", extraction(NEWER, version="2"), body=self.BODY)
        edited = extraction(NEWER + "补充。", version="2")
        assert crawl.page("a.html", edited, body=b"edited").version == 2

    def test_other_bytes_and_no_way_to_read_the_old_ones_again_is_a_doubtful_version(
        self, crawl: Crawl
    ) -> None:
        self.first(crawl)
        recorded = crawl.page("a.html", extraction(NEWER, version="2"), body=b"counter: 2")
        assert (recorded.event, recorded.version) == (Event.CHANGED, 2)
        assert "read by 2, before by 1" in (Archive(crawl.engine).changes()[-1].detail or "")

    @pytest.mark.parametrize(("text_now", "version"), [(NEWER, 1), (NEWER + "改。", 2)])
    def test_other_bytes_are_compared_like_with_like(self, engine, text_now: str, version: int) -> None:
        read: list[StoredCapture] = []

        def reread(stored: StoredCapture) -> ExtractionRecord:
            read.append(stored)
            return extraction(NEWER, version="2")

        crawl = Crawl(engine, reread=reread)
        self.first(crawl)
        recorded = crawl.page("a.html", extraction(text_now, version="2"), body=b"counter: 2")
        assert [stored.body for stored in read] == [self.BODY]
        assert recorded.version == version
        assert kinds(crawl) == ["new", "reread"] + ["changed"] * (version - 1)
        assert [row.extractor_version for row in Archive(engine).versions(1)] == ["2"] * version

    def test_everything_kept_can_be_read_again(self, crawl: Crawl) -> None:
        self.first(crawl)
        crawl.page("broken.html", extraction("", error="crashed"), body=b"broken")
        crawl.page("notice.html", extraction(verdict=Verdict.NO), body=b"notice")
        stored = crawl.store.unread_by(crawl.portal_id, "portal", "2")
        assert [(row.url.rpartition("/")[2], row.body) for row in stored] == [
            ("a.html", self.BODY),
            ("broken.html", b"broken"),
            ("notice.html", b"notice"),
        ]
        seen = Archive(crawl.engine).documents(1)[0].last_seen
        readings = [
            extraction(NEWER, version="2"),
            extraction(body_text("乙街道"), version="2", publishers=(), title="乙"),
            extraction(body_text("丙街道"), version="2", publishers=(), title="丙"),
        ]
        events = [
            crawl.store.record_rereading(crawl.run_id, row, reading).event
            for row, reading in zip(stored, readings, strict=True)
        ]
        archive = Archive(crawl.engine)
        assert events == [Event.UNCHANGED, Event.NEW, Event.NEW]
        assert crawl.store.unread_by(crawl.portal_id, "portal", "2") == []
        assert archive.refused() == []
        assert archive.documents(1)[0].last_seen == seen  # nobody looked at the URL
        assert kinds(crawl) == ["new", "reread", "new", "new"]


class TestGrouping:
    def test_the_same_text_elsewhere_is_one_report(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        recorded = crawl.page("b.html", extraction(title="转载", publishers=(), report_year=None))
        archive = Archive(crawl.engine)
        assert (recorded.event, recorded.report_id, recorded.document_id) == (Event.DUPLICATE, 1, 2)
        assert [document.url[-6:] for document in archive.documents(1)] == ["a.html", "b.html"]
        assert archive.reports()[0].documents == 2
        assert kinds(crawl) == ["new", "duplicate"]

    def test_on_another_portal_too(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        twin = Crawl(crawl.engine, key="twin")
        assert twin.page("a.html").event is Event.DUPLICATE

    def test_a_text_an_earlier_version_held_counts(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        crawl.page("a.html", extraction(NEWER))
        assert crawl.page("b.html", extraction(publishers=())).event is Event.DUPLICATE

    def test_short_texts_prove_nothing_without_the_title(self, crawl: Crawl) -> None:
        short = extraction("正文见附件。", publishers=(), title="甲街道报告")
        assert len(short.text) < LEAST_CHARACTERS
        assert crawl.page("a.html", short).event is Event.NEW
        assert crawl.page("b.html", other(short, title="乙街道报告")).event is Event.NEW
        assert crawl.page("c.html", short).event is Event.DUPLICATE
        assert len(Archive(crawl.engine).reports()) == 2

    def test_same_publishers_year_and_kind_are_one_report(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        revised = crawl.page("b.html", extraction(NEWER))
        assert (revised.event, revised.report_id) == (Event.NEW, 1)

    @pytest.mark.parametrize(
        "difference",
        [
            {"report_year": 2024},
            {"report_kind": "congress"},
            {"report_year": None},
            {"publishers": ()},
            {"publishers": (PublisherRef(name="清河街道", code="999001002"),)},
            {
                "publishers": (
                    PublisherRef(name="清河街道", code="999001001"),
                    PublisherRef(name="东湖街道", code="999001002"),
                )
            },
        ],
    )
    def test_any_difference_makes_two(self, crawl: Crawl, difference: dict[str, object]) -> None:
        crawl.page("a.html")
        assert crawl.page("b.html", extraction(NEWER, **difference)).report_id == 2

    def test_joint_reports_are_the_same_in_any_order(self, crawl: Crawl) -> None:
        east, west = (
            PublisherRef(name="东街道", code="999001003"),
            PublisherRef(name="西街道", code="999001004"),
        )
        crawl.page("a.html", extraction(publishers=(east, west)))
        assert crawl.page("b.html", extraction(NEWER, publishers=(west, east))).report_id == 1
        assert Archive(crawl.engine).reports()[0].publishers == "东街道、西街道"

    def test_bureaus_without_a_code_are_the_portal_s_own(self, crawl: Crawl) -> None:
        bureau = (PublisherRef(name="教育局", level="department"),)
        crawl.page("a.html", extraction(publishers=bureau))
        assert crawl.page("b.html", extraction(NEWER, publishers=bureau)).report_id == 1
        elsewhere = Crawl(crawl.engine, key="elsewhere")
        assert elsewhere.page("c.html", extraction(body_text("别处"), publishers=bureau)).report_id == 2

    def test_the_report_follows_its_first_document(self, crawl: Crawl) -> None:
        crawl.page("a.html", extraction(title="年度报告", report_year=None, publishers=()))
        crawl.again()
        better = extraction(NEWER, published=None)
        crawl.page("a.html", better)
        report = Archive(crawl.engine).report(1)
        assert (report.title, report.year, report.publishers) == (better.title, 2025, "清河街道")
        assert report.published == extraction().published  # what the newer reading does not know stays
        assert kinds(crawl) == ["new", "described", "changed"]

    def test_the_report_does_not_follow_its_copies(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        crawl.page("b.html", extraction(title="转载：报告"))
        crawl.page("b.html", extraction(NEWER, title="转载：报告", report_year=2024))
        assert Archive(crawl.engine).report(1).title == extraction().title

    def test_an_unsure_copy_stays_unsure(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        recorded = crawl.page("b.html", extraction(verdict=Verdict.UNSURE))
        assert (recorded.event, recorded.report_id) == (Event.UNSURE, None)


def test_no_step_of_a_recording_reads_a_whole_table(sqlite_url: str) -> None:
    """Growth: a step that is quick on ten reports must not read a million, nor all of one year."""
    engine = open_archive(sqlite_url)
    crawl = Crawl(engine)
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, _context, _many) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    crawl.column("list.html", [crawl.link("a.html"), crawl.link("b.html")])
    crawl.page("a.html")
    crawl.page("b.html", extraction(NEWER))
    crawl.page("a.html", extraction(body_text(more="改。"), version="2"), body=b"other")
    crawl.not_modified("list.html")
    crawl.gone("a.html")
    crawl.store.settle(crawl.run_id, True)
    crawl.queue()
    event.remove(engine, "before_cursor_execute", note)
    plans = {
        f"{row[-1]} in {statement}"
        for statement, parameters in asked
        if statement.startswith(("SELECT", "UPDATE"))
        for row in raw_plan(engine, statement, parameters)
    }
    assert len(plans) > 20
    # The work list of the search index has the rows of this transaction alone.
    assert not [plan for plan in plans if plan.startswith("SCAN") and " search_stale " not in plan]
    assert not [plan for plan in plans if "ix_report_year" in plan]


def raw_plan(engine: Engine, statement: str, parameters: object) -> list[tuple[object, ...]]:
    raw = engine.raw_connection()
    try:
        return list(raw.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())
    finally:
        raw.close()
