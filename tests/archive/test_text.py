"""When are two texts the same text?"""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.text import clean, digest, normalise

WORDS = "2025年，清河街道开展合法性审查42件。"


@pytest.mark.parametrize(
    "same",
    [
        "２０２５年，清河街道开展合法性审查４２件。",
        "\u3000\u30002025年，清河街道开展合法性审查42件。\r\n",
        "2025年，清河街道\u200b开展合法性\ufeff审查42件。",
        "2025年,清河街道开展合法性审查42件。",
    ],
)
def test_typesetting_is_no_change(same: str) -> None:
    assert digest(same) == digest(WORDS)


@pytest.mark.parametrize(
    "edited", [WORDS.replace("42", "43"), WORDS.replace("清", "青"), WORDS[:-1], WORDS + "又"]
)
def test_an_edited_character_is_one(edited: str) -> None:
    assert digest(edited) != digest(WORDS)


def test_the_digest_is_a_promise() -> None:
    # Changing the rules would make a version of every document: this may only change with a migration.
    assert (
        digest("第一条\n\u3000２０２５ 年")
        == "1e48b63043a1b2f4699b3fcb04d0f35b40b346d42d8118384b8b6e777dd44001"
    )


def test_what_no_database_takes_is_replaced() -> None:
    assert clean("a\x00b\ud800c") == "a\ufffdb\ufffdc"


@given(st.text(st.characters(codec=None)))
def test_normalising_is_idempotent_and_leaves_single_spaces(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert not re.search(r"\s\s|^\s|\s$", once)
    once.encode()


ODD = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("，：（）　１％Ａ…\u200b\ufeff\u00a0\n\t ｶﾞㄱ가㈠ﬁé\u0301각①ⅷ㎡￥豈"),
    )
)


@given(ODD)
def test_the_quick_way_gives_what_the_rules_say(text: str) -> None:
    plain = re.sub("[\u00ad\u200b-\u200f\u2060\ufeff]", "", unicodedata.normalize("NFKC", clean(text)))
    assert normalise(text) == " ".join(plain.split())
