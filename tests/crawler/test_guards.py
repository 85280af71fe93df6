from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    IgnoreRequest,
)

from archive.records import Outcome
from crawler.guards import Refused, describe, outcome_of, retry_after

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_in_both_forms(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_breaks_it(value: str) -> None:
    asked = retry_after(value, NOW)
    assert asked is None or asked >= 0


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (DownloadTimeoutError("slow"), Outcome.TIMEOUT),
        (CannotResolveHostError("no such name"), Outcome.UNREACHABLE),
        (DownloadCancelledError("too big"), Outcome.TOO_LARGE),
        (IgnoreRequest("bomb"), Outcome.TOO_LARGE),
        (Refused(Outcome.ROBOTS, "robots.txt forbids it"), Outcome.ROBOTS),
        (OSError("connection reset"), Outcome.UNREACHABLE),
    ],
)
def test_every_failure_has_a_type(error: Exception, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome
    assert describe(error)
