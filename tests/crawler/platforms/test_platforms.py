"""Every platform keeps the interface's promises, on real pages and on anything at all."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import CrawlerError
from crawler.platforms import PLATFORMS, choose
from crawler.platforms.base import Page
from crawler.site_file import PLATFORM_NAMES
from tests.crawler.platforms.pages import REPORTS, page

SHARED = Path(__file__).parents[3] / ".." / "shared" / "pages" / "list"
REAL = {
    # file: address, entries, dated, total, pages stated, further pages
    "dnr.gxzf.gov.cn__kyqjy": ("http://dnr.gxzf.gov.cn/xxgk/kyqjy/", 20, 20, 1089, 55, 54),
    "dnr.yn.gov.cn__kysc": (
        "http://dnr.yn.gov.cn/html/shichangxinxi/kuangyeshichang/index.html",
        25,
        25,
        1463,
        59,
        58,
    ),
    "www.gd.gov.cn__czxx": ("http://www.gd.gov.cn/zwgk/czxx/index.html", 187, 187, None, None, 0),
    "www.maoming.gov.cn__yjs": ("http://www.maoming.gov.cn/zwgk/qx/", 8, 0, None, None, 0),
    "www.mof.gov.cn__sjyjs": ("http://www.mof.gov.cn/zwgk/sjyjs/", 31, 0, None, None, 0),
    "www.ndrc.gov.cn__tz": ("https://www.ndrc.gov.cn/xxgk/zcfb/tz/", 25, 25, None, 20, 19),
    "www.pingtan.gov.cn__gzjzqk": ("https://www.pingtan.gov.cn/zwgk/ghxx/gzjzqk/", 75, 75, 107, 2, 1),
    "www.pingtan.gov.cn__ndjh": ("https://www.pingtan.gov.cn/zwgk/ghxx/ndjh/", 39, 39, 39, 1, 0),
    "zrzyt.hunan.gov.cn__kyqcr": (
        "http://zrzyt.hunan.gov.cn/zrzyt/kyqcrzr/list_tylb_dst_zczlm.html",
        10,
        10,
        289,
        29,
        28,
    ),
    "zygh.tangshan.gov.cn__tdgy": (
        "http://zygh.tangshan.gov.cn/ts/xxgk/gggs/tdgycr/index_1.html",
        15,
        15,
        None,
        36,
        6,
    ),
}


@pytest.mark.parametrize("name", REAL)
def test_real_list_pages(name):
    if not SHARED.is_dir():
        pytest.skip("../shared/pages/list is not here")
    url, entries, dated, total, count, further = REAL[name]
    shown = Page(url, (SHARED / f"{name}.html").read_bytes(), "text/html")
    listing = choose(shown).listing(shown)
    assert len(listing.entries) == entries
    assert sum(entry.date is not None for entry in listing.entries) == dated
    assert (listing.total, listing.page_count, len(listing.pages)) == (total, count, further)
    assert all(entry.title and entry.url.startswith(("http://", "https://")) for entry in listing.entries)
    assert not any(entry.title.endswith(("…", "...")) for entry in listing.entries)


def test_the_real_report_of_pingtan_is_listed():
    if not SHARED.is_dir():
        pytest.skip("../shared/pages/list is not here")
    url = "https://www.pingtan.gov.cn/zwgk/ghxx/gzjzqk/"
    shown = Page(url, (SHARED / "www.pingtan.gov.cn__gzjzqk.html").read_bytes(), "text/html")
    assert f"{url}202303/t20230329_45634.htm" in {
        entry.url for entry in choose(shown, "trs").listing(shown).entries
    }


def test_site_files_may_name_exactly_these():
    assert set(PLATFORMS) == PLATFORM_NAMES
    assert all(platform.name == name and platform.containers for name, platform in PLATFORMS.items())


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (REPORTS, "trs"),
        ("<script>createPageHTML(2,0,'index','html')</script>", "trs"),
        ("<a onclick=\"linkToNew('x')\">a</a>", "epoint"),
        ("<ul><li><a href='/info/1021/8.htm'>2023年报告</a>2024-01-02</li></ul>", "vsb"),
        (
            "<ul><li><a href='http://www.univ.example/info/1021/8.htm'>2023年报告</a>2024-01-02</li></ul>",
            "anchors",
        ),
        ("<ul><li><a href='/jz/contents/13838/297139.html'>2023年报告</a>2024-01-02</li></ul>", "siteserver"),
        ("<ul><li><a href='/zwgk/9/8.htm'>2023年报告</a>2024-01-02</li></ul>", "anchors"),
        ("", "anchors"),
    ],
)
def test_chosen_by_evidence(body, name):
    assert choose(page(body)).name == name
    assert choose(page(body), "anchors").name == "anchors"


def test_unknown_platform_is_refused():
    with pytest.raises(CrawlerError, match=r"no platform 'wordpress'; there are: .*epoint, .*trs, .*anchors"):
        choose(page(""), "wordpress")


def test_relative_links_stand_on_the_lists_folder():
    shown = page(REPORTS, url="https://www.qinghe.gov.cn/a/b/index_3.html")
    assert (
        choose(shown).listing(shown).entries[0].url
        == "https://www.qinghe.gov.cn/a/b/202403/t20240311_5501.html"
    )


PIECES = st.sampled_from(
    ["<li>", "</li>", "<ul>", "</ul>", "<tr><td>", "</table>", "<a href='t20230101_1.html'>", "<a href='//['>", "</a>", "2023-01-01",
     "[01-31]", "<script>createPageHTML(", "2,0,'index','html')", "</script>", "<a onclick=\"linkToNew('", "报告", "<div class=page>",
     "<base href='http://[bad'>", "共9条", "&#0;", "<!--", "-->", "<a href='?page=2'>2</a>", "pageChnlInfo={recordCount:'9'}", "\x00", "…"]
)  # fmt: skip


@settings(max_examples=150)
@given(
    st.one_of(
        st.binary(max_size=300), st.lists(PIECES, max_size=40).map(lambda parts: "".join(parts).encode())
    )
)
def test_nothing_makes_a_platform_raise(body):
    shown = Page("http://www.qinghe.gov.cn/zwgk/", body, None)
    assert choose(shown).name in PLATFORMS
    for platform in PLATFORMS.values():
        listing = platform.listing(shown)
        assert listing.entries or listing.warnings or listing.failure or listing.shell or listing.total == 0
        assert all(entry.title and entry.url.startswith("http") for entry in listing.entries)
        platform.article(shown)
