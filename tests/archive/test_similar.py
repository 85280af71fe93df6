"""Near-duplicates: covered step by step, found on both databases, confirmed on the texts, never merged."""

from __future__ import annotations

import csv
import json
import random
import struct
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from archive import schema, similar_index
from archive.cli import main
from archive.database import reading, writing
from archive.errors import UsageError
from archive.reader import Archive
from archive.records import PublisherRef, Verdict
from archive.shingles import band_hashes, overlap, shingles, sign
from archive.similar import Among, boilerplate, similar_texts
from archive.similar_index import SIZES, Filled, Segment, fill, forget, found_in, pack, segments, state
from archive.similar_passages import shared
from archive.text import digest
from tests.archive.builder import Crawl, extraction
from tests.archive.test_shingles import edited, made

Cli = Callable[..., tuple[int, str, str]]

ONE_DATABASE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""The words of a command do not depend on the database; what it asks is tested on both."""


@pytest.fixture
def cli(url: str, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs ``archive`` on the test's archive: exit code, output, messages."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([*arguments, "--db", url])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return run


def street(crawl: Crawl, name: str, year: int, text: str) -> int:
    """Records a street's report and returns its number."""
    reading_ = extraction(
        text,
        title=f"{name}{year}年法治政府建设年度报告",
        report_year=year,
        publishers=(PublisherRef(name=name, level="street"),),
    )
    recorded = crawl.page(f"{name}-{year}.html", reading_)
    assert recorded.report_id is not None
    return recorded.report_id


@pytest.fixture
def template() -> str:
    return "。".join(made(random.Random(number), 60) for number in range(20))


@pytest.fixture
def streets(crawl: Crawl, template: str) -> dict[str, int]:
    """Two streets that fill in one template, one of them again a year later, and one that writes itself."""
    chance = random.Random(9)
    return {
        "甲23": street(crawl, "甲街道", 2023, f"甲街道{template}"),
        "甲22": street(crawl, "甲街道", 2022, edited(chance, f"甲街道{template}", 0.03)),
        "乙23": street(crawl, "乙街道", 2023, edited(chance, f"乙街道{template}", 0.05)),
        "丙23": street(crawl, "丙街道", 2023, made(random.Random(99), 1_200)),
    }


def covered(engine: Engine) -> Filled:
    return fill(engine)


def test_similar_reports_are_found_and_measured_on_their_texts(crawl: Crawl, streets: dict[str, int]) -> None:
    archive = Archive(crawl.engine)
    reports = archive.reports()
    assert covered(crawl.engine).signed == 4
    answer = archive.similar(streets["甲23"])
    assert archive.reports() == reports  # a relation, no merge
    assert {row.report_id for row in answer.found} == {streets["甲22"], streets["乙23"]}
    assert (answer.uncovered, answer.excluded) == (0, None)
    own = shingles(archive.text_of(answer.text_sha256))
    for row in answer.found:
        exact = overlap(own, shingles(archive.text_of(row.text_sha256)))
        assert (row.jaccard, row.contained, row.contains, row.shared) == (
            exact.jaccard,
            exact.contained,
            exact.contains,
            exact.shared,
        )
        assert row.same_publisher == (row.report_id == streets["甲22"])
        assert row.same_place
        assert row.newest
    assert [row.jaccard for row in answer.found] == sorted(
        (row.jaccard for row in answer.found), reverse=True
    )


def test_the_other_reports_can_be_chosen(crawl: Crawl, streets: dict[str, int]) -> None:
    covered(crawl.engine)
    archive = Archive(crawl.engine)
    expected: dict[tuple[Among, ...], list[str]] = {
        (Among.SAME_YEAR,): ["乙23"],
        (Among.OTHER_YEARS,): ["甲22"],
        (Among.SAME_PLACE,): ["甲22", "乙23"],
        (Among.SAME_PUBLISHER,): ["甲22"],
        (Among.SAME_PUBLISHER, Among.SAME_YEAR): [],
    }
    for among, names in expected.items():
        found = archive.similar(streets["甲23"], among=among).found
        assert {row.report_id for row in found} == {streets[name] for name in names}, among
    # The most similar one alone, whatever else is there.
    assert [row.report_id for row in archive.similar(streets["甲23"], limit=1).found] == [streets["甲22"]]


def test_what_is_not_covered_yet_is_said_and_not_found(crawl: Crawl, template: str) -> None:
    first = street(crawl, "甲街道", 2023, template)
    covered(crawl.engine)
    second = street(crawl, "乙街道", 2023, f"乙街道{template}")
    archive = Archive(crawl.engine)
    answer = archive.similar(first)
    assert (answer.uncovered, answer.found) == (1, ())
    # The asked text itself needs no signature of the archive's.
    assert [row.report_id for row in archive.similar(second).found] == [first]
    assert covered(crawl.engine).covered == 2
    assert [row.report_id for row in archive.similar(first).found] == [second]
    assert archive.texts_not_covered() == 0


def test_the_very_same_text_of_another_report_is_found(crawl: Crawl, template: str) -> None:
    one, other = street(crawl, "甲街道", 2023, template), street(crawl, "甲街道", 2022, template)
    covered(crawl.engine)
    archive = Archive(crawl.engine)
    [row] = archive.similar(one).found
    assert (row.report_id, row.jaccard, row.contained, row.contains) == (other, 1.0, 1.0, 1.0)
    [pair] = archive.similar_pairs()
    assert (pair.report_id, pair.other_report_id, pair.jaccard) == (one, other, 1.0)


def test_an_earlier_version_that_shares_more_is_shown_as_such(crawl: Crawl, template: str) -> None:
    one = street(crawl, "甲街道", 2023, template)
    chance = random.Random(4)
    other = street(crawl, "乙街道", 2023, edited(chance, template, 0.01))
    crawl.clock.pass_time(days=1)
    street(crawl, "乙街道", 2023, edited(chance, template, 0.08))
    covered(crawl.engine)
    [row] = Archive(crawl.engine).similar(one).found
    assert (row.report_id, row.version, row.newest) == (other, 1, False)


def test_a_short_text_is_left_out_with_its_reason(crawl: Crawl, cli: Cli) -> None:
    one = street(crawl, "甲街道", 2023, "报告见附件。")
    street(crawl, "乙街道", 2023, "报告见附件。")
    filled = covered(crawl.engine)
    assert (filled.signed, filled.excluded, filled.uncovered) == (0, 1, 0)
    answer = Archive(crawl.engine).similar(one)
    assert answer.found == ()
    assert (answer.excluded or "").startswith("too short to compare: 6 characters")
    code, out, err = cli("similar", str(one))
    assert (code, out) == (0, "")
    assert "not compared: too short" in err


def withdraw(crawl: Crawl, sha256: str) -> None:
    row = {"at": crawl.clock(), "by": "test", "reason": "names a child", "kind": "text", "digest": sha256}
    with writing(crawl.engine) as connection:
        connection.execute(schema.redaction.insert(), row)


def test_a_withdrawn_text_leaves_the_relation(crawl: Crawl, streets: dict[str, int]) -> None:
    covered(crawl.engine)
    archive = Archive(crawl.engine)
    gone = archive.report(streets["乙23"]).text_sha256
    withdraw(crawl, gone)
    assert [row.report_id for row in archive.similar(streets["甲23"]).found] == [streets["甲22"]]
    assert len(list(archive.similar_pairs())) == 1
    with pytest.raises(UsageError, match="withdrawn"):
        archive.similar(streets["乙23"])
    with pytest.raises(UsageError, match="withdrawn"):
        archive.passages(archive.report(streets["甲23"]).text_sha256, gone)
    assert covered(crawl.engine).withdrawn == 1
    with writing(crawl.engine) as connection:
        kept = connection.execute(sa.select(schema.similar_text.c.text_sha256)).scalars().all()
        assert gone not in kept
        assert (forget(connection, gone), forget(connection, kept[0]), forget(connection, kept[0])) == (
            0,
            1,
            0,
        )


def test_a_text_withdrawn_before_it_was_covered_is_never_signed(crawl: Crawl, template: str) -> None:
    street(crawl, "甲街道", 2023, template)
    withdraw(crawl, digest(template))
    assert Archive(crawl.engine).texts_not_covered() == 0
    filled = covered(crawl.engine)
    assert (filled.signed, filled.covered) == (0, 0)


def test_readings_that_are_no_reports_are_not_covered(crawl: Crawl, template: str) -> None:
    crawl.page("no.html", extraction(template, verdict=Verdict.NO, verdict_reason="a notice"))
    assert Archive(crawl.engine).texts_not_covered() == 0
    assert covered(crawl.engine).signed == 0


def test_signatures_of_another_scheme_are_begun_anew(crawl: Crawl, streets: dict[str, int]) -> None:
    assert not covered(crawl.engine).rebuilt
    with writing(crawl.engine) as connection:
        connection.execute(schema.similar_state.update().values(scheme="older"))
    archive = Archive(crawl.engine)
    assert archive.similar(streets["甲23"]).uncovered == 4
    filled = covered(crawl.engine)
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


def test_pairs_are_those_of_a_comparison_of_all(crawl: Crawl, template: str) -> None:
    chance = random.Random(17)
    texts: dict[int, str] = {}
    for number in range(12):
        base = made(random.Random(number // 4), 400) if number < 8 else f"{template}{number}"
        name = f"第{number}街道"
        text = edited(chance, base, 0.02 * (number % 4))
        texts[street(crawl, name, 2020 + number % 3, text)] = text
    covered(crawl.engine)
    expected = {}
    ids = sorted(texts)
    for at, one in enumerate(ids):
        for other in ids[at + 1 :]:
            exact = overlap(shingles(texts[one]), shingles(texts[other]))
            if exact.jaccard >= 0.5:
                expected[one, other] = exact
    archive = Archive(crawl.engine)
    found = {(row.report_id, row.other_report_id): row for row in archive.similar_pairs()}
    assert len(found) == len(list(archive.similar_pairs()))
    assert found.keys() == expected.keys()
    assert len(found) >= 9
    for pair, row in found.items():
        assert (row.jaccard, row.contained, row.contains) == (
            expected[pair].jaccard,
            expected[pair].contained,
            expected[pair].contains,
        )
    of_2021 = {(row.report_id, row.other_report_id) for row in archive.similar_pairs(year=2021)}
    years = {report.report_id: report.year for report in archive.reports()}
    assert of_2021 == {pair for pair in expected if years[pair[0]] == years[pair[1]] == 2021}
    assert list(archive.similar_pairs(place="没有这个地方")) == []


# -- passages -------------------------------------------------------------------------------------


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
@settings(deadline=None, max_examples=60)
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
    covered(crawl.engine)
    archive = Archive(crawl.engine)
    first, second = archive.compared(one, two)
    set_phrase, copied = archive.passages(first.text_sha256, second.text_sha256)
    assert set_phrase.boilerplate == 1.0
    assert copied.boilerplate == 0.0
    # It stands in all five texts, so in more than 90 % of them.
    assert archive.passages(first.text_sha256, second.text_sha256, boilerplate=0.9)[0].boilerplate == 1.0
    with reading(crawl.engine) as connection, pytest.raises(UsageError, match="1 to 100 percent"):
        boilerplate(connection, 0.001)


# -- the commands ---------------------------------------------------------------------------------


@ONE_DATABASE
def test_the_commands_tell_people_and_programs_the_same(
    crawl: Crawl, streets: dict[str, int], cli: Cli
) -> None:
    code, out, err = cli("similar", "甲街道 2023")
    assert (code, out) == (0, "")
    assert "4 texts have no signature yet" in err
    assert cli("similar-index")[1] == "4 texts signed; 4 covered\n"
    assert json.loads(cli("similar-index", "--json")[1])["signed"] == 0
    code, out, err = cli("similar", "甲街道 2023")
    assert (code, err) == (0, "")
    assert "乙街道2023年法治政府建设年度报告" in out
    assert "same publisher" in out
    assert "passages" in out
    answer = json.loads(cli("similar", "甲街道 2023", "--json")[1])
    assert [row["report_id"] for row in answer["found"]] == [streets["甲22"], streets["乙23"]]
    assert all(row["passages"] for row in answer["found"])
    assert (
        json.loads(cli("similar", "甲街道 2023", "--same-year", "--json", "--limit", "1")[1])["found"][0][
            "report_id"
        ]
        == streets["乙23"]
    )
    passages = json.loads(cli("similar", "甲街道 2023", "--with", "乙街道 2023", "--json")[1])["passages"]
    assert passages == answer["found"][1]["passages"]
    assert "passages" in cli("similar", "甲街道 2023", "--with", "乙街道 2023")[1]
    assert "no other report" in cli("similar", "丙街道")[2]
    rows = list(csv.DictReader(StringIO(cli("similar", "--all", "--csv", "--min", "0.3")[1])))
    listed = json.loads(cli("similar", "--all", "--json", "--min", "0.3")[1])
    assert {(row["report_id"], row["other_report_id"]) for row in listed} == {
        (int(row["report_id"]), int(row["other_report_id"])) for row in rows
    }
    assert len(rows) == 3
    assert json.loads(cli("similar", "--all", "--json", "--year", "2019")[1]) == []


WRONG = [
    ((), "name one report, or ask for --all"),
    (("甲", "--all"), "name one report, or ask for --all"),
    (("--all",), "--csv or --json"),
    (("--all", "--csv", "--json"), "--csv or --json"),
    (("--all", "--csv", "--same-year"), "--all takes"),
    (("甲", "--year", "2023"), "go with --all"),
    (("甲街道 2023", "--same-year", "--other-years"), "ask for one of the two"),
    (("没有",), "no report matches"),
    (("甲街道 2023", "--min", "7"), "--min"),
    (("甲街道 2023", "--boilerplate", "0"), "--boilerplate"),
]


@ONE_DATABASE
def test_wrong_questions_get_one_line(crawl: Crawl, cli: Cli) -> None:
    street(crawl, "甲街道", 2023, made(random.Random(1), 200))
    for arguments, said in WRONG:
        code, out, err = cli("similar", *arguments)
        assert (code, out) == (2, ""), arguments
        assert said in err
        assert err.count("\n") == 1


@ONE_DATABASE
def test_titles_from_outside_run_nothing(crawl: Crawl, template: str, cli: Cli) -> None:
    for number, title in enumerate(["=HYPERLINK(1)\x1b[2J", "\x1b]0;x\x07法治政府建设年度报告"]):
        reading_ = extraction(
            f"{number}{template}",
            title=title,
            report_year=2020 + number,
            publishers=(PublisherRef(name=f"第{number}街道", level="street"),),
        )
        crawl.page(f"{number}.html", reading_)
    covered(crawl.engine)
    ref = str(Archive(crawl.engine).reports()[0].report_id)
    for arguments in (("similar", ref), ("similar", ref, "--json"), ("similar", "--all", "--csv")):
        code, out, _ = cli(*arguments)
        assert code == 0
        assert "\x1b" not in out
        assert "\x07" not in out
    assert "'=HYPERLINK" in cli("similar", "--all", "--csv")[1]
