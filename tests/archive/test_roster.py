"""The roster in the archive is that of the seeds, and forgets nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from archive import views
from archive.roster import Roster, RosterRecord
from archive.store import Store
from tests.archive.rosters import BODIES, DISTRICT, QINGHE, a_roster

START = datetime(2026, 3, 1, tzinfo=UTC)


class Clock:
    now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(engine: Engine, clock: Clock) -> Store:
    return Store(engine, clock)


def bodies(engine: Engine) -> dict[tuple[str, int], sa.RowMapping]:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(views.bodies)).mappings()
        return {(row["body"], row["ordinal"]): row for row in rows}


def test_it_is_filled_and_tells_where_it_comes_from(engine: Engine, store: Store) -> None:
    assert store.roster_source() is None
    done = store.sync_roster(a_roster(), "d1")
    assert (done.added, done.changed, done.dropped, done.bodies) == (len(BODIES), 0, 0, len(BODIES))
    source = store.roster_source()
    assert source is not None
    assert (source.digest, source.bodies, source.at) == ("d1", len(BODIES), START)
    found = bodies(engine)
    assert set(found) == {(body.body, body.ordinal) for body in BODIES}
    street = found["999001001", 0]
    assert (street["code"], street["name"], street["level"]) == ("999001001", "清河街道", "street")
    assert (street["province"], street["county"], street["portal_key"]) == ("天津市", "清河区", "qinghe")
    assert found["qinghe/司法局", 0]["code"] is None


def test_the_same_again_changes_nothing(engine: Engine, store: Store) -> None:
    store.sync_roster(a_roster(), "d1")
    before = bodies(engine)
    done = store.sync_roster(a_roster(), "d2")
    assert (done.added, done.changed, done.dropped) == (0, 0, 0)
    assert bodies(engine) == before


def test_who_leaves_the_seeds_is_dropped_and_comes_back(engine: Engine, store: Store, clock: Clock) -> None:
    store.sync_roster(a_roster(), "d1")
    clock.now = START + timedelta(days=30)
    done = store.sync_roster(a_roster(BODIES[1:]), "d2")
    assert (done.added, done.changed, done.dropped) == (0, 0, 1)
    assert bodies(engine)["999001", 0]["dropped"] == clock.now
    clock.now += timedelta(days=30)
    assert store.sync_roster(a_roster(BODIES[1:]), "d3").dropped == 0
    assert bodies(engine)["999001", 0]["dropped"] == START + timedelta(days=30), "the day it left stays"
    assert store.sync_roster(a_roster(), "d4").changed == 1
    assert bodies(engine)["999001", 0]["dropped"] is None


def test_names_and_days_of_existence_follow_the_seeds(engine: Engine, store: Store) -> None:
    store.sync_roster(a_roster(), "d1")
    old = QINGHE._replace(valid_to=date(2021, 4, 8))
    new = QINGHE._replace(ordinal=1, name="新清河街道", valid_from=date(2021, 4, 9))
    others = [body for body in BODIES if body is not QINGHE]
    done = store.sync_roster(a_roster([*others, old, new]), "d2")
    assert (done.added, done.changed) == (1, 1)
    found = bodies(engine)
    assert found["999001001", 0]["valid_to"] == date(2021, 4, 8)
    assert found["999001001", 1]["name"] == "新清河街道"
    assert found["999001001", 1]["valid_from"] == date(2021, 4, 9)


def test_a_place_that_changes_its_portal_takes_its_bodies_along(engine: Engine, store: Store) -> None:
    store.sync_roster(a_roster(), "d1")
    moved = DISTRICT._replace(portal_key="qinghe-new", home_url="http://new.example.gov.cn/")
    places = [moved, *a_roster().places[1:]]
    assert store.sync_roster(a_roster(places=places), "d2").changed == 0
    assert bodies(engine)["999001001", 0]["portal_key"] == "qinghe-new"


def test_names_that_no_database_takes_are_cleaned(engine: Engine, store: Store) -> None:
    bad = RosterRecord("999001009", 0, "坏\x00\ud800街道", "street", "街道", "999001")
    store.sync_roster(Roster(places=[DISTRICT], bodies=[bad]), "d1")
    name = bodies(engine)["999001009", 0]["name"]
    assert "\x00" not in name
    assert name.startswith("坏")
    assert store.sync_roster(Roster(places=[DISTRICT], bodies=[bad]), "d2").changed == 0


def test_a_failure_at_any_statement_leaves_the_former_roster(engine: Engine, store: Store) -> None:
    class Broken(Exception):
        pass

    store.sync_roster(a_roster(), "d1")
    before = bodies(engine)
    changed = [body._replace(kind="改") for body in BODIES[:-1]] + [
        RosterRecord("7", 0, "新", "town", "镇", "999001")
    ]
    failures = 0
    for nth in range(1, 40):
        count = 0

        def fail(*_given: object, nth: int = nth) -> None:
            nonlocal count
            count += 1
            if count == nth:
                raise Broken

        event.listen(engine, "before_cursor_execute", fail)
        try:
            store.sync_roster(a_roster(changed), "d2")
        except Broken:
            failures += 1
        else:
            break
        finally:
            event.remove(engine, "before_cursor_execute", fail)
        assert bodies(engine) == before
        source = store.roster_source()
        assert source is not None
        assert source.digest == "d1"
    assert failures >= 5
    assert bodies(engine)["7", 0]["name"] == "新"
    assert bodies(engine)["999001001", 0]["kind"] == "改"
