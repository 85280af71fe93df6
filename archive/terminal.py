"""Words from outside on their way to a terminal: nothing in them may steer it."""

from __future__ import annotations

import json
import re
from typing import Any

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
"""Control characters (escape sequences begin with one), and those that reorder or hide text."""


def visible(text: str) -> str:
    """The text with every steering character made visible: ESC as ␛, U+202E as ``<U+202E>``.

    Tabs and line ends stay.
    """
    return _STEERING.sub(_name, text)


def one_line(text: str) -> str:
    """The same for a title or a cell: line ends and runs of white space become one space."""
    return visible(" ".join(text.split()))


def first_line(error: Exception) -> str:
    """What an error of a library says, in 120 characters of one line; its kind if it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


def to_json(value: Any) -> str:  # noqa: ANN401
    """A JSON document for programs; steering characters are escaped, Chinese is not."""
    return _escaped(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def to_json_line(value: Any) -> str:  # noqa: ANN401
    """The same on one line, for JSON Lines."""
    return _escaped(json.dumps(value, ensure_ascii=False, default=str))


def _escaped(document: str) -> str:
    return _STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", document)


def _name(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"


def counted(number: int, what: str) -> str:
    """A number with what it counts: 1 report, 2,000 reports, 1 address, 3 addresses."""
    ending = "" if number == 1 else "es" if what.endswith("s") else "s"
    return f"{number:,} {what}{ending}"
