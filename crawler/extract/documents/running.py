"""Headers, footers and page numbers: what stands on every page and belongs to none."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from crawler.extract.documents.marks import Line

_ZONE = 0.13
"""The part of a sheet above and below in which it stands: the margin of an official paper is 37 mm of 297."""
_EDGE = 2
"""Lines looked at from each edge."""
_SHARE = 0.3
"""Of the pages: headers may differ between even and odd pages, and the first has none."""
_LONG = 60
_NUMBER = re.compile(
    r"^[\-–—―─_·•.~|\s]*"
    r"(?:第\s*)?(?:page\s*)?(?:\d{1,3}|[ivx]{1,6}|[一二三四五六七八九十百]{1,4}(?=\s*页))\s*页?"
    r"(?:\s*(?:[/,，|]\s*共?|共|of)\s*\d{1,3}\s*页?)?"
    r"[\-–—―─_·•.~|\s]*$",
    re.I,
)
_DIGITS = re.compile(r"\d+")


def without(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[list[Line]]:
    """The pages without what runs through them."""
    repeated = _repeated(pages, heights)
    out = []
    for page, height in zip(pages, heights, strict=True):
        edges = _edges(page, height)
        dropped = {
            id(line)
            for line, at_end in edges
            if _key(line, at_end=at_end) in repeated or _numbers(line, page)
        }
        out.append([line for line in page if id(line) not in dropped])
    return out


def _edges(page: Sequence[Line], height: float) -> list[tuple[Line, bool]]:
    flowing = [line for line in page if not line.row]
    top = [(line, False) for line in flowing[:_EDGE] if line.middle < _ZONE * height]
    foot = [(line, True) for line in flowing[-_EDGE:] if line.middle > (1 - _ZONE) * height]
    return top + foot


def _numbers(line: Line, page: Sequence[Line]) -> bool:
    """A page number: the outermost line of the page, or the last but one (under it a footer may stand)."""
    flowing = [other for other in page if not other.row]
    outermost = line in flowing[:_EDGE] or line in flowing[-_EDGE:]
    return outermost and bool(_NUMBER.match(unicodedata.normalize("NFKC", line.text)))


def _key(line: Line, *, at_end: bool) -> tuple[str, bool, int] | None:
    text = _DIGITS.sub("#", line.text)
    return (text, at_end, round(line.middle / 6)) if len(text) <= _LONG else None


def _repeated(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> set[tuple[str, bool, int] | None]:
    seen: Counter[tuple[str, bool, int]] = Counter()
    for page, height in zip(pages, heights, strict=True):
        keys = {
            key for line, at_end in _edges(page, height) if (key := _key(line, at_end=at_end)) is not None
        }
        seen.update(keys)
    enough = max(2, _SHARE * len(pages))
    return {key for key, count in seen.items() if count >= enough}
