"""Opening: what is made, what is refused, and the one line a user then reads."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from archive import database
from archive.database import default_url, open_archive, place, reading, writing
from archive.errors import DatabaseUnusable, NewerSchema, UsageError
from archive.schema import HEAD
from archive.store import Store
from tests.archive.builder import Crawl, body_text, extraction


def refusal(*given: object, **options: object) -> str:
    with pytest.raises((DatabaseUnusable, UsageError)) as caught:
        open_archive(*given, **options)
    said = str(caught.value)
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "disk I/O error",
            "the disk fails (disk I/O error); mend it and run again, what was committed is safe",
        ),
        (
            "database or disk is full",
            "the disk is full; free space and run again, what was committed is safe",
        ),
    ],
)
def test_a_disk_that_fails_is_one_line_with_the_next_step(sqlite_url: str, said: str, told: str) -> None:
    engine = open_archive(sqlite_url)
    with pytest.raises(DatabaseUnusable) as caught, reading(engine):
        raise sa.exc.OperationalError("COMMIT", None, sqlite3.OperationalError(said))
    assert str(caught.value) == f"{sqlite_url}: {told}"
    engine.dispose()


class TestSqlite:
    def test_is_made_where_there_is_none(
        self, tmp_path: Path, unsynced: Callable[..., sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(database, "_connect_sqlite", unsynced)  # as it is outside of tests
        engine = open_archive(str(tmp_path / "new.db"))
        with reading(engine) as connection:
            assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}

    def test_url_and_path_mean_the_same(self, sqlite_url: str) -> None:
        assert place(open_archive(f"sqlite:///{sqlite_url}")) == place(open_archive(sqlite_url)) == sqlite_url

    def test_an_up_to_date_archive_opens_without_alembic(self, sqlite_url: str) -> None:
        code = (
            "import sys; from archive.database import open_archive; open_archive(sys.argv[1]);"
            "sys.exit('alembic' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code, sqlite_url], check=False).returncode == 0

    def test_odd_names(self, tmp_path: Path) -> None:
        for name in ("档案 2026.db", "100%.db", "a?mode=ro#x.db"):
            open_archive(str(tmp_path / name)).dispose()
            assert (tmp_path / name).exists()
            open_archive(str(tmp_path / name), read_only=True).dispose()

    def test_opened_by_many_at_once(self, tmp_path: Path) -> None:
        path = str(tmp_path / "new.db")
        with ThreadPoolExecutor(6) as pool:
            engines = list(pool.map(open_archive, [path] * 6))
        assert len(engines) == 6

    def test_what_cannot_be_an_archive(self, tmp_path: Path) -> None:
        garbage, foreign, empty = tmp_path / "garbage.db", tmp_path / "foreign.db", tmp_path / "empty.db"
        garbage.write_bytes(b"this is not a database, not at all" * 100)
        with sqlite3.connect(foreign) as connection:
            connection.execute("CREATE TABLE cookies (id)")
        empty.touch()
        before, cookies = garbage.read_bytes(), foreign.read_bytes()
        assert "is a directory" in refusal(str(tmp_path))
        assert "does not exist" in refusal(str(tmp_path / "no" / "where.db"))
        assert "not a SQLite file" in refusal(str(garbage))
        assert "other tables: cookies" in refusal(str(foreign))
        assert foreign.read_bytes() == cookies
        assert "crawler run --site demo" in refusal(str(tmp_path / "none.db"), create=False)
        assert "crawler run --site demo" in refusal(str(tmp_path / "none.db"), read_only=True)
        assert "is empty" in refusal(str(empty), create=False)
        assert "mysql" in refusal("mysql://host/db")
        assert "sqlite:///PATH" in refusal("sqlite://")
        assert garbage.read_bytes() == before
        assert not (tmp_path / "none.db").exists()

    def test_a_damaged_file_is_told_as_such(self, sqlite_url: str) -> None:
        crawl = Crawl(open_archive(sqlite_url))
        crawl.page("a.html")
        crawl.engine.dispose()
        raw = bytearray(Path(sqlite_url).read_bytes())
        raw[4096:] = b"\xff" * (len(raw) - 4096)
        Path(sqlite_url).write_bytes(raw)
        assert "damaged" in refusal(sqlite_url)

    def test_a_read_only_connection_cannot_write(self, sqlite_url: str) -> None:
        engine = open_archive(sqlite_url, read_only=True)
        with pytest.raises(DatabaseUnusable, match="cannot be written"), writing(engine) as connection:
            connection.exec_driver_sql("DELETE FROM lease")

    def test_a_full_disk_loses_nothing_committed(self, sqlite_url: str) -> None:
        engine = open_archive(sqlite_url)
        crawl = Crawl(engine)
        crawl.page("a.html")

        def full(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("PRAGMA max_page_count=1")  # no page more than there are

        event.listen(engine, "connect", full)
        engine.dispose()
        with pytest.raises(DatabaseUnusable, match="the disk is full; free space and run again"):
            for number in range(50):
                place_ = f"第{number}街道"
                crawl.page(f"{number}.html", extraction(body_text(place_) * 20, publishers=(), title=place_))
        event.remove(engine, "connect", full)
        engine.dispose()
        with reading(engine) as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            reports = connection.exec_driver_sql("SELECT count(*) FROM reports").scalar_one()
        assert reports >= 1
        assert (
            crawl.page("last.html", extraction(body_text("末街道"), publishers=())).document_id == reports + 1
        )

    def test_a_locked_file_is_told_as_such(self, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("archive.database.BUSY_SECONDS", 0.1)
        crawl = Crawl(open_archive(sqlite_url))
        holder = sqlite3.connect(sqlite_url, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnusable, match="locked"):
            crawl.page("a.html")
        holder.execute("ROLLBACK")
        crawl.page("a.html")
        holder.close()

    def test_readers_do_not_wait_for_a_writer(self, sqlite_url: str) -> None:
        engine = open_archive(sqlite_url)
        with writing(engine) as connection:
            connection.exec_driver_sql("DELETE FROM lease")
            began = time.monotonic()
            with reading(open_archive(sqlite_url, read_only=True)) as reader:
                assert reader.exec_driver_sql("SELECT count(*) FROM portal").scalar() == 0
            assert time.monotonic() - began < 5

    def test_opening_is_quick(self, sqlite_url: str) -> None:
        open_archive(sqlite_url).dispose()
        began = time.process_time()
        for _ in range(10):
            open_archive(sqlite_url).dispose()
        assert (time.process_time() - began) / 10 < 0.1

    def test_an_archive_moved_with_its_wal_opens(self, sqlite_url: str, tmp_path: Path) -> None:
        crawl = Crawl(open_archive(sqlite_url))
        crawl.page("a.html")
        copy = tmp_path / "elsewhere"
        copy.mkdir()
        for file in Path(sqlite_url).parent.glob("archive.db*"):
            shutil.copy(file, copy)
        with reading(open_archive(str(copy / "archive.db"), read_only=True)) as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM reports").scalar() == 1


class TestPostgresql:
    def test_tables_are_made_in_an_empty_database(self, empty_postgresql: str) -> None:
        assert "is empty" in refusal(empty_postgresql, create=False)
        Crawl(open_archive(empty_postgresql)).page("a.html")
        with reading(open_archive(empty_postgresql, read_only=True)) as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM reports").scalar() == 1

    def test_what_cannot_be_reached(self, postgresql_url: str) -> None:
        url = sa.make_url(postgresql_url)
        missing = url.set(database="nowhere").render_as_string(hide_password=False)
        assert 'database "nowhere" does not exist' in refusal(missing)
        said = refusal("postgresql://me:geheim@127.0.0.1:1/x")
        assert "is it running?" in said
        assert "geheim" not in said

    def test_a_connection_that_ended_while_idle_is_made_anew(self, postgresql_url: str) -> None:
        engine, other = open_archive(postgresql_url), open_archive(postgresql_url)
        with reading(engine) as connection:
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with reading(other) as connection:
            assert connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)").scalar_one()
        with reading(engine) as connection:
            assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != pid
        engine.dispose()
        other.dispose()

    def test_the_driver_says_nothing_beside_the_one_line(self, postgresql_url: str) -> None:
        open_archive(postgresql_url).dispose()
        assert not logging.getLogger("psycopg").isEnabledFor(logging.WARNING)

    def test_foreign_tables_of_the_same_name_are_left_alone(self, empty_postgresql: str) -> None:
        engine = sa.create_engine(empty_postgresql.replace("postgresql://", "postgresql+psycopg://"))
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE report (id integer)")
        engine.dispose()
        assert "other tables: report" in refusal(empty_postgresql)

    def test_a_read_only_connection_cannot_write(self, postgresql_url: str) -> None:
        engine = open_archive(postgresql_url, read_only=True)
        with pytest.raises(DatabaseUnusable, match="read-only"), writing(engine) as connection:
            connection.exec_driver_sql("DELETE FROM lease")

    def test_writers_follow_each_other_and_so_do_their_changes(self, postgresql_url: str) -> None:
        engine = open_archive(postgresql_url)
        crawls = [Crawl(engine, key=f"portal{number}") for number in range(4)]

        def work(crawl: Crawl) -> None:
            for number in range(8):
                title = f"{crawl.portal_id}-{number}"
                crawl.page(f"{number}.html", extraction(body_text(title), title=title))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, crawls))
        with reading(engine) as connection:
            assert connection.exec_driver_sql("SELECT count(*), max(seq) FROM changes").one() == (32, 32)
            # one publisher and year: one report, although four runs met it at the same time
            assert connection.exec_driver_sql("SELECT count(*) FROM reports").scalar() == 1
        engine.dispose()


def test_a_newer_archive_is_refused_untouched(url: str) -> None:
    engine = open_archive(url)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        for options in ({}, {"read_only": True}, {"create": False}):
            with pytest.raises(NewerSchema, match=r"newer version .*schema 9999.*install that version"):
                open_archive(url, **options)
    finally:
        with writing(engine) as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{HEAD}'")
        engine.dispose()


@contextmanager
def interrupted(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as connection:
        yield connection
        raise KeyboardInterrupt  # all statements ran, the commit did not


def test_an_interrupted_first_opening_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "archive.db")
    with monkeypatch.context() as patch:
        patch.setattr("archive.database.writing", interrupted)
        with pytest.raises(KeyboardInterrupt):
            open_archive(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    Store(open_archive(path))


def test_the_default_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARCHIVE_URL", raising=False)
    assert default_url() == "archive.db"
    monkeypatch.setenv("ARCHIVE_URL", "postgresql://db/x")
    assert default_url() == "postgresql://db/x"
