"""A round over small portals, and what the archive holds after it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.many_result import PortalResult, RoundResult
from crawler.many_run import run_many
from tests.conftest import empty_archive
from tests.crawler.many_portals import Portals

SLACK = 0.005


def crawl(server: Portals, db: Path, **options: object) -> RoundResult:
    given = {
        "choice": server.choice,
        "load": server.load,
        "delay": 0.0,
        "workers": 0,
        "recheck": "none",
        "proxy": server.proxy_url,
        **options,
    }
    return run_many(db=str(db), **given)  # type: ignore[arg-type]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A fresh archive."""
    path = tmp_path / "archive.db"
    path.write_bytes(empty_archive())
    return path


def by_key(result: RoundResult) -> dict[str, PortalResult]:
    return {one.key: one for one in result.portals}


def rows(db: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(query).fetchall()
