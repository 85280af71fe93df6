"""Other programs read what is exported: Datasette, DuckDB, pandas, polars, warcio, py-wacz, cdxj-indexer."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from archive.database import open_archive, reading
from archive.exporting.check import check
from archive.exporting.formats import Format
from archive.exporting.recordings import export_wacz, export_warc
from archive.exporting.run import export
from archive.exporting.source import pages
from archive.exporting.tables import TABLES
from tests.archive import exports
from tests.archive.builder import Crawl, extraction
from tests.conftest import environment

pytestmark = pytest.mark.slow

HUGE = "\x1b]0;pwned\x07=cmd|' /C calc'!A0 ../../ \u202e" + "大" * 1_000_000


@pytest.fixture(scope="module")
def folder(exported_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """All exports of one archive, a title of a megabyte among them."""
    root = tmp_path_factory.mktemp("others")
    shutil.copy(exported_file, root / "archive.db")
    engine = open_archive(str(root / "archive.db"))
    Crawl(engine, key="huge").page(
        "huge.html", extraction("巨大标题之报告。" * 30, title=HUGE, report_year=2020)
    )
    for form in Format:
        export(engine, root / form, form)
    export_warc(engine, root / "a.warc.gz")
    export_wacz(engine, root / "a.wacz")
    yield root
    engine.dispose()


@pytest.fixture(scope="module")
def counts(folder: Path) -> dict[str, int]:
    """Rows of each table, counted on the archive itself."""
    engine: Engine = open_archive(str(folder / "archive.db"), read_only=True)
    from archive.exporting.hidden import hidden
    from archive.exporting.selection import Selection

    with reading(engine) as connection:
        found = list(pages(connection, Selection(), hidden(connection), TABLES))
    engine.dispose()
    return {"reports": sum(len(page.reports) for page in found)} | {
        name: sum(len(page.rows[name]) for page in found) for name in found[0].rows
    }


def test_every_export_is_whole(folder: Path) -> None:
    for name in (*Format, "a.warc.gz", "a.wacz"):
        assert check(folder / name).problems == [], name


def test_duckdb_counts_the_same_in_parquet_csv_and_jsonl(folder: Path, counts: dict[str, int]) -> None:
    import duckdb

    database = duckdb.connect()
    for table, count in counts.items():
        parquet, text = folder / "parquet" / f"{table}.parquet", folder / "csv" / f"{table}.csv"
        assert database.execute(f"SELECT count(*) FROM '{parquet}'").fetchone() == (count,), table
        read = f"read_csv('{text}', max_line_size=20000000)"
        assert database.execute(f"SELECT count(*) FROM {read}").fetchone() == (count,), table
    lines = f"read_json('{folder / 'jsonl' / 'reports.jsonl'}', maximum_object_size=100000000)"
    assert database.execute(f"SELECT count(*) FROM {lines}").fetchone() == (counts["reports"],)
    for nested, table in (
        ("versions", "report_versions"),
        ("figures", "report_figures"),
        ("captures", "captures"),
    ):
        assert database.execute(f"SELECT sum(len({nested})) FROM {lines}").fetchone() == (counts[table],)
    fines = database.execute(
        f"SELECT sum(value), typeof(any_value(value)) FROM '{folder}/parquet/report_figures.parquet' WHERE measure = 'fines'"
    )
    assert fines.fetchone() == (13000.0, "DOUBLE")
    types = dict(
        database.execute(
            f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '{folder}/parquet/reports.parquet')"
        ).fetchall()
    )
    assert (types["published"], types["first_seen"], types["year"]) == (
        "DATE",
        "TIMESTAMP WITH TIME ZONE",
        "BIGINT",
    )


def test_pandas_and_polars_read_the_same_values(folder: Path, counts: dict[str, int]) -> None:
    import pandas as pd
    import polars as pl

    for table, count in counts.items():
        frame = pd.read_csv(folder / "csv" / f"{table}.csv")
        assert len(frame) == count, table
        assert len(pd.read_parquet(folder / "parquet" / f"{table}.parquet")) == count
        assert pl.read_parquet(folder / "parquet" / f"{table}.parquet").height == count
        assert pl.read_csv(folder / "csv" / f"{table}.csv", infer_schema_length=None).height == count
    assert len(pd.read_json(folder / "jsonl" / "reports.jsonl", lines=True)) == counts["reports"]
    assert pl.read_ndjson(folder / "jsonl" / "reports.jsonl").height == counts["reports"]
    texts = pl.read_parquet(folder / "parquet" / "report_versions.parquet")["text"].to_list()
    assert texts == pd.read_parquet(folder / "parquet" / "report_versions.parquet")["text"].tolist()
    assert any(text.startswith("=1+1\n") for text in texts), "only CSV guards"


def test_hostile_titles_come_through_every_output(folder: Path) -> None:
    import pandas as pd

    assert HUGE in set(pd.read_parquet(folder / "parquet" / "reports.parquet")["title"])
    assert any(
        json.loads(line)["title"] == HUGE
        for line in (folder / "jsonl" / "reports.jsonl").open(encoding="utf-8")
    )
    database = sqlite3.connect(folder / "sqlite" / "reports.db")
    assert database.execute("SELECT count(*) FROM reports WHERE title = ?", (HUGE,)).fetchone() == (1,)
    for path in (
        *(folder / "csv").iterdir(),
        *(folder / "jsonl").iterdir(),
        *(folder / "text").rglob("*.txt"),
    ):
        assert not {b"\x1b", b"\x07"} & {bytes([byte]) for byte in set(path.read_bytes())}, path.name
    names = [path.relative_to(folder / "text") for path in (folder / "text").rglob("*.txt")]
    assert all(len(name.name.encode()) < 130 and len(name.parts) == 3 for name in names)


async def test_datasette_serves_the_slim_database(folder: Path, counts: dict[str, int]) -> None:
    from datasette.app import Datasette

    metadata = json.loads((folder / "sqlite" / "metadata.json").read_text(encoding="utf-8"))
    served = Datasette([str(folder / "sqlite" / "reports.db")], metadata=metadata)
    for table, count in counts.items():
        answer = await served.client.get(f"/reports/{table}.json?_size=1&_shape=objects")
        assert answer.status_code == 200 and answer.json()["filtered_table_rows_count"] == count, table
    found = await served.client.get(
        "/reports/report_versions.json", params={"_search": "第一责任人", "_shape": "array"}
    )
    assert {row["url"].rsplit("/", 1)[1] for row in found.json()} == {"a.html"} and len(found.json()) == 2
    short = await served.client.get(
        "/reports/report_versions.json", params={"text__contains": "讲法", "_shape": "array"}
    )
    assert len(short.json()) == 2
    page = await served.client.get("/reports/reports")
    assert (
        page.status_code == 200 and metadata["license"] in page.text and "法治政府建设年度报告" in page.text
    )
    row = await served.client.get("/reports/reports/1.json?_shape=objects")
    assert row.json()["rows"][0]["citation"].startswith("清河街道. ")


# py-wacz needs `surt`, which is under the AGPL: it is no package of ours, and asked only where somebody installed it.


def test_py_wacz_finds_the_package_valid(folder: Path) -> None:
    pytest.importorskip("wacz", reason="pip install wacz, to ask it")
    found = subprocess.run(
        [sys.executable, "-m", "wacz.main", "validate", "-f", str(folder / "a.wacz")],
        capture_output=True,
        text=True,
        check=False,
    )
    if "Validation" not in found.stdout:  # no __main__ guard in this version
        script = "import sys; from wacz.main import main; sys.exit(main(sys.argv[1:]))"
        found = subprocess.run(
            [sys.executable, "-c", script, "validate", "-f", str(folder / "a.wacz")],
            capture_output=True,
            text=True,
            check=False,
        )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "Validation succeeded, the passed WACZ is valid" in found.stdout


def test_our_index_is_the_one_cdxj_indexer_makes(folder: Path) -> None:
    theirs_of = pytest.importorskip("cdxj_indexer.main", reason="pip install wacz, to ask it").CDXJIndexer
    with zipfile.ZipFile(folder / "a.wacz") as package:
        ours = gzip.decompress(package.read("indexes/index.cdx.gz")).decode().splitlines()
        (folder / "data.warc.gz").write_bytes(package.read("archive/data.warc.gz"))
    out = io.StringIO()
    theirs_of(
        out, [str(folder / "data.warc.gz")], sort=True, post_append=True, records="response,revisit,resource"
    ).process_all()
    theirs = out.getvalue().splitlines()
    keys = [[line.split(" ", 2)[:2] for line in lines] for lines in (ours, theirs)]
    assert keys[0] == keys[1]
    wanted = ("url", "digest", "length", "offset", "filename", "status", "method", "requestBody")
    read = [
        [{n: json.loads(line.split(" ", 2)[2]).get(n) for n in wanted} for line in lines]
        for lines in (ours, theirs)
    ]
    assert read[0] == read[1]


def test_warcio_checks_it(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", str(folder / "a.warc.gz")],
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout:
        script = "import sys; from warcio.cli import main; sys.exit(main(sys.argv[1:]))"
        done = subprocess.run(
            [sys.executable, "-c", script, "check", "-v", str(folder / "a.warc.gz")],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0 and "digest failed" not in done.stdout + done.stderr
    assert done.stdout.count("digest pass") >= 20


@pytest.mark.parametrize("form", Format)
def test_parquet_too_is_the_same_every_time(folder: Path, tmp_path: Path, form: Format) -> None:
    engine = open_archive(str(folder / "archive.db"), read_only=True)
    export(engine, tmp_path / form, form)
    engine.dispose()
    assert exports.digests(tmp_path / form) == exports.digests(folder / form)


@pytest.mark.parametrize("kind", ["warc", "wacz"])
def test_a_crawl_exported_and_imported_has_the_same_bytes_and_texts(tmp_path: Path, kind: str) -> None:
    """The built-in sample portal is crawled, exported, and the recording imported into a new archive."""

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", f"{program}.cli", *arguments],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 3}, done.stderr

    file = "a.wacz" if kind == "wacz" else "a.warc.gz"
    run("crawler", "run", "--site", "demo", "--db", "one.db")
    run("archive", "export", f"--{kind}", file, "--db", "one.db")
    run("crawler", "import", file, "--site", "demo", "--db", "two.db")
    held = []
    for name in ("one.db", "two.db"):
        database = sqlite3.connect(tmp_path / name)
        texts = database.execute(
            "SELECT DISTINCT d.url, v.text_sha256 FROM version v JOIN document d ON d.id = v.document_id WHERE d.report_id IS NOT NULL"
        )
        bodies = database.execute(
            "SELECT DISTINCT d.url, c.payload_sha256 FROM version v JOIN document d ON d.id = v.document_id "
            "JOIN extraction e ON e.id = v.extraction_id JOIN capture c ON c.id = e.capture_id WHERE d.report_id IS NOT NULL"
        )
        held.append((set(texts.fetchall()), set(bodies.fetchall())))
    assert len(held[0][0]) >= 40
    assert held[0] == held[1]


def test_figures_keep_their_digits_in_every_format(folder: Path) -> None:
    import pandas as pd

    frame = pd.read_parquet(folder / "parquet" / "report_figures.parquet")
    database = sqlite3.connect(folder / "archive.db")
    for measure, value in database.execute("SELECT measure, value FROM figure"):
        assert Decimal(str(value)) in {Decimal(str(found)) for found in frame[frame.measure == measure].value}
