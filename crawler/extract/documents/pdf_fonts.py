"""A stand-in for Chinese fonts that a PDF file names and does not carry.

pdfium leaves out a piece of text whose drawing has no width. On a machine without Chinese fonts that is every
character set on its own in a font that is not embedded, as old converters do it: the text is silently short, or
empty. So pdfium is given a font in which every glyph is a box. Widths come from the file, the text from its
encoding; only the emptiness is gone, and the reading no longer depends on which fonts a machine has.
"""

from __future__ import annotations

import ctypes
import functools
import struct
from dataclasses import dataclass
from typing import Any

from pypdfium2 import raw

_EM, _ASCENT, _DESCENT = 1000, 880, -120
_GLYPHS = 0xFFFF
_HANDLE = 1
_WHOLE_FILE = 0
_BUILT_IN = (b"Helvetica", b"Times", b"Courier", b"Symbol", b"ZapfDingbats", b"Arial")
"""pdfium carries these itself."""


def boxes() -> bytes:
    """A TrueType font of boxes, for every character and for every glyph number."""
    glyph = struct.pack(">hhhhhHH4B", 1, 0, _DESCENT, _EM, _ASCENT, 3, 0, 1, 1, 1, 1)
    glyph += struct.pack(">8h", 0, _EM, 0, -_EM, _DESCENT, 0, _EM, 0)
    glyph += b"\0" * (-len(glyph) % 4)
    group = struct.pack(">LLL", 0x20, 0x10FFFF, 1)  # format 13: a whole range to one glyph
    encoding = struct.pack(">HHLLL", 13, 0, 16 + len(group), 0, 1) + group
    return _font(
        {
            b"cmap": struct.pack(">HHHHL", 0, 1, 3, 10, 12) + encoding,
            b"glyf": glyph * _GLYPHS,
            b"head": struct.pack(
                ">LLLLHHQQhhhhHHhhh",
                0x10000,
                0x10000,
                0,
                0x5F0F3CF5,
                0,
                _EM,
                0,
                0,
                0,
                _DESCENT,
                _EM,
                _ASCENT,
                0,
                8,
                2,
                1,
                0,
            ),
            b"hhea": struct.pack(
                ">LhhhHhhhhhhhhhhhH", 0x10000, _ASCENT, _DESCENT, 0, _EM, 0, 0, _EM, 1, 0, 0, 0, 0, 0, 0, 0, 1
            ),
            b"hmtx": struct.pack(">Hh", _EM, 0) + b"\0\0" * (_GLYPHS - 1),
            b"loca": struct.pack(f">{_GLYPHS + 1}L", *range(0, (_GLYPHS + 1) * len(glyph), len(glyph))),
            b"maxp": struct.pack(">LH13H", 0x10000, _GLYPHS, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
            b"name": struct.pack(">HHH", 0, 0, 6),
            b"post": struct.pack(">LLhhLLLLL", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
        }
    )


def _font(tables: dict[bytes, bytes]) -> bytes:
    count = len(tables)
    power = 1 << (count.bit_length() - 1)
    out = struct.pack(">LHHHH", 0x10000, count, power * 16, power.bit_length() - 1, count * 16 - power * 16)
    data = b""
    for tag, table in sorted(tables.items()):
        # Nobody checks the sums of tables.
        out += tag + struct.pack(">LLL", 0, 12 + 16 * count + len(data), len(table))
        data += table + b"\0" * (-len(table) % 4)
    return out + data


@dataclass(frozen=True)
class _Installed:
    """Keeps alive what pdfium calls."""

    info: Any
    font: bytes


@functools.cache
def install() -> _Installed:
    """Hands the font to pdfium, once in a process."""
    font = boxes()
    types = dict(raw.FPDF_SYSFONTINFO._fields_)

    def chosen(*asked: Any) -> int | None:  # noqa: ANN401 - pointers: this, weight, italic, charset, pitch, face, exact
        name = ctypes.string_at(asked[5]) if asked[5] else b""
        return None if name.startswith(_BUILT_IN) else _HANDLE

    def data(*asked: Any) -> int:  # noqa: ANN401 - this, font, table, buffer, size
        _, _, table, buffer, size = asked
        if table != _WHOLE_FILE:
            return 0
        if buffer and size >= len(font):
            ctypes.memmove(buffer, font, len(font))
        return len(font)

    info = raw.FPDF_SYSFONTINFO(
        1,
        types["Release"](lambda _this: None),
        types["EnumFonts"](lambda _this, _mapper: None),
        types["MapFont"](chosen),
        types["GetFont"](lambda _this, _face: None),
        types["GetFontData"](data),
        types["GetFaceName"](lambda _this, _font, _buffer, _size: 0),
        types["GetFontCharset"](lambda _this, _font: 0),
        types["DeleteFont"](lambda _this, _font: None),
    )
    raw.FPDF_SetSystemFontInfo(ctypes.byref(info))
    return _Installed(info, font)
