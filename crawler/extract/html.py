"""Text to a tree that holds everything a reader sees: repairs before parsing, hidden parts out after.

lxml's HTML parser loses what stands below a depth of 2,048 elements and what follows an unclosed script;
pages put half of themselves after an early ``</html>``. None of that may cost a report its body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree
from lxml import html as lxml_html

# A second <html> or <body> and an early </html> are template accidents (includes pasted whole); without these
# tags the parser builds one document in the order of the source.
_ROOT_TAGS = re.compile(
    r"""</?(?:html|body)(?=[\s>/])(?:"[^"]{0,2000}"|'[^']{0,2000}'|[^<>"']{1,500}+){0,60}+>|<!doctype[^>]{0,500}>""",
    re.I,
)
_ROOT_SIGNS = re.compile(r"</html\s{0,20}>|<body\b", re.I)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})(?=[\s>/])[^<>]{0,10000}>")
# No rule needs a tag of this length: an inlined picture, or an attack (the parser needs minutes for 200,000
# attributes of one element).
_LONG_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9:-]{0,30})(?=[\s/])[^<>]{20000,}+(?:>|(?=<)|\Z)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_MARKUP = re.compile(r"<(?:/?p|/?div|br|/?td|/?h\d|/?span)\b[^<>]{0,300}>[^<>]{0,40}[\u4e00-\u9fff]{4}")
_RAW = tuple(
    (name, re.compile(rf"<(/?){name}\b[^<>]{{0,5000}}>", re.I))
    for name in ("script", "style", "textarea", "title")
)
# Tags whose ends are left out so often that counting them says nothing about depth.
_UNCOUNTED = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    }
    | {"p", "li", "td", "th", "tr", "dd", "dt", "option"}
)

# Real pages stay below 100; the parser refuses more than 2,048 and then drops the rest of the page. A table
# counts once and is three levels deep.
_MAX_DEPTH = 500
# 20 million characters is fifty times the largest real page seen; reading more would not be reading a page.
MAX_CHARACTERS = 20_000_000

_DROP = ("script", "style", "template", "noscript", "xml", "object", "applet", "base", "svg", "select")
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_HIDING_CLASS = frozenset({"ng-hide", "hide", "hidden", "d-none", "visually-hidden", "sr-only"})
_MAYBE_HIDDEN = (
    "//*[@hidden or @aria-hidden='true' or contains(@style, 'none') or contains(@style, 'NONE')"
    " or contains(@style, 'idden') or contains(@class, 'hid') or contains(@class, 'd-none')"
    " or contains(@class, 'sr-only')]"
)
# More than a half, so that of two copies (for wide and narrow screens) the hidden one goes.
_MOST = 0.55
# Each look into a hidden element costs its size; more of them than this is no page but an attack.
_MAX_HIDDEN = 1000


@dataclass
class Parsed:
    """A page as a tree."""

    tree: lxml_html.HtmlElement
    warnings: list[str] = field(default_factory=list)
    """What had to be repaired."""


def parse(text: str) -> Parsed:
    """Parses a decoded page; never raises and loses no text that a browser would show.

    Args:
        text: The page as ``charset.decode`` gives it.
    """
    warnings: list[str] = []
    if len(text) > MAX_CHARACTERS:
        warnings.append(f"page of {len(text)} characters cut at {MAX_CHARACTERS}")
        text = text[:MAX_CHARACTERS]
    text = _LONG_TAG.sub(r"<\1>", _CONTROL.sub("", text))
    if len(_ROOT_SIGNS.findall(text)) > 2:
        warnings.append("several documents in one page")
    text = _close_raw(_ROOT_TAGS.sub("", text), warnings)
    tree, too_deep = _parse(text)
    if too_deep:
        warnings.append(f"nested deeper than the parser reads: flattened below {_MAX_DEPTH} levels")
        tree, _ = _parse(_flatten(text))
    return Parsed(tree, warnings)


def _parse(text: str) -> tuple[lxml_html.HtmlElement, bool]:
    parser = lxml_html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        tree = lxml_html.document_fromstring(text, parser=parser, ensure_head_body=True)
    except etree.ParserError:  # nothing but white space or comments: an empty page is a page
        return lxml_html.document_fromstring("<html><head></head><body></body></html>"), False
    return tree, any("depth" in e.message for e in parser.error_log)


def _close_raw(text: str, warnings: list[str]) -> str:
    """Takes away the start tag of a script, style, textarea, title or comment that is never closed.

    The parser reads what follows as its content up to the end of the page, and the article with it.
    """
    for name, pattern in _RAW:
        last = None
        for match in pattern.finditer(text):
            last = match
        if last is not None and not last.group(1) and _MARKUP.search(text, last.end()):
            warnings.append(f"unclosed <{name}>")
            text = text[: last.start()] + text[last.end() :]
    opened = text.rfind("<!--")
    if opened >= 0 and text.find("-->", opened) < 0 and _MARKUP.search(text, opened):
        warnings.append("unclosed comment")
        text = text[:opened] + text[opened + 4 :]
    return text


def _flatten(text: str) -> str:
    """Replaces the tags that open below the depth limit, and their ends, by line breaks."""
    out: list[str] = []
    dropped: dict[str, int] = {}
    depth = at = 0
    for match in _TAG.finditer(text):
        name = match.group(2).lower()
        if name in _UNCOUNTED:
            continue
        if match.group(1):
            if not dropped.get(name):
                depth = max(0, depth - 1)
                continue
            dropped[name] -= 1
        elif depth < _MAX_DEPTH:
            depth += 1
            continue
        else:
            dropped[name] = dropped.get(name, 0) + 1
        out.append(text[at : match.start()])
        at = match.end()
    out.append(text[at:])
    return "<br>".join(out)


def prune(tree: lxml_html.HtmlElement, warnings: list[str]) -> None:
    """Takes out, in place, what a reader does not see: scripts, templates, hidden elements.

    A hidden element that holds most of the page's text is the article itself, shown by a script, and stays.
    """
    for element in list(tree.iter(*_DROP)):
        remove(element)
    total = -1
    shown = False
    for i, element in enumerate(list(tree.xpath(_MAYBE_HIDDEN))):
        if not _hides(element) or element.tag in ("html", "body"):
            continue
        size = _sentences(element) if i < _MAX_HIDDEN else 0
        if size >= 5:
            total = _sentences(tree) if total < 0 else total
            if size > total * _MOST:
                shown = True
                continue
        remove(element)
    if shown:
        warnings.append("the article stands in a hidden element")


def _sentences(element: lxml_html.HtmlElement) -> int:
    """How much running text an element holds; menus have no commas."""
    text = flat(element)
    return text.count("，") + text.count("。") + text.count(",")


def _hides(element: lxml_html.HtmlElement) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or _HIDING_STYLE.search(element.get("style") or "") is not None
        or not _HIDING_CLASS.isdisjoint((element.get("class") or "").split())
    )


def remove(element: lxml_html.HtmlElement) -> None:
    """Takes an element out of its tree and keeps the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is None:
            parent.text = (parent.text or "") + element.tail
        else:
            previous.tail = (previous.tail or "") + element.tail
    parent.remove(element)


def named(tree: lxml_html.HtmlElement) -> list[tuple[lxml_html.HtmlElement, str]]:
    """Every element that has an id or a class, with both in lower case: one look that all rules share."""
    found: list[lxml_html.HtmlElement] = list(tree.xpath("//*[@id or @class]"))
    return [(e, f"{e.get('id') or ''} {e.get('class') or ''}".lower()) for e in found]


def flat(element: lxml_html.HtmlElement) -> str:
    """All text inside an element, as it stands in the source."""
    return str(etree.tostring(element, method="text", encoding="unicode", with_tail=False))
