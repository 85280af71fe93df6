"""Files made to harm, read in the real pool: no crash, no hang over 10 s, no memory over 512 MB, a typed outcome."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.extract.documents import Fault, read
from crawler.sample.server import Answer, LoopbackServer, Request
from tests.crawler.documents.attacks import ATTACKS, docx, paragraphs, xlsx
from tests.crawler.documents.cases import Expected, load
from tests.crawler.documents.ofd_writer import zipped
from tests.crawler.measured import Meter, file, meter

CASES = {case.name: case for case in load()}
WHOLE = [case for case in CASES.values() if case.body and case.fault is None and case.kind != "text"]
BOMBS = [name for name, (_, fault) in ATTACKS.items() if fault == "bomb"]


@pytest.fixture(scope="module")
def pool() -> Iterator[Meter]:
    with meter() as made:
        yield made


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(pool: Meter, name: str) -> None:
    """Bombs in DOCX, OFD, XLSX, ZIP and PDF streams, entity bombs, XXE, loops, numbers that lie."""
    make, fault = ATTACKS[name]
    found = pool.read(file(make(), f"a.{name.partition(':')[0]}")).within_limits().extraction
    if fault is not None:
        assert (found.error or "").startswith(fault)
    assert "root:" not in found.text


def test_the_attacks_hold_a_bomb_for_every_package_and_for_pdf() -> None:
    assert {name.partition(":")[0] for name in BOMBS} == {"docx", "ofd", "xlsx", "zip", "pdf"}
    for kind in ("docx", "ofd", "xlsx"):
        assert {f"{kind}: billion laughs", f"{kind}: external entity"} <= ATTACKS.keys()


def test_xxe_asks_no_server(pool: Meter) -> None:
    def answer(request: Request) -> Answer:
        return Answer(body=b"stolen")

    with LoopbackServer(answer) as server:
        target = f"{server.proxy_url}/x.dtd"
        for doctype in (
            f'<!DOCTYPE x SYSTEM "{target}">',
            f'<!DOCTYPE x [<!ENTITY i SYSTEM "{target}">]>',
            f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{target}"> %p;]>',
        ):
            for body in (docx(paragraphs("x", doctype)), xlsx("", doctype)):
                found = pool.read(file(body)).within_limits().extraction
                assert (found.error or "").startswith(Fault.BOMB)
        relation = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://x/numbering" TargetMode="External" Target="{target}"/></Relationships>'
        pool.read(file(docx(paragraphs("x"), **{"word/_rels/document.xml.rels": relation}))).within_limits()
        assert server.log == []


def slipping(folder: Path) -> dict[str, bytes]:
    """Members whose names climb out of whatever folder they would be unpacked to."""
    names = (
        "../../slipped.docx",
        f"{folder}/slipped.docx",
        "..\\..\\slipped.docx",
        "C:\\slipped.docx",
        "a/../../../slipped.docx",
        "slipped.docx\0.txt",
    )
    return dict.fromkeys(names, CASES["report-0.docx"].body)


def test_zip_slip_names_are_labels_and_nothing_is_written(pool: Meter, tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, body in slipping(tmp_path).items():
            package.writestr(name, body)
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        package.writestr(link, "/etc/passwd")
    body = target.getvalue()
    found = pool.read(file(body, "报告.zip", "application/zip")).within_limits().extraction
    assert found.error is None
    assert "root:" not in found.text
    members = read(body).members
    assert [member.kind for member in members] == [*["docx"] * len(slipping(tmp_path)), "text"]
    assert all("法治政府建设" in member.text for member in members[:-1])
    for folder in (tmp_path, tmp_path.parent, Path.cwd(), Path.cwd().parent, Path("/")):
        assert not list(folder.glob("*slipped*"))


@pytest.mark.parametrize("name", ["word/../../../x.docx", "/etc/passwd", "..\\..\\x"])
def test_zip_slip_names_of_parts(pool: Meter, name: str) -> None:
    relation = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Target="{}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
    body = zipped({"_rels/.rels": relation.format(name), "word/document.xml": paragraphs("法治政府建设")})
    found = pool.read(file(body)).within_limits().extraction
    assert "root:" not in found.text


@pytest.mark.parametrize("name", ["locked.pdf", "locked.doc", "locked.docx"])
def test_encrypted_file(pool: Meter, name: str) -> None:
    found = pool.read(file(CASES[name].body, name)).within_limits().extraction
    assert (found.error or "").startswith(Fault.ENCRYPTED)
    assert found.text == ""


def test_encrypted_pdf_that_any_reader_opens_is_read(pool: Meter) -> None:
    found = pool.read(file(CASES["owner-locked.pdf"].body, "a.pdf")).within_limits().extraction
    assert found.error is None


@pytest.mark.parametrize("kind", sorted({case.kind for case in WHOLE}))
def test_truncated_file(pool: Meter, kind: str) -> None:
    """At one place for each kind; tests/crawler/documents/test_corpus.py cuts every file at every tenth."""
    case: Expected = next(case for case in WHOLE if case.kind == kind)
    found = pool.read(file(case.body[: len(case.body) * 6 // 10], case.name)).within_limits().extraction
    assert found.error


@pytest.mark.parametrize("body", [b"\r\n", b"ok", b"PK", b"{}", b"\0\0", b"", b"x"])
def test_a_2_byte_doc(pool: Meter, body: bytes) -> None:
    found = pool.read(file(body, "P020240301.doc", "application/msword")).within_limits().extraction
    assert (found.error or "").startswith(Fault.EMPTY)
