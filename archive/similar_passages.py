"""The passages that two texts share, word for word, with the places where they stand in each.

Compared are the characters in compatibility form without white space, as in the shingles; places
are counted in the texts as they are kept. Found is a cover, not an optimum: at every place of the
first text the longest passage of the second that begins there, or up to ``LEAST`` characters
further on if that one is longer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from archive.shingles import clause_hash, clauses
from archive.text import is_folded

LEAST = 20
"""Characters of the shortest passage: names of laws and of campaigns alone are not copied text."""

_PLACES = 64
"""Places of the second text looked at for one beginning: text that repeats itself would have thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of characters that stands in both texts."""

    start: int
    """In characters of the first text as kept."""
    end: int
    other_start: int
    """The same in the second."""
    other_end: int
    characters: int
    """Without white space."""
    boilerplate: float
    """Share of it in clauses that stand in many reports; see ``archive.similar.boilerplate``."""
    text: str
    """As it stands in the first text."""


def shared(one: str, other: str, boilerplate: Collection[int] = (), *, least: int = LEAST) -> list[Passage]:
    """The passages of at least ``least`` characters that stand in both texts, in the first one's order.

    Args:
        one: the first text.
        other: the second.
        boilerplate: hashes of the clauses known to stand in many reports.
        least: characters of the shortest passage.
    """
    here, there = _folded(one), _folded(other)
    known = [(start, end) for start, end, words in clauses(one) if clause_hash(words) in boilerplate]
    return [
        Passage(
            start=here.begins[place],
            end=here.ends[place + length - 1],
            other_start=there.begins[twin],
            other_end=there.ends[twin + length - 1],
            characters=length,
            boilerplate=_share(here.begins[place], here.ends[place + length - 1], known),
            text=one[here.begins[place] : here.ends[place + length - 1]],
        )
        for place, twin, length in _matches(here.text, there.text, least)
    ]


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text as it is compared, and for each of its characters where it stands in the text as kept."""

    text: str
    begins: list[int]
    ends: list[int]


def _folded(text: str) -> _Folded:
    pieces: list[str] = []
    begins: list[int] = []
    for place, char in enumerate(text):
        folded = _fold(char)
        pieces.append(folded)
        begins.extend([place] * len(folded))
    return _Folded("".join(pieces), begins, [place + 1 for place in begins])


@lru_cache(maxsize=20_000)
def _fold(char: str) -> str:
    return "".join(piece for piece in unicodedata.normalize("NFKC", char) if not is_folded(piece))


def _matches(one: str, other: str, least: int) -> Iterator[tuple[int, int, int]]:
    """Place in one, place in other, length."""
    beginnings: dict[str, list[int]] = {}
    for place in range(len(other) - least + 1):
        places = beginnings.setdefault(other[place : place + least], [])
        if len(places) < _PLACES:
            places.append(place)

    def longest(place: int) -> tuple[int, int]:
        twins = beginnings.get(one[place : place + least], ())
        return max(((_common(one, place, other, twin), -twin) for twin in twins), default=(0, 0))

    place = 0
    while place <= len(one) - least:
        length, twin = longest(place)
        if not length:
            place += 1
            continue
        best = (length, twin, place)
        for later in range(place + 1, min(place + least, len(one) - least + 1)):
            length, twin = longest(later)
            if length > best[0]:
                best = (length, twin, later)
        length, twin, place = best
        yield place, -twin, length
        place += length


def _common(one: str, place: int, other: str, twin: int) -> int:
    """How many characters from two places on are the same."""
    most = min(len(one) - place, len(other) - twin)
    good, step = 0, 64
    while good < most and one[place + good : place + good + step] == other[twin + good : twin + good + step]:
        good, step = min(good + step, most), step * 2
    while step > 1:
        step //= 2
        if good + step <= most and one.startswith(other[twin + good : twin + good + step], place + good):
            good += step
    return good


def _share(start: int, end: int, known: Collection[tuple[int, int]]) -> float:
    covered = sum(max(0, min(end, last) - max(start, first)) for first, last in known)
    return covered / (end - start)
