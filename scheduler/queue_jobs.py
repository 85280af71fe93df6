"""Procrastinate's jobs on a server that may be away for a while: nothing that a worker does ends because of it.

Left to itself, Procrastinate's worker stops at the first question its server does not answer, waits for the jobs under
way, for hours, and leaves a job that ended meanwhile marked as being done for ever, its host group taken.

Imported only where the extra ``queue`` is installed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import psycopg
import structlog
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

log = structlog.get_logger(__name__)

FIRST_WAIT, MOST_WAIT = 0.5, 15.0
"""Seconds between two tries to tell a server what became of a job."""
_GONE = "P0001"
"""What PostgreSQL calls the error that Procrastinate's functions raise: the job is not there, or not being done."""


def is_away(error: BaseException) -> bool:
    """True if the server did not answer; False if it refused what was asked."""
    cause = error.__cause__ if isinstance(error, ConnectorException) else error
    return isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError, OSError))


class PatientJobs(JobManager):
    """Jobs whose worker outlives an outage.

    Args:
        connector: How the server is reached.
        monotonic: A clock that nobody can set.
    """

    def __init__(self, connector: Any, *, monotonic: Callable[[], float] = time.monotonic) -> None:  # noqa: ANN401
        super().__init__(connector)
        self._monotonic = monotonic
        self.steady_since = monotonic()
        """Since when every question was answered: who was silent before that may have had nobody to talk to."""

    async def fetch_job(self, queues: Any, worker_id: int) -> Job | None:  # noqa: ANN401
        """A job to do, or none, also while the server is away: it is asked again a moment later."""
        try:
            return await super().fetch_job(queues, worker_id)
        except ConnectorException as error:
            self._missed(error)
            return None

    async def update_heartbeat(self, worker_id: int) -> None:
        """A sign of life; one that is not taken is followed by the next."""
        try:
            await super().update_heartbeat(worker_id)
        except ConnectorException as error:
            self._missed(error)

    async def listen_for_jobs(self, **named: Any) -> None:  # noqa: ANN401
        """Hears of new jobs, again when the server is back; until then they are asked for."""
        while True:
            try:
                await super().listen_for_jobs(**named)
            except ConnectorException as error:
                self._missed(error)
                await asyncio.sleep(MOST_WAIT / 3)

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Tells what became of a job until it is heard."""
        await self._until_heard(job, lambda: super(PatientJobs, self).finish_job(job, status, delete_job))

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Puts a job back until it is heard; one whose like waits already is done with."""
        again = (job, retry_at, priority, queue, lock)
        try:
            await self._until_heard(job, lambda: super(PatientJobs, self).retry_job(*again))
        except UniqueViolation:
            log.info("its like waits already", queue=job.queue, job=job.id, what=job.queueing_lock)
            await self.finish_job(job, Status.SUCCEEDED, delete_job=True)

    async def give_back(self, job: Job) -> bool:
        """Puts back the job of a worker that does not do it; False if somebody else has seen to it.

        In one statement with the question whose it is: of two that sweep at once the slower one would else take it
        from whom the quicker one gave it to.
        """
        whose = "WHERE id = %(id)s AND status = 'doing' AND worker_id IS NOT DISTINCT FROM %(worker)s"
        put = (
            "UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = now() "
            f"{whose} RETURNING id"
        )
        named = {"id": job.id, "worker": job.worker_id}
        try:
            return bool(await self.connector.execute_query_all_async(put, **named))
        except UniqueViolation:  # its like waits already
            done = f"DELETE FROM procrastinate_jobs {whose} RETURNING id"
            return bool(await self.connector.execute_query_all_async(done, **named))

    async def _until_heard(self, job: Job, tell: Callable[[], Awaitable[None]]) -> None:
        wait = FIRST_WAIT
        while True:
            try:
                await tell()
            except UniqueViolation:
                raise
            except ConnectorException as error:
                if getattr(error.__cause__, "sqlstate", None) == _GONE:
                    # The answer to an earlier try was lost, or somebody swept the job: it is theirs.
                    log.info("job not ours any more", queue=job.queue, job=job.id)
                    return
                self._missed(error)
                await asyncio.sleep(wait)
                wait = min(MOST_WAIT, wait * 2)
            else:
                return

    def _missed(self, error: ConnectorException) -> None:
        """Notes an outage.

        Raises:
            ConnectorException: It is none, but a refusal.
        """
        if not is_away(error):
            raise error
        self.steady_since = self._monotonic()
        said = " ".join(str(error.__cause__).split())
        log.warning("queue away", error=said[:200])
