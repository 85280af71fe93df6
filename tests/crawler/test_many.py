"""Many portals in one process: polite to each host group, fair to all, and none in the way of another."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest
import typer.testing

from archive.records import RunState
from crawler.cli import app
from crawler.sample.server import Answer, Request
from crawler.window import Window
from tests.crawler import many_rounds
from tests.crawler.many_portals import Portals, SmallPortal, gaps, overlaps, seeds
from tests.crawler.many_rounds import SLACK, by_key, crawl

db = many_rounds.db


def polite(server: Portals, delay: float) -> None:
    for group, lines in server.groups().items():
        assert lines[0].url.endswith("/robots.txt"), "robots.txt first"
        assert server.most[group] == 1, "never two requests at once"
        assert not overlaps(lines)
        assert min(gaps(lines)) >= delay - SLACK


@pytest.mark.parametrize("pages", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_each_host_is_asked_one_thing_at_a_time_with_the_pause_between(pages: int, db: Path) -> None:
    portals = [SmallPortal(key, pages - -(-pages // 16)) for key in ("alpha", "beta", "gamma")]
    with Portals(*portals) as server:
        result = crawl(server, db, delay=0.02)
    assert result.exit_code == 0
    assert [one.reports for one in result.portals] == [portal.reports for portal in portals]
    polite(server, 0.02)
    for portal in portals:
        lines = server.lines(portal)
        assert len(lines) == portal.pages + 1 >= pages
        assert len({line.url for line in lines}) == len(lines), "nothing is asked twice"
        assert {line.user_agent.partition("/")[0] for line in lines} == {"fazhi-archive"}
    assert result.requests == sum(map(len, server.groups().values()))
    first, last = (
        [pick(server.lines(portal)) for portal in portals]
        for pick in (lambda lines: lines[0].began, lambda lines: lines[-1].began)
    )
    assert max(first) < min(last), "they go on beside each other"


def test_portals_of_one_host_group_follow_one_another(db: Path) -> None:
    portals = [SmallPortal(key, 4, group="shared") for key in ("alpha", "beta", "gamma")]
    alone = SmallPortal("delta", 4)
    with Portals(*portals, alone) as server:
        result = crawl(server, db, delay=0.05)
    assert result.exit_code == 0
    polite(server, 0.05)
    order = [line.url.split(".")[1] for line in server.lines(*portals)]
    assert len(list(groupby(order))) == 3, "one portal of a group ends before the next one begins"


def test_a_budget_is_never_exceeded_and_shared_fairly(db: Path) -> None:
    portals = [SmallPortal("alpha", 14), SmallPortal("beta", 2), SmallPortal("gamma", 14)]
    with Portals(*portals) as server:
        result = crawl(server, db, budget=22, delay=0.01)
        asked = {key: len(server.lines(portal)) for key, portal in zip("abg", portals, strict=True)}
    assert sum(asked.values()) == result.requests == 22
    assert asked["b"] == 4, "whoever needs less leaves the rest to the others"
    assert min(asked["a"], asked["g"]) >= 7
    found = by_key(result)
    assert found["beta"].state is RunState.COMPLETE
    assert found["alpha"].why == found["gamma"].why == "its share of the requests is used"
    assert result.exit_code == 3
    with Portals(*portals) as server:
        again = crawl(server, db)
    assert again.exit_code == 0
    assert [one.reports for one in sorted(again.portals, key=lambda one: one.key)] == [14, 2, 14]


def test_portals_that_no_request_is_left_for_are_named(db: Path) -> None:
    portals = [SmallPortal(key, 3) for key in ("alpha", "beta", "gamma")]
    with Portals(*portals) as server:
        result = crawl(server, db, budget=2, at_once=1)
        assert len(server.log) == 2
    assert [one.word for one in result.portals] == ["partial", "not run", "not run"]
    assert result.portals[1].why == "the budget is used"


def throttled(status: int, header: dict[str, str]) -> Callable[[Request], Answer | None]:
    asked: list[str] = []

    def answer(request: Request) -> Answer | None:
        asked.append(request.path)
        if request.path.endswith("_1001.html") and asked.count(request.path) == 1:
            return Answer(status=status, headers=header, body=b"slow down", etag=False)
        return None

    return answer


def test_retry_after_is_kept_by_the_whole_group_and_by_nobody_else(db: Path) -> None:
    portals = [
        SmallPortal("alpha", 4, special=throttled(503, {"Retry-After": "2"})),
        SmallPortal("beta", 12),
    ]
    with Portals(*portals) as server:
        result = crawl(server, db, delay=0.01)
    assert result.exit_code == 0
    lines = server.lines(portals[0])
    place = next(place for place, line in enumerate(lines) if line.status == 503)
    assert lines[place + 1].began - lines[place].began >= 2
    assert server.lines(portals[1])[-1].began < lines[place + 1].began


def test_a_group_that_refuses_is_asked_more_slowly_and_then_faster_again(db: Path) -> None:
    portal = SmallPortal("alpha", 15, special=throttled(503, {}))
    delay = 0.1
    with Portals(portal) as server:
        result = crawl(server, db, delay=delay)
    assert result.exit_code == 0
    lines = server.lines(portal)
    place = next(place for place, line in enumerate(lines) if line.status == 503)
    waits = gaps(lines[place:])
    assert min(waits[:5]) >= 2 * delay - SLACK
    assert min(waits[6:]) < 2 * delay - SLACK


def test_outside_its_window_a_portal_is_not_asked(db: Path) -> None:
    portals = [SmallPortal("alpha", 2), SmallPortal("beta", 2)]
    noon = datetime(2026, 3, 1, 4, tzinfo=UTC)
    with Portals(*portals) as server:
        result = crawl(server, db, window=Window.parse("22-6"), clock=lambda: noon)
        assert not server.log
    assert result.exit_code == 3
    assert {one.why for one in result.portals} == {"outside its crawl window 22-6 (it is 12:00 in China)"}


def test_a_run_ends_with_its_window(db: Path) -> None:
    moments = iter([datetime(2026, 3, 1, 21, 59, tzinfo=UTC)] * 60)
    late = datetime(2026, 3, 1, 22, 0, 1, tzinfo=UTC)
    portal = SmallPortal("alpha", 60)
    with Portals(portal) as server:
        result = crawl(server, db, window=Window.parse("22-6"), clock=lambda: next(moments, late))
        assert 2 < len(server.log) < 60
    assert result.portals[0].state is RunState.PARTIAL
    assert result.portals[0].why == "outside its crawl window 22-6 (it is 06:00 in China)"


def test_the_command_tells_programs_and_people(
    tmp_path: Path, db: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    portals = [SmallPortal("alpha", 3), SmallPortal("beta", 2)]
    place = seeds(tmp_path / "seeds", *portals)
    (place / "sites" / "gamma.toml").write_text('key = "gamma"\n', encoding="utf-8")
    run = typer.testing.CliRunner().invoke
    given = ["--seeds", str(place), "--db", str(db)]
    with Portals(*portals) as server:
        monkeypatch.setenv("http_proxy", server.proxy_url)
        told = run(app, ["run", "--city", "示例市", "--json", *given])
        shown = run(app, ["run", "--province", "示例省", "--plain", *given])
        broken = run(app, ["run", "--all", "--json", *given])
    values = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.exit_code == 0, told.stderr
    assert {value["site"] for value in values[:-1]} == {"alpha", "beta"}
    assert [value["type"] for value in values if value.get("site") == "beta"] == [
        "started", "fetched", "fetched", "fetched", "finished",
    ]  # fmt: skip
    whole = values[-1]
    assert (whole["type"], whole["exit_code"], whole["states"]) == ("round", 0, {"complete": 2})
    assert whole["without_url"] == ["nowhere"]
    assert {one["key"]: one["new"] for one in whole["portals"]} == {"alpha": 3, "beta": 2}
    assert shown.exit_code == 0, shown.stderr
    for words in ("2 complete", "示例省alpha区 (alpha)", "示例省无址县 (nowhere)", "exit code 0"):
        assert words in shown.stdout
    assert "2 portals, 2 at once" in shown.stderr
    assert broken.exit_code == 3
    last = json.loads(broken.stdout.splitlines()[-1])
    assert [one["why"].partition(":")[0] for one in last["portals"] if one["state"] == "not run"] == [
        "seeds/sites/gamma.toml"
    ]


@pytest.mark.parametrize(
    "given",
    [
        ["--site", "dongli", "--all"],
        ["--site", "dongli", "--budget", "5"],
        ["--all", "--advance"],
        ["--province", "天津市", "--replay", "x.warc"],
        ["--all", "--window", "night"],
        ["--all", "--at-once", "0"],
        [],
    ],
)
def test_options_that_do_not_go_together(given: list[str]) -> None:
    assert typer.testing.CliRunner().invoke(app, ["run", *given]).exit_code == 2


def test_a_crawl_delay_is_kept_by_its_own_group(db: Path) -> None:
    def rules(request: Request) -> Answer | None:
        if request.path != "/robots.txt":
            return None
        return Answer(body=b"User-agent: *\nCrawl-delay: 0.6\n", content_type="text/plain")

    portals = [SmallPortal("alpha", 2, special=rules), SmallPortal("beta", 8)]
    with Portals(*portals) as server:
        assert crawl(server, db, delay=0.01).exit_code == 0
    assert min(gaps(server.lines(portals[0]))) >= 0.6 - SLACK
    assert min(gaps(server.lines(portals[1]))) < 0.3
