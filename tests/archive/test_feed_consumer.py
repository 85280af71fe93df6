"""The example that follows the feed: killed anywhere, it misses nothing and sees nothing twice."""

from __future__ import annotations

import importlib.util
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy.engine import Engine

from archive.backup import backup
from archive.database import open_archive
from archive.errors import DatabaseUnusable
from archive.records import Outcome, RunState
from archive.restoring import restore
from tests.archive.builder import Crawl
from tests.archive.following import reading
from tests.conftest import ROOT, environment

EXAMPLE = ROOT / "examples" / "follow_changes.py"


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
