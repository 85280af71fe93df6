"""Zip packages, opened as what they are: the favourite shape of bombs and of file names that climb out.

Nothing is ever written: members are inflated in memory, piece by piece, and counted while they come. What a
directory claims about sizes is believed only when it is too much.
"""

from __future__ import annotations

import io
import itertools
import zipfile
import zlib
from types import TracebackType
from typing import Self

from lxml import etree

from crawler.extract.documents.model import Budget, Fault, Unreadable

_PIECE = 1 << 16
_RATIO_FROM = 1 << 20
_ENCRYPTED = 0x1
_MEMBER = b"PK\x03\x04"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What offices and Windows write; others exist and are refused rather than trusted."""
_UTF8 = 0x800
_TYPE_DECLARATIONS = tuple(
    mark.encode(charset)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for charset in ("ascii", "utf-16-le", "utf-16-be")
)


class Package:
    """A zip file under a budget.

    Args:
        body: Its bytes.
        budget: What may be inflated.

    Raises:
        Unreadable: no zip file, or too many members.
    """

    def __init__(self, body: bytes, budget: Budget) -> None:
        self._budget = budget
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(body))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise Unreadable(Fault.DAMAGED, f"no whole zip file ({error})") from error
        self._entries = self._zip.infolist()
        if self._entries and body.startswith(_MEMBER) and min(e.header_offset for e in self._entries) > 0:
            # The directory found is that of a member, or of a part: the file's own is cut off.
            raise Unreadable(Fault.DAMAGED, "no whole zip file (its directory does not cover its beginning)")
        if len(self._entries) > budget.limits.members:
            raise Unreadable(Fault.BOMB, f"{len(self._entries)} members in one zip file")
        if _overlap(self._entries):
            raise Unreadable(Fault.BOMB, "members of the zip file lie over each other")
        self._by_name = {entry.filename.replace("\\", "/").lower(): entry for entry in self._entries}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @property
    def names(self) -> list[str]:
        """The names in their order, folders left out, lower case and with plain slashes."""
        return [name for name, entry in self._by_name.items() if not entry.is_dir()]

    @property
    def entries(self) -> list[zipfile.ZipInfo]:
        """The files in their order; names may repeat."""
        return [entry for entry in self._entries if not entry.is_dir()]

    def __contains__(self, name: str) -> bool:
        return name.lower().lstrip("/") in self._by_name

    def read(self, name: str) -> bytes:
        """A part by its name, which offices write in any case and with any slash.

        Raises:
            Unreadable: it is missing, damaged, encrypted, or inflates too far.
        """
        entry = self._by_name.get(name.lower().lstrip("/"))
        if entry is None:
            raise Unreadable(Fault.DAMAGED, f"the part {name[:80]} is missing")
        return self.inflate(entry)

    def inflate(self, entry: zipfile.ZipInfo, limit: int | None = None) -> bytes:
        """The bytes of an entry.

        Args:
            entry: One of `entries`.
            limit: Its size at most; that of a part if not given.

        Raises:
            Unreadable: damaged, encrypted, or inflates too far.
        """
        name = entry.filename[:80]
        if entry.flag_bits & _ENCRYPTED:
            raise Unreadable(Fault.ENCRYPTED, f"{label(entry)[:80]} needs a password")
        if entry.compress_type not in _METHODS:
            raise Unreadable(Fault.UNREADABLE, f"{name} is packed with method {entry.compress_type}")
        limits = self._budget.limits
        limit = limits.part if limit is None else limit
        packed = max(entry.compress_size, 1)
        out = bytearray()
        try:
            with self._zip.open(entry) as stream:
                while piece := stream.read(_PIECE):
                    out += piece
                    self._budget.unpack(len(piece), name)
                    if len(out) > limit:
                        raise Unreadable(Fault.BOMB, f"{name} inflates to more than {limit} bytes")
                    if len(out) > _RATIO_FROM and len(out) > packed * limits.ratio:
                        raise Unreadable(Fault.BOMB, f"{name} inflates more than {limits.ratio} times")
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise Unreadable(Fault.DAMAGED, f"{name}: {error}") from error
        except (NotImplementedError, RuntimeError) as error:
            raise Unreadable(Fault.UNREADABLE, f"{name}: {error}") from error
        return bytes(out)

    def xml(self, name: str) -> etree._Element:
        """A part parsed as XML.

        Raises:
            Unreadable: as `read`, or it is no XML, or it declares a document type.
        """
        return parse(self.read(name), name)


def parse(data: bytes, name: str) -> etree._Element:
    """XML without entities, without a network and with libxml2's own limits on depth and size.

    Raises:
        Unreadable: it is no XML, or declares a document type: no office writes one, bombs and XXE need one.
    """
    if any(mark in data for mark in _TYPE_DECLARATIONS):
        raise Unreadable(Fault.BOMB, f"{name} declares a document type")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(Fault.DAMAGED, f"{name} is no whole XML ({str(error)[:120]})") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable(Fault.BOMB, f"{name} declares a document type")
    return root


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether one stretch of the file is unpacked again and again under different names."""
    placed = sorted(entries, key=lambda entry: entry.header_offset)
    return any(
        before.header_offset + before.compress_size > entry.header_offset
        or before.header_offset == entry.header_offset
        for before, entry in itertools.pairwise(placed)
    )


def label(entry: zipfile.ZipInfo) -> str:
    """The name of a member as a label. Chinese Windows writes GBK where the format says cp437."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return entry.filename
