"""``crawler probe``: which portal is meant, by which address it is reached, and the key and file it gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.records import Outcome
from crawler.errors import BadTarget, UnknownSite
from crawler.probe_keep import places
from crawler.probe_proposal import as_toml
from crawler.probe_session import Look
from crawler.probe_target import find_target, key_of
from crawler.probe_ways import enter
from crawler.site import Site
from crawler.site_file import ColumnDeclaration, Declaration, read_site_file
from tests.conftest import ROOT
from tests.crawler.probing import PLACE, answered

SEEDS = ROOT / "seeds"


# -- the ways in --------------------------------------------------------------------------------


def test_tls_exceptions_are_tried_only_where_tls_failed_the_mildest_first() -> None:
    asked: list[tuple[str, str]] = []

    def look(site: Site) -> Look:
        asked.append((site.home_url, site.tls))
        if site.tls == "unverified":
            return answered(site, Outcome.OK)
        return answered(site, Outcome.UNREACHABLE, "the certificate of www.x.gov.cn is not trusted: expired")

    got, ways = enter(PLACE, look)
    home = PLACE.home_url
    assert asked == [
        (home, "strict"),
        ("http://www.x.gov.cn/", "strict"),
        (home, "legacy"),
        (home, "unverified"),
    ]
    assert got.site.tls == "unverified"
    assert [way.outcome for way in ways] == ["unreachable", "unreachable", "unreachable", "ok"]
    assert got.requests == 4

    asked.clear()
    enter(
        PLACE,
        lambda site: (asked.append((site.home_url, site.tls)), answered(site, Outcome.TIMEOUT, "no answer"))[
            1
        ],
    )
    assert [tls for _, tls in asked] == ["strict", "strict"]


@pytest.mark.parametrize(
    "outcome", [Outcome.CHALLENGE, Outcome.RATE_LIMITED, Outcome.FORBIDDEN, Outcome.ROBOTS]
)
def test_a_refusal_is_an_answer(outcome: Outcome) -> None:
    asked: list[str] = []
    enter(PLACE, lambda site: (asked.append(site.home_url), answered(site, outcome))[1])
    assert asked == [PLACE.home_url]


@pytest.mark.parametrize(
    ("final", "allowed", "follows"),
    [
        ("https://www.newname.gov.cn/index.html", (), True),
        ("https://www.mirror.com/", (), False),
        ("https://www.mirror.com/", ("www.mirror.com",), True),
        ("https://fakegov.cn/", (), False),
    ],
)
def test_a_moved_portal_is_followed_within_gov_cn(
    final: str, allowed: tuple[str, ...], follows: bool
) -> None:
    asked: list[Site] = []

    def look(site: Site) -> Look:
        asked.append(site)
        return answered(site, Outcome.MOVED, final=final) if len(asked) == 1 else answered(site, Outcome.OK)

    enter(PLACE, look, allowed=allowed)
    assert len(asked) == (2 if follows else 1)
    if follows:
        assert asked[1].home_url == final.replace("index.html", "")
        assert set(PLACE.hosts) < set(asked[1].hosts)


# -- what is meant ------------------------------------------------------------------------------


def test_a_portal_is_found_by_any_of_its_addresses() -> None:
    target = find_target("https://www.tjdl.gov.cn/gongkai/zfxxgkzl/gknr/index.html", seeds=SEEDS)
    assert (target.key, target.has_file) == ("dongli", True)
    assert target.start == "https://www.tjdl.gov.cn/gongkai/zfxxgkzl/gknr/index.html"
    assert target.site().hubs[:2] == ("https://www.tjdl.gov.cn/", target.start)
    assert find_target("tjdl.gov.cn", seeds=SEEDS).key == "dongli"
    assert find_target("天津东丽", seeds=SEEDS).key == "dongli"
    assert not any(column.confirmed for column in find_target("jinghai", seeds=SEEDS).site().columns)


def test_hosts_outside_gov_cn_need_a_word() -> None:
    for url in (
        "https://www.mirror.com/",
        "http://gov.cn.evil.com/",
        "http://evilgov.cn/",
        "http://127.0.0.1/",
    ):
        with pytest.raises(BadTarget, match="--host-ok"):
            find_target(url, seeds=SEEDS)
    target = find_target("http://www.mirror.com/a/", allowed=["www.mirror.com"], seeds=SEEDS)
    assert target.key == "mirror"
    assert target.site().hosts[0] == "www.mirror.com"


def test_a_row_without_an_address_can_be_given_one() -> None:
    with pytest.raises(UnknownSite, match="no address"):
        find_target("hunchun", seeds=SEEDS)
    site = find_target("http://www.hunchun.gov.cn/", key="hunchun", seeds=SEEDS).site()
    assert (site.name, site.home_url) == ("吉林省延边朝鲜族自治州珲春市", "http://www.hunchun.gov.cn/")
    with pytest.raises(BadTarget, match="is taken"):
        find_target("http://dongli.gov.cn/", seeds=SEEDS)
    with pytest.raises(BadTarget, match="is no key"):
        find_target("http://www.nowhere.gov.cn/", key="Not A Key", seeds=SEEDS)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.from_regex(r"\A(?:[a-z0-9][a-z0-9-]{0,9}\.){1,4}(?:gov\.cn|cn|com)(?::[1-9]\d{1,4})?\Z"))
def test_every_host_gives_a_key(host: str) -> None:
    from crawler.site_file import _KEY

    assert _KEY.match(key_of(host))


WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
PATHS = st.from_regex(r"\A[a-z0-9_/.?=&-]{0,30}\Z")


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])  # a loaded machine draws slowly
@given(
    name=WORDS,
    hubs=st.lists(PATHS, max_size=3, unique=True),
    columns=st.lists(
        st.tuples(PATHS, WORDS, st.booleans(), st.none() | WORDS), max_size=4, unique_by=lambda c: c[0]
    ),
    options=st.dictionaries(st.from_regex(r"\A[a-z]{1,8}\Z"), WORDS, max_size=2),
    delay=st.none() | st.integers(0, 60),
    roster=st.none() | st.lists(st.tuples(st.from_regex(r"\A[0-9]{9}\Z"), WORDS, WORDS), max_size=3),
)
def test_a_written_site_file_says_what_was_proposed(
    name: str, hubs: list[str], columns: list, options: dict, delay: int | None, roster: list | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    home = "http://www.x.gov.cn/"
    proposed = Declaration(
        key="x", name=name, short_name=name, level="county", home=home, hosts=("b.gov.cn", "a.example"),
        hubs=tuple(f"{home}{path}" for path in hubs), delay=delay, options=options, tls="legacy",
        columns=tuple(
            ColumnDeclaration(url=f"{home}{path}", name=words, confirmed=sure, publisher=by)
            for path, words, sure, by in columns
        ),
        roster=None if roster is None else tuple({"code": c, "name": n, "kind": k} for c, n, k in roster),
    )  # fmt: skip
    path = tmp_path_factory.mktemp("proposal") / "x.toml"
    path.write_text(as_toml(proposed, _nothing(), date(2026, 3, 1)), encoding="utf-8")
    assert read_site_file(path, home=None) == proposed


def _nothing():
    from crawler.probe_findings import findings

    look = answered(PLACE, Outcome.TIMEOUT)
    return findings(replace(look, robots=()), [], expected=PLACE)


@pytest.mark.parametrize(
    ("title", "name", "short", "level"),
    [
        ("天津市东丽区人民政府", "天津市东丽区", "东丽区", "county"),
        ("欢迎访问河南省许昌市魏都区人民政府门户网站", "河南省许昌市魏都区", "魏都区", "county"),
        ("许昌市人民政府门户网站", "许昌市", "许昌市", "county"),
        ("首页-甘肃省人民政府", "甘肃省", "甘肃省", "province"),
        ("桥西街道办事处", "桥西街道", "桥西街道", "street"),
        ("清河区司法局", "清河区司法局", "清河区司法局", "department"),
        ("新疆维吾尔自治区喀什地区伽师县人民政府网", "新疆维吾尔自治区喀什地区伽师县", "伽师县", "county"),
        ("Index of /", "Index of /", "Index of /", "county"),
    ],
)
def test_a_portal_in_no_table_is_named_by_its_home_page(
    title: str, name: str, short: str, level: str
) -> None:
    from crawler.probe_findings import findings
    from crawler.probe_proposal import propose

    page = f"<html><head><title>{title}</title></head><body>{title}</body></html>".encode()
    look = answered(PLACE, Outcome.OK)
    seen = replace(look.seen[0], fetch=replace(look.seen[0].fetch, body=page))
    target = find_target("http://www.nowhere-x.gov.cn/", seeds=SEEDS)
    found = findings(replace(look, seen=(seen,)), [], expected=target.site())
    proposed = propose(target, found)
    assert (proposed.name, proposed.short_name, proposed.level) == (name, short, level)


# -- where it goes -------------------------------------------------------------


def test_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAZHI_SEEDS", raising=False)
    assert places().sites == ROOT / "seeds" / "sites"
    assert places().fixtures == ROOT / "tests" / "sites"
    given_ = places(tmp_path / "seeds")
    assert (given_.sites, given_.fixtures) == (tmp_path / "seeds" / "sites", tmp_path / "tests" / "sites")
    assert places(tmp_path / "seeds", tmp_path / "f").fixtures == tmp_path / "f"
    installed = places(root=tmp_path)
    assert (installed.sites, installed.fixtures) == (Path(), Path())
    assert installed.said is not None
    assert "current folder" in installed.said
