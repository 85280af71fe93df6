"""Facts about portals, each with one set query, alike on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from archive import schema, views
from archive.database import reading, writing
from archive.freshness import Roll, facts
from archive.records import FrontierKind, How, Link, ListingRecord, PublisherRef, RunState
from archive.visits import Claim, VisitState, VisitStore
from tests.archive.builder import START, Crawl, extraction


def read(engine: Engine, **given):
    return facts(engine, **{"report_year": 2025, "now": START, **given})


def run(crawl: Crawl, state: RunState, *, trigger: str = "manual", counters: dict | None = None) -> int:
    crawl.clock.pass_time(hours=1)
    number = crawl.store.begin_run(
        crawl.portal_id, trigger=trigger, code_version="0", options={}, owner="test"
    )
    crawl.store.finish_run(number, state, counters or {}, f"it was {state.value}")
    return number


def test_the_published_view_says_the_same(crawl: Crawl, engine: Engine) -> None:
    def row() -> dict:
        with reading(engine) as connection:
            return dict(connection.execute(sa.select(views.freshness)).mappings().one())

    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "fine")
    steps = [("partial", "schedule"), ("failed", "probe"), ("blocked", "schedule"), ("complete", "manual")]
    for state, trigger in (("complete", "reextract"), *steps):
        number = run(crawl, RunState(state), trigger=trigger)
        found, (known,) = row(), read(engine).crawls.values()
        assert (found["portal_key"], found["last_run"]) == ("qinghe", known.run_id)
        assert (found["last_state"], found["last_summary"]) == (known.state, known.summary)
        assert (found["last_started"], found["last_finished"]) == (known.started, known.finished)
        assert (found["last_complete"], found["failures"]) == (known.well, known.failures)
        assert found["failing_since"] == known.failing_since
        if trigger in {"schedule", "manual"}:
            assert (found["last_run"], found["last_trigger"]) == (number, trigger)
    assert found["failures"] == 0


def test_a_portal_that_was_never_crawled_has_a_row_of_nulls(crawl: Crawl, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(schema.run.update(), {"trigger": "probe"})
    with reading(engine) as connection:
        found = connection.execute(sa.select(views.freshness)).mappings().one()
    assert (found["portal_key"], found["last_run"], found["last_complete"]) == ("qinghe", None, None)
    assert (found["failures"], found["failing_since"]) == (0, None)


def test_an_empty_archive_knows_nothing(engine: Engine) -> None:
    known = read(engine)
    assert not (known.crawls or known.visits or known.busy or known.reports or known.rolls)


def test_the_last_crawl_and_the_failures_since_the_last_good_one(crawl: Crawl, engine: Engine) -> None:
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "fine")
    (only,) = read(engine).crawls.values()
    assert (only.state, only.failures, only.failing_since, only.well) == (RunState.COMPLETE, 0, None, START)
    run(crawl, RunState.PARTIAL)
    run(crawl, RunState.NOTHING)
    good = crawl.clock()
    run(crawl, RunState.PARTIAL)
    bad = crawl.clock()
    run(crawl, RunState.FAILED)
    last = run(crawl, RunState.BLOCKED, counters={"outcomes": {"challenge": 2}})
    for trigger in ("reextract", "replay", "import", "probe"):  # they asked the portal nothing
        run(crawl, RunState.COMPLETE, trigger=trigger)
    (found,) = read(engine).crawls.values()
    assert (found.run_id, found.state, found.summary) == (last, RunState.BLOCKED, "it was blocked")
    assert (found.failures, found.partial, found.failing_since, found.well) == (3, 1, bad, good)
    assert found.outcomes == {"challenge": 2}


def test_a_portal_that_never_was_read_whole_counts_from_its_first_crawl(crawl: Crawl, engine: Engine) -> None:
    crawl.store.finish_run(crawl.run_id, RunState.PARTIAL, {}, "")
    run(crawl, RunState.PARTIAL)
    (found,) = read(engine).crawls.values()
    assert (found.failures, found.partial, found.failing_since, found.well) == (2, 2, START, None)


def test_visits_in_a_row_without_a_run_or_without_an_end_are_counted(crawl: Crawl, engine: Engine) -> None:
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
    store = VisitStore(engine, owner="me", clock=crawl.clock)

    def visit(state: VisitState | None, *, with_run: bool = False) -> None:
        known = read(engine)
        last = known.visits.get("qinghe")
        number = store.claim(
            Claim(
                portal_key="qinghe",
                host_group="g",
                due=START,
                reason="season",
                why="",
                seen_visit_id=0 if last is None else last.visit_id,
                seen_run_id=known.crawls["qinghe"].run_id,
            )
        )
        if with_run:
            run(crawl, RunState.COMPLETE)
        crawl.clock.pass_time(hours=1)
        store.finish(number, exit_code=1, state=state)

    for states, runless, returned in (
        ([VisitState.FAILED], 1, 0),
        ([VisitState.FAILED, VisitState.OVERTIME], 3, 0),
        ([VisitState.LOST], 0, 1),
        ([VisitState.HANDED_BACK], 0, 2),
        ([VisitState.FAILED], 1, 0),
    ):
        for state in states:
            visit(state)
        found = read(engine).visits["qinghe"]
        assert (found.runless, found.returned) == (runless, returned), states
    assert found.runless_since == found.launched
    visit(None, with_run=True)
    found = read(engine).visits["qinghe"]
    assert (found.state, found.runless, found.returned) == (VisitState.COMPLETE, 0, 0)


def test_busy_while_a_lease_lives(crawl: Crawl, engine: Engine) -> None:
    assert read(engine).busy == {"qinghe": "test"}
    assert read(engine, now=START + timedelta(minutes=3)).busy == {}


def test_reports_rolls_and_codes_of_a_season(crawl: Crawl, engine: Engine) -> None:
    crawl.page("a.html")
    crawl.page(
        "b.html",
        extraction(
            "另一份报告。" * 60, publishers=(PublisherRef(name="白河街道", code="999001002", level="street"),)
        ),
    )
    crawl.page("c.html", extraction("去年的报告。" * 60, report_year=2024))
    with writing(engine) as connection:
        connection.execute(
            schema.roster_place.insert(),
            {
                "place": "999001",
                "name": "清河区",
                "province": "天津市",
                "city": "",
                "county": "清河区",
                "portal_key": "qinghe",
            },
        )
        body = {"ordinal": 0, "level": "street", "kind": "街道", "place": "999001"}
        bodies = [
            {"body": "999001001", "name": "清河街道"},
            {"body": "999001002", "name": "白河街道"},
            {"body": "999001003", "name": "黑河街道"},
            {"body": "999001004", "name": "撤销的街道", "valid_to": date(2024, 6, 30)},
            {"body": "999001005", "name": "后来的街道", "valid_from": date(2026, 1, 1)},
            {"body": "999001006", "name": "除名的街道", "dropped": START},
            {"body": "qinghe/司法局", "name": "司法局"},
        ]
        for one in bodies:
            connection.execute(schema.roster.insert(), {**body, **one})
    known = read(engine)
    assert known.reports == {"qinghe": 2}
    assert known.rolls == {"qinghe": Roll(expected=3, reported=2)}
    assert not known.rolls["qinghe"].complete
    assert known.reported_codes == {"999001": 2}
    assert read(engine, report_year=2024).rolls == {"qinghe": Roll(expected=3, reported=1)}


def test_quarantine_and_lost_columns(crawl: Crawl, engine: Engine) -> None:
    listed = crawl.link("a.html")
    crawl.column("list/", [listed])
    crawl.column("other/", [])
    assert read(engine).lost_columns == {}
    crawl.store.lose_column(crawl.run_id, crawl.link("other/").url, "not found")
    assert read(engine).lost_columns == {}  # it never listed a report
    crawl.store.lose_column(crawl.run_id, crawl.link("list/").url, "not found")
    assert read(engine).lost_columns == {"qinghe": 1}
    crawl.store.lose_column(crawl.run_id, crawl.link("list/").url, "gone", moved_to=crawl.link("new/").url)
    assert read(engine).lost_columns == {}


def test_a_column_that_has_become_shorter_is_not_lost(crawl: Crawl, engine: Engine) -> None:
    later = crawl.link("list/index_1.html", FrontierKind.COLUMN, how=How.LISTED)
    crawl.column("list/", [crawl.link("a.html"), later])
    crawl.record("list/index_1.html", links=(crawl.link("b.html"),), listing=ListingRecord(entries=1))
    crawl.gone("list/index_1.html")
    assert read(engine).lost_columns == {}


def test_a_column_that_stays_empty_is_told_from_an_outage(crawl: Crawl, engine: Engine) -> None:
    above = crawl.link("above/", FrontierKind.HUB)

    def visit(*links: Link) -> dict[str, int]:
        crawl.again()
        crawl.column("list/", [*links, above], listing=ListingRecord(entries=len(links)))
        crawl.column("news/", [])  # it never listed a report
        return dict(read(engine).emptied_columns)

    report = crawl.link("a.html")
    assert visit(report) == {}
    assert visit() == {}  # an outage as often as a cleared column
    assert visit() == {"qinghe": 1}
    crawl.again()
    crawl.not_modified("list/")
    assert read(engine).emptied_columns == {"qinghe": 1}
    assert visit(report) == {}


def test_the_number_of_queries_does_not_grow_with_the_portals(engine: Engine) -> None:
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    read(engine)
    few = len(seen)
    for n in range(4):
        Crawl(engine, key=f"p{n}")
    seen.clear()
    assert len(read(engine).busy) == 4
    assert len([statement for statement in seen if statement.lstrip().startswith(("SELECT", "WITH"))]) <= few
