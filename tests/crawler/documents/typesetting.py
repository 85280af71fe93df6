"""Pages of fixed layout as programs make them: typeset, gridded, scanned, drawn over."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Any

import pypdfium2 as pdfium
from docx.enum.section import WD_ORIENT
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.crawler.documents import making_flow
from tests.crawler.documents.making import Workshop
from tests.crawler.documents.own_texts import Report, rows

_FACE = "STSong-Light"
_MM = 72 / 25.4
_SCAN_DPI = 150


def _canvas(target: io.BytesIO, **options: Any) -> Canvas:
    pdfmetrics.registerFont(UnicodeCIDFont(_FACE))
    return Canvas(target, pagesize=options.pop("pagesize", A4), invariant=1, **options)


def span(text: str) -> float:
    """How wide a text is, in full-width characters."""
    return sum(1.0 if ord(c) > 0x2E7F or c in "“”‘’—…" else 0.5 for c in text)


def broken(text: str, width: float, indent: int) -> list[str]:
    """A paragraph in lines as wide as so many full-width characters; no line begins with a closing mark."""
    out, start, used = [], 0, float(indent)
    for at, character in enumerate(text):
        unit = span(character)
        if used + unit > width and character not in "，。、；：！？”）》":
            out.append(text[start:at])
            start, used = at, 0.0
        used += unit
    return [*out, text[start:]]


def typeset(
    text: Report,
    *,
    size: float = 16,
    width: int = 27,
    pitch: float = 28,
    indent: int = 2,
    numbers: bool = True,
    header: str = "",
    left: float = 80,
) -> bytes:
    """A report set by hand with a font that is not embedded, as older converters do."""
    target = io.BytesIO()
    canvas = _canvas(target)
    y, page = 740.0, 1

    def line(x: float, content: str, height: float = size) -> None:
        nonlocal y, page
        if y < 90:
            turn()
        canvas.setFont(_FACE, height)
        canvas.drawString(x, y, content)
        y -= pitch

    def turn() -> None:
        nonlocal y, page
        if numbers:
            canvas.setFont(_FACE, 10)
            canvas.drawCentredString(297, 45, f"- {page} -")
        if header:
            canvas.setFont(_FACE, 9)
            canvas.drawString(left, 800, header)
        canvas.showPage()
        y, page = 740.0, page + 1

    for piece in textwrap.wrap(text.title, 20):
        line(297 - span(piece) * 11, piece, 22)
    for paragraph in text.body:
        salutation = len(paragraph) < 30 and paragraph.endswith("：")
        first = 0 if salutation else indent
        for at, piece in enumerate(broken(paragraph, width, first)):
            line(left + (first * size if at == 0 else 0), piece)
        if not indent:
            y -= pitch * 0.7
    for piece in text.closing:
        line(515 - len(piece) * size, piece)
    turn()
    canvas.save()
    return target.getvalue()


def gridded(
    data: Sequence[Sequence[str]], *, merge: bool = False, thin_boxes: bool = False, turned: bool = False
) -> bytes:
    """A ruled table between two lines of text."""
    target = io.BytesIO()
    canvas = _canvas(target, pagesize=A4)
    if turned:
        canvas.setPageRotation(90)
        canvas.translate(595, 0)
        canvas.rotate(90)
    widths = (50, 90, 60, 60, 180)
    canvas.setFont(_FACE, 14)
    canvas.drawString(70, 500, "附件：2023年行政执法情况统计表")
    top, height = 480.0, 30.0
    xs = [70.0]
    for width in widths[: len(data[0])]:
        xs.append(xs[-1] + width)
    bottom = top - height * len(data)

    def rule(x0: float, y0: float, x1: float, y1: float) -> None:
        if thin_boxes:
            canvas.rect(x0 - 0.25, y0 - 0.25, x1 - x0 + 0.5, y1 - y0 + 0.5, stroke=0, fill=1)
        else:
            canvas.line(x0, y0, x1, y1)

    for at in range(len(data) + 1):
        y = top - at * height
        start = xs[1] if merge and at == 2 else xs[0]
        rule(start, y, xs[-1], y)
    for at, x in enumerate(xs):
        rule(x, bottom + (height if merge and at == 1 else 0), x, top)
    canvas.setFont(_FACE, 10.5)
    for at, row in enumerate(data):
        for place, cell in enumerate(row):
            for line_at, piece in enumerate(broken(cell, 16, 0)):
                canvas.drawString(xs[place] + 4, top - at * height - 13 - 12 * line_at, piece)
    canvas.setFont(_FACE, 14)
    canvas.drawString(70, bottom - 40, "注：统计口径为全区行政执法单位。")
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def scan(
    shop: Workshop, lines: Sequence[str], *, mode: str = "1", dpi: int = _SCAN_DPI, tilt: float = 0.0
) -> Image.Image:
    """A page as a scanner sees it."""
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    page = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(page)
    size = round(16 / 72 * dpi)
    face = ImageFont.truetype(str(shop.font), size)
    y = round(1.2 * dpi)
    for line in lines:
        for at, piece in enumerate(broken(line, 26, 2)):
            draw.text((round(1.1 * dpi) + (2 * size if at == 0 else 0), y), piece, font=face, fill=20)
            y += round(size * 1.75)
    if tilt:
        page = page.rotate(tilt, fillcolor=255, resample=Image.Resampling.BICUBIC)
    return (
        page.point(lambda value: 255 if value > 150 else 0).convert("1")
        if mode == "1"
        else page.convert(mode)
    )


def pictures_to_pdf(pictures: Sequence[Image.Image], **options: Any) -> bytes:
    target = io.BytesIO()
    pictures[0].save(
        target, "PDF", save_all=True, append_images=list(pictures[1:]), resolution=_SCAN_DPI, **options
    )
    return target.getvalue()


def joined(*files: bytes) -> bytes:
    whole = pdfium.PdfDocument.new()
    for file in files:
        whole.import_pages(pdfium.PdfDocument(file))
    target = io.BytesIO()
    whole.save(target)
    return target.getvalue()


def drawn(
    page: Image.Image, lines: Sequence[str] = (), *, mode: int = 3, strips: int = 1, stamp: str = ""
) -> bytes:
    """A picture over the page, perhaps in strips, with text hidden beneath or a stamp upon it."""
    target = io.BytesIO()
    canvas = _canvas(target)
    height = A4[1] / strips
    for at in range(strips):
        piece = page.crop((0, page.height * at // strips, page.width, page.height * (at + 1) // strips))
        store = io.BytesIO()
        piece.save(store, "PNG")
        store.seek(0)
        from reportlab.lib.utils import ImageReader

        canvas.drawImage(ImageReader(store), 0, A4[1] - (at + 1) * height, A4[0], height)
    writing = canvas.beginText(80, 700)
    writing.setFont(_FACE, 16)
    writing.setTextRenderMode(mode)
    writing.setLeading(28)
    for line in lines:
        for piece in broken(line, 26, 0):
            writing.textLine(piece)
    canvas.drawText(writing)
    if stamp:
        canvas.setFont(_FACE, 9)
        canvas.drawString(80, 30, stamp)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def watermarked(text: Report) -> bytes:
    target = io.BytesIO()
    canvas = _canvas(target)
    canvas.setFont(_FACE, 16)
    y = 740
    for paragraph in text.lines[:6]:
        for at, piece in enumerate(broken(paragraph[:120], 27, 2)):
            canvas.drawString(80 + (32 if at == 0 else 0), y, piece)
            y -= 28
    canvas.saveState()
    canvas.translate(200, 300)
    canvas.rotate(45)
    canvas.setFont(_FACE, 60)
    canvas.drawString(0, 0, "内部资料")
    canvas.restoreState()
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def bold(text: Report) -> bytes:
    """Bold by printing every line twice, a hair apart."""
    target = io.BytesIO()
    canvas = _canvas(target)
    canvas.setFont(_FACE, 16)
    y = 740
    for paragraph in text.lines[:5]:
        for at, piece in enumerate(broken(paragraph[:100], 27, 2)):
            for shift in (0, 0.4):
                canvas.drawString(80 + shift + (32 if at == 0 else 0), y, piece)
            y -= 28
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def outlined(shop: Workshop) -> bytes:
    """Writing as curves: no text, no picture."""
    target = io.BytesIO()
    canvas = _canvas(target)
    for at in range(600):
        x, y = 80 + at % 25 * 16, 740 - at // 25 * 24
        path = canvas.beginPath()
        path.moveTo(x, y)
        path.curveTo(x + 4, y + 10, x + 8, y - 4, x + 12, y + 9)
        path.curveTo(x + 9, y + 3, x + 3, y + 12, x, y)
        canvas.drawPath(path, fill=1, stroke=0)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def wide_table(document: Any) -> list[str]:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    making_flow.paragraph(document, "附件2：重大行政决策目录", indent=0)
    data = (
        ("序号", "决策事项", "承办单位", "完成时间"),
        (
            "1",
            "制定《兰汀区养老服务设施布局规划（2024—2028年）》，明确社区、村两级设施的规模、选址和分年度建设任务",
            "区民政局",
            "2024年9月",
        ),
        ("2", "调整区级公共停车场收费标准", "区发展改革委", "2024年12月"),
    )
    making_flow.table(document, data)
    return ["附件2：重大行政决策目录", *rows(data)]
