"""Typed answers, and how people name what they want."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest
import sqlalchemy as sa

from archive import reader_bulk, schema, views
from archive.database import open_archive, reading
from archive.errors import DatabaseUnusable, UsageError
from archive.reader import Archive
from archive.records import PublisherRef, RunState, Verdict
from archive.stored_captures import load
from tests.archive.builder import HOST, Crawl, body_text, extraction


def report_of(place: str, year: int | None, code: str | None = None, **given: object) -> object:
    return extraction(
        body_text(place, year or 2000),
        title=f"{place}{year or ''}年法治政府建设年度报告",
        report_year=year,
        publishers=(PublisherRef(name=place, code=code),),
        **given,
    )


@pytest.fixture
def archive(crawl: Crawl) -> Archive:
    """Four reports on two portals, one doubtful document."""
    crawl.page("1.html", report_of("清河街道", 2024, "999001001"))
    crawl.page("2.html", report_of("清河街道", 2025, "999001001"))
    crawl.page("3.html", report_of("100%镇", None))
    crawl.page("4.html", extraction("存疑的文件内容", title="关于法治建设的汇报", verdict=Verdict.UNSURE))
    Crawl(crawl.engine, key="beihe").page("5.html", report_of("北河镇", 2025, "999002001"))
    return Archive(crawl.engine)


def numbers(archive: Archive, **filters: object) -> list[int]:
    return [report.report_id for report in archive.reports(**filters)]


def test_answers_of_one_moment_agree(archive: Archive, crawl: Crawl) -> None:
    with archive.moment() as now, now.moment() as same:
        assert same is now
        before = now.stats()
        crawl.page("6.html", report_of("西河镇", 2025, "999003001"))
        assert now.stats() == before
        assert [report.report_id for report in now.reports()] == [2, 4, 1, 3]
        stream = now.iter_reports()
        assert next(stream).report_id == 1
        assert now.report(2).year == 2025  # beside the stream
        assert [report.report_id for report in stream] == [2, 3, 4]
        assert len(archive.reports()) == 5
    assert archive.stats().reports == before.reports + 1


def test_an_error_ends_a_moment_and_leaves_the_archive_usable(archive: Archive) -> None:
    with pytest.raises(UsageError), archive.moment() as now:
        now.resolve("nobody")
    with archive.moment() as now:
        assert now.resolve("4").report_id == 4


def test_postgresql_plans_a_question_once(postgresql_url: str) -> None:
    engine = open_archive(postgresql_url)
    asked = Archive(engine)
    for _ in range(12):
        asked.stats()
        asked.count_reports(year=2024)
    with reading(engine) as connection:
        kept = connection.exec_driver_sql("SELECT sum(generic_plans) FROM pg_prepared_statements").scalar()
    engine.dispose()
    assert kept is not None
    assert kept > 0


def test_reports_come_newest_year_first_undated_last(archive: Archive) -> None:
    assert numbers(archive) == [2, 4, 1, 3]
    assert numbers(archive, limit=2) == [2, 4]


FILTERS = [
    ({"portal": "beihe"}, [4]),
    ({"year": 2025}, [2, 4]),
    ({"place": "清河区"}, [2, 4, 1, 3]),
    ({"place": "9990"}, [2, 4, 1, 3]),
    ({"place": "北京"}, []),
    ({"publisher": "清河"}, [2, 1]),
    ({"publisher": "999002001"}, [4]),
    ({"title": "清河 2024"}, [1]),
    ({"title": "100%"}, [3]),
    ({"title": "%"}, [3]),
    ({"title": "_"}, []),
    ({"state": "live", "limit": 1}, [2]),
    ({"state": "gone"}, []),
    ({"year": 2025, "publisher": "北河"}, [4]),
]


def test_filters(archive: Archive) -> None:
    for filters, expected in FILTERS:
        assert numbers(archive, **filters) == expected, filters
        if not filters.keys() & {"state", "limit"}:
            assert archive.count_reports(**filters) == len(expected), filters


REFERENCES = [
    ("2", 2, 2),
    (" 4 ", 4, 5),
    (f"{HOST}/1.html", 1, 1),
    (f"{HOST}/4.html", None, 4),
    ("北河", 4, 5),
    ("清河街道 2024", 1, 1),
    ("清河街道2025年法治政府建设年度报告", 2, 2),
    ("汇报", None, 4),
    ("100%", 3, 3),
]


def test_references(archive: Archive) -> None:
    for ref, report_id, document_id in REFERENCES:
        target = archive.resolve(ref)
        assert (target.report_id, target.document_id) == (report_id, document_id), ref


WRONG_REFERENCES = [
    ("", "name a report"),
    ("99", "no report 99"),
    ("9" * 5000, "no report 999"),
    ("清河街道", "several.*1: 清河街道2024年.*2: 清河街道2025年"),
    ("不存在", "no report matches"),
    ("' OR 1=1 --", "no report matches"),
    ("http://elsewhere/", "does not know"),
]


def test_references_that_name_nothing_or_too_much(archive: Archive) -> None:
    for ref, said in WRONG_REFERENCES:
        with pytest.raises(UsageError, match=said) as caught:
            archive.resolve(ref)
        assert len(str(caught.value)) < 2000, ref


def test_a_refused_address_is_told_with_its_reason(crawl: Crawl) -> None:
    crawl.enqueue(crawl.link("plan.html", verdict=Verdict.NO, reason="a plan, no report"))
    with pytest.raises(UsageError, match=r"it is refused \(a plan, no report\)"):
        Archive(crawl.engine).resolve(f"{HOST}/plan.html")


def test_versions_of_a_document_and_of_a_report(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.page("b.html")
    crawl.page("b.html", extraction(body_text(more="改。")))
    archive = Archive(crawl.engine)
    assert [(row.document_id, row.number) for row in archive.versions(1)] == [(1, 1), (2, 1), (2, 2)]
    assert [row.number for row in archive.versions_of(2)] == [1, 2]
    assert archive.version(2).number == 2
    assert archive.version(2, 1).text_sha256 == archive.version(1).text_sha256
    with pytest.raises(UsageError, match="no version 7 of document 2; versions: 1, 2"):
        archive.version(2, 7)


def test_changes_can_be_followed(archive: Archive) -> None:
    seen: list[int] = []
    while step := archive.changes(since=seen[-1] if seen else 0, limit=2):
        seen += [change.seq for change in step]
    assert seen == [1, 2, 3, 4, 5]
    assert [change.seq for change in archive.changes_of([1, 5])] == [1, 5]


def test_numbers(archive: Archive, crawl: Crawl) -> None:
    crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
    stats = archive.stats()
    assert (stats.portals, stats.runs, stats.reports, stats.documents, stats.unsure) == (2, 2, 4, 5, 1)
    assert (stats.versions, stats.captures, stats.payloads, stats.changes) == (5, 5, 5, 5)
    assert stats.frontier_by_state == {"done": 5}
    assert stats.documents_by_state == {"live": 5}
    assert [run.state for run in archive.runs()] == ["running", "complete"]


def test_an_empty_archive_answers(engine) -> None:
    archive = Archive(engine)
    assert (archive.reports(), archive.unsure(), archive.refused(), archive.runs(), archive.changes()) == (
        [],
    ) * 5
    assert archive.stats().stored_bytes == 0


def test_opened_for_reading_by_path_or_environment(
    crawl: Crawl, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl.page("a.html")
    monkeypatch.setenv("ARCHIVE_URL", url)
    for address in (url, None):
        with Archive.open(address) as archive:
            assert archive.text(1) == body_text()


def test_what_is_not_there_is_told(archive: Archive) -> None:
    for ask in (
        lambda: archive.report(99),
        lambda: archive.report(f"{HOST}/4.html"),
        lambda: archive.document(99),
        lambda: archive.text_of("0" * 64),
        lambda: archive.capture("0" * 64),
        lambda: archive.version(99),
    ):
        with pytest.raises(UsageError):
            ask()


@pytest.mark.parametrize("damage", ["x'00'", "other"])
def test_damaged_bytes_are_not_given_out(sqlite_url: str, damage: str) -> None:
    engine = open_archive(sqlite_url)
    crawl = Crawl(engine)
    crawl.page("a.html")
    crawl.page("b.html", extraction(body_text("乙")))
    data = "x'00'" if damage != "other" else "(SELECT max(data) FROM payload)"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE payload SET data = {data}")
    with pytest.raises(DatabaseUnusable, match="damaged"), engine.connect() as connection:
        for capture_id in (1, 2):
            load(connection, capture_id)
    engine.dispose()


def test_streams_give_what_the_lists_give(archive: Archive) -> None:
    assert sorted(archive.reports(), key=lambda report: report.report_id) == list(archive.iter_reports())
    assert [report.report_id for report in archive.iter_reports(year=2025)] == [2, 4]
    assert [report.report_id for report in archive.iter_reports(place="清河", publisher="北河")] == [4]
    assert [document.document_id for document in archive.iter_documents()] == [1, 2, 3, 4, 5]
    assert [document.document_id for document in archive.iter_documents(portal="beihe")] == [5]
    assert list(archive.iter_changes()) == archive.changes()
    assert [change.seq for change in archive.iter_changes(2, portal="qinghe", kind="unsure")] == [4]


def test_versions_are_streamed_with_their_texts_or_without(archive: Archive) -> None:
    found = list(archive.iter_versions())
    assert [(row.report_id, row.document_id, row.version) for row in found] == [
        (1, 1, 1),
        (2, 2, 1),
        (3, 3, 1),
        (4, 5, 1),
    ]
    assert [row.text for row in found] == [archive.text(row.report_id) for row in found]
    bare = list(archive.iter_versions(texts=False))
    assert bare == [replace(row, text=None) for row in found]
    assert [row.report_id for row in archive.iter_versions(year=2025, portal="beihe")] == [4]


def test_a_stream_is_of_one_moment_while_others_write(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_bulk, "_ROWS", 2)
    monkeypatch.setattr(reader_bulk, "_TEXTS", 2)
    for name in "abcde":
        crawl.page(f"{name}.html", report_of(name, 2024))
    archive = Archive(crawl.engine)
    streams = (
        archive.iter_reports(),
        archive.iter_versions(),
        archive.iter_documents(),
        archive.iter_changes(),
    )
    firsts = [next(stream) for stream in streams]
    crawl.page("z.html", report_of("z", 2024))
    crawl.page("e.html", extraction(body_text("e", 2024, "改。"), title="改"))
    for first, stream in zip(firsts, streams, strict=True):
        found = [first, *stream]
        assert len(found) == 5
        assert "改" not in str(found)
    assert len(list(archive.iter_versions())) == 7


def test_one_answer_of_several_statements_sees_one_moment(crawl: Crawl) -> None:
    crawl.page("a.html")
    with reading(crawl.engine) as connection:
        count = sa.select(sa.func.count()).select_from(views.changes)
        before = connection.execute(count).scalar()
        crawl.page("b.html", report_of("b", 2024))
        assert connection.execute(count).scalar() == before == 1
    with reading(crawl.engine) as connection:
        assert connection.execute(count).scalar() == 2


def test_a_stream_that_nobody_finishes_stops_no_writer(archive: Archive, crawl: Crawl) -> None:
    stream = archive.iter_reports()
    next(stream)
    crawl.page("z.html", report_of("z", 2024))
    assert crawl.record("z.html", extraction=report_of("z", 2024)).event == "unchanged"
    stream.close()
    assert len(list(archive.iter_reports())) == 5


def test_a_stream_takes_little_memory_however_long_it_is(sqlite_url: str) -> None:
    engine = open_archive(sqlite_url)
    crawl = Crawl(engine)
    crawl.page("a.html")
    long = "法治政府建设" * 20_000
    with engine.begin() as connection:
        for number in range(2, 120):
            sha256 = f"{number:064d}"
            connection.execute(
                schema.text_.insert(),
                {"sha256": sha256, "content": f"{number}{long}", "characters": len(long)},
            )
            connection.exec_driver_sql(
                "INSERT INTO version (document_id, number, extraction_id, text_sha256, first_seen, last_seen) "
                f"SELECT 1, {number}, 1, '{sha256}', first_seen, last_seen FROM version WHERE id = 1"
            )
    tracemalloc.start()
    rows = sum(1 for _ in Archive(engine).iter_versions())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    engine.dispose()
    assert rows == 119
    # Each text takes 240 kB here; all of them would take 28 MB.
    assert peak < 15_000_000


def test_consumers_cannot_write(url: str, crawl: Crawl) -> None:
    crawl.page("a.html")
    with Archive.open(url) as archive, archive._engine.connect() as connection:
        for statement in ("DELETE FROM report_publisher", "CREATE TABLE mine (a integer)"):
            with pytest.raises(sa.exc.DBAPIError, match=r"read-?only|readonly"):
                connection.exec_driver_sql(statement)
            connection.rollback()
