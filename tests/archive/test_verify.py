"""What ``archive verify`` finds: anything that is not as it was written, and whose it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Engine

from archive import schema
from archive.backup import backup
from archive.database import reading
from archive.records import (
    RunState,
)
from archive.text import bytes_digest, digest
from archive.verify_findings import Sort
from tests.archive.builder import HOST, START, Crawl, body_text, extraction
from tests.archive.fixity import filled, look


def test_what_a_crawl_leaves_is_sound(crawl: Crawl) -> None:
    found = look(filled(crawl).engine)
    assert found.findings == []
    assert found.sound
    with reading(crawl.engine) as connection:

        def count(table: sa.Table) -> int:
            return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()

        assert (found.payloads, found.texts, found.readings) == (
            count(schema.payload),
            count(schema.text_),
            count(schema.extraction),
        )
        size = connection.execute(sa.select(sa.func.sum(schema.payload.c.size))).scalar_one()
        assert found.payload_bytes == size
        assert found.last_change == count(schema.change)
    assert min(found.payloads, found.texts, found.readings, found.last_change) > 8


@pytest.mark.slow
def test_withdrawn_texts_and_bytes_are_no_damage(crawl: Crawl) -> None:
    filled(crawl)
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "done")
    crawl.store.redact(f"{HOST}/c.html", by="test", reason="a name")
    found = look(crawl.engine)
    assert found.findings == []
    assert found.redacted >= 2
    with crawl.engine.begin() as connection:
        connection.execute(schema.text_.update().where(schema.text_.c.content == "").values(content="again"))
    assert [(one.sort, one.damage) for one in look(crawl.engine).findings] == [(Sort.REDACTED, True)]


Harm = Callable[[sa.Connection], object]


def other_bytes(body: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(body)


def payload_of(name: str) -> sa.ScalarSelect[str]:
    f = schema.frontier.c
    return sa.select(f.payload_sha256).where(f.url == f"{HOST}/{name}").scalar_subquery()


def text_of(name: str) -> sa.ScalarSelect[str]:
    d, v = schema.document.c, schema.version.c
    query = (
        sa.select(v.text_sha256).join(schema.document, d.id == v.document_id).where(d.url == f"{HOST}/{name}")
    )
    return query.order_by(v.number.desc()).limit(1).scalar_subquery()


def reading_of(name: str) -> sa.ScalarSelect[int]:
    d, v = schema.document.c, schema.version.c
    query = sa.select(v.extraction_id).join(schema.document, d.id == v.document_id)
    return query.where(d.url == f"{HOST}/{name}").order_by(v.number.desc()).limit(1).scalar_subquery()


_p, _t, _s, _f = schema.payload.c, schema.text_.c, schema.section.c, schema.figure.c
HARM: tuple[tuple[str, Sort, str | None, Harm], ...] = (
    (
        "other bytes",
        Sort.PAYLOAD,
        "a.html",
        lambda c: c.execute(
            schema.payload.update().where(_p.sha256 == payload_of("a.html")).values(data=other_bytes(b"else"))
        ),
    ),
    (
        "no zstd",
        Sort.PAYLOAD,
        "d.html",
        lambda c: c.execute(
            schema.payload.update().where(_p.sha256 == payload_of("d.html")).values(data=b"\x00")
        ),
    ),
    (
        "another size",
        Sort.PAYLOAD,
        "list.html",
        lambda c: c.execute(
            schema.payload.update().where(_p.sha256 == payload_of("list.html")).values(size=1)
        ),
    ),
    (
        "another word",
        Sort.TEXT,
        "c.html",
        lambda c: c.execute(
            schema.text_.update()
            .where(_t.sha256 == text_of("c.html"))
            .values(content=sa.func.replace(_t.content, "讲法治课", "听法治课"))
        ),
    ),
    (
        "another length",
        Sort.TEXT,
        "two.html",
        lambda c: c.execute(
            schema.text_.update().where(_t.sha256 == text_of("two.html")).values(characters=7)
        ),
    ),
    (
        "a line end of another kind",
        Sort.SPACE,
        "d.html",
        lambda c: c.execute(
            schema.text_.update()
            .where(_t.sha256 == text_of("d.html"))
            .values(content=sa.func.replace(_t.content, "\n", "\x0b"))
        ),
    ),
    (
        "a section outside its text",
        Sort.OFFSET,
        "a.html",
        lambda c: c.execute(
            schema.section.update()
            .where(_s.extraction_id == reading_of("a.html"), _s.position == 2)
            .values(end_offset=10**6)
        ),
    ),
    (
        "a section at other words",
        Sort.OFFSET,
        "b.html",
        lambda c: c.execute(
            schema.section.update()
            .where(_s.extraction_id == reading_of("b.html"), _s.position == 1)
            .values(start_offset=_s.start_offset + 12, text_offset=_s.text_offset + 12)
        ),
    ),
    (
        "a figure outside its sentence",
        Sort.OFFSET,
        "b.html",
        lambda c: c.execute(
            schema.figure.update()
            .where(_f.extraction_id == reading_of("b.html"), _f.position == 0)
            .values(sentence_end=_f.start_offset)
        ),
    ),
    (
        "a version left out",
        Sort.RELATION,
        "d.html",
        lambda c: c.execute(
            schema.version.update()
            .where(schema.version.c.number == 2, schema.version.c.extraction_id == reading_of("d.html"))
            .values(number=3)
        ),
    ),
    (
        "a document without version",
        Sort.RELATION,
        "unsure.html",
        lambda c: c.execute(
            schema.version.delete().where(schema.version.c.extraction_id == reading_of("unsure.html"))
        ),
    ),
    (
        "a report without document",
        Sort.RELATION,
        None,
        lambda c: c.execute(
            schema.report.insert().values(portal_id=1, title="nobody's", kind="annual", year=2020)
        ),
    ),
    (
        "a frontier state",
        Sort.RELATION,
        "f.pdf",
        lambda c: c.execute(
            schema.frontier.update().where(schema.frontier.c.url == f"{HOST}/f.pdf").values(last_checked=None)
        ),
    ),
    (
        "an unknown word",
        Sort.VALUE,
        "blocked.html",
        lambda c: c.execute(
            schema.frontier.update()
            .where(schema.frontier.c.url == f"{HOST}/blocked.html")
            .values(state="qveued")
        ),
    ),
    (
        "parts that are no numbers",
        Sort.VALUE,
        "c.html",
        lambda c: c.execute(
            schema.section.update()
            .where(_s.extraction_id == reading_of("c.html"), _s.position == 1)
            .values(parts=sa.literal_column("'2;4'"))
        ),
    ),
    (
        "a run that never ended",
        Sort.RELATION,
        None,
        lambda c: c.execute(schema.run.update().where(schema.run.c.id == 1).values(finished=None)),
    ),
    (
        "a lease of a finished run",
        Sort.RELATION,
        None,
        lambda c: c.execute(schema.lease.update().values(run_id=1)),
    ),
    (
        "a payload of nobody",
        Sort.ORPHAN,
        None,
        lambda c: c.execute(
            schema.payload.insert().values(sha256=bytes_digest(b"x"), data=other_bytes(b"x"), size=1)
        ),
    ),
    (
        "a text of nobody",
        Sort.ORPHAN,
        None,
        lambda c: c.execute(schema.text_.insert().values(sha256=digest("x"), content="x", characters=1)),
    ),
    (
        "a change of a version that is not there",
        Sort.SEQUENCE,
        "c.html",
        lambda c: c.execute(
            schema.change.insert().values(
                at=START,
                kind="changed",
                portal_id=1,
                document_id=sa.select(schema.document.c.id)
                .where(schema.document.c.url == f"{HOST}/c.html")
                .scalar_subquery(),
                version=9,
            )
        ),
    ),
)


def test_epochs_that_do_not_follow_each_other_are_found(engine: Engine) -> None:
    value = schema.meta.c.value
    for old, new, said in (
        ('"after": 0', '"after": 9', "do not follow each other"),
        ('"after"', '"aftar"', "what the archive says of itself cannot be looked at"),
    ):
        with engine.begin() as connection:
            renamed = schema.meta.update().where(schema.meta.c.key == "epochs")
            connection.execute(renamed.values(value=sa.func.replace(value, old, new)))
        (found,) = look(engine, quick=True).findings
        assert said in found.what


def test_every_harm_is_found_and_named(crawl: Crawl) -> None:
    filled(crawl)
    with crawl.engine.begin() as connection:
        for _, _, _, harm in HARM:
            harm(connection)
        sequence = "UPDATE sqlite_sequence SET seq = 2 WHERE name = 'change'"
        if connection.dialect.name == "postgresql":
            sequence = "SELECT setval(pg_get_serial_sequence('change', 'seq'), 2)"
        connection.exec_driver_sql(sequence)
    found = look(crawl.engine)
    for name, sort, page, _ in HARM:
        mine = [one for one in found.findings if one.sort is sort]
        if page is not None:
            mine = [one for one in mine if f"{HOST}/{page}" in one.urls]
        assert mine, (name, sort, page)
        assert all(one.damage == (sort not in {Sort.SPACE, Sort.ORPHAN}) for one in mine)
    assert any("number 3" in one.what for one in found.findings if one.sort is Sort.SEQUENCE)
    named = [one for one in found.findings if one.sort is Sort.TEXT and f"{HOST}/c.html" in one.urls]
    assert any("c街道报告" in report for report in named[0].reports)
    assert not found.sound
    assert found.damage + found.notices == len(found.findings)
    quick = look(crawl.engine, quick=True)
    assert {one.sort for one in quick.findings} >= {Sort.RELATION, Sort.SEQUENCE, Sort.VALUE, Sort.ORPHAN}
    assert not {one.sort for one in quick.findings} & {Sort.PAYLOAD, Sort.TEXT, Sort.OFFSET}


@pytest.mark.slow
def test_a_reference_to_nothing_is_found(crawl: Crawl) -> None:
    filled(crawl)
    with crawl.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("COMMIT")  # the pragma counts outside a transaction only
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        capture = schema.capture.c
        connection.execute(schema.capture.update().where(capture.url == f"{HOST}/f.pdf").values(run_id=999))
        connection.commit()
        connection.invalidate()
    found = [one for one in look(crawl.engine).findings if one.sort is Sort.REFERENCE]
    assert [(one.table, one.urls) for one in found] == [("capture", (f"{HOST}/f.pdf",))]


@pytest.mark.slow
def test_a_changed_title_is_found_with_a_backup(crawl: Crawl, tmp_path: Path) -> None:
    filled(crawl)
    made = backup(crawl.engine, tmp_path / "b.db").path
    assert look(crawl.engine, against=made).findings == []
    r = schema.report.c
    with crawl.engine.begin() as connection:  # what may change, but did not: nobody wrote since
        title = connection.execute(sa.select(r.title).where(r.id == 1)).scalar_one()
        connection.execute(schema.report.update().where(r.id == 1).values(title="别"))
    (found,) = look(crawl.engine, against=made).findings
    assert (found.sort, found.table, found.key) == (Sort.DIFFERENT, "report", "1")
    with crawl.engine.begin() as connection:
        connection.execute(schema.report.update().where(r.id == 1).values(title=title))
    crawl.page("later.html", extraction(body_text("庚街道"), title="庚街道报告"))
    assert look(crawl.engine, against=made).findings == []
    e = schema.extraction.c
    with crawl.engine.begin() as connection:
        connection.execute(
            schema.extraction.update().where(e.id == reading_of("c.html")).values(title="c街遒报告")
        )
    assert look(crawl.engine).sound
    (found,) = look(crawl.engine, against=made).findings
    assert (found.sort, found.table, found.urls) == (Sort.DIFFERENT, "extraction", (f"{HOST}/c.html",))
    assert "title" in found.what
