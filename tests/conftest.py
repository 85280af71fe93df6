"""What the tests of all packages share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

pytest_plugins = ["tests.portals.fixtures"]

Command = Callable[..., "subprocess.CompletedProcess[str]"]


def command_line(program: str, *args: object) -> list[str]:
    """A command of this project, run by this interpreter."""
    return [sys.executable, "-m", f"{program}.cli", *map(str, args)]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command: nothing of the caller's archive or proxies leaks in."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"ARCHIVE_URL", "FAZHI_SEEDS", "FAZHI_CONTACT"} and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **(extra or {})}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs a command of this project in an empty folder, as a user would."""

    def run(program: str, *args: object, env: Mapping[str, str] | None = None, timeout: float = 120):
        return subprocess.run(
            command_line(program, *args),
            cwd=tmp_path,
            env=environment(env),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run
