"""What ``archive verify`` finds in a SQLite file: broken pages, strange values, a schema changed by hand."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Engine

from archive import canonical, schema, verify_content, verify_file, verify_rows
from archive.database import open_archive, reading
from archive.text import bytes_digest
from archive.verify_findings import NEXT_STEPS, Finding, Sort
from tests.archive.builder import START
from tests.archive.conftest import Cli
from tests.archive.fixity import look


def test_what_sqlite_lets_in_and_the_archive_never_writes(file: Path) -> None:
    engine = open_archive(str(file))
    with engine.begin() as connection:
        for statement in (
            "UPDATE report SET year = 'zz' WHERE id = 1",
            "UPDATE document SET first_seen = '2026-13-01 08:00:00.000000+00:00' WHERE id = 1",
            "UPDATE extraction SET metadata = '{' WHERE id = 2",
            "UPDATE extraction SET published = '2026-02-31' WHERE id = 3",
            "UPDATE section SET thematic = 4 WHERE extraction_id = 3 AND position = 0",
            "UPDATE text SET content = CAST(X'FF' AS TEXT) WHERE rowid = 2",
            "UPDATE capture SET url = CAST(X'68FF' AS TEXT) WHERE id = 4",
        ):
            connection.exec_driver_sql(statement)
    found = {(one.sort, one.table, one.key) for one in look(engine).findings}
    assert found >= {
        (Sort.VALUE, "report", "1"),
        (Sort.VALUE, "document", "1"),
        (Sort.VALUE, "extraction", "2"),
        (Sort.VALUE, "extraction", "3"),
        (Sort.VALUE, "section", "3/0"),
        (Sort.UNREADABLE, "capture", "4"),
    }
    assert any(sort is Sort.TEXT for sort, _, _ in found)


def test_what_is_a_time() -> None:
    rest = ".000001+00:00"
    good = ("2024-02-29 23:59:59", "2026-03-31 00:00:00", "0000-01-01 08:00:00")
    bad = (
        *("2026-13-01 08:00:00", "2026-00-01 08:00:00", "2026-02-29 08:00:00", "2026-01-00 08:00:00"),
        *("2026-01-32 08:00:00", "2026-04-31 08:00:00", "2026-01-01 24:00:00", "2026-01-01 08:60:00"),
        *("2026-01-01 08:00:60", "2026-01-01T08:00:00", "2026-01-01\x0008:00:00", "", "2026-01-01"),
    )
    times = [*(one + rest for one in (*good, *bad)), good[0], good[0] + rest + "0", good[0] + ".000001+01:00"]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (x TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [(one,) for one in times])
        passed = connection.execute(f"SELECT x FROM t WHERE NOT ({verify_rows._no_time('x')})").fetchall()
    assert [one for (one,) in passed] == [one + rest for one in good]


def root_page(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        return int(connection.execute(query, (table,)).fetchone()[0])


@pytest.mark.parametrize("table", ["payload", "change"])
def test_a_page_overwritten_with_noise(
    file: Path, table: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_file, "_wanted", dict)
    start = (root_page(file, table) - 1) * 4096
    content = bytearray(file.read_bytes())
    content[start : start + 4096] = random.Random(1).randbytes(4096)
    file.write_bytes(content)
    code, out, err = cli("verify", "--db", file, "--jobs", 1, "--json")
    assert (code, err) == (3, "")
    found = json.loads(out)
    assert not found["sound"]
    assert {one["sort"] for one in found["findings"]} & {"file", "unreadable"}


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:100] + b"\xff" * 200 + content[300:],
        lambda content: b"garbage" * 1000,
    ],
    ids=["half of it", "schema page", "garbage"],
)
def test_a_file_that_is_broken_as_a_whole(file: Path, harm: Callable[[bytes], bytes], cli: Cli) -> None:
    file.write_bytes(harm(file.read_bytes()))
    code, out, err = cli("verify", "--db", file, "--jobs", 1)
    assert (code, err) == (3, "")
    assert "DAMAGED" in out
    assert "archive restore" in out


def test_the_command_on_a_sound_archive(file: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_file, "_wanted", dict)
    code, out, err = cli("verify", "--db", file, "--jobs", 1)
    assert (code, err) == (0, "")
    assert out.startswith(f"{file}: sound; ")
    assert cli("verify", "--db", file.parent / "none.db")[0] == 1
    code, _, err = cli("verify", "--db", file, "--against", file.parent / "none.db")
    assert code == 2
    assert "no backup at" in err
    code, _, err = cli("verify", "--db", file, "--against", file)
    assert code == 1
    assert "carries no manifest" in err


def test_a_schema_changed_by_hand_is_told(sqlite_url: str) -> None:
    engine = open_archive(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER change_append_only_delete")
        connection.exec_driver_sql("DROP VIEW documents")
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT 1 AS one")
    found = look(engine).findings
    assert {one.sort for one in found} == {Sort.SCHEMA}
    assert {one.what for one in found} >= {
        "trigger change_append_only_delete is missing",
        "view documents is missing",
    }
    assert not any("mine" in one.what for one in found)


def test_a_damaged_header_asks_for_no_memory() -> None:
    body = b"<html>" * 1000
    packed = zstandard.ZstdCompressor(level=3).compress(body)
    random_ = random.Random(7)
    for _ in range(400):
        place, bit = random_.randrange(len(packed)), random_.randrange(8)
        flipped = bytearray(packed)
        flipped[place] ^= 1 << bit
        size, problem = verify_content._payload((bytes_digest(body), bytes(flipped), len(body)), ())
        try:
            same = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompress(bytes(flipped)) == body
        except (zstandard.ZstdError, MemoryError):
            same = False
        assert (problem is None) == same
        assert size <= 2 * len(body)


def test_every_sort_has_a_next_step() -> None:
    assert set(NEXT_STEPS) == set(Sort)
    assert isinstance(Finding.__doc__, str)


def test_every_column_has_a_canonical_form() -> None:
    for table in canonical.tables():
        assert [canonical.kind(column) for column in canonical.columns(table)]
    odd = sa.Table("odd", sa.MetaData(), sa.Column("at", sa.Interval))
    with pytest.raises(TypeError, match=r"odd\.at"):
        canonical.kind(odd.c.at)


def test_times_are_not_rounded(engine: Engine) -> None:
    moment = START + timedelta(microseconds=1)
    with engine.begin() as connection:
        connection.execute(
            schema.decision.insert().values(at=moment, by="t", kind="merge", report_id=1, other_id=2, ids=[])
        )
    with reading(engine) as connection:
        ((row,),) = canonical.stream(connection, schema.decision)
    assert row[1] == "2026-03-01 08:00:00.000001+00:00"
