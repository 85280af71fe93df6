"""One fetch is one transaction: whichever statement fails, nothing of the fetch is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from archive import schema
from archive.records import ListingRecord
from tests.archive.breaking import BrokenError, breaking_at
from tests.archive.builder import Crawl, body_text, extraction, parted_reading


def dump(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the archive."""
    with engine.connect().execution_options(archive_reads=True) as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(sa.select(table))), key=lambda row: str(row[:2])
            )
            for table in schema.metadata.sorted_tables
        }


def new_report(crawl: Crawl) -> Callable[[], object]:
    crawl.enqueue(crawl.link("a.html"))
    links = (crawl.link("b.html"), crawl.link("c.html"))
    fetch = crawl.fetch("a.html", extraction=parted_reading(), links=links, listing=ListingRecord(entries=2))
    return lambda: crawl.store.record(crawl.run_id, fetch)


def new_version(crawl: Crawl) -> Callable[[], object]:
    crawl.page("a.html", extraction(title="旧", publishers=()))
    crawl.lost("a.html")
    crawl.again()
    fetch = crawl.fetch("a.html", extraction=extraction(body_text(more="改。")))
    return lambda: crawl.store.record(crawl.run_id, fetch)


def moved(crawl: Crawl) -> Callable[[], object]:
    crawl.page("a.html")
    crawl.again()
    crawl.lost("a.html")
    crawl.page("b.html")
    return lambda: crawl.store.settle(crawl.run_id, True)


def next_run(crawl: Crawl) -> Callable[[], object]:
    return crawl.begin


@pytest.mark.parametrize("prepare", [new_report, new_version, moved, next_run])
def test_a_failure_at_any_statement_leaves_nothing(
    crawl: Crawl, prepare: Callable[..., Callable[[], object]]
) -> None:
    act = prepare(crawl)
    before = dump(crawl.engine)
    nth = 0
    while True:
        nth += 1
        with breaking_at(crawl.engine, nth) as statements:
            try:
                act()
            except BrokenError:
                assert dump(crawl.engine) == before, statements[-1]
            else:
                break
    assert nth > 4  # the failures did hit statements of the act
    assert dump(crawl.engine) != before


def test_a_failing_commit_leaves_nothing(crawl: Crawl) -> None:
    act = new_report(crawl)
    before = dump(crawl.engine)

    def fail(_connection) -> None:
        raise BrokenError

    event.listen(crawl.engine, "commit", fail)
    with pytest.raises(BrokenError):
        act()
    event.remove(crawl.engine, "commit", fail)
    assert dump(crawl.engine) == before


def test_the_change_sequence_is_append_only(crawl: Crawl) -> None:
    crawl.page("a.html")
    for statement in ("DELETE FROM change", "UPDATE change SET detail = 'x'"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), crawl.engine.begin() as connection:
            connection.exec_driver_sql(statement)
