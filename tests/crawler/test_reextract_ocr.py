"""``--ocr``: which captures it reads, what becomes of them, and what a run without it leaves alone."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import crawler.reextract
from archive import schema
from archive.database import open_archive, reading
from archive.reader import Archive
from archive.records import FrontierKind
from crawler.articles import OCR_EXTRACTOR, SCAN, read_document
from crawler.extract.documents import ocr, ocr_rapid
from crawler.ocr_reader import OcrReader
from crawler.prepare import prepare
from crawler.readjob import ReadJob
from crawler.reextract import Selection, reextract
from crawler.reextract_result import Lines, Result, Turn
from crawler.runner import run
from crawler.sample.portal import SamplePortal
from crawler.sample.server import Answer, LoopbackServer, Request
from crawler.site import load_site
from tests.archive.builder import Crawl
from tests.crawler.documents.cases import FOLDER, load, recall
from tests.crawler.test_ocr_reader import READ, TITLE, crash, scripted

ARTICLE = re.compile(rb'href="[^"]*/t\d+_\d+\.html"')
FILES = ("scan.pdf", "ocr-mixed.pdf", "report-0.docx", "cut-writer-0.pdf")
TODAY = ocr.version_of("scripted", "7")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """An archive that crawled four files without OCR: a scan, a mixed one, a digital and a damaged one."""
    path = tmp_path / "archive.db"
    engine = open_archive(str(path))
    crawl = Crawl(engine, key="dongli")
    site = load_site("dongli")
    for name in FILES:
        crawl.enqueue(crawl.link(name, FrontierKind.ATTACHMENT, title=TITLE))
        body = (FOLDER / name).read_bytes()
        url = f"http://www.example.gov.cn/{name}"
        job = ReadJob(
            kind=FrontierKind.ATTACHMENT,
            url=url,
            final_url=url,
            status=200,
            body=body,
            content_type="application/octet-stream",
            site=site,
            title=TITLE,
        )
        crawl.record(name, body=body, extraction=read_document(job))
    crawl.again()
    crawl.store.finish_run(crawl.run_id, crawler.reextract.RunState.COMPLETE, {}, "done")
    engine.dispose()
    return path


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawler.reextract, "check_ocr", lambda: TODAY)


def again(db: Path, *, work: Any = scripted, **given: bool) -> Result:
    reader = OcrReader(work=work) if given.get("ocr") else None
    return reextract(
        None, selection=Selection(**given), db=str(db), workers=0, lines=Lines(io.StringIO()), ocr=reader
    )


def last(db: Path) -> dict[str, Any]:
    """The newest reading of each file."""
    place, capture, said = schema.frontier, schema.capture, schema.extraction
    query = (
        sa.select(place.c.url, said.c.extractor, said.c.version, said.c.error, said.c.quality)
        .join(capture, capture.c.id == said.c.capture_id)
        .join(place, place.c.id == capture.c.frontier_id)
        .order_by(said.c.id)
    )
    engine = open_archive(str(db), create=False)
    with reading(engine) as connection:
        found = {row.url.rpartition("/")[2]: row for row in connection.execute(query)}
    engine.dispose()
    return found


def texts(db: Path) -> dict[str, str]:
    with Archive.open(str(db)) as archive:
        return {
            document.url.rpartition("/")[2]: archive.text_of(
                archive.version(document.document_id).text_sha256
            )
            for report in archive.reports()
            for document in archive.documents(report.report_id)
        }


def test_failed_with_ocr_reads_scans_and_the_pages_left_out_of_others(db: Path) -> None:
    assert (last(db)["scan.pdf"].error or "").startswith(SCAN)
    result = again(db, failed=True, ocr=True)
    assert result.turns == {Turn.REPORT: 1, Turn.TEXT: 1, Turn.UNREADABLE: 1}
    found = last(db)
    for name in ("scan.pdf", "ocr-mixed.pdf"):
        assert (found[name].extractor, found[name].version) == (OCR_EXTRACTOR, TODAY)
        assert found[name].quality["ocr"]["mean_confidence"] == 0.9
    assert found["report-0.docx"].extractor == "documents"
    assert found["cut-writer-0.pdf"].error is not None


def test_what_ocr_has_read_is_left_alone_with_and_without_it(db: Path) -> None:
    again(db, failed=True, ocr=True)
    before = last(db)
    for given in ({}, {"ocr": True}, {"failed": True}):
        result = again(db, **given)
        assert not result.turns[Turn.LOST]
        assert not result.turns[Turn.TEXT]
        assert {name: row.extractor for name, row in last(db).items()} == {
            name: row.extractor for name, row in before.items()
        }
    assert again(db, ocr=True).turns == {}


def test_scans_are_left_alone_without_it(db: Path) -> None:
    assert again(db).turns == {}
    assert again(db, failed=True).turns == {Turn.UNREADABLE: 2}


def test_ocr_alone_reads_what_is_new_and_the_scans(db: Path) -> None:
    assert again(db, ocr=True).turns == {Turn.REPORT: 1, Turn.TEXT: 1}
    assert again(db, ocr=True).turns == {}


def test_a_crashing_engine_costs_no_text(db: Path) -> None:
    result = again(db, work=crash, failed=True, ocr=True)
    assert result.turns == {Turn.UNREADABLE: 2, Turn.UNCHANGED: 1}
    assert last(db)["scan.pdf"].error == f"{SCAN}; OCR crashed"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(ocr_rapid.installed() is None, reason=f"needs the extra ocr: {ocr_rapid.INSTALL}")
def test_the_engine_itself_in_its_child(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    result = reextract(None, selection=Selection(failed=True, ocr=True), db=str(db), workers=1)
    assert result.turns[Turn.REPORT] == 1
    found = last(db)
    assert found["scan.pdf"].version == ocr.version_of(ocr_rapid.NAME, str(ocr_rapid.installed()))
    wanted = next(case for case in load() if case.name == "ocr-mixed.pdf")
    assert recall(texts(db)["ocr-mixed.pdf"], "\n".join(wanted.seen)) >= 0.97


class WithScan:
    """The sample portal; the first page that its column lists is a scan now."""

    def __init__(self) -> None:
        self.portal = SamplePortal(0)
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request.path)
        if request.path.endswith("/scan.pdf"):
            body = (FOLDER / "scan.pdf").read_bytes()
            return Answer(status=200, body=body, headers={"Content-Type": "application/pdf"})
        answer = self.portal(request)
        if request.path == "/zwgk/fzzfjs/":
            body, count = ARTICLE.subn(b'href="/zwgk/fzzfjs/scan.pdf"', answer.body, count=1)
            assert count
            answer = Answer(status=200, body=body, headers=answer.headers, etag=False)
        return answer


@pytest.mark.slow
def test_a_crawl_reads_scans_and_does_not_wait_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal = WithScan()
    at: list[int] = []
    ask = OcrReader.read

    async def noted(self: OcrReader, job: ReadJob, plain: Any) -> Any:
        at.append(len(portal.asked))
        result = await ask(self, job, plain)
        at.append(len(portal.asked))
        return result

    monkeypatch.setattr(OcrReader, "read", noted)
    monkeypatch.setitem(OcrReader.__init__.__kwdefaults__, "work", scripted)
    db = str(tmp_path / "archive.db")
    with LoopbackServer(portal) as server:
        summary = run(prepare("demo", db=db, proxy=server.proxy_url, delay=0.0), workers=1, ocr=True)
    began, ended = at
    assert ended > began  # other pages were fetched meanwhile
    assert summary.exit_code in (0, 3)
    assert texts(Path(db))["scan.pdf"].split("\n") == list(READ)
