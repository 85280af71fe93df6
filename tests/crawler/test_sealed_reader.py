"""No network touched, nothing written, no program started, no file read but the program's own: whatever is read.

What C libraries might fetch past Python is watched from the other side, by a server on loopback, in
`test_bad_pages.py` and `test_bad_documents.py`; what they might write, the child's limit on file sizes forbids.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.reader_child import Child, Lost, seal
from crawler.reader_pool import MEMORY
from crawler.readjob import ReadJob, ReadResult
from tests.conftest import ROOT
from tests.crawler.documents.attacks import ATTACKS
from tests.crawler.documents.cases import load
from tests.crawler.measured import column, file, page
from tests.crawler.mutation import jobs

SLOW = {
    "pdf: 500,000 drawings",
    "pdf: 300,000 pieces of text",
    "rtf: 2,000,000 groups",
    "xlsx: 300,000 rows of full width",
}
"""Seconds each, and nothing in them that could be followed."""
CASES = [case for case in load() if len(case.body) < 40_000]
_OWN = tuple(
    {
        str(ROOT),
        sys.prefix,
        sys.base_prefix,
        *sysconfig.get_paths().values(),
        "/usr/share/zoneinfo",
        "/proc/self",
    }
)
_seen: list[str] = []


def _record(event: str, details: tuple[object, ...]) -> None:
    if event == "open":
        path, _, flags = details
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes or not str(path).startswith(_OWN):
            _seen.append(f"open {path} {flags}")
    elif event.startswith(
        ("socket.", "subprocess.", "urllib.", "ftplib.", "http.", "shutil.", "tempfile.")
    ) or event in (
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.symlink",
        "os.link",
        "os.chmod",
        "os.putenv",
        "os.chdir",
    ):
        _seen.append(f"{event} {details!r}"[:200])


def watched(job: ReadJob | Path) -> tuple[ReadResult | None, list[str]]:
    """Reads a job and says what was touched meanwhile; a folder first, to stand in."""
    from crawler.reading import read

    if isinstance(job, Path):
        os.chdir(job)
        os.environ["TMPDIR"] = os.environ["HOME"] = str(job)
        sys.dont_write_bytecode = True  # as the sealed reader has it
        sys.addaudithook(_record)
        return None, []
    _seen.clear()
    return read(job), list(_seen)


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    made = Child(watched, memory=MEMORY)
    made.ask(tmp_path_factory.mktemp("reader"), 10)
    yield made
    made.end()


def every_attack() -> Iterator[tuple[str, ReadJob]]:
    for name, (make, _) in ATTACKS.items():
        if name not in SLOW:
            yield name, file(make(), f"a.{name.partition(':')[0]}")
    for case in CASES:
        yield case.name, file(case.body, case.name)
    target = "file:///etc/passwd"
    doctype = (
        f'<!DOCTYPE x SYSTEM "{target}" [<!ENTITY i SYSTEM "{target}"><!ENTITY % p SYSTEM "{target}"> %p;]>'
    )
    for body in (
        f'<?xml version="1.0"?>{doctype}<html><body>&i;<p>法治政府建设</p></body></html>',
        "<base href='file:///etc/'><iframe src='passwd'></iframe><object data='passwd'></object><p>法治政府建设</p>",
        "<link rel=stylesheet href='http://127.0.0.1:9/'><script src='//127.0.0.1:9/'></script><img src='http://127.0.0.1:9/'>",
    ):
        yield body[:30], page(body)
        yield body[:30], column(body)
        yield body[:30], file(body.encode(), "a.svg")
    for number, job in enumerate(jobs(25, seed=3)):
        yield f"fuzzed page {number}", job


@pytest.mark.slow
def test_nothing_is_touched_by_any_attack(child: Child, tmp_path_factory: pytest.TempPathFactory) -> None:
    child.ask(page("<p>法治政府建设</p>"), 30)  # reads the tables of its libraries
    count = 0
    for name, job in every_attack():
        _, seen = child.ask(job, 20)
        assert seen == [], name
        count += 1
    assert count > 100
    for folder in tmp_path_factory.getbasetemp().glob("reader*"):
        assert list(folder.iterdir()) == []


def test_the_watch_sees_what_is_touched(tmp_path: Path) -> None:
    """The test before this one would fail if something were touched."""
    made = Child(touching, memory=MEMORY)
    try:
        seen = made.ask(tmp_path, 10)
    finally:
        made.end()
    assert [line.partition(" ")[0] for line in seen] == ["open", "open", "os.mkdir", "socket.connect"]


def touching(folder: Path) -> list[str]:
    sys.addaudithook(_record)
    (folder / "written").touch()
    Path("/etc/hostname").exists()
    with Path("/etc/passwd").open("rb"):
        (folder / "made").mkdir()
    with socket.socket() as made:
        made.connect_ex(("127.0.0.1", 9))
    return [line for line in _seen if not line.startswith("socket.__new__")]


FORBIDDEN: dict[str, Callable[[Path], object]] = {
    "write a file": lambda folder: (folder / "x").write_text("x"),
    "append to a file": lambda folder: (folder / "there").open("a"),
    "make an empty file": lambda folder: (folder / "x").touch(),
    "make a folder": lambda folder: (folder / "x").mkdir(),
    "remove a file": lambda folder: (folder / "there").unlink(),
    "rename a file": lambda folder: (folder / "there").rename(folder / "x"),
    "connect": lambda _: socket.create_connection(("127.0.0.1", 9), 1),
    "look up a name": lambda _: socket.getaddrinfo("www.example.com", 80),
    "listen": lambda _: socket.socket().bind(("127.0.0.1", 0)),
    "run a program": lambda _: subprocess.run(["true"], check=False),
    "run a shell": lambda _: os.system("true"),
    "fork": lambda _: os.fork(),
}


def sealed(job: tuple[str, Path]) -> object:
    seal()
    what, folder = job
    return FORBIDDEN[what](folder)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_sealed_process_cannot(what: str, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x")
    made = Child(sealed, memory=MEMORY)
    try:
        with pytest.raises(Lost, match="PermissionError: a reader touches nothing"):
            made.ask((what, tmp_path), 10)
    finally:
        made.end()
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
