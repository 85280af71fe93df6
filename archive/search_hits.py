"""From entries to answers: report, document, version, and the passages in which the words stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema, views
from archive.search_index import Class, band
from archive.search_match import Span, pattern
from archive.search_query import Query
from archive.search_walk import Entry
from archive.segment import fold_with_places
from archive.states import DocumentState
from archive.transaction import AnyRow

AROUND = 30
"""Characters shown on either side of a word."""

PASSAGES = 3
"""Passages shown of one text."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a text with the words found in it; offsets count characters of the text as it is kept."""

    start: int
    end: int
    text: str
    hits: tuple[Span, ...]
    """From where to where words stand, in the whole text."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A report's text that answers a search."""

    report_id: int
    document_id: int
    version: int
    current: bool
    """False: an earlier text, replaced since."""
    portal_key: str
    portal_name: str
    year: int | None
    kind: str
    title: str
    publishers: str | None
    published: date | None
    state: str
    """State of the report."""
    url: str
    text_sha256: str
    level: int | None
    """How prominent the least prominent word is in the text, 0 to 4; None: not asked for."""
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """The version at which an entry's text stands."""

    document_id: int
    number: int
    extraction_id: int
    url: str


def place(connection: Connection, entries: Iterable[Entry]) -> Mapping[tuple[int, str], Placed]:
    """Where the text of each entry stands: at a document that shows it now, a live one, the first, if possible."""
    wanted = {(entry.report_id, entry.text_sha256) for entry in entries}
    if not wanted:
        return {}
    rows = connection.execute(
        _PLACES,
        {"reports": sorted({report for report, _ in wanted}), "digests": sorted({sha for _, sha in wanted})},
    )
    best: dict[tuple[int, str], AnyRow] = {}
    for row in rows:
        key = (row.report_id, row.text_sha256)
        if key in wanted and (key not in best or _preferred(row) < _preferred(best[key])):
            best[key] = row
    return {
        key: Placed(int(row.document_id), int(row.number), int(row.extraction_id), str(row.url))
        for key, row in best.items()
    }


def sections(connection: Connection, extraction_ids: Iterable[int], part: int) -> Mapping[int, list[Span]]:
    """The stretches of text that stand under a standard part, by extraction."""
    found: dict[int, list[Span]] = {}
    rows = connection.execute(_SECTIONS, {"ids": sorted(set(extraction_ids))})
    for row in rows:
        if part in row.parts:
            found.setdefault(row.extraction_id, []).append((row.start_offset, row.end_offset))
    return found


def spans(content: str, words: Sequence[str]) -> list[list[Span]]:
    """Where each folded word stands in a text, as offsets into the text as it is kept.

    Places in which a word is set so that only folding tells it are left out, unless it stands nowhere else.
    """
    found = [pattern(word).spans(content) for word in words]
    return found if all(found) else every_span(content, words)


def every_span(content: str, words: Sequence[str]) -> list[list[Span]]:
    """The same, and nothing left out, however it is set."""
    patterns = [pattern(word) for word in words]
    if not any(one.misses(content) for one in patterns):
        return [one.spans(content) for one in patterns]
    folded, places = fold_with_places(content)
    return [[(places[at], places[at + len(word) - 1] + 1) for at in _starts(folded, word)] for word in words]


def passages(content: str, found: Sequence[Sequence[Span]]) -> tuple[Passage, ...]:
    """The first place of each word with what stands around it; all words in there are marked."""
    every = sorted({span for spans_ in found for span in spans_})
    firsts = sorted({spans_[0] for spans_ in found if spans_})
    windows: list[Span] = []
    for start, end in firsts:
        low, high = max(0, start - AROUND), min(len(content), end + AROUND)
        if windows and low <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(high, windows[-1][1]))
        else:
            windows.append((low, high))
    return tuple(
        Passage(
            low,
            high,
            content[low:high],
            _merged(span for span in every if low <= span[0] and span[1] <= high),
        )
        for low, high in windows[:PASSAGES]
    )


def hits(
    connection: Connection,
    query: Query,
    entries: Sequence[tuple[Entry, int | None]],
    part: int | None,
) -> list[Hit]:
    """What is told of entries, in their order; ``part``: only places in sections of it are shown."""
    told: list[Hit] = []
    for start in range(0, len(entries), _BATCH):
        told.extend(_hits(connection, query, entries[start : start + _BATCH], part))
    return told


def _hits(
    connection: Connection, query: Query, entries: Sequence[tuple[Entry, int | None]], part: int | None
) -> list[Hit]:
    placed = place(connection, (entry for entry, _ in entries))
    reports = _reports(connection, {entry.report_id for entry, _ in entries})
    contents = {entry.text_sha256: entry.content for entry, _ in entries if entry.content is not None}
    contents |= _contents(connection, {entry.text_sha256 for entry, _ in entries} - contents.keys())
    inside = (
        None
        if part is None
        else sections(connection, (where.extraction_id for where in placed.values()), part)
    )
    words = [word.folded for word in query.words]
    told = []
    for entry, reached in entries:
        report, where = reports[entry.report_id], placed[entry.report_id, entry.text_sha256]
        content = contents[entry.text_sha256]
        if inside is None:
            found = spans(content, words)
        else:
            stretches = inside.get(where.extraction_id, [])
            found = [within(here, stretches) for here in every_span(content, words)]
        told.append(
            Hit(
                report_id=entry.report_id,
                document_id=where.document_id,
                version=where.number,
                current=entry.id >= band(Class.SHARED)[0],
                portal_key=report.portal_key,
                portal_name=report.portal_name,
                year=report.year,
                kind=report.kind,
                title=report.title,
                publishers=report.publishers,
                published=report.published,
                state=report.state,
                url=where.url,
                text_sha256=entry.text_sha256,
                level=reached,
                passages=passages(content, found),
            )
        )
    return told


def within(found: Iterable[Span], stretches: Sequence[Span]) -> list[Span]:
    """Those places that lie inside one of the stretches."""
    return [span for span in found if any(low <= span[0] and span[1] <= high for low, high in stretches)]


def _starts(text: str, word: str) -> list[int]:
    found = []
    at = text.find(word)
    while at >= 0:
        found.append(at)
        at = text.find(word, at + len(word))
    return found


def _merged(found: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping places as one."""
    merged: list[Span] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _preferred(row: AnyRow) -> tuple[bool, bool, int, int]:
    return row.number != row.newest, row.state != DocumentState.LIVE, row.document_id, -row.number


def _reports(connection: Connection, ids: Iterable[int]) -> Mapping[int, AnyRow]:
    return {row.report_id: row for row in connection.execute(_REPORTS, {"ids": sorted(ids)})}


def _contents(connection: Connection, digests: Iterable[str]) -> Mapping[str, str]:
    wanted = sorted(digests)
    if not wanted:
        return {}
    return {row.sha256: row.content for row in connection.execute(_CONTENTS, {"digests": wanted})}


_v, _d, _s, _t = schema.version.c, schema.document.c, schema.section.c, schema.text_.c
_later = schema.version.alias("later")
_PLACES = (
    sa.select(
        _d.report_id,
        _v.text_sha256,
        _v.document_id,
        _v.number,
        _v.extraction_id,
        _d.url,
        _d.state,
        sa.select(sa.func.max(_later.c.number))
        .where(_later.c.document_id == _v.document_id)
        .scalar_subquery()
        .label("newest"),
    )
    .join(schema.document, _d.id == _v.document_id)
    .where(
        _d.report_id.in_(sa.bindparam("reports", expanding=True)),
        _v.text_sha256.in_(sa.bindparam("digests", expanding=True)),
    )
)
_SECTIONS = sa.select(_s.extraction_id, _s.parts, _s.start_offset, _s.end_offset).where(
    _s.extraction_id.in_(sa.bindparam("ids", expanding=True))
)
_view = views.reports.c
_REPORTS = sa.select(
    _view.report_id,
    _view.portal_key,
    _view.portal_name,
    _view.year,
    _view.kind,
    _view.title,
    _view.publishers,
    _view.published,
    _view.state,
).where(_view.report_id.in_(sa.bindparam("ids", expanding=True)))
_CONTENTS = sa.select(_t.sha256, _t.content).where(_t.sha256.in_(sa.bindparam("digests", expanding=True)))
