"""Types by bytes, name and declaration; the bytes decide, contradictions are said."""

from __future__ import annotations

import pytest

from crawler.extract.documents import by_bytes, by_declaration, by_name, disposition_name, read
from tests.crawler.documents.cases import FOLDER
from tests.crawler.documents.rtf_writer import document


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("W020240131.pdf", "pdf"),
        ("https://x.gov.cn/P020240131.DOC?v=1#a", "doc"),
        ("报告.wps", "wps"),
        ("../a.docx/", "docx"),
        ("/module/download/downfile.jsp?filename=a.doc", None),
        ("noname", None),
        ("", None),
        (None, None),
    ],
)
def test_by_name(name: str | None, kind: str | None) -> None:
    assert by_name(name) == kind


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("application/pdf;charset=UTF-8", "pdf"),
        ("APPLICATION/MSWORD", "doc"),
        ("image/jpeg", "image"),
        ("application/octet-stream", None),
        (None, None),
    ],
)
def test_by_declaration(header: str | None, kind: str | None) -> None:
    assert by_declaration(header) == kind


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a.doc"', "a.doc"),
        ("attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf", "报告.pdf"),
        ('attachment; filename="' + "报告.doc".encode("gb18030").decode("latin-1") + '"', "报告.doc"),
        ('attachment; filename="' + "报告.doc".encode().decode("latin-1") + '"', "报告.doc"),
        ("inline", None),
        (None, None),
    ],
)
def test_disposition(header: str | None, name: str | None) -> None:
    assert disposition_name(header) == name


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xef\xbb\xbf\r\n<html><body>x", "html"),
        (b"garbage before\n%PDF-1.7\n", "pdf"),
        (b"\r\n\r\n{\\rtf1 a}", "rtf"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "mhtml"),
        (b"\xff\xd8\xff\xe0aaaa", "image"),
        (b"\x00\x00  ", "empty"),
        ("纯文本".encode("gb18030"), "text"),
        ("纯文本".encode("utf-16"), "text"),
        (b"\x01\x02\x03abc", "unknown"),
    ],
)
def test_by_bytes(body: bytes, kind: str) -> None:
    assert by_bytes(body) == kind


def test_all_three_types_are_kept() -> None:
    reading = read(document(["法治政府建设报告。"]), name="a.pdf", declared="application/msword")
    assert (reading.kind, reading.name_kind, reading.declared) == ("rtf", "pdf", "doc")
    assert reading.warnings == ("a rtf file named pdf",)  # Word names its RTF files .doc: no contradiction
    assert reading.text == "法治政府建设报告。"


def test_agreement_is_no_warning() -> None:
    body = (FOLDER / "report-0.docx").read_bytes()
    assert read(body, name="a.docx", declared="application/octet-stream").warnings == ()
