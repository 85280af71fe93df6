"""The ground of binary Word files ([MS-DOC]): streams, the file information block, formatting runs.

The numbers in comments of these modules are section numbers of [MS-DOC].
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

import olefile

from crawler.extract.documents.model import Budget, Fault, Unreadable

_PAGE = 512
_MAX_PAGES = 40_000
WORD_97 = 0xC1
_ENCRYPTED = 0x0100
_VARIABLE = 6
_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
"""Operand sizes by the top three bits of a property modifier, 2.6 Sprm."""
_TABLE_DEFINITION, _TAB_STOPS = 0xD608, 0xC615


class Bytes:
    """A stream read at offsets, where reading past the end is damage."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def _one(self, layout: str, at: int) -> int:
        try:
            return int(struct.unpack_from(layout, self.data, at)[0])
        except struct.error as error:
            raise Unreadable(Fault.DAMAGED, "a table of the Word file points past its end") from error

    def u8(self, at: int) -> int:
        """One byte."""
        return self._one("<B", at)

    def u16(self, at: int) -> int:
        """Two bytes, low first."""
        return self._one("<H", at)

    def u32(self, at: int) -> int:
        """Four bytes, low first."""
        return self._one("<I", at)

    def i32(self, at: int) -> int:
        """Four bytes with a sign."""
        return self._one("<i", at)

    def slice(self, at: int, size: int) -> bytes:
        """A stretch, which must be there in full.

        Raises:
            Unreadable: it is not.
        """
        if at < 0 or size < 0 or at + size > len(self.data):
            raise Unreadable(Fault.DAMAGED, "a table of the Word file points past its end")
        return self.data[at : at + size]


@dataclass(slots=True)
class WordFile:
    """The two streams that matter and the file information block (2.5 Fib)."""

    main: Bytes
    table: Bytes
    version: int
    language: int
    fast_saved: bool
    lengths: tuple[int, ...] = ()
    """Characters of: text, footnotes, headers, macros, comments, endnotes, text boxes, header text boxes."""

    def stretch(self, offset: int) -> tuple[int, int]:
        """Place and size of a structure in the table stream, by its place in FibRgFcLcb97."""
        return self.main.u32(offset), self.main.u32(offset + 4)


def open_word(body: bytes, budget: Budget) -> WordFile:
    """Opens a compound file as a Word file.

    Raises:
        Unreadable: encrypted, damaged or no Word file.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(body)) as ole:
            streams = {path[0].lower(): path for path in ole.listdir() if len(path) == 1}
            main = Bytes(_stream(ole, streams, "worddocument", budget))
            flags = main.u16(0x0A)
            _check_open(flags)
            version = main.u16(0x02)
            wanted = "1table" if flags & 0x0200 else "0table"
            table = Bytes(_stream(ole, streams, wanted, budget) if version >= WORD_97 else b"")
    except Unreadable:
        raise
    except Exception as error:  # olefile raises IndexError, struct.error and its own on damaged files
        raise Unreadable(Fault.DAMAGED, f"no whole compound file ({str(error)[:100]})") from error
    if main.u16(0) not in (0xA5EC, 0xA5DC, 0xA5DB):
        raise Unreadable(Fault.DAMAGED, "its main stream is no Word text")
    lengths = tuple(main.i32(at) for at in range(0x4C, 0x6C, 4)) if version >= WORD_97 else ()
    return WordFile(main, table, version, main.u16(0x06), bool(flags & 0x0004), lengths)


def _check_open(flags: int) -> None:
    if flags & _ENCRYPTED:
        raise Unreadable(Fault.ENCRYPTED, "needs a password")


def _stream(ole: olefile.OleFileIO, streams: dict[str, list[str]], name: str, budget: Budget) -> bytes:
    path = streams.get(name)
    if path is None:
        raise Unreadable(Fault.DAMAGED, f"the stream {name} is missing")
    with ole.openstream(path) as stream:
        data = bytes(stream.read())
    budget.unpack(len(data), name)
    return data


def modifiers(group: bytes) -> Iterator[tuple[int, bytes]]:
    """The property modifiers of a group with their operands (2.6); a broken one ends it."""
    at = 0
    while at + 2 <= len(group):
        code = group[at] | group[at + 1] << 8
        at += 2
        size = _SIZES.get(code >> 13)
        if size is None:
            if at >= len(group):
                return
            if code == _TABLE_DEFINITION:
                size = (group[at] | group[at + 1] << 8) + 1 if at + 1 < len(group) else 0
            elif code == _TAB_STOPS and group[at] == 0xFF:
                return
            else:
                size = group[at] + 1
        yield code, group[at : at + size]
        at += size


@dataclass(slots=True)
class Runs:
    """Stretches of the main stream with their property modifiers, in order."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    groups: list[bytes] = field(default_factory=list)

    def at(self, offset: int) -> bytes | None:
        """The modifiers over one byte; None if it is in no run."""
        found = bisect_right(self.starts, offset) - 1
        return self.groups[found] if found >= 0 and offset < self.ends[found] else None

    def over(self, start: int, end: int) -> Iterator[tuple[int, int, bytes]]:
        """The runs that touch a stretch, cut to it."""
        found = max(bisect_right(self.starts, start) - 1, 0)
        while found < len(self.starts) and self.starts[found] < end:
            if self.ends[found] > start:
                yield max(self.starts[found], start), min(self.ends[found], end), self.groups[found]
            found += 1


def character_runs(word: WordFile, budget: Budget) -> Runs:
    """Formatting of characters (2.8.5 PlcBteChpx, 2.9.33 ChpxFkp)."""
    return _runs(word, 0xFA, 1, budget)


def paragraph_runs(word: WordFile, budget: Budget) -> Runs:
    """Formatting of paragraphs (2.8.6 PlcBtePapx, 2.9.175 PapxFkp): style number, then modifiers."""
    return _runs(word, 0x102, 13, budget)


def _runs(word: WordFile, place: int, entry: int, budget: Budget) -> Runs:
    offset, size = word.stretch(place)
    count = (size - 4) // 8
    if size < 12 or count > _MAX_PAGES:
        return Runs()
    plc = Bytes(word.table.slice(offset, size))
    found: list[tuple[int, int, bytes]] = []
    for at in range(count):
        if at % 256 == 0:
            budget.tick()
        number = plc.u32(4 * (count + 1) + 4 * at) & 0x3FFFFF
        page = word.main.data[number * _PAGE : (number + 1) * _PAGE]
        if len(page) == _PAGE:
            found += _of_page(Bytes(page), entry)
    found.sort(key=lambda run: run[0])
    return Runs([r[0] for r in found], [r[1] for r in found], [r[2] for r in found])


def _of_page(page: Bytes, entry: int) -> Iterator[tuple[int, int, bytes]]:
    count = page.u8(_PAGE - 1)
    if 4 * (count + 1) + entry * count > _PAGE - 1:
        return
    for at in range(count):
        start, end = page.u32(4 * at), page.u32(4 * at + 4)
        place = page.u8(4 * (count + 1) + entry * at) * 2
        if end <= start:
            continue
        yield start, end, _group(page, place, papx=entry > 1) if place else b""


def _group(page: Bytes, place: int, *, papx: bool) -> bytes:
    size = page.u8(place)
    if not papx:
        return page.data[place + 1 : place + 1 + size]
    if size:
        return page.data[place + 1 : place + 2 * size]
    return page.data[place + 2 : place + 2 + 2 * page.u8(place + 1)]
