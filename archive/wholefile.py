"""A text file that a command writes for a person: there whole, or as it was before."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from archive.errors import ArchiveError, UsageError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Not the caller's doing: another name would not help."""


@contextmanager
def written_whole(path: Path) -> Iterator[IO[str]]:
    """Opens a file for writing; it takes its place when all is in it. An earlier one stays until then.

    What is no ordinary file (``/dev/stdout``, a pipe) is written to as it is; a link stays a link.

    Raises:
        UsageError: It cannot stand there: no folder, no right, a folder of that name.
        ArchiveError: The disk is full.
    """
    target = path.resolve() if path.is_symlink() else path
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with part.open("w", encoding="utf-8", newline="") as file:
                yield file
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise ArchiveError(
                f"{path} cannot be written: {error.strerror}; make room, and call again"
            ) from error
        raise UsageError(f"{path} cannot be written: {error.strerror}; name another file") from error
