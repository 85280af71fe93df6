"""PostgreSQL gives the same exports as SQLite, byte for byte."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from archive.database import open_archive, reading
from archive.exporting.formats import Format
from archive.exporting.hidden import hidden
from archive.exporting.recordings import export_wacz
from archive.exporting.run import export
from archive.exporting.selection import Selection
from archive.exporting.source import pages
from archive.exporting.tables import REPORTS
from tests.archive import exports
from tests.archive.builder import Crawl
from tests.archive.test_export import FILTERS

FORMATS = (Format.CSV, Format.JSONL, Format.TEXT, Format.SQLITE)


@pytest.fixture
def engines(sqlite_url: str, postgresql_url: str) -> dict[str, Engine]:
    made = {"sqlite": open_archive(sqlite_url), "postgresql": open_archive(postgresql_url)}
    for engine in made.values():
        exports.fill(Crawl(engine))
    return made


def test_both_databases_give_the_same_bytes(
    engines: dict[str, Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    # An archive that was copied keeps its identity; these two were made apart.
    monkeypatch.setattr("archive.exporting.run.archive_facts", lambda _: {"archive_id": "one"})
    monkeypatch.setattr("archive.exporting.recordings.archive_facts", lambda _: {"archive_id": "one"})
    for name, engine in engines.items():
        (tmp_path / name).mkdir()
        for form in FORMATS:
            export(engine, tmp_path / name / form, form, page_size=3)
        export_wacz(engine, tmp_path / name / "a.wacz")
        with reading(engine) as connection:
            for selection, expected in FILTERS:
                found = pages(connection, selection, hidden(connection), (REPORTS,))
                assert sum(len(page.reports) for page in found) == expected, (name, selection)
        only = Selection(publisher="清河街道", state="live")
        export_wacz(engine, tmp_path / name / "b.wacz", selection=only)
        ((digest,),) = exports.rows(engine, "SELECT text_sha256 FROM version WHERE number = 2")
        exports.hide(engine, "text", digest)
        export(engine, tmp_path / name / "hidden", Format.JSONL)
        export_wacz(engine, tmp_path / name / "hidden.wacz")
        engine.dispose()
    one, two = (exports.digests(tmp_path / name) for name in engines)
    assert len(one) > 20 and one == two
    said = json.loads((tmp_path / "postgresql" / "hidden" / "manifest.json").read_text())
    assert said["withdrawn"] == 1
