"""Jobs while their server is away or forgets: nothing stays marked as being done, nothing is given to two."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status

from scheduler import queue_jobs
from scheduler.queue_jobs import PatientJobs

JOB = Job(id=7, queue="reading", lock="g", queueing_lock="reading p", task_name="reading")


class Server:
    """Fails as it is told, then answers."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.asked: list[str] = []

    async def ask(self, query: str, **_: Any) -> Any:
        self.asked.append(query)
        if self.failures:
            raise ConnectorException from self.failures.pop(0)
        return {"id": None}

    execute_query_async = execute_query_one_async = ask


class Gone(psycopg.errors.RaiseException):
    sqlstate = "P0001"


AWAY = psycopg.OperationalError("server closed the connection unexpectedly")


def jobs(*failures: Exception) -> tuple[PatientJobs, Server]:
    server = Server(*failures)
    ticks = iter(range(100))
    return PatientJobs(server, monotonic=lambda: float(next(ticks))), server


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_jobs, "FIRST_WAIT", 0.0)


async def test_a_worker_asks_again_and_remembers_when_nobody_answered() -> None:
    patient, server = jobs(AWAY, psycopg.InterfaceError("the connection is closed"))
    assert patient.steady_since == 0
    assert await patient.fetch_job(["reading"], 1) is None
    await patient.update_heartbeat(1)
    assert await patient.fetch_job(["reading"], 1) is None
    assert (patient.steady_since, len(server.asked)) == (2, 3)


async def test_a_refusal_is_no_outage() -> None:
    patient, _ = jobs(psycopg.errors.ForeignKeyViolation("no such worker"))
    with pytest.raises(ConnectorException):
        await patient.fetch_job(["reading"], 1)


async def test_what_became_of_a_job_is_told_until_it_is_heard() -> None:
    patient, server = jobs(AWAY, AWAY, AWAY)
    await patient.finish_job(JOB, Status.SUCCEEDED, delete_job=True)
    assert len(server.asked) == 4
    patient, server = jobs(AWAY)
    await patient.retry_job(JOB)
    assert len(server.asked) == 2


async def test_an_answer_that_was_lost_is_no_failure() -> None:
    patient, server = jobs(AWAY, Gone("Job was not found"))
    await patient.finish_job(JOB, Status.SUCCEEDED, delete_job=True)
    assert len(server.asked) == 2
