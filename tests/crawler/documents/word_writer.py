"""Writes binary Word files piece by piece, as fast save leaves them ([MS-DOC]), and the compound file around."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
TEXT_AT = 0x800
_MINIMUM = 4096


@dataclass(frozen=True)
class Part:
    """A stretch of text and how it is stored."""

    text: str
    narrow: bool = False
    """Eight-bit bytes, as Word stores what fits into Windows-1252."""
    deleted: bool = False
    hidden: bool = False
    by_piece: bool = False
    """Deletion written into the piece table and not into the formatting pages."""
    charset: str = "cp1252"


def word(
    parts: Sequence[Part],
    *,
    order: Sequence[int] | None = None,
    encrypted: bool = False,
    row_ends: Sequence[int] = (),
) -> bytes:
    """A Word file.

    Args:
        parts: In the order of the text.
        order: In which order the bytes of the parts lie in the file.
        encrypted: Set the flag that says so.
        row_ends: Numbers of characters that are row end marks of tables.
    """
    order = order if order is not None else range(len(parts))
    stream = bytearray(TEXT_AT)
    offsets: dict[int, int] = {}
    for number in order:
        part = parts[number]
        offsets[number] = len(stream)
        stream += part.text.encode(part.charset) if part.narrow else part.text.encode("utf-16-le")
        stream += b"\0" * (len(stream) % 2)
    text_end = len(stream)
    table = bytearray()
    chpx = _formatting(stream, table, parts, offsets, order, text_end)
    papx = _paragraphs(stream, table, parts, offsets, set(row_ends)) if row_ends else (0, 0)
    clx = _clx(table, parts, offsets)
    length = sum(_units(part) for part in parts)
    struct.pack_into(
        "<HHHHHH", stream, 0, 0xA5EC, 0xC1, 0, 0x0804, 0, 0x0004 | 0x0200 | (0x0100 if encrypted else 0)
    )
    struct.pack_into("<H", stream, 0x20, 14)
    struct.pack_into("<H", stream, 0x3E, 22)
    struct.pack_into("<I", stream, 0x4C, length)
    struct.pack_into("<H", stream, 0x98, 93)
    for place, (offset, size) in ((0xFA, chpx), (0x102, papx), (0x1A2, clx)):
        struct.pack_into("<II", stream, place, offset, size)
    return compound({"WordDocument": bytes(stream), "1Table": bytes(table)})


def _units(part: Part) -> int:
    return len(part.text.encode(part.charset)) if part.narrow else len(part.text.encode("utf-16-le")) // 2


def _formatting(
    stream: bytearray,
    table: bytearray,
    parts: Sequence[Part],
    offsets: dict[int, int],
    order: Sequence[int],
    end: int,
) -> tuple[int, int]:
    """One formatting page of characters: each part a run."""
    starts = [offsets[number] for number in order]
    page = bytearray(_SECTOR)
    count = len(starts)
    for at, start in enumerate([*starts, end]):
        struct.pack_into("<I", page, 4 * at, start)
    place = _SECTOR - 2
    for at, number in enumerate(order):
        part = parts[number]
        group = b""
        if part.deleted and not part.by_piece:
            group = struct.pack("<HB", 0x0800, 1)
        if part.hidden:
            group += struct.pack("<HB", 0x083C, 1)
        if group:
            place -= len(group) + 1 + (len(group) + 1) % 2
            page[place : place + 1 + len(group)] = bytes([len(group)]) + group
            page[4 * (count + 1) + at] = place // 2
    page[_SECTOR - 1] = count
    return _page(stream, table, page, starts[0], end)


def _paragraphs(
    stream: bytearray, table: bytearray, parts: Sequence[Part], offsets: dict[int, int], row_ends: set[int]
) -> tuple[int, int]:
    """One formatting page of paragraphs: table rows end where told. For one part only."""
    text, start = parts[0].text, offsets[0]
    ends = [at + 1 for at, character in enumerate(text) if character in "\r\x07"]
    page = bytearray(_SECTOR)
    count = len(ends)
    for at, position in enumerate([0, *ends]):
        struct.pack_into("<I", page, 4 * at, start + 2 * position)
    place = _SECTOR - 2
    shapes: dict[bytes, int] = {}
    for at, position in enumerate(ends):
        group = b"\0\0"
        if text[position - 1] == "\x07":
            group += struct.pack("<HB", 0x2416, 1)
        if position - 1 in row_ends:
            group += struct.pack("<HB", 0x2417, 1)
        if group not in shapes:
            padded = group + b"\0" * (1 - len(group) % 2)
            place -= len(padded) + 1 + (len(padded) + 1) % 2
            page[place : place + 1 + len(padded)] = bytes([(len(padded) + 1) // 2]) + padded
            shapes[group] = place // 2
        page[4 * (count + 1) + 13 * at] = shapes[group]
    page[_SECTOR - 1] = count
    return _page(stream, table, page, start, start + 2 * len(text))


def _page(stream: bytearray, table: bytearray, page: bytearray, start: int, end: int) -> tuple[int, int]:
    stream += b"\0" * (-len(stream) % _SECTOR)
    number = len(stream) // _SECTOR
    stream += page
    at = len(table)
    table += struct.pack("<III", start, end, number)
    return at, 12


def _clx(table: bytearray, parts: Sequence[Part], offsets: dict[int, int]) -> tuple[int, int]:
    at = len(table)
    group = struct.pack("<HB", 0x0800, 1)
    table += struct.pack("<BH", 1, len(group)) + group
    positions = [0]
    descriptors = b""
    for number, part in enumerate(parts):
        positions.append(positions[-1] + _units(part))
        offset = offsets[number] * 2 | 0x40000000 if part.narrow else offsets[number]
        modifier = (
            1 if part.deleted and part.by_piece else 0
        )  # group 0 of the table, and the bit that says so
        descriptors += struct.pack("<HIH", 0, offset, modifier)
    plc = struct.pack(f"<{len(positions)}I", *positions) + descriptors
    table += struct.pack("<BI", 2, len(plc)) + plc
    return at, len(table) - at


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file ([MS-CFB], version 3) with the streams in its root."""
    padded = {name: data + b"\0" * max(0, _MINIMUM - len(data)) for name, data in streams.items()}
    sectors: list[bytes] = []
    fat: list[int] = []
    places: dict[str, int] = {}
    for name, data in padded.items():
        places[name] = len(sectors)
        _append(sectors, fat, data)
    names = list(padded)
    entries = _entry("Root Entry", 5, child=1 if names else _FREE, start=_END, size=0)
    for number, name in enumerate(names):
        # A chain to the right is a valid, if lopsided, tree; names must grow along it.
        right = number + 2 if number + 1 < len(names) else _FREE
        entries += _entry(name, 2, right=right, start=places[name], size=len(padded[name]))
    entries += (_entry("", 0, start=0, size=0)) * (-(len(names) + 1) % 4)
    directory = len(sectors)
    _append(sectors, fat, entries)
    count = 1
    while (len(fat) + count) > count * 128:
        count += 1
    first_fat = len(sectors)
    fat += [_FAT] * count
    fat += [_FREE] * (-len(fat) % 128)
    raw = struct.pack(f"<{len(fat)}I", *fat)
    sectors += [raw[at : at + _SECTOR] for at in range(0, len(raw), _SECTOR)]
    header = struct.pack("<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
                         0, count, directory, 0, 4096, _END, 0, _END, 0)  # fmt: skip
    difat = [*range(first_fat, first_fat + count), *[_FREE] * (109 - count)]
    return header + struct.pack("<109I", *difat) + b"".join(sectors)


def _append(sectors: list[bytes], fat: list[int], data: bytes) -> None:
    data += b"\0" * (-len(data) % _SECTOR)
    for at in range(0, len(data), _SECTOR):
        sectors.append(data[at : at + _SECTOR])
        fat.append(len(sectors) if at + _SECTOR < len(data) else _END)


def _entry(name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int, size: int) -> bytes:
    raw = (name + "\0").encode("utf-16-le") if name else b""
    return struct.pack("<64sHBBIII16xI8x8xIQ", raw, len(raw), kind, 1, _FREE, right, child, 0, start, size)
