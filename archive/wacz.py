"""WACZ 1.1.1: a WARC file with its index and its list of pages in one zip, for ReplayWeb.page and its kin."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

VERSION = "1.1.1"
DATA = "archive/data.warc.gz"
INDEX = "indexes/index.cdx.gz"
SHARDS = "indexes/index.idx"
PAGES = "pages/pages.jsonl"
PACKAGE = "datapackage.json"
PACKAGE_DIGEST = "datapackage-digest.json"
SHARD_LINES = 300
"""Lines of the index in one gzip member, as in py-wacz: a reader unpacks one member for a look-up."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: the first a zip can say, so that the clock changes no byte."""


@dataclass
class Entry:
    """A file in the package, while it is written and afterwards."""

    name: str
    file: IO[bytes]
    size: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, data: bytes) -> int:
        """Takes bytes."""
        self.file.write(data)
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def tell(self) -> int:
        """Bytes taken so far."""
        return self.size


class WaczFile:
    """Writes a package; its files one after the other.

    Args:
        path: the file to make.
    """

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self._entries: list[Entry] = []

    @contextmanager
    def open(self, name: str, *, packed: bool = False) -> Iterator[Entry]:
        """A file to write; WARC files and indexes must not be packed again, for readers seek in them."""
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.create_system = 3  # said on every machine alike
        info.external_attr = 0o644 << 16
        with self._zip.open(info, "w", force_zip64=True) as file:
            entry = Entry(name, file)
            yield entry
        self._entries.append(entry)

    def index(self, lines: Iterable[str]) -> int:
        """Writes the index, whose lines must come sorted, in members of some hundred lines each.

        Returns:
            The number of lines.
        """
        shards = [f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': Path(INDEX).name})}\n"]
        waiting: list[str] = []
        count = 0
        with self.open(INDEX) as file:
            for line in lines:
                count += 1
                waiting.append(line)
                if len(waiting) == SHARD_LINES:
                    shards.append(_shard(file, waiting))
                    waiting = []
            if waiting:
                shards.append(_shard(file, waiting))
        with self.open(SHARDS, packed=True) as file:
            file.write("".join(shards).encode())
        return count

    def pages(self, lines: Iterable[str]) -> int:
        """Writes the list of pages."""
        count = 0
        with self.open(PAGES, packed=True) as file:
            head = {"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": False}
            file.write(json.dumps(head).encode() + b"\n")
            for line in lines:
                count += 1
                file.write(line.encode() + b"\n")
        return count

    def finish(self, *, title: str, description: str, created: datetime, software: str) -> None:
        """Writes ``datapackage.json`` with the digests of all files, and its own digest; closes the package."""
        moment = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        package = {
            "profile": "data-package",
            "title": title,
            "description": description,
            "created": moment,
            "modified": moment,
            "wacz_version": VERSION,
            "software": software,
            "resources": [
                {
                    "name": Path(entry.name).name.lower(),
                    "path": entry.name,
                    "hash": f"sha256:{entry.digest.hexdigest()}",
                    "bytes": entry.size,
                }
                for entry in self._entries
            ],
        }
        said = json.dumps(package, ensure_ascii=False, indent=2).encode()
        with self.open(PACKAGE, packed=True) as file:
            file.write(said)
        digest = {"path": PACKAGE, "hash": f"sha256:{hashlib.sha256(said).hexdigest()}"}
        with self.open(PACKAGE_DIGEST, packed=True) as file:
            file.write(json.dumps(digest, indent=2).encode())
        self._zip.close()

    def abandon(self) -> None:
        """Lets go of the file after an error; what was written is no package."""
        file, self._zip.fp = self._zip.fp, None  # or it would try to write its end when it is thrown away
        if file is not None:
            file.close()


def _shard(file: Entry, lines: list[str]) -> str:
    packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS + 16)
    member = packer.compress("".join(f"{line}\n" for line in lines).encode()) + packer.flush()
    offset = file.tell()
    file.write(member)
    key = lines[0].partition("{")[0].strip()
    about = {
        "offset": offset,
        "length": len(member),
        "digest": f"sha256:{hashlib.sha256(member).hexdigest()}",
    }
    return f"{key} {json.dumps(about)}\n"
