"""More than two hundred times ``kill -9``, in every phase of writing, on both databases.

Prints its figures (``pytest -m slow -s tests/archive/storms/test_kill_storm.py``).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive.backup import read_manifest
from archive.database import open_archive
from tests.archive.storms.holdings import broken, damage, difference, holdings
from tests.archive.storms.killing import Storm, finish
from tests.archive.storms.writer import to_redact

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PAGES = 160
REDACTED = 150
CRAWLING, REDACTING = 75, 35
"""Kills while crawls and backups go on, and while texts are withdrawn: at least 110 on each database."""

EAST, WEST = ("crawl", "east", PAGES), ("crawl", "west", PAGES)


@pytest.fixture
def calm(url: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of another archive on the same database, for the same work undisturbed."""
    if "://" in url:
        return str(request.getfixturevalue("empty_postgresql"))
    return str(tmp_path / "calm.db")


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


def check(storm: Storm, backup: Path, *, withdrawn: bool = False) -> None:
    engine = open_archive(storm.url)
    assert broken(engine, withdrawn=withdrawn) == {}
    engine.dispose()
    assert storm.complaints == []
    if backup.exists():
        read_manifest(backup)  # never half a file


def ways(storm: Storm, backup: Path) -> Iterator[Callable[[], None]]:
    """Ways to kill while crawls and backups go on, in turn."""
    both = (EAST, WEST)
    making = ("backup", backup)
    while True:
        yield lambda: storm.kill(EAST, phase="search index")
        yield lambda: storm.kill(WEST, phase="grouping", most=5)
        yield lambda: storm.kill(EAST, phase="commit", most=6)
        yield lambda: storm.kill(*both, phase="search index")
        yield lambda: storm.kill(*reversed(both))
        yield lambda: storm.kill(making, EAST, phase="backup", most=2)
        yield lambda: storm.kill(WEST)
        yield lambda: storm.kill(EAST, phase="grouping")
        yield lambda: storm.kill(making, phase="backup", most=2)


def test_killed_and_finished_it_is_as_if_nothing_had_been(url: str, calm: str, backups: Path) -> None:
    began = time.monotonic()
    storm = Storm(url, random.Random(20260701))
    backup = backups / "b.db"
    for kill in ways(storm, backup):
        kill()
        check(storm, backup)
        if storm.kills.total() >= CRAWLING and storm.hit("search index", "grouping", "backup"):
            break
    before_the_end = holdings(url)
    for work in (EAST, WEST):
        again = finish(url, *work).done
        assert not {name for name in again if name.endswith("1")} & storm.acknowledged
        storm.acknowledged |= again
    crawled = storm.kills.total()
    while storm.kills.total() < crawled + REDACTING or not storm.hit("redaction", "wiping"):
        phase = storm.chance.choice(["redaction", "wiping", "wiping", "commit"])
        storm.kill(("redact", REDACTED), phase=phase, most=2)
        check(storm, backup, withdrawn=True)
        assert storm.ended < REDACTING, f"the work must be long enough to be killed in: {storm.kills}"
    finish(url, "redact", REDACTED)
    finish(url, "backup", backup)

    for work in (EAST, WEST, ("redact", REDACTED)):
        finish(calm, *work)
    held = holdings(url)
    assert difference(held, holdings(calm)) == []
    assert damage(url) == damage(calm) == []
    assert storm.complaints == []
    engine = open_archive(url)
    assert to_redact(engine, REDACTED) == []
    engine.dispose()
    assert [one.name for one in backups.iterdir()] == ["b.db"]
    assert difference(held, holdings(str(backup))) == [] or "://" in url  # a copy's index is made later
    print(
        f"\n{url.partition(':')[0] if '://' in url else 'sqlite'}: {storm.kills.total()} kills, of them "
        f"{dict(storm.kills.most_common())}, {storm.ended} processes were faster; "
        f"{len(storm.acknowledged)} acknowledged, 0 lost; {time.monotonic() - began:.0f} s"
    )
    assert storm.kills.total() >= CRAWLING + REDACTING
    assert storm.hit("search index", "grouping", "redaction", "wiping", "backup"), storm.kills
    assert difference(before_the_end, held) != [], "the storm must end before the work does"
