"""What the fleet of a storm starts in place of ``crawler run`` and ``crawler reextract``.

It works on the archive as these do, and keeps books of its own in files: what it begins and ends, and whether another
process was at work at the same host group. The last is told by a file lock, which ends with the process however it
ends. Nothing in the books comes from the archive or the queue that they are held against.
"""

from __future__ import annotations

import fcntl
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

VISIT, READ = "visit", "read"
LASTS = (0.1, 1.2)
"""Seconds that it asks a portal."""


def group_of(key: str, groups: int) -> int:
    """The host group of a portal of a storm (``p012``)."""
    return int(key[1:]) % groups


class Book:
    """One line for everything that happens; several processes write it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "book"

    def write(self, what: str, kind: str, key: str) -> None:
        """Appends a line in one system call, which no other process can cut in two."""
        line = f"{what} {kind} {key} {os.getpid()} {time.monotonic():.3f}\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(handle, line.encode())
        os.close(handle)

    def lines(self) -> list[list[str]]:
        """All lines, in words."""
        return [line.split() for line in self.path.read_text().splitlines()] if self.path.exists() else []


def hold(folder: Path, name: str) -> bool:
    """Takes a file lock until the end of the process; False if somebody has it."""
    handle = os.open(folder / f"held-{name}", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def visit(url: str, folder: Path, key: str, groups: int) -> int:
    """A crawl: half of them end in good order when they are told to, the others at once."""
    from archive.database import open_archive
    from archive.leases import this_process
    from archive.records import PortalRecord, RunState
    from archive.store import Store

    told = threading.Event()
    if random.random() < 0.5:

        def end(_number: int, _frame: FrameType | None) -> None:
            told.set()

        signal.signal(signal.SIGTERM, end)
    book, store = Book(folder), Store(open_archive(url))
    portal = store.sync_portal(
        PortalRecord(
            key=key, name=key, level="county", division_code=None, home_url="http://x/", platform=None
        )
    )
    run = store.begin_run(portal, trigger="manual", code_version="0", options={}, owner=this_process())
    book.write("begun" if hold(folder, f"g{group_of(key, groups)}") else "clash", VISIT, key)
    stopped = told.wait(random.uniform(*LASTS))
    store.finish_run(run, RunState.PARTIAL if stopped else RunState.COMPLETE, {}, "played")
    book.write("stopped" if stopped else "ended", VISIT, key)
    return 3 if stopped else 0


def read(folder: Path, key: str) -> int:
    """A re-extraction."""
    book = Book(folder)
    book.write("begun" if hold(folder, key) else "clash", READ, key)
    time.sleep(random.uniform(*LASTS))
    book.write("ended", READ, key)
    return 0


if __name__ == "__main__":
    _, kind, url, folder, groups, _, key = sys.argv
    sys.exit(visit(url, Path(folder), key, int(groups)) if kind == VISIT else read(Path(folder), key))
