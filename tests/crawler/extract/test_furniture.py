"""Furniture is a line as a whole, never a word in a sentence."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.furniture import body, is_bare_date, is_furniture, is_index_row
from crawler.extract.render import Line

FURNITURE = [
    "发布时间：2024-01-22 16:30 来源：青河县司法局 字号：大 中 小 打印 分享到：",
    "发布日期:2023-03-03 14:39      来源:青河县人民政府柳林街道办事处",
    "来源：县司法局 发布日期：2024-01-02 浏览次数：12 字号：[ 大 中 小 ]",
    "日期：2024年1月2日 来源：本站",
    "字号:",
    "【字体：大 中 小】 打印 分享：",
    "【打印本页】【关闭窗口】",
    "扫一扫在手机打开当前页",
    "您当前的位置：",
    "网站声明 | 联系我们 | 网站地图 | 网站纠错",
    "主办:青河县人民政府 版权所有© 承办:青河县人民政府办公室",
    "网站标识码:1301990003 冀ICP备12345678号-1冀公网安备 13019902000001号",
    "上一篇：没有了",
    "今天是2024年3月5日 星期二",
]
SENTENCES = [
    "主办单位对活动进行了总结。",
    "打印机采购情况",
    "关闭企业3家",
    "来源于群众",
    "责任编辑制度逐步建立",
    "分享经验",
    "小微企业",
    "更多群众受益",
    "版权所有者权益保护",
    "时间紧、任务重",
    "公开时间：每年4月1日前",
    "扫一扫码就能办的事项达到120项；群众满意度提升。",
    "2023年12月4日开展宪法宣传",
    "一、主要举措和成效",
    "抄报：县委依法治县办",
    "附件：2023年度统计表",
]


@pytest.mark.parametrize("text", FURNITURE)
def test_furniture(text: str) -> None:
    assert is_furniture(text)


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences_stay(text: str) -> None:
    assert not is_furniture(text)
    long = Line("本街道坚持依法行政，推进法治政府建设，全年工作取得了明显成效，群众满意度稳步提升。")
    for place in ([long, Line(text), long], [Line(text), long], [long, Line(text)]):
        assert [line.text for line in body(place)] == [line.text for line in place]


def test_a_signature_date_stays_below_and_goes_above() -> None:
    long = Line("本街道坚持依法行政，推进法治政府建设，全年工作取得了明显成效，群众满意度稳步提升。")
    kept = body([Line("2024-01-20"), long, Line("2024年1月18日")])
    assert [line.text for line in kept] == [long.text, "2024年1月18日"]
    assert is_bare_date("（2024年1月18日）")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("索 引 号：\t11/2024-1\t发布机构：\t柳林镇", True),
        ("索引号：11130199/2024-00012", True),
        ("有效性：有效", True),
        ("项目\t数量", False),
        ("发布日期工作安排，按月推进。", False),
    ],
)
def test_index_rows(text: str, expected: bool) -> None:
    assert is_index_row(text) is expected


def test_a_repeated_title_goes_only_with_the_publish_line_below_it() -> None:
    long = Line("本街道坚持依法行政，推进法治政府建设，全年工作取得了明显成效，群众满意度稳步提升。")
    title = Line("柳林镇2023年法治政府建设年度报告")
    assert body([title, long]) == [title, long]
    assert body([title, Line("发布时间：2024-01-20 来源：柳林镇"), long]) == [long]


@given(st.text(alphabet="发布时间来源：:年月日-0123456789 大中小[]【】打印|>《。，a\t", max_size=260))
def test_any_line_is_judged_at_once(text: str) -> None:
    began = time.perf_counter()
    is_furniture(text)
    is_index_row(text)
    body([Line(text)] * 3)
    assert time.perf_counter() - began < 1.0
