"""Which pages are looked at, what becomes of what is seen, and where it ends; the models are in test_ocr_real."""

from __future__ import annotations

import ctypes
import io
import zipfile
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from pypdfium2 import raw

from crawler.extract import documents
from crawler.extract.documents import ocr, ocr_pictures, ocr_rapid
from crawler.extract.documents.model import Fault, Unreadable
from crawler.extract.documents.ocr_model import EngineUnusable, OcrLimits, Sight
from tests.crawler.documents.cases import FOLDER, load
from tests.crawler.documents.eyes import LEFT, Scripted, page, seen

CASES = {case.name: case for case in load()}
FIRST, SECOND = ("扫描的第一页写着这些话，一字不差。",), ("扫描的第二页写着另一些话，也一字不差。",)


def look(name: str, engine: Scripted, body: bytes | None = None, **more: object) -> ocr.OcrReading:
    body = (FOLDER / name).read_bytes() if body is None else body
    return ocr.read(body, documents.read(body, name=name), engine, **more)  # type: ignore[arg-type]


def test_only_scanned_pages_are_looked_at_and_all_stand_in_their_order() -> None:
    engine = Scripted(page(FIRST), page(SECOND))
    found = look("ocr-mixed.pdf", engine)
    digital = CASES["ocr-mixed.pdf"].lines
    assert found.text.split("\n") == [*FIRST, *digital, *SECOND]
    assert len(engine.pictures) == 2
    assert found.pages == {"1": 0.9, str(CASES["ocr-mixed.pdf"].pages): 0.9}


def test_pages_are_drawn_at_the_resolution_of_the_scan() -> None:
    engine = Scripted(page(FIRST))
    found = look("scan.pdf", engine)
    (picture,) = engine.pictures
    assert (picture.width, picture.height) == (1241, 1754)
    assert found.dpi == round(picture.dpi) == 150
    assert len(picture.data) >= picture.stride * picture.height
    assert 0 < picture.data.count(0) < len(picture.data) / 4  # black writing on white


@pytest.mark.parametrize(
    ("native", "inches", "wanted"),
    [
        (150, 11.69, 150),
        (600, 11.69, 170),
        (72, 11.69, 150),
        (0, 11.69, 170),
        (300, 100, 28),
        (155, 11.69, 155),
    ],
)
def test_the_resolution_fits_the_page(native: float, inches: float, wanted: float) -> None:
    assert ocr_pictures.resolution(native, inches) == wanted


def test_words_printed_over_a_scan_stay_as_the_file_has_them() -> None:
    engine = Scripted(page(FIRST))
    found = look("printed.pdf", engine, printed((FOLDER / "scan.pdf").read_bytes(), "Printed on 2024-01-20"))
    assert found.text.split("\n") == [*FIRST, "Printed on 2024-01-20"]
    plain = Scripted(page(FIRST))
    look("scan.pdf", plain)
    # Drawn, Chinese fonts that the file does not carry would be boxes: what the engine gets is the scan alone.
    assert engine.pictures == plain.pictures


def printed(body: bytes, words: str) -> bytes:
    """A line of type at the foot of the first page."""
    with pdfium.PdfDocument(body) as document:
        sheet = document[0]
        writing = raw.FPDFPageObj_NewTextObj(document.raw, b"Helvetica", 9)
        utf16 = ctypes.create_string_buffer(words.encode("utf-16-le") + bytes(2))
        raw.FPDFText_SetText(writing, ctypes.cast(utf16, raw.FPDF_WIDESTRING))
        raw.FPDFPageObj_Transform(writing, 1, 0, 0, 1, 80, 10)
        raw.FPDFPage_InsertObject(sheet.raw, writing)
        sheet.gen_content()
        target = io.BytesIO()
        document.save(target)
    return target.getvalue()


def test_words_below_a_scan_are_not_read_twice() -> None:
    # The stamp stands 30 points above the foot of the page, in a type of 9 points.
    there = seen("第1页 打印时间2024-01-20", 166, 1754 - 83, size=18.75)
    engine = Scripted(Sight(width=1240, height=1754, lines=(*page(FIRST).lines, there)))
    assert look("scan-stamped.pdf", engine).text.count("打印时间") == 1


def test_confidence_counts_characters() -> None:
    lines = (seen("十个字都看得很清楚吗", LEFT, 300, confidence=1.0), seen("不清", LEFT, 400, confidence=0.4))
    found = look("scan.pdf", Scripted(Sight(width=1240, height=1754, lines=lines)))
    assert found.confidence == 0.9
    assert found.as_json() == {
        "engine": "scripted",
        "version": "7",
        "dpi": 150,
        "mean_confidence": 0.9,
        "pages": {"1": 0.9},
    }


def test_a_page_without_writing_says_so() -> None:
    found = look("scan-3-pages.pdf", Scripted(page(FIRST), Sight(width=1240, height=1754), page(SECOND)))
    assert found.pages == {"1": 0.9, "2": None, "3": 0.9}
    assert found.text.split("\n") == [*FIRST, *SECOND]
    nothing = look("scan.pdf", Scripted(Sight(width=1240, height=1754)))
    assert (nothing.text, nothing.confidence) == ("", 0.0)


def test_the_warning_rounds_no_doubt_away() -> None:
    found = replace(look("scan.pdf", Scripted(page(FIRST))), confidence=0.9981)
    before = ("page 1 of 1 without a text layer: their writing was not read", "a pdf file named doc")
    assert ocr.warned(before, found) == ("a pdf file named doc", "text was read by OCR, mean confidence 0.99")


def test_members_of_an_archive_are_looked_at_under_their_names() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name, member in (("正文.txt", "plain.txt"), ("扫描.pdf", "scan.pdf"), ("又一份.pdf", "scan.pdf")):
            file.writestr(name, (FOLDER / member).read_bytes())
    found = look("a.zip", Scripted(page(FIRST), page(SECOND)), target.getvalue())
    assert found.pages == {"扫描.pdf:1": 0.9, "又一份.pdf:1": 0.9}
    assert found.text.endswith("\n".join((*FIRST, *SECOND)))
    assert found.text.startswith(CASES["plain.txt"].lines[0])


def test_too_many_scanned_pages_are_refused_before_the_first() -> None:
    engine = Scripted(page(FIRST))
    with pytest.raises(Unreadable, match="3 scanned pages, more than 2") as refused:
        look("scan-3-pages.pdf", engine, limits=OcrLimits(pages=2))
    assert refused.value.fault is Fault.TOO_LARGE
    assert not engine.pictures


def test_no_part_of_a_text_is_given_when_the_time_is_up() -> None:
    with pytest.raises(Unreadable, match=r"not finished within|not read within"):
        look("scan-3-pages.pdf", Scripted(page(FIRST)), limits=OcrLimits(seconds=-1))


def test_a_sign_of_life_is_given_before_each_page() -> None:
    signs: list[int] = []
    engine = Scripted(page(FIRST))
    look("scan-3-pages.pdf", engine, on_page=lambda: signs.append(len(engine.pictures)))
    assert signs == [0, 1, 2]


@pytest.mark.parametrize("name", ["cut-writer-0.pdf", "report-0.docx", "report-0.doc", "old.wps"])
def test_what_is_damaged_or_digital_is_no_matter_for_ocr(name: str) -> None:
    assert not ocr.wanted(documents.read((FOLDER / name).read_bytes(), name=name))


def test_another_engine_is_another_version() -> None:
    assert ocr.version_of("rapidocr", "3.10.0") != ocr.version_of("rapidocr", "3.11.0")
    assert ocr.version_of("rapidocr", "3.10.0").startswith(documents.VERSION)


def test_without_the_extra_the_engine_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr_rapid, "_NEEDED", ("rapidocr_that_is_not_there",))
    assert ocr_rapid.installed() is None
    with pytest.raises(EngineUnusable, match=r"pip install 'fazhi-archive\[ocr\]'"):
        ocr_rapid.RapidEngine()
