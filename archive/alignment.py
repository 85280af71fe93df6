"""Places in one text found again in another that is the same text by digest.

Texts are kept once per digest, as read first; a later reading of the same text may be set
otherwise (other indents, full-width digits). Its offsets are then moved to the text that is
kept. Whatever normalisation folds leaves one count alone: how many characters with words in
them stand before a place, in compatibility decomposition. NFKD works on one character at a
time (canonical ordering only swaps neighbours), so the count of a text is the sum over its
characters; equal digests mean equal counts at every place.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate

from archive.text import is_folded


@lru_cache(maxsize=20_000)
def _weight(char: str) -> int:
    return sum(not is_folded(piece) for piece in unicodedata.normalize("NFKD", char))


def _counts(text: str) -> list[int]:
    """For every place of the text how many characters that are never folded away stand before it."""
    return list(accumulate(map(_weight, text), initial=0))


def aligned(own: str, kept: str) -> tuple[Callable[[int], int], Callable[[int], int]]:
    """How to move places from one text to another of the same digest.

    Args:
        own: the text in which the offsets were counted.
        kept: the text to which they shall point.

    Returns:
        Two functions, for offsets at which something begins (the next character is what counts)
        and behind which it ends (the one before).
    """
    if own == kept:
        return (lambda offset: offset), (lambda offset: offset)
    before, here = _counts(own), _counts(kept)

    def begin(offset: int) -> int:
        return bisect_right(here, before[offset]) - 1

    def end(offset: int) -> int:
        return bisect_left(here, before[offset])

    return begin, end
