"""The command: what it prints, what it refuses, with which exit code."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from archive.database import open_archive
from archive.records import RunState
from scheduler.cli import main
from tests.archive.builder import Crawl
from tests.scheduler.making import write


class Shell:
    def __init__(self, capsys, monkeypatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr("sys.argv", ["scheduler", *arguments])
        try:
            main()
            code = 0
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else 0
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def shell(capsys, monkeypatch, tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    for name in ("ARCHIVE_URL", "FAZHI_CONTACT"):
        monkeypatch.delenv(name, raising=False)
    return Shell(capsys, monkeypatch)


@pytest.fixture
def crawled(engine) -> Crawl:
    """The archive in this folder holds one crawl of a real key: 东丽 was blocked."""
    crawl = Crawl(engine, key="dongli")
    crawl.store.finish_run(crawl.run_id, RunState.BLOCKED, {"outcomes": {"challenge": 1}}, "\x1b[2J refused")
    return crawl


def test_due_says_who_since_when_and_why(shell: Shell, crawled: Crawl) -> None:
    code, out, _ = shell("due", "--at", "2026-03-20", "--only", "dongli", "--only", "nanan")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("nanan ")
    assert "never visited" in lines[0]
    assert "blocked, not read completely once since 2026-03-01" in lines[1]
    assert lines[-1] == "2 of 2 portals are due"
    code, out, _ = shell("due", "--at", "2026-03-01T20:00", "--only", "dongli", "--json")
    assert (code, json.loads(out)) == (0, [])
    found = json.loads(shell("due", "--at", "2026-03-20", "--only", "dongli", "--json")[1])
    assert (found[0]["portal"], found[0]["reason"], found[0]["host_group"]) == (
        "dongli",
        "retry",
        "www.tjdl.gov.cn",
    )


def test_status_and_freshness_show_what_failed_without_steering_the_terminal(
    shell: Shell, crawled: Crawl
) -> None:
    code, out, _ = shell("status", "--only", "dongli")
    assert code == 0
    assert "\x1b" not in out
    assert "dongli blocked 1 time since 2026-03-01" in out
    assert "service   none was ever started" in out
    assert json.loads(shell("status", "--only", "dongli", "--json")[1])["failing"][0]["portal"] == "dongli"
    code, out, _ = shell("freshness", "--only", "dongli", "--csv", "fresh.csv")
    assert code == 0
    assert "read never" in out
    with Path("fresh.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["key"], row["state"], row["last_complete"], row["failures"]) == ("dongli", "blocked", "", "1")


def test_watch_tells_and_exits_three_while_something_is_open(
    shell: Shell, crawled: Crawl, tmp_path: Path
) -> None:
    write(
        tmp_path / "scheduler.toml",
        'only = ["dongli"]\n[alarms]\nfile = "alarms.txt"\nfailures = 1\ndisk_gib = 0\ndisk_percent = 0\nyearly = false\n',
    )
    code, out, _ = shell("watch")
    assert (code, "1 thing to tell, 1 message delivered, 1 incident open" in out) == (3, True)
    assert "portal blocks us" in (tmp_path / "alarms.txt").read_text(encoding="utf-8")
    assert "portal blocks us dongli" in shell("incidents")[1]
    found = json.loads(shell("watch", "--json")[1])
    assert (found["happened"], len(found["open"])) == ([], 1)


@pytest.mark.parametrize("command", ["due", "status", "freshness", "incidents", "digest"])
def test_who_only_asks_opens_the_archive_as_a_reader(
    shell: Shell, crawled: Crawl, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    opened = []

    def spy(url: str, **given: bool) -> Engine:
        opened.append(given)
        return open_archive(url, **given)

    monkeypatch.setattr("archive.database.open_archive", spy)
    assert shell(command)[0] == 0
    assert opened == [{"create": False, "read_only": True}]


def test_simulate_draws_and_prints(shell: Shell, tmp_path: Path) -> None:
    code, out, _ = shell(
        "simulate", "--from", "2026-12", "--to", "2027-02", "--only", "dongli", "--svg", "a.svg"
    )
    assert code == 0
    assert "1 portal, " in out
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    found = json.loads(
        shell("simulate", "--from", "2027-01-01", "--to", "2027-01-15", "--only", "dongli", "--json")[1]
    )
    assert found["visits"] == sum(found["days"].values()) == found["visits_of"]["dongli"]


def test_the_digest_can_be_read_as_a_page(shell: Shell, crawled: Crawl, tmp_path: Path) -> None:
    code, out, _ = shell("digest", "--at", "2026-03-05", "--html", "week.html")
    assert code == 0
    assert "1 crawl, 1 of them could not read their portal" in out
    assert "<html" in (tmp_path / "week.html").read_text()
    assert "The year to 2026-07-01" in shell("digest", "--yearly", "--at", "2026-12-01")[1]


def test_check_names_all_that_is_wrong_and_shows_no_secret(shell: Shell, tmp_path: Path, monkeypatch) -> None:
    code, out, err = shell("check")
    assert code == 2
    assert "FAZHI_CONTACT is not set" in err
    assert "nobody is told of trouble" in err
    monkeypatch.setenv("FAZHI_CONTACT", "me@example.org")
    write(
        tmp_path / "scheduler.toml",
        '[alarms]\nfile = "a.txt"\ntargets = { us = "json://me:hunter2@localhost" }\n',
    )
    code, out, err = shell("check")
    assert (code, err) == (0, "")
    assert "hunter2" not in out
    assert "all is well" in out
    write(tmp_path / "scheduler.toml", '[alarms]\nfile = "no/such/folder/a.txt"\n')
    assert "does not exist" in shell("check")[2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["due", "--only", "dongli"], "no archive at archive.db"),
        (["due", "--at", "31.3.2027"], "2027-03-31"),
        (["simulate", "--from", "2027-01", "--to", "2026-12"], "is not before"),
        (["simulate", "--from", "soon", "--to", "2026-12"], "2026-12"),
        (["start", "--config", "none.toml"], "none.toml: there is no such file"),
        (["start", "--only", "nobody"], "no portal has the key 'nobody'"),
        (["season", "--at", "never"], "2027-03-31"),
        (
            ["simulate", "--from", "2026-12", "--to", "2027-01", "--only", "dongli", "--svg", "no/dir/a.svg"],
            "cannot be written",
        ),
    ],
)
def test_wrong_usage_is_one_line(shell: Shell, arguments: list[str], said: str) -> None:
    code, _, err = shell(*arguments)
    assert said in err
    assert "Traceback" not in err
    assert code in {1, 2}
    assert code == (1 if "no archive" in said else 2)
