"""What the tests of several modules of the crawler share."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.progress import Quiet
from crawler.sample.run import run_sample
from tests.conftest import equal_pages_once


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample portal before and after a year: changed, gone, moved, refused and unsure pages. To be copied."""
    db = tmp_path_factory.mktemp("crawled") / "archive.db"
    with equal_pages_once():
        for advance in (False, True):
            run_sample(db=str(db), advance=advance, recheck="due", display=Quiet(), workers=0)
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    return db
