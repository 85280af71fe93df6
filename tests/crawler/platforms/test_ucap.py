"""开普 beyond the contract: channels named apart from the call, pages that hold their rows."""

from crawler.platforms import choose
from crawler.platforms.base import Page
from tests.crawler.platforms.pages import page
from tests.portals.ucap import BASE, CHANNEL, ROWS, address, path_of

ASKED = "_isAgg=true&_isJson=true&_pageSize=20&_template=index&page=1"


def listing_of(shown: Page):
    return choose(shown).listing(shown)


def test_the_channel_stands_in_the_address_of_the_page():
    shown = page(
        "<script>$.get('/searchList/' + getParam('channelid') + '?_isJson=true', show)</script>",
        url=f"{BASE}/x/c100028/common_xq_list.shtml?channelid={CHANNEL}",
    )
    assert listing_of(shown).pages == (f"{BASE}/searchList/{CHANNEL}?{ASKED}",)


def test_the_channel_stands_in_a_variable():
    shown = page(f"<script>var channelId = '{CHANNEL}'; $.get('/common/search/' + channelId, show)</script>")
    (first,) = listing_of(shown).pages
    assert first.endswith(f"/common/search/{CHANNEL}?{ASKED}")


def test_rows_in_the_page_count_where_a_pager_stands_beside_them():
    items = "".join(
        f"<li><a href='{path_of(row.url)}'>{row.title}</a><span>{row.date}</span></li>" for row in ROWS[:3]
    )
    script = f"<script>var more='/common/search/{CHANNEL}?_isJson=true';createPageHTML('page_div',2,1,'list','shtml',6);</script>"
    listing = listing_of(page(f"<ul>{items}</ul>{script}", url=f"{BASE}/hpq/c100186/list.shtml"))
    assert (
        not listing.shell
        and len(listing.entries) == 3
        and listing.pages == (f"{BASE}/hpq/c100186/list_2.shtml",)
    )


def test_one_link_of_its_shape_makes_no_platform():
    link = f"<a href='{ROWS[0].url}'>{ROWS[0].title}</a>"
    assert choose(page(link)).name != "ucap"
    assert choose(page(link * 3)).name == "ucap"


def test_a_page_instead_of_data_is_a_failure():
    shown = Page(
        address(1),
        "<html><body><ul><li><a href='/a/12345.html'>区司法局报告</a>2026-01-01</li></ul></body></html>".encode(),
        None,
    )
    assert listing_of(shown).failure
