"""An archive of the first revision is brought up to date: nothing lost, also when it is killed on the way."""

from __future__ import annotations

import functools
import signal
import sqlite3
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import schema
from archive.database import open_archive, writing
from archive.errors import DatabaseUnusable
from archive.reader import Archive
from archive.records import Doubt, DoubtKind, Event, RunState
from archive.text import bytes_digest
from tests.archive.breaking import BrokenError, breaking_at
from tests.archive.builder import PARTED, START, Crawl, parted_reading
from tests.archive.first_archive import BODY, MOMENT, everything, make_first, plain_engine, state


@functools.cache
def old_file(then: str | None) -> bytes:
    """A SQLite archive of an earlier revision, made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.db"
        make_first(str(path), then)
        return path.read_bytes()


def old_archive(request: pytest.FixtureRequest, tmp_path: Path, then: str | None) -> str:
    if request.param == "sqlite":
        (tmp_path / "old.db").write_bytes(old_file(then))
        return str(tmp_path / "old.db")
    url = str(request.getfixturevalue("empty_postgresql"))
    make_first(url, then)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def first_archive(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An archive with a report, made by the first revision alone."""
    return old_archive(request, tmp_path, None)


@pytest.fixture(params=["sqlite", "postgresql"])
def second_archive(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same, brought to the second revision and no further."""
    return old_archive(request, tmp_path, "0002")


def test_the_upgrade_keeps_every_row_text_and_byte(first_archive: str) -> None:
    before = everything(first_archive)
    assert state(first_archive)[0] == "0001"
    open_archive(first_archive).dispose()
    assert everything(first_archive) == before
    assert state(first_archive)[0] == schema.HEAD
    with Archive.open(first_archive) as opened:
        assert opened.text(1) == PARTED
        assert opened.capture(bytes_digest(BODY)).body == BODY
        assert opened.report(1).missing_parts is None
        assert opened.sections(1) == opened.figures(1) == opened.all_figures() == []
        assert opened.report(1).first_seen == START


def test_an_upgraded_archive_is_the_same_as_a_new_one(first_archive: str, tmp_path: Path) -> None:
    open_archive(first_archive).dispose()
    fresh = str(tmp_path / "fresh.db")
    open_archive(fresh).dispose()
    assert state(first_archive) == state(fresh)


def test_a_reader_upgrades_too(first_archive: str) -> None:
    with Archive.open(first_archive) as opened:
        assert opened.report(1).title == "清河街道报告"


def test_after_the_upgrade_reading_again_brings_sections(first_archive: str) -> None:
    engine = open_archive(first_archive)
    crawl = Crawl(engine)
    (capture,) = crawl.store.unread_by(1, "portal", "2")
    assert capture.body == BODY
    again = crawl.store.record_rereading(crawl.run_id, capture, parted_reading(version="2"))
    assert again.event is Event.UNCHANGED
    opened = Archive(engine)
    assert [section.parts for section in opened.sections(1)] == [(1,), (3,), (2, 4)]
    assert opened.report(1).missing_parts == (5,)
    engine.dispose()


def test_the_second_revision_gets_a_quarantine_and_loses_nothing(second_archive: str) -> None:
    before = everything(second_archive)
    assert state(second_archive)[0] == "0002"
    engine = open_archive(second_archive)
    assert everything(second_archive) == before
    opened = Archive(engine)
    report = opened.report(1)
    assert (report.title, report.missing_parts, report.first_seen) == ("清河街道报告", None, START)
    assert report.signed is report.document_number is report.index_number is report.site_id_code is None
    assert opened.quarantine() == []
    assert opened.stats().quarantined == 0
    crawl = Crawl(engine)
    (capture,) = crawl.store.unread_by(1, "portal", "2")
    assert (capture.body, capture.parts) == (BODY, ())
    doubts = (Doubt(kind=DoubtKind.SHORT, detail="too short"),)
    doubtful = parted_reading(version="2", signed=date(2026, 2, 1), doubts=doubts)
    held = crawl.store.record_rereading(crawl.run_id, capture, doubtful)
    assert (held.event, held.document_id) == (Event.QUARANTINED, 1)
    (row,) = opened.quarantine()
    assert (row.url, row.document_id, row.text_sha256) == (report.url, 1, report.text_sha256)
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
    crawl.store.release(row.quarantine_id, by="test")
    assert opened.report(1).signed == date(2026, 2, 1)
    assert [section.parts for section in opened.sections(1)] == [(1,), (3,), (2, 4)]
    engine.dispose()


def test_only_one_reading_waits_at_an_address(second_archive: str) -> None:
    engine = open_archive(second_archive)
    values = {
        "portal_id": 1,
        "frontier_id": 1,
        "extraction_id": 1,
        "reason": "short",
        "attempts": 1,
        "next_step": "none",
        "opened": START,
        "last_seen": START,
    }
    with writing(engine) as connection:
        for given in ("refused", "resolved", "waiting"):
            connection.execute(schema.quarantine.insert(), {**values, "state": given})
    with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(schema.quarantine.insert(), {**values, "state": "checking"})
    engine.dispose()


@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.slow)])
def test_an_upgrade_that_fails_at_any_statement_leaves_the_first_revision(
    first_archive: str, step: int
) -> None:
    before, rows = state(first_archive), everything(first_archive)
    hit: list[str] = []
    for nth in range(1, 400, step):
        with breaking_at(Engine, nth) as statements:
            try:
                open_archive(first_archive).dispose()
            except BrokenError:
                failed = True
            else:
                failed = False
        if not failed:
            break
        hit.append(statements[-1])
        assert state(first_archive) == before, statements[-1]
    changing = [statement.split()[0] for statement in hit]
    assert {"ALTER", "CREATE", "UPDATE"} <= set(changing) or (step > 1 and len(hit) > 5)
    assert everything(first_archive) == rows
    assert state(first_archive)[0] == schema.HEAD


KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from archive.database import open_archive

def kill(connection, cursor, statement, parameters, context, many):
    if sys.argv[2] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "after_cursor_execute", kill)
open_archive(sys.argv[1])
"""


@pytest.mark.parametrize(
    "moment",
    [
        "CREATE TABLE figure",
        pytest.param("CREATE TABLE quarantine", marks=pytest.mark.slow),
        "UPDATE alembic_version",
    ],
)
def test_killed_in_the_middle_it_is_finished_by_the_next_opening(first_archive: str, moment: str) -> None:
    before, rows = state(first_archive), everything(first_archive)
    process = subprocess.run([sys.executable, "-c", KILLED, first_archive, moment], check=False)
    assert process.returncode == -signal.SIGKILL
    assert state(first_archive) == before
    open_archive(first_archive).dispose()
    assert state(first_archive)[0] == schema.HEAD
    assert everything(first_archive) == rows


def test_views_that_others_built_on_ours_survive(first_archive: str) -> None:
    mine = plain_engine(first_archive)
    with mine.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW my_titles AS SELECT report_id, title FROM reports")
    open_archive(first_archive).dispose()
    with mine.connect() as connection:
        assert connection.exec_driver_sql("SELECT title FROM my_titles").scalar() == "清河街道报告"
    mine.dispose()


def test_an_older_archive_on_a_read_only_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    make_first(str(path))

    def refuse(*_given: object, **_options: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("archive.database._use_wal", refuse)
    with pytest.raises(DatabaseUnusable, match="cannot be written"):
        Archive.open(str(path))


def test_two_that_open_it_at_once_upgrade_it_once(first_archive: str) -> None:
    code = "import sys; from archive.database import open_archive; open_archive(sys.argv[1])"
    both = [subprocess.Popen([sys.executable, "-c", code, first_archive]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert state(first_archive)[0] == schema.HEAD


def test_what_was_gone_stays_gone_and_comes_back_as_ever(first_archive: str) -> None:
    mine = plain_engine(first_archive)
    with mine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE document SET state = 'gone', gone_since = '{MOMENT}'")
    mine.dispose()
    engine = open_archive(first_archive)
    opened = Archive(engine)
    document = opened.document(1)
    assert (document.state, document.missing_since, document.missed) == ("gone", START, 1)
    assert opened.report(1).redacted is None
    assert opened.current_number(1) == 1 and opened.decisions() == [] and opened.redactions() == []
    with engine.connect() as connection:
        assert connection.execute(sa.select(schema.report.c.vague)).scalar_one() is True
    crawl = Crawl(engine)
    assert crawl.page("a.html", parted_reading()).event is Event.UNCHANGED
    document = opened.document(1)
    assert (document.state, document.missing_since, document.missed) == ("live", None, 0)
    engine.dispose()
