"""Scanned pages of PDF files: drawn by pdfium and looked at; the other pages as they are read without OCR."""

from __future__ import annotations

import ctypes

import pypdfium2 as pdfium
from pypdfium2 import raw

from crawler.extract.documents import flow, pdf, pdf_fonts, pdf_page, pdf_streams
from crawler.extract.documents.marks import Glyph, PageMarks
from crawler.extract.documents.model import Fault, Unreadable
from crawler.extract.documents.ocr_look import Looker
from crawler.extract.documents.ocr_model import Picture
from crawler.extract.documents.ocr_pictures import LONGEST, resolution

_POINTS = 72.0


def text_of(body: bytes, label: str, looker: Looker) -> str:
    """The text of a PDF file with its scanned pages read.

    Raises:
        Unreadable: what cannot be read, or takes too long.
    """
    at = body.find(b"%PDF-", 0, pdf._SLACK)
    body = body[max(at, 0) :]
    pdf_streams.check(body, looker.budget)
    pdf_fonts.install()
    try:
        document = pdfium.PdfDocument(body)
    except pdfium.PdfiumError as error:
        raise pdf._refused(error) from error
    try:
        found = pdf._pages(document, len(document), looker.budget)
        for number in found.scanned:
            place = number - 1 - sum(broken < number for broken in found.broken)
            marked = found.marks[place]
            page = document[number - 1]
            try:
                # What the file gives as text is kept as text. Drawn, it would be boxes: see pdf_fonts.
                picture = _drawn(page, written=number in found.unmapped)
            except pdfium.PdfiumError as error:
                raise Unreadable(Fault.DAMAGED, f"page {number} cannot be drawn") from error
            finally:
                page.close()
            seen = looker.look(f"{label}{number}", picture)
            seen.glyphs += _beside(marked.glyphs, seen)
            found.marks[place] = seen
    finally:
        document.close()
    return flow.text_of(found.marks)


def _drawn(page: pdfium.PdfPage, *, written: bool) -> Picture:
    width, height = page.get_size()
    dpi = resolution(_native(page), max(width, height) / _POINTS)
    if not written:
        for item in [item for item in pdf_page._of_page(page.raw) if _is_text(item)]:
            if raw.FPDFPage_RemoveObject(page.raw, item):
                raw.FPDFPageObj_Destroy(item)
    scale = min(dpi / _POINTS, LONGEST / max(width, height, 1.0))
    bitmap = page.render(scale=scale, force_bitmap_format=raw.FPDFBitmap_BGR)
    try:
        return Picture(
            width=bitmap.width,
            height=bitmap.height,
            stride=bitmap.stride,
            data=bytes(bitmap.buffer),
            dpi=scale * _POINTS,
        )
    finally:
        bitmap.close()


def _is_text(item: raw.FPDF_PAGEOBJECT) -> bool:
    return bool(raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_TEXT)


def _native(page: pdfium.PdfPage) -> float:
    """Pixels per inch of the finest large picture on the page; 0 if there is none."""
    finest = 0.0
    width, height = ctypes.c_uint(), ctypes.c_uint()
    for item in pdf_page._of_page(page.raw):
        if raw.FPDFPageObj_GetType(item) != raw.FPDF_PAGEOBJ_IMAGE:
            continue
        if not raw.FPDFImageObj_GetImagePixelSize(item, ctypes.byref(width), ctypes.byref(height)):
            continue
        a, b, _, _, _, _ = pdf_page._matrix(item)
        across = (a * a + b * b) ** 0.5 / _POINTS
        if across > 1.0:
            finest = max(finest, width.value / across)
    return finest


def _beside(written: list[Glyph], seen: PageMarks) -> list[Glyph]:
    """The characters of the file itself, save those that lie on writing the engine read: a layer below the scan."""
    return [
        glyph
        for glyph in written
        if not any(
            other.x0 - 1 <= (glyph.x0 + glyph.x1) / 2 <= other.x1 + 1
            and other.top <= glyph.middle <= other.bottom
            for other in seen.glyphs
        )
    ]
