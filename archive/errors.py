"""What can go wrong with an archive, each with the words and the exit code a user sees."""

from __future__ import annotations


class ArchiveError(Exception):
    """Root of the archive's exceptions; ``str()`` is one clear line that names the next step."""

    exit_code: int = 1


class UsageError(ArchiveError):
    """The call named something that is not there, or said it ambiguously."""

    exit_code = 2


class DatabaseUnusable(ArchiveError):
    """The database cannot be opened, read or written (path, rights, disk, server)."""


class NewerSchema(DatabaseUnusable):
    """The database was written by a newer version of this program."""


class PortalBusy(ArchiveError):
    """Another live run holds the lease on this portal."""
