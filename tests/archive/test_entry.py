"""The door of every command: one line for what a user did wrong, and an exit code."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import typer

from archive.cli import app as archive
from archive.entry import enter
from crawler.cli import app as crawler
from scheduler.cli import app as scheduler

PROGRAMS = {"archive": archive, "crawler": crawler, "scheduler": scheduler}

TABLE = """
import sys
import typer
from archive.consoles import console
from archive.entry import enter
app = typer.Typer()

@app.command()
def table() -> None:
    out = console()
    for number in range(100_000):
        out.print(number)

sys.exit(enter(app, "archive", ValueError, [], cut_short=%d))
"""


class Wrong(Exception):
    """What a user did wrong."""

    exit_code = 5


def made(failure: BaseException | None) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def only() -> None:
        if failure is not None:
            raise failure

    return app


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("arguments", [["no-such-command"], ["--no-such-option"]])
def test_a_wrong_call_is_one_line(
    name: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert enter(PROGRAMS[name], name, Wrong, arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"{name}: ")
    assert err.endswith(f"See `{name} --help`.\n")


@pytest.mark.parametrize("cut_short", [0, 1])
def test_a_reader_who_has_seen_enough_is_no_error(cut_short: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TABLE % cut_short],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"0\n"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == cut_short


def test_an_error_of_the_program_is_one_line_and_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert enter(made(Wrong("no \x1b[31m such\nthing")), "archive", Wrong, []) == 5
    assert capsys.readouterr().err == "archive: no ␛[31m such thing\n"


def test_anything_else_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        enter(made(ZeroDivisionError()), "archive", Wrong, [])


@pytest.mark.parametrize(
    ("failure", "code"),
    [(None, 0), (KeyboardInterrupt(), 130), (typer.Abort(), 1), (typer.Exit(3), 3)],
)
def test_other_ends(failure: BaseException | None, code: int) -> None:
    assert enter(made(failure), "archive", Wrong, []) == code
