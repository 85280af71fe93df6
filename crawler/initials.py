"""The initials of a Chinese name in pinyin, as folder names have them: 双口镇 → ``skz``.

GB 2312 orders its 3,755 common characters by their pinyin, so a character's code tells its first letter. Of the rarer
ones, ordered by radical, and of those with several readings (重, 长, 厦) it tells nothing certain: the initials only
steer a search, they prove nothing.
"""

from __future__ import annotations

from bisect import bisect_right

_FIRST = (
    ("a", 0xB0A1), ("b", 0xB0C5), ("c", 0xB2C1), ("d", 0xB4EE), ("e", 0xB6EA), ("f", 0xB7A2), ("g", 0xB8C1),
    ("h", 0xB9FE), ("j", 0xBBF7), ("k", 0xBFA6), ("l", 0xC0AC), ("m", 0xC2E8), ("n", 0xC4C3), ("o", 0xC5B6),
    ("p", 0xC5BE), ("q", 0xC6DA), ("r", 0xC8BB), ("s", 0xC8F6), ("t", 0xCBFA), ("w", 0xCDDA), ("x", 0xCEF4),
    ("y", 0xD1B9), ("z", 0xD4D1),
)  # fmt: skip
"""The code of the first character of each letter (GB/T 2312-1980, level 1)."""
_STARTS = tuple(code for _, code in _FIRST)
_LAST = 0xD7F9


def initials(name: str) -> str | None:
    """The first letters of a name's characters; None if one of them has a letter that its code does not tell."""
    letters = []
    for character in name:
        try:
            pair = character.encode("gb2312")
        except UnicodeEncodeError:
            return None
        code = int.from_bytes(pair, "big")
        if len(pair) != 2 or not _STARTS[0] <= code <= _LAST:
            return None
        letters.append(_FIRST[bisect_right(_STARTS, code) - 1][0])
    return "".join(letters) or None
