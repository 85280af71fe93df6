"""The POST search behind lists of 福建."""

from crawler.platforms import choose
from crawler.platforms.base import Page
from crawler.platforms.channel_search import is_search
from crawler.platforms.post import split_post
from tests.crawler.platforms.pages import page
from tests.portals.channelsearch import COLUMN, FORM, ROWS, SCRIPT, address, column


def test_the_search_goes_on_where_the_page_ends():
    shown = Page(COLUMN, column(ROWS[:6]).body, None)
    listing = choose(shown).listing(shown)
    assert [dict(split_post(url).fields) for url in listing.pages] == [
        {**FORM, "page": n, "prepage": "6"} for n in "23"
    ]
    assert listing.warnings == ()


def test_a_page_that_does_not_tell_where_to_ask_says_that_rows_are_missing():
    shown = page(SCRIPT.replace("listApi", "otherApi"), url=COLUMN)
    listing = choose(shown).listing(shown)
    assert listing.pages == () and listing.total == 15 and "does not tell" in listing.warnings[0]


def test_whatever_the_search_answers_it_was_asked_for_json():
    assert is_search(address(2)) and not is_search(COLUMN)
    shown = Page(address(2), column(ROWS[:6]).body, None)
    assert choose(shown).name == "json" and choose(shown).listing(shown).failure
