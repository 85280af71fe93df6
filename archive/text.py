"""Normalisation and digests of texts: when are two texts the same text?

The digest of a text is the SHA-256 of the UTF-8 bytes of ``normalise(text)``:

1. NUL and lone surrogates become U+FFFD (no database takes them);
2. Unicode NFKC: full-width letters, digits and punctuation become their plain forms;
3. invisible characters that carry no words are dropped: zero-width space, joiners and marks
   (U+200B to U+200F), word joiner (U+2060), byte order mark (U+FEFF), soft hyphen (U+00AD);
4. every run of white space, line ends and the ideographic space included, becomes one space,
   and none stands at either end.

So a page that is typeset anew (other indents, other paragraph marks, full-width for half-width
digits) is the same text; one changed word or number is another.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
INVISIBLES = ("\u00ad", *map(chr, range(0x200B, 0x2010)), "\u2060", "\ufeff")
"""Characters that carry no words: they are dropped before texts are compared."""
_MOST_FOLDED = 48
_folded = {
    char: unicodedata.normalize("NFKC", char) for char in "，：；（）！？％０１２３４５６７８９\u3000…"
}


def clean(text: str) -> str:
    """Replaces NUL and lone surrogates, which neither database can store, by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text) if _UNSTORABLE.search(text) else text


@lru_cache(maxsize=4)  # recording one reading asks for the same text three times
def normalise(text: str) -> str:
    """The form in which texts are compared; see the head of this module."""
    folded = nfkc(clean(text))
    for char in INVISIBLES:
        if char in folded:
            folded = folded.replace(char, "")
    return " ".join(folded.split())


def nfkc(text: str) -> str:
    """NFKC, ten times as fast for Chinese texts.

    Folding a character by itself first never changes NFKC of the whole. Once the few full-width forms that a
    text uses are folded, ``is_normalized`` answers without composing anything (0.08 ms against 0.9 ms for 4,700
    characters). Characters met for the first time are learned.
    """
    global _folded  # noqa: PLW0603
    for char, plain in _folded.items():
        if char in text:
            text = text.replace(char, plain)
    if unicodedata.is_normalized("NFKC", text):
        return text
    learned = {char: plain for char in set(text) if (plain := unicodedata.normalize("NFKC", char)) != char}
    # A new table, never a changed one: another thread may be reading it.
    _folded = dict(list((_folded | learned).items())[:_MOST_FOLDED])
    return unicodedata.normalize("NFKC", text)


def is_folded(char: str) -> bool:
    """True for a character that ``normalise`` drops, or folds into the space between words."""
    return char.isspace() or char in INVISIBLES


def digest(text: str) -> str:
    """SHA-256 of the normalised text, 64 hexadecimal digits."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()


def bytes_digest(body: bytes) -> str:
    """SHA-256 of bytes as received, 64 hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()
