"""The frontier: what is queued, what is refused, what is looked at again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from archive.reader import Archive
from archive.records import Event, FrontierKind, How, Outcome, Verdict
from tests.archive.builder import HOST, Crawl, body_text, extraction

COLUMN = FrontierKind.COLUMN


def test_new_links_are_queued_once_by_priority(crawl: Crawl) -> None:
    low, high = crawl.link("low.html"), crawl.link("high.html", priority=5)
    assert crawl.enqueue(low, high, low) == 2
    assert crawl.enqueue(low, high) == 0
    assert crawl.queue() == ["high.html", "low.html"]


def test_entries_in_flight_are_left_out_and_the_limit_holds(crawl: Crawl) -> None:
    crawl.enqueue(*(crawl.link(f"{number}.html") for number in range(5)))
    first = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 2)
    rest = crawl.store.next_entries(crawl.run_id, crawl.portal_id, {entry.id for entry in first}, 2)
    assert [entry.url for entry in first + rest] == [f"{HOST}/{number}.html" for number in range(4)]


def test_a_refused_link_is_kept_with_its_reason_and_not_queued(crawl: Crawl) -> None:
    assert crawl.enqueue(crawl.link("plan.html", verdict=Verdict.NO, reason="工作计划")) == 0
    assert crawl.queue() == []
    (refusal,) = Archive(crawl.engine).refused()
    assert (refusal.url, refusal.reason, refusal.read) == (f"{HOST}/plan.html", "工作计划", False)


@pytest.mark.parametrize("verdict", [Verdict.REPORT, Verdict.UNSURE])
def test_a_refused_link_that_is_wanted_now_is_queued(crawl: Crawl, verdict: Verdict) -> None:
    crawl.enqueue(crawl.link("a.html", title="查看", verdict=Verdict.NO, reason="no title"))
    assert (
        crawl.enqueue(crawl.link("a.html", title="清河街道2025年报告", verdict=verdict, reason="title")) == 1
    )
    (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 5)
    assert (entry.verdict, entry.title) == (verdict, "清河街道2025年报告")


def test_of_two_links_on_one_page_the_surer_one_counts(crawl: Crawl) -> None:
    no = crawl.link("a.html", title="查看", verdict=Verdict.NO, reason="no title")
    assert crawl.enqueue(no, crawl.link("a.html", title="清河街道2025年报告"), no) == 1
    assert crawl.enqueue(no) == 0
    assert crawl.queue() == ["a.html"]


def test_a_page_refused_after_reading_is_not_read_in_every_run(crawl: Crawl) -> None:
    crawl.page("a.html", extraction(verdict=Verdict.NO, verdict_reason="a notice"))
    crawl.again()
    assert crawl.enqueue(crawl.link("a.html")) == 0
    assert crawl.enqueue(crawl.link("a.html", title="清河街道2025年法治政府建设年度报告")) == 1


def test_same_bytes_at_a_refused_page_leave_it_refused(crawl: Crawl) -> None:
    refused = extraction(verdict=Verdict.NO, verdict_reason="a notice")
    crawl.page("a.html", refused)
    crawl.again()
    crawl.enqueue(crawl.link("a.html", title="另一个标题"))
    fetch = crawl.fetch("a.html", body=crawl.fetch("a.html", extraction=refused).body)
    assert crawl.store.record(crawl.run_id, fetch).event is Event.REFUSED
    assert [row.reason for row in Archive(crawl.engine).refused()] == ["a notice"]


def test_pages_once_read_are_not_queued_by_being_listed(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.again()
    news = crawl.link("a.html", title="改过的标题", listed_date=date(2026, 2, 1), column="年度报告")
    assert crawl.enqueue(news) == 0
    crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock(), all=True)
    (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 5)
    assert (entry.title, entry.listed_date, entry.column) == ("改过的标题", date(2026, 2, 1), "年度报告")


def test_a_title_cut_short_by_a_list_does_not_replace_the_full_one(crawl: Crawl) -> None:
    crawl.enqueue(crawl.link("a.html", title="清河街道2025年法治政府建设年度报告"))
    crawl.enqueue(crawl.link("a.html", title="清河街道2025年法治…"))
    (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 5)
    assert entry.title == "清河街道2025年法治政府建设年度报告"


def test_columns_are_queued_in_every_run_but_once_in_each(crawl: Crawl) -> None:
    for _ in range(2):
        assert crawl.enqueue(crawl.link("list.html", COLUMN)) == 1
        crawl.column("list.html", [])
        assert crawl.enqueue(crawl.link("list.html", COLUMN)) == 0
        assert crawl.queue() == []
        crawl.again()


def test_failed_pages_are_queued_again_by_the_next_run_only(crawl: Crawl) -> None:
    crawl.enqueue(crawl.link("a.html"))
    crawl.record("a.html", outcome=Outcome.TIMEOUT)
    assert crawl.enqueue(crawl.link("a.html")) == 0
    assert crawl.queue() == []
    crawl.again()
    assert crawl.enqueue(crawl.link("a.html")) == 1


def test_what_a_killed_run_had_queued_is_served_to_the_next(crawl: Crawl) -> None:
    crawl.enqueue(crawl.link("a.html"), crawl.link("b.html"))
    crawl.record("a.html", extraction=extraction())
    crawl.begin()
    assert crawl.queue() == ["b.html"]


def test_a_hub_that_turns_out_to_be_a_column_becomes_one(crawl: Crawl) -> None:
    crawl.enqueue(crawl.link("x/", FrontierKind.HUB, how=How.DISCOVERED))
    crawl.enqueue(crawl.link("x/", COLUMN, how=How.DISCOVERED))
    crawl.enqueue(crawl.link("x/", FrontierKind.HUB, how=How.DISCOVERED))
    (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 5)
    assert entry.kind is COLUMN


@pytest.mark.parametrize("address", ["http://h/" + "a" * 100_000, "http://h/" + "字" * 1000])
def test_an_endless_address_is_refused_not_fatal(crawl: Crawl, address: str) -> None:
    assert crawl.enqueue(crawl.link("a.html", url=address)) == 0
    assert crawl.enqueue(crawl.link("a.html", url=address)) == 0
    (refusal,) = Archive(crawl.engine).refused()
    assert refusal.reason is not None and "longer than" in refusal.reason


def test_thousands_of_links_in_one_call(crawl: Crawl) -> None:
    links = [crawl.link(f"{number}.html") for number in range(2500)]
    assert crawl.enqueue(*links) == 2500
    assert crawl.enqueue(*links) == 0


class TestRechecks:
    def plan(self, crawl: Crawl, **given: object) -> list[str]:
        before = crawl.queue()
        count = crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock(), **given)
        planned = [name for name in crawl.queue() if name not in before]
        assert count == len(planned)
        return sorted(planned)

    def pages(self, crawl: Crawl, count: int) -> list[str]:
        names = [f"{number:02}.html" for number in range(count)]
        crawl.enqueue(*(crawl.link(name) for name in names))
        for name in names:
            crawl.record(name, extraction=extraction(body_text(place=name), publishers=(), title=name))
            crawl.clock.pass_time(minutes=1)
        return names

    def test_all_means_all_but_those_of_this_run(self, crawl: Crawl) -> None:
        names = self.pages(crawl, 4)
        assert self.plan(crawl, all=True) == []
        crawl.again()
        crawl.not_modified(names[0])
        assert self.plan(crawl, all=True) == names[1:]

    def test_the_audit_takes_the_longest_unchecked(self, crawl: Crawl) -> None:
        names = self.pages(crawl, 6)
        crawl.again()
        assert self.plan(crawl, minimum=2) == names[:2]
        crawl.not_modified(names[0])
        crawl.not_modified(names[1])
        crawl.again()
        assert self.plan(crawl, minimum=1, share=0.5) == names[2:5]

    def test_what_is_overdue_comes_whole(self, crawl: Crawl) -> None:
        names = self.pages(crawl, 5)
        crawl.again(days=31)
        assert self.plan(crawl, minimum=1) == names
        assert self.plan(crawl, minimum=1) == []  # what is queued is not planned twice

    def test_nothing_is_overdue_before_the_interval(self, crawl: Crawl) -> None:
        self.pages(crawl, 3)
        crawl.again(days=29)
        assert self.plan(crawl, minimum=0, share=0) == []
        crawl.clock.pass_time(days=2)
        assert len(self.plan(crawl, minimum=0, share=0, interval=timedelta(days=30))) == 3

    def test_what_a_wrong_clock_dated_ahead_is_looked_at_again(self, crawl: Crawl) -> None:
        names = self.pages(crawl, 3)
        crawl.again(days=365)  # the clock is a year ahead
        crawl.not_modified(names[0])
        crawl.clock.pass_time(days=-365)  # and is put right
        crawl.again(days=1)
        assert self.plan(crawl, minimum=0, share=0) == names[:1]
        crawl.not_modified(names[0])
        crawl.clock.pass_time(hours=-1)
        crawl.again(days=0)
        assert self.plan(crawl, minimum=0, share=0) == []

    def test_failed_and_gone_pages_are_known_pages(self, crawl: Crawl) -> None:
        names = self.pages(crawl, 3)
        crawl.again()
        crawl.record(names[2], outcome=Outcome.TIMEOUT)
        crawl.lost(names[1])
        crawl.again()
        assert self.plan(crawl, minimum=0, share=0) == [names[2]]
        assert self.plan(crawl, all=True) == names[:2]

    def test_what_is_missing_is_looked_for_by_the_next_run(self, crawl: Crawl) -> None:
        names = self.pages(crawl, 2)
        crawl.again()
        crawl.gone(names[1])
        crawl.again()
        assert self.plan(crawl, minimum=0, share=0) == [names[1]]
        crawl.gone(names[1])
        crawl.again()
        assert self.plan(crawl, minimum=0, share=0) == []

    def test_columns_and_refused_pages_are_not_rechecked(self, crawl: Crawl) -> None:
        crawl.column("list.html", [crawl.link("plan.html", verdict=Verdict.NO)])
        crawl.again()
        assert self.plan(crawl, all=True) == []
