"""Two writers and eight readers for a minute: every answer agrees with itself, and nobody waits for a lock in vain.

Prints its figures (``pytest -m slow -s tests/archive/storms/test_readers.py``).
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from archive import schema
from archive.database import open_archive, reading
from archive.roster import Roster, RosterPlace, RosterRecord
from archive.store import Store
from tests.archive.builder import HOST, Crawl, parted_reading
from tests.archive.storms import reader
from tests.archive.storms.holdings import broken, damage
from tests.archive.storms.killing import begin

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SECONDS = 60
READERS = 8
PORTALS = ("east", "west")


def a_roster() -> Roster:
    """Sixty streets on each portal; the writers' first reports are theirs."""
    places = [
        RosterPlace(f"99900{at}", f"{key}区", "天津市", "", f"{key}区", key, f"{HOST}/{key}/")
        for at, key in enumerate(PORTALS, 1)
    ]
    bodies = [
        RosterRecord(f"{place.place}{number:03}", 0, f"第{number}街道", "street", "街道", place.place)
        for place in places
        for number in range(60)
    ]
    return Roster(places=tuple(places), bodies=tuple(bodies))


def test_two_writers_and_eight_readers(url: str, tmp_path: Path) -> None:
    engine = open_archive(url)
    Store(engine).sync_roster(a_roster(), "storm")
    for key in PORTALS:
        Crawl(engine, key).page(f"{key}/first.html", parted_reading())
    engine.dispose()
    writers = [begin(url, "go on", key, SECONDS) for key in PORTALS]
    stop = tmp_path / "stop"
    readers = [begin(url, str(stop), number, what=reader.live) for number in range(READERS)]
    for life in writers:
        life.end()
    stop.touch()
    for life in readers:
        life.end()
    for life in (*writers, *readers):
        assert "\n".join(life.complaints) == ""
        assert life.exit_code == 0
    written = sum(len(life.done) for life in writers)
    told = [json.loads(line) for life in readers for line in life.done]
    done, slowest = Counter[str](), dict[str, float]()
    for one in told:
        done.update(one["done"])
        for name, took in one["slowest"].items():
            slowest[name] = max(took, slowest.get(name, 0))
    engine = open_archive(url)
    with reading(engine) as connection:
        versions = connection.execute(sa.select(sa.func.count()).select_from(schema.version)).scalar_one()
    assert broken(engine) in (
        {},
        {"readings without all their sections and figures": 2},
    )  # the two first ones
    engine.dispose()
    assert damage(url) == []
    assert versions == written + len(PORTALS)
    print(
        f"\n{'postgresql' if '://' in url else 'sqlite'}, {SECONDS} s: {written} recorded by two writers "
        f"({written / SECONDS:.0f} a second), {done.total()} answers to eight readers "
        f"({done.total() / SECONDS:.0f} a second: {dict(done)}), slowest "
        f"{ {name: f'{took:.2f} s' for name, took in sorted(slowest.items())} }, 0 errors, 0 locked"
    )
    assert {one["versions"] for one in told} == {
        versions
    }  # what follows the changes, missed and doubled nothing
    assert set(done) == {"list", "stats", "search", "show", "coverage", "changes", "command"}
    assert written > 20
