"""Candidates are walked through in steps, band by band: no step may lose, double or misplace an answer."""

from __future__ import annotations

from itertools import product
from typing import Literal

import pytest
import sqlalchemy as sa

from archive import schema
from archive.database import reading
from archive.reader import Archive
from archive.records import FrontierKind
from archive.search_index import Class, band, recency, year_of
from archive.segment import fold
from tests.archive.builder import Crawl, extraction
from tests.archive.search_texts import level_of

ASKED = ("复议", "行政复议案", "复议3件", "热线ＡＰＰ 复议", "件。 复", "3", "案件 无人机", "不会有")

ORDERS: tuple[Literal["newest", "rank"], ...] = ("newest", "rank")


@pytest.fixture
def archive(crawl: Crawl) -> Archive:
    """Texts that stand alone, beside others at one report, and replaced ones, of three years and of every level."""
    for turn in range(10):
        times = (1, 3, 7, 13, 30, 2)[turn % 6]
        text = f"第{turn}镇报告。" + "办理行政复议案件３件。" * times + "热线APP，无人机。" * (turn % 5)
        year = {"report_year": 2023 + turn % 3, "publishers": (), "title": f"报告{turn}"}
        name = f"{turn}.html"
        crawl.page(name, extraction(text, **year))
        if turn % 3 == 1:
            crawl.enqueue(crawl.link(f"{turn}.pdf", FrontierKind.ATTACHMENT), found_on_id=crawl.id_of(name))
            crawl.record(f"{turn}.pdf", extraction=extraction(text * 2 + "附件。", **year))
        if turn % 5 == 2:
            crawl.page(name, extraction("修改。" + text, **year))
    return Archive(crawl.engine)


def by_reading(archive: Archive, words: str, *, ranked: bool, history: bool, year: int | None) -> list[str]:
    """Digests of the texts that answer, in the order that is promised."""
    entry, text = schema.search_entry.c, schema.text_.c
    query = sa.select(entry.id, text.sha256, text.content).join(
        schema.text_, text.sha256 == entry.text_sha256
    )
    asked = [fold(word) for word in words.split()]
    with reading(archive._engine) as connection:
        rows = [
            (level_of(folded, asked) if ranked else 0, recency(row.id), row.sha256)
            for row in connection.execute(query)
            if all(word in (folded := fold(row.content)) for word in asked)
            and (history or row.id >= band(Class.SHARED)[0])
            and (year is None or year_of(row.id) == year)
        ]
    return [digest for *_, digest in sorted(rows, key=lambda row: (-row[0], -row[1]))]


STEPS = ((2, 3, 3, 1000), (1, 2, 0, 1), (24, 1024, 64, 4), (3, 1, 99, 1))
"""Texts read first, numbers taken first, few prominent ones, and what makes the newest worth looking at."""


@pytest.mark.parametrize(
    ("asked", "steps"), [(ASKED[1:4], STEPS[:2]), pytest.param(ASKED, STEPS, marks=pytest.mark.slow)]
)
def test_steps_of_any_size_find_the_same(
    archive: Archive,
    monkeypatch: pytest.MonkeyPatch,
    asked: tuple[str, ...],
    steps: tuple[tuple[int, int, int, int], ...],
) -> None:
    wanted = {
        given: by_reading(archive, given[0], ranked=given[1] == "rank", history=given[2], year=given[3])
        for given in product(asked, ORDERS, (False, True), (None, 2024))
    }
    assert max(map(len, wanted.values())) > 10
    for first, ids, prominent, worth in steps:
        monkeypatch.setattr("archive.search_walk._FIRST", first)
        monkeypatch.setattr("archive.search_walk._FIRST_IDS", ids)
        monkeypatch.setattr("archive.search_walk._PROMINENT", prominent)
        monkeypatch.setattr("archive.search_walk._WORTH", worth)
        monkeypatch.setattr("archive.search_walk._WORTH_READING", worth)
        for (words, order, history, year), digests in wanted.items():
            found = archive.search(words, order=order, history=history, year=year, limit=None)
            assert [hit.text_sha256 for hit in found] == digests, (words, order, history, year, first)
    assert archive.search(asked[0], limit=3) == archive.search(asked[0], limit=None)[:3]
