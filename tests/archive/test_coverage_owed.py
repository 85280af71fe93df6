"""Who owes a report for which year, who is asked about, and that both databases say the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from archive import schema
from archive.coverage_cells import CellState
from archive.database import open_archive, writing
from archive.errors import UsageError
from archive.reader import Archive
from archive.records import (
    Doubt,
    DoubtKind,
    Outcome,
    PortalRecord,
    PublisherRef,
    RunState,
    Verdict,
)
from archive.states import DocumentState
from tests.archive import covering
from tests.archive.builder import Crawl, body_text, extraction
from tests.archive.covering import TODAY, cell, cover, declared, finish, prepared, report, rows
from tests.archive.rosters import BODIES, LIULIN, QINGHE, a_roster

crawl = covering.crawl


def test_no_cell_outside_of_a_body_s_existence(crawl: Crawl) -> None:
    others = [body for body in BODIES if body not in {QINGHE, LIULIN}]
    ended = LIULIN._replace(valid_to=date(2022, 3, 31))
    short = QINGHE._replace(valid_from=date(2021, 12, 31), valid_to=date(2024, 3, 30))
    crawl.store.sync_roster(a_roster([*others, ended, short]), "d2")
    found = rows(cover(crawl, 2020, 2021, 2022, 2023))
    assert [bool(given) for given in found["999001002"].cells] == [True, True, False, False]
    assert [bool(given) for given in found["999001001"].cells] == [False, True, True, False]
    assert cover(crawl, 2020, 2021, 2022, 2023).counts.due == 4 * 3 + 2 + 2


def test_a_street_renamed_has_a_line_for_each_name(crawl: Crawl) -> None:
    others = [body for body in BODIES if body is not QINGHE]
    old = QINGHE._replace(valid_to=date(2024, 6, 30))
    new = QINGHE._replace(ordinal=1, name="新清河街道", valid_from=date(2024, 7, 1))
    crawl.store.sync_roster(a_roster([*others, old, new]), "d2")
    crawl.page("a.html", report(year=2023))
    crawl.page("b.html", report("新清河街道", year=2024))
    found = [
        row for place in cover(crawl, 2023, 2024).places for row in place.rows if row.body == "999001001"
    ]
    assert [(row.name, [given and given.state for given in row.cells]) for row in found] == [
        ("清河街道", [CellState.ON_TIME, None]),
        ("新清河街道", [None, CellState.ON_TIME]),
    ]


def test_who_left_the_seeds_owes_nothing_after_that(crawl: Crawl) -> None:
    crawl.store.sync_roster(a_roster([body for body in BODIES if body is not QINGHE]), "d2")
    found = rows(cover(crawl, 2024, 2025, 2026, today=date(2028, 1, 1)))["999001001"]
    assert [bool(given) for given in found.cells] == [True, True, False]


def test_strangers_are_listed_apart(crawl: Crawl) -> None:
    crawl.page("a.html", report("无名街道", "999001777"))
    crawl.page("b.html", report("教育局", None))
    ended = LIULIN._replace(valid_to=date(2022, 3, 31))
    crawl.store.sync_roster(a_roster([*(body for body in BODIES if body is not LIULIN), ended]), "d2")
    crawl.page("c.html", report("柳林街道", "999001002"))
    found = {stranger.name: stranger for stranger in cover(crawl).strangers}
    assert set(found) == {"无名街道", "教育局", "柳林街道"}
    assert (found["无名街道"].code, found["无名街道"].why) == ("999001777", "not in the roster")
    assert found["柳林街道"].why == "outside of its years in the roster"
    assert not cover(crawl, level="street").strangers, "another level is no stranger"


def test_scopes(crawl: Crawl) -> None:
    names = {
        "province": {"province": "天津"},
        "code": {"place": "9990"},
        "county": {"place": "清河区"},
        "prefix": {"place": "清河"},
        "street": {"place": "999001001"},
        "level": {"province": "天津市", "level": "town"},
        "all": {"site": None},
    }
    found = {
        name: {
            row.name
            for place in Archive(crawl.engine).coverage([2025], today=TODAY, **scope).places
            for row in place.rows
        }
        for name, scope in names.items()
    }
    district = {"清河区", "清河街道", "柳林街道", "白塔镇", "司法局"}
    assert found["province"] == found["code"] == district | {"天津市"}
    assert found["county"] == district
    assert found["prefix"] == district
    assert found["street"] == {"清河街道"}
    assert found["level"] == {"白塔镇"}
    assert found["all"] == district | {"天津市", "远山镇"}, "the sample portal is asked for by name"


def test_years_must_be_named(crawl: Crawl) -> None:
    with pytest.raises(UsageError, match="years"):
        Archive(crawl.engine).coverage([])


def test_nobody_fits(crawl: Crawl) -> None:
    with pytest.raises(UsageError, match="nobody in the roster fits --place 无此地"):
        cover(crawl, place="无此地")


def test_an_archive_without_a_roster_says_the_next_step(sqlite_url: str) -> None:
    with Archive.open(sqlite_url) as archive, pytest.raises(UsageError, match="crawler roster sync"):
        archive.coverage([2025])


def test_counts_and_shares(crawl: Crawl) -> None:
    crawl.page("a.html", report())
    crawl.page("b.html", report("柳林街道", "999001002", published=date(2026, 4, 2)))
    found = cover(crawl)
    assert found.counts.by_state == {
        CellState.ON_TIME: 1,
        CellState.LATE: 1,
        CellState.NEVER_TRIED: 3,
    }
    assert (found.counts.due, found.counts.on_time, found.counts.share_on_time) == (5, 1, 0.2)
    assert not found.counts.fine


def test_the_number_of_questions_does_not_grow_with_the_bodies(crawl: Crawl) -> None:
    def questions() -> int:
        asked = []
        listener = lambda *given: asked.append(given[2])  # noqa: E731
        sa.event.listen(crawl.engine, "before_cursor_execute", listener)
        cover(crawl, 2020, 2021, 2022, 2023, 2024, 2025)
        sa.event.remove(crawl.engine, "before_cursor_execute", listener)
        return len(asked)

    crawl.page("a.html", report())
    few = questions()
    for number in range(4):
        crawl.page(f"{number}.html", report("清河街道", year=2021 + number))
    more = [LIULIN._replace(body=f"9990013{number:02d}", name=f"街道{number}") for number in range(20)]
    crawl.store.sync_roster(a_roster([*BODIES, *more]), "d3")
    assert questions() == few <= 12


def test_a_portal_of_the_archive_is_no_body(crawl: Crawl) -> None:
    crawl.store.sync_portal(
        PortalRecord(
            key="zz", name="z", level="county", division_code="999009", home_url="http://z/", platform=None
        )
    )
    assert "999009" not in rows(cover(crawl, province="天津"))


def test_a_failed_fetch_is_no_absence(crawl: Crawl) -> None:
    crawl.page("a.html", report())
    crawl.again()
    crawl.record("a.html", outcome=Outcome.TIMEOUT)
    assert cell(crawl).state is CellState.ON_TIME


def test_both_databases_give_the_same_answer(sqlite_url: str, postgresql_url: str) -> None:
    answers = []
    for url in (sqlite_url, postgresql_url):
        engine = open_archive(url)
        crawl = prepared(engine)
        everything(crawl)
        asked: list[dict[str, Any]] = [
            {"site": "qinghe"},
            {"province": "天津"},
            {"place": "9990"},
            {"place": "清河"},
            {"place": "999001001"},
            {"province": "天津市", "level": "street"},
            {},
        ]
        archive = Archive(engine)
        answers.append([archive.coverage(range(2021, 2026), today=TODAY, **scope) for scope in asked])
        engine.dispose()
    one, other = answers
    for scope, left, right in zip(asked, one, other, strict=True):
        assert left == right, scope
    assert set(one[-1].counts.by_state) == set(CellState) - {CellState.NOT_DUE}
    assert {stranger.name for stranger in one[0].strangers} == {"教育局", "无名街道"}
    assert len(one[0].unassigned) == 1


def everything(crawl: Crawl) -> None:
    """An archive with a cell in every state that a crawled portal can have."""
    store, street, town = crawl.store, "999001002", "999001101"
    declared(crawl)
    finish(crawl)
    crawl.clock.now = datetime(2026, 5, 2, tzinfo=UTC)
    crawl.begin()
    both = (PublisherRef(name="清河街道", code="999001001"), PublisherRef(name="柳林街道", code=street))
    crawl.page("joint.html", report(publishers=both))
    crawl.page("late.html", report("白塔镇", town, published=date(2026, 4, 2)))
    crawl.page("undated.html", report("白塔镇", town, year=2024, published=None))
    crawl.page("gone.html", report("白塔镇", town, year=2023))
    crawl.page("withdrawn.html", report("柳林街道", street, year=2023))
    crawl.page("stranger.html", report("无名街道", "999001777"))
    crawl.page("bureau.html", report("教育局", None))
    crawl.page("own.html", extraction(body_text("司法局"), publishers=(PublisherRef(name="司法局"),)))
    crawl.page("whose.html", report("某某", publishers=(), year=2022))
    short = (Doubt(kind=DoubtKind.SHORT, detail="12 characters"),)
    crawl.page("held.html", report("柳林街道", street, year=2024, doubts=short))
    crawl.page("year.html", report("清河街道", year=None, published=date(2025, 2, 3)))
    crawl.page("unsure.html", report("清河区", "999001", verdict=Verdict.UNSURE, verdict_reason="no subject"))
    for name in ("gone.html", "withdrawn.html"):
        crawl.again(days=2)
        crawl.gone(name)
        crawl.again(days=2)
        crawl.gone(name)
        if name == "gone.html":
            crawl.enqueue(crawl.link("gone.html"))
    with writing(crawl.engine) as connection:
        connection.execute(
            sa.update(schema.document)
            .where(schema.document.c.url.like("%withdrawn.html"))
            .values(state=DocumentState.WITHDRAWN)
        )
        vague = schema.report.c.id.not_in(sa.select(schema.report_publisher.c.report_id))
        connection.execute(sa.update(schema.report).where(vague).values(vague=True))
    other = Crawl(crawl.engine, "tianjin")
    other.clock.now = crawl.clock()
    other.begin()
    store.finish_run(other.run_id, RunState.BLOCKED, {"outcomes": {"challenge": 1}}, "blocked")
    finish(crawl, RunState.PARTIAL)
