"""Files of fixed layout: PDF and OFD, digital, scanned and mixed."""

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

from tests.crawler.documents import making_flow, ofd_writer
from tests.crawler.documents.making import Case, Workshop
from tests.crawler.documents.own_texts import FIGURES, Report, report, rows

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


def _pictures_to_pdf(pictures: Sequence[Image.Image], **options: Any) -> bytes:
    target = io.BytesIO()
    pictures[0].save(
        target, "PDF", save_all=True, append_images=list(pictures[1:]), resolution=_SCAN_DPI, **options
    )
    return target.getvalue()


def _joined(*files: bytes) -> bytes:
    whole = pdfium.PdfDocument.new()
    for file in files:
        whole.import_pages(pdfium.PdfDocument(file))
    target = io.BytesIO()
    whole.save(target)
    return target.getvalue()


def _drawn(
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


def _wide_table(document: Any) -> list[str]:
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


def ofd(text: Report, *, table: bool = False) -> bytes:
    """A report as OFD with a template that carries header and page rule."""
    sheets = [ofd_writer.Sheet()]
    y = 50.0

    def line(x: float, content: str, size: float = 5.6) -> None:
        nonlocal y
        if y > 265:
            sheets.append(ofd_writer.Sheet())
            y = 40.0
        sheets[-1].text(x, y, content, size)
        y += 10.0

    for piece in textwrap.wrap(text.title, 24):
        line(105 - span(piece) * 3.2, piece, 6.4)
    for paragraph in text.body:
        first = 0 if len(paragraph) < 30 and paragraph.endswith("：") else 2
        for at, piece in enumerate(broken(paragraph, 27, first)):
            line(28 + (first * 5.6 if at == 0 else 0), piece)
    if table:
        _ofd_table(sheets, y)
        y += 12 * len(FIGURES) + 10
    for piece in text.closing:
        line(180 - len(piece) * 5.6, piece)
    for number, sheet in enumerate(sheets, 1):
        sheet.text(100, 285, f"— {number} —", 3.7)
    template = ofd_writer.Sheet()
    template.text(28, 20, "兰汀区法治政府建设年度报告", 3.5)
    return ofd_writer.package(sheets, template=template)


def _ofd_table(sheets: list[ofd_writer.Sheet], y: float) -> None:
    if y + 12 * len(FIGURES) > 265:
        sheets.append(ofd_writer.Sheet())
        y = 40.0
    xs = (28.0, 45.0, 80.0, 105.0, 125.0, 185.0)
    sheet = sheets[-1]
    for at in range(len(FIGURES) + 1):
        sheet.rule(xs[0], y + 12 * at, xs[-1], y + 12 * at)
    for x in xs:
        sheet.rule(x, y, x, y + 12 * len(FIGURES))
    for at, row in enumerate(FIGURES):
        for place, cell in enumerate(row):
            if cell:
                sheet.text(xs[place] + 1.5, y + 12 * at + 8, cell, 3.7)


def cases(shop: Workshop) -> list[Case]:
    """All files of fixed layout."""
    made: list[Case] = []

    def add(name: str, content: bytes, kind: str, lines: Sequence[str], **more: Any) -> None:
        made.append(Case(name=name, body=content, kind=kind, lines=lines, **more))

    made += _pdf_digital(shop)
    first, second = report(20, 500), report(21, 900)
    page = scan(shop, first.lines[:8])
    add("scan.pdf", _pictures_to_pdf([page]), "pdf", (), form="scanned", pages=1, scanned_pages=1)
    grey = scan(shop, first.lines[:8], mode="L", dpi=100, tilt=0.7)
    add(
        "scan-grey.pdf",
        _pictures_to_pdf([grey], quality=30),
        "pdf",
        (),
        form="scanned",
        pages=1,
        scanned_pages=1,
    )
    add(
        "scan-3-pages.pdf",
        _pictures_to_pdf([page, scan(shop, first.lines[8:]), scan(shop, second.lines[:6])]),
        "pdf",
        (),
        form="scanned",
        pages=3,
        scanned_pages=3,
    )
    add("scan-strips.pdf", _drawn(page, strips=6), "pdf", (), form="scanned", pages=1, scanned_pages=1)
    stamp = "第1页 打印时间2024-01-20"
    add(
        "scan-stamped.pdf", _drawn(page, stamp=stamp), "pdf", (stamp,), form="mixed", pages=1, scanned_pages=1
    )
    layer = first.lines[:5]
    add(
        "scan-with-layer.pdf",
        _drawn(page, layer),
        "pdf",
        layer,
        exact_lines=False,
        pages=1,
        warning="hidden text layer",
    )
    text = typeset(second)
    count = len(pdfium.PdfDocument(text))
    scans = _pictures_to_pdf([page, page])
    add(
        "mixed-tail.pdf",
        _joined(text, scans),
        "pdf",
        second.lines,
        form="mixed",
        pages=count + 2,
        scanned_pages=2,
    )
    add(
        "mixed-cover.pdf",
        _joined(_pictures_to_pdf([page]), text),
        "pdf",
        second.lines,
        form="mixed",
        pages=count + 1,
        scanned_pages=1,
    )
    add(
        "outlined.pdf",
        outlined(shop),
        "pdf",
        (),
        form="scanned",
        pages=1,
        scanned_pages=1,
        warning="outlines",
    )
    made += _ofd_cases(page)
    return made


def _pdf_digital(shop: Workshop) -> list[Case]:
    made: list[Case] = []

    def add(name: str, content: bytes, lines: Sequence[str], **more: Any) -> None:
        made.append(
            Case(
                name=name,
                body=content,
                kind="pdf",
                lines=lines,
                pages=len(pdfium.PdfDocument(content)),
                **more,
            )
        )

    for number, options in ((0, {}), (2, {"size": 12}), (9, {"size": 14, "indent": 0})):
        text = report(number, 1000, FIGURES if number == 2 else ())
        add(
            f"writer-{number}.pdf",
            shop.convert(making_flow.plain(text, **options), ".docx", "pdf:writer_pdf_Export"),
            text.lines,
        )
    document = making_flow.new()
    lines = _wide_table(document)
    add(
        "writer-landscape.pdf",
        shop.convert(making_flow.saved(document), ".docx", "pdf:writer_pdf_Export"),
        lines,
    )
    content, lines = making_flow.numbered(restarted=False)
    add("writer-numbered.pdf", shop.convert(content, ".docx", "pdf:writer_pdf_Export"), lines)
    for number, options in (
        (22, {}),
        (23, {"header": "兰汀区人民政府公报"}),
        (24, {"indent": 0, "pitch": 24}),
        (25, {"size": 12, "width": 36, "pitch": 18}),
        (26, {"numbers": False}),
    ):
        text = report(number, 1300)
        add(f"typeset-{number}.pdf", typeset(text, **options), text.lines)
    around = ("附件：2023年行政执法情况统计表", "注：统计口径为全区行政执法单位。")
    add("grid.pdf", gridded(FIGURES), [around[0], *rows(FIGURES), around[1]])
    add("grid-boxes.pdf", gridded(FIGURES, thin_boxes=True), [around[0], *rows(FIGURES), around[1]])
    add("grid-turned.pdf", gridded(FIGURES, turned=True), [around[0], *rows(FIGURES), around[1]])
    data = (("类别", "项目", "数量"), ("许可", "受理", "31"), ("", "办结", "30"), ("合计", "", "61"))
    add(
        "grid-merged.pdf",
        gridded(data, merge=True),
        [around[0], "类别\t项目\t数量", "许可\t受理\t31", "\t办结\t30", "合计\t61", around[1]],
    )
    text = report(27, 500)
    add("watermark.pdf", watermarked(text), [line[:120] for line in text.lines[:6]], warning="watermark")
    add("double-struck.pdf", bold(text), [line[:100] for line in text.lines[:5]])
    return made


def _ofd_cases(page: Image.Image) -> list[Case]:
    store = io.BytesIO()
    page.save(store, "PNG")
    made = []
    for number, table in ((28, False), (29, False), (30, True)):
        text = report(number, 900, FIGURES if table else ())
        made.append(
            Case(name=f"report-{number}.ofd", body=ofd(text, table=table), kind="ofd", lines=text.lines)
        )
    scanned = ofd_writer.Sheet()
    scanned.picture(0, 0, 210, 297)
    digital = ofd_writer.Sheet()
    lines = [
        "一、主要举措和成效",
        "全年共办理行政复议案件14件，组织旁听庭审6次，参加旁听的工作人员共有210人次。",
    ]
    digital.text(39.2, 40, lines[0])
    for at, piece in enumerate(broken(lines[1], 27, 2)):
        digital.text(39.2 - 11.2 * (at > 0), 52 + 10 * at, piece, stepped=at > 0)
    picture = store.getvalue()
    made.append(
        Case(
            name="scan.ofd",
            body=ofd_writer.package([scanned], picture=picture),
            kind="ofd",
            form="scanned",
            pages=1,
            scanned_pages=1,
        )
    )
    made.append(
        Case(
            name="mixed.ofd",
            body=ofd_writer.package([digital, scanned], picture=picture),
            kind="ofd",
            form="mixed",
            pages=2,
            scanned_pages=1,
            lines=lines,
        )
    )
    marked = ofd_writer.Sheet()
    marked.text(30, 60, lines[1][:25])
    marked.text(40, 120, "内部资料", 20, ctm="0.7071 -0.7071 0.7071 0.7071 0 0")
    made.append(
        Case(
            name="watermark.ofd",
            body=ofd_writer.package([marked]),
            kind="ofd",
            pages=1,
            lines=[lines[1][:25]],
            warning="watermark",
        )
    )
    return made
