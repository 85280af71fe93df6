"""What an archive holds, in a form in which two archives of the same work are equal: no numbers, runs and times."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import schema, search_index
from archive.database import open_archive, reading
from archive.reader import Archive
from archive.verify import verify
from tests.archive.test_crash import RELATIONS

QUERIES = {
    "portals": "SELECT key, name, state FROM portal",
    "texts": "SELECT sha256, content, characters FROM text",
    "payloads": "SELECT sha256, size FROM payload",
    "frontier": "SELECT url, kind, state FROM frontier",
    "captures": """
        SELECT f.url, c.outcome, c.status, c.payload_sha256
        FROM capture c JOIN frontier f ON f.id = c.frontier_id""",
    "readings": """
        SELECT f.url, e.text_sha256, e.title, e.verdict FROM extraction e
        JOIN capture c ON c.id = e.capture_id JOIN frontier f ON f.id = c.frontier_id""",
    "documents": "SELECT url, role, state FROM document",
    "versions": """
        SELECT d.url, v.number, v.text_sha256 FROM version v JOIN document d ON d.id = v.document_id""",
    "redactions": "SELECT kind, digest, reason FROM redaction",
    "leases": "SELECT count(*) FROM lease",
}

FIRST = frozenset({"new", "duplicate"})
"""Which of two addresses of one text came first depends on how two writers take turns; that one did, does not."""

WORDS = ("法治课", "第12街道", "执法力量不足", "补充 3人次", "第一责任人 培训")

SECTIONS = "readings without all their sections and figures"
"""The one of ``RELATIONS`` that does not hold of what was withdrawn."""


def holdings(url: str) -> dict[str, object]:
    engine = open_archive(url, create=False)
    with reading(engine) as connection:
        held: dict[str, object] = {
            name: Counter(tuple(row) for row in connection.exec_driver_sql(query))
            for name, query in QUERIES.items()
        }
        held["reports"] = _reports(connection)
        held["changes"] = _changes(connection)
        held["index waits"] = search_index.status(connection).waiting
        held["index entries"] = search_index.status(connection).entries
    engine.dispose()
    with Archive.open(url) as archive:
        held["found"] = {
            words: sorted((hit.title, hit.text_sha256) for hit in archive.search(words, limit=None))
            for words in WORDS
        }
        held["counted"] = {
            words: [(row.year, row.reports) for row in archive.search_counts(words)] for words in WORDS
        }
    return held


def _reports(connection: Connection) -> Counter[Any]:
    named, urls = defaultdict[int, set[str]](set), defaultdict[int, set[str]](set)
    both = schema.report_publisher.join(schema.publisher)
    for row in connection.execute(
        sa.select(schema.report_publisher.c.report_id, schema.publisher.c.name).select_from(both)
    ):
        named[row.report_id].add(row.name)
    for row in connection.execute(sa.select(schema.document.c.report_id, schema.document.c.url)):
        urls[row.report_id].add(row.url)
    return Counter(
        (row.year, row.kind, row.title, frozenset(named[row.id]), frozenset(urls[row.id]))
        for row in connection.execute(sa.select(schema.report))
    )


def _changes(connection: Connection) -> Counter[Any]:
    change, document = schema.change.c, schema.document.c
    query = (
        sa.select(change.kind, change.version, change.text_sha256, document.url)
        .select_from(schema.change.outerjoin(schema.document, document.id == change.document_id))
        .order_by(change.seq)
    )
    told: Counter[Any] = Counter()
    for row in connection.execute(query):
        told["first" if row.kind in FIRST else row.kind, row.url, row.version, row.text_sha256] += 1
        told[row.kind] += 1
    return told


FETCHES = frozenset({"payloads", "captures", "readings"})
"""What a run more adds of its own where a portal's pages carry counters: list pages are fetched by every run."""


def difference(
    one: dict[str, object], other: dict[str, object], *, without: frozenset[str] = frozenset()
) -> list[str]:
    """The names of what is not the same, with a few examples."""
    told = []
    for name, value in one.items():
        if value == other[name] or name in without:
            continue
        if isinstance(value, Counter) and isinstance(other[name], Counter):
            more, less = value - other[name], other[name] - value  # type: ignore[operator]
            told.append(f"{name}: more {list(more.items())[:3]}, less {list(less.items())[:3]}")
        else:
            told.append(f"{name}: {value} instead of {other[name]}"[:300])
    return told


def broken(engine: Engine, *, withdrawn: bool = False) -> dict[str, int]:
    """The invariants that do not hold, with the number of rows against them."""
    with reading(engine) as connection:
        counts = {
            name: int(connection.exec_driver_sql(query).scalar() or 0)
            for name, query in RELATIONS.items()
            if not (withdrawn and name == SECTIONS)
        }
        if engine.dialect.name == "sqlite":
            counts["pages"] = int(connection.exec_driver_sql("PRAGMA quick_check").scalar() != "ok")
    return {name: count for name, count in counts.items() if count}


def damage(url: str) -> list[str]:
    """What ``archive verify`` says against an archive, oddities too."""
    engine = open_archive(url, read_only=True)
    found = verify(engine, jobs=1).findings
    engine.dispose()
    return [f"{one.sort}: {one.what}" for one in found]
