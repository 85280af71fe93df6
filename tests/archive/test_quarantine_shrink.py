"""A text that shrank is no version before a fetch a day later says the same."""

from __future__ import annotations

import pytest

from archive.quarantine import AGAIN, CONFIRM, KEPT_SHARE
from archive.reader import Archive
from archive.records import (
    Event,
    ExtractionRecord,
    StoredCapture,
)
from tests.archive.builder import Crawl, extraction
from tests.archive.quarantining import CUT, LONG, ONE, kinds, shrunk_twice, states


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
        shrunk_twice(crawl)
        (row,) = Archive(crawl.engine).quarantine()
        assert (row.state, row.attempts, row.next_step, row.document_id) == ("waiting", 2, CONFIRM, 1)
        assert "lost 4" in (row.detail or "")
        assert crawl.queue() == []
        assert Archive(crawl.engine).text(1) == LONG
        assert kinds(crawl) == ["new", "quarantined"]

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
        shrunk_twice(crawl)
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
        shrunk_twice(crawl, CUT[:-7])
        crawl.again(days=2)
        assert crawl.page("a.html", extraction(CUT)).event is Event.QUARANTINED
        crawl.again(days=1)
        assert crawl.page("a.html", extraction(CUT)).event is Event.CHANGED

    def test_other_furniture_round_the_same_text_confirms_it(self, crawl: Crawl) -> None:
        self.first(crawl)
        shrunk_twice(crawl)
        crawl.again()
        assert crawl.page("a.html", extraction(CUT), body=b"visits: 7").event is Event.CHANGED

    def test_back_later_it_is_resolved(self, crawl: Crawl) -> None:
        self.first(crawl)
        shrunk_twice(crawl)
        crawl.again()
        assert crawl.page("a.html", extraction(LONG)).event is Event.UNCHANGED
        assert states(crawl) == [(1, "shrink", "resolved", 2)]

    def test_a_second_episode_is_a_row_of_its_own(self, crawl: Crawl) -> None:
        self.first(crawl)
        shrunk_twice(crawl)
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
        shrunk_twice(crawl)
        assert Archive(crawl.engine).document(1).state == "gone"
        crawl.again()
        crawl.page("a.html", extraction(CUT))
        assert Archive(crawl.engine).document(1).state == "live"


def test_a_shrink_is_held_and_confirmed(crawl: Crawl) -> None:
    TestShrink().first(crawl)
    shrunk_twice(crawl)
    crawl.again()
    assert crawl.page("a.html", extraction(CUT)).event is Event.CHANGED
    assert states(crawl) == [(1, "shrink", "resolved", 2)]
