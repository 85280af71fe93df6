"""Damaged, encrypted and false files."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from typing import Any

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.crawler.documents.making import Case
from tests.crawler.documents.own_texts import report
from tests.crawler.documents.word_writer import Part, compound, word

_PAGE = b"<!DOCTYPE html><html><head><title>404</title></head><body><p>\xe6\x82\xa8\xe8\xae\xbf\xe9\x97\xae\xe7\x9a\x84\xe6\x96\x87\xe4\xbb\xb6\xe4\xb8\x8d\xe5\xad\x98\xe5\x9c\xa8</p></body></html>"


def locked_pdf(user: str) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(
        target, invariant=1, encrypt=StandardEncryption(user, ownerPassword="owner", strength=128)
    )
    canvas.drawString(100, 700, "locked report, open to whoever holds the password of the owner")
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def cases(good: Mapping[str, Case]) -> list[Case]:
    """Made from good ones where that matters."""
    made: list[Case] = []

    def add(name: str, body: bytes, kind: str, fault: str | None, **more: Any) -> None:
        more.setdefault("form", "none")
        made.append(Case(name=name, body=body, kind=kind, fault=fault, **more))

    for source, part in (
        ("writer-0.pdf", 0.6),
        ("typeset-22.pdf", 0.5),
        ("report-0.docx", 0.7),
        ("report-0.doc", 0.5),
        ("report-28.ofd", 0.6),
        ("gbk.rtf", 0.5),
        ("figures.xlsx", 0.8),
        ("gbk-names.zip", 0.5),
    ):
        case = good[source]
        cut = case.body[: int(len(case.body) * part)]
        kind = "ole" if case.kind == "doc" else case.kind  # its directory is cut off
        add(f"cut-{source}", cut, kind, "damaged", extra={"any_text": True})
    add("locked.pdf", locked_pdf("secret"), "pdf", "encrypted")
    open_text = "locked report, open to whoever holds the password of the owner"
    add("owner-locked.pdf", locked_pdf(""), "pdf", None, form="digital", lines=[open_text], pages=1)
    add("locked.doc", word([Part("密文\r")], encrypted=True), "doc", "encrypted")
    package = compound({"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(300)})
    add("locked.docx", package, "docx", "encrypted")
    add("dead.doc", b"\r\n", "empty", "empty")
    add("zero.pdf", b"", "empty", "empty")
    add("page.pdf", _PAGE, "html", "not a document", warning="a html file named pdf")
    add("page.doc", b"\r\n\r\n" + _PAGE, "html", "not a document")
    add("noise.pdf", random.Random(7).randbytes(3000), "unknown", "not a document")
    add("head-only.pdf", b"%PDF-1.4\n" + random.Random(8).randbytes(3000), "pdf", "damaged")
    add("old.wps", compound({"WPSDocument": bytes(5000)}), "wps", "unreadable format")
    add("other.rar", b"Rar!\x1a\x07\x01\x00" + bytes(100), "rar", "unreadable format")
    add("old.xls", compound({"Workbook": bytes(5000)}), "xls", "unreadable format")
    text = "\n".join(report(32, 300).lines)
    add("plain.txt", text.encode("gb18030"), "text", None, form="digital", lines=text.split("\n"))
    add("plain.doc", b"File not found on this server", "text", "not a document")
    return made
