"""Reading again: which captures, what changes, and what must not."""

from __future__ import annotations

import io
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import crawler.articles
import crawler.assembly
import crawler.extract
import crawler.extract.documents
import crawler.reading
import crawler.recognise
from archive.database import open_archive
from archive.planning import Planning
from archive.records import (
    Event,
    FrontierKind,
    How,
    Link,
    RunState,
    Verdict,
)
from archive.store import Store
from crawler.progress import Quiet
from crawler.reextract_result import Lines, Turn
from crawler.sample.run import YEAR_OPTION, run_sample
from tests.crawler import rereading
from tests.crawler.rereading import LOST_LINE, again, change, content, due, last_number, newest, rows

pytestmark = pytest.mark.usefixtures("read_once")
db, aged, aged_whole = rereading.db, rereading.aged, rereading.aged_whole
next_version, reads_otherwise = rereading.next_version, rereading.reads_otherwise


# -- what it does -------------------------------------------------------------------------------


def test_what_todays_extractor_has_read_is_not_read_again(db: Path) -> None:
    before = content(db)
    result = again(db)
    assert result.exit_code == 0
    assert not result.turns
    assert content(db) == before
    assert rows(db, "select count(*) from run where trigger = 'reextract'") == [(0,)], "no run for nothing"


def test_a_new_extractor_that_reads_the_same_adds_readings_and_changes_nothing(
    db: Path, next_version: str
) -> None:
    before, captures = content(db), newest(db)
    result = again(db)
    assert (result.exit_code, result.turns) == (0, {Turn.UNCHANGED: len(captures)})
    after = content(db)
    old = len(before["extraction"])
    assert after["extraction"][:old] == before["extraction"], "old readings stay as they were"
    assert [row["capture_id"] for row in after["extraction"][old:]] == captures
    assert {row["version"] for row in after["extraction"][old:]} == {next_version}
    for name in ("document", "report", "text", "frontier", "change"):
        assert after[name] == before[name], name
    where = [{k: v for k, v in row.items() if k != "extraction_id"} for row in after["version"]]
    assert where == [{k: v for k, v in row.items() if k != "extraction_id"} for row in before["version"]]


def test_another_text_from_the_same_bytes_replaces_the_text_and_makes_no_version(
    db: Path, reads_otherwise: None
) -> None:
    before = content(db)
    result = again(db)
    after = content(db)
    documents = [row["id"] for row in before["document"]]
    assert result.turns[Turn.TEXT] == len(newest(db))
    assert after["extraction"][: len(before["extraction"])] == before["extraction"]
    assert [(r["document_id"], r["number"]) for r in after["version"]] == [
        (r["document_id"], r["number"]) for r in before["version"]
    ], "no false version"
    told = after["change"][len(before["change"]) :]
    assert {row["kind"] for row in told} == {"reread"}
    assert sorted(row["document_id"] for row in told) == documents
    texts = dict(rows(db, "select sha256, content from text"))
    newest_numbers = {r["document_id"]: r["number"] for r in after["version"]}
    for old, new in zip(before["version"], after["version"], strict=True):
        if new["number"] == newest_numbers[new["document_id"]]:
            assert texts[new["text_sha256"]] == f"{texts[old['text_sha256']]}\n{LOST_LINE}"
        else:
            assert new == old, "a former version keeps its text"
    assert after["report"] == before["report"]
    assert [row["state"] for row in after["document"]] == [row["state"] for row in before["document"]]


def test_a_crawl_after_it_finds_nothing_changed_and_remembers_its_year(
    db: Path, reads_otherwise: None
) -> None:
    again(db)
    engine = open_archive(str(db))
    assert Planning(engine).last_run_options("demo")[YEAR_OPTION] == 1
    engine.dispose()
    summary = run_sample(db=str(db), advance=False, recheck="all", display=Quiet(), workers=0)
    assert summary.state is RunState.COMPLETE
    assert summary.count(Event.CHANGED) == summary.count(Event.NEW) == 0
    assert summary.changes == ()


def test_a_second_run_reads_nothing(aged: Path) -> None:
    assert again(aged).turns.total() == len(due(aged))
    once = content(aged)
    assert not again(aged).turns
    assert content(aged) == once


def test_withdrawn_bytes_are_left_out_and_counted(aged_whole: Path) -> None:
    engine = open_archive(str(aged_whole))
    ((url,),) = rows(aged_whole, "select url from document where report_id is not null order by id limit 1")
    gone = Store(engine).redact(url, by="lin", reason="a private person's data").plan
    engine.dispose()
    result = again(aged_whole)
    (one,) = result.portals
    assert one.withdrawn >= 1 and result.turns.total() == len(newest(aged_whole)) - one.withdrawn
    assert f"{one.withdrawn} left out, their bytes were withdrawn" in one.words()
    assert result.as_json()["portals"][0]["withdrawn"] == one.withdrawn
    marks = ", ".join("?" for _ in gone.texts)
    assert {
        row[0] for row in rows(aged_whole, f"select content from text where sha256 in ({marks})", *gone.texts)
    } == {""}


def test_rereading_restores_the_texts_of_the_crawl(crawled: Path, aged_whole: Path) -> None:
    again(aged_whole)
    query = """
        select d.url, v.number, v.text_sha256 from version v join document d on d.id = v.document_id
        where v.number = (select max(number) from version w where w.document_id = d.id) order by 1
    """
    assert rows(aged_whole, query) == rows(crawled, query)


def test_no_network_is_touched(aged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("reading again went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert again(aged).turns.total() == len(due(aged))


# -- which captures -----------------------------------------------------------------------------


def break_reading(db: Path, document_id: int, error: str) -> int:
    """As if the last reading of a document's newest capture had failed; returns the capture's id."""
    query = """
        select e.id, e.capture_id from extraction e join capture c on c.id = e.capture_id
        join document d on d.frontier_id = c.frontier_id where d.id = ? order by e.id desc
    """
    extraction_id, capture_id = rows(db, query, document_id)[0]
    change(db, "update extraction set error = ? where id = ?", error, extraction_id)
    return int(capture_id)


def test_failed_reads_what_failed_last_time_even_by_todays_extractor(db: Path) -> None:
    first, second = (row[0] for row in rows(db, "select id from document where verdict = 'report' limit 2"))
    broken = {break_reading(db, first, "the reader crashed on this page"), break_reading(db, second, "slow")}
    versions = content(db)["version"]
    assert not again(db).turns, "read by today's version is read"
    before = last_number(db, "extraction")
    assert again(db, failed=True).turns == {Turn.REPORT: 2}
    added = rows(db, "select capture_id, error from extraction where id > ?", before)
    assert set(added) == {(capture, None) for capture in broken}
    assert [(r["document_id"], r["number"], r["text_sha256"]) for r in content(db)["version"]] == [
        (r["document_id"], r["number"], r["text_sha256"]) for r in versions
    ]
    assert not again(db, failed=True).turns


def test_what_stays_unreadable_is_tried_again_and_not_doubled(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = crawler.assembly.extract  # type: ignore[attr-defined]
    monkeypatch.setattr(crawler.assembly, "extract", lambda *a, **k: replace(real(*a, **k), text=""))
    document = rows(db, "select id from document where verdict = 'report'")[0][0]
    break_reading(db, document, "no body text was found on the page")
    for _ in range(2):
        assert again(db, failed=True).turns == {Turn.UNREADABLE: 1}
    assert rows(db, "select count(*) from extraction where error is not null") == [(2,)]


def test_since_leaves_older_captures_alone(aged: Path) -> None:
    captures = due(aged)
    old, new = captures[: len(captures) // 2], captures[len(captures) // 2 :]
    moment = "2026-04-02 00:00:00.000000+00:00"
    change(aged, "update capture set fetched_at = '2026-04-01 23:59:59.999999+00:00'")
    change(aged, f"update capture set fetched_at = '{moment}' where id >= {new[0]}")
    assert again(aged, since=datetime(2026, 4, 2, tzinfo=UTC)).turns.total() == len(new)
    assert again(aged).turns.total() == len(old)


def test_verdicts_that_change_are_counted_and_told(aged: Path) -> None:
    of = "select max(id) from extraction where version = '0' and verdict = ?"
    unsure, report = rows(aged, of, "unsure")[0][0], rows(aged, of, "report")[0][0]
    change(aged, "update extraction set verdict = 'report' where id = ?", unsure)
    change(aged, "update extraction set verdict = 'unsure' where id = ?", report)
    out = io.StringIO()
    turns = again(aged, lines=Lines(out)).turns
    assert (turns[Turn.REFUSED], turns[Turn.UNSURE], turns[Turn.REPORT]) == (0, 1, 1)
    assert sorted(line.split()[0] for line in out.getvalue().splitlines()[1:-1]) == ["report", "unsure"]


def test_a_report_that_is_read_as_none_keeps_its_document(
    db: Path, next_version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = crawler.recognise.judge

    def judge_all(*args: Any) -> Any:
        return replace(real(*args), verdict=Verdict.NO, reason="refused: for this test")

    monkeypatch.setattr(crawler.recognise, "judge", judge_all)
    before = content(db)
    result = again(db)
    after = content(db)
    assert {look.turn for look in result.look} == {Turn.REFUSED}
    # Annexes are no reports whatever is judged: their newer reading replaces the older one.
    annexes = {row["id"] for row in before["document"] if row["role"] == "annex"}
    assert len(result.look) == len(before["document"]) - len(annexes)
    for name in ("document", "version", "report", "change"):
        kept = [
            [row for row in rows[name] if row.get("document_id") not in annexes] for rows in (before, after)
        ]
        assert kept[0] == kept[1], name


def test_files_a_page_is_now_found_to_offer_wait_for_the_next_crawl(
    aged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = crawler.reading.read_article  # type: ignore[attr-defined]
    url = f"{rows(aged, 'select home_url from portal')[0][0]}files/P020240101000000000001.pdf"
    offered = Link(url=url, kind=FrontierKind.ATTACHMENT, how=How.LISTED, title="全文", priority=30)

    def read_article(*args: Any) -> Any:
        extraction, links, more = real(*args)
        return extraction, (*links, offered), more

    monkeypatch.setattr(crawler.reading, "read_article", read_article)
    assert again(aged).queued == 1
    found = rows(aged, "select kind, state, found_on_id is not null from frontier where url = ?", url)
    assert found == [("attachment", "queued", 1)]
