"""Every command in the README and in docs/ is run, and every promise about names is checked against the code."""

from __future__ import annotations

import importlib
import itertools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from archive.records import Outcome
from crawler.summary import EXIT_CODES
from tests.conftest import ROOT

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
OURS = ("crawler", "archive", "scheduler")
NEEDS_NETWORK = {"crawler run --site KEY"}
"""Patterns, not commands; and what reaches the outside is run against replicas in tests/test_seed_portals.py."""


def shown_commands(path: Path) -> list[str]:
    """The lines of the shell blocks of a page, without comments."""
    lines = [line for block in BLOCK.findall(path.read_text(encoding="utf-8")) for line in block.splitlines()]
    return [" ".join(shlex.split(line, comments=True)) for line in lines if line.strip()]


def known(program: str, words: list[str]) -> set[str]:
    """The options of a command, as ``--help`` would show them."""
    module = importlib.import_module(f"{program}.cli")
    found = typer.main.get_command(module.app)
    for word in words:
        below = getattr(found, "commands", {})
        if word not in below:
            break
        found = below[word]
    if words[0] == "sites" and hasattr(found, "commands"):  # without a command of its own it lists
        found = found.commands["list"]
    assert not hasattr(found, "commands"), (program, words)
    return {
        "--help",
        *(name for parameter in found.params for name in (*parameter.opts, *parameter.secondary_opts)),
    }


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_the_commands_of_the_docs_are_known(page: Path) -> None:
    for line in shown_commands(page):
        program, *arguments = shlex.split(line)
        if program in OURS and line not in NEEDS_NETWORK:
            words = list(itertools.takewhile(lambda word: not word.startswith("-"), arguments))
            options = {word.partition("=")[0] for word in arguments if word.startswith("--") and word != "--"}
            assert options <= known(program, words), (page.name, line)


def test_make_knows_every_target_the_readme_names() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake (run|test|check|trials|bench|build)\b", text))
    assert {"run", "test", "check", "trials", "bench"} <= targets
    for target in targets:
        planned = subprocess.run(
            ["make", "-n", target, "SITE=dongli"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert planned.returncode == 0, planned.stderr


def test_exit_codes_and_outcomes_are_documented() -> None:
    text = (ROOT / "docs" / "crawler.md").read_text(encoding="utf-8")
    for code in {*EXIT_CODES.values(), 2}:
        assert re.search(rf"^\| {code} \|", text, re.M), code
    for outcome in Outcome:
        assert f"| `{outcome.value}`" in text, outcome


@pytest.mark.slow
@pytest.mark.ci
def test_scrapy_s_own_commands_work(tmp_path: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert listed.stdout.split() == ["portal"]
    crawled = subprocess.run(
        [
            sys.executable,
            "-m",
            "scrapy",
            "crawl",
            "portal",
            "-a",
            "site=jinghai",
            "-a",
            f"db={tmp_path / 'a.db'}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
    )
    assert crawled.returncode == 0, crawled.stderr
    assert (tmp_path / "a.db").exists()
    assert "Traceback" not in crawled.stderr
