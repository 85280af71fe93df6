"""大汉 beyond the contract: encrypted parameters, chains without totals, answers that bring nothing."""

import pytest

from archive.records import FrontierKind, Outcome
from crawler import reading
from crawler.platforms import choose
from crawler.platforms.base import Page
from crawler.platforms.post import split_post
from crawler.readjob import ReadJob
from crawler.site import Site
from tests.crawler.platforms.pages import page
from tests.portals.hanweb import ASKED, BASE, FORM, HOST, PROXY, ROWS, UNIT, recordset, unit_address

COLUMN = f"{BASE}/col/col25005/index.html"


def listing_of(shown: Page):
    return choose(shown).listing(shown)


def answer(url: str, text: str, kind: str = "text/xml") -> Page:
    return Page(url, text.encode(), f"{kind};charset=UTF-8")


def outcome(shown: Page) -> Outcome:
    site = Site(
        key="x",
        name="临江区",
        short_name="临江区",
        level="county",
        division_code=None,
        home_url=f"{BASE}/",
        hosts=(HOST,),
    )
    return reading.read(
        ReadJob(
            kind=FrontierKind.COLUMN,
            url=shown.url,
            final_url=shown.url,
            status=200,
            body=shown.body,
            content_type=shown.content_type,
            site=site,
        )
    ).outcome


def test_an_unknown_total_asks_for_what_follows():
    fields = ",".join(f"{name}:'{value}'" for name, value in FORM.items())
    shown = page(
        f"<script>$('#1').jpage({{proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:15,ajaxParam:{{{fields}}}}})</script>"
        f"<script type='text/xml'>{recordset(ROWS[:4])}</script>",
        url=COLUMN,
    )
    listing = listing_of(shown)
    assert len(listing.entries) == 4 and not listing.shell
    (further,) = listing.pages
    post = split_post(further)
    assert post is not None and dict(post.fields) == FORM
    assert post.url == f"{PROXY}?startrecord=5&endrecord=8&perpage=15"


def test_no_rows_in_the_page_is_a_shell():
    fields = ",".join(f"{name}:'{value}'" for name, value in FORM.items())
    shown = page(
        f"<script>$('#1').jpage({{proxyUrl:'/module/jpage/dataproxy.jsp',perPage:20,groupSize:2,ajaxParam:{{{fields}}}}})</script>",
        url=COLUMN,
    )
    listing = listing_of(shown)
    assert listing.shell and "startrecord=1&endrecord=40&perpage=20" in listing.pages[0]


def test_a_chain_of_next_groups_without_totals():
    def store(number: int) -> str:
        link = f"./dataproxy.jsp?page={number}&columnid=722"
        return f'<datastore><nextgroup><![CDATA[<a href="{link}"></a>]]></nextgroup>{recordset(ROWS[:2])}</datastore>'

    listing = listing_of(answer(f"{PROXY}?page=1&webid=1&columnid=722&unitid=8000", store(2)))
    assert listing.pages == (f"{PROXY}?page=2&columnid=722&webid=1&unitid=8000",)
    assert listing.page_count is None


def test_old_sites_answer_a_script():
    text = 'totalRecord = 41; dataStore = [\'<li><a href="/art/2026/3/1/art_1_9.html" title="区司法局2025年度报告">区司法…</a><span>2026-03-01</span></li>\'];'
    listing = listing_of(answer(f"{PROXY}?page=1&columnid=1", text, "text/javascript"))
    assert [(entry.title, str(entry.date)) for entry in listing.entries] == [
        ("区司法局2025年度报告", "2026-03-01")
    ]
    assert listing.total == 41


@pytest.mark.parametrize(
    "text",
    [
        "<datastore><recordset></recordset></datastore>",
        "<?xml version='1.0'?><datastore></datastore>" + " " * 30,
        "<html><body>请求参数错误</body></html>",
    ],
)
def test_an_answer_without_records_is_never_nothing(text):
    shown = answer(f"{PROXY}?page=9&columnid=zX9%2Bq", text)
    listing = listing_of(shown)
    assert listing.entries == () and listing.failure
    assert outcome(shown) is not Outcome.OK


def test_a_stated_zero_is_nothing():
    shown = answer(
        f"{PROXY}?startrecord=1&endrecord=45&perpage=15",
        "<datastore><totalrecord>0</totalrecord><totalpage>0</totalpage><recordset></recordset></datastore>",
    )
    listing = listing_of(shown)
    assert (listing.entries, listing.total, listing.failure) == ((), 0, None)


def test_a_failing_unit_is_no_empty_list():
    failed = answer(
        unit_address(1),
        '{"success":false,"code":"500","message":"服务器内部错误，请稍后再试","data":null}',
        "application/json",
    )
    assert listing_of(failed).failure and outcome(failed) is Outcome.ERROR_BODY
    silent = answer(
        unit_address(1),
        '{"success":true,"code":"200","message":"成功","data":{"html":"<div></div>"},"trace":""}',
        "application/json",
    )
    assert listing_of(silent).failure
    none = answer(
        unit_address(1),
        '{"success":true,"code":"200","message":"成功","data":{"html":"<ul><li>暂无信息</li></ul>"}}',
        "application/json",
    )
    assert listing_of(none).failure is None


def test_a_unit_without_querydata_is_read_from_the_script():
    fields = ", ".join(f"'{name}':'{value}'" for name, value in ASKED.items())
    shown = page(
        f"<script>var u='{UNIT}'; var param = {{{fields},'paramJson':'{{}}'}};</script>",
        url=f"{BASE}/fzzfjs/",
    )
    assert listing_of(shown).pages == (unit_address(1),)


def test_a_column_with_rows_of_its_own_needs_no_unit():
    told = "{" + ",".join(f"'{name}':'{value}'" for name, value in ASKED.items()) + "}"
    items = "".join(
        f"<li><a href='{row.url}'>{row.title}</a><span>{row.date}</span></li>" for row in ROWS[:3]
    )
    shown = page(
        f"<ul>{items}</ul><script src='/x/unitbuild.js' url='{UNIT}' queryData=\"{told}\"></script>",
        url=COLUMN,
    )
    listing = listing_of(shown)
    assert not listing.shell and len(listing.entries) == 3
