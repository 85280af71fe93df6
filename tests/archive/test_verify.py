"""What ``archive verify`` finds: anything that is not as it was written, and whose it is."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Engine

from archive import canonical, schema, verify_content, verify_file
from archive.backup import backup
from archive.cli import main
from archive.database import open_archive, reading
from archive.records import (
    Doubt,
    DoubtKind,
    FrontierKind,
    Outcome,
    PartRecord,
    PublisherRef,
    RunState,
    Verdict,
)
from archive.text import bytes_digest, digest
from archive.verify import Verified, verify
from archive.verify_findings import NEXT_STEPS, Finding, Sort
from tests.archive.builder import HOST, PARTED, START, Crawl, body_text, extraction, parted_reading


def filled(crawl: Crawl) -> Crawl:
    """An archive with everything that a crawl leaves."""
    crawl.column("list.html", [crawl.link(f"{name}.html") for name in "abc"])
    for name in "abc":
        place = f"{name}街道"
        text = PARTED.replace("清河街道", place, 1)
        crawl.page(
            f"{name}.html", parted_reading(text, title=f"{place}报告", publishers=(PublisherRef(name=place),))
        )
    crawl.page("twin.html", parted_reading(PARTED.replace("清河街道", "a街道", 1), title="a街道报告"))
    crawl.page(
        "d.html",
        extraction(body_text("丁街道"), title="丁街道报告", publishers=(PublisherRef(name="丁街道"),)),
    )
    crawl.page("d.html", extraction(body_text("丁街道", more="又有一条。"), title="丁街道报告"))
    crawl.page("unsure.html", extraction("存疑的一页", verdict=Verdict.UNSURE, title="汇报", publishers=()))
    doubtful = extraction("太短", title="短", doubts=(Doubt(kind=DoubtKind.SHORT, detail="short"),))
    crawl.page("short.html", doubtful)
    further = PartRecord(
        requested_url=f"{HOST}/two_1.html",
        final_url=f"{HOST}/two_1.html",
        fetched_at=crawl.clock(),
        status=200,
        headers={},
        body="第二页".encode(),
        media_type="text/html",
    )
    crawl.enqueue(crawl.link("two.html"))
    crawl.record("two.html", extraction=extraction(body_text("戊街道"), title="戊街道报告"), parts=(further,))
    crawl.enqueue(crawl.link("blocked.html"), crawl.link("plan.html", verdict=Verdict.NO, reason="a plan"))
    crawl.record("blocked.html", outcome=Outcome.CHALLENGE, status=412, body=b"<html>no</html>")
    crawl.enqueue(crawl.link("f.pdf", FrontierKind.ATTACHMENT))
    crawl.record("f.pdf", extraction=extraction(body_text("己街道"), title="己街道报告"), body=b"%PDF")
    crawl.again()
    crawl.not_modified("a.html")
    for _ in range(3):
        crawl.enqueue(crawl.link("b.html"))
        crawl.gone("b.html")
        crawl.again(days=3)
    return crawl


def look(engine: Engine, **how: object) -> Verified:
    return verify(engine, jobs=1, **how)  # type: ignore[arg-type]


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


@pytest.fixture(scope="session")
def filled_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled SQLite archive to be copied."""
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


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


def root_page(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        return int(connection.execute(query, (table,)).fetchone()[0])


@pytest.mark.parametrize("table", ["payload", "change"])
def test_a_page_overwritten_with_noise(
    file: Path, table: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_file, "_wanted", dict)
    start = (root_page(file, table) - 1) * 4096
    content = bytearray(file.read_bytes())
    content[start : start + 4096] = random.Random(1).randbytes(4096)
    file.write_bytes(content)
    code, out, err = run(capsys, "verify", "--db", file, "--jobs", 1, "--json")
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
def test_a_file_that_is_broken_as_a_whole(
    file: Path, harm: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(harm(file.read_bytes()))
    code, out, err = run(capsys, "verify", "--db", file, "--jobs", 1)
    assert (code, err) == (3, "")
    assert "DAMAGED" in out
    assert "archive restore" in out


def test_the_command_on_a_sound_archive(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_file, "_wanted", dict)
    code, out, err = run(capsys, "verify", "--db", file, "--jobs", 1)
    assert (code, err) == (0, "")
    assert out.startswith(f"{file}: sound; ")
    assert run(capsys, "verify", "--db", file.parent / "none.db")[0] == 1
    code, _, err = run(capsys, "verify", "--db", file, "--against", file.parent / "none.db")
    assert code == 2
    assert "no backup at" in err
    code, _, err = run(capsys, "verify", "--db", file, "--against", file)
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
