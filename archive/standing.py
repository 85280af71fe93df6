"""Values that the steps of one recording hand on: a reading, where it comes from, what stands there after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive.records import Event, ExtractionRecord


@dataclass(frozen=True, slots=True)
class Place:
    """The URL a reading came from."""

    frontier_id: int
    url: str
    title: str | None
    kind: str
    seen: datetime
    """When the bytes were fetched."""
    observed: bool
    """False: bytes kept earlier are read again; that shows nothing about the URL of today."""
    document_id: int | None
    report_id: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at a URL after a reading."""

    event: Event
    document_id: int | None = None
    report_id: int | None = None
    version: int | None = None
    reason: str | None = None
    """Why the reading was set aside: it waits in quarantine, or a person refused it."""
    again: bool = False
    """The page is to be fetched once more in this run before anything is made of it."""


@dataclass(frozen=True, slots=True)
class Read:
    """A reading as it is kept."""

    extraction_id: int
    fresh: bool
    """False: the same extractor version read the same from these bytes before."""
    reading: ExtractionRecord
    text_sha256: str
