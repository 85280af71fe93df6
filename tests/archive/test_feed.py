"""The feed: nothing missed, nothing seen twice, also across a restore; and what the command prints of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from archive import feed, schema
from archive.database import writing
from archive.errors import UsageError
from archive.feed import Cursor, Page
from archive.reader import Archive
from archive.records import Verdict
from tests.archive.builder import HOST, Crawl, extraction
from tests.archive.following import lose, reading, restored

ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For what one database decides as the other does."""


def seqs(page: Page) -> list[int]:
    return [entry.change.seq for entry in page.entries]


@pytest.fixture
def archive(crawl: Crawl) -> Archive:
    """Six changes: five of one portal, the fourth of another."""
    for name in "abc":
        crawl.page(f"{name}.html", reading(name))
    Crawl(crawl.engine, key="beihe").page("d.html", reading("d"))
    crawl.page("a.html", reading("a", "改。"))
    crawl.page("e.html", extraction("存疑的文件内容", title="汇报", verdict=Verdict.UNSURE))
    return Archive(crawl.engine)


def test_page_after_page_everything_once(archive: Archive) -> None:
    found: list[int] = []
    cursor, more = "0", True
    while more:
        page = archive.feed(cursor, limit=2)
        found += seqs(page)
        cursor, more = str(page.cursor), page.more
    assert found == [1, 2, 3, 4, 5, 6]
    again = archive.feed(cursor)
    assert (again.reset, again.entries, str(again.cursor), again.more) == (None, (), cursor, False)


@ON_SQLITE
def test_each_entry_s_cursor_goes_on_behind_it(archive: Archive) -> None:
    for entry in archive.feed().entries:
        assert seqs(archive.feed(entry.cursor)) == list(range(entry.change.seq + 1, 7))
        assert seqs(archive.feed(str(entry.change.seq))) == list(range(entry.change.seq + 1, 7))


@ON_SQLITE
def test_an_entry_says_what_to_act_on(archive: Archive) -> None:
    first, *_, changed, unsure = archive.feed().entries
    versions = archive.versions_of(1)
    assert (first.change.kind, first.change.version, first.change.url) == ("new", 1, f"{HOST}/a.html")
    assert [first.change.text_sha256, changed.change.text_sha256] == [row.text_sha256 for row in versions]
    assert (unsure.change.report_id, unsure.change.document_id) == (None, 5)
    assert first.epoch == archive.facts().epoch == first.cursor.epoch


@ON_SQLITE
def test_filters_and_the_place_behind_what_they_leave_out(archive: Archive) -> None:
    for filters, expected, behind in (
        ({"portal": "beihe"}, [4], 6),
        ({"kind": "new"}, [1, 2, 3, 4], 6),
        ({"kind": "new", "limit": 2}, [1, 2], 2),
        ({"portal": "nobody"}, [], 6),
        ({"limit": 0}, [], 0),
    ):
        page = archive.feed(**filters)
        assert seqs(page) == expected
        assert page.cursor.seq == behind
        if behind == 6:
            assert archive.feed(page.cursor).entries == ()


@ON_SQLITE
def test_an_empty_archive_has_a_cursor_to_keep(engine: Engine) -> None:
    page = Archive(engine).feed()
    assert (page.entries, page.cursor.seq, page.more) == ((), 0, False)
    Crawl(engine).page("a.html")
    assert seqs(Archive(engine).feed(page.cursor)) == [1]


def test_numbers_may_have_gaps(crawl: Crawl) -> None:
    crawl.page("a.html")
    cursor = Archive(crawl.engine).feed().cursor
    with pytest.raises(RuntimeError), writing(crawl.engine) as connection:
        connection.execute(
            schema.change.insert(), {"at": crawl.clock(), "kind": "gone", "portal_id": crawl.portal_id}
        )
        raise RuntimeError
    crawl.page("b.html", reading("b"))
    (entry,) = Archive(crawl.engine).feed(cursor).entries
    assert entry.change.url == f"{HOST}/b.html"


def test_who_had_read_less_than_the_backup_notices_nothing(archive: Archive, crawl: Crawl) -> None:
    cursor = archive.feed(limit=4).cursor
    restored(crawl.engine, 4)
    page = archive.feed(cursor)
    assert (page.reset, page.entries) == (None, ())
    crawl.page("f.html", reading("f"))
    assert seqs(archive.feed(cursor)) == [5]


def test_who_had_read_more_is_told_how_far_he_shares_the_course(archive: Archive, crawl: Crawl) -> None:
    cursors = {entry.change.seq: entry.cursor for entry in archive.feed().entries}
    restored(crawl.engine, 4)
    crawl.page("f.html", reading("f"))
    crawl.page("g.html", reading("g"))
    for seq in (5, 6):
        page = archive.feed(cursors[seq])
        assert (page.entries, page.more) == ((), False)
        assert page.reset is not None
        assert (page.reset.common, page.cursor) == (4, page.reset.cursor)
        assert "restored from a backup" in page.reset.reason
        again = archive.feed(page.reset.cursor)
        assert (again.reset, seqs(again)) == (None, [5, 6])
        assert {entry.epoch for entry in again.entries} == {archive.facts().epoch} != {cursors[4].epoch}
    assert archive.feed(cursors[4]).reset is None


@ON_SQLITE
def test_two_restores_to_ever_earlier_moments(archive: Archive, crawl: Crawl) -> None:
    first = archive.feed().cursor
    restored(crawl.engine, 5)
    crawl.page("f.html", reading("f"))
    second = archive.feed().cursor
    restored(crawl.engine, 5)
    for cursor in (first, second):
        page = archive.feed(cursor)
        assert page.reset is not None and page.reset.common == 5


@ON_SQLITE
def test_a_course_the_archive_never_heard_of_begins_anew(archive: Archive) -> None:
    page = archive.feed(Cursor("0" * 8 + "-0000" * 3 + "-" + "0" * 12, 3))
    assert page.reset is not None
    assert (page.reset.common, str(page.reset.cursor)) == (0, f"{archive.facts().epoch}:0")
    assert seqs(archive.feed(page.reset.cursor)) == [1, 2, 3, 4, 5, 6]


def test_a_file_put_back_by_hand_is_noticed_too(archive: Archive, crawl: Crawl) -> None:
    cursor = archive.feed().cursor
    lose(crawl.engine, 4)
    page = archive.feed(cursor)
    assert page.reset is not None and page.reset.common == 0
    crawl.clock.pass_time(seconds=1)
    for name in "fg":
        crawl.page(f"{name}.html", reading(name))
    page = archive.feed(cursor)
    assert page.reset is not None and page.reset.common == 0
    assert "change 6 is another one now" in page.reset.reason


@ON_SQLITE
def test_a_bare_number_beyond_the_last_change_is_told(archive: Archive, crawl: Crawl) -> None:
    restored(crawl.engine, 4)
    page = archive.feed("6")
    assert page.reset is not None and page.reset.common == 4


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    try:
        cursor = feed.parse(text)
    except UsageError as error:
        assert "cursor" in str(error)
    else:
        assert feed.parse(str(cursor)) == cursor


@settings(max_examples=50)
@given(st.uuids(), st.integers(0, 10**18 - 1), st.none() | st.from_regex(r"\A[0-9a-f]{16}\Z"))
def test_a_cursor_survives_print_and_parse(epoch, seq: int, fingerprint: str | None) -> None:
    cursor = Cursor(str(epoch), seq, fingerprint)
    assert feed.parse(f" {cursor}\n") == cursor


@ON_SQLITE
def test_huge_numbers_are_no_error_of_the_database(archive: Archive) -> None:
    page = archive.feed(str(10**17))
    assert page.reset is not None
