"""TRS IGS beyond the contract: how pages ask, and what is no evidence."""

import json

from crawler.platforms import choose
from crawler.platforms.base import Page
from tests.crawler.platforms.pages import REPORTS, page

LIST = "/igs/front/search/publish/data/list.html"
SEARCH = "https://www.qinghe.gov.cn/igs/front/search.jhtml?code=856e304b1b034799b51ab10e02afe386&siteId=100&searchWord=x&pageSize=1&pageNumber=1&position=TITLE"


def test_a_search_box_is_no_evidence():
    box = '<form action="/igs/front/search.jhtml"><input name="searchWord"></form>'
    assert choose(page(box + REPORTS)).name == "trs"


def test_a_search_answer_turns_its_pages():
    record = {
        "title": "区司法局2025年度<em>法治政府建设</em>情况报告",
        "url": "http://www.qinghe.gov.cn/a/t20260301_1.html",
        "trs_time": "2026-03-01T00:00:00.000+0800",
    }
    body = json.dumps(
        {
            "page": {"content": [record], "total": "3", "totalPages": 3, "pageSize": 1, "pageNumber": 1},
            "hasFilter": False,
        }
    )
    answer = Page(SEARCH, body.encode(), "application/json")
    assert choose(answer).name == "igs"
    listing = choose(answer).listing(answer)
    assert listing.entries[0].title == "区司法局2025年度法治政府建设情况报告"
    assert listing.pages == tuple(SEARCH.replace("pageNumber=1", f"pageNumber={n}") for n in (2, 3))


def test_a_request_without_page_number_gets_one():
    url = f"https://www.qinghe.gov.cn{LIST}?siteId=5&pageSize=1"
    body = json.dumps(
        {
            "page": {
                "content": [{"BT": "区司法局2025年度报告", "DOCPUBURL": "/a/t20260301_1.html"}],
                "total": "2",
                "totalPages": 2,
            }
        }
    )
    answer = Page(url, body.encode(), "application/json")
    assert choose(answer).listing(answer).pages == (f"{url}&pageNumber=2",)


def test_a_page_that_asks_with_what_the_script_does_not_tell_is_an_ordinary_list():
    shown = page(f"<script>$.get('{LIST}', params, show)</script>{REPORTS}")
    listing = choose(shown).listing(shown)
    assert not listing.shell and len(listing.entries) == 3


def test_a_page_instead_of_data_is_a_failure():
    answer = Page(
        f"https://www.qinghe.gov.cn{LIST}?siteId=5",
        b"<html><body><a href='/a/t20260301_1.html'>x</a></body></html>",
        None,
    )
    assert choose(answer).name == "igs"
    assert choose(answer).listing(answer).failure
