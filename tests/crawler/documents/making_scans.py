"""Scans at 150 dpi, straight and as offices send them: what OCR is measured on."""

from __future__ import annotations

import io
import math
import random
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import docx
import pypdfium2 as pdfium
from docx.shared import Cm
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.crawler.documents import ofd_writer
from tests.crawler.documents.making import Case, Workshop
from tests.crawler.documents.own_texts import FIGURES, Report, report, rows
from tests.crawler.documents.typesetting import broken, joined, span, typeset

DPI = 150
_A4 = (1240, 1754)
_RED = (205, 35, 40)


class Press:
    """Sets pages as official papers are set: 28 lines of 28 characters of 16 points, the page's number below."""

    def __init__(self, shop: Workshop) -> None:
        self._font = str(shop.font)
        self.pages: list[Image.Image] = []
        self._y = 0

    def turn(self) -> Image.Image:
        page = Image.new("RGB", _A4, "white")
        self.pages.append(page)
        self._y = pixels(105)
        if len(self.pages) > 1 or self.numbered:
            number = f"— {len(self.pages)} —"
            self.text((_A4[0] - span(number) * pixels(14)) / 2, pixels(790), number, 14)
        return page

    numbered = True

    def text(self, x: float, y: float, content: str, size: float, fill: Any = 25) -> None:
        colour = (fill, fill, fill) if isinstance(fill, int) else fill
        ImageDraw.Draw(self.pages[-1]).text((x, y), content, font=self.face(size), fill=colour)

    def face(self, size: float) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(self._font, pixels(size))

    def line(self, x: float, content: str, size: float = 16) -> None:
        if not self.pages or self._y > pixels(735):
            self.turn()
        self.text(x, self._y, content, size)
        self._y += pixels(28 if size < 20 else 36)

    def report(self, text: Report) -> list[Image.Image]:
        for piece in textwrap.wrap(text.title, 18):
            self.line((_A4[0] - span(piece) * pixels(22)) / 2, piece, 22)
        for paragraph in text.body:
            first = 0 if len(paragraph) < 30 and paragraph.endswith("：") else 2
            for at, piece in enumerate(broken(paragraph, 27, first)):
                self.line(pixels(82) + (first * pixels(16) if at == 0 else 0), piece)
        for piece in text.closing:
            self.line(_A4[0] - pixels(90) - span(piece) * pixels(16), piece)
        return self.pages

    def table(self, data: Sequence[Sequence[str]]) -> None:
        draw = ImageDraw.Draw(self.pages[-1])
        xs = [pixels(x) for x in (82, 122, 212, 272, 332, 512)]
        height = pixels(30)
        top = self._y + pixels(6)
        for at in range(len(data) + 1):
            draw.line((xs[0], top + at * height, xs[-1], top + at * height), fill="black", width=2)
        for x in xs:
            draw.line((x, top, x, top + len(data) * height), fill="black", width=2)
        for at, row in enumerate(data):
            for place, cell in enumerate(row):
                self.text(xs[place] + pixels(5), top + at * height + pixels(8), cell, 12)
        self._y = top + len(data) * height + pixels(20)


def pixels(points: float) -> int:
    return round(points * DPI / 72)


def tilted(page: Image.Image, degrees: float) -> Image.Image:
    return page.rotate(degrees, fillcolor="white", resample=Image.Resampling.BICUBIC)


def noisy(page: Image.Image, *, spread: float = 14) -> Image.Image:
    """A grey copy of a copy: soft, dark at one edge, with grain and specks."""
    grain = random.Random(7)
    grey = page.convert("L").filter(ImageFilter.GaussianBlur(0.8))
    values = list(grey.getdata())
    width = grey.width
    out = bytearray(len(values))
    for at, value in enumerate(values):
        shade = 0.94 - 0.12 * max(0.0, 1 - (at % width) / 220)
        out[at] = max(0, min(255, round(value * shade + grain.gauss(0, spread))))
    for _ in range(500):
        at = grain.randrange(len(out))
        out[at] = grain.choice((30, 250))
    return Image.frombytes("L", grey.size, bytes(out))


def sealed(page: Image.Image, shop: Workshop, centre: tuple[int, int], text: str) -> Image.Image:
    """A round red seal of 42 mm over what is printed: ring, star, and the body's name along the ring."""
    radius = round(42 / 25.4 * DPI / 2)
    seal = Image.new("L", page.size, 0)
    draw = ImageDraw.Draw(seal)
    x, y = centre
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=255, width=7)
    points = []
    for at in range(10):
        reach = radius * (0.3 if at % 2 == 0 else 0.12)
        angle = math.pi * at / 5 - math.pi / 2
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    draw.polygon(points, fill=255)
    face = ImageFont.truetype(str(shop.font), pixels(17))
    for at, character in enumerate(text):
        angle = -210 + 240 * at / (len(text) - 1)
        letter = Image.new("L", (pixels(24), pixels(24)), 0)
        ImageDraw.Draw(letter).text((pixels(3), pixels(2)), character, font=face, fill=255)
        letter = letter.rotate(-angle - 90, resample=Image.Resampling.BICUBIC)
        reach = radius * 0.76
        place = (
            round(x + reach * math.cos(math.radians(angle)) - letter.width / 2),
            round(y + reach * math.sin(math.radians(angle)) - letter.height / 2),
        )
        seal.paste(255, place, letter)
    ink = Image.new("RGB", page.size, _RED)
    inked = Image.composite(ink, Image.new("RGB", page.size, "white"), seal)
    return Image.fromarray(_darker(page.convert("RGB"), inked))


def _darker(below: Image.Image, above: Image.Image) -> Any:
    """Ink upon print: each colour as dark as both make it."""
    import numpy as np

    return (np.asarray(below, np.uint16) * np.asarray(above, np.uint16) // 255).astype(np.uint8)


def pdf(pages: Sequence[Image.Image], *, mode: str = "1", **options: Any) -> bytes:
    """Pages as a scanner writes them: black and white, grey or in colours."""
    made = [
        page.convert("L").point(lambda value: 255 if value > 150 else 0).convert("1")
        if mode == "1"
        else page.convert(mode)
        for page in pages
    ]
    target = io.BytesIO()
    made[0].save(target, "PDF", save_all=True, append_images=made[1:], resolution=DPI, **options)
    return target.getvalue()


def png(page: Image.Image) -> bytes:
    target = io.BytesIO()
    page.convert("L").point(lambda value: 255 if value > 150 else 0).convert("1").save(target, "PNG")
    return target.getvalue()


def cases(shop: Workshop) -> list[Case]:
    """All scans that OCR is measured on."""
    made: list[Case] = []

    def add(name: str, body: bytes, seen: Sequence[str], **more: Any) -> None:
        kind = name.rpartition(".")[2]
        given = {"form": "scanned", "pages": 1, "scanned_pages": 1, **more}
        made.append(Case(name=name, body=body, kind=kind, extra={"seen": list(seen)}, **given))

    long, short = report(31, 1100), report(32, 330)
    pages = Press(shop).report(long)
    count = len(pages)
    add("ocr-pages.pdf", pdf(pages), long.lines, pages=count, scanned_pages=count)
    page = Press(shop).report(short)[0]
    turned: dict[str, Callable[[], bytes]] = {
        "ocr-tilted": lambda: pdf([tilted(page, 1.0)]),
        "ocr-tilted-back": lambda: pdf([tilted(page, -1.0)]),
        "ocr-noisy": lambda: pdf([noisy(page)], mode="L", quality=32),
        "ocr-sideways": lambda: pdf([page.transpose(Image.Transpose.ROTATE_90)]),
        "ocr-on-its-head": lambda: pdf([page.transpose(Image.Transpose.ROTATE_180)]),
    }
    for name, make in turned.items():
        add(f"{name}.pdf", make(), short.lines)
    signed = report(33, 330)
    press = Press(shop)
    sheet = press.report(signed)[-1]
    over = (_A4[0] - pixels(150), press._y - pixels(40))
    stamped = sealed(sheet, shop, over, "兰汀区云台乡人民政府")
    add("ocr-sealed.pdf", pdf([stamped], mode="RGB", quality=40), signed.lines)
    press = Press(shop)
    press.line(pixels(82), "附件：2023年行政执法情况统计表")
    press.table(FIGURES)
    press.line(pixels(82), "注：统计口径为全区行政执法单位。")
    listed = ["附件：2023年行政执法情况统计表", *rows(FIGURES), "注：统计口径为全区行政执法单位。"]
    add("ocr-table.pdf", pdf(press.pages), listed)
    add("ocr-table-tilted.pdf", pdf([tilted(press.pages[0], 0.7)]), listed)
    digital = report(34, 500)
    text = typeset(digital)
    around = joined(pdf(pages[:1]), text, pdf([page]))
    lines = [*_first_page(long), *digital.lines, *short.lines]
    count = len(digital_pages(text))
    add("ocr-mixed.pdf", around, lines, form="mixed", lines=digital.lines, pages=count + 2, scanned_pages=2)
    sheet_of = ofd_writer.Sheet()
    sheet_of.picture(0, 0, 210, 297)
    packed = ofd_writer.package([sheet_of], picture=png(page), listed=True)
    add("ocr-page.ofd", packed, short.lines)
    add("ocr-page.docx", _word(png(page)), short.lines, pages=None)
    return made


def digital_pages(body: bytes) -> Sequence[object]:
    return pdfium.PdfDocument(body)


def _first_page(text: Report) -> list[str]:
    """What of a report stands on its first page: the press is asked again, without paper."""
    room, out = 735 - 105, []
    y = 36.0 * len(textwrap.wrap(text.title, 18))
    out.append(text.title)
    for paragraph in text.body:
        first = 0 if len(paragraph) < 30 and paragraph.endswith("：") else 2
        shown = []
        for piece in broken(paragraph, 27, first):
            if y <= room:
                shown.append(piece)
            y += 28
        if shown:
            out.append("".join(shown))
    return out


def _word(picture: bytes) -> bytes:
    document = docx.Document()
    section = document.sections[0]
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(0.5)
    document.add_picture(io.BytesIO(picture), width=Cm(20))
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()
