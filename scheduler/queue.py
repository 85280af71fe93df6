"""The same work on many machines: visits, re-extractions and OCR as jobs on the archive's PostgreSQL (Procrastinate).

The archive stays the truth. A job only says that something is worth doing: a visit is claimed in the archive before it
begins, as on a single machine, so a job that is delivered twice, or lost, changes nothing; what is still due is put
into the queue again at the next look. One lock per host group holds jobs of one platform apart.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import structlog
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from archive.errors import UsageError
from scheduler.errors import BadRequest, ExtraMissing, QueueUnusable

if TYPE_CHECKING:
    from procrastinate import App, JobContext
    from procrastinate.jobs import Job
    from procrastinate.worker import Worker

    from scheduler.due import DueItem

log = structlog.get_logger(__name__)

SCHEMA = "fazhi_queue"
"""PostgreSQL schema of the queue's tables: readers of the archive never see them."""
VISITS, READING, OCR = "visits", "reading", "ocr"
QUEUES = (VISITS, READING, OCR)
ATTEMPTS = 5
"""Tries of a job that fails; the waits between them are 4, 16, 64 and 256 minutes."""
_WAIT = 4
STALLED = 60.0
"""Seconds without a sign of life after which a worker's jobs are somebody else's."""

FORGOTTEN = 86_400.0
"""Seconds after which the row of a silent worker goes. No sooner: one that is alive could not take jobs any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Jobs of one queue in one state."""

    queue: str
    state: str
    """``todo``, ``doing``, ``failed`` …, as Procrastinate names them."""
    jobs: int


class Failed(Exception):  # tells Procrastinate to try again later
    """A job that did not end well; its text is the last line that its process said."""


class JobQueue:
    """The jobs of one archive.

    Args:
        url: ``postgresql://…``, the archive's own address.
        stalled: Seconds without a sign of life after which a worker's jobs are somebody else's.

    Raises:
        BadRequest: The address is not of a PostgreSQL.
        ExtraMissing: The extra ``queue`` is not installed.
    """

    def __init__(self, url: str, *, stalled: float = STALLED) -> None:
        try:
            from procrastinate import App, PsycopgConnector
        except ModuleNotFoundError as error:
            raise ExtraMissing("workers need one more package: pip install 'fazhi-archive[queue]'") from error
        self.stalled = stalled
        self._conninfo = _plain(url)
        self.place = make_url(url).set(drivername="postgresql").render_as_string(hide_password=True)
        from scheduler.queue_jobs import PatientJobs

        self._app: App = App(
            connector=PsycopgConnector(
                conninfo=self._conninfo, kwargs={"options": f"-c search_path={SCHEMA}"}, min_size=1
            )
        )
        self._jobs = self._app.job_manager = PatientJobs(self._app.connector)
        self._worker: Worker | None = None
        self._doing: set[int | None] = set()
        self._orphans: set[int | None] = set()

    async def __aenter__(self) -> Self:
        """Connects and makes the queue's tables if there are none.

        Raises:
            QueueUnusable: The server cannot be reached.
        """
        import psycopg
        from procrastinate.exceptions import ConnectorException

        try:
            await self._make_tables()  # by a connection of its own, which says at once that nobody is there
            await self._app.open_async()
        except (ConnectorException, psycopg.Error) as error:
            said = " ".join(str(error).split())
            raise QueueUnusable(
                f"{self.place}: the queue cannot be reached; is the server running? ({said[:200]})"
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._app.close_async()

    # -- putting in -----------------------------------------------------------------------------

    async def put_visits(self, items: Iterable[DueItem]) -> int:
        """Puts visits into the queue, each portal's once; returns how many were new."""
        waiting = await self._locks()
        new = 0
        for place, item in enumerate(items):
            once = f"visit {item.portal.key}"
            if once in waiting:
                continue
            new += await self._put(
                VISITS,
                once,
                item.portal.group,
                # Never tried and longest due go first.
                priority=-min(place, 30_000),
                key=item.portal.key,
                since=item.since.isoformat(),
                reason=item.reason.value,
                why=item.why,
                seen_visit_id=item.seen_visit_id,
                seen_run_id=item.seen_run_id,
            )
        return new

    async def put_reading(self, key: str, group: str, *, ocr: bool) -> int:
        """Puts the re-extraction of a portal into the queue; 1, or 0 if it waits there already.

        Args:
            key: The portal's key.
            group: Its host group.
            ocr: Scans are to be read, too, by a worker that can.
        """
        queue = OCR if ocr else READING
        return await self._put(queue, f"{queue} {key}", group, priority=0, key=key)

    async def _put(self, queue: str, once: str, group: str, *, priority: int, **what: Any) -> int:  # noqa: ANN401
        from procrastinate.exceptions import AlreadyEnqueued

        job = self._app.configure_task(
            queue,
            queue=queue,
            lock=f"host group {group}",
            queueing_lock=once,
            priority=priority,
            allow_unknown=True,
        )
        with suppress(AlreadyEnqueued):
            await job.defer_async(**what)
            return 1
        return 0

    # -- taking out -----------------------------------------------------------------------------

    def serve(
        self, visit: Callable[[dict[str, Any]], Awaitable[None]], read: Callable[[str, bool], Awaitable[None]]
    ) -> None:
        """Says what does the jobs.

        Args:
            visit: Has a portal visited; given what :meth:`put_visits` wrote.
            read: Reads a portal's captures again, with OCR or without.
        """
        from procrastinate import RetryStrategy

        again = RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=_WAIT * 60, retry_exceptions={Failed})

        # A visit that failed is due again by the rules of the archive, not by those of the queue.
        async def do_visit(context: JobContext, /, **what: Any) -> None:  # noqa: ANN401
            with self._under_way(context):
                await visit(what)

        async def do_read(context: JobContext, /, key: str) -> None:
            with self._under_way(context):
                await read(key, context.job.queue == OCR)

        self._app.task(name=VISITS, queue=VISITS, pass_context=True)(do_visit)
        for queue in (READING, OCR):
            self._app.task(name=queue, queue=queue, pass_context=True, retry=again)(do_read)

    async def work(self, queues: Sequence[str], *, at_once: int) -> None:
        """Does jobs until it is cancelled; those under way are then waited for."""
        from procrastinate.worker import Worker

        self._worker = Worker(
            self._app,
            queues=list(queues),
            concurrency=at_once,
            install_signal_handlers=False,
            delete_jobs="successful",
            update_heartbeat_interval=self.stalled / 6,
            stalled_worker_timeout=FORGOTTEN,
        )
        await self._worker.run()  # type: ignore[no-untyped-call]  # its package says that it has types

    @property
    def steady(self) -> bool:
        """True if the server answered for so long that a worker without a sign of life is no more."""
        return time.monotonic() - self._jobs.steady_since >= self.stalled

    async def sweep(self) -> int:
        """Gives back the jobs of workers that are no more, and own ones that nobody does; returns how many.

        The second are left behind where a server stops between giving a job and saying so. They are seen twice before
        they are believed: the end of one may be on its way.
        """
        jobs = list(await self._jobs.get_stalled_jobs(seconds_since_heartbeat=self.stalled))
        orphans = await self._unheard_of()
        jobs += [job for job in orphans if job.id in self._orphans]
        self._orphans = {job.id for job in orphans}
        swept = [job for job in jobs if await self._jobs.give_back(job)]
        for job in swept:
            log.warning("job swept", queue=job.queue, job=job.id, what=job.queueing_lock)
        return len(swept)

    async def _unheard_of(self) -> list[Job]:
        if self._worker is None or self._worker.worker_id is None:
            return []
        mine = await self._jobs.list_jobs_async(status="doing", worker_id=self._worker.worker_id)
        return [job for job in mine if job.id not in self._doing]

    @contextmanager
    def _under_way(self, context: JobContext) -> Iterator[None]:
        number = context.job.id
        self._doing.add(number)
        try:
            yield
        finally:
            self._doing.discard(number)

    # -- looking --------------------------------------------------------------------------------

    async def counts(self) -> list[Count]:
        """How many jobs there are, by queue and state."""
        rows = await self._app.connector.execute_query_all_async(
            "SELECT queue_name, status::text AS state, count(*) AS jobs FROM procrastinate_jobs "
            "GROUP BY queue_name, status ORDER BY queue_name, status"
        )
        return [Count(queue=row["queue_name"], state=row["state"], jobs=row["jobs"]) for row in rows]

    async def _locks(self) -> frozenset[str]:
        rows = await self._app.connector.execute_query_all_async(
            "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock IS NOT NULL"
        )
        return frozenset(row["queueing_lock"] for row in rows)

    async def _make_tables(self) -> None:
        """Several workers may start at once on an empty server: one makes the tables, the others wait for it."""
        import psycopg

        async with await psycopg.AsyncConnection.connect(self._conninfo) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (SCHEMA,))
            await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            await connection.execute(f"SET LOCAL search_path TO {SCHEMA}")
            found = await connection.execute("SELECT to_regclass('procrastinate_jobs')")
            if (await found.fetchone() or (None,))[0] is None:
                await connection.execute(self._app.schema_manager.get_schema())


def _plain(url: str) -> str:
    """The address as PostgreSQL's own library wants it."""
    try:
        parsed = make_url(url if "://" in url else f"sqlite:///{url}")
        backend = parsed.get_backend_name()
    except ArgumentError as error:
        raise UsageError("--queue: not a database URL") from error
    if backend not in {"postgresql", "postgres"}:
        raise BadRequest(
            f"--queue: jobs stand in a PostgreSQL (postgresql://…), not in {backend}; "
            "a single machine needs no queue: scheduler start"
        )
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)
