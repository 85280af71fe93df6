"""``archive copy``: from SQLite to PostgreSQL and back, equal by counts and digests, and alive afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import canonical, copying, manifest, meta, schema
from archive.copying import copy_archive, snapshot
from archive.database import open_archive, reading
from archive.errors import ArchiveError, DatabaseUnusable, UsageError
from archive.manifest import Manifest
from archive.reader import Archive
from archive.records import Event
from archive.text import bytes_digest
from tests.archive.builder import PARTED, Crawl, body_text, extraction
from tests.archive.conftest import Cli
from tests.archive.first_archive import BODY, make_first
from tests.archive.fixity import filled, look


def taken(engine: Engine) -> Manifest:
    with snapshot(engine) as connection:
        return manifest.take(connection, source="", made=datetime.now(UTC))


@pytest.fixture
def source(url: str) -> Engine:
    """An archive on each database in turn."""
    return filled(Crawl(open_archive(url))).engine


@pytest.fixture
def target(source: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Where nothing is yet, on the other database."""
    if source.dialect.name == "sqlite":
        return str(request.getfixturevalue("postgresql_url"))
    return str(tmp_path / "copy.db")


def address(engine: Engine) -> str:
    return (
        engine.url.render_as_string(hide_password=False)
        if engine.dialect.name != "sqlite"
        else str(engine.url.database)
    )


def test_a_copy_on_the_other_database_is_the_same_and_goes_on(source: Engine, target: str) -> None:
    before = taken(source)
    told: list[str] = []
    copied = copy_archive(address(source), target, progress=lambda what, _: told.append(what))
    assert manifest.differences(before, copied) == []
    assert copied.rows > 100
    assert {"payload", "check payload"} <= set(told)
    engine = open_archive(target)
    found = taken(engine)
    assert [line for line in manifest.differences(before, found) if "meta" not in line] == []
    assert look(engine).findings == []
    there, here = Archive(engine), Archive(source)
    assert there.reports() == here.reports()
    assert [there.text(one.report_id) for one in there.reports()] == [
        here.text(one.report_id) for one in here.reports()
    ]
    facts = there.facts()
    assert facts.archive_id == here.facts().archive_id
    assert facts.epoch != here.facts().epoch
    assert facts.epochs[-1].after == before.last_change
    crawl = Crawl(engine)  # a run of the same portal, after all that were
    new = crawl.page("new.html", extraction(body_text("新街道"), title="新街道报告"))
    assert new.event is Event.NEW
    with reading(engine) as connection:
        last = connection.execute(sa.select(sa.func.max(schema.change.c.seq))).scalar_one()
        assert connection.execute(sa.select(sa.func.max(schema.run.c.id))).scalar_one() == crawl.run_id
    assert last == before.next_change
    crawl.page("d.html", extraction(body_text("丁街道", more="再有一条。"), title="丁街道报告"))
    assert look(engine).findings == []
    engine.dispose()


@pytest.mark.slow
def test_numbers_given_and_lost_are_not_given_again(source: Engine, target: str) -> None:
    with source.begin() as connection:
        statement = "UPDATE sqlite_sequence SET seq = 500 WHERE name = 'change'"
        if source.dialect.name == "postgresql":
            statement = "SELECT setval(pg_get_serial_sequence('change', 'seq'), 500)"
        connection.exec_driver_sql(statement)
    copied = copy_archive(address(source), target)
    assert copied.next_change == 501
    engine = open_archive(target)
    Crawl(engine).page("new.html", extraction(body_text("新街道"), title="新街道报告"))
    with reading(engine) as connection:
        assert connection.execute(sa.select(sa.func.max(schema.change.c.seq))).scalar_one() >= 501
    engine.dispose()


@pytest.mark.slow
def test_there_and_back_is_the_same_byte_for_byte(
    sqlite_url: str, postgresql_url: str, tmp_path: Path
) -> None:
    engine = filled(Crawl(open_archive(sqlite_url))).engine
    with engine.begin() as connection:  # numbers and times at the edges of what both keep
        f = schema.figure.c
        for value, position in (("0.1", 0), ("123456789012345", 1), ("-1e-7", 2), ("1e20", 3)):
            connection.execute(
                schema.figure.update().where(f.position == position).values(value=Decimal(value))
            )
        connection.exec_driver_sql("UPDATE report SET published = '0900-01-02' WHERE id = 1")
    before = taken(engine)
    copy_archive(sqlite_url, postgresql_url)
    back = tmp_path / "back.db"
    copy_archive(postgresql_url, str(back))
    again = open_archive(str(back))
    assert [line for line in manifest.differences(before, taken(again)) if "meta" not in line] == []
    engine.dispose()
    again.dispose()


@pytest.mark.slow
def test_an_older_archive_is_brought_up_to_date_on_its_way(tmp_path: Path, postgresql_url: str) -> None:
    old = tmp_path / "old.db"
    make_first(str(old))
    copy_archive(str(old), postgresql_url)
    with Archive.open(postgresql_url) as archive:
        assert archive.text(1) == PARTED
        assert archive.capture(bytes_digest(BODY)).body == BODY


@pytest.mark.slow
def test_a_filled_target_is_refused(sqlite_url: str, tmp_path: Path, cli: Cli) -> None:
    Crawl(open_archive(sqlite_url)).page("a.html")
    other = tmp_path / "other.db"
    Crawl(open_archive(str(other))).page("b.html")
    before = taken(open_archive(str(other)))
    code, _, err = cli("copy", sqlite_url, other)
    assert code == 2
    assert "is not empty" in err
    assert manifest.differences(before, taken(open_archive(str(other)))) == []
    assert cli("copy", sqlite_url, sqlite_url)[0] == 2
    assert cli("copy", tmp_path / "none.db", tmp_path / "new.db")[0] == 1
    assert not (tmp_path / "new.db").exists()
    code, out, _ = cli("copy", sqlite_url, tmp_path / "new.db")
    assert code == 0
    assert "counts and digests are equal" in out


class BrokenError(Exception):
    """Somewhere in the middle."""


@pytest.mark.slow
def test_a_copy_that_breaks_off_leaves_nothing(source: Engine, target: str) -> None:
    def break_off(what: str, _more: int) -> None:
        if what == "check section":
            raise BrokenError

    with pytest.raises(BrokenError):
        copy_archive(address(source), target, progress=break_off)
    if "://" not in target:
        assert not Path(target).exists()
    copy_archive(address(source), target)


def test_a_copy_that_differs_is_undone(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Crawl(open_archive(sqlite_url)).page("a.html")
    real = canonical.stream

    def lossy(connection: sa.Connection, table: sa.Table):
        for rows in real(connection, table):
            whole = connection.engine.url.database == sqlite_url or table.name != "capture"
            yield rows if whole else rows[1:]

    monkeypatch.setattr(canonical, "stream", lossy)
    with pytest.raises(ArchiveError, match="table capture has 0 rows instead of 1"):
        copy_archive(sqlite_url, str(tmp_path / "new.db"))
    assert not (tmp_path / "new.db").exists()


def test_a_row_that_does_not_fit_is_told(sqlite_url: str, postgresql_url: str) -> None:
    engine = open_archive(sqlite_url)
    Crawl(engine).page("a.html")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE report SET year = 'zwei'")
    with pytest.raises(ArchiveError, match="archive verify"):
        copy_archive(sqlite_url, postgresql_url)
    with reading(open_archive(postgresql_url)) as connection:
        assert copying.holds_something(connection) is None
    engine.dispose()


def test_the_digest_does_not_ask_for_the_order() -> None:
    rows = [(1, "a", None, 0.5), (2, "二", b"\x00", 1), (3, "", None, 2)]
    one, other = canonical.TableDigest(), canonical.TableDigest()
    one.add(rows)
    other.add(rows[2:])
    other.add(rows[1::-1])
    assert one == other
    other.add([(4, "", None, 2)])
    assert one.digest != other.digest
    assert len(one.digest) == 64


def test_a_manifest_survives_json(sqlite_url: str) -> None:
    made = taken(open_archive(sqlite_url))
    assert Manifest.from_json(made.to_json()) == made
    for broken in ("", "{}", '{"format": 1}', made.to_json().replace('"format": 1', '"format": 2')):
        with pytest.raises(DatabaseUnusable, match="manifest"):
            Manifest.from_json(broken)


def test_the_epoch_after_a_copy_says_so(sqlite_url: str, tmp_path: Path) -> None:
    copy_archive(sqlite_url, str(tmp_path / "copy.db"))
    with reading(open_archive(str(tmp_path / "copy.db"))) as connection:
        assert meta.facts(connection).epochs[-1].reason == "copied from sqlite to sqlite"


def test_only_what_is_no_file_is_no_file() -> None:
    assert copying.file_of("a.db") == copying.file_of("sqlite:///a.db") == Path("a.db")
    assert copying.file_of("postgresql://host/name") is None
    assert not copying.same_place("a.db", "postgresql://host/name")
    with pytest.raises(UsageError):
        copy_archive("mysql://host/name", "b.db")
