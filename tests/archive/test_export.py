"""Exports of tables and texts: what is in them, on both databases, the same bytes every time."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from archive.database import open_archive
from archive.errors import UsageError
from archive.exporting.cells import unguard
from archive.exporting.check import check
from archive.exporting.errors import CannotWrite
from archive.exporting.formats import Format
from archive.exporting.recordings import export_wacz, export_warc
from archive.exporting.run import Exported, export
from archive.exporting.selection import Selection
from archive.exporting.source import PAGE
from archive.exporting.tables import REPORTS, TABLES, VERSIONS
from archive.exporting.writers import Options
from archive.store import Store
from tests.archive import exports
from tests.archive.builder import Crawl, extraction

pytestmark = pytest.mark.usefixtures("no_waiting_for_the_disk")
filled, query, no_waiting_for_the_disk = exports.filled, exports.query, exports.no_waiting_for_the_disk

STEERING = ("\x1b", "\x07", "\x9b")


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_csv_holds_every_report_version_section_and_figure(filled: Engine, tmp_path: Path) -> None:
    done = export(filled, tmp_path / "out", Format.CSV)
    tables = {table.name: read_csv(tmp_path / "out" / f"{table.name}.csv") for table in TABLES}
    assert {file.path: file.rows for file in done.files} == {
        f"{name}.csv": len(rows) for name, rows in tables.items()
    }
    assert done.reports == len(tables["reports"]) == 7
    first = next(row for row in tables["reports"] if row["title"].startswith("清河街道"))
    versions = [row for row in tables["report_versions"] if row["report_id"] == first["report_id"]]
    assert [row["version"] for row in versions] == ["1", "2"]
    assert "三次" in versions[1]["text"] and "\n" in versions[1]["text"]
    assert [row["value"] for row in tables["report_figures"]] == ["12", "13000", "9", "10"]
    assert [row["part"] for row in tables["report_sections"]] == ["1", "3", "2", "4"]
    assert {row["kind"] for row in tables["changes"]} >= {"new", "changed", "duplicate", "annex"}
    annex = next(row for row in tables["documents"] if row["role"] == "annex")
    assert annex["report_id"] == first["report_id"]
    pdf = next(row for row in tables["captures"] if row["url"].endswith("table.pdf"))
    assert (pdf["document_id"], pdf["payload_bytes"]) == (annex["document_id"], "14")
    part = next(row for row in tables["captures"] if row["part"])
    assert part["url"].endswith("parts_2.html") and part["part_of"]
    assert first["archived_at"] == "2026-03-02T08:00:00.000000Z"
    assert first["citation"].endswith(f"SHA-256: {first['text_sha256'][:16]}.")


def test_csv_begins_no_cell_like_a_formula_and_can_be_undone(filled: Engine, tmp_path: Path) -> None:
    export(filled, tmp_path / "out", Format.CSV)
    titles = {unguard(row["title"]) for row in read_csv(tmp_path / "out" / "reports.csv")}
    assert exports.FORMULA in titles
    for path in (tmp_path / "out").glob("*.csv"):
        raw = path.read_text(encoding="utf-8")
        assert not any(sign in raw for sign in STEERING), path.name
        for row in read_csv(path):
            assert not any(value[:1] in "=+-@＝＋－＠\t\r" and value for value in row.values()), (
                path.name,
                row,
            )
    assert not any("Set-Cookie" in line for line in read_csv(tmp_path / "out" / "reports.csv")[0])


def test_csv_with_a_byte_order_mark_for_excel(filled: Engine, tmp_path: Path) -> None:
    export(filled, tmp_path / "out", Format.CSV, options=Options(bom=True), tables=(REPORTS,))
    assert (tmp_path / "out" / "reports.csv").read_bytes().startswith("\ufeffreport_id,".encode())
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["manifest.json", "reports.csv"]


def test_jsonl_is_a_report_a_line_with_all_that_belongs_to_it(filled: Engine, tmp_path: Path) -> None:
    export(filled, tmp_path / "out", Format.JSONL)
    raw = (tmp_path / "out" / "reports.jsonl").read_text(encoding="utf-8")
    assert not any(sign in raw for sign in (*STEERING, "\u202e", "\u2028"))
    reports = read_lines(tmp_path / "out" / "reports.jsonl")
    assert [report["report_id"] for report in reports] == sorted(report["report_id"] for report in reports)
    first = next(report for report in reports if report["title"].startswith("清河街道"))
    assert [version["version"] for version in first["versions"]] == [1, 2]
    assert [figure["value"] for figure in first["figures"]] == [12, 13000, 9, 10]
    assert [section["thematic"] for section in first["sections"]] == [False] * 4
    assert {document["role"] for document in first["urls"]} == {"page", "annex"}
    assert first["captures"][0]["headers"] == {"content-type": "text/html"}
    assert [change["seq"] for change in first["changes"]] == sorted(
        change["seq"] for change in first["changes"]
    )
    # The hostile title is there exactly, escaped.
    assert any(report["title"].startswith("\x1b[31m") for report in reports)


def test_jsonl_without_versions(filled: Engine, tmp_path: Path) -> None:
    export(filled, tmp_path / "out", Format.JSONL, tables=(REPORTS,))
    assert "versions" not in read_lines(tmp_path / "out" / "reports.jsonl")[0]


def test_texts_by_place_and_year_under_safe_names(filled: Engine, tmp_path: Path) -> None:
    export(filled, tmp_path / "out", Format.TEXT)
    index = read_csv(tmp_path / "out" / "index.csv")
    files = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.txt")}
    assert files == {unguard(row["file"]) for row in index} and len(files) == 7
    assert {name.split("/")[1] for name in files} == {"2024", "2025"}
    assert {name.split("/")[0] for name in files} == {"天津市清河区（qinghe）"}
    assert all(len(part.encode()) <= 200 and ".." not in part for name in files for part in name.split("/"))
    text = next((tmp_path / "out" / name).read_text(encoding="utf-8") for name in files if "柳林街道" in name)
    assert text.startswith("2024年，柳林街道坚持") and text.endswith("。\n")


def test_the_slim_database_has_types_indexes_and_search(filled: Engine, tmp_path: Path) -> None:
    export(filled, tmp_path / "out", Format.SQLITE)
    database = sqlite3.connect(tmp_path / "out" / "reports.db")
    tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {table.name for table in TABLES} <= tables and "payload" not in tables and "frontier" not in tables
    types = dict(database.execute("SELECT name, type FROM pragma_table_info('report_figures')"))
    assert (types["value"], types["position"], types["sentence"]) == ("NUMERIC", "INTEGER", "TEXT")
    assert database.execute("SELECT sum(value) FROM report_figures WHERE measure = 'fines'").fetchone() == (
        13000,
    )
    found = database.execute(
        "SELECT count(*) FROM report_versions WHERE rowid IN "
        "(SELECT rowid FROM report_versions_fts WHERE report_versions_fts MATCH '\"第一责任人\"')"
    )
    assert found.fetchone() == (2,)
    indexes = {row[0] for row in database.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'index'")}
    assert {table.name for table in TABLES} <= indexes
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    metadata = json.loads((tmp_path / "out" / "metadata.json").read_text(encoding="utf-8"))
    assert set(metadata["databases"]["reports"]["tables"]) == {table.name for table in TABLES}
    assert metadata["license"] and metadata["source"]


@pytest.mark.parametrize("form", [form for form in Format if form is not Format.PARQUET])
def test_the_same_archive_gives_the_same_bytes(filled: Engine, tmp_path: Path, form: Format) -> None:
    export(filled, tmp_path / "one", form)
    # A database lays its pages out in the order in which rows come.
    export(filled, tmp_path / "two", form, page_size=PAGE if form is Format.SQLITE else 2)
    assert exports.digests(tmp_path / "one") == exports.digests(tmp_path / "two")


FILTERS: list[tuple[Selection, int]] = [
    (Selection(), 7),
    (Selection(site="qinghe"), 7),
    (Selection(place="清河"), 7),
    (Selection(place="5"), 0),
    (Selection(year=2024), 1),
    (Selection(publisher="柳林"), 1),
    (Selection(publisher="999001002", year=2025), 0),
    (Selection(kind="annual"), 7),
    (Selection(kind="other"), 0),
    (Selection(state="live"), 7),
    (Selection(state="gone"), 0),
    (Selection(since="0"), 7),
    (Selection(since="2026-03-02"), 2),
    (Selection(since="2026-03-01T09:00"), 2),
    (Selection(since="2030-01-01"), 0),
    (Selection(since="99999999999999999999"), 0),
]


def test_filters_choose_reports(filled: Engine, tmp_path: Path) -> None:
    for number, (selection, expected) in enumerate(FILTERS):
        done = export(filled, tmp_path / str(number), Format.CSV, selection=selection, tables=(REPORTS,))
        assert done.reports == expected, selection
        manifest = json.loads((tmp_path / str(number) / "manifest.json").read_text())
        assert manifest["filters"] == selection.chosen() and manifest["reports"] == expected


def test_since_takes_only_what_changed_since(filled: Engine, tmp_path: Path) -> None:
    export(filled, tmp_path / "out", Format.CSV, selection=Selection(since="2026-03-02"))
    kinds = {row["kind"] for row in read_csv(tmp_path / "out" / "changes.csv")}
    assert kinds == {"changed", "duplicate"}
    assert len(read_csv(tmp_path / "out" / "report_versions.csv")) == 4, "their older texts belong to them"


@pytest.mark.parametrize(
    ("selection", "words"),
    [(Selection(site="nowhere"), "no portal"), (Selection(since="yesterday"), "neither a change number")],
)
def test_filters_that_cannot_be_meant(
    filled: Engine, tmp_path: Path, selection: Selection, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        export(filled, tmp_path / "out", Format.CSV, selection=selection)
    assert not list(tmp_path.glob("*out*"))


def test_a_withdrawn_text_is_in_no_export(
    filled: Engine, tmp_path: Path, query: Callable[..., list[tuple]]
) -> None:
    secret = "第一责任人"
    for (digest,) in query("SELECT sha256 FROM text WHERE instr(content, '第一责任人') > 0"):
        exports.hide(filled, "text", digest)
    for form in (Format.CSV, Format.JSONL, Format.TEXT, Format.SQLITE):
        done = export(filled, tmp_path / form, form)
        assert done.reports == 7 and done.withdrawn == 2
        for path in (tmp_path / form).rglob("*"):
            assert path.is_dir() or secret.encode() not in path.read_bytes(), path
    manifest = json.loads((tmp_path / "csv" / "manifest.json").read_text())
    assert manifest["withdrawn"] == 2
    row = read_csv(tmp_path / "csv" / "report_versions.csv")[0]
    assert row["text"] == "" and row["text_sha256"] and row["redacted"]
    assert len(list((tmp_path / "text").rglob("*.txt"))) == 6
    assert read_csv(tmp_path / "csv" / "report_figures.csv") == []


def test_what_the_archive_withdraws_is_in_no_export(filled: Engine, tmp_path: Path) -> None:
    """By the command's own way: title, text and bytes of a report are gone from every file."""
    Store(filled).redact("2", by="test", reason="personal data", titles=True)
    for form in (Format.CSV, Format.JSONL, Format.TEXT, Format.SQLITE):
        export(filled, tmp_path / form, form)
    export_warc(filled, tmp_path / "a.warc.gz")
    export_wacz(filled, tmp_path / "a.wacz")
    unpacked = [gzip.decompress(member) for member in exports.members(tmp_path / "a.warc.gz")]
    with zipfile.ZipFile(tmp_path / "a.wacz") as package:
        unpacked += [package.read("pages/pages.jsonl"), gzip.decompress(package.read("indexes/index.cdx.gz"))]
    unpacked += [
        path.read_bytes()
        for form in Format
        if (tmp_path / form).is_dir()
        for path in (tmp_path / form).rglob("*.*")
    ]
    for words in ("柳林街道坚持", "柳林街道2024年法治政府建设年度报告"):
        assert not [data[:80] for data in unpacked if words.encode() in data], words
    row = next(row for row in read_csv(tmp_path / "csv" / "reports.csv") if row["report_id"] == "2")
    assert row["redacted"] and row["text_sha256"] and row["citation"]


def test_an_export_in_the_way_is_replaced_only_by_force(filled: Engine, tmp_path: Path) -> None:
    target = tmp_path / "out"
    export(filled, target, Format.CSV)
    before = exports.digests(target)
    with pytest.raises(UsageError, match="--force replaces it"):
        export(filled, target, Format.JSONL)
    assert exports.digests(target) == before
    export(filled, target, Format.JSONL, force=True)
    assert sorted(path.name for path in target.iterdir()) == ["manifest.json", "reports.jsonl"]
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == ["out"]


def test_a_folder_of_other_files_is_never_replaced(filled: Engine, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.doc").write_text("years of work")
    for force in (False, True):
        with pytest.raises(UsageError, match="holds other files"):
            export(filled, tmp_path / "home", Format.CSV, force=force)
    assert (tmp_path / "home" / "thesis.doc").read_text() == "years of work"


@pytest.mark.parametrize(
    ("name", "words"), [("file", "is a file"), ("a/b", "does not exist"), (".", "no name")]
)
def test_targets_that_cannot_be(sqlite_url: str, tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file").write_text("")
    engine = open_archive(sqlite_url)
    with pytest.raises(UsageError, match=words):
        export(engine, Path() if name == "." else tmp_path / name, Format.CSV)
    engine.dispose()


def test_an_empty_archive_gives_empty_tables(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_archive(sqlite_url)
    for form in (Format.CSV, Format.JSONL, Format.TEXT, Format.SQLITE):
        done: Exported = export(engine, tmp_path / form, form)
        assert done.reports == 0
        assert check(tmp_path / form).problems == []
    assert (tmp_path / "csv" / "reports.csv").read_text().startswith("report_id,")
    engine.dispose()


def test_one_snapshot_however_long_it_takes(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that arrives while the first page is written is not in the export, in none of its tables."""
    from archive.exporting import csvfiles

    writes = csvfiles.CsvWriter.add
    arrived: list[int] = []

    def add(self: csvfiles.CsvWriter, page: object) -> None:
        if not arrived:
            arrived.append(1)
            Crawl(filled, key="late").page(
                "late.html",
                extraction("迟到的报告。" * 40, title="晚到镇2023年法治政府建设年度报告", report_year=2023),
            )
        writes(self, page)  # type: ignore[arg-type]

    monkeypatch.setattr(csvfiles.CsvWriter, "add", add)
    done = export(filled, tmp_path / "out", Format.CSV, page_size=2)
    assert arrived and done.reports == 7
    assert "late.html" not in "".join(
        path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("*.csv")
    )


def test_parquet_says_which_package_is_missing(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'fazhi-archive\[parquet\]'"):
        export(filled, tmp_path / "out", Format.PARQUET)
    assert not list(tmp_path.glob("*out*"))


def test_a_read_only_folder_is_one_line(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    def refuse(**_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(CannotWrite, match="cannot be written: Permission denied") as caught:
        export(filled, tmp_path / "out", Format.CSV, tables=(REPORTS, VERSIONS))
    assert caught.value.exit_code == 3
