"""Dates as printed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-18", date(2024, 1, 18)),
        ("2024年1月8日", date(2024, 1, 8)),
        ("２０２４年１月８日", date(2024, 1, 8)),
        ("2024/1/8 10:00", date(2024, 1, 8)),
        ("2024.01.08", date(2024, 1, 8)),
        ("20240108", date(2024, 1, 8)),
        ("2007-08-20-23:59:59", date(2007, 8, 20)),
        ("二〇二四年一月十八日", date(2024, 1, 18)),
        ("二○二三年十二月三十一日", date(2023, 12, 31)),
        ("二零二四年二月二十日", date(2024, 2, 20)),
        ("2024年2月30日", None),
        ("电话12345678901", None),
        ("", None),
    ],
)
def test_first(text: str, expected: date | None) -> None:
    assert dates.first(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024年1月18日", date(2024, 1, 18)),
        ("（2024年1月18日）", date(2024, 1, 18)),
        ("2024 年 1 月 18 日", date(2024, 1, 18)),
        ("二〇二四年一月十八日", date(2024, 1, 18)),
        ("2024年1月18日印发", date(2024, 1, 18)),
        ("2024年1月18日，街道召开会议。", None),
        ("截至2024年1月18日", None),
    ],
)
def test_whole_line(text: str, expected: date | None) -> None:
    assert dates.whole(text) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.x.gov.cn/zwgk/202403/t20240328_6583952.html", date(2024, 3, 28)),
        ("http://www.x.gov.cn/art/2022/2/4/art_1_2.html", date(2022, 2, 4)),
        ("http://www.x.gov.cn/001/20220204/5a2b.html", date(2022, 2, 4)),
        ("http://www.x.gov.cn/2022-02/04/content_5.htm", date(2022, 2, 4)),
        ("http://www.x.gov.cn/content/post_20240328.html", None),
        ("http://www.x.gov.cn/t20241328_1.html", None),
    ],
)
def test_in_url(url: str, expected: date | None) -> None:
    assert dates.in_url(url) == expected


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)))
def test_every_form_of_a_date_reads_the_same(day: date) -> None:
    for form in (
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y/%m/%d}",
        f"{day:%Y%m%d}",
    ):
        assert dates.first(form) == day


@given(st.text(alphabet="0123456789年月日一二三十〇-/. 　（）", max_size=80))
def test_never_raises(text: str) -> None:
    for found in (dates.first(text), dates.whole(text), dates.in_url(text)):
        assert found is None or isinstance(found, date)
