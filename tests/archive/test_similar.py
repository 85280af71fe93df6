"""Near-duplicates: found on both databases, confirmed on the texts, never merged."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from archive import schema
from archive.database import writing
from archive.errors import UsageError
from archive.reader import Archive
from archive.records import Verdict
from archive.shingles import overlap, shingles
from archive.similar import Among
from archive.similar_index import fill, forget
from archive.text import digest
from tests.archive import streets as near
from tests.archive.builder import Crawl, extraction
from tests.archive.conftest import Cli
from tests.archive.streets import street
from tests.archive.test_shingles import edited, made

ask, template, streets = near.ask, near.template, near.streets


def test_similar_reports_are_found_and_measured_on_their_texts(crawl: Crawl, streets: dict[str, int]) -> None:
    archive = Archive(crawl.engine)
    reports = archive.reports()
    assert fill(crawl.engine).signed == 4
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
    fill(crawl.engine)
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
    fill(crawl.engine)
    second = street(crawl, "乙街道", 2023, f"乙街道{template}")
    archive = Archive(crawl.engine)
    answer = archive.similar(first)
    assert (answer.uncovered, answer.found) == (1, ())
    # The asked text itself needs no signature of the archive's.
    assert [row.report_id for row in archive.similar(second).found] == [first]
    assert fill(crawl.engine).covered == 2
    assert [row.report_id for row in archive.similar(first).found] == [second]
    assert archive.texts_not_covered() == 0


def test_the_very_same_text_of_another_report_is_found(crawl: Crawl, template: str) -> None:
    one, other = street(crawl, "甲街道", 2023, template), street(crawl, "甲街道", 2022, template)
    fill(crawl.engine)
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
    fill(crawl.engine)
    [row] = Archive(crawl.engine).similar(one).found
    assert (row.report_id, row.version, row.newest) == (other, 1, False)


def test_a_short_text_is_left_out_with_its_reason(crawl: Crawl, ask: Cli) -> None:
    one = street(crawl, "甲街道", 2023, "报告见附件。")
    street(crawl, "乙街道", 2023, "报告见附件。")
    filled = fill(crawl.engine)
    assert (filled.signed, filled.excluded, filled.uncovered) == (0, 1, 0)
    answer = Archive(crawl.engine).similar(one)
    assert answer.found == ()
    assert (answer.excluded or "").startswith("too short to compare: 6 characters")
    code, out, err = ask("similar", str(one))
    assert (code, out) == (0, "")
    assert "not compared: too short" in err


def withdraw(crawl: Crawl, sha256: str) -> None:
    row = {"at": crawl.clock(), "by": "test", "reason": "names a child", "kind": "text", "digest": sha256}
    with writing(crawl.engine) as connection:
        connection.execute(schema.redaction.insert(), row)


def test_a_withdrawn_text_leaves_the_relation(crawl: Crawl, streets: dict[str, int]) -> None:
    fill(crawl.engine)
    archive = Archive(crawl.engine)
    gone = archive.report(streets["乙23"]).text_sha256
    withdraw(crawl, gone)
    assert [row.report_id for row in archive.similar(streets["甲23"]).found] == [streets["甲22"]]
    assert len(list(archive.similar_pairs())) == 1
    with pytest.raises(UsageError, match="withdrawn"):
        archive.similar(streets["乙23"])
    with pytest.raises(UsageError, match="withdrawn"):
        archive.passages(archive.report(streets["甲23"]).text_sha256, gone)
    assert fill(crawl.engine).withdrawn == 1
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
    filled = fill(crawl.engine)
    assert (filled.signed, filled.covered) == (0, 0)


def test_readings_that_are_no_reports_are_not_covered(crawl: Crawl, template: str) -> None:
    crawl.page("no.html", extraction(template, verdict=Verdict.NO, verdict_reason="a notice"))
    assert Archive(crawl.engine).texts_not_covered() == 0
    assert fill(crawl.engine).signed == 0


def test_pairs_are_those_of_a_comparison_of_all(crawl: Crawl, template: str) -> None:
    chance = random.Random(17)
    texts: dict[int, str] = {}
    for number in range(12):
        base = made(random.Random(number // 4), 400) if number < 8 else f"{template}{number}"
        name = f"第{number}街道"
        text = edited(chance, base, 0.02 * (number % 4))
        texts[street(crawl, name, 2020 + number % 3, text)] = text
    fill(crawl.engine)
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
