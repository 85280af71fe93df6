"""OFD files (GB/T 33190-2016), China's own fixed layout: a zip of XML pages with every character placed."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from crawler.extract.documents import flow, lines
from crawler.extract.documents.marks import Glyph, PageMarks, Rule
from crawler.extract.documents.model import Budget, Content, Fault, Unreadable
from crawler.extract.documents.ooxml import child, local
from crawler.extract.documents.package import Package

_POINTS = 72 / 25.4
_LITTLE_TEXT = 50
_PICTURE = 0.5
_SLANT = math.radians(8)
_ASCENT, _DESCENT = 0.85, 0.15
_NARROW = 0.5
_A4 = (0.0, 0.0, 210.0, 297.0)

_Matrix = tuple[float, float, float, float, float, float]


@dataclass(slots=True)
class _Sheet:
    marks: PageMarks
    characters: int = 0
    pictures: float = 0.0
    slanted: int = 0


@dataclass(slots=True)
class _State:
    sheets: list[_Sheet] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)


def read(body: bytes, budget: Budget) -> Content:
    """Reads an OFD file.

    Raises:
        Unreadable: encrypted, damaged or a bomb.
    """
    state = _State()
    with Package(body, budget) as package:
        if "encryptions.xml" in package:
            raise Unreadable(Fault.ENCRYPTED, "the package is encrypted (GM/T 0099)")
        roots = [e.text.strip() for e in package.xml("ofd.xml").iter("{*}DocRoot") if e.text]
        if not roots:
            raise Unreadable(Fault.DAMAGED, "OFD.xml names no document")
        for root in roots:
            _document(package, root.lstrip("/"), state, budget)
    count = len(state.sheets) + len(state.broken)
    if not count:
        raise Unreadable(Fault.DAMAGED, "it has no pages")
    return _content(state, count)


def _content(state: _State, count: int) -> Content:
    scanned = [s for s in state.sheets if s.characters < _LITTLE_TEXT and s.pictures >= _PICTURE]
    warnings = []
    if scanned:
        warnings.append(f"{len(scanned)} of {count} pages are pictures: their writing was not read")
    slanted = sum(sheet.slanted for sheet in state.sheets)
    if slanted:
        warnings.append(f"{slanted} slanted characters (a watermark) left out")
    broken = bool(state.broken)
    return Content(
        text=flow.text_of([sheet.marks for sheet in state.sheets]),
        pages=count,
        scanned_pages=len(scanned),
        warnings=tuple(warnings),
        fault=Fault.DAMAGED if broken else None,
        detail=f"{len(state.broken)} of {count} pages cannot be read" if broken else "",
    )


def _document(package: Package, path: str, state: _State, budget: Budget) -> None:
    root = package.xml(path)
    common = child(root, "CommonData")
    area = _box(common)
    templates: dict[str, str] = {}
    for element in common if common is not None else ():
        if local(element) == "TemplatePage":
            templates[element.get("ID", "")] = _beside(path, element.get("BaseLoc", ""))
    pages = child(root, "Pages")
    found = [e for e in (pages if pages is not None else ()) if local(e) == "Page"]
    if len(found) > budget.limits.pages:
        raise Unreadable(Fault.TOO_LARGE, f"{len(found)} pages, more than {budget.limits.pages}")
    for page in found:
        budget.tick()
        try:
            state.sheets.append(
                _page(package, _beside(path, page.get("BaseLoc", "")), area, templates, budget)
            )
        except Unreadable as error:
            if error.fault is not Fault.DAMAGED:
                raise
            state.broken.append(len(state.sheets) + len(state.broken) + 1)


def _beside(path: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(path), target.replace("\\", "/"))).lstrip(
        "/"
    )


def _page(
    package: Package, path: str, usual: tuple[float, ...] | None, templates: dict[str, str], budget: Budget
) -> _Sheet:
    root = package.xml(path)
    left, top, width, height = _box(root) or usual or _A4
    sheet = _Sheet(PageMarks(width=width * _POINTS, height=height * _POINTS))
    for element in root:
        if local(element) == "Template" and element.get("TemplateID", "") in templates:
            _objects(package.xml(templates[element.get("TemplateID", "")]), sheet, (left, top), budget)
    _objects(root, sheet, (left, top), budget)
    return sheet


def _box(parent: etree._Element | None) -> tuple[float, ...] | None:
    for name in ("Area", "PageArea"):
        area = child(parent, name) if parent is not None else None
        for kind in ("PhysicalBox", "ApplicationBox"):
            box = child(area, kind) if area is not None else None
            values = numbers(box.text or "") if box is not None else []
            if len(values) == 4 and values[2] > 0 and values[3] > 0:
                return tuple(values)
    return None


def numbers(text: str) -> list[float]:
    """The numbers of a list; empty if one of them is none."""
    try:
        values = [float(piece) for piece in text.replace(",", " ").split()]
    except ValueError:
        return []
    return values if all(math.isfinite(value) and abs(value) < 1e6 for value in values) else []


def _objects(root: etree._Element, sheet: _Sheet, corner: tuple[float, float], budget: Budget) -> None:
    for element in root.iter("{*}TextObject", "{*}PathObject", "{*}ImageObject"):
        boundary = numbers(element.get("Boundary", ""))
        if len(boundary) != 4:
            continue
        boundary[0] -= corner[0]
        boundary[1] -= corner[1]
        matrix = _matrix(element)
        match local(element):
            case "TextObject":
                _text(element, boundary, matrix, sheet)
            case "PathObject":
                sheet.marks.rules += _rules(element, boundary, matrix)
            case _:
                area = boundary[2] * boundary[3] * _POINTS**2
                sheet.pictures += max(0.0, area) / (sheet.marks.width * sheet.marks.height)
        if len(sheet.marks.glyphs) + len(sheet.marks.rules) > budget.limits.marks:
            raise Unreadable(Fault.BOMB, f"more than {budget.limits.marks} marks on one page")


def _matrix(element: etree._Element) -> _Matrix:
    values = numbers(element.get("CTM", ""))
    if len(values) != 6:
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    a, b, c, d, e, f = values
    return a, b, c, d, e, f


def _placed(matrix: _Matrix, boundary: Sequence[float], x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return (boundary[0] + a * x + c * y + e) * _POINTS, (boundary[1] + b * x + d * y + f) * _POINTS


def _text(element: etree._Element, boundary: Sequence[float], matrix: _Matrix, sheet: _Sheet) -> None:
    if element.get("Visible", "true") == "false":
        return
    size = (numbers(element.get("Size", "")) or [3.5])[0]
    a, b, _, _, _, _ = matrix
    slanted = _SLANT < abs(math.atan2(b, a)) % (math.pi / 2) < math.pi / 2 - _SLANT
    scale = math.hypot(a, b) or 1.0
    x = y = 0.0
    for code in element.iter("{*}TextCode"):
        text = code.text or ""
        x = (numbers(code.get("X", "")) or [x])[0]
        y = (numbers(code.get("Y", "")) or [y])[0]
        steps = zip(
            _steps(code.get("DeltaX"), text, size), _steps(code.get("DeltaY"), text, 0.0), strict=True
        )
        for character, (dx, dy) in zip(text, steps, strict=True):
            if slanted and not character.isspace():
                sheet.slanted += 1
            elif not slanted:
                sheet.marks.glyphs.append(
                    _glyph(character, _placed(matrix, boundary, x, y), size * scale * _POINTS)
                )
                sheet.characters += not character.isspace()
            x, y = x + dx, y + dy


def _glyph(character: str, at: tuple[float, float], size: float) -> Glyph:
    x, y = at
    width = size if lines.WIDE.match(character) else size * _NARROW
    character = " " if character.isspace() else character
    return Glyph(character, x, x + width, y - _ASCENT * size, y + _DESCENT * size)


def _steps(delta: str | None, text: str, size: float) -> Iterator[float]:
    """The way from each character to the next; ``g n d`` says d for n times (GB/T 33190, 11.3)."""
    given: list[float] = []
    pieces = (delta or "").split()
    at = 0
    while at < len(pieces) and len(given) < len(text):
        if pieces[at] == "g":
            run = numbers(" ".join(pieces[at + 1 : at + 3]))
            if len(run) == 2:
                given += [run[1]] * max(0, min(int(run[0]), len(text)))
            at += 3
        else:
            given += numbers(pieces[at])
            at += 1
    for place, character in enumerate(text):
        if place < len(given):
            yield given[place]
        else:
            yield size if lines.WIDE.match(character) else size * _NARROW


def _rules(element: etree._Element, boundary: Sequence[float], matrix: _Matrix) -> Iterator[Rule]:
    if element.get("Stroke", "true") == "false" and element.get("Fill", "false") == "false":
        return
    data = child(element, "AbbreviatedData")
    pieces = (data.text or "").split() if data is not None else []
    start = last = (0.0, 0.0)
    at = 0
    while at < len(pieces):
        command = pieces[at]
        if command in ("S", "M", "L"):
            point = numbers(" ".join(pieces[at + 1 : at + 3]))
            at += 3
            if len(point) != 2:
                return
            now = _placed(matrix, boundary, point[0], point[1])
            if command == "L":
                yield from _straight(last, now)
            else:
                start = now
            last = now
        elif command == "C":
            yield from _straight(last, start)
            last = start
            at += 1
        else:  # curves are no rules
            at += 1


def _straight(a: tuple[float, float], b: tuple[float, float]) -> Iterator[Rule]:
    if abs(a[0] - b[0]) < 2 or abs(a[1] - b[1]) < 2:
        yield Rule(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
