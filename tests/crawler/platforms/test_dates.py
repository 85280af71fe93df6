from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms.dates import epoch_date, find_date, only_date, year_of_url

DAY = date(2023, 3, 3)


@pytest.mark.parametrize(
    "text",
    [
        "2023-03-03",
        "2023-3-3",
        "[2023-03-03]",
        "(2023/3/3)",
        "2023.03.03",
        "2023年3月3日",
        "2023年03月03日 14:39",
        "２０２３－０３－０３",
        "发布时间：2023-03-03 14:39:05",
        "20230303",
        "03 2023-03",
        "2023-03 03",
        "03-03 2023",
        "3日 2023年3月",
        "2023 - 03 - 03",
    ],
)
def test_every_printed_form(text):
    assert find_date(text) == DAY


@pytest.mark.parametrize("text", ["[03-03]", "03-03", "3月3日", "03/03"])
def test_year_from_the_address(text):
    assert find_date(text, url="http://a.gov.cn/x/202303/t20230303_1.html") == DAY
    assert find_date(text, url="http://a.gov.cn/x/t_1.html") is None


@pytest.mark.parametrize(
    "text", ["23.03.03", "[23-03-03]", "23/3/3", "1677801600000", "/Date(1677801600000)/"]
)
def test_forms_that_are_dates_only_alone(text):
    assert only_date(text) == DAY
    assert find_date(f"编号 {text}") is None


def test_two_digits_are_no_year_against_the_address():
    assert only_date("12-03-03", url="http://a.gov.cn/x/202303/t20230303_1.html") is None


def test_epochs_are_days_in_china():
    assert (
        epoch_date(1677772800) == epoch_date(1677772800000) == DAY
    )  # midnight in China, the evening before in UTC
    assert epoch_date(1677772799) == date(2023, 3, 2)
    assert epoch_date(12) is None


@pytest.mark.parametrize(
    "text", ["2023-02-30", "2023-13-01", "共15页", "", "第3期", "12023-03-031", "1/15", "v2.10.1"]
)
def test_no_date(text):
    assert find_date(text, url="http://a.gov.cn/x/t_1.html") is None


@pytest.mark.parametrize(
    ("url", "year"),
    [
        ("/202303/t20220303_1.html", 2022),
        ("/zwgk/2021/art_5.html", 2021),
        ("/art/2020/3/15/art_1_2.html", 2020),
        ("/zwgk_2019x/a.html", None),
        ("/c20231234/a.html", None),
    ],
)
def test_year_of_url(url, year):
    assert year_of_url(f"http://a.gov.cn{url}") == year


def test_a_date_in_a_sentence_is_not_only_a_date():
    assert only_date("本办法自2023年3月3日起施行") is None
    assert only_date("发布日期：2023-03-03") == DAY
    assert only_date("[2023-03-03]") == DAY


@given(
    st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)), st.sampled_from(["-", "/", ".", "年"])
)
def test_round_trip(day, mark):
    text = f"{day.year}{mark}{day.month}{'月' if mark == '年' else mark}{day.day}"
    assert find_date(text) == day
    assert only_date(f"[{text}]") == day


@given(st.text(max_size=60), st.text(max_size=40))
def test_never_raises(text, url):
    for found in (find_date(text, url=url), only_date(text, url=url)):
        assert found is None or isinstance(found, date)
