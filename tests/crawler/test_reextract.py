"""Reading again: what changes, what must not, and what happens when it is cut off."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
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
from archive.errors import DatabaseUnusable, PortalBusy
from archive.planning import LastReading, Planning
from archive.records import (
    Event,
    ExtractionRecord,
    FrontierKind,
    How,
    Link,
    PortalRecord,
    PublisherRef,
    RunState,
    StoredCapture,
    Verdict,
)
from archive.store import Store
from archive.text import digest
from crawler.errors import UnknownSite
from crawler.extract.model import Extraction
from crawler.progress import Quiet
from crawler.reextract import CRASHED, Selection, reextract
from crawler.reextract_result import Lines, Result, Turn, judge
from crawler.sample.run import YEAR_OPTION, run_sample
from tests.archive.builder import Crawl
from tests.conftest import Command, environment
from tests.crawler.test_reader_pool import Trap

LOST_LINE = "（此行从前没有读到）"
NEWEST = """
    select max(c.id) from capture c join frontier f on f.id = c.frontier_id
    where f.kind in ('page', 'attachment', 'annex') and c.outcome = 'ok' group by c.frontier_id
"""
ROWS = {
    "extraction": "select * from extraction order by id",
    "version": "select * from version order by id",
    "document": "select * from document order by id",
    "report": "select * from report order by id",
    "text": "select * from text order by sha256",
    "frontier": "select * from frontier order by id",
    "change": "select * from change order by seq",
}
OF_THE_MOMENT = {"at", "run_id", "last_listed_run_id"}
"""Columns in which two runs may differ: when, and by which run."""


@contextmanager
def opened(db: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.row_factory = sqlite3.Row
        yield connection


def rows(db: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    with opened(db) as connection:
        return [tuple(row) for row in connection.execute(query, values)]


def change(db: Path, statement: str, *values: object) -> None:
    with opened(db) as connection:
        connection.execute(statement, values)


def content(db: Path) -> dict[str, list[dict[str, Any]]]:
    """All that readings decide, without moments."""
    with opened(db) as connection:
        return {
            name: [
                {key: row[key] for key in row.keys() if key not in OF_THE_MOMENT}  # noqa: SIM118
                for row in connection.execute(query)
            ]
            for name, query in ROWS.items()
        }


def again(db: Path, site: str | None = None, *, workers: int = 0, **given: Any) -> Result:
    lines = given.pop("lines", None) or Lines(io.StringIO())
    return reextract(site, selection=Selection(**given), db=str(db), workers=workers, lines=lines)


def newest(db: Path) -> list[int]:
    return [row[0] for row in rows(db, f"{NEWEST} order by 1")]


def last_number(db: Path, table: str) -> int:
    return int(
        rows(db, f"select coalesce(max({'seq' if table == 'change' else 'id'}), 0) from {table}")[0][0]
    )


@pytest.fixture(scope="module")
def crawled(read_once: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample portal before and after a year: changed, gone, moved, refused and unsure pages."""
    db = tmp_path_factory.mktemp("crawled") / "archive.db"
    for advance in (False, True):
        run_sample(db=str(db), advance=advance, recheck="due", display=Quiet(), workers=0)
    with opened(db) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    return db


@pytest.fixture
def db(crawled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(crawled, tmp_path / "archive.db"))


@pytest.fixture
def aged(db: Path) -> Path:
    """The archive as an older extractor would have left it, one that lost each text's last line."""
    with opened(db) as connection:
        connection.execute("update extraction set version = '0'")
        texts = connection.execute("select sha256, content from text").fetchall()
        for row in texts:
            shorter = row["content"].rpartition("\n")[0] or "旧" + row["content"]
            sha256 = digest(shorter)
            connection.execute("insert or ignore into text values (?, ?, ?)", (sha256, shorter, len(shorter)))
            for table in ("extraction", "version"):
                connection.execute(
                    f"update {table} set text_sha256 = ? where text_sha256 = ?", (sha256, row["sha256"])
                )
    return db


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> str:
    """The extractor gets a new version number."""
    for module in (crawler.extract, crawler.articles, crawler.extract.documents):
        monkeypatch.setattr(module, "VERSION", "next")
    return "next"


@pytest.fixture
def reads_otherwise(next_version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extractor finds one line more on every page and in every file."""
    real = crawler.assembly.extract  # type: ignore[attr-defined]

    def extract(*args: Any, **given: Any) -> Extraction:
        found: Extraction = real(*args, **given)
        return replace(found, text=f"{found.text}\n{LOST_LINE}")

    real_file = crawler.extract.documents.read

    def read(*args: Any, **given: Any) -> Any:
        found = real_file(*args, **given)
        return replace(found, text=f"{found.text}\n{LOST_LINE}")

    monkeypatch.setattr(crawler.assembly, "extract", extract)
    monkeypatch.setattr(crawler.extract.documents, "read", read)


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
    assert again(aged).turns.total() == len(newest(aged))
    once = content(aged)
    assert not again(aged).turns
    assert content(aged) == once


def test_withdrawn_bytes_are_left_out_and_counted(aged: Path) -> None:
    engine = open_archive(str(aged))
    ((url,),) = rows(aged, "select url from document where report_id is not null order by id limit 1")
    gone = Store(engine).redact(url, by="lin", reason="a private person's data").plan
    engine.dispose()
    result = again(aged)
    (one,) = result.portals
    assert one.withdrawn >= 1 and result.turns.total() == len(newest(aged)) - one.withdrawn
    assert f"{one.withdrawn} left out, their bytes were withdrawn" in one.words()
    assert result.as_json()["portals"][0]["withdrawn"] == one.withdrawn
    marks = ", ".join("?" for _ in gone.texts)
    assert {
        row[0] for row in rows(aged, f"select content from text where sha256 in ({marks})", *gone.texts)
    } == {""}


def test_rereading_restores_the_texts_of_the_crawl(crawled: Path, aged: Path) -> None:
    again(aged)
    query = """
        select d.url, v.number, v.text_sha256 from version v join document d on d.id = v.document_id
        where v.number = (select max(number) from version w where w.document_id = d.id) order by 1
    """
    assert rows(aged, query) == rows(crawled, query)


def test_no_network_is_touched(aged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("reading again went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert again(aged).turns.total() == len(newest(aged))


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
    captures = newest(aged)
    old, new = captures[: len(captures) // 2], captures[len(captures) // 2 :]
    moment = "2026-04-02 00:00:00.000000+00:00"
    change(aged, "update capture set fetched_at = '2026-04-01 23:59:59.999999+00:00'")
    change(aged, f"update capture set fetched_at = '{moment}' where id >= {new[0]}")
    assert again(aged, since=datetime(2026, 4, 2, tzinfo=UTC)).turns.total() == len(new)
    assert again(aged).turns.total() == len(old)


def test_verdicts_that_change_are_counted_and_told(aged: Path) -> None:
    of = "select max(e.id) from extraction e join capture c on c.id = e.capture_id where e.verdict = ?"
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


# -- portals ------------------------------------------------------------------------------------


@pytest.fixture
def with_a_strange_portal(aged: Path) -> Path:
    """Beside the sample portal one of which no site file tells."""
    engine = open_archive(str(aged))
    crawl = Crawl(engine, key="qinghe")
    crawl.page("a.html")
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "done")
    engine.dispose()
    return aged


def test_a_portal_whose_site_file_is_gone_is_named_and_skipped(with_a_strange_portal: Path) -> None:
    db, out = with_a_strange_portal, io.StringIO()
    result = again(db, lines=Lines(out))
    assert result.exit_code == 3
    assert [key for key, _ in result.skipped] == ["qinghe"]
    assert "qinghe: left out: " in out.getvalue()
    assert [one.portal.key for one in result.portals] == ["demo"]
    assert result.turns[Turn.TEXT] > 0
    runs = rows(
        db, "select p.key, r.state from run r join portal p on p.id = r.portal_id where trigger = 'reextract'"
    )
    assert runs == [("demo", "complete")]


def test_a_named_portal_is_read_alone_and_an_unknown_one_is_wrong_usage(with_a_strange_portal: Path) -> None:
    assert again(with_a_strange_portal, "demo").exit_code == 0
    with pytest.raises(UnknownSite):
        again(with_a_strange_portal, "qinghe")


def test_a_portal_that_is_being_crawled_is_left_to_its_run(aged: Path) -> None:
    engine = open_archive(str(aged))
    store = Store(engine)
    portal_id = store.sync_portal(
        PortalRecord(
            key="demo", name="示例", level="county", division_code=None, home_url="http://x/", platform=None
        )
    )
    run_id = store.begin_run(portal_id, trigger="manual", code_version="0", options={}, owner="elsewhere:1:x")
    result = again(aged)
    assert (result.exit_code, [key for key, _ in result.skipped]) == (3, ["demo"])
    assert not result.turns
    with pytest.raises(PortalBusy, match="elsewhere"):
        again(aged, "demo")
    store.finish_run(run_id, RunState.COMPLETE, {}, "done")
    engine.dispose()
    assert again(aged, "demo").exit_code == 0


def test_an_archive_without_captures_of_the_portal(db: Path, tmp_path: Path) -> None:
    assert again(db, "dongli").exit_code == 5
    with pytest.raises(DatabaseUnusable, match="no archive"):
        again(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


# -- cut off, crashed, beside each other --------------------------------------------------------

KILLED = """
import os, signal, sys
from crawler.reextract import reextract
from crawler.reextract_result import Lines

class Deadly(Lines):
    left = int(sys.argv[2])

    def read(self, *_):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

reextract(db=sys.argv[1], workers=1, lines=Deadly())
"""


@pytest.mark.parametrize("after", [1, pytest.param(9, marks=pytest.mark.slow)])
def test_a_killed_run_goes_on_where_it_was(aged: Path, tmp_path: Path, after: int) -> None:
    whole = Path(shutil.copy(aged, tmp_path / "whole.db"))
    again(whole)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(aged), str(after)],
        env=environment(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    rest = again(aged)
    assert rest.turns.total() == len(newest(aged)) - after
    assert content(aged) == content(whole)
    states = rows(aged, "select state from run where trigger = 'reextract' order by id")
    assert states == [("abandoned",), ("complete",)]


@pytest.mark.slow
@pytest.mark.ci
def test_two_runs_in_parallel_processes_write_equal_rows(aged: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(aged, tmp_path / "copy.db"))
    alone = Path(shutil.copy(aged, tmp_path / "alone.db"))
    again(aged, workers=3)
    again(copy, workers=3)
    again(alone)
    assert content(aged) == content(copy) == content(alone)


def test_an_interrupt_ends_the_run_in_order(aged: Path) -> None:
    class Impatient(Lines):
        count = 0

        def read(self, *_: object) -> None:
            self.count += 1
            if self.count == 3:
                os.kill(os.getpid(), signal.SIGINT)

    result = again(aged, lines=Impatient(io.StringIO()))
    assert (result.exit_code, result.stopped) == (3, "interrupted")
    done = result.turns.total()
    assert 3 <= done < len(newest(aged)) // 2
    assert rows(aged, "select state from run where trigger = 'reextract'") == [("partial",)]
    assert rows(aged, "select count(*) from lease") == [(0,)]
    assert again(aged).turns.total() == len(newest(aged)) - done


def test_a_page_that_crashes_the_reader_costs_only_itself(
    aged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned = newest(aged)[0]
    standing = """
        select v.number, v.text_sha256 from version v join document d on d.id = v.document_id
        join capture c on c.frontier_id = d.frontier_id where c.id = ? order by 1
    """
    before = rows(aged, standing, poisoned)
    real = Planning.stored

    def stored(self: Planning, capture_id: int) -> StoredCapture:
        capture = real(self, capture_id)
        if capture_id != poisoned:
            return capture
        body = Trap(b"x")
        body.action = (os._exit, (11,))
        return replace(capture, body=body)

    monkeypatch.setattr(Planning, "stored", stored)
    result = again(aged, workers=2)
    assert result.turns[Turn.LOST] == 1
    assert result.turns.total() == len(newest(aged))
    assert result.turns[Turn.UNREADABLE] == 0
    assert result.exit_code == 3
    errors = rows(aged, "select capture_id, error from extraction where error is not null")
    assert [capture for capture, _ in errors] == [poisoned]
    assert errors[0][1].startswith(CRASHED)
    assert before == rows(aged, standing, poisoned) != [], "the former text stands"
    monkeypatch.undo()
    assert again(aged, failed=True).turns.total() == 1


# -- the command --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.ci
def test_the_command(aged: Path, command: Command) -> None:
    assert command("crawler", "reextract", "--since", "2026-02-30").returncode == 2
    assert command("crawler", "reextract", "--workers", "0").returncode == 2
    assert command("crawler", "reextract", "--site", "dongli").returncode == 5
    first = command("crawler", "reextract", "--site", "demo", "--json", "--workers", "2")
    assert first.returncode == 0, first.stderr
    values = [json.loads(line) for line in first.stdout.splitlines()]
    assert (values[0]["type"], values[-1]["type"]) == ("started", "finished")
    assert values[0]["planned"] == values[-1]["read"] == len(newest(aged))
    assert sum(values[-1]["turns"].values()) == values[-1]["read"]
    second = command("crawler", "reextract")
    assert second.returncode == 0
    assert "nothing to read again" in second.stdout


@pytest.mark.slow
@pytest.mark.ci
def test_the_command_shows_a_table(aged: Path, command: Command) -> None:
    shown = command("crawler", "reextract")
    assert shown.returncode == 0, shown.stderr
    for label in ("text changed", "became report", "still unreadable", "unchanged", "Result: complete"):
        assert label in shown.stdout
    assert f"{len(newest(aged))} captures to read again" in shown.stderr


# -- judging ------------------------------------------------------------------------------------

STREET = PublisherRef(name="清河街道", code="999001001", level="street")
BEFORE = LastReading(
    text_sha256=digest("正文"),
    verdict=Verdict.REPORT,
    title="题",
    published=date(2026, 2, 20),
    report_year=2025,
    report_kind="annual",
    publishers=(STREET,),
    missing_parts=None,
    error=None,
)
NOW = ExtractionRecord(
    extractor="pages",
    version="2",
    text="正文",
    verdict=Verdict.REPORT,
    verdict_reason="title",
    title="题",
    published=date(2026, 2, 20),
    report_year=2025,
    report_kind="annual",
    publishers=(STREET,),
)
FAILED = replace(BEFORE, error="broken", text_sha256=None)


@pytest.mark.parametrize(
    ("before", "now", "turn"),
    [
        (BEFORE, NOW, Turn.UNCHANGED),
        (BEFORE, replace(NOW, text=" 正文 "), Turn.UNCHANGED),  # spacing is no other text
        (BEFORE, replace(NOW, text="正文二"), Turn.TEXT),
        (BEFORE, replace(NOW, report_year=2024), Turn.DESCRIBED),
        (BEFORE, replace(NOW, publishers=()), Turn.DESCRIBED),
        (BEFORE, replace(NOW, missing_parts=(4, 5)), Turn.DESCRIBED),
        (BEFORE, replace(NOW, text="正文二", report_year=2024), Turn.TEXT),
        (BEFORE, replace(NOW, verdict=Verdict.UNSURE), Turn.UNSURE),
        (BEFORE, replace(NOW, verdict=Verdict.NO, text="正文二"), Turn.REFUSED),
        (BEFORE, replace(NOW, error="broken"), Turn.LOST),
        (BEFORE, replace(NOW, text=" \n"), Turn.LOST),
        (FAILED, NOW, Turn.REPORT),
        (FAILED, replace(NOW, verdict=Verdict.NO), Turn.REFUSED),
        (FAILED, replace(NOW, error="broken"), Turn.UNREADABLE),
        (None, NOW, Turn.REPORT),
        (None, replace(NOW, error="broken"), Turn.UNREADABLE),
    ],
)
def test_one_word_for_each_capture(before: LastReading | None, now: ExtractionRecord, turn: Turn) -> None:
    assert judge(before, now) is turn
