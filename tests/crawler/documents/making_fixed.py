"""Files of fixed layout: PDF and OFD, digital, scanned and mixed."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Any

import pypdfium2 as pdfium
from PIL import Image

from tests.crawler.documents import making_flow, ofd_writer
from tests.crawler.documents.making import Case, Workshop
from tests.crawler.documents.own_texts import FIGURES, Report, report, rows
from tests.crawler.documents.typesetting import (
    bold,
    broken,
    drawn,
    gridded,
    joined,
    outlined,
    pictures_to_pdf,
    scan,
    span,
    typeset,
    watermarked,
    wide_table,
)


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
    add("scan.pdf", pictures_to_pdf([page]), "pdf", (), form="scanned", pages=1, scanned_pages=1)
    grey = scan(shop, first.lines[:8], mode="L", dpi=100, tilt=0.7)
    add(
        "scan-grey.pdf",
        pictures_to_pdf([grey], quality=30),
        "pdf",
        (),
        form="scanned",
        pages=1,
        scanned_pages=1,
    )
    add(
        "scan-3-pages.pdf",
        pictures_to_pdf([page, scan(shop, first.lines[8:]), scan(shop, second.lines[:6])]),
        "pdf",
        (),
        form="scanned",
        pages=3,
        scanned_pages=3,
    )
    add("scan-strips.pdf", drawn(page, strips=6), "pdf", (), form="scanned", pages=1, scanned_pages=1)
    stamp = "第1页 打印时间2024-01-20"
    add("scan-stamped.pdf", drawn(page, stamp=stamp), "pdf", (stamp,), form="mixed", pages=1, scanned_pages=1)
    layer = first.lines[:5]
    add(
        "scan-with-layer.pdf",
        drawn(page, layer),
        "pdf",
        layer,
        exact_lines=False,
        pages=1,
        warning="hidden text layer",
    )
    text = typeset(second)
    count = len(pdfium.PdfDocument(text))
    scans = pictures_to_pdf([page, page])
    add(
        "mixed-tail.pdf",
        joined(text, scans),
        "pdf",
        second.lines,
        form="mixed",
        pages=count + 2,
        scanned_pages=2,
    )
    add(
        "mixed-cover.pdf",
        joined(pictures_to_pdf([page]), text),
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
    lines = wide_table(document)
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
