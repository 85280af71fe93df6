"""Files and the pages that list them: which document is whose parent, and what a file takes from its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from archive import schema
from archive.records import ExtractionRecord, FrontierKind, PublisherRef, Verdict
from archive.transaction import AnyRow, Transaction

FILES = (FrontierKind.ATTACHMENT, FrontierKind.ANNEX)
WHERE = "parent page"
"""What the evidence of an inherited value says."""


def parent(tx: Transaction, frontier_id: int, kind: str) -> int | None:
    """The document of the page that listed a file; None for pages, and where the page is no document (yet)."""
    if kind not in FILES:
        return None
    found = tx.connection.execute(_PARENT, {"frontier_id": frontier_id}).scalar()
    return None if found is None else int(found)


def adopt(tx: Transaction, document_id: int, frontier_id: int) -> None:
    """Gives a new document to the files that its page listed before it became one."""
    tx.connection.execute(_ADOPT, {"new_parent": document_id, "found_on_id": frontier_id})


def inherited(tx: Transaction, frontier_id: int, kind: str, reading: ExtractionRecord) -> ExtractionRecord:
    """A report's file with the publishers and the year of its page, where its own text names none.

    The newest reading of the page counts, also of one that has no text of its own and is no document.
    """
    if kind != FrontierKind.ATTACHMENT or reading.verdict is not Verdict.REPORT or reading.error is not None:
        return reading
    if reading.publishers and reading.report_year is not None:
        return reading
    page = tx.connection.execute(_PAGE_SAYS, {"frontier_id": frontier_id}).first()
    if page is None:
        return reading
    evidence: dict[str, Any] = dict(reading.metadata)
    given: dict[str, Any] = {}
    if not reading.publishers and page.publishers:
        given["publishers"] = tuple(PublisherRef(**publisher) for publisher in page.publishers)
        _say(evidence, "publisher", page, *(publisher["name"] for publisher in page.publishers))
    if reading.report_year is None and page.report_year is not None:
        given |= {"report_year": page.report_year, "year_confidence": page.year_confidence}
        _say(evidence, "report_year", page, str(page.report_year))
    return replace(reading, metadata=evidence, **given) if given else reading


def _say(evidence: dict[str, Any], field: str, page: AnyRow, *values: str) -> None:
    rows: list[Mapping[str, str]] = [{"value": value, "where": WHERE, "raw": page.url} for value in values]
    evidence[field] = [*rows, *evidence.get(field, ())]


_file, _page = schema.frontier.alias("file"), schema.frontier.alias("page")
_d, _e = schema.document.c, schema.extraction.c
_PARENT = (
    sa.select(_d.id)
    .join(_file, _file.c.found_on_id == _d.frontier_id)
    .where(_file.c.id == sa.bindparam("frontier_id"))
)
_ADOPT = (
    schema.document.update()
    .where(
        _d.parent_id.is_(None),
        _d.frontier_id.in_(
            sa.select(_file.c.id).where(
                _file.c.found_on_id == sa.bindparam("found_on_id"), _file.c.kind.in_(FILES)
            )
        ),
    )
    .values(parent_id=sa.bindparam("new_parent"))
)
_PAGE_SAYS = (
    sa.select(_page.c.url, _e.publishers, _e.report_year, _e.year_confidence)
    .join(schema.capture, schema.capture.c.id == _e.capture_id)
    .join(_page, _page.c.id == schema.capture.c.frontier_id)
    .join(_file, _file.c.found_on_id == _page.c.id)
    .where(
        _file.c.id == sa.bindparam("frontier_id"),
        _page.c.kind == FrontierKind.PAGE,
        _e.verdict != Verdict.NO,
    )
    .order_by(_e.id.desc())
    .limit(1)
)
