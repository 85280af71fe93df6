"""Real pages at their own addresses: a real column with one report among eighty rows of other things."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.reader import Archive
from archive.text import normalise
from crawler.prepare import prepare
from crawler.runner import run
from crawler.summary import Summary
from tests.portals.fixtures import RunningReal
from tests.portals.real import Real


@pytest.fixture
def crawl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_replica: RunningReal
) -> Callable[[str], Summary]:
    """Runs a site against the real pages, without the pauses."""

    def go(site: str) -> Summary:
        for scheme in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(scheme, real_replica.server.proxy_url)
        return run(prepare(site, db=str(tmp_path / "archive.db"), delay=0), workers=0)

    return go


def gold(portal: Real, url: str) -> dict[str, str]:
    """The hand-made expectation of a page."""
    path = portal.page(url).gold
    assert path is not None
    return json.loads(path.read_text(encoding="utf-8"))


def squeeze(text: str) -> str:
    """The scorer's normalisation: NFKC, no white space."""
    return "".join(normalise(text).split())


def test_the_report_of_the_column_is_archived_and_its_neighbours_are_refused(
    crawl: Callable[[str], Summary], real_replica: RunningReal, tmp_path: Path
) -> None:
    summary = crawl("pingtan")
    portal = real_replica.portal
    with Archive.open(str(tmp_path / "archive.db")) as archive:
        reports = archive.reports()
        assert [report.url for report in reports] == [portal.column_report_url]
        (report,) = reports
        assert squeeze(archive.text(report.report_id)) == squeeze(gold(portal, report.url)["text"])
        assert report.year == 2022
        assert report.title == gold(portal, report.url)["title"]
        assert str(report.published) == gold(portal, report.url)["published"]
        refused = archive.refused("pingtan")
    assert len(refused) > 60
    assert all(entry.reason for entry in refused)
    assert not archive_has_unsure(tmp_path)
    # The page itself says that 107 rows exist, of which 75 stand in it; the others lie behind a search, which is not
    # stored.
    assert summary.exit_code == 3
    assert [column.missing for column in summary.columns] == ["1 of 2 list pages read; 75 of 107 rows seen"]


def archive_has_unsure(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        return bool(connection.execute("select 1 from document where verdict = 'unsure'").fetchone())


def test_the_two_other_real_reports_are_archived_when_their_folders_are_declared(
    crawl: Callable[[str], Summary], real_replica: RunningReal, tmp_path: Path
) -> None:
    portal = real_replica.portal
    columns = "".join(
        f'[[column]]\nurl = "{url}"\nname = "column {number}"\nconfirmed = true\n'
        for number, url in enumerate(portal.other_columns)
    )
    site = tmp_path / "pingtan.toml"
    site.write_text(f'key = "pingtan"\nplatform = "trs"\n{columns}', encoding="utf-8")
    summary = crawl(str(site))
    assert summary.exit_code == 0, (summary.sentence(), summary.problems)
    with Archive.open(str(tmp_path / "archive.db")) as archive:
        found = {report.url: archive.text(report.report_id) for report in archive.reports()}
        years = {report.year for report in archive.reports()}
    assert set(found) == set(portal.other_columns.values())
    assert years == {2022}
    for url, text in found.items():
        assert squeeze(text) == squeeze(gold(portal, url)["text"])
