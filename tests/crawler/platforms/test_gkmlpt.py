"""gkmlpt beyond the contract: which category, whose folder, what the page hides."""

import json

from crawler.platforms import choose
from crawler.platforms.base import Page
from tests.crawler.platforms.pages import page
from tests.portals.gkmlpt import CATEGORY, FOLDER, ROWS, SID, TREE, article, index, record


def listing_of(shown: Page):
    return choose(shown).listing(shown)


def directory(tree: object, url: str) -> Page:
    return page(
        f"<script>window._CONFIG = {{ SID: '{SID}', TREE: {json.dumps(tree)}, SERVICE_AREA_ID: 1 }};</script><div>gkmlpt</div>",
        url=url,
    )


def test_the_address_names_the_category():
    shown = Page(f"{FOLDER}/index#18", index().body, None)
    assert listing_of(shown).pages == (f"{FOLDER}/api/all/18?page=1&sid={SID}",)


def test_without_one_the_report_categories_are_taken_but_no_jump():
    twice = [*TREE, {"id": 99, "name": "法治政府建设情况报告", "children": [], "jump_url": ""}]
    listing = listing_of(directory(twice, f"{FOLDER}/index"))
    assert sorted(listing.pages) == sorted(
        f"{FOLDER}/api/all/{number}?page=1&sid={SID}" for number in (CATEGORY, 99)
    )


def test_a_directory_without_such_a_category_says_so():
    listing = listing_of(directory(TREE[:1], f"{FOLDER}/index"))
    assert listing.pages == () and "names no category" in listing.warnings[0]


def test_the_page_size_is_what_the_first_page_shows():
    rows = [record(row) for row in ROWS[:5]]
    body = json.dumps(
        {"articles": rows, "total": 12, "offset": 5, "classify": {"id": 1, "name": "x", "post_count": 40}}
    )
    url = f"{FOLDER}/api/all/1?page=2&sid={SID}"
    listing = listing_of(Page(url, body.encode(), "application/json"))
    assert (listing.total, listing.page_count, listing.page_number) == (12, 3, 1)


def test_publication_is_the_day_in_china():
    day = ROWS[0].date
    late = {**record(ROWS[0]), "display_publish_time": record(ROWS[0])["display_publish_time"] - 9 * 3600}
    body = json.dumps({"articles": [late], "total": 1, "offset": 0})
    (entry,) = listing_of(Page(f"{FOLDER}/api/all/1?page=1&sid={SID}", body.encode(), None)).entries
    assert entry.date == day  # 00:05 in China is 16:05 of the day before in UTC


def test_a_drawn_article_stays_as_it_is():
    shown = page(
        "<div class='article-content'><p>正文</p></div>", url=f"{FOLDER}/content/3/10/post_10481.html"
    )
    assert choose(shown).name == "gkmlpt" and choose(shown).article(shown) is shown
    hidden = Page(f"{FOLDER}/content/3/10/post_10481.html", article().body, None)
    assert 'class="gkmlpt-detail"' in choose(hidden).article(hidden).text


def test_broken_configurations_are_no_directory():
    for tree in ("[{", "null", "[1, 2]", '[{"id": "x", "name": 7, "children": 3}]'):
        shown = page(
            f"<script>window._CONFIG = {{ SID: '1', TREE: {tree} , X: 1}};</script>gkmlpt",
            url=f"{FOLDER}/index",
        )
        assert listing_of(shown).pages == ()
