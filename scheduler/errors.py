"""What a user of the scheduler can have done wrong, each with its words and exit code."""

from __future__ import annotations

from archive.errors import ArchiveError


class SchedulerError(ArchiveError):
    """Root of the scheduler's exceptions; ``str()`` is one clear line that names the next step."""


class BadSettings(SchedulerError):
    """The settings cannot be used; names file and key, and never a value that may be secret."""

    exit_code = 2


class BadRequest(SchedulerError):
    """An option of a command cannot be used."""

    exit_code = 2


class QueueUnusable(SchedulerError):
    """The queue's database cannot be reached."""

    exit_code = 1


class ExtraMissing(SchedulerError):
    """Something is asked for that needs a package which is not installed."""

    exit_code = 2
