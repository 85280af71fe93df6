"""The index of near-duplicates: filled step by step, killed anywhere, sealed in segments."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from archive import schema, similar_index
from archive.database import reading, writing
from archive.reader import Archive
from archive.shingles import band_hashes, sign
from archive.similar import similar_texts
from archive.similar_index import SIZES, Segment, fill, found_in, pack, segments, state
from tests.archive import streets as near
from tests.archive.builder import Crawl
from tests.archive.test_shingles import edited

template, streets = near.template, near.streets


def test_signatures_of_another_scheme_are_begun_anew(crawl: Crawl, streets: dict[str, int]) -> None:
    assert not fill(crawl.engine).rebuilt
    with writing(crawl.engine) as connection:
        connection.execute(schema.similar_state.update().values(scheme="older"))
    archive = Archive(crawl.engine)
    assert archive.similar(streets["甲23"]).uncovered == 4
    filled = fill(crawl.engine)
    assert (filled.rebuilt, filled.signed) == (True, 4)
    assert len(archive.similar(streets["甲23"]).found) == 2


def test_filling_goes_on_where_it_stood(crawl: Crawl, streets: dict[str, int]) -> None:
    first = fill(crawl.engine, limit=1)
    assert (first.signed, first.uncovered) == (1, 3)
    second = fill(crawl.engine)
    assert (second.signed, second.covered, second.uncovered) == (3, 4, 0)
    assert fill(crawl.engine).signed == 0
    assert fill(crawl.engine, rebuild=True).signed == 4


def test_a_filling_that_dies_at_any_write_is_gone_on_with(
    crawl: Crawl, streets: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar_index, "SIZES", (1, 2, 4))
    monkeypatch.setattr(similar_index, "BATCH", 2)
    write, left = similar_index._set, [0]

    def dying(connection: sa.Connection, **values: int) -> None:
        write(connection, **values)
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    stops = 0
    while True:
        stops += 1
        left[0] = stops
        with monkeypatch.context() as patch:
            patch.setattr(similar_index, "_set", dying)
            try:
                fill(crawl.engine, rebuild=True)
            except KeyboardInterrupt:
                pass
            else:
                break  # every write has failed once
        done = fill(crawl.engine)
        assert (done.covered, done.uncovered) == (4, 0)
        found = Archive(crawl.engine).similar(streets["甲23"]).found
        assert {row.report_id for row in found} == {streets["甲22"], streets["乙23"]}
    assert 5 <= stops < 20


def test_a_faster_filling_beside_this_one_changes_nothing(
    crawl: Crawl, streets: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    once = []

    def slowly(text: str) -> Any:
        if not once:
            once.append(True)
            fill(crawl.engine)
        return sign(text)

    monkeypatch.setattr(similar_index, "sign", slowly)
    filled = fill(crawl.engine)
    assert (filled.covered, filled.uncovered) == (4, 0)


@given(st.integers(0, 3 * SIZES[2]))
def test_segments_hold_every_number_once(sealed: int) -> None:
    end = 0
    for segment in segments(sealed):
        assert segment.first == end
        end += SIZES[segment.level]
    assert end == sealed // SIZES[0] * SIZES[0]


@given(st.integers(0, 2), st.integers(0, 2**20), st.integers(0, 47), st.integers(0, 2**24 - 1))
def test_keys_of_blocks_stay_in_their_segment(level: int, number: int, band: int, hashed: int) -> None:
    segment = Segment(level, number)
    start, end = segment.keys
    assert start <= segment.key(band, hashed) < end
    assert end < 2**63
    assert 0 <= segment.rest(hashed) < 2**16


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 65_535)), max_size=60), st.integers(0, 300))
def test_a_block_gives_back_what_was_put_in(entries: list[tuple[int, int]], wanted: int) -> None:
    packed = pack([rest for rest, _ in entries], [number for _, number in entries])
    assert list(found_in(packed, wanted)) == [number for rest, number in entries if rest == wanted]


def put(engine: Engine, count: int, chance: random.Random, known: dict[int, bytes]) -> None:
    """Texts with the given signatures, else with made ones; nobody reads their content."""
    made_ones = [
        known.get(number) or struct.pack("<144H", *(chance.getrandbits(16) for _ in range(144)))
        for number in range(count)
    ]
    names = [f"{number:064x}" for number in range(count)]
    with writing(engine) as connection:
        connection.execute(
            schema.text_.insert(), [{"sha256": name, "content": "", "characters": 0} for name in names]
        )
        connection.execute(
            schema.similar_text.insert(),
            [
                {"id": number, "text_sha256": name, "shingles": 1_000, "signature": signature}
                for number, (name, signature) in enumerate(zip(names, made_ones, strict=True))
            ],
        )
        connection.execute(schema.similar_state.update().values(numbered=count))


@pytest.mark.slow
@pytest.mark.parametrize("count", [SIZES[0] * 3 + 5, SIZES[1] + SIZES[0] + 5])
def test_candidates_come_from_segments_of_real_size(engine: Engine, count: int, template: str) -> None:
    chance = random.Random(8)
    asked, near = sign(template), sign(edited(chance, template, 0.03))
    assert asked is not None
    assert near is not None
    places = [0, 100, SIZES[0] + 1, SIZES[0] * 3 - 1, count - 1]
    fill(engine)
    put(engine, count, chance, dict.fromkeys(places, near.signature))
    similar_index.seal(engine)
    with reading(engine) as connection:
        assert state(connection).sealed == count // SIZES[0] * SIZES[0]
        found = similar_texts(connection, asked.signature)
    assert [int(candidate.text_sha256, 16) for candidate in found] == places
    similar_index.seal(engine)  # nothing is left to do


def test_sealing_replaces_small_segments_by_large_ones(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, template: str
) -> None:
    monkeypatch.setattr(similar_index, "SIZES", (4, 16, 64))
    chance = random.Random(8)
    asked = sign(template)
    assert asked is not None
    fill(engine)
    put(engine, 64 + 16 + 4 + 1, chance, dict.fromkeys((0, 63, 64, 79, 80, 83, 84), asked.signature))
    for numbered in (9, 16, 20, 50, 64, 70, 85):
        with writing(engine) as connection:
            connection.execute(schema.similar_state.update().values(numbered=numbered))
        similar_index.seal(engine, 4)
        with reading(engine) as connection:
            keys = set(connection.execute(sa.select(schema.similar_block.c.key)).scalars())
            there = segments(numbered)
        in_segments = {key for segment in there for key in range(*segment.keys)}
        assert keys <= in_segments
        assert all(
            segment.key(0, band_hashes(asked.signature)[0]) in keys
            for segment in there
            if segment.first in {0, 64, 80}
        )
    with reading(engine) as connection:
        found = {int(candidate.text_sha256, 16) for candidate in similar_texts(connection, asked.signature)}
    assert found == {0, 63, 64, 79, 80, 83, 84}
