"""Scans to text: the pages without a text layer are looked at, all others stay as they are read without it.

Pure as the rest of this package: bytes in, a text out, and how sure the engine was of it. The caller keeps it in a
process of its own: the models take about 1 GB and several seconds a page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.extract.documents import flow, kinds, lines, ocr_packages, ocr_pdf
from crawler.extract.documents.door import VERSION as DOCUMENTS_VERSION
from crawler.extract.documents.model import DEFAULT, DocumentReading, Fault, Limits, Unreadable
from crawler.extract.documents.ocr_look import Looker
from crawler.extract.documents.ocr_model import Engine, OcrLimits
from crawler.extract.documents.ocr_pictures import pages_of
from crawler.extract.documents.package import Package, label

VERSION = "1"
"""Raised when the same picture gives another text though the engine is the same."""


@dataclass(frozen=True, kw_only=True)
class OcrReading:
    """What OCR made of a file."""

    text: str
    """The whole file's: digital pages and scanned ones in their order."""
    engine: str
    version: str
    dpi: int
    """The lowest at which a page was looked at."""
    confidence: float
    """Mean over the characters read by OCR; 0 if there were none."""
    pages: Mapping[str, float | None]
    """The same for each page; None for one without writing."""

    def as_json(self) -> dict[str, Any]:
        """For the quality of an extraction."""
        return {
            "engine": self.engine,
            "version": self.version,
            "dpi": self.dpi,
            "mean_confidence": self.confidence,
            "pages": dict(self.pages),
        }


def version_of(engine: str, version: str) -> str:
    """The version of an extraction by OCR: another engine reads other texts from the same bytes."""
    return f"{DOCUMENTS_VERSION}+ocr{VERSION}-{engine}-{version}"


def wanted(reading: DocumentReading) -> bool:
    """Whether a file has pages that only OCR can read; a damaged file stays what it is."""
    return reading.scanned_pages > 0 and reading.fault is None


def read(
    body: bytes,
    reading: DocumentReading,
    engine: Engine,
    *,
    limits: OcrLimits | None = None,
    on_page: Callable[[], object] = lambda: None,
    inner: Limits = DEFAULT,
) -> OcrReading:
    """Reads the scanned pages of a file.

    Args:
        body: The file.
        reading: What was read of it without OCR.
        engine: Reads the pictures.
        limits: How far to go.
        on_page: Called before each page.
        inner: Limits of reading what holds the pictures.

    Raises:
        Unreadable: too many pages, too slow, or a picture that cannot be drawn. No part of the text is given then.
    """
    limits = limits or OcrLimits()
    if reading.scanned_pages > limits.pages:
        raise Unreadable(
            Fault.TOO_LARGE, f"{reading.scanned_pages} scanned pages, more than {limits.pages} are not read"
        )
    looker = Looker(engine, limits, inner, on_page)
    text = _text(body, reading, "", looker)
    return OcrReading(
        text=text,
        engine=engine.name,
        version=engine.version,
        dpi=looker.dpi,
        confidence=looker.confidence,
        pages=looker.pages,
    )


def _text(body: bytes, reading: DocumentReading, named: str, looker: Looker) -> str:
    if reading.members:
        return _archive(body, reading, named, looker)
    if not wanted(reading):
        return reading.text
    match reading.kind:
        case kinds.PDF:
            return ocr_pdf.text_of(body, named, looker)
        case kinds.OFD:
            return ocr_packages.ofd_text(body, named, looker)
        case kinds.DOCX:
            return ocr_packages.docx_text(body, reading.text, named, looker)
        case kinds.IMAGE:
            pages = pages_of(body, pixels=looker.limits.pixels, pages=looker.limits.pages)
            return flow.text_of([looker.look(f"{named}{at}", page) for at, page in enumerate(pages, 1)])
    raise Unreadable(Fault.UNREADABLE, f"pictures within a {reading.kind} file")


def _archive(body: bytes, reading: DocumentReading, named: str, looker: Looker) -> str:
    """The members' texts in their order; names may repeat, so members are matched one after another."""
    out = []
    with Package(body, looker.budget) as package:
        entries = iter(package.entries)
        for member in reading.members:
            if not (member.scanned_pages and member.fault is None):
                out.append(member.text)
                continue
            entry = next((entry for entry in entries if label(entry) == member.name), None)
            if entry is None:
                raise Unreadable(Fault.DAMAGED, f"its member {(member.name or '')[:80]} is missing")
            inner = package.inflate(entry, looker.budget.limits.bytes)
            out.append(_text(inner, member, f"{named}{member.name}:", looker))
    return lines.joined(out)


def warned(warnings: tuple[str, ...], seen: OcrReading) -> tuple[str, ...]:
    """The warnings of a reading once OCR has read its pictures."""
    kept = tuple(warning for warning in warnings if not warning.endswith("writing was not read"))
    confidence = math.floor(seen.confidence * 100) / 100  # never rounded up to certainty
    return (*kept, f"text was read by OCR, mean confidence {confidence:.2f}")


Eyes = Callable[[bytes, DocumentReading], OcrReading]
"""Whoever reads the scanned pages of a file: `read` with an engine."""
