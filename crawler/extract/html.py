"""Text to a tree that holds everything a reader sees: repairs before parsing, hidden parts out after.

lxml's HTML parser loses what stands below a depth of 2,048 elements and what follows an unclosed script;
pages put half of themselves after an early ``</html>``. None of that may cost a report its body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

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
_LONG = 20_000
_LONG_TAG = re.compile(rf"<([a-zA-Z][a-zA-Z0-9:-]{{0,30}})(?=[\s/])[^<>]{{{_LONG},}}+(?:>|(?=<)|\Z)")
_LONG_TAG_BYTES = re.compile(_LONG_TAG.pattern.encode())
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
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
_CELLS = frozenset({"td", "th", "tr"})

# Real pages stay below 100; the parser refuses more than 2,048 and then drops the rest of the page. A table
# counts once and is three levels deep.
_MAX_DEPTH = 500
# The largest real page seen has 0.83 million bytes, the one with most markup 15,397 tags; pictures inlined into a page
# are taken away before counting. Reading more takes up to a minute (bytes in no charset, tags without end).
MAX_BYTES = 8_000_000
MAX_CHARACTERS = MAX_BYTES
MAX_TAGS = 250_000
_HEAVY = 1_000_000

_DROP = ("script", "style", "template", "noscript", "xml", "object", "applet", "base", "svg", "select")
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# What is never shown, and what wikis set round an article on every page (MediaWiki's own names).
_HIDING_CLASS = frozenset(
    {"ng-hide", "hide", "hidden", "d-none", "visually-hidden", "sr-only"}
    | {"navbox", "catlinks", "mw-editsection", "mw-jump-link", "printfooter"}
)
_MAYBE_HIDDEN_STYLE = re.compile("none|NONE|idden")
# One class for all elements: lxml.html looks up a class for each tag in Python whenever an element is met, which took
# half the time of rendering a page, and nobody here needs its forms and inputs.
_CLASSES = etree.ElementDefaultClassLookup(
    element=lxml_html.HtmlElement,
    comment=lxml_html.HtmlComment,
    pi=lxml_html.HtmlProcessingInstruction,
    entity=lxml_html.HtmlEntity,
)
# More than a half, so that of two copies (for wide and narrow screens) the hidden one goes; far more, so that a hidden
# panel longer than a short report does: beside a hidden article hardly a sentence is shown.
_MOST = 0.75
# Each look into a hidden element costs its size; more of them than this is no page but an attack.
_MAX_HIDDEN = 1000


@dataclass
class Parsed:
    """A page as a tree."""

    tree: lxml_html.HtmlElement
    warnings: list[str] = field(default_factory=list)
    """What had to be repaired."""


def tame(text: str) -> str:
    """Takes away what no rule needs and the parser cannot stand: control characters, and attributes without end.

    Args:
        text: The page as ``charset.decode`` gives it.
    """
    text = _CONTROL.sub("", text)
    # A look at the gaps between tags costs a tenth of the pattern, which walks through every tag.
    return _LONG_TAG.sub(r"<\1>", text) if max(map(len, text.split("<"))) >= _LONG else text


def lighter(body: bytes) -> bytes:
    """Takes tags without end out of a heavy page before it is decoded; any other page comes back as it is.

    Args:
        body: The page as received, content encoding removed. UTF-16 stays as it is.
    """
    return _LONG_TAG_BYTES.sub(rb"<\1>", body) if len(body) > _HEAVY else body


def too_much(body: bytes) -> str | None:
    """Says why a page is too large to be read as a page; None if it is not. Costs next to nothing.

    Args:
        body: The page as `lighter` gives it.
    """
    if len(body) > MAX_BYTES:
        return f"{len(body)} bytes in one page, more than {MAX_BYTES}"
    tags = body.count(b"<")
    if tags > MAX_TAGS:
        return f"{tags} tags in one page, more than {MAX_TAGS}"
    return None


def document(
    text: str, *, base_url: str | None = None, bare: bool = False
) -> tuple[lxml_html.HtmlElement, bool]:
    """Parses markup that was tamed.

    Args:
        text: The markup; without any an empty page comes back.
        base_url: Where the page stands.
        bare: Without comments and processing instructions.

    Returns:
        The tree, and whether the parser left out what was nested too deep.

    Raises:
        MemoryError: the tree would need more than this process may have.
    """
    parser = lxml_html.HTMLParser(huge_tree=True, remove_comments=bare, remove_pis=bare, encoding="utf-8")
    parser.set_element_class_lookup(_CLASSES)
    # As UTF-8, in which the parser works; it would convert a str piece by piece.
    source = text.encode("utf-8", "replace")
    try:
        tree = lxml_html.document_fromstring(source, parser=parser, ensure_head_body=True, base_url=base_url)
    except etree.ParserError:  # nothing but white space or comments: an empty page is a page
        empty = "<html><head></head><body></body></html>"
        return lxml_html.document_fromstring(empty, base_url=base_url), False
    except etree.XMLSyntaxError as error:
        # The HTML parser forgives everything but a lack of memory, and reports that in these words.
        raise MemoryError("no memory for the page's tree") from error
    return tree, any("depth" in e.message for e in parser.error_log)


def parse(text: str) -> Parsed:
    """Parses a decoded page; never raises and loses no text that a browser would show.

    Args:
        text: The page as ``charset.decode`` gives it.
    """
    warnings: list[str] = []
    text = tame(text)
    if len(text) > MAX_CHARACTERS:
        warnings.append(f"page of {len(text)} characters cut at {MAX_CHARACTERS}")
        text = text[:MAX_CHARACTERS]
    if len(_ROOT_SIGNS.findall(text)) > 2:
        warnings.append("several documents in one page")
    text = _close_raw(_ROOT_TAGS.sub("", text), warnings)
    tree, too_deep = _parse(text)
    if too_deep:
        warnings.append(f"nested deeper than the parser reads: flattened below {_MAX_DEPTH} levels")
        tree, _ = _parse(_flatten(text))
    return Parsed(tree, warnings)


def _parse(text: str) -> tuple[lxml_html.HtmlElement, bool]:
    return document(text, bare=True)


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
        if name in _UNCOUNTED and not (name in _CELLS and dropped.get("table")):
            continue
        if name in _CELLS:  # a cell of a table that is gone
            pass
        elif match.group(1):
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
    # One break for any number of tags with nothing between them.
    return "<br>".join(piece for i, piece in enumerate(out) if i == 0 or (piece and not piece.isspace()))


def prune(tree: lxml_html.HtmlElement, warnings: list[str]) -> None:
    """Takes out, in place, what a reader does not see: scripts, templates, hidden elements.

    A hidden element that holds most of the page's text is the article itself, shown by a script, and stays.
    """
    for element in list(tree.iter(*_DROP)):
        remove(element)
    total = -1
    shown = False
    for i, element in enumerate([e for e in tree.iter(etree.Element) if _may_hide(e)]):
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


def _may_hide(element: lxml_html.HtmlElement) -> bool:
    """A cheap first look at the attributes that can hide an element."""
    get = element.get
    style, names = get("style"), get("class")
    return (
        (style is not None and _MAYBE_HIDDEN_STYLE.search(style) is not None)
        or (names is not None and _class_hides(names))
        or get("hidden") is not None
        or get("aria-hidden") == "true"
    )


def _hides(element: lxml_html.HtmlElement) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or _HIDING_STYLE.search(element.get("style") or "") is not None
        or _class_hides(element.get("class") or "")
    )


# A page repeats its few classes for all its elements.
@lru_cache(maxsize=512)
def _class_hides(names: str) -> bool:
    return not _HIDING_CLASS.isdisjoint(names.split())


def remove(element: lxml_html.HtmlElement) -> None:
    """Takes an element out of its tree and keeps the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is None:
            parent.text = _writable((parent.text or "") + element.tail)
        else:
            previous.tail = _writable((previous.tail or "") + element.tail)
    parent.remove(element)


def _writable(text: str) -> str:
    """Text without what the parser reads (written as ``&#1;``) and then refuses to be given back."""
    return _UNWRITABLE.sub("", text)


def named(tree: lxml_html.HtmlElement) -> list[tuple[lxml_html.HtmlElement, str]]:
    """Every element that has an id or a class, with both in lower case: one look that all rules share."""
    found: list[tuple[lxml_html.HtmlElement, str]] = []
    for element in tree.iter(etree.Element):
        own, names = element.get("id"), element.get("class")
        if own is not None or names is not None:
            found.append((element, f"{own or ''} {names or ''}".lower()))
    return found


def flat(element: lxml_html.HtmlElement) -> str:
    """All text inside an element, as it stands in the source."""
    return str(etree.tostring(element, method="text", encoding="unicode", with_tail=False))
