"""The roster is that of the seeds: every portal's government, every street and town, and the corrections."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from archive.database import open_archive
from archive.reader import Archive
from archive.store import Store
from crawler import rosters
from crawler.errors import BadSeeds
from crawler.rosters_cli import roster
from crawler.seeds import seeds_dir
from tests.conftest import ROOT, Command

HEAD = "code,name,kind,portal,valid_from,valid_to,source\n"
TOWNS = "120110001,甲街道,街道,120110\n120110100,乙镇,镇,120110\n130171001,丙镇,镇,130171\n"
PORTAL_HEAD = (
    "key,name,short_name,province,city,level,division_code,url,platform_hint,access_probe,disclosure_url,"
    "disclosure_note,news_url,note\n"
)
PORTALS = (
    "tianjin,天津市,天津市,天津市,,province,120000,http://tj/,,,,,,\n"
    "dongli,天津市东丽区,东丽区,天津市,,county,120110,http://dl/,,,,,,\n"
    "shijiazhuang,河北省石家庄市,石家庄市,河北省,石家庄市,city,130100,,,,,,,nobody knows\n"
    "liangjiang,重庆市两江新区,两江新区,重庆市,,county,,http://lj/,,,,,,\n"
)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    (folder / "sites").mkdir(parents=True)
    (folder / "portals.csv").write_text(PORTAL_HEAD + PORTALS, encoding="utf-8")
    (folder / "towns.csv").write_text("code,name,kind,county_code\n" + TOWNS, encoding="utf-8")
    shutil.copy(ROOT / "seeds" / "sites" / "demo.toml", folder / "sites" / "demo.toml")
    return folder


def correct(seeds: Path, *rows: str) -> None:
    (seeds / "roster.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")


def test_governments_streets_and_towns(seeds: Path) -> None:
    made = rosters.roster(seeds)
    bodies = {body.body: body for body in made.bodies}
    places = {place.place: place for place in made.places}
    assert bodies["120110"] == ("120110", 0, "东丽区", "county", "政府", "120110", None, None)
    assert bodies["120110001"][2:6] == ("甲街道", "street", "街道", "120110")
    assert bodies["120110100"].level == "town"
    assert bodies["liangjiang/两江新区"].place == "liangjiang"
    assert places["120110"].portal_key == "dongli"
    assert (places["120110"].province, places["120110"].county) == ("天津市", "东丽区")


def test_a_place_without_portal_publishes_on_that_of_its_city(seeds: Path) -> None:
    places = {place.place: place for place in rosters.roster(seeds).places}
    assert (places["130171"].portal_key, places["130171"].home_url) == ("shijiazhuang", None)
    assert (places["130171"].province, places["130171"].city) == ("河北省", "石家庄市")


def test_a_site_file_s_roster_stands_for_its_portal(seeds: Path) -> None:
    bodies = {body.body: body for body in rosters.roster(seeds).bodies}
    assert bodies["999901001"].name == "望溪街道"
    assert bodies["999901001"].place == "demo"
    (seeds / "sites" / "dongli.toml").write_text(
        'key = "dongli"\nroster = [ { code = "120110777", name = "丁街道", kind = "街道" } ]\n',
        encoding="utf-8",
    )
    bodies = {body.body: body for body in rosters.roster(seeds).bodies}
    assert "120110777" in bodies
    assert "120110001" not in bodies


def test_corrections_found_dissolve_and_rename(seeds: Path) -> None:
    correct(
        seeds,
        "120110001,甲街道,街道,,,2024-06-30,somebody",
        "120110001,新甲街道,街道,,2024-07-01,,somebody",
        "120110002,戊街道,街道,,2023-01-01,,founded",
        ",司法局,局,dongli,,,a bureau",
        "120110,东丽区,政府,,,2025-12-31,dissolved",
    )
    found = [body for body in rosters.roster(seeds).bodies if body.place == "120110"]
    by_key = {(body.body, body.ordinal): body for body in found}
    assert len(by_key) == len(found)
    assert by_key["120110001", 0].valid_to == date(2024, 6, 30)
    assert by_key["120110001", 1][2:] == ("新甲街道", "street", "街道", "120110", date(2024, 7, 1), None)
    assert by_key["120110002", 0].valid_from == date(2023, 1, 1)
    assert by_key["dongli/司法局", 0].level == "department"
    assert (by_key["120110", 0].level, by_key["120110", 0].valid_to) == ("county", date(2025, 12, 31))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("12011,甲,街道,,,,", "not of six or nine digits"),
        ("120110001,,街道,,,,", "name, kind"),
        (",甲街道,街道,,,,", "one of code and portal"),
        ("120110001,甲,街道,,2024-13-01,,", "days are written 2021-04-09"),
        ("120110001,甲,街道,,2024-02-01,2024-01-01,", "ends before it begins"),
        ("120110001,甲,街道,nowhere,,,", "no portal has the key"),
        ("120110001,甲,街道", "expected"),
    ],
)
def test_a_bad_correction_names_its_line(seeds: Path, row: str, said: str) -> None:
    correct(seeds, row)
    with pytest.raises(BadSeeds, match=rf"roster.csv:2: .*{said}"):
        rosters.roster(seeds)


def test_it_is_written_once_and_again_when_the_seeds_change(seeds: Path, tmp_path: Path) -> None:
    engine = open_archive(str(tmp_path / "a.db"))
    store = Store(engine)
    done = rosters.keep(store, seeds)
    assert done is not None
    assert done.added == 16
    assert rosters.keep(store, seeds) is None
    correct(seeds, "120110002,戊街道,街道,,2023-01-01,,founded")
    done = rosters.keep(store, seeds)
    assert done is not None
    assert (done.added, done.changed, done.dropped) == (1, 0, 0)
    (seeds / "roster.csv").unlink()
    done = rosters.keep(store, seeds)
    assert done is not None
    assert done.dropped == 1
    engine.dispose()


def test_a_bad_file_of_another_portal_stops_no_crawl(
    seeds: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_archive(str(tmp_path / "a.db"))
    store = Store(engine)
    (seeds / "sites" / "dongli.toml").write_text('key = "dongli"\nroster = 3\n', encoding="utf-8")
    rosters.at_start(store, seeds)
    assert "who must report stays" in caplog.text
    assert store.roster_source() is None
    engine.dispose()


def test_the_real_seeds_have_everybody_once() -> None:
    made = rosters.roster()
    keys = [(body.body, body.ordinal) for body in made.bodies]
    assert len(set(keys)) == len(keys) >= 44_500
    places = {place.place for place in made.places}
    assert all(body.place in places for body in made.bodies)
    assert sum(1 for place in made.places if place.portal_key is None) == 0
    assert len(rosters.digest()) == 64
    assert rosters.digest() == rosters.digest(seeds_dir())


def test_the_commands(seeds: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> Result:
        return CliRunner().invoke(roster, [*arguments, "--seeds", str(seeds)])

    db = ("--db", str(tmp_path / "a.db"))
    first = run("sync", *db)
    assert (first.exit_code, first.stdout) == (0, "16 bodies: 16 added, 0 changed, 0 left\n")
    assert '"written": null' in run("sync", *db, "--json").stdout
    shown = run("show", "东丽").stdout
    assert shown.splitlines() == ["120110  政府  东丽区", "120110001  街道  甲街道", "120110100  镇  乙镇"]
    assert '"portal"' not in run("show", "东丽", "--json").stdout
    correct(seeds, "120110001,甲街道,街道,,,soon,")
    bad = run("sync", *db)
    assert isinstance(bad.exception, BadSeeds)
    assert bad.exception.exit_code == 2


@pytest.mark.slow
def test_a_crawl_brings_it_along(command: Command, tmp_path: Path) -> None:
    done = command("crawler", "run", "--site", "demo", "--plain")
    assert done.returncode == 0, done.stderr
    engine = open_archive(str(tmp_path / "archive.db"))
    source = Store(engine).roster_source()
    assert source is not None
    assert source.digest == rosters.digest()
    with Archive(engine) as archive:
        found = archive.coverage([2024], site="demo")
    assert found.counts.standing == len(found.places[0].rows) == 9
