"""Where a folded word stands in a text, told by the text as it is kept.

Folding a text takes a hundred times as long as looking for a pattern in it. A character is folded whatever stands
beside it, white space aside, so one pattern finds a word however it is set: in capitals, in full width, over
several lines. It misses the word only where a text has a character that is folded into one of the word's in yet
another way (⑦, ㎡, ⽂): then, and only then, the folded text has to tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from archive.segment import LATIN, certain, fold
from archive.text import INVISIBLES

Span = tuple[int, int]

_NOTHING = "".join(INVISIBLES)
_FULL_WIDTH = 0xFEE0
"""From an ASCII character to its full-width form."""

_UNUSUAL = re.compile("[^\x00-\x7f、。“”\u4e00-\u9fff\uff01-\uff5e]")
"""All but what is folded into itself, or is known to the pattern: ASCII and its full-width forms, Han characters."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One folded word as it may be set in a text; made by ``pattern``."""

    folded: str
    _set: re.Pattern[str] = field(repr=False)
    _signs: tuple[re.Pattern[str], ...] = field(repr=False)
    """What stands in every text with the word: quickly looked for."""
    _uncertain: frozenset[str] = field(repr=False)
    """Those of its characters that others may be folded into."""

    def stands_in(self, content: str) -> bool | None:
        """True if the word stands in the text; None if only the folded text tells."""
        if self.folded in content:
            return True
        if not self._possible(content):
            return False
        return True if self._set.search(content) else None if self.misses(content) else False

    def times(self, content: str) -> int | None:
        """How often the word stands in the text, overlapping ones included; None if only the folded text tells."""
        if not self._possible(content):
            return 0
        if self.misses(content):
            return None
        times, found = 0, self._set.search(content)
        while found:
            times += 1
            found = self._set.search(content, found.start() + 1)
        return times

    def spans(self, content: str) -> list[Span]:
        """From where to where the word stands; all such places unless the pattern ``misses`` some in the text."""
        return [found.span() for found in self._set.finditer(content)]

    def misses(self, content: str) -> bool:
        """True if the text has a character that is folded into one of the word's, and the pattern does not know."""
        return bool(self._uncertain) and any(
            (plain := _plain(char)) != char and not self._uncertain.isdisjoint(plain)
            for char in set(_UNUSUAL.findall(content))
        )

    def _possible(self, content: str) -> bool:
        return all(sign.search(content) for sign in self._signs)


@lru_cache(maxsize=2048)
def pattern(folded: str) -> Pattern:
    """The pattern of a folded word."""
    sure = set(certain(folded))
    runs = "".join(char if char in sure else " " for char in folded).split()
    return Pattern(
        folded,
        re.compile(_as_set(folded)),
        tuple(re.compile(_as_set(run)) for run in runs),
        frozenset(folded) - sure - {" "},
    )


def length(content: str) -> Span:
    """The least and the most characters that the folded text can have: it may keep a space between two pieces."""
    pieces = content.split()
    more = sum(len(_plain(char)) - 1 for char in _UNUSUAL.findall(content) if not char.isspace())
    least = sum(map(len, pieces)) + more
    return least, least + max(0, len(pieces) - 1)


def _as_set(folded: str) -> str:
    """The expression for a folded word in a text: what folding drops may stand between its characters."""
    pieces = [_forms(folded[0])]
    for before, char in pairwise(folded):
        if char == " ":
            pieces.append(rf"[{_NOTHING}]*\s[\s{_NOTHING}]*")
        elif before == " ":
            pieces.append(_forms(char))
        else:
            between = "" if before in LATIN and char in LATIN else r"\s"
            pieces.append(f"[{between}{_NOTHING}]*{_forms(char)}")
    return "".join(pieces)


def _forms(char: str) -> str:
    """The single characters that are folded into this one: itself, capital, full width."""
    known = {char}
    if "!" <= char <= "~":
        known = {form for plain in (char, char.upper()) for form in (plain, chr(ord(plain) + _FULL_WIDTH))}
    if len(known) == 1:
        return re.escape(char)
    return f"[{''.join(map(re.escape, sorted(known)))}]"


@lru_cache(maxsize=8192)
def _plain(char: str) -> str:
    return fold(char)
