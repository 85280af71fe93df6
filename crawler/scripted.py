"""Bodies that a script writes: string literals are decoded and put where the browser would put them.

Nothing is run. Only what stands in the page as a literal is read (``document.write("…")``, ``$("#zoom").html("…")``),
also packed by ``unescape``, ``decodeURIComponent`` or base64; what a script fetches or computes is not there.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import quote, unquote

_OPEN = re.compile(r"<script\b[^<>]{0,2000}>", re.IGNORECASE)
_CLOSE = re.compile(r"</script\s*>", re.IGNORECASE)
_SIGNS = re.compile(r"document\s*\.\s*write|innerHTML|\.\s*(?:html|append|prepend)\s*\(")
_MARKS = ("document.write", "innerHTML", ".html(", ".append(", ".prepend(", ".html (")
"""A cheap first look: half of all pages have none."""
_TARGET = re.compile(
    r"document\s*\.\s*(?P<write>writeln|write)\s*\("
    r"|(?:\$|jQuery)\s*\(\s*[\"'](?P<jquery>[#.][\w-]{1,80})[\"']\s*\)\s*\.\s*(?:html|append|prepend)\s*\("
    r"|document\s*\.\s*getElementById\s*\(\s*[\"'](?P<id>[\w-]{1,80})[\"']\s*\)\s*\.\s*innerHTML\s*\+?=(?!=)"
    r"|document\s*\.\s*querySelector\s*\(\s*[\"'](?P<query>[#.][\w-]{1,80})[\"']\s*\)\s*\.\s*innerHTML\s*\+?=(?!=)"
)
_FILLED = re.compile(
    r"\$\s*\.\s*(?:get|post|ajax|getJSON)\s*\(|\bfetch\s*\(|axios|XMLHttpRequest|v-html|new\s+Vue|ng-bind-html|createApp"
)
_BOUND = re.compile(r"\bv-html\s*=|ng-bind-html\s*=|\{\{[^{}]{1,80}\}\}")
_STRING = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|`(?:[^`\\]|\\.)*+`",
    re.DOTALL,
)
_NAME = re.compile(r"(?:(?:window|document|\$|JSON)\s*\.\s*)?[A-Za-z_$][\w$]*(?:\s*\.\s*[A-Za-z_$][\w$]*)?")
_SPACE = re.compile(r"\s*")
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": "", "0": "", "\n": "", "\r\n": ""}
_PERCENT = re.compile(r"%u([0-9a-fA-F]{4})|%([0-9a-fA-F]{2})")
_WIDE = re.compile(r"%u([0-9a-fA-F]{4})")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_FRAMED = re.compile(r"<(?:iframe|embed|object)\b", re.IGNORECASE)
_DEEPEST = 6
_MOST_CALLS = 400
_MOST_TARGETS = 20
_MOST_TERMS = 20_000
_MOST_VARIABLES = 20
"""Each is looked for in the whole page."""
_SENTENCE = 8
"""Chinese characters; less is a date or a greeting."""


@dataclass(frozen=True)
class Written:
    """What scripts of a page write into it."""

    text: str
    """The page with it."""
    han: int
    """Chinese characters among what was written."""
    framed: bool
    """A frame or an embedded object is among it."""


class _Script(NamedTuple):
    start: int
    end: int
    code: str


def _scripts(text: str) -> Iterator[_Script]:
    at = 0
    while opened := _OPEN.search(text, at):
        closed = _CLOSE.search(text, opened.end())
        if closed is None:
            return
        yield _Script(opened.start(), closed.end(), text[opened.end() : closed.start()])
        at = closed.end()


@dataclass
class _Budget:
    """What one page may cost; real ones need a hundredth of it."""

    calls: int = _MOST_CALLS
    terms: int = _MOST_TERMS
    variables: int = _MOST_VARIABLES
    absent: set[str] = field(default_factory=set)
    """Variables that hold no literal."""

    def call(self) -> bool:
        self.calls -= 1
        return self.calls >= 0

    def term(self) -> bool:
        self.terms -= 1
        return self.terms >= 0

    def variable(self) -> bool:
        self.variables -= 1
        return self.variables >= 0


def unfold(text: str) -> Written | None:
    """Puts what scripts write as literals into the page.

    Args:
        text: The decoded page.

    Returns:
        None if no script writes a sentence or a frame as a literal.
    """
    if not any(sign in text for sign in _MARKS):
        return None
    scripts = [script for script in _scripts(text) if _SIGNS.search(script.code)]
    pieces: list[tuple[int, int, str]] = []
    targeted: list[tuple[str, str]] = []
    budget = _Budget()
    for script in scripts:
        here: list[str] = []
        for call in _TARGET.finditer(script.code):
            if not budget.call():
                break
            value = _Reader(script.code, text, budget).expression(call.end())
            target = call["jquery"] or call["query"] or (f"#{call['id']}" if call["id"] else "")
            if value and not target:
                here.append(value)
            elif value and _says_something(value) and len(targeted) < _MOST_TARGETS:
                targeted.append((target, value))
        written = "".join(here)
        if _says_something(written):
            pieces.append((script.start, script.end, f"<div>{written}</div>"))
    for target, value in targeted:
        at = _target(text, target)
        if at is None:
            at = next((script.start for script in scripts if target[1:] in script.code), len(text))
        pieces.append((at, at, f"<div>{value}</div>"))
    if not pieces:
        return None
    out: list[str] = []
    end = 0
    for start, stop, value in sorted(pieces, key=lambda piece: piece[:2]):
        out += [text[end : max(start, end)], value]
        end = max(end, stop)
    written = "".join(value for _, _, value in pieces)
    return Written(
        text="".join([*out, text[end:]]),
        han=len(_HAN.findall(written)),
        framed=_FRAMED.search(written) is not None,
    )


def is_filled(text: str) -> bool:
    """True if scripts of a page write into it or fetch what they show.

    Args:
        text: The decoded page.
    """
    codes = (script.code for script in _scripts(text))
    return (
        any(_SIGNS.search(code) or _FILLED.search(code) for code in codes) or _BOUND.search(text) is not None
    )


def _says_something(value: str) -> bool:
    return len(_HAN.findall(value)) >= _SENTENCE or _FRAMED.search(value) is not None


def _target(text: str, selector: str) -> int | None:
    """Behind the start tag of the element a selector (``#id``, ``.class``) names."""
    name = re.escape(selector[1:])
    attribute = (
        rf"id\s*=\s*[\"']?{name}(?![\w-])"
        if selector[0] == "#"
        else rf"class\s*=\s*[\"'][^\"'<>]{{0,200}}(?<![\w-]){name}(?![\w-])"
    )
    for found in re.finditer(rf"<[a-zA-Z][^<>]{{0,500}}?\s{attribute}[^<>]{{0,500}}>", text):
        return found.end()
    return None


class _Reader:
    """Reads an expression of string literals; None for everything that would have to be run."""

    def __init__(self, code: str, page: str, budget: _Budget) -> None:
        self._code = code
        self._page = page
        self._budget = budget

    def expression(self, at: int) -> str | None:
        return self._sum(at, 0)[0]

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._code, at)
        return found.end() if found else at

    def _sum(self, at: int, depth: int) -> tuple[str | None, int]:
        values: list[str] = []
        while True:
            value, at = self._term(self._skip(at), depth)
            if value is None:
                return None, at
            values.append(value)
            at = self._skip(at)
            if self._code[at : at + 1] != "+":
                break
            at += 1
        # "…".replace(…) and the like would have to be run.
        return (None, at) if self._code[at : at + 1] in {".", "[", "?"} else ("".join(values), at)

    def _term(self, at: int, depth: int) -> tuple[str | None, int]:
        if depth > _DEEPEST or not self._budget.term():
            return None, at
        code = self._code
        literal = _STRING.match(code, at)
        if literal is not None:
            if code[at] == "`" and "${" in literal[0]:
                return None, at
            return _unescaped(literal[0][1:-1]), literal.end()
        if code[at : at + 1] == "(":
            value, at = self._sum(at + 1, depth + 1)
            return self._closed(value, at)
        name = _NAME.match(code, at)
        if name is None:
            return None, at
        end = self._skip(name.end())
        word = re.sub(r"\s|^(?:window|document)\s*\.", "", name[0])
        if code[end : end + 1] == "(":
            unpack = _UNPACK.get(word)
            value, at = self._sum(end + 1, depth + 1) if unpack else (None, end)
            value, at = self._closed(value, at)
            return (None if value is None or unpack is None else unpack(value)), at
        return self._variable(word, depth), name.end()

    def _closed(self, value: str | None, at: int) -> tuple[str | None, int]:
        at = self._skip(at)
        return (value, at + 1) if value is not None and self._code[at : at + 1] == ")" else (None, at)

    def _variable(self, name: str, depth: int) -> str | None:
        if "." in name or name in self._budget.absent or not self._budget.variable():
            return None
        assigned = re.compile(rf"(?<![\w$.]){re.escape(name)}\s*=(?!=)")
        for code in (self._code, self._page):
            found = assigned.search(code)
            if found is not None:
                return _Reader(code, self._page, self._budget)._sum(found.end(), depth + 1)[0]
        self._budget.absent.add(name)
        return None


def _unescaped(literal: str) -> str:
    if "\\" not in literal:
        return literal

    def one(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code is None:
            return _SHORT.get(match[4], match[4])
        return chr(min(int(code, 16), 0x10FFFF))

    return _paired(_ESCAPE.sub(one, literal))


def _paired(text: str) -> str:
    """UTF-16 halves, as scripts write characters beyond the first plane, put together."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unescape_wide(text: str) -> str:
    return _paired(_WIDE.sub(lambda match: chr(int(match[1], 16)), text))


def _unescape(text: str) -> str:
    return _paired(_PERCENT.sub(lambda match: chr(int(match[1] or match[2], 16)), text))


def _escape(text: str) -> str:
    return "".join(quote(c, safe="", encoding="latin-1") if ord(c) < 256 else f"%u{ord(c):04X}" for c in text)


def _atob(text: str) -> str:
    try:
        data = base64.b64decode(re.sub(r"\s", "", text) + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):  # a word, not packed text
        return ""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:  # bytes for a further function
        return data.decode("latin-1")


def _percent_decoded(text: str) -> str:
    return _unescape_wide(unquote(text, encoding="utf-8", errors="replace"))


_UNPACK: Mapping[str, Callable[[str], str]] = {
    "unescape": _unescape,
    "escape": _escape,
    "decodeURIComponent": _percent_decoded,
    "decodeURI": _percent_decoded,
    "atob": _atob,
    "Base64.decode": _atob,
    "base64.decode": _atob,
    "base64decode": _atob,
    "base64Decode": _atob,
    "$.base64.decode": _atob,
    "String": str,
    "$": str,
}
