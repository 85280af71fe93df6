"""What the archive says of itself: identity, epochs, and that upgrades give every change its digest."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine

import archive
from archive import contract, meta, schema
from archive.database import open_archive, reading, writing
from archive.errors import DatabaseUnusable
from archive.reader import Archive
from archive.text import digest
from tests.archive.builder import PARTED, START, Crawl, body_text, extraction
from tests.archive.first_archive import MOMENT, make_first, plain_engine


def test_a_new_archive_knows_who_it_is(engine: Engine) -> None:
    facts = Archive(engine).facts()
    assert UUID(facts.archive_id) != UUID(facts.epoch)
    assert facts.contract == contract.load().version
    assert [(epoch.epoch, epoch.after, epoch.reason) for epoch in facts.epochs] == [
        (facts.epoch, 0, "created")
    ]
    assert facts.created == facts.epochs[0].at <= datetime.now(UTC)


def test_two_archives_are_two(sqlite_url: str, tmp_path) -> None:
    other = str(tmp_path / "other.db")
    open_archive(other).dispose()
    with Archive.open(sqlite_url) as one, Archive.open(other) as two:
        assert one.facts().archive_id != two.facts().archive_id
        assert one.facts().epoch != two.facts().epoch


def test_an_epoch_begins_after_the_last_change(crawl: Crawl) -> None:
    first = Archive(crawl.engine).facts()
    crawl.page("a.html")
    with writing(crawl.engine) as connection:
        begun = meta.new_epoch(connection, "restored from 旧.db", now=START)
    facts = Archive(crawl.engine).facts()
    assert facts.epoch == begun != first.epoch
    assert facts.archive_id == first.archive_id
    assert facts.epochs[0] == first.epochs[0]
    assert facts.epochs[1] == meta.Epoch(epoch=begun, after=1, at=START, reason="restored from 旧.db")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_epoch_that_is_not_committed_never_began(engine: Engine) -> None:
    before = Archive(engine).facts()
    with pytest.raises(RuntimeError), writing(engine) as connection:
        meta.new_epoch(connection, "broken off")
        raise RuntimeError
    assert Archive(engine).facts() == before


def test_facts_of_others_are_kept_beside_and_not_published(engine: Engine, query) -> None:
    with writing(engine) as connection:
        assert meta.get(connection, "segmenter") is None
        meta.put(connection, "segmenter", "jieba 0.42")
        meta.put(connection, "segmenter", "jieba 0.43")
    with reading(engine) as connection:
        assert meta.get(connection, "segmenter") == "jieba 0.43"
    published = dict(query("SELECT key, value FROM facts"))
    assert published.keys() == {"archive_id", "created", "epoch", "epochs", "contract"}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_archive_that_forgot_who_it_is_is_told(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(schema.meta.delete().where(schema.meta.c.key == meta.EPOCH))
    with pytest.raises(DatabaseUnusable, match="meta lacks epoch; restore"):
        Archive(engine).facts()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_change_keeps_the_digest_of_its_moment(crawl: Crawl, query) -> None:
    crawl.page("a.html", extraction(version="1"))
    crawl.again()
    new = extraction(body_text(more="补。"), version="2")
    crawl.record("a.html", extraction=new, body=crawl.fetch("a.html", extraction=extraction()).body)
    rows = query("SELECT kind, version, text_sha256 FROM changes ORDER BY seq")
    assert rows == [("new", 1, digest(body_text())), ("reread", 1, digest(body_text(more="补。")))]


@pytest.fixture(params=["sqlite", "postgresql"])
def third_archive(request: pytest.FixtureRequest, tmp_path) -> str:
    """An archive of revision 0003 in which a text was replaced."""
    url = (
        str(tmp_path / "old.db") if request.param == "sqlite" else request.getfixturevalue("empty_postgresql")
    )
    make_first(url, then="0003")
    engine = plain_engine(url)
    with engine.begin() as connection:
        for seq, kind, version in ((2, "reread", 1), (3, "gone", 1), (4, "column_moved", None)):
            connection.execute(
                sa.text(
                    "INSERT INTO change (seq, at, kind, portal_id, document_id, version) "
                    "VALUES (:seq, :at, :kind, 1, :document_id, :version)"
                ),
                {
                    "seq": seq,
                    "at": MOMENT,
                    "kind": kind,
                    "document_id": None if version is None else 1,
                    "version": version,
                },
            )
    engine.dispose()
    return url


def test_an_upgrade_gives_changes_the_digests_that_are_known(third_archive: str) -> None:
    engine = open_archive(third_archive)
    found = {change.seq: (change.kind.value, change.text_sha256) for change in Archive(engine).iter_changes()}
    assert found == {
        1: ("new", None),  # the first revision's row tells no version
        2: ("reread", digest(PARTED)),
        3: ("gone", digest(PARTED)),
        4: ("column_moved", None),
    }
    for statement in ("UPDATE change SET text_sha256 = NULL", "DELETE FROM change"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_what_stood_before_a_replaced_text_stays_unknown(tmp_path) -> None:
    path = str(tmp_path / "old.db")
    make_first(path, then="0003")
    engine = plain_engine(path)
    with engine.begin() as connection:
        rows = ((2, "gone"), (3, "back"), (4, "reread"), (5, "gone"))
        for seq, kind in rows:
            connection.exec_driver_sql(
                f"INSERT INTO change (seq, at, kind, portal_id, document_id, version) VALUES ({seq}, '{MOMENT}', '{kind}', 1, 1, 1)"
            )
    engine.dispose()
    with Archive.open(path) as opened:
        known = {change.seq: change.text_sha256 is not None for change in opened.iter_changes()}
    assert known == {1: False, 2: False, 3: False, 4: True, 5: True}


def test_the_facts_are_part_of_one_upgrade(tmp_path) -> None:
    path = str(tmp_path / "old.db")
    make_first(path, then="0003")
    config = Config()
    config.set_main_option("script_location", str(archive.__path__[0]) + "/migrations")
    engine = plain_engine(path)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    with engine.connect() as connection:
        kept = dict(connection.exec_driver_sql("SELECT key, value FROM meta").fetchall())
    engine.dispose()
    with Archive.open(path) as opened:
        assert opened.facts().archive_id == kept["archive_id"]
        assert opened.facts().epoch == kept["epoch"]
