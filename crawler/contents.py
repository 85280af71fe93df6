"""What stands in a report's text, as the archive keeps it: its standard parts and its counted facts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from archive.records import FigureRecord, SectionRecord
from crawler.extract import figures, sections
from crawler.extract.figures import Figure
from crawler.extract.sections import Section

LARGEST_FIGURE = Decimal(10) ** 15
"""Longer numbers are noise (reports print 12 digits with 万 at the most), and no database keeps them exactly."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The fields of ``ExtractionRecord`` that tell what stands in a text."""

    sections: tuple[SectionRecord, ...] = ()
    figures: tuple[FigureRecord, ...] = ()
    missing_parts: tuple[int, ...] | None = None
    """None: nobody looked for parts."""


def find(text: str) -> Contents:
    """Finds the parts of a report and its counted facts; never raises."""
    seen = sections.find(text)
    return Contents(
        sections=tuple(_section(section) for section in seen.sections),
        figures=tuple(
            _figure(figure)
            for figure in figures.find(text, seen.sections)
            if abs(figure.value) < LARGEST_FIGURE
        ),
        missing_parts=seen.missing,
    )


def _section(section: Section) -> SectionRecord:
    return SectionRecord(
        parts=section.parts,
        heading=section.heading,
        number=section.number,
        level=section.level,
        start=section.start,
        text_start=section.text_start,
        end=section.end,
        parent=section.parent,
        thematic=section.thematic,
    )


def _figure(figure: Figure) -> FigureRecord:
    return FigureRecord(
        measure=figure.measure,
        label=figure.label,
        value=figure.value,
        unit=figure.unit,
        qualifier=figure.qualifier,
        scope=figure.scope,
        named_year=figure.named_year,
        within=figure.within,
        parts=figure.parts,
        start=figure.start,
        end=figure.end,
        sentence_start=figure.sentence_start,
        sentence_end=figure.sentence_end,
    )
