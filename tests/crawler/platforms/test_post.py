"""Addresses of POSTs: what goes in comes out, and nobody who looks at an address is misled."""

import json
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.hosts import host_problem
from crawler.platforms.post import FORM, JSON, post_address, same_page, split_post
from crawler.platforms.turning import page_parameter, parameters, turned

URL = "https://www.qinghe.gov.cn/fjdzapp/search?x=1"
WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


@settings(max_examples=40)
@example([("{", "")])
@given(st.lists(st.tuples(WORDS.filter(bool), WORDS), min_size=1, max_size=6))
def test_a_form_comes_back_as_it_was(pairs):
    address = post_address(URL, form=pairs)
    post = split_post(address)
    assert post is not None
    assert (post.url, post.content_type, post.fields) == (URL, FORM, pairs)
    assert address.isascii() and not any(char.isspace() for char in address)


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | WORDS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    ).map(lambda value: {"q": value})
)
def test_json_comes_back_as_it_was(data):
    post = split_post(post_address(URL, data=data))
    assert post is not None
    assert (post.url, post.content_type, json.loads(post.body)) == (URL, JSON, data)


def test_the_plain_address_is_what_others_see():
    address = post_address("https://www.qinghe.gov.cn/search#old", form={"webname": "清河区", "page": "2"})
    assert address == "https://www.qinghe.gov.cn/search#!post:webname=%E6%B8%85%E6%B2%B3%E5%8C%BA&page=2"
    assert urlsplit(address).path == "/search"
    assert host_problem(address, ("www.qinghe.gov.cn",)) is None
    assert host_problem(address, ("www.other.gov.cn",)) is not None


@pytest.mark.parametrize(
    "address",
    [
        "https://a.gov.cn/",
        "https://a.gov.cn/#top",
        "https://a.gov.cn/#!/list",
        "https://a.gov.cn/#!post:{broken",
        "https://a.gov.cn/x#!post:%7B%7B",
    ],
)
def test_other_fragments_are_no_requests(address):
    assert split_post(address) is None


def test_either_form_or_json():
    for given_ in ({}, {"form": {"a": "1"}, "data": {}}):
        with pytest.raises(ValueError, match="either a form or JSON"):
            post_address(URL, **given_)


def test_an_answer_keeps_the_fragment_of_its_request():
    assert (
        same_page("http://a.gov.cn/g/index#721", "https://a.gov.cn/g/index") == "https://a.gov.cn/g/index#721"
    )
    assert same_page("http://a.gov.cn/g#1", "https://a.gov.cn/g#2") == "https://a.gov.cn/g#2"
    assert same_page("http://a.gov.cn/g", "https://a.gov.cn/h") == "https://a.gov.cn/h"


@pytest.mark.parametrize(
    "address",
    [
        "https://a.gov.cn/list?type=4&page=3",
        post_address("https://a.gov.cn/list?type=4", form={"page": "3", "size": "20"}),
        post_address("https://a.gov.cn/list?type=4", data={"page": 3, "q": {"word": "法治"}}),
    ],
)
def test_turning_changes_the_number_and_nothing_else(address):
    assert page_parameter(address) == ("page", 3)
    other = turned(address, "page", 12)
    assert page_parameter(other) == ("page", 12)
    assert turned(other, "page", 3) == address
    assert dict(parameters(other))["type"] == "4"


def test_of_two_parameters_the_one_that_agrees_with_the_answer_turns():
    address = "https://a.gov.cn/list.html?pageIndex=3&pageSize=20&pageNumber=7"
    assert page_parameter(address) == ("pageNumber", 7)
    assert page_parameter(address, [3]) == ("pageIndex", 3)
    assert page_parameter("https://a.gov.cn/list?page=abc&p=") is None
