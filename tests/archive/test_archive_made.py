"""The archives that the benchmark stamps are those that the store would have written."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import canonical, search_index
from archive.database import open_archive, reading
from archive.dbtypes import UtcTime
from archive.search_tokens import tokens
from archive.store import Store
from archive.verify import verify
from benchmarks import archive_bulk, archive_made


@pytest.mark.slow
def test_stamped_reports_equal_recorded_ones(engine: Engine, tmp_path: Path) -> None:
    number = 300
    archive_bulk.fill(engine, number, lambda _done: None)
    recorded = open_archive(str(tmp_path / "recorded.db"))
    store = Store(recorded, archive_made.Clock())
    for group in archive_made.reports(number):
        archive_made.crawl(store, group[0].wanted.portal, list(archive_made.fetches(group)))
    stamped_rows, recorded_rows = _rows(engine), _rows(recorded)
    recorded.dispose()
    assert sum(stamped_rows["report"].values()) == number
    assert sum(stamped_rows["version"].values()) > 1.1 * number
    for table, rows in recorded_rows.items():
        assert stamped_rows[table] == rows, table
    assert verify(engine).sound
    entries = _entries(engine)
    assert search_index.rebuild(engine, everything=True) == number
    assert _entries(engine) == entries


def test_tokens_sentence_by_sentence_are_those_of_the_text() -> None:
    for group in archive_made.reports(30):
        for one in group:
            assert archive_bulk.quick_tokens(one.text) == tokens(one.text)


def _rows(engine: Engine) -> dict[str, Counter[str]]:
    """The rows of each table without numbers and times, which depend on the order."""
    with reading(engine) as connection:
        found = {}
        for table in canonical.tables():
            if table.name not in {"meta", "roster_source"}:
                keep = [place for place, column in enumerate(canonical.columns(table)) if _lasting(column)]
                rows = chain.from_iterable(canonical.stream(connection, table))
                found[table.name] = Counter(repr([row[place] for place in keep]) for row in rows)
    return found


def _lasting(column: sa.Column[object]) -> bool:
    numbers = isinstance(column.type, sa.Integer) and (column.primary_key or column.foreign_keys)
    return not numbers and not isinstance(column.type, UtcTime)


def _entries(engine: Engine) -> int:
    with reading(engine) as connection:
        return search_index.status(connection).entries
