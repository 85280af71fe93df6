"""Quantities: Chinese numerals, 万 and 亿, qualifiers, and the numbers that are none."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.fold import fold
from crawler.extract.numbers import UNITS, parse, quantities


def read(text: str) -> list[tuple[str, str, str, str]]:
    return [(text[q.start : q.end], str(q.value), q.unit, q.qualifier) for q in quantities(text)]


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("12", "12"),
        ("１２", "12"),
        ("27,100", "27100"),
        ("1.3万", "13000"),
        ("22.77万", "227700"),
        ("3亿", "300000000"),
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("二十四", "24"),
        ("一百零五", "105"),
        ("三百二十", "320"),
        ("三千二百", "3200"),
        ("两万", "20000"),
        ("十万", "100000"),
        ("一万二千", "12000"),
        ("五十六万", "560000"),
        ("一亿零三十万", "100300000"),
    ],
)
def test_numerals(numeral: str, value: str) -> None:
    assert parse(numeral) == Decimal(value)


@pytest.mark.parametrize(
    "name", ["八五", "三八", "二〇二三", "百", "千万", "万", "", "一二三", "十十", "件", "1.", "3·15", "-3"]
)
def test_names_are_no_numerals(name: str) -> None:
    assert parse(name) is None


@pytest.mark.parametrize(
    ("text", "value", "unit", "qualifier"),
    [
        ("818件", "818", "件", "exact"),
        ("10万余人次", "100000", "人次", "at_least"),
        ("10余万人次", "100000", "人次", "at_least"),
        ("两万余人次", "20000", "人次", "at_least"),
        ("1.3万人次", "13000", "人次", "exact"),
        ("22.77万元", "227700", "元", "exact"),
        ("80多件", "80", "件", "at_least"),
        ("97%以上", "97", "%", "at_least"),
        ("97％以上", "97", "%", "at_least"),
        ("高达99%", "99", "%", "at_least"),
        ("超过300次", "300", "次", "at_least"),
        ("超300次", "300", "次", "at_least"),
        ("逾300次", "300", "次", "at_least"),
        ("不少于3名", "3", "名", "at_least"),
        ("不低于90%", "90", "%", "at_least"),
        ("近100人次", "100", "人次", "about"),
        ("约30份", "30", "份", "about"),
        ("50场左右", "50", "场", "about"),
        ("不超过3件", "3", "件", "at_most"),
        ("不足10人", "10", "人", "at_most"),
        ("5件以内", "5", "件", "at_most"),
        ("百分之百", "100", "%", "exact"),
        ("百分之97", "97", "%", "exact"),
        ("百分之九十八点五", "98.5", "%", "exact"),
        ("二十余次", "20", "次", "at_least"),
        ("5人（次）", "5", "人次", "exact"),
        ("50 余 件", "50", "件", "at_least"),
        ("1000余处次", "1000", "处次", "at_least"),
        ("1,234件", "1234", "件", "exact"),
        ("0.8万件", "8000", "件", "exact"),
    ],
)
def test_quantities(text: str, value: str, unit: str, qualifier: str) -> None:
    assert read(f"全年共有{text}，情况良好") == [(text, value, unit, qualifier)]


@pytest.mark.parametrize(
    "text",
    [
        "“3·15”消费者权益日",
        "“4·15”和“12.4”宣传",
        "一规划两纲要",
        "三项制度已建立，八五普法启动",
        "推行132工作机制",
        "12345热线",
        "四改一增、五减、七小行业",
        "〔2021〕33号",
        "2023年12月18日",
        "2021-2025年",
        "第3次会议，第三次会议",
        "3-5次",
        "3至5次",
        "2、3次",
        "24+6+2次",
        "一次性告知",
        "一起推进，一件一件办",
        "数十次、几十件、若干人",
        "十几次",
        "3人民警察",
        "1万2千余人",
        "A4件",
    ],
)
def test_no_quantities(text: str) -> None:
    kept = [(raw, unit) for raw, _, unit, _ in read(text) if unit != "项"]
    assert kept == []


def test_words_that_only_look_like_qualifiers() -> None:
    assert read("签约30份，预约5次，附近30户，最近3次") == [
        ("30份", "30", "份", "exact"),
        ("5次", "5", "次", "exact"),
        ("30户", "30", "户", "exact"),
        ("3次", "3", "次", "exact"),
    ]


def spelled(number: int) -> str:
    """Chinese numerals by the rules of the language, written apart from the reader."""
    digits = "零一二三四五六七八九"

    def below(value: int, first: bool) -> str:
        done, zero = "", False
        for size, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit, value = divmod(value, size)
            if digit:
                lead = "" if first and not done and size == 10 and digit == 1 else digits[digit]
                done += ("零" if zero and done else "") + lead + name
                zero = False
            else:
                zero = True
        return done

    high, low = divmod(number, 10_000)
    if not high:
        return below(low, True)
    return below(high, True) + "万" + ("零" if 0 < low < 1000 else "") + below(low, False)


@given(st.integers(min_value=1, max_value=99_999_999))
def test_spelled_numerals_come_back(number: int) -> None:
    assert parse(spelled(number)) == number


@given(st.integers(min_value=2, max_value=9_999), st.sampled_from([u for u in UNITS if u != "%"]))
def test_digits_and_numerals_agree(number: int, unit: str) -> None:
    printed = [(q.value, q.unit) for q in quantities(f"共{number}{unit}，")]
    written = [(q.value, q.unit) for q in quantities(f"共{spelled(number)}{unit}，")]
    assert printed == written == [(Decimal(number), unit)]


@given(st.text(alphabet="零一二三十百千万亿0123456789.,，%％余多约近超第至-—·百分之件次人元 \n以上"))
def test_any_text_is_read(text: str) -> None:
    found = list(quantities(text))
    assert found == list(quantities(text))
    for one, following in pairwise(found):
        assert one.start < one.end <= following.end
        assert one.start < following.start
    assert all(0 <= q.start < q.end <= len(text) and q.value >= 0 for q in found)


@given(st.text())
def test_folding_moves_nothing(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded
