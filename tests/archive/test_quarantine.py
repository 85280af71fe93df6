"""What is not trusted makes nothing, is kept whole, and gets out by a better reading or by a person."""

from __future__ import annotations

from sqlalchemy import event

from archive import quarantine
from archive.database import open_archive, reading
from archive.planning import Planning
from archive.quarantine import ATTEMPTS, DECIDE
from archive.reader import Archive
from archive.records import (
    Event,
    FrontierKind,
    RunState,
    Verdict,
)
from tests.archive.builder import Crawl, body_text, extraction
from tests.archive.quarantining import ERROR, LONG, ONE, SHORT, STUB, doubtful, kinds, shrunk_twice, states
from tests.archive.test_documents import raw_plan


class TestANewPage:
    def test_it_makes_no_document_and_loses_nothing(self, crawl: Crawl, query) -> None:
        recorded = crawl.page("a.html", doubtful(STUB, ERROR, SHORT), body=b"the bytes")
        archive = Archive(crawl.engine)
        assert (recorded.event, recorded.document_id, recorded.report_id) == (Event.QUARANTINED, None, None)
        assert archive.reports() == archive.unsure() == archive.refused() == []
        (row,) = archive.quarantine()
        assert (row.reason, row.state, row.attempts, row.next_step) == ("error_phrase", "waiting", 1, DECIDE)
        assert row.detail == f"{ERROR.detail}; {SHORT.detail}"
        assert (row.title, row.publishers, row.report_year) == (extraction().title, "清河街道", 2025)
        assert row.text_sha256 is not None
        assert archive.text_of(row.text_sha256) == STUB
        assert query("SELECT count(*) FROM payload") == query("SELECT count(*) FROM extraction") == [(1,)]
        assert archive.stats().quarantined == Planning(crawl.engine).waiting(crawl.portal_id) == 1

    def test_the_change_names_reason_and_address(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        (change,) = Archive(crawl.engine).changes()
        assert (change.kind, change.document_id, change.run_id) == ("quarantined", None, crawl.run_id)
        assert change.detail == f"quarantine 1, short: {SHORT.detail} (http://www.example.gov.cn/a.html)"

    def test_an_unsure_page_waits_too_and_a_refused_one_does_not(self, crawl: Crawl) -> None:
        assert crawl.page("a.html", doubtful(verdict=Verdict.UNSURE)).event is Event.QUARANTINED
        assert crawl.page("b.html", doubtful(verdict=Verdict.NO)).event is Event.REFUSED
        assert len(states(crawl)) == 1

    def test_the_same_again_is_the_same_row(self, crawl: Crawl, query) -> None:
        crawl.page("a.html", doubtful(), etag='"1"')
        crawl.again()
        assert crawl.page("a.html", doubtful(), etag='"1"').event is Event.QUARANTINED
        (row,) = Archive(crawl.engine).quarantine()
        assert (row.attempts, row.last_seen) == (2, crawl.clock())
        assert kinds(crawl) == ["quarantined"]
        assert query("SELECT count(*) FROM capture") == query("SELECT count(*) FROM extraction") == [(1,)]

    def test_a_fetch_recorded_twice_counts_once(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        crawl.page("a.html", doubtful())
        assert states(crawl) == [(1, "short", "waiting", 1)]

    def test_another_doubtful_text_is_the_same_row_too(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        crawl.again()
        crawl.page("a.html", doubtful("另一段很短的话。", ERROR))
        (row,) = Archive(crawl.engine).quarantine()
        assert (row.quarantine_id, row.reason, row.attempts) == (1, "error_phrase", 2)
        assert row.text_sha256 is not None
        assert Archive(crawl.engine).text_of(row.text_sha256) == "另一段很短的话。"

    def test_it_is_asked_for_without_conditions_and_soon_again(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful(), etag='"1"', last_modified="yesterday")
        for name in "bcdefghijklmnopq":
            crawl.page(f"{name}.html", extraction(body_text(name), publishers=()))
        for attempt in range(2, ATTEMPTS + 3):
            crawl.again(days=0.5)
            assert "a.html" not in self.planned(crawl)
            crawl.again(days=0.5)
            assert ("a.html" in self.planned(crawl)) is (attempt <= ATTEMPTS)
            (entry,) = [
                entry
                for entry in crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 99)
                if entry.url.endswith("a.html")
            ] or [None]
            if entry is not None:
                assert (entry.etag, entry.last_modified, entry.payload_sha256) == (None, None, None)
                crawl.page("a.html", doubtful(), etag='"1"')

    @staticmethod
    def planned(crawl: Crawl) -> list[str]:
        crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock(), minimum=0, share=0)
        return crawl.queue()

    def test_a_reading_that_passes_resolves_it(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        run = crawl.again()
        assert crawl.page("a.html").event is Event.NEW
        row = Archive(crawl.engine).quarantined(1)
        assert (row.state, row.decided_by, row.note) == ("resolved", f"run {run}", "a later reading passed")
        assert (row.next_step, row.document_id) == ("none", 1)
        assert Archive(crawl.engine).quarantine() == []
        assert kinds(crawl) == ["quarantined", "new"]

    def test_a_better_extractor_resolves_it(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful(), body=b"the page")
        (stored,) = crawl.store.unread_by(crawl.portal_id, "portal", "2")
        recorded = crawl.store.record_rereading(crawl.run_id, stored, extraction(version="2"))
        assert recorded.event is Event.NEW
        assert states(crawl) == [(1, "short", "resolved", 1)]

    def test_an_extractor_that_doubts_what_is_held_leaves_the_document(self, crawl: Crawl) -> None:
        crawl.page("a.html", body=b"the page", etag='"1"')
        (stored,) = crawl.store.unread_by(crawl.portal_id, "portal", "2")
        again = doubtful(version="2")
        assert crawl.store.record_rereading(crawl.run_id, stored, again).event is Event.QUARANTINED
        archive = Archive(crawl.engine)
        assert [version.extractor_version for version in archive.versions(1)] == ["1"]
        assert archive.quarantine()[0].document_id == 1
        crawl.again()
        crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock())
        (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 9)
        assert entry.etag is entry.payload_sha256 is None

    def test_a_later_reading_that_is_no_report_resolves_it(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        crawl.again()
        reading = extraction("一则通知。", verdict=Verdict.NO, verdict_reason="refused: a notice")
        assert crawl.page("a.html", reading).event is Event.REFUSED
        assert Archive(crawl.engine).quarantined(1).note == "a later reading says: refused: a notice"

    def test_what_cannot_be_read_leaves_it_waiting(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        crawl.again()
        crawl.page("a.html", extraction("", error="crashed"), body=b"broken")
        crawl.gone("a.html")
        assert states(crawl) == [(1, "short", "waiting", 1)]


@ONE
class TestAKnownDocument:
    def test_its_version_stays(self, crawl: Crawl) -> None:
        crawl.page("a.html", etag='"1"')
        crawl.again()
        recorded = crawl.page("a.html", doubtful(), etag='"2"')
        archive = Archive(crawl.engine)
        assert (recorded.event, recorded.document_id, recorded.version) == (Event.QUARANTINED, 1, 1)
        assert archive.text(1) == body_text()
        assert [document.state for document in archive.documents(1)] == ["live"]
        assert archive.quarantine()[0].document_id == 1
        assert kinds(crawl) == ["new", "quarantined"]
        crawl.again()
        crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock())
        (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 9)
        assert (entry.etag, entry.payload_sha256) == (None, None)
        crawl.page("a.html")
        assert states(crawl) == [(1, "short", "resolved", 1)]
        assert kinds(crawl) == ["new", "quarantined"]

    def test_a_lost_document_is_not_back_with_an_error_page(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        crawl.lost("a.html")
        crawl.page("a.html", doubtful())
        assert Archive(crawl.engine).document(1).state == "gone"
        assert kinds(crawl) == ["new", "missing", "gone", "quarantined"]

    def test_a_text_that_stood_before_the_gate_is_seen_again(self, crawl: Crawl) -> None:
        crawl.page("a.html", extraction(STUB))
        crawl.again()
        assert crawl.page("a.html", doubtful(version="2"), body=b"counter").event is Event.QUARANTINED
        assert Archive(crawl.engine).versions(1)[0].last_seen == crawl.clock()


def test_the_list_is_filtered(crawl: Crawl) -> None:
    crawl.page("a.html", doubtful())
    crawl.page("b.html", doubtful("另一段。", ERROR))
    twin = Crawl(crawl.engine, key="twin")
    twin.page("c.html", doubtful("第三段。"))
    archive = Archive(crawl.engine)

    def found(**filters: object) -> list[str]:
        return [row.url[-6:] for row in archive.quarantine(**filters)]  # type: ignore[arg-type]

    assert found() == ["c.html", "b.html", "a.html"]
    assert found(limit=1) == ["c.html"]
    assert found(portal="qinghe") == ["b.html", "a.html"]
    assert found(portal="qinghe", reason="short") == ["a.html"]
    crawl.page("a.html", body=b"whole")
    assert found(portal="qinghe") == ["b.html"]
    assert found(state="resolved") == ["a.html"]


def test_no_step_reads_a_whole_table(sqlite_url: str) -> None:
    engine = open_archive(sqlite_url)
    crawl = Crawl(engine)
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, _context, _many) -> None:
        asked.append((statement, parameters))

    crawl.page("a.html", extraction(LONG))
    crawl.again()
    event.listen(engine, "before_cursor_execute", note)
    shrunk_twice(crawl)
    crawl.page("b.html", doubtful())
    with reading(engine) as connection:
        assert quarantine.to_fetch(connection, crawl.portal_id, crawl.clock()) == set()
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
    crawl.store.release(1, by="lin")
    crawl.store.refuse(2, by="lin")
    event.remove(engine, "before_cursor_execute", note)
    plans = {
        f"{row[-1]} in {statement}"
        for statement, parameters in asked
        if statement.startswith(("SELECT", "UPDATE"))
        for row in raw_plan(engine, statement, parameters)
    }
    assert any("quarantine" in plan for plan in plans)
    # The work list of the search index has the rows of this transaction alone.
    assert not [plan for plan in plans if plan.startswith("SCAN") and " search_stale " not in plan]
    engine.dispose()


def test_list_pages_are_not_held_back(crawl: Crawl) -> None:
    crawl.enqueue(crawl.link("list.html", FrontierKind.COLUMN))
    assert crawl.record("list.html", extraction=extraction("", doubts=(SHORT,))).event is Event.LISTED
