"""Portals without a site file: what is planted on them is found within the budget, and cheaply the year after."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from archive import schema
from archive.database import open_archive
from archive.records import RunState, Verdict
from crawler.looking import Reach
from crawler.narrowing import Narrowing
from crawler.prepare import prepare
from crawler.runner import run
from crawler.sample.server import LoopbackServer
from crawler.seeds import PortalRow
from crawler.site import Site, load_site
from crawler.summary import Summary
from tests.archive.builder import a_day_passes
from tests.portals.unknown import Plan, Section, UnknownPortal
from tests.portals.unknown_plans import PLANS, STREETS

pytestmark = pytest.mark.usefixtures("read_once")

MOST = 150
LEAST_FOUND = 0.95
NEXT_SEASON = 0.2
FAST = {"RETRY_TIMES": 0}


def seeds_of(plan: Plan, folder: Path) -> Path:
    """A seeds folder that knows the portal's row and its towns, and nothing else of it."""
    (folder / "sites").mkdir(parents=True)
    row = {
        "key": plan.key,
        "name": "某省某市清河区",
        "short_name": "清河区",
        "level": "county",
        "division_code": "999901",
        "url": f"http://www.{plan.key}.gov.cn/",
    }
    names = [field.name for field in fields(PortalRow)]
    with (folder / "portals.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([names, [row.get(name, "") for name in names]])
    towns = "".join(
        f"9999010{n:02},{name},{name[-2:] if name.endswith('街道') else name[-1]},999901\n"
        for n, name in enumerate(plan.roster, 1)
    )
    (folder / "towns.csv").write_text(f"code,name,kind,county_code\n{towns}", encoding="utf-8")
    return folder


@dataclass
class Trial:
    """One unknown portal and the archive that learns of it."""

    plan: Plan
    folder: Path

    def season(
        self, year: int, portal: UnknownPortal | None = None, budget: int = Site.budget, **given: Any
    ) -> Season:
        """A run after the reports about a year are out; ``given`` goes to :func:`prepare`."""
        portal = portal or UnknownPortal(self.plan, year)
        seeds = self.folder / "seeds"
        if not seeds.exists():
            seeds_of(self.plan, seeds)
        with LoopbackServer(portal) as server:
            site = replace(load_site(self.plan.key, seeds=seeds), budget=budget)
            session = prepare(
                site,
                db=str(self.folder / "archive.db"),
                delay=0,
                proxy=server.proxy_url,
                clock=lambda: portal.now,
                **{"recheck": "none", **given},
            )
            summary = run(session, workers=0, overrides=FAST)
        return Season(portal, summary, self.documents())

    def documents(self) -> frozenset[str]:
        """Addresses of the reports that the archive holds."""
        query = sa.select(schema.document.c.url).where(schema.document.c.verdict == Verdict.REPORT)
        with open_archive(str(self.folder / "archive.db")).connect() as connection:
            return frozenset(connection.execution_options(archive_reads=True).execute(query).scalars())


@dataclass(frozen=True)
class Season:
    portal: UnknownPortal
    summary: Summary
    held: frozenset[str]

    @property
    def found(self) -> float:
        """Share of the reports on the portal that the archive holds."""
        return len(self.held & set(self.portal.planted)) / len(self.portal.planted)

    @property
    def requests(self) -> int:
        """All that the portal was asked, robots.txt apart."""
        return sum(not address.endswith("/robots.txt") for address in self.portal.asked)


Trials = Callable[[Plan], Trial]


@pytest.fixture
def trial(tmp_path: Path) -> Trials:
    return lambda plan: Trial(plan, tmp_path)


QUICK = frozenset({"jinbei"})
"""Portals of the fast suite: one with a search, one with street sub-sites. ``make trials`` runs all."""


@pytest.mark.parametrize(
    "key", [pytest.param(key, marks=() if key in QUICK else pytest.mark.slow) for key in PLANS]
)
def test_an_unknown_portal_is_found_out_and_cheap_the_year_after(key: str, trial: Trials) -> None:
    plan = PLANS[key]
    tried = trial(plan)
    first = tried.season(2024)
    second = tried.season(2025)
    print(
        f"\n{key:10} {plan.dialect:10} {len(first.portal.planted)} reports, found {first.found:.0%} with {first.requests} requests "
        f"({first.summary.guidance and first.summary.guidance.looked} looking); the year after {second.requests} "
        f"({second.requests / first.requests:.0%}) for {len(set(second.portal.planted) - set(first.portal.planted))} new reports, "
        f"found {second.found:.0%}"
    )
    assert first.found >= LEAST_FOUND and second.found >= LEAST_FOUND
    assert first.requests <= MOST
    assert second.requests <= NEXT_SEASON * first.requests
    for season in (first, second):
        assert season.held <= set(season.portal.planted)  # no decoy
        assert season.summary.missing_publishers == (plan.silent,)
        assert season.summary.state is RunState.COMPLETE, season.summary.problems


def test_the_twelve_portals_are_of_every_platform() -> None:
    assert len(PLANS) == 12
    assert {plan.dialect for plan in PLANS.values()} == {
        "trs", "igs", "hanweb", "jpaas", "ucap", "gkmlpt", "anhui", "vsb", "siteserver", "epoint", "anchors",
    }  # fmt: skip


# -- small portals ------------------------------------------------------------------------------

UNITS = ("桥西街道", "河东街道", "云台镇")


def small(*sections: Section, **given: Any) -> Plan:
    """A portal of a few pages: 政务公开 holds the sections."""
    public = Section(name="政务公开", place="zwgk/", below=sections)
    plan = Plan(key="xiaohe", dialect="trs", roster=UNITS, silent="", tree=(public,))
    return replace(plan, **given)


def column(place: str = "fz/", **given: Any) -> Section:
    return Section(**{"name": "法治政府建设情况", "place": place, "units": UNITS, **given})


def changes(tried: Trial, kind: str) -> list[str]:
    query = sa.select(schema.change.c.detail).where(schema.change.c.kind == kind)
    with open_archive(str(tried.folder / "archive.db")).connect() as connection:
        return list(connection.execution_options(archive_reads=True).execute(query).scalars())


@pytest.mark.parametrize("emptied", [False, True], ids=["gone", "emptied"])
def test_a_column_that_moved_is_looked_for_and_its_move_is_recorded(emptied: bool, trial: Trials) -> None:
    before = small(column("old/"), Section(name="专题", place="zt/"))
    empty = (column("old/", name="旧栏目", units=()),) if emptied else ()
    after = small(*empty, Section(name="法定主动公开内容", place="fd/", below=(column("new/"),)))
    tried = trial(before)
    assert tried.season(2023).found == 1
    old, new = ("http://www.xiaohe.gov.cn/zwgk/old/", "http://www.xiaohe.gov.cn/zwgk/fd/new/")
    moved = replace(tried, plan=after).season(2024)
    assert moved.found == 1
    assert moved.summary.guidance is not None
    assert moved.summary.guidance.moved == ((old, new),)
    assert moved.summary.as_json()["columns_moved"] == [{"from": old, "to": new}]
    assert changes(tried, "column_moved") == [f"{old} → {new}"]
    assert moved.summary.state is RunState.COMPLETE, moved.summary.problems
    later = replace(tried, plan=after).season(2025)
    assert later.found == 1
    assert old not in later.portal.asked and not later.summary.as_json()["columns_moved"]


def test_a_column_that_lost_its_reports_makes_the_run_look_everywhere_but_is_no_move(trial: Trials) -> None:
    tried = trial(small(column()))
    tried.season(2023)
    lost = replace(tried, plan=small(column(units=(), name="法治政府建设情况"))).season(2024)
    assert lost.summary.guidance is not None and lost.summary.guidance.moved == ()
    assert lost.summary.guidance.reach is Reach.ALL
    assert lost.summary.state is RunState.PARTIAL
    assert lost.summary.missing_publishers == UNITS


def test_backdated_postings_on_a_later_page_are_found(trial: Trials) -> None:
    plan = small(column(noise=20))
    late = frozenset({("云台镇", 2023)})
    tried = trial(plan)
    first = tried.season(2023, UnknownPortal(plan, 2023, withheld=late))
    assert first.summary.missing_publishers == ("云台镇",)
    posted = tried.season(2023)
    assert posted.found == 1 and posted.summary.missing_publishers == ()
    (row,) = [title for title in posted.portal.titles.values() if title.title.startswith("云台镇")]
    assert row.url in posted.portal.asked
    assert "http://www.xiaohe.gov.cn/zwgk/fz/index_2.html" in posted.portal.asked


def test_a_street_beyond_the_roster_is_named(trial: Trials) -> None:
    season = trial(small(column(units=(*UNITS, "高桥街道")))).season(2023)
    assert season.summary.guidance is not None
    assert season.summary.guidance.strangers == ("高桥街道",)


def test_a_narrowed_run_fetches_its_part_and_says_so(trial: Trials) -> None:
    tried = trial(small(column()))
    narrowed = tried.season(2024, narrowing=Narrowing(year=2023, publisher="河东街道"))
    assert {narrowed.portal.planted[url] for url in narrowed.held} == {("河东街道", 2023)}
    assert narrowed.summary.as_json()["narrowed"] == "year 2023, publisher 河东街道"
    assert narrowed.summary.sentence().startswith("narrowed to year 2023, publisher 河东街道")
    assert narrowed.summary.missing_publishers == ()
    whole = tried.season(2024)
    assert whole.found == 1 and whole.summary.narrowed is None


def test_a_narrowed_run_takes_nothing_for_withdrawn(trial: Trials) -> None:
    tried = trial(small(column()))
    tried.season(2023)
    shrunk = small(column(units=UNITS[:2]))
    run_of = replace(tried, plan=shrunk)
    run_of.season(2023, narrowing=Narrowing(year=2023), recheck="all")
    assert changes(tried, "missing") and not changes(tried, "gone")
    engine = open_archive(str(tried.folder / "archive.db"))
    a_day_passes(engine)
    engine.dispose()
    run_of.season(2023, narrowing=Narrowing(year=2023), recheck="all")
    assert changes(tried, "gone") and not changes(tried, "withdrawn")
    run_of.season(2023, recheck="all")
    assert len(changes(tried, "withdrawn")) == 1


def test_within_the_quarter_only_the_columns_are_read_again_all_their_pages(trial: Trials) -> None:
    tried = trial(small(column(noise=20)))
    first, second = tried.season(2024), tried.season(2024)
    assert first.summary.guidance is not None and second.summary.guidance is not None
    assert (first.summary.guidance.reach, second.summary.guidance.reach) == (Reach.ALL, Reach.NEW)
    lists = [address for address in second.portal.asked if "/fz/" in address and "/t20" not in address]
    assert len(lists) == len(set(lists)) == 4
    assert set(second.portal.asked) <= {*lists, "http://www.xiaohe.gov.cn/robots.txt"}
    assert second.summary.state is RunState.COMPLETE and second.summary.left == 0


@pytest.mark.parametrize("forbidden", [False, True])
def test_a_search_that_robots_forbids_is_not_asked_and_spoils_nothing(forbidden: bool, trial: Trials) -> None:
    filed = Section(name="通知公告", place="tzgg/", units=("区司法局",), noise=20)
    robots = "User-agent: *\nDisallow: /site/search/\n" if forbidden else ""
    season = trial(small(column(), filed, search="get", robots=robots)).season(2024)
    assert any("/site/search/" in address for address in season.portal.asked) is not forbidden
    assert (season.found == 1) is not forbidden
    assert season.summary.state is RunState.COMPLETE, season.summary.problems


def test_what_the_budget_does_not_cover_waits_for_the_next_run(trial: Trials) -> None:
    streets = [
        Section(name=unit, place=f"jz{n}/", below=(column(units=(unit,)),)) for n, unit in enumerate(STREETS)
    ]
    tried = trial(small(*streets, roster=STREETS))
    first = tried.season(2024, budget=10)
    assert first.summary.guidance is not None
    assert 8 <= first.summary.guidance.looked <= 10
    assert first.summary.state is RunState.PARTIAL and 0 < first.found < 1
    second = tried.season(2024)
    assert second.found == 1 and second.summary.state is RunState.COMPLETE


def test_a_year_s_new_sub_column_is_found_the_year_after(trial: Trials) -> None:
    tried = trial(small(column(by_year=True, name="依法行政情况")))
    assert tried.season(2023).found == 1
    second = tried.season(2024)
    assert second.found == 1 and second.requests <= 9
