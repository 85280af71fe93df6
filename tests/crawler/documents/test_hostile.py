"""Bad input: random bytes, changed bytes; a typed reading each. Named attacks: `tests/crawler/test_bad_documents.py`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.extract.documents import DocumentReading, Fault, Limits, read
from tests.crawler.documents.attacks import docx, paragraphs, pdf
from tests.crawler.documents.cases import load

SMALL = [case for case in load() if 0 < len(case.body) < 40_000]
HEADS = (b"", b"%PDF-1.4\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf1 ", b"<html>")


def _typed(reading: DocumentReading) -> None:
    assert (reading.fault is None) == (reading.error is None)
    assert reading.fault is not None or reading.text or reading.scanned_pages or reading.members


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for case in SMALL:
        read(case.body, name=case.name)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=150)
@given(
    head=st.sampled_from(HEADS),
    tail=st.binary(max_size=3_000),
    name=st.sampled_from([None, "a.doc", "a.pdf", "a.wps"]),
)
def test_random_bytes(head: bytes, tail: bytes, name: str | None) -> None:
    _typed(read(head + tail, name=name))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_changed_bytes(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(SMALL))
    body = bytearray(case.body)
    for _ in range(data.draw(st.integers(1, 30))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    _typed(read(bytes(body), name=case.name))


def test_two_bytes_are_a_dead_attachment_whatever_they_are() -> None:
    for body in (b"\r\n", b"ok", b"{}", b"PK"):
        assert read(body, name="报告.doc").fault is Fault.EMPTY


def test_limits_are_kept() -> None:
    long = docx(paragraphs("法" * 2_000))
    assert read(long, limits=Limits(bytes=100)).fault is Fault.TOO_LARGE
    assert read(long, limits=Limits(text=100)).fault is Fault.TOO_LARGE
    assert read(long, limits=Limits(part=100)).fault is Fault.BOMB
    assert read(long, limits=Limits(unpacked=100)).fault is Fault.BOMB
    assert read(long, limits=Limits(seconds=0)).fault is Fault.TOO_LARGE
    assert read(pdf(b"q Q", "", pages=4), limits=Limits(pages=3)).fault is Fault.TOO_LARGE
