"""What a page is made of, counted on its characters: enough to tell a shell or a notice from a page with content.

No tree is built: this runs on every answer, also on those made to hurt a parser. Every step is linear in the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

LARGEST = 500_000
"""Characters looked at. The largest challenge page met has 300,000, nearly all of it one obfuscated script."""

_HIDDEN = re.compile(r"<(script|style|noscript|template|svg)\b|<!--", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>?")
_INLINE = re.compile(r"</?(?:a|b|i|u|em|font|span|strong|small|label)\b[^<>]*>", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\s[^<>]*\bhref\s*=\s*[\"']?(?!\s*(?:javascript:|#|[\"']?\s*>))", re.IGNORECASE)
_FRAME = re.compile(r"<i?frame\s[^<>]*\bsrc\s*=\s*[\"']?(?!about:)", re.IGNORECASE)
_START = re.compile(r"<[a-z]", re.IGNORECASE)
_TITLE = re.compile(r"<title[^<>]*>([^<]{0,300})", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:nbsp|ensp|emsp|#160|#xa0);?", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]+")


@dataclass(frozen=True)
class Shape:
    """A page taken apart."""

    text: str
    """The page, markup included, cut at :data:`LARGEST`."""

    @classmethod
    def of(cls, text: str) -> Shape:
        """Takes a decoded page; the one taken last is kept, because it is judged from several sides."""
        return _last(text)

    @cached_property
    def _split(self) -> tuple[str, str]:
        """The page without scripts, styles and comments, and what stood in its scripts."""
        low = self.text.lower()
        kept: list[str] = []
        scripts: list[str] = []
        at = 0
        while match := _HIDDEN.search(self.text, at):
            kept.append(self.text[at : match.start()])
            name = (match[1] or "").lower()
            end = low.find(f"</{name}" if name else "-->", match.end())
            stop = len(low) if end < 0 else end
            if name == "script":
                scripts.append(self.text[match.start() : stop])
            close = -1 if end < 0 else low.find(">", end)
            at = len(low) if close < 0 else close + 1
        kept.append(self.text[at:])
        return "\n".join(kept), "\n".join(scripts)

    @property
    def markup(self) -> str:
        """The page without scripts, styles and comments."""
        return self._split[0]

    @property
    def scripts(self) -> str:
        """The scripts with their opening tags."""
        return self._split[1]

    @cached_property
    def title(self) -> str:
        """What ``<title>`` says, white space squeezed."""
        match = _TITLE.search(self.markup)
        return " ".join(_ENTITY.sub(" ", match[1]).split()) if match else ""

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """The visible text, one entry per run of text not broken by a block element; the title is not among them."""
        body = _TITLE.sub(" ", self.markup, count=1)
        loose = _TAG.sub("\n", _INLINE.sub("", _ENTITY.sub(" ", body)))
        return tuple(line for raw in loose.split("\n") if (line := " ".join(raw.split())))

    @cached_property
    def words(self) -> str:
        """The visible text in one line."""
        return " ".join(self.blocks)

    @cached_property
    def longest(self) -> int:
        """Chinese characters of the longest block: a paragraph of an article, if it is one."""
        longest = 0
        for block in self.blocks:
            if len(block) > longest:
                longest = max(longest, sum(map(len, _HAN.findall(block))))
        return longest

    @cached_property
    def anchors(self) -> int:
        """Links that lead somewhere; a block page has none or its vendor's, a portal's page has dozens."""
        return sum(1 for _ in _ANCHOR.finditer(self.markup))

    @cached_property
    def elements(self) -> int:
        """Start tags in the body, scripts aside."""
        head, found, body = self.markup.partition("<body")
        return sum(1 for _ in _START.finditer(body if found else head))

    @cached_property
    def frames(self) -> int:
        """Frames that load another page."""
        return sum(1 for _ in _FRAME.finditer(self.markup))


@lru_cache(maxsize=1)
def _last(text: str) -> Shape:
    return Shape(text[:LARGEST])
