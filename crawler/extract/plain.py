"""What a document's text says of itself: a file has no metas, no heading elements and no publish line."""

from __future__ import annotations

import re

from crawler.extract import title
from crawler.extract.metadata import Facts, read_body
from crawler.extract.render import Line

_MARGIN = 40
"""Lines looked at from either end: letterhead and title above, signature and 抄报 below."""


def describe(text: str, *, title_hint: str | None = None) -> Facts:
    """Title, 发文字号 and signature date of a document read from a file.

    Args:
        text: The document's text, one paragraph a line.
        title_hint: The name under which a page links it. It decides unless it is a bare file name: names of
            files are written by hand (``附件1.doc``), the title over the text is not.
    """
    lines = [Line(line) for line in text.splitlines() if line.strip()]
    facts = Facts()
    read_body(facts, [*lines[:_MARGIN], *lines[-_MARGIN:]] if len(lines) > 2 * _MARGIN else lines)
    openings = title.opening(lines)
    hint = _SUFFIX.sub("", title.clean(title_hint)) if title_hint else ""
    named = bool(hint) and not _NAMELESS.search(hint)
    if named:
        facts.add("title", hint, "list", title_hint or "")
    for opening in openings:
        facts.add("title", opening, "opening", opening)
    if not named:
        facts.add("title", hint, "list", title_hint or "")
    return facts


_SUFFIX = re.compile(r"\s*\.(?:pdf|docx?|wps|ofd|rtf|xlsx?|zip|rar)$", re.IGNORECASE)
_NAMELESS = re.compile(r"^(?:附件|附表|附|下载)?[\s\d一二三四五六七八九十:：.、]*(?:下载)?$|^[\x00-\x7f]*$")
