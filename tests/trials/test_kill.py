"""kill -9 at random moments, then run again: nothing missing, nothing twice."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import command_line, environment

KILLS = 20
CONTENT = """
    select d.url, d.state, v.number, v.text_sha256
    from version v join document d on d.id = v.document_id order by 1, 3
"""


def holdings(db: Path) -> dict[str, object]:
    """What an archive holds, in a form two archives can be compared by."""
    with closing(sqlite3.connect(db)) as connection:
        return {
            "versions": connection.execute(CONTENT).fetchall(),
            "reports": connection.execute("select count(*) from report").fetchone(),
            "refused": connection.execute(
                "select url, reason from frontier where state = 'refused' order by 1"
            ).fetchall(),
            "queued": connection.execute("select count(*) from frontier where state = 'queued'").fetchone(),
            "texts": connection.execute("select sha256 from text order by 1").fetchall(),
            "new": connection.execute("select count(*) from change where kind = 'new'").fetchone(),
        }


def crawl(folder: Path) -> subprocess.Popen[str]:
    """Starts the demo crawl in a folder."""
    return subprocess.Popen(
        command_line("crawler", "run", "--site", "demo", "--db", "archive.db"),
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.slow
@pytest.mark.ci
@pytest.mark.timeout(900)
def test_twenty_kills_lose_and_repeat_nothing(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    began = time.monotonic()
    assert finish(crawl(whole)) == 0
    length = time.monotonic() - began
    wanted = holdings(whole / "archive.db")
    assert wanted["versions"]
    moments = random.Random(20260401)
    cut_in_the_middle = 0
    for number in range(KILLS):
        folder = tmp_path / f"kill{number}"
        folder.mkdir()
        process = crawl(folder)
        if number % 4 == 0:
            time.sleep(moments.uniform(0.1, 0.9) * length)  # anywhere, also while starting
        else:
            wait_for_reports(process, moments.randint(1, 40))
            time.sleep(moments.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        finish(process)
        db = folder / "archive.db"
        before = len(holdings(db)["versions"]) if db.exists() and has_tables(db) else 0  # type: ignore[arg-type]
        cut_in_the_middle += 0 < before < len(wanted["versions"])  # type: ignore[arg-type]
        assert finish(crawl(folder)) == 0
        assert holdings(db) == wanted, f"kill {number}"
    assert cut_in_the_middle >= KILLS // 2, "the kills must hit the crawl, not its start or end"


def wait_for_reports(process: subprocess.Popen[str], number: int) -> None:
    """Reads the crawl's progress until so many reports are new."""
    assert process.stderr is not None
    seen = 0
    for line in process.stderr:
        seen += line.startswith("new")
        if seen >= number:
            return


def finish(process: subprocess.Popen[str]) -> int:
    """Waits for the end; nobody reads the rest of the progress."""
    process.communicate(timeout=120)
    return process.returncode


def has_tables(db: Path) -> bool:
    """False for an archive killed before its tables were there."""
    with closing(sqlite3.connect(db)) as connection:
        return bool(connection.execute("select 1 from sqlite_master where name = 'version'").fetchone())
