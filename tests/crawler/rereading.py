"""What the tests of reading again share: a crawled archive, the same as an older extractor left it, and looks at both."""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import crawler.articles
import crawler.assembly
import crawler.extract
import crawler.extract.documents
import crawler.reading
import crawler.recognise
from archive.text import digest
from crawler.extract.model import Extraction
from crawler.reextract import Selection, reextract
from crawler.reextract_result import Lines, Result

LOST_LINE = "（此行从前没有读到）"
NEWEST = """
    select max(c.id) from capture c join frontier f on f.id = c.frontier_id
    where f.kind in ('page', 'attachment', 'annex') and c.outcome = 'ok' group by c.frontier_id
"""
OLD = """
    frontier_id in (select c.frontier_id from capture c join extraction e on e.capture_id = c.id where e.version = '0')
"""
FEW = """
    select frontier_id from (
        select frontier_id, row_number() over (partition by kind, verdict order by frontier_id) as place
        from (
            select f.id as frontier_id, f.kind, min(e.verdict) as verdict from frontier f
            join capture c on c.frontier_id = f.id join extraction e on e.capture_id = c.id group by f.id
        )
    ) where place <= 8
"""
ROWS = {
    "extraction": "select * from extraction order by id",
    "version": "select * from version order by id",
    "document": "select * from document order by id",
    "report": "select * from report order by id",
    "text": "select * from text order by sha256",
    "frontier": "select * from frontier order by id",
    "change": "select * from change order by seq",
}
OF_THE_MOMENT = {"at", "run_id", "last_listed_run_id"}
"""Columns in which two runs may differ: when, and by which run."""


@contextmanager
def opened(db: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.row_factory = sqlite3.Row
        yield connection


def rows(db: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    with opened(db) as connection:
        return [tuple(row) for row in connection.execute(query, values)]


def change(db: Path, statement: str, *values: object) -> None:
    with opened(db) as connection:
        connection.execute(statement, values)


def content(db: Path) -> dict[str, list[dict[str, Any]]]:
    """All that readings decide, without moments."""
    with opened(db) as connection:
        return {
            name: [
                {key: row[key] for key in row.keys() if key not in OF_THE_MOMENT}  # noqa: SIM118
                for row in connection.execute(query)
            ]
            for name, query in ROWS.items()
        }


def again(db: Path, site: str | None = None, *, workers: int = 0, **given: Any) -> Result:
    lines = given.pop("lines", None) or Lines(io.StringIO())
    return reextract(site, selection=Selection(**given), db=str(db), workers=workers, lines=lines)


def newest(db: Path) -> list[int]:
    return [row[0] for row in rows(db, f"{NEWEST} order by 1")]


def last_number(db: Path, table: str) -> int:
    return int(
        rows(db, f"select coalesce(max({'seq' if table == 'change' else 'id'}), 0) from {table}")[0][0]
    )


@pytest.fixture
def db(crawled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(crawled, tmp_path / "archive.db"))


def age(db: Path, places: str) -> Path:
    """As if an older extractor had read what was found at these places, one that lost each text's last line."""
    with opened(db) as connection:
        connection.execute(
            f"create temp table old as select id from extraction where capture_id in (select id from capture where frontier_id in ({places}))"
        )
        connection.execute("update extraction set version = '0' where id in old")
        texts = connection.execute(
            "select sha256, content from text where sha256 in (select text_sha256 from extraction where id in old)"
        ).fetchall()
        for row in texts:
            shorter = row["content"].rpartition("\n")[0] or "旧" + row["content"]
            sha256 = digest(shorter)
            connection.execute("insert or ignore into text values (?, ?, ?)", (sha256, shorter, len(shorter)))
            for table, number in (("extraction", "id"), ("version", "extraction_id")):
                connection.execute(
                    f"update {table} set text_sha256 = ? where text_sha256 = ? and {number} in old",
                    (sha256, row["sha256"]),
                )
    return db


def due(db: Path) -> list[int]:
    """The captures that the older extractor has read."""
    return [
        row[0] for row in rows(db, f"select id from capture where id in ({NEWEST}) and {OLD} order by id")
    ]


@pytest.fixture
def aged_whole(db: Path) -> Path:
    """The archive as an older extractor would have left it."""
    return age(db, "select id from frontier")


@pytest.fixture
def aged(db: Path) -> Path:
    """The same for a dozen pages and files, of each kind and verdict the first ones: the rest is not due."""
    return age(db, FEW)


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> str:
    """The extractor gets a new version number."""
    for module in (crawler.extract, crawler.articles, crawler.extract.documents):
        monkeypatch.setattr(module, "VERSION", "next")
    return "next"


@pytest.fixture
def reads_otherwise(next_version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extractor finds one line more on every page and in every file."""
    real = crawler.assembly.extract  # type: ignore[attr-defined]

    def extract(*args: Any, **given: Any) -> Extraction:
        found: Extraction = real(*args, **given)
        return replace(found, text=f"{found.text}\n{LOST_LINE}")

    real_file = crawler.extract.documents.read

    def read(*args: Any, **given: Any) -> Any:
        found = real_file(*args, **given)
        return replace(found, text=f"{found.text}\n{LOST_LINE}")

    monkeypatch.setattr(crawler.assembly, "extract", extract)
    monkeypatch.setattr(crawler.extract.documents, "read", read)
