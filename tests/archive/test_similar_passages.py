"""The passages that two texts share: where they stand, and what many reports have."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.database import reading
from archive.errors import UsageError
from archive.reader import Archive
from archive.shingles import shingles
from archive.similar import boilerplate
from archive.similar_index import fill
from archive.similar_passages import shared
from tests.archive import streets as near
from tests.archive.builder import Crawl
from tests.archive.streets import street
from tests.archive.test_shingles import made

template = near.template


def test_passages_stand_where_they_are_said_to(template: str) -> None:
    one = f"甲街道２０２３年\n　　{template[:300]}\n这里是甲街道自己写的话，别处没有。{template[300:500]}"
    other = f"{template[280:600]}乙街道开头不同的文字{template[:290]}"
    found = shared(one, other)
    assert [passage.start for passage in found] == sorted(passage.start for passage in found)
    assert len(found) >= 2
    for passage in found:
        here, there = one[passage.start : passage.end], other[passage.other_start : passage.other_end]
        assert passage.text == here
        assert "".join(here.split()) == "".join(there.split())
        assert passage.characters == len("".join(here.split())) >= 20
    assert sum(passage.characters for passage in found) >= 480


def test_a_longer_passage_wins_over_one_that_begins_before_it() -> None:
    long = made(random.Random(1), 120)
    one = "甲乙丙丁戊己庚辛" + long
    other = one[:30] + "，" + long
    assert max(passage.characters for passage in shared(one, other)) >= len(long)


@given(
    st.lists(
        st.sampled_from(["法治政府建设", "行政执法", "普法", "ａ", " ", "\n", "街道办事处"]), max_size=60
    ),
    st.lists(st.sampled_from(["法治政府建设", "行政执法", "普法", "a", " ", "街道办事处"]), max_size=60),
)
@settings(max_examples=60)
def test_passages_of_any_texts_are_the_same_in_both(one: list[str], other: list[str]) -> None:
    here, there = "".join(one), "".join(other)
    end = 0
    for passage in shared(here, there, least=5):
        assert passage.start >= end
        end = passage.end
        assert shingles(here[passage.start : passage.end]) == shingles(
            there[passage.other_start : passage.other_end]
        )


@pytest.mark.parametrize("text", ["法" * 20_000, "法治" * 10_000], ids=["one character", "two in turn"])
def test_text_that_repeats_itself_ends_soon(text: str) -> None:
    assert sum(passage.characters for passage in shared(text, text)) == 20_000


def test_a_clause_of_many_reports_is_marked_in_passages(crawl: Crawl) -> None:
    phrase = "坚持以习近平新时代中国特色社会主义思想为指导，深入学习贯彻习近平法治思想，"
    for number in range(3):
        street(crawl, f"第{number}街道", 2023, phrase + made(random.Random(number), 400))
    own = made(random.Random(70), 300)
    one = street(crawl, "甲街道", 2023, phrase + own)
    two = street(crawl, "甲街道", 2022, phrase + "去年" + own)
    fill(crawl.engine)
    archive = Archive(crawl.engine)
    first, second = archive.compared(one, two)
    set_phrase, copied = archive.passages(first.text_sha256, second.text_sha256)
    assert set_phrase.boilerplate == 1.0
    assert copied.boilerplate == 0.0
    # It stands in all five texts, so in more than 90 % of them.
    assert archive.passages(first.text_sha256, second.text_sha256, boilerplate=0.9)[0].boilerplate == 1.0
    with reading(crawl.engine) as connection, pytest.raises(UsageError, match="1 to 100 percent"):
        boilerplate(connection, 0.001)
