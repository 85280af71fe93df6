"""Sections and figures point into their texts: inside it, in order, and at the words they name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import canonical, schema
from archive.verify_content import Checked, contents, redacted
from archive.verify_findings import Problem, Sort

READINGS = 500
"""Extractions looked at in one piece, at most."""

_SPACE = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")
_NUMERAL = re.compile(r"[0-9〇零一二两三四五六七八九十百千万亿半几数多余]")

_e = schema.extraction.c


_SECTION = ("extraction_id", "position", "heading", "parent", "start_offset", "text_offset", "end_offset")
_FIGURE = (
    *("extraction_id", "position", "value"),
    *("start_offset", "end_offset", "sentence_start", "sentence_end"),
)


def spans(connection: Connection, least: int) -> list[tuple[int, int]]:
    """Cuts the extractions into pieces by their numbers, into so many at least if there are enough."""
    low, high, rows = connection.execute(
        sa.select(sa.func.min(_e.id), sa.func.max(_e.id), sa.func.count())
    ).one()
    if not rows:
        return []
    readings = max(1, min(READINGS, -(-rows // max(least, 1))))
    step = max(1, -(-(high - low + 1) * readings // rows))
    return [(first, min(first + step - 1, high)) for first in range(low, high + 1, step)]


def check(connection: Connection, span: tuple[int, int], checked: Checked) -> Iterator[Problem]:
    """Checks the sections and figures of the extractions in a span of numbers."""
    hidden = redacted(connection, "text")
    with canonical.driver_errors(connection.engine):
        sections = _grouped(_rows(connection, "section", _SECTION, span))
        figures = _grouped(_rows(connection, "figure", _FIGURE, span))
        readings = _rows(connection, "extraction", ("id", "text_sha256"), span)
        used = {sha256 for number, sha256 in readings if number in sections or number in figures}
        words = contents(connection, {one for one in used - hidden if isinstance(one, str)}, checked.words)
    for number, sha256 in readings:
        checked.rows += 1
        mine, counted = sections.pop(number, ()), figures.pop(number, ())
        if not (mine or counted) or sha256 in hidden:
            continue
        if sha256 not in words:
            yield _problem(number, "section", None, "sections or figures of a reading without a text")
            continue
        yield from _sections(number, words[sha256], mine)
        yield from _figures(number, words[sha256], counted)
    for extraction_id in {*sections, *figures}:
        yield _problem(extraction_id, "section", None, "sections or figures of a reading that is not there")


def _rows(
    connection: Connection, table: str, columns: Sequence[str], span: tuple[int, int]
) -> list[tuple[Any, ...]]:
    """Rows as the driver gives them: SQLAlchemy's types would cost more than all that is done with the values."""
    asked, order = ", ".join(columns), ", ".join(columns[:2])
    query = f"SELECT {asked} FROM {table} WHERE {columns[0]} BETWEEN {span[0]} AND {span[1]} ORDER BY {order}"
    rows: list[tuple[Any, ...]] = canonical.driver(connection).execute(query).fetchall()
    return rows


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _sections(extraction_id: int, content: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[Problem]:
    for expected, (_, position, heading, parent, start, text, end) in enumerate(rows):
        wrong = None
        if position != expected:
            wrong = f"has number {position}, {expected} was next"
        elif not 0 <= start <= text <= end <= len(content):
            wrong = f"points outside its text of {len(content)} characters"
        elif not _begins(content[start:text], heading):
            wrong = "does not begin with its heading"
        elif parent is not None and not (
            0 <= parent < position and rows[parent][4] <= start and end <= rows[parent][6]
        ):
            wrong = f"does not lie in section {parent}, which it names"
        if wrong is not None:
            yield _problem(extraction_id, "section", position, f"section {position} {wrong}")
            if position != expected:
                return  # the positions after it say nothing more


def _figures(extraction_id: int, content: str, rows: Sequence[tuple[Any, ...]]) -> Iterator[Problem]:
    for expected, (_, position, value, start, end, sentence_start, sentence_end) in enumerate(rows):
        wrong = None
        if position != expected:
            wrong = f"has number {position}, {expected} was next"
        elif not 0 <= sentence_start <= start < end <= sentence_end <= len(content):
            wrong = f"does not lie in its sentence and its text of {len(content)} characters"
        elif value and not _NUMERAL.search(_bare(content[start:end])):
            wrong = "points at words without a number"  # nought may stand as 无 or 没有
        if wrong is not None:
            yield _problem(extraction_id, "figure", position, f"figure {position} {wrong}")
            if position != expected:
                return


def _begins(words: str, heading: str) -> bool:
    return heading in words or _bare(heading) in _bare(words)


def _bare(words: str) -> str:
    """Words in one form: full-width or not, spaces or not."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", words))


def _problem(extraction_id: int, table: str, position: int | None, what: str) -> Problem:
    key = str(extraction_id) if position is None else f"{extraction_id}/{position}"
    return Problem(
        sort=Sort.OFFSET,
        what=f"reading {extraction_id}: {what}",
        table=table,
        key=key,
        extraction=extraction_id,
    )
