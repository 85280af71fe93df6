"""All pairs of reports that share text, as a stream: what a researcher takes away in one file.

Compared are the reports as they stand today. Band by band the signatures come sorted from the
database, so that candidates stand beside each other; a pair is looked at where its first common
band comes up, and nothing is remembered but the last texts read: memory stays flat.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import references, schema, views
from archive.shingles import (
    BAND_BYTES,
    BANDS,
    MARGIN,
    Overlap,
    estimate,
    first_common_band,
    overlap,
    shingles,
)
from archive.similar import LEAST
from archive.similar_index import state, withdrawn
from archive.transaction import AnyRow

_READ = 128
"""Texts whose shingles are kept at hand; those of a text of 5,000 characters take half a megabyte."""

_TOGETHER = 32
"""Pairs confirmed together; their texts are at most half of those at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two reports that share text; the one with the smaller number first."""

    report_id: int
    year: int | None
    publishers: str | None
    title: str
    portal_key: str
    text_sha256: str
    other_report_id: int
    other_year: int | None
    other_publishers: str | None
    other_title: str
    other_portal_key: str
    other_text_sha256: str
    jaccard: float
    contained: float
    """Share of the first report's shingles that stand in the other too."""
    contains: float
    """Share of the other report's shingles that stand in the first too."""
    shared: int


def pairs(
    connection: Connection, *, least: float = LEAST, year: int | None = None, place: str | None = None
) -> Iterator[Pair]:
    """All pairs of reports at least so similar, in no particular order, each once.

    Args:
        connection: a read transaction; it stays open until the last pair.
        least: Jaccard similarity from which on.
        year: only between reports on this year.
        place: only between reports of this place; see ``Archive.reports``.
    """
    chosen = references.reports(year=year, place=place)
    yield from _identical(connection, chosen)
    texts = _Texts(connection)
    pending: list[tuple[int, int]] = []
    for pair in _candidates(connection, chosen, least):
        pending.append(pair)
        if len(pending) == _TOGETHER:
            yield from _confirmed(connection, chosen, texts, pending, least)
            pending.clear()
    yield from _confirmed(connection, chosen, texts, pending, least)


class _Texts:
    """Shingles of the texts read last, by their numbers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: OrderedDict[int, tuple[str, set[str]]] = OrderedDict()

    def of(self, numbers: set[int]) -> dict[int, tuple[str, set[str]]]:
        """Digest and shingles of each text."""
        row, content = schema.similar_text.c, schema.text_.c
        query = sa.select(row.id, content.sha256, content.content).join(
            schema.text_, content.sha256 == row.text_sha256
        )
        for number in numbers & self._read.keys():
            self._read.move_to_end(number)
        new = sorted(numbers - self._read.keys())
        for number, digest, text in self._connection.execute(query.where(row.id.in_(new))):
            self._read[number] = (digest, shingles(text))
        while len(self._read) > _READ:
            self._read.popitem(last=False)
        return {number: self._read[number] for number in numbers}


def _candidates(
    connection: Connection, chosen: sa.Select[tuple[int]], least: float
) -> Iterator[tuple[int, int]]:
    """Numbers of two texts that agree in a band and look similar enough."""
    of_chosen = bytearray(state(connection).numbered)
    report, row = views.reports.c, schema.similar_text.c
    numbers = (
        sa.select(row.id)
        .join(views.reports, report.text_sha256 == row.text_sha256)
        .where(report.report_id.in_(chosen), ~withdrawn(row.text_sha256))
    )
    for number in connection.execute(numbers, execution_options={"yield_per": 10_000}).scalars():
        of_chosen[number] = 1
    for band in range(BANDS):
        lanes = sa.func.substr(row.signature, 1 + band * BAND_BYTES, BAND_BYTES)
        query = sa.select(row.id, row.signature).order_by(lanes, row.id)
        alike: list[tuple[int, bytes]] = []
        common, start = b"", band * BAND_BYTES
        for number, signature in connection.execute(query, execution_options={"yield_per": 2_000}):
            if not of_chosen[number]:
                continue
            if signature[start : start + BAND_BYTES] != common:
                yield from _within(alike, band, least)
                alike, common = [], signature[start : start + BAND_BYTES]
            alike.append((number, signature))
        yield from _within(alike, band, least)


def _within(alike: Sequence[tuple[int, bytes]], band: int, least: float) -> Iterator[tuple[int, int]]:
    for (one, signature), (other, signature_2) in combinations(alike, 2):
        if (
            first_common_band(signature, signature_2) == band
            and estimate(signature, signature_2) >= least - MARGIN
        ):
            yield one, other


def _confirmed(
    connection: Connection,
    chosen: sa.Select[tuple[int]],
    texts: _Texts,
    pending: Sequence[tuple[int, int]],
    least: float,
) -> Iterator[Pair]:
    read = texts.of({number for pair in pending for number in pair})
    measured = [
        (read[one][0], read[other][0], overlap(read[one][1], read[other][1])) for one, other in pending
    ]
    found = [(one, other, shared) for one, other, shared in measured if shared.jaccard >= least]
    reports = _reports(connection, chosen, {digest for row in found for digest in row[:2]})
    for one, other, shared in found:
        for row in reports.get(one, ()):
            for row_2 in reports.get(other, ()):
                yield _pair(row, row_2, shared)


def _identical(connection: Connection, chosen: sa.Select[tuple[int]]) -> Iterator[Pair]:
    """Reports with the very same text: one signature, so no pair of signatures finds them."""
    report, row = views.reports.c, schema.similar_text.c
    repeated = (
        sa.select(report.text_sha256, sa.func.min(row.shingles))
        .join(schema.similar_text, row.text_sha256 == report.text_sha256)
        .where(report.report_id.in_(chosen), ~withdrawn(report.text_sha256))
        .group_by(report.text_sha256)
        .having(sa.func.count() > 1)
        .order_by(report.text_sha256)
    )
    for digest, count in connection.execute(repeated, execution_options={"yield_per": 1_000}):
        whole = Overlap(jaccard=1.0, contained=1.0, contains=1.0, shared=count)
        for row_1, row_2 in combinations(_reports(connection, chosen, {digest})[digest], 2):
            yield _pair(row_1, row_2, whole)


def _reports(
    connection: Connection, chosen: sa.Select[tuple[int]], digests: set[str]
) -> dict[str, list[AnyRow]]:
    """The chosen reports whose text of today is one of these, by text."""
    view = views.reports.c
    # From the texts to their reports: the other way round the view would be worked out for all.
    standing = (
        sa.select(schema.document.c.report_id)
        .join(schema.version, schema.version.c.document_id == schema.document.c.id)
        .where(schema.version.c.text_sha256.in_(digests))
    )
    query = (
        sa.select(view.report_id, view.year, view.publishers, view.title, view.portal_key, view.text_sha256)
        .where(view.report_id.in_(standing), view.text_sha256.in_(digests), view.report_id.in_(chosen))
        .order_by(view.report_id)
    )
    found: dict[str, list[AnyRow]] = {}
    for row in connection.execute(query):
        found.setdefault(row.text_sha256, []).append(row)
    return found


def _pair(
    one: AnyRow,
    other: AnyRow,
    shared: Overlap,
) -> Pair:
    turned = one.report_id > other.report_id
    first, second = (other, one) if turned else (one, other)
    return Pair(
        report_id=first.report_id,
        year=first.year,
        publishers=first.publishers,
        title=first.title,
        portal_key=first.portal_key,
        text_sha256=first.text_sha256,
        other_report_id=second.report_id,
        other_year=second.year,
        other_publishers=second.publishers,
        other_title=second.title,
        other_portal_key=second.portal_key,
        other_text_sha256=second.text_sha256,
        jaccard=shared.jaccard,
        contained=shared.contains if turned else shared.contained,
        contains=shared.contained if turned else shared.contains,
        shared=shared.shared,
    )
