"""Workbooks and archives."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
from collections.abc import Sequence

import openpyxl

from tests.crawler.documents import making_flow, rtf_writer
from tests.crawler.documents.making import Case, Workshop
from tests.crawler.documents.own_texts import FIGURES, report, rows

_FROZEN = (2024, 1, 1, 0, 0, 0)


def workbook(data: Sequence[Sequence[object]], *, second: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "统计表"
    for row in data:
        sheet.append(list(row))
    if second:
        other = book.create_sheet("决策目录")
        other["B3"], other["C3"] = "决策事项", "完成时间"
        other["B4"], other["C4"] = "调整停车收费标准", datetime.date(2024, 12, 1)
        other["D4"], other["D3"] = 0.973, "满意度"
        other["D4"].number_format = "0.0%"
        other["E3"], other["E4"] = "金额（万元）", 1234.5
        other["E4"].number_format = "#,##0.00"
        hidden = book.create_sheet("草稿")
        hidden["A1"] = "不公开"
        hidden.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def archive(members: Sequence[tuple[bytes, bytes]], *, utf8: bool = False) -> bytes:
    """A zip file whose names are the bytes given, as Chinese Windows writes them."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for at, (_, content) in enumerate(members):
            file.writestr(zipfile.ZipInfo(f"{at:08d}", _FROZEN), content, zipfile.ZIP_DEFLATED)
    body = bytearray(target.getvalue())
    out, position = bytearray(), 0
    names = [name for name, _ in members]
    # Names of another length move everything after them: write the file again by hand.
    offsets = []
    with zipfile.ZipFile(io.BytesIO(bytes(body))) as file:
        entries = file.infolist()
    central = bytearray()
    for entry, name in zip(entries, names, strict=True):
        start = entry.header_offset
        header = bytearray(body[start : start + 30])
        struct.pack_into("<H", header, 26, len(name))
        flags = 0x800 if utf8 else 0
        struct.pack_into("<H", header, 6, flags)
        data = body[start + 38 : start + 38 + entry.compress_size]
        offsets.append(len(out))
        out += header + name + data
        directory = struct.pack(
            "<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, flags, entry.compress_type, 0, 33, entry.CRC,
            entry.compress_size, entry.file_size, len(name), 0, 0, 0, 0, 0, offsets[-1],
        )  # fmt: skip
        central += directory + name
    position = len(out)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(names), len(names), len(central), position, 0)
    return bytes(out + central + end)


def cases(shop: Workshop) -> list[Case]:
    """Workbooks and archives."""
    figures = workbook(FIGURES)
    both = workbook([("项目", "件数"), ("复议", 14), ("诉讼", 3)], second=True)
    two = [
        "统计表",
        "项目\t件数",
        "复议\t14",
        "诉讼\t3",
        "决策目录",
        "决策事项\t完成时间\t满意度\t金额（万元）",
        "调整停车收费标准\t2024-12-01\t97.3%\t1234.50",
    ]
    text = report(31, 400)
    word = making_flow.plain(text)
    rich = rtf_writer.document(text.lines)
    return [
        Case(name="figures.xlsx", body=figures, kind="xlsx", lines=rows(FIGURES)),
        Case(name="sheets.xlsx", body=both, kind="xlsx", lines=two, warning="hidden"),
        Case(
            name="resaved.xlsx",
            body=shop.convert(both, ".xlsx", "xlsx:Calc MS Excel 2007 XML"),
            kind="xlsx",
            lines=two,
        ),
        Case(
            name="gbk-names.zip",
            body=archive(
                [("报告/2023年度报告.docx".encode("gb18030"), word), ("附件.rtf".encode("gb18030"), rich)]
            ),
            kind="zip",
            form="none",
            members=[("报告/2023年度报告.docx", "docx"), ("附件.rtf", "rtf")],
        ),
        Case(
            name="climbing-names.zip",
            body=archive(
                [(b"../../etc/\xe6\x8a\xa5\xe5\x91\x8a.rtf", rich), (b"C:\\x\\a.xlsx", figures)], utf8=True
            ),
            kind="zip",
            form="none",
            members=[("../../etc/报告.rtf", "rtf"), ("C:\\x\\a.xlsx", "xlsx")],
        ),
        Case(
            name="zip-in-zip.zip",
            body=archive(
                [("内层.zip".encode("gb18030"), archive([(b"a.rtf", rich)])), (b"dead.doc", b"\r\n")]
            ),
            kind="zip",
            form="none",
            members=[("内层.zip", "zip"), ("dead.doc", "empty")],
            warning="1 of 2 files",
        ),
    ]
