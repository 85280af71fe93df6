"""Many machines: jobs in PostgreSQL, done once, by whoever is there."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive.database import open_archive
from archive.errors import DatabaseUnusable, UsageError
from archive.visits import VisitState
from scheduler import cli
from scheduler.due import due
from scheduler.errors import BadRequest, QueueUnusable
from scheduler.processes import Ended
from scheduler.queue import OCR, READING, VISITS, JobQueue
from scheduler.worker import Worker
from tests.archive.conftest import postgresql
from tests.scheduler.making import NOW, PLAIN, facts, portal, portals, settings
from tests.scheduler.world import World

__all__ = ["postgresql"]


@pytest.fixture(scope="module")
def template_database(postgresql: sa.URL) -> str:
    """A migrated archive to make others from: half a second each otherwise."""
    name = f"queue_{uuid.uuid4().hex}"
    _execute(postgresql, f"CREATE DATABASE {name}")
    open_archive(postgresql.set(database=name).render_as_string(hide_password=False)).dispose()
    return name


@pytest.fixture
def url(postgresql: sa.URL, template_database: str) -> Iterator[str]:
    name = f"queue_{uuid.uuid4().hex}"
    _execute(postgresql, f"CREATE DATABASE {name} TEMPLATE {template_database}")
    yield postgresql.set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    _execute(postgresql, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_archive(url)
    yield engine
    engine.dispose()


@pytest.fixture
async def queue(url: str) -> AsyncIterator[JobQueue]:
    async with JobQueue(url) as queue:
        yield queue


def _execute(url: sa.URL, *statements: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def many(number: int, groups: int | None = None):
    return portals(
        *(portal(f"p{n:03}", group=f"g{n % groups}" if groups else f"p{n:03}") for n in range(number))
    )


def items(them, **known):
    return due(
        them.by_key.values(), facts(**known), intervals=PLAIN.intervals, retries=PLAIN.retries, now=NOW
    )


async def settled(condition: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


async def drained(queue: JobQueue, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while await queue.counts():
            await asyncio.sleep(0.1)


class Reader:
    """Plays ``crawler reextract``."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)
        self.read: list[str] = []

    async def run(self, visit_id: int, key: str, site: str, *, limit: float) -> Ended:
        self.read.append(key)
        return Ended(exit_code=self.codes.pop(0) if self.codes else 0, overtime=False, detail="why")

    def stop(self, visit_id: int) -> None:
        raise AssertionError("nothing is under way")

    def kill(self, visit_id: int) -> None:
        raise AssertionError("nothing is under way")


async def test_a_visit_waits_in_the_queue_once(queue: JobQueue) -> None:
    them = many(5)
    assert await queue.put_visits(items(them)) == 5
    assert await queue.put_visits(items(them)) == 0
    assert await queue.put_reading("p001", "p001", ocr=False) == 1
    assert await queue.put_reading("p001", "p001", ocr=False) == 0
    assert await queue.put_reading("p001", "p001", ocr=True) == 1
    assert {(one.queue, one.state, one.jobs) for one in await queue.counts()} == {
        (VISITS, "todo", 5),
        (READING, "todo", 1),
        (OCR, "todo", 1),
    }


async def test_two_workers_share_the_visits_and_never_meet(url: str, engine: Engine) -> None:
    them = many(24, groups=8)
    world = World(engine, them, using=settings(pool={"at_once": 3, "tick_seconds": 0.5}))
    world.played.lasts = 0.02
    async with JobQueue(url) as one, JobQueue(url) as two:
        workers = [
            Worker(world.using, engine, them, queue, launcher=world.played, readers={}, clock=world.clock)
            for queue in (one, two)
        ]
        workers[1].service.store.owner = "another process"
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        await settled(lambda: len(set(world.keys)) == 24)
        # Two more looks find nothing due; jobs that were put in while their portal was visited are no second visit.
        await asyncio.sleep(1.2)
        await drained(one)
        for worker in workers:
            worker.stop()
        await asyncio.gather(*tasks)
        assert Counter(world.keys).most_common(1)[0][1] == 1
        assert world.played.clashes == []
        states = {visit.state for visit in workers[0].service.store.history()}
        assert states == {VisitState.COMPLETE}


async def test_a_job_that_is_stale_is_no_second_visit(url: str, engine: Engine) -> None:
    them = many(1)
    world = World(engine, them)
    async with JobQueue(url) as queue:
        (item,) = items(them)
        await queue.put_visits([item])
        service = world.service()
        await service.visit(item)  # somebody visits the portal while its job waits
        using = settings(pool={"tick_seconds": 3600})
        worker = Worker(using, engine, them, queue, launcher=world.played, readers={}, clock=world.clock)
        task = asyncio.create_task(worker.run())
        await drained(queue)
        worker.stop()
        await task
    assert world.keys == ["p000"]


async def test_a_reading_that_fails_is_tried_again_later_and_one_that_finds_nothing_is_done(
    url: str, engine: Engine
) -> None:
    readers = {False: Reader(3), True: Reader(5)}
    using = settings(pool={"tick_seconds": 3600})
    async with JobQueue(url) as queue:
        await queue.put_reading("p000", "g", ocr=False)
        await queue.put_reading("p001", "h", ocr=True)
        worker = Worker(
            using,
            engine,
            many(0),
            queue,
            (READING, OCR),
            launcher=World(engine, many(0)).played,
            readers=readers,
        )
        task = asyncio.create_task(worker.run())
        await settled(lambda: bool(readers[False].read and readers[True].read))
        worker.stop()
        await task
        (left,) = await queue.counts()
    assert (left.queue, left.state, left.jobs) == (READING, "todo", 1)
    with engine.connect() as connection:
        attempts, due_in = connection.exec_driver_sql(
            "select attempts, scheduled_at - now() > interval '3 minutes' from fazhi_queue.procrastinate_jobs"
        ).one()
    assert (attempts, due_in) == (1, True)


def _dead_worker(engine: Engine) -> int:
    with engine.begin() as connection:
        return connection.exec_driver_sql(
            "insert into fazhi_queue.procrastinate_workers (last_heartbeat) "
            "values (now() - interval '5 minutes') returning id"
        ).scalar_one()


def _taken(engine: Engine, worker: int) -> None:
    """The oldest waiting job is taken by a worker, as kill -9 or a server that stops leaves it."""
    with engine.begin() as connection:
        connection.exec_driver_sql("set local search_path to fazhi_queue")
        connection.exec_driver_sql(
            "update procrastinate_jobs set status = 'doing', worker_id = %s "
            "where id = (select min(id) from procrastinate_jobs where status = 'todo')",
            (worker,),
        )


async def test_jobs_of_a_dead_worker_are_given_back(url: str, engine: Engine) -> None:
    async with JobQueue(url) as queue:
        await queue.put_visits(items(many(2, groups=1)))
        _taken(engine, _dead_worker(engine))
        assert {(one.state, one.jobs) for one in await queue.counts()} == {("doing", 1), ("todo", 1)}
        assert await queue.sweep() == 1
        assert await queue.sweep() == 0
        assert {(one.state, one.jobs) for one in await queue.counts()} == {("todo", 2)}


async def test_a_job_that_waits_again_frees_its_host_group_when_its_worker_is_dead(
    url: str, engine: Engine
) -> None:
    async with JobQueue(url) as queue:
        await queue.put_visits(items(many(1)))
        _taken(engine, _dead_worker(engine))
        assert await queue.put_visits(items(many(1))) == 1  # it was found due again meanwhile
        assert await queue.sweep() == 1
        assert {(one.state, one.jobs) for one in await queue.counts()} == {("todo", 1)}


async def test_a_reading_that_fails_while_its_like_waits_is_done_with(url: str, engine: Engine) -> None:
    async with JobQueue(url) as queue:

        class Late(Reader):
            async def run(self, visit_id: int, key: str, site: str, *, limit: float) -> Ended:
                if not self.read:
                    assert await queue.put_reading("p000", "g", ocr=False) == 1
                return await super().run(visit_id, key, site, limit=limit)

        readers = {False: Late(3), True: Reader()}
        await queue.put_reading("p000", "g", ocr=False)
        worker = Worker(
            settings(pool={"tick_seconds": 3600}),
            engine,
            many(0),
            queue,
            launcher=World(engine, many(0)).played,
            readers=readers,
        )
        task = asyncio.create_task(worker.run())
        await drained(queue)
        worker.stop()
        await task
    assert readers[False].read == ["p000", "p000"]


async def test_a_job_that_its_worker_never_heard_of_is_given_back(url: str, engine: Engine) -> None:
    world = World(engine, many(0))
    async with JobQueue(url) as queue:
        await queue.put_reading("p000", "g", ocr=True)  # which this worker does not take
        using = settings(pool={"tick_seconds": 3600})
        worker = Worker(using, engine, many(0), queue, launcher=world.played, readers={})
        task = asyncio.create_task(worker.run())
        await settled(lambda: queue._worker is not None and queue._worker.worker_id is not None)
        _taken(engine, queue._worker.worker_id)
        assert [await queue.sweep(), await queue.sweep()] == [0, 1]
        assert {(one.state, one.jobs) for one in await queue.counts()} == {("todo", 1)}
        worker.stop()
        await task


async def test_a_visit_that_cannot_be_claimed_leaves_no_failed_job(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    them = many(1)
    world = World(engine, them)
    async with JobQueue(url) as queue:
        using = settings(pool={"tick_seconds": 3600})
        worker = Worker(using, engine, them, queue, launcher=world.played, readers={}, clock=world.clock)

        def claim(_: object) -> int:
            raise DatabaseUnusable("the server cannot be reached")

        monkeypatch.setattr(worker.service.store, "claim", claim)
        task = asyncio.create_task(worker.run())
        await settled(lambda: worker.service.dispatcher.last_tick is not None)
        await drained(queue)
        worker.stop()
        await task
    assert world.keys == []


async def test_many_that_start_at_once_make_the_tables_once(url: str) -> None:
    async def begin() -> int:
        async with JobQueue(url) as queue:
            return len(await queue.counts())

    assert await asyncio.gather(*(begin() for _ in range(5))) == [0] * 5


async def test_the_queue_is_no_table_of_the_archive(url: str, engine: Engine) -> None:
    async with JobQueue(url) as queue:
        await queue.put_visits(items(many(1)))
    open_archive(url).dispose()
    assert not [name for name in sa.inspect(engine).get_table_names() if "procrastinate" in name]


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("archive.db", BadRequest, "a single machine needs no queue"),
        ("://nothing", UsageError, "not a database URL"),
        ("sqlite:///archive.db", BadRequest, "a single machine needs no queue"),
        ("mysql://x/y", BadRequest, "PostgreSQL"),
    ],
)
def test_other_databases_are_refused(url: str, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        JobQueue(url)


async def test_a_server_that_is_away_is_one_line_without_the_password() -> None:
    with pytest.raises(QueueUnusable) as caught:
        async with asyncio.timeout(60):
            async with JobQueue("postgresql://someone:secret@127.0.0.1:9/none"):
                pass
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_commands(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(engine, many(0))
    asyncio.run(world.played.run(1, "dongli", "dongli", limit=1))

    def command(*arguments: str, db: str | None = url) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["scheduler", *arguments])
        monkeypatch.delenv("ARCHIVE_URL", raising=False)
        if db is not None:
            monkeypatch.setenv("ARCHIVE_URL", db)
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    assert command("queue", "read") == (0, "1 jobs put in, 0 were waiting already\n", "")
    again = command("queue", "read", "--site", "dongli", "--queue", url, db=None)
    assert again == (0, "0 jobs put in, 1 were waiting already\n", "")
    assert command("queue", "status")[1].split() == ["reading", "todo", "1"]
    for arguments, db, says in (
        (("queue", "read", "--site", "nowhere"), url, "never crawled"),
        (("worker", "--take", "everything"), url, "there are: visits, reading, ocr"),
        (("worker",), None, "a single machine needs no queue: scheduler start"),
    ):
        code, _, error = command(*arguments, db=db)
        assert (code, error.count("\n")) == (2, 1)
        assert says in error
