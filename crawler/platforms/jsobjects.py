"""Object literals in the scripts of a page: what a list hands to the interface that fills it.

No script is run. Strings, numbers and names of variables that the same script sets to one are read; everything
else in a literal (functions, sums, nested objects) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

LONGEST = 20_000
"""Characters of one literal. Real ones have a few hundred; a whole navigation tree is read elsewhere."""
_FIELD = re.compile(
    r"""(?:^|[{,])\s*(?:"([^"\n]{1,80})"|'([^'\n]{1,80})'|([A-Za-z_$][\w$]{0,60}))\s*:\s*
        (?:"((?:[^"\\\n]|\\.){0,2000})"|'((?:[^'\\\n]|\\.){0,2000})'|(-?\d{1,15}(?:\.\d+)?)(?=\s*[,}])
          |([A-Za-z_$][\w$.]{0,80})(?=\s*(?:[,}]|\|\|)))""",
    re.VERBOSE,
)
_ASSIGNED = (
    r"(?<![\w$.])%s\s*[=:]\s*(?:parseInt\(|Number\()?\s*(?:\"([^\"\n]*)\"|'([^'\n]*)'|(-?\d{1,15})(?![\w.]))"
)


def literal_at(code: str, start: int) -> str | None:
    """The literal whose opening brace or bracket stands at ``start``, up to the one that closes it.

    Args:
        code: The script.
        start: Index of ``{`` or ``[``.

    Returns:
        None if nothing closes it within :data:`LONGEST` characters.
    """
    return _closed(code, start, LONGEST)


def long_literal_at(code: str, start: int) -> str | None:
    """The same without the limit: for values that are whole trees."""
    return _closed(code, start, len(code))


def _closed(code: str, start: int, longest: int) -> str | None:
    depth = 0
    quote = ""
    end = min(len(code), start + longest)
    at = start
    while at < end:
        char = code[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote or (char == "\n" and quote != "`"):
                quote = ""
        elif char in "\"'`":
            quote = char
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
            if depth == 0:
                return code[start : at + 1]
        at += 1
    return None


def fields_of(literal: str, code: str = "") -> dict[str, str]:
    """The plain fields of an object literal, in order, those of nested literals left out.

    Args:
        literal: From its opening to its closing brace.
        code: The script around it, for variables.
    """
    found: dict[str, str] = {}
    for match in _FIELD.finditer("{" + _flat(literal[1:])):
        name = match[1] or match[2] or match[3]
        text = next((group for group in (match[4], match[5], match[6]) if group is not None), None)
        if text is None:
            text = variable(code, match[7])
        if text is not None and name not in found:
            found[name] = _unescaped(text)
    return found


def variable(code: str, name: str) -> str | None:
    """The string or number that a script sets a variable or a field of one to; None if it does not."""
    last = name.rsplit(".", 1)[-1]
    if last in {"true", "false", "null", "undefined", "function"}:
        return last if last in {"true", "false"} else None
    match = re.search(_ASSIGNED % re.escape(last), code)
    if match is None:
        return None
    return next((group for group in match.groups() if group is not None), None)


def objects_with(code: str, *names: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Object literals that have all these fields, with where they start, in the order of the script."""
    seen: set[int] = set()
    first = re.escape(names[0])
    for match in re.finditer(rf"[\"']?(?<![\w$]){first}[\"']?\s*:", code):
        start = _opening(code, match.start())
        if start is None or start in seen:
            continue
        seen.add(start)
        literal = literal_at(code, start)
        if literal is None:
            continue
        fields = fields_of(literal, code)
        if all(name in fields for name in names):
            yield start, fields


def _opening(code: str, at: int) -> int | None:
    """The brace that opens the literal around a place."""
    depth = 0
    for place in range(at - 1, max(-1, at - LONGEST), -1):
        if code[place] == "}":
            depth += 1
        elif code[place] == "{":
            if depth == 0:
                return place
            depth -= 1
    return None


def _flat(inner: str) -> str:
    """The text of a literal with what stands in nested braces, brackets and calls taken out."""
    kept: list[str] = []
    depth = 0
    quote = ""
    escaped = False
    for char in inner:
        if quote:
            if depth == 0:
                kept.append(char)
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == quote:
                quote = ""
            continue
        if char in "\"'":
            quote = char
        elif char in "{[(":
            depth += 1
            continue
        elif char in "}])":
            if depth == 0:
                kept.append(char)
            depth = max(0, depth - 1)
            continue
        if depth == 0:
            kept.append(char)
    return "".join(kept)


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"\\(.)", r"\1", text)
