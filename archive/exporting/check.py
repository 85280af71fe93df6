"""Is an export still what it was? Digests against the manifest, and recordings read to the end of their last member."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from archive.errors import UsageError
from archive.exporting import manifest
from archive.exporting.target import BESIDE, MANIFEST
from archive.terminal import first_line
from archive.wacz import PACKAGE, PACKAGE_DIGEST
from archive.warc import ENDS

_CHUNK = 1 << 20
_LARGEST_PACKAGE = 16 << 20


@dataclass(kw_only=True)
class Checked:
    """What a check found."""

    path: str
    files: int = 0
    """Files whose digests were compared."""
    records: int = 0
    """Records of WARC files that were read."""
    problems: list[str] = field(default_factory=list)
    """One line each; empty: everything is as it was."""


def check(path: Path) -> Checked:
    """Checks a folder with a manifest, a ``.warc.gz``, a ``.warc`` or a ``.wacz`` file.

    Raises:
        UsageError: it is none of these.
    """
    found = Checked(path=str(path))
    try:
        if path.is_dir():
            _listed(path, path / MANIFEST, found)
        elif path.name.lower().endswith((".warc.gz", ".warc", ".wacz")):
            _recording(path, found)
        else:
            raise UsageError(
                f"{path} is no export: a folder with {MANIFEST}, a .warc.gz or a .wacz file is expected"
            )
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    return found


def _listed(folder: Path, listing: Path, found: Checked) -> None:
    files, problems = manifest.problems(folder, listing)
    found.files += files
    found.problems += problems


def _recording(path: Path, found: Checked) -> None:
    beside = path.with_name(path.name + BESIDE)
    if beside.is_file():
        files, problems = manifest.problems(path.parent, beside, {_only(beside): path.name})
        found.files += files
        found.problems += problems
    if path.name.lower().endswith(".wacz"):
        _package(path, found)
    else:
        with path.open("rb") as file:
            _warc(file, path.name, found)


def _only(beside: Path) -> str:
    """The name under which the file was written; it may have been renamed together with its manifest."""
    files = json.loads(beside.read_bytes()).get("files") or [{}]
    return str(files[0].get("path"))


def _package(path: Path, found: Checked) -> None:
    try:
        with zipfile.ZipFile(path) as package:
            names = package.namelist()
            if PACKAGE not in names:
                found.problems.append(f"{path.name}: no {PACKAGE}")
                return
            if PACKAGE_DIGEST in names:
                known = json.loads(_small(package, PACKAGE_DIGEST))["hash"]
                if known != f"sha256:{_digest(package, PACKAGE)}":
                    found.problems.append(f"{path.name}: {PACKAGE} differs from its digest")
            listed = {entry["path"]: entry for entry in json.loads(_small(package, PACKAGE))["resources"]}
            for name in sorted(set(names) | set(listed)):
                if name in {PACKAGE, PACKAGE_DIGEST}:
                    continue
                if name not in names or name not in listed:
                    found.problems.append(
                        f"{path.name}: {name} is {'missing' if name in listed else 'not listed'}"
                    )
                    continue
                found.files += 1
                if listed[name]["hash"] != f"sha256:{_digest(package, name)}":
                    found.problems.append(f"{path.name}: {name} differs from its digest")
                elif name.endswith((".warc.gz", ".warc")):
                    with package.open(name) as file:
                        _warc(file, name, found)
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        NotImplementedError,
        RuntimeError,  # zipfile's word for a flipped bit that says "encrypted"
    ) as error:
        found.problems.append(f"{path.name}: no whole WACZ package ({first_line(error)})")


def _digest(package: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with package.open(name) as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def _small(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as file:
        return file.read(_LARGEST_PACKAGE)


def _warc(file: IO[bytes], name: str, found: Checked) -> None:
    """Every member to its end, then every record with its digests, then the count that ends our own files."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    start = file.read(2)
    file.seek(0)
    try:
        if start == b"\x1f\x8b":
            for _ in _members(file):
                pass
        elif not _ends_a_record(file):
            found.problems.append(f"{name}: cut short: it does not end like a record")
        file.seek(0)
        ours, counted, records = False, None, 0
        for record in ArchiveIterator(file, check_digests=True):
            block = _read(record)
            if record.rec_headers.get_header("Content-Length") is None:
                found.problems.append(f"{name}: record {records + 1} has no length")
            said = _said(record, block)
            ours = ours or (
                record.rec_type == "warcinfo" and said.get("software", "").startswith("fazhi-archive")
            )
            counted = int(said[ENDS]) if record.rec_type == "metadata" and ENDS in said else None
            if counted is not None and counted != records:
                found.problems.append(f"{name}: {records} records, {counted} were written")
            if getattr(record.raw_stream, "limit", 0) > 0:
                found.problems.append(f"{name}: cut short in record {records + 1}")
            if record.digest_checker is not None and record.digest_checker.passed is False:
                target = record.rec_headers.get_header("WARC-Target-URI") or record.rec_type
                found.problems.append(f"{name}: {target} differs from its digest")
            records += 1
        found.records += records
        if not records:
            found.problems.append(f"{name}: no record stands in it")
        elif ours and counted is None:
            found.problems.append(f"{name}: cut short between two records: the last one is missing")
    except (
        ArchiveLoadFailed,
        zlib.error,
        EOFError,
        ValueError,
        AttributeError,
        IndexError,
        TypeError,
    ) as error:
        # warcio checks no header: a cut one shows as whatever its code meets first.
        found.problems.append(f"{name}: cut short or damaged ({first_line(error)})")


def _ends_a_record(file: IO[bytes]) -> bool:
    """A file that is not compressed says nothing of its own end but the two empty lines behind each record."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 4))
    return file.read() == b"\r\n\r\n"


def _members(file: IO[bytes]) -> Iterator[int]:
    """Sizes of the gzip members of a file.

    Raises:
        EOFError: the last one is cut short.
        zlib.error: one is damaged, or something else stands behind it.
    """
    rest = file.read(_CHUNK)
    while rest:
        unpacker, size = zlib.decompressobj(zlib.MAX_WBITS + 16), 0
        while not unpacker.eof:
            if not rest:
                raise EOFError("the last member ends too early")
            size += len(unpacker.decompress(rest, _CHUNK))
            rest = unpacker.unconsumed_tail or (unpacker.unused_data if unpacker.eof else file.read(_CHUNK))
        yield size
        rest = unpacker.unused_data or file.read(_CHUNK)


def _read(record: Any) -> bytes:  # noqa: ANN401  # warcio has no types
    """The record to its end; what it says, as far as fields of ours can reach."""
    kept = b""
    while piece := record.raw_stream.read(_CHUNK):
        if len(kept) < _CHUNK:
            kept += piece
    return kept


def _said(record: Any, block: bytes) -> dict[str, str]:  # noqa: ANN401
    if record.rec_type not in {"warcinfo", "metadata"}:
        return {}
    lines = block.decode(errors="replace").splitlines()
    return {name: value.strip() for name, found, value in (line.partition(":") for line in lines) if found}
