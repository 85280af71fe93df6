"""What is not trusted makes nothing, is kept whole, and gets out by a better reading or by a person."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import event

from archive import quarantine
from archive.cli import main
from archive.clock import utcnow
from archive.database import open_archive, reading
from archive.errors import PortalBusy, UsageError
from archive.leases import this_process
from archive.planning import Planning
from archive.quarantine import AGAIN, ATTEMPTS, CONFIRM, DECIDE, KEPT_SHARE
from archive.reader import Archive
from archive.records import (
    Doubt,
    DoubtKind,
    Event,
    ExtractionRecord,
    FrontierKind,
    RunState,
    StoredCapture,
    Verdict,
)
from archive.states import ChangeKind
from archive.store import Store
from tests.archive.builder import Crawl, body_text, extraction, other, parted_reading
from tests.archive.test_documents import raw_plan

SHORT = Doubt(kind=DoubtKind.SHORT, detail="31 Chinese characters, at least 400 expected")
ERROR = Doubt(kind=DoubtKind.ERROR_PHRASE, detail="says: 系统维护中")
STUB = "系统维护中，请稍后再来。"
ONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""Where the database makes no difference; the statements behind it run on both elsewhere in this file."""


def doubtful(text: str = STUB, *doubts: Doubt, **given: object) -> ExtractionRecord:
    return extraction(text, doubts=doubts or (SHORT,), **given)


def kinds(crawl: Crawl) -> list[str]:
    return [change.kind for change in Archive(crawl.engine).changes()]


def states(crawl: Crawl) -> list[tuple[int, str, str, int]]:
    """Number, reason, state and attempts of every row."""
    archive = Archive(crawl.engine)
    rows = []
    for number in range(1, 20):
        try:
            row = archive.quarantined(number)
        except UsageError:
            break
        rows.append((row.quarantine_id, row.reason, row.state, row.attempts))
    return rows


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


LONG = body_text(more="各社区均已建立法律顾问制度。" * 30)
CUT = LONG[: int(len(LONG) * KEPT_SHARE) - 10]


@ONE
class TestShrink:
    def first(self, crawl: Crawl) -> None:
        crawl.page("a.html", extraction(LONG), etag='"1"')
        crawl.again()

    def test_it_is_fetched_once_more_in_the_same_run(self, crawl: Crawl) -> None:
        self.first(crawl)
        recorded = crawl.page("a.html", extraction(CUT))
        assert (recorded.event, recorded.version) == (Event.UNCHANGED, 1)
        assert crawl.queue() == ["a.html"]
        (row,) = Archive(crawl.engine).quarantine()
        assert (row.reason, row.state, row.next_step) == ("shrink", "checking", AGAIN)
        assert kinds(crawl) == ["new"], "one look is no finding"

    def test_back_at_once_it_was_a_hiccup(self, crawl: Crawl) -> None:
        self.first(crawl)
        crawl.page("a.html", extraction(CUT))
        crawl.clock.pass_time(seconds=2)
        assert crawl.page("a.html", extraction(LONG)).event is Event.UNCHANGED
        assert crawl.queue() == []
        assert states(crawl) == [(1, "shrink", "resolved", 1)]
        assert kinds(crawl) == ["new"]

    def test_still_cut_it_waits(self, crawl: Crawl) -> None:
        self.first(crawl)
        self.twice(crawl)
        (row,) = Archive(crawl.engine).quarantine()
        assert (row.state, row.attempts, row.next_step, row.document_id) == ("waiting", 2, CONFIRM, 1)
        assert "lost 4" in (row.detail or "")
        assert crawl.queue() == []
        assert Archive(crawl.engine).text(1) == LONG
        assert kinds(crawl) == ["new", "quarantined"]

    def twice(self, crawl: Crawl, text: str = CUT) -> None:
        crawl.page("a.html", extraction(text))
        crawl.clock.pass_time(seconds=2)
        assert crawl.page("a.html", extraction(text)).event is Event.QUARANTINED

    def test_another_cut_text_waits_as_well(self, crawl: Crawl) -> None:
        """No page may keep a run busy by being different each time."""
        self.first(crawl)
        crawl.page("a.html", extraction(CUT))
        crawl.clock.pass_time(seconds=2)
        assert crawl.page("a.html", extraction(CUT[:-7])).event is Event.QUARANTINED
        assert crawl.queue() == []

    def test_a_clock_that_stands_still_asks_once_all_the_same(self, crawl: Crawl) -> None:
        self.first(crawl)
        crawl.page("a.html", extraction(CUT))
        crawl.page("a.html", extraction(CUT))
        assert crawl.queue() == []
        assert states(crawl) == [(1, "shrink", "waiting", 1)]

    def test_killed_before_the_second_look_the_next_run_takes_it(self, crawl: Crawl) -> None:
        self.first(crawl)
        crawl.page("a.html", extraction(CUT))
        crawl.clock.pass_time(minutes=5)
        crawl.begin()
        assert crawl.queue() == ["a.html"]
        assert crawl.page("a.html", extraction(CUT)).event is Event.QUARANTINED

    @pytest.mark.parametrize(("hours", "version"), [(19, 1), (21, 2)])
    def test_a_day_later_it_is_a_version(self, crawl: Crawl, hours: int, version: int) -> None:
        self.first(crawl)
        self.twice(crawl)
        run = crawl.again(days=hours / 24)
        recorded = crawl.page("a.html", extraction(CUT))
        assert recorded.version == version
        row = Archive(crawl.engine).quarantined(1)
        if version == 1:
            assert (row.state, row.attempts) == ("waiting", 3)
            return
        assert recorded.event is Event.CHANGED
        assert (row.state, row.decided_by) == ("resolved", f"run {run}")
        change = Archive(crawl.engine).changes()[-1]
        assert change.kind == "changed"
        assert "lost 4" in (change.detail or "")
        assert "a fetch a day later says the same" in (change.detail or "")
        assert Archive(crawl.engine).text(1) == CUT

    def test_the_day_begins_with_the_text_not_with_the_first_shrink(self, crawl: Crawl) -> None:
        self.first(crawl)
        self.twice(crawl, CUT[:-7])
        crawl.again(days=2)
        assert crawl.page("a.html", extraction(CUT)).event is Event.QUARANTINED
        crawl.again(days=1)
        assert crawl.page("a.html", extraction(CUT)).event is Event.CHANGED

    def test_other_furniture_round_the_same_text_confirms_it(self, crawl: Crawl) -> None:
        self.first(crawl)
        self.twice(crawl)
        crawl.again()
        assert crawl.page("a.html", extraction(CUT), body=b"visits: 7").event is Event.CHANGED

    def test_back_later_it_is_resolved(self, crawl: Crawl) -> None:
        self.first(crawl)
        self.twice(crawl)
        crawl.again()
        assert crawl.page("a.html", extraction(LONG)).event is Event.UNCHANGED
        assert states(crawl) == [(1, "shrink", "resolved", 2)]

    def test_a_second_episode_is_a_row_of_its_own(self, crawl: Crawl) -> None:
        self.first(crawl)
        self.twice(crawl)
        crawl.again()
        crawl.page("a.html", extraction(LONG))
        crawl.again()
        crawl.page("a.html", extraction(CUT))
        assert [row[1:3] for row in states(crawl)] == [("shrink", "resolved"), ("shrink", "checking")]

    def test_what_lost_a_part_is_an_edit(self, crawl: Crawl) -> None:
        self.first(crawl)
        kept = LONG[: int(len(LONG) * KEPT_SHARE) + 1]
        assert crawl.page("a.html", extraction(kept)).event is Event.CHANGED
        assert states(crawl) == []

    def test_the_same_bytes_read_shorter_are_no_shrink(self, crawl: Crawl) -> None:
        crawl.page("a.html", extraction(LONG), body=b"the page")
        crawl.again()
        recorded = crawl.page("a.html", extraction(CUT, version="2"), body=b"the page")
        assert recorded.event is Event.UNCHANGED
        assert kinds(crawl) == ["new", "reread"]
        assert states(crawl) == []

    @pytest.mark.parametrize(("today", "held"), [(CUT, False), (LONG, True)])
    def test_under_another_extractor_like_is_compared_with_like(self, engine, today: str, held: bool) -> None:
        def reread(stored: StoredCapture) -> ExtractionRecord:
            return extraction(today, version="2")

        crawl = Crawl(engine, reread=reread)
        self.first(crawl)
        crawl.page("a.html", extraction(CUT, version="2"), body=b"counter: 2")
        assert bool(states(crawl)) is held
        assert Archive(engine).text(1) == today

    def test_what_is_read_again_offline_waits_for_a_fetch(self, crawl: Crawl) -> None:
        self.first(crawl)
        crawl.page("a.html", extraction("", error="crashed"), body=b"new bytes")
        (stored,) = crawl.store.unread_by(crawl.portal_id, "portal", "2")
        recorded = crawl.store.record_rereading(crawl.run_id, stored, extraction(CUT, version="2"))
        assert recorded.event is Event.QUARANTINED
        assert states(crawl) == [(1, "shrink", "waiting", 1)]
        assert kinds(crawl) == ["new", "quarantined"]

    def test_a_lost_document_is_back_only_with_its_text(self, crawl: Crawl) -> None:
        self.first(crawl)
        crawl.lost("a.html")
        self.twice(crawl)
        assert Archive(crawl.engine).document(1).state == "gone"
        crawl.again()
        crawl.page("a.html", extraction(CUT))
        assert Archive(crawl.engine).document(1).state == "live"


def test_a_shrink_is_held_and_confirmed(crawl: Crawl) -> None:
    shrinking = TestShrink()
    shrinking.first(crawl)
    shrinking.twice(crawl)
    crawl.again()
    assert crawl.page("a.html", extraction(CUT)).event is Event.CHANGED
    assert states(crawl) == [(1, "shrink", "resolved", 2)]


class TestDecisions:
    def store(self, crawl: Crawl) -> Store:
        """A person's store: the crawl is over."""
        crawl.again()
        crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
        return Store(crawl.engine, crawl.clock)

    def test_released_it_becomes_what_it_would_have_been(self, crawl: Crawl) -> None:
        reading = other(parted_reading(), doubts=(SHORT,))
        crawl.page("a.html", reading)
        done = self.store(crawl).release(1, by="lin", said="a village of forty households")
        archive = Archive(crawl.engine)
        assert (done.event, done.document_id, done.report_id, done.version) == (Event.NEW, 1, 1, 1)
        report = archive.report(1)
        assert (report.title, report.year, report.publishers) == (reading.title, 2025, "清河街道")
        assert [section.parts for section in archive.sections(1)] == [(1,), (3,), (2, 4)]
        assert len(archive.figures(1)) == 4
        row = archive.quarantined(1)
        assert (row.state, row.decided_by, row.note, row.document_id) == (
            "released",
            "lin",
            "a village of forty households",
            1,
        )
        assert kinds(crawl) == ["quarantined", "new", "released"]
        told = archive.changes()[-1]
        assert (told.run_id, told.document_id) == (None, 1)
        assert told.detail is not None
        assert told.detail.startswith("quarantine 1 by lin: a village of forty households (http")

    def test_the_same_text_stays_released(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        self.store(crawl).release(1, by="lin")
        crawl.begin()
        assert crawl.page("a.html", doubtful(), body=b"counter").event is Event.UNCHANGED
        assert crawl.page("a.html", doubtful("別的短文。"), body=b"other").event is Event.QUARANTINED
        assert [row[2] for row in states(crawl)] == ["released", "waiting"]

    def test_the_same_bytes_read_otherwise_stay_released(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful(), body=b"the page")
        self.store(crawl).release(1, by="lin")
        crawl.begin()
        reading = doubtful(STUB + "补", version="2")
        assert crawl.page("a.html", reading, body=b"the page").event is Event.UNCHANGED
        assert [row.extractor_version for row in Archive(crawl.engine).versions(1)] == ["2"]

    def test_an_unsure_page_released_is_unsure(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful(verdict=Verdict.UNSURE))
        assert self.store(crawl).release(1, by="lin").event is Event.UNSURE
        assert len(Archive(crawl.engine).unsure()) == 1

    def test_a_released_copy_is_a_duplicate(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        crawl.page("b.html", extraction(doubts=(SHORT,)))
        done = self.store(crawl).release(1, by="lin")
        assert (done.event, done.report_id) == (Event.DUPLICATE, 1)

    def test_a_shrink_that_is_released_is_a_version(self, crawl: Crawl) -> None:
        crawl.page("a.html", extraction(LONG))
        crawl.again()
        TestShrink().twice(crawl)
        done = self.store(crawl).release(1, by="lin")
        assert (done.event, done.document_id, done.version) == (Event.CHANGED, 1, 2)
        crawl.begin()
        assert crawl.page("a.html", extraction(CUT)).event is Event.UNCHANGED

    def test_refused_it_is_never_a_document(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        done = self.store(crawl).refuse(1, by="lin", said="an error page")
        archive = Archive(crawl.engine)
        assert (done.event, done.document_id) == (Event.REFUSED, None)
        assert [row.reason for row in archive.refused()] == ["refused by lin: an error page"]
        crawl.begin()
        assert crawl.page("a.html", doubtful(), body=b"counter").event is Event.REFUSED
        assert crawl.page("a.html", extraction(STUB), body=b"no doubts any more").event is Event.REFUSED
        assert states(crawl) == [(1, "short", "refused", 1)]
        assert archive.refused()[0].reason == "refused by lin: an error page"
        assert kinds(crawl) == ["quarantined", "refused"]

    def test_another_text_is_judged_anew(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        self.store(crawl).refuse(1, by="lin")
        crawl.begin()
        assert crawl.page("a.html", doubtful("另一段。")).event is Event.QUARANTINED
        assert crawl.page("a.html", body=b"the report").event is Event.NEW
        assert [row[2] for row in states(crawl)] == ["refused", "resolved"]
        assert Archive(crawl.engine).refused() == []

    def test_refused_at_a_document_it_is_no_version(self, crawl: Crawl) -> None:
        crawl.page("a.html", extraction(LONG))
        crawl.again()
        TestShrink().twice(crawl)
        done = self.store(crawl).refuse(1, by="lin", said="cut")
        assert (done.document_id, done.version) == (1, 1)
        seen = Archive(crawl.engine).versions(1)[0].last_seen
        for _ in range(2):
            crawl.begin()
            crawl.clock.pass_time(days=2)
            recorded = crawl.page("a.html", extraction(CUT), etag='"1"')
            assert (recorded.event, recorded.version) == (Event.UNCHANGED, 1)
        (version,) = Archive(crawl.engine).versions(1)
        assert version.last_seen == seen, "another text stood there"
        assert states(crawl) == [(1, "shrink", "refused", 2)]
        assert Archive(crawl.engine).refused() == []
        crawl.begin()
        crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock())
        (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 9)
        assert entry.etag is None, "a 304 would take the refused text for the version's"

    def test_a_later_decision_counts(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        self.store(crawl).refuse(1, by="lin")
        crawl.begin()
        crawl.page("a.html", doubtful("另一段。"))
        assert self.store(crawl).release(2, by="wu").event is Event.NEW
        assert Archive(crawl.engine).refused() == []

    @pytest.mark.parametrize("number", [2, 0, -1, 2**31, 10**30])
    def test_what_is_not_there(self, crawl: Crawl, number: int) -> None:
        crawl.page("a.html", doubtful())
        store = self.store(crawl)
        for decide in (store.release, store.refuse):
            with pytest.raises(UsageError, match="archive quarantine list"):
                decide(number, by="lin")
        with pytest.raises(UsageError, match="archive quarantine list"):
            Archive(crawl.engine).quarantined(number)

    def test_what_is_decided(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        store = self.store(crawl)
        store.refuse(1, by="lin", said="an error page")
        with pytest.raises(UsageError, match="refused by lin on 2026-03-02 08:00 UTC: an error page"):
            store.release(1, by="wu")
        assert kinds(crawl) == ["quarantined", "refused"]

    def test_while_a_run_works_on_the_portal(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        with pytest.raises(PortalBusy, match="is being crawled by"):
            crawl.store.release(1, by="lin")
        assert states(crawl) == [(1, "short", "waiting", 1)]

    def test_a_decision_is_all_or_nothing(self, crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
        crawl.page("a.html", doubtful())
        store = self.store(crawl)

        def fail(*_given: object, **_named: object) -> None:
            raise ArithmeticError

        monkeypatch.setattr("archive.decisions.note", fail)
        with pytest.raises(ArithmeticError):
            store.release(1, by="lin")
        assert states(crawl) == [(1, "short", "waiting", 1)]
        assert Archive(crawl.engine).reports() == []


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
    TestShrink().twice(crawl)
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


Run = Callable[..., tuple[int, str, str]]


@ONE
class TestCommands:
    @pytest.fixture
    def run(self, crawl: Crawl, url: str, capsys: pytest.CaptureFixture[str]) -> Run:
        crawl.page("a.html", doubtful(title="清河街道\x1b[31m2025年法治政府建设年度报告"))
        crawl.again()
        crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")

        def go(*arguments: str) -> tuple[int, str, str]:
            with pytest.raises(SystemExit) as ended:
                main(["quarantine", *arguments, "--db", url])
            said = capsys.readouterr()
            assert "\x1b" not in said.out + said.err
            return int(ended.value.code or 0), said.out, said.err

        return go

    def test_list(self, run: Run) -> None:
        code, out, _ = run("list", "--site", "qinghe", "--reason", "short", "--state", "waiting")
        assert code == 0
        assert SHORT.detail in out
        assert "1 in quarantine" in out
        (row,) = json.loads(run("list", "--json")[1])
        assert (row["quarantine_id"], row["reason"], row["state"]) == (1, "short", "waiting")

    def test_nothing_there_is_no_error(self, run: Run) -> None:
        assert run("list", "--site", "elsewhere") == (0, "", "archive: nothing is in quarantine\n")
        assert run("list", "--state", "refused")[::2] == (0, "archive: nothing in quarantine is refused\n")
        assert json.loads(run("list", "--reason", "year", "--json")[1]) == []

    def test_show(self, run: Run) -> None:
        code, out, _ = run("show", "1")
        assert code == 0
        for words in (SHORT.detail, DECIDE, STUB, "none stands there"):
            assert words in out.replace("\n", " ")
        assert json.loads(run("show", "1", "--json")[1])["text"] == STUB

    def test_release_and_refuse(self, run: Run, crawl: Crawl) -> None:
        code, out, _ = run("release", "1", "--note", "seen on paper", "--by", "lin")
        assert (code, out) == (0, "quarantine 1 released: document 1, version 1, report 1 (new)\n")
        code, out, said = run("refuse", "1")
        assert (code, out) == (2, "")
        assert said.startswith("archive: quarantine 1 is decided: released by lin on")
        assert said.count("\n") == 1
        crawl.begin()
        crawl.page("b.html", doubtful("另一段。"))
        crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
        done = json.loads(run("refuse", "2", "--json", "--note", "no report")[1])
        assert (done["event"], done["document_id"]) == ("refused", None)
        row = Archive(crawl.engine).quarantined(2)
        assert row.decided_by
        assert "@" in row.decided_by

    def test_wrong_numbers_and_busy_portals_are_one_line(self, run: Run, crawl: Crawl) -> None:
        for command in ("show", "release", "refuse"):
            code, out, said = run(command, "77")
            assert (code, out, said.count("\n")) == (2, "", 1)
            assert "archive quarantine list" in said
        assert run("show", "seven")[0] == 2
        crawl.clock.now = utcnow()
        crawl.begin(owner=this_process())
        code, _, said = run("release", "1")
        assert code == 1
        assert said.startswith("archive: portal qinghe is being crawled by")
        assert said.count("\n") == 1

    def test_stats_counts_what_waits(self, run: Run, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            main(["stats", "--db", url])
        assert "1 waiting" in capsys.readouterr().out


def test_every_kind_of_decision_is_a_kind_of_change() -> None:
    assert {"quarantined", "released", "refused"} <= {kind.value for kind in ChangeKind}
