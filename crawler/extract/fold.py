"""One way of writing for half and full width, without moving a single offset."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

READ = 400_000
"""Characters of a text in which parts and figures are looked for. The longest reports have under 50,000."""
_BLANK = frozenset("\u200b\u200c\u200d\u2060\ufeff\xa0\u3000\t")


class _Forms(dict[str, str]):
    """The form of each character, worked out when it is first met."""

    def __missing__(self, char: str) -> str:
        self[char] = form = _form(char)
        return form


def _form(char: str) -> str:
    if char in _BLANK:
        return " "
    if unicodedata.category(char) == "No":
        return char  # ① is a number of a list; as a bare 1 it would be lost in the text
    form = unicodedata.normalize("NFKC", char)
    return form if len(form) == 1 else char


_FORMS = _Forms()
_FEW = 40


def fold(text: str) -> str:
    """The text with every character in its compatibility form (，→ , １→1), if that is one character.

    As long as the text itself, so that an offset in one is the same place in the other.
    """
    other = [char for char in set(text) if _FORMS[char] != char]
    if len(other) > _FEW:
        return "".join(map(_FORMS.__getitem__, text))
    # A report has a dozen characters in full width; looking at every character of it would take four times as long.
    for char in other:
        text = text.replace(char, _FORMS[char])
    return text


@lru_cache(maxsize=2)
def compatible(text: str) -> str:
    """A report's text in compatibility form (NFKC), which recognition, year and publisher need one after another."""
    return unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=2)
def fold_whole(text: str) -> str:
    """`fold` of a report's text, which parts, outline and figures need one after another."""
    return fold(text)


def despaced(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())
