"""The clock of this project; whoever takes one as a parameter can be given another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)
