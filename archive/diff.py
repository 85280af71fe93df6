"""What changed between two Chinese texts: paragraphs first, then characters inside them.

Characters are compared one by one, numbers and Latin words as wholes: 2023 → 2024 is one
replacement, not "202" kept and a digit changed. Small islands of equal characters between two
changes are drawn into them, since 依[-法-]{+章+}行[-政-]{+事+} is harder to read than the whole words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

LARGEST_TABLE = 400_000_000
"""Cells (bits) of the comparison table; beyond it (50 MB) a passage counts as replaced whole."""

LARGEST_PAIRING = 2_500
"""Pairs of paragraphs looked at when a run of paragraphs was replaced; beyond it they pair up in order."""

ALIKE = 50.0
"""Per cent of equal characters from which two paragraphs are versions of each other."""

LARGEST_ISLAND = 4
"""Characters. A kept stretch up to so long is drawn in if the changes around it are twice as long; a
single character always: most Chinese words have two, and 会议 between two changes is worth seeing."""

HEAD = 5_000
"""Characters by which very long paragraphs are judged alike."""

_TOKEN = re.compile(r"[0-9A-Za-z]+(?:[.,][0-9]+)*[%％]?|.", re.DOTALL)


class Op(StrEnum):
    """What happened to a span."""

    KEEP = "keep"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text with one fate."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph (line) of the old text, of the new text, or of both."""

    spans: tuple[Span, ...]
    in_old: bool
    in_new: bool

    @property
    def changed(self) -> bool:
        """False: it stands in both texts, word for word."""
        return not (self.in_old and self.in_new) or any(span.op is not Op.KEEP for span in self.spans)

    @property
    def old(self) -> str:
        """Its old wording."""
        return "".join(span.text for span in self.spans if span.op is not Op.INSERT)

    @property
    def new(self) -> str:
        """Its new wording."""
        return "".join(span.text for span in self.spans if span.op is not Op.DELETE)


def compare(old: str, new: str) -> tuple[Paragraph, ...]:
    """The paragraphs of both texts in reading order; from them both texts can be rebuilt."""
    before, after = old.split("\n"), new.split("\n")
    paragraphs: list[Paragraph] = []
    for left, right in _blocks(before, after):
        if left == right:
            paragraphs += [Paragraph((Span(Op.KEEP, line),), in_old=True, in_new=True) for line in left]
        else:
            paragraphs += _pair(left, right)
    return tuple(paragraphs)


def _blocks(before: list[str], after: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Equal runs and, between them, what was replaced by what."""
    if len(before) * len(after) > LARGEST_TABLE:
        yield before, after
        return
    done_before = done_after = 0
    for code in Indel.opcodes(before, after):
        if code.tag != "equal":
            continue
        if done_before < code.src_start or done_after < code.dest_start:
            yield before[done_before : code.src_start], after[done_after : code.dest_start]
        yield before[code.src_start : code.src_end], after[code.dest_start : code.dest_end]
        done_before, done_after = code.src_end, code.dest_end
    if done_before < len(before) or done_after < len(after):
        yield before[done_before:], after[done_after:]


def _pair(left: list[str], right: list[str]) -> Iterator[Paragraph]:
    """Pairs the paragraphs of a replaced run, in order, so that their likeness is greatest."""
    at_left = at_right = 0
    for i, j in [*_matches(left, right), (len(left), len(right))]:
        yield from (
            Paragraph((Span(Op.DELETE, line),), in_old=True, in_new=False) for line in left[at_left:i]
        )
        yield from (
            Paragraph((Span(Op.INSERT, line),), in_old=False, in_new=True) for line in right[at_right:j]
        )
        if i < len(left):
            yield Paragraph(spans(left[i], right[j]), in_old=True, in_new=True)
        at_left, at_right = i + 1, j + 1


def _matches(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    characters = sum(map(len, left)) * sum(map(len, right))
    if len(left) * len(right) > LARGEST_PAIRING or characters > LARGEST_TABLE:
        return [
            (i, i)
            for i in range(min(len(left), len(right)))
            if fuzz.ratio(left[i][:HEAD], right[i][:HEAD]) >= ALIKE
        ]
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    alike = [[fuzz.ratio(old, new, score_cutoff=ALIKE) for new in right] for old in left]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            together = alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], together)
    matches = []
    i = j = 0
    while i < len(left) and j < len(right):
        if alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            matches.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return matches


def spans(old: str, new: str) -> tuple[Span, ...]:
    """Character-level differences of two wordings."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(before) * len(after) > LARGEST_TABLE:
        return _written([("", old, new)], "")
    edits: list[tuple[str, str, str]] = []
    kept = deleted = inserted = ""
    for code in Indel.opcodes(before, after):
        gone, come = before[code.src_start : code.src_end], after[code.dest_start : code.dest_end]
        if code.tag == "equal":
            if deleted or inserted:
                edits.append((kept, deleted, inserted))
                kept = deleted = inserted = ""
            kept += "".join(gone)
        else:
            deleted += "".join(gone)
            inserted += "".join(come)
    if deleted or inserted:
        edits.append((kept, deleted, inserted))
        kept = ""
    return _written(_without_islands(edits), kept)


def _without_islands(edits: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Draws kept stretches that are shorter than the changes around them into one change."""
    joined: list[tuple[str, str, str]] = []
    for kept, deleted, inserted in edits:
        if joined:
            before_kept, before_deleted, before_inserted = joined[-1]
            around = min(
                max(len(before_deleted), len(before_inserted)),
                max(len(deleted), len(inserted)),
                2 * LARGEST_ISLAND,
            )
            if len(kept) == 1 or 2 * len(kept) <= around:
                joined[-1] = (before_kept, before_deleted + kept + deleted, before_inserted + kept + inserted)
                continue
        joined.append((kept, deleted, inserted))
    return joined


def _written(edits: Sequence[tuple[str, str, str]], rest: str) -> tuple[Span, ...]:
    written = [
        Span(op, text)
        for kept, deleted, inserted in edits
        for op, text in ((Op.KEEP, kept), (Op.DELETE, deleted), (Op.INSERT, inserted))
        if text
    ]
    return tuple([*written, Span(Op.KEEP, rest)] if rest or not written else written)


@dataclass(frozen=True, slots=True)
class Fold:
    """A run of unchanged paragraphs that is not shown."""

    paragraphs: int


def folded(paragraphs: Sequence[Paragraph], context: int = 1) -> Iterator[Paragraph | Fold]:
    """The changed paragraphs with ``context`` unchanged ones around each; the rest as folds."""
    near = {
        place + offset
        for place, paragraph in enumerate(paragraphs)
        if paragraph.changed
        for offset in range(-context, context + 1)
    }
    shown = [-1, *sorted(place for place in near if 0 <= place < len(paragraphs)), len(paragraphs)]
    for before, place in pairwise(shown):
        if place - before > 1:
            yield Fold(place - before - 1)
        if place < len(paragraphs):
            yield paragraphs[place]
