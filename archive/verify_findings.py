"""What a verification can find, and to which report and address it belongs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection

from archive import schema


class Sort(StrEnum):
    """What is wrong."""

    FILE = "file"  # the SQLite file itself: pages, trees, indexes
    SCHEMA = "schema"  # a table, column, view or trigger is missing or another than this program makes
    UNREADABLE = "unreadable"  # rows that the database cannot give
    VALUE = "value"  # a value that the archive never writes: no time, no JSON, an unknown state
    PAYLOAD = "payload"  # bytes that are not those of their digest
    TEXT = "text"  # a text that is not that of its digest
    SPACE = "space"  # a text with white space that no reading writes; its digest does not tell it apart
    REDACTED = "redacted"  # withdrawn, and still there
    OFFSET = "offset"  # a section or figure that points outside its text, or at other words
    REFERENCE = "reference"  # a row that refers to one that is not there
    RELATION = "relation"  # rows that contradict each other
    ORPHAN = "orphan"  # bytes or a text that nothing refers to
    SEQUENCE = "sequence"  # the change sequence, or the numbers it continues with
    DIFFERENT = "different"  # a row that is never changed, and differs from the backup's


NOTICES = frozenset({Sort.SPACE, Sort.ORPHAN})
"""What is odd, but loses nothing: named, and no damage."""

NEXT_STEPS: Mapping[Sort, str] = {
    Sort.FILE: "restore a backup (archive restore), or copy what is readable (archive copy)",
    Sort.SCHEMA: "restore a backup; if somebody changed the schema by hand, copy the archive (archive copy)",
    Sort.UNREADABLE: "restore a backup (archive restore)",
    Sort.VALUE: "compare with a backup (archive verify --against BACKUP), then restore it",
    Sort.PAYLOAD: "restore a backup; the text read from it stands if it is not named here as well",
    Sort.TEXT: "restore a backup; or read the payload again (crawler reextract) if it is not named here",
    Sort.SPACE: "compare with a backup (archive verify --against BACKUP)",
    Sort.REDACTED: "withdraw it again (archive redact)",
    Sort.OFFSET: "read the page again (crawler reextract); compare with a backup",
    Sort.REFERENCE: "restore a backup (archive restore)",
    Sort.RELATION: "restore a backup; if there is none, report it with this line",
    Sort.ORPHAN: "nothing is lost; if rows were deleted by hand, restore a backup",
    Sort.SEQUENCE: "restore a backup: it begins a new epoch, which followers of the changes notice",
    Sort.DIFFERENT: "look at both with archive show; restore the backup if the archive is the wrong one",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with one row, before anybody looked up whom it concerns."""

    sort: Sort
    what: str
    table: str | None = None
    key: str | None = None
    payload: str | None = None
    text: str | None = None
    extraction: int | None = None
    capture: int | None = None
    frontier: int | None = None
    document: int | None = None
    report: int | None = None


def of_digest(sort: Sort, table: str, sha256: str, what: str) -> Problem:
    """A problem with a row of ``payload`` or ``text``."""
    return Problem(
        sort=sort,
        what=f"{table} {sha256[:12]}… {what}",
        table=table,
        key=sha256,
        payload=sha256 if table == "payload" else None,
        text=sha256 if table == "text" else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong, for a person or a program."""

    sort: Sort
    damage: bool
    """False: odd, but nothing is lost."""
    what: str
    table: str | None
    key: str | None
    """Primary key of the row; several columns are joined by a slash."""
    reports: tuple[str, ...]
    """Reports it concerns, as ``12 title``."""
    urls: tuple[str, ...]
    """Addresses it concerns; of many, the first five."""
    next_step: str


_FEW = 5
_TOGETHER = 2000


def findings(connection: Connection, problems: Iterable[Problem]) -> Iterator[Finding]:
    """Looks up the reports and addresses of problems, many at once: few of these columns have an index."""
    left = iter(problems)
    while some := list(islice(left, _TOGETHER)):
        yield from _readable(connection, some)


def _readable(connection: Connection, problems: Sequence[Problem]) -> Iterator[Finding]:
    """Where one of the rows asked for is damaged itself, each problem is looked up alone."""
    try:
        yield from list(_named(connection, problems))
    except (exc.DBAPIError, ValueError):  # a value that its column's type cannot be
        if len(problems) == 1:
            yield unnamed(problems[0])
            return
        half = len(problems) // 2
        yield from _readable(connection, problems[:half])
        yield from _readable(connection, problems[half:])


def unnamed(problem: Problem) -> Finding:
    """A finding whose report nobody can look up."""
    return _finding(problem, (), ())


def _finding(problem: Problem, reports: Sequence[str], urls: Sequence[str]) -> Finding:
    return Finding(
        sort=problem.sort,
        damage=problem.sort not in NOTICES,
        what=problem.what,
        table=problem.table,
        key=problem.key,
        reports=tuple(dict.fromkeys(reports))[:_FEW],
        urls=tuple(dict.fromkeys(urls))[:_FEW],
        next_step=NEXT_STEPS[problem.sort],
    )


def _named(connection: Connection, problems: Sequence[Problem]) -> Iterator[Finding]:
    by_payload = _gather(connection, schema.capture.c.payload_sha256, {p.payload for p in problems} - {None})
    by_listing = _gather(connection, schema.frontier.c.payload_sha256, {p.payload for p in problems} - {None})
    by_text = _gather(connection, schema.extraction.c.text_sha256, {p.text for p in problems} - {None})
    by_extraction = _gather(connection, schema.extraction.c.id, {p.extraction for p in problems} - {None})
    by_capture = _gather(connection, schema.capture.c.id, {p.capture for p in problems} - {None})
    frontiers: dict[int, set[int]] = {}
    for number, problem in enumerate(problems):
        found = {
            *by_payload.get(problem.payload, ()),
            *by_listing.get(problem.payload, ()),
            *by_text.get(problem.text, ()),
            *by_extraction.get(problem.extraction, ()),
            *by_capture.get(problem.capture, ()),
        }
        frontiers[number] = found if problem.frontier is None else {*found, problem.frontier}
    wanted = set().union(*frontiers.values())
    addresses = dict(_pairs(connection, sa.select(_f.id, _f.url), _f.id, wanted))
    at = _reports_of(connection, _d.frontier_id, wanted)
    of_document = _reports_of(connection, _d.id, {p.document for p in problems} - {None})
    of_report = _reports_of(connection, _d.report_id, {p.report for p in problems} - {None})
    for number, problem in enumerate(problems):
        places = sorted(frontiers[number])
        rows = [
            *(row for place in places for row in at.get(place, ())),
            *of_document.get(problem.document, ()),
            *of_report.get(problem.report, ()),
        ]
        urls = [addresses[place] for place in places if place in addresses]
        yield _finding(problem, [report for report, _ in rows if report], [*urls, *(url for _, url in rows)])


_f, _d, _r = schema.frontier.c, schema.document.c, schema.report.c


def _gather(connection: Connection, column: sa.Column[Any], wanted: Collection[Any]) -> dict[Any, list[int]]:
    """The frontier entries behind payloads, texts, extractions or captures."""
    query = sa.select(column, _f.id)
    if column.table is schema.capture:
        query = sa.select(column, schema.capture.c.frontier_id)
    elif column.table is schema.extraction:
        query = sa.select(column, schema.capture.c.frontier_id).join(
            schema.capture, schema.capture.c.id == schema.extraction.c.capture_id
        )
    found: dict[Any, list[int]] = {}
    for key, frontier_id in _pairs(connection, query, column, wanted):
        found.setdefault(key, []).append(frontier_id)
    return found


def _reports_of(
    connection: Connection, column: sa.Column[int], wanted: Collection[Any]
) -> dict[Any, list[tuple[str, str]]]:
    query = sa.select(column, _r.id, _r.title, _d.url).join(
        schema.report, _r.id == _d.report_id, isouter=True
    )
    found: dict[Any, list[tuple[str, str]]] = {}
    for key, report_id, title, url in _pairs(connection, query, column, wanted):
        found.setdefault(key, []).append(("" if report_id is None else f"{report_id} {title}", url))
    return found


def _pairs(
    connection: Connection, query: sa.Select[Any], column: sa.Column[Any], wanted: Collection[Any]
) -> Iterator[tuple[Any, ...]]:
    if wanted:
        yield from map(tuple, connection.execute(query.where(column.in_(list(wanted)))))
