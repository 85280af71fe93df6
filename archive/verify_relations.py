"""Rows that contradict each other: what one write transaction of the archive never leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import manifest, meta, schema
from archive.verify_findings import Problem, Sort
from archive.verify_rows import identity, problem


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that no row of a table may be."""

    table: sa.Table
    what: str
    where: str
    """SQL that both databases know; ``x`` is the row."""


RULES = (
    Rule(
        schema.document,
        "has no version",
        "NOT EXISTS (SELECT 1 FROM version v WHERE v.document_id = x.id)",
    ),
    Rule(
        schema.document,
        "its versions are not numbered 1, 2, 3 …",
        """NOT (SELECT count(*) = 0 OR (min(v.number) = 1 AND max(v.number) = count(*))
            FROM version v WHERE v.document_id = x.id)""",
    ),
    Rule(
        schema.document,
        "no change tells of it",
        "NOT EXISTS (SELECT 1 FROM change c WHERE c.document_id = x.id)",
    ),
    Rule(
        schema.document,
        "its state and the time since when it is gone contradict each other",
        "(x.state = 'live') <> (x.gone_since IS NULL)",
    ),
    Rule(schema.document, "moved, but nobody knows where to", "x.state = 'moved' AND x.moved_to_id IS NULL"),
    Rule(schema.document, "is its own parent", "x.parent_id = x.id"),
    Rule(
        schema.document,
        "stands at another portal than its address",
        "x.portal_id <> (SELECT f.portal_id FROM frontier f WHERE f.id = x.frontier_id)",
    ),
    Rule(
        schema.report,
        "has no document",
        """x.merged_into_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM document d WHERE d.report_id = x.id)""",
    ),
    Rule(
        schema.version,
        "its text is another than that of the reading it was made of",
        """x.text_sha256 <> (
            SELECT coalesce(e.text_sha256, '') FROM extraction e WHERE e.id = x.extraction_id)""",
    ),
    Rule(
        schema.version,
        "was read from the bytes of another address",
        """(SELECT d.frontier_id FROM document d WHERE d.id = x.document_id) <> (
            SELECT c.frontier_id FROM extraction e JOIN capture c ON c.id = e.capture_id
            WHERE e.id = x.extraction_id)""",
    ),
    Rule(
        schema.quarantine,
        "its text is another than that of its reading",
        """coalesce(x.text_sha256, '') <> (
            SELECT coalesce(e.text_sha256, '') FROM extraction e WHERE e.id = x.extraction_id)""",
    ),
    Rule(
        schema.quarantine,
        "is decided and open at once",
        "(x.state IN ('checking', 'waiting')) <> (x.decided IS NULL)",
    ),
    Rule(
        schema.capture,
        "is a further page, but of nothing",
        """(x.part IS NULL) <> (x.part_of_id IS NULL) OR x.part < 2 OR x.part_of_id = x.id OR (
            x.part_of_id IS NOT NULL AND x.frontier_id <> (
                SELECT c.frontier_id FROM capture c WHERE c.id = x.part_of_id))""",
    ),
    Rule(
        schema.frontier,
        "was read, but nobody knows when and how that ended",
        "x.state = 'done' AND (x.last_checked IS NULL OR x.last_outcome IS NULL)",
    ),
    Rule(schema.frontier, "has fewer attempts than none", "x.attempts < 0"),
    Rule(
        schema.run,
        "its state and its end contradict each other",
        "(x.state = 'running') <> (x.finished IS NULL)",
    ),
    Rule(
        schema.lease,
        "is held by a run that is finished, or by one of another portal",
        """NOT EXISTS (SELECT 1 FROM run r
            WHERE r.id = x.run_id AND r.state = 'running' AND r.portal_id = x.portal_id)""",
    ),
    Rule(
        schema.change,
        "names a version that its document does not have",
        """x.version < 1 OR (x.version IS NOT NULL AND x.document_id IS NOT NULL AND x.version > (
            SELECT coalesce(max(v.number), 0) FROM version v WHERE v.document_id = x.document_id))""",
    ),
    Rule(schema.change, "has a number below 1", "x.seq < 1"),
)

_ORPHANS = {
    "payload": """SELECT sha256 FROM payload
        EXCEPT SELECT payload_sha256 FROM capture EXCEPT SELECT payload_sha256 FROM frontier""",
    "text": """SELECT sha256 FROM text
        EXCEPT SELECT text_sha256 FROM extraction EXCEPT SELECT text_sha256 FROM version
        EXCEPT SELECT text_sha256 FROM quarantine""",
}


def broken(connection: Connection, rule: Rule) -> Iterator[Problem]:
    """The rows that break a rule."""
    names = ", ".join(f'x."{name}"' for name in identity(rule.table))
    query = f'SELECT {names} FROM "{rule.table.name}" x WHERE {rule.where}'
    sort = Sort.SEQUENCE if rule.table is schema.change else Sort.RELATION
    for row in connection.exec_driver_sql(query):
        yield problem(rule.table, tuple(row), sort, rule.what)


def orphans(connection: Connection) -> Iterator[Problem]:
    """Payloads and texts that nothing refers to."""
    for name, query in _ORPHANS.items():
        for (sha256,) in connection.exec_driver_sql(query):
            what = f"{name} {sha256[:12]}… belongs to nothing"
            yield Problem(sort=Sort.ORPHAN, what=what, table=name, key=sha256)


def sequence(connection: Connection) -> Iterator[Problem]:
    """Whether the next change gets a number that was never given."""
    last = connection.execute(sa.select(sa.func.max(schema.change.c.seq))).scalar() or 0
    given = manifest.last_number(connection)
    if given < last:
        what = f"the next change would get number {given + 1}, but {last} is given already"
        yield Problem(sort=Sort.SEQUENCE, what=what, table="change", key=str(last))


def facts(connection: Connection) -> Iterator[Problem]:
    """What the archive says of itself: whether its epochs follow each other up to the one under way."""
    known = meta.facts(connection)
    last = connection.execute(sa.select(sa.func.max(schema.change.c.seq))).scalar() or 0
    after = [epoch.after for epoch in known.epochs]
    names = [epoch.epoch for epoch in known.epochs]
    if not names or names[-1] != known.epoch or len({*names}) < len(names):
        yield Problem(sort=Sort.SEQUENCE, what="meta: the epoch under way is not the last one", table="meta")
    if after != sorted(after) or (after and after[-1] > last):
        yield Problem(sort=Sort.SEQUENCE, what="meta: the epochs do not follow each other", table="meta")
    for name in (known.archive_id, *names):
        UUID(name)  # no UUID any more: a ValueError, told by the caller
