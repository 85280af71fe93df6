"""Withdrawn personal data: gone from rows and files, back by no crawl, and the fact is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from archive import schema, wiping
from archive.database import open_archive, place, reading, writing
from archive.errors import DatabaseUnusable, PortalBusy, UsageError
from archive.reader import Archive
from archive.records import Event, ExtractionRecord, FrontierKind, Outcome, PartRecord, RunState
from archive.redaction import Kind, Redacted, hidden
from archive.store import Store
from archive.text import bytes_digest, digest
from archive.withdrawing import TITLE
from tests.archive.builder import HOST, Crawl, body_text, extraction, parted_reading

ONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""Where the database makes no difference."""

NAME = "张三丰"
SECRET = body_text(more=f"信访人{NAME}，身份证号110101199001011234，反映的问题已经办结。")
BODY = f"<html><p>{SECRET}</p><p>{NAME}</p></html>".encode()
CLEAN = body_text(more="信访事项已经办结，另有若干问题正在研究处理之中。")


def secret(**given: object) -> ExtractionRecord:
    evidence = {"title": [{"value": "题", "where": "h1", "raw": f"{NAME}的报告"}]}
    return extraction(SECRET, **{"metadata": evidence, "source": NAME, "title": f"{NAME}报告", **given})


def rest(crawl: Crawl) -> Store:
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "done")
    return crawl.store


def redact(crawl: Crawl, ref: str = "1", **given: object) -> None:
    rest(crawl).redact(ref, **{"by": "lin", "reason": "a private person's data", **given})  # type: ignore[arg-type]


def everything(crawl: Crawl) -> str:
    """Every row of every table, as text."""
    found = []
    with crawl.engine.connect() as connection:
        for table in schema.metadata.tables.values():
            for row in connection.execute(sa.select(table)):
                found += [
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    for value in row
                ]
    return "\n".join(found)


class TestWithdrawing:
    def test_text_and_bytes_are_gone_and_the_fact_is_kept(self, crawl: Crawl) -> None:
        crawl.page("a.html", secret(), body=BODY)
        redact(crawl, titles=True)
        assert NAME not in everything(crawl)
        archive = Archive(crawl.engine)
        report = archive.report(1)
        assert (report.text_sha256, report.characters) == (digest(SECRET), len(SECRET))
        assert (report.redacted, report.title) == (crawl.clock(), TITLE)
        assert archive.text(1) == ""
        assert archive.versions(1)[0].payload_sha256 == bytes_digest(BODY)
        rows = {(row.kind, row.digest, row.size, row.document_id) for row in archive.redactions()}
        assert rows == {
            ("text", digest(SECRET), len(SECRET), 1),
            ("payload", bytes_digest(BODY), len(BODY), 1),
        }
        told = archive.changes()[-1]
        assert (told.kind, told.document_id, told.version) == ("redacted", 1, 1)
        assert told.detail == "text and bytes withdrawn by lin: a private person's data"

    @ONE
    def test_whoever_asks_is_told_why(self, crawl: Crawl) -> None:
        crawl.page("a.html", secret(), body=BODY)
        redact(crawl)
        archive = Archive(crawl.engine)
        for ask in (
            lambda: archive.check_shown(digest(SECRET)),
            lambda: archive.capture(bytes_digest(BODY)),
        ):
            with pytest.raises(Redacted, match=r"withdrawn on 2026-03-01 by lin: a private person's data"):
                ask()
        assert archive.report(1).title == f"{NAME}报告"  # the title was not asked for

    @ONE
    def test_sections_figures_and_evidence_go_with_the_text(self, crawl: Crawl) -> None:
        crawl.page("a.html", parted_reading())
        redact(crawl)
        archive = Archive(crawl.engine)
        assert archive.sections(1) == archive.figures(1) == archive.all_figures() == []
        assert archive.versions(1)[0].metadata == {}

    def test_the_change_sequence_is_append_only_again(self, crawl: Crawl) -> None:
        crawl.page("a.html", secret())
        redact(crawl, titles=True)
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), crawl.engine.begin() as connection:
            connection.execute(schema.change.update().values(detail="forged"))

    def test_twins_and_other_readings_of_the_bytes_go_with_it(self, crawl: Crawl) -> None:
        crawl.page("a.html", secret(), body=BODY)
        crawl.page("twin.html", secret(), body=b"other furniture, " + BODY)
        crawl.page("twin.html", extraction(SECRET + "完", version="2"), body=b"other furniture, " + BODY)
        redact(crawl, f"{HOST}/a.html")
        assert NAME not in everything(crawl).replace(f"{NAME}报告", "")
        assert [
            change.document_id for change in Archive(crawl.engine).changes() if change.kind == "redacted"
        ] == [1, 2]

    @ONE
    def test_an_article_in_several_pages_goes_whole(self, crawl: Crawl) -> None:
        part = PartRecord(
            requested_url=f"{HOST}/a_2.html",
            final_url=f"{HOST}/a_2.html",
            fetched_at=crawl.clock(),
            status=200,
            headers={},
            body=NAME.encode(),
            media_type="text/html",
        )
        crawl.page("a.html", secret(), body=b"first page", parts=(part,))
        redact(crawl, bytes_digest(NAME.encode()))
        archive = Archive(crawl.engine)
        kinds = sorted(row.kind for row in archive.redactions())
        assert kinds == ["payload", "payload", "text"]

    @ONE
    def test_one_version_alone(self, crawl: Crawl) -> None:
        crawl.page("a.html", secret(), body=BODY)
        crawl.again()
        crawl.page("a.html", extraction(CLEAN))
        redact(crawl, version=1)
        archive = Archive(crawl.engine)
        assert archive.text(1) == CLEAN
        assert [version.characters for version in archive.versions(1)] == [len(SECRET), len(CLEAN)]
        assert len(archive.redactions()) == 2
        crawl.begin()
        assert crawl.page("a.html", extraction(CLEAN), body=b"new furniture").event is Event.UNCHANGED

    @ONE
    @pytest.mark.slow
    def test_words_that_stand_everywhere_tie_nothing(self, crawl: Crawl) -> None:
        for name in ("a.html", "b.html"):
            crawl.page(name, extraction("正文见附件", title=name, publishers=()), body=name.encode())
        redact(crawl, f"{HOST}/a.html")
        archive = Archive(crawl.engine)
        assert [row.digest for row in archive.redactions()] == [bytes_digest(b"a.html")]
        assert archive.text_of(digest("正文见附件")) == "正文见附件"

    @ONE
    def test_what_waits_in_quarantine_is_closed(self, crawl: Crawl) -> None:
        from archive.records import Doubt, DoubtKind

        crawl.page("a.html", secret(doubts=(Doubt(kind=DoubtKind.YEAR, detail="?"),)), body=BODY)
        redact(crawl, digest(SECRET))
        (row,) = Archive(crawl.engine).quarantine(state="refused")
        assert row.note == "withdrawn: a private person's data"

    @ONE
    def test_a_running_crawl_is_not_disturbed(self, crawl: Crawl) -> None:
        crawl.page("a.html", secret(), body=BODY)
        with pytest.raises(PortalBusy):
            crawl.store.redact("1", by="lin", reason="x")
        assert Archive(crawl.engine).text(1) == SECRET

    @ONE
    @pytest.mark.parametrize("ref", ["9", "f" * 64, "nothing like it", f"{HOST}/b.html"])
    @pytest.mark.slow
    def test_what_is_not_there_is_told(self, crawl: Crawl, ref: str) -> None:
        crawl.page("a.html", secret())
        with pytest.raises(UsageError):
            redact(crawl, ref)

    @ONE
    @pytest.mark.slow
    def test_twice_is_told(self, crawl: Crawl) -> None:
        crawl.page("a.html", secret())
        redact(crawl)
        with pytest.raises(UsageError, match="withdrawn already"):
            crawl.store.redact("1", by="lin", reason="again")

    @ONE
    @pytest.mark.slow
    def test_evidence_of_a_failure_by_its_digest(self, crawl: Crawl) -> None:
        crawl.page("a.html", extraction())
        crawl.record("a.html", outcome=Outcome.CHALLENGE, status=412, body=b"challenge for 1.2.3.4")
        redact(crawl, bytes_digest(b"challenge for 1.2.3.4"))
        with reading(crawl.engine) as connection:
            assert hidden(connection, Kind.PAYLOAD, [bytes_digest(b"challenge for 1.2.3.4")])
        assert Archive(crawl.engine).text(1) == body_text()


class TestACrawlBringsItAgain:
    @pytest.fixture
    def withdrawn(self, crawl: Crawl) -> Crawl:
        crawl.page("a.html", secret(), body=BODY)
        redact(crawl, titles=True)
        crawl.clock.pass_time(days=1)
        crawl.begin()
        return crawl

    @ONE
    def test_the_same_bytes(self, withdrawn: Crawl) -> None:
        assert withdrawn.page("a.html", secret(), body=BODY).event is Event.UNCHANGED
        assert NAME not in everything(withdrawn)

    @ONE
    def test_the_same_text_in_other_bytes(self, withdrawn: Crawl) -> None:
        assert withdrawn.page("a.html", secret(), body=b"today, " + BODY).event is Event.UNCHANGED
        assert NAME not in everything(withdrawn)

    @ONE
    def test_the_same_bytes_read_by_a_newer_extractor(self, withdrawn: Crawl) -> None:
        again = extraction(SECRET + "（完）", version="2", title=f"{NAME}报告")
        withdrawn.page("a.html", again, body=BODY)
        assert NAME not in everything(withdrawn)
        assert Archive(withdrawn.engine).quarantine() == []

    def test_at_another_address(self, withdrawn: Crawl) -> None:
        recorded = withdrawn.page("b.html", secret(), body=b"elsewhere, " + BODY)
        assert (recorded.event, recorded.report_id) == (Event.DUPLICATE, 1)
        assert NAME not in everything(withdrawn).replace("b.html", "")
        assert len(Archive(withdrawn.engine).redactions()) == 3

    def test_another_text_there_waits_for_a_person(self, withdrawn: Crawl) -> None:
        assert withdrawn.page("a.html", extraction(CLEAN)).event is Event.QUARANTINED
        archive = Archive(withdrawn.engine)
        (row,) = archive.quarantine()
        assert (row.reason, row.document_id) == ("redacted", 1)
        assert archive.text(1) == ""
        rest(withdrawn).release(row.quarantine_id, by="lin")
        assert archive.text(1) == CLEAN
        withdrawn.begin()
        assert withdrawn.page("a.html", extraction(CLEAN), body=b"counter").event is Event.UNCHANGED

    @ONE
    def test_another_text_of_an_annex_waits_too(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        crawl.enqueue(crawl.link("list.docx", FrontierKind.ANNEX), found_on_id=crawl.id_of("a.html"))
        crawl.record("list.docx", extraction=secret(), body=BODY)
        redact(crawl, bytes_digest(BODY))
        crawl.begin()
        recorded = crawl.record("list.docx", extraction=extraction(CLEAN), body=b"new")
        assert recorded.event is Event.QUARANTINED
        rest(crawl).release(1, by="lin")
        assert Archive(crawl.engine).version(2).characters == len(CLEAN)

    def test_it_is_not_read_again(self, withdrawn: Crawl) -> None:
        assert withdrawn.store.unread_by(withdrawn.portal_id, "portal", "9") == []

    @ONE
    @pytest.mark.slow
    def test_a_304_confirms_it(self, withdrawn: Crawl) -> None:
        assert withdrawn.not_modified("a.html").event is Event.UNCHANGED
        assert Archive(withdrawn.engine).document(1).last_seen == withdrawn.clock()


@pytest.mark.slow
def test_nothing_of_it_is_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    engine = open_archive(str(path))
    crawl = Crawl(engine)
    for number in range(40):
        crawl.page(
            f"{number}.html", extraction(body_text(f"第{number}街道"), publishers=(), title=str(number))
        )
    crawl.page("a.html", secret(), body=BODY)
    with writing(engine) as connection:
        packed = connection.execute(
            sa.select(schema.payload.c.data).where(schema.payload.c.sha256 == bytes_digest(BODY))
        ).scalar_one()
    redact(crawl, f"{HOST}/a.html", titles=True)
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert "第7街道".encode() in left
    for trace in (NAME.encode(), b"110101199001011234", packed[40:]):
        assert trace not in left
    engine.dispose()


def test_a_database_that_goes_while_files_are_wiped_is_one_line(crawl: Crawl) -> None:
    def refuse(*_given: object) -> None:
        raise crawl.engine.dialect.loaded_dbapi.OperationalError("the connection is gone")

    event.listen(crawl.engine, "checkout", refuse)
    with pytest.raises(DatabaseUnusable, match="connection"):
        wiping.wipe(crawl.engine)


class TestCommands:
    @pytest.fixture
    def run(self, sqlite_url: str, said: Callable[..., str]) -> Callable[..., str]:
        engine = open_archive(sqlite_url)
        crawl = Crawl(engine)
        crawl.page("a.html", secret(), body=BODY)
        rest(crawl)
        engine.dispose()
        return said

    def test_it_asks_shows_and_tells(self, run: Callable[..., str]) -> None:
        assert "cannot be undone; say --yes" in run("redact", "1", "--reason", "privacy", code=2)
        assert run("text", "1").startswith("2025年")
        shown = run("redact", "1", "--reason", "privacy\x1b[2J", "--by", "lin", "--yes")
        assert "document 1, version 1, report 1" in shown and "withdrawn: 1 text, 1 payload" in shown
        assert "withdrawn on" in run("text", "1", code=2)
        listed = run("redactions")
        assert "lin" in listed and "\x1b" not in listed
        assert {row["kind"] for row in json.loads(run("redactions", "--json"))} == {"text", "payload"}

    def test_interrupted_before_the_files_were_wiped_it_is_finished_by_the_same_command(
        self, run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        words = ("redact", "1", "--reason", "privacy", "--yes")
        wiped: list[str] = []

        def fail(_engine: Engine) -> bool:
            raise DatabaseUnusable("the server cannot be reached")

        monkeypatch.setattr(wiping, "wipe", fail)
        assert "cannot be reached" in run(*words, code=1)
        monkeypatch.setattr(wiping, "wipe", lambda engine: wiped.append(place(engine)) or True)
        assert "withdrawn already" in run(*words, code=2)
        assert len(wiped) == 1

    @pytest.mark.parametrize(
        "words", [("redact", "9", "--reason", "x", "--yes"), ("redact", "1", "--reason", " ")]
    )
    def test_what_is_wrong_is_one_line(self, run: Callable[..., str], words: tuple[str, ...]) -> None:
        assert run(*words, code=2).count("\n") == 1

    def test_nothing_withdrawn(self, run: Callable[..., str]) -> None:
        assert "nothing was withdrawn" in run("redactions")
