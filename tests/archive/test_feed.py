"""The feed: nothing missed, nothing seen twice, also across a restore; and what the command prints of it."""

from __future__ import annotations

import importlib.util
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from archive import feed, meta, schema
from archive.backup import backup
from archive.cli import main
from archive.database import open_archive, writing
from archive.errors import DatabaseUnusable, UsageError
from archive.feed import Cursor, Page
from archive.reader import Archive
from archive.records import ExtractionRecord, Outcome, PublisherRef, RunState, Verdict
from archive.restoring import restore
from tests.archive.builder import HOST, Crawl, body_text, extraction
from tests.conftest import ROOT, environment

ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For what one database decides as the other does."""

EXAMPLE = ROOT / "examples" / "follow_changes.py"


def reading(place: str, more: str = "", title: str | None = None) -> ExtractionRecord:
    return extraction(
        body_text(place, more=more),
        title=title or f"{place}2025年报告",
        publishers=(PublisherRef(name=place),),
    )


def lose(engine: Engine, after: int) -> None:
    """As a restore from a backup of that moment leaves the sequence: later numbers are free again."""
    with writing(engine) as connection:
        if engine.dialect.name == "sqlite":
            triggers = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'change'"
            ).fetchall()
            for name, _ in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql(f"DELETE FROM change WHERE seq > {after}")
            connection.exec_driver_sql(f"UPDATE sqlite_sequence SET seq = {after} WHERE name = 'change'")
            for _, sql in triggers:
                connection.exec_driver_sql(sql)
        else:
            connection.exec_driver_sql("ALTER TABLE change DISABLE TRIGGER ALL")
            connection.exec_driver_sql(f"DELETE FROM change WHERE seq > {after}")
            connection.exec_driver_sql("ALTER TABLE change ENABLE TRIGGER ALL")
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('change', 'seq'), {after})")


def restored(engine: Engine, after: int) -> None:
    lose(engine, after)
    with writing(engine) as connection:
        meta.new_epoch(connection, "restored from a backup")


def seqs(page: Page) -> list[int]:
    return [entry.change.seq for entry in page.entries]


@pytest.fixture
def archive(crawl: Crawl) -> Archive:
    """Six changes: five of one portal, the fourth of another."""
    for name in "abc":
        crawl.page(f"{name}.html", reading(name))
    Crawl(crawl.engine, key="beihe").page("d.html", reading("d"))
    crawl.page("a.html", reading("a", "改。"))
    crawl.page("e.html", extraction("存疑的文件内容", title="汇报", verdict=Verdict.UNSURE))
    return Archive(crawl.engine)


def test_page_after_page_everything_once(archive: Archive) -> None:
    found: list[int] = []
    cursor, more = "0", True
    while more:
        page = archive.feed(cursor, limit=2)
        found += seqs(page)
        cursor, more = str(page.cursor), page.more
    assert found == [1, 2, 3, 4, 5, 6]
    again = archive.feed(cursor)
    assert (again.reset, again.entries, str(again.cursor), again.more) == (None, (), cursor, False)


@ON_SQLITE
def test_each_entry_s_cursor_goes_on_behind_it(archive: Archive) -> None:
    for entry in archive.feed().entries:
        assert seqs(archive.feed(entry.cursor)) == list(range(entry.change.seq + 1, 7))
        assert seqs(archive.feed(str(entry.change.seq))) == list(range(entry.change.seq + 1, 7))


@ON_SQLITE
def test_an_entry_says_what_to_act_on(archive: Archive) -> None:
    first, *_, changed, unsure = archive.feed().entries
    versions = archive.versions_of(1)
    assert (first.change.kind, first.change.version, first.change.url) == ("new", 1, f"{HOST}/a.html")
    assert [first.change.text_sha256, changed.change.text_sha256] == [row.text_sha256 for row in versions]
    assert (unsure.change.report_id, unsure.change.document_id) == (None, 5)
    assert first.epoch == archive.facts().epoch == first.cursor.epoch


@ON_SQLITE
def test_filters_and_the_place_behind_what_they_leave_out(archive: Archive) -> None:
    for filters, expected, behind in (
        ({"portal": "beihe"}, [4], 6),
        ({"kind": "new"}, [1, 2, 3, 4], 6),
        ({"kind": "new", "limit": 2}, [1, 2], 2),
        ({"portal": "nobody"}, [], 6),
        ({"limit": 0}, [], 0),
    ):
        page = archive.feed(**filters)
        assert seqs(page) == expected
        assert page.cursor.seq == behind
        if behind == 6:
            assert archive.feed(page.cursor).entries == ()


@ON_SQLITE
def test_an_empty_archive_has_a_cursor_to_keep(engine: Engine) -> None:
    page = Archive(engine).feed()
    assert (page.entries, page.cursor.seq, page.more) == ((), 0, False)
    Crawl(engine).page("a.html")
    assert seqs(Archive(engine).feed(page.cursor)) == [1]


def test_numbers_may_have_gaps(crawl: Crawl) -> None:
    crawl.page("a.html")
    cursor = Archive(crawl.engine).feed().cursor
    with pytest.raises(RuntimeError), writing(crawl.engine) as connection:
        connection.execute(
            schema.change.insert(), {"at": crawl.clock(), "kind": "gone", "portal_id": crawl.portal_id}
        )
        raise RuntimeError
    crawl.page("b.html", reading("b"))
    (entry,) = Archive(crawl.engine).feed(cursor).entries
    assert entry.change.url == f"{HOST}/b.html"


def test_who_had_read_less_than_the_backup_notices_nothing(archive: Archive, crawl: Crawl) -> None:
    cursor = archive.feed(limit=4).cursor
    restored(crawl.engine, 4)
    page = archive.feed(cursor)
    assert (page.reset, page.entries) == (None, ())
    crawl.page("f.html", reading("f"))
    assert seqs(archive.feed(cursor)) == [5]


def test_who_had_read_more_is_told_how_far_he_shares_the_course(archive: Archive, crawl: Crawl) -> None:
    cursors = {entry.change.seq: entry.cursor for entry in archive.feed().entries}
    restored(crawl.engine, 4)
    crawl.page("f.html", reading("f"))
    crawl.page("g.html", reading("g"))
    for seq in (5, 6):
        page = archive.feed(cursors[seq])
        assert (page.entries, page.more) == ((), False)
        assert page.reset is not None
        assert (page.reset.common, page.cursor) == (4, page.reset.cursor)
        assert "restored from a backup" in page.reset.reason
        again = archive.feed(page.reset.cursor)
        assert (again.reset, seqs(again)) == (None, [5, 6])
        assert {entry.epoch for entry in again.entries} == {archive.facts().epoch} != {cursors[4].epoch}
    assert archive.feed(cursors[4]).reset is None


@ON_SQLITE
def test_two_restores_to_ever_earlier_moments(archive: Archive, crawl: Crawl) -> None:
    first = archive.feed().cursor
    restored(crawl.engine, 5)
    crawl.page("f.html", reading("f"))
    second = archive.feed().cursor
    restored(crawl.engine, 5)
    for cursor in (first, second):
        page = archive.feed(cursor)
        assert page.reset is not None and page.reset.common == 5


@ON_SQLITE
def test_a_course_the_archive_never_heard_of_begins_anew(archive: Archive) -> None:
    page = archive.feed(Cursor("0" * 8 + "-0000" * 3 + "-" + "0" * 12, 3))
    assert page.reset is not None
    assert (page.reset.common, str(page.reset.cursor)) == (0, f"{archive.facts().epoch}:0")
    assert seqs(archive.feed(page.reset.cursor)) == [1, 2, 3, 4, 5, 6]


def test_a_file_put_back_by_hand_is_noticed_too(archive: Archive, crawl: Crawl) -> None:
    cursor = archive.feed().cursor
    lose(crawl.engine, 4)
    page = archive.feed(cursor)
    assert page.reset is not None and page.reset.common == 0
    crawl.clock.pass_time(seconds=1)
    for name in "fg":
        crawl.page(f"{name}.html", reading(name))
    page = archive.feed(cursor)
    assert page.reset is not None and page.reset.common == 0
    assert "change 6 is another one now" in page.reset.reason


@ON_SQLITE
def test_a_bare_number_beyond_the_last_change_is_told(archive: Archive, crawl: Crawl) -> None:
    restored(crawl.engine, 4)
    page = archive.feed("6")
    assert page.reset is not None and page.reset.common == 4


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    try:
        cursor = feed.parse(text)
    except UsageError as error:
        assert "cursor" in str(error)
    else:
        assert feed.parse(str(cursor)) == cursor


@settings(max_examples=50)
@given(st.uuids(), st.integers(0, 10**18 - 1), st.none() | st.from_regex(r"\A[0-9a-f]{16}\Z"))
def test_a_cursor_survives_print_and_parse(epoch, seq: int, fingerprint: str | None) -> None:
    cursor = Cursor(str(epoch), seq, fingerprint)
    assert feed.parse(f" {cursor}\n") == cursor


@ON_SQLITE
def test_huge_numbers_are_no_error_of_the_database(archive: Archive) -> None:
    page = archive.feed(str(10**17))
    assert page.reset is not None


# --- the command -----------------------------------------------------------------------------------


@pytest.fixture
def run(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    crawl = Crawl(open_archive(sqlite_url))
    evil = "\x1b[31m红\x1b]0;x\x07\u202e反\n换行" + "长" * 100_000
    for name in "abc":
        crawl.page(f"{name}.html", reading(name, title=evil if name == "b" else None))
    crawl.engine.dispose()

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["changes", "--db", sqlite_url, *arguments])
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return run


def test_the_command_prints_one_json_document_a_line(run) -> None:
    code, out, err = run("--json")
    lines = [json.loads(line) for line in out.split("\n") if line]
    assert (code, err) == (0, "")
    assert [line["type"] for line in lines] == ["change"] * 3 + ["end"]
    assert [line.get("seq") for line in lines] == [1, 2, 3, None]
    assert lines[-1] == {"type": "end", "cursor": lines[2]["cursor"], "more": False}
    assert "\x1b" not in out and "\u202e" not in out
    assert lines[1]["detail"].startswith("\x1b[31m红")  # programs get it whole
    code, out, _ = run("--json", "--since", lines[0]["cursor"], "--limit", "1")
    assert [json.loads(line).get("seq") for line in out.splitlines()] == [2, None]
    assert json.loads(out.splitlines()[-1])["more"] is True


def test_the_command_for_people(run) -> None:
    code, out, err = run("--limit", "2")
    assert code == 0
    assert len(out.splitlines()) == 2
    assert not set("\x1b\x07\u202e") & set(out)
    assert "there is more; go on with --since" in err
    assert run("--kind", "gone")[1] == ""
    assert len(run("--site", "qinghe")[1].splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "yesterday"), "not a cursor: 'yesterday'"),
        (("--since", "-1"), "not a cursor"),
        (("--kind", "nothing"), "nothing"),
        (("--base-url", "http://a/"), "--base-url is for --atom"),
        (("--atom", "a.xml", "--json"), "--atom writes all"),
        (("--atom", "nowhere/a.xml"), "does not exist"),
    ],
)
def test_wrong_use_is_one_line_and_two(run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_reset_has_its_own_line_and_exit_code(run, sqlite_url: str) -> None:
    cursor = json.loads(run("--json")[1].splitlines()[-1])["cursor"]
    engine = open_archive(sqlite_url)
    restored(engine, 1)
    engine.dispose()
    code, out, err = run("--json", "--since", cursor)
    (line,) = [json.loads(line) for line in out.splitlines()]
    assert (code, line["type"], line["common"]) == (3, "reset", 1)
    assert err.count("\n") == 1 and line["cursor"] in err
    assert run("--json", "--since", line["cursor"])[0] == 0


def test_followed_it_prints_what_happens_later(run, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            crawl = Crawl(open_archive(sqlite_url))
            crawl.page("z.html", reading("z"))
            crawl.engine.dispose()
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr("archive.changes_cli.time.sleep", sleep)
    code, out, err = run("--follow", "--json", "--every", "7")
    assert (code, err, slept) == (130, "", [7.0, 7.0])
    assert [json.loads(line)["seq"] for line in out.splitlines()] == [1, 2, 3, 4]


# --- the consumer ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("follow_changes", EXAMPLE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ARCHIVED = """
SELECT d.document_id, d.url, d.report_id, d.state, d.versions, v.text_sha256
FROM documents d JOIN version v ON v.document_id = d.document_id AND v.number = d.versions
ORDER BY d.document_id
"""


def truth(engine: Engine) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What a consumer must know: the documents as they are, and every change once."""
    with engine.connect().execution_options(archive_reads=True) as connection:
        documents = [tuple(row) for row in connection.exec_driver_sql(ARCHIVED)]
        handled = [
            tuple(row)
            for row in connection.exec_driver_sql(
                "SELECT seq, kind, document_id, report_id, version, text_sha256, url FROM changes ORDER BY seq"
            )
        ]
    return documents, handled


def known(path: Path) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    state = sqlite3.connect(path)
    documents = state.execute("SELECT * FROM document ORDER BY document_id").fetchall()
    handled = state.execute("SELECT * FROM handled ORDER BY seq").fetchall()
    state.close()
    return documents, handled


class Killed(Exception):
    """The n-th statement is the last one."""


class Mortal:
    """A connection that dies at its n-th statement."""

    def __init__(self, path: Path, lives: int) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.lives = lives

    def execute(self, statement: str, *given: object) -> sqlite3.Cursor:
        self.lives -= 1
        if self.lives == 0:
            self.connection.close()  # as a kill does: what was not committed is gone
        if self.lives <= 0:
            raise Killed
        return self.connection.execute(statement, *given)


def follow_to_the_end(example: ModuleType, url: str, path: Path) -> None:
    state = example.open_state(str(path))
    while example.step(url, state):
        pass
    state.close()


def killed_everywhere(example: ModuleType, url: str, path: Path) -> int:
    """Runs one step, killed at each of its statements in turn; the file must stay as it was."""
    before = known(path)
    for lives in range(1, 500):
        state = Mortal(path, lives)
        try:
            example.step(url, state)
        except Killed:
            assert known(path) == before, lives
        else:
            state.connection.close()
            return lives
    raise AssertionError("it never ends")


def test_the_consumer_killed_at_any_statement_also_of_a_reset(
    example: ModuleType, sqlite_url: str, tmp_path: Path
) -> None:
    engine = open_archive(sqlite_url)
    crawl = Crawl(engine)
    for name in "ab":
        crawl.page(f"{name}.html", reading(name))
    state = tmp_path / "mine.db"
    example.open_state(str(state)).close()
    assert killed_everywhere(example, sqlite_url, state) > 5
    backup(engine, tmp_path / "backup")
    crawl.page("a.html", reading("a", "改。"))
    crawl.page("c.html", reading("c"))
    crawl.record("b.html", outcome=Outcome.GONE, status=410)
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
    merged = crawl.store.merge_reports(1, 3, by="test")
    follow_to_the_end(example, sqlite_url, state)
    assert known(state) == truth(engine)
    crawl.store.undo_decision(merged.decision_id, by="test")
    follow_to_the_end(example, sqlite_url, state)
    assert known(state) == truth(engine)
    engine.dispose()
    restore(tmp_path / "backup", sqlite_url, force=True)
    engine = open_archive(sqlite_url)
    crawl = Crawl(engine)
    crawl.page("d.html", reading("d"))
    assert killed_everywhere(example, sqlite_url, state) > 5
    assert known(state)[1][-1][0] == 2  # what came behind the backup is forgotten
    follow_to_the_end(example, sqlite_url, state)
    assert known(state) == truth(engine)
    engine.dispose()


# --- the same with processes that are killed, on both databases -------------------------------------

CONSUMER = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("follow_changes", sys.argv.pop(1))
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.AT_ONCE = 10  # many transactions to be killed in
print("ready", flush=True)
module.main()
"""


def put_back(file: Path, url: str) -> None:
    """``archive restore``, again while a consumer is just looking."""
    for left in range(20, -1, -1):
        try:
            restore(file, url, force=True)
            return
        except DatabaseUnusable as error:
            if not left or "in use" not in str(error):
                raise


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_consumers_killed_while_writers_write_and_across_a_restore(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    chance = random.Random(5)
    url = request.getfixturevalue("sqlite_url" if kind == "sqlite" else "empty_postgresql")
    state = tmp_path / "mine.db"
    ended: list[int] = []
    stop = threading.Event()

    def consume() -> None:
        while not stop.is_set():
            process = subprocess.Popen(
                [sys.executable, "-c", CONSUMER, str(EXAMPLE), url, str(state), "--stay", "0.02"],
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            with process:
                assert process.stdout is not None
                process.stdout.readline()  # its imports take most of its life
                time.sleep(chance.uniform(0, 2.0))
                process.kill()
            ended.append(process.returncode)

    def write(seed: str) -> None:
        """Writes while the consumer is killed four times."""
        engine = open_archive(url)
        crawl = Crawl(engine)
        until, number, kills = time.monotonic() + 60, 0, len(ended) + 4
        while len(ended) < kills and time.monotonic() < until:
            number += 1
            name = f"{chance.randrange(30)}.html"
            crawl.page(name, reading(name, f"{seed}{number}。"))
            if number % 7 == 0:
                crawl.record(name, outcome=Outcome.GONE, status=410)
            crawl.clock.pass_time(seconds=1)
            time.sleep(chance.uniform(0, 0.1))
        engine.dispose()

    consumer = threading.Thread(target=consume)
    consumer.start()
    try:
        write("甲")
        engine = open_archive(url)
        backed_up = backup(engine, tmp_path / "backup").manifest.last_change
        engine.dispose()
        write("乙")
        engine = open_archive(url)
        lost = truth(engine)
        engine.dispose()
        until = time.monotonic() + 30
        while known(state)[1][-1][0] <= backed_up + 10 and time.monotonic() < until:
            time.sleep(0.1)
        assert known(state)[1][-1][0] > backed_up + 10, "the consumer must know what the restore takes back"
        put_back(tmp_path / "backup", url)
        write("丙")
    finally:
        stop.set()
        consumer.join()
    command = [sys.executable, str(EXAMPLE), url, str(state)]
    last = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert last.returncode == 0, last.stderr
    engine = open_archive(url)
    assert known(state) == truth(engine) != lost
    assert len(known(state)[1]) > 30
    engine.dispose()
    assert ended.count(-signal.SIGKILL) >= 10
