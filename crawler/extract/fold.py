"""One way of writing for half and full width, without moving a single offset."""

from __future__ import annotations

import unicodedata

READ = 400_000
"""Characters of a text in which parts and figures are looked for. The longest reports have under 50,000."""
_BLANK = frozenset("\u200b\u200c\u200d\u2060\ufeff\xa0\u3000\t")


class _Forms(dict[int, str]):
    """The form of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = form = _form(chr(code))
        return form


def _form(char: str) -> str:
    if char in _BLANK:
        return " "
    if unicodedata.category(char) == "No":
        return char  # ① is a number of a list; as a bare 1 it would be lost in the text
    form = unicodedata.normalize("NFKC", char)
    return form if len(form) == 1 else char


_FORMS = _Forms()


def fold(text: str) -> str:
    """The text with every character in its compatibility form (，→ , １→1), if that is one character.

    As long as the text itself, so that an offset in one is the same place in the other.
    """
    return text.translate(_FORMS)


def despaced(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())
