"""kill -9 while recording, then again: nothing missing, nothing twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from archive import schema
from archive.database import open_archive, reading

PAGES = 150
KILLS = 4

CRAWL = """
import sys
from archive.database import open_archive
from tests.archive.builder import PARTED, Crawl, parted_reading
from archive.records import FrontierKind, PublisherRef

crawl = Crawl(open_archive(sys.argv[1]))
names = [f"{number}.html" for number in range(int(sys.argv[2]))]
crawl.enqueue(crawl.link("list.html", FrontierKind.COLUMN))
if "list.html" in crawl.queue():
    crawl.column("list.html", [crawl.link(name) for name in names])
while entries := crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 7):
    for entry in entries:
        name = entry.url.rpartition("/")[2]
        place = f"第{int(name.removesuffix('.html')) // 2}街道"  # every text stands at two URLs
        text = PARTED.replace("清河街道", place, 1)
        reading = parted_reading(text, title=place, publishers=(PublisherRef(name=place),))
        crawl.record(name, extraction=reading)
        print(name, flush=True)
"""

RELATIONS = {
    "documents without a version": """
        SELECT count(*) FROM document WHERE id NOT IN (SELECT document_id FROM version)""",
    "versions told by no change": """
        SELECT count(*) FROM version v WHERE NOT EXISTS (
            SELECT 1 FROM change c WHERE c.document_id = v.document_id AND c.version = v.number
            AND c.kind IN ('new', 'duplicate', 'changed'))""",
    "done pages without a capture": """
        SELECT count(*) FROM frontier WHERE state = 'done' AND id NOT IN (SELECT frontier_id FROM capture)""",
    "captures of pages not done": """
        SELECT count(*) FROM capture JOIN frontier f ON f.id = frontier_id WHERE f.state <> 'done'""",
    "captures without a reading": """
        SELECT count(*) FROM capture c JOIN frontier f ON f.id = c.frontier_id
        WHERE f.kind = 'page' AND c.id NOT IN (SELECT capture_id FROM extraction)""",
    "reports without a document": """
        SELECT count(*) FROM report
        WHERE id NOT IN (SELECT report_id FROM document WHERE report_id IS NOT NULL)""",
    "readings without all their sections and figures": """
        SELECT count(*) FROM extraction e
        WHERE (SELECT count(*) FROM section s WHERE s.extraction_id = e.id) <> 3
        OR (SELECT count(*) FROM figure f WHERE f.extraction_id = e.id) <> 4""",
    "payloads of no capture": """
        SELECT count(*) FROM payload WHERE sha256 NOT IN (SELECT payload_sha256 FROM capture)""",
    "texts of no reading": """
        SELECT count(*) FROM text WHERE sha256 NOT IN (SELECT text_sha256 FROM extraction)""",
}


def start(url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CRAWL, url, str(PAGES)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def check(url: str, acknowledged: set[str]) -> None:
    engine = open_archive(url)
    with reading(engine) as connection:
        assert {
            name: connection.exec_driver_sql(query).scalar() for name, query in RELATIONS.items()
        } == dict.fromkeys(RELATIONS, 0)
        kept = {row.url.rpartition("/")[2] for row in connection.execute(sa.select(schema.document.c.url))}
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    engine.dispose()
    assert acknowledged <= kept


@pytest.mark.slow
@pytest.mark.ci
def test_killed_at_any_moment_and_run_again(url: str) -> None:
    moments = random.Random(20260301)
    acknowledged: set[str] = set()
    for _ in range(KILLS):
        process = start(url)
        assert process.stdout is not None
        for _ in range(moments.randrange(1, 25)):
            acknowledged.add(process.stdout.readline().strip())
        time.sleep(moments.random() / 100)
        process.send_signal(signal.SIGKILL)
        acknowledged |= {line.strip() for line in process.stdout if line.endswith(".html\n")}
        process.wait()
        check(url, acknowledged)

    process = start(url)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    fetched_last = set(output.split())
    assert not fetched_last & acknowledged  # what was acknowledged is not fetched again
    check(url, acknowledged | fetched_last)
    engine = open_archive(url)
    with reading(engine) as connection:

        def count(table: sa.Table) -> int:
            return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()

        assert [count(table) for table in (schema.document, schema.version, schema.report)] == [
            PAGES,
            PAGES,
            PAGES // 2,
        ]
        assert count(schema.capture) == PAGES + 1
        states = connection.execute(sa.select(schema.run.c.state).order_by(schema.run.c.id)).scalars().all()
        assert states == ["abandoned"] * KILLS + ["running"]
    engine.dispose()


def test_the_counting_queries_find_what_they_look_for(sqlite_url: str) -> None:
    start(sqlite_url).communicate(timeout=60)
    engine = open_archive(sqlite_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("DELETE FROM version WHERE id = 1")
        assert connection.exec_driver_sql(RELATIONS["documents without a version"]).scalar() == 1
        connection.rollback()
    engine.dispose()
