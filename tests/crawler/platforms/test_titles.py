"""The words of a link, also where the link is never closed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from crawler.platforms import titles
from crawler.platforms.titles import text_of


def test_scripts_and_comments_are_no_words_and_what_follows_them_is() -> None:
    link = html.fromstring("<a>一、<b>东丽<i>区</i></b>2023年<script>var x</script>报<!-- 不 -->告</a>")
    assert text_of(link) == "一、东丽区2023年报告"


@given(st.lists(st.sampled_from(["<b>甲", "</b>", "乙", "<i>丙</i>", "<br>", "丁 "]), max_size=30))
def test_it_is_the_text_that_the_tree_has(pieces: list[str]) -> None:
    link = html.fromstring(f"<a>{''.join(pieces)}</a>")
    assert text_of(link) == " ".join("".join(link.itertext()).split())


def test_of_a_link_around_half_a_page_only_the_beginning_is_read() -> None:
    deep = outer = etree.Element("a")
    for n in range(20_000):
        inner = etree.SubElement(deep, "b")
        inner.text = "字" if n < 10 else None
        deep = inner if n < 100 else deep
    assert text_of(outer) == "字" * 10
    long = html.fromstring(f"<a>{'<i>字字</i>' * 20_000}</a>")
    assert titles._MOST <= len(text_of(long)) < titles._MOST + 10 or len(text_of(long)) == titles._STEPS
