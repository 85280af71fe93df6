"""Moved or withdrawn? Decided at the end of a run, told once."""

from __future__ import annotations

from archive.reader import Archive
from archive.records import FrontierKind
from tests.archive.builder import HOST, Crawl, body_text, extraction


def state(crawl: Crawl, document_id: int = 1) -> tuple[str, str | None]:
    document = Archive(crawl.engine).document(document_id)
    return document.state, document.moved_to_url


def test_the_same_text_elsewhere_means_moved(crawl: Crawl) -> None:
    crawl.page("old.html", extraction(publishers=()))
    crawl.again()
    crawl.lost("old.html")
    crawl.page("new.html", extraction(publishers=()))
    (change,) = crawl.store.settle(crawl.run_id, True)
    assert (change.kind, change.document_id, change.detail) == ("moved", 1, f"to {HOST}/new.html")
    assert state(crawl) == ("moved", f"{HOST}/new.html")
    assert Archive(crawl.engine).changes()[-1] == change
    (report,) = Archive(crawl.engine).reports()
    assert (report.state, report.url) == ("live", f"{HOST}/new.html")
    assert crawl.store.settle(crawl.run_id, True) == []


def test_the_same_report_in_another_wording_means_moved(crawl: Crawl) -> None:
    crawl.page("old.html")
    crawl.again()
    crawl.lost("old.html")
    crawl.page("new.html", extraction(body_text(more="订正。")))
    assert [change.kind for change in crawl.store.settle(crawl.run_id, False)] == ["moved"]


def test_a_copy_that_stood_there_before_is_no_move(crawl: Crawl) -> None:
    crawl.page("old.html")
    crawl.page("copy.html")
    crawl.again()
    crawl.not_modified("old.html")
    crawl.again()
    crawl.lost("old.html")
    assert [change.kind for change in crawl.store.settle(crawl.run_id, True)] == ["withdrawn"]
    assert Archive(crawl.engine).report(1).state == "live"  # the copy


def test_withdrawn_needs_a_complete_run(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.again()
    crawl.lost("a.html")
    assert crawl.store.settle(crawl.run_id, False) == []
    assert state(crawl) == ("gone", None)
    assert [change.kind for change in crawl.store.settle(crawl.run_id, True)] == ["withdrawn"]
    assert crawl.store.settle(crawl.run_id, True) == []
    assert state(crawl) == ("withdrawn", None)
    assert Archive(crawl.engine).text(1) == body_text()


def test_what_a_column_still_lists_is_not_withdrawn(crawl: Crawl) -> None:
    crawl.column("list.html", [crawl.link("a.html")])
    crawl.record("a.html", extraction=extraction())
    crawl.again()
    crawl.enqueue(crawl.link("list.html", FrontierKind.COLUMN))
    crawl.not_modified("list.html")
    crawl.lost("a.html")
    crawl.enqueue(crawl.link("list.html", FrontierKind.COLUMN))
    crawl.not_modified("list.html")  # lists it from memory
    assert crawl.store.settle(crawl.run_id, True) == []
    crawl.again()
    crawl.column("list.html", [])
    assert [change.kind for change in crawl.store.settle(crawl.run_id, True)] == ["withdrawn"]


def test_withdrawn_becomes_moved_when_the_text_returns_elsewhere(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.again()
    crawl.lost("a.html")
    assert [change.kind for change in crawl.store.settle(crawl.run_id, True)] == ["withdrawn"]
    crawl.again()
    crawl.page("b.html")
    assert [change.kind for change in crawl.store.settle(crawl.run_id, True)] == ["moved"]


def test_withdrawn_and_back(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.again()
    crawl.lost("a.html")
    assert [change.kind for change in crawl.store.settle(crawl.run_id, True)] == ["withdrawn"]
    crawl.again()
    crawl.page("a.html")
    assert state(crawl) == ("live", None)
    assert crawl.store.settle(crawl.run_id, True) == []
    assert [change.kind for change in Archive(crawl.engine).changes()] == [
        "new",
        "missing",
        "gone",
        "withdrawn",
        "back",
    ]


def test_short_texts_do_not_inherit(crawl: Crawl) -> None:
    crawl.page("a.html", extraction("见附件", publishers=(), title="甲"))
    crawl.again()
    crawl.lost("a.html")
    crawl.page("b.html", extraction("见附件", publishers=(), title="乙"))
    assert [change.kind for change in crawl.store.settle(crawl.run_id, True)] == ["withdrawn"]


def test_other_portals_are_left_alone(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.lost("a.html")
    stranger = Crawl(crawl.engine, key="other")
    assert stranger.store.settle(stranger.run_id, True) == []
