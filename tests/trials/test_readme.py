"""The README's commands, as a new user runs them."""

from __future__ import annotations

import shlex

import pytest

from tests.conftest import ROOT, Command
from tests.test_docs import OURS, shown_commands

pytestmark = [pytest.mark.slow, pytest.mark.ci]


def test_the_readme_s_commands_work_in_its_order(command: Command) -> None:
    ran = 0
    assert command("crawler", "run", "--site", "demo").returncode == 0  # what `make run` does
    for line in shown_commands(ROOT / "README.md"):
        program, *arguments = shlex.split(line)
        if program in OURS:
            result = command(program, *arguments)
            assert result.returncode == 0, (line, result.stderr)
            assert result.stdout.strip(), line
            ran += 1
    assert ran >= 8
