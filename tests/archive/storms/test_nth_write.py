"""The disk fails at the n-th write or sync of one recording, for every n: it is there whole, or not at all.

Prints its figures (``pytest -m slow -s tests/archive/storms/test_nth_write.py``).
"""

from __future__ import annotations

import ctypes
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from archive import database
from archive.database import open_archive, reading
from archive.errors import ArchiveError
from tests.archive.builder import Crawl
from tests.archive.storms.faulty_files import Disk, Fault, faulty, library
from tests.archive.storms.holdings import damage
from tests.archive.test_atomicity import dump, moved, new_report, new_version

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

Act = Callable[[], object]


@pytest.fixture
def sqlite(monkeypatch: pytest.MonkeyPatch, unsynced: Callable[..., object]) -> ctypes.CDLL:
    """The library, and archives that sync as they do in earnest."""
    found = library()
    if found is None:
        pytest.skip("this Python has SQLite built in: its writes cannot be reached to let them fail")
    monkeypatch.setattr(database, "_connect_sqlite", unsynced)
    return found


def remake(path: Path, whole: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(whole, path)


def state(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the archive; pages and indexes are whole."""
    with reading(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    return dump(engine)


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("prepare", [new_report, new_version, moved])
def test_every_write_and_sync_of_a_recording(
    sqlite: ctypes.CDLL,
    prepare: Callable[[Crawl], Act],
    fault: Fault,
    sqlite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "CHECKPOINT_PAGES", 40)  # so that commits bring checkpoints with them
    path, whole, figures = tmp_path / "a.db", tmp_path / "before.db", Counter[str]()
    shutil.copy(sqlite_template, path)
    engine = open_archive(str(path))
    act = prepare(Crawl(engine))
    before = dump(engine)
    engine.dispose()
    assert damage(str(path)) == []
    shutil.copy(path, whole)
    act()
    after = dump(engine)
    engine.dispose()
    assert damage(str(path)) == []
    assert before != after
    nth, reached = 0, True
    while reached:
        nth += 1
        remake(path, whole)
        disk = Disk()
        with faulty(sqlite, disk):
            engine.connect().close()
            disk.operations.clear()
            disk.nth, disk.fault = nth, fault
            told = attempt(act)
            assert not told or "disk" in told, told
            assert not told or fault is not Fault.FULL or "disk is full" in told
            if nth % 2 or not told:
                engine.dispose()  # the last connection moves the journal into the file: writes, too
            reached = len(disk.operations) >= nth
            disk.heal()
            left = state(engine)
            assert left in ((before, after) if told else (after,)), (
                nth,
                disk.operations[nth - 1 :][:1],
                told,
            )
            assert attempt(act) is None  # every other time on the connection that failed
            assert state(engine) == after
            engine.dispose()
        if reached:
            figures[disk.operations[nth - 1]] += 1
            figures["told" if told else "without consequence"] += 1
            figures["there all the same"] += bool(told) and left == after
    print(f"\n{prepare.__name__}, {fault.value}: n = 1 … {nth - 1}, {dict(figures)}, 0 losses")
    assert figures["write"] > 10
    assert figures["sync"] >= 2
    assert figures["told"] > 10


def attempt(act: Act) -> str | None:
    """What a failure says; it is one line of ours."""
    try:
        act()
    except ArchiveError as error:
        assert "\n" not in str(error)
        return str(error)
    return None
