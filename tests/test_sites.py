"""Every portal with a saved fixture is replayed and must give what it gave: one test, driven by data alone.

A fixture is made by ``crawler probe SITE --write`` (with a site file) or ``--fixture`` (for one that is there) and
consists of ``tests/sites/KEY.warc.gz`` and ``KEY.json``. Where a change of the program is meant to read a portal
differently, it is made again the same way and the difference reviewed.
"""

from __future__ import annotations

import pytest

from crawler.probe_fixture import EXPECTED, LARGEST, RECORDING, differences, fixtures
from tests.conftest import ROOT

SEEDS, FOLDER = ROOT / "seeds", ROOT / "tests" / "sites"


def test_there_are_fixtures_and_each_is_whole_and_small() -> None:
    keys = fixtures(FOLDER)
    assert keys
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(
        f"{key}{ending}" for key in keys for ending in (EXPECTED, RECORDING)
    )
    for key in keys:
        assert (SEEDS / "sites" / f"{key}.toml").is_file(), key
        assert (FOLDER / f"{key}{RECORDING}").stat().st_size <= LARGEST, key


@pytest.mark.parametrize("key", fixtures(FOLDER))
def test_a_portal_is_read_as_it_was_when_it_was_recorded(key: str) -> None:
    assert differences(key, FOLDER, SEEDS / "sites" / f"{key}.toml", seeds=SEEDS) == []
