"""PostgreSQL's token index keeps the newest texts in a list at first: they are found there, and wiped from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive.database import open_archive
from archive.reader import Archive
from tests.archive.builder import Crawl, extraction
from tests.archive.first_archive import make_first


@pytest.fixture
def upgraded(empty_postgresql: str) -> Iterator[Engine]:
    """An archive that was made when every text was sorted in at once."""
    make_first(empty_postgresql, "0010")
    engine = open_archive(empty_postgresql)
    yield engine
    engine.dispose()


def sort_in(engine: Engine) -> int:
    """Pages of the list that were still to be sorted in."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT", archive_reads=True) as connection:
        clean = sa.text("SELECT gin_clean_pending_list('ix_search_index_tokens')")
        return int(connection.execute(clean).scalar_one())


def found(engine: Engine, words: str) -> list[int]:
    return [hit.report_id for hit in Archive(engine).search(words)]


def test_what_is_not_sorted_in_yet_is_found_all_the_same(upgraded: Engine) -> None:
    sort_in(upgraded)
    text = "海滨街道2025年法治政府建设年度报告。海滨街道办理行政复议案件三件。"
    recorded = Crawl(upgraded).page("new.html", extraction(text, title="海滨街道", publishers=()))
    new = recorded.report_id
    asked = ("海滨", "行政复议", "办理行政复议案件三件", "法治政府")
    before = [found(upgraded, words) for words in asked]
    assert all(new in answer for answer in before)
    assert 1 in before[-1] and 1 not in before[0]
    assert sort_in(upgraded) > 0
    assert [found(upgraded, words) for words in asked] == before


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_wiping_leaves_nothing_in_the_list(crawl: Crawl) -> None:
    crawl.page("new.html")
    crawl.store.wipe()
    assert sort_in(crawl.engine) == 0
