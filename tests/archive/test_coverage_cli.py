"""``archive coverage`` as a user meets it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from archive.cli import main
from archive.coverage_cells import CellState
from archive.coverage_files import COLUMNS
from archive.database import open_archive
from archive.records import PublisherRef, RunState
from tests.archive.builder import Crawl, extraction
from tests.archive.rosters import BODIES, QINGHE, a_roster

EVIL = '=HYPERLINK("http://x")\x1b[31m清河街道'


@pytest.fixture(scope="module")
def db(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("coverage") / "archive.db")
    shutil.copy(sqlite_template, path)
    engine = open_archive(path)
    crawl = Crawl(engine)
    crawl.clock.now = datetime(2026, 5, 1, tzinfo=UTC)
    named = [body._replace(name=EVIL) if body is QINGHE else body for body in BODIES]
    crawl.store.sync_roster(a_roster(named), "d")
    crawl.page("a.html", extraction(title="@evil\t=1+1", published=date(2026, 4, 20)))
    both = (PublisherRef(name="教育局"),)
    crawl.page("b.html", extraction("教育局" * 30, publishers=both))
    crawl.store.finish_run(crawl.run_id, RunState.PARTIAL, {}, "said")
    engine.dispose()
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["coverage", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_the_table(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--db", db, "--site", "qinghe", "--years", "2024-2025")
    assert code == 0
    assert "2024" in out
    assert "2025" in out
    assert "\x1b" not in out
    (line,) = [line for line in out.splitlines() if line.startswith("=HYPERLINK")]
    assert line.split()[-2:] == ["?", "L"]
    assert "1 late" in out
    assert "教育局 (qinghe), not in the roster: 2025" in out
    assert "? looked for and not found" in out


def test_eighty_columns_are_enough(
    db: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.console import Console

    monkeypatch.setattr("archive.consoles.console", lambda: Console(width=80, highlight=False))
    _, out, _ = run(capsys, "--db", db, "--site", "qinghe", "--years", "2010-2025")
    matrix = [line for line in out.splitlines() if line.startswith(("柳林街道", "=HYPERLINK"))]
    assert [len(line.split()) for line in matrix] == [17, 17]


def test_reasons_tell_run_and_address(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--db", db, "--site", "qinghe", "--year", "2025", "--reasons")
    assert "published 2026-04-20" in out
    assert "http://www.example.gov.cn/a.html" in out
    assert "0 runs since the deadline, 1 in all" in out


def test_csv_runs_no_formula(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--db", db, "--site", "qinghe", "--year", "2025", "--csv")
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 5
    late = next(row for row in rows if row["code"] == "999001001")
    assert (late["state"], late["published"], late["report_id"]) == ("late", "2026-04-20", "1")
    assert late["name"].startswith("'=HYPERLINK")
    assert late["title"].startswith("'@evil")
    assert not [
        value for row in rows for value in row.values() if value.startswith(("=", "+", "-", "@", "\t"))
    ]
    assert "\x1b" not in out


def test_json_tells_all(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--db", db, "--site", "qinghe", "--years", "2024-2025", "--json")
    said = json.loads(out)
    assert said["years"] == [2024, 2025]
    assert said["counts"]["due"] == 10
    (place,) = said["places"]
    street = next(body for body in place["bodies"] if body["code"] == "999001001")
    none, late = street["cells"]
    assert (none["state"], none["run_id"], late["state"]) == ("not_found", 1, "late")
    assert late["reports"][0]["url"] == "http://www.example.gov.cn/a.html"
    assert said["strangers"][0]["name"] == "教育局"
    assert "\x1b" not in out


def test_states_choose_rows_and_cells(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(
        capsys, "--db", db, "--site", "qinghe", "--years", "2024-2025", "--state", "late", "--csv"
    )
    assert [row["state"] for row in csv.DictReader(io.StringIO(out))] == ["late"]
    _, out, _ = run(capsys, "--db", db, "--site", "qinghe", "--year", "2025", "--state", "late,on-time")
    assert "柳林街道" not in out
    code, _, said = run(capsys, "--db", db, "--state", "missing")
    assert code == 2
    assert all(state.value in said for state in CellState)


def test_the_page_is_written(db: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    code, out, said = run(capsys, "--db", db, "--site", "qinghe", "--year", "2025", "--html", str(path))
    assert (code, out) == (0, "")
    assert "page.html written" in said
    assert path.read_text(encoding="utf-8").count('<rect class="late"') >= 1
    code, _, said = run(capsys, "--db", db, "--site", "qinghe", "--html", str(tmp_path / "no" / "page.html"))
    assert (code, said.count("\n")) == (2, 1)


def test_check_is_for_scripts(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--db", db, "--site", "qinghe", "--year", "2025", "--check")[0] == 3
    assert run(capsys, "--db", db, "--site", "qinghe", "--year", "2090", "--check")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--years", "2025-2020"),
        ("--years", "soon"),
        ("--years", "1800-1900"),
        ("--year", "2024", "--years", "2020-2024"),
        ("--csv", "--json"),
        ("--html", "page.html", "--state", "late"),
        ("--place", "无此地"),
        ("--province", "%"),
        ("--level", "planet"),
        ("--year", "1"),
    ],
)
def test_wrong_usage_is_one_line_and_two(
    db: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, out, said = run(capsys, "--db", db, *arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in said
    assert said.startswith("archive: ")


def test_many_bodies_are_shown_by_place(
    db: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.coverage_table.MOST_ROWS", 3)
    _, out, _ = run(capsys, "--db", db, "--province", "天津", "--year", "2025")
    assert "柳林街道" not in out
    assert "清河区" in out
    _, out, _ = run(capsys, "--db", db, "--province", "天津", "--year", "2025", "--bodies")
    assert "柳林街道" in out
