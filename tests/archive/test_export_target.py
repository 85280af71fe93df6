"""An export stands under its name whole, or not at all: full disk, killed, two at once."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from archive.database import open_archive
from archive.exporting import target as targets
from archive.exporting.check import check
from archive.exporting.errors import CannotWrite
from archive.exporting.formats import Format
from archive.exporting.recordings import export_wacz, export_warc
from archive.exporting.run import export
from tests.conftest import ROOT, environment


@pytest.fixture
def filled(exported_file: Path) -> Iterator[Engine]:
    engine = open_archive(str(exported_file), read_only=True)
    yield engine
    engine.dispose()


def write(engine: Engine, folder: Path, what: str, *, force: bool = False) -> Path:
    if what == "warc":
        export_warc(engine, folder / "out.warc.gz", force=force)
        return folder / "out.warc.gz"
    if what == "wacz":
        export_wacz(engine, folder / "out.wacz", force=force)
        return folder / "out.wacz"
    export(engine, folder / "out", Format(what), force=force, page_size=2)
    return folder / "out"


SLOW_TEXT, SLOW_WARC, SLOW_WACZ = (
    pytest.param(what, marks=pytest.mark.slow) for what in ("text", "warc", "wacz")
)
ALL = ["csv", "jsonl", "parquet", "text", "sqlite", "warc", "wacz"]


@pytest.mark.parametrize("what", ["csv", SLOW_TEXT, SLOW_WARC, SLOW_WACZ])
def test_a_full_disk_at_any_write_leaves_nothing(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(targets, "_BUFFER", 1)
    count, fails_at = [0], [10**9]
    opened = Path.open

    class Full:
        def __init__(self, file: object) -> None:
            self._file = file

        def __getattr__(self, name: str) -> object:
            return getattr(self._file, name)

        def __enter__(self) -> object:
            self._file.__enter__()  # type: ignore[attr-defined]
            return self

        def __exit__(self, *given: object) -> object:
            return self._file.__exit__(*given)  # type: ignore[attr-defined]

        def write(self, data: bytes) -> int:
            count[0] += 1
            if count[0] >= fails_at[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self._file.write(data)  # type: ignore[attr-defined, no-any-return]

    def opening(self: Path, mode: str = "r", *given: object, **named: object) -> object:
        file = opened(self, mode, *given, **named)  # type: ignore[call-overload]
        return Full(file) if mode == "wb" else file

    monkeypatch.setattr(Path, "open", opening)
    if what == "wacz":  # a zip opens its file by another door
        import builtins

        plain_open = builtins.open
        monkeypatch.setattr("zipfile.io.open", lambda *given, **named: Full(plain_open(*given, **named)))
    (tmp_path / "whole").mkdir()
    write(filled, tmp_path / "whole", what)
    writes = count[0]
    assert writes >= 3
    for number in sorted({1, 2, 3, writes - 1, writes, *random.Random(1).choices(range(1, writes + 1), k=3)}):
        count[0], fails_at[0] = 0, number
        with pytest.raises(CannotWrite, match="the disk is full; nothing was left behind") as caught:
            write(filled, tmp_path, what)
        assert caught.value.exit_code == 3
        assert [path.name for path in tmp_path.iterdir()] == ["whole"], number


def test_a_full_disk_under_the_slim_database(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def small(path: object, **named: object) -> sqlite3.Connection:
        database = connect(path, **named)  # type: ignore[arg-type]
        if str(path).endswith("reports.db"):
            database.execute("PRAGMA max_page_count=20")
        return database

    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(CannotWrite, match="full; nothing was left behind"):
        write(filled, tmp_path, "sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["csv", "warc"])
def test_everything_is_on_the_disk_before_it_is_renamed(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    synced: list[str] = []
    rename, replace, sync = Path.rename, Path.replace, os.fsync

    def fsync(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        sync(handle)

    def moving(move: object) -> object:
        def moved(self: Path, to: Path) -> Path:
            files = [self] if self.is_file() else [path for path in self.rglob("*") if path.is_file()]
            assert {str(path) for path in files} <= set(synced)
            return move(self, to)  # type: ignore[operator, no-any-return]

        return moved

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "rename", moving(rename))
    monkeypatch.setattr(Path, "replace", moving(replace))
    write(filled, tmp_path, what)
    assert str(tmp_path) in synced, "the new name itself"


@pytest.mark.parametrize("what", ["csv", SLOW_WARC])
def test_killed_in_the_middle_it_leaves_no_final_name_and_the_next_one_cleans(
    filled: Engine, exported_file: Path, tmp_path: Path, what: str
) -> None:
    target = tmp_path / ("out.warc.gz" if what == "warc" else "out")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(exported_file), str(target)],
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    left = list(tmp_path.iterdir())
    assert len(left) == 1 and left[0].name.startswith(f".{target.name}.part-")
    write(filled, tmp_path, what)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert check(target).problems == []


KILLED = """
import os, signal, sys
from pathlib import Path
from archive.database import open_archive
from archive.exporting import run, recordings, manifest
from archive.exporting.formats import Format
manifest.write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
engine, target = open_archive(sys.argv[1], read_only=True), Path(sys.argv[2])
if target.name.endswith("gz"):
    recordings.export_warc(engine, target)
else:
    run.export(engine, target, Format.CSV)
"""


def test_another_export_under_way_is_left_alone(tmp_path: Path) -> None:
    with targets.folder_for(tmp_path / "out", force=False) as one:
        (one / "file").write_text("half")
        with targets.folder_for(tmp_path / "out", force=False) as two:
            (two / targets.MANIFEST).write_text("whole")
        assert (one / "file").read_text() == "half"
        (tmp_path / "out").rename(tmp_path / "earlier")
    assert (tmp_path / "out" / "file").read_text() == "half"


def test_the_modes_are_those_of_the_umask(filled: Engine, tmp_path: Path) -> None:
    folder = write(filled, tmp_path, "csv")
    plain = tmp_path / "plain"
    plain.mkdir()
    assert folder.stat().st_mode == plain.stat().st_mode


@pytest.mark.slow
@pytest.mark.parametrize(
    "what", [what for what in ALL if what != "parquet"]
)  # its threads do not survive a fork
def test_kill_storm(exported_file: Path, tmp_path: Path, what: str) -> None:
    """Killed at forty moments from start to end: under the final name stands a whole export, or nothing."""
    target = tmp_path / {"warc": "out.warc.gz", "wacz": "out.wacz"}.get(what, "out")
    forked = multiprocessing.get_context("fork")  # nothing is loaded again

    def run() -> None:
        write(open_archive(str(exported_file), read_only=True), tmp_path, what)

    began = time.monotonic()
    process = forked.Process(target=run)
    process.start()
    process.join()
    assert process.exitcode == 0
    whole, absent = time.monotonic() - began, 0
    for number in range(40):
        if target.exists():
            shutil.rmtree(target) if target.is_dir() else target.unlink()
        process = forked.Process(target=run)
        process.start()
        time.sleep(whole * 1.1 * number / 40)
        process.kill()
        process.join()
        if target.exists():
            assert check(target).problems == [], number
        else:
            absent += 1
    assert absent >= 5


@pytest.mark.slow
@pytest.mark.parametrize("what", ALL)
def test_a_real_full_disk(filled: Engine, tmp_path: Path, what: str) -> None:
    """A tmpfs of some kilobytes, as often as it takes until the export fits."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(tmp_path)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    try:
        failed = 0
        for size in (16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024, 4096):
            subprocess.run(["mount", "-o", f"remount,size={size}k", str(tmp_path)], check=True)
            try:
                made = write(filled, tmp_path, what)
            except CannotWrite as error:
                failed += 1
                assert "full" in str(error)
                assert list(tmp_path.iterdir()) == []
            else:
                assert check(made).problems == []
                break
        assert failed >= 1
        assert check(made).problems == []
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)
