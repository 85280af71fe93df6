"""What the tests of bad networks share: a portal of two reports, of which one address misbehaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archive.records import RunState
from crawler.sample.server import Answer, Request
from crawler.summary import Summary
from tests.crawler.network import (
    COLUMN,
    REPORT,
    article,
    home,
    listing,
    no_proxy,
    row,
)

__all__ = ["no_proxy"]
pytestmark = pytest.mark.usefixtures("no_proxy", "read_once")

Portal = Callable[[Request], Answer]
BAD = REPORT.format(n=1)


def page(body: bytes, **more: object) -> Answer:
    return Answer(body=body, etag=False, **more)  # type: ignore[arg-type]


def to(where: str, status: int = 302, **headers: str) -> Answer:
    return Answer(
        status=status,
        headers={"Location": where, **{k.replace("_", "-"): v for k, v in headers.items()}},
        etag=False,
    )


def portal(bad: Callable[[Request], Answer], *, path: str = BAD) -> Portal:
    """A portal with two reports, of which one address (or robots.txt) misbehaves."""

    def answers(request: Request) -> Answer:
        if request.path == path:
            return bad(request)
        if request.path == "/robots.txt":
            return Answer(status=404, etag=False)
        if request.path == "/":
            return page(home())
        if request.path == COLUMN:
            return page(listing(row(1), row(2)))
        if request.path == REPORT.format(n=2):
            return page(article(2))
        return Answer(status=404, etag=False)

    return answers


def problems(summary: Summary) -> dict[str, str]:
    return {problem.outcome: problem.detail or "" for problem in summary.problems}


def others_are_read(summary: Summary) -> bool:
    return summary.reports_known >= 1 and summary.state is RunState.PARTIAL
