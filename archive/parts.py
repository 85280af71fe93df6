"""Sections and figures of a reading: kept beside it, found again by version or over all reports.

They belong to the reading (extraction) that found them, not to the text: another extractor
version finds others in the same text. Their offsets count characters of the text **as it is kept**
under the reading's digest, whichever reading brought it there.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema, views
from archive.alignment import aligned
from archive.findings import Figure, ReportFigure, Section
from archive.records import ExtractionRecord
from archive.text import clean


def keep(connection: Connection, extraction_id: int, reading: ExtractionRecord, text_sha256: str) -> None:
    """Keeps the sections and figures of a reading just kept, with offsets into the text as kept."""
    if not reading.sections and not reading.figures:
        return
    kept = connection.execute(_CONTENT, {"sha256": text_sha256}).scalar_one()
    begin, end = aligned(clean(reading.text), kept)
    sections = [
        {
            "extraction_id": extraction_id,
            "position": position,
            "parts": found.parts,
            "number": found.number,
            "heading": found.heading,
            "level": found.level,
            "thematic": found.thematic,
            "parent": found.parent,
            "start_offset": begin(found.start),
            "text_offset": end(found.text_start),
            "end_offset": end(found.end),
        }
        for position, found in enumerate(reading.sections)
    ]
    figures = [
        {
            "extraction_id": extraction_id,
            "position": position,
            "measure": found.measure,
            "label": found.label,
            "value": found.value,
            "unit": found.unit,
            "qualifier": found.qualifier,
            "scope": found.scope,
            "named_year": found.named_year,
            "within": found.within,
            "parts": found.parts,
            "start_offset": begin(found.start),
            "end_offset": end(found.end),
            "sentence_start": begin(found.sentence_start),
            "sentence_end": end(found.sentence_end),
        }
        for position, found in enumerate(reading.figures)
    ]
    if sections:
        connection.execute(_KEEP_SECTIONS, sections)
    if figures:
        connection.execute(_KEEP_FIGURES, figures)


def sections(connection: Connection, version_id: sa.ScalarSelect[Any]) -> list[Section]:
    """The sections of a version's text, in its order."""
    rows = connection.execute(_SECTIONS.where(_v.id == version_id)).mappings()
    return [Section(**row) for row in rows]


def figures(connection: Connection, version_id: sa.ScalarSelect[Any]) -> list[Figure]:
    """The figures of a version's text, in its order."""
    rows = connection.execute(_FIGURES.where(_v.id == version_id)).mappings()
    return [Figure(**row) for row in rows]


def report_figures(
    connection: Connection, *, year: int | None, measure: str | None, portal: str | None
) -> list[ReportFigure]:
    """Figures of the current versions of all reports, by the filters of ``Archive.all_figures``."""
    view = views.report_figures.c
    query = sa.select(views.report_figures).order_by(view.year.desc(), view.report_id, view.position)
    if year is not None:
        query = query.where(view.year == year)
    if measure is not None:
        query = query.where(view.measure == measure)
    if portal is not None:
        of_portal = sa.select(schema.report.c.id).join(schema.portal).where(schema.portal.c.key == portal)
        query = query.where(view.report_id.in_(of_portal))
    return [ReportFigure(**row) for row in connection.execute(query).mappings()]


def version_id(document_id: int, number: int | None) -> sa.ScalarSelect[Any]:
    """Selects a version of a document, the newest if no number is given."""
    row = schema.version.alias("wanted").c
    query = sa.select(row.id).where(row.document_id == document_id).order_by(row.number.desc()).limit(1)
    return (query if number is None else query.where(row.number == number)).scalar_subquery()


_s, _f, _v, _t = schema.section.c, schema.figure.c, schema.version.c, schema.text_.c
_CONTENT = sa.select(_t.content).where(_t.sha256 == sa.bindparam("sha256"))
_KEEP_SECTIONS = schema.section.insert()
_KEEP_FIGURES = schema.figure.insert()
_SECTIONS = (
    sa.select(
        _v.document_id,
        _v.number.label("version"),
        _s.position,
        _s.parts,
        _s.number,
        _s.heading,
        _s.level,
        _s.thematic,
        _s.parent,
        _s.start_offset,
        _s.text_offset,
        _s.end_offset,
        sa.func.substr(_t.content, _s.start_offset + 1, _s.end_offset - _s.start_offset).label("text"),
    )
    .join(schema.version, _v.extraction_id == _s.extraction_id)
    .join(schema.text_, _t.sha256 == _v.text_sha256)
    .order_by(_s.position)
)
_FIGURES = (
    sa.select(
        _v.document_id,
        _v.number.label("version"),
        _f.position,
        _f.measure,
        _f.label,
        _f.value,
        _f.unit,
        _f.qualifier,
        _f.scope,
        _f.named_year,
        _f.within,
        _f.parts,
        _f.start_offset,
        _f.end_offset,
        sa.func.substr(_t.content, _f.sentence_start + 1, _f.sentence_end - _f.sentence_start).label(
            "sentence"
        ),
    )
    .join(schema.version, _v.extraction_id == _f.extraction_id)
    .join(schema.text_, _t.sha256 == _v.text_sha256)
    .order_by(_f.position)
)
