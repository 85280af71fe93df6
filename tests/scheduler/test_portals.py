"""The list of portals: read from the seeds, again when they change; a broken site file keeps its last good content."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from crawler.errors import BadSeeds, BadSiteFile, UnknownSite
from crawler.probe_proposal import as_toml
from crawler.site import load_site
from crawler.site_file import Declaration, ScheduleDeclaration, read_site_file
from scheduler.portals import Portals
from tests.scheduler.making import write

HEAD = (
    "key,name,short_name,province,city,level,division_code,url,platform_hint,access_probe,disclosure_url,"
    "disclosure_note,news_url,note\n"
)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    rows = [
        "donghe,天津市东河区,东河区,天津市,,county,999001,http://www.donghe.gov.cn/,,,,,,",
        "xihe,重庆市西河区,西河区,重庆市,,county,999002,http://www.xihe.gov.cn/,,,,,,",
        "wuzhi,天津市无址区,无址区,天津市,,county,999003,,,,,,,no address",
    ]
    write(folder / "portals.csv", HEAD + "\n".join(rows) + "\n")
    write(
        folder / "towns.csv",
        "code,name,kind,county_code\n999001001,甲街道,街道,999001\n999001002,乙镇,镇,999001\n",
    )
    demo = 'key = "demo"\nname = "示例"\nshort_name = "示例"\nlevel = "county"\nhome = "http://www.demo.gov.cn/"\n'
    write(folder / "sites" / "demo.toml", demo)  # the sample: left alone unless it is asked for
    site(folder, 'window = "22-6"')
    return folder


def site(seeds: Path, more: str, key: str = "donghe") -> None:
    path = write(seeds / "sites" / f"{key}.toml", f'key = "{key}"\n{more}\n')
    stamp = path.stat().st_mtime_ns + 1_000_000 * len(more)
    os.utime(path, ns=(stamp, stamp))


def test_rows_and_site_files_make_the_list(seeds: Path) -> None:
    found = Portals.load(seeds=seeds)
    assert sorted(found.by_key) == ["donghe", "xihe"]
    assert found.without_url == ("wuzhi",)
    one, other = found.by_key["donghe"], found.by_key["xihe"]
    assert (one.group, str(one.window), one.units, one.site) == ("www.donghe.gov.cn", "22-6", 2, "donghe")
    assert (other.group, other.window, other.units) == ("chongqing", None, 0)


def test_a_changed_file_is_read_without_a_restart(seeds: Path) -> None:
    found = Portals.load(seeds=seeds)
    assert not found.reload()
    site(seeds, "[schedule]\nevery_days = 10\nquiet_days = 20\nlimit_minutes = 30\npaused = true")
    assert found.reload()
    expected = ScheduleDeclaration(every_days=10, quiet_days=20, limit_minutes=30, paused=True)
    assert found.by_key["donghe"].schedule == expected
    assert load_site("donghe", seeds=seeds).schedule == expected
    site(seeds, "", key="xihe")
    assert found.reload()


def test_a_broken_file_keeps_the_last_good_one_also_after_a_restart(seeds: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    found = Portals.load(seeds=seeds, state=state)
    site(seeds, "delay = no number")
    for again in (found, Portals.load(seeds=seeds, state=state)):
        again.reload()
        assert "donghe.toml:2" in again.broken["donghe"]
        kept = again.by_key["donghe"]
        assert str(kept.window) == "22-6"
        assert load_site(kept.site, seeds=seeds).window == "22-6"  # what the crawl is given can be used
    reader = Portals.load(seeds=seeds, state=state, keep=False)  # a command beside the service
    assert str(reader.by_key["donghe"].window) == "22-6"
    assert "donghe" not in Portals.load(seeds=seeds).by_key  # nowhere a good one: left out and named
    site(seeds, "delay = 3.5")
    Portals.load(seeds=seeds, state=state, keep=False)
    assert "3.5" not in (state / "sites" / "donghe.toml").read_text()
    assert found.reload()
    assert "3.5" in (state / "sites" / "donghe.toml").read_text()
    assert found.broken == {}
    assert found.by_key["donghe"].site == "donghe"


def test_damaged_tables_leave_what_was_known(seeds: Path) -> None:
    found = Portals.load(seeds=seeds)
    (seeds / "portals.csv").write_text("damaged\n")
    with pytest.raises(BadSeeds):
        found.reload()
    assert sorted(found.by_key) == ["donghe", "xihe"]


def test_only_some_portals(seeds: Path) -> None:
    assert list(Portals.load(seeds=seeds, only=["xihe"]).by_key) == ["xihe"]
    with pytest.raises(UnknownSite, match="nobody"):
        Portals.load(seeds=seeds, only=["nobody"])
    assert list(Portals.load(only=["demo"]).by_key) == ["demo"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("[schedule]\nevery_day = 3", r"donghe\.toml:3: schedule\.every_day: unknown key"),
        (
            "[schedule]\nevery_days = 61",
            r"donghe\.toml:3: schedule\.every_days: 61: must be between 0\.25 and 60",
        ),
        ('[schedule]\npaused = "yes"', r"schedule\.paused: must be true or false"),
        ("[schedule]\nquiet_days = true", r"schedule\.quiet_days: must be a number"),
        ("schedule = 3", r"schedule: must be a table"),
    ],
)
def test_a_bad_schedule_is_refused_with_line_and_key(seeds: Path, more: str, said: str) -> None:
    site(seeds, more)
    with pytest.raises(BadSiteFile, match=said):
        load_site("donghe", seeds=seeds)


def test_a_probe_that_writes_the_file_again_keeps_the_schedule(tmp_path: Path) -> None:
    told = ScheduleDeclaration(every_days=14, paused=True)
    found = SimpleNamespace(
        name="东河区", columns=(), requests=3, other_hosts={}, roster=SimpleNamespace(units=0, reported=())
    )
    text = as_toml(Declaration(key="donghe", schedule=told, options={"a": "b"}), found, date(2027, 1, 1))
    path = write(tmp_path / "donghe.toml", text)
    assert read_site_file(path, home="http://www.donghe.gov.cn/").schedule == told
    plain = as_toml(Declaration(key="donghe"), found, date(2027, 1, 1))
    assert "schedule" not in plain
