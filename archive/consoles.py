"""The consoles that tables are printed on."""

from __future__ import annotations

import sys
from typing import NoReturn

from rich.console import Console

UNLIMITED = 100_000
"""Columns where nobody looks at the width: in a pipe nothing is cut or wrapped."""


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        # rich would leave with 1 and close the stream; `archive.entry` knows what a cut-short output means.
        raise BrokenPipeError


def console(*, in_pipe: int = UNLIMITED) -> Console:
    """Standard output; ``in_pipe`` is its width in columns where it is no terminal."""
    return _Console(highlight=False, width=None if sys.stdout.isatty() else in_pipe)


def side_console() -> Console:
    """Standard error, for progress and remarks."""
    return _Console(stderr=True, highlight=False)
