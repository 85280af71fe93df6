"""``manifest.json``: what an export holds, with digests; and the check against it.

Nothing in it depends on the clock or the machine: the same archive, filters and program give the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive.errors import UsageError
from archive.exporting.cells import unguard
from archive.exporting.target import MANIFEST, FileEntry, HashedFile

VERSION = 1
INDEX = "index.csv"
"""Lists the files of a text export, each with its digest; so the manifest stays small for a million of them."""
_LARGEST = 64 << 20


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What stands in the file."""

    format: str
    program: str
    made_with: Mapping[str, str]
    """Versions of the libraries that decide about bytes."""
    archive: Mapping[str, str]
    """Identity, epoch and contract version of the archive."""
    last_change: int
    """Number of the last change in the archive: the state that the export shows."""
    filters: Mapping[str, object]
    options: Mapping[str, object]
    reports: int
    withdrawn: int
    """Texts and payloads that the archive withholds (``archive redact``), anywhere in it."""
    files: Sequence[FileEntry]


def write(folder: Path, manifest: Manifest) -> FileEntry:
    """Writes the manifest into a folder."""
    document = {"manifest": VERSION, **asdict(manifest), "files": [_entry(file) for file in manifest.files]}
    file = HashedFile(folder, MANIFEST)
    file.write(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n")
    return file.entry()


def problems(folder: Path, manifest: Path, renamed: Mapping[str, str] | None = None) -> tuple[int, list[str]]:
    """Re-hashes every file that a manifest names.

    Args:
        folder: where the files stand.
        manifest: the file.
        renamed: files that are called otherwise now.

    Returns:
        How many files there are, and what is wrong with them.

    Raises:
        UsageError: it is no manifest of an export.
    """
    document = _read(manifest)
    count, found = 0, []
    for listed in document["files"]:
        name = (renamed or {}).get(listed["path"], listed["path"])
        count += 1
        found += _compare(folder, name, listed["bytes"], listed["sha256"])
        if document["format"] == "text" and listed["path"] == INDEX and not found:
            for text in _index(folder / INDEX):
                count += 1
                found += _compare(folder, text["file"], int(text["bytes"]), text["sha256"])
    return count, found


def _compare(folder: Path, name: str, size: int, sha256: str) -> list[str]:
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        return [f"{name}: no path inside the export"]
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            read = file.tell()
    except OSError as error:
        return [f"{name}: {error.strerror or error}"]
    if read != size:
        return [f"{name}: {read} bytes, {size} in the manifest"]
    return [] if digest == sha256 else [f"{name}: differs from its digest"]


def _index(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(_LARGEST)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {**row, "file": unguard(row["file"])}


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
        named = isinstance(document["files"], list) and isinstance(document["format"], str)
        wanted = [(f["path"] + "", f["bytes"] + 0, f["sha256"] + "") for f in document["files"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no manifest of an export ({error})") from error
    if not named or document.get("manifest") != VERSION or not wanted:
        raise UsageError(f"{path} is no manifest of an export that this version knows")
    return dict(document)


def _entry(file: FileEntry) -> dict[str, object]:
    return {name: value for name, value in asdict(file).items() if value is not None}
