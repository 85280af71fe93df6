"""Words the archive itself decides on: states of a document, kinds of change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DocumentState(StrEnum):
    """What became of a document at its URL. Its texts are kept in every state."""

    LIVE = "live"
    GONE = "gone"  # not found repeatedly, or 410; nothing more is known
    MOVED = "moved"  # gone, and the same report stands at another URL
    WITHDRAWN = "withdrawn"  # gone, and a complete run saw no column list it any more


class ChangeKind(StrEnum):
    """Kinds of rows in the change sequence."""

    NEW = "new"  # a document with a text not held before; or one formerly unsure, now a report
    DUPLICATE = "duplicate"  # a further URL for a text already held
    UNSURE = "unsure"  # a document a person has to look at
    CHANGED = "changed"  # a further version
    REREAD = "reread"  # the text of a version was replaced: same bytes, another extractor version
    DESCRIBED = "described"  # title, year or publishers of a report were corrected
    MISSING = "missing"  # not found once: looked for again before it counts as gone
    GONE = "gone"
    BACK = "back"  # found again after missing, gone, moved or withdrawn
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    COLUMN_MOVED = "column_moved"  # a column's reports are listed elsewhere now; of no document
    ANNEX = "annex"  # a file beside a report was kept; its report is that of its parent document
    QUARANTINED = "quarantined"  # a reading is held back: no document or version is made of it
    RELEASED = "released"  # a person trusts a reading in quarantine; what it became is told beside this
    REFUSED = "refused"  # a person refuses a reading in quarantine
    MERGED = "merged"  # a report was found to be another one; its documents stand there now
    SPLIT = "split"  # documents became a report of their own
    REDACTED = "redacted"  # text and bytes were withdrawn; digest, size and this fact stay


class QuarantineState(StrEnum):
    """Where a reading that is not trusted stands."""

    CHECKING = "checking"  # an implausible shrink, seen once: fetched again before it counts
    WAITING = "waiting"
    RELEASED = "released"  # by a person: as good as if it had never been doubted
    REFUSED = "refused"  # by a person: this text is nothing for the archive
    RESOLVED = "resolved"  # by itself: a later reading needs no decision


OPEN = (QuarantineState.CHECKING, QuarantineState.WAITING)
"""States that wait for another fetch or for a person."""


PART_NAMES = {
    1: "主要举措和成效",
    2: "存在的不足和原因",
    3: "党政主要负责人履行第一责任人职责",
    4: "下一年度主要安排",
    5: "其他需要报告的情况",
}
"""The standard parts of a report in short (《法治政府建设与责任落实督察工作规定》, 2019)."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One row of the change sequence."""

    seq: int
    """Grows in the order of commits; never used twice."""
    at: datetime
    kind: ChangeKind
    portal: str
    """Key of the portal."""
    run_id: int | None
    document_id: int | None
    report_id: int | None
    version: int | None
    """Number of the version that stood at the document when the change happened."""
    url: str | None
    detail: str | None
    """One line for a person."""
    text_sha256: str | None = None
    """Digest of that version's text as it stood then; None: of no version, or not known any more."""
