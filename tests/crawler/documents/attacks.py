"""Files made to harm whoever opens them. Each is small; what it would become is not."""

from __future__ import annotations

import base64
import functools
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.crawler.documents.ofd_writer import Sheet, package, zipped
from tests.crawler.documents.word_writer import Part, word

_ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "法治法治法治法治法治">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
_XXE = '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Target="{}"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
)


def docx(document: str | bytes, **more: str | bytes) -> bytes:
    return zipped(
        {"_rels/.rels": _RELATIONS.format("word/document.xml"), "word/document.xml": document, **more}
    )


def paragraphs(inner: str, doctype: str = "") -> str:
    return f'<?xml version="1.0"?>{doctype}<w:document {_W}><w:body><w:p><w:r><w:t>{inner}</w:t></w:r></w:p></w:body></w:document>'


@functools.cache
def _zeros(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = bytes(1 << 20)
    return b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()


def zip_bomb(name: str, size: int = 1 << 27, claimed: int | None = None) -> bytes:
    """A member of zeros; its directory may claim another size."""
    data = _zeros(size)
    claim = min(size if claimed is None else claimed, 0xFFFFFFFF)
    sizes = struct.pack("<LLL", 0, len(data), claim)
    raw = name.encode()
    local = (
        b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", len(raw), 0) + raw
    )
    central = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
    central += struct.pack("<HHHHHLL", len(raw), 0, 0, 0, 0, 0, 0) + raw
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local) + len(data), 0)
    return local + data + central + end


def overlapping(copies: int = 500) -> bytes:
    """Every entry of the directory is the same member: no nesting, a square of the size."""
    one = io.BytesIO()
    with zipfile.ZipFile(one, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.txt", "法" * 300_000)
    body = one.getvalue()
    start = body.rindex(b"PK\x01\x02")
    end = body.rindex(b"PK\x05\x06")
    central = body[start:end]
    many = central * copies
    tail = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, copies, copies, len(many), start, 0)
    return body[:start] + many + tail


def nested(depth: int = 30) -> bytes:
    body = b"x" * 100
    for at in range(depth):
        body = zipped({f"{at}.zip": body})
    return body


def many_members() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for at in range(20_000):
            file.writestr(f"{at}.rtf", "")
    return target.getvalue()


def pdf(content: bytes, filters: str = "/FlateDecode", pages: int = 1, extra: str = "") -> bytes:
    """A file whose pages all share one content stream."""
    kids = " ".join(f"{at + 4} 0 R" for at in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        f"<</Length {len(content)}/Filter[{filters}]{extra}>>stream\n".encode() + content + b"\nendstream",
    ]
    objects += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R>>"] * pages
    return assembled(objects)


def assembled(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


@functools.cache
def _flate(size: int) -> bytes:
    packer = zlib.compressobj(9)
    piece = b" " * (1 << 20)
    return b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()


def circular_pages() -> bytes:
    return assembled(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R 2 0 R]/Count 99999>>"]
    )


def deep_pages(depth: int = 5_000) -> bytes:
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    objects += [b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (at + 3) for at in range(depth)]
    return assembled([*objects, b"<</Type/Page/MediaBox[0 0 595 842]>>"])


def xlsx(sheet: str, doctype: str = "") -> bytes:
    relation = _RELATIONS.format("xl/workbook.xml")
    inner = relation.replace('officeDocument"/>', 'worksheet"/>').replace(
        "xl/workbook.xml", "worksheets/sheet1.xml"
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    )
    return zipped(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": relation,
            "xl/_rels/workbook.xml.rels": inner,
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{doctype}<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
        }
    )


def _cell(place: str, row: int, value: str = "1") -> str:
    return f'<row r="{row}"><c r="{place}" t="inlineStr"><is><t>{value}</t></is></c></row>'


def ofd_with(text_code: str, doctype: str = "") -> bytes:
    sheet = Sheet()
    sheet.objects.append(
        f'<ofd:TextObject ID="9" Boundary="10 10 100 10" Size="5">{text_code}</ofd:TextObject>'
    )
    body = package([sheet])
    if not doctype:
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    page = "Doc_0/Pages/Page_0/Content.xml"
    parts[page] = parts[page].replace(b"?>", b"?>" + doctype.encode(), 1)
    return zipped(dict(parts))


def ofd_many_pages() -> bytes:
    return package([Sheet()] * 1_500)


def doc_with(place: int, value: int) -> bytes:
    """A Word file with one number of its information block changed."""
    body = bytearray(word([Part("法治政府建设\r")]))
    struct.pack_into("<I", body, 512 + place, value)
    return bytes(body)


_LINE = b"BT /F1 12 Tf 1 0 0 1 50 700 Tm (a) Tj ET\n"
ATTACKS: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "docx: 128 MiB of zeros": (lambda: zip_bomb("word/document.xml"), "bomb"),
    "docx: 128 MiB that claims to be 100 bytes": (lambda: zip_bomb("word/document.xml", claimed=100), None),
    "ofd: 128 MiB of zeros": (lambda: zip_bomb("OFD.xml"), "bomb"),
    "xlsx: 128 MiB of zeros": (lambda: zip_bomb("xl/workbook.xml"), "bomb"),
    "zip: 128 MiB of zeros": (lambda: zip_bomb("报告.docx"), "bomb"),
    "zip: one member 500 times": (overlapping, "bomb"),
    "zip: 30 archives deep": (nested, "bomb"),
    "zip: 20,000 members": (many_members, "bomb"),
    "docx: billion laughs": (lambda: docx(paragraphs("&i;", _ENTITIES)), "bomb"),
    "docx: billion laughs in UTF-16": (lambda: docx(paragraphs("&i;", _ENTITIES).encode("utf-16")), "bomb"),
    "docx: external entity": (lambda: docx(paragraphs("&i;", _XXE)), "bomb"),
    "docx: entities in the styles": (
        lambda: docx(
            paragraphs("x"),
            **{
                "word/_rels/document.xml.rels": _RELATIONS.format("numbering.xml").replace(
                    "relationships/officeDocument", "relationships/numbering"
                ),
                "word/numbering.xml": f"{_ENTITIES}<w:numbering {_W}>&i;</w:numbering>",
            },
        ),
        "bomb",
    ),
    "docx: 100,000 elements deep": (lambda: docx(paragraphs("<w:r>" * 100_000)), "damaged"),
    "docx: external relationship": (
        lambda: docx(
            paragraphs("x"),
            **{
                "word/_rels/document.xml.rels": _RELATIONS.format("http://127.0.0.1:9/x")
                .replace('Type="', 'TargetMode="External" Type="')
                .replace('officeDocument"/>', 'numbering"/>')
            },
        ),
        None,
    ),
    "docx: styles based on each other": (
        lambda: docx(
            paragraphs("x"),
            **{
                "word/_rels/document.xml.rels": _RELATIONS.format("numbering.xml")
                .replace("relationships/officeDocument", "relationships/numbering")
                .replace(
                    "</Relationships>",
                    '<Relationship Id="r2" Target="styles.xml" Type="http://x/styles"/></Relationships>',
                ),
                "word/numbering.xml": f'<w:numbering {_W}><w:abstractNum w:abstractNumId="1"/><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num></w:numbering>',
                "word/styles.xml": f'<w:styles {_W}><w:style w:type="paragraph" w:styleId="a"><w:basedOn w:val="b"/></w:style><w:style w:type="paragraph" w:styleId="b"><w:basedOn w:val="a"/></w:style></w:styles>',
            },
        ),
        None,
    ),
    "ofd: external entity": (
        lambda: ofd_with('<ofd:TextCode X="0" Y="5">&i;</ofd:TextCode>', _XXE),
        "bomb",
    ),
    "ofd: billion laughs": (
        lambda: ofd_with('<ofd:TextCode X="0" Y="5">&i;</ofd:TextCode>', _ENTITIES),
        "bomb",
    ),
    "ofd: a billion steps": (
        lambda: ofd_with('<ofd:TextCode X="0" Y="5" DeltaX="g 1000000000 1">法治</ofd:TextCode>'),
        None,
    ),
    "ofd: steps that are no numbers": (
        lambda: ofd_with('<ofd:TextCode X="nan" Y="inf" DeltaX="g x 1e999">法治</ofd:TextCode>'),
        None,
    ),
    "ofd: 1,500 pages": (ofd_many_pages, "too large"),
    "xlsx: external entity": (lambda: xlsx(_cell("A1", 1, "&i;"), _XXE), "bomb"),
    "xlsx: billion laughs": (lambda: xlsx(_cell("A1", 1, "&i;"), _ENTITIES), "bomb"),
    "xlsx: the last cell of the sheet": (lambda: xlsx(_cell("A1", 1) + _cell("XFD1048576", 1048576)), None),
    "xlsx: 300,000 rows of full width": (
        lambda: xlsx("".join(f'<row r="{r}"><c r="XFD{r}"><v>1</v></c></row>' for r in range(1, 3_000))),
        "too large",
    ),
    "pdf: 128 MiB in a stream": (lambda: pdf(_flate(1 << 27)), "bomb"),
    "pdf: 128 MiB, packed twice": (
        lambda: pdf(zlib.compress(_flate(1 << 27), 9), "/FlateDecode/FlateDecode"),
        "bomb",
    ),
    "pdf: 128 MiB in ASCII85": (
        lambda: pdf(base64.a85encode(_flate(1 << 27)) + b"~>", "/ASCII85Decode/FlateDecode"),
        "bomb",
    ),
    "pdf: 128 MiB in hex": (
        lambda: pdf(_flate(1 << 27).hex().encode() + b">", "/ASCIIHexDecode/FlateDecode"),
        "bomb",
    ),
    "pdf: a stream without an end": (lambda: b"%PDF-1.4\n1 0 obj <<>> stream\n" + _flate(1 << 27), "bomb"),
    "pdf: 5,000 pages": (lambda: pdf(zlib.compress(b"q Q"), pages=5_000), "too large"),
    "pdf: pages that are their own children": (circular_pages, None),
    "pdf: 5,000 levels of pages": (deep_pages, None),
    "pdf: 600,000 characters on a page": (
        lambda: pdf(zlib.compress(b"BT /F1 1 Tf 1 0 0 1 50 700 Tm (" + b"a" * 600_000 + b") Tj ET")),
        None,
    ),
    "pdf: 300,000 pieces of text": (lambda: pdf(zlib.compress(_LINE * 300_000)), None),
    "pdf: 500,000 drawings": (lambda: pdf(zlib.compress(b"0 0 m 9 9 l S\n" * 500_000)), None),
    "pdf: brackets 1,000,000 deep": (lambda: pdf(zlib.compress(b"[" * 1_000_000)), None),
    "rtf: 2,000,000 groups": (lambda: b"{\\rtf1 " + b"{" * 2_000_000, None),
    "rtf: binary data longer than the file": (lambda: b"{\\rtf1 \\bin2000000000 " + b"x" * 100, None),
    "rtf: a number of ten digits everywhere": (
        lambda: b"{\\rtf1 " + b"\\uc9999999999\\u-2147483648 \\f4294967295 " * 20_000,
        None,
    ),
    "doc: a piece table beyond the end": (lambda: doc_with(0x1A2, 0x7FFFFFF0), "damaged"),
    "doc: a piece table of 4 GiB": (lambda: doc_with(0x1A6, 0xFFFFFFFF), "damaged"),
    "doc: 2 Gi characters": (lambda: doc_with(0x4C, 0x7FFFFFFF), "damaged"),
    "doc: fewer than no characters": (lambda: doc_with(0x4C, 0x80000001), "damaged"),
}
