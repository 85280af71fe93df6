"""What a wrong word is answered with: one line that says what was wrong and names the next step."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.database import open_archive
from crawler.toml_lines import line_of
from tests.archive.builder import Crawl, parted_reading
from tests.conftest import Command, empty_archive


@pytest.fixture
def held(tmp_path: Path) -> None:
    """An archive with one report that has counted facts."""
    (tmp_path / "archive.db").write_bytes(empty_archive())
    engine = open_archive(str(tmp_path / "archive.db"))
    Crawl(engine).page("a.html", parted_reading())
    engine.dispose()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("crawler run --year soon", "unable to parse string as an integer. See `crawler run --help`."),
        ("crawler run", "name a portal (--site), or many"),
        (
            "crawler reextract --since yesterday",
            "'--since': 'yesterday' does not match the formats '%Y-%m-%d'. See",
        ),
        ("crawler sites show", "Missing argument 'site'. See `crawler sites show --help`."),
        ("crawler probe ftp://x.gov.cn/", 'no site "ftp://x.gov.cn/"; `crawler sites` lists them'),
        ("crawler run --province 火星省", "no portal fits --province 火星省; `crawler sites` lists them"),
        ("scheduler queue frobnicate", "No such command 'frobnicate'. See `scheduler queue --help`."),
        ("scheduler season --at 32", "'32' is no day; write it as 2027-03-31 or 2027-03-31T08:00. See"),
        ("scheduler start --config none.toml", "there is no such file; without --config the defaults hold"),
        ("scheduler start --config .", "cannot be read: Is a directory"),
    ],
)
def test_a_wrong_call_is_one_line_with_the_next_step(called: Command, line: str, said: str) -> None:
    done = called(*line.split())
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(line.split(maxsplit=1)[0] + ": ")
    assert "Invalid value: " not in done.stderr and "Value error" not in done.stderr


@pytest.mark.parametrize(
    "line", ["crawler", "crawler roster", "scheduler", "scheduler queue", "archive", "archive index"]
)
def test_a_program_without_a_command_prints_its_help_and_nothing_else(called: Command, line: str) -> None:
    done = called(*line.split())
    assert done.returncode == 2
    assert "Usage: " + line in done.stdout + done.stderr
    assert "See `" not in done.stdout + done.stderr


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("list --site nosuch", 0, "no report matches; "),
        ("list --unsure --site nosuch", 0, "nothing is unsure; "),
        ("list --refused --site nosuch", 0, "nothing was refused; "),
        ("figures --site nosuch", 0, "no counted facts were read; "),
        ("quarantine list --site nosuch", 0, "nothing is in quarantine; "),
        ("changes --site nosuch", 0, "nothing happened; "),
    ],
)
def test_a_portal_that_the_archive_does_not_have_is_named(
    called: Command, line: str, code: int, said: str
) -> None:
    done = called("archive", *line.split())
    assert (done.returncode, done.stdout) == (code, "")
    first = done.stderr.splitlines()[0]
    assert first.startswith(f"archive: {said}")
    assert first.endswith("the archive has no portal 'nosuch', `crawler sites` lists the keys")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("figures --measure penalty", 0, "nothing was counted as 'penalty'; measures: fines, penalties, "),
        ("list --site qinghe --year 1999", 0, "no report matches; `archive list` shows all"),
        (
            "show http://x.gov.cn/a.html",
            2,
            "does not know http://x.gov.cn/a.html; `archive list` shows what it holds",
        ),
    ],
)
def test_other_wrong_words_name_the_next_step(called: Command, line: str, code: int, said: str) -> None:
    done = called("archive", *line.split())
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "the archive has no portal" not in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[pool]\nat_onc = 3\n", "s.toml:2: pool.at_onc: no such setting; did you mean pool.at_once?"),
        ("at_once = 3\n", "s.toml:1: at_once: no such setting; did you mean pool.at_once?"),
        ("\n\n[pol]\nx = 1\n", "s.toml:3: pol: no such setting; did you mean pool?"),
        ('cron = "99 * * * *"\n', "s.toml:1: cron: no such setting; docs/service.md lists them"),
    ],
)
def test_a_setting_that_does_not_exist_is_answered_with_the_nearest(
    called: Command, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    done = called("scheduler", "season", "--config", "s.toml")
    assert done.returncode == 2
    assert done.stderr == f"scheduler: {said}\n"


def test_settings_that_are_no_text_are_told_as_such(called: Command, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_bytes(b'log = "\xb6\xab"\n')
    done = called("scheduler", "season", "--config", "s.toml")
    assert done.returncode == 2
    assert done.stderr == "scheduler: s.toml: not UTF-8 (byte 8): save it as UTF-8 text\n"


def test_a_whole_table_stands_on_the_line_of_its_header() -> None:
    text = "a = 1\n[b]\nc = 2\n[[d]]\ne = 3\n[[d]]\ne = 4\n"
    assert [line_of(text, at) for at in (("a",), ("b",), ("b", "c"), ("d",), ("d", 1, "e"))] == [
        1,
        2,
        3,
        4,
        7,
    ]


def test_nobody_is_asked_for_an_address_before_it_is_known_who_would_be_asked(called: Command) -> None:
    """That no contact is set matters where a portal is asked, and is no answer to a wrong word."""
    for line in (["run", "--platform", "nosuch"], ["probe", "http://"], ["run", "--site", "nowhere-at-all"]):
        said = called("crawler", *line).stderr
        assert "FAZHI_CONTACT" not in said
        assert said.count("\n") == 1
