"""Crawls as processes: a limit, a grace, no survivor; their output is kept, their address stays out of the arguments."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scheduler import child
from scheduler.processes import Processes

GOOD = "import sys; print('done', sys.argv[1:])"
BAD = "import sys; print('first', flush=True); sys.exit('last words \x1b[31m')"
DEAF = "trap '' TERM; echo deaf; sleep 60"
"""For a shell: it is deaf sooner than a Python is."""
POLITE = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(3)); print('up', flush=True); time.sleep(60)"


def processes(tmp_path: Path, *command: str) -> Processes:
    return Processes(
        command if len(command) > 1 else [sys.executable, "-c", *command],
        environment={"ARCHIVE_URL": "postgresql://u:secret@h/db", "PATH": os.environ["PATH"]},
        logs=tmp_path / "logs",
        grace=1,
    )


async def until(log: Path, word: str) -> None:
    for _ in range(3000):
        if log.exists() and word in log.read_text():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{word} never came")


async def test_a_crawl_gets_its_site_and_its_output_is_kept(tmp_path: Path) -> None:
    ended = await processes(tmp_path, GOOD).run(1, "dongli", "/state/dongli.toml", limit=60)
    assert (ended.exit_code, ended.overtime, ended.detail) == (0, False, None)
    assert (tmp_path / "logs" / "dongli.log").read_text() == "done ['--site', '/state/dongli.toml']\n"


async def test_the_last_words_of_a_failure_are_its_detail(tmp_path: Path) -> None:
    ended = await processes(tmp_path, BAD).run(1, "dongli", "dongli", limit=60)
    assert (ended.exit_code, ended.overtime) == (1, False)
    assert ended.detail.startswith("last words")


async def test_a_deaf_crawl_is_killed_when_its_grace_is_over(tmp_path: Path) -> None:
    run = asyncio.create_task(processes(tmp_path, "/bin/sh", "-c", DEAF).run(1, "d", "d", limit=3))
    await until(tmp_path / "logs" / "d.log", "deaf")
    ended = await run
    assert (ended.exit_code, ended.overtime) == (-signal.SIGKILL, True)


async def test_told_to_stop_it_ends_in_good_order(tmp_path: Path) -> None:
    started = processes(tmp_path, POLITE)
    run = asyncio.create_task(started.run(7, "d", "d", limit=60))
    await until(tmp_path / "logs" / "d.log", "up")
    started.stop(7)
    started.stop(8)
    ended = await run
    assert (ended.exit_code, ended.overtime) == (3, False)
    started.stop(7)
    started.kill(7)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed process")
def test_a_crawl_does_not_outlive_a_service_that_is_killed_hard(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    program = f"""
import signal, sys, time
def end(*_):
    open({str(mark)!r}, 'w').write('ended in good order')
    sys.exit(3)
signal.signal(signal.SIGTERM, end)
print('up', flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, subprocess, sys, time\n"
            "subprocess.Popen([sys.executable, sys.argv[1], str(os.getpid()), sys.executable, '-c', sys.argv[2]])\n"
            "time.sleep(60)",
            child.__file__,
            program,
        ],
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 20
    while not mark.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert mark.exists()


def test_crawls_of_the_service_are_recorded_as_scheduled(monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from crawler.cli import app
    from crawler.errors import UnknownSite
    from scheduler.service import COMMAND

    named: dict[str, object] = {}

    def prepare(site: str, **given: object) -> None:
        named.update(given, site=site)
        raise UnknownSite(site)

    monkeypatch.setattr("crawler.prepare.prepare", prepare)
    for words, trigger in ((COMMAND[3:], "schedule"), (("run", "--plain"), "manual")):
        answer = CliRunner().invoke(app, [*words, "--site", "dongli"])
        assert isinstance(answer.exception, UnknownSite)
        assert (named["site"], named["trigger"]) == ("dongli", trigger)
