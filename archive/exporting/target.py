"""Where an export is written: under another name until it is whole, on the disk, and fit to be read.

Beside the target stands a folder ``.NAME.part-…`` meanwhile. Killed hard, an export leaves that folder and nothing
under the final name; the next export to the same name removes it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from archive.errors import UsageError
from archive.exporting.errors import CannotWrite

MANIFEST = "manifest.json"
BESIDE = ".manifest.json"
"""What the manifest of a single file is called, behind the file's own name."""


_BUFFER = 1 << 18


@dataclass(frozen=True, kw_only=True)
class FileEntry:
    """One file of an export."""

    path: str
    """Relative to the folder of the export, with slashes."""
    bytes: int
    sha256: str
    rows: int | None = None
    """Rows or records in it; None where that means nothing."""


class HashedFile:
    """A file that knows its size and digest when it is closed, and is on the disk then.

    It buffers by itself: a file object of Python's would try to write what is left once more when it is thrown
    away after an error, and complain on the terminal.
    """

    closed = False

    def __init__(self, folder: Path, name: str, *, sync: bool = True) -> None:
        self._name = name
        self._sync = sync
        self._file: IO[bytes] = (folder / name).open("wb", buffering=0)
        self._waiting = bytearray()
        self._digest = hashlib.sha256()
        self._failed = False
        self.size = 0

    def write(self, data: bytes) -> int:
        """Writes bytes."""
        if self._failed:
            # pyarrow ends its file even when it is thrown away; the error was told before.
            return len(data)
        self._waiting += data
        self._digest.update(data)
        self.size += len(data)
        if len(self._waiting) >= _BUFFER:
            self._flush()
        return len(data)

    def tell(self) -> int:
        """Bytes written so far."""
        return self.size

    def flush(self) -> None:
        """Nothing is owed before ``close``."""

    def close(self) -> None:
        """Brings everything to the disk."""
        if self.closed or self._failed:
            return
        self._flush()
        self.closed = True
        with self._file:
            if self._sync:
                os.fsync(self._file.fileno())

    def _flush(self) -> None:
        left = memoryview(bytes(self._waiting))
        self._waiting.clear()
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._failed = True
            self._file.close()
            raise

    def entry(self, rows: int | None = None) -> FileEntry:
        """What the manifest says of it; closes the file."""
        self.close()
        return FileEntry(path=self._name, bytes=self.size, sha256=self._digest.hexdigest(), rows=rows)


def measured(folder: Path, name: str, rows: int | None = None) -> FileEntry:
    """The entry of a file that something else wrote; brings it to the disk."""
    with (folder / name).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        return FileEntry(path=name, bytes=file.tell(), sha256=digest, rows=rows)


@contextmanager
def folder_for(target: Path, *, force: bool) -> Iterator[Path]:
    """A folder to write into, which becomes ``target`` at the end; nothing stays behind on any error.

    Args:
        target: the folder to make.
        force: replace an earlier export there (a folder with a manifest, or an empty one).

    Raises:
        UsageError: the target is in the way, or its parent is missing.
        CannotWrite: the disk is full, or rights are missing.
    """
    _check(target)
    if target.exists():
        _check_replaceable_folder(target, force=force)
    with _part(target) as part:
        yield part
        _sync_folder(part)
        with tempfile.TemporaryDirectory(prefix=f".{target.name[:80]}.old-", dir=target.parent) as old:
            if target.exists():
                _check_replaceable_folder(target, force=force)
                target.rename(Path(old) / "export")
            part.rename(target)
        _sync_folder(target.parent)


@contextmanager
def file_for(target: Path, *, force: bool) -> Iterator[Path]:
    """A folder in which to write the file of that name, and its manifest; both move to their place at the end.

    Raises:
        UsageError: the target is in the way, or its parent is missing.
        CannotWrite: the disk is full, or rights are missing.
    """
    _check(target)
    _check_replaceable_file(target, force=force)
    with _part(target) as part:
        yield part
        _check_replaceable_file(target, force=force)
        # The manifest goes first: where the file stands, its manifest stands too.
        manifest = target.with_name(target.name + BESIDE)
        (part / MANIFEST).replace(manifest)
        (part / target.name).replace(target)
        _sync_folder(target.parent)


@contextmanager
def _part(target: Path) -> Iterator[Path]:
    with _explained(target):
        _remove_leftovers(target)
        made = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
        handle = os.open(made, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            made.chmod(0o777 & ~_umask())
            yield made
        finally:
            os.close(handle)
            if made.exists():  # not renamed to its final name
                shutil.rmtree(made)


@contextmanager
def _explained(target: Path) -> Iterator[None]:
    """Turns what the disk says into one line."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(_why(target, error)) from error
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise CannotWrite(_full(target)) from error
        raise CannotWrite(f"{target}: {error}; nothing was left behind") from error


def _why(target: Path, error: OSError) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _full(target)
    return f"{target} cannot be written: {error.strerror or error}; nothing was left behind"


def _full(target: Path) -> str:
    return f"{target}: the disk is full; nothing was left behind, free space and export again"


def _check(target: Path) -> None:
    if not target.name or target.name in {".", ".."}:
        raise UsageError(f"{target} is no name for an export; name a new folder or file")
    if not target.parent.is_dir():
        raise UsageError(f"the folder {target.parent} does not exist; make it first")


def _check_replaceable_folder(target: Path, *, force: bool) -> None:
    if not target.is_dir():
        raise UsageError(f"{target} is a file; name a folder")
    if not any(target.iterdir()):
        return
    if not (target / MANIFEST).is_file():
        raise UsageError(f"{target} holds other files and no export; name a new folder")
    if not force:
        raise UsageError(f"{target} holds an export; --force replaces it")


def _check_replaceable_file(target: Path, *, force: bool) -> None:
    if target.is_dir():
        raise UsageError(f"{target} is a folder; name a file")
    if target.exists() and not force:
        raise UsageError(f"{target} is there; --force replaces it")


def _prefix(target: Path) -> str:
    return f".{target.name[:80]}.part-"


def _remove_leftovers(target: Path) -> None:
    """Removes what killed exports to the same name left: nobody holds its lock any more."""
    for found in sorted(target.parent.glob(f"{_glob_safe(_prefix(target))}*")):
        with suppress(FileNotFoundError):  # another export was faster
            handle = os.open(found, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(found)
            except BlockingIOError:
                continue  # an export under way
            finally:
                os.close(handle)


def _glob_safe(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
