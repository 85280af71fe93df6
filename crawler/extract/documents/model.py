"""What reading a document yields, what can be wrong with it, and how far a reader goes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Why a document gave no text, or not all of it."""

    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    EMPTY = "empty"
    UNREADABLE = "unreadable format"
    TOO_LARGE = "too large"
    BOMB = "bomb"
    NO_DOCUMENT = "not a document"


class Unreadable(Exception):
    """Raised by the readers; the door turns it into a typed result.

    Args:
        fault: What is wrong.
        detail: The particular, in a few words.
    """

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault}: {detail}" if detail else str(fault))
        self.fault = fault


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How far a reader goes. A report is 3 to 40 pages, its file 20 KB to 20 MB."""

    bytes: int = 50 * 1024 * 1024
    """Size of the file; the crawl downloads no more."""
    unpacked: int = 256 * 1024 * 1024
    """Everything inflated out of one file, members of archives included; a PDF may carry five whole Chinese fonts."""
    part: int = 32 * 1024 * 1024
    """One part of a package, or one stream of a PDF that is no picture; the largest Chinese fonts have 24 MB."""
    ratio: int = 200
    """Inflated size of a part of more than a megabyte against its packed size; XML of offices stays below 60."""
    members: int = 2_000
    """Entries of a zip file."""
    depth: int = 3
    """Archives within archives."""
    pages: int = 1_000
    """Pages read; the rest is refused."""
    marks: int = 200_000
    """Characters and rules on one page; a dense page has 3,000."""
    cells: int = 500_000
    """Cells of the sheets of one workbook."""
    text: int = 10_000_000
    """Characters of text."""
    seconds: float = 7.0
    """Time for one file with all its members, looked at between pages and parts."""


DEFAULT = Limits()


class Budget:
    """What is left of the limits while one file is read; shared by everything inside it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._unpacked = 0
        self._deadline = time.monotonic() + limits.seconds

    def unpack(self, size: int, what: str) -> None:
        """Counts inflated bytes.

        Raises:
            Unreadable: more than the file may inflate to.
        """
        self._unpacked += size
        if self._unpacked > self.limits.unpacked:
            raise Unreadable(Fault.BOMB, f"inflates to more than {self.limits.unpacked} bytes at {what}")
        self.tick()

    def tick(self) -> None:
        """Looks at the clock.

        Raises:
            Unreadable: the time is up.
        """
        if time.monotonic() > self._deadline:
            raise Unreadable(Fault.TOO_LARGE, f"not read within {self.limits.seconds:g} s")


@dataclass(frozen=True, kw_only=True)
class Content:
    """What one reader found."""

    text: str
    pages: int | None = None
    scanned_pages: int = 0
    warnings: tuple[str, ...] = ()
    fault: Fault | None = None
    """Set where the text is only a part of the document's."""
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class DocumentReading:
    """One reading of one file."""

    kind: str
    """The real type, by the bytes: ``pdf``, ``docx``, ``doc`` …; see `crawler.extract.documents.kinds`."""
    declared: str | None
    """The type its Content-Type names."""
    name_kind: str | None
    """The type its name ends in."""
    name: str | None
    """The name as given; for a member of a zip its path there: a label, never a path to write to."""
    text: str
    """One paragraph a line, cells of a table row joined by tabs."""
    pages: int | None
    """None for formats without fixed pages."""
    scanned_pages: int
    """Pages whose writing stands only in a picture."""
    warnings: tuple[str, ...]
    fault: Fault | None
    error: str | None
    """The fault with its particulars; there may be some text all the same, but it is not whole."""
    members: tuple[DocumentReading, ...]
    """For a zip file: its files, in the order they stand there."""

    @property
    def form(self) -> str:
        """``digital``, ``scanned``, ``mixed`` or ``none``."""
        if self.scanned_pages and self.text.strip():
            return "mixed"
        if self.scanned_pages:
            return "scanned"
        return "digital" if self.text.strip() else "none"
