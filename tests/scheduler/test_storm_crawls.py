"""The commands themselves under kills: ``scheduler start`` and two ``scheduler worker``, real crawls, portals that count."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from archive import schema
from archive.database import open_archive, reading
from archive.visits import VisitState, VisitStore
from tests.conftest import command_line
from tests.crawler.many_portals import Portals, SmallPortal, gaps, overlaps, seeds
from tests.scheduler.making import Clock
from tests.scheduler.storming import Fleet, database, storm, until

NUMBER, GROUPS, REPORTS, STRIKES = 9, 3, 2, 9
PAUSE = 0.5
"""Seconds between two requests to a host group, by the site files."""
FLEET = {"service": ("start",), "worker 1": ("worker",), "worker 2": ("worker",)}


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_kills_of_the_commands_double_no_crawl_and_no_request(tmp_path: Path) -> None:
    them = [SmallPortal(f"p{n}", REPORTS, group=f"www.g{n % GROUPS}.example") for n in range(NUMBER)]
    with Portals(*them) as server, database() as postgresql:
        assert isinstance(server, Portals)
        engine = open_archive(postgresql.url)
        variables = {
            "ARCHIVE_URL": postgresql.url,
            "FAZHI_SEEDS": str(seeds(tmp_path / "seeds", *them, delay=PAUSE)),
            "FAZHI_CONTACT": "storm@example.org",
            "http_proxy": server.proxy_url,
            "SCHEDULER_STATE": str(tmp_path / "state"),
            "SCHEDULER_POOL__TICK_SECONDS": "1",
            "SCHEDULER_POOL__LEASE_SECONDS": "20",
            "SCHEDULER_POOL__GRACE_SECONDS": "5",
            "SCHEDULER_POOL__AT_ONCE": "1",
        }
        commands = {name: command_line("scheduler", *words) for name, words in FLEET.items()}
        fleet = Fleet(commands, tmp_path, str(tmp_path / "seeds"), variables)
        store = VisitStore(engine, owner="test", clock=Clock())

        def states() -> Counter[str]:
            return Counter(visit.state.value for visit in store.history(limit=10_000))

        try:
            struck = storm(
                fleet,
                None,
                strikes=STRIKES,
                chance=random.Random(2),
                weights=dict.fromkeys(FLEET, 1),
                work=lambda: len(server.log),
                away=lambda _: 0.0,
            )
            came = until(lambda: states()["complete"] == NUMBER and not states()["running"], 600, fleet)
            assert came, states()
            codes = fleet.end()
        finally:
            fleet.drop()
        history, told = store.history(limit=10_000), f"{dict(struck)}, {dict(states())}"
        with reading(engine) as connection:
            documents = connection.execute(sa.select(schema.document.c.url, schema.document.c.state)).all()
        engine.dispose()
        asked = server.groups()
    print(told)
    assert set(codes.values()) == {0}, codes
    whole = Counter(visit.portal_key for visit in history if visit.state is VisitState.COMPLETE)
    assert whole == Counter({f"p{n}": 1 for n in range(NUMBER)})
    assert Counter(row.state for row in documents) == {"live": NUMBER * REPORTS}
    assert max(server.most.values()) == 1, "a host group was asked by two at once"
    for group, lines in asked.items():
        assert overlaps(lines) == [], group
        between = [
            gap for gap, line in zip(gaps(lines), lines[1:], strict=True) if "robots.txt" not in line.url
        ]
        assert min(between) >= 0.9 * PAUSE, group
