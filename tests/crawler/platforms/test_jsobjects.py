"""Object literals in scripts: read as they stand, never run."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms.jsobjects import fields_of, literal_at, objects_with, variable

CODE = """
var siteId = "57", cur = 1;
var conf = {total:15, name:'清河区', open: function(a, b){ return {x:1}; }, url: "/a?b={c}", sub:{webid:9}};
$.ajax({url: "/list.html", data: {'siteId': siteId, "filter[CHANNELID]": '28135', pageNumber: cur, word: 'it\\'s', n: -3, sum: a+1}});
"""


def test_fields_of_the_literal_that_holds_them():
    ((start, fields),) = objects_with(CODE, "siteId")
    assert CODE[start] == "{"
    assert fields == {
        "siteId": "57",
        "filter[CHANNELID]": "28135",
        "pageNumber": "1",
        "word": "it's",
        "n": "-3",
    }


def test_nested_objects_and_functions_are_left_out():
    start = CODE.index("{total")
    literal = literal_at(CODE, start)
    assert literal is not None and literal.endswith("sub:{webid:9}}")
    assert fields_of(literal, CODE) == {"total": "15", "name": "清河区", "url": "/a?b={c}"}


def test_variables_are_numbers_or_strings_or_nothing():
    assert (variable(CODE, "siteId"), variable(CODE, "conf.total"), variable(CODE, "nowhere")) == (
        "57",
        "15",
        None,
    )


def test_what_never_closes_is_no_literal():
    assert literal_at("{a:{b:1}", 0) is None
    assert list(objects_with("siteId: 1}", "siteId")) == []


@given(st.text("{}[]()'\"\\:,ab1 \n", max_size=120))
def test_no_script_breaks_it(code):
    for at, char in enumerate(code):
        if char == "{" and (literal := literal_at(code, at)) is not None:
            assert all(isinstance(value, str) for value in fields_of(literal, code).values())
    assert all(code[start] == "{" for start, _ in objects_with(code, "a"))
