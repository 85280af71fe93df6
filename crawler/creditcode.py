"""The unified social credit code (GB 32100-2015) that many portals put into 索引号: ``11500230008689762A/2026-00004``.

Its digits 3 to 8 are the division in which the body was registered, the best machine-readable trace of the issuer
(facts of the field). It keeps the code of the time of registration: 建安区 still carries 411023, of the former 许昌县.
"""

from __future__ import annotations

import re

_CODE = re.compile(r"(?<![0-9A-Z])([159ANY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10})(?![0-9A-Z])")
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))


def find(text: str) -> str | None:
    """The first valid credit code in a text; one whose check character is wrong is none."""
    return next((match[1] for match in _CODE.finditer(text.upper()) if is_valid(match[1])), None)


def is_valid(code: str) -> bool:
    """True if the check character (the 18th) fits the other seventeen."""
    if len(code) != 18 or any(char not in _ALPHABET for char in code):
        return False
    total = sum(_ALPHABET.index(char) * weight for char, weight in zip(code, _WEIGHTS, strict=False))
    return _ALPHABET[-total % 31] == code[17]


def division(code: str) -> str:
    """The six digits of the division in which the body was registered."""
    return code[2:8]
