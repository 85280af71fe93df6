"""安徽 beyond the contract: which label is the list, what an empty answer means."""

from crawler.platforms import choose
from crawler.platforms.base import Page
from crawler.platforms.post import split_post
from tests.crawler.platforms.pages import page
from tests.portals.anhui import BASE, COLUMN, FORM, address, answer, script


def listing_of(shown: Page):
    return choose(shown).listing(shown)


def test_the_list_is_asked_for_without_what_defeats_caches():
    (first,) = listing_of(page(script(), url=COLUMN)).pages
    post = split_post(first)
    assert post is not None and post.url == f"{BASE}/tianchang/site/label/8888?IsAjax=1&dataType=html"
    assert dict(post.fields) == FORM


def test_all_parameters_in_the_address():
    call = "/site/label/8888?IsAjax=1&labelName=publicInfoList&siteId=6781961&pageSize=18&pageIndex=3&organId=1681&catId=6708461&_="
    shown = page(f"<script>$('#list').load('{call}' + Math.random())</script>", url=COLUMN)
    (first,) = listing_of(shown).pages
    post = split_post(first)
    assert post is not None and post.url == f"{BASE}/site/label/8888?IsAjax=1"
    assert dict(post.fields) == {
        "labelName": "publicInfoList",
        "siteId": "6781961",
        "pageSize": "18",
        "pageIndex": "1",
        "organId": "1681",
        "catId": "6708461",
    }


def test_other_labels_are_no_lists():
    shown = page(
        "<script>$.post('/site/label/8888?IsAjax=1', {labelName:'countPage', siteId:'1'})</script>",
        url=COLUMN,
    )
    assert not listing_of(shown).shell and listing_of(shown).pages == ()


def test_an_empty_answer():
    none = Page(address(1), "<div>暂无相关信息</div>".encode(), "text/html; charset=utf-8")
    assert (listing_of(none).total, listing_of(none).failure) == (0, None)
    later = Page(address(2), none.body, none.content_type)
    assert listing_of(later).failure
    stated = Page(address(1), answer(1, ()).body, none.content_type)
    assert listing_of(stated).failure


def test_articles_and_columns_by_address():
    for path in (
        "/xxgk/openness/detail/content/57a5c43ed439eb9403452a76.html",
        "/public/column/152523227?type=4&catId=1&action=list",
        "/zwgk/public/198/64851798.html",
    ):
        assert choose(Page(BASE + path, b"<html><body><p>x</p></body></html>", None)).name == "anhui"
