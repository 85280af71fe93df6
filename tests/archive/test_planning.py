from __future__ import annotations

from datetime import timedelta

from archive.planning import Planning
from archive.records import FrontierKind, How, Outcome
from tests.archive.builder import HOST, Crawl, body_text, extraction


def test_columns_that_gave_reports_are_learned(crawl: Crawl) -> None:
    crawl.column("good/", [crawl.link("good/a.html")])
    crawl.column("dry/", [])
    crawl.record("good/a.html", extraction=extraction())
    (learned,) = Planning(crawl.engine).learned_columns(crawl.portal_id)
    assert learned.url == f"{HOST}/good/"
    assert learned.kind is FrontierKind.COLUMN
    assert learned.how is How.LEARNED


def test_what_is_queued_and_not_yet_fetched_in_this_run_is_counted(crawl: Crawl) -> None:
    planning = Planning(crawl.engine)
    crawl.column("c/", [crawl.link("c/a.html"), crawl.link("c/b.html")])
    assert planning.queued(crawl.run_id, crawl.portal_id) == 2
    crawl.record("c/a.html", extraction=extraction())
    assert planning.queued(crawl.run_id, crawl.portal_id) == 1


def test_reports_and_live_documents_are_counted(crawl: Crawl) -> None:
    planning = Planning(crawl.engine)
    crawl.page("a.html")
    crawl.page("copy.html")
    crawl.page(
        "b.html", extraction(body_text("石桥街道"), title="石桥街道2025年法治政府建设年度报告", publishers=())
    )
    assert planning.known_reports(crawl.portal_id) == 2
    assert planning.live_documents(crawl.portal_id) == 3
    crawl.again()
    crawl.gone("copy.html")
    assert planning.live_documents(crawl.portal_id) == 3  # missing: looked for again
    crawl.again()
    crawl.gone("copy.html")
    assert planning.live_documents(crawl.portal_id) == 2


def test_a_search_for_columns_is_remembered_by_its_date(crawl: Crawl) -> None:
    planning = Planning(crawl.engine)
    assert not planning.searched_since(crawl.portal_id, crawl.clock() - timedelta(days=90))
    crawl.enqueue(crawl.link("new/", FrontierKind.HUB, how=How.DISCOVERED))
    crawl.record("new/", body=b"<html>a page that was new</html>")
    assert not planning.searched_since(crawl.portal_id, crawl.clock() - timedelta(days=90))
    crawl.enqueue(crawl.link("", FrontierKind.HUB, how=How.DECLARED))
    crawl.record("", body=b"<html>home</html>")
    assert planning.searched_since(crawl.portal_id, crawl.clock() - timedelta(days=90))
    assert not planning.searched_since(crawl.portal_id, crawl.clock() + timedelta(days=1))


def test_changes_of_a_run_and_options_of_the_last(crawl: Crawl) -> None:
    planning = Planning(crawl.engine)
    assert planning.last_run_options("nobody") == {}
    crawl.page("a.html")
    assert planning.run_changes(crawl.run_id) == [("new", 1)]
    crawl.store.begin_run(
        crawl.portal_id, trigger="t", code_version="0", options={"sample_year": 2}, owner="test"
    )
    assert planning.last_run_options("qinghe") == {"sample_year": 2}


def test_a_failed_column_is_not_forgotten(crawl: Crawl) -> None:
    crawl.column("good/", [crawl.link("good/a.html")])
    crawl.record("good/a.html", extraction=extraction())
    crawl.again()
    crawl.enqueue(crawl.link("good/", FrontierKind.COLUMN))
    crawl.record("good/", outcome=Outcome.TIMEOUT, status=None)
    assert len(Planning(crawl.engine).learned_columns(crawl.portal_id)) == 1
