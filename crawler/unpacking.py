"""Takes the content encodings off an answer, within its size limit; every way that can fail is an outcome.

Scrapy's own middleware gives what came out of a stream that was cut for the whole, and a damaged one for a portal that
does not answer; and it copies the rest of the input for every 64 KiB of output.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import brotli
import zstandard
from scrapy.http import TextResponse
from scrapy.responsetypes import responsetypes

from archive.records import Outcome
from crawler.guards import AT_MOST, Refused
from crawler.refusals import is_markup

if TYPE_CHECKING:
    from typing import Any, Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

ACCEPTED = "gzip, deflate, br, zstd"
LAYERS = 3
"""Encodings over each other; more than one has been seen nowhere, a hundred would be an attack."""
CUT = "dataloss"
"""Scrapy's flag for an answer that ended too soon; the spider types it."""
_PIECE = 1 << 16
_ZSTD_PIECE = 1 << 8
"""Bytes of input at a time: four of them can stand for 128 KiB of output, and the library gives it all at once."""
_ZSTD_WINDOW = 1 << 23
"""Memory a stream may ask for (RFC 9659)."""
_GZIP, _ZLIB, _RAW = 31, 15, -15
_GZIP_MAGIC = b"\x1f\x8b"
_PLAIN = frozenset({"", "identity", "none", "binary", "utf-8", "8bit"})
"""What servers write where nothing is packed."""
_DOCUMENTS = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")


class TooLarge(Exception):
    """More came out than may."""


class Damaged(Exception):
    """It is not packed as it says."""


class Unpacking:
    """Downloader middleware in place of Scrapy's HttpCompressionMiddleware.

    Args:
        most: Bytes that one answer may have, unpacked.
    """

    def __init__(self, most: int) -> None:
        self._most = most

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of building components."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_request(self, request: Request) -> None:
        """Says what we can unpack."""
        request.headers.setdefault("Accept-Encoding", ACCEPTED)

    def process_response(self, request: Request, response: Response) -> Response:
        """Unpacks an answer.

        Raises:
            Refused: It becomes too large, or cannot be unpacked.
        """
        names = [
            name.strip().lower()
            for header in response.headers.getlist("Content-Encoding")
            for name in header.decode("latin-1").split(",")
        ]
        names = [name for name in names if name not in _PLAIN]
        if not names or not response.body or request.method == "HEAD":
            return response
        most = request.meta.get(AT_MOST)
        try:
            body, whole = unpack(response.body, names, most or self._most, cut=most is not None)
        except TooLarge as error:
            raise Refused(Outcome.TOO_LARGE, str(error)) from None
        except Damaged as error:
            if response.status != 200:  # the status says enough
                return _with(response, b"")
            if not _is_content(response.body):
                raise Refused(Outcome.ERROR_BODY, str(error)) from None
            # Unpacked on the way, by somebody who left the header as it was.
            return _with(response, response.body)
        made = _with(response, body)
        if not whole and most is None:
            made.flags.append(CUT)
        return made


def unpack(body: bytes, names: list[str], most: int, *, cut: bool = False) -> tuple[bytes, bool]:
    """Unpacks bytes.

    Args:
        body: As received.
        names: The encodings in the order in which they were put on, in lower case.
        most: Bytes that any of them may give.
        cut: Give so many instead of refusing more.

    Returns:
        What came out, and whether the streams came to their ends.

    Raises:
        TooLarge: More than ``most`` came out.
        Damaged: An encoding is unknown, or the bytes are not packed so.
    """
    if len(names) > LAYERS:
        raise Damaged(f"packed {len(names)} times over")
    whole = True
    for name in reversed(names):
        pieces = _STREAMS.get(name)
        if pieces is None:
            raise Damaged(f"packed as {name[:40]!r}, which is no known encoding")
        out = bytearray()
        ended: list[bool] = []
        try:
            for piece in pieces(body, ended):
                out += piece
                if len(out) > most:
                    break
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise Damaged(f"not packed as {name}: {error}") from None
        if len(out) > most and not cut:
            out.clear()  # the error keeps this frame, and Scrapy the error
            raise TooLarge(f"{len(body)} bytes of {name} unpack to more than {most}")
        whole = whole and bool(ended)
        body = bytes(memoryview(out)[:most])
    return body, whole


def _gzip(body: bytes, ended: list[bool]) -> Iterator[bytes]:
    return _inflated(body, _GZIP, ended)


def _deflate(body: bytes, ended: list[bool]) -> Iterator[bytes]:
    """With the head that the standard asks for, or without, as some servers of Microsoft send it."""
    headed = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflated(body, _ZLIB if headed else _RAW, ended)


def _inflated(body: bytes, window: int, ended: list[bool]) -> Iterator[bytes]:
    at = 0
    more = True
    while more:
        stream = zlib.decompressobj(window)
        while at < len(body) and not stream.eof:
            piece = body[at : at + _PIECE]
            at += len(piece)
            while piece and not stream.eof:
                yield stream.decompress(piece, _PIECE)
                piece = stream.unconsumed_tail
        if not stream.eof:
            yield stream.flush()
            return
        at -= len(stream.unused_data)
        # Gzip files may follow each other; anything else behind the end is no part of it.
        more = window == _GZIP and body[at : at + 2] == _GZIP_MAGIC
    ended.append(True)


def _brotli(body: bytes, ended: list[bool]) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    piece = stream.process(body, output_buffer_limit=_PIECE)
    while piece:
        yield piece
        piece = b"" if stream.is_finished() else stream.process(b"", output_buffer_limit=_PIECE)
    if stream.is_finished():
        ended.append(True)


def _zstd(body: bytes, ended: list[bool]) -> Iterator[bytes]:
    packer = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    stream = packer.decompressobj()
    at = 0
    while at < len(body):
        piece = body[at : at + _ZSTD_PIECE]
        at += len(piece)
        yield stream.decompress(piece)
        if stream.eof:
            at -= len(stream.unused_data)
            if at < len(body):
                stream = packer.decompressobj()
    if stream.eof:
        ended.append(True)


_STREAMS: dict[str, Callable[[bytes, list[bool]], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}


def _is_content(body: bytes) -> bool:
    return is_markup(body) or body.startswith(_DOCUMENTS)


def _with(response: Response, body: bytes) -> Response:
    """The answer with other bytes; of the class of what they are now."""
    headers = response.headers.copy()
    del headers["Content-Encoding"]
    kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
    more: dict[str, Any] = {"encoding": None} if issubclass(kind, TextResponse) else {}
    made: Response = response.replace(
        cls=kind, headers=headers, body=body, flags=list(response.flags), **more
    )
    return made
