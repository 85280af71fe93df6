"""Files of SQLite whose n-th write or sync fails, in this process and with nothing installed.

SQLite does all its work on files through a table of functions (sqlite.org/vfs.html). Here the functions that write are
replaced in the library that Python's own ``sqlite3`` has loaded: what they answer is what the real ones answer when the
kernel says EIO or ENOSPC.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

_int, _pointer, _int64 = ctypes.c_int, ctypes.c_void_p, ctypes.c_int64
_Open = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _pointer, _int, _pointer)
_Write = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _int, _int64)
_Truncate = ctypes.CFUNCTYPE(_int, _pointer, _int64)
_Sync = ctypes.CFUNCTYPE(_int, _pointer, _int)

_FULL, _WRITE, _FSYNC, _TRUNCATE = 13, 778, 1034, 1546
"""SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_IOERR_TRUNCATE (sqlite.org/rescode.html)."""


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", _int),
        ("file_size", _int),
        ("most_path", _int),
        ("next", _pointer),
        ("name", ctypes.c_char_p),
        ("data", _pointer),
        ("open", _pointer),
    )


class _Methods(ctypes.Structure):
    _fields_ = (
        ("version", _int),
        ("close", _pointer),
        ("read", _pointer),
        ("write", _pointer),
        ("truncate", _pointer),
        ("sync", _pointer),
        ("rest", _pointer * 13),
    )


class Fault(Enum):
    """How the disk fails."""

    ONCE = "EIO, once"
    """One write or sync fails, the next ones succeed."""
    FULL = "ENOSPC, from there on"
    """The disk is full: half of the write is there, and no later one succeeds; all else does."""
    DEAD = "EIO, from there on"
    """Nothing is written or synced any more."""


@dataclass
class Disk:
    """Counts writes and syncs, and lets the n-th fail."""

    nth: int = 0
    """0: none."""
    fault: Fault = Fault.ONCE
    operations: list[str] = field(default_factory=list)

    def heal(self) -> None:
        self.nth = 0

    def fails(self, what: str) -> bool:
        self.operations.append(what)
        count = len(self.operations)
        if not self.nth or (what != "write" and self.fault is Fault.FULL):
            return False
        return count == self.nth or (count > self.nth and self.fault is not Fault.ONCE)


def library() -> ctypes.CDLL | None:
    """The SQLite that Python uses, if its functions can be reached; None where it is built in."""
    name = ctypes.util.find_library("sqlite3")
    if name is None:
        return None
    found = ctypes.CDLL(name)
    found.sqlite3_libversion.restype = ctypes.c_char_p
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    loaded = {line.split()[-1] for line in maps.splitlines() if "libsqlite3" in line}
    ours = found.sqlite3_libversion().decode() == sqlite3.sqlite_version
    return found if ours and len(loaded) == 1 else None


@contextmanager
def faulty(sqlite: ctypes.CDLL, disk: Disk) -> Iterator[None]:
    """Every file that SQLite opens from here on lies on this disk, also after the end; it fails within only."""
    sqlite.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    vfs = sqlite.sqlite3_vfs_find(None).contents
    original = vfs.open
    replaced = _open(_Open(original), disk)
    vfs.open = ctypes.cast(replaced, _pointer).value
    try:
        yield
    finally:
        vfs.open = original
        disk.heal()


_kept: list[object] = []
"""Functions and tables that files opened once may still use."""


def _open(original: ctypes._CFunctionType, disk: Disk) -> ctypes._CFunctionType:
    tables: dict[int, _Methods] = {}

    @_Open
    def opened(vfs: int, name: int, file: int, flags: int, out: int) -> int:
        code = int(original(vfs, name, file, flags, out))
        methods = ctypes.cast(file, ctypes.POINTER(_pointer))
        address = methods.contents.value
        if not code and address is not None:
            if address not in tables:
                tables[address] = _table(_Methods.from_address(address), disk)
            methods.contents.value = ctypes.addressof(tables[address])
        return code

    _kept.extend((opened, tables))
    return opened


def _table(real: _Methods, disk: Disk) -> _Methods:
    write_, truncate_, sync_ = _Write(real.write), _Truncate(real.truncate), _Sync(real.sync)

    @_Write
    def write(file: int, content: int, size: int, offset: int) -> int:
        if not disk.fails("write"):
            return int(write_(file, content, size, offset))
        if disk.fault is Fault.FULL:
            write_(file, content, size // 2, offset)
            return _FULL
        return _WRITE

    @_Truncate
    def truncate(file: int, size: int) -> int:
        return _TRUNCATE if disk.fails("truncate") else int(truncate_(file, size))

    @_Sync
    def sync(file: int, flags: int) -> int:
        return _FSYNC if disk.fails("sync") else int(sync_(file, flags))

    table = _Methods.from_buffer_copy(real)
    for name, function in (("write", write), ("truncate", truncate), ("sync", sync)):
        setattr(table, name, ctypes.cast(function, _pointer).value)
    _kept.extend((write_, truncate_, sync_, write, truncate, sync, table))
    return table
