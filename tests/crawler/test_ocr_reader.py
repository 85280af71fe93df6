"""The child that reads scans: kept, limited, given up, ended; with a stand-in for the models."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

import crawler.ocr_reader
from archive.records import ExtractionRecord, FrontierKind
from crawler import cli
from crawler.articles import OCR_EXTRACTOR, SCAN, read_document
from crawler.extract.documents import ocr, ocr_rapid
from crawler.ocr_reader import OcrReader, look
from crawler.reader_pool import ReaderPool
from crawler.readjob import ReadJob, ReadResult
from tests.crawler.documents import own_texts
from tests.crawler.documents.cases import FOLDER, load
from tests.crawler.documents.eyes import Scripted, page
from tests.crawler.test_reader_pool import SITE

TITLE = "兰汀区云台乡人民政府2023年法治政府建设情况报告"
READ = (TITLE, *own_texts.report(20, 500).lines[1:])
CASES = {case.name: case for case in load()}


def job(name: str) -> ReadJob:
    url = f"http://www.x.gov.cn/{name}"
    return ReadJob(
        kind=FrontierKind.ATTACHMENT,
        url=url,
        final_url=url,
        status=200,
        body=(FOLDER / name).read_bytes(),
        content_type=None,
        site=SITE,
        title=TITLE,
    )


def scripted(asked: ReadJob) -> ExtractionRecord:
    """What the child does in these tests: as in earnest, with another engine. Its process id is the source."""
    eyes = functools.partial(ocr.read, engine=Scripted(page(READ)))
    return replace(read_document(asked, eyes), source=str(os.getpid()))


def hang(_: ReadJob) -> ExtractionRecord:
    time.sleep(60)
    raise AssertionError("nobody waits that long")


def slow_page(asked: ReadJob) -> ExtractionRecord:
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    return hang(asked)


def crash(_: ReadJob) -> ExtractionRecord:
    os._exit(11)


def hoard(_: ReadJob) -> ExtractionRecord:
    raise MemoryError


def refuse(asked: ReadJob) -> ExtractionRecord:
    eyes = functools.partial(ocr.read, engine=Scripted(page(READ)), limits=ocr.OcrLimits(pages=0))
    return read_document(asked, eyes)


def fetch(_: ReadJob) -> ExtractionRecord:
    import socket

    sys.addaudithook(crawler.ocr_reader._no_network)
    socket.create_connection(("127.0.0.1", 9))
    raise AssertionError("it got through")


Reader = Callable[..., OcrReader]


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    made: list[OcrReader] = []

    def make(work: Callable[[ReadJob], ExtractionRecord] = scripted, **given: object) -> OcrReader:
        made.append(OcrReader(work=work, **given))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


async def read(name: str, ocr_reader: OcrReader | None) -> ExtractionRecord:
    pool = ReaderPool(workers=0, ocr=ocr_reader)
    try:
        result = await pool.read(job(name))
    finally:
        pool.close()
    assert result.extraction is not None
    return result.extraction


async def test_without_ocr_a_scan_says_what_to_do() -> None:
    found = await read("scan.pdf", None)
    assert found.extractor == "documents"
    assert found.error == (
        f"{SCAN}; install the extra ocr (pip install 'fazhi-archive[ocr]'), then crawler reextract --failed --ocr"
    )


async def test_a_scan_becomes_a_text_that_says_what_it_is(reader: Reader) -> None:
    found = await read("scan.pdf", reader())
    assert found.error is None
    assert found.text.split("\n") == list(READ)
    assert (found.extractor, found.version) == (OCR_EXTRACTOR, ocr.version_of("scripted", "7"))
    assert found.quality["form"] == "scanned"
    assert found.quality["ocr"] == {
        "engine": "scripted",
        "version": "7",
        "dpi": 150,
        "mean_confidence": 0.9,
        "pages": {"1": 0.9},
    }
    assert "text was read by OCR, mean confidence 0.90" in found.warnings
    assert not [warning for warning in found.warnings if "not read" in warning]
    assert (found.title, found.report_year) == (TITLE, 2023)


async def test_only_scans_start_the_child_and_it_is_kept_between_them(reader: Reader) -> None:
    ocr_reader = reader()
    digital = await read("report-0.docx", ocr_reader)
    damaged = await read("cut-writer-0.pdf", ocr_reader)
    assert (digital.source, damaged.source) == (None, None)
    assert ocr_reader._child is None
    first, second = await asyncio.gather(read("scan.pdf", ocr_reader), read("ocr-mixed.pdf", ocr_reader))
    assert first.source == second.source != str(os.getpid())
    assert second.quality["form"] == "mixed"
    assert set(CASES["ocr-mixed.pdf"].lines) < set(second.text.split("\n"))


def alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


async def test_an_idle_child_is_ended_and_another_started_when_needed(reader: Reader) -> None:
    ocr_reader = reader(idle=0.1)
    first = await read("scan.pdf", ocr_reader)
    for _ in range(200):
        if not alive(str(first.source)):
            break
        await asyncio.sleep(0.05)
    assert not alive(str(first.source))
    assert (await read("scan.pdf", ocr_reader)).text == first.text


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (hang, "OCR took more than 0.3 s"),
        (slow_page, "OCR took more than 120 s for one page"),
        (crash, "OCR crashed"),
        (hoard, "OCR needed more than 2048 MB of memory"),
        (refuse, "OCR failed: too large: 1 scanned pages, more than 0 are not read"),
        (fetch, "OCR failed: the engine asked for the network, which is not given to it"),
    ],
)
async def test_what_ocr_cannot_do_leaves_the_scan_as_it_was(
    reader: Reader, work: Callable[[ReadJob], ExtractionRecord], words: str
) -> None:
    found = await read("scan.pdf", reader(work, seconds=0.3 if work is hang else 20))
    assert found.error == f"{SCAN}; {words}"
    assert (found.extractor, found.text) == ("documents", "")


async def test_a_mixed_document_keeps_its_digital_pages_when_ocr_fails(reader: Reader) -> None:
    found = await read("ocr-mixed.pdf", reader(crash))
    assert found.error is None
    assert found.text.split("\n") == CASES["ocr-mixed.pdf"].lines
    assert "OCR crashed" in found.warnings


async def test_who_waits_is_asked_whether_to_go_on(reader: Reader) -> None:
    asked: list[float] = []

    def go_on() -> bool:
        asked.append(time.monotonic())
        return len(asked) < 3

    began = time.monotonic()
    ocr_reader = reader(hang, beat=0.05, go_on=go_on)
    found = await asyncio.gather(read("scan.pdf", ocr_reader), read("scan-grey.pdf", ocr_reader))
    assert time.monotonic() - began < 15
    assert len(asked) >= 3
    assert {one.error for one in found} == {(await read("scan.pdf", None)).error}


async def test_what_the_run_says_while_it_waits_reaches_the_caller(reader: Reader) -> None:
    def taken() -> bool:
        raise RuntimeError("the portal was taken")

    with pytest.raises(RuntimeError, match="was taken"):
        await read("scan.pdf", reader(hang, beat=0.05, go_on=taken))


async def test_closing_gives_up_what_is_read(reader: Reader) -> None:
    ocr_reader = reader(hang)
    reading = asyncio.create_task(read("scan.pdf", ocr_reader))
    while ocr_reader._child is None:
        await asyncio.sleep(0.02)
    ocr_reader.close()
    assert (await reading).error == (await read("scan.pdf", None)).error
    plain = ReadResult(outcome=await _ok())
    assert await ocr_reader.read(job("scan.pdf"), plain) is plain


async def _ok():  # type: ignore[no-untyped-def]
    return (await ReaderPool(workers=0).read(job("plain.txt"))).outcome


@pytest.mark.parametrize("command", [["run", "--site", "dongli"], ["reextract", "--failed"]])
def test_without_the_extra_the_commands_say_so_in_one_line(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ocr_rapid, "_NEEDED", ("rapidocr_that_is_not_there",))
    monkeypatch.setattr(sys, "argv", ["crawler", *command, "--ocr"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "crawler: --ocr needs the extra ocr: pip install 'fazhi-archive[ocr]'\n"
    assert not list(tmp_path.iterdir())


def test_the_child_s_work_is_found_by_its_name() -> None:
    assert getattr(crawler.ocr_reader, look.__name__) is look
