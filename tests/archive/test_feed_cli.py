"""``archive changes``: one line a change for people, one JSON document a line for programs."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from archive.cli import main
from archive.database import open_archive
from tests.archive.builder import Crawl
from tests.archive.following import reading, restored

# --- the command -----------------------------------------------------------------------------------


@pytest.fixture
def run(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    crawl = Crawl(open_archive(sqlite_url))
    evil = "\x1b[31m红\x1b]0;x\x07\u202e反\n换行" + "长" * 100_000
    for name in "abc":
        crawl.page(f"{name}.html", reading(name, title=evil if name == "b" else None))
    crawl.engine.dispose()

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["changes", "--db", sqlite_url, *arguments])
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return run


def test_the_command_prints_one_json_document_a_line(run) -> None:
    code, out, err = run("--json")
    lines = [json.loads(line) for line in out.split("\n") if line]
    assert (code, err) == (0, "")
    assert [line["type"] for line in lines] == ["change"] * 3 + ["end"]
    assert [line.get("seq") for line in lines] == [1, 2, 3, None]
    assert lines[-1] == {"type": "end", "cursor": lines[2]["cursor"], "more": False}
    assert "\x1b" not in out and "\u202e" not in out
    assert lines[1]["detail"].startswith("\x1b[31m红")  # programs get it whole
    code, out, _ = run("--json", "--since", lines[0]["cursor"], "--limit", "1")
    assert [json.loads(line).get("seq") for line in out.splitlines()] == [2, None]
    assert json.loads(out.splitlines()[-1])["more"] is True


def test_the_command_for_people(run) -> None:
    code, out, err = run("--limit", "2")
    assert code == 0
    assert len(out.splitlines()) == 2
    assert not set("\x1b\x07\u202e") & set(out)
    assert "there is more; go on with --since" in err
    assert run("--kind", "gone")[1] == ""
    assert len(run("--site", "qinghe")[1].splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "yesterday"), "not a cursor: 'yesterday'"),
        (("--since", "-1"), "not a cursor"),
        (("--kind", "nothing"), "nothing"),
        (("--base-url", "http://a/"), "--base-url is for --atom"),
        (("--atom", "a.xml", "--json"), "--atom writes all"),
        (("--atom", "nowhere/a.xml"), "does not exist"),
    ],
)
def test_wrong_use_is_one_line_and_two(run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_reset_has_its_own_line_and_exit_code(run, sqlite_url: str) -> None:
    cursor = json.loads(run("--json")[1].splitlines()[-1])["cursor"]
    engine = open_archive(sqlite_url)
    restored(engine, 1)
    engine.dispose()
    code, out, err = run("--json", "--since", cursor)
    (line,) = [json.loads(line) for line in out.splitlines()]
    assert (code, line["type"], line["common"]) == (3, "reset", 1)
    assert err.count("\n") == 1 and line["cursor"] in err
    assert run("--json", "--since", line["cursor"])[0] == 0


def test_followed_it_prints_what_happens_later(run, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            crawl = Crawl(open_archive(sqlite_url))
            crawl.page("z.html", reading("z"))
            crawl.engine.dispose()
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr("archive.changes_cli.time.sleep", sleep)
    code, out, err = run("--follow", "--json", "--every", "7")
    assert (code, err, slept) == (130, "", [7.0, 7.0])
    assert [json.loads(line)["seq"] for line in out.splitlines()] == [1, 2, 3, 4]
