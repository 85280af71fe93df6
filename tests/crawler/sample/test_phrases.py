"""The stock's small language, and the stock itself."""

import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sample.phrases import expand, seeded, stock

STOCK = [path.name.removesuffix(".toml") for path in files("crawler.sample").joinpath("stock").iterdir()]


def test_choice_slot_and_numbers():
    text = expand(
        "{who}[甲|乙]办理<a=40-90>件，办结<a-2>件，占<%a-2>，合计<a>件。", {"who": "我局"}, seeded("x")
    )
    whole, done, share, again = re.fullmatch(
        r"我局[甲乙]办理(\d+)件，办结(\d+)件，占([\d.]+)%，合计(\d+)件。", text
    ).groups()
    assert int(done) == int(whole) - 2
    assert int(again) == int(whole)
    assert float(share) == pytest.approx(100 * int(done) / int(whole), abs=0.05)


@given(st.text(max_size=20))
def test_same_key_same_text(key):
    sentence = "[甲|乙|丙]<1-999>与<~100-9000>及<0.5-9.5>"
    assert expand(sentence, {}, seeded(key)) == expand(sentence, {}, seeded(key))


@given(st.integers(0, 500), st.integers(0, 500), st.text(max_size=8))
def test_numbers_stay_in_their_range(low, width, key):
    assert low <= int(expand(f"<{low}-{low + width}>", {}, seeded(key))) <= low + width


def test_round_numbers_are_round():
    drawn = [int(expand("<~1000-9000>", {}, seeded(str(n)))) for n in range(30)]
    assert all(value % 100 == 0 for value in drawn)


def test_slots_may_hold_choices_and_numbers():
    assert expand("{a}", {"a": "{b}", "b": "[<3-3>|<3-3>]次"}, seeded("x")) == "3次"


@pytest.mark.parametrize("bad", ["{nobody}", "<b>", "<%b-2>"])
def test_undefined_names_are_refused(bad):
    with pytest.raises(KeyError):
        expand(bad, {}, seeded("x"))


@pytest.mark.parametrize("bad", ["<>", "<约三成>", "<5>"])
def test_unreadable_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="not a number"):
        expand(bad, {}, seeded("x"))


@pytest.mark.parametrize("name", STOCK)
def test_every_sentence_of_the_stock_is_well_formed(name):
    """No nested or unclosed choice, and every item of a list has a lead sentence to be numbered by."""

    def strings(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for inner in value.values():
                yield from strings(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from strings(inner)

    for text in strings(stock(name)):
        bare = re.sub(r"\[[^\[\]]*\]", "", text)
        assert not set(bare) & set("[]|"), text
        assert text.count("<") == text.count(">") and text.count("{") == text.count("}"), text
        for choice in re.findall(r"\[([^\[\]]*)\]", text):
            assert choice.count("|") >= 1, text
            assert all(choice.split("|")), text
