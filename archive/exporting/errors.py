"""What can go wrong with an export, each with its exit code."""

from __future__ import annotations

from archive.errors import ArchiveError


class CannotWrite(ArchiveError):
    """The export could not be written (disk full, rights); nothing of it was left behind."""

    exit_code = 3


class DamagedExport(ArchiveError):
    """An export differs from its manifest, or a recording is cut short or altered."""

    exit_code = 1
