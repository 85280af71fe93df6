"""A process that reads an archive as its consumers do, and looks whether every answer agrees with itself."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy as sa

from archive import schema, search
from archive.database import reading
from archive.reader import Archive
from archive.states import ChangeKind
from archive.text import digest
from tests.conftest import ROOT, command_line, environment

YEARS = range(2023, 2026)
VERSIONS = frozenset({ChangeKind.NEW, ChangeKind.DUPLICATE, ChangeKind.CHANGED})
EVERYWHERE = "法治课"
"""Stands in every text of ``writer``."""


@dataclass
class Reader:
    """One consumer; every method is one kind of answer, and asserts what must be true of it."""

    archive: Archive
    chance: random.Random
    cursor: str = "0"
    told: Counter[int] = field(default_factory=Counter)
    """Versions that the changes told of, by document."""
    followed: int = 0

    def list(self) -> None:
        reports = self.archive.reports(limit=100)
        assert len({report.report_id for report in reports}) == len(reports)
        assert all(report.documents and report.version and report.characters for report in reports)

    def stats(self) -> None:
        stats = self.archive.stats()
        assert sum(stats.documents_by_state.values()) == stats.documents
        assert stats.reports <= stats.documents <= stats.versions <= stats.changes
        assert stats.texts <= stats.versions

    def search(self) -> None:
        hits = self.archive.search(f"第{self.chance.randrange(60)}街道")
        assert len({(hit.report_id, hit.text_sha256) for hit in hits}) == len(hits)
        assert all(hit.passages for hit in hits)
        with reading(self.archive._engine) as connection:
            counted = sum(row.reports for row in search.counts(connection, EVERYWHERE, search.Filters()))
            found = search.search(connection, EVERYWHERE, search.Filters(), limit=None)
            held = sa.select(sa.func.count(sa.distinct(schema.document.c.report_id)))
            assert counted == len({hit.report_id for hit in found})
            assert counted == connection.execute(held).scalar_one()

    def show(self) -> None:
        newest = self.archive.reports(limit=60)
        if not newest:
            return
        report = self.chance.choice(newest)
        assert digest(self.archive.text_of(report.text_sha256)) == report.text_sha256
        numbers: dict[int, list[int]] = {}
        for version in self.archive.versions(report.report_id):
            numbers.setdefault(version.document_id, []).append(version.number)
        assert len(numbers) >= report.documents
        assert all(found == [*range(1, len(found) + 1)] for found in numbers.values())
        assert len(self.archive.sections_of(report.document_id, 1)) == 3

    def coverage(self) -> None:
        found = self.archive.coverage(YEARS)
        cells = [
            cell for place in found.places for row in place.rows for cell in row.cells if cell is not None
        ]
        assert sum(found.counts.by_state.values()) == len(cells)
        states: Counter[object] = Counter()
        for place in found.places:
            states.update(place.counts.by_state)
        assert states == Counter(found.counts.by_state)

    def changes(self) -> None:
        page = self.archive.feed(self.cursor, limit=300)
        assert page.reset is None
        for entry in page.entries:
            assert entry.change.seq > self.followed
            self.followed = entry.change.seq
            if entry.change.kind in VERSIONS:
                assert entry.change.document_id is not None
                self.told[entry.change.document_id] += 1
                assert entry.change.version == self.told[entry.change.document_id]
        self.cursor = str(page.cursor)

    def catch_up(self) -> int:
        """Follows the changes to their end; how many versions they told of."""
        before = -1
        while before != self.followed:
            before = self.followed
            self.changes()
        return self.told.total()


def command(url: str, chance: random.Random) -> None:
    """One answer of the command ``archive``, as another program asks for it."""
    words = chance.choice(
        [
            ("list",),
            ("search", EVERYWHERE),
            ("stats",),
            ("changes", "--since", "0"),
            ("coverage", "--year", "2025"),
        ]
    )
    done = subprocess.run(
        command_line("archive", *words, "--json", "--db", url),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for line in done.stdout.splitlines() if words[0] == "changes" else [done.stdout]:
        json.loads(line)


def live(told: Connection, url: str, stop: str, number: int) -> None:
    """Reads until there is a file ``stop``; says at the end how often, how slowly, and what the changes told."""
    for stream in (1, 2):
        os.dup2(told.fileno(), stream)
    chance = random.Random(number)
    done: Counter[str] = Counter()
    slowest: dict[str, float] = {}
    with Archive.open(url) as archive:
        reader = Reader(archive, chance)
        ways: list[Callable[[], None]] = [
            reader.list,
            reader.stats,
            reader.search,
            reader.show,
            reader.coverage,
            reader.changes,
        ]
        while not Path(stop).exists():
            began = time.monotonic()
            if number:
                way = chance.choice(ways)
                way()
                name = way.__name__
            else:
                command(url, chance)
                name = "command"
            took = time.monotonic() - began
            done[name] += 1
            slowest[name] = max(took, slowest.get(name, 0))
        line = {"done": done, "slowest": slowest, "versions": reader.catch_up()}
    os.write(1, f"={json.dumps(line)}\n".encode())
