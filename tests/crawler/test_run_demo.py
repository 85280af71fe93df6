"""The sample portal, end to end: what it holds is known, so what the archive holds can be compared with it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive.database import open_archive
from archive.records import Event, RunState
from archive.text import normalise
from crawler.progress import Quiet
from crawler.sample.portal import near_misses, reports
from crawler.sample.run import run_sample
from crawler.site import load_site
from crawler.summary import Summary
from tests.archive.builder import a_day_passes
from tests.conftest import Command

pytestmark = pytest.mark.usefixtures("read_once")


def crawl(db: Path, *, advance: bool = False, recheck: str = "due") -> Summary:
    return run_sample(db=str(db), advance=advance, recheck=recheck, display=Quiet(), workers=0)  # type: ignore[arg-type]


def texts(db: Path) -> dict[str, tuple[str, str, int, str, str]]:
    """URL → newest text, title, year, published date, state."""
    query = """
        select d.url, t.content, r.title, r.year, r.published, d.state
        from document d join version v on v.document_id = d.id join text t on t.sha256 = v.text_sha256
        join report r on r.id = d.report_id order by v.number
    """
    with closing(sqlite3.connect(db)) as connection:
        return {row[0]: row[1:] for row in connection.execute(query)}


@pytest.fixture(scope="module")
def years(read_once: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Summary]]:
    """The first run, one right after it, one after a year has passed, one right after that, one a day later, one more."""
    db = tmp_path_factory.mktemp("demo") / "archive.db"
    summaries = [crawl(db), crawl(db), crawl(db, advance=True), crawl(db)]
    engine = open_archive(str(db))
    a_day_passes(engine)
    engine.dispose()
    return db, [*summaries, crawl(db), crawl(db)]


def test_the_first_run_finds_every_report_and_is_complete(years: tuple[Path, list[Summary]]) -> None:
    first = years[1][0]
    assert first.state is RunState.COMPLETE
    assert first.exit_code == 0
    assert first.count(Event.NEW) == len(reports(0))
    assert first.count(Event.DUPLICATE) == sum(len(report.copies) for report in reports(0))
    assert first.reports_known == len(reports(0))
    assert first.count(Event.UNSURE) == sum(miss.expected == "unsure" for miss in near_misses(0))
    refused = {refusal.title for refusal in first.refusals}
    assert {miss.title for miss in near_misses(0) if miss.expected == "no"} <= refused
    assert all(refusal.reason for refusal in first.refusals)


def test_only_who_did_not_publish_on_the_sample_is_missing(years: tuple[Path, list[Summary]]) -> None:
    """Time stands still there: its newest year is the one that is due, whatever year it is here."""
    for advanced, summary in ((0, years[1][0]), (1, years[1][2])):
        there = {report.publisher for report in reports(advanced) if report.report_year == 2024 + advanced}
        assert summary.guidance is not None
        assert summary.guidance.season == 2024 + advanced
        assert summary.guidance.roster == 8
        units = {unit.name for unit in load_site("demo").roster}
        assert set(summary.missing_publishers) == units - there


def test_an_immediate_second_run_finds_nothing_new_in_a_fraction_of_the_requests(
    years: tuple[Path, list[Summary]],
) -> None:
    first, second = years[1][:2]
    assert second.state is RunState.COMPLETE
    assert second.count(Event.NEW) == second.count(Event.CHANGED) == 0
    assert second.changes == ()
    assert second.requests <= first.requests * 0.4


def test_a_year_later_there_are_new_edited_withdrawn_and_moved_reports(
    years: tuple[Path, list[Summary]],
) -> None:
    third = years[1][2]
    old, new = {report.url for report in reports(0)}, {report.url for report in reports(1)}
    moved = third.count(Event.DUPLICATE)
    assert third.state is RunState.COMPLETE
    assert third.count(Event.NEW) == len(new - old) - moved
    assert third.count(Event.CHANGED) == 1
    assert dict(third.changes)["missing"] == 2
    fourth = years[1][3]
    assert fourth.count(Event.NEW) == fourth.count(Event.CHANGED) == 0
    assert fourth.changes == (), "not found twice on one day is one observation"


def test_what_is_not_found_a_day_later_is_gone_and_then_withdrawn_or_moved(
    years: tuple[Path, list[Summary]],
) -> None:
    fifth, sixth = years[1][4:]
    assert fifth.state is RunState.COMPLETE
    assert dict(fifth.changes) == {"gone": 2, "withdrawn": 1, "moved": 1}
    assert sixth.changes == (), "a page that is still gone is not told again"


def test_texts_years_dates_and_titles_are_those_of_the_portal(years: tuple[Path, list[Summary]]) -> None:
    held = texts(years[0])
    for report in reports(1):
        for url in report.urls:
            text, title, year, published, state = held[url]
            assert normalise(text) == normalise(report.text), report.title
            assert (title, year, published) == (
                report.title,
                report.report_year,
                report.published.isoformat(),
            )
            assert state == "live"


def test_nothing_once_seen_is_lost(years: tuple[Path, list[Summary]]) -> None:
    held = texts(years[0])
    assert {report.url for report in reports(0)} <= set(held)


@pytest.mark.slow
@pytest.mark.ci
def test_the_commands_work_in_an_empty_folder(command: Command) -> None:
    run = command("crawler", "run", "--site", "demo")
    assert run.returncode == 0, run.stderr
    assert "new reports" in run.stdout
    assert "archive list --site demo" in run.stdout
    listed = command("archive", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert len(json.loads(listed.stdout)) == len(reports(0))
    lines = command("crawler", "run", "--site", "demo", "--json")
    values = [json.loads(line) for line in lines.stdout.splitlines()]
    assert values[0]["type"] == "started"
    assert values[-1]["type"] == "finished"
    assert values[-1]["state"] == "complete"
