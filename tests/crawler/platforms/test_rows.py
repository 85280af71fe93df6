"""Entries of a list in every markup met: title, absolute address, date."""

from datetime import date

import pytest

from crawler.platforms import choose
from tests.crawler.platforms.pages import LIST_URL, REPORTS, items, page

A = '<a href="./202303/t20230309_4410.html" target="_blank">桥西街道2022年度法治政府建设情况报告</a>'
B = '<a href="/zwgk/zfxxgk/fzzfjs/202203/t20220302_3307.html">桥西街道2021年度法治政府建设情况报告</a>'
WANTED = [
    ("桥西街道2022年度法治政府建设情况报告", f"{LIST_URL}202303/t20230309_4410.html", date(2023, 3, 9)),
    ("桥西街道2021年度法治政府建设情况报告", f"{LIST_URL}202203/t20220302_3307.html", date(2022, 3, 2)),
]


def read(body, **more):
    shown = page(body, **more)
    return choose(shown).listing(shown)


def triples(body, **more):
    return [(entry.title, entry.url, entry.date) for entry in read(body, **more).entries]


@pytest.mark.parametrize(
    "body",
    [
        f"<ul><li>{A}<span>2023-03-09</span></li><li>{B}<span>2022-03-02</span></li></ul>",
        f"<ul><li><span>2023-03-09</span>{A}</li><li><span>2022-03-02</span>{B}</li></ul>",
        f"<ul><li>{A}[03-09]</li><li>{B}[03-02]</li></ul>",
        f"<table><tr><td>1</td><td>{A}</td><td>2023/3/9</td></tr><tr><td>2</td><td>{B}</td><td>2022/3/2</td></tr></table>",
        f"<div class=i><h4>{A}</h4><p>2023年3月9日</p></div><div class=i><h4>{B}</h4><p>2022年3月2日</p></div>",
        f"<dl><dt>{A}</dt><dd>2023.03.09</dd><dt>{B}</dt><dd>2022.03.02</dd></dl>",
        f"<div><span>{A}</span><span>2023-03-09</span><br><span>{B}</span><span>2022-03-02</span><br></div>",
        f"<div><i>2023-03-09</i>{A}<br><i>2022-03-02</i>{B}<br></div>",
        f"<ul><li><div><b>09</b><em>2023-03</em></div>{A}</li><li><div><b>02</b><em>2022-03</em></div>{B}</li></ul>",
        f"<ul><li>{A}<span>发布时间：2023-03-09 09:12</span></li><li>{B}<span>发布时间：2022-03-02 10:00</span></li></ul>",
        f"<ul><li>[<a href='/zwgk/'>区政府</a>]{A}<i>2023-03-09</i></li><li>[<a href='/zwgk/'>区政府</a>]{B}<i>2022-03-02</i></li></ul>",
        "<a href='./202303/t20230309_4410.html'><h3>桥西街道2022年度法治政府建设情况报告</h3><span>2023-03-09</span></a>"
        "<a href='./202203/t20220302_3307.html'><h3>桥西街道2021年度法治政府建设情况报告</h3><span>2022-03-02</span></a>",
        f"<ul><li>{A}<span>2023-03-09</span></li><li ms-repeat='list'><a ms-text='el.title'></a><span></span></li>"
        f"<li class='line'></li><li>{B}<span>2022-03-02</span></li></ul>",
        f"<table><tr><td><table><tr><td>{A}</td><td>2023-03-09</td></tr><tr><td>{B}</td><td>2022-03-02</td></tr>"
        "</table></td></tr></table>",
    ],
    ids=[
        "after",
        "before",
        "short-in-text",
        "table",
        "div",
        "dl",
        "stream",
        "stream-before",
        "apart",
        "labelled",
        "category",
        "whole-link",
        "template",
        "nested",
    ],
)
def test_markup(body):
    assert triples(body) == WANTED


def test_two_pairs_in_one_table_row():
    body = f"<table><tr><td>{A}</td><td>2023-03-09</td><td>{B}</td><td>2022-03-02</td></tr></table>"
    assert triples(body) == WANTED


def test_title_attribute_over_cut_text():
    row = '<li><a title="{}" href="t_11.html">{}</a><span>2023-03-09</span></li>'
    full = "桥西街道办事处关于2022年度法治政府建设情况的报告"
    for shown in (
        "桥西街道办事处关于2022年度法治政…",
        "桥西街道办事处关于2022年度...",
        "桥西街道办事处关于2022年度",
        "",
    ):
        assert triples(f"<ul>{row.format(full, shown)}</ul>")[0][0] == full
    tooltip = f"标题：{full}&#10;发布时间：2023-03-09"
    assert triples(f"<ul>{row.format(tooltip, '桥西街道办事处关于2022年…')}</ul>")[0][0] == full
    assert triples(f"<ul>{row.format('点击查看', full)}</ul>")[0][0] == full


def test_link_that_only_says_view():
    body = f"<table><tr><td>桥西街道2022年度法治政府建设情况报告</td><td>2023-03-09</td><td><a href='t_7.html'>查看</a></td></tr>{'<tr><td>别的事项</td><td>2023-03-01</td><td><a href=t_8.html>查看</a></td></tr>'}</table>"
    assert [entry[0] for entry in triples(body)] == ["桥西街道2022年度法治政府建设情况报告", "别的事项"]


def test_date_of_the_table_column_of_publication():
    head = "<tr><th>名称</th><th>成文日期</th><th>发布日期</th></tr>"
    body = f"<table>{head}<tr><td>{A}</td><td>2023-01-20</td><td>2023-03-09</td></tr></table>"
    assert triples(body) == WANTED[:1]


def test_hidden_metadata_of_a_row():
    hidden = "<div><table><tr><td>索引号</td><td>QH-2023-001</td></tr><tr><td>文号</td><td></td><td>发布机构：</td><td>桥西街道</td></tr><tr><td>成文日期</td><td>2023-01-20</td></tr></table></div>"
    listing = read(f"<ul><li>{A}{hidden}<span>2023-03-09</span></li></ul>")
    assert [(e.date, dict(e.metadata)) for e in listing.entries] == [
        (date(2023, 3, 9), {"索引号": "QH-2023-001", "发布机构": "桥西街道", "成文日期": "2023-01-20"})
    ]


def test_frame_of_the_page_gives_no_entries():
    frame = (
        '<div class="header"><span>2024年5月6日 星期一</span><a href="/wza/">无障碍浏览</a></div>'
        '<div class="nav"><ul><li><a href="/zwgk/">政务公开</a></li><li><a href="/zwfw/">政务服务</a></li></ul></div>'
        '<div class="crumb">当前位置：<a href="/">首页</a> &gt; <a href="../">政府信息公开</a></div>'
    )
    foot = '<div class="footer"><a href="/lxwm/t_1.html">联系我们</a> 更新日期：2024-05-06</div>'
    assert len(read(frame + REPORTS + foot).entries) == 3


def test_box_beside_a_list_with_pager_is_left_out():
    box = items(
        *(
            (f"/xwdt/bdxw/202405/t2024050{n}_77{n}.html", f"区里召开第{n}次工作会议", f"2024-05-0{n}")
            for n in range(1, 9)
        )
    )
    pager = '<script>createPageHTML(3, 2, "index", "html");</script>'
    last = items(("./201803/t20180301_9.html", "桥西街道2017年度法治政府建设情况报告", "2018-03-01"))
    assert [e.title for e in read(f"<div class=a>{last}</div>{pager}<div class=b>{box}</div>").entries] == [
        "桥西街道2017年度法治政府建设情况报告"
    ]


def test_links_explaining_an_entry_are_no_entries():
    inner = '<div class="x"><ul><li><a href="../../jd/202303/t20230310_1.html">图解报告</a></li></ul></div>'
    assert triples(f"<ul><li>{A}{inner}<span>2023-03-09</span></li></ul>") == WANTED[:1]


def test_undated_row_in_a_dated_list_stays():
    body = f"<ul><li>{A}</li><li>{B}<span>2022-03-02</span></li></ul>"
    assert triples(body) == [(*WANTED[0][:2], None), WANTED[1]]


def test_same_link_twice_counts_once():
    body = f"<ul><li><a href='./202303/t20230309_4410.html'><img src=a.png></a>{A}<span>2023-03-09</span></li></ul>"
    assert triples(body) == WANTED[:1]


def test_directory_without_dates_is_said_to_be_one():
    links = "".join(
        f'<li><a href="http://www.x{n}.gov.cn/czyjs/index.html">第{n}区预决算公开平台</a></li>'
        for n in range(4)
    )
    listing = read(f"<ul class='wide'>{links}</ul>")
    assert len(listing.entries) == 4
    assert listing.warnings == ("no dated rows: read as a directory of links",)


def test_ways_on_to_own_columns_are_no_directory():
    links = "".join(f'<li><a href="./jd{n}/">第{n}街道信息公开</a></li>' for n in range(4))
    assert read(f"<ul>{links}</ul>").entries == ()


def test_a_page_that_is_no_list_says_so():
    assert read("<p>网站正在维护</p>").warnings == ("no list on this page",)


def test_base_href_and_odd_addresses():
    body = (
        '<base href="http://www.qinghe.gov.cn/jz/qx/"><ul><li><a href="t_1.html">桥西街道2022年报告</a>2023-03-09</li>'
        '<li><a href="javascript:void(0)">不是地址的一行</a>2023-03-08</li><li><a href="http://[::1">坏地址的一行</a>2023-03-07</li>'
        '<li><a href="//www.qinghe.gov.cn:99999/x">坏端口的一行</a>2023-03-06</li></ul>'
    )
    assert [entry[1] for entry in triples(body)] == ["http://www.qinghe.gov.cn/jz/qx/t_1.html"]


@pytest.mark.parametrize(
    "row",
    [
        """<li><a href="javascript:void(0)" onclick="window.open('{}')">{}</a><span>{}</span></li>""",
        """<li><a href="javascript:openWin('{}')">{}</a><span>{}</span></li>""",
        """<li onclick="location.href='{}'"><p>{}</p><span>{}</span></li>""",
        """<div class="row" onclick="window.open('{}')"><span>{}</span><em>{}</em></div>""",
    ],
)
def test_rows_that_open_by_script(row):
    body = "".join(
        row.format(*values)
        for values in (
            ("./202303/t20230309_4410.html", "桥西街道2022年度法治政府建设情况报告", "2023-03-09"),
            (
                "/zwgk/zfxxgk/fzzfjs/202203/t20220302_3307.html",
                "桥西街道2021年度法治政府建设情况报告",
                "2022-03-02",
            ),
        )
    )
    assert triples(f"<div class='con'>{body}</div>") == WANTED


@pytest.mark.parametrize("heading", ["推荐阅读", "热门文章", "相关链接：", "点击排行"])
def test_boxes_beside_the_list_are_no_rows_even_where_the_list_is_empty(heading):
    box = items(
        *((f"./202405/t2024050{n}_77{n}.html", f"第{n}次工作会议召开", f"2024-05-0{n}") for n in range(1, 9))
    )
    aside = f"<div><h3>{heading}</h3>{box}</div><script>createPageHTML(3, 1, 'index', 'html');</script>"
    listing = read(f"{REPORTS}{aside}")
    assert (len(listing.rows), len(listing.beside)) == (3, 8)
    lost = read(f"<ul class='list'></ul>{aside}")
    assert (lost.rows, lost.entries, len(lost.beside)) == ((), (), 8)


def test_the_list_beside_the_pager_is_the_column():
    """On platforms whose articles lie outside the column's folder only the place tells list from box."""
    last = items(("/info/1021/7.htm", "桥西街道2017年度法治政府建设情况报告", "2018-03-01"))
    box = items(*((f"/info/1009/{n}0.htm", f"第{n}次工作会议召开", f"2024-05-0{n}") for n in range(1, 9)))
    pager = "<div class='fy'>共 3 页 <a href='2.htm'>上页</a></div>"
    listing = read(
        f"<div class=a><div>{last}</div>{pager}</div><div class=b>{box}</div>", url=f"{LIST_URL}list/1.htm"
    )
    assert [url.rsplit("/", 1)[1] for url in listing.rows] == ["7.htm"]
