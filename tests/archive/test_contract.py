"""The contract: a published column cannot change silently, and a reader's role sees the views alone."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from archive import contract, grants, schema, views
from archive.cli import main
from archive.contract import Column, Contract, View
from archive.database import open_archive, writing
from archive.errors import ArchiveError, UsageError
from archive.findings import Document, Quarantined, Report
from archive.frames import kind_of
from archive.reader import Archive
from archive.reader_bulk import ReportVersion
from archive.states import Change
from tests.archive.builder import Crawl, parted_reading
from tests.archive.conftest import Cli

DOCS = (Path(__file__).parents[2] / "docs" / "archive.md").read_text(encoding="utf-8")
NOW = contract.load()


def test_docs_and_contract_are_one() -> None:
    """If this fails, its message says what to do: record the change, or raise the version."""
    assert contract.broken(NOW, contract.described(DOCS)) == []


def test_code_and_contract_are_one() -> None:
    promised = {
        view.name: [(column.name, kind_of(column.type)) for column in view.columns]
        for view in views.PUBLISHED
    }
    recorded = {view.name: [(column.name, column.type) for column in view.columns] for view in NOW.views}
    assert promised == recorded, "archive/views.py and docs/archive.md differ: python -m archive.contract"


def test_postgresql_has_the_types_of_the_contract(postgresql_url: str) -> None:
    words = {
        "integer": "integer",
        "bigint": "integer",
        "text": "text",
        "character varying": "text",
        "date": "date",
        "timestamp with time zone": "time",
        "numeric": "number",
        "boolean": "boolean",
    }
    query = sa.text(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = ANY(:views) ORDER BY table_name, ordinal_position"
    )
    engine = open_archive(postgresql_url)
    with engine.connect() as connection:
        rows = connection.execute(query, {"views": [view.name for view in NOW.views]}).all()
    engine.dispose()
    there = [(row.table_name, row.column_name, words[row.data_type]) for row in rows]
    recorded = {
        view.name: [(view.name, column.name, column.type) for column in view.columns] for view in NOW.views
    }
    assert there == [column for name in sorted(recorded) for column in recorded[name]]


def test_sqlite_keeps_values_of_the_types_of_the_contract(sqlite_url: str) -> None:
    kept = {
        "integer": {"integer"},
        "text": {"text"},
        "date": {"text"},
        "time": {"text"},
        "number": {"integer", "real"},
        "boolean": {"integer"},
    }
    engine = open_archive(sqlite_url)
    Crawl(engine).page("a.html", parted_reading())
    with engine.connect() as connection:
        for view in NOW.views:
            for column in view.columns:
                rows = connection.exec_driver_sql(
                    f'SELECT DISTINCT typeof("{column.name}") FROM {view.name} WHERE "{column.name}" IS NOT NULL'
                )
                assert {row[0] for row in rows} <= kept[column.type], f"{view.name}.{column.name}"
    engine.dispose()


@pytest.mark.parametrize(
    ("rows", "view"),
    [
        (Report, views.reports),
        (Document, views.documents),
        (Quarantined, views.quarantined),
        (ReportVersion, views.report_versions),
        (Change, views.changes),
    ],
)
def test_the_reader_s_rows_are_those_of_the_views(rows: type, view: sa.TableClause) -> None:
    named = {
        "portal_key" if (rows, field.name) == (Change, "portal") else field.name for field in fields(rows)
    }
    assert named == set(view.c.keys())


def test_archives_tell_the_version_of_the_contract(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["stats", "--json", "--db", sqlite_url])
    told = json.loads(capsys.readouterr().out)
    assert told["contract"] == NOW.version == max(NOW.digests)
    with Archive.open(sqlite_url) as archive:
        facts = archive.facts()
    assert (told["archive_id"], told["epoch"]) == (facts.archive_id, facts.epoch)


# --- what breaks it ----------------------------------------------------------------------------------

OLD = "| year | integer, null | the year reported on; null: the page does not say |\n"
ROW = re.compile(r"^\| report_id \| integer \| number of the report, stable \|\n", re.MULTILINE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda docs: docs.replace(OLD, OLD.replace("year |", "report_year |", 1), 1), "contract version 1 changed"),
        (lambda docs: docs.replace(OLD, OLD.replace("integer", "text"), 1), "contract version 1 changed"),
        (lambda docs: docs.replace(OLD, OLD.replace(", null", ""), 1), "contract version 1 changed"),
        (lambda docs: docs.replace(OLD, "", 1), "contract version 1 changed"),
        (lambda docs: docs.replace(OLD, f"{OLD}| new | text | something |\n", 1), "contract version 1 changed"),
        (lambda docs: ROW.sub("", docs.replace(OLD, OLD + ROW.search(docs)[0], 1), 1), "contract version 1 changed"),
        (lambda docs: docs.replace(OLD, f"{OLD}| new | text, since 2 | something |\n", 1), "record|raise the version"),
        (lambda docs: docs.replace(OLD, f"{OLD}| new | text, since 99 | something |\n", 1), "since 99, but the contract"),
        (lambda docs: docs.replace(OLD, OLD.replace("the year reported on; null: the page does not say", " "), 1), "no meaning"),
        (lambda docs: docs.replace(OLD, OLD.replace("; null: the page does not say", ""), 1), "what null means is not said"),
        (lambda docs: docs.replace(OLD, OLD.replace("reported on", "of the report"), 1), "different meanings"),
        (lambda docs: docs.replace("### documents\n", "### papers\n"), "contract version 1 changed"),
    ],
)  # fmt: skip
def test_a_silent_change_is_told_with_the_next_step(change: Callable[[str], str], said: str) -> None:
    changed = change(DOCS)
    assert changed != DOCS
    assert re.search(said, "\n".join(contract.broken(NOW, contract.described(changed))))


def test_an_addition_is_recorded_and_a_break_is_not() -> None:
    named = contract.described(DOCS)
    view = named[-1]
    column = Column("added", "text", False, NOW.version + 1, "something new")
    more = (*named[:-1], replace(view, columns=(*view.columns, column)))
    assert any("since 3" in line or "since" in line for line in contract.broken(NOW, more))
    raised = contract.recorded(NOW, more, version=NOW.version + 1)
    assert contract.broken(raised, more) == []
    assert raised.digests[NOW.version] == NOW.digests[NOW.version]
    less = (*named[:-1], replace(view, columns=view.columns[1:]))
    with pytest.raises(ArchiveError, match="contract version 1 changed"):
        contract.recorded(raised, less, version=raised.version)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=30)
@given(
    st.builds(
        View,
        name=words,
        about=words,
        columns=st.lists(
            st.builds(Column, words, words, st.booleans(), st.integers(1, 9), words), max_size=3
        ).map(tuple),
    )
)
def test_the_file_keeps_what_is_written(view: View) -> None:
    given = Contract(2, (view,), {1: "a", 2: "b"})
    assert contract.loads(contract.dumps(given)) == given


# --- the commands ------------------------------------------------------------------------------------


def test_the_contract_is_printed_for_people_and_programs(cli: Cli) -> None:
    code, out, _ = cli("contract")
    assert code == 0
    assert all(f"\n{view.name}: " in out for view in NOW.views)
    told = json.loads(cli("contract", "changes", "--json")[1])
    assert (told["version"], [view["name"] for view in told["views"]]) == (NOW.version, ["changes"])
    assert told["views"][0]["columns"][0] == {
        "name": "seq",
        "type": "integer",
        "null": False,
        "since": 1,
        "meaning": "number of the change, never used twice",
    }
    code, out, err = cli("contract", "tables")
    assert (code, out, err.count("\n")) == (2, "", 1)


# --- a role for readers ------------------------------------------------------------------------------

HOSTILE = 'reader"; DROP VIEW reports; -- :x'


@pytest.fixture
def role(postgresql_url: str) -> Iterator[str]:
    name = f"{HOSTILE} {uuid.uuid4().hex[:8]}"
    quoted = '"' + name.replace('"', '""') + '"'
    engine = sa.create_engine(
        sa.make_url(postgresql_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {quoted} LOGIN")
        yield name
        connection.exec_driver_sql(f"DROP OWNED BY {quoted}")
        connection.exec_driver_sql(f"DROP ROLE {quoted}")
    engine.dispose()


def as_role(engine: Engine, role: str, statement: str) -> list[tuple[object, ...]]:
    quoted = '"' + role.replace('"', '""') + '"'
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET SESSION AUTHORIZATION {quoted}")
        try:
            found = connection.exec_driver_sql(statement)
            return [tuple(row) for row in found] if found.returns_rows else []
        finally:
            connection.rollback()
            connection.exec_driver_sql("RESET SESSION AUTHORIZATION")


def test_the_role_reads_the_views_and_nothing_else(postgresql_url: str, role: str, cli: Cli) -> None:
    engine = open_archive(postgresql_url)
    crawl = Crawl(engine)
    crawl.page("a.html", parted_reading())
    with engine.begin() as connection:
        quoted = '"' + role.replace('"', '""') + '"'
        connection.exec_driver_sql(f"GRANT SELECT ON report TO {quoted}")  # a slip of earlier days
    assert cli("grant-reader", role, "--db", postgresql_url)[1].count(";\n") == 7  # printed, not done
    assert as_role(engine, role, "SELECT id FROM report") == [(1,)]
    code, _, err = cli("grant-reader", role, "--run", "--db", postgresql_url)
    assert (code, err) == (0, "")
    for view in views.PUBLISHED:
        as_role(engine, role, f"SELECT * FROM {view.name}")
    assert as_role(engine, role, "SELECT report_id FROM reports") == [(1,)]
    assert as_role(engine, role, "SELECT count(*) FROM report_figures") == [(4,)]
    forbidden = [
        *(f'SELECT 1 FROM "{table}"' for table in [*schema.metadata.tables, "alembic_version"]),
        "INSERT INTO facts VALUES ('contract', '1')",
        "UPDATE documents SET url = 'x'",
        "UPDATE facts SET value = '1'",
        "DELETE FROM facts",
        "TRUNCATE change",
        "CREATE TABLE mine (a integer)",
        "SELECT nextval('change_seq_seq')",
    ]
    for statement in forbidden:
        with pytest.raises(sa.exc.DBAPIError, match=r"permission denied|cannot"):
            as_role(engine, role, statement)
    assert cli("grant-reader", role, "--run", "--db", postgresql_url)[0] == 0  # again, as after an upgrade
    engine.dispose()


def test_the_command_as_a_reader_s_role_is_one_clear_line(postgresql_url: str, role: str, cli: Cli) -> None:
    mine = sa.make_url(postgresql_url).set(username=role).render_as_string(hide_password=False)
    code, out, err = cli("list", "--db", mine)
    if "refuses user or password" in err:
        pytest.skip("this server asks roles for a password")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "needs the rights of the archive's owner" in err


def test_roles_that_are_none_or_see_all_are_told(postgresql_url: str, sqlite_url: str, cli: Cli) -> None:
    for arguments, said in (
        (("nobody-of-that-name", "--db", postgresql_url, "--run"), "no role 'nobody"),
        ((str(sa.make_url(postgresql_url).username), "--db", postgresql_url, "--run"), "superuser or owner"),
        (("x" * 64, "--db", postgresql_url), "not the name of a role"),
        (("reader", "--db", sqlite_url), "SQLite has no roles"),
    ):
        code, out, err = cli("grant-reader", *arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err
    engine = open_archive(postgresql_url)
    with pytest.raises(UsageError), writing(engine) as connection:
        grants.grant(connection, "a\x00b")
    engine.dispose()
