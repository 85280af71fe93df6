"""How the work of a verification is cut: every row once, each text decoded and folded once."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import canonical, schema, text, verify, verify_content, verify_file, verify_offsets
from archive.database import open_archive, reading
from archive.errors import ArchiveError
from archive.text import INVISIBLES, digest, normalise
from archive.verify_content import Checked
from archive.verify_findings import Sort
from tests.archive.builder import Crawl
from tests.archive.fixity import filled, look


@contextmanager
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(verify_content, "CHUNK_ROWS", 2)
        patch.setattr(verify_content, "CHUNK_BYTES", 1)
        patch.setattr(verify_offsets, "READINGS", 2)
        yield


def flip_a_text(connection: Connection) -> str:
    t = schema.text_.c
    sha256 = connection.execute(sa.select(t.sha256).order_by(t.characters.desc()).limit(1)).scalar_one()
    changed = sa.func.replace(t.content, "法", "灋")
    connection.execute(schema.text_.update().where(t.sha256 == sha256).values(content=changed))
    return str(sha256)


def test_every_row_lies_in_one_piece(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [f"第{number}条" * 100 for number in range(150)]
    rows = [{"sha256": digest(one), "content": one, "characters": len(one)} for one in words]
    with engine.begin() as connection:
        connection.execute(schema.text_.insert(), rows)
    with reading(engine) as connection, in_small_pieces(monkeypatch):
        pieces = verify_content.chunks(schema.text_, connection)
        found = Checked()
        assert [one for piece in pieces for one in verify_content.check(connection, piece, found)] == []
    assert len(pieces) > 2
    assert found.rows == len(found.words) == len(rows)
    assert set(found.words.values()) == set(words)


def test_a_table_that_is_rewritten_meanwhile(postgresql_url: str) -> None:
    engine = open_archive(postgresql_url)  # on SQLite rows keep their numbers
    with reading(engine) as connection:
        (piece,) = verify_content.chunks(schema.text_, connection)
    with engine.connect() as connection, connection.execution_options(isolation_level="AUTOCOMMIT") as alone:
        alone.exec_driver_sql("VACUUM FULL text")
    with reading(engine) as connection, pytest.raises(ArchiveError, match=r"text was rewritten .* run again"):
        list(verify_content.check(connection, piece, Checked()))
    engine.dispose()


def test_readings_whose_texts_lie_in_other_pieces(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_file, "_wanted", dict)
    filled(crawl)
    whole = look(crawl.engine)
    with in_small_pieces(monkeypatch):
        cut = look(crawl.engine)
    assert cut == whole
    assert cut.readings > 8
    with crawl.engine.begin() as connection:
        sha256 = flip_a_text(connection)
        connection.execute(schema.section.update().values(end_offset=10**6))
    with in_small_pieces(monkeypatch):
        found = look(crawl.engine).findings
    assert [one.key for one in found if one.sort is Sort.TEXT] == [sha256]
    assert {one.key for one in found if one.sort is Sort.OFFSET} == {
        one.key for one in look(crawl.engine).findings if one.sort is Sort.OFFSET
    }


def test_a_text_that_was_read_already_is_not_read_again(engine: Engine) -> None:
    rows = [{"sha256": digest(one), "content": one, "characters": 1} for one in "甲乙"]
    with engine.begin() as connection:
        connection.execute(schema.text_.insert(), rows)
    with reading(engine) as connection:
        known = {digest("甲"): "known"}
        found = verify_content.contents(connection, {digest("甲"), digest("乙"), digest("'; none")}, known)
    assert found == {digest("甲"): "known", digest("乙"): "乙"}


def test_what_is_no_utf8_any_more_is_still_looked_at(sqlite_url: str) -> None:
    engine = open_archive(sqlite_url)
    with engine.begin() as connection:
        connection.execute(schema.text_.insert(), [{"sha256": "a", "content": "甲", "characters": 1}])
        connection.exec_driver_sql("UPDATE text SET content = CAST(X'E794' AS TEXT)")
    with reading(engine) as connection:
        assert verify_content.contents(connection, {"a"}, {}) == {"a": "\ufffd"}


def further_process(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(crawl)
    with crawl.engine.begin() as connection:
        sha256 = flip_a_text(connection)
    alone = look(crawl.engine)
    monkeypatch.setattr(verify, "ALONE", 1)
    with in_small_pieces(monkeypatch):
        shared = verify.verify(crawl.engine, jobs=2)
    assert [one.key for one in shared.findings if one.sort is Sort.TEXT] == [sha256]
    assert set(shared.findings) == set(alone.findings)
    shared.findings, alone.findings = [], []
    assert shared == alone


def test_a_further_process_finds_the_same(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    further_process(Crawl(open_archive(sqlite_url)), monkeypatch)


def killed(_task: object) -> None:
    os._exit(9)


@pytest.mark.slow
def test_a_further_process_that_is_killed_is_told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    crawl = filled(Crawl(open_archive(sqlite_url)))
    monkeypatch.setattr(verify, "ALONE", 1)
    monkeypatch.setattr(verify, "_work", killed)
    with pytest.raises(ArchiveError, match="was killed"):
        verify.verify(crawl.engine, jobs=2)


@pytest.mark.slow
def test_a_further_process_finds_the_same_on_both(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    further_process(crawl, monkeypatch)


def test_the_quick_form_of_a_text_is_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_folded", text._folded)  # what it learns here is of no use to anybody
    codes = (*range(0xD800), *range(0xF900, 0x10000), *range(0x1D400, 0x1D420), *range(0xE0000, 0xE0020))
    odd = {
        char
        for char in map(chr, codes)
        if char.isspace() or not char.isprintable() or not unicodedata.is_normalized("NFKC", char)
    }
    assert odd >= {*INVISIBLES, "\n", "\u3000", "\x0b", "\u2028", "Ａ", "…"}
    quick = 0
    for char in odd:
        words = f"甲{char}乙{char}{char}\n丙"
        found = verify_content._plain(words)
        assert found in {None, normalise(words)}, hex(ord(char))
        if verify_content._unwritten_space(words.encode()) is not None:
            assert found is None, hex(ord(char))
        quick += found is not None
    assert quick > 2_000
    for words in ("", " ", "\n甲\n", "甲 \n 乙", "\u3000甲", "e\u0301", "Ａ\u0301\n\u0301", "：\u0338"):
        assert verify_content._plain(words) in {None, normalise(words)}


def test_texts_of_postgresql_are_left_as_bytes(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(schema.meta.insert().values(key="k", value="甲"))
    with reading(engine) as connection:
        query = "SELECT value FROM meta WHERE key = 'k'"
        ((row,),) = canonical.raw_batches(connection, query, text_as_bytes=True)
        ((plain,),) = canonical.raw_batches(connection, query)
    assert row[0] == ("甲" if engine.dialect.name == "sqlite" else "甲".encode())
    assert plain[0] == "甲"
