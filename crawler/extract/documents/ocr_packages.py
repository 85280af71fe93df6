"""Scanned pages of OFD and Word files: their pictures found and looked at."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lxml import etree

from crawler.extract.documents import docx, flow, lines, ofd
from crawler.extract.documents.kinds import OLE_MAGIC
from crawler.extract.documents.marks import Glyph, PageMarks, Rule
from crawler.extract.documents.model import Fault, Unreadable
from crawler.extract.documents.ocr_look import Looker
from crawler.extract.documents.ocr_pictures import pages_of
from crawler.extract.documents.ooxml import MAIN_TYPES, attribute, child, local, main_part
from crawler.extract.documents.package import Package

_MILLIMETRES = 25.4
_EMU = 914_400
"""Per inch."""
_SMALL = 0.02
"""Share of the page: less is an emblem or a signature."""


def ofd_text(body: bytes, label: str, looker: Looker) -> str:
    """The text of an OFD file with its scanned pages read.

    Raises:
        Unreadable: what cannot be read, or takes too long.
    """
    with Package(body, looker.budget) as package:
        state = ofd._State()
        paths: list[tuple[str, dict[str, str]]] = []
        for root in [e.text.strip().lstrip("/") for e in package.xml("ofd.xml").iter("{*}DocRoot") if e.text]:
            ofd._document(package, root, state, looker.budget)
            paths += _pages(package, root)
        whole = [path for number, path in enumerate(paths, 1) if number not in state.broken]
        for sheet, (path, files) in zip(state.sheets, whole, strict=True):
            if sheet.characters >= ofd._LITTLE_TEXT or sheet.pictures < ofd._PICTURE:
                continue
            number = paths.index((path, files)) + 1
            for at, (file, box) in enumerate(_pictures(package, path, files), 1):
                named = f"{label}{number}" if at == 1 else f"{label}{number}.{at}"
                for picture in pages_of(
                    package.read(file), pixels=looker.limits.pixels, pages=1, inches=box[2] / _MILLIMETRES
                ):
                    _add(sheet.marks, looker.look(named, picture), box[0], box[1])
    return flow.text_of([sheet.marks for sheet in state.sheets])


def _pages(package: Package, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The pages of a document: where each stands, and the files of the pictures it may name."""
    root = package.xml(path)
    common = child(root, "CommonData")
    files: dict[str, str] = {}
    for element in common if common is not None else ():
        if local(element) in ("PublicRes", "DocumentRes"):
            files |= _files(package, ofd._beside(path, (element.text or "").strip()))
    pages = child(root, "Pages")
    for page in pages if pages is not None else ():
        if local(page) == "Page":
            yield ofd._beside(path, page.get("BaseLoc", "")), files


def _files(package: Package, path: str) -> dict[str, str]:
    """The picture files that a list of resources names, by number."""
    if path not in package:
        return {}
    root = package.xml(path)
    folder = ofd._beside(path, root.get("BaseLoc", "") or ".")
    out = {}
    for media in root.iter("{*}MultiMedia"):
        file = child(media, "MediaFile")
        if media.get("Type", "") == "Image" and file is not None and file.text:
            out[media.get("ID", "")] = ofd._beside(f"{folder}/list", file.text.strip())
    return out


def _pictures(
    package: Package, path: str, files: dict[str, str]
) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """The large pictures of a page from top to bottom: file and place in millimetres."""
    root = package.xml(path)
    left, top, width, height = ofd._box(root) or ofd._A4
    files = dict(files)
    for own in root:
        if local(own) == "PageRes":
            files |= _files(package, ofd._beside(path, (own.text or "").strip()))
    found = []
    for element in root.iter("{*}ImageObject"):
        box = ofd.numbers(element.get("Boundary", ""))
        file = files.get(element.get("ResourceID", ""))
        if file is None or len(box) != 4 or box[2] * box[3] < _SMALL * width * height or box[2] <= 0:
            continue
        found.append((file, (box[0] - left, box[1] - top, box[2], box[3])))
    if not found:
        raise Unreadable(Fault.DAMAGED, f"the picture of {posixpath.basename(path)[:80]} is missing")
    yield from sorted(found, key=lambda one: (one[1][1], one[1][0]))


def _add(marks: PageMarks, seen: PageMarks, left: float, top: float) -> None:
    """Puts what was seen on a picture where the picture stands on the page."""
    x, y = left * ofd._POINTS, top * ofd._POINTS
    marks.glyphs += [Glyph(g.text, g.x0 + x, g.x1 + x, g.top + y, g.bottom + y) for g in seen.glyphs]
    marks.rules += [Rule(r.x0 + x, r.y0 + y, r.x1 + x, r.y1 + y) for r in seen.rules]


def docx_text(body: bytes, text: str, label: str, looker: Looker) -> str:
    """The text of a Word file whose pages are pictures: its own few words, then those of the pictures.

    Args:
        body: The file.
        text: What it holds as text.
        label: Stands before the numbers of the pictures.
        looker: Reads them.

    Raises:
        Unreadable: what cannot be read, or takes too long.
    """
    if body.startswith(OLE_MAGIC):
        raise Unreadable(Fault.ENCRYPTED, "the package is encrypted with a password")
    seen: list[PageMarks] = []
    with Package(body, looker.budget) as package:
        part = main_part(package, MAIN_TYPES["docx"], "word/document.xml")
        files = _related(package, part)
        for number, (key, inches) in enumerate(_drawn(package.xml(part)), 1):
            file = files.get(key)
            if file is None:
                raise Unreadable(Fault.DAMAGED, f"picture {number} is missing")
            for picture in pages_of(package.read(file), pixels=looker.limits.pixels, pages=1, inches=inches):
                seen.append(looker.look(f"{label}{number}", picture))
    return lines.joined([text, flow.text_of(seen)])


def _related(package: Package, part: str) -> dict[str, str]:
    """Parts by the key under which a part names them."""
    folder, name = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations not in package:
        return {}
    return {
        relation.get("Id", ""): posixpath.normpath(
            posixpath.join("/", folder, relation.get("Target", ""))
        ).lstrip("/")
        for relation in package.xml(relations)
        if relation.get("TargetMode") != "External"
    }


def _drawn(root: etree._Element) -> Iterator[tuple[str, float]]:
    """The page-sized pictures in their order: key and width in inches."""
    for drawing in root.iter("{*}drawing"):
        extent = next(drawing.iter("{*}extent"), None)
        blip = next(drawing.iter("{*}blip"), None)
        if extent is None or blip is None:
            continue
        sides = [int(side) if side.isdigit() else 0 for side in (extent.get("cx", ""), extent.get("cy", ""))]
        if all(side >= docx._BIG_PICTURE for side in sides):
            yield attribute(blip, "embed") or "", sides[0] / _EMU
