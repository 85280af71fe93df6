"""Which portals a round takes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.records import RunState
from crawler.errors import OutsideWindow, UnknownSite
from crawler.many_choice import choose, longest_groups_first
from crawler.many_result import PortalResult, RoundResult, likely_among
from crawler.prepare import prepare
from crawler.runner import run
from crawler.seeds import portal_rows
from crawler.site import load_portal
from crawler.window import Window
from tests.crawler.many_portals import SmallPortal, seeds

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)


def test_all_are_all_but_those_without_an_address_and_the_sample() -> None:
    choice = choose()
    rows = portal_rows()
    assert {one.key for one in choice.portals} == {row.key for row in rows if row.url}
    assert {row.key for row in choice.without_url} == {row.key for row in rows if not row.url}
    assert not choice.unusable
    assert len(choice.portals) > 3_200


@pytest.mark.parametrize(("asked", "number"), [("天津市", 17), ("天津", 17), ("重庆市", 38), ("北京", 17)])
def test_a_province_by_either_name(asked: str, number: int) -> None:
    assert len(choose(province=asked).portals) == number


def test_a_city_is_its_own_portal_and_those_of_its_counties() -> None:
    names = {one.name for one in choose(city="许昌市").portals}
    assert {"河南省许昌市", "河南省许昌市魏都区"} <= names
    assert all("许昌" in name for name in names)
    assert {one.group for one in choose(city="许昌").portals} == {"xuchang"}


def test_a_platform_of_a_province_by_table_or_site_file() -> None:
    rows = {row.key: row for row in portal_rows()}
    found = choose(province="浙江省", platform="hanweb").portals
    assert found
    assert all(rows[one.key].platform_hint == "hanweb" for one in found if one.key in rows)
    declared = {one.key for one in choose(province="天津市", platform="trs").portals}
    assert "dongli" in declared, "its site file says so"


@pytest.mark.parametrize("asked", [{"province": "津"}, {"city": "无此市"}, {"platform": "wordpress"}])
def test_nothing_fits(asked: dict[str, str]) -> None:
    with pytest.raises(UnknownSite, match="no portal fits"):
        choose(**asked)


def test_a_bad_site_file_is_named_and_the_others_are_taken(tmp_path: Path) -> None:
    folder = seeds(tmp_path / "seeds", SmallPortal("alpha"), SmallPortal("beta"))
    (folder / "sites" / "beta.toml").write_text('key = "beta"\ncolour = "red"\n', encoding="utf-8")
    (folder / "sites" / "orphan.toml").write_text('key = "orphan"\n', encoding="utf-8")
    choice = choose(seeds=folder)
    assert [one.key for one in choice.portals] == ["alpha"]
    assert [(key, why.partition(":")[0]) for key, _, why in choice.unusable] == [
        ("beta", "seeds/sites/beta.toml"),
        ("orphan", "seeds/sites/orphan.toml"),
    ]
    assert [row.key for row in choice.without_url] == ["nowhere"]


def test_a_window_of_a_site_file_is_kept_and_checked(tmp_path: Path) -> None:
    folder = seeds(tmp_path / "seeds", SmallPortal("alpha"), SmallPortal("beta"))
    file = folder / "sites" / "alpha.toml"
    file.write_text(f'window = "22-6"\n{file.read_text(encoding="utf-8")}', encoding="utf-8")
    chosen = {one.key: one for one in choose(seeds=folder).portals}
    assert (chosen["alpha"].window, chosen["beta"].window) == (Window(22, 6), None)
    assert load_portal("alpha", seeds=folder).window == "22-6"
    session = prepare("alpha", db=str(tmp_path / "a.db"), seeds=folder, clock=lambda: NOON)
    with pytest.raises(
        OutsideWindow, match=r"alpha: outside its crawl window 22-6 .it is 12:00 in China.; --window"
    ):
        run(session)
    file.write_text(file.read_text(encoding="utf-8").replace("22-6", "22:00"), encoding="utf-8")
    assert (
        choose(seeds=folder)
        .unusable[0][2]
        .startswith("seeds/sites/alpha.toml:1: window: '22:00' is no crawl")
    )


def test_those_who_share_a_host_group_with_many_begin() -> None:
    portals = choose().portals
    ordered = longest_groups_first(portals)
    assert Counter(ordered) == Counter(portals)
    assert {one.group for one in ordered[:38]} == {"chongqing"}


def result(key: str, state: RunState | None, *, challenged: bool = False) -> PortalResult:
    return PortalResult(key=key, name=key, state=state, challenged=challenged)


def test_neighbours_of_a_challenged_portal_are_marked_unless_they_were_read() -> None:
    group = [one.key for one in choose(province="重庆市").portals]
    results = [
        result(group[0], RunState.BLOCKED, challenged=True),
        result(group[1], RunState.COMPLETE),
        result(group[2], RunState.BLOCKED),
        result(group[3], None),
        result("dongli", RunState.PARTIAL),
    ]
    assert likely_among(results, portal_rows()) == {
        group[2]: f"{group[0]}: host group",
        group[3]: f"{group[0]}: host group",
    }


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ([RunState.COMPLETE, RunState.COMPLETE], 0),
        ([RunState.COMPLETE, RunState.NOTHING], 0),
        ([RunState.NOTHING, RunState.NOTHING], 5),
        ([RunState.COMPLETE, RunState.PARTIAL], 3),
        ([RunState.COMPLETE, RunState.BLOCKED], 3),
        ([RunState.FAILED], 3),
        ([RunState.COMPLETE, None], 3),
    ],
)
def test_exit_codes(states: list[RunState | None], code: int) -> None:
    portals = tuple(result(str(number), state) for number, state in enumerate(states))
    whole = RoundResult(portals=portals, without_url=(("a", "b"),), requests=1, seconds=1.0, likely={})
    assert whole.exit_code == code
    assert whole.as_json()["exit_code"] == code
