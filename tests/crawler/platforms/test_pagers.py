"""Pages, totals and counts of every pager met."""

import base64
from urllib.parse import quote_plus

import pytest

from crawler.platforms import choose
from tests.crawler.platforms.pages import LIST_URL, REPORTS, page


def read(pager, url=LIST_URL):
    shown = page(f'{REPORTS}<div class="fanye">{pager}</div>', url=url)
    return choose(shown).listing(shown)


def script(call):
    return f"<script type='text/javascript'>{call}</script>"


@pytest.mark.parametrize(
    ("call", "names", "total", "number"),
    [
        ('createPageHTML(3, 0, "index", "html");', ["index_1.html", "index_2.html"], None, 0),
        ("createPageHTML(3,0,'index','shtml','41');", ["index_1.shtml", "index_2.shtml"], 41, 0),
        ('createPage(3, 1, "index", "html")', ["index_2.html"], None, 1),
        ('createPageHTML(1, 0, "index", "html")', [], None, 0),
        ("createPageHTML('paging',3,1,'list_fz','html',29);", ["list_fz_2.html", "list_fz_3.html"], 29, 0),
        ("createPageHTML('paging',3,2,'list_fz','html',29);", ["list_fz_3.html"], 29, 1),
        (
            "var currentPage = 0;\nvar countPage = 3 //共多少页\ncreatePageHTML(countPage, currentPage, 'index', 'html');",
            ["index_1.html", "index_2.html"],
            None,
            0,
        ),
        ('<!--\n createPageHTML(2, 0, "index", "html");\n//-->', ["index_1.html"], None, 0),
        ("window.onload=function() {createPageHTML('p',2,1,'list','html',12);}", ["list_2.html"], 12, 0),
        ('createPageHTML(3,0,"index","shtml","black2",36);', ["index_1.shtml", "index_2.shtml"], 36, 0),
        (
            'createPageHTML(parseInt("3"), Number("0"), "index", "html")',
            ["index_1.html", "index_2.html"],
            None,
            0,
        ),
        ('wcmUtil.createPageHTML5(3, 0, "./index", "htm");', ["index_1.htm", "index_2.htm"], None, 0),
        ('createPage("index","html",3,0)', ["index_1.html", "index_2.html"], None, 0),
        ('fenye("index","jhtml",3,1)', ["index_2.jhtml", "index_3.jhtml"], None, 0),
        (
            "var maxPage = parseInt('3'); var currentPage = 0, countPage = 3;",
            ["index_1.html", "index_2.html"],
            None,
            0,
        ),
    ],
)
def test_calls(call, names, total, number):
    listing = read(script(call))
    assert listing.pages == tuple(LIST_URL + name for name in names)
    assert (listing.total, listing.page_number) == (total, number)
    assert listing.page_count == max(len(names) + 1 + number, 1)


def test_commented_call_and_definition_do_not_count():
    code = (
        "// createPageHTML(9, 0, 'index', 'html');\n/* createPageHTML(8,0,'index','html') */\n"
        "function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){ return 1; }\n"
        "createPageHTML(2,0,'index','html');"
    )
    assert read(script(code)).page_count == 2


def test_first_page_is_never_a_further_page():
    listing = read(script('createPageHTML(3, 2, "index", "html")'), url=f"{LIST_URL}index_2.html")
    assert listing.pages == (f"{LIST_URL}index_1.html",)
    assert (listing.page_number, listing.page_count) == (2, 3)


def test_absurd_number_of_pages_is_cut_and_said():
    listing = read(script('createPageHTML(900000, 0, "index", "html")'))
    assert len(listing.pages) < 5000
    assert any("900000" in warning for warning in listing.warnings)


NUMBERS = (
    "<a href='index.html' class='on'>1</a><a href='index_1.html'>2</a><a href='index_2.html'>3</a>"
    "<a href='index_1.html'>下一页</a><a href='index_4.html'>尾页</a>"
)


def test_real_links_are_filled_up_where_the_last_one_fits():
    listing = read(NUMBERS)
    assert [url.removeprefix(LIST_URL) for url in listing.pages] == [f"index_{n}.html" for n in range(1, 5)]
    assert (listing.page_count, listing.page_number) == (5, 0)
    fits = "<b>1</b> <a href='2.html'>2</a> <a href='3.html'>3</a> … <a href='6.html'>6</a> <a href='2.html'>下一页</a>"
    listing = read(fits)
    assert [url.removeprefix(LIST_URL) for url in listing.pages] == [f"{n}.html" for n in range(2, 7)]
    assert (listing.page_count, listing.page_number) == (6, 0)


def test_last_page_under_another_address_is_kept_as_it_is():
    odd = "<a href='index_1.html'>1</a><a href='index_2.html'>2</a><a href='index_3.html'>3</a><a href='/cms/zwgk/zfxxgk/fzzfjs/index_36.html'>36</a>"
    listing = read(f"<div>{odd}</div>", url=f"{LIST_URL}index_1.html")
    assert listing.page_count == 36
    assert "http://www.qinghe.gov.cn/cms/zwgk/zfxxgk/fzzfjs/index_36.html" in listing.pages
    assert not any("index_20" in url for url in listing.pages)


@pytest.mark.parametrize(
    ("text", "total", "count"),
    [
        ("共289条", 289, None),
        ("共 <b>289</b> 条记录 第<i>1</i>/15页", 289, 15),
        ("1463条", 1463, None),
        ("共15页 1/15", None, 15),
        ("总记录数：88，总页数：6", 88, 6),
        ("共 12 页 235 条", 235, 12),
        ("每页20条，共235条，当前第1/12页", 235, 12),
        ("共235条 分12页 当前 第1页", 235, 12),
        ("总计 235 条 20条/页 页次：1/12", 235, 12),
        ("1/共 12 页", None, 12),
        ("第 1 页/共12页(235条记录)", 235, 12),
    ],
)
def test_totals_in_words(text, total, count):
    listing = read(f"<div class='pagination'>{text} <a href='index_1.html'>下一页</a></div>")
    assert (listing.total, listing.page_count) == (total, count)
    assert listing.pages == tuple(f"{LIST_URL}index_{n}.html" for n in range(1, count or 2))


DESCENDING = (
    "<span class='p_no_d'>1</span><a href='fzzfjs/30.htm'>2</a><a href='fzzfjs/29.htm'>3</a><span>...</span>"
    "<a href='fzzfjs/1.htm'>31</a><a href='fzzfjs/30.htm'>下页</a><a href='fzzfjs/1.htm'>尾页</a>"
)


def test_pages_numbered_from_the_end():
    listing = read(DESCENDING, url="http://www.qinghe.gov.cn/zwgk/fzzfjs.htm")
    assert listing.pages == tuple(f"http://www.qinghe.gov.cn/zwgk/fzzfjs/{n}.htm" for n in range(30, 0, -1))
    assert (listing.page_count, listing.page_number) == (31, 0)
    third = read(
        "<a href='../fzzfjs.htm'>1</a><a href='30.htm'>2</a><b>3</b><a href='28.htm'>4</a><a href='1.htm'>31</a>",
        url="http://www.qinghe.gov.cn/zwgk/fzzfjs/29.htm",
    )
    assert (third.page_count, third.page_number, len(third.pages)) == (31, 2, 29)


def test_a_longer_column_keeps_the_addresses_of_its_old_pages():
    """Identity across runs is the number from the end: one more page means one more address, at the top."""
    before = read(DESCENDING, url="http://www.qinghe.gov.cn/zwgk/fzzfjs.htm").pages
    grown = DESCENDING.replace("30.htm", "31.htm").replace("29.htm", "30.htm").replace(">31<", ">32<")
    after = read(grown, url="http://www.qinghe.gov.cn/zwgk/fzzfjs.htm").pages
    assert set(after) - set(before) == {"http://www.qinghe.gov.cn/zwgk/fzzfjs/31.htm"}
    assert set(before) <= set(after)


@pytest.mark.parametrize(
    ("pager", "url", "names"),
    [
        (
            "<select onchange='go(this)'><option value='/c/6346.html'>1</option><option value='/c/6346_2.html'>2</option>"
            "<option value='/c/6346_3.html'>3</option></select>",
            "/c/6346.html",
            ["/c/6346_2.html", "/c/6346_3.html"],
        ),
        ("共3页 <a href='list_fz_2.aspx?id=7'>下一页</a>", "/a/list_fz.aspx?id=7", ["/a/list_fz_2.aspx?id=7", "/a/list_fz_3.aspx?id=7"]),
        ("<a onclick=\"location.href='p2.html'\">2</a><a href=\"javascript:go('p3.html')\">3</a>", "/a/", ["/a/p2.html", "/a/p3.html"]),
        ("<a class='page-next' href='list2.html'><i></i></a> 1/3", "/a/list.html", ["/a/list2.html", "/a/list3.html"]),
        ("<li>1/共 3 页</li><li><a href='ywxx_2'>></a></li>", "/zwdt/ywxx", ["/zwdt/ywxx_2", "/zwdt/ywxx_3"]),
        (
            "<a href='/e/ListInfo/index.php?page=1&totalnum=44'>2</a><a href='/e/ListInfo/index.php?page=2&totalnum=44'>3</a>",
            "/e/ListInfo/?classid=3",
            ["/e/ListInfo/index.php?page=1&totalnum=44", "/e/ListInfo/index.php?page=2&totalnum=44"],
        ),
        ("<script>P.init({pageCount:3, pageIndex:1})</script>", "/column/68?pageIndex=1", ["/column/68?pageIndex=2", "/column/68?pageIndex=3"]),
        ("<script>var maxPage = parseInt('3');</script>", "/a/1.html", ["/a/2.html", "/a/3.html"]),
        ("<input type='hidden' id='totalPage' value='3'>", "/a/page_1.html", ["/a/page_2.html", "/a/page_3.html"]),
        ("<a href='12345_2.html'>2</a>", "/a/12345.html", ["/a/12345_2.html"]),
    ],
)  # fmt: skip
def test_pagers_of_every_make(pager, url, names):
    listing = read(f"<div>{pager}</div>", url=f"http://www.qinghe.gov.cn{url}")
    assert listing.pages == tuple(f"http://www.qinghe.gov.cn{name}" for name in names)


def test_a_page_size_is_no_total():
    rows = "".join(
        f"<li><a href='t_{n}00.html'>第{n}份年度报告</a><span>2024-01-0{n}</span></li>" for n in range(1, 9)
    )
    call = script('createPageHTML(6,0,"index","html",8)')
    shown = page(f"<ul>{rows}</ul>{call}")
    assert choose(shown).listing(shown).total is None


def test_numbers_in_titles_are_no_totals():
    shown = page(
        REPORTS + "<ul><li><a href='t_99.html'>我区出台共15条措施</a><span>2024-01-01</span></li></ul>"
    )
    listing = choose(shown).listing(shown)
    assert (listing.total, listing.page_count, listing.pages) == (None, None, ())


def test_packed_pager():
    markup = '<a class="a1">61条</a> <span>1</span> <a href="/zwgk/zfxxgk/fzzfjs/2.html">2</a> <a href="/zwgk/zfxxgk/fzzfjs/3.html">3</a> <a href="/zwgk/zfxxgk/fzzfjs/2.html" class="a1">下一页</a>'
    packed = base64.b64encode(quote_plus(markup).encode()).decode()
    listing = read(
        f'<div id="pages">{packed}</div><script>$("#pages").html(decodeURIComponent(window.atob($("#pages").html())))</script>'
    )
    assert listing.pages == (f"{LIST_URL}2.html", f"{LIST_URL}3.html")
    assert (listing.total, listing.page_count) == (61, 3)


def test_rest_behind_a_search_is_said():
    info = "var pageChnlInfo={ quickMode:'动静结合', maxStaticIndex: 1, recordCount:'%d', prepage:15 }"
    listing = read(script(info % 107))
    assert (listing.total, listing.pages, listing.page_count) == (107, (), None)
    assert "107" in listing.warnings[0] and "does not tell" in listing.warnings[0]
    whole = read(script(info % 3))
    assert (whole.total, whole.page_count, whole.warnings) == (3, 1, ())


def test_pager_of_another_column_is_not_followed():
    listing = read(
        "<a href='/xwdt/index_1.html'>下一页</a><a href='http://other.gov.cn/zwgk/zfxxgk/fzzfjs/2.html'>2</a>"
    )
    assert listing.pages == ()


def test_pages_by_query():
    listing = read(
        "<a href='?page=2'>2</a><a href='?page=3'>3</a><a href='?page=2'>下一页</a>",
        url=f"{LIST_URL}list.jsp",
    )
    assert listing.pages == (f"{LIST_URL}list.jsp?page=2", f"{LIST_URL}list.jsp?page=3")
