"""Looks through the streams of a PDF file for bombs before pdfium, which inflates up to 1 GiB, opens it.

Pictures are left alone: their samples are never unpacked here, because nothing is drawn.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from crawler.extract.documents.model import Budget, Fault, Unreadable

_STREAM = re.compile(rb"stream\r?\n?")
_END = b"endstream"
_HEAD = 2_048
_PIECE = 1 << 16
_PASSES = 4
_LZW_RATIO = 1_366
"""Bytes one 12-bit code can stand for at most, per byte and a half."""
_RUN_RATIO = 64
_PICTURE = re.compile(rb"/Subtype\s*/Image")
_OPAQUE = re.compile(rb"/(?:DCTDecode|JPXDecode|CCITTFaxDecode|JBIG2Decode|DCT|CCF)\b")


def check(body: bytes, budget: Budget) -> None:
    """Inflates every stream that is no picture, keeping nothing.

    Raises:
        Unreadable: a stream, or all together, inflate beyond the limits.
    """
    at = 0
    while (found := _STREAM.search(body, at)) is not None:
        head = body[max(at, found.start() - _HEAD) : found.start()]
        head = head[max(head.rfind(b" obj"), 0) :]
        start = found.end()
        end = body.find(_END, start)
        end = len(body) if end < 0 else end
        at = max(end, start)
        if head.rstrip().endswith(b"end") or _PICTURE.search(head) or _OPAQUE.search(head):
            continue
        _weigh(head, memoryview(body)[start:end], budget)


def _weigh(head: bytes, data: memoryview, budget: Budget) -> None:
    limit = budget.limits.part
    if (b"LZW" in head and len(data) * _LZW_RATIO // 2 > limit * 4) or (
        b"RunLength" in head and len(data) * _RUN_RATIO > limit
    ):
        raise Unreadable(Fault.BOMB, "a stream whose packing may hide more than a page can need")
    packed: bytes | memoryview = data
    if b"ASCII85" in head or b"/A85" in head:
        packed = _from_ascii85(bytes(data))
    elif b"ASCIIHex" in head or b"/AHx" in head:
        packed = _from_hex(bytes(data))
    budget.unpack(_inflated(packed, limit), "a stream of the PDF file")


def _from_ascii85(data: bytes) -> bytes:
    stripped = b"".join(data.split()).partition(b"~")[0].removeprefix(b"<")
    try:
        return base64.a85decode(stripped)
    except ValueError:
        return data


def _from_hex(data: bytes) -> bytes:
    digits = b"".join(data.split()).partition(b">")[0]
    try:
        return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    except ValueError:
        return data


def _inflated(data: bytes | memoryview, limit: int) -> int:
    """The size at the end of a chain of Flate filters; 0 for what is not packed so. Damaged streams count so far."""
    chain = [zlib.decompressobj()]
    total = 0
    for begin in range(0, len(data), _PIECE):
        waiting = [(0, bytes(data[begin : begin + _PIECE]))]
        while waiting:
            place, piece = waiting.pop()
            if chain[place].eof:
                continue  # what follows the packed data is not part of it
            try:
                out = chain[place].decompress(piece, _PIECE)
            except zlib.error:
                return total
            if chain[place].unconsumed_tail:
                waiting.append((place, chain[place].unconsumed_tail))
            total += len(out)
            if total > limit:
                raise Unreadable(Fault.BOMB, f"a stream inflates to more than {limit} bytes")
            if place + 1 == len(chain) and total == len(out) and _looks_packed(out) and len(chain) < _PASSES:
                chain.append(zlib.decompressobj())
            if place + 1 < len(chain) and out:
                waiting.append((place + 1, out))
    return total


def _looks_packed(data: bytes) -> bool:
    return len(data) > 2 and data[0] & 0x0F == 8 and data[0] >> 4 <= 7 and (data[0] << 8 | data[1]) % 31 == 0
