"""Starts a crawl that does not outlive its service: a script, not a module to import.

A service that is killed hard cannot stop its crawls; the kernel does it (SIGTERM, on Linux), and they end in good
order. It is a program of its own because setting this up between fork and exec in a process with threads may deadlock.
"""

from __future__ import annotations

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Becomes the command.

    Args:
        arguments: Process id of the service, then the command.
    """
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the kernel was told
            sys.exit(128 + signal.SIGTERM)
    os.execv(command[0], command)  # noqa: S606  # the service's own words, without a shell


if __name__ == "__main__":
    main(sys.argv[1:])
