"""Which stored captures are to be read again, on every database."""

from __future__ import annotations

from datetime import timedelta

from archive.planning import REREADING, HeldPortal, Planning, Readers
from archive.records import FrontierKind, Outcome, PublisherRef, RunState, Verdict
from tests.archive.builder import HOST, Crawl, body_text, extraction

NOBODY: Readers = {FrontierKind.PAGE: (), FrontierKind.ATTACHMENT: ()}
TODAY: Readers = {FrontierKind.PAGE: [("portal", "2")], FrontierKind.ATTACHMENT: [("files", "1")]}
BOTH: Readers = {
    FrontierKind.PAGE: [("portal", "1"), ("portal", "2")],
    FrontierKind.ATTACHMENT: [("files", "1")],
}


def names(crawl: Crawl, found: list[int]) -> list[str]:
    """Addresses of captures, short."""
    planning = Planning(crawl.engine)
    return [planning.stored(capture_id).url.removeprefix(f"{HOST}/") for capture_id in found]


def chosen(crawl: Crawl, **given: object) -> list[int]:
    """Captures to be read again; the count must agree with them."""
    options = {"readers": TODAY, **given}
    found = Planning(crawl.engine).rereadable(crawl.portal_id, **options)  # type: ignore[arg-type]
    options.pop("after", None)
    if "limit" not in given and "after" not in given:
        counted = Planning(crawl.engine).count_rereadable(crawl.portal_id, **options)  # type: ignore[arg-type]
        assert counted == len(found)
    return [one.capture_id for one in found]


def test_the_newest_content_of_each_page_and_file_that_today_s_extractor_has_not_read(crawl: Crawl) -> None:
    crawl.column("c/", [crawl.link("c/a.html")])
    crawl.record("c/a.html", extraction=extraction())
    crawl.page("new.html", extraction(version="2"))
    crawl.enqueue(crawl.link("file.pdf", FrontierKind.ATTACHMENT))
    crawl.record("file.pdf", extraction=extraction("", error="not read"), body=b"%PDF-1.4")
    crawl.again()
    crawl.record("c/a.html", extraction=extraction(body_text(more="改。")))
    crawl.record("new.html", outcome=Outcome.CHALLENGE, status=412, body=b"<html>wait</html>")
    found = chosen(crawl)
    assert names(crawl, found) == ["file.pdf", "c/a.html"]
    assert "改。".encode() in Planning(crawl.engine).stored(found[1]).body, "the newest bytes, not the first"
    crawl.enqueue(crawl.link("read.pdf", FrontierKind.ATTACHMENT))
    crawl.record("read.pdf", extraction=extraction(extractor="files"), body=b"%PDF-1.5")
    assert chosen(crawl) == found
    assert chosen(crawl, after=found[0]) == found[1:]
    assert chosen(crawl, limit=1) == found[:1]
    assert names(crawl, chosen(crawl, readers=NOBODY)) == ["new.html", "file.pdf", "c/a.html", "read.pdf"]
    assert names(crawl, chosen(crawl, readers=BOTH)) == ["file.pdf"]


def test_what_failed_last_time_by_whichever_extractor(crawl: Crawl) -> None:
    crawl.page("good.html", extraction(version="2"))
    crawl.page("old.html", extraction("", error="crashed"))
    crawl.page("now.html", extraction("", version="2", error="slow"))
    assert names(crawl, chosen(crawl, failed=True)) == ["old.html", "now.html"]
    (old, _) = Planning(crawl.engine).rereadable(crawl.portal_id, readers=TODAY, failed=True)
    stored = Planning(crawl.engine).stored(old.capture_id)
    crawl.store.record_rereading(crawl.run_id, stored, extraction(version="2"))
    assert names(crawl, chosen(crawl, failed=True)) == ["now.html"], "the last reading decides"


def test_since_is_the_time_of_the_fetch(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.again(days=2)
    moment = crawl.clock()
    crawl.page("b.html", extraction(body_text("石桥街道")))
    assert names(crawl, chosen(crawl, since=moment)) == ["b.html"]
    assert chosen(crawl, since=moment + timedelta(microseconds=1)) == []


def test_the_last_reading_comes_with_it(crawl: Crawl) -> None:
    crawl.page("a.html", extraction(verdict=Verdict.UNSURE))
    (one,) = Planning(crawl.engine).rereadable(crawl.portal_id, readers=TODAY)
    assert one.before is not None
    assert (one.before.verdict, one.before.report_year, one.before.error) == (Verdict.UNSURE, 2025, None)
    assert one.before.publishers == (PublisherRef(name="清河街道", code="999001001", level="street"),)


def test_only_portals_with_pages_are_held(crawl: Crawl) -> None:
    planning = Planning(crawl.engine)
    crawl.column("c/", [])
    assert planning.portals_held() == []
    crawl.page("a.html")
    (held,) = planning.portals_held()
    assert held == HeldPortal(portal_id=crawl.portal_id, key="qinghe", name=held.name)
    assert planning.rereadable(crawl.portal_id + 1, readers=TODAY) == []


def test_rereading_is_no_crawl_whose_options_are_remembered(crawl: Crawl) -> None:
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
    for trigger, options in (("manual", {"sample_year": 3}), (REREADING, {"failed": True})):
        run_id = crawl.store.begin_run(
            crawl.portal_id, trigger=trigger, code_version="0", options=options, owner="test"
        )
        crawl.store.finish_run(run_id, RunState.COMPLETE, {}, "")
    assert Planning(crawl.engine).last_run_options("qinghe") == {"sample_year": 3}
