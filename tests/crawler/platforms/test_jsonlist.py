"""Lists in JSON: records, fields, totals and failures of interfaces nobody described."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import FrontierKind, Outcome
from crawler import reading
from crawler.platforms import PLATFORMS, choose, jsontext
from crawler.platforms.base import Page
from crawler.platforms.jsonerror import error_of
from crawler.platforms.jsonlist import read_json
from crawler.platforms.jsonvalues import day_of, day_of_address, is_address, is_title, text_of
from crawler.readjob import ReadJob, ReadResult
from crawler.site import Site

SHARED = Path(__file__).parents[3] / ".." / "shared" / "pages" / "json"
GOOD = {
    # file: entries, rows stated, pages stated, first entry's day
    "search.gd.gov.cn__GDProvince_success": (20, 245264, 12264, date(2021, 11, 12)),
    "sousuo.gov.cn__GWY_success": (10, 2229, 446, date(2019, 11, 26)),
    "www.cq.gov.cn__CQProvince_success": (10, 3800, 380, date(2014, 9, 30)),
    "www.fujian.gov.cn__FJPronvince_success": (10, 59, 6, date(2018, 11, 14)),
    "www.nmg.gov.cn__MGProvince_success": (15, 82788, 5520, date(2021, 10, 19)),
    "www.shaanxi.gov.cn__SXProvinceL_success": (10, 686, 69, date(2019, 12, 27)),
    "www.tj.gov.cn__TJProvince_success": (10, 40643, 4065, date(2021, 11, 19)),
    "www.zj.gov.cn__ZJProvince_success": (30, 19538, 652, date(2021, 11, 15)),
}
TITLES = (
    "关于印发清河区法治政府建设实施方案的通知",
    "区司法局2025年度法治政府建设情况报告",
    "桥西街道2024年度法治政府建设情况报告",
)
URL = "https://www.qinghe.gov.cn/irs/search?word=x&page=1"


def answer(value: object, url: str = URL) -> Page:
    return Page(url, json.dumps(value, ensure_ascii=False).encode(), "application/json")


def rows(**more: object) -> list[dict[str, object]]:
    return [
        {"id": n, "title": title, "url": f"/zwgk/{n}12345.html", "date": f"2026-03-0{n + 1}", **more}
        for n, title in enumerate(TITLES)
    ]


# -- real answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOOD)
def test_real_answers_give_title_address_and_date(name):
    if not SHARED.is_dir():
        pytest.skip("../shared/pages/json is not here")
    host = name.partition("__")[0]
    page = Page(f"http://{host}/search?page=1", (SHARED / f"{name}.json").read_bytes(), "application/json")
    entries, total, count, day = GOOD[name]
    listing = choose(page).listing(page)
    assert (len(listing.entries), listing.total, listing.page_count) == (entries, total, count)
    assert listing.entries[0].date == day
    assert all(entry.date and len(entry.title) >= 8 and ".gov.cn/" in entry.url for entry in listing.entries)
    assert not any("<" in entry.title or "&" in entry.title for entry in listing.entries)
    assert listing.failure is None


def read_column(body: bytes) -> ReadResult:
    """As the crawler reads what the interface of a column answers."""
    site = Site(
        key="x",
        name="清河区",
        short_name="清河区",
        level="county",
        division_code=None,
        home_url="http://www.qinghe.gov.cn/",
        hosts=("www.qinghe.gov.cn",),
    )
    job = ReadJob(
        kind=FrontierKind.COLUMN,
        url=URL,
        final_url=URL,
        status=200,
        body=body,
        content_type="application/json",
        site=site,
    )
    return reading.read(job)


@pytest.mark.parametrize("path", sorted(SHARED.glob("*.json")) if SHARED.is_dir() else [None])
def test_real_failures_are_never_an_empty_list(path):
    if path is None:
        pytest.skip("../shared/pages/json is not here")
    result = read_column(path.read_bytes())
    good = path.stem in GOOD
    assert (result.outcome is Outcome.OK) == good
    assert result.outcome in {Outcome.OK, Outcome.ERROR_BODY}
    assert (result.listing is not None and result.listing.entries > 0) == good


# -- shapes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "total", "count"),
    [
        ({"result": {"records": rows(), "totalcount": 7}}, 7, 3),
        ({"content": json.dumps({"result": {"records": rows(), "totalcount": "7"}})}, 7, 3),
        (
            {
                "code": 200,
                "data": {"data": rows(), "total": 7, "pageCount": 3, "pageIndex": 0, "pageSize": 3},
            },
            7,
            3,
        ),
        ({"rows": rows(), "records": 7, "total": "7"}, 7, 3),
        (
            {
                "page": {"recordcount": 7, "rows": 3, "page": 1},
                "datas": rows(),
                "facets": [{"name": "司法局材料", "url": "/f/1.html", "count": 99}],
            },
            7,
            3,
        ),
        ({"data": [{"score": 1.5, "_source": row} for row in rows()], "totalHits": 7}, 7, 3),
        (rows(), None, None),
    ],
)
def test_records_and_counters_are_found_wherever_they_stand(value, total, count):
    listing = read_json(answer(value))
    assert [(e.title, e.url, e.date) for e in listing.entries] == [
        (title, f"https://www.qinghe.gov.cn/zwgk/{n}12345.html", date(2026, 3, n + 1))
        for n, title in enumerate(TITLES)
    ]
    assert (listing.total, listing.page_count, listing.failure) == (total, count, None)


def test_a_callback_round_the_answer():
    page = Page(URL, f"jQuery11({json.dumps({'rows': rows(), 'total': 3})});".encode(), "text/javascript")
    assert len(choose(page).listing(page).entries) == 3


def test_pages_are_turned_by_the_parameter_of_the_request():
    listing = read_json(answer({"rows": rows(), "total": 9}, "https://a.gov.cn/l?pageNo=2&size=3"))
    assert listing.page_number == 1
    assert read_json(answer({"rows": rows(), "total": 9})).pages == tuple(
        URL.replace("page=1", f"page={n}") for n in (2, 3)
    )
    silent = read_json(answer({"rows": rows(), "total": 9}, "https://a.gov.cn/l"))
    assert silent.pages == () and silent.page_count == 3 and "names no page to turn" in silent.warnings[0]


def test_pages_counted_from_zero():
    first = read_json(answer({"rows": rows(), "total": 9, "size": 3}, "https://a.gov.cn/l?page=0"))
    assert (first.page_number, first.pages) == (0, ("https://a.gov.cn/l?page=1", "https://a.gov.cn/l?page=2"))
    second = read_json(
        answer({"rows": rows(), "total": 9, "size": 3, "offset": 3}, "https://a.gov.cn/l?page=1")
    )
    assert (second.page_number, second.pages) == (1, ("https://a.gov.cn/l?page=2",))


def test_a_size_named_total_is_none():
    assert read_json(answer({"rows": rows(), "total": 2})).total is None


def test_records_without_address_are_told():
    some = [*rows(), {"id": 9, "title": "没有地址的一条信息记录", "url": "", "date": "2026-01-01"}]
    listing = read_json(answer({"rows": some, "total": 4}))
    assert len(listing.entries) == 3 and listing.total == 4
    assert listing.warnings == ("1 of 4 records have no title or no address",)


def test_highlights_entities_and_cut_titles():
    record = {
        "title": "区司法局…",
        "fulltitle": "",
        "title_h": "区司法局&lt;em&gt;法治&lt;/em&gt;政府建设&amp;普法报告",
        "url": "/a/12345.html",
    }
    listing = read_json(
        answer(
            {
                "rows": [
                    record,
                    {
                        **record,
                        "title_h": "桥西街道<em>法治</em>政府建设情况报告",
                        "title": "桥西街道…",
                        "url": "/a/12346.html",
                    },
                ]
            }
        )
    )
    assert [entry.title for entry in listing.entries] == [
        "区司法局法治政府建设&普法报告",
        "桥西街道法治政府建设情况报告",
    ]


# -- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2019-12-27T07:59:36.000Z", date(2019, 12, 27)),
        ("2019-12-26T16:00:00.000Z", date(2019, 12, 27)),
        ("2021-11-19T00:00:00.000+0800", date(2021, 11, 19)),
        ("2021-11-19T00:00:00", date(2021, 11, 19)),
        ("2018.11.14 17:44:00", date(2018, 11, 14)),
        ("2024年3月1日", date(2024, 3, 1)),
        ("20240301", date(2024, 3, 1)),
        (1636941958000, date(2021, 11, 15)),
        ("1636941958000", date(2021, 11, 15)),
        (1636700679, date(2021, 11, 12)),
        (20240301, None),
        (2024, None),
        (True, None),
        ("2024-13-45", None),
        ("2024-02-30T25:61:00Z", None),
        ("关于2024年3月1日的通知", None),
        (4606333, None),
        (None, None),
    ],
)
def test_days(value, day):
    assert day_of(value) == day


def test_addresses_and_titles():
    assert all(
        is_address(url)
        for url in ("http://a.gov.cn/1.html", "//a.gov.cn/x", "/a/1", "./1.html", "a/b.shtml?x=1")
    )
    assert not any(is_address(url) for url in ("关于/转发", "/images/a.png", "2024", "", None, 7, "a b.html"))
    assert (
        is_title("区司法局报告")
        and not is_title("/a/b.html")
        and not is_title("12345")
        and not is_title("长" * 400)
    )
    assert day_of_address("http://a.gov.cn/art/2021/11/5/art_1_2.html") == date(2021, 11, 5)
    assert day_of_address("http://a.gov.cn/202111/t20211105_1.html") == date(2021, 11, 5)
    assert text_of("<em>a</em> &lt;b&gt;c&lt;/b&gt; &lt;notes&gt;") == "a c <notes>"


# -- failures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        {"success": False, "msg": "系统错误", "data": None, "code": 1000},
        {"state": 500, "msg": "检索失败", "data": None},
        {"code": 401, "msg": "请登录"},
        {"error": True, "message": "服务器异常"},
        {"msg": "参数不能为空", "data": []},
        {"code": 200, "data": {"list": [], "total": None}},
        {"code": 200, "data": {"list": [], "total": 12}},
        {"result": {"status": "1000", "message": "正常状态", "total": "0", "list": []}},
    ],
)
def test_failures(value):
    assert error_of(value)
    listing = read_json(answer(value))
    assert listing.entries == () and listing.total is None and listing.failure and "failed" in listing.failure


@pytest.mark.parametrize(
    "value",
    [
        {"code": 200, "msg": "操作成功", "data": {"list": [], "total": 0}},
        {"page": {"content": [], "total": "0", "totalPages": 0}, "hasFilter": True},
        {"total": 0, "rows": [], "facets": {"dept": {"total": 99, "list": []}}},
    ],
)
def test_an_honest_nothing(value):
    assert error_of(value) is None
    listing = read_json(answer(value))
    assert (listing.entries, listing.total, listing.page_count, listing.failure) == ((), 0, 1, None)


@pytest.mark.parametrize(
    "value",
    [
        {"success": True, "code": "200", "data": {"html": "<ul></ul>"}},
        {"id": 7, "status": 4, "title": "报告", "content": "现将情况报告如下。" * 60},
        {"status": 9, "rows": rows()},
        [],
    ],
)
def test_what_is_no_failure(value):
    assert error_of(value) is None


@pytest.mark.parametrize(
    "value",
    [{"newest": "某通知"}, {"code": 200, "data": {"id": 1}}, {"rows": [{"id": 1, "name": "a", "n": 2}]}],
)
def test_an_answer_without_a_list_tells_nothing(value):
    listing = read_json(answer(value))
    assert listing.failure and listing.total is None


def test_a_cut_answer_is_no_list():
    body = json.dumps({"rows": rows(), "total": 3}).encode()[:-30]
    page = Page(URL, body, "application/json")
    assert jsontext.load(page.text) is None and jsontext.looks_like_json(page.text)
    result = read_column(body)
    assert (result.outcome, result.ends) == (Outcome.ERROR_BODY, False)


def test_bottomless_nesting_is_no_json():
    assert jsontext.load('{"a":' * 100_000 + "1" + "}" * 100_000) is None
    assert jsontext.load("[" * 100_000) is None


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["/a/12345.html", "2024-01-02", *TITLES, "", "0", "http://[", "{"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["title", "url", "date", "total", "list", "data", "page", "code", "msg", "f_1"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=50)
@given(VALUES)
def test_no_answer_makes_a_platform_raise(value):
    page = answer(value)
    for platform in PLATFORMS.values():
        listing = platform.listing(page)
        assert all(entry.title and entry.url.startswith("http") for entry in listing.entries)
        platform.article(page)
    read = read_json(page)
    assert read.entries or read.failure or read.total == 0 or read.warnings
