"""``archive backup`` and ``archive restore``: one file that proves what it holds, back in the archive's place."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import manifest, schema
from archive.backup import MANIFEST_TABLE, backup, clear_leftovers, read_manifest
from archive.database import open_archive, reading
from archive.errors import DatabaseUnusable, NewerSchema, PortalBusy, UsageError
from archive.leases import this_process
from archive.manifest import Manifest
from archive.reader import Archive
from archive.records import RunState
from archive.restoring import restore
from archive.store import Store
from tests.archive.builder import HOST, START, Crawl, body_text, extraction
from tests.archive.conftest import Cli
from tests.archive.first_archive import FIRST_ARCHIVE, everything, make_first, plain_engine
from tests.archive.fixity import filled, look
from tests.archive.test_copy import address, taken


@pytest.fixture
def source(url: str) -> Engine:
    return filled(Crawl(open_archive(url))).engine


@pytest.fixture(scope="session")
def made_once(filled_file: Path) -> Path:
    """A backup of a filled SQLite archive."""
    engine = open_archive(str(filled_file), read_only=True)
    path = backup(engine, filled_file.with_name("b.db")).path
    engine.dispose()
    return path


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Path:
    path = tmp_path / "b.db"
    shutil.copy(made_once, path)
    return path


def same(one: Manifest, other: Manifest) -> bool:
    """Equal but for the tables that name the epoch and who works on a portal."""
    lines = manifest.differences(one, other)
    return not [line for line in lines if not line.startswith(("table meta", "table lease"))]


def test_a_backup_is_a_whole_archive_in_one_file(source: Engine, tmp_path: Path) -> None:
    before = taken(source)
    made = backup(source, tmp_path / "b.db")
    assert manifest.differences(before, made.manifest) == []
    assert read_manifest(made.path) == made.manifest
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".b", "b"))] == ["b.db"]
    with closing(sqlite3.connect(made.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    with Archive.open(str(made.path)) as archive:
        assert archive.reports() == Archive(source).reports()
    assert look(open_archive(str(made.path), read_only=True)).sound


def test_a_restored_backup_is_the_same_in_a_new_epoch(source: Engine, tmp_path: Path) -> None:
    before, facts = taken(source), Archive(source).facts()
    backup(source, tmp_path / "b.db")
    done = restore(tmp_path / "b.db", str(tmp_path / "r.db"))
    assert done.aside is None
    engine = open_archive(done.place)
    assert same(before, taken(engine))
    assert look(engine).findings == []
    now = Archive(engine).facts()
    assert (now.archive_id, now.epoch) == (facts.archive_id, done.epoch)
    assert now.epochs[:-1] == facts.epochs
    assert now.epochs[-1].after == before.last_change
    assert MANIFEST_TABLE not in sa.inspect(engine).get_table_names()
    crawl = Crawl(engine)
    crawl.page("new.html", extraction(body_text("新街道"), title="新街道报告"))
    assert look(engine).findings == []
    engine.dispose()


@pytest.mark.slow
def test_the_former_archive_is_refused_or_kept(source: Engine, tmp_path: Path) -> None:
    backup(source, tmp_path / "b.db")
    with reading(source) as connection:
        run_id = connection.execute(sa.select(sa.func.max(schema.run.c.id))).scalar_one()
    Store(source).finish_run(run_id, RunState.COMPLETE, {}, "done")
    crawl = Crawl(source)
    crawl.page("later.html", extraction(body_text("庚街道"), title="庚街道报告"))
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "done")
    later = taken(source)
    target = address(source)
    with pytest.raises(UsageError, match="--force"):
        restore(tmp_path / "b.db", target)
    assert manifest.differences(later, taken(source)) == []
    source.dispose()
    done = restore(tmp_path / "b.db", target, force=True)
    assert done.aside is not None
    engine = open_archive(target)
    assert same(done.manifest, taken(engine))
    engine.dispose()
    kept = open_archive(
        done.aside
        if "://" not in target
        else str(
            sa.make_url(target)
            .update_query_dict({"options": f"-csearch_path={done.aside.removeprefix('schema ')}"})
            .render_as_string(hide_password=False)
        )
    )
    assert manifest.differences(later, taken(kept)) == []
    if "://" in target:
        with kept.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {done.aside.removeprefix('schema ')} CASCADE")
    kept.dispose()


@pytest.mark.slow
def test_what_was_withdrawn_since_stays_withdrawn(source: Engine, tmp_path: Path) -> None:
    backup(source, tmp_path / "b.db")
    with reading(source) as connection:
        run_id = connection.execute(sa.select(sa.func.max(schema.run.c.id))).scalar_one()
    store = Store(source)
    store.finish_run(run_id, RunState.COMPLETE, {}, "done")
    store.redact(f"{HOST}/c.html", by="test", reason="a name")
    with reading(source) as connection:
        taken_away = connection.execute(sa.select(schema.redaction.c.digest)).scalars().all()
    assert len(taken_away) >= 2
    source.dispose()
    done = restore(tmp_path / "b.db", address(source), force=True)
    assert done.withdrawn
    engine = open_archive(address(source))
    with reading(engine) as connection:
        again = connection.execute(sa.select(schema.redaction.c.digest)).scalars().all()
        left = connection.execute(sa.select(schema.text_.c.content).where(schema.text_.c.sha256.in_(again)))
        assert set(left.scalars()) == {""}
    assert set(again) >= set(taken_away)
    assert look(engine).findings == []
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {str(done.aside).removeprefix('schema ')} CASCADE")
    engine.dispose()


def test_an_archive_in_use_is_not_moved_away(made: Path, file: Path, tmp_path: Path) -> None:
    engine = open_archive(str(file))
    with engine.connect() as reader:
        reader.exec_driver_sql("SELECT 1")
        with pytest.raises(DatabaseUnusable, match="in use by another program"):
            restore(made, str(file), force=True)
    assert look(engine).sound
    engine.dispose()
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(("-wal", "-shm"))) == [
        "archive.db",
        "b.db",
    ]


@pytest.mark.slow
def test_a_crawl_on_postgresql_is_not_moved_away(postgresql_url: str, tmp_path: Path) -> None:
    engine = open_archive(postgresql_url)
    crawl = Crawl(engine)
    crawl.page("a.html")
    backup(engine, tmp_path / "b.db")
    store = Store(engine)  # by the real clock
    store.begin_run(crawl.portal_id, trigger="t", code_version="0", options={}, owner=this_process())
    with pytest.raises(PortalBusy, match="qinghe is being crawled"):
        restore(tmp_path / "b.db", postgresql_url, force=True)
    engine.dispose()


def test_a_damaged_archive_is_kept_aside_with_its_log(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(b"garbage" * 1000)
    path.with_name("archive.db-wal").write_bytes(b"old log")
    done = restore(made, str(path), force=True)
    assert done.withdrawn is None
    assert Path(str(done.aside)).read_bytes() == b"garbage" * 1000
    assert Path(f"{done.aside}-wal").read_bytes() == b"old log"
    assert not path.with_name("archive.db-wal").exists()
    with Archive.open(str(path)) as archive:
        assert archive.reports()


@pytest.mark.slow
def test_a_backup_while_others_write_is_one_moment(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_archive(sqlite_url)
    crawl = Crawl(engine)
    crawl.page("0.html")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            place = f"第{number}街道"
            crawl.page(f"{number}.html", extraction(body_text(place), title=place, publishers=()))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backup(open_archive(sqlite_url, read_only=True), tmp_path / f"{n}.db") for n in range(3)]
    finally:
        stop.set()
        writer.join()
    ends = [one.manifest.last_change for one in made]
    assert ends == sorted(ends)
    for one in made:
        assert one.manifest.tables["document"].rows == one.manifest.last_change
    assert same(made[1].manifest, restore(made[1].path, str(tmp_path / "r.db")).manifest)
    assert look(open_archive(str(tmp_path / "r.db"))).findings == []


def test_what_is_no_whole_backup_is_refused(made: Path, tmp_path: Path, cli: Cli) -> None:
    whole = made.read_bytes()
    flipped = bytearray(whole)
    with closing(sqlite3.connect(made)) as connection:
        title = connection.execute("SELECT title FROM report WHERE id = 1").fetchone()[0].encode()
    flipped[whole.index(title)] ^= 1
    for name, content in {
        "truncated": whole[: len(whole) // 2],
        "short": whole[:-4096],
        "garbage": b"garbage" * 1000,
        "empty": b"",
        "flipped": bytes(flipped),
    }.items():
        bad = tmp_path / f"{name}.bak"
        bad.write_bytes(content)
        code, out, err = cli("restore", bad, "--db", tmp_path / "r.db")
        assert (code, out) == (1, ""), (name, out, err)
        assert err.count("\n") == 1
        assert f"{name}.bak" in err, err
        assert not (tmp_path / "r.db").exists()
    assert cli("restore", tmp_path / "none.db", "--db", tmp_path / "r.db")[0] == 1
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]


def test_a_newer_backup_is_refused(made: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(made)) as connection:
        kept = connection.execute(f"SELECT manifest FROM {MANIFEST_TABLE}").fetchone()[0]
        newer = kept.replace(f'"revision": "{schema.HEAD}"', '"revision": "9999"')
        connection.execute(f"UPDATE {MANIFEST_TABLE} SET manifest = ?", (newer,))
        connection.commit()
    with pytest.raises(NewerSchema, match="schema 9999"):
        restore(made, str(tmp_path / "r.db"))


@pytest.mark.slow
def test_an_older_backup_is_brought_up_to_date(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    make_first(str(old))
    before = everything(str(old))
    tables = {}
    with closing(sqlite3.connect(old)) as connection:
        for table, values in FIRST_ARCHIVE:
            digest = manifest.TableDigest()
            names = ", ".join(f'"{name}"' for name in values)
            digest.add(connection.execute(f'SELECT {names} FROM "{table}"').fetchall())
            tables[table] = manifest.TableEntry(columns=tuple(values), rows=digest.rows, digest=digest.digest)
        wanted = Manifest(
            revision="0001",
            made=START,
            source="old.db",
            last_change=1,
            next_change=2,
            tables=tables,
        )
        connection.execute(f"CREATE TABLE {MANIFEST_TABLE} (manifest TEXT NOT NULL)")
        connection.execute(f"INSERT INTO {MANIFEST_TABLE} VALUES (?)", (wanted.to_json(),))
        connection.commit()
    restore(old, str(tmp_path / "r.db"))
    assert everything(str(tmp_path / "r.db")) == before
    engine = plain_engine(str(tmp_path / "r.db"))
    with engine.connect() as connection:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    engine.dispose()
    assert revision == schema.HEAD


def test_the_commands(made: Path, file: str, tmp_path: Path, cli: Cli) -> None:
    code, out, err = cli("backup", tmp_path / "c.db", "--db", file)
    assert (code, err) == (0, "")
    assert "compared with the archive" in out
    code, _, err = cli("backup", tmp_path / "c.db", "--db", file)
    assert code == 2
    assert "--force" in err
    assert cli("backup", tmp_path / "c.db", "--db", file, "--force", "--json")[0] == 0
    for wrong in (file, tmp_path, tmp_path / "none" / "c.db"):
        assert cli("backup", wrong, "--db", file, "--force")[0] == 2
    assert cli("restore", made, "--db", file)[0] == 2
    assert cli("restore", made, "--db", made)[0] == 2
    assert cli("restore", made, "--db", tmp_path / "none" / "r.db")[0] == 2
    code, out, _ = cli("restore", made, "--db", file, "--force")
    assert code == 0
    assert "the former archive is kept" in out


def test_what_killed_backups_left_is_cleared(tmp_path: Path) -> None:
    target = tmp_path / "b[1].db"
    ours = tmp_path / f".b[1].db.{os.getpid()}.part"
    dead = [tmp_path / ".b[1].db.999999999.part", tmp_path / ".b[1].db.999999999.part-journal"]
    other = tmp_path / ".other.db.999999999.part"
    for path in (ours, *dead, other):
        path.touch()
    clear_leftovers(target)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([ours.name, other.name])
