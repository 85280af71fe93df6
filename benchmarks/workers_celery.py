"""The same crawls as Celery would have them: a task that starts one, acknowledged when it has ended.

Read by Celery's own command, with the environment that ``benchmarks/workers.py`` gives it.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from celery import Celery  # type: ignore[import-not-found]

VISIBILITY = int(os.environ["BENCH_VISIBILITY"])
"""Seconds after which what a worker has not acknowledged is given to another, whether the first one lives or not."""

app: Any = Celery("workers_celery", broker=os.environ["BENCH_BROKER"])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": VISIBILITY},
)


@app.task(name="crawl")  # type: ignore[untyped-decorator]
def crawl(key: str) -> None:
    """Crawls a portal."""
    command = [*json.loads(os.environ["BENCH_CRAWL"]), "--site", key]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, env=kept, cwd=os.environ["BENCH_ROOT"], check=False, stdout=subprocess.DEVNULL)
