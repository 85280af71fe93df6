"""What a text is found by: the tokens of the search index.

- Every letter, digit or character alone, and every pair of neighbours (``复议``, ``20``). Any string
  that stands in a text has its pairs there, whatever words it cuts through: nothing is missed.
- Every dictionary word of three and more characters (``archive.segment``): these are found, ranked and
  counted without reading the texts, like pairs. Longer phrases are looked up by their pairs and then
  checked in the text itself.
- Every three digits in a row (``399`` as ``n399``): a pair of digits says little. Of 600 made reports 86 %
  have 39 and 37 % have 99, but 12 % have 399.
- For pairs, words and digits that stand often in their text, the token with its level as a digit behind it,
  for each level reached: ``法治1`` … ``法治4``. Ranking asks for the highest level first.

A token is made of letters and digits alone. SQLite keeps tokens as they are; PostgreSQL keeps
numbers, which take a third of the space: of a character or pair its code points, which no other has,
of the rest a hash of 64 bits.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from operator import add
from struct import unpack

from archive.segment import fold, is_word, long_words

LEVELS = (3, 6, 12, 24)
"""Occurrences in ``USUAL`` characters from which a word has level 1, 2, 3, 4."""

TOP = len(LEVELS)
_MARKS = tuple(str(number + 1) for number in range(TOP))

USUAL = 3000
"""Characters of a usual report; in a longer text as many occurrences weigh less."""

_DIGITS = re.compile("(?=([0-9]{3}))")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, each once."""

    plain: frozenset[str]
    """Characters and pairs."""
    marked: frozenset[str]
    """Words, numbers, and what has a level."""

    def __iter__(self) -> Iterator[str]:
        """All of them."""
        return chain(self.plain, self.marked)


def tokens(text: str) -> Tokens:
    """The tokens of a text."""
    folded = fold(text)
    return tokens_of(folded, long_words(folded))


def tokens_of(folded: str, named: Iterable[str]) -> Tokens:
    """The tokens of a folded text, its dictionary words of three and more characters given."""
    bounds = _bounds(len(folded))
    pairs = Counter(map(add, folded, folded[1:]))
    words = Counter(chain(named, _numbers(folded)))
    least = bounds[0]
    # Most tokens stand once or twice: what is done for each of them is done in C.
    often = [both for both in chain(pairs.items(), words.items()) if both[1] >= least]
    marked = {
        token + mark
        for token, times in often
        if token.isalnum()
        for mark in _MARKS[: bisect_right(bounds, times)]
    }
    return Tokens(frozenset(filter(str.isalnum, chain(pairs, set(folded)))), frozenset(marked.union(words)))


def codes(plain: Iterable[str]) -> list[int]:
    """Characters and pairs as numbers of 32 bits."""
    tokens_ = [token if len(token) > 1 else token + "\0" for token in plain]
    raw = "".join(tokens_).encode("utf-16-be")
    if len(raw) != 4 * len(tokens_):  # a character beyond the first plane takes four bytes
        raw = b"".join(b"".join(_low(char) for char in token) for token in tokens_)
    return list(unpack(f">{len(tokens_)}i", raw))


def hashes(marked: Iterable[str]) -> list[int]:
    """Other tokens as numbers of 64 bits."""
    raw = b"".join(blake2b(token.encode(), digest_size=8).digest() for token in marked)
    return list(unpack(f">{len(raw) // 8}q", raw))


def occurrences(folded: str, word: str) -> int:
    """How often a folded word stands in a folded text, overlapping ones included."""
    times, at = 0, folded.find(word)
    while at >= 0:
        times += 1
        at = folded.find(word, at + 1)
    return times


def level(times: int, characters: int) -> int:
    """How prominent a word is that stands so often in a folded text of so many characters: 0 to 4."""
    return bisect_right(_bounds(characters), times)


def levelled(token: str, reached: int) -> str:
    """The token of texts in which ``token`` has at least this level."""
    return f"{token}{reached}" if reached else token


def exact(word: str) -> bool:
    """True if a folded word is a token: its texts are known without reading them."""
    # Characters beyond the first plane share their 16 bits with others.
    plain = len(word) <= 2 and word.isalnum() and max(word) <= "\uffff"
    return plain or (len(word) > 2 and is_word(word))


def keys(word: str) -> list[str]:
    """Tokens that every text has in which a folded word stands; none for marks alone."""
    if exact(word):
        return [word]
    pairs = {pair for pair in map(add, word, word[1:]) if pair.isalnum()}
    return sorted(pairs.union(_numbers(word)) or {char for char in word if char.isalnum()})


def _numbers(folded: str) -> list[str]:
    """The three digits at each place where three stand; the letter keeps ``391`` apart from ``39`` of level 1."""
    return [f"n{digits}" for digits in _DIGITS.findall(folded)]


def _low(char: str) -> bytes:
    return (ord(char) & 0xFFFF).to_bytes(2, "big")


def _bounds(characters: int) -> list[int]:
    """Occurrences from which each level is reached in a folded text of so many characters, rounded up."""
    scale = max(characters, USUAL)
    return [-(-least * scale // USUAL) for least in LEVELS]
