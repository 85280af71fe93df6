"""An engine that sees what it is told: our own part of OCR, tested without the models."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from crawler.extract.documents.ocr_model import Picture, Point, Seen, Sight

SIZE = 33.0
"""Pixels of 16 points at 150 dpi."""
LEFT = 170.0


def seen(
    text: str,
    x: float,
    y: float,
    *,
    size: float = SIZE,
    confidence: float = 0.9,
    slant: float = 0.0,
    about: Point = (620.0, 877.0),
) -> Seen:
    """A line whose box begins at (x, y), turned with its page by so many degrees."""
    width = sum(1.0 if ord(c) > 0x2000 else 0.5 for c in text) * size
    angle = math.radians(slant)

    def turned(at: Point) -> Point:
        dx, dy = at[0] - about[0], at[1] - about[1]
        return (
            about[0] + dx * math.cos(angle) - dy * math.sin(angle),
            about[1] + dx * math.sin(angle) + dy * math.cos(angle),
        )

    a, b, c, d = (turned(at) for at in ((x, y), (x + width, y), (x + width, y + size), (x, y + size)))
    return Seen(text=text, corners=(a, b, c, d), confidence=confidence)


def page(paragraphs: Sequence[str], *, slant: float = 0.0, measure: int = 26) -> Sight:
    """Paragraphs in lines, as they stand on a page of A4 at 150 dpi."""
    lines = []
    y = 220.0
    for paragraph in paragraphs:
        at, room = 0, measure - 2
        while at < len(paragraph):
            piece = paragraph[at : at + room]
            lines.append(seen(piece, LEFT + (2 * SIZE if at == 0 else 0), y, slant=slant))
            at, room = at + room, measure
            y += 58
    return Sight(width=1240, height=1754, lines=tuple(lines))


class Scripted:
    """Gives one answer after another; the last one again when they are used up."""

    name = "scripted"
    version = "7"

    def __init__(self, *answers: Sight | Callable[[Picture], Sight]) -> None:
        self.answers = answers
        self.pictures: list[Picture] = []

    def look(self, picture: Picture) -> Sight:
        answer = self.answers[min(len(self.pictures), len(self.answers) - 1)]
        self.pictures.append(picture)
        return answer(picture) if callable(answer) else answer
