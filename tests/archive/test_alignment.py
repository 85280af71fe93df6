"""Places found again in a text set otherwise."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from archive.alignment import aligned
from archive.text import clean, digest, normalise

ALIKE = [
    ("１", "1"),
    ("，", ","),
    ("（一）", "(一)"),
    ("⒈", "1."),
    ("㎡", "m2"),
    ("ﬁ", "fi"),
    ("é", "e\u0301"),
    ("각", "\u1100\u1161\u11a8"),
    ("ｶﾞ", "ガ"),
    ("\u00a8", " \u0308"),
    ("法治", "法治"),
    ("。", "。"),
    ("政府", "政\u200b府"),
    ("\ufeff街", "街\u00ad"),
    ("\n", "　 \t"),
    ("\u200b", ""),
    ("\x00", "\ufffd"),
]
"""What normalisation takes for the same."""
PIECES = st.lists(st.sampled_from(ALIKE) | st.sampled_from([(b, a) for a, b in ALIKE]), max_size=12)


def moved(own: str, kept: str, start: int, stop: int) -> str:
    begin, end = aligned(clean(own), clean(kept))
    return clean(kept)[begin(start) : end(stop)]


def test_places_move_with_their_words() -> None:
    own = "　　一、办案１２件。\n　　二、打算。"
    kept = "一、办案12件。 二、打算。"
    assert digest(own) == digest(kept)
    for words in ("一、办案１２件。", "１２件", "二、打算。", "办案"):
        plain = unicodedata.normalize("NFKC", words)
        start, back = own.index(words), kept.replace("，", ",").index(plain) if plain in kept else -1
        assert moved(own, kept, start, start + len(words)) in {words, plain}
        if back >= 0:
            assert moved(kept, own, back, back + len(plain)) == words


def test_half_of_a_sign_moves_to_the_whole() -> None:
    assert moved("(1)建筑", "⑴建筑", 1, 2) == "⑴"


@given(PIECES, PIECES, PIECES)
def test_whatever_normalisation_folds_places_stay_with_their_words(
    before: list[tuple[str, str]], words: list[tuple[str, str]], behind: list[tuple[str, str]]
) -> None:
    sides = [["".join(pair[side] for pair in piece) for piece in (before, words, behind)] for side in (0, 1)]
    own, kept = ("".join(side) for side in sides)
    found = moved(own, kept, len(sides[0][0]), len(sides[0][0] + sides[0][1]))
    assert normalise(found) == normalise(sides[0][1])
    begin, end = aligned(clean(own), clean(kept))
    places = [(begin(place), end(place)) for place in range(len(own) + 1)]
    assert places == sorted(places)
    assert all(0 <= place <= len(kept) for pair in places for place in pair)
