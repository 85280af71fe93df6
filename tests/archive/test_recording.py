"""One fetch, recorded: what each outcome leaves behind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.errors import ArchiveError
from archive.reader import Archive
from archive.records import Event, FrontierKind, Outcome, PublisherRef, Recorded, Verdict
from tests.archive.breaking import breaking_at
from tests.archive.builder import HOST, Crawl, body_text, extraction, other


def test_a_new_report_is_kept_with_all_its_evidence(crawl: Crawl) -> None:
    recorded = crawl.page("a.html", etag='"1"', last_modified="Sun, 01 Mar 2026 08:00:00 GMT")
    archive = Archive(crawl.engine)

    assert recorded == Recorded(event=Event.NEW, frontier_id=1, document_id=1, report_id=1, version=1)
    (report,) = archive.reports()
    assert (report.title, report.year, report.publishers) == (
        "清河街道2025年法治政府建设年度报告",
        2025,
        "清河街道",
    )
    assert (report.state, report.url, report.first_seen) == ("live", f"{HOST}/a.html", crawl.clock.now)
    assert archive.text(1) == body_text()
    (version,) = archive.versions(1)
    assert version.metadata["title"][0]["where"] == "h1"
    stored = archive.capture(version.payload_sha256)
    assert stored.body == f"<html><p>{body_text()}</p></html>".encode()
    assert stored.headers == {"content-type": "text/html"}
    assert [(change.kind, change.document_id, change.report_id) for change in archive.changes()] == [
        ("new", 1, 1)
    ]


def test_of_a_page_met_for_the_first_time_nothing_is_asked_that_cannot_be(crawl: Crawl) -> None:
    """Every question is a round trip to the server."""
    crawl.page("a.html")
    crawl.enqueue(crawl.link("b.html"))
    issuer = PublisherRef(name="柳林街道", code="999001002", level="street")
    reading = extraction(body_text("柳林街道"), publishers=(issuer,))
    fetch = crawl.fetch("b.html", extraction=reading)
    with breaking_at(crawl.engine, 0) as statements:
        recorded = crawl.store.record(crawl.run_id, fetch)
    assert (recorded.event, recorded.report_id) == (Event.NEW, 2)
    asked = [one for one in statements if one.startswith(("SELECT", "UPDATE")) and "advisory" not in one]
    assert len(asked) <= 10, asked
    assert not [
        one for one in asked if one.startswith(("SELECT quarantine", "SELECT redaction", "UPDATE document"))
    ]


def test_the_same_bytes_change_nothing_but_the_time_last_seen(crawl: Crawl, query) -> None:
    crawl.page("a.html")
    before = query("SELECT count(*) FROM capture"), query("SELECT count(*) FROM extraction")
    crawl.clock.pass_time(hours=1)
    recorded = crawl.page("a.html")

    assert (recorded.event, recorded.version) == (Event.UNCHANGED, 1)
    assert before == (query("SELECT count(*) FROM capture"), query("SELECT count(*) FROM extraction"))
    (document,) = Archive(crawl.engine).documents(1)
    assert document.last_seen == crawl.clock.now
    assert len(Archive(crawl.engine).changes()) == 1


def test_not_modified_confirms_the_document(crawl: Crawl) -> None:
    crawl.page("a.html", etag='"1"')
    crawl.again()
    assert crawl.not_modified("a.html").event is Event.UNCHANGED
    (version,) = Archive(crawl.engine).versions(1)
    assert version.last_seen == crawl.clock.now
    crawl.again()
    crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock(), all=True)
    (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 5)
    assert (entry.etag, entry.known) == ('"1"', True)


def test_another_text_makes_a_version_other_furniture_does_not(crawl: Crawl) -> None:
    crawl.page("a.html")
    assert crawl.page("a.html", body=b"<html>visits: 7</html>").event is Event.UNCHANGED
    spaced = extraction(body_text().replace("\n", "\n\n　　"))
    assert crawl.page("a.html", spaced, body=b"<html>new template</html>").event is Event.UNCHANGED
    changed = crawl.page("a.html", extraction(body_text().replace("四十二件", "四十三件")))

    assert (changed.event, changed.version) == (Event.CHANGED, 2)
    versions = Archive(crawl.engine).versions(1)
    assert [version.number for version in versions] == [1, 2]
    assert versions[0].text_sha256 != versions[1].text_sha256
    assert [change.kind for change in Archive(crawl.engine).changes()] == ["new", "changed"]


def test_a_text_that_returns_is_a_third_version(crawl: Crawl) -> None:
    first, second = extraction(), extraction(body_text(more="另有三个问题。"))
    for reading in (first, second, first):
        recorded = crawl.page("a.html", reading)
    assert (recorded.event, recorded.version) == (Event.CHANGED, 3)


def test_the_time_last_seen_of_an_old_version_stays(crawl: Crawl) -> None:
    crawl.page("a.html")
    seen = crawl.clock.now
    crawl.again()
    crawl.page("a.html", extraction(body_text(more="新。")))
    old, new = Archive(crawl.engine).versions(1)
    assert (old.last_seen, new.first_seen) == (seen, crawl.clock.now)


def test_unsure_is_kept_and_listed_but_no_report(crawl: Crawl) -> None:
    doubtful = extraction(verdict=Verdict.UNSURE, verdict_reason="no year in the title")
    recorded = crawl.page("a.html", doubtful)
    archive = Archive(crawl.engine)
    assert (recorded.event, recorded.report_id, recorded.version) == (Event.UNSURE, None, 1)
    assert archive.reports() == []
    (document,) = archive.unsure("qinghe")
    assert document.verdict_reason == "no year in the title"
    assert archive.text_of(archive.version(1).text_sha256) == body_text()

    later = crawl.page("a.html", other(doubtful, version="2", verdict=Verdict.REPORT))
    assert later.report_id == 1
    assert archive.unsure() == []
    assert [change.kind for change in archive.changes()] == ["unsure", "new"]


def test_a_page_that_is_no_report_is_refused_with_its_bytes(crawl: Crawl, query) -> None:
    recorded = crawl.page("a.html", extraction("抽查情况通报", verdict=Verdict.NO, verdict_reason="a notice"))
    (refusal,) = Archive(crawl.engine).refused("qinghe")
    assert (recorded.event, recorded.document_id) == (Event.REFUSED, None)
    assert (refusal.reason, refusal.read) == ("a notice", True)
    assert query("SELECT count(*) FROM capture") == [(1,)]
    assert crawl.page("a.html").event is Event.NEW  # the page became a report


def test_a_document_is_kept_when_its_page_becomes_something_else(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.again()
    recorded = crawl.page("a.html", extraction("栏目首页", verdict=Verdict.NO, verdict_reason="a menu"))
    assert (recorded.event, recorded.document_id, recorded.version) == (Event.UNREAD, 1, 1)
    assert Archive(crawl.engine).text(1) == body_text()
    assert Archive(crawl.engine).refused() == []


@pytest.mark.parametrize(
    "reading", [extraction(""), extraction(" \u3000\n"), extraction("", error="parser crashed")]
)
def test_bytes_that_give_no_text_are_kept(crawl: Crawl, query, reading) -> None:
    assert crawl.page("a.html", reading, etag='"1"').event is Event.UNREAD
    assert query("SELECT count(*) FROM capture") == [(1,)]
    assert query("SELECT error FROM extraction") == [(reading.error,)]
    assert query("SELECT count(*) FROM document") == [(0,)]


def test_after_a_crash_of_the_reader_the_next_visit_asks_for_the_bytes(crawl: Crawl, query) -> None:
    body = b"<html>difficult</html>"
    crawl.page("a.html", extraction("", error="timeout"), body=body, etag='"1"')
    crawl.again()
    crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock(), all=True)
    (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 5)
    assert (entry.etag, entry.payload_sha256) == (None, None)
    assert crawl.page("a.html", body=body).event is Event.NEW
    assert query("SELECT count(*) FROM capture") == [(1,)]


@pytest.mark.parametrize(
    "outcome", [outcome for outcome in Outcome if outcome not in {"ok", "not_modified", "gone", "soft_404"}]
)
def test_failures_never_touch_documents(crawl: Crawl, outcome: Outcome) -> None:
    crawl.page("a.html", etag='"1"')
    before = Archive(crawl.engine).documents(1)
    crawl.again()
    recorded = crawl.record("a.html", outcome=outcome, status=200, body=b"challenge", extraction=None)
    after = Archive(crawl.engine).documents(1)
    assert recorded.event is (Event.MOVED if outcome is Outcome.MOVED else Event.FAILED)
    assert (after[0].state, after[0].last_seen, after[0].versions) == (
        before[0].state,
        before[0].last_seen,
        before[0].versions,
    )
    assert after[0].last_outcome == outcome
    crawl.again()
    crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock())
    (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 5)
    assert (entry.etag, entry.attempts) == ('"1"', 1)


def test_evidence_of_failures_is_kept_once(crawl: Crawl, query) -> None:
    crawl.page("a.html")
    for body in (b"challenge 1", b"challenge 1", b"challenge 2"):
        crawl.record("a.html", outcome=Outcome.CHALLENGE, body=body, status=412)
    assert query("SELECT count(*) FROM capture WHERE outcome = 'challenge'") == [(2,)]
    assert crawl.page("a.html").event is Event.UNCHANGED
    assert query("SELECT count(*) FROM capture") == [(3,)]


def test_gone_is_told_once_and_keeps_the_text(crawl: Crawl) -> None:
    crawl.page("a.html")
    for event in (Event.MISSING, Event.GONE, Event.GONE):
        crawl.again()
        assert crawl.gone("a.html").event is event
    archive = Archive(crawl.engine)
    (document,) = archive.documents(1)
    assert document.state == "gone"
    assert document.gone_since == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert archive.text(1) == body_text()
    assert [change.kind for change in archive.changes()] == ["new", "missing", "gone"]
    assert archive.reports()[0].state == "gone"


@pytest.mark.parametrize("how", ["same bytes", "304", "other text"])
def test_a_document_that_comes_back_lives_again(crawl: Crawl, how: str) -> None:
    crawl.page("a.html")
    crawl.lost("a.html")
    crawl.again()
    if how == "304":
        recorded = crawl.not_modified("a.html")
    else:
        recorded = crawl.page("a.html", extraction(body_text(more="改。" if how == "other text" else "")))
    archive = Archive(crawl.engine)
    (document,) = archive.documents(1)
    assert (document.state, document.gone_since) == ("live", None)
    changed = how == "other text"
    assert recorded.event is (Event.CHANGED if changed else Event.UNCHANGED)
    assert [change.kind for change in archive.changes()] == ["new", "missing", "gone", "back"] + [
        "changed"
    ] * changed


def test_404_where_no_document_stands_is_a_failure(crawl: Crawl) -> None:
    crawl.enqueue(crawl.link("a.html"))
    assert crawl.gone("a.html").event is Event.FAILED
    assert Archive(crawl.engine).changes() == []


def test_a_column_is_read_for_its_links(crawl: Crawl) -> None:
    refused = crawl.link("plan.html", verdict=Verdict.NO, reason="a plan")
    recorded = crawl.column("list.html", [crawl.link("a.html"), crawl.link("b.html"), refused])
    assert (recorded.event, recorded.queued) == (Event.LISTED, 2)
    assert crawl.queue() == ["a.html", "b.html"]
    assert crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 5)[0].found_on == f"{HOST}/list.html"
    assert [row.reason for row in Archive(crawl.engine).refused()] == ["a plan"]


@pytest.mark.parametrize("how", ["304", "same bytes"])
def test_an_unchanged_column_is_answered_from_memory(crawl: Crawl, how: str) -> None:
    links = [crawl.link("a.html", title="甲街道2025年报告"), crawl.link("b.html")]
    crawl.column("list.html", links)
    crawl.record("a.html", extraction=extraction())
    crawl.record("b.html", outcome=Outcome.TIMEOUT)
    crawl.again()
    crawl.enqueue(crawl.link("list.html", FrontierKind.COLUMN))
    if how == "304":
        recorded = crawl.not_modified("list.html")
    else:
        recorded = crawl.record("list.html", body="\n".join(link.url for link in links).encode())
    assert (recorded.event, recorded.queued) == (Event.LISTED, 1)
    assert crawl.queue() == ["b.html"]  # what failed is queued again, what was read is not
    listing, remembered = crawl.store.remembered(crawl.id_of("list.html"))
    assert listing is not None and listing.total == 2
    assert list(remembered) == links


def test_what_is_not_known_is_told(crawl: Crawl) -> None:
    crawl.page("a.html")
    stranger = Crawl(crawl.engine, key="other")
    with pytest.raises(ArchiveError, match="not of the portal"):
        stranger.store.record(stranger.run_id, crawl.fetch("a.html"))
    with pytest.raises(ArchiveError, match="no run 99"):
        crawl.store.record(99, crawl.fetch("a.html"))


def test_hostile_strings_are_stored_harmlessly(crawl: Crawl) -> None:
    nasty = "标题\x00\ud800 '; DROP TABLE report; --\x1b[31m"
    reading = extraction(body_text() + "\x00", title=nasty, metadata={"title": [{"raw": nasty}]})
    recorded = crawl.page("a.html", reading, headers={"x": nasty}, detail=nasty)
    assert recorded.event is Event.NEW
    assert Archive(crawl.engine).reports()[0].title == "标题\ufffd\ufffd '; DROP TABLE report; --\x1b[31m"
    assert crawl.page("a.html", reading, headers={"x": nasty}).event is Event.UNCHANGED
