"""What the tests of the quarantine share: doubtful readings, a text that shrank, and looks at the rows."""

from __future__ import annotations

import pytest

from archive.errors import UsageError
from archive.quarantine import KEPT_SHARE
from archive.reader import Archive
from archive.records import (
    Doubt,
    DoubtKind,
    Event,
    ExtractionRecord,
)
from tests.archive.builder import Crawl, body_text, extraction

SHORT = Doubt(kind=DoubtKind.SHORT, detail="31 Chinese characters, at least 400 expected")
ERROR = Doubt(kind=DoubtKind.ERROR_PHRASE, detail="says: 系统维护中")
STUB = "系统维护中，请稍后再来。"
ONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""Where the database makes no difference; the statements behind it run on both elsewhere."""


def doubtful(text: str = STUB, *doubts: Doubt, **given: object) -> ExtractionRecord:
    return extraction(text, doubts=doubts or (SHORT,), **given)


def kinds(crawl: Crawl) -> list[str]:
    return [change.kind for change in Archive(crawl.engine).changes()]


def states(crawl: Crawl) -> list[tuple[int, str, str, int]]:
    """Number, reason, state and attempts of every row."""
    archive = Archive(crawl.engine)
    rows = []
    for number in range(1, 20):
        try:
            row = archive.quarantined(number)
        except UsageError:
            break
        rows.append((row.quarantine_id, row.reason, row.state, row.attempts))
    return rows


LONG = body_text(more="各社区均已建立法律顾问制度。" * 30)
CUT = LONG[: int(len(LONG) * KEPT_SHARE) - 10]


def shrunk_twice(crawl: Crawl, text: str = CUT) -> None:
    """A page that lost most of its text, also on a second look."""
    crawl.page("a.html", extraction(text))
    crawl.clock.pass_time(seconds=2)
    assert crawl.page("a.html", extraction(text)).event is Event.QUARANTINED
