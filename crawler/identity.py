"""Who we say we are to a portal."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version

CONTACT = "FAZHI_CONTACT"
"""Environment variable with an address at which a portal can reach whoever runs the crawl."""


def code_version() -> str:
    """Version of this program, kept with every run."""
    try:
        return version("fazhi-archive")
    except PackageNotFoundError:  # run from a bare checkout
        return "0+checkout"


def warn_without_contact() -> None:
    """Says on stderr that portals cannot reach whoever asks; called once it is known who will be asked."""
    if not os.environ.get(CONTACT):
        sys.stderr.write(
            f"crawler: {CONTACT} is not set, so the portal cannot reach you; put your address in it\n"
        )


def user_agent(contact: str | None) -> str:
    """The honest name: program, version, purpose, and who to write to.

    Args:
        contact: Mail or web address; None or empty says that none was given.
    """
    whom = f"contact: {contact}" if contact else "no contact given"
    return f"fazhi-archive/{code_version()} (archive of public rule-of-law government reports; {whom})"
