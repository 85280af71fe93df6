"""The form in which texts are compared, and the words that are named in them."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.search_tokens import codes, exact, keys, level, tokens
from archive.segment import OWN_WORDS, certain, fold, fold_with_places, is_word, long_words, segment, stamp
from archive.text import clean
from tests.archive.search_texts import texts

HAN = "法治政府建设行政复议无人机依规范性文件合审查习近平思想第一责任一网通办双随机卡拉"
mixed = st.text(
    st.one_of(
        st.sampled_from(HAN + "ab12 ＡＢ１２，。\n\t\u3000㎡①"), st.characters(exclude_categories=["Cs"])
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("第 一\n责任人", "第一责任人"),
        ("２０２４ 年 Ｗｅｂ  2.0\u3000系统", "2024年web 2.0系统"),
        ("  a \n b  ", "a b"),
        ("㈠ ①㎡½…", "(一)1m21⁄2..."),
        ("零\u200b宽\u00ad度\ufeff", "零宽度"),
        ("⽂⼀", "文一"),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(mixed)
@example("a\u00a0ß ŉ İ ﷺ é")
def test_folding_twice_changes_nothing_and_places_point_to_their_characters(text: str) -> None:
    folded, places = fold_with_places(text)
    assert folded == fold(text) == fold(folded)
    assert len(places) == len(folded)
    assert places == sorted(places)
    for char, at in zip(folded, places, strict=True):
        assert char == " " or char in fold(text[at])


@pytest.mark.slow
def test_every_character_folds_once_and_for_all_alone_or_in_a_crowd() -> None:
    alone = [fold(chr(code)) for code in range(0x110000)]
    assert [code for code, folded in enumerate(alone) if fold(folded) != folded] == []
    for code in (*range(0x4E00, 0xA000), *map(ord, "0123456789abcdefghijklmnopqrstuvwxyz。、“”《》")):
        assert unicodedata.normalize("NFKC", chr(code)).casefold() == chr(code), "folding does not look at it"
    # Few are replaced one by one, of many the text is translated: 。 keeps white space from its neighbours.
    for begin in range(0, 0x110000, 64):
        codes = range(begin, begin + 64)
        crowd = "。".join(map(chr, codes))
        assert fold(crowd) == fold("。".join(alone[code] for code in codes))


@given(st.text(st.sampled_from(HAN + "a1，"), max_size=60))
def test_a_dictionary_word_is_named_where_its_characters_stand(text: str) -> None:
    named = long_words(text)
    for start in range(len(text)):
        for length in range(3, 9):
            word = text[start : start + length]
            if len(word) == length and is_word(word):
                assert word in named
    for word in set(named):
        assert is_word(word)
        assert named.count(word) == len(re.findall(f"(?={word})", text))


def test_rjieba_names_the_words_that_jieba_names() -> None:
    for text in texts(5, 2000, seed=11):
        folded = fold(text)
        ours = [word for word in segment(folded) if len(word) > 2 and is_word(word)]
        theirs = [word for word in segment(folded, "jieba") if len(word) > 2 and is_word(word)]
        assert sorted(ours) == sorted(theirs)
        assert ours


@pytest.mark.slow
def test_no_other_block_folds_into_characters_that_count_as_certain() -> None:
    for code in range(0x110000):
        folded = fold(chr(code))
        assert folded == chr(code) or certain(folded) == "", hex(code)


def test_certain_characters() -> None:
    assert certain("复议12，a") == "复议"
    assert certain("一月㈠") == certain("⼀") == ""


def test_own_words_are_words() -> None:
    assert all(is_word(word) for word in OWN_WORDS)
    assert len(set(OWN_WORDS)) == len(OWN_WORDS)
    assert not any(map(is_word, ["", "不会有这样的话", "abc", "OK"]))
    assert re.fullmatch(r"rjieba [\d.]+, \d+ own words [0-9a-f]{8}, format \d+", stamp())


@given(mixed, st.integers(0, 40), st.integers(1, 9))
def test_the_tokens_of_any_piece_are_among_those_of_its_text(text: str, start: int, length: int) -> None:
    text = clean(text)
    found = set(tokens(text))
    piece = fold(text)[start : start + length].strip()
    assert set(keys(piece)) <= found
    assert all(token.isalnum() for token in found)
    if piece and exact(piece):
        assert keys(piece) == [piece]
        assert (piece in found) == (piece in fold(text))


@given(
    st.sets(
        st.text(
            st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF), min_size=1, max_size=2
        ).filter(lambda t: "\0" not in t)
    )
)
def test_no_two_tokens_of_the_first_plane_have_one_number(plain: set[str]) -> None:
    made = codes(plain)
    assert len(set(made)) == len(plain)
    assert all(-(2**31) <= code < 2**31 for code in made)
    assert codes([*plain, "𠮷"])[:-1] == made
    assert not exact("𠮷野")


@given(st.text("0139处a ", max_size=30), st.integers(0, 20), st.integers(3, 9))
def test_a_number_is_looked_up_by_its_digits(text: str, start: int, length: int) -> None:
    folded = fold(clean(text))
    for piece in folded[start : start + length].split():
        numbers = {"n" + piece[at : at + 3] for at in range(len(piece) - 2) if piece[at : at + 3].isdigit()}
        assert numbers <= set(keys(piece))
        assert numbers <= tokens(text).marked
    for token in tokens(text):  # whose digits do stand there
        assert len(token) != 4 or token[0] != "n" or token[1:] in folded


def test_a_number_is_no_pair_of_high_level() -> None:
    assert "391" in tokens("39、" * 3)
    assert "n391" not in tokens("39、" * 3)
    assert "n3911" in tokens("391、" * 3)


def test_levels() -> None:
    assert [level(times, 500) for times in (0, 2, 3, 5, 6, 12, 24, 99)] == [0, 0, 1, 1, 2, 3, 4, 4]
    assert [level(3, length) for length in (3000, 3001, 6000)] == [1, 0, 0]
    marked = tokens("复议，" * 24).marked
    assert {"复议1", "复议2", "复议3", "复议4"} <= marked
    assert {"复议1", "复议2"} & tokens("复议。" * 5).marked == {"复议1"}
