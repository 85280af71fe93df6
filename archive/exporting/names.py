"""File names made of titles: nothing in them can leave the folder, collide, or fail on another system."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100
"""Bytes (UTF-8) of a name made from outside words: Linux takes 255 a step, Windows 260 characters a whole path."""

TOP = ("index.csv", "manifest.json")
"""Files beside the folders of places."""

_UNFIT = re.compile(
    '[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff0-\uffff<>:"/\\\\|?*%~$`\ud800-\udfff]+|[.]{2,}'
)
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)")
_ENDS = " ._-"


def safe(words: str, otherwise: str) -> str:
    """Words as one step of a path, on Linux, macOS and Windows.

    Unicode NFC (macOS compares names decomposed), separators, control, invisible and direction characters replaced,
    no dot, blank or hyphen at either end, none of the names Windows reserves, at most ``LONGEST`` bytes.

    Args:
        words: from outside, of any length.
        otherwise: the name if nothing is left.
    """
    # Cut before normalising: a title of megabytes is not read to its end for a hundred bytes.
    name = unicodedata.normalize("NFC", words[: LONGEST * 4])
    name = _cut(" ".join(_UNFIT.sub("_", name).split())).strip(_ENDS)
    if not name:
        return otherwise
    return f"_{name}" if _RESERVED.match(name) else name


def text_path(place: str, year: int | None, report_id: int, publisher: str, title: str) -> str:
    """``place/year/publisher_title_number.txt``: unique through the number, whatever the words are."""
    name = safe(place, "unnamed")
    if name.lower() in TOP:
        name = f"_{name}"
    folder = f"{name}/{year if year is not None else 'unknown-year'}"
    who, what = safe(publisher, ""), safe(title, "")
    words = safe(f"{who}_{what}" if who and who not in what else what or who, "report")
    return f"{folder}/{words}_{report_id}.txt"


def _cut(name: str) -> str:
    return name.encode()[:LONGEST].decode(errors="ignore")
