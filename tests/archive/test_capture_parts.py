"""Articles in several pages, and files with the pages that list them, on every database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from archive import schema
from archive.cli import main
from archive.database import open_archive
from archive.planning import Planning, Readers
from archive.reader import Archive
from archive.records import Event, FrontierKind, How, Outcome, PartRecord, PublisherRef, Verdict
from tests.archive.builder import HOST, Crawl, body_text, extraction

FIRST = b"<html>page 1</html>"
READERS: Readers = {FrontierKind.PAGE: [("portal", "2")], FrontierKind.ATTACHMENT: (), FrontierKind.ANNEX: ()}


def parts(crawl: Crawl, *bodies: bytes, name: str = "a") -> tuple[PartRecord, ...]:
    return tuple(
        PartRecord(
            requested_url=f"{HOST}/{name}_{number}.html",
            final_url=f"{HOST}/{name}_{number}.html",
            fetched_at=crawl.clock() + timedelta(seconds=number),
            status=200,
            headers={"content-type": "text/html"},
            body=body,
            media_type="text/html",
        )
        for number, body in enumerate(bodies, 1)
    )


def captures(crawl: Crawl) -> list[Sequence[object]]:
    row = schema.capture.c
    with crawl.engine.connect().execution_options(archive_reads=True) as connection:
        query = sa.select(row.id, row.part_of_id, row.part, row.outcome).order_by(row.id)
        return [tuple(found) for found in connection.execute(query)]


def test_the_pages_of_an_article_are_kept_and_loaded_in_order(crawl: Crawl) -> None:
    given = parts(crawl, b"<html>2</html>", b"<html>3</html>")
    crawl.page("a.html", body=FIRST, parts=given, etag='"1"', last_modified="yesterday")
    assert captures(crawl) == [(1, None, None, "ok"), (2, 1, 2, "ok"), (3, 1, 3, "ok")]
    stored = Planning(crawl.engine).stored(1)
    assert (stored.body, stored.parts) == (FIRST, given)
    (listed,) = crawl.store.unread_by(crawl.portal_id, "portal", "2")
    assert (listed.id, listed.parts) == (1, given)
    planning = Planning(crawl.engine)
    assert [one.capture_id for one in planning.rereadable(crawl.portal_id, readers=READERS)] == [1]
    assert planning.count_rereadable(crawl.portal_id, readers=READERS) == 1
    assert Archive(crawl.engine).stats().captures == 1


def test_its_first_page_alone_never_answers_for_the_article(crawl: Crawl) -> None:
    crawl.page("a.html", body=FIRST, parts=parts(crawl, b"2"), etag='"1"', last_modified="yesterday")
    crawl.again()
    crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock(), all=True)
    (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 10)
    assert (entry.etag, entry.last_modified, entry.payload_sha256) == (None, None, None)


@pytest.mark.parametrize(
    ("bodies", "kept"),
    [
        ((b"2", b"3"), 3),
        ((b"2", b"3!"), 6),
        ((b"2",), 5),
        ((), 4),
        ((b"2", b"3", b"4"), 7),
        ((b"3", b"2"), 6),
    ],
)
def test_an_article_is_the_same_only_if_all_its_pages_are(
    crawl: Crawl, bodies: tuple[bytes, ...], kept: int
) -> None:
    crawl.page("a.html", body=FIRST, parts=parts(crawl, b"2", b"3"))
    crawl.again()
    assert crawl.record("a.html", extraction=extraction(), body=FIRST, parts=parts(crawl, *bodies)).event is (
        Event.UNCHANGED
    )
    assert len(captures(crawl)) == kept


def test_an_edit_of_a_later_page_is_one_version(crawl: Crawl) -> None:
    crawl.page("a.html", body=FIRST, parts=parts(crawl, b"2", b"3"))
    crawl.again()
    edited = extraction(body_text(more="改。"))
    for _ in range(2):  # recorded twice, as after a crash
        recorded = crawl.record("a.html", extraction=edited, body=FIRST, parts=parts(crawl, b"2", b"3!"))
    assert recorded.version == 2
    assert len(captures(crawl)) == 6
    newest = Planning(crawl.engine).rereadable(crawl.portal_id, readers=READERS)
    assert [one.capture_id for one in newest] == [4]


def test_an_article_that_was_cut_short_keeps_its_evidence_and_its_document(crawl: Crawl) -> None:
    crawl.page("a.html", body=FIRST, parts=parts(crawl, b"2", b"3"))
    crawl.again()
    cut = {"outcome": Outcome.CUT_SHORT, "body": FIRST, "detail": "page 3 of the article: HTTP 404"}
    for _ in range(2):
        recorded = crawl.record("a.html", **cut, parts=parts(crawl, b"2", b"404"))
    assert (recorded.event, recorded.document_id) == (Event.FAILED, 1)
    assert [row[3] for row in captures(crawl)] == ["ok"] * 3 + ["cut_short"] * 3
    crawl.again()
    crawl.record("a.html", extraction=extraction(), body=FIRST, parts=parts(crawl, b"2", b"3"))
    assert len(captures(crawl)) == 6, "the failure between makes the same content no newer"


def test_bytes_read_again_without_their_further_pages_are_fetched_anew(crawl: Crawl) -> None:
    crawl.page("a.html", body=FIRST, etag='"1"')
    (stored,) = crawl.store.unread_by(crawl.portal_id, "portal", "2")
    lacking = extraction(version="2", error="1 further pages of the article are not here")
    crawl.store.record_rereading(crawl.run_id, stored, lacking)
    crawl.again()
    crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock(), all=True)
    (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 10)
    assert (entry.etag, entry.payload_sha256) == (None, None)
    assert Archive(crawl.engine).reports()[0].version == 1


# -- files and their pages ----------------------------------------------------------------------


def offer(crawl: Crawl, name: str, kind: FrontierKind, **given: object) -> None:
    """The page lists a file."""
    verdict = Verdict.UNSURE if kind is FrontierKind.ANNEX else Verdict.REPORT
    link = crawl.link(name, kind, how=How.LISTED, **{"verdict": verdict, **given})
    crawl.enqueue(link, found_on_id=crawl.id_of("page.html"))


def annexed(
    text: str = "行政执法数据统计表：全年办理行政处罚案件三百二十一件，罚款一万余元。", **given: object
):  # type: ignore[no-untyped-def]
    return extraction(
        text, extractor="documents", verdict=Verdict.NO, verdict_reason="annex", title="统计表", **given
    )


FILE = "东丽区某街道。" + body_text("清河街道", 2025, "附件全文与网页不同。")


def test_a_file_is_the_child_of_the_page_that_listed_it(crawl: Crawl) -> None:
    crawl.page("page.html")
    offer(crawl, "file.pdf", FrontierKind.ATTACHMENT)
    crawl.record("file.pdf", extraction=extraction(FILE), body=b"%PDF")
    page, file = Archive(crawl.engine).documents(1)
    assert (page.role, page.parent_id, file.role, file.parent_id) == ("page", None, "attachment", 1)


def test_a_page_that_becomes_a_document_later_adopts_its_files(crawl: Crawl) -> None:
    crawl.page("page.html", extraction("", error="no text"))
    offer(crawl, "file.pdf", FrontierKind.ATTACHMENT)
    crawl.record("file.pdf", extraction=extraction(FILE), body=b"%PDF")
    (file,) = Archive(crawl.engine).documents(1)
    assert file.parent_id is None
    crawl.again()
    crawl.record("page.html", extraction=extraction(), body=b"with text")
    file, page = Archive(crawl.engine).documents(1)
    assert (file.parent_id, page.parent_id) == (page.document_id, None)


@pytest.mark.parametrize("worded", [True, False])
def test_a_file_that_names_neither_year_nor_publisher_takes_them_from_its_page(
    crawl: Crawl, worded: bool
) -> None:
    crawl.page("page.html", extraction() if worded else extraction("", error="no text"))
    offer(crawl, "file.pdf", FrontierKind.ATTACHMENT)
    bare = extraction(FILE, publishers=(), report_year=None, year_confidence=None, metadata={})
    crawl.record("file.pdf", extraction=bare, body=b"%PDF")
    (report,) = Archive(crawl.engine).reports()
    assert (report.publishers, report.year, report.documents) == ("清河街道", 2025, 1 + worded)
    file = Archive(crawl.engine).documents(report.report_id)[-1]
    evidence = Archive(crawl.engine).version(file.document_id).metadata
    url = f"{HOST}/page.html"
    assert evidence["publisher"] == [{"value": "清河街道", "where": "parent page", "raw": url}]
    assert evidence["report_year"] == [{"value": "2025", "where": "parent page", "raw": url}]
    crawl.again()
    assert crawl.record("file.pdf", extraction=bare, body=b"%PDF").event is Event.UNCHANGED


def test_what_the_file_says_itself_stands(crawl: Crawl) -> None:
    crawl.page("page.html")
    offer(crawl, "file.pdf", FrontierKind.ATTACHMENT)
    other = (PublisherRef(name="丰年街道", code="999001002", level="street"),)
    crawl.record("file.pdf", extraction=extraction(FILE, publishers=other, report_year=2024), body=b"%PDF")
    assert {(report.publishers, report.year) for report in Archive(crawl.engine).reports()} == {
        ("清河街道", 2025),
        ("丰年街道", 2024),
    }


def test_an_annex_is_kept_with_its_page_and_is_no_report(crawl: Crawl) -> None:
    crawl.page("page.html")
    offer(crawl, "annex.docx", FrontierKind.ANNEX)
    first = crawl.record("annex.docx", extraction=annexed(), body=b"PK1")
    assert (first.event, first.report_id, first.version) == (Event.ANNEX, None, 1)
    crawl.again()
    assert crawl.record("annex.docx", extraction=annexed(), body=b"PK1").event is Event.UNCHANGED
    changed = crawl.record(
        "annex.docx", extraction=annexed("行政执法数据统计表：三百二十二件。"), body=b"PK2"
    )
    assert (changed.event, changed.report_id, changed.version) == (Event.CHANGED, None, 2)
    archive = Archive(crawl.engine)
    (report,) = archive.reports()
    assert (report.documents, report.version, report.year, report.publishers) == (1, 1, 2025, "清河街道")
    (annex,) = archive.annexes([report.document_id])
    assert (annex.role, annex.verdict, annex.parent_id, annex.report_id) == ("annex", "no", 1, None)
    assert archive.annexes([annex.document_id]) == []
    assert archive.unsure() == []
    assert [change.kind for change in archive.changes()] == ["new", "annex", "changed"]


def test_the_text_of_a_report_as_an_annex_makes_no_report_a_duplicate(crawl: Crawl) -> None:
    crawl.page("page.html")
    offer(crawl, "annex.docx", FrontierKind.ANNEX)
    crawl.record("annex.docx", extraction=annexed(body_text("丙街道")), body=b"PK1")
    later = extraction(body_text("丙街道"), title="丙街道报告", publishers=())
    assert crawl.page("later.html", later).event is Event.NEW


def test_an_annex_offered_as_a_report_elsewhere_becomes_one(crawl: Crawl) -> None:
    crawl.page("page.html")
    offer(crawl, "annex.docx", FrontierKind.ANNEX)
    crawl.record("annex.docx", extraction=annexed(FILE), body=b"PK1")
    crawl.again()
    crawl.enqueue(
        crawl.link("annex.docx", FrontierKind.ATTACHMENT, title="清河街道2025年法治政府建设年度报告")
    )
    recorded = crawl.record("annex.docx", extraction=extraction(FILE, extractor="documents"), body=b"PK1")
    assert recorded.report_id == 1
    documents = Archive(crawl.engine).documents(1)
    assert [(one.role, one.verdict) for one in documents] == [("page", "report"), ("attachment", "report")]


def test_an_annex_refused_by_an_older_version_is_fetched_now(crawl: Crawl) -> None:
    crawl.page("page.html")
    refused = {"verdict": Verdict.NO, "reason": "annex of a report that stands on its page: 表"}
    offer(crawl, "annex.docx", FrontierKind.ATTACHMENT, **refused)
    assert crawl.queue() == []
    crawl.again()
    offer(crawl, "annex.docx", FrontierKind.ANNEX)
    assert crawl.queue() == ["annex.docx"]
    assert crawl.record("annex.docx", extraction=annexed(), body=b"PK1").event is Event.ANNEX


def test_the_page_of_a_file_is_not_learned_as_a_column(crawl: Crawl) -> None:
    crawl.column("c/", [crawl.link("page.html")])
    crawl.record("page.html", extraction=extraction())
    offer(crawl, "file.pdf", FrontierKind.ATTACHMENT)
    crawl.record("file.pdf", extraction=extraction(FILE), body=b"%PDF")
    learned = Planning(crawl.engine).learned_columns(crawl.portal_id)
    assert [link.url for link in learned] == [f"{HOST}/c/"]


def test_show_says_whose_files_they_are(
    sqlite_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl = Crawl(open_archive(sqlite_url))
    crawl.page("page.html")
    offer(crawl, "file.pdf", FrontierKind.ATTACHMENT)
    crawl.record("file.pdf", extraction=extraction(FILE), body=b"%PDF")
    offer(crawl, "annex.docx", FrontierKind.ANNEX)
    crawl.record("annex.docx", extraction=annexed(), body=b"PK1")
    monkeypatch.setenv("ARCHIVE_URL", sqlite_url)

    def show(*arguments: str) -> str:
        with pytest.raises(SystemExit):
            main(["show", *arguments])
        return capsys.readouterr().out

    shown = show("1")
    assert f"attachment of {HOST}/page.html" in shown
    assert f"annex of {HOST}/page.html" in shown
    told = json.loads(show("1", "--json"))
    assert [one["role"] for one in told["documents"]] == ["page", "attachment"]
    assert [one["role"] for one in told["annexes"]] == ["annex"]
    alone = show(f"{HOST}/annex.docx")
    assert "an annex is no report of its own" in alone
