"""The same rows in the markup of other portals: title, address and date stay what they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date

import pytest

from crawler.platforms import choose
from crawler.platforms.base import Listing, Page
from tests.crawler.platforms.pages import LIST_URL, page

ROWS = [
    ("云岭区桥西街道2023年度法治政府建设情况报告", "/zwgk/zfxxgk/fzzfjs/202403/t20240311_5501.html", date(2024, 3, 11)),
    ("云岭区司法局关于2022年度法治政府建设情况的报告", "/zwgk/zfxxgk/fzzfjs/202303/t20230309_4410.html", date(2023, 3, 9)),
    ("云岭区望江镇2021年法治政府建设年度报告", "/zwgk/zfxxgk/fzzfjs/202203/t20220325_3307.html", date(2022, 3, 25)),
    ("云岭区水务局2020年度法治政府建设工作报告", "/zwgk/zfxxgk/fzzfjs/202102/t20210218_2204.html", date(2021, 2, 18)),
]  # fmt: skip
HOST = "http://www.qinghe.gov.cn"
WANTED = [(title, HOST + path, day) for title, path, day in ROWS]
Write = Callable[[str, str, date], str]


def read(body: str, *, url: str = LIST_URL, head: str = "") -> Listing:
    shown = page(body, url=url, head=head)
    return choose(shown).listing(shown)


def got(listing: Listing) -> list[tuple[str, str, date | None]]:
    return [(entry.title, entry.url, entry.date) for entry in listing.entries]


def written(write: Write, around: str = "<ul>{}</ul>", rows: Sequence[tuple[str, str, date]] = ROWS) -> str:
    return around.format("\n".join(write(*row) for row in rows))


# -- where the date stands, and how it is written -----------------------------------------------

DATES: dict[str, Callable[[date], str]] = {
    "block of day and month": lambda d: f"<span>{d:%d}</span><em>{d:%Y-%m}</em>",
    "block of month and day": lambda d: f"<b>{d:%Y.%m}</b><i>{d:%d}</i>",
    "day, a stroke, month": lambda d: f"<span>{d:%d}</span>/<span>{d:%Y-%m}</span>",
    "year above": lambda d: f"<b>{d.year}</b><span>{d:%m-%d}</span>",
    "year below": lambda d: f"<b>{d:%m/%d}</b><span>{d.year}</span>",
    "three parts": lambda d: f"<i>{d.year}</i><i>{d:%m}</i><i>{d:%d}</i>",
    "in words": lambda d: f"{d.year}年{d.month}月{d.day}日 星期三",
    "with a source": lambda d: f"来源：区司法局 {d:%Y-%m-%d}",
    "with a counter": lambda d: f"{d:%Y-%m-%d} 阅读：128",
    "in brackets with time": lambda d: f"[{d:%Y/%m/%d} 9:05]",
    "full-width": lambda d: f"（{d:%Y－%m－%d}）",
}
PLACES: dict[str, tuple[str, Callable[[str, str, str], str]]] = {
    "behind": ("<ul>{}</ul>", lambda t, u, d: f'<li><a href="{u}">{t}</a><div>{d}</div></li>'),
    "before": ("<div>{}</div>", lambda t, u, d: f'<div><div>{d}</div><p><a href="{u}">{t}</a></p></div>'),
    "cell": ("<table>{}</table>", lambda t, u, d: f'<tr><td>1</td><td><a href="{u}">{t}</a></td><td>{d}</td></tr>'),
    "definition": ("<dl>{}</dl>", lambda t, u, d: f'<dt><a href="{u}">{t}</a></dt><dd>{d}</dd>'),
    "inside the link, before": ("<ul>{}</ul>", lambda t, u, d: f'<li><a href="{u}"><div>{d}</div>{t}</a></li>'),
    "inside the link, behind": ("<div>{}</div>", lambda t, u, d: f'<a href="{u}"><p>{t}</p><p>{d}</p></a>'),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", DATES)
def test_a_date_is_read_wherever_and_however_it_is_printed(place: str, form: str) -> None:
    around, row = PLACES[place]
    body = written(lambda title, path, day: row(title, path, DATES[form](day)), around)
    assert got(read(body)) == WANTED


@pytest.mark.parametrize(
    "write",
    [
        lambda t, u, d: f'<li><a href="{u}">{t} {d:%Y-%m-%d}</a></li>',
        lambda t, u, d: f'<li><a href="{u}">[{d:%Y-%m-%d}] {t}</a></li>',
        lambda t, u, d: f'<li><a href="{u}">{t}</a><time datetime="{d:%Y-%m-%d}">近日</time></li>',
        lambda t, u, d: f'<li><a href="{u}" title="标题：{t}&#10;发布时间：{d:%Y-%m-%d} 10:00">{t}</a></li>',
        lambda t, u, d: f'<li><a href="{u}">{t}</a><span title="{d:%Y-%m-%d}">新</span></li>',
    ],
)
def test_a_date_in_the_words_of_a_link_or_in_an_attribute_is_read(write: Write) -> None:
    assert got(read(written(write))) == WANTED


def test_the_title_s_own_day_stays_in_it() -> None:
    rows = [("云岭区2024年3月5日 新闻发布会实录全文", ROWS[0][1], ROWS[0][2]), *ROWS[1:]]
    listing = read(written(lambda t, u, d: f'<li><a href="{u}">{t}</a><i>{d}</i></li>', rows=rows))
    assert listing.entries[0].title == rows[0][0]
    assert listing.entries[0].date == rows[0][2]


def test_rows_that_print_no_year_anywhere_are_rows_without_a_date() -> None:
    body = "".join(
        f'<li><a href="/info/1010/{7400 + n}.htm">{title}</a><span>[{day:%m-%d}]</span></li>'
        for n, (title, _, day) in enumerate(ROWS)
    )
    listing = read(f"<ul>{body}</ul>")
    assert [(entry.title, entry.date) for entry in listing.entries] == [(title, None) for title, _, _ in ROWS]


def test_a_date_before_its_row_takes_the_year_of_that_row() -> None:
    body = written(lambda t, u, d: f'<dt>{d:%m/%d}</dt><dd><a href="{u}">{t}</a></dd>', "<dl>{}</dl>")
    assert got(read(body)) == WANTED


# -- how a row links, and what it calls itself ---------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "href=\"javascript:window.open('{}')\"",
        'href="javascript:;" data-href="{}"',
        'href="#" url="{}"',
        'data-link="{}"',
        'href="javascript:void(0)" data-url="http://www.qinghe.gov.cn{}"',
        'href="#" onclick="window.open(&quot;{}&quot;)"',
    ],
)
def test_addresses_outside_href_are_found(link: str) -> None:
    body = written(lambda t, u, d: f"<li><a {link.format(u)}>{t}</a><span>{d}</span></li>")
    assert got(read(body)) == WANTED


@pytest.mark.parametrize(
    "inner",
    [
        '<a href="{u}">{t}<i class="new">NEW</i></a>',
        '<a href="{u}" title="{t}">{cut}..</a>',
        '<a href="{u}" title="标题：{t}&#10;点击数：3">{cut}…</a>',
        '<a href="{u}" title="点击查看"><em>&gt;&gt;</em> <b>{t}</b></a>',
    ],
)
def test_the_title_is_the_whole_title_and_nothing_else(inner: str) -> None:
    body = written(lambda t, u, d: f"<li>{inner.format(t=t, u=u, cut=t[:9])}<span>{d}</span></li>")
    assert [entry.title for entry in read(body).entries] == [title for title, _, _ in ROWS]


def test_of_the_parts_of_a_link_the_longest_is_its_title() -> None:
    body = written(
        lambda t, u, d: f'<li><a href="{u}"><span>[司法局]</span><span>{t}</span><span>{d}</span></a></li>'
    )
    assert got(read(body)) == WANTED


# -- where the list stands ------------------------------------------------------------------------

PLAIN = written(lambda t, u, d: f'<li><a href="{u}">{t}</a><span>{d}</span></li>')
ELSEWHERE = "".join(
    f'<li><a href="/xwzx/20240{n}/t20240{n}12_9{n}.html">区领导走访慰问困难群众第{n}次活动</a><span>2024-0{n}-12</span></li>'
    for n in range(1, 7)
)
PAGER = '<div><a>1</a><a href="index_1.html">2</a><a href="index_1.html">下一页</a> 共2页 7条</div>'


@pytest.mark.parametrize("name", ["content-top", "list_bottom", "page", "nav-list", "main_header"])
def test_a_list_under_the_name_of_a_frame_is_a_list(name: str) -> None:
    assert got(read(f'<div class="{name}">{PLAIN}</div><p><a href="/">首页</a></p>')) == WANTED


@pytest.mark.parametrize(
    "box",
    [
        "<div><h3>推荐阅读</h3><ul>{}</ul></div>",
        "<div><p>热门信息</p><ul>{}</ul></div>",
        "<ul><li>相关链接</li>{}</ul>",
        "<div><div><span>点击排行</span><a href='/phb/'>更多</a></div><ul>{}</ul></div>",
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_a_box_of_the_same_markup_is_not_counted_to_the_column(box: str, before: bool) -> None:
    aside = box.format(ELSEWHERE)
    listing = read(aside + PLAIN + PAGER if before else PLAIN + PAGER + aside)
    assert got(listing) == WANTED
    assert listing.rows == tuple(url for _, url, _ in WANTED)
    assert (listing.total, len(listing.beside)) == (7, 6)


# -- rows that scripts hold -----------------------------------------------------------------------


def test_rows_a_script_writes_are_read_beside_rows_that_stand_in_the_page() -> None:
    lines = (
        f'<li><a href="{path}">{title}</a><span>{day}</span></li>'.replace("/", r"\/")
        for title, path, day in ROWS
    )
    script = "".join(f"document.write('{line}');\n" for line in lines)
    body = f"<ul><script>{script}</script></ul>{PAGER}<div><h3>推荐阅读</h3><ul>{ELSEWHERE}</ul></div>"
    assert got(read(body)) == WANTED


def objects_of(write: Callable[[list[dict[str, str]]], str]) -> str:
    return write([{"docTitle": t, "docPubUrl": u, "pubDate": f"{d:%Y-%m-%d} 10:00:00"} for t, u, d in ROWS])


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: f"var list = {json.dumps(rows, ensure_ascii=False)};",
        lambda rows: f"window.data={{total:9, rows:{json.dumps(rows)}}};",
        lambda rows: "".join(
            f"a.push({{title:'{r['docTitle']}',href:'{r['docPubUrl']}',date:'{r['pubDate']}'}});"
            for r in rows
        ),
    ],
)
def test_rows_kept_as_objects_in_a_script_are_read(write: Callable[[list[dict[str, str]]], str]) -> None:
    assert got(read(f'<div id="list"></div><script>{objects_of(write)}</script>')) == WANTED


def test_a_menu_kept_as_objects_is_no_list() -> None:
    menu = json.dumps(
        [{"name": f"栏目第{n}号", "url": f"/zwgk/lm{n}/"} for n in range(9)], ensure_ascii=False
    )
    assert read(f"<div id='menu'></div><script>var menu = {menu};</script>").entries == ()


def test_records_in_cdata_are_read_on_a_page_of_any_make() -> None:
    records = "".join(
        f"<record><![CDATA[<li><a href='{path}'>{title}</a><b>{day}</b></li>]]></record>"
        for title, path, day in ROWS
    )
    body = f"<div><script type='text/xml'><recordset>{records}</recordset></script></div><ul>{ELSEWHERE}</ul>"
    assert got(read(body)) == WANTED


# -- pagers -----------------------------------------------------------------------------------------


def pages(*numbers: int) -> tuple[str, ...]:
    return tuple(f"{LIST_URL}index_{n}.html" for n in numbers)


@pytest.mark.parametrize(
    ("pager", "further", "total", "count"),
    [
        ('<a>&lt;</a><a>1</a><a href="index_1.html">2</a><a href="index_1.html">&gt;</a><a href="index_4.html">&gt;|</a>', 4, None, 5),
        ('<a href="index_1.html">2</a><a href="index_1.html">›</a><a href="index_4.html">»</a>', 4, None, 5),
        ('<a href="index_1.html">2</a><a href="index_1.html">»</a>', 1, None, 2),
        ('<a href="index_1.html"><img src="n.gif" alt="下一页"></a><a href="index_4.html"><img src="l.gif" alt="尾页"></a> 共5页 70条', 4, 70, 5),
        ('<b>1</b><a href="index_1.html">2</a><a href="index_1.html" title="下一页"><i></i></a><a href="index_4.html" title="尾页"><i></i></a>', 4, None, 5),
        ('<a href="index_1.html" rel="next">→</a><a href="index_1.html">2</a>', 1, None, 2),
        ('<ul><li><a href="index_1.html">2</a></li><li><a href="index_4.html">尾页</a></li></ul><p>共5页70条</p>', 4, 70, 5),
        ("<script>createPageHTML( 5 , 0 , 'index' , 'html' , 70 ) ;</script>", 4, 70, 5),
    ],
)  # fmt: skip
def test_pagers_are_turned_by_arrows_pictures_and_tooltips(
    pager: str, further: int, total: int | None, count: int
) -> None:
    listing = read(f"{PLAIN}<div>{pager}</div>")
    assert listing.pages == pages(*range(1, further + 1))
    assert (listing.total, listing.page_count) == (total, count)


def test_a_file_whose_name_is_a_number_is_no_count_of_pages() -> None:
    url = f"{LIST_URL}13838.html"
    listing = read(f'{PLAIN}<script>createPageHTML(4,0,"13838","html");</script>', url=url)
    assert listing.pages == tuple(f"{LIST_URL}13838_{n}.html" for n in (1, 2, 3))


def test_a_date_among_rows_that_open_by_script_is_no_place_in_the_pager() -> None:
    rows = written(
        lambda t, u, d: (
            f'<li><a href="javascript:;" onclick="go(\'{u}\')">{t}</a><b>{d:%m/%d}</b><i>{d.year}</i></li>'
        )
    )
    listing = read(f'{rows}<a>1</a><a href="index_1.html">2</a><a href="index_2.html">3</a>')
    assert listing.pages == pages(1, 2)
    assert listing.page_count == 3


def test_gbk_bytes_under_a_silent_header_are_read() -> None:
    markup = f'<html><head><meta charset="gb2312"></head><body>{PLAIN}</body></html>'
    shown = Page(LIST_URL, markup.encode("gb18030"), "text/html")
    assert got(choose(shown).listing(shown)) == WANTED
