"""Output that nobody reads, that has no room, or that was never there: one line, nothing lost, nothing left hanging."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from archive.entry import enter
from archive.errors import ArchiveError, UsageError
from archive.wholefile import written_whole
from crawler.many_display import ManyJson
from crawler.prepare import prepare
from crawler.progress import UNHEARD, JsonLines
from crawler.runner import run
from tests.conftest import environment
from tests.crawler.many_portals import Portals, SmallPortal
from tests.crawler.many_rounds import crawl as crawl_many
from tests.crawler.many_rounds import db, rows

__all__ = ["db"]

pytestmark = pytest.mark.usefixtures("read_once")


class Cut:
    """A stream whose reader leaves after so many lines."""

    def __init__(self, lines: int, error: type[OSError] = BrokenPipeError) -> None:
        self.left = lines
        self.error = error
        self.seen: list[str] = []

    def write(self, text: str) -> int:
        if self.left <= 0:
            raise self.error(errno.EPIPE, "Broken pipe")
        self.seen.append(text)
        self.left -= text.count("\n")
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""


@pytest.mark.parametrize("lines", [0, 3])
def test_a_run_that_nobody_reads_ends_in_good_order_and_goes_on_the_next_time(db: Path, lines: int) -> None:
    portal, output = SmallPortal("one", 30), Cut(lines)
    with Portals(portal) as server:
        named = {"db": str(db), "proxy": server.proxy_url, "delay": 0.0}
        with pytest.raises(BrokenPipeError):
            run(prepare(portal.site(), display=JsonLines(output), **named), workers=0)  # type: ignore[arg-type]
        assert rows(db, "select state, summary like '%nobody reads%' from run") == [("partial", 1)]
        assert rows(db, "select count(*) from lease") == [(0,)]
        assert sum('"fetched"' in text for text in output.seen) == max(0, lines - 1)
        assert rows(db, "select count(*) from report") < [(30,)]
        assert run(prepare(portal.site(), **named), workers=0).reports_known == 30  # type: ignore[arg-type]


@pytest.mark.parametrize("lines", [0, 1, 3])
def test_a_round_that_nobody_reads_ends(db: Path, lines: int) -> None:
    with Portals(SmallPortal("one"), SmallPortal("two")) as server, pytest.raises(BrokenPipeError):
        crawl_many(server, db, display=ManyJson(Cut(lines)), at_once=1)  # type: ignore[arg-type]
    assert rows(db, "select count(*) from lease") == [(0,)]
    assert rows(db, "select count(*) from run where state = 'running' or finished is null") == [(0,)]


def made(failure: Exception) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def only() -> None:
        raise failure

    return app


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_for_the_output_is_one_line(number: int, capfd: pytest.CaptureFixture[str]) -> None:
    before = os.dup(1)
    try:
        assert enter(made(OSError(number, "No room")), "archive", ArchiveError, []) == 1
    finally:
        os.dup2(before, 1)
        os.close(before)
    said = capfd.readouterr().err
    assert said == "archive: the output cannot be written: No room; make room, and call again\n"


@pytest.mark.parametrize("error", [FileNotFoundError(2, "No such file", "a.db"), OSError(errno.EBADF, "x")])
def test_other_failures_of_files_are_not_hidden(error: OSError) -> None:
    with pytest.raises(OSError, match=r"No such file|x"):
        enter(made(error), "archive", ArchiveError, [])


def test_an_argument_that_is_no_text_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    garbled = os.fsdecode("东丽".encode("gb18030"))
    assert enter(made(ValueError()), "archive", ArchiveError, ["show", garbled]) == 2
    said = capsys.readouterr().err
    assert said.startswith(r"archive: '\xb6\xab\xc0\xf6' is no text in utf-8")
    assert "LANG=C.UTF-8" in said and said.count("\n") == 1


PROGRAM = """
import os, sys, typer
from archive.entry import enter
app = typer.Typer()

@app.command()
def told() -> None:
    with open(sys.argv[1], "w") as file:
        print("told" * 5000)
        file.write(f"{file.fileno() > 2} {sys.stdin.read()}")

sys.exit(enter(app, "archive", ValueError, []))
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
@pytest.mark.parametrize(
    ("redirected", "code", "said"),
    [
        (">/dev/full", 1, "archive: the output cannot be written: No space left"),
        (">&- <&-", 0, ""),
        (">&-", 0, ""),
    ],
)
def test_a_command_without_its_streams(tmp_path: Path, redirected: str, code: int, said: str) -> None:
    """Processes of their own: the streams of this one are pytest's."""
    kept = tmp_path / "kept"
    shell = ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-c", PROGRAM, str(kept)]
    done = subprocess.run(
        shell, input="", env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code, done.stderr
    assert said in done.stderr and done.stderr.count("\n") == bool(said)
    assert kept.read_text() == ("" if code else "True "), "no file may take the place of a stream"


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on no file finds its place."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    return lambda: monkeypatch.setattr(Path, "replace", refuse)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, full: Callable[[], None]) -> None:
    page = tmp_path / "page.html"
    with written_whole(page) as file:
        file.write("一")
    link = tmp_path / "link.html"
    link.symlink_to(page)
    with written_whole(link) as file:
        file.write("二\n")
    assert link.is_symlink()
    assert page.read_bytes() == "二\n".encode()
    with pytest.raises(ZeroDivisionError), written_whole(page) as file:
        file.write(str(1 // 0))
    full()
    with (
        pytest.raises(ArchiveError, match="No space left on device; make room") as caught,
        written_whole(page),
    ):
        pass
    assert not isinstance(caught.value, UsageError)
    assert page.read_bytes() == "二\n".encode()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link.html", "page.html"]


@pytest.mark.parametrize(("place", "why"), [("no/page.html", "No such file"), (".", "Is a directory")])
def test_a_file_in_no_place_names_the_next_step(tmp_path: Path, place: str, why: str) -> None:
    with pytest.raises(UsageError, match=f"{why}.*; name another file"), written_whole(tmp_path / place):
        pass


def test_what_is_no_file_is_written_to_as_it_is(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with written_whole(Path(f"/dev/fd/{writing}")) as file:
        file.write(json.dumps(UNHEARD))
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        assert json.load(pipe) == UNHEARD
