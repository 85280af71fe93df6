"""One page of a PDF file as pdfium sees it: characters, rules and pictures as marks."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import pypdfium2 as pdfium
from pypdfium2 import raw

from crawler.extract.documents import lines
from crawler.extract.documents.marks import Glyph, PageMarks, Rule
from crawler.extract.documents.model import Budget, Fault, Unreadable

_SLANT = math.radians(8)
_UPRIGHT = math.pi / 2
_MAX_SEGMENTS = 4_000
_DEEPEST = 8
_THIN = 3.0
_CURVE = 2
"""Curved segments from which a drawing may be a written character."""
_SAMPLE = 40
_HIDDEN_MODE = 3
"""Text rendering mode of invisible text, ISO 32000-1, 9.3.6."""

_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True)
class PdfMarks:
    """What stands on one page."""

    page: PageMarks
    characters: int = 0
    unmapped: int = 0
    """Characters whose font gives no Unicode for them."""
    slanted: int = 0
    pictures: float = 0.0
    """Share of the page that pictures cover, overlaps counted twice."""
    curves: int = 0
    """Drawings with curves."""
    hidden: bool = False
    """The text is invisible."""


@dataclass(slots=True)
class _View:
    """From page space to points from the top left corner of the page as seen."""

    left: float
    bottom: float
    width: float
    height: float
    turn: int
    """Quarter turns clockwise."""

    @property
    def size(self) -> tuple[float, float]:
        return (self.height, self.width) if self.turn % 2 else (self.width, self.height)

    def box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        """x0, top, x1, bottom of a box given by two corners."""
        ax, ay = self._point(x0, y0)
        bx, by = self._point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def _point(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self.left, y - self.bottom
        match self.turn % 4:
            case 0:
                return x, self.height - y
            case 1:
                return y, x
            case 2:
                return self.width - x, y
            case _:
                return self.height - y, self.width - x


@dataclass(slots=True)
class _Raw:
    text: str
    box: tuple[float, float, float, float]
    quarter: int
    """Quarter turns of its baseline, clockwise in page space."""


@dataclass(slots=True)
class _Found:
    glyphs: list[_Raw] = field(default_factory=list)
    unmapped: int = 0
    slanted: int = 0
    hidden: bool = False


def marks_of(page: pdfium.PdfPage, budget: Budget) -> PdfMarks:
    """Everything on a page that matters to its text.

    Raises:
        Unreadable: more marks than any page of writing has.
        pypdfium2.PdfiumError: the page is broken.
    """
    left, bottom, right, top = page.get_bbox()
    found = _characters(page, budget)
    turned = _prevailing(found.glyphs)
    # Seen so that most of its writing is upright: tables are set sideways on upright pages, too.
    turn = -turned % 4 if found.glyphs else page.get_rotation() // 90
    view = _View(left, bottom, max(right - left, 1.0), max(top - bottom, 1.0), turn)
    width, height = view.size
    marks = PdfMarks(page=PageMarks(width=width, height=height), unmapped=found.unmapped, hidden=found.hidden)
    marks.slanted = found.slanted
    for glyph in found.glyphs:
        if glyph.quarter != turned:
            continue
        x0, y0, x1, y1 = view.box(*glyph.box)
        marks.page.glyphs.append(Glyph(glyph.text, x0, x1, y0, y1))
        marks.characters += glyph.text != " "
    _objects(page, view, marks, budget)
    return marks


def _prevailing(glyphs: list[_Raw]) -> int:
    counts = [0, 0, 0, 0]
    for glyph in glyphs:
        counts[glyph.quarter] += 1
    return counts.index(max(counts))


def _characters(page: pdfium.PdfPage, budget: Budget) -> _Found:
    found = _Found()
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        if count > budget.limits.marks:
            raise Unreadable(Fault.BOMB, f"{count} characters on one page")
        _read_characters(textpage.raw, count, found, budget)
        if found.glyphs:
            found.hidden = _all_hidden(textpage.raw, count)
    finally:
        textpage.close()
    return found


def _read_characters(text: raw.FPDF_TEXTPAGE, count: int, found: _Found, budget: Budget) -> None:
    box = raw.FS_RECTF()
    where = ctypes.byref(box)
    high = 0
    for at in range(count):
        if at % 20_000 == 0:
            budget.tick()
        code = raw.FPDFText_GetUnicode(text, at)
        if raw.FPDFText_IsGenerated(text, at) == 1 or code in (0, 10, 13):
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) if high else 0xFFFD
        high = 0
        angle = raw.FPDFText_GetCharAngle(text, at)
        quarters = angle / _UPRIGHT
        quarter = round(quarters)
        character = "-" if code == 2 else chr(code)
        if character.isspace():
            character = " "
        elif abs(quarters - quarter) * _UPRIGHT > _SLANT:
            found.slanted += 1
            continue
        if not raw.FPDFText_GetLooseCharBox(text, at, where):
            continue
        if lines.UNMAPPED.match(character) or raw.FPDFText_HasUnicodeMapError(text, at) == 1:
            found.unmapped += 1
        found.glyphs.append(_Raw(character, (box.left, box.bottom, box.right, box.top), quarter % 4))


def _all_hidden(text: raw.FPDF_TEXTPAGE, count: int) -> bool:
    modes = []
    for at in range(0, count, max(1, count // _SAMPLE)):
        owner = raw.FPDFText_GetTextObject(text, at)
        if owner:
            modes.append(raw.FPDFTextObj_GetTextRenderMode(owner))
    return bool(modes) and all(mode == _HIDDEN_MODE for mode in modes)


def _objects(page: pdfium.PdfPage, view: _View, marks: PdfMarks, budget: Budget) -> None:
    area = view.width * view.height
    segments = 0
    for at, (kind, item, matrix) in enumerate(_walk(page.raw, budget)):
        if at % 5_000 == 0:
            budget.tick()
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            marks.pictures += _covered(item, matrix, view) / area
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            count = raw.FPDFPath_CountSegments(item)
            if 2 <= count <= _MAX_SEGMENTS and segments < budget.limits.marks and _painted(item):
                segments += count
                _path(item, count, matrix, view, marks)


def _walk(page: raw.FPDF_PAGE, budget: Budget) -> Iterator[tuple[int, raw.FPDF_PAGEOBJECT, _Matrix]]:
    """Every object with the matrix that takes it to page space; those in forms too."""
    stack: list[tuple[Iterator[raw.FPDF_PAGEOBJECT], _Matrix]] = [(_of_page(page), _IDENTITY)]
    seen = 0
    while stack:
        items, outer = stack[-1]
        item = next(items, None)
        if item is None:
            stack.pop()
            continue
        seen += 1
        if seen > budget.limits.marks:
            raise Unreadable(Fault.BOMB, f"more than {budget.limits.marks} drawings on one page")
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_FORM and len(stack) < _DEEPEST:
            stack.append((_of_form(item), _times(_matrix(item), outer)))
        elif kind in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH):
            yield kind, item, _times(_matrix(item), outer)


def _of_page(page: raw.FPDF_PAGE) -> Iterator[raw.FPDF_PAGEOBJECT]:
    return (raw.FPDFPage_GetObject(page, at) for at in range(max(0, raw.FPDFPage_CountObjects(page))))


def _of_form(form: raw.FPDF_PAGEOBJECT) -> Iterator[raw.FPDF_PAGEOBJECT]:
    return (raw.FPDFFormObj_GetObject(form, at) for at in range(max(0, raw.FPDFFormObj_CountObjects(form))))


def _matrix(item: raw.FPDF_PAGEOBJECT) -> _Matrix:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix)):
        return _IDENTITY
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    k, m, n, p, q, r = outer
    return (
        a * k + b * n,
        a * m + b * p,
        c * k + d * n,
        c * m + d * p,
        e * k + f * n + q,
        e * m + f * p + r,
    )


def _applied(matrix: _Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _covered(image: raw.FPDF_PAGEOBJECT, matrix: _Matrix, view: _View) -> float:
    """The area of the page under an image, which is the unit square drawn through its matrix."""
    corners = [_applied(matrix, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))]
    xs = [min(max(x - view.left, 0.0), view.width) for x, _ in corners]
    ys = [min(max(y - view.bottom, 0.0), view.height) for _, y in corners]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))


def _painted(path: raw.FPDF_PAGEOBJECT) -> bool:
    fill, stroke = ctypes.c_int(0), raw.FPDF_BOOL(0)
    if not raw.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke)):
        return False
    return bool(fill.value or stroke.value)


def _path(path: raw.FPDF_PAGEOBJECT, count: int, matrix: _Matrix, view: _View, marks: PdfMarks) -> None:
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    curved = 0
    for at in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, at)
        if not segment or not raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y)):
            continue
        point = _applied(matrix, x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            _straight(last, point, view, marks)
        else:
            curved += 1
        last = point
        if raw.FPDFPathSegment_GetClose(segment):
            _straight(last, start, view, marks)
            last = start
    marks.curves += curved >= _CURVE


def _straight(a: tuple[float, float], b: tuple[float, float], view: _View, marks: PdfMarks) -> None:
    if abs(a[0] - b[0]) < _THIN or abs(a[1] - b[1]) < _THIN:
        x0, y0, x1, y1 = view.box(*a, *b)
        marks.page.rules.append(Rule(x0, y0, x1, y1))
