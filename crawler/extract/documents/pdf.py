"""PDF files: the text layer in paragraphs, and which pages have none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pypdfium2 as pdfium
from pypdfium2 import raw

from crawler.extract.documents import flow, pdf_fonts, pdf_streams
from crawler.extract.documents.marks import PageMarks
from crawler.extract.documents.model import Budget, Content, Fault, Unreadable
from crawler.extract.documents.pdf_page import PdfMarks, marks_of

_LITTLE_TEXT = 50
"""Characters: a scanned page carries at most a stamp or a page number as text."""
_PICTURE = 0.5
"""Share of the page; scans fill it, photographs in a report rarely half of it."""
_OUTLINES = 300
"""Curved drawings on a page without text: writing turned into outlines, or drawn by a plotter."""
_UNMAPPED = 0.2
_TAIL = 4096
_SLACK = 1024
_END = re.compile(rb"%%EOF|startxref\s+\d+")


@dataclass(slots=True)
class _Pages:
    marks: list[PageMarks] = field(default_factory=list)
    scanned: list[int] = field(default_factory=list)
    layered: list[int] = field(default_factory=list)
    outlined: list[int] = field(default_factory=list)
    unmapped: list[int] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    slanted: int = 0


def read(body: bytes, budget: Budget) -> Content:
    """Reads a PDF file.

    Raises:
        Unreadable: encrypted, damaged beyond reading, or a bomb.
    """
    at = body.find(b"%PDF-", 0, _SLACK)
    if at > 0:  # offsets in the file count from its mark
        body = body[at:]
    pdf_streams.check(body, budget)
    pdf_fonts.install()
    whole = _END.search(body[-_TAIL:]) is not None
    try:
        document = pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        raise _refused(error) from error
    try:
        count = len(document)
        if not count:
            raise Unreadable(Fault.DAMAGED, "no page can be found in it")
        if count > budget.limits.pages:
            raise Unreadable(Fault.TOO_LARGE, f"{count} pages, more than {budget.limits.pages}")
        found = _pages(document, count, budget)
    finally:
        document.close()
    return _content(found, count, whole=whole)


def _refused(error: pdfium.PdfiumError) -> Unreadable:
    if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
        return Unreadable(Fault.ENCRYPTED, "needs a password")
    return Unreadable(Fault.DAMAGED, "no page can be found in it")


def _pages(document: pdfium.PdfDocument, count: int, budget: Budget) -> _Pages:
    found = _Pages()
    for number in range(1, count + 1):
        budget.tick()
        try:
            page = document[number - 1]
        except pdfium.PdfiumError:
            found.broken.append(number)
            continue
        try:
            marks = marks_of(page, budget)
        except pdfium.PdfiumError:
            found.broken.append(number)
            continue
        finally:
            page.close()
        found.marks.append(marks.page)
        found.slanted += marks.slanted
        _judge(found, number, marks)
    return found


def _judge(found: _Pages, number: int, marks: PdfMarks) -> None:
    characters = marks.characters
    pictured = marks.pictures >= _PICTURE
    if characters and marks.unmapped > _UNMAPPED * characters:
        found.unmapped.append(number)
        marks.page.glyphs.clear()  # numbers of glyphs read as if they were characters
        found.scanned.append(number)
    elif characters >= _LITTLE_TEXT:
        if pictured and marks.hidden:
            found.layered.append(number)
    elif pictured:
        found.scanned.append(number)
    elif marks.curves >= _OUTLINES:
        found.outlined.append(number)
        found.scanned.append(number)


def _content(found: _Pages, count: int, *, whole: bool) -> Content:
    text = flow.text_of(found.marks)
    warnings = []
    if found.scanned:
        warnings.append(
            f"{_named(found.scanned)} of {count} without a text layer: their writing was not read"
        )
    for numbers, what in (
        (found.outlined, "writing drawn as outlines"),
        (found.unmapped, "fonts without a table of characters"),
        (found.layered, "a hidden text layer over a picture, made by somebody's OCR"),
    ):
        if numbers:
            warnings.append(f"{_named(numbers)}: {what}")
    if found.slanted:
        warnings.append(f"{found.slanted} slanted characters (a watermark) left out")
    fault, detail = None, ""
    if found.broken:
        fault, detail = Fault.DAMAGED, f"{_named(found.broken)} of {count} cannot be read"
    elif not whole:
        fault, detail = Fault.DAMAGED, "the file has no end: it is cut"
    return Content(
        text=text,
        pages=count,
        scanned_pages=len(found.scanned),
        warnings=tuple(warnings),
        fault=fault,
        detail=detail,
    )


def _named(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:10])
    more = f" and {len(numbers) - 10} more" if len(numbers) > 10 else ""
    return f"page{'s' if len(numbers) > 1 else ''} {shown}{more}"
