"""Sections and figures point into their texts: inside it, in order, and at the words they name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema
from archive.verify_content import Checked, redacted
from archive.verify_findings import Problem, Sort

READINGS = 500
"""Extractions looked at in one piece."""

_SPACE = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")
_NUMERAL = re.compile(r"[0-9〇零一二两三四五六七八九十百千万亿半几数多余]")

_e, _t, _s, _f = schema.extraction.c, schema.text_.c, schema.section.c, schema.figure.c


def spans(connection: Connection) -> list[tuple[int, int]]:
    """Cuts the extractions into pieces by their numbers."""
    low, high, rows = connection.execute(
        sa.select(sa.func.min(_e.id), sa.func.max(_e.id), sa.func.count())
    ).one()
    if not rows:
        return []
    step = max(READINGS, -(-(high - low + 1) * READINGS // rows))
    return [(first, min(first + step - 1, high)) for first in range(low, high + 1, step)]


def check(connection: Connection, span: tuple[int, int], checked: Checked) -> Iterator[Problem]:
    """Checks the sections and figures of the extractions in a span of numbers."""
    within = _e.id.between(*span)
    hidden = redacted(connection, "text")
    sections = _grouped(connection, sa.select(schema.section).where(_s.extraction_id.between(*span)), _s)
    figures = _grouped(connection, sa.select(schema.figure).where(_f.extraction_id.between(*span)), _f)
    query = sa.select(_e.id, _e.text_sha256, _t.content).join(
        schema.text_, _t.sha256 == _e.text_sha256, isouter=True
    )
    for row in connection.execute(query.where(within).order_by(_e.id)):
        checked.rows += 1
        mine, counted = sections.pop(row.id, ()), figures.pop(row.id, ())
        if not (mine or counted) or row.text_sha256 in hidden:
            continue
        if row.content is None:
            yield _problem(row.id, "section", None, "sections or figures of a reading without a text")
            continue
        yield from _sections(row.id, row.content, mine)
        yield from _figures(row.id, row.content, counted)
    for extraction_id in {*sections, *figures}:
        yield _problem(extraction_id, "section", None, "sections or figures of a reading that is not there")


def _grouped(connection: Connection, query: Any, columns: Any) -> dict[int, list[Any]]:  # noqa: ANN401
    found: dict[int, list[Any]] = {}
    for row in connection.execute(query.order_by(columns.extraction_id, columns.position)):
        found.setdefault(row.extraction_id, []).append(row)
    return found


def _sections(extraction_id: int, content: str, rows: Sequence[Any]) -> Iterator[Problem]:
    for expected, row in enumerate(rows):
        wrong = None
        if row.position != expected:
            wrong = f"has number {row.position}, {expected} was next"
        elif not 0 <= row.start_offset <= row.text_offset <= row.end_offset <= len(content):
            wrong = f"points outside its text of {len(content)} characters"
        elif _bare(row.heading) not in _bare(content[row.start_offset : row.text_offset]):
            wrong = "does not begin with its heading"
        elif row.parent is not None and not (
            0 <= row.parent < row.position
            and rows[row.parent].start_offset <= row.start_offset
            and row.end_offset <= rows[row.parent].end_offset
        ):
            wrong = f"does not lie in section {row.parent}, which it names"
        if wrong is not None:
            yield _problem(extraction_id, "section", row.position, f"section {row.position} {wrong}")
            if row.position != expected:
                return  # the positions after it say nothing more


def _figures(extraction_id: int, content: str, rows: Sequence[Any]) -> Iterator[Problem]:
    for expected, row in enumerate(rows):
        wrong = None
        if row.position != expected:
            wrong = f"has number {row.position}, {expected} was next"
        elif not (
            0 <= row.sentence_start <= row.start_offset < row.end_offset <= row.sentence_end <= len(content)
        ):
            wrong = f"does not lie in its sentence and its text of {len(content)} characters"
        elif row.value and not _NUMERAL.search(_bare(content[row.start_offset : row.end_offset])):
            wrong = "points at words without a number"  # nought may stand as 无 or 没有
        if wrong is not None:
            yield _problem(extraction_id, "figure", row.position, f"figure {row.position} {wrong}")
            if row.position != expected:
                return


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
