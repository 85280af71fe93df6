"""JSON as portals send it: with a byte order mark, wrapped in a callback, with JSON inside its strings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

DEEPEST = 12
"""Levels looked into. Real answers have up to seven."""
MOST_NODES = 200_000
"""Values looked at. The largest real answer saved (30 whole articles) has 1,500."""
_LOOKS = re.compile(r"^\s*(?:[\w$.]{1,60}\s*\(\s*)?(?:\{\s*(?:\"|\})|\[\s*(?:[\[\{\"\]]|\d))")
_CALLBACK = re.compile(r"^\s*[\w$.]{1,60}\s*\(\s*(.*)\)\s*;?\s*$", re.DOTALL)
_INVISIBLE = "\ufeff \t\r\n"

Path = tuple[str | int, ...]


def looks_like_json(text: str) -> bool:
    """True if the text starts as a JSON object or list does, a callback around it allowed."""
    return bool(_LOOKS.match(text[:200].lstrip(_INVISIBLE)))


@lru_cache(maxsize=4)  # refusals, the choice of the platform and its reader ask for the same answer
def load(text: str) -> object:
    """The value of a JSON text; None if it is none, is cut, or is nested without end."""
    if not looks_like_json(text):
        return None
    plain = text.strip(_INVISIBLE)
    wrapped = _CALLBACK.match(plain) if plain[0] not in "{[" else None
    try:
        return json.loads(wrapped[1] if wrapped else plain, strict=False)
    except (ValueError, RecursionError):
        return None


def walk(value: object) -> Iterator[tuple[Path, Any]]:
    """Every object and list in a value with the way to it, outermost first; JSON inside strings is opened."""
    queue: list[tuple[Path, Any]] = [((), value)]
    seen = 0
    while queue:
        following: list[tuple[Path, Any]] = []
        for path, held in queue:
            seen += 1
            if seen > MOST_NODES:
                return
            node = _inside(held) if isinstance(held, str) and len(path) <= DEEPEST else held
            if not isinstance(node, dict | list):
                continue
            yield path, node
            if len(path) < DEEPEST:
                inner = node.items() if isinstance(node, dict) else enumerate(node)
                following.extend(
                    ((*path, name), child) for name, child in inner if isinstance(child, dict | list | str)
                )
        queue = following


def _inside(text: str) -> object:
    if not (text[:1] in "{[" and text[-1:] in "}]" and len(text) > 2):
        return None
    return load(text)
