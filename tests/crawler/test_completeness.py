from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.records import ListingRecord
from crawler.completeness import columns

BASE = "http://www.x.gov.cn/fzzfjs/"


def page(number: int) -> str:
    return BASE if number == 0 else f"{BASE}index_{number}.html"


def listings(pages: int, rows: int, *, total: bool = True) -> dict[str, ListingRecord]:
    others = tuple(page(n) for n in range(1, pages))
    return {
        page(n): ListingRecord(
            entries=rows,
            total=pages * rows if total else None,
            page_count=pages,
            page_number=n,
            pages=others if n == 0 else (),
        )
        for n in range(pages)
    }


def test_a_column_read_whole_is_complete() -> None:
    (count,) = columns(listings(3, 15))
    assert count.complete
    assert (count.pages_read, count.pages_stated, count.rows_read, count.rows_stated) == (3, 3, 45, 45)


@given(st.integers(2, 8), st.data())
def test_any_missing_page_is_noticed(pages: int, data: st.DataObject) -> None:
    read = listings(pages, 10, total=data.draw(st.booleans()))
    read.pop(page(data.draw(st.integers(1, pages - 1))))
    (count,) = columns(read)
    assert not count.complete
    assert f"{pages - 1} of {pages} list pages" in (count.missing or "")


def test_an_empty_page_among_full_ones_is_noticed_by_the_total() -> None:
    read = listings(3, 10)
    read[page(1)] = ListingRecord(entries=0, page_count=3, page_number=1)
    (count,) = columns(read)
    assert count.missing == "20 of 30 rows seen"


def test_rows_behind_a_search_that_a_page_only_counts_are_missing() -> None:
    (count,) = columns({BASE: ListingRecord(entries=75, total=107)})
    assert count.missing == "75 of 107 rows seen"


def test_two_columns_are_counted_apart() -> None:
    other = "http://www.x.gov.cn/jz/"
    read = {**listings(2, 5), other: ListingRecord(entries=4)}
    assert [c.pages_read for c in columns(read)] == [2, 1]


def test_nothing_read_gives_no_column() -> None:
    assert columns({}) == []
