"""The published views: what the database has, what the code promises and what the docs say are one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

import archive
from archive import schema, views
from archive.records import Doubt, DoubtKind, Outcome, RunState
from archive.states import ChangeKind
from tests.archive.builder import HOST, Crawl, body_text, extraction, parted_reading
from tests.archive.rosters import a_roster

DOCS = (Path(__file__).parents[2] / "docs" / "archive.md").read_text(encoding="utf-8")
TYPES = {
    "integer": "INTEGER",
    "text": "VARCHAR",
    "date": "DATE",
    "time": "TIMESTAMP",
    "number": "NUMERIC",
    "boolean": "BOOLEAN",
}


def documented() -> dict[str, list[tuple[str, str]]]:
    """View name → (column, type) as docs/archive.md has them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, section in re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", DOCS, re.MULTILINE | re.DOTALL):
        rows = re.findall(r"^\| (\w+) \| ([\w, ]+) \| .+ \|$", section, re.MULTILINE)
        found[name] = [row for row in rows if row[0] != "column"]
    return found


@pytest.mark.parametrize("view", views.PUBLISHED, ids=lambda view: view.name)
def test_database_code_and_docs_agree(engine: Engine, view: sa.TableClause) -> None:
    with engine.connect() as connection:
        there = list(connection.exec_driver_sql(f"SELECT * FROM {view.name}").keys())
    promised = [(column.name, str(column.type)) for column in view.columns]
    described = [(name, TYPES[kind.partition(",")[0]]) for name, kind in documented()[view.name]]
    assert there == [name for name, _ in promised]
    assert described == promised


def test_every_view_is_published_and_documented(engine: Engine) -> None:
    names = {view.name for view in views.PUBLISHED}
    assert set(sa.inspect(engine).get_view_names()) == names == set(documented())


def test_what_is_not_said_to_be_null_never_is(crawl: Crawl) -> None:
    crawl.page("a.html", parted_reading())
    crawl.page("a.html", parted_reading(), body=b"other furniture")
    crawl.gone("a.html")
    crawl.page("b.html", parted_reading())
    crawl.record("b.html", outcome=Outcome.TIMEOUT)
    crawl.page("c.html", extraction("短。", doubts=(Doubt(kind=DoubtKind.SHORT, detail="1 character"),)))
    crawl.again()
    crawl.store.settle(crawl.run_id, True)
    crawl.store.sync_roster(a_roster(), "digest")
    crawl.page("d.html", extraction(body_text("石桥街道"), publishers=()))
    crawl.page("e.html", extraction(body_text("东湖街道"), publishers=()))
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "done")
    crawl.store.redact(f"{HOST}/e.html", by="lin", reason="a private person's data")
    crawl.store.merge_reports(1, 2, by="lin")
    for name, columns in documented().items():
        with crawl.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"SELECT * FROM {name}").mappings().all()
        assert rows
        for column, kind in columns:
            if "null" not in kind:
                assert all(row[column] is not None for row in rows), f"{name}.{column}"


def test_every_kind_of_change_is_documented() -> None:
    kinds = DOCS[DOCS.index("Kinds: ") :]
    assert {kind.value for kind in ChangeKind} == set(re.findall(r"`(\w+)`", kinds))


def test_the_migrations_make_the_tables_of_the_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        differences = [
            difference
            for difference in compare_metadata(context, schema.metadata)
            # An index on an expression cannot be read back from SQLite; a full-text index is each database's own.
            if "ix_frontier_queue" not in str(difference) and "search_index" not in str(difference)
        ]
        assert differences == []
        indexes = {index["name"] for index in sa.inspect(connection).get_indexes("frontier")}
        assert "ix_frontier_queue" in indexes or engine.dialect.name == "sqlite"


def test_the_revisions_we_say_we_know_are_those_of_alembic() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(archive.__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema.HEAD]
    assert tuple(reversed([script.revision for script in scripts.walk_revisions()])) == schema.REVISIONS
