"""Gives every process of a live trial the trial's clock, before anything of the program is imported.

Found by Python through PYTHONPATH, so that the commands under trial are started as users start them. The moment moves
for services and crawls alike; what no one can set, the time that has passed, moves along when the trial lets days go by
and does not when it sets the clock wrong. The loop, timeouts and pauses of the programs keep the real pace.
"""

from __future__ import annotations

import os
import struct
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import archive.clock

FILE = Path(os.environ["LIVE_CLOCK"])


def offsets() -> tuple[float, float]:
    """Seconds by which the trial is ahead of the real time, and by which its clock is wrong."""
    ahead, wrong = struct.unpack("dd", FILE.read_bytes())
    return ahead, wrong


def utcnow() -> datetime:
    """The moment as the trial's clock has it."""
    return datetime.now(UTC) + timedelta(seconds=sum(offsets()))


def steady() -> float:
    """A clock that nobody can set: it moves with the days of the trial."""
    return time.monotonic() + offsets()[0]


archive.clock.utcnow = utcnow
if "scheduler.cli" in sys.orig_argv:
    from scheduler.service import Service

    named = Service.__init__.__kwdefaults__
    assert named["clock"] is utcnow
    named["monotonic"] = steady
