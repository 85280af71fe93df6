"""A pattern in the text as it is kept tells what a scan of the folded text tells, or that it cannot tell."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from archive.search_hits import every_span, spans
from archive.search_match import length, pattern
from archive.search_query import parse
from archive.search_tokens import level, occurrences
from archive.segment import fold, fold_with_places
from archive.text import INVISIBLES, clean

TRAPS = (
    "法治违建处一⼀文⽂月㈪㋀㏠日㏩米㎡車車"
    "37aApPsSkKm２３７ａＡｐＰ，,（(.．⑦③㉗⒎²½ſßKÅåéÉe\u0301İıŉǅﬁﷺ¨´"
    " \u3000\t\n\r\u00a0\u2009\u2028\x1c\x85\x01\x7f…。、“《—％%"
) + "".join(INVISIBLES)
raw = st.text(st.sampled_from(TRAPS), max_size=30).map(clean)
few = st.text(st.sampled_from("法7７⑦a Ａ\n\u200b"), max_size=16)
anything = st.text(
    st.one_of(st.sampled_from(TRAPS), st.characters(exclude_categories=["Cs"])), max_size=20
).map(clean)


@st.composite
def text_and_word(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and a folded word out of it, out of one like it, or of its own."""
    kind = draw(st.sampled_from((raw, few, anything)))
    text = draw(kind)
    folded = fold(draw(st.sampled_from((text, text, draw(kind), text.replace(" ", ""), " ".join(text)))))
    assume(folded)
    start = draw(st.integers(0, len(folded) - 1))
    word = fold(folded[start : start + draw(st.integers(1, 6))])
    assume(word)
    return text, word


@settings(max_examples=300)
@given(text_and_word())
@example(("a法 治7\u200b ７b", "治77b"))
@example(("1 \u200b 2", "1 2"))
@example(("12", "1 2"))
@example(("1 2", "12"))
@example(("1\u200b2 3", "12 3"))
@example(("a\u200b \n法", "a法"))
@example(("法⑦处", "7处"))
@example(("77777", "77"))
@example(("法法法 法", "法法"))
@example(("\ufee1", "\x01"))
def test_it_tells_what_the_folded_text_tells(given_: tuple[str, str]) -> None:
    text, word = given_
    folded, places = fold_with_places(text)
    least, most = length(text)
    assert least <= len(folded) <= most
    one = pattern(word)
    assert one.stands_in(text) in {word in folded, None}
    assert one.times(text) in {occurrences(folded, word), None}
    starts, at = [], folded.find(word)
    while at >= 0:
        starts.append((places[at], places[at + len(word) - 1] + 1))
        at = folded.find(word, at + len(word))
    assert every_span(text, [word]) == [starts]
    if one.misses(text):
        assert all(fold(text[low:high]) == word for low, high in one.spans(text))
    else:
        assert one.spans(text) == starts
    assert bool(spans(text, [word])[0]) == (word in folded)


@settings(max_examples=150)
@given(st.one_of(raw, few, anything), st.lists(st.one_of(raw, few), min_size=1, max_size=2))
def test_all_words_have_to_stand_in_the_text(text: str, asked: list[str]) -> None:
    query = parse(" ".join(asked))
    folded = fold(text)
    stands = all(word.folded in folded for word in query.words)
    assert query.stands_in(text) == stands
    levels = [level(occurrences(folded, word.folded), len(folded)) for word in query.words if not word.single]
    assert query.level(text) == (min(levels, default=4) if stands else None)


@pytest.mark.parametrize("times", [2, 3, 5, 6, 12, 24])
@pytest.mark.parametrize("rest", ["，", "\n", "⑦", "…", " a \u200b"])
def test_levels_count_the_folded_text(times: int, rest: str) -> None:
    for characters in (0, 2995, 3000, 3010, 6000):
        text = "罚 款７" * times + rest * (characters // len(fold("好" + rest + "好")[1:-1] or rest))
        folded = fold(text)
        assert parse("罚款7").level(text) == level(times, len(folded))


def test_a_usual_text_is_told_without_folding() -> None:
    text = "　　一、接入12345热线ＡＰＰ，“一网通办”事项３９９项。\n巡查 违法\n建设399处；（全年）。"
    assert [
        pattern(fold(word)).stands_in(text)
        for word in ("热线APP", "巡查违法建设399处", "事项399项", "399处；(全年)")
    ] == [True] * 4
    assert [pattern(fold(word)).stands_in(text) for word in ("399起", "热线wap", "98765")] == [False] * 3
    assert pattern("97").stands_in(text + "⑦") is None


@pytest.mark.slow
def test_every_character_is_known_to_the_pattern_or_left_to_the_folded_text() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        char = chr(code)
        folded = fold(char)
        if folded == char:
            continue
        for part in set(folded) - {" "}:
            one = pattern(part)
            assert one.misses(char) or (folded == part and one.spans(char) == [(0, 1)]), hex(code)
        assert folded or char.isspace() or char in INVISIBLES, hex(code)
        assert char.isspace() or " " not in fold(f"a{char}b"), hex(code)
