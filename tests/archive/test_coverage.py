"""Every cell of the matrix has the state that its evidence gives it; the kinds of zero are never confused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from archive import schema
from archive.coverage_cells import CellState, Timeliness
from archive.database import writing
from archive.records import (
    Doubt,
    DoubtKind,
    PublisherRef,
    RunState,
    Verdict,
)
from tests.archive import covering
from tests.archive.builder import Crawl, body_text, extraction
from tests.archive.covering import cell, cover, declared, finish, report, rows
from tests.archive.rosters import BODIES, QINGHE, a_roster

crawl = covering.crawl


# -- what stands there ------------------------------------------------------------------------------


def test_the_deadline_is_the_last_of_march(crawl: Crawl) -> None:
    streets = [QINGHE._replace(body=f"99900110{number}", name=f"第{number}街道") for number in range(7)]
    crawl.store.sync_roster(a_roster([*BODIES, *streets]), "d2")
    expected = {
        date(2025, 12, 20): CellState.ON_TIME,
        date(2026, 3, 31): CellState.ON_TIME,
        date(2026, 4, 1): CellState.LATE,
        date(2026, 5, 28): CellState.LATE,
        date(2025, 11, 30): CellState.UNDATED,  # misread: before the first December
        date(2027, 1, 1): CellState.UNDATED,  # misread: after today
        None: CellState.UNDATED,
    }
    made = [
        crawl.page(f"{street.body}.html", report(street.name, street.body, published=published))
        for street, published in zip(streets, expected, strict=True)
    ]
    found = rows(cover(crawl))
    for street, (published, state), done in zip(streets, expected.items(), made, strict=True):
        (given,) = found[street.body].cells
        assert given is not None
        assert given.state is state, published
        (evidence,) = given.reports
        assert (evidence.report_id, evidence.published) == (done.report_id, published)
        assert evidence.url == f"http://www.example.gov.cn/{street.body}.html"


def test_what_was_seen_in_time_was_published_in_time(crawl: Crawl) -> None:
    crawl.clock.now = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)  # 23:59 in China
    crawl.page("a.html", report(published=None))
    found = cell(crawl)
    assert (found.state, found.timeliness) == (CellState.ON_TIME, Timeliness.ON_TIME)
    assert "seen on 2026-03-31" in found.reason
    crawl.clock.now = datetime(2026, 3, 31, 16, 1, tzinfo=UTC)  # 1 April in China
    crawl.page("b.html", report("柳林街道", "999001002", published=None))
    assert cell(crawl, "999001002").state is CellState.UNDATED


def test_a_report_is_found_on_any_portal_by_its_code(crawl: Crawl) -> None:
    other = Crawl(crawl.engine, "other")
    other.page("a.html", report())
    assert cell(crawl).state is CellState.ON_TIME


def test_without_a_code_a_name_counts_on_its_own_portal_only(crawl: Crawl) -> None:
    bureau = {"name": "司法局", "code": None}
    other = Crawl(crawl.engine, "other")
    other.page("a.html", report(**bureau))
    assert cell(crawl, "qinghe/司法局").state is CellState.NEVER_TRIED
    crawl.page("a.html", extraction(body_text("清河司法局"), publishers=(PublisherRef(name="司法局"),)))
    assert cell(crawl, "qinghe/司法局").state is CellState.ON_TIME


def test_a_joint_report_covers_both_streets(crawl: Crawl) -> None:
    both = (PublisherRef(name="清河街道", code="999001001"), PublisherRef(name="柳林街道", code="999001002"))
    crawl.page("a.html", report(publishers=both))
    leads, follows = cell(crawl), cell(crawl, "999001002")
    assert (leads.state, follows.state) == (CellState.ON_TIME, CellState.JOINT)
    assert follows.timeliness is Timeliness.ON_TIME
    assert follows.reports[0].joint_with == ("清河街道",)
    assert "清河街道" in follows.reason
    assert leads.reports[0].joint_with == ("柳林街道",)
    counts = cover(crawl).counts
    assert counts.on_time == 2
    crawl.page("b.html", report("柳林街道", "999001002"))
    assert cell(crawl, "999001002").state is CellState.ON_TIME, "its own report goes before the joint one"


def test_of_several_reports_the_public_one_decides(crawl: Crawl) -> None:
    crawl.page("npc.html", report(report_kind="congress", published=date(2026, 2, 1)))
    alone = cell(crawl)
    assert (alone.state, "congress" in alone.reason) == (CellState.ON_TIME, True)
    crawl.page("a.html", extraction(body_text(more="公开"), published=date(2026, 4, 20)))
    both = cell(crawl)
    assert both.state is CellState.LATE
    assert [evidence.kind for evidence in both.reports] == ["annual", "congress"]


def test_a_report_known_only_by_its_file(crawl: Crawl) -> None:
    crawl.enqueue(crawl.link("a.pdf", kind="attachment"))
    crawl.record("a.pdf", extraction=report())
    found = cell(crawl)
    assert (found.state, found.reports[0].role) == (CellState.ON_TIME, "attachment")


# -- what was there ---------------------------------------------------------------------------------


def test_gone_and_withdrawn_are_told_with_their_days(crawl: Crawl) -> None:
    crawl.page("a.html", report())
    crawl.again(days=2)
    crawl.gone("a.html")
    crawl.again(days=2)
    crawl.gone("a.html")
    gone = cell(crawl)
    assert (gone.state, gone.timeliness) == (CellState.GONE, Timeliness.ON_TIME)
    assert gone.since is not None
    assert "seen 2026-05-01 to 2026-05-01" in gone.reason
    crawl.again(days=2)
    crawl.store.settle(crawl.run_id, True)
    withdrawn = cell(crawl)
    assert withdrawn.state is CellState.WITHDRAWN
    assert f"since {withdrawn.since:%Y-%m-%d}" in withdrawn.reason
    assert not cover(crawl).counts.standing


def test_another_document_keeps_a_report_standing(crawl: Crawl) -> None:
    crawl.page("a.html", report())
    crawl.page("b.html", report())
    for _ in range(2):
        crawl.again(days=2)
        crawl.gone("a.html")
    found = cell(crawl)
    assert (found.state, found.reports[0].documents) == (CellState.ON_TIME, 2)
    assert found.reports[0].url.endswith("b.html")


# -- what nobody has decided ------------------------------------------------------------------------


def test_quarantine_unsure_and_unclear_years(crawl: Crawl) -> None:
    short = (Doubt(kind=DoubtKind.SHORT, detail="12 characters"),)
    crawl.page("q.html", report(doubts=short))
    held = cell(crawl)
    assert (held.state, len(held.quarantine_ids)) == (CellState.QUARANTINED, 1)
    assert "12 characters" in held.reason
    crawl.page("u.html", report("柳林街道", "999001002", verdict=Verdict.UNSURE, verdict_reason="no subject"))
    unsure = cell(crawl, "999001002")
    assert (unsure.state, len(unsure.document_ids)) == (CellState.DOUBTFUL, 1)
    assert "no subject" in unsure.reason
    crawl.page("y.html", report("白塔镇", "999001101", year_confidence=0.4))
    guess = cell(crawl, "999001101")
    assert (guess.state, "40%" in guess.reason) == (CellState.DOUBTFUL, True)


def test_a_report_of_no_year_is_doubtful_where_its_date_speaks_for_it(crawl: Crawl) -> None:
    crawl.page("a.html", report(year=None, published=date(2026, 2, 3)))
    found = cover(crawl, 2024, 2025)
    street = rows(found)["999001001"]
    assert [given.state for given in street.cells if given] == [CellState.NEVER_TRIED, CellState.DOUBTFUL]
    assert len(street.undated_year) == 1


# -- the kinds of zero ------------------------------------------------------------------------------


def test_never_tried_says_why(crawl: Crawl) -> None:
    assert cell(crawl).reason == "the portal qinghe was never crawled"
    far = cell(crawl, "888001001", province="河南")
    assert (far.state, far.reason) == (
        CellState.NEVER_TRIED,
        "the address of the portal yuanshan is not known",
    )
    finish(crawl, RunState.FAILED)
    broken = cell(crawl)
    assert (broken.state, "ended by an error" in broken.reason) == (CellState.NEVER_TRIED, True)


def test_the_site_says_none_after_a_complete_run_that_knows_the_column(crawl: Crawl) -> None:
    declared(crawl)
    finish(crawl)
    found = cell(crawl)
    assert (found.state, found.run_id) == (CellState.SAYS_NONE, crawl.run_id)
    assert "1 column, 3 list pages, 40 rows" in found.reason
    assert found.since == crawl.clock()


def test_a_statement_of_the_site_is_told(crawl: Crawl) -> None:
    declared(crawl)
    finish(crawl, RunState.NOTHING, columns=[{"rows_stated": 0, "rows_read": 0, "pages_read": 1}])
    found = cell(crawl)
    assert (found.state, "states that a column has 0 rows" in found.reason) == (CellState.SAYS_NONE, True)


def test_a_complete_run_before_the_deadline_says_nothing(crawl: Crawl) -> None:
    crawl.clock.now = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
    crawl.begin()
    declared(crawl)
    finish(crawl)
    found = cell(crawl)
    assert (found.state, "was before the deadline" in found.reason) == (CellState.NOT_FOUND, True)
    assert cell(crawl, year=2024).state is CellState.SAYS_NONE


def test_a_complete_run_that_never_saw_a_street_says_nothing_of_streets(crawl: Crawl) -> None:
    crawl.page(
        "a.html",
        report("清河区", "999001", publishers=(PublisherRef(name="清河区", code="999001", level="county"),)),
    )
    finish(crawl)
    found = cover(crawl, 2024)
    states = {body: row.cells[0].state for body, row in rows(found).items() if row.cells[0]}
    assert states["999001"] is CellState.SAYS_NONE
    assert states["999001001"] is states["999001101"] is CellState.NOT_FOUND
    reason = rows(found)["999001001"].cells[0]
    assert reason is not None
    assert "no column there ever gave a report of a street or town" in reason.reason
    crawl.begin()
    crawl.page("b.html", report())
    finish(crawl)
    assert cell(crawl, "999001101", 2024).state is CellState.SAYS_NONE


def test_a_column_that_nobody_confirmed_proves_nothing(crawl: Crawl) -> None:
    declared(crawl, reason="declared in the site file, not confirmed")
    finish(crawl)
    assert cell(crawl).state is CellState.NOT_FOUND


def test_a_partial_run_found_nothing(crawl: Crawl) -> None:
    declared(crawl)
    finish(crawl, RunState.PARTIAL)
    found = cell(crawl)
    assert (found.state, found.run_id) == (CellState.NOT_FOUND, crawl.run_id)
    assert "1 run since the deadline" in found.reason
    assert "partial: said" in found.reason


@pytest.mark.parametrize("trigger", ["import", "replay"])
def test_pages_that_a_person_brought_prove_no_absence(crawl: Crawl, trigger: str) -> None:
    declared(crawl)
    crawl.run_id = crawl.store.begin_run(
        crawl.portal_id, trigger=trigger, code_version="0", options={}, owner="test"
    )
    finish(crawl)
    assert cell(crawl).state is CellState.NOT_FOUND


def test_a_narrowed_run_proves_no_absence(crawl: Crawl) -> None:
    declared(crawl)
    crawl.run_id = crawl.store.begin_run(
        crawl.portal_id, trigger="t", code_version="0", options={"narrowed": {"year": 2025}}, owner="test"
    )
    finish(crawl)
    assert cell(crawl).state is CellState.NOT_FOUND


def test_reading_again_is_no_search(crawl: Crawl) -> None:
    finish(crawl, RunState.ABANDONED)
    crawl.run_id = crawl.store.begin_run(
        crawl.portal_id, trigger="reextract", code_version="0", options={}, owner="test"
    )
    finish(crawl)
    assert cell(crawl).state is CellState.NEVER_TRIED


def test_blocked_tells_since_when_and_how(crawl: Crawl) -> None:
    finish(crawl, RunState.PARTIAL)
    crawl.clock.pass_time(days=1)
    first = crawl.clock()
    for _ in range(3):
        crawl.begin()
        finish(crawl, RunState.BLOCKED, outcomes={"challenge": 2, "timeout": 1})
        crawl.clock.pass_time(days=1)
    found = cell(crawl)
    assert (found.state, found.since, found.run_id) == (CellState.BLOCKED, first, crawl.run_id)
    assert "3 runs in a row" in found.reason
    assert "challenge" in found.reason
    crawl.begin()
    finish(crawl, RunState.PARTIAL)
    assert cell(crawl).state is CellState.NOT_FOUND


def test_what_was_seen_complete_stays_seen_when_the_portal_closes(crawl: Crawl) -> None:
    declared(crawl)
    finish(crawl)
    crawl.begin()
    finish(crawl, RunState.BLOCKED)
    found = cell(crawl)
    assert (found.state, "blocked since" in found.reason) == (CellState.SAYS_NONE, True)


def test_papers_of_nobody_knows_whom_forbid_to_say_none(crawl: Crawl) -> None:
    declared(crawl)
    crawl.page("u.html", report(publishers=(), verdict=Verdict.UNSURE, verdict_reason="whose?"))
    finish(crawl)
    found = cell(crawl)
    assert (found.state, "1 document there nobody knows" in found.reason) == (CellState.NOT_FOUND, True)
    assert cell(crawl, year=2023).state is CellState.SAYS_NONE


def test_a_report_of_unknown_publisher_is_listed_and_forbids_it_too(crawl: Crawl) -> None:
    declared(crawl)
    made = crawl.page("a.html", report(publishers=()))
    with writing(crawl.engine) as connection:
        connection.execute(sa.update(schema.report).values(vague=True))
    finish(crawl)
    found = cover(crawl)
    assert [evidence.report_id for evidence in found.unassigned] == [made.report_id]
    assert cell(crawl).state is CellState.NOT_FOUND


def test_not_yet_due(crawl: Crawl) -> None:
    declared(crawl)
    finish(crawl)
    last = cell(crawl, today=date(2026, 3, 31))
    assert (last.state, "due by 2026-03-31" in last.reason) == (CellState.NOT_DUE, True)
    assert cell(crawl, today=date(2026, 4, 1)).state is CellState.SAYS_NONE
    counts = cover(crawl, today=date(2026, 3, 31)).counts
    assert (counts.due, counts.share_on_time, counts.fine) == (0, None, True)
