"""Frames of pandas and polars, and those programs and DuckDB on the archive itself: right types, nothing lost."""

from __future__ import annotations

import sqlite3
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from archive import frames, views
from archive.errors import UsageError
from archive.reader import Archive
from archive.records import PublisherRef
from tests.archive.builder import START, Crawl, body_text, extraction, parted_reading


@pytest.fixture
def crawl(crawl: Crawl) -> Crawl:
    """Three reports: one with parts and figures, one without a year and a date, one with two versions."""
    crawl.page("a.html", parted_reading(published=date(2026, 1, 31)))
    crawl.page(
        "b.html",
        extraction(
            body_text("北河镇"), report_year=None, published=None, publishers=(PublisherRef(name="北河镇"),)
        ),
    )
    other = (PublisherRef(name="东湖街道", code="999001002"),)
    crawl.page("c.html", extraction(body_text("东湖街道"), report_year=2024, publishers=other, title="东湖"))
    crawl.page(
        "c.html",
        extraction(body_text("东湖街道", more="改。"), report_year=2024, publishers=other, title="东湖"),
    )
    return crawl


@pytest.fixture
def archive(crawl: Crawl) -> Archive:
    return Archive(crawl.engine)


def test_pandas_keeps_types_and_nulls(archive: Archive) -> None:
    found = archive.frame("reports").sort_values("report_id", ignore_index=True)
    types = {name: str(kind) for name, kind in found.dtypes.items()}
    assert types["year"] == types["report_id"] == "Int64"
    assert types["published"] == "datetime64[s]"
    assert types["first_seen"] == "datetime64[us, UTC]"
    assert "object" not in types.values()
    assert isinstance(found.dtypes["title"], pd.StringDtype)
    assert found["year"].tolist() == [2025, pd.NA, 2024]
    assert found["published"].tolist() == [pd.Timestamp(2026, 1, 31), pd.NaT, pd.Timestamp(2026, 2, 20)]
    assert found["first_seen"].tolist() == [pd.Timestamp(START)] * 3
    assert found["missing_parts"].tolist()[0] == "5"
    assert list(found.columns) == list(views.reports.c.keys())


def test_polars_keeps_types_and_nulls(archive: Archive) -> None:
    found = archive.frame("reports", "polars").sort("report_id")
    assert found.schema["year"] == pl.Int64
    assert found.schema["published"] == pl.Date
    assert found.schema["first_seen"] == pl.Datetime("us", "UTC")
    assert found["year"].to_list() == [2025, None, 2024]
    assert found["published"].to_list() == [date(2026, 1, 31), None, date(2026, 2, 20)]
    assert found["first_seen"].to_list() == [START] * 3
    figures = archive.frame("report_figures", "polars")
    assert figures.schema["value"] == pl.Float64 and figures.schema["within"] == pl.Boolean
    assert sorted(figures["value"].to_list()) == [9.0, 10.0, 12.0, 13000.0]


def test_every_view_becomes_a_frame_with_the_rows_it_has(archive: Archive, query) -> None:
    for view in views.PUBLISHED:
        rows = query(f"SELECT count(*) FROM {view.name}")[0][0]
        for library in ("pandas", "polars"):
            found = archive.frame(view.name, library)
            assert list(found.columns) == list(view.c.keys())
            assert len(found) == rows, view.name


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_many_parts_make_one_frame(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = archive.frame("report_versions", "polars")
    monkeypatch.setattr(frames, "_AT_ONCE", 1)
    assert archive.frame("report_versions", "polars").equals(whole)
    assert len(archive.frame("report_versions")) == len(whole) == 4


def test_filters(archive: Archive) -> None:
    for filters, expected in (
        ({"year": 2025}, [1]),
        ({"year": [2024, 2025]}, [1, 3]),
        ({"year": range(2020, 2026)}, [1, 3]),
        ({"year": None}, [2]),
        ({"year": [2024, None]}, [2, 3]),
        ({"year": []}, []),
        ({"publishers": "北河镇"}, [2]),
        ({"published": date(2026, 1, 31)}, [1]),
        ({"first_seen": START, "year": 2024}, [3]),
        ({"missing_parts": "5"}, [1]),
        ({"title": "' OR 1=1 --"}, []),
    ):
        found = archive.frame("reports", "polars", columns=["report_id"], **filters)
        assert sorted(found["report_id"].to_list()) == expected, filters


@pytest.mark.parametrize(
    ("view", "library", "given", "said"),
    [
        ("report", "polars", {}, "no view 'report'; there are facts, reports"),
        ("reports", "numpy", {}, "pandas or polars, not 'numpy'"),
        ("reports", "polars", {"columns": ["x; DROP TABLE report"]}, "no column 'x; DROP"),
        ("reports", "polars", {"yaer": 2024}, "reports has no column 'yaer'; it has report_id"),
        ("reports", "polars", {"year": "2024"}, "year is of type integer"),
        ("reports", "polars", {"published": datetime(2026, 1, 1, tzinfo=UTC)}, "published is of type date"),
        ("reports", "polars", {"first_seen": START.replace(tzinfo=None)}, "need a zone"),
    ],
)
def test_what_is_not_there_is_told(sqlite_url: str, view: str, library, given: dict, said: str) -> None:
    with Archive.open(sqlite_url) as archive, pytest.raises(UsageError, match=said):
        archive.frame(view, library, **given)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_library_that_is_not_installed_is_one_clear_line(
    sqlite_url: str, library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with Archive.open(sqlite_url) as archive, pytest.raises(UsageError, match=f"pip install {library}"):
        archive.frame("reports", library)


# --- without our code: the views of the SQLite file itself -------------------------------------------


@pytest.fixture
def file(sqlite_url: str) -> str:
    from archive.database import open_archive

    engine = open_archive(sqlite_url)
    crawl = Crawl(engine)
    crawl.page("a.html", parted_reading())
    crawl.page(
        "b.html", extraction(body_text("北河镇"), report_year=None, publishers=(PublisherRef(name="北河镇"),))
    )
    engine.dispose()
    return sqlite_url


def read_only(file: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{Path(file).as_uri()}?mode=ro", uri=True)


def test_pandas_and_polars_read_the_views(file: str) -> None:
    connection = read_only(file)
    every = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
    assert {view.name for view in views.PUBLISHED} == set(every)
    for name in every:
        rows = connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        assert len(pd.read_sql_query(f"SELECT * FROM {name}", connection)) == rows
        assert len(pl.read_database(f"SELECT * FROM {name}", connection, infer_schema_length=None)) == rows
    reports = pd.read_sql_query(
        "SELECT * FROM reports ORDER BY report_id",
        connection,
        dtype_backend="numpy_nullable",
        parse_dates=["first_seen"],
    )
    assert reports["year"].tolist() == [2025, pd.NA]
    assert reports["first_seen"].tolist() == [pd.Timestamp(START)] * 2
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM report")
    connection.close()


def test_duckdb_reads_frames_and_rows_of_the_views(file: str) -> None:
    with Archive.open(file) as archive:
        figures = archive.frame("report_figures")
    assert len(figures) == 4
    total = duckdb.sql("SELECT sum(value) FROM figures WHERE scope = 'year' AND NOT within AND unit <> '元'")
    assert total.fetchall() == [(12.0,)]
    connection = read_only(file)
    versions = pl.read_database("SELECT year, title, first_seen FROM reports", connection)
    connection.close()
    assert len(versions) == 2
    found = duckdb.sql(
        "SELECT count(*) FROM versions WHERE first_seen::TIMESTAMPTZ = TIMESTAMPTZ '2026-03-01 08:00:00+00'"
    )
    assert found.fetchall() == [(2,)]


def test_duckdb_s_own_reader_of_sqlite_files(file: str) -> None:
    """Needs DuckDB's extension, which is fetched once from the network: without it, the ways above remain."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    try:
        connection.execute("LOAD sqlite")
    except duckdb.Error as error:
        pytest.skip(f"DuckDB's extension sqlite is not installed here: {str(error).splitlines()[0]}")
    connection.execute(f"ATTACH '{file}' AS archive (TYPE sqlite, READ_ONLY)")
    for view in views.PUBLISHED:
        assert len(connection.execute(f"DESCRIBE archive.{view.name}").fetchall()) == len(view.c)
    assert connection.execute("SELECT count(*) FROM archive.reports").fetchone() == (2,)


async def test_datasette_serves_the_views(file: str) -> None:
    from datasette.app import Datasette

    served = Datasette([file])
    await served.invoke_startup()
    connection = read_only(file)
    for view in views.PUBLISHED:
        rows = connection.execute(f"SELECT count(*) FROM {view.name}").fetchone()[0]
        answer = await served.client.get(f"/archive/{view.name}.json?_shape=array&_size=max")
        assert (answer.status_code, len(answer.json())) == (200, rows)
    connection.close()
    answer = await served.client.get("/archive/report_figures.json?_shape=array&measure=penalties")
    assert [(row["value"], row["unit"]) for row in answer.json()] == [(12, "件")]
