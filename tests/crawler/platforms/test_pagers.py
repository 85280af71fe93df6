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
    # page 5 is index_4: the number in the file is not the number of the page, so nothing is made up
    assert [url.removeprefix(LIST_URL) for url in read(NUMBERS).pages] == [
        "index_1.html",
        "index_2.html",
        "index_4.html",
    ]
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
    ],
)
def test_totals_in_words(text, total, count):
    listing = read(f"<div class='pagination'>{text} <a href='index_1.html'>下一页</a></div>")
    assert (listing.total, listing.page_count) == (total, count)
    assert listing.pages == (f"{LIST_URL}index_1.html",)


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
    assert "107" in listing.warnings[0] and "POST" in listing.warnings[0]
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
