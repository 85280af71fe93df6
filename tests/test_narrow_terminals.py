"""Tables on a narrow terminal: what names a row keeps its room, and no year vanishes from the matrix."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from archive import coverage_table, render
from archive.coverage_cells import Cell, CellState, Coverage, Place, Row, count
from archive.database import open_archive
from archive.reader import Archive
from crawler.site_list import Wanted, list_sites
from tests.archive.builder import Crawl
from tests.conftest import empty_archive


def terminal(width: int) -> tuple[Console, io.StringIO]:
    seen = io.StringIO()
    return Console(file=seen, width=width, highlight=False), seen


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_list_of_reports_always_has_publisher_and_title(tmp_path: Path, width: int) -> None:
    (tmp_path / "a.db").write_bytes(empty_archive())
    engine = open_archive(str(tmp_path / "a.db"))
    Crawl(engine).page("a.html")
    found = Archive(engine).reports()
    engine.dispose()
    out, seen = terminal(width)
    render.reports(out, found, 1)
    text = seen.getvalue()
    assert {"no", "year", "publisher", "title"} <= set(text.splitlines()[0].split())
    assert set(found[0].publishers or "") <= set(text), "folded, not cut"
    assert set(found[0].title) <= set(text)
    assert all(len(line) <= width for line in text.splitlines())


@pytest.mark.parametrize("width", [24, 40, 52, 80])
@pytest.mark.parametrize("last", [2014, 2025])
def test_every_year_has_its_column(width: int, last: int) -> None:
    years = tuple(range(2010, last + 1))
    cells = tuple(Cell(year=year, state=CellState.LATE, reason="late") for year in years)
    row = Row(
        body="1", code=None, name="清河街道办事处清河街道办事处", level="street", kind="street", place="1",
        valid_from=None, valid_to=None, dropped=None, cells=cells,
    )  # fmt: skip
    place = Place(
        place="1", name="区", province="省", city="市", county="区", portal_key="q", counts=count(list(cells)), rows=(row,)
    )  # fmt: skip
    found = Coverage(years=years, today=date(2026, 11, 22), places=(place,), counts=place.counts)
    out, seen = terminal(width)
    coverage_table.show(out, found, bodies=True, reasons=False)
    lines = seen.getvalue().splitlines()
    shown = [
        int(word) % 100
        for line in lines
        if re.fullmatch(r"(\s+\d{2}(\d{2})?)+\s*", line)
        for word in line.split()
    ]
    assert shown == [year % 100 for year in years]
    assert sum(line.split().count("L") for line in lines if line.startswith("清河")) == len(years)
    assert all(len(line) <= width for line in lines if line.startswith(("清河", " ")))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_list_of_portals_cuts_no_name_and_no_address(
    width: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    out, seen = terminal(width)
    monkeypatch.setattr("archive.consoles.console", lambda **_: out)
    monkeypatch.chdir(tmp_path)
    list_sites(Wanted(query="dongli"), limit=5, as_json=False, seeds=None, db=None)
    text = re.sub(r"[\s│┃]", "", seen.getvalue())
    assert "…" not in text
    assert "dongli" in text
    for word in ("天津市东丽区", "https://www.tjdl.gov.cn/"):
        assert set(word) <= set(text)
