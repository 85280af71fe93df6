"""The piece table of a binary Word file (2.8.35 PlcPcd): where the text stands, in which order, in which bytes.

A file saved by "fast save" is a heap of additions; only the piece table says what is text and in which order.
"""

from __future__ import annotations

from dataclasses import dataclass

from crawler.extract.documents import lines
from crawler.extract.documents.doc_file import Bytes, WordFile
from crawler.extract.documents.model import Fault, Unreadable

_CLX = 0x1A2
_MAX_PIECES = 200_000
_HIGH_SHARE = 0.2
_HIGH = frozenset(range(0x80, 0x100))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text."""

    start: int
    """Number of its first character in the document."""
    text: str
    offset: int
    """Of its first byte in the main stream."""
    width: int
    """Bytes a character."""
    modifiers: bytes
    """Properties laid over all of it by fast save."""


def pieces(word: WordFile, wanted: int) -> tuple[list[Piece], bool]:
    """The pieces in the order of the text, and whether all of them are there.

    Args:
        word: The file.
        wanted: Characters to read; the rest belongs to headers, comments and the like.

    Raises:
        Unreadable: there is no piece table.
    """
    offset, size = word.stretch(_CLX)
    groups, plc = _split(Bytes(word.table.slice(offset, size)))
    count = (len(plc.data) - 4) // 12
    if not 0 < count <= _MAX_PIECES:
        raise Unreadable(Fault.DAMAGED, "the piece table is empty or absurd")
    found: list[Piece] = []
    whole = True
    for at in range(count):
        start, end = plc.u32(4 * at), plc.u32(4 * at + 4)
        if start >= wanted or end <= start:
            continue
        descriptor = 4 * (count + 1) + 8 * at
        place, modifier = plc.u32(descriptor + 2), plc.u16(descriptor + 6)
        narrow = bool(place & 0x4000_0000)
        place &= 0x3FFF_FFFF
        width, place = (1, place // 2) if narrow else (2, place)
        length = (min(end, wanted) - start) * width
        data = word.main.data[place : place + length]
        whole = whole and len(data) == length
        text = _narrow(data) if narrow else data[: len(data) // 2 * 2].decode("utf-16-le", "replace")
        if not narrow and len(text) * 2 != len(data) // 2 * 2:
            # Characters beyond the basic plane are counted as two: keep places and characters in step.
            text = "".join(chr(data[i] | data[i + 1] << 8) for i in range(0, len(data) - 1, 2))
        found.append(Piece(start, text, place, width, _modifiers(modifier, groups)))
    whole = whole and sum(len(piece.text) for piece in found) >= wanted
    return found, whole


def _split(clx: Bytes) -> tuple[list[bytes], Bytes]:
    """The groups of modifiers, then the table itself (2.9.38 Clx)."""
    groups: list[bytes] = []
    at = 0
    while at < len(clx.data):
        kind = clx.u8(at)
        if kind == 1:
            size = clx.u16(at + 1)
            groups.append(clx.slice(at + 3, size))
            at += 3 + size
        elif kind == 2:
            return groups, Bytes(clx.slice(at + 5, clx.u32(at + 1)))
        else:
            break
    raise Unreadable(Fault.DAMAGED, "there is no piece table")


def _modifiers(modifier: int, groups: list[bytes]) -> bytes:
    """2.9.213 Prm0 carries one modifier of a short list, 2.9.214 Prm1 the number of a group."""
    if modifier & 1:
        number = modifier >> 1
        return groups[number] if number < len(groups) else b""
    code = {0x41: 0x0800, 0x5C: 0x083C}.get(modifier >> 1 & 0x7F)
    return code.to_bytes(2, "little") + bytes([modifier >> 8]) if code is not None else b""


def _narrow(data: bytes) -> str:
    """Eight-bit pieces are Windows-1252 by the book (2.9.73 FcCompressed), in which no Chinese can be written.

    Some writers put GBK there; its pairs would come out as accented letters. Their two bytes count as two
    characters, so the second becomes a zero-width one that is dropped later.
    """
    high = sum(byte in _HIGH for byte in data)
    if data and high >= _HIGH_SHARE * len(data):
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            text = ""
        if len(lines.CJK.findall(text)) >= high / 3:
            return "".join(c if len(c.encode("gb18030")) == 1 else c + "\u200b" for c in text)
    return "".join(_CP1252[byte] for byte in data)


_CP1252 = [
    bytes([byte]).decode("cp1252", "replace") if byte not in b"\x81\x8d\x8f\x90\x9d" else ""
    for byte in range(256)
]
_CP1252 = [character or "\u200b" for character in _CP1252]
