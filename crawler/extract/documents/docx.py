"""Word files of the zip kind (ISO/IEC 29500): paragraphs with their automatic numbers, tables as rows."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from crawler.extract.documents import lines
from crawler.extract.documents.docx_lists import Numbering
from crawler.extract.documents.kinds import OLE_MAGIC
from crawler.extract.documents.model import Budget, Content, Fault, Unreadable
from crawler.extract.documents.ooxml import MAIN_TYPES, attribute, child, local, main_part, related
from crawler.extract.documents.package import Package
from crawler.extract.documents.tables import Cell, table_lines

# Elements that hold paragraphs or runs and are no text themselves.
_WRAPPERS = frozenset(
    {
        "ins",
        "moveTo",
        "sdt",
        "sdtContent",
        "customXml",
        "smartTag",
        "hyperlink",
        "fldSimple",
        "dir",
        "bdo",
        "oMathPara",
        "oMath",
        "rubyBase",
        "ruby",
    }
)
_DROPPED = frozenset(
    {"del", "moveFrom", "delText", "instrText", "delInstrText", "pPr", "rPr", "rt", "sdtPr", "sdtEndPr"}
)
_MATHS = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_BIG_PICTURE = 3_000_000
"""8 cm in EMU: a scanned page fills the sheet, an emblem or a signature does not."""
_LITTLE_TEXT = 50


def read(body: bytes, budget: Budget) -> Content:
    """Reads a Word file.

    Raises:
        Unreadable: encrypted, damaged or a bomb.
    """
    if body.startswith(OLE_MAGIC):
        raise Unreadable(Fault.ENCRYPTED, "the package is encrypted with a password")
    with Package(body, budget) as package:
        part = main_part(package, MAIN_TYPES["docx"], "word/document.xml")
        root = package.xml(part)
        numbering = Numbering.of(package, part)
        reader = _Reader(numbering, budget)
        reader.blocks(child(root, "body"))
        notes = [line for kind in ("footnotes", "endnotes") for line in _notes(package, part, kind, reader)]
    return reader.content(notes)


def _notes(package: Package, part: str, kind: str, reader: _Reader) -> list[str]:
    name = related(package, part, kind)
    if name is None or not reader.noted:
        return []
    out: list[str] = []
    for note in package.xml(name):
        if local(note) in ("footnote", "endnote") and attribute(note, "type") in (None, "normal"):
            start = len(reader.out)
            reader.blocks(note)
            out += reader.out[start:]
            del reader.out[start:]
    return out


class _Reader:
    def __init__(self, numbering: Numbering, budget: Budget) -> None:
        self.numbering = numbering
        self.budget = budget
        self.out: list[str] = []
        self.boxes: list[str] = []
        self.pictures = 0
        self.noted = False
        self.revised = 0
        self.outside = False
        self._carried = ""  # text of a paragraph whose end mark is deleted

    def content(self, notes: list[str]) -> Content:
        """What was read, with what a reader of it should know."""
        text = lines.joined([*self.out, *notes])
        warnings = []
        if self.revised:
            warnings.append(f"{self.revised} deleted passages of tracked changes left out")
        if self.outside:
            warnings.append("holds a file within the file (altChunk) that was not read")
        scanned = self.pictures if len(text) < _LITTLE_TEXT else 0
        if scanned:
            warnings.append(f"{scanned} page-sized pictures and hardly any text: scanned")
        elif self.pictures:
            warnings.append(f"{self.pictures} large pictures, whose writing was not read")
        return Content(text=text, scanned_pages=scanned, warnings=tuple(warnings))

    def blocks(self, parent: etree._Element | None) -> None:
        """Paragraphs and tables in their order."""
        for element in parent if parent is not None else ():
            name = local(element)
            if name == "p":
                self._paragraph(element)
            elif name == "tbl":
                self.out += self._table(element)
            elif name in _WRAPPERS:
                self.blocks(element)
            elif name == "AlternateContent":
                self.blocks(_choice(element))
            elif name == "altChunk":
                self.outside = True

    def _paragraph(self, element: etree._Element) -> None:
        self.budget.tick()
        boxes = len(self.boxes)
        text = "".join(self._runs(element))
        if _mark_deleted(element):
            self._carried += text
            return
        text, self._carried = self._carried + text, ""
        label = self.numbering.label(element) if text.strip() else ""
        pieces = [lines.paragraph(piece) for piece in text.split("\n")]
        if label and pieces[0]:
            pieces[0] = lines.paragraph(label + pieces[0])
        own = [piece for piece in pieces if piece]
        inside, self.boxes[boxes:] = self.boxes[boxes:], []
        self.out += own + inside

    def _runs(self, parent: etree._Element) -> Iterator[str]:
        for element in parent:
            name = local(element)
            if name == "r":
                if not _hidden(element):
                    yield from self._run(element)
                continue
            if name in ("del", "moveFrom"):
                self.revised += 1
            if name in _DROPPED:
                continue
            if name in _WRAPPERS or element.tag.startswith(f"{{{_MATHS}}}"):
                if name == "t":
                    yield element.text or ""
                else:
                    yield from self._runs(element)
            elif name == "AlternateContent":
                chosen = _choice(element)
                if chosen is not None:
                    yield from self._runs(chosen)

    def _run(self, run: etree._Element) -> Iterator[str]:
        for element in run:
            name = local(element)
            if name == "t":
                yield element.text or ""
            elif name in ("br", "cr"):
                yield "\n"
            elif name in ("tab", "ptab"):
                yield " "
            elif name == "noBreakHyphen":
                yield "-"
            elif name == "sym":
                yield _symbol(element)
            elif name in ("footnoteReference", "endnoteReference"):
                self.noted = True
            elif name in _WRAPPERS:
                yield from self._runs(element)
            elif name == "AlternateContent":
                chosen = _choice(element)
                if chosen is not None:
                    self._drawn(chosen)
            elif name in ("drawing", "pict", "object"):
                self._drawn(element)

    def _drawn(self, element: etree._Element) -> None:
        """Writing in text boxes stands after the paragraph that holds them."""
        for inner in element.iter("{*}txbxContent"):
            if any(local(above) == "txbxContent" for above in inner.iterancestors()):
                continue  # a box in a box comes with the outer one
            start = len(self.out)
            carried, self._carried = self._carried, ""
            self.blocks(inner)
            self._carried = carried
            self.boxes += self.out[start:]
            del self.out[start:]
        for extent in element.iter("{*}extent"):
            size = [attribute(extent, side) or "0" for side in ("cx", "cy")]
            self.pictures += all(side.isdigit() and int(side) >= _BIG_PICTURE for side in size)

    def _table(self, table: etree._Element) -> list[str]:
        rows: list[list[Cell]] = []
        for row in _inside(table, "tr"):
            properties = child(row, "trPr")
            if properties is not None and child(properties, "del") is not None:
                self.revised += 1
                continue
            rows.append([self._cell(cell) for cell in _inside(row, "tc")])
        return table_lines(rows)

    def _cell(self, cell: etree._Element) -> Cell:
        start = len(self.out)
        self.blocks(cell)
        paragraphs = self.out[start:]
        del self.out[start:]
        return Cell(paragraphs=tuple(paragraphs), nested=cell.find(".//{*}tbl") is not None)


def _inside(parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
    for element in parent:
        if local(element) == wanted:
            yield element
        elif local(element) in _WRAPPERS:
            yield from _inside(element, wanted)


def _choice(element: etree._Element) -> etree._Element | None:
    """Of two ways to draw the same, the first: read both and a text box stands there twice."""
    chosen = child(element, "Choice")
    return chosen if chosen is not None else child(element, "Fallback")


def _on(properties: etree._Element | None, name: str) -> bool:
    switch = child(properties, name) if properties is not None else None
    return switch is not None and attribute(switch, "val") not in ("0", "false", "off")


def _hidden(run: etree._Element) -> bool:
    return _on(child(run, "rPr"), "vanish")


def _mark_deleted(paragraph: etree._Element) -> bool:
    properties = child(paragraph, "pPr")
    mark = child(properties, "rPr") if properties is not None else None
    return mark is not None and child(mark, "del") is not None


def _symbol(element: etree._Element) -> str:
    """A character of a symbol font; those in its private range mean nothing outside it."""
    try:
        code = int(attribute(element, "char") or "", 16)
    except ValueError:
        return ""
    return "" if 0xE000 <= code <= 0xF8FF or not 0x20 <= code < 0xD800 else chr(code)
