"""A subtree to lines: one paragraph a line, a table row one line with its cells joined by tabs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html

from crawler.extract.html import flat

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_SKIP = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "head",
        "iframe",
        "frame",
        "object",
        "embed",
        "applet",
        "audio",
        "video",
        "canvas",
        "svg",
        "map",
        "button",
        "select",
        "input",
        "textarea",
        "option",
        "link",
        "meta",
        "xml",
        "rt",
        "rp",
    ]
)
_PLAIN = frozenset(
    {"span", "strong", "b", "font", "em", "i", "u", "img", "o:p", "label", "sup", "sub", "small"}
)
_ATTACHMENT = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|7z|txt|rtf|jpe?g|png)(?:$|[?#&])|downfile|download", re.I
)
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…"
# A line break in the source between two Chinese characters is formatting of the source, not a space.
_SOURCE_BREAK = re.compile(rf"(?<=[{_WIDE}])[ \t]*[\r\n][ \t\r\n]*(?=[{_WIDE}])")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e]")
_PRE_BREAK = re.compile(r"\r\n?|\n")
# Deeper nests of tables are page layout whatever they hold; a look into each costs depth times size.
_MAX_TABLES = 8


@dataclass(slots=True)
class Line:
    """One line of a page."""

    text: str
    """White space folded, no line breaks; cells of a row are separated by tabs."""
    linked: int = 0
    """How many of its characters are link text."""
    attachment: bool = False
    """True if one of its links leads to a file."""
    block: lxml_html.HtmlElement | None = None
    """The innermost block element it stands in."""

    @property
    def is_link(self) -> bool:
        """True if the line is nothing but a link."""
        return self.linked > 0 and self.linked >= len(self.text.replace(" ", "").replace("\t", "")) * 0.9


@dataclass(slots=True)
class Rendered:
    """A page as lines."""

    lines: list[Line]
    """Repeated paragraphs stay, empty ones go, nothing is added."""
    spans: dict[lxml_html.HtmlElement, tuple[int, int]]
    """For each element asked about, the range of its lines."""
    depth: int = 0
    """How many block elements stand inside each other at the deepest place."""


def render(root: lxml_html.HtmlElement, marked: Collection[lxml_html.HtmlElement] = ()) -> Rendered:
    """Renders a subtree.

    Args:
        root: What to render.
        marked: Elements whose range of lines is wanted.
    """
    return _Renderer(root, frozenset(marked)).run()


def fold(text: str) -> str:
    """Folds white space as the lines have it."""
    if text.isspace():
        return ""
    if "\n" in text or "\r" in text:
        text = _SOURCE_BREAK.sub("", text)
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


class _Renderer:
    def __init__(self, root: lxml_html.HtmlElement, marked: frozenset[lxml_html.HtmlElement]) -> None:
        self.root = root
        self.marked = marked
        self.spans: dict[lxml_html.HtmlElement, tuple[int, int]] = {}
        self.depth = 0
        self.blocks: list[lxml_html.HtmlElement] = [root]
        self.parts: list[str] = []
        self.linked = 0
        self.attachment = False
        self.in_link = 0
        self.in_pre = 0
        self.rows: list[list[str]] = []  # cells of the open rows of data tables, innermost last
        self.tables: list[bool] = []  # for each open table: does it hold data
        self.out: list[Line] = []

    def run(self) -> Rendered:
        walk = etree.iterwalk(self.root, events=("start", "end"))
        root, marked, spans = self.root, self.marked, self.spans
        for event, element in walk:
            tag = element.tag
            # Spans and fonts, half of all elements, are neither blocks nor skipped nor otherwise told apart.
            if event == "start":
                if tag not in _PLAIN:
                    if not isinstance(tag, str) or tag in _SKIP:
                        walk.skip_subtree()
                        continue
                    self._start(tag, element)
                if element in marked:
                    self._flush()
                    spans[element] = (len(self.out), len(self.out))
                text = element.text
                if text:
                    self._text(text)
            else:
                if tag not in _PLAIN and isinstance(tag, str) and tag not in _SKIP:
                    self._end(tag)
                if element in marked and element in spans:
                    self._flush()
                    spans[element] = (spans[element][0], len(self.out))
                text = element.tail
                if text and element is not root:
                    self._text(text)
        self._flush()
        return Rendered(self.out, self.spans, self.depth)

    def _start(self, tag: str, element: lxml_html.HtmlElement) -> None:
        if tag == "table":
            self._flush()
            inside = any(self.tables)
            self.tables.append(inside or (len(self.tables) < _MAX_TABLES and _holds_data(element)))
            if inside:  # a table in a cell of data is part of that cell
                self.tables[-1] = False
        elif tag == "tr" and self.tables and self.tables[-1]:
            self._row()
            self.rows.append([])
        elif tag in ("td", "th") and self.rows and self.tables and self.tables[-1]:
            self._cell()
        elif tag == "br" or tag in _BLOCKS:
            self._flush()
        elif tag == "a":
            self.in_link += 1
            self.attachment = self.attachment or bool(_ATTACHMENT.search(element.get("href") or ""))
        if tag in _BLOCKS:
            self.blocks.append(element)
            self.depth = max(self.depth, len(self.blocks))
            if tag == "pre":
                self.in_pre += 1

    def _end(self, tag: str) -> None:
        if tag == "table":
            if self.tables and self.tables[-1]:
                self._row()
            else:
                self._flush()
            if self.tables:
                self.tables.pop()
        elif tag == "tr" and self.tables and self.tables[-1]:
            self._row()
        elif tag in ("td", "th") and self.rows and self.tables and self.tables[-1]:
            self.rows[-1].append(self._taken())
        elif tag in _BLOCKS:
            self._flush()
        elif tag == "a":
            self.in_link -= 1
        if tag in _BLOCKS:
            self.blocks.pop()
            if tag == "pre":
                self.in_pre -= 1

    def _text(self, text: str) -> None:
        if self.in_pre and not self.rows:
            pieces = _PRE_BREAK.split(text)
            for piece in pieces[:-1]:
                self._append(piece)
                self._flush()
            text = pieces[-1]
        self._append(text)

    def _append(self, text: str) -> None:
        self.parts.append(text)
        if self.in_link:
            self.linked += len("".join(text.split()))

    def _taken(self) -> str:
        if not self.parts:
            return ""
        text = fold("".join(self.parts))
        self.parts.clear()
        return text

    def _cell(self) -> None:
        stray = self._taken()  # text between the cells of a row
        if stray:
            self.rows[-1].append(stray)

    def _row(self) -> None:
        if self.rows:
            self._cell()
            cells = self.rows.pop()
            if any(cells):
                self._emit("\t".join(cells))
        else:
            self._flush()

    def _flush(self) -> None:
        if not self.parts:
            return
        if self.rows:  # paragraphs of one cell share its line
            if self.parts and self.parts[-1] != "\n":
                self.parts.append("\n")
            return
        text = self._taken()
        if text:
            self._emit(text)
        else:
            self.linked, self.attachment = 0, False

    def _emit(self, text: str) -> None:
        self.out.append(Line(text, self.linked, self.attachment, self.blocks[-1]))
        self.linked, self.attachment = 0, False


def _holds_data(table: lxml_html.HtmlElement) -> bool:
    """True for a table of figures or names, False for one that only lays out a document."""
    columns = 0
    rows = 0
    total = biggest = 0
    for row in _rows(table):
        filled = 0
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            size = len("".join(flat(cell).split()))
            filled += size > 0
            total += size
            if size > biggest:
                biggest, biggest_cell = size, cell
        columns = max(columns, filled)
        rows += filled > 0
    if columns < 2:
        return False
    if table.find(".//table") is not None:
        return False
    # One cell with a whole document in it and a few crumbs beside: a frame.
    if biggest >= total * 0.8 and biggest > 200 and rows <= 3:
        return len(biggest_cell.xpath(".//p|.//br|.//div")) < 3
    return True


def _rows(table: lxml_html.HtmlElement) -> Iterator[lxml_html.HtmlElement]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("tbody", "thead", "tfoot"):
            for row in child:
                if row.tag == "tr":
                    yield row
