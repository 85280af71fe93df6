"""Sections and figures: kept with their reading, found again with the words they stand for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from archive.reader import Archive
from archive.records import Event
from archive.text import normalise
from tests.archive.builder import PARTED, Crawl, body_text, extraction, figure, other, parted_reading

SET_ANEW = (
    unicodedata.normalize("NFKC", PARTED)
    .replace("\n", "\n\u3000\u3000")
    .replace("执法力量", "\u200b执法力量")
)
"""The same text by digest: half-width figures, indented paragraphs, an invisible mark."""
Rows = list[tuple[object, ...]]


def words(archive: Archive, document_id: int) -> list[tuple[str, str]]:
    """Sections and figures with the words their offsets point to."""
    text = archive.text_of(archive.version(document_id).text_sha256)
    found = [*archive.sections_of(document_id), *archive.figures_of(document_id)]
    return [
        (getattr(row, "heading", None) or row.measure, text[row.start_offset : row.end_offset])
        for row in found
    ]


def test_sections_come_back_as_they_were_found(crawl: Crawl) -> None:
    crawl.page("a.html", parted_reading())
    archive = Archive(crawl.engine)
    first, inner, last = archive.sections(1)
    assert (first.parts, first.number, first.heading, first.level) == ((1,), "一、", "主要工作情况", 1)
    assert (first.document_id, first.version, first.position, first.thematic) == (1, 1, 0, False)
    assert (inner.parts, inner.parent, inner.level) == ((3,), 0, 2)
    assert (last.parts, last.parent, last.position) == ((2, 4), None, 2)
    assert inner.text == "（一）履行第一责任人职责\n党工委书记讲法治课两次。"
    assert first.text.startswith("一、主要工作情况\n全年")
    assert first.text.endswith(inner.text)
    assert PARTED[last.text_offset : last.end_offset] == "\n执法力量不足。明年计划开展培训１０次。"
    assert archive.report(1).missing_parts == archive.version(1).missing_parts == (5,)


def test_figures_come_back_as_they_were_found(crawl: Crawl) -> None:
    crawl.page("a.html", parted_reading())
    penalties, fines, simple, training = Archive(crawl.engine).figures(1)
    assert (penalties.value, penalties.unit, penalties.parts, penalties.named_year) == (12, "件", (1,), 2025)
    assert penalties.sentence == "全年办理行政处罚案件１２件，罚款１．３万余元；其中简易程序处罚９件。"
    assert (fines.value, fines.qualifier, fines.within) == (13000, "at_least", False)
    assert (simple.within, training.scope, training.parts) == (True, "goal", (2, 4))
    assert training.sentence == "明年计划开展培训１０次。"


def folded(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, normalise(text).replace(" ", "")) for name, text in pairs]


@pytest.mark.parametrize(("first", "second"), [(PARTED, SET_ANEW), (SET_ANEW, PARTED)])
def test_a_text_kept_by_another_reading_keeps_the_offsets_right(
    crawl: Crawl, first: str, second: str
) -> None:
    crawl.page("a.html", extraction(first, publishers=(), title="甲"))
    crawl.page("b.html", parted_reading(second))
    archive = Archive(crawl.engine)
    assert archive.text_of(archive.version(2).text_sha256) == first
    reading = parted_reading(second)
    own = [(row.heading, second[row.start : row.end]) for row in reading.sections]
    own += [(row.measure, second[row.start : row.end]) for row in reading.figures]
    assert folded(words(archive, 2)) == folded(own)
    assert folded((row.measure, row.sentence) for row in archive.figures_of(2)) == folded(
        (row.measure, second[row.sentence_start : row.sentence_end]) for row in reading.figures
    )
    assert archive.sections_of(1) == archive.figures_of(1) == []


def test_the_same_again_doubles_nothing(crawl: Crawl, query: Callable[[str], Rows]) -> None:
    count = "SELECT (SELECT count(*) FROM section), (SELECT count(*) FROM figure)"
    crawl.page("a.html", parted_reading())
    stored = query(count)
    assert stored == [(3, 4)]
    crawl.record("a.html", extraction=parted_reading())
    capture = crawl.store.unread_by(crawl.portal_id, "portal", "9")[0]
    crawl.store.record_rereading(crawl.run_id, capture, parted_reading())
    assert query(count) == stored


def test_reading_again_brings_sections_to_what_was_kept_before(crawl: Crawl) -> None:
    crawl.page("a.html", extraction(PARTED))
    archive = Archive(crawl.engine)
    assert archive.report(1).missing_parts is None
    assert archive.sections(1) == []
    (capture,) = crawl.store.unread_by(crawl.portal_id, "portal", "2")
    again = crawl.store.record_rereading(crawl.run_id, capture, parted_reading(version="2"))
    assert again.event is Event.UNCHANGED
    assert [row.heading for row in archive.sections(1)] == [
        "主要工作情况",
        "履行第一责任人职责",
        "问题与打算",
    ]
    assert (archive.report(1).version, archive.report(1).missing_parts) == (1, (5,))
    assert [change.kind for change in archive.changes()] == ["new"]


def test_the_same_extractor_version_that_now_looks_for_parts_is_another_reading(crawl: Crawl) -> None:
    crawl.page("a.html", extraction(PARTED))
    crawl.record("a.html", extraction=parted_reading())
    assert len(Archive(crawl.engine).sections(1)) == 3


def test_every_version_keeps_its_own(crawl: Crawl) -> None:
    crawl.page("a.html", parted_reading())
    later = PARTED.replace("１２件", "１４件")
    crawl.page(
        "a.html",
        extraction(
            later, figures=(figure(later, "１４件", "penalties", "14"),), missing_parts=(1, 2, 3, 4, 5)
        ),
    )
    archive = Archive(crawl.engine)
    assert [row.value for row in archive.figures(1)] == [14]
    assert [row.value for row in archive.figures_of(1, 1)] == [12, 13000, 9, 10]
    assert len(archive.sections_of(1, 1)) == 3
    assert archive.sections(1) == archive.sections_of(1, 7) == []
    assert archive.report(1).missing_parts == (1, 2, 3, 4, 5)


def test_what_could_not_be_read_has_no_parts(crawl: Crawl, query: Callable[[str], Rows]) -> None:
    crawl.page("a.html", other(parted_reading(), error="the reader failed"))
    assert query("SELECT count(*) FROM section") == [(0,)]


def test_the_view_of_sections_has_a_row_for_each_part(crawl: Crawl, query: Callable[[str], Rows]) -> None:
    crawl.page("a.html", parted_reading())
    rows = query(
        "SELECT part, parts, heading, position, report_id, year, publishers FROM report_sections "
        "ORDER BY position, part"
    )
    about = (1, 2025, "清河街道")
    assert rows == [
        (1, "1", "主要工作情况", 0, *about),
        (3, "3", "履行第一责任人职责", 1, *about),
        (2, "2+4", "问题与打算", 2, *about),
        (4, "2+4", "问题与打算", 2, *about),
    ]
    texts = query("SELECT text, characters, start_offset, end_offset FROM report_sections WHERE part = 2")
    text, characters, start, end = texts[0]
    assert text == PARTED[start:end] == "二、问题与打算\n执法力量不足。明年计划开展培训１０次。"
    assert characters == len(str(text))


def test_a_section_of_no_part_is_in_the_view(crawl: Crawl, query: Callable[[str], Rows]) -> None:
    reading = parted_reading()
    bare = tuple(replace(row, parts=()) for row in reading.sections[:1])
    crawl.page("a.html", other(reading, sections=bare))
    assert query("SELECT part, parts, heading FROM report_sections") == [(None, "", "主要工作情况")]


def test_the_views_show_the_current_version_of_the_standing_document_only(
    crawl: Crawl, query: Callable[[str], Rows]
) -> None:
    crawl.page("a.html", parted_reading())
    crawl.page("b.html", parted_reading())
    later = PARTED.replace("１２件", "１４件")
    fewer = (figure(later, "１４件", "penalties", "14"),)
    crawl.page("a.html", extraction(later, figures=fewer, missing_parts=()))
    assert query("SELECT report_id, document_id, version, value FROM report_figures") == [(1, 1, 2, 14)]
    assert query("SELECT count(*) FROM report_sections") == [(0,)]
    crawl.gone("a.html")
    assert len(query("SELECT * FROM report_figures")) == 4


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("12", "integer"),
        ("22.77", "real"),
        ("-41.8", "real"),
        ("227700.00", "integer"),
        ("0", "integer"),
        ("123456789012345", "integer"),
        ("12345678901.2345", "real"),
        ("0.000001", "real"),
    ],
)
def test_other_tools_read_numbers(crawl: Crawl, query: Callable[[str], Rows], value: str, kind: str) -> None:
    crawl.page("a.html", parted_reading(figures=(figure(PARTED, "１２件", "penalties", value),)))
    (found,) = Archive(crawl.engine).figures(1)
    assert found.value == Decimal(value)
    assert isinstance(found.value, Decimal)
    ((doubled,),) = query("SELECT value * 2 FROM report_figures")
    assert isinstance(doubled, int | float | Decimal)
    assert float(doubled) == pytest.approx(float(value) * 2)
    if crawl.engine.dialect.name == "sqlite":
        assert query("SELECT typeof(value) FROM report_figures") == [(kind,)]


def test_more_digits_than_databases_keep_are_rounded(crawl: Crawl) -> None:
    crawl.page("a.html", parted_reading(figures=(figure(PARTED, "１２件", "fees", "1234567890123456789"),)))
    assert Archive(crawl.engine).figures(1)[0].value == Decimal("1234567890123460000")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e301"])
def test_no_number_at_all_is_refused(crawl: Crawl, value: str) -> None:
    broken = figure(PARTED, "１２件", "fees", value)
    with pytest.raises(sa.exc.StatementError, match="no number a database can keep"):
        crawl.page("a.html", parted_reading(figures=(broken,)))
    assert Archive(crawl.engine).reports() == []


def test_figures_of_all_reports(crawl: Crawl) -> None:
    crawl.page("a.html", parted_reading())
    crawl.page("b.html", extraction(body_text("北河镇", 2024), title="北河", publishers=(), report_year=2024))
    next_year = PARTED.replace("２０２５", "２０２６")
    reading = other(parted_reading(next_year), report_year=2026)
    Crawl(crawl.engine, key="beihe").page("c.html", reading)
    archive = Archive(crawl.engine)
    both = archive.all_figures(measure="penalties")
    assert [(row.report_id, row.year, row.value, row.part) for row in both] == [
        (3, 2026, 12, 1),
        (1, 2025, 12, 1),
    ]
    assert {row.publishers for row in both} == {"清河街道"}
    assert [row.measure for row in archive.all_figures(year=2025)] == [
        "penalties",
        "fines",
        "penalties_simple",
        "training",
    ]
    assert [row.part for row in archive.all_figures(year=2025, measure="training")] == [None]
    assert {row.report_id for row in archive.all_figures(portal="beihe")} == {3}
    assert archive.all_figures(year=2024) == []


def test_hostile_words_and_a_stray_surrogate_are_kept_clean(crawl: Crawl) -> None:
    evil = PARTED.replace("执法力量", "执\x00法\ud800力量")
    reading = parted_reading(evil)
    sections = tuple(replace(row, heading="\x00") for row in reading.sections)
    crawl.page("a.html", other(reading, sections=sections), body=b"hostile")
    last = Archive(crawl.engine).sections(1)[-1]
    assert last.text == "二、问题与打算\n执\ufffd法\ufffd力量不足。明年计划开展培训１０次。"
    assert last.heading == "\ufffd"
