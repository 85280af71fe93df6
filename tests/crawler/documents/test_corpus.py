"""One test over the whole corpus: kind, form, text to the character, pages, faults and warnings."""

from __future__ import annotations

import pytest

from crawler.extract.documents import read
from tests.crawler.documents.cases import FOLDER, Expected, load, recall, solid

CASES = load()
CUT_BY_TENTHS = [case for case in CASES if case.body and case.fault is None and case.kind != "text"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reading(case: Expected) -> None:
    reading = read(case.body, name=case.name)
    assert reading.kind == case.kind
    assert reading.fault == case.fault, reading.error
    assert reading.scanned_pages == case.scanned_pages
    assert [(member.name, member.kind) for member in reading.members] == [tuple(m) for m in case.members]
    if case.pages is not None:
        assert reading.pages == case.pages
    if case.warning is not None:
        assert any(case.warning in warning for warning in reading.warnings), reading.warnings
    if case.any_text:
        return
    assert reading.form == case.form
    assert solid(reading.text) == solid("".join(case.lines))
    if case.exact_lines:
        found = reading.text.split("\n") if reading.text else []
        assert [line.replace(" ", "") for line in found] == [line.replace(" ", "") for line in case.lines]


@pytest.mark.parametrize("case", CUT_BY_TENTHS, ids=lambda case: case.name)
@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_file_cut_at_any_tenth_says_so(case: Expected, tenth: int) -> None:
    body = case.body
    reading = read(body[: len(body) * tenth // 10], name=case.name)
    assert reading.fault is not None
    assert reading.error is not None
    assert reading.error.startswith(str(reading.fault))
    if reading.text and case.lines:  # what is given of a cut file is its own text
        wanted = solid("".join(case.lines))
        assert recall(wanted, reading.text) > 0.98


def test_members_of_archives_are_read() -> None:
    by_name = {case.name: case for case in CASES}
    for member in read(by_name["gbk-names.zip"].body).members:
        assert member.fault is None
        assert "法治政府建设" in member.text
    inner, dead = read(by_name["zip-in-zip.zip"].body).members
    assert "法治政府建设" in inner.members[0].text
    assert dead.error == "empty: 2 bytes: a dead attachment"


def test_the_corpus_holds_every_format_and_form() -> None:
    assert len(CASES) >= 60
    seen = {(case.kind, "damaged" if case.fault else case.form) for case in CASES}
    assert seen >= {
        *(("pdf", form) for form in ("digital", "scanned", "mixed", "damaged")),
        *(("ofd", form) for form in ("digital", "scanned", "mixed", "damaged")),
        *(("docx", form) for form in ("digital", "scanned", "damaged")),
        *((kind, form) for kind in ("doc", "rtf", "xlsx") for form in ("digital",)),
    }
    assert {path.name for path in FOLDER.iterdir()} == {case.name for case in CASES} | {"corpus.json"}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000
