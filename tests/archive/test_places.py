from __future__ import annotations

import pytest

from archive.places import forms, key


def test_all_forms_of_a_place_have_one_key() -> None:
    every = forms("http://www.tjdl.gov.cn/a/1.html?b=c")
    assert every[0] == "http://www.tjdl.gov.cn/a/1.html?b=c"
    assert len(every) == 4
    assert len({key(form) for form in every}) == 1
    assert {frozenset(forms(form)) for form in every} == {frozenset(every)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://x.gov.cn/a", "http://x.gov.cn/a/"),
        ("http://x.gov.cn/a", "http://y.gov.cn/a"),
        ("http://x.gov.cn/a", "http://x.gov.cn/a?b"),
        ("http://x.gov.cn:8080/a", "https://x.gov.cn:8080/a"),
        ("http://x.gov.cn/A", "http://x.gov.cn/a"),
    ],
)
def test_different_places_keep_apart(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    "url", ["http://x.gov.cn:8080/a", "weird", "", "http:///a", "post:http://x.gov.cn/a"]
)
def test_what_has_no_forms_is_its_own_key(url: str) -> None:
    assert forms(url) == (url,)
    assert key(url) == url
