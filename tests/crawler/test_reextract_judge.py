"""One word for what reading a capture again has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from archive.planning import LastReading
from archive.records import (
    ExtractionRecord,
    PublisherRef,
    Verdict,
)
from archive.text import digest
from crawler.reextract_result import Turn, judge

STREET = PublisherRef(name="清河街道", code="999001001", level="street")
BEFORE = LastReading(
    text_sha256=digest("正文"),
    verdict=Verdict.REPORT,
    title="题",
    published=date(2026, 2, 20),
    report_year=2025,
    report_kind="annual",
    publishers=(STREET,),
    missing_parts=None,
    error=None,
)
NOW = ExtractionRecord(
    extractor="pages",
    version="2",
    text="正文",
    verdict=Verdict.REPORT,
    verdict_reason="title",
    title="题",
    published=date(2026, 2, 20),
    report_year=2025,
    report_kind="annual",
    publishers=(STREET,),
)
FAILED = replace(BEFORE, error="broken", text_sha256=None)


@pytest.mark.parametrize(
    ("before", "now", "turn"),
    [
        (BEFORE, NOW, Turn.UNCHANGED),
        (BEFORE, replace(NOW, text=" 正文 "), Turn.UNCHANGED),  # spacing is no other text
        (BEFORE, replace(NOW, text="正文二"), Turn.TEXT),
        (BEFORE, replace(NOW, report_year=2024), Turn.DESCRIBED),
        (BEFORE, replace(NOW, publishers=()), Turn.DESCRIBED),
        (BEFORE, replace(NOW, missing_parts=(4, 5)), Turn.DESCRIBED),
        (BEFORE, replace(NOW, text="正文二", report_year=2024), Turn.TEXT),
        (BEFORE, replace(NOW, verdict=Verdict.UNSURE), Turn.UNSURE),
        (BEFORE, replace(NOW, verdict=Verdict.NO, text="正文二"), Turn.REFUSED),
        (BEFORE, replace(NOW, error="broken"), Turn.LOST),
        (BEFORE, replace(NOW, text=" \n"), Turn.LOST),
        (FAILED, NOW, Turn.REPORT),
        (FAILED, replace(NOW, verdict=Verdict.NO), Turn.REFUSED),
        (FAILED, replace(NOW, error="broken"), Turn.UNREADABLE),
        (None, NOW, Turn.REPORT),
        (None, replace(NOW, error="broken"), Turn.UNREADABLE),
    ],
)
def test_one_word_for_each_capture(before: LastReading | None, now: ExtractionRecord, turn: Turn) -> None:
    assert judge(before, now) is turn
