"""On which line of a TOML document a key or an item stands; the standard parser does not tell."""

from __future__ import annotations

import re


def line_of(text: str, at: tuple[str | int, ...]) -> int:
    """The line (from 1) on which a key of a TOML document stands; the nearest one above if it is missing.

    Args:
        text: The document.
        at: Path of names and indexes: ``("column", 0, "url")``, ``("hubs", 2)``.
    """
    lines = text.splitlines()
    begin, end = 0, len(lines)
    name, rest = str(at[0]), at[1:]
    headers = [
        n
        for n, line in enumerate(lines)
        if re.match(r"\s*\[", line) and not re.match(r"\s*\[+\s*[\"'\d{]", line)
    ]
    sections = [n for n in headers if re.match(rf"\s*\[\[?\s*{re.escape(name)}\s*\]", lines[n])]
    if sections and not rest:
        return sections[0] + 1
    if sections:
        index = rest[0] if isinstance(rest[0], int) else 0
        begin = sections[min(index, len(sections) - 1)]
        end = next((n for n in headers if n > begin), len(lines))
        rest = rest[1:] if isinstance(rest[0], int) else rest
        name = str(rest[0]) if rest else name
        if not rest:
            return begin + 1
    else:
        end = headers[0] if headers else end
    for n in range(begin, end):
        if re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=", lines[n]):
            if rest and isinstance(rest[0], int) and not sections:
                return _item_line(lines, n, rest[0])
            return n + 1
    return begin + 1


def _item_line(lines: list[str], first: int, index: int) -> int:
    """The line of an item of a list that begins on line ``first``, by counting items that begin on lines."""
    seen = -1
    for n in range(first, len(lines)):
        part = lines[n].split("=", 1)[1] if n == first else lines[n]
        seen += len(re.findall(r"\{|(?<![\w\\])\"(?:[^\"\\]|\\.)*\"(?!\s*=)", _outside_tables(part)))
        if seen >= index:
            return n + 1
        if "]" in _outside_tables(part) and n > first:
            break
    return first + 1


def _outside_tables(line: str) -> str:
    """A line with the inside of its inline tables left out, so that items are counted, not their values."""
    return re.sub(r"\{[^}]*\}?", "{", line.split(" #", 1)[0])
