from __future__ import annotations

from archive.records import FrontierKind, How, Link, ListingRecord
from crawler.pagebudget import DRY, PageBudget

LISTING = ListingRecord(entries=2)


def links(page: int, *rows: str) -> list[Link]:
    further = Link(url=f"/list_{page + 1}", kind=FrontierKind.COLUMN, how=How.LISTED)
    return [further, *(Link(url=row, kind=FrontierKind.PAGE, how=How.LISTED) for row in rows)]


def address(page: int) -> str:
    return f"/list_{page}"


def test_a_column_with_new_rows_goes_on_to_its_budget() -> None:
    budget = PageBudget(10)
    for page in range(9):
        budget.read(address(page), LISTING, links(page, f"/a{page}"))
        assert not budget.is_closed(address(page + 1))
    budget.read(address(9), LISTING, links(9, "/a9"))
    assert budget.is_closed(address(10))
    assert [url for url, _ in budget.ended()] == [address(0)]


def test_pages_that_bring_nothing_new_end_a_column() -> None:
    budget = PageBudget(1000)
    for page in range(DRY + 1):
        assert not budget.is_closed(address(page))
        budget.read(address(page), LISTING, links(page, "/a", "/b"))
    assert budget.is_closed(address(DRY + 1))
    assert "nothing new" in budget.ended()[0][1]


def test_what_the_site_states_is_read_even_if_pages_repeat() -> None:
    budget = PageBudget(1000)
    stated = ListingRecord(entries=2, page_count=8)
    for page in range(8):
        budget.read(address(page), stated, links(page, "/a"))
        assert not budget.is_closed(address(page + 1))
    budget.read(address(8), stated, links(8, "/a"))
    assert budget.is_closed(address(9))


def test_a_last_page_that_announces_nothing_is_no_end_before_its_time() -> None:
    budget = PageBudget(2)
    budget.read(address(0), LISTING, links(0, "/a"))
    budget.read(address(1), LISTING, links(1, "/b")[1:])
    assert not budget.ended()


def test_columns_have_budgets_of_their_own() -> None:
    budget = PageBudget(1)
    budget.read(address(0), LISTING, links(0, "/a"))
    budget.read("/other", LISTING, [])
    assert budget.is_closed(address(1))
    assert not budget.is_closed("/other")
    assert not budget.is_closed("/never-seen")
