"""Real service processes that are killed hard again and again: no visit lost, none doubled; and a real mail server."""

from __future__ import annotations

import random
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from archive import schema
from archive.database import open_archive
from archive.visits import VisitState, VisitStore
from tests.conftest import ROOT, environment
from tests.scheduler.making import Clock, portal, portals, settings

PORTALS, GROUPS, KILLS = 16, 8, 25

CRAWL = """
import sys, time, random
from datetime import UTC, datetime
from archive.database import open_archive
from archive.leases import this_process
from archive.records import PortalRecord, RunState
from archive.store import Store
engine = open_archive(sys.argv[1])
store = Store(engine)
key = sys.argv[sys.argv.index("--site") + 1]
portal = store.sync_portal(
    PortalRecord(key=key, name=key, level="county", division_code=None, home_url="http://x/", platform=None))
run = store.begin_run(portal, trigger="manual", code_version="0", options={}, owner=this_process())
time.sleep(random.uniform(0.2, 1.5))
store.finish_run(run, RunState.COMPLETE, {}, "played")
"""
SERVICE = """
import asyncio, os, sys
from pathlib import Path
from archive.database import open_archive
from scheduler.processes import Processes
from scheduler.service import Service
from tests.scheduler.making import portal, portals, settings
database, state, groups, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
using = settings(state=str(state), pool={"tick_seconds": 0.3, "lease_seconds": 10, "at_once": 3})
them = portals(*(portal(f"p{n:02}", group=f"g{n % groups}") for n in range(number)))
async def main():
    launcher = Processes([sys.executable, sys.argv[5], database], environment=dict(os.environ), logs=state, grace=5)
    await Service(using, open_archive(database), them, launcher=launcher).run()
asyncio.run(main())
"""


def begin(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            str(folder / "service.py"),
            str(folder / "archive.db"),
            str(folder / "state"),
            str(GROUPS),
            str(PORTALS),
            str(folder / "crawl.py"),
        ],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=(folder / "service.log").open("ab"),
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_storm_of_kills_loses_and_doubles_nothing(database: Path) -> None:
    folder, chance = database.parent, random.Random(5)
    (folder / "crawl.py").write_text(CRAWL)
    (folder / "service.py").write_text(SERVICE)
    store = VisitStore(open_archive(str(database)), owner="test", clock=Clock())
    services = [begin(folder), begin(folder)]
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.3, 4))
        victim = chance.randrange(2)
        services[victim].kill()
        services[victim].wait()
        services[victim] = begin(folder)
    deadline = time.monotonic() + 300
    while True:
        states = Counter(visit.state for visit in store.history(limit=10_000))
        if states[VisitState.COMPLETE] >= PORTALS and not states[VisitState.RUNNING]:
            break
        assert time.monotonic() < deadline, states
        time.sleep(0.5)
    time.sleep(2)
    for service in services:
        service.terminate()
    assert [service.wait(60) for service in services] == [0, 0]
    history = store.history(limit=10_000)
    whole = Counter(visit.portal_key for visit in history if visit.state is VisitState.COMPLETE)
    assert set(whole) == {f"p{n:02}" for n in range(PORTALS)}, "a portal was forgotten"
    assert set(whole.values()) == {1}, "a portal was visited twice for one slot"
    with store._engine.connect() as connection:
        runs = connection.execute(
            sa.select(
                schema.run.c.id,
                schema.run.c.state,
                schema.run.c.started,
                schema.run.c.finished,
                schema.portal.c.key,
            )
            .join(schema.portal, schema.portal.c.id == schema.run.c.portal_id)
            .order_by(schema.run.c.started)
        ).all()
    assert sum(run.state == "complete" for run in runs) == PORTALS
    for group in range(GROUPS):
        own = [run for run in runs if int(run.key[1:]) % GROUPS == group and run.state == "complete"]
        assert all(one.finished <= following.started for one, following in pairwise(own)), (
            "a group was asked twice"
        )
    assert list((folder / "state").iterdir())


class Mail:
    """As much of SMTP as a client needs to hand over one message."""

    def __init__(self) -> None:
        self.got: list[str] = []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 ready\r\n")
                while line := self.rfile.readline():
                    word = line.split()[0].upper() if line.split() else b""
                    if word == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        lines = []
                        while (line := self.rfile.readline()).rstrip(b"\r\n") != b".":
                            lines.append(line.decode())
                        outer.got.append("".join(lines))
                    self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
                    if word == b"QUIT":
                        return

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]


@pytest.mark.slow
def test_a_real_mail_server_gets_opening_and_closing(engine) -> None:
    pytest.importorskip("apprise")
    from email import message_from_string
    from email.header import decode_header, make_header

    from scheduler.watching import Watch

    mail = Mail()
    address = f"mailto://127.0.0.1:{mail.port}?from=fazhi@example.org&to=office@example.org&mode=insecure"
    them = portals(portal("qinghe", name="清河区"))
    using = settings(alarms={"targets": {"office": address}, "weekly": False, "yearly": False})
    watch = Watch(using, engine, them, clock=Clock(), disks=list)
    them.broken = {"qinghe": "qinghe.toml:3: delay: must be a number"}
    watch.sweep()
    assert watch.deliver() == 1, [message.last_error for message in watch.incidents.outbox()]
    them.broken = {}
    watch.sweep()
    assert watch.deliver() == 1
    mail.server.shutdown()
    mail.server.server_close()
    subjects = [str(make_header(decode_header(message_from_string(text)["Subject"]))) for text in mail.got]
    assert subjects == [
        "[fazhi] opened: site file broken: 清河区 (qinghe)",
        "[fazhi] closed: site file broken: 清河区 (qinghe)",
    ]
