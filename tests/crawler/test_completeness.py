from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.memory import recall, remember
from archive.records import ListingRecord
from crawler.completeness import columns, row_digests

BASE = "http://www.x.gov.cn/fzzfjs/"


def page(number: int) -> str:
    return BASE if number == 0 else f"{BASE}index_{number}.html"


def rows(number: int, count: int) -> tuple[str, ...]:
    return row_digests((f"第{number}页第{n}行", f"{BASE}t{number}_{n}.html") for n in range(count))


def listings(
    pages: int, count: int, *, total: bool = True, stated: bool = True, digests: bool = True
) -> dict[str, ListingRecord]:
    """A column read whole, as sites describe it: with or without totals, or only a way on to the next page."""
    others = tuple(page(n) for n in range(1, pages))
    return {
        page(n): ListingRecord(
            entries=count,
            total=pages * count if total else None,
            page_count=pages if stated else None,
            page_number=n if stated else None,
            pages=(others if n == 0 else ()) if stated else others[n : n + 1],
            rows=rows(n, count) if digests else (),
        )
        for n in range(pages)
    }


VARIANTS = {
    "totals": {},
    "pages only": {"total": False},
    "next page only": {"total": False, "stated": False},
    "remembered by an earlier version": {"digests": False},
}
every_variant = pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)


@every_variant
def test_a_column_read_whole_is_complete(variant: dict[str, bool]) -> None:
    (count,) = columns(listings(3, 15, **variant))
    assert count.missing is None
    assert (count.pages_read, count.pages_stated, count.rows_read) == (3, 3, 45)


@every_variant
@pytest.mark.parametrize("number", range(4))
def test_a_page_that_was_not_read_is_noticed(variant: dict[str, bool], number: int) -> None:
    read = listings(4, 10, **variant)
    read.pop(page(number))
    counts = columns(read)
    alone = (
        number == 0 and "stated" in variant
    )  # nothing led further: the run has the failed page as its problem
    assert alone or not all(count.complete for count in counts)


@every_variant
@pytest.mark.parametrize("number", range(4))
def test_a_page_without_rows_is_noticed(variant: dict[str, bool], number: int) -> None:
    read = listings(4, 10, **variant)
    read[page(number)] = replace(read[page(number)], entries=0, rows=())
    (count,) = columns(read)
    assert (count.missing or "").split("; ")[0] == f"no rows on {page(number)}"


@pytest.mark.parametrize("variant", [v for v in VARIANTS.values() if "digests" not in v])
@pytest.mark.parametrize("number", range(1, 4))
@pytest.mark.parametrize("other", range(4))
def test_a_page_served_twice_is_noticed(variant: dict[str, bool], number: int, other: int) -> None:
    if other == number:
        return
    read = listings(4, 10, **variant)
    read[page(number)] = replace(read[page(number)], rows=read[page(other)].rows)
    (count,) = columns(read)
    assert "the rows of another page on" in (count.missing or "")


@given(st.integers(2, 8), st.data())
def test_any_missing_page_is_noticed(pages: int, data: st.DataObject) -> None:
    read = listings(pages, 10, total=data.draw(st.booleans()))
    read.pop(page(data.draw(st.integers(1, pages - 1))))
    (count,) = columns(read)
    assert not count.complete
    assert f"{pages - 1} of {pages} list pages" in (count.missing or "")


def test_a_missing_row_is_noticed_by_the_total() -> None:
    read = listings(3, 10)
    read[page(1)] = replace(read[page(1)], entries=9, rows=read[page(1)].rows[1:])
    (count,) = columns(read)
    assert count.missing == "29 of 30 rows seen"


def test_a_row_on_two_pages_hides_no_missing_one() -> None:
    read = listings(3, 10)
    read[page(1)] = replace(read[page(1)], rows=(read[page(0)].rows[-1], *read[page(1)].rows[:-1]))
    (count,) = columns(read)
    assert count.missing == "29 of 30 rows seen"


def test_a_list_that_is_lost_between_boxes_that_stay_is_noticed() -> None:
    box = rows(99, 6)
    read = {url: replace(listing, beside=box) for url, listing in listings(3, 10, total=False).items()}
    read[page(1)] = replace(read[page(1)], rows=box, entries=6, beside=())
    (count,) = columns(read)
    assert count.missing == f"no rows on {page(1)}"


def test_the_first_page_under_its_other_names_is_no_repetition() -> None:
    read = listings(3, 10)
    for alias in (f"{BASE}index.html", BASE.replace("http://www.", "https://"), f"{BASE}?page=1"):
        (count,) = columns({**read, alias: replace(read[BASE], pages=(page(1), page(2)))})
        assert count.missing is None
        assert count.pages_read == 3


def test_a_page_keeps_its_rows_under_another_address() -> None:
    """A page served once more elsewhere has the same relative links, which then lead elsewhere."""
    here = row_digests([("年度报告", "https://a.gov.cn/info/4078/70287.htm")])
    assert here == row_digests([("年度报告", "https://a.gov.cn/zwgk/info/4078/70287.htm")])
    assert here != row_digests([("年度报告", "https://a.gov.cn/info/4078/70288.htm")])
    assert here != row_digests([("年度总结", "https://a.gov.cn/info/4078/70287.htm")])


def test_rows_behind_a_search_that_a_page_only_counts_are_missing() -> None:
    (count,) = columns({BASE: ListingRecord(entries=75, total=107)})
    assert count.missing == "75 of 107 rows seen"


def test_a_column_that_says_it_has_rows_and_shows_none_is_not_complete() -> None:
    assert (
        columns({BASE: ListingRecord(entries=0, total=12)})[0].missing
        == f"no rows on {BASE}; 0 of 12 rows seen"
    )
    assert columns({BASE: ListingRecord(entries=0, total=0)})[0].complete


def test_two_columns_are_counted_apart() -> None:
    other = "http://www.x.gov.cn/jz/"
    read = {**listings(2, 5), other: ListingRecord(entries=4)}
    assert [c.pages_read for c in columns(read)] == [2, 1]


def test_pages_of_a_column_belong_together_without_its_first_one() -> None:
    read = listings(4, 5)
    names = read.pop(BASE).pages
    read = {url: replace(listing, pages=names) for url, listing in read.items()}
    (count,) = columns(read)
    assert count.missing == "3 of 4 list pages read; 15 of 20 rows seen"


def test_nothing_read_gives_no_column() -> None:
    assert columns({}) == []


def test_what_an_earlier_version_remembered_is_still_understood() -> None:
    kept = remember(ListingRecord(entries=3, page_count=1), [])
    del kept["listing"]["rows"], kept["listing"]["beside"]
    assert recall(kept)[0] == ListingRecord(entries=3, page_count=1)
