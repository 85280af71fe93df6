"""Bytes decide; header and meta only break ties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.charset import decode

PROSE = "<p>2023年，本街道坚持依法行政，推进法治政府建设，办理行政复议案件。</p>"
TRADITIONAL = "<p>本街道堅持依法行政，推進法治政府建設，辦理行政復議案件，為民服務。</p>"


@pytest.mark.parametrize(
    "declared", [None, "text/html; charset=gb2312", "text/html; charset=utf-8", "text/html; charset=x"]
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_the_declaration_does_not_matter(codec: str, declared: str | None) -> None:
    found = decode((PROSE * 4).encode(codec), declared)
    assert found.text == PROSE * 4
    assert "\ufffd" not in found.text


@pytest.mark.parametrize("declared", [None, "text/html; charset=gbk", "text/html; charset=big5"])
def test_big5_is_told_from_gb(declared: str | None) -> None:
    found = decode((TRADITIONAL * 4).encode("big5"), declared)
    assert (found.text, found.charset) == (TRADITIONAL * 4, "big5hkscs")


def test_traditional_characters_in_gbk() -> None:
    assert decode((TRADITIONAL * 4).encode("gbk")).text == TRADITIONAL * 4


def test_a_contradicted_declaration_is_a_warning() -> None:
    assert decode(PROSE.encode("gbk"), "text/html; charset=utf-8").warnings == (
        "declared utf-8, read as gb18030",
    )
    assert decode(PROSE.encode(), "text/html; charset=utf-8").warnings == ()


def test_mixed_charsets_are_read_piece_by_piece() -> None:
    footer = "<p>主办单位：区政府办公室，版权所有</p>"
    for first, second in (("utf-8", "gbk"), ("gbk", "utf-8")):
        found = decode((PROSE * 4).encode(first) + footer.encode(second))
        assert found.text == PROSE * 4 + footer
        assert any("mixed" in w for w in found.warnings)


def test_a_character_cut_in_the_middle_costs_one_character() -> None:
    whole = (PROSE * 3).encode()
    cut = whole.replace("法".encode(), "法".encode()[:2], 1)
    found = decode(cut)
    assert found.text == (PROSE * 3).replace("法", "\ufffd", 1)
    assert found.warnings == ("1 characters unreadable in utf-8 (U+FFFD)",)
    assert decode(whole[:-6]).text.startswith(PROSE * 2)


def test_nul_and_xml_declaration_are_taken_out() -> None:
    found = decode(b'<?xml version="1.0" encoding="gb2312"?><p>a\x00b</p>')
    assert found.text == "<p>ab</p>"
    assert found.warnings[0].startswith("declared") or "NUL" in found.warnings[0]


def test_short_answers_that_are_valid_in_both() -> None:
    assert decode("联通".encode("gbk")).text == "联通"
    assert decode("© 2020".encode()).text == "© 2020"
    assert decode(b"").text == ""


def test_a_declared_foreign_charset_counts_where_nothing_chinese_fits() -> None:
    assert decode("café noir".encode("latin-1"), "text/html; charset=iso-8859-1").text == "café noir"


@given(
    st.binary(max_size=400),
    st.sampled_from([None, "text/html; charset=gbk", "charset=", "text/html;charset=utf-7"]),
)
def test_never_raises(body: bytes, declared: str | None) -> None:
    found = decode(body, declared)
    assert "\x00" not in found.text
    assert ("\ufffd" in found.text) <= bool(found.warnings)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=300))
def test_utf8_round_trip(text: str) -> None:
    marked = PROSE + text
    assert decode(marked.encode()).text == marked
