"""``crawler sites``: list, filter, show, check."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archive.database import open_archive
from archive.records import PortalRecord, RunState
from archive.store import Store
from crawler.cli import app
from crawler.errors import CrawlerError
from crawler.seeds import portal_rows
from crawler.site import site_files
from crawler.site_check import check_sites
from tests.conftest import ROOT, Command
from tests.crawler.probing import empty_seeds, home_url, portal, replica
from tests.portals.proxy import ReplicaServer

SEEDS = ROOT / "seeds"
TRS = replica("trs-index")
ROWS = portal_rows(SEEDS)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, so that no archive lies about."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCHIVE_URL", raising=False)


def said(*args: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["sites", *map(str, args)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result.stdout


def keys(*args: object) -> list[str]:
    return [row["key"] for row in json.loads(said(*args, "--json", "--limit", 0))]


# -- list ---------------------------------------------------------------------------------------


def test_a_word_lists_as_ever_and_the_command_need_not_be_named() -> None:
    assert "天津市东丽区" in said("东丽")
    assert keys("东丽") == keys("list", "东丽")
    assert keys("120110") == ["dongli"]
    assert len(keys()) == len(ROWS) + 1
    assert "50 of" in said()
    assert "no portal matches 'nowhere'" in said("nowhere")


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--province", "天津"], lambda row: row.province == "天津市"),
        (["--province", "天津市", "--level", "county"], lambda row: row.province == "天津市" and row.level == "county"),
        (["--city", "许昌"], lambda row: row.city == "许昌市" or row.key == "xuchang"),
        (["--level", "province"], lambda row: row.level == "province"),
        (["--platform", "gkmlpt"], lambda row: row.platform_hint == "gkmlpt" and row.key not in site_files(SEEDS)),
        (["--declared", "--province", "天津"], lambda row: row.province == "天津市" and row.key in site_files(SEEDS)),
    ],
)  # fmt: skip
def test_filters(options: list[str], wanted: Callable[..., bool]) -> None:
    expected = [row.key for row in ROWS if wanted(row)]
    assert expected
    assert keys(*options) == expected


def test_a_pinned_platform_counts() -> None:
    assert "weidu" in keys("--platform", "epoint", "--declared")
    assert "weidu" not in keys("--platform", "trs", "--declared")


def test_states_come_from_the_newest_crawl(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    store = Store(open_archive(str(db)), lambda: datetime(2026, 3, 1, tzinfo=UTC))
    for key, states in {
        "dongli": [
            (RunState.BLOCKED, "manual"),
            (RunState.COMPLETE, "manual"),
            (RunState.FAILED, "reextract"),
        ],
        "wuqing": [(RunState.COMPLETE, "manual"), (RunState.PARTIAL, "schedule")],
    }.items():
        row = next(row for row in ROWS if row.key == key)
        record = PortalRecord(
            key=key,
            name=row.name,
            level=row.level,
            division_code=row.division_code,
            home_url=row.url or "",
            platform=None,
        )
        portal_id = store.sync_portal(record)
        for state, trigger in states:
            run = store.begin_run(portal_id, trigger=trigger, code_version="", options={}, owner="test")
            store.finish_run(run, state, {"requests": 7}, f"it ended {state}")
    # The usual place, then a named one.
    assert keys("--state", "complete") == ["dongli"]
    assert keys("--state", "partial", "--db", db) == ["wuqing"]
    assert keys("--state", "blocked") == []
    never = keys("--never-tried")
    assert len(never) == len(ROWS) - 1
    assert not {"dongli", "wuqing"} & set(never)
    assert keys("--never-tried", "--province", "天津") == keys("--state", "never", "--province", "天津")
    table = said("--province", "天津")
    assert "complete, 2026-03-01" in table
    assert "never" in table
    shown = json.loads(said("show", "dongli", "--json"))["archive"]
    assert (shown["state"], shown["reports"], [run["state"] for run in shown["runs"]]) == (
        "complete", 0, ["failed", "complete", "blocked"],
    )  # fmt: skip
    assert "it ended complete" in said("show", "dongli")


def test_without_an_archive_everything_was_never_tried() -> None:
    result = CliRunner().invoke(app, ["sites", "--never-tried", "--province", "天津"])
    assert result.exit_code == 0
    assert "no archive here" in result.stderr
    assert not Path("archive.db").exists(), "looking makes no archive"
    assert "no portal matches" in said("--state", "complete")


def test_contradictions_are_usage_errors() -> None:
    said("--never-tried", "--state", "complete", code=2)
    said("--level", "village", code=2)


# -- show ---------------------------------------------------------------------------------------


def test_show_tells_what_is_known() -> None:
    text = said("show", "jinghai")
    for words in (
        "天津市静海区 (jinghai), county 120118",
        "www.tjjh.gov.cn, tjjh.gov.cn",
        "trs (pinned)",
        "其他法定公开信息 (confirmed) http://www.tjjh.gov.cn/",
        "工作报告 (not confirmed)",
        "2 s between requests",
    ):
        assert words in text
    group = json.loads(said("show", "weidu", "--json"))
    assert group["host_group"] == "xuchang"
    assert "xuchang" in group["group_members"]
    assert group["options"]["siteguid"]
    assert json.loads(said("show", "120116", "--json"))["site_file"] is None
    with pytest.raises(CrawlerError, match="no site"):
        said("show", "nowhere-at-all")


# -- check --------------------------------------------------------------------------------------


def test_every_file_of_the_seeds_is_usable() -> None:
    lines = said("check").splitlines()
    assert [line.split()[1] for line in lines] == sorted(site_files(SEEDS))
    assert all(line.startswith("ok ") for line in lines)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('key = "dongli"\nplatfrom = "trs"\n', "dongli.toml:2: platfrom: unknown key"),
        ('key = "dongli"\nhosts = ["HTTP://x"]\n', "dongli.toml:2: hosts[0]"),
        (
            'key = "dongli"\n[[column]]\nurl = "https://www.other.gov.cn/a/"\nname = "x"\n',
            "dongli.toml:3: column[0].url: host www.other.gov.cn is not the portal's",
        ),
        ('key = "other"\n', "dongli.toml:1: key"),
        ("key = ", "dongli.toml:1:"),
    ],
)
def test_an_unusable_file_is_named_and_the_others_are_checked(tmp_path: Path, text: str, why: str) -> None:
    seeds = empty_seeds(tmp_path)
    (seeds / "sites" / "dongli.toml").write_text(text, encoding="utf-8")
    (seeds / "sites" / "wuqing.toml").write_text('key = "wuqing"\n', encoding="utf-8")
    lines = said("check", "--seeds", seeds, code=2).splitlines()
    assert [line.split(" (")[0].split()[-1] for line in lines] == ["dongli", "wuqing"]
    assert lines[0].startswith("bad file")
    assert why in lines[0]
    assert lines[1].startswith("ok")
    assert said("check", "wuqing", "--seeds", seeds)


def test_live_asks_robots_home_and_columns_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds = empty_seeds(tmp_path)
    head = f'key = "qinghe-trial"\nname = "某省清河区"\nshort_name = "清河区"\nlevel = "county"\nhome = "{home_url(TRS)}"\ndelay = 0\n'
    column = f'[[column]]\nurl = "{TRS.column_url}"\nname = "法治政府建设"\n'
    file = seeds / "sites" / "qinghe-trial.toml"

    def live(text: str) -> tuple[int, str]:
        file.write_text(text, encoding="utf-8")
        code = check_sites(
            ["qinghe-trial"], live=True, as_json=False, seeds=seeds, proxy=server.proxy_url, workers=0
        )
        return code, capsys.readouterr().out

    with ReplicaServer(portal(TRS)) as server:
        code, line = live(head + column)
        assert (code, line.split()[0]) == (0, "ok")
        assert [log.url for log in server.requests()] == [
            f"{home_url(TRS)}robots.txt", TRS.column_url, home_url(TRS),
        ]  # fmt: skip
        code, line = live(head + column.replace("fzzfjsndbg", "moved"))
        assert code == 3
        assert line.startswith("columns missing")
        assert "gone (HTTP 404)" in line
    code, line = live(head + column)  # nobody serves it any more
    assert code == 4
    assert line.startswith("unreachable")


# -- the program --------------------------------------------------------------------------------


def test_help_names_the_options_of_the_command_that_need_not_be_named(command: Command) -> None:
    text = command("crawler", "sites", "--help").stdout
    for words in ("show", "check", "--province", "--never-tried", "--state", "--declared"):
        assert words in text
