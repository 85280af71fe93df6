"""What the tests of all packages share."""

from __future__ import annotations

import functools
import importlib
import os
import pickle
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import typer.main
import typer.testing
from hypothesis import settings

from archive import database
from archive.database import open_archive
from crawler import reader_pool
from crawler.readjob import ReadJob, ReadResult

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

pytest_plugins = ["tests.portals.fixtures"]

# Whatever the shell says: without bytecode each process that a test starts compiles the project anew, half its time.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The first example of a property loads what it needs (dictionaries, libraries): no test here is about time.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

Command = Callable[..., "subprocess.CompletedProcess[str]"]


def command_line(program: str, *args: object) -> list[str]:
    """A command of this project, run by this interpreter."""
    return [sys.executable, "-m", f"{program}.cli", *map(str, args)]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command: nothing of the caller's archive or proxies leaks in."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"ARCHIVE_URL", "FAZHI_SEEDS", "FAZHI_CONTACT"} and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **(extra or {})}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs a command of this project in an empty folder, as a user would."""

    def run(program: str, *args: object, env: Mapping[str, str] | None = None, timeout: float = 120):
        return subprocess.run(
            command_line(program, *args),
            cwd=tmp_path,
            env=environment(env),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """As ``command``, within this process: a process of its own is two seconds of imports."""

    def call(program: str, *args: object, env: Mapping[str, str] | None = None):
        arguments = command_line(program, *args)
        wanted = environment(env)
        capsys.readouterr()
        with monkeypatch.context() as patch:
            for name in set(os.environ) - set(wanted):
                patch.delenv(name)
            for name, value in wanted.items():
                patch.setenv(name, value)
            patch.chdir(tmp_path)
            patch.setattr(sys, "argv", arguments[2:])
            with pytest.raises(SystemExit) as left:
                importlib.import_module(f"{program}.cli").main()
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(left.value.code or 0), out, err)

    return call


@pytest.fixture(scope="session", autouse=True)
def unsynced() -> Iterator[Callable[..., sqlite3.Connection]]:
    """Archives written by this process do without fsync, as the tests' PostgreSQL does.

    It guards against power cuts, which no test makes (kill -9 keeps what the system holds), and is half the time of
    a small crawl on a busy disk. Commands that run as processes of their own keep it. Gives what stood there before.
    """
    connect = database._connect_sqlite

    def without(path: Path, *, read_only: bool) -> sqlite3.Connection:
        connection = connect(path, read_only=read_only)
        if not read_only:
            connection.execute("PRAGMA synchronous=OFF")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_connect_sqlite", without)
        yield connect


@pytest.fixture(scope="session", autouse=True)
def commands_built_once() -> Iterator[None]:
    """Commands that tests call in this process are built from their declarations once: that is 50 ms a call."""
    with pytest.MonkeyPatch.context() as patch:
        built_once = functools.cache(typer.main.get_command)
        patch.setattr(typer.main, "get_command", built_once)
        patch.setattr(typer.testing, "_get_command", built_once)
        yield


@functools.cache
def empty_archive() -> bytes:
    """A new archive's file: migrating one for every crawl would take a third of a second each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        open_archive(str(path)).dispose()
        with closing(sqlite3.connect(path)) as db:
            db.execute("pragma wal_checkpoint(truncate)")
        return path.read_bytes()


@functools.lru_cache(maxsize=4096)
def _read_once(job: bytes, *readers: object) -> ReadResult:
    return _READ(pickle.loads(job))


_READ = reader_pool._read


@contextmanager
def equal_pages_once() -> Iterator[None]:
    """Reads equal pages once per process: dozens of crawls fetch the same portal, reading it is 40 ms a page.

    For tests of what a crawl does with a reading. Reading is a pure function, so its answer may be kept.
    """

    def read(job: ReadJob) -> ReadResult:
        from crawler import articles, assembly, extract, reading, recognise
        from crawler.extract import documents

        # What a test may have put in the place of a part of the reader.
        parts = (assembly.extract, documents.read, recognise.judge, reading.read_article)  # type: ignore[attr-defined]
        return _read_once(pickle.dumps(job), *parts, extract.VERSION, articles.VERSION, documents.VERSION)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader_pool, "_read", read)
        yield


@pytest.fixture(scope="module")
def read_once() -> Iterator[None]:
    """Tests of this module read equal pages once."""
    with equal_pages_once():
        yield
